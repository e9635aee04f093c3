"""A digit that is drawn by itself on the pad, until somebody takes the pen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication

from explorer.ui import motion
from explorer.ui.demo_strokes import Point, demo_sketch
from explorer.ui.keyboard_pen import is_for_pen
from explorer.ui.sketch_pad import SketchPad

# A point a tick: on a slow machine the hand is slow, rather than the line cornered.
_TICK_MS = 28
_PAUSE_TICKS = 9
_SIDE = 280
_PRESSES = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.TabletPress, QEvent.Type.TouchBegin})
_MODIFIERS = frozenset(
    {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_Tab, Qt.Key.Key_Backtab}
)


class DemoDrawing(QObject):
    """Draws as a hand would, by mouse events, so that everything that follows the pen follows it.

    The first touch hands the pen over: a press on the pad finds a fresh sheet; a key, or whatever else changes the
    drawing, finds the sheet as it is. Where the system wants no motion, the digit is there at once.
    """

    handed_over = Signal()

    def __init__(self, pad: SketchPad, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pad = pad
        self._is_sending = False
        self._is_held = False  # the pen is down
        self._at: Point = (0.0, 0.0)
        self._strokes: list[list[Point]] = []
        self._pause = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.is_on_show = False
        pad.installEventFilter(self)
        pad.sketch_changed.connect(self._on_changed)
        pad.history_changed.connect(self._on_changed)
        pad.eraser_toggled.connect(self._on_changed)

    @property
    def is_drawing(self) -> bool:
        return self._timer.isActive()

    def begin(self) -> None:
        """Draws on a fresh sheet; what was on the sheet comes back by undo."""
        self.stop()
        self._is_sending = True
        self._pad.set_eraser(False)
        self._pad.clear()
        if not motion.is_wanted(self._pad):
            self._pad.show_sketch(demo_sketch())
        self._is_sending = False
        self.is_on_show = True
        if motion.is_wanted(self._pad):
            self._strokes = [list(stroke.points) for stroke in demo_sketch().strokes]
            self._pause = 0
            self._timer.start()

    def stop(self) -> None:
        """Draws no further; the sheet stays as it is."""
        self._timer.stop()
        self._lift()
        self._strokes = []
        was_on_show, self.is_on_show = self.is_on_show, False
        if was_on_show:
            self.handed_over.emit()

    # Drawing

    def _tick(self) -> None:
        # A window that is minimised, or a panel behind another, waits.
        if not self._pad.isVisible():
            return
        if self._pause:
            self._pause -= 1
        elif not self._strokes:
            self._timer.stop()
        elif self._strokes[0]:
            self._at = self._strokes[0].pop(0)
            self._send(QEvent.Type.MouseMove if self._is_held else QEvent.Type.MouseButtonPress, self._at, down=True)
            self._is_held = True
        else:
            self._lift()
            self._strokes.pop(0)
            self._pause = _PAUSE_TICKS

    def _lift(self) -> None:
        if self._is_held:
            self._send(QEvent.Type.MouseButtonRelease, self._at, down=False)
            self._is_held = False

    def _send(self, kind: QEvent.Type, point: Point, *, down: bool) -> None:
        pad = self._pad
        side = min(pad.width(), pad.height())
        left, top = (pad.width() - side) // 2, (pad.height() - side) // 2
        place = QPointF(left + point[0] * side / _SIDE, top + point[1] * side / _SIDE)
        button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
        held = Qt.MouseButton.LeftButton if down else Qt.MouseButton.NoButton
        where = QPointF(pad.mapToGlobal(place.toPoint()))
        event = QMouseEvent(kind, place, where, button, held, Qt.KeyboardModifier.NoModifier)
        self._is_sending = True
        QApplication.sendEvent(pad, event)
        self._is_sending = False

    # Handing over

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._pad and self.is_on_show and not self._is_sending:
            if event.type() in _PRESSES:
                self._hand_over()
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                self._on_key(event)
        return super().eventFilter(watched, event)

    def _hand_over(self) -> None:
        self.stop()
        if not self._pad.eraser:
            self._pad.clear()

    def _on_key(self, event: QKeyEvent) -> None:
        if is_for_pen(event):
            self._hand_over()
        elif event.key() not in _MODIFIERS:
            self.stop()

    def _on_changed(self) -> None:
        if self.is_on_show and not self._is_sending:
            self.stop()
