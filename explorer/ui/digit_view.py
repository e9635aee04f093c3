"""The 28x28 picture that the network gets, enlarged so that its pixels can be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.theme import theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 28
# The picture is data, ink 255 on 0, so it looks the same in both themes.
_NO_INK = QColor(0, 0, 0)
_GRID = QColor(255, 255, 255, 34)
_GRID_FROM = 7  # screen pixels per pixel of the picture, below which lines would hide more than they show


class DigitView(QWidget):
    """A square view of one uint8 [28, 28] picture, white ink on black, with a fine grid where it is large enough."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("digit_view")
        self.setAccessibleName("What the network sees")
        self.setToolTip("The 28 × 28 pixels that the network gets: scaled to 20 pixels, inked, centred by mass")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._image = QImage()
        self.digit: NDArray[np.uint8] = np.zeros((SIZE, SIZE), np.uint8)
        theme().changed.connect(self.update)

    def show_digit(self, digit: NDArray[np.uint8]) -> None:
        """Shows `digit`, uint8 [28, 28]; the array must not change afterwards.

        Raises:
            ValueError: the array has another shape or type.
        """
        if digit.shape != (SIZE, SIZE) or digit.dtype != np.uint8:
            raise ValueError(f"expected a uint8 array of 28 x 28, not {digit.dtype} of {digit.shape}")
        self.digit = np.ascontiguousarray(digit)
        # The image reads the array's memory, which `self.digit` keeps alive.
        self._image = QImage(self.digit.data, SIZE, SIZE, SIZE, QImage.Format.Format_Grayscale8)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(3 * SIZE), theme().px(3 * SIZE))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        side = min(self.width(), self.height())
        square = QRectF(0, 0, side, side)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outline = QPainterPath()
        outline.addRoundedRect(square, theme().px(6), theme().px(6))
        painter.fillPath(outline, _NO_INK)
        if self._image.isNull():
            painter.end()
            return
        painter.setClipPath(outline)
        painter.drawImage(square, self._image)
        if side >= _GRID_FROM * SIZE:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(QPen(_GRID, 1, Qt.PenStyle.SolidLine))
            for index in range(1, SIZE):
                place = round(index * side / SIZE)
                painter.drawLine(place, 0, place, side)
                painter.drawLine(0, place, side, place)
        painter.end()
