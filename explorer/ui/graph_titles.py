"""Titles as seen from afar: as large as there is room, broken at the joints of names, shortened where they must be."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from explorer.ui.graph_look import Look

# The least height of letters that can be read on a screen, in its pixels.
LEAST_PIXELS = 8.0
MOST_PIXELS = 12.0
_LINE = 1.15
_PAD = 3
_MOST_LINES = 3
_MOST_PARTS = 6
# A name's parts: up to and with a separator, a change from small to capital letters, or of letters to digits.
_JOINTS = re.compile(r"(?<=[_.\-–\s/])(?=.)|(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z]{3})(?=\d)")
_FEWEST = 3


@dataclass(frozen=True)
class Title:
    """A text with the ways to break it into lines: for each, how wide the longest is at the look's title size."""

    text: str
    ways: tuple[tuple[tuple[str, ...], float], ...]


def title_of_text(text: str, look: Look) -> Title:
    """Measures a text once for all zooms."""
    parts = [part for part in _JOINTS.split(text) if part]
    # A name of many parts has too many ways to be broken.
    ways = list(_broken(parts)) if 1 < len(parts) <= _MOST_PARTS else [(text,)]
    return Title(text, tuple((way, max(map(look.title.horizontalAdvance, way))) for way in ways))


def _broken(parts: list[str]) -> Iterator[tuple[str, ...]]:
    for count in range(min(_MOST_LINES, len(parts))):
        for cuts in combinations(range(1, len(parts)), count):
            ends = [0, *cuts, len(parts)]
            lines = ("".join(parts[start:end]).strip() for start, end in pairwise(ends))
            yield tuple(line for line in lines if line) or ("",)


def fitted(title: Title, width: float, height: float, look: Look, zoom: float) -> tuple[tuple[str, ...], float]:
    """The lines of a title, and their letters' size, in a place of the picture; no lines where none can be read."""
    whole = look.title_font.pixelSize()
    room, least = width - look.px(2 * _PAD), LEAST_PIXELS / zoom
    most = max(min(0.42 * height, MOST_PIXELS / zoom), least)
    size, lines = max(
        (min(most, 0.92 * height / (_LINE * len(lines)), whole * room / max(1.0, length)), lines)
        for lines, length in title.ways
    )
    if size >= least:
        return lines, size
    count = int(0.95 * height / (_LINE * least))
    letters = int(room / least * whole / look.title.averageCharWidth() * 0.95)
    if not count or letters < _FEWEST or not title.text:
        return (), 0.0
    return _shortened(title.text, letters, min(count, _MOST_LINES)), least


def paint_title(painter: QPainter, rect: QRectF, lines: tuple[str, ...], size: float, look: Look, ink: QColor) -> None:
    """Paints lines in the middle of a rectangle."""
    font = QFont(look.title_font)
    # Letters are set in whole pixels; the rest is scaled.
    font.setPixelSize(max(1, int(size)))
    painter.setFont(font)
    painter.setPen(ink)
    top = rect.center().y() - _LINE * size * len(lines) / 2
    for number, line in enumerate(lines):
        place = QRectF(rect.left(), top + number * _LINE * size, rect.width(), _LINE * size)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, line)


def _shortened(text: str, letters: int, count: int) -> tuple[str, ...]:
    """A text in lines of so many letters: what is left out is left out in the middle, for names differ at their end."""
    if len(text) > letters * count:
        kept = letters * count - 1
        text = f"{text[: kept // 2]}…{text[len(text) - (kept - kept // 2) :]}"
    # Lines of one length: a single letter on a line of its own reads as another name.
    each = math.ceil(len(text) / math.ceil(len(text) / letters))
    return tuple(text[start : start + each] for start in range(0, len(text), each))
