"""What lies over the graph while the next network is being read: what is being done, how far it is, and Cancel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, SignalInstance
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.progress_bar import ProgressBar
from explorer.ui.theme import theme

# Most networks are there sooner; a note that flickers past only disturbs.
_PATIENCE_MS = 250
_WIDTH = 420


class ReadingNote(QFrame):
    """A card at the top of `over`; it comes when reading takes longer than a blink. `follow` says whose.

    Where it would cover `beside`, a child of `over` along the top, it lies below that.
    """

    def __init__(self, over: QWidget, beside: QWidget | None = None) -> None:
        super().__init__(over)
        self.setObjectName("reading_note")
        self.setAccessibleName("Network being read")
        self.setAutoFillBackground(True)
        self._over = over
        self._beside = beside
        self._cancels: list[Callable[[], None]] = []
        self._sentence = ""
        self._under_way: dict[int, tuple[str, float | None]] = {}  # by who reads: words, share
        self.words = QLabel()
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setAccessibleName("What is being read")
        self.bar = ProgressBar("Progress of reading")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setObjectName("reading_cancel")
        self.cancel_button.clicked.connect(self._cancel)
        self._column = QVBoxLayout()
        self._column.addWidget(self.words)
        self._column.addWidget(self.bar)
        self._row = QHBoxLayout(self)
        self._row.addLayout(self._column, 1)
        self._row.addWidget(self.cancel_button)
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(_PATIENCE_MS)
        self._waiting.timeout.connect(self._appear)
        self.hide()
        over.installEventFilter(self)
        theme().changed.connect(self._restyle)
        self._restyle()

    def shutdown(self) -> None:
        """Appears no more: the window goes."""
        self._waiting.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def follow(self, changed: SignalInstance, cancel: Callable[[], None]) -> None:
        """Tells of work that `changed` tells of (words and share, "" at the end) and that `cancel` ends."""
        number = len(self._cancels)
        self._cancels.append(cancel)
        changed.connect(lambda text, share: self._on_reading(number, text, share))

    def say(self, sentence: str) -> None:
        """Shows a sentence until it is dismissed or something else is read."""
        self._sentence = sentence
        if not self._under_way:
            self._appear()

    @property
    def text(self) -> str:
        """What is being read or was said, "" for nothing."""
        return next(reversed(self._under_way.values()))[0] if self._under_way else self._sentence

    def _on_reading(self, number: int, text: str, share: float | None) -> None:
        if text:
            self._sentence = ""
            self._under_way[number] = (text, share)
        else:
            self._under_way.pop(number, None)
        if not self._under_way:
            self._waiting.stop()
            if not self._sentence:
                self.hide()
        elif self.isVisible():
            self._say()
        elif not self._waiting.isActive():
            self._waiting.start()

    def _cancel(self) -> None:
        if self._under_way:
            self._cancels[next(reversed(self._under_way))]()
        else:
            self._sentence = ""
            self.hide()

    def _appear(self) -> None:
        if self.text:
            self._say()
            self._place()
            self.show()
            self.raise_()

    def _place(self) -> None:
        look = theme()
        margin = look.px(12)
        width = max(min(look.px(_WIDTH), self._over.width() - 2 * margin), 1)
        # The style sheet's border lies within the frame and outside of the layout.
        border = self.width() - self.contentsRect().width()
        if self.words.wordWrap():
            height = self._row.heightForWidth(width - border) + border
        else:
            height = self.sizeHint().height()
        place = QRect((self._over.width() - width) // 2, margin, width, height)
        if self._beside is not None and self._beside.geometry().intersects(place):
            place.moveTop(self._beside.geometry().bottom() + margin)
        self.setGeometry(place)

    def _say(self) -> None:
        is_reading = bool(self._under_way)
        self.words.setWordWrap(not is_reading)
        self.bar.setVisible(is_reading)
        if is_reading:
            text, share = next(reversed(self._under_way.values()))
            room = max(self.words.width(), theme().px(40))
            self.words.setText(QFontMetrics(self.words.font()).elidedText(text, Qt.TextElideMode.ElideRight, room))
            self.bar.show_share(share)
        else:
            self.words.setText(self._sentence)
        self._button("Cancel" if is_reading else "Dismiss", "reading" if is_reading else "message")
        self.setAccessibleDescription(self.text)

    def _button(self, text: str, what: str) -> None:
        self.cancel_button.setText(text)
        self.cancel_button.setAccessibleName(f"{text} {what}")
        self.cancel_button.setToolTip("Read this network no further" if what == "reading" else "Take the message away")

    def _restyle(self) -> None:
        look = theme()
        colours = look.colours
        self.setStyleSheet(
            f"#reading_note {{ background: {colours.panel}; border: 1px solid {colours.line};"
            f" border-radius: {look.px(8)}px; }}"
        )
        self._row.setContentsMargins(look.px(12), look.px(8), look.px(12), look.px(8))
        self._row.setSpacing(look.px(12))
        self._column.setSpacing(look.px(6))
        if self.isVisible():
            self._place()
