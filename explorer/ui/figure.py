"""A graph as a file: SVG, PDF, PNG or DOT, with or without a display."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF
from PySide6.QtGui import QFontDatabase, QGuiApplication, QImage, QPageLayout, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from explorer.structure.dot import to_dot
from explorer.structure.graph import Graph
from explorer.system.files import write_atomically
from explorer.ui.graph_look import figure_look
from explorer.ui.graph_picture import GraphPicture, make_picture

_MARGIN = 24
# CSS pixels, in which SVG and the boxes are measured.
_DOTS_PER_INCH = 96
_POINTS_PER_DOT = 72 / _DOTS_PER_INCH
# What Qt's raster painter and a few GB of memory allow.
_LONGEST_SIDE = 32_000
_MOST_PIXELS = 300_000_000

# Qt allows one application a process; the one made here must outlive every figure.
_application: QGuiApplication | None = None


class NoFontsError(OSError):
    """The system has no fonts, so that a figure would have no text."""


def save_figure(
    graph: Graph, path: Path, *, folded: frozenset[str] = frozenset(), dark: bool = False, scale: float = 2.0
) -> None:
    """Writes a graph, with the blocks in `folded` closed, in the format that the suffix of `path` names.

    `scale` is the number of pixels per unit in a PNG; the others are drawn in lines and text. The file is replaced
    whole or not at all.

    Raises:
        ValueError: the suffix is unknown, or the PNG would be too large.
        OSError: the file could not be written, or the system has no fonts.
    """
    formats: dict[str, Callable[[], bytes]] = {
        ".svg": lambda: _svg(_picture(graph, folded, dark=dark)),
        ".pdf": lambda: _pdf(_picture(graph, folded, dark=dark)),
        ".png": lambda: _png(figure_image(graph, folded=folded, dark=dark, scale=scale)),
        ".dot": lambda: to_dot(graph, folded).encode(),
    }
    suffix = path.suffix.lower()
    if suffix not in formats:
        given = f"“{path.suffix}”" if path.suffix else "no suffix"
        raise ValueError(f"a figure's format is its suffix, one of svg, pdf, png or dot; {path.name} has {given}")
    write_atomically(path, formats[suffix]())


def figure_image(
    graph: Graph, *, folded: frozenset[str] = frozenset(), dark: bool = False, scale: float = 2.0
) -> QImage:
    """The graph as an image, `scale` pixels per unit.

    Raises:
        ValueError: the image would be too large.
        OSError: the system has no fonts.
    """
    picture = _picture(graph, folded, dark=dark)
    size = (_size(picture) * scale).toSize()
    if max(size.width(), size.height()) > _LONGEST_SIDE or size.width() * size.height() > _MOST_PIXELS:
        raise ValueError(
            f"the image would have {size.width():,} × {size.height():,} pixels; "
            "fold some blocks, choose a smaller scale, or write svg or pdf"
        )
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    painter = QPainter(image)
    _paint(painter, picture)
    painter.end()
    return image


def _picture(graph: Graph, folded: frozenset[str], *, dark: bool) -> GraphPicture:
    global _application  # noqa: PLW0603 - Qt allows one application a process
    if QGuiApplication.instance() is None:
        _application = QGuiApplication(["cnn-explorer", "-platform", "offscreen"])
    if not QFontDatabase.families():
        raise NoFontsError("this system has no fonts for the text of a figure; install one (fonts-dejavu-core)")
    return make_picture(graph, folded, figure_look(dark=dark))


def _size(picture: GraphPicture) -> QSizeF:
    return picture.bounds.size() + QSizeF(2 * _MARGIN, 2 * _MARGIN)


def _paint(painter: QPainter, picture: GraphPicture) -> None:
    painter.fillRect(
        QRectF(-1, -1, _size(picture).width() + 2, _size(picture).height() + 2), picture.look.colour("ground")
    )
    painter.translate(_MARGIN, _MARGIN)
    picture.paint(painter, picture.bounds)


def _svg(picture: GraphPicture) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    size = _size(picture)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(_DOTS_PER_INCH)
    generator.setSize(QSize(round(size.width()), round(size.height())))
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(picture.graph.title)
    painter = QPainter(generator)
    _paint(painter, picture)
    painter.end()
    buffer.close()
    return bytes(content.data())


def _pdf(picture: GraphPicture) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DOTS_PER_INCH)
    writer.setTitle(picture.graph.title)
    writer.setCreator("CNN Explorer")
    page = QPageSize(_size(picture) * _POINTS_PER_DOT, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    painter = QPainter(writer)
    _paint(painter, picture)
    painter.end()
    buffer.close()
    return bytes(content.data())


def _png(image: QImage) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    buffer.close()
    return bytes(content.data())
