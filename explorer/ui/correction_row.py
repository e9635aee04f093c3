"""Next to the answer: what the drawing was meant as, by one click or one key; it is kept in the personal set."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from explorer.data.personal import CLASSES
from explorer.ui.flow_row import FlowRow
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.ui.personal_store import PersonalStore
    from explorer.ui.prediction_bars import PredictionBars
    from explorer.ui.prediction_service import Answer
    from explorer.ui.sketch_pad import SketchPad

_NO_KEYS = {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}


class CorrectionRow(QWidget):
    """A row "It was: 0 1 2 ... 9": keeps what is on the pad with that digit.

    The digit's key does the same beside the pad. Shown where the answer is a digit. What was kept last
    can be taken back at once.
    """

    def __init__(self, pad: SketchPad, bars: PredictionBars, store: PersonalStore, parent: QWidget) -> None:
        """`parent` is the panel whose digit keys are taken."""
        super().__init__(parent)
        self.setObjectName("correction_row")
        self._pad, self._bars, self._store = pad, bars, store
        self._kept = ""  # name of the drawing that was kept last
        # Ten digits stand in one line of the narrowest panel.
        self._row = FlowRow(self, gap=3)
        self._says = QLabel("It was:")
        self._says.setTextFormat(Qt.TextFormat.PlainText)
        self._says.setProperty("role", "secondary")
        self._row.add(self._says)
        self.buttons: list[QPushButton] = []
        for label in CLASSES:
            button = QPushButton(label)
            button.setObjectName(f"it_was_{label}")
            button.setAccessibleName(f"It was a {label}")
            button.setToolTip(f"Keep this drawing as a {label} in your personal set (key {label})")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            button.clicked.connect(partial(self.keep, int(label)))
            self.buttons.append(button)
            self._row.add(button)
        self._note = QPushButton()
        self._note.setObjectName("correction_undo")
        self._note.setFlat(True)
        self._note.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._note.setAccessibleName("Take back what was kept last")
        self._note.setToolTip("Take the drawing out of your personal set again")
        self._note.clicked.connect(self.take_back)
        self._note.hide()
        self._row.add(self._note)
        self.setSizePolicy(self._row.sizePolicy())
        store.kept.connect(self._on_kept)
        store.changed.connect(self._on_changed)
        pad.sketch_changed.connect(self._on_sketch)
        bars.class_meant.connect(self._on_meant)
        parent.installEventFilter(self)
        theme().changed.connect(self._on_theme)
        self._on_theme()
        for button in self.buttons:
            button.setEnabled(False)

    def show_answer(self, answer: Answer) -> None:
        """Offers corrections where a digit was answered; a blank sheet keeps the row, so that nothing moves."""
        prediction = answer.prediction
        is_digit = prediction is not None and tuple(prediction.labels) == CLASSES
        if prediction is not None or answer.mask is not None:
            self.setVisible(is_digit)
        self._offer(is_offered=is_digit)

    def keep(self, label: int, _checked: bool = False) -> None:
        """Keeps what is on the pad as that digit."""
        if not self._pad.is_blank:
            self._store.keep(self._pad.source, label)

    def take_back(self) -> None:
        if self._kept:
            self._store.delete([self._kept])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # What the pad does not want of a key comes to its panel; ahead of what the panel does with it.
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._bars.is_correctable:
            text = event.text()
            if text and text in CLASSES and event.modifiers() in _NO_KEYS and not event.isAutoRepeat():
                self.keep(int(text))
                return True
        return super().eventFilter(watched, event)

    def heightForWidth(self, width: int) -> int:
        return self._row.heightForWidth(width)

    def hasHeightForWidth(self) -> bool:
        return True

    def sizeHint(self) -> QSize:
        return self._row.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self._row.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._row.setGeometry(self.rect())

    def _offer(self, *, is_offered: bool) -> None:
        if self._bars.is_correctable is not is_offered:
            self._bars.is_correctable = is_offered
            for button in self.buttons:
                button.setEnabled(is_offered)

    def _on_meant(self, label: str) -> None:
        if label in CLASSES:
            self.keep(int(label))

    def _on_kept(self, name: str, label: int) -> None:
        self._kept = name
        self._note.setText(f"Kept as a {label} · Undo")
        self._note.show()
        self._fit()

    def _on_changed(self) -> None:
        if self._kept and self._kept not in self._store.names:
            self._forget()

    def _on_sketch(self, _source: object) -> None:
        if self._kept:
            self._forget()

    def _forget(self) -> None:
        self._kept = ""
        self._note.hide()
        self._fit()

    def _fit(self) -> None:
        self.updateGeometry()
        self._row.setGeometry(self.rect())

    def _on_theme(self) -> None:
        px = theme().px
        self._says.setFont(theme().font(secondary=True))
        self.setStyleSheet(f"QPushButton {{ padding: {px(2)}px {px(4)}px; }}")
        self._fit()
