"""Where a file that is being dragged would be dropped: an outline, and a word of what would happen."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QWidget

from explorer.ui.card import Outline, place_in
from explorer.ui.theme import theme


class DropHighlight(QObject):
    """Watches the targets (widget and what a drop on it does) of a window."""

    def __init__(self, window: QWidget, targets: Mapping[QWidget, str]) -> None:
        super().__init__(window)
        self._window = window
        self._targets = dict(targets)
        self._outline = Outline(window)
        self.label = QLabel(window)
        self.label.setObjectName("drop_label")
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.setAccessibleName("What a drop here does")
        self.label.hide()
        theme().changed.connect(self._restyle)
        self._restyle()
        for target in self._targets:
            target.installEventFilter(self)

    @property
    def is_shown(self) -> bool:
        return not self.label.isHidden()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.DragEnter and isinstance(event, QDropEvent) and isinstance(watched, QWidget):
            mime = event.mimeData()
            if mime.hasImage() or any(url.isLocalFile() for url in mime.urls()):
                self._show(watched)
        elif kind in {QEvent.Type.DragLeave, QEvent.Type.Drop}:
            self.hide()
        return super().eventFilter(watched, event)

    def hide(self) -> None:
        self._outline.hide()
        self.label.hide()

    def _show(self, target: QWidget) -> None:
        window = self._window
        around = place_in(window, target)
        if around is None:
            return
        inset = theme().px(2)
        self._outline.surround(around.adjusted(inset, inset, -inset, -inset))
        self.label.setText(self._targets[target])
        self.label.adjustSize()
        corner = QPoint(around.center().x() - self.label.width() // 2, around.top() + theme().px(12))
        self.label.move(corner)
        self.label.show()
        self.label.raise_()

    def _restyle(self) -> None:
        look, colours = theme(), theme().colours
        self.label.setStyleSheet(
            f"#drop_label {{ background: {colours.accent}; color: {colours.on_accent};"
            f" border-radius: {look.px(6)}px; padding: {look.px(6)}px {look.px(12)}px; font-weight: 600; }}"
        )
