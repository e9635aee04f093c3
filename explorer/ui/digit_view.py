"""What the network gets, enlarged so that its pixels can be counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.pixels import image_from_pixels
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIZE = 28
# The picture is data, ink 255 on 0, so it looks the same in both themes.
_NO_INK = QColor(0, 0, 0)
_GRID = QColor(255, 255, 255, 34)
_GRID_FROM = 7  # screen pixels per pixel of the picture, below which lines would hide more than they show
_DIGIT = "The 28 × 28 pixels that the network gets: scaled to 20 pixels, inked, centred by mass"


class DigitView(QWidget):
    """A square view of one uint8 [C, H, W] picture, gray or in colour, with a fine grid where it is large enough."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("digit_view")
        self.setAccessibleName("What the network sees")
        self.setToolTip(_DIGIT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._image = QImage()
        self.seen: NDArray[np.uint8] = np.zeros((1, SIZE, SIZE), np.uint8)
        theme().changed.connect(self.update)

    def show_seen(self, seen: NDArray[np.uint8]) -> None:
        """Shows `seen`, uint8 [C, H, W] with C of 1 or 3; the array must not change afterwards.

        Raises:
            ValueError: the array has another shape or type.
        """
        if seen.ndim != 3 or seen.shape[0] not in {1, 3} or seen.dtype != np.uint8:
            raise ValueError(f"expected a uint8 array of [1 or 3, H, W], not {seen.dtype} of {seen.shape}")
        before, self.seen = self.seen.shape, seen
        self._image = image_from_pixels(np.moveaxis(seen, 0, 2))
        channels, height, width = seen.shape
        if seen.shape != before:
            kind = "in colour" if channels == 3 else "of gray"
            size = f"The {height} × {width} pixels {kind} that the network gets"
            self.setToolTip(_DIGIT if seen.shape == (1, SIZE, SIZE) else size)
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
        scale = side / max(self._image.width(), self._image.height())
        size = QSizeF(self._image.width() * scale, self._image.height() * scale)
        corner = QPointF((side - size.width()) / 2, (side - size.height()) / 2)
        paint_seen(painter, self._image, QRectF(corner, size))
        painter.end()


def paint_seen(painter: QPainter, image: QImage, target: QRectF) -> None:
    """Paints what the network sees at a place of the same form: pixels as squares, in a grid where they are large."""
    scale = target.width() / image.width()
    # Pixels of a small picture stay squares; those of a large one are averaged.
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=scale < 1)
    painter.drawImage(target, image)
    if scale < _GRID_FROM:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    painter.setPen(QPen(_GRID, 1, Qt.PenStyle.SolidLine))
    left, top, right, bottom = (round(side) for side in target.getCoords())
    for column in range(1, image.width()):
        place = round(target.left() + column * scale)
        painter.drawLine(place, top, place, bottom)
    for row in range(1, image.height()):
        place = round(target.top() + row * scale)
        painter.drawLine(left, place, right, place)
