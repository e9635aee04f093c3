"""The steps from an input to what the network sees, each with its picture and a switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from explorer.ui.input_asking import AnsweringWeights, Asking, is_blank
from explorer.ui.pixels import image_from_pixels
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.data.steps import Off, Step

_INVITES = "Draw a digit or open an image: each step from it to what the network sees stands here."


class StepPicture(QWidget):
    """One picture in a rounded square, its pixels as they are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._image = QImage()
        theme().changed.connect(self._on_theme)

    def show_pixels(self, pixels: np.ndarray) -> None:
        self._image = image_from_pixels(pixels)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(56), theme().px(56))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        square = QRectF(self.rect())
        outline = QPainterPath()
        outline.addRoundedRect(square, theme().px(4), theme().px(4))
        painter.setClipPath(outline)
        painter.fillRect(square, theme().colour("grid"))
        if not self._image.isNull():
            scale = square.width() / max(self._image.width(), self._image.height())
            width, height = self._image.width() * scale, self._image.height() * scale
            # Pixels of a small picture stay squares; a large one is averaged.
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
            target = QRectF((square.width() - width) / 2, (square.height() - height) / 2, width, height)
            painter.drawImage(target, self._image)
        painter.end()

    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()


class StepRow(QWidget):
    """One step: picture, name or switch, and what it did; `switched` carries the key and whether it is on."""

    switched = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = ""
        self.picture = StepPicture(self)
        self._box = QCheckBox(self)
        self._box.clicked.connect(self._on_clicked)
        self._name = QLabel(self)
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._text = QLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setProperty("role", "secondary")
        self._text.setWordWrap(True)
        self._words = QVBoxLayout()
        for widget in (self._box, self._name, self._text):
            self._words.addWidget(widget)
        self._words.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(self._words, 1)
        theme().changed.connect(self._measure)
        self._measure()

    def show_step(self, step: Step) -> None:
        self.picture.show_pixels(step.picture)
        self.picture.setAccessibleName(f"{step.name}: picture")
        if step.key != self._key:
            self._key = step.key
            self.setObjectName(f"step_{step.key}")
            self._box.setObjectName(f"step_{step.key}_switch")
            self._box.setText(step.name)
            self._box.setAccessibleName(step.name)
            self._box.setToolTip(f"Take the step “{step.name}”, or leave it out and watch the answer")
            self._name.setText(step.name)
        self._box.setVisible(step.can_be_off)
        self._name.setVisible(not step.can_be_off)
        self._box.setChecked(step.is_on)
        if self._text.text() != step.explanation:
            self._text.setText(step.explanation)

    def _on_clicked(self, is_on: bool) -> None:
        self.switched.emit(self._key, is_on)

    def _measure(self) -> None:
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme().px(10))
        self._words.setSpacing(theme().px(2))


class SeenSteps(QWidget):
    """The steps of the present input, one below the other; `off_changed` carries the keys of those left out.

    Call `shutdown` before the window goes.
    """

    off_changed = Signal(object)  # frozenset of str

    def __init__(self, weights: AnsweringWeights, off: Off = frozenset(), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weights = weights
        self._off = off
        self._asking = Asking("steps", self)
        self.shutdown = self._asking.shutdown
        self.steps: tuple[Step, ...] = ()
        self._rows: list[StepRow] = []
        self._note = QLabel(_INVITES, self)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setProperty("role", "secondary")
        self._note.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._note)
        theme().changed.connect(self._measure)
        self._measure()

    def show_source(self, source: object) -> None:
        """Shows the steps of an input, `Adjusted` or as it is."""
        if is_blank(source):
            self._asking.forget()
            self._take(())
            return
        predictor = self._weights.of(source)

        def work() -> tuple[Step, ...]:
            from explorer.data.steps import steps  # noqa: PLC0415 - Pillow is imported in the thread

            return steps(source, predictor().step_settings)  # type: ignore[arg-type]

        self._asking.ask(work, self._take, self._fail)

    def set_off(self, off: Off) -> None:
        """The steps that are left out, as the panel has them."""
        self._off = off

    def _take(self, made: tuple[Step, ...]) -> None:
        self.steps = made
        while len(self._rows) < len(made):
            row = StepRow(self)
            row.switched.connect(self._on_switched)
            self._column.addWidget(row)
            self._rows.append(row)
        for row, step in zip(self._rows, made, strict=False):
            row.show_step(step)
        for number, row in enumerate(self._rows):
            row.setVisible(number < len(made))
        self._note.setText(_INVITES)
        self._note.setVisible(not made)

    def _fail(self, sentence: str) -> None:
        self._take(())
        self._note.setText(sentence)

    def _on_switched(self, key: str, is_on: bool) -> None:
        self._off = self._off - {key} if is_on else self._off | {key}
        self.off_changed.emit(self._off)

    def _measure(self) -> None:
        self._column.setContentsMargins(0, 0, 0, theme().px(4))
        self._column.setSpacing(theme().px(10))
