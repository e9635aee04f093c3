"""Feature maps as a PNG file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QImage, QImageWriter

from explorer.system.files import write_atomically


def save_png(image: QImage, path: Path) -> str:
    """Writes a picture, and says in a sentence what came of it; the file is replaced whole or not at all."""
    if image.isNull():
        return "there are no feature maps to save yet"
    path = path if path.suffix else path.with_suffix(".png")
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    try:
        write_atomically(path, bytes(content.data()))
    except OSError as error:
        return str(error)
    return f"wrote {path}"
