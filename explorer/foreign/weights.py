"""Bare weights of the user's: which network of the catalogue they fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from explorer.foreign.asking import Progress, ask
from explorer.foreign.errors import ForeignError
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture, Interface
from explorer.structure.graph_json import plain
from explorer.system.child import Limits


def recognise(
    path: Path,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Architecture, Any] | None:
    """The architecture and options whose network has tensors of exactly the names and shapes in a file, or None.

    The file is a state dict (.pt, .pth: read by `torch.load(weights_only=True)` in a child process, and no other way)
    or .safetensors (its header alone is read). Prefixes that wrappers leave ("module.", "model.") do not matter, and
    another number of classes neither: the architecture that is returned then has that number.

    Raises:
        ForeignError: the file is damaged, is no state dict, or would run code if it were loaded.
        Cancelled: `cancelled()` was true.
    """
    found, _ = _recognise(path, limits, progress, cancelled)
    return found


def recognise_or_say(
    path: Path,
    *,
    limits: Limits | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Architecture, Any]:
    """As `recognise`; where nothing fits, the error says what is nearest.

    Raises:
        ForeignError: as `recognise`, and where nothing fits.
        Cancelled: `cancelled()` was true.
    """
    found, nearest = _recognise(path, limits, progress, cancelled)
    if found is None:
        raise ForeignError(f"{path.name} fits no network of the catalogue; {nearest}")
    return found


def _recognise(
    path: Path,
    limits: Limits | None,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> tuple[tuple[Architecture, Any] | None, str]:
    answers = ask({"do": "recognise"}, path, limits=limits or Limits(), progress=progress, cancelled=cancelled)
    answer = answers.get("recognised")
    try:
        if "nearest" in answer:  # type: ignore[operator]
            return None, plain(str(answer["nearest"]), 400)  # type: ignore[index]
        architecture = catalogue.get(str(answer["architecture"]))  # type: ignore[index]
        options = architecture.options_type(**answer["options"])  # type: ignore[index]
        classes = answer["classes"]  # type: ignore[index]
        if classes is not None:
            if type(classes) is not int or not 0 < classes < 2**31:
                raise ValueError("that is no number of classes")
            architecture = with_classes(architecture, classes)
    except (TypeError, KeyError, ValueError) as error:
        raise ForeignError(f"{path.name}: the process that read it answered nonsense; nothing is shown") from error
    return (architecture, options), ""


def with_classes(architecture: Architecture, classes: int) -> Architecture:
    """The same architecture, whose networks have another number of classes."""
    usual = architecture.interface

    def interface(options: Any) -> Interface:
        return dataclasses.replace(usual(options), classes=classes)

    return dataclasses.replace(architecture, interface=interface)
