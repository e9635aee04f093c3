"""A graph as a file: SVG, PDF, PNG or DOT, with or without a display."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import (
    QFontDatabase,
    QGuiApplication,
    QImage,
    QImageWriter,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator

from explorer.structure.dot import to_dot
from explorer.structure.graph import Graph
from explorer.structure.layout import Direction
from explorer.structure.layout_page import Page
from explorer.structure.node_labels import shape_text
from explorer.system.files import write_atomically
from explorer.training.events import LayerFigures
from explorer.ui import numbers
from explorer.ui.graph_cards import wrap
from explorer.ui.graph_heat import MEASURED, Quantity, heat_of
from explorer.ui.graph_legend import legend_size, paint_legend
from explorer.ui.graph_look import figure_look
from explorer.ui.graph_picture import make_picture

SUFFIXES = (".svg", ".pdf", ".png", ".dot", ".gv")
# A slide of 16 : 9, 13⅓ inches wide, as presentation programs make them.
SLIDE = Page(1280, 720)
_MARGIN = 24
# A title may make a narrow figure this wide.
_LEAST_TITLED = 420
# CSS pixels, in which SVG and the boxes are measured.
_DOTS_PER_INCH = 96
_POINTS_PER_DOT = 72 / _DOTS_PER_INCH
# What Qt's raster painter and a few GB of memory allow.
_LONGEST_SIDE = 32_000
_MOST_PIXELS = 300_000_000
# Beyond the 200 inches that readers of PDF accept, the page is drawn smaller.
_LONGEST_PAGE = 14_400.0

# Qt allows one application a process; the one made here must outlive every figure.
_application: QGuiApplication | None = None


class NoFontsError(OSError):
    """The system has no fonts, so that a figure would have no text."""


@dataclass(frozen=True)
class Figure:
    """What a figure shows of a graph: the blocks in `folded` are closed, `title` puts name, input and costs on top.

    What is long stands in rows: of length `room` where that is given, else so that it can be read on `page`; without
    either the graph runs in one line. `layers` is what training measured, by the layers' paths.
    """

    folded: frozenset[str] = frozenset()
    dark: bool = False
    direction: Direction = Direction.RIGHT
    quantity: Quantity = Quantity.NONE
    title: bool = False
    page: Page | None = SLIDE
    room: float | None = None
    layers: Mapping[str, LayerFigures] = field(default_factory=dict)


def save_figure(graph: Graph, path: Path, figure: Figure | None = None, *, scale: float = 2.0) -> None:
    """Writes a graph in the format that the suffix of `path` names.

    `scale` is the number of pixels per unit in a PNG; the others are drawn in lines and text. The file is replaced
    whole or not at all.

    Raises:
        ValueError: the suffix is unknown, or the PNG would be too large.
        OSError: the file could not be written, or the system has no fonts.
    """
    write_atomically(path, figure_bytes(graph, path.suffix, figure, scale=scale))


def figure_bytes(graph: Graph, suffix: str, figure: Figure | None = None, *, scale: float = 2.0) -> bytes:
    """A figure as the content of a file with that suffix; raises as `save_figure` does."""
    figure = figure or Figure()
    formats: dict[str, Callable[[], bytes]] = {
        ".svg": lambda: _svg(_Sheet(graph, figure)),
        ".pdf": lambda: _pdf(_Sheet(graph, figure)),
        ".png": lambda: _png(figure_image(graph, figure, scale=scale)),
        ".dot": lambda: to_dot(graph, figure.folded).encode(),
        ".gv": lambda: to_dot(graph, figure.folded).encode(),
    }
    if suffix.lower() not in formats:
        given = f"“{suffix}” is none" if suffix else "the name has none"
        raise ValueError(f"a figure's format is its suffix, one of svg, pdf, png, dot or gv; {given}")
    return formats[suffix.lower()]()


def figure_image(graph: Graph, figure: Figure | None = None, *, scale: float = 2.0) -> QImage:
    """The graph as an image, `scale` pixels per unit.

    Raises:
        ValueError: the image would be too large.
        OSError: the system has no fonts.
    """
    return sheet_image(_Sheet(graph, figure or Figure()), scale=scale)


class Sheet(Protocol):
    """Anything that fills a page: how large it is, what it is called, and how it is painted."""

    size: QSizeF
    name: str

    def paint(self, painter: QPainter) -> None: ...


def sheet_bytes(sheet: Sheet, suffix: str, *, scale: float = 2.0) -> bytes:
    """A page as the content of an SVG, PDF or PNG file.

    Raises:
        ValueError: the suffix is another, or the image would be too large.
    """
    kind = suffix.lower()
    if kind not in {".svg", ".pdf", ".png"}:
        raise ValueError(f"a figure's format is its suffix, one of svg, pdf or png, not {suffix or 'none'}")
    if kind == ".png":
        return _png(sheet_image(sheet, scale=scale))
    return _svg(sheet) if kind == ".svg" else _pdf(sheet)


def sheet_image(sheet: Sheet, *, scale: float = 2.0) -> QImage:
    """A page as an image, `scale` pixels per unit.

    Raises:
        ValueError: the image would be too large.
    """
    size = (sheet.size * scale).toSize()
    if max(size.width(), size.height()) > _LONGEST_SIDE or size.width() * size.height() > _MOST_PIXELS:
        raise ValueError(
            f"the image would have {size.width():,} × {size.height():,} pixels; "
            "fold some blocks, choose a smaller scale, or write svg or pdf"
        )
    image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(scale)
    painter = QPainter(image)
    sheet.paint(painter)
    painter.end()
    return image


class _Sheet:
    """A graph's picture with a margin, and what stands above and below it."""

    def __init__(self, graph: Graph, figure: Figure) -> None:
        need_application()
        self.name = graph.title
        look = self._look = figure_look(dark=figure.dark)
        self.picture = make_picture(
            graph,
            figure.folded,
            look,
            direction=figure.direction,
            quantity=figure.quantity,
            page=figure.page,
            room=figure.room,
        )
        if figure.quantity in MEASURED:
            self.picture.show_heat(heat_of(self.picture.folded, figure.quantity, figure.layers))
        self._heat = self.picture.faces.heat
        bounds = self.picture.bounds
        width = max(bounds.width(), _LEAST_TITLED) if figure.title or graph.remark else bounds.width()
        if self._heat:
            width = max(width, legend_size(self._heat, look).width())
        self._remark = wrap(graph.remark, look.small, width) if graph.remark else []
        self._title = [graph.title, _facts(graph)] if figure.title else []
        self._head = (look.title.height() + look.small.height() + 20) if self._title else 0.0
        foot = 12 + len(self._remark) * look.small.height() if self._remark else 0.0
        if self._heat:
            foot += 16 + legend_size(self._heat, look).height()
        self.size = QSizeF(width + 2 * _MARGIN, bounds.height() + self._head + foot + 2 * _MARGIN)

    def paint(self, painter: QPainter) -> None:
        look, picture = self._look, self.picture
        painter.fillRect(QRectF(-1, -1, self.size.width() + 2, self.size.height() + 2), look.colour("ground"))
        painter.translate(_MARGIN, _MARGIN)
        if self._title:
            painter.setFont(look.title_font)
            painter.setPen(look.colour("text"))
            painter.drawText(QPointF(0, look.title.ascent()), self._title[0])
            painter.setFont(look.small_font)
            painter.setPen(look.colour("secondary"))
            painter.drawText(QPointF(0, look.title.height() + 3 + look.small.ascent()), self._title[1])
        painter.translate(0, self._head)
        picture.paint(painter, picture.bounds)
        y = picture.bounds.height() + 12
        painter.setFont(look.small_font)
        painter.setPen(look.colour("secondary"))
        for line in self._remark:
            painter.drawText(QPointF(0, y + look.small.ascent()), line)
            y += look.small.height()
        if self._heat:
            paint_legend(painter, QPointF(0, y + 4), self._heat, look)


