"""What of the catalogue needs torch or the disk: the zoos, networks by name, and which have trained weights."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.networks import zoo_files
from explorer.networks.architecture import Architecture
from explorer.networks.catalogue import CATALOGUE
from explorer.networks.options import fitted_options
from explorer.runs.run_folder import Run
from explorer.runs.weights_header import read_weights_header
from explorer.ui import numbers
from explorer.ui.worker import Worker

_log = logging.getLogger(__name__)

ZOOS = ("torchvision", "timm")
ZOO_PREFIXES = tuple(f"{zoo}/" for zoo in ZOOS)


class CatalogueReader(QObject):
    """Looks things up in threads of its own. Call `shutdown` before the window goes."""

    zoo_listed = Signal(str, object)  # "torchvision" or "timm", its architectures
    zoo_asked = Signal(str)  # the zoo whose networks are being listed now; "" after the last
    found = Signal(object, object, object)  # Architecture, options, input shape or None
    missing = Signal(str)  # a sentence
    shipped_listed = Signal(object)  # names of the networks whose weights came with the program

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lister = Worker("list zoos", self)
        self._finder = Worker("find network", self)
        self._shipped = Worker("list shipped weights", self)
        self._closed = False

    def list_zoos(self) -> None:
        """Lists the zoos, one after the other; those that are not installed are empty."""
        self._list(0)

    def list_shipped(self) -> None:
        """Lists the networks whose weights came with the program."""
        self._shipped.submit(_shipped_names, self.shipped_listed.emit)

    def find(self, name: str, values: Mapping[str, Any] | None = None, shape: Any = None) -> None:
        """Finds a network by name, with options from remembered values; `found` tells."""
        known = next((architecture for architecture in CATALOGUE if architecture.name == name), None)
        if known is not None:
            self.found.emit(*_with_options(known, values or {}, shape))
            return
        self._finder.submit(
            lambda: _with_options(_get(name), values or {}, shape),
            lambda found: self.found.emit(*found),
            self.missing.emit,
        )

    def find_of_weights(self, locate: Callable[[], Path]) -> None:
        """Finds the network of the weights in the file that `locate` gives, in their form; `found` tells."""
        self._finder.submit(lambda: _of_weights(locate()), lambda found: self.found.emit(*found), self.missing.emit)

    def shutdown(self) -> None:
        """Looks up no more: the window goes."""
        self._closed = True
        for worker in (self._lister, self._finder, self._shipped):
            worker.shutdown()

    def _list(self, number: int) -> None:
        if self._closed:
            return
        self.zoo_asked.emit(ZOOS[number] if number < len(ZOOS) else "")
        if number < len(ZOOS):
            self._lister.submit(
                lambda: _zoo(ZOOS[number]),
                lambda found: self._take(number, found),
                lambda sentence: self._miss(number, sentence),
            )

    def _miss(self, number: int, sentence: str) -> None:
        _log.error("%s was not listed: %s", ZOOS[number], sentence)
        self._list(number + 1)

    def _take(self, number: int, found: tuple[Architecture, ...]) -> None:
        if self._closed:
            return
        self.zoo_listed.emit(ZOOS[number], found)
        self._list(number + 1)


def trained_names(runs: Iterable[Run], shipped: Iterable[str]) -> dict[str, str]:
    """Which networks have trained weights, and how many, in words: "trained: shipped weights, 2 runs"."""
    counts: Counter[str] = Counter()
    for run in runs:
        if run.record is not None and run.record.summary.epochs:
            counts[str(run.record.config.get("architecture", ""))] += 1
    names = {*shipped, *counts} - {""}
    return {
        name: "trained: "
        + ", ".join(
            part
            for part in (
                "shipped weights" if name in set(shipped) else "",
                numbers.plural(counts[name], "run") if counts[name] else "",
            )
            if part
        )
        for name in names
    }


def _with_options(architecture: Architecture, values: Mapping[str, Any], shape: Any) -> tuple[Architecture, Any, Any]:
    try:
        return architecture, fitted_options(architecture.options_type, values), shape
    except (ValueError, TypeError):
        # Remembered by another version; the network as it is meant then.
        return architecture, architecture.options_type(), None


def _get(name: str) -> Architecture:
    from explorer.networks import catalogue  # noqa: PLC0415 - a zoo's networks are found by importing it, with torch

    return catalogue.get(name)


def _of_weights(path: Path) -> tuple[Architecture, Any, None]:
    """The network of a weights file and its options.

    Raises:
        ValueError: the file is none, or its network is not known here.
    """
    if zoo_files.is_published_file(path):
        from explorer.networks import zoo_weights  # noqa: PLC0415 - it imports torchvision, off the UI thread

        published = zoo_weights.of_file(path.name)
        if published is None:
            raise ValueError(f"{path.name} is not among the weights that torchvision publishes")
        return _with_options(_get(f"{zoo_weights.TORCHVISION}{published.network}"), {}, None)
    header = read_weights_header(path)
    architecture = _get(header.architecture)
    try:
        return architecture, architecture.options_type(**header.options), None
    except (ValueError, TypeError) as error:
        raise ValueError(f"the form of {architecture.title} in {path.name} is none of this version: {error}") from error


def _zoo(name: str) -> tuple[Architecture, ...]:
    from explorer.networks import zoo  # noqa: PLC0415 - it imports torchvision, off the UI thread

    return zoo.torchvision_architectures() if name == "torchvision" else zoo.timm_architectures()


def _shipped_names() -> tuple[str, ...]:
    from explorer.inference.sources import shipped_weights  # noqa: PLC0415 - it reads Pillow and all data sets
    from explorer.runs.weights_header import WeightsError, read_weights_header  # noqa: PLC0415

    names = []
    for path in shipped_weights():
        try:
            names.append(read_weights_header(path).architecture)
        except WeightsError:
            continue
    return tuple(dict.fromkeys(names))
