"""One of two graphs side by side: a graph view with the marks of the comparison, which can follow the other one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from explorer.structure.alignment import Alignment
from explorer.structure.alignment_words import titles
from explorer.structure.layout import Layout
from explorer.ui.graph_canvas import Journey
from explorer.ui.graph_view import GraphView
from explorer.ui.session import Session
from explorer.ui.side_by_side_marks import Matches, in_words, matches_of, paint_matches

# Graphs that differ by more than this in size are each fitted by itself: the smaller one would be hard to read.
_COMPARABLE = 0.5
_SAME_ZOOM = 1e-6


class PaneView(GraphView):
    """`moved` says that another part of the graph is shown, `touched` that the user is here."""

    moved = Signal()
    touched = Signal()

    def __init__(self, session: Session, *, of_left: bool, parent: QWidget | None = None) -> None:
        self._of_left = of_left
        self._alignment: Alignment | None = None
        self._matches: Matches | None = None
        self._other = ""
        self._beside: PaneView | None = None
        self._fitted_zoom = 0.0
        super().__init__(session, parent)
        side = "left" if of_left else "right"
        self.setObjectName(f"side_by_side_{side}")
        self.setAccessibleName(f"Graph of the network on the {side}")

    @property
    def is_fitting(self) -> bool:
        """Whether the whole graph is shown, however the view is resized."""
        return self._is_fitting

    def stand_beside(self, other: PaneView) -> None:
        """Shows boxes as large as the other pane does where both show their whole graphs."""
        self._beside = other

    def fit(self) -> None:
        super().fit()
        self._fitted_zoom = self.zoom

    def fit_again(self) -> None:
        """Fits the whole graph anew where that now takes another zoom.

        A block that was folded keeps its place, at the zoom that this leaves room for; it is not moved away again.
        """
        is_fitted = self._is_fitting and self._picture is not None and _same(self.zoom, self._fitted_zoom)
        if is_fitted and not _same(self.zoom, self._fitting_zoom()):
            self.fit()

    def _travel(self, layout: Layout | None, journey: Journey) -> None:
        self._fitted_zoom = 0.0
        super()._travel(layout, journey)

    def show_alignment(self, alignment: Alignment | None) -> None:
        """Marks what differs from the other network."""
        self._alignment = alignment
        self._matches = None if alignment is None else matches_of(alignment, of_left=self._of_left)
        if alignment is not None:
            self._other = titles((alignment.left, alignment.right))[1 if self._of_left else 0]
        self.viewport().update()

    def follow(self, zoom: float, point: QPointF) -> None:
        """Brings a point of the graph to the middle, at a zoom."""
        if self._picture is not None:
            self._arrive()
            self._is_fitting = False
            self._place(zoom, point, QPointF(self.viewport().rect().center()))

    def follow_folding(self, folded: frozenset[str]) -> None:
        """Closes exactly these blocks, and leaves the place on screen to who asked."""
        if self._picture is not None and folded != self._folded:
            self._make(folded, lambda _before: self.fit() if self._is_fitting else None, afresh=self._is_fitting)

    def middle(self) -> QPointF:
        """The point of the graph in the middle of the view."""
        return (QPointF(self.viewport().rect().center()) + QPointF(self._scrolled())) / self.zoom

    def tip(self, path: str) -> list[str]:
        lines = super().tip(path)
        if self._alignment is not None and lines:
            lines += in_words(self._alignment, path, of_left=self._of_left, other=self._other)
        return lines

    def _fitting_zoom(self) -> float:
        own, beside = super()._fitting_zoom(), self._beside
        if beside is None or beside.picture is None:
            return own
        other = super(PaneView, beside)._fitting_zoom()
        return other if own * _COMPARABLE <= other < own else own

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        super().drawBackground(painter, rect)
        picture, alignment = self._picture, self._alignment
        if picture is None or alignment is None or self._matches is None or self._old_layout is not None:
            return
        if picture.graph is (alignment.left if self._of_left else alignment.right):
            paint_matches(painter, picture, QRectF(rect), self._matches, self.zoom)

    def _on_view_moved(self) -> None:
        super()._on_view_moved()
        self.moved.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.touched.emit()
        super().enterEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.touched.emit()
        super().focusInEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.touched.emit()
        super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.MouseButtonPress, QEvent.Type.Gesture, QEvent.Type.NativeGesture}:
            self.touched.emit()
        return super().viewportEvent(event)


def _same(zoom: float, other: float) -> bool:
    return abs(zoom - other) <= _SAME_ZOOM * zoom
