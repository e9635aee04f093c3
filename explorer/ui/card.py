"""A small card that lies over the window beside what it speaks of, and the thin outline around that."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from explorer.ui.theme import theme

_WIDTH = 320
# What fills more of the window than this has no room beside it: the card lies on it, in a corner.
_LARGE = 0.22


class Outline(QWidget):
    """A frame of the accent colour that lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme().changed.connect(self.update)
        self.hide()

    def surround(self, rect: QRect) -> None:
        """Goes around a rectangle of the parent."""
        width = theme().px(2)
        parent = self.parentWidget()
        room = parent.rect() if parent else rect
        self.setGeometry(rect.adjusted(-width, -width, width, width) & room)
        inner = self.rect().adjusted(4 * width, 4 * width, -4 * width, -4 * width)
        # Nothing but the frame is painted over what is below it, which may be painted often.
        self.setMask(QRegion(self.rect()) - QRegion(inner))
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # little is painted: all of it
        width = theme().px(2)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("accent"), width))
        frame = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.drawRoundedRect(frame, theme().px(6), theme().px(6))


class Card(QFrame):
    """A card over a window; `point_at` says beside which widget, and it stays there when things move.

    `shutdown` lets it move no more: the window goes.
    """

    def __init__(self, window: QWidget, name: str) -> None:
        super().__init__(window)
        self.setObjectName(name)
        self.setAutoFillBackground(True)
        # The keyboard stays within the card until Tab leaves it at an end.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._window = window
        self._target: QWidget | None = None
        self._outlines = True
        self._watched: list[QWidget] = []
        self.outline = Outline(window)
        self._placing = QTimer(self)
        self._placing.setSingleShot(True)
        self._placing.timeout.connect(self.place)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def point_at(self, target: QWidget, *, outlined: bool = True) -> None:
        """Lies beside a widget of the window, with an outline around it."""
        self._forget()
        self._target, self._outlines = target, outlined
        self._scroll_to(target)
        parent: QWidget | None = target
        while parent is not None:
            parent.installEventFilter(self)
            self._watched.append(parent)
            parent = None if parent is self._window else parent.parentWidget()
        self.place()
        self.show()
        self._place_soon()

    def dismiss(self) -> None:
        """Goes, with its outline."""
        focus = self._window.focusWidget()
        had_focus = focus is not None and self.isAncestorOf(focus)
        self._forget()
        self._placing.stop()
        self.hide()
        self.outline.hide()
        if had_focus:
            self._window.setFocus()

    def shutdown(self) -> None:
        self._forget()
        self._placing.stop()

    def place(self) -> None:
        """Takes its place beside the target, as that is now."""
        target = self._target
        if target is None:
            return
        self.setFixedWidth(theme().px(_WIDTH))
        layout = self.layout()
        border = self.width() - self.contentsRect().width()
        height = layout.heightForWidth(self.width() - border) + border if layout else self.sizeHint().height()
        self.resize(self.width(), max(height, theme().px(60)))
        around = place_in(self._window, target)
        room = self._room()
        place = beside(self.size(), around, room, theme().px(10)) if around else corner(self.size(), room, room)
        self.move(place)
        if around is None or not self._outlines:
            self.outline.hide()
        else:
            self.outline.surround(around)
        self.raise_()

    def _room(self) -> QRect:
        margin = theme().px(8)
        return self._window.rect().adjusted(margin, margin, -margin, -margin)

    def _scroll_to(self, target: QWidget) -> None:
        parent = target.parentWidget()
        while parent is not None and parent is not self._window:
            if isinstance(parent, QScrollArea):
                parent.ensureWidgetVisible(target)
            parent = parent.parentWidget()

    def _forget(self) -> None:
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched = []
        self._target = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide}:
            self._place_soon()
        return super().eventFilter(watched, event)

    def _place_soon(self) -> None:
        if self._target is not None and not self._placing.isActive():
            self._placing.start(0)

    def _restyle(self) -> None:
        look, colours = theme(), theme().colours
        self.setStyleSheet(
            f"#{self.objectName()} {{ background: {colours.panel}; border: 1px solid {colours.edge};"
            f" border-radius: {look.px(8)}px; }}"
        )
        self._place_soon()


def place_in(window: QWidget, target: QWidget) -> QRect | None:
    """What is to be seen of a widget, in the coordinates of its window; None for nothing."""
    if not target.isVisible() or target.window() is not window:
        return None
    shown = QRect(target.mapTo(window, QPoint(0, 0)), target.size()) & window.rect()
    parent = target.parentWidget() if target is not window else None
    while parent is not None and parent is not window:
        shown &= QRect(parent.mapTo(window, QPoint(0, 0)), parent.size())
        parent = parent.parentWidget()
    return None if shown.isEmpty() else shown


def beside(size: QSize, target: QRect, room: QRect, gap: int) -> QPoint:
    """Where a card of a size goes: at a side of the target where it fits in the room, else in a corner on it."""
    is_large = target.width() * target.height() > _LARGE * room.width() * room.height()
    if not is_large:
        level = min(max(target.top(), room.top()), room.bottom() - size.height())
        across = min(max(target.left(), room.left()), room.right() - size.width())
        for place in (
            QPoint(target.left() - gap - size.width(), level),
            QPoint(target.right() + gap, level),
            QPoint(across, target.top() - gap - size.height()),
            QPoint(across, target.bottom() + gap),
        ):
            if room.contains(QRect(place, size)):
                return place
    return corner(size, target, room)


def corner(size: QSize, target: QRect, room: QRect) -> QPoint:
    """The lower right corner of the target, within the room: a graph begins at its upper left."""
    inset = theme().px(16)
    left = max(min(target.right() - inset, room.right()) - size.width(), room.left())
    top = min(max(target.bottom() - inset - size.height(), room.top()), room.bottom() - size.height())
    return QPoint(left, top)
