"""The zoos: torchvision's classification networks, and timm's where it is installed, as entries like the catalogue's.

What a zoo publishes with its weights (parameters, operations, accuracies) is read when it is asked for. This module
loads torch and torchvision when its functions are called.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from explorer.networks.architecture import Architecture, Interface, Task
from explorer.networks.options import check_options, option
from explorer.networks.zoo_families import ZooFamily, family_of, title_of

if TYPE_CHECKING:
    from torch import nn

TORCHVISION = "torchvision/"
TIMM = "timm/"
CLASSES = 1000
_HEADS_HELP = "small classifiers in the middle that help training and are left out in evaluation"


@dataclass(frozen=True)
class ZooOptions:
    """A zoo's network is what its name says: there is nothing to choose."""


@dataclass(frozen=True)
class GoogLeNetHeads:
    """The published count is that of the network without its heads.

    Raises:
        ValueError: a value is not among the choices.
    """

    auxiliary: bool = option(False, label="Auxiliary heads", help=_HEADS_HELP)

    def __post_init__(self) -> None:
        check_options(self)


@dataclass(frozen=True)
class InceptionHeads:
    """The published count is that of the network with its head.

    Raises:
        ValueError: a value is not among the choices.
    """

    auxiliary: bool = option(True, label="Auxiliary head", help=_HEADS_HELP)

    def __post_init__(self) -> None:
        check_options(self)


_OPTIONS: dict[str, type] = {"googlenet": GoogLeNetHeads, "inception_v3": InceptionHeads}


@dataclass(frozen=True)
class ZooFigures:
    """What a zoo publishes with a network's weights; accuracies in %, None for what it does not say.

    `macs` are multiply-adds for one image, published in billions with three decimals. `dataset` is what the accuracies
    were measured on, `recipe` a link to how the weights were trained.
    """

    parameters: int | None
    macs: int | None
    top1: float | None
    top5: float | None
    dataset: str
    recipe: str


@cache
def torchvision_architectures() -> tuple[Architecture, ...]:
    """An entry for each classification network of torchvision, by name."""
    from torchvision import models  # type: ignore[import-untyped]  # noqa: PLC0415 - listing the catalogue needs no torch

    return tuple(_torchvision_architecture(name) for name in sorted(models.list_models(models)))


@cache
def timm_architectures() -> tuple[Architecture, ...]:
    """An entry for each network of timm that classifies images; empty where timm is not installed."""
    try:
        import timm  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: PLC0415 - not required
    except ImportError:
        return ()
    return tuple(_timm_architecture(name) for name in sorted(timm.list_models()))


def find(name: str) -> Architecture | None:
    """The zoo's network of that name, such as "torchvision/resnet18"; None where there is none."""
    return _by_name(name.split("/", maxsplit=1)[0]).get(name)


def names_like(zoo: str) -> tuple[str, ...]:
    """All names of a zoo, "torchvision" or "timm"."""
    return tuple(_by_name(zoo))


def figures(name: str) -> ZooFigures | None:
    """What the zoo publishes with the weights of its network `name`; None where it publishes nothing here.

    Of several weights, those for the input that the network is built for; of these torchvision's own choice, or else
    the most accurate.
    """
    if not name.startswith(TORCHVISION) or find(name) is None:
        return None
    meta = _weights(name.removeprefix(TORCHVISION)).meta
    metrics: dict[str, dict[str, float]] = meta.get("_metrics", {})
    dataset = next(iter(metrics), "")
    measured = metrics.get(dataset, {})
    operations = meta.get("_ops")
    return ZooFigures(
        parameters=meta.get("num_params"),
        macs=None if operations is None else round(operations * 1e9),
        top1=_finite(measured.get("acc@1")),
        top5=_finite(measured.get("acc@5")),
        dataset=dataset,
        recipe=str(meta.get("recipe") or ""),
    )


def build_torchvision(name: str, options: Any, classes: int = CLASSES) -> nn.Module:
    """Torchvision's network of that name, with fresh weights."""
    import torch  # noqa: PLC0415 - listing the catalogue needs no torch
    from torchvision import models  # noqa: PLC0415

    extra: dict[str, Any] = {}
    if name in _OPTIONS:
        # Drawing these two networks' weights from a truncated normal takes seconds; without data there is nothing to
        # draw.
        drawn = torch.empty(0).device.type != "meta"
        extra = {"aux_logits": options.auxiliary, "init_weights": drawn}
    network: nn.Module = models.get_model(name, weights=None, num_classes=classes, **extra)
    return network


def build_timm(name: str, _options: Any, classes: int = CLASSES) -> nn.Module:
    """Timm's network of that name, with fresh weights."""
    import timm  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: PLC0415 - not required

    network: nn.Module = timm.create_model(name, pretrained=False, num_classes=classes)
    return network


@cache
def _by_name(zoo: str) -> dict[str, Architecture]:
    listed = {"torchvision": torchvision_architectures, "timm": timm_architectures}.get(zoo, tuple)()
    return {architecture.name: architecture for architecture in listed}


def _torchvision_architecture(name: str) -> Architecture:
    weights = _weights(name)
    return _architecture(
        f"{TORCHVISION}{name}",
        (3, *_crop(weights)),
        "build_torchvision",
        weights.meta.get("num_params"),
        family_of(name),
    )


def _timm_architecture(name: str) -> Architecture:
    from timm.models import get_pretrained_cfg  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: PLC0415
    from torchvision import models  # noqa: PLC0415

    said = get_pretrained_cfg(name, allow_unregistered=True)
    size = tuple(getattr(said, "input_size", None) or (3, 224, 224))
    # timm has many variants of later papers: a family is sure only where torchvision has the same network.
    family = family_of(name) if name in models.list_models(models) else None
    return _architecture(f"{TIMM}{name}", size, "build_timm", None, family)


def _architecture(
    full: str, size: tuple[int, ...], builder: str, parameters: int | None, family: ZooFamily | None
) -> Architecture:
    zoo, _, name = full.partition("/")
    channels, height, width = size
    return Architecture(
        name=full,
        title=f"{title_of(name, family)} ({zoo})",
        family=family.name if family else name.split("_", maxsplit=1)[0],
        year=family.year if family else 0,
        paper=family.paper if family else None,
        idea=family.idea if family else "",
        new="",
        led_to="",
        task=Task.CLASSIFICATION,
        options_type=_OPTIONS.get(name, ZooOptions) if zoo == "torchvision" else ZooOptions,
        interface=partial(_interface, (channels, height, width)),
        builder=f"explorer.networks.zoo:{builder}:{name}",
        parameters=parameters,
    )


def _interface(size: tuple[int, int, int], _options: Any) -> Interface:
    return Interface(input_shape=size, classes=CLASSES)


@cache
def _weights(name: str) -> Any:
    """The weights for the smallest input that torchvision publishes: the one that its builder assumes."""
    from torchvision import models  # noqa: PLC0415 - listing the catalogue needs no torch

    choices = models.get_model_weights(name)
    smallest = min(_crop(weights) for weights in choices)
    fitting = [weights for weights in choices if _crop(weights) == smallest]
    preferred = getattr(choices, "DEFAULT", None)
    return preferred if preferred in fitting else max(fitting, key=_accuracy)


def _crop(weights: Any) -> tuple[int, int]:
    side = weights.transforms.keywords["crop_size"]
    return (side, side) if isinstance(side, int) else (side[0], side[-1])


def _accuracy(weights: Any) -> float:
    metrics: dict[str, dict[str, float]] = weights.meta.get("_metrics", {})
    measured = next(iter(metrics.values()), {})
    return _finite(measured.get("acc@1")) or 0.0


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
