"""A pen for the pad that the keyboard moves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from explorer.ui.paper import PEN_WIDTH, SIDE
from explorer.ui.theme import LIGHT, theme

_KEYS = Qt.Key
_ARROWS = {
    _KEYS.Key_Left: (-1, 0),
    _KEYS.Key_Right: (1, 0),
    _KEYS.Key_Up: (0, -1),
    _KEYS.Key_Down: (0, 1),
}
# Of a number pad alone: elsewhere these keys turn pages, as a lecturer's remote control does.
_CORNERS = {
    _KEYS.Key_Home: (-1, -1),
    _KEYS.Key_PageUp: (1, -1),
    _KEYS.Key_End: (-1, 1),
    _KEYS.Key_PageDown: (1, 1),
}
_WAYS = {**_ARROWS, **_CORNERS}
_PEN = frozenset({*_ARROWS, _KEYS.Key_Space})
# Of the 280 units of the sheet: a pixel of what a network of 28 x 28 sees, and a fifth of one.
_STEP, _FINE = 10, 2
_START = (SIDE / 2, SIDE / 4)


def is_for_pen(event: QKeyEvent) -> bool:
    """Whether a key moves the pen, puts it down or lifts it."""
    held = event.modifiers()
    if held & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
        return False
    if event.key() in _CORNERS:
        return bool(held & Qt.KeyboardModifier.KeypadModifier)
    return event.key() in _PEN


class KeyboardPen(QWidget):
    """Lies over a pad while it has the keyboard: arrows move the pen, with Shift finely; Space puts it down and lifts.

    The corners of a number pad go aslant. It presses, moves and lets go as a mouse does, so that strokes, eraser
    and undo are the pad's.
    """

    def __init__(self, pad: QWidget) -> None:
        super().__init__(pad)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setAccessibleName("Pen of the keyboard")
        self._pad = pad
        self._is_sending = False
        self.place = _START
        self.is_down = False
        pad.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._pad or self._is_sending:
            return False
        kind = event.type()
        if isinstance(event, QKeyEvent) and kind in {QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride}:
            if not is_for_pen(event):
                return False
            if kind == QEvent.Type.KeyPress:
                self._take(event)
            event.accept()
            return True
        if kind == QEvent.Type.Resize:
            self.setGeometry(self._pad.rect())
        elif kind in {QEvent.Type.MouseButtonPress, QEvent.Type.FocusOut, QEvent.Type.Hide}:
            self.lift()
            self.hide()
        return False

    def lift(self) -> None:
        """Ends the stroke."""
        if self.is_down:
            self.is_down = False
            self._send(QEvent.Type.MouseButtonRelease, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton)
            self.update()

    def _take(self, event: QKeyEvent) -> None:
        self.setGeometry(self._pad.rect())
        self.show()
        self.raise_()
        if event.key() == _KEYS.Key_Space:
            if not event.isAutoRepeat():
                self._turn()
            return
        step = _FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        across, down = _WAYS[_KEYS(event.key())]
        # The pen stays on the paper, so that it is never lost.
        edge = PEN_WIDTH / 2
        x, y = (
            min(max(at + way * step, edge), SIDE - edge) for at, way in zip(self.place, (across, down), strict=True)
        )
        self.place = (x, y)
        if self.is_down:
            self._send(QEvent.Type.MouseMove, Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton)
        self.update()

    def _turn(self) -> None:
        if self.is_down:
            self.lift()
            return
        self.is_down = True
        self._send(QEvent.Type.MouseButtonPress, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton)
        self.update()

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
        at = self._on_widget()
        where = QPointF(self._pad.mapToGlobal(at.toPoint()))
        self._is_sending = True
        QApplication.sendEvent(self._pad, QMouseEvent(kind, at, where, button, held, Qt.KeyboardModifier.NoModifier))
        self._is_sending = False

    def _on_widget(self) -> QPointF:
        side = min(self._pad.width(), self._pad.height())
        left, top = (self._pad.width() - side) / 2, (self._pad.height() - side) / 2
        return QPointF(left + self.place[0] * side / SIDE, top + self.place[1] * side / SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # a ring: all of it is painted
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = PEN_WIDTH / 2 * min(self.width(), self.height()) / SIDE + theme().px(2)
        # The paper is light in both themes.
        accent = QColor(LIGHT.accent)
        painter.setPen(QPen(accent, theme().px(2)))
        painter.setBrush(accent if self.is_down else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self._on_widget(), radius, radius)
        painter.end()
