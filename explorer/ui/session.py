"""What the window is about right now: the architecture, its options, its graph and the one selection."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Graph


class Session(QObject):
    """The one place that panels ask and tell. All of it lives in the UI thread.

    Signals carry frozen values. `selection` is the path of a node or a block of the graph, "" for none.
    """

    architecture_changed = Signal(object, object)  # Architecture, options: at once, before the graph is there
    graph_changed = Signal(object)  # Graph
    graph_failed = Signal(str)  # one sentence
    selection_changed = Signal(str)
    message = Signal(str)  # a sentence for the status bar
    progress_changed = Signal(str, object)  # what long work is doing ("" for none), share done 0 to 1 or None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.architecture: Architecture | None = None
        self.options: Any = None
        self.graph: Graph | None = None
        self.selection = ""

    def select(self, path: str) -> None:
        """Selects a node or block everywhere; "" selects nothing."""
        if path != self.selection:
            self.selection = path
            self.selection_changed.emit(path)
