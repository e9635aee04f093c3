"""Mouse and keys on the graph: what is under the cursor, clicks, drags, walking."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.training.events import LayerFigures
from explorer.ui.graph_canvas import GraphCanvas
from explorer.ui.graph_picture import Hit, Part
from explorer.ui.graph_tips import tip_lines
from explorer.ui.graph_walk import Step, walked
from explorer.ui.plain_text import tooltip
from explorer.ui.session import Session

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
_OTHER_USES = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class GraphHand(GraphCanvas):
    """Turns what mouse and keyboard do into selections of the session and into wishes to fold."""

    toggle_wanted = Signal(str)  # the path of a block to fold or unfold

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self._session = session
        # What training measured on the network on screen, by the layers' paths: asked for when it is told.
        self.measured: Callable[[], Mapping[str, LayerFigures]] = dict
        self._came_by_keyboard = False
        self._pressed_at: QPoint | None = None
        self._dragged_from: QPoint | None = None

    @property
    def session(self) -> Session:
        return self._session

    @property
    def is_pressed(self) -> bool:
        """Whether a mouse button is down."""
        return self._pressed_at is not None

    @property
    def shows_focus(self) -> bool:
        """Whether the focus is here and came by keyboard; who came by mouse knows where they are."""
        return self._came_by_keyboard and self.hasFocus()

    def tip(self, path: str) -> list[str]:
        """What a tooltip and a screen reader say about a path, with the newest that training measured there."""
        if self._picture is None:
            return []
        return tip_lines(self._picture.graph, self._picture.folded, path, self.measured())

    # Mouse

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
            self.toggle_wanted.emit(hit.path)
        event.accept()

    def _click(self, hit: Hit | None) -> None:
        self._session.select(hit.path if hit else "")
        if hit and hit.part is Part.TOGGLE:
            self.toggle_wanted.emit(hit.path)

    def _hit(self, position: QPointF) -> Hit | None:
        # While a network is read, the picture is still the one before.
        if self._picture is None or self._session.graph is not self._picture.graph:
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
            lines = self.tip(hit.path) if hit else []
            QToolTip.showText(event.globalPos(), tooltip("\n".join(lines)), self.viewport())
            return True
        return super().viewportEvent(event)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self._picture is not None and key in _STEPS and not event.modifiers() & _OTHER_USES:
            self._session.select(walked(self._picture, self._session.selection, _STEPS[key]))
        elif self._picture is not None and key in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.toggle_wanted.emit(self._picture.folded.where(self._session.selection))
        else:
            event.ignore()
            return
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._came_by_keyboard = event.reason() in _BY_KEYBOARD
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
