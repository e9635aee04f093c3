"""The edits of the network on screen that are in force, and their history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from explorer.inference.branches import branch_at
from explorer.inference.edits import Edit, Filling, Silence, Skip, channels_of, with_edit
from explorer.structure.graph import Graph, Kind

if TYPE_CHECKING:
    from explorer.ui.session import Session

_MOST_STEPS = 200
_NOTHING_TO_SILENCE = frozenset({Kind.INPUT, Kind.OUTPUT})


class Surgery(QObject):
    """What is silenced and skipped in a copy of the network; another network starts without any. Lives in the UI."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.edits: tuple[Edit, ...] = ()
        self._past: list[tuple[Edit, ...]] = []
        self._network: tuple[object, object] | None = None
        session.architecture_changed.connect(self._on_architecture)
        session.graph_changed.connect(self._on_graph)

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def paths(self) -> frozenset[str]:
        """The layers and blocks that are edited; of a skipped branch the addition."""
        return frozenset(edit.path for edit in self.edits)

    def add(self, edit: Edit) -> None:
        self._take(with_edit(self.edits, edit))

    def remove(self, edit: Edit) -> None:
        self._take(tuple(other for other in self.edits if other != edit))

    def reset(self) -> None:
        """Takes all edits back; undo brings them again."""
        self._take(())

    def undo(self) -> None:
        if self._past:
            self.edits = self._past.pop()
            self.changed.emit()

    def silence(self, path: str, channel: int | None = None, filling: Filling = Filling.ZERO) -> None:
        self.add(Silence(path, channel, filling))

    def skip(self, path: str) -> None:
        """Skips the residual branch that a path means; nothing where it means none."""
        graph = self._session.graph
        branch = branch_at(graph, path) if graph is not None else None
        if branch is not None:
            self.add(Skip(branch.join))

    def _take(self, edits: tuple[Edit, ...]) -> None:
        if edits != self.edits:
            self._past = [*self._past, self.edits][-_MOST_STEPS:]
            self.edits = edits
            self.changed.emit()

    def _forget(self) -> None:
        self._past = []
        if self.edits:
            self.edits = ()
            self.changed.emit()

    def _on_architecture(self, architecture: object, options: object) -> None:
        if self._network != (architecture, options):
            self._network = (architecture, options)
            self._forget()

    def _on_graph(self, graph: Graph) -> None:
        # Another input size may leave layers out.
        def known(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
            return tuple(edit for edit in edits if _fits(graph, edit))

        self._past = [known(edits) for edits in self._past]
        if known(self.edits) != self.edits:
            self._past = []
            self.edits = known(self.edits)
            self.changed.emit()


def _fits(graph: Graph, edit: Edit) -> bool:
    if isinstance(edit, Skip):
        return edit.path in graph.by_path
    return can_silence(graph, edit.path) and (edit.channel or 0) < max(1, channel_count(graph, edit.path))


def can_silence(graph: Graph | None, path: str) -> bool:
    """Whether a path is a layer or a block whose output can be replaced."""
    if graph is None:
        return False
    if path in graph.block_by_path:
        # A container that the forward function does not call as one has no output of its own.
        is_called = graph.block_by_path[path].type_name not in {"ModuleList", "ModuleDict"}
        return is_called and any(not node.training_only for node in graph.inside(path))
    node = graph.by_path.get(path)
    return (
        node is not None
        and node.kind not in _NOTHING_TO_SILENCE
        and not node.training_only
        and not node.failed
        and node.type_name not in {"Parameter", "Buffer"}
    )


def channel_count(graph: Graph | None, path: str) -> int:
    """How many channels a layer's output has, or the last layer of a block; 0 where there are none to silence."""
    if graph is None or not can_silence(graph, path):
        return 0
    node = graph.by_path.get(path) or list(graph.inside(path))[-1]
    return channels_of(node.output_shape)
