"""An explanation as a picture for a file, painted as the window paints it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF
from PySide6.QtGui import QImage, QImageWriter, QPainter

from explorer.inference.attribution import Method
from explorer.inference.attribution_words import OPACITY, scale_end
from explorer.ui.digit_view import paint_seen
from explorer.ui.pixels import image_from_pixels
from explorer.ui.why_colours import heat_image
from explorer.ui.why_overlay import paint_heat

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.inference.attribution import Attribution

_SIDE = 448  # pixels: small pictures are enlarged to about so many


def explained_image(seen: NDArray[np.uint8], found: Attribution, opacity: int = OPACITY) -> QImage:
    """What the network saw, uint8 [C, H, W], with the colours over it; `opacity` in percent.

    Its pixels are enlarged by a whole number where it is small.
    """
    height, width = seen.shape[1:]
    scale = max(1, _SIDE // max(height, width))
    image = QImage(width * scale, height * scale, QImage.Format.Format_RGB32)
    image.fill(0)
    target = QRectF(image.rect())
    painter = QPainter(image)
    paint_seen(painter, image_from_pixels(np.moveaxis(seen, 0, 2)), target)
    end, _ = scale_end(found.on_seen)
    smooth = found.question.method is Method.GRAD_CAM
    paint_heat(painter, heat_image(found.on_seen, end), target, opacity=opacity / 100, smooth=smooth)
    painter.end()
    return image


def explained_png(seen: NDArray[np.uint8], found: Attribution, opacity: int = OPACITY) -> bytes:
    """`explained_image` as the content of a PNG file."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(explained_image(seen, found, opacity))
    buffer.close()
    return bytes(content.data())
