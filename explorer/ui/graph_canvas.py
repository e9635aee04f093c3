"""A surface that holds a graph's picture: where it is, how large, and how it moves there."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import (
    QHideEvent,
    QNativeGestureEvent,
    QPixmap,
    QResizeEvent,
    QShowEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGestureEvent, QGraphicsScene, QGraphicsView, QPinchGesture, QStyle, QWidget

from explorer.structure.layout import Layout
from explorer.ui.graph_minimap import GraphMinimap
from explorer.ui.graph_picture import GraphPicture, Hit
from explorer.ui.graph_tiles import GraphTiles
from explorer.ui.theme import theme

MARGIN = 24
_LARGEST_FIT = 1.25
_LARGEST_CLOSE_UP = 1.6
_LEAST_ZOOM, _MOST_ZOOM = 0.04, 6.0
# A notch of a usual wheel is 120; this makes it a step of 1.2.
_WHEEL_BASE = 1.2 ** (1 / 120)
_FOLD_MILLISECONDS = 170
# While a block that folds or unfolds stays in place, the zoom keeps at least this share of what it could be.
_LEAST_SHARE = 0.75


@dataclass(frozen=True)
class Journey:
    """How the view moves while blocks fold: a point of the graph from place to place, and the zoom likewise."""

    point: QPointF
    zooms: tuple[float, float]
    places: tuple[QPointF, QPointF]


class GraphCanvas(QGraphicsView):
    """Fits the whole picture until the user zooms or moves it; then it stays where the user put it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setScene(QGraphicsScene(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.viewport().grabGesture(Qt.GestureType.PinchGesture)
        self._picture: GraphPicture | None = None
        self._hovered: Hit | None = None
        self._is_fitting = True
        self._old_layout: Layout | None = None
        self._journey: Journey | None = None
        self._share = 1.0
        self._animation = QVariantAnimation(self)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(self._on_animated)
        self._animation.finished.connect(self._arrive)
        # A strip along the top that is left free where the whole is shown.
        self._top_strip = 0
        self._ghost = QPixmap()
        self._tiles = GraphTiles(self)
        self._tiles.refined.connect(self._on_refined)
        self._minimap = GraphMinimap(self)
        self._minimap.hide()
        self._minimap.moved.connect(self._on_minimap)

    @property
    def picture(self) -> GraphPicture | None:
        """What is painted, or None while there is no graph."""
        return self._picture

    @property
    def zoom(self) -> float:
        return self.transform().m11()

    def view_point(self, path: str) -> QPoint:
        """Where the middle of a visible box or frame is, in the viewport."""
        return self.mapFromScene(self._picture.rect(path).center()) if self._picture else QPoint()

    def fit(self) -> None:
        """Shows the whole graph, and goes on doing so when the view is resized."""
        self._is_fitting = True
        if self._picture is None:
            return
        self._arrive()
        self._place(self._fitting_zoom(), self._picture.bounds.center(), self._area().center())

    def _area(self) -> QRectF:
        """The part of the viewport that the whole graph is fitted into."""
        margin = theme().px(MARGIN)
        area = QRectF(self.viewport().rect()).adjusted(margin, max(margin, self._top_strip), -margin, -margin)
        return area if area.width() > 1 and area.height() > 1 else QRectF(self.viewport().rect())

    def _fitting_zoom(self) -> float:
        bounds, area = self._picture.bounds if self._picture else QRectF(), self._area()
        width, height = max(1.0, area.width()), max(1.0, area.height())
        return min(width / max(1.0, bounds.width()), height / max(1.0, bounds.height()), _LARGEST_FIT)

    def zoom_to(self, path: str) -> None:
        """Shows a box or frame large in the middle."""
        rect = self._picture.rect(path) if self._picture else QRectF()
        if rect.isEmpty():
            return
        self._arrive()
        self._is_fitting = False
        margin = 4 * theme().px(MARGIN)
        width = max(1, self.viewport().width() - margin)
        height = max(1, self.viewport().height() - margin)
        zoom = min(width / rect.width(), height / rect.height(), _LARGEST_CLOSE_UP)
        self._place(zoom, rect.center(), QPointF(self.viewport().rect().center()))

    # The picture and its place

    def _set_picture(self, picture: GraphPicture | None) -> None:
        self._picture = picture
        self._hovered = None
        if picture is not None:
            # Far more than the graph, so that the view can hold any point of it anywhere.
            room = 4000 + max(picture.bounds.width(), picture.bounds.height())
            self.setSceneRect(picture.bounds.adjusted(-room, -room, room, room))
        self._tiles.set_picture(picture)
        self._minimap.set_picture(picture)
        self._on_view_moved()
        self.viewport().update()

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
        self._arrive()
        self._is_fitting = False
        zoom = min(max(self.zoom * factor, min(_LEAST_ZOOM, self._fitting_zoom())), _MOST_ZOOM)
        point = (at + QPointF(self._scrolled())) / self.zoom
        self._place(zoom, point, at)

    def _pan(self, by: QPointF) -> None:
        """Moves the view, but never so far that the graph is out of sight."""
        if self._picture is None:
            return
        self._arrive()
        self._is_fitting = False
        bounds = self.mapFromScene(self._picture.bounds).boundingRect()
        keep = theme().px(2 * MARGIN)
        view = self.viewport().rect()
        x = min(max(by.x(), bounds.left() - view.width() + keep), bounds.right() - keep)
        y = min(max(by.y(), bounds.top() - view.height() + keep), bounds.bottom() - keep)
        self._scroll(QPointF(x, y))

    def _reveal(self, rect: QRectF) -> None:
        """Moves the view as little as shows a rectangle of the graph; while the whole fits, nothing is out of sight."""
        if rect.isEmpty() or self._is_fitting:
            return
        margin = theme().px(MARGIN)
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
        self._arrive()
        self._is_fitting = False
        self._place(self.zoom, point, QPointF(self.viewport().rect().center()))

    # Motion

    def _whole_around(self, point: QPointF, at: QPointF) -> tuple[float, QPointF]:
        """The zoom that shows the whole graph while `point` stays at `at`, or fits it where that would be tiny."""
        fitting = self._fitting_zoom()
        area = self._area().adjusted(-1, -1, 1, 1)
        bounds = self._picture.bounds if self._picture else QRectF()
        room = [
            (at.x() - area.left(), point.x() - bounds.left()),
            (area.right() - at.x(), bounds.right() - point.x()),
            (at.y() - area.top(), point.y() - bounds.top()),
            (area.bottom() - at.y(), bounds.bottom() - point.y()),
        ]
        zoom = min([_LARGEST_FIT, *(space / needed for space, needed in room if needed > 0)])
        if zoom >= _LEAST_SHARE * min(fitting, self.zoom):
            return zoom, at
        return fitting, self._area().center() + (point - bounds.center()) * fitting

    def _fold_time(self) -> int:
        """Milliseconds that folding takes; 0 where the system wants no motion."""
        wanted = self.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, self)
        return min(_FOLD_MILLISECONDS, wanted) if self.isVisible() else 0

    def _travel(self, layout: Layout | None, journey: Journey) -> None:
        """Moves from an old layout, in the coordinates of the new one, to the picture's own; or only the view."""
        self._journey = journey
        duration = self._fold_time()
        if duration <= 0:
            self._arrive()
            return
        self._place(journey.zooms[0], journey.point, journey.places[0])
        self._old_layout = layout
        self._share = 0.0 if layout else 1.0
        self._animation.setDuration(duration)
        self._animation.start()

    def _on_animated(self, value: float) -> None:
        # Fast at first, then slow: the eye follows where things come from.
        share = 1 - (1 - value) ** 3
        self._share = share if self._old_layout else 1.0
        if self._journey:
            (first, last), (start, end) = self._journey.zooms, self._journey.places
            self._place(first * (last / first) ** share, self._journey.point, start + (end - start) * share)
        self.viewport().update()

    def _arrive(self) -> None:
        """Ends all motion where it was going."""
        self._animation.stop()
        self._old_layout = None
        self._share = 1.0
        if self._journey:
            journey, self._journey = self._journey, None
            self._place(journey.zooms[1], journey.point, journey.places[1])
        self.viewport().update()

    def _on_refined(self) -> None:
        if self._tiles.is_complete or self._tiles.has_overview:
            self._ghost = QPixmap()
        self.viewport().update()

    # Events

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(turned.x()) > abs(turned.y()):
            self._pan(QPointF(-(turned.x() or turned.y()) / 2, 0))
        else:
            self._zoom_by(_WHEEL_BASE ** turned.y(), event.position())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom_by(1 + event.value(), event.position())
            return True
        if event.type() is QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                at = self.viewport().mapFromGlobal(pinch.hotSpot())
                self._zoom_by(pinch.scaleFactor(), at)
                return True
        return super().viewportEvent(event)

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
        self._arrive()
        self._tiles.rest()


def _needed(low: int, high: int, least: int, most: int) -> int:
    """How far to move so that low … high lies in least … most, or its beginning where it is longer."""
    if low < least or high - low > most - least:
        return low - least
    return max(0, high - most)
