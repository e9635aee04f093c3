"""The pad: a sheet of paper for one digit, kept as strokes and never as a screenshot."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHideEvent,
    QImage,
    QInputDevice,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.data.sketch import Sketch, Stroke
from explorer.ui.drawing_history import Drawing, DrawingHistory
from explorer.ui.eraser import Point, erase
from explorer.ui.paper import PEN_WIDTH, SIDE, Paper, on_paper, outline, part_on_paper, pen_width
from explorer.ui.pixels import image_from_pixels
from explorer.ui.theme import LIGHT, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

ERASER_RADIUS = 14.0
# Points closer than this add nothing that the 28x28 could show.
_CLOSEST = 0.5
_JOIN_MOVES = Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents
# The paper is light in both themes, and so is what is written on it.
_ON_PAPER = QColor(LIGHT.secondary)


class SketchPad(QWidget):
    """A square to draw one digit in, with mouse, tablet pen or finger.

    Strokes are kept in a space of 280 x 280 with y down. A drawing is strokes or one picture: drawing on a picture
    replaces it. The eraser cuts the strokes that it passes over; the eraser end of a tablet pen does the same. Every
    press, erasing, clearing and opening can be undone.

    `sketch_changed` carries `source`, a frozen `Sketch` or a read-only picture: on every move of the pen and whenever
    something else changes the drawing. `history_changed` tells that `can_undo`, `can_redo` or `is_blank` may have
    changed.
    """

    sketch_changed = Signal(object)  # Sketch, or a picture as as_digit takes it
    history_changed = Signal()
    eraser_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sketch_pad")
        self.setAccessibleName("Sketch pad")
        self.setAccessibleDescription(
            "Draw a digit with mouse, pen or finger; with the keyboard, arrows move the pen and Space puts it down and "
            "lifts it. Or open or paste a picture of a digit"
        )
        self.setToolTip(
            "Draw a digit. Undo: Ctrl+Z, redo: Ctrl+Shift+Z, clear: Delete or Esc, eraser: E, paste a picture: Ctrl+V. "
            "With the keyboard: arrows move the pen, Space puts it down and lifts it"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._history = DrawingHistory()
        self._image = QImage()
        self._paper = Paper()
        self._points: list[Point] = []
        self._pressures: list[float] = []
        self._last: Point | None = None
        self._pressing = False
        self._erasing = False
        self._stepped = False
        self._joined = True
        self._eraser = False
        self._hover: Point | None = None
        self._finger: int | None = None
        self._focus_shown = False
        theme().changed.connect(self._repaint_sheet)

    # What is drawn

    @property
    def source(self) -> Sketch | NDArray[Any]:
        """The drawing as `as_digit` takes it."""
        return self._history.current.source

    @property
    def is_blank(self) -> bool:
        return self._history.current.is_blank

    @property
    def can_undo(self) -> bool:
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        return self._history.can_redo

    @property
    def eraser(self) -> bool:
        """Whether the pointer rubs out instead of drawing."""
        return self._eraser

    def set_eraser(self, on: bool) -> None:
        if on == self._eraser:
            return
        self._finish()
        self._eraser = on
        self._hover = None
        self.setMouseTracking(on)
        self.update()
        self.eraser_toggled.emit(on)

    def clear(self) -> None:
        """Takes a fresh sheet; undo brings the old one back."""
        self._finish()
        if not self.is_blank:
            self._history.step(Drawing())
            self._changed()

    def undo(self) -> None:
        self._finish()
        if self._history.undo():
            self._changed()

    def redo(self) -> None:
        self._finish()
        if self._history.redo():
            self._changed()

    def show_picture(self, picture: NDArray[Any]) -> None:
        """Puts a picture on the pad in place of the strokes; undo brings them back.

        Raises:
            ValueError: the array is not a picture as `as_digit` takes it.
        """
        image_from_pixels(picture)
        self._finish()
        frozen = picture.view()
        frozen.setflags(write=False)
        self._history.step(Drawing(picture=frozen))
        self._changed()

    def show_sketch(self, sketch: Sketch) -> None:
        """Puts strokes on the pad, in its space of 280 x 280; undo brings back what was there."""
        self._finish()
        self._history.step(Drawing(sketch.strokes))
        self._changed()

    def _changed(self) -> None:
        """Tells and repaints after anything but a growing stroke."""
        self.sketch_changed.emit(self.source)
        self.history_changed.emit()
        picture = self._history.current.picture
        self._image = QImage() if picture is None else image_from_pixels(picture)
        self._repaint_sheet()

    # Pen and eraser, in the pad's space

    def _press(self, place: Point, pressure: float | None, *, erasing: bool) -> None:
        self._finish()
        self._pressing, self._erasing, self._stepped, self._last = True, erasing, False, place
        self._joined = QCoreApplication.testAttribute(_JOIN_MOVES)
        # X11 and Windows join moves that come in fast; while the pen is down each of them is a point of the stroke.
        QCoreApplication.setAttribute(_JOIN_MOVES, False)
        if erasing:
            self._rub(place, place)
        elif on_paper(place):
            self._ink(place, pressure)

    def _move(self, place: Point, pressure: float | None) -> None:
        last = self._last
        if not self._pressing or last is None or math.dist(last, place) < _CLOSEST:
            return
        self._last = place
        if self._erasing:
            self._rub(last, place)
            return
        visible = part_on_paper(last, place)
        if visible is None:
            self._lift()
            return
        entry, leave = visible
        if not self._points:
            self._ink(entry, pressure)
        if leave != entry:
            self._ink(leave, pressure)
        if leave != place:
            self._lift()

    def _finish(self) -> None:
        if self._pressing:
            self._pressing = False
            self._last = None
            self._lift()
            QCoreApplication.setAttribute(_JOIN_MOVES, self._joined)

    def _lift(self) -> None:
        """Ends the stroke at the edge of the paper or with the pen; the next one may belong to the same step."""
        self._points.clear()
        self._pressures.clear()

    def _ink(self, place: Point, pressure: float | None) -> None:
        current = self._history.current
        new = not self._points
        before, width_before = (place, pressure) if new else (self._points[-1], self._last_pressure(pressure))
        self._points.append(place)
        if pressure is not None:
            self._pressures.append(pressure)
        stroke = Stroke(tuple(self._points), tuple(self._pressures) if pressure is not None else None)
        older = current.strokes if new else current.strokes[:-1]
        was_picture, drawing = current.picture is not None, Drawing((*older, stroke))
        if self._stepped:
            self._history.amend(drawing)
        else:
            self._history.step(drawing)
            self._stepped = True
            self.history_changed.emit()
        if was_picture:
            self._image = QImage()
            self._repaint_sheet()
        else:
            self._paint_segment(before, place, (pen_width(width_before) + pen_width(pressure)) / 2)
        # Asked for last: what answers would have this thread wait for the interpreter at each of its steps.
        self.sketch_changed.emit(Sketch(drawing.strokes))

    def _last_pressure(self, pressure: float | None) -> float | None:
        return self._pressures[-1] if self._pressures else pressure

    def _rub(self, start: Point, end: Point) -> None:
        current = self._history.current
        # Strokes are cut so that their round ends stop at the eraser's edge.
        strokes = erase(current.strokes, start, end, ERASER_RADIUS + PEN_WIDTH / 2)
        if strokes is current.strokes:
            return
        drawing = Drawing(strokes, current.picture)
        if self._stepped:
            self._history.amend(drawing)
        else:
            self._history.step(drawing)
            self._stepped = True
        self._changed()

    # Pointers

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press(self._place(event.position()), None, erasing=self._eraser)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self._place(event.position())
        self._hover_at(place)
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move(place, None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._move(self._place(event.position()), None)
            self._finish()

    def tabletEvent(self, event: QTabletEvent) -> None:
        place = self._place(event.position())
        with_pressure = event.pointingDevice().hasCapability(QInputDevice.Capability.Pressure)
        pressure = event.pressure() if with_pressure else None
        rubber = event.pointerType() == QPointingDevice.PointerType.Eraser
        kind = event.type()
        if kind == QEvent.Type.TabletPress and event.button() == Qt.MouseButton.LeftButton:
            self._press(place, pressure, erasing=self._eraser or rubber)
        elif kind == QEvent.Type.TabletMove:
            self._hover_at(place)
            self._move(place, pressure)
        elif kind == QEvent.Type.TabletRelease and event.button() == Qt.MouseButton.LeftButton:
            # A pen that leaves the paper presses with nothing, so its last place keeps the pressure before.
            self._move(place, self._last_pressure(pressure))
            self._finish()
        event.accept()

    def event(self, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QTouchEvent):
            self._touch(event)
            return True
        if kind == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._command(event) is not None:
            event.accept()
            return True
        if kind == QEvent.Type.Leave:
            self._hover_at(None)
        return super().event(event)

    def _touch(self, event: QTouchEvent) -> None:
        """The first finger draws; others, and a resting hand, are ignored."""
        points = event.points()
        kind = event.type()
        if kind == QEvent.Type.TouchBegin and not self._pressing:
            self._finger = points[0].id()
            self._press(self._place(points[0].position()), None, erasing=self._eraser)
        for point in points:
            if point.id() == self._finger:
                self._move(self._place(point.position()), None)
        if kind == QEvent.Type.TouchCancel and self._finger is not None and self._stepped:
            self.undo()
        if kind in {QEvent.Type.TouchEnd, QEvent.Type.TouchCancel}:
            self._finger = None
            self._finish()
        event.accept()

    def hideEvent(self, event: QHideEvent) -> None:
        self._finish()
        super().hideEvent(event)

    # Keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.handle_key(event):
            super().keyPressEvent(event)

    def handle_key(self, event: QKeyEvent) -> bool:
        """Does what a key means for the pad; False where it means nothing. The panel around it asks too."""
        command = self._command(event)
        if command is None:
            return False
        command()
        return True

    def _command(self, event: QKeyEvent) -> Any:
        if event.matches(QKeySequence.StandardKey.Undo):
            return self.undo
        if event.matches(QKeySequence.StandardKey.Redo) or (
            event.key() == Qt.Key.Key_Z
            and event.modifiers() == Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        ):
            return self.redo
        if event.modifiers() not in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}:
            return None
        if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Escape}:
            return self.clear
        if event.key() == Qt.Key.Key_E:
            return lambda: self.set_eraser(not self._eraser)
        return None

    def focusInEvent(self, event: QFocusEvent) -> None:
        reasons = Qt.FocusReason
        self._focus_shown = event.reason() in {
            reasons.TabFocusReason,
            reasons.BacktabFocusReason,
            reasons.ShortcutFocusReason,
        }
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus_shown = False
        self.update()
        super().focusOutEvent(event)

    # Geometry

    def sizeHint(self) -> QSize:
        return QSize(theme().px(132), theme().px(132))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(72), theme().px(72))

    def heightForWidth(self, width: int) -> int:
        return width

    def _square(self) -> QRect:
        side = min(self.width(), self.height())
        return QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side)

    def _place(self, position: QPointF) -> Point:
        square = self._square()
        scale = SIDE / max(1, square.width())
        return (position.x() - square.x()) * scale, (position.y() - square.y()) * scale

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        square = self._square()
        painter = QPainter(self)
        self._paper.paint(painter, square, event.rect(), self._history.current.strokes, self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.is_blank:
            painter.setPen(_ON_PAPER)
            painter.setFont(theme().font(secondary=True))
            painter.drawText(square, Qt.AlignmentFlag.AlignCenter, "Draw a digit")
        if self._eraser and self._hover is not None:
            painter.setPen(QPen(_ON_PAPER, theme().px(1)))
            scale = square.width() / SIDE
            centre = QPointF(square.x() + self._hover[0] * scale, square.y() + self._hover[1] * scale)
            painter.drawEllipse(centre, ERASER_RADIUS * scale, ERASER_RADIUS * scale)
        thick = theme().px(2) if self._focus_shown else theme().px(1)
        painter.setPen(QPen(theme().colour("accent" if self._focus_shown else "line"), thick))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline(QRectF(square), thick / 2))
        painter.end()

    def _paint_segment(self, start: Point, end: Point, width: float) -> None:
        """Adds one piece of ink to the sheet and repaints no more than it covers."""
        square = self._square()
        scale = square.width() / SIDE
        self._paper.add(start, end, width)
        if len(self._history.current.strokes) == 1 and len(self._points) == 1:
            self.update()  # the hint goes
            return
        ink = QRectF(QPointF(*start), QPointF(*end)).normalized().adjusted(-width, -width, width, width)
        dirty = QRectF(ink.x() * scale, ink.y() * scale, ink.width() * scale, ink.height() * scale)
        self.update(dirty.translated(square.topLeft()).toAlignedRect())

    def _repaint_sheet(self) -> None:
        self._paper.forget()
        self.update()

    def _hover_at(self, place: Point | None) -> None:
        if self._eraser and place != self._hover:
            self._hover = place
            self.update()
