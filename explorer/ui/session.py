"""What the window is about right now: the architecture, its options, its graph and the one selection."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Graph
from explorer.ui.worker import Worker


class Session(QObject):
    """The one place that panels ask and tell. All of it lives in the UI thread.

    Signals carry frozen values. `selection` is the path of a node or a block of the graph, "" for none.
    """

    architecture_changed = Signal(object, object)  # Architecture, options: at once, before the graph is there
    graph_changed = Signal(object)  # Graph
    graph_failed = Signal(str)  # one sentence
    selection_changed = Signal(str)
    message = Signal(str)  # a sentence for the status bar
    device_described = Signal(str)  # once torch is there: "CPU, 2 cores"
    devices_found = Signal(object)  # once torch is there: what it can compute on, as a dict of name and title

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.architecture: Architecture | None = None
        self.options: Any = None
        self.graph: Graph | None = None
        self.selection = ""
        self.device = ""
        self.devices: dict[str, str] = {}  # what torch can compute on here, name and title; empty until torch is there
        self._reader: Worker | None = None

    def show(self, architecture: Architecture, options: Any = None) -> None:
        """Puts a network on screen: tells the panels at once, reads its graph off the UI thread.

        The selection stays where the new graph has a layer of the same path.
        """
        chosen = architecture.options_type() if options is None else options
        if (architecture, chosen) == (self.architecture, self.options) and self.graph is not None:
            return
        self.architecture = architecture
        self.options = chosen
        self.graph = None
        self.architecture_changed.emit(architecture, chosen)
        if self._reader is None:
            self._reader = Worker("read network", self)
        self._reader.submit(lambda: _read(architecture, chosen), self._take_graph, self._fail)

    def select(self, path: str) -> None:
        """Selects a node or block everywhere; "" selects nothing."""
        if path != self.selection:
            self.selection = path
            self.selection_changed.emit(path)

    def shutdown(self) -> None:
        """Waits for the network that is being read and ends the thread."""
        if self._reader is not None:
            self._reader.shutdown()

    def _take_graph(self, answer: tuple[Graph, dict[str, str]]) -> None:
        graph, devices = answer
        self.graph = graph
        if not self.device:
            # torch lists what it computes on fastest last, the processor first.
            self.devices = devices
            self.device = list(devices.values())[-1]
            self.device_described.emit(self.device)
            self.devices_found.emit(devices)
        kept = self.selection in graph.by_path or self.selection in graph.block_by_path
        self.graph_changed.emit(graph)
        if not kept:
            self.select("")

    def _fail(self, sentence: str) -> None:
        self.graph_failed.emit(sentence)
        self.message.emit(sentence)


def _read(architecture: Architecture, options: Any) -> tuple[Graph, dict[str, str]]:
    # torch is imported here, off the UI thread, so that the window is up before it.
    from explorer.reading import read_graph  # noqa: PLC0415
    from explorer.system import devices  # noqa: PLC0415

    return read_graph(architecture, options), {device.name: device.title for device in devices.available()}
