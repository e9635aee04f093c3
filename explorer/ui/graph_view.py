"""The graph on screen: folding, zooming, walking and selecting."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import (
    QAction,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGestureEvent,
    QGraphicsScene,
    QGraphicsView,
    QPinchGesture,
    QStyle,
    QToolTip,
    QWidget,
)

from explorer.structure.fold import all_blocks, first_folding, folded_to_depth
from explorer.structure.graph import Graph
from explorer.structure.layout import Layout
from explorer.ui.graph_look import screen_look
from explorer.ui.graph_minimap import GraphMinimap
from explorer.ui.graph_picture import GraphPicture, Hit, Part, blended, make_picture
from explorer.ui.graph_tips import tip_lines
from explorer.ui.graph_walk import Step, walked
from explorer.ui.plain_text import tooltip
from explorer.ui.session import Session
from explorer.ui.theme import theme

READING = "Reading the network…"
_MARGIN = 24
_LARGEST_FIT = 1.25
_LEAST_ZOOM, _MOST_ZOOM = 0.04, 6.0
_ZOOM_STEP = 1.25
# A notch of a usual wheel is 120; this makes it a step of 1.2.
_WHEEL_BASE = 1.2 ** (1 / 120)
_FOLD_MILLISECONDS = 170
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


class GraphView(QGraphicsView):
    """Shows the session's graph and its selection, and sets the selection.

    The view fits the whole graph until the user zooms or moves it. `folded` are the paths of the closed blocks.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("graph_view")
        self.setAccessibleName("Graph of the network")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setScene(QGraphicsScene(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self._session = session
        self._picture: GraphPicture | None = None
        self._message = READING
        self._folded: frozenset[str] = frozenset()
        self._thumbnails: dict[str, QImage] = {}
        self._hovered: Hit | None = None
        self._shows_focus = False
        self._is_fitting = True
        self._pressed_at: QPoint | None = None
        self._dragged_from: QPoint | None = None
        self._old_layout: Layout | None = None
        self._share = 1.0
        self._animation = QVariantAnimation(self)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(self._on_animated)
        self._animation.finished.connect(self._on_animation_end)
        self._minimap = GraphMinimap(self)
        self._minimap.hide()
        self._minimap.moved.connect(self._on_minimap)
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
    def picture(self) -> GraphPicture | None:
        """What is painted, or None while there is no graph."""
        return self._picture

    @property
    def message(self) -> str:
        """The sentence that stands where the graph would be; "" where there is one."""
        return "" if self._picture else self._message

    @property
    def zoom(self) -> float:
        return self.transform().m11()

    def view_point(self, path: str) -> QPoint:
        """Where the middle of a visible box or frame is, in the viewport."""
        return self.mapFromScene(self._picture.rect(path).center()) if self._picture else QPoint()

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

    def fit(self) -> None:
        """Shows the whole graph, and goes on doing so when the view is resized."""
        self._is_fitting = True
        if self._picture is None:
            return
        bounds, margin = self._picture.bounds, 2 * theme().px(_MARGIN)
        width = max(1, self.viewport().width() - margin)
        height = max(1, self.viewport().height() - margin)
        zoom = min(width / max(1.0, bounds.width()), height / max(1.0, bounds.height()), _LARGEST_FIT)
        self._place(max(zoom, _LEAST_ZOOM), bounds.center(), QPointF(self.viewport().rect().center()))

    def zoom_to(self, path: str) -> None:
        """Shows a box or frame large in the middle."""
        rect = self._picture.rect(path) if self._picture else QRectF()
        if rect.isEmpty():
            return
        self._is_fitting = False
        margin = 4 * theme().px(_MARGIN)
        width = max(1, self.viewport().width() - margin)
        height = max(1, self.viewport().height() - margin)
        zoom = min(width / rect.width(), height / rect.height(), 1.6)
        self._place(zoom, rect.center(), QPointF(self.viewport().rect().center()))

    # The session speaks

    def _on_graph(self, graph: Graph) -> None:
        before = self._picture.graph if self._picture else None
        blocks = all_blocks(graph)
        same = before is not None and blocks == all_blocks(before)
        self._folded = self._folded & blocks if same else first_folding(graph)
        self._thumbnails = {}
        self._stop_animation()
        self._set_picture(make_picture(graph, self._folded, screen_look()))
        if self._is_fitting or not same:
            self.fit()
        self._describe()

    def _on_failure(self, sentence: str) -> None:
        self._message = sentence
        self._stop_animation()
        self._set_picture(None)

    def _on_selection(self, path: str) -> None:
        self._describe()
        self.viewport().update()
        if self._picture and self._pressed_at is None:
            self._reveal(self._picture.rect(self._picture.folded.where(path)))

    def _on_theme(self) -> None:
        self._remake()
        self.viewport().update()

    # The picture and its place

    def _set_picture(self, picture: GraphPicture | None) -> None:
        self._picture = picture
        self._hovered = None
        if picture is not None:
            # Far more than the graph, so that the view can hold any point of it anywhere.
            room = 4000 + max(picture.bounds.width(), picture.bounds.height())
            self.setSceneRect(picture.bounds.adjusted(-room, -room, room, room))
        self._minimap.set_picture(picture)
        self._on_view_moved()
        self.viewport().update()

    def _remake(self) -> None:
        """Makes the picture anew, with other fonts or other thumbnails, and keeps the place on screen."""
        if self._picture is None:
            return
        self._stop_animation()
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
        self._stop_animation()
        self._folded = folded
        new = make_picture(old.graph, folded, screen_look(), self._thumbnails)
        self._set_picture(new)
        if anchor and anchor in {*new.layout.box_by_path, *new.layout.frame_by_path}:
            before, after = old.anchor(anchor), new.anchor(anchor)
            at = self.transform().map(before) - self.transform().map(after)
            self._scroll(-at)
            self._is_fitting = False
            shift = after - before
            self._animate_from(old.moved(shift.x(), shift.y()))
        self._describe()

    def _place(self, zoom: float, point: QPointF, at: QPointF) -> None:
        """Sets the zoom and brings a point of the graph to a place in the viewport."""
        self.setTransform(QTransform.fromScale(zoom, zoom))
        self._scroll(self.transform().map(point) - QPointF(self._scrolled()) - at)

    def _scrolled(self) -> QPoint:
        return self.mapFromScene(QPointF(0, 0)) * -1

    def _scroll(self, by: QPointF) -> None:
        horizontal, vertical = self.horizontalScrollBar(), self.verticalScrollBar()
        horizontal.setValue(horizontal.value() + round(by.x()))
        vertical.setValue(vertical.value() + round(by.y()))
        self._on_view_moved()

    def _zoom_by(self, factor: float, at: QPointF) -> None:
        if self._picture is None:
            return
        self._is_fitting = False
        zoom = min(max(self.zoom * factor, _LEAST_ZOOM), _MOST_ZOOM)
        point = (at + QPointF(self._scrolled())) / self.zoom
        self._place(zoom, point, at)

    def _pan(self, by: QPointF) -> None:
        """Moves the view, but never so far that the graph is out of sight."""
        if self._picture is None:
            return
        self._is_fitting = False
        bounds = self.mapFromScene(self._picture.bounds).boundingRect()
        keep = theme().px(2 * _MARGIN)
        view = self.viewport().rect()
        x = min(max(by.x(), bounds.left() - view.width() + keep), bounds.right() - keep)
        y = min(max(by.y(), bounds.top() - view.height() + keep), bounds.bottom() - keep)
        self._scroll(QPointF(x, y))

    def _reveal(self, rect: QRectF) -> None:
        """Moves the view as little as shows a rectangle of the graph."""
        if rect.isEmpty():
            return
        margin = theme().px(_MARGIN)
        shown = self.mapFromScene(rect).boundingRect().adjusted(-margin, -margin, margin, margin)
        view = self.viewport().rect()
        x = _needed(shown.left(), shown.right(), view.left(), view.right())
        y = _needed(shown.top(), shown.bottom(), view.top(), view.bottom())
        if x or y:
            self._pan(QPointF(x, y))

    def _on_view_moved(self) -> None:
        if self._picture is None:
            self._minimap.hide()
            return
        part = self.mapToScene(self.viewport().rect()).boundingRect()
        self._minimap.show_part(part)
        self._minimap.setVisible(not part.contains(self._picture.bounds))
        margin = theme().px(12)
        self._minimap.move(
            self.width() - self._minimap.width() - margin, self.height() - self._minimap.height() - margin
        )

    def _on_minimap(self, point: QPointF) -> None:
        self._is_fitting = False
        self._place(self.zoom, point, QPointF(self.viewport().rect().center()))

    # Motion

    def _animate_from(self, layout: Layout) -> None:
        style_time = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self)
        duration = min(_FOLD_MILLISECONDS, style_time)
        if duration <= 0 or not self.isVisible():
            return
        self._old_layout = layout
        self._animation.setDuration(duration)
        self._animation.start()

    def _on_animated(self, value: float) -> None:
        # Fast at first, then slow: the eye follows where things come from.
        self._share = 1 - (1 - value) ** 3
        self.viewport().update()

    def _on_animation_end(self) -> None:
        self._old_layout = None
        self._share = 1.0
        self.viewport().update()

    def _stop_animation(self) -> None:
        self._animation.stop()
        self._on_animation_end()

    # Painting

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        painter.fillRect(rect, theme().colour("ground"))
        if self._picture is None:
            return
        between = blended(self._old_layout, self._picture.layout, self._share) if self._old_layout else None
        self._picture.paint(
            painter,
            QRectF(rect),
            zoom=self.zoom,
            selected=self._session.selection,
            hovered=self._hovered.path if self._hovered else "",
            thumbnails=self._thumbnails,
            between=between,
            share=self._share,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        area = QRectF(self.viewport().rect())
        if self._picture is None:
            margin = theme().px(2 * _MARGIN)
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

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(turned.x()) > abs(turned.y()):
            self._pan(QPointF(-(turned.x() or turned.y()) / 2, 0))
        else:
            self._zoom_by(_WHEEL_BASE ** turned.y(), event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hit = self._hit(QPointF(event.pos()))
            lines = tip_lines(self._picture.graph, self._picture.folded, hit.path) if hit and self._picture else []
            QToolTip.showText(event.globalPos(), tooltip("\n".join(lines)), self.viewport())
            return True
        if event.type() is QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                self._zoom_by(1 + event.value(), event.position())
                return True
        if event.type() is QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = self.viewport().mapFromGlobal(pinch.hotSpot())
                self._zoom_by(pinch.scaleFactor(), at)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_fitting:
            self.fit()
        self._on_view_moved()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_fitting:
            self.fit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._stop_animation()

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


def _needed(low: int, high: int, least: int, most: int) -> int:
    """How far to move so that low … high lies in least … most, or its beginning where it is longer."""
    if low < least or high - low > most - least:
        return low - least
    return max(0, high - most)
