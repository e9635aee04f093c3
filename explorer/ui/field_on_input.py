"""The box that a unit sees, drawn on the input: beside the maps, on what the network sees, and on the pad."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.ui.pixels import image_from_pixels
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.structure.unit_field import Seen

_SIDE = 92
# On ink and on paper: light within dark.
_DARK, _LIGHT = QColor("#14171c"), QColor("#ffffff")
_PAD_UP_TO = 4 / 3  # see `data.batches.prepare`: an input so much larger than the picture gets a margin


@dataclass(frozen=True)
class Share:
    """A box in shares of a square, 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float


def on_picture(box: Seen, picture: tuple[int, int]) -> tuple[float, float, float, float] | None:
    """The visible part of a box of the network's input on the picture (height, width) that was laid into it.

    (top, left, bottom, right) in the picture's pixels; None where it lies beside the picture, in the input's margin.
    """
    height, width = picture
    scale = min(box.height / height, box.width / width)
    if 1 <= scale <= _PAD_UP_TO:
        scale = 1.0
    shown = box.shown
    free = ((box.height - round(height * scale)) // 2, (box.width - round(width * scale)) // 2)
    top, left, bottom, right = (
        min(max((side - free[axis % 2]) / scale, 0), (height, width)[axis % 2]) for axis, side in enumerate(shown)
    )
    return (top, left, bottom, right) if bottom > top and right > left else None


class InputWithField(QWidget):
    """The input as the network sees it, small, with the box that one unit sees."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("field_on_input")
        self.setAccessibleName("What the unit sees of the input")
        self.setToolTip("The input as this network sees it, and the part of it that the unit sees")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._image = QImage()
        self._seen: NDArray[np.uint8] | None = None
        self.box: tuple[float, float, float, float] | None = None

    def show_input(self, seen: NDArray[np.uint8] | None) -> None:
        if seen is not self._seen:
            self._seen = seen
            self._image = QImage() if seen is None else image_from_pixels(np.moveaxis(seen, 0, 2))
            self.update()

    def show_box(self, box: tuple[float, float, float, float] | None) -> None:
        if box != self.box:
            self.box = box
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(_SIDE), theme().px(_SIDE))

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        if self._image.isNull() or self._seen is None:
            painter.fillRect(self.rect(), theme().colour("grid"))
        else:
            height, width = self._seen.shape[1:]
            scale = min(self.width() / width, self.height() / height)
            target = QRectF(0, 0, width * scale, height * scale)
            target.moveCenter(QRectF(self.rect()).center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale * self.devicePixelRatioF() < 1)
            painter.drawImage(target, self._image)
            if self.box is not None:
                top, left, bottom, right = self.box
                place = QRectF(left * scale, top * scale, (right - left) * scale, (bottom - top) * scale)
                paint_box(painter, place.translated(target.topLeft()))
        painter.end()


class FieldOverlay(QWidget):
    """Lies over a widget that paints a square, lets the pen through, and shows a box in shares of that square.

    `is_centred` says whether the host paints its square in its middle rather than at its upper left corner.
    """

    def __init__(self, host: QWidget, *, is_centred: bool) -> None:
        super().__init__(host)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setAccessibleName("What the unit sees")
        self._host = host
        self._is_centred = is_centred
        self.box: Share | None = None
        host.installEventFilter(self)
        self.setGeometry(host.rect())
        self.hide()

    def show_box(self, box: Share | None) -> None:
        if box != self.box:
            self.box = box
            self.setVisible(box is not None)
            self.raise_()
            self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._host.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if self.box is None:
            return
        side = min(self.width(), self.height())
        left, top = ((self.width() - side) / 2, (self.height() - side) / 2) if self._is_centred else (0.0, 0.0)
        box = self.box
        painter = QPainter(self)
        paint_box(
            painter,
            QRectF(
                left + box.left * side, top + box.top * side, (box.right - box.left) * side,
                (box.bottom - box.top) * side,
            ),
        )  # fmt: skip
        painter.end()


def paint_box(painter: QPainter, place: QRectF) -> None:
    """A frame that is seen on any ground."""
    px = theme().px
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inner = place.adjusted(0.5, 0.5, -0.5, -0.5)
    for colour, width in ((_DARK, px(4)), (_LIGHT, px(3)), (theme().colour("accent"), px(2))):
        painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(inner)


def in_square(box: tuple[float, float, float, float], picture: tuple[int, int]) -> Share:
    """A box of a picture (height, width) in shares of the square that the picture just fits, in the middle."""
    height, width = picture
    side = max(height, width)
    down, across = (side - height) / 2, (side - width) / 2
    top, left, bottom, right = box
    return Share((left + across) / side, (top + down) / side, (right + across) / side, (bottom + down) / side)


def words_of(box: Seen | None, unknown: str = "") -> str:
    """What a unit sees, in words with exact numbers; rows and columns are counted from 0."""
    if box is None:
        return unknown
    height, width = box.bottom - box.top, box.right - box.left
    top, left, bottom, right = box.shown
    if bottom <= top or right <= left:
        return f"sees {height} × {width} pixels, all of them in the padding around the input"
    rows = f"row {top}" if bottom - top == 1 else f"rows {top} – {bottom - 1}"
    columns = f"column {left}" if right - left == 1 else f"columns {left} – {right - 1}"
    if (top, left, bottom, right) == (0, 0, box.height, box.width) and not box.is_clipped:
        return f"sees the whole input, {height} × {width}"
    said = f"sees {height} × {width}: {rows}, {columns}"
    if box.is_clipped:
        said += f"; clipped at the border, {bottom - top} × {right - left} of it is input, the rest padding"
    return said
