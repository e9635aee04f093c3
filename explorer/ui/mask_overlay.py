"""The mask that a network draws, over the sheet that it was drawn for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from explorer.data.overlay import COLOURS
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.inference.mask_answer import MaskAnswer

_COVER = 205  # opacity of a marked pixel, of 255


class MaskOverlay(QWidget):
    """Lies over the pad and lets the pen through; empty and hidden until there is a mask."""

    def __init__(self, pad: QWidget) -> None:
        super().__init__(pad)
        self.setObjectName("mask_overlay")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setAccessibleName("Mask over the drawing")
        self._image = QImage()
        self.answer: MaskAnswer | None = None
        self.hide()
        theme().changed.connect(self.update)

    def show_mask(self, answer: MaskAnswer | None) -> None:
        """Shows a mask in place of the one before; None takes it away."""
        self.answer = answer
        self.setVisible(answer is not None)
        if answer is None:
            return
        mask = answer.mask
        height, width = mask.shape
        pixels = np.zeros((height, width, 4), np.uint8)
        for index in range(1, int(mask.max()) + 1):
            pixels[mask == index] = (*COLOURS[(index - 1) % len(COLOURS)], _COVER)
        # A copy, for the image reads memory that goes with this function.
        self._image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        side = min(self.width(), self.height())
        square = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        painter = QPainter(self)
        painter.drawImage(square, self._image)
        painter.end()
