"""Keeps two graphs together: where one is moved, folded or selected, the other follows by the aligned pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QTimer, Signal

from explorer.structure.alignment import Alignment
from explorer.structure.fold import stack_paths
from explorer.structure.graph import Graph
from explorer.structure.nesting import nesting_of
from explorer.ui.side_by_side_pane import PaneView


class PanesTogether(QObject):
    """The pane that the user touched last leads; `selected` carries the pair of paths, "" where there is none."""

    selected = Signal(str, str)

    def __init__(self, left: PaneView, right: PaneView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.left, self.right = left, right
        self._alignment: Alignment | None = None
        self._leader = left
        self._is_following = False
        self._is_selecting = False
        self._expected: dict[PaneView, frozenset[str] | None] = {left: None, right: None}
        self._anchors: tuple[object, object, NDArray[np.float64], NDArray[np.float64]] | None = None
        # Once what goes on is over: a pane that folds hears of the other one before it has found its own place.
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(0)
        self._settling.timeout.connect(self._fit_again)
        left.stand_beside(right)
        right.stand_beside(left)
        for pane in (left, right):
            pane.moved.connect(lambda pane=pane: self._on_moved(pane))
            pane.touched.connect(lambda pane=pane: self.lead(pane))
            pane.folding_changed.connect(lambda folded, pane=pane: self._on_folded(pane, folded))
            pane.session.selection_changed.connect(lambda path, pane=pane: self._on_selected(pane, path))

    @property
    def alignment(self) -> Alignment | None:
        """What the panes are joined by."""
        return self._alignment

    def lead(self, pane: PaneView) -> None:
        """Has the other pane follow this one from now on."""
        self._leader = pane

    def set_alignment(self, alignment: Alignment | None) -> None:
        """Marks what differs, and folds the right graph as the left one is."""
        self._alignment = alignment
        self._anchors = None
        for pane in (self.left, self.right):
            pane.show_alignment(alignment)
        if alignment is not None:
            self._leader = self.left
            self._on_folded(self.left, self.left.folded)
        self._settling.start()

    def select(self, left: str, right: str) -> None:
        """Selects a pair, and shows it where it is out of sight."""
        self._is_selecting = True
        self.left.session.select(left)
        self.right.session.select(right)
        self._is_selecting = False
        self.selected.emit(left, right)

    def _other(self, pane: PaneView) -> PaneView:
        return self.right if pane is self.left else self.left

    @property
    def _is_ready(self) -> bool:
        """Whether what was aligned is what both panes show."""
        known, one, other = self._alignment, self.left.picture, self.right.picture
        return (
            known is not None and one is not None and other is not None
            and one.graph is known.left and other.graph is known.right
        )  # fmt: skip

    # Selection

    def _on_selected(self, pane: PaneView, path: str) -> None:
        if self._is_selecting or self._alignment is None:
            return
        twin = self._alignment.partner(path, of_left=pane is self.left) if path else ""
        self.lead(pane)
        if pane is self.left:
            self.select(path, twin)
        else:
            self.select(twin, path)

    # Place

    def _on_moved(self, pane: PaneView) -> None:
        if self._is_following or not self._is_ready:
            return
        if pane is not self._leader:
            # What the one that follows shows now may take another zoom to be shown whole.
            self._settling.start()
            return
        self._is_following = True
        other = self._other(pane)
        if pane.is_fitting:
            other.fit()
        else:
            point = self._mapped(pane, pane.middle())
            if point is not None:
                other.follow(pane.zoom, point)
        self._is_following = False

    def _fit_again(self) -> None:
        for pane in (self.left, self.right):
            pane.fit_again()

    def _mapped(self, pane: PaneView, point: QPointF) -> QPointF | None:
        """The point of the other graph that lies to the nearest aligned box as `point` does to its twin."""
        ours, theirs = self._places() if pane is self.left else self._places()[::-1]
        if not len(ours):
            return None
        here = np.array([point.x(), point.y()])
        nearest = int(np.argmin(((ours - here) ** 2).sum(axis=1)))
        x, y = theirs[nearest] + here - ours[nearest]
        return QPointF(float(x), float(y))

    def _places(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The middles of boxes that stand for each other, in both pictures."""
        one, other, known = self.left.picture, self.right.picture, self._alignment
        if self._anchors is None or self._anchors[0] is not one or self._anchors[1] is not other:
            ours, theirs = [], []
            for placed in one.layout.boxes if one is not None and other is not None and known is not None else ():
                assert one is not None and other is not None and known is not None  # noqa: S101, PT018 - just asked
                box = one.folded.box_by_path[placed.path]
                inner = box.node or box.block
                path = box.stack[0] if box.stack else inner.path if inner else ""
                where = other.folded.where(known.partner(path, of_left=True))
                rect = other.rect(where)
                if where and not rect.isEmpty():
                    ours.append((placed.x + placed.width / 2, placed.y + placed.height / 2))
                    theirs.append((rect.center().x(), rect.center().y()))
            shape = (-1, 2)
            self._anchors = (one, other, np.array(ours).reshape(shape), np.array(theirs).reshape(shape))
        return self._anchors[2], self._anchors[3]

    # Folding

    def _on_folded(self, pane: PaneView, folded: frozenset[str]) -> None:
        if self._expected[pane] == folded:
            # What was asked for has come; it takes its place beside the one that leads.
            self._expected[pane] = None
            self._on_moved(self._leader)
            return
        if not self._is_ready or self._alignment is None:
            return
        other = self._other(pane)
        wanted = twin_folding(self._alignment, folded, other.folded, of_left=pane is self.left)
        if wanted != other.folded:
            self._expected[other] = wanted
            other.follow_folding(wanted)


def twin_folding(
    alignment: Alignment, folded: frozenset[str], before: frozenset[str], *, of_left: bool
) -> frozenset[str]:
    """What is to be closed in the other graph: the twins of what is closed, and nothing where nothing is closed."""
    ours, theirs = (alignment.left, alignment.right) if of_left else (alignment.right, alignment.left)

    def twin(path: str) -> str:
        return alignment.partner(path, of_left=of_left)

    def back(path: str) -> str:
        return alignment.partner(path, of_left=not of_left)

    if not folded:
        return frozenset()
    closed = {twin(path) for path in folded if twin(path)}
    around, beside = nesting_of(theirs), nesting_of(ours)
    for path in theirs.block_by_path:
        if back(path):
            continue
        twins = [found for number in around.inside[path] if (found := back(theirs.nodes[number].path))]
        # A block without a twin is open where one can see what stands for its layers; one that is new stays as it was.
        if twins:
            is_closed = all(folded.intersection(beside.around(ours.by_path[each].block)) for each in twins)
        else:
            is_closed = path in before or _is_small(theirs, path)
        if is_closed:
            closed.add(path)
    own_stacks = stack_paths(ours)
    for path, members in stack_paths(theirs).items():
        if not closed.issuperset(members):
            continue
        stacked = {back(member) for member in members} - {""}
        stacks = [stack for stack, inside in own_stacks.items() if stacked.intersection(inside)]
        if not stacks or any(stack in folded for stack in stacks):
            closed.add(path)
    return frozenset(closed)


def _is_small(graph: Graph, path: str) -> bool:
    """Whether a block holds no other blocks: it says as much as a pill."""
    return not any(member in graph.block_by_path for member in graph.block_by_path[path].members)
