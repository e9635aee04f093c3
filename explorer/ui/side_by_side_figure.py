"""Two graphs side by side on one page: as SVG, PDF or PNG, with the marks and the sentence that sums them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSizeF
from PySide6.QtGui import QPainter

from explorer.structure.alignment import Alignment
from explorer.structure.alignment_words import findings, summary, titles
from explorer.structure.layout import Direction
from explorer.structure.layout_page import Page
from explorer.ui import numbers
from explorer.ui.figure import need_application, sheet_bytes
from explorer.ui.graph_cards import wrap
from explorer.ui.graph_look import figure_look
from explorer.ui.graph_picture import GraphPicture, make_picture
from explorer.ui.side_by_side_marks import matches_of, paint_match_legend, paint_matches

_MARGIN, _GAP = 24.0, 36.0
_LEAST_WIDTH = 320.0
_MOST_FINDINGS = 12
# Half a slide each.
_PAGE = Page(640, 560)


@dataclass(frozen=True)
class PairFigure:
    """What of a comparison a figure shows: which blocks are closed in each graph, and how graphs run."""

    folded: tuple[frozenset[str], frozenset[str]]
    dark: bool = False
    direction: Direction = Direction.RIGHT


def pair_bytes(alignment: Alignment, suffix: str, figure: PairFigure, *, scale: float = 2.0) -> bytes:
    """A figure of two networks as the content of a file with that suffix.

    Raises:
        ValueError: the suffix is none of svg, pdf and png, or the PNG would be too large.
        OSError: the system has no fonts.
    """
    return sheet_bytes(_PairSheet(alignment, figure), suffix, scale=scale)


class _PairSheet:
    def __init__(self, alignment: Alignment, figure: PairFigure) -> None:
        need_application()
        look = self._look = figure_look(dark=figure.dark)
        self._alignment = alignment
        graphs = (alignment.left, alignment.right)
        names = titles(graphs)
        self.name = f"{names[0]} and {names[1]}"
        self._pictures: Sequence[GraphPicture] = [
            make_picture(graph, folded, look, direction=figure.direction, page=_PAGE)
            for graph, folded in zip(graphs, figure.folded, strict=True)
        ]
        self._heads = [
            (name, f"{numbers.count(g.totals.parameters)} parameters · {numbers.short_count(g.totals.macs)} MACs")
            for name, g in zip(names, graphs, strict=True)
        ]
        self._widths = [
            max(_LEAST_WIDTH, picture.bounds.width(), *map(look.title.horizontalAdvance, head))
            for picture, head in zip(self._pictures, self._heads, strict=True)
        ]
        width = sum(self._widths) + _GAP
        lines = [summary(alignment), *(found.sentence(*names) for found in findings(alignment)[:_MOST_FINDINGS])]
        if (more := len(findings(alignment)) - _MOST_FINDINGS) > 0:
            lines.append(f"and {numbers.plural(more, 'kind')} of difference more")
        self._lines = [part for line in lines for part in wrap(line, look.small, width)]
        self._head = look.title.height() + look.small.height() + 16
        tallest = max(picture.bounds.height() for picture in self._pictures)
        foot = 20 + (len(self._lines) + 1.6) * look.small.height()
        self.size = QSizeF(width + 2 * _MARGIN, self._head + tallest + foot + 2 * _MARGIN)
        self._foot_at = self._head + tallest + 20

    def paint(self, painter: QPainter) -> None:
        look = self._look
        painter.fillRect(0, 0, round(self.size.width()) + 1, round(self.size.height()) + 1, look.colour("ground"))
        painter.translate(_MARGIN, _MARGIN)
        x = 0.0
        sides = zip(self._pictures, self._heads, self._widths, (True, False), strict=True)
        for picture, head, width, of_left in sides:
            painter.save()
            painter.translate(x, 0)
            painter.setFont(look.title_font)
            painter.setPen(look.colour("text"))
            painter.drawText(QPointF(0, look.title.ascent()), head[0])
            painter.setFont(look.small_font)
            painter.setPen(look.colour("secondary"))
            painter.drawText(QPointF(0, look.title.height() + 3 + look.small.ascent()), head[1])
            painter.translate(0, self._head)
            picture.paint(painter, picture.bounds)
            paint_matches(painter, picture, picture.bounds, matches_of(self._alignment, of_left=of_left), 1.0)
            painter.restore()
            x += width + _GAP
        y = self._foot_at
        paint_match_legend(painter, QPointF(0, y), look)
        y += 1.6 * look.small.height()
        painter.setFont(look.small_font)
        for number, line in enumerate(self._lines):
            painter.setPen(look.colour("text" if not number else "secondary"))
            painter.drawText(QPointF(0, y + look.small.ascent()), line)
            y += look.small.height()
