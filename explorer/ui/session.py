"""What the window is about right now: the architecture, its options, its graph and the one selection."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Graph, Shape
from explorer.system import garbage
from explorer.system.download import Cancelled
from explorer.ui.worker import Worker

# Figures that change more often cannot be read, and each costs the event loop a turn.
_TELL_EVERY_S = 0.05


@dataclass(eq=False)
class _Reading:
    """One network that is being read: what was asked, and the wish that it end."""

    architecture: Architecture
    options: Any
    input_shape: Shape | None
    ended: threading.Event = field(default_factory=threading.Event)
    told_at: float = 0.0

    def is_of(self, architecture: Architecture, options: Any, input_shape: Shape | None) -> bool:
        return (architecture, options, input_shape) == (self.architecture, self.options, self.input_shape)


class Session(QObject):
    """The one place that panels ask and tell. All of it lives in the UI thread.

    Signals carry frozen values. `selection` is the path of a node or a block of the graph, "" for none. `input_shape`
    is what one image is, None for the network's own. A graph with a `failure` is a graph like others.
    """

    architecture_changed = Signal(object, object)  # Architecture, options: at once, before the graph is there
    graph_changed = Signal(object)  # Graph
    graph_failed = Signal(str)  # one sentence
    reading_changed = Signal(str, object)  # what is being read, in words, and the share done or None; "" at the end
    selection_changed = Signal(str)
    message = Signal(str)  # a sentence for the status bar
    device_described = Signal(str)  # once torch is there: "CPU, 2 cores"
    weights_chosen = Signal(object, object)  # Path of a run's folder, and its epoch (int), or None: its newest again
    devices_found = Signal(object)  # once torch is there: what it can compute on, as a dict of name and title

    _progressed = Signal(object, str, object)  # _Reading, words, share: from the thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.architecture: Architecture | None = None
        self.options: Any = None
        self.input_shape: Shape | None = None
        self.graph: Graph | None = None
        self.selection = ""
        self.weights: tuple[Path, int] | None = None  # a run's folder and the epoch chosen on its curve
        self.device = ""
        self.devices: dict[str, str] = {}  # what torch can compute on here, name and title; empty until torch is there
        self._reader: Worker | None = None
        self._reading: _Reading | None = None
        self._progressed.connect(self._on_progress, Qt.ConnectionType.QueuedConnection)

    @property
    def is_reading(self) -> bool:
        return self._reading is not None

    def show(self, architecture: Architecture, options: Any = None, input_shape: Shape | None = None) -> None:
        """Puts a network on screen: tells the panels at once, reads its graph off the UI thread.

        `input_shape` is one image's, None for the network's own. What was being read before is given up. The selection
        stays where the new graph has a layer of the same path.
        """
        chosen = architecture.options_type() if options is None else options
        shape = None if input_shape is None else tuple(input_shape)
        if shape == architecture.interface(chosen).input_shape:
            shape = None
        asked = _Reading(architecture, chosen, shape)
        if self._reading is not None:
            if self._reading.is_of(architecture, chosen, shape):
                return
            self._reading.ended.set()
        elif asked.is_of(self.architecture, self.options, self.input_shape) and self.graph is not None:  # type: ignore[arg-type]
            return
        self.architecture, self.options, self.input_shape = architecture, chosen, shape
        self.graph = None
        self._reading = asked
        self.architecture_changed.emit(architecture, chosen)
        self.reading_changed.emit(f"Reading {architecture.title}", None)
        if self._reader is None:
            self._reader = Worker("read network", self)
        self._reader.submit(
            lambda: self._read(asked),
            lambda answer: self._take(asked, answer),
            lambda sentence: self._fail(asked, sentence),
        )

    def select(self, path: str) -> None:
        """Selects a node or block everywhere; "" selects nothing."""
        if path != self.selection:
            self.selection = path
            self.selection_changed.emit(path)

    def choose_weights(self, folder: Path, epoch: int | None) -> None:
        """Has every panel show a run as it was after an epoch; None: as it is now, and becomes."""
        chosen = None if epoch is None else (folder, epoch)
        if chosen != self.weights:
            self.weights = chosen
            self.weights_chosen.emit(folder, epoch)

    def cancel_reading(self) -> None:
        """Gives up the network that is being read; its place stays empty until another is chosen."""
        reading = self._reading
        if reading is not None:
            reading.ended.set()
            self._fail(reading, f"Reading {reading.architecture.title} was cancelled. Choose it again to read it.")

    def shutdown(self) -> None:
        """Gives up the network that is being read and ends the thread."""
        if self._reading is not None:
            self._reading.ended.set()
        if self._reader is not None:
            self._reader.shutdown()

    # In the thread

    def _read(self, asked: _Reading) -> tuple[Graph, dict[str, str]] | None:
        # torch is imported here, off the UI thread, so that the window is up before it.
        with garbage.left_alone_at_first("explorer.reading"):
            from explorer.reading import read_graph  # noqa: PLC0415
            from explorer.system import devices  # noqa: PLC0415

        def progress(words: str, share: float | None) -> None:
            now = time.monotonic()
            if now - asked.told_at >= _TELL_EVERY_S and not asked.ended.is_set():
                asked.told_at = now
                self._progressed.emit(asked, words, share)

        try:
            graph = read_graph(
                asked.architecture,
                asked.options,
                asked.input_shape,
                progress=progress,
                cancelled=asked.ended.is_set,
            )
        except Cancelled:
            return None
        return graph, {device.name: device.title for device in devices.available()}

    # Back in the UI thread

    def _on_progress(self, asked: _Reading, words: str, share: float | None) -> None:
        if asked is self._reading:
            self.reading_changed.emit(f"Reading {asked.architecture.title}: {words}", share)

    def _take(self, asked: _Reading, answer: tuple[Graph, dict[str, str]] | None) -> None:
        if asked is not self._reading or answer is None:
            return
        self._reading = None
        graph, devices = answer
        self.graph = graph
        self.reading_changed.emit("", None)
        if not self.device:
            # torch lists what it computes on fastest last, the processor first.
            self.devices = devices
            self.device = list(devices.values())[-1]
            self.device_described.emit(self.device)
            self.devices_found.emit(devices)
        kept = self.selection in graph.by_path or self.selection in graph.block_by_path
        self.graph_changed.emit(graph)
        if graph.failure is not None:
            self.message.emit(graph.failure.reason)
        if not kept:
            self.select("")

    def _fail(self, asked: _Reading, sentence: str) -> None:
        if asked is not self._reading:
            return
        self._reading = None
        self.reading_changed.emit("", None)
        self.graph_failed.emit(sentence)
        self.message.emit(sentence)
