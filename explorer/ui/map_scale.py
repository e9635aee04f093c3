"""The scale of feature maps' colours: from which value to which."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.map_colours import Scale, colours, image_of
from explorer.ui.theme import theme
from explorer.ui.value_bars import number

_BAR = 8


class MapScale(QWidget):
    """A bar of the colours with the values at its ends, and zero where values have a sign."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("map_scale")
        self.setAccessibleName("Scale of the colours")
        self.setToolTip("The colours of the maps, from the least to the most value")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._image = QImage()
        self._key: tuple[bool, bool] | None = None
        self.texts: tuple[str, ...] = ()
        theme().changed.connect(self.updateGeometry)

    def show_scale(self, scale: Scale, *, one: bool, dark: bool) -> None:
        """Shows one channel's scale or that of all; without `one` each channel has its own, and no figures stand."""
        if (scale.is_signed, dark) != self._key:
            self._key = (scale.is_signed, dark)
            table = colours(signed=scale.is_signed, dark=dark)[None, :256]
            self._image = image_of(np.ascontiguousarray(table))
        if not one:
            ends = ("least", "0", "most") if scale.is_signed else ("0", "most of each channel")
        elif scale.is_signed:
            ends = (number(scale.least), "0", number(scale.most))
        else:
            ends = ("0", number(scale.most))
        if ends != self.texts:
            self.texts = ends
            self.setAccessibleDescription(", ".join(ends))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(_BAR + 2) + self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if self._image.isNull():
            return
        painter, look = QPainter(self), theme()
        bar = QRectF(0, 0, self.width(), look.px(_BAR))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, self._image)
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setFont(look.font(secondary=True))
        painter.setPen(look.colour("secondary"))
        below = QRectF(0, bar.bottom() + 1, self.width(), self.height() - bar.height() - 1)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for text, side in zip(self.texts, sides if len(self.texts) == 3 else sides[::2], strict=True):
            painter.drawText(below, side | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()
