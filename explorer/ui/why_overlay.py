"""An explanation laid over a picture, and the scale that its colours have."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from explorer.inference.attribution_words import number
from explorer.ui.theme import theme
from explorer.ui.why_colours import heat_image
from explorer.ui.why_place import WHOLE, Place

_OUTLINE = QColor(127, 127, 127, 150)  # of what the network sees, on paper or on black


class HeatOverlay(QWidget):
    """Lies over a square widget and lets the pen through; hidden until there is something to show.

    `is_centred` says whether the host paints its square in its middle rather than at its upper left corner.
    """

    def __init__(self, host: QWidget, name: str, *, is_centred: bool, is_outlined: bool = False) -> None:
        super().__init__(host)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setAccessibleName(name)
        self._host = host
        self._is_centred = is_centred
        self._is_outlined = is_outlined
        self.image = QImage()
        self.place = WHOLE
        self.opacity = 1.0
        self._smooth = False
        host.installEventFilter(self)
        self.setGeometry(host.rect())
        self.hide()

    def show_heat(self, image: QImage, place: Place | None, *, smooth: bool) -> None:
        """Shows a picture at a place of the square; an empty one, or no place, shows nothing."""
        self.image, self._smooth = image, smooth
        if place is not None:
            self.place = place
        self.setVisible(not image.isNull() and place is not None)
        self.update()

    def set_opacity(self, opacity: float) -> None:
        """0 to 1."""
        self.opacity = opacity
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._host.rect())
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        side = min(self.width(), self.height())
        left, top = ((self.width() - side) / 2, (self.height() - side) / 2) if self._is_centred else (0.0, 0.0)
        place = self.place
        target = QRectF(left + place.left * side, top + place.top * side, place.width * side, place.height * side)
        painter = QPainter(self)
        rounded = QPainterPath()
        rounded.addRoundedRect(QRectF(left, top, side, side), theme().px(6), theme().px(6))
        painter.setClipPath(rounded)
        paint_heat(painter, self.image, target, opacity=self.opacity, smooth=self._smooth)
        if self._is_outlined and self.opacity > 0:
            painter.setOpacity(1.0)
            painter.setPen(QPen(_OUTLINE, theme().px(1), Qt.PenStyle.DashLine))
            painter.drawRect(target.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()


class HeatLegend(QWidget):
    """The scale from nothing, or from the strongest against, to the strongest for; on black above and white below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("why_legend")
        self.setAccessibleName("Scale of the colours")
        self.setToolTip("The colours on black and on white, from weak to strong")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._end = 0.0
        self._signed = False
        self._beyond = False
        self.texts: tuple[str, ...] = ()
        theme().changed.connect(self.updateGeometry)

    def show_scale(self, end: float, *, signed: bool, beyond: bool) -> None:
        """`end` is the value of the strongest colour; `beyond` says that a few values are larger."""
        self._end, self._signed, self._beyond = end, signed, beyond
        most = ("≥ " if beyond else "") + number(end)
        least = ("≤ " if beyond else "") + number(-end)
        self.texts = (least, "0", f"+{most}" if not beyond else most) if signed else ("0", most)
        self.setAccessibleDescription(", ".join(self.texts))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(12) + self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if self._end <= 0:
            return
        import numpy as np  # noqa: PLC0415 - loaded by now; not needed before something is shown

        bar = theme().px(10)
        painter = QPainter(self)
        whole = QRectF(0, 0, self.width(), bar)
        painter.fillRect(whole, Qt.GlobalColor.white)
        painter.fillRect(QRectF(0, 0, self.width(), bar / 2), Qt.GlobalColor.black)
        values = np.linspace(-1 if self._signed else 0, 1, 256, dtype=np.float32)[None]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(whole, heat_image(values, 1.0))
        painter.setPen(theme().colour("line"))
        painter.drawRect(whole.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setFont(theme().font(secondary=True))
        painter.setPen(theme().colour("secondary"))
        below = QRectF(0, bar + 1, self.width(), self.height() - bar - 1)
        sides = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
        for text, side in zip(self.texts, sides if self._signed else sides[::2], strict=True):
            painter.drawText(below, side | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


def paint_heat(painter: QPainter, image: QImage, target: QRectF, *, opacity: float, smooth: bool) -> None:
    """Lays colours over a place; `smooth` where they are of a map that was enlarged, rather than of pixels."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=smooth)
    painter.setOpacity(opacity)
    painter.drawImage(target, image)