def _facts(graph: Graph) -> str:
    facts = [f"input {shape_text(graph.input_shape)}"] if graph.input_shape else []
    if graph.totals.parameters:
        facts.append(f"{numbers.short_count(graph.totals.parameters)} parameters")
    if graph.totals.macs:
        facts.append(f"{numbers.short_count(graph.totals.macs)} MACs")
    return " · ".join(facts)


def need_application() -> None:
    """Makes the application that fonts need, where there is none.

    Raises:
        NoFontsError: the system has no fonts.
    """
    global _application  # noqa: PLW0603 - Qt allows one application a process
    if QGuiApplication.instance() is None:
        _application = QGuiApplication(["cnn-explorer", "-platform", "offscreen"])
    if not QFontDatabase.families():
        raise NoFontsError("this system has no fonts for the text of a figure; install one (fonts-dejavu-core)")


def _svg(sheet: Sheet) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(_DOTS_PER_INCH)
    generator.setSize(QSize(round(sheet.size.width()), round(sheet.size.height())))
    generator.setViewBox(QRectF(0, 0, sheet.size.width(), sheet.size.height()))
    generator.setTitle(sheet.name)
    painter = QPainter(generator)
    sheet.paint(painter)
    painter.end()
    buffer.close()
    return bytes(content.data())


def _pdf(sheet: Sheet) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DOTS_PER_INCH)
    writer.setTitle(sheet.name)
    writer.setCreator("CNN Explorer")
    points = sheet.size * _POINTS_PER_DOT
    shrunk = min(1.0, _LONGEST_PAGE / max(points.width(), points.height()))
    page = QPageSize(points * shrunk, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)))
    painter = QPainter(writer)
    painter.scale(shrunk, shrunk)
    sheet.paint(painter)
    painter.end()
    buffer.close()
    return bytes(content.data())


def _png(image: QImage) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    return bytes(content.data())
