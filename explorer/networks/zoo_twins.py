"""Networks of the catalogue that torchvision has too, layer by layer: which they are, and how their tensors are named.

A network counts as the same where its options make it so (no state dict tells a stride or a pooling), and its tensors
have, in the order of the layers, the same shapes under the same last names. GoogLeNet is not among them: torchvision's
has batch normalisation and 3 x 3 kernels where the paper has 5 x 5.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from explorer.networks import catalogue

if TYPE_CHECKING:
    from torch import Tensor

_RESIDUAL = {"shortcut": "B", "pre_activation": False, "batch_norm": True}
_BOTTLENECK = {**_RESIDUAL, "stride": "3x3"}
_DENSE = {"growth": 32, "compression": 0.5, "bottleneck": True, "batch_norm": True}
_VGG = {"classifier": "dense", "size": "imagenet"}

# What the options of the catalogue's network must be. Dropout is at rest in evaluation and makes no difference.
_TWINS: dict[str, dict[str, Any]] = {
    "alexnet": {
        "form": "torchvision",
        "activation": "relu",
        "batch_norm": False,
        "local_response_norm": ("as_published", "off"),
        "pooling": "max",
        "overlapping": True,
    },
    "vgg11": {**_VGG, "form": "a"},
    "vgg13": {**_VGG, "form": "b"},
    "vgg16": {**_VGG, "form": "d"},
    "vgg19": {**_VGG, "form": "e"},
    "resnet18": _RESIDUAL,
    "resnet34": _RESIDUAL,
    "resnet50": _BOTTLENECK,
    "resnet101": _BOTTLENECK,
    "resnet152": _BOTTLENECK,
    "densenet121": _DENSE,
    "densenet161": {**_DENSE, "growth": 48},
    "densenet169": _DENSE,
    "densenet201": _DENSE,
}

# Files of DenseNet that torchvision saved before dots in layers' names were forbidden: its own pattern.
_OLD_DENSENET = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.(?:weight|bias|running_mean|running_var))$")


def twin_of(name: str, options: Any = None) -> str | None:
    """Torchvision's name of the network that the catalogue's `name` is with these options; None where it is none."""
    needed = _TWINS.get(name)
    if needed is None:
        return None
    chosen = catalogue.get(name).options_type() if options is None else options
    for key, value in needed.items():
        if getattr(chosen, key) not in (value if isinstance(value, tuple) else (value,)):
            return None
    return f"{name}_bn" if name.startswith("vgg") and chosen.batch_norm else name


def renamed(network: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A published file's tensors under the names that torchvision's network has for them today."""
    if not network.startswith("densenet"):
        return dict(tensors)
    named = {}
    for key, tensor in tensors.items():
        match = _OLD_DENSENET.match(key)
        named[match.group(1) + match.group(2) if match else key] = tensor
    return named


def translated(
    tensors: Mapping[str, Tensor], theirs: Mapping[str, Tensor], ours: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Tensors of torchvision's network under the names of ours, layer by layer.

    `theirs` and `ours` are the state dicts of both networks in the order of their layers; values are looked at for
    their shapes alone.

    Raises:
        ValueError: the two networks do not agree.
    """
    if len(theirs) != len(ours):
        raise ValueError(f"one network has {len(theirs)} tensors, the other {len(ours)}")
    for their, our in zip(theirs, ours, strict=True):
        same = their.rsplit(".", 1)[-1] == our.rsplit(".", 1)[-1] and theirs[their].shape == ours[our].shape
        if not same:
            raise ValueError(f"{their} {tuple(theirs[their].shape)} is not {our} {tuple(ours[our].shape)}")
    return {our: tensors[their] for their, our in zip(theirs, ours, strict=True)}
