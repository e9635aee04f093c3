"""The graph on screen: folding, zooming, walking and selecting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QAction,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QToolTip,
    QWidget,
)

from explorer.structure.fold import all_blocks, first_folding, folded_to_depth
from explorer.structure.graph import Graph
from explorer.ui.graph_canvas import MARGIN, GraphCanvas, Journey
from explorer.ui.graph_look import screen_look
from explorer.ui.graph_picture import Hit, Part, make_picture
from explorer.ui.graph_tips import tip_lines
from explorer.ui.graph_walk import Step, walked
from explorer.ui.plain_text import tooltip
from explorer.ui.session import Session
from explorer.ui.theme import theme

READING = "Reading the network…"
_ZOOM_STEP = 1.25
_BY_KEYBOARD = frozenset(
    {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason}
)
_STEPS = {
    Qt.Key.Key_Left: Step.LEFT,
    Qt.Key.Key_Right: Step.RIGHT,
    Qt.Key.Key_Up: Step.UP,
    Qt.Key.Key_Down: Step.DOWN,
    Qt.Key.Key_Home: Step.FIRST,
    Qt.Key.Key_End: Step.LAST,
}


class GraphView(GraphCanvas):
    """Shows the session's graph and its selection, and sets the selection; `folded` are the closed blocks' paths."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("graph_view")
        self.setAccessibleName("Graph of the network")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self._session = session
        self._message = READING
        self._folded: frozenset[str] = frozenset()
        self._thumbnails: dict[str, QImage] = {}
        self._shows_focus = False
        self._pressed_at: QPoint | None = None
        self._dragged_from: QPoint | None = None
        self._make_actions()
        session.graph_changed.connect(self._on_graph)
        session.graph_failed.connect(self._on_failure)
        session.selection_changed.connect(self._on_selection)
        theme().changed.connect(self._on_theme)
        if session.graph is not None:
            self._on_graph(session.graph)

    # What others ask for

    @property
    def folded(self) -> frozenset[str]:
        return self._folded

    @property
    def message(self) -> str:
        """The sentence that stands where the graph would be; "" where there is one."""
        return "" if self._picture else self._message

    def set_thumbnails(self, thumbnails: Mapping[str, QImage]) -> None:
        """Draws a picture below each of the nodes named by path; an empty mapping removes them.

        Pictures of the same sizes as before replace the old ones without a new layout.
        """
        before = {path: image.size().toTuple() for path, image in self._thumbnails.items()}
        self._thumbnails = dict(thumbnails)
        after = {path: image.size().toTuple() for path, image in self._thumbnails.items()}
        if before != after:
            self._remake()
        self.viewport().update()

    def fold(self, folded: frozenset[str]) -> None:
        """Closes exactly the given blocks and shows the whole."""
        if self._picture and folded != self._folded:
            self._refold(folded, "")
            self.fit()

    def toggle(self, path: str) -> None:
        """Folds or unfolds a block; what shows its name stays where it is on screen."""
        graph = self._picture.graph if self._picture else None
        if graph is not None and path in graph.block_by_path:
            self._refold(self._folded ^ {path}, path)

    # The session speaks

    def _on_graph(self, graph: Graph) -> None:
        before = self._picture.graph if self._picture else None
        blocks = all_blocks(graph)
        same = before is not None and blocks == all_blocks(before)
        self._folded = self._folded & blocks if same else first_folding(graph)
        self._thumbnails = {}
        self._arrive()
        self._set_picture(make_picture(graph, self._folded, screen_look()))
        if self._is_fitting or not same:
            self.fit()
        self._describe()

    def _on_failure(self, sentence: str) -> None:
        self._message = sentence
        self._arrive()
        self._set_picture(None)

    def _on_selection(self, path: str) -> None:
        self._describe()
        self.viewport().update()
        if self._picture and self._pressed_at is None:
            self._reveal(self._picture.rect(self._picture.folded.where(path)))

    def _on_theme(self) -> None:
        self._remake()
        self.viewport().update()

    # Folding

    def _remake(self) -> None:
        """Makes the picture anew, with other fonts or other thumbnails, and keeps the place on screen."""
        if self._picture is None:
            return
        self._arrive()
        old, centre = self._picture, self.mapToScene(self.viewport().rect().center())
        share_x = centre.x() / max(1.0, old.bounds.width())
        share_y = centre.y() / max(1.0, old.bounds.height())
        self._set_picture(make_picture(old.graph, self._folded, screen_look(), self._thumbnails))
        if self._is_fitting:
            self.fit()
        else:
            bounds = self._picture.bounds
            point = QPointF(share_x * bounds.width(), share_y * bounds.height())
            self._place(self.zoom, point, QPointF(self.viewport().rect().center()))

    def _refold(self, folded: frozenset[str], anchor: str) -> None:
        old = self._picture
        if old is None:
            return
        self._arrive()
        self._folded = folded
        new = make_picture(old.graph, folded, screen_look(), self._thumbnails)
        if anchor and anchor in {*new.layout.box_by_path, *new.layout.frame_by_path}:
            before, after, zoom = old.anchor(anchor), new.anchor(anchor), self.zoom
            at = before * zoom - QPointF(self._scrolled())
            self._set_picture(new)
            last, end = self._whole_around(after, at) if self._is_fitting else (zoom, at)
            shift = after - before
            self._travel(old.moved(shift.x(), shift.y()), Journey(after, (zoom, last), (at, end)))
        else:
            self._set_picture(new)
        self._describe()

    # Painting

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        painter.fillRect(rect, theme().colour("ground"))
        if self._picture is None:
            return
        self._picture.paint(
            painter,
            QRectF(rect),
            zoom=self.zoom,
            selected=self._session.selection,
            hovered=self._hovered.path if self._hovered else "",
            thumbnails=self._thumbnails,
            before=self._old_layout,
            share=self._share,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        area = QRectF(self.viewport().rect())
        if self._picture is None:
            margin = theme().px(2 * MARGIN)
            painter.setFont(theme().font())
            painter.setPen(theme().colour("secondary"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area.adjusted(margin, 0, -margin, 0), flags, self._message)
        if self._shows_focus and self.hasFocus():
            painter.setPen(QPen(theme().colour("accent"), 1))
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))

    # Mouse, touch, keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in {Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton}:
            self._pressed_at = event.position().toPoint()
            self._dragged_from = None
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        if self._pressed_at is None:
            self._hover(self._hit(event.position()))
        elif self._dragged_from is not None:
            self._pan(QPointF(self._dragged_from - position))
            self._dragged_from = position
        elif (position - self._pressed_at).manhattanLength() >= QGuiApplication.styleHints().startDragDistance():
            self._dragged_from = position
            self._pan(QPointF(self._pressed_at - position))
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        clicked = self._pressed_at is not None and self._dragged_from is None
        if clicked and event.button() is Qt.MouseButton.LeftButton:
            self._click(self._hit(event.position()))
        self._pressed_at = self._dragged_from = None
        self.viewport().unsetCursor()
        self._hover(self._hit(event.position()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        hit = self._hit(event.position())
        # The first click of two on a triangle has folded or unfolded already.
        if event.button() is Qt.MouseButton.LeftButton and hit and hit.part in {Part.BOX, Part.TITLE}:
            self.toggle(hit.path)
        event.accept()

    def _click(self, hit: Hit | None) -> None:
        self._session.select(hit.path if hit else "")
        if hit and hit.part is Part.TOGGLE:
            self.toggle(hit.path)

    def _hit(self, position: QPointF) -> Hit | None:
        if self._picture is None:
            return None
        return self._picture.hit((position + QPointF(self._scrolled())) / self.zoom)

    def _hover(self, hit: Hit | None) -> None:
        if hit != self._hovered:
            self._hovered = hit
            if hit:
                self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self.viewport().unsetCursor()
            self.viewport().update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hit = self._hit(QPointF(event.pos()))
            lines = tip_lines(self._picture.graph, self._picture.folded, hit.path) if hit and self._picture else []
            QToolTip.showText(event.globalPos(), tooltip("\n".join(lines)), self.viewport())
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self._picture is not None and key in _STEPS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._session.select(walked(self._picture, self._session.selection, _STEPS[key]))
        elif self._picture is not None and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.toggle(self._picture.folded.where(self._session.selection))
        else:
            event.ignore()
            return
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        # Who came by mouse knows where they are.
        self._shows_focus = event.reason() in _BY_KEYBOARD
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    # Actions

    def _make_actions(self) -> None:
        self.fit_action = self._action("&Fit", ("F", "Ctrl+0"), self.fit, "Show the whole graph")
        self.fold_all_action = self._action("Fold &all", ("/",), self._fold_all, "Fold all blocks")
        self.unfold_all_action = self._action("&Unfold all", ("*",), self._unfold_all, "Unfold all blocks")
        self.zoom_in_action = self._action("Zoom &in", ("+", "="), self._zoom_in, "Enlarge the graph")
        self.zoom_out_action = self._action("Zoom &out", ("-",), self._zoom_out, "Shrink the graph")
        self.zoom_selection_action = self._action(
            "Zoom to &selection", ("Z",), self._zoom_to_selection, "Show what is selected large in the middle"
        )
        self.copy_image_action = self._action(
            "&Copy image", (QKeySequence.StandardKey.Copy,), self._copy_image, "Copy the graph as an image"
        )

    def _action(
        self, text: str, keys: tuple[str | QKeySequence.StandardKey, ...], work: Callable[[], None], tip: str
    ) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        # The window's own shortcuts scale the text; these work only while the graph has the focus.
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(f"{tip} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")
        action.triggered.connect(work)
        self.addAction(action)
        return action

    def _fold_all(self) -> None:
        if self._picture:
            self.fold(folded_to_depth(self._picture.graph, 0))

    def _unfold_all(self) -> None:
        self.fold(frozenset())

    def _zoom_in(self) -> None:
        self._zoom_by(_ZOOM_STEP, QPointF(self.viewport().rect().center()))

    def _zoom_out(self) -> None:
        self._zoom_by(1 / _ZOOM_STEP, QPointF(self.viewport().rect().center()))

    def _zoom_to_selection(self) -> None:
        if self._picture:
            self.zoom_to(self._picture.folded.where(self._session.selection))

    def _copy_image(self) -> None:
        from explorer.ui.figure import figure_image  # noqa: PLC0415 - SVG and PDF are imported with the first figure

        if self._picture is None:
            return
        try:
            image = figure_image(self._picture.graph, folded=self._folded, dark=theme().is_dark)
        except (ValueError, OSError) as error:
            self._session.message.emit(str(error))
            return
        QGuiApplication.clipboard().setImage(image)
        self._session.message.emit("copied the graph as an image")

    def _describe(self) -> None:
        """Tells screen readers what is selected."""
        lines = []
        if self._picture:
            lines = tip_lines(self._picture.graph, self._picture.folded, self._session.selection)
        self.setAccessibleDescription(", ".join(lines) or "nothing selected")
