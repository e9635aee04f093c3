"""The size of the input, as a field that one can change."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.structure.graph import Shape
from explorer.ui import numbers
from explorer.ui.explanations import explain_all
from explorer.ui.theme import theme

LARGEST_SIDE = 4096
_SIZE = re.compile(r"(\d+)(?:\s*(?:[x×*,]|\s)\s*(\d+))?")


def parse_size(text: str) -> tuple[int, int]:
    """Height and width from a text such as "64", "64x48" or "64 × 48".

    Raises:
        ValueError: it is none; the message says what would be.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"The input size is height × width in pixels, such as 64 × 64, not {text.strip()!r}")
    height = int(found[1][:9])
    width = height if found[2] is None else int(found[2][:9])
    for side in (height, width):
        if not 1 <= side <= LARGEST_SIDE:
            raise ValueError(f"Height and width are 1 to {LARGEST_SIDE:,} pixels, not {side:,}")
    return height, width


class InputSizeField(QWidget):
    """Height and width of the input; its channels are the network's and fixed.

    `chosen` carries (channels, height, width) once the text is finished, None for the network's own.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._own: Shape = ()
        self._shown: Shape = ()
        self.channels = QLabel()
        explain_all("fact", {"input": self.channels})
        self.channels.setTextFormat(Qt.TextFormat.PlainText)
        self.channels.setProperty("role", "secondary")
        self.line = QLineEdit()
        self.line.setObjectName("input_size")
        self.line.setAccessibleName("Input size, height × width")
        self.line.setToolTip("Height × width of the input in pixels; one number for a square (Enter)")
        self.line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.line.setMinimumWidth(theme().px(60))
        self.own_button = QPushButton("Own size")
        self.own_button.setProperty("quiet", True)
        self.own_button.setAccessibleName("Reset to the network's own input size")
        self.own_button.hide()
        self.error = QLabel()
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setProperty("role", "bad")
        self.error.setWordWrap(True)
        self.error.hide()
        self._row = QHBoxLayout()
        self._row.addWidget(self.channels)
        self._row.addWidget(self.line, 1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._row)
        self._column.addWidget(self.own_button, 0, Qt.AlignmentFlag.AlignRight)
        self._column.addWidget(self.error)
        self.line.editingFinished.connect(self._on_finished)
        self.line.textEdited.connect(self._on_edited)
        self.own_button.clicked.connect(self._on_own)
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_shape(self, own: Shape, chosen: Shape | None) -> None:
        """Shows the size on screen, given the network's own shape and the one chosen in its place."""
        self._own = own
        self._shown = own if chosen is None else chosen
        self.channels.setText(f"{self._shown[0]:,} ×")
        self.channels.setToolTip(numbers.plural(self._shown[0], "channel"))
        self.line.setText(numbers.shape(self._shown[1:]))
        self._say("")
        self.own_button.setToolTip(f"Back to the network's own {numbers.shape(own)}")
        if self.own_button.hasFocus() and self._shown == own:
            self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.own_button.setVisible(self._shown != own)

    def use(self, shape: Shape) -> None:
        """Chooses a shape, as if it had been typed."""
        self.chosen.emit(None if shape == self._own else shape)

    def _on_edited(self) -> None:
        if self.error.text():
            self._say("")

    def _on_finished(self) -> None:
        if not self._shown:
            return
        try:
            size = parse_size(self.line.text())
        except ValueError as error:
            self._say(str(error))
            return
        self._say("")
        if size != tuple(self._shown[1:]):
            self.use((self._shown[0], *size))
        else:
            self.line.setText(numbers.shape(size))

    def _on_own(self) -> None:
        self.chosen.emit(None)

    def _say(self, sentence: str) -> None:
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence))
        self.line.setProperty("faulty", bool(sentence))
        self.line.setAccessibleDescription(sentence)
        self.line.style().unpolish(self.line)
        self.line.style().polish(self.line)

    def _restyle(self) -> None:
        look = theme()
        self._row.setSpacing(look.px(4))
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.px(4))
