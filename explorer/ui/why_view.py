"""The explanation: the picture that the network sees with colours over it, their scale, and the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSlider, QToolTip, QVBoxLayout, QWidget

from explorer.inference.attribution import Attribution, Method
from explorer.inference.attribution_words import OPACITY, number, numbers_of, scale_end, strongest
from explorer.ui.digit_view import DigitView
from explorer.ui.explanations import explain_all
from explorer.ui.naming import display_name
from explorer.ui.plain_text import tooltip
from explorer.ui.progress_bar import ProgressBar
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel
from explorer.ui.why_colours import heat_image
from explorer.ui.why_overlay import HeatLegend, HeatOverlay
from explorer.ui.why_place import in_square

if TYPE_CHECKING:
    from explorer.ui.why_asking import Told

_SIDE, _LEAST = 184, 112


class WhyPicture(QWidget):
    """The picture in the middle of the room there is, as large as it may be; its tooltip tells the value of a pixel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.view = DigitView(self)
        self.view.setObjectName("why_picture")
        self.view.setAccessibleName("What the network sees, with the explanation")
        self.overlay = HeatOverlay(self.view, "Explanation", is_centred=False)
        self.values: np.ndarray | None = None
        self.view.installEventFilter(self)

    def heightForWidth(self, width: int) -> int:
        return min(width, theme().px(_SIDE))

    def sizeHint(self) -> QSize:
        side = theme().px(_SIDE)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        side = theme().px(_LEAST)
        return QSize(side, side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = min(self.width(), self.height())
        self.view.setGeometry((self.width() - side) // 2, 0, side, side)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.view and event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self._tip(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), tooltip(text), self.view)
            return True
        return super().eventFilter(watched, event)

    def _tip(self, x: int, y: int) -> str:
        if self.values is None or self.view.width() < 1:
            return "Nothing is explained yet"
        height, width = self.values.shape
        place, side = self.overlay.place, self.view.width()
        column = int((x / side - place.left) / place.width * width)
        row = int((y / side - place.top) / place.height * height)
        if not (0 <= row < height and 0 <= column < width):
            return ""
        return f"row {row}, column {column}: {number(float(self.values[row, column]))}"


class WhyView(QWidget):
    """Shows what was told; `cancelled` is the wish that long work end, `opacity_changed` carries 0 to 1.

    `meaning` and `numbers` stand where the panel puts them.
    """

    cancelled = Signal()
    opacity_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.told: Told | None = None
        self.image = QImage()
        self.picture = WhyPicture(self)
        self.legend = HeatLegend(self)
        self.meaning = _text("Meaning of the colours")
        self.numbers = ValueLabel()
        self.numbers.setObjectName("why_numbers")
        self.numbers.setAccessibleName("Numbers of the explanation")
        self.numbers.setProperty("role", "secondary")
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setObjectName("why_opacity")
        self.opacity.setAccessibleName("Opacity")
        self.opacity.setToolTip("How much of the picture the colours cover")
        self.opacity.setRange(0, 100)
        self.opacity.setPageStep(10)
        self.opacity.setValue(OPACITY)
        self._opacity_label = QLabel("Opacity")
        self._opacity_label.setProperty("role", "secondary")
        self._opacity_label.setBuddy(self.opacity)
        self.progress = ProgressBar("Progress of the explanation")
        self.progress.setObjectName("why_progress")
        self.cancel = QPushButton("Cancel")
        self.cancel.setObjectName("why_cancel")
        self.cancel.setAccessibleName("Cancel the explanation")
        self.cancel.setToolTip("Stop; the next stroke or another choice begins anew")
        self._work = QWidget(self)
        self._work_row = QHBoxLayout(self._work)
        self._work_row.setContentsMargins(0, 0, 0, 0)
        self._work_row.addWidget(self.progress, 1)
        self._work_row.addWidget(self.cancel)
        self._opacity_row = QHBoxLayout()
        self._opacity_row.addWidget(self._opacity_label)
        self._opacity_row.addWidget(self.opacity, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.picture, 1)
        self._column.addWidget(self.legend)
        self._column.addLayout(self._opacity_row)
        self._column.addWidget(self._work)
        self.opacity.valueChanged.connect(self._on_opacity)
        self.cancel.clicked.connect(self.cancelled)
        theme().changed.connect(self._restyle)
        explain_all(
            "why",
            {
                "colours": (self.legend, self.picture.view),
                "opacity": (self._opacity_label, self.opacity),
                "evidence": self.meaning,
                "score": self.numbers,
            },
        )
        self._restyle()
        self._on_opacity(OPACITY)
        self.show_progress(None)

    def show_told(self, told: Told) -> None:
        """Shows an explanation over what the network saw."""
        self.told = told
        found = told.attribution
        end, beyond = scale_end(found.on_seen)
        self.image = heat_image(found.on_seen, end)
        self.picture.values = found.on_seen
        self.picture.view.show_seen(told.seen)
        self.picture.overlay.show_heat(self.image, in_square(told.seen), smooth=self.is_smooth)
        signed = found.question.method.is_signed
        self.legend.show_scale(end, signed=signed, beyond=beyond)
        self.meaning.setText(_meaning(found))
        self.numbers.show_value("\n".join(numbers_of(found)))
        row, column, value = strongest(found.on_seen)
        self.picture.view.setAccessibleDescription(
            f"{found.question.method.words} for {found.label_name}: strongest at row {row}, column {column}, "
            f"{number(value)}"
            if found.most > 0
            else f"{found.question.method.words} for {found.label_name}: no pixel counts"
        )

    @property
    def is_smooth(self) -> bool:
        """Whether the colours are of a map that was enlarged, rather than of pixels."""
        return self.told is not None and self.told.attribution.question.method is Method.GRAD_CAM

    def clear(self) -> None:
        """Takes the colours away: they are of an input that is gone."""
        self.told, self.image, self.picture.values = None, QImage(), None
        self.picture.overlay.show_heat(self.image, None, smooth=False)
        self.numbers.show_value("")
        self.meaning.setText("")

    def show_progress(self, share: float | None) -> None:
        """The share that is done of long work; None where there is none."""
        keeps = self._work.sizePolicy()
        if not keeps.retainSizeWhenHidden():
            # Nothing moves when work begins or ends.
            keeps.setRetainSizeWhenHidden(True)
            self._work.setSizePolicy(keeps)
        self._work.setVisible(share is not None)
        if share is not None:
            self.progress.show_share(share)

    def _on_opacity(self, value: int) -> None:
        self.picture.overlay.set_opacity(value / 100)
        self.opacity_changed.emit(value / 100)

    def _restyle(self) -> None:
        self._column.setSpacing(theme().px(4))
        self._opacity_row.setSpacing(theme().px(8))
        self._work_row.setSpacing(theme().px(8))


def _meaning(found: Attribution) -> str:
    name = found.label_name
    if found.most <= 0:
        return f"Nothing speaks for {name} here: try another class, layer or method"
    if found.question.method is Method.GRAD_CAM:
        return f"Evidence for {name} in {display_name(found.layer)}, without a unit"
    return {
        Method.SALIENCY: f"Change of the score of {name} per unit of input",
        Method.GRADIENT_INPUT: f"Blue against {name}, red for it",
        Method.OCCLUSION: f"Score of {name} lost when covered; blue: gained",
        Method.INTEGRATED: f"Share of the score of {name}; blue: against it",
    }[found.question.method]


def _text(accessible: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAccessibleName(accessible)
    label.setProperty("role", "secondary")
    label.setWordWrap(True)
    return label
