"""What torchvision publishes as trained weights: where they are, how large, for which labels and which input.

Nothing is typed in: addresses, labels, accuracies, sizes and preprocessing are read from torchvision's own weight
entries. This module loads torch and torchvision when its functions are called.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from explorer.networks import zoo
from explorer.networks.zoo import TORCHVISION
from explorer.networks.zoo_twins import twin_of

# torch's own rule for what stands between the last "-" and the suffix: at least eight digits of the SHA-256.
_FILE = re.compile(r"(?P<stem>.+)-(?P<digest>[0-9a-f]{8,64})\.pth")
_MEBIBYTE = 2**20


@dataclass(frozen=True)
class PublishedWeights:
    """One weight entry of torchvision.

    `network` is torchvision's name and `entry` that of the weights, such as "IMAGENET1K_V1". `digest` is the beginning
    of the file's SHA-256, which its name bears. `size` is in bytes, to about a thousandth. `top1` and `top5` are
    published accuracies in %, None where nothing is said. `is_preferred`: of several, the one that is taken unasked.
    """

    network: str
    entry: str
    url: str
    file_name: str
    digest: str
    size: int
    labels: tuple[str, ...] = field(repr=False)
    input_shape: tuple[int, int, int]
    top1: float | None
    top5: float | None
    dataset: str
    recipe: str
    is_preferred: bool

    @property
    def name(self) -> str:
        """What the command line calls them: "torchvision/resnet18", or with ":ENTRY" where they are not preferred."""
        return f"{TORCHVISION}{self.network}" + ("" if self.is_preferred else f":{self.entry}")


def published(name: str, options: Any = None) -> tuple[PublishedWeights, ...]:
    """The weights for a network of that name, "torchvision/resnet18" or one of the catalogue, the preferred first.

    A network of the catalogue has some where torchvision has the same network. Weights for inputs of another size than
    the network takes are left out. `options` are those of the catalogue's network, None its defaults.
    """
    if name.startswith(TORCHVISION):
        found = name.removeprefix(TORCHVISION) if zoo.find(name) is not None else None
    else:
        found = twin_of(name, options)
    return () if found is None else _published(found)


def everything() -> tuple[PublishedWeights, ...]:
    """All weights that there are for torchvision's classification networks, by the network's name."""
    names = [architecture.name for architecture in zoo.torchvision_architectures()]
    return tuple(weights for name in names for weights in published(name))


def of_file(file_name: str) -> PublishedWeights | None:
    """The weights that a file of that name holds; None where torchvision publishes none under it."""
    return next((weights for weights in everything() if weights.file_name == file_name), None)


def wanted(text: str, options: Any = None) -> PublishedWeights:
    """The weights that a text names: "torchvision/resnet50", "resnet50", or with an entry "resnet50:IMAGENET1K_V1".

    Raises:
        ValueError: there are none; the message says which there are.
    """
    name, _, entry = text.strip().partition(":")
    found = published(name, options)
    if not found and "/" not in name:
        found = published(f"{TORCHVISION}{name}")
    if not found:
        raise ValueError(
            f"torchvision publishes no weights that fit {name!r}; `cnn-explorer weights list --all` names all there are"
        )
    if not entry:
        return found[0]
    for weights in found:
        if weights.entry.lower() == entry.lower():
            return weights
    raise ValueError(f"{name} has the weights {', '.join(each.entry for each in found)}, not {entry!r}")


def preset(weights: PublishedWeights) -> Any:
    """Torchvision's own preprocessing for these weights: takes a PIL image, gives the network's input [C, H, W]."""
    return _entry(weights.network, weights.entry).transforms()


@cache
def _published(network: str) -> tuple[PublishedWeights, ...]:
    entries = [each for each in _entries(network) if _FILE.fullmatch(_file_name(each))]
    if not entries:
        return ()
    # The network is built for the smallest input that torchvision has weights for.
    smallest = min(_side(each) for each in entries)
    fitting = [each for each in entries if _side(each) == smallest and each.meta.get("categories")]
    default = getattr(_choices(network), "DEFAULT", None)
    preferred = default if default in fitting else max(fitting, key=lambda each: _metrics(each)[1] or 0.0, default=None)
    found = [_of_entry(network, each, is_preferred=each is preferred) for each in fitting]
    return tuple(sorted(found, key=lambda each: not each.is_preferred))


def _of_entry(network: str, entry: Any, *, is_preferred: bool) -> PublishedWeights:
    meta, name = entry.meta, _file_name(entry)
    match = _FILE.fullmatch(name)
    dataset, top1, top5 = _metrics(entry)
    side = _side(entry)
    return PublishedWeights(
        network=network,
        entry=entry.name,
        url=entry.url,
        file_name=name,
        digest=match["digest"] if match else "",
        # Torchvision writes megabytes of 2^20 bytes.
        size=round(float(meta.get("_file_size") or 0.0) * _MEBIBYTE),
        labels=tuple(str(each) for each in meta["categories"]),
        input_shape=(3, side, side),
        top1=top1,
        top5=top5,
        dataset=dataset,
        recipe=str(meta.get("recipe") or ""),
        is_preferred=is_preferred,
    )


def _choices(network: str) -> Any:
    from torchvision import models  # type: ignore[import-untyped]  # noqa: PLC0415 - listing the catalogue needs no torch

    return models.get_model_weights(network)


def _entries(network: str) -> tuple[Any, ...]:
    return tuple(_choices(network))


def _entry(network: str, name: str) -> Any:
    return next(each for each in _entries(network) if each.name == name)


def _file_name(entry: Any) -> str:
    return str(entry.url).rsplit("/", 1)[-1]


def _side(entry: Any) -> int:
    # An instance has the crop as a list of one side.
    crop = entry.transforms().crop_size
    return int(crop if isinstance(crop, int) else crop[0])


def _metrics(entry: Any) -> tuple[str, float | None, float | None]:
    metrics: dict[str, dict[str, float]] = entry.meta.get("_metrics", {})
    dataset = next(iter(metrics), "")
    measured = metrics.get(dataset, {})
    return dataset, _finite(measured.get("acc@1")), _finite(measured.get("acc@5"))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
