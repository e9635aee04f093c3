"""The choice among the pictures of an animation or of a document with several pages."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from explorer.ui.explanations import explain_all
from explorer.ui.spin_box import indent
from explorer.ui.theme import theme


class FrameChooser(QWidget):
    """Says that a file holds several pictures and lets one be chosen; `chosen` carries the file and the number from 0.

    Hidden where a file holds one picture.
    """

    chosen = Signal(object, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("input_frames")
        self._path = Path()
        self._label = QLabel("Picture", self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setProperty("role", "secondary")
        self._number = QSpinBox(self)
        indent(self._number)
        self._number.setObjectName("input_frame")
        self._number.setAccessibleName("Which picture of the file")
        self._number.setToolTip("The file holds several pictures: choose the one to show")
        self._number.setKeyboardTracking(False)
        self._number.valueChanged.connect(self._on_changed)
        self._of = QLabel(self)
        explain_all("answer", {"frame": (self._number, self._of)})
        self._of.setTextFormat(Qt.TextFormat.PlainText)
        self._of.setProperty("role", "secondary")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(6))
        for widget in (self._label, self._number, self._of):
            row.addWidget(widget)
        row.addStretch(1)
        self.hide()

    def offer(self, path: Path, frame: int, frames: int) -> None:
        """Offers the pictures of a file, of which number `frame`, from 0, is shown."""
        self._path = path
        self._number.blockSignals(True)
        self._number.setRange(1, frames)
        self._number.setValue(frame + 1)
        self._number.blockSignals(False)
        self._of.setText(f"of {frames:,} in the file")
        self.setVisible(frames > 1)

    def _on_changed(self, value: int) -> None:
        self.chosen.emit(self._path, value - 1)
