"""Every architecture there is, in historical order."""

from __future__ import annotations

import difflib

from explorer.networks.architecture import Architecture
from explorer.networks.entries.alexnet import ALEXNET
from explorer.networks.entries.densenet import DENSENETS
from explorer.networks.entries.googlenet import GOOGLENET
from explorer.networks.entries.laboratory import LABORATORY
from explorer.networks.entries.lenet import LENET5
from explorer.networks.entries.resnet import RESNETS
from explorer.networks.entries.senet import SE_RESNETS
from explorer.networks.entries.unet import UNET
from explorer.networks.entries.vgg import VGGS
from explorer.networks.zoo_families import family_of

CATALOGUE: tuple[Architecture, ...] = (
    LENET5,
    ALEXNET,
    *VGGS,
    GOOGLENET,
    *RESNETS,
    UNET,
    *DENSENETS,
    *SE_RESNETS,
)


def get(name: str) -> Architecture:
    """The architecture of that name, in the catalogue or, as "torchvision/resnet18" or "timm/NAME", in a zoo.

    The networks that only experiments train are found too; they are in no list.

    Raises:
        ValueError: there is none; the message says which are, or which is meant.
    """
    for architecture in (*CATALOGUE, *LABORATORY):
        if architecture.name == name:
            return architecture
    if name.startswith(("torchvision/", "timm/")):
        return _of_zoo(name)
    names = [architecture.name for architecture in CATALOGUE]
    close = difflib.get_close_matches(name.lower().replace("-", ""), names, n=1)
    if not close and family_of(name) is not None:
        close = [f"torchvision/{name}"]
    hint = f"did you mean {close[0]}?" if close else "`cnn-explorer list` names all there are"
    raise ValueError(f"there is no network {name!r}; {hint}")


def _of_zoo(name: str) -> Architecture:
    from explorer.networks import zoo  # noqa: PLC0415 - it loads torchvision, and with it torch

    found = zoo.find(name)
    if found is not None:
        return found
    source = name.split("/", maxsplit=1)[0]
    names = zoo.names_like(source)
    if not names:
        raise ValueError(f"there is no network {name!r}: {source} is not installed (pip install {source})")
    close = difflib.get_close_matches(name.lower().replace("-", "_"), names, n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else f"`cnn-explorer list` names what {source} has"
    raise ValueError(f"there is no network {name!r}; {hint}")
