"""Cards: the faces of layers and folded blocks, what stands on them, how large they are, how they are painted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from explorer.structure.fold import Box
from explorer.structure.graph import Kind
from explorer.structure.layout import PlacedBox, Size
from explorer.structure.node_labels import one_line, parameters_text, shape_text, type_line, type_words
from explorer.ui import numbers
from explorer.ui.graph_badges import badge_height, badges_width
from explorer.ui.graph_heat import MEASURED, Heat, Quantity, amount_of, mixed
from explorer.ui.graph_look import Look
from explorer.ui.naming import display_name
from explorer.ui.theme import ON_ACTIVATION

# Cards narrower than this would make an uneven row.
_LEAST_WIDTH = 88
MOST_TEXT = 210
_PAD = 9
_BAR = 7
_STRIPE = 4
CORNER = 7
_SHEET = 4
_SYMBOLS = {"add": "+ add", "iadd": "+ add", "add_": "+ add", "mul": "× mul", "imul": "× mul", "sub": "− sub"}
_SMALL_KINDS = frozenset({Kind.JOIN, Kind.RESHAPE})
_FADED = 0.6
_ALARM = 0.09


@dataclass(frozen=True)
class TextLine:
    """A line on a card; `gap` is the room above it."""

    text: str
    font: QFont
    metrics: QFontMetricsF
    colour: str
    gap: float


@dataclass(frozen=True)
class PlacedText:
    """A text where it is painted: `place` is where its base line begins, from the card's upper left corner."""

    text: str
    font: QFont
    colour: str
    place: QPointF


@dataclass(frozen=True)
class Manner:
    """How one card is painted: `selected` and `hovered` are paths, `reasons` make it a failing layer's."""

    selected: str = ""
    hovered: str = ""
    reasons: tuple[str, ...] = ()
    heat: Heat | None = None


def is_small(box: Box, reasons: Sequence[str] = ()) -> bool:
    """Whether a box is drawn as a small card: joins and reshapes, which hold no layer."""
    return box.kind in _SMALL_KINDS and not reasons


def title_of(box: Box) -> str:
    """What stands on a box: a node's name, a join's sign, a folded block's name behind a triangle."""
    if box.node and box.kind is Kind.JOIN:
        return _SYMBOLS.get(box.node.type_name, one_line(type_words(box.node.type_name)))
    name = one_line(display_name(box.path))
    return f"▸ {name}" if box.block else name


def sheets(box: Box) -> int:
    """How many sheets lie behind a folded block's card: two where it is a stack of equal blocks."""
    return 0 if box.block is None else 2 if box.repeats > 1 else 1


def measure_card(box: Box, look: Look, reasons: Sequence[str] = (), heat: Heat | None = None) -> Size:
    """The size of a box's card, and the room under it for badges."""
    small = is_small(box, reasons)
    lines = card_lines(box, look, reasons, heat)
    text = max(min(line.metrics.horizontalAdvance(line.text), look.px(MOST_TEXT)) for line in lines)
    badges = badges_width(box, look)
    width = text + 2 * look.px(_PAD) + (look.px(_STRIPE) if small else 0)
    width = max(width, 0 if small else look.px(_LEAST_WIDTH), badges + look.px(8) if badges else 0)
    height = _top(look, small=small) + sum(line.gap + line.metrics.height() for line in lines)
    height += look.px(13 if small and badges else 9)
    width += sheets(box) * look.px(_SHEET)
    height += sheets(box) * look.px(_SHEET)
    return Size(width, height, badge_height(look) / 2 if badges else 0.0)


def front(box: Box, placed: PlacedBox, look: Look) -> QRectF:
    """The foremost card of a box, without the sheets behind it."""
    back = sheets(box) * look.px(_SHEET)
    return QRectF(placed.x, placed.y + back, placed.width - back, placed.height - back)


def toggle_rect(box: Box, placed: PlacedBox, look: Look) -> QRectF:
    """The triangle of a folded block, which opens it."""
    if box.block is None:
        return QRectF()
    side = look.title.height() + look.px(4)
    return QRectF(placed.x + look.px(_PAD - 4), front(box, placed, look).top() + look.px(_BAR + 5), side, side)


def paint_card(
    painter: QPainter, box: Box, placed: PlacedBox, look: Look, manner: Manner, texts: Iterable[PlacedText]
) -> None:
    """Paints a card without its badges; `texts` are its `placed_texts`."""
    opacity = painter.opacity()
    if box.training_only:
        painter.setOpacity(opacity * _FADED)
    rect = front(box, placed, look)
    for back in range(sheets(box), 0, -1):
        away = back * look.px(_SHEET)
        _sheet(painter, rect.translated(away, -away), look, QPen(look.colour("line"), 1.0), look.colour("panel"))
    ground = manner.heat.ground(box, look) if manner.heat else look.colour("panel")
    if manner.reasons:
        ground = mixed(look.colour("panel"), look.colour("bad"), _ALARM)
    pen = _border(box, look, manner)
    if box.training_only:
        pen.setDashPattern([4, 3])
    _sheet(painter, rect, look, pen, ground)
    if not manner.reasons:
        _colour_mark(painter, box, rect, look)
    if manner.selected == box.path:
        _sheet(painter, rect, look, pen, None)
    for text in texts:
        painter.setFont(text.font)
        painter.setPen(look.colour(text.colour))
        painter.drawText(rect.topLeft() + text.place, text.text)
    if box.repeats > 1:
        _count(painter, box, placed, look)
    painter.setOpacity(opacity)


def paint_block(painter: QPainter, rect: QRectF, look: Look, colour: QColor) -> None:
    """Paints a box as seen from afar: its colour alone."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, look.px(CORNER), look.px(CORNER))


def ink_on(box: Box, colour: QColor) -> QColor:
    """What can be read on a box's colour."""
    return QColor(ON_ACTIVATION if colour.lightnessF() > 0.55 or box.kind is Kind.ACTIVATION else "#ffffff")


def card_lines(box: Box, look: Look, reasons: Sequence[str] = (), heat: Heat | None = None) -> list[TextLine]:
    """All that stands on a card, from the top down."""
    title = TextLine(title_of(box), look.title_font, look.title, "bad" if reasons else "text", 0)
    # What only training uses, and what a failing layer would have given, has no shape.
    shape = shape_text(box.output_shape) if box.output_shape or not (box.training_only or reasons) else ""
    if is_small(box, reasons):
        return [title, TextLine(shape, look.small_font, look.small, "secondary", look.px(1))]
    quiet = "text" if heat else "secondary"
    kind = TextLine(_kind_line(box), look.small_font, look.small, "bad" if reasons else quiet, look.px(2))
    if reasons:
        wrapped = [part for reason in reasons for part in wrap(reason, look.small, look.px(MOST_TEXT))]
        texts = [TextLine(part, look.small_font, look.small, "bad", look.px(1)) for part in wrapped]
        return [title, *([kind] if kind.text else []), *texts]
    last = _amount(box, heat) if heat else parameters_text(box.totals.parameters)
    if box.training_only:
        last = f"{last} · training only" if last and shape else last
        shape = shape or "training only"
    return [
        title,
        kind,
        TextLine(shape, look.text_font, look.text, "text", look.px(4)),
        TextLine(last, look.small_font, look.small, quiet, look.px(2)),
    ]


def wrap(text: str, metrics: QFontMetricsF, width: float) -> list[str]:
    """A text in lines no wider than `width`; words that are too long are broken, no-break spaces join words."""
    lines: list[str] = []
    line = ""
    for word in filter(None, text.replace("\n", " ").split(" ")):
        rest = word
        while rest:
            joined = f"{line} {rest}" if line else rest
            if metrics.horizontalAdvance(joined) <= width:
                line, rest = joined, ""
            elif line:
                lines.append(line)
                line = ""
            else:
                length = max(1, sum(metrics.horizontalAdvance(rest[:end]) <= width for end in range(1, len(rest))))
                lines.append(rest[:length])
                rest = rest[length:]
    return [*lines, line] if line else lines


def _kind_line(box: Box) -> str:
    if box.block is None:
        return type_line(box.node) if box.node else ""
    name = one_line(box.repeated or box.block.type_name)
    return f"{name} {box.output_shape[0]:,}" if box.repeats > 1 and box.output_shape else name


def _amount(box: Box, heat: Heat) -> str:
    if heat.quantity in MEASURED:
        measured = heat.amount(box)
        return "" if measured is None else heat.words(measured)
    amount = amount_of(box, heat.quantity)
    if heat.quantity is Quantity.PARAMETERS:
        return parameters_text(amount)
    if heat.quantity is Quantity.RESOLUTION:
        return f"{numbers.short_count(amount)} pixels" if amount else ""
    return heat.words(amount) if amount else ""


def _top(look: Look, *, small: bool) -> float:
    return look.px(8) if small else look.px(_BAR + 7)


def _border(box: Box, look: Look, manner: Manner) -> QPen:
    if manner.selected == box.path:
        return QPen(look.colour("accent"), look.px(2))
    if manner.reasons:
        return QPen(look.colour("bad"), look.px(2))
    return QPen(look.colour("edge" if manner.hovered == box.path else "line"), look.px(1))


def placed_texts(box: Box, width: float, look: Look, manner: Manner) -> tuple[PlacedText, ...]:
    """The texts of a card that is `width` wide, shortened where they are longer, with their places on it."""
    small = is_small(box, manner.reasons)
    left = look.px(_PAD) + (look.px(_STRIPE) if small else 0)
    y = _top(look, small=small)
    room = width - left - look.px(4)
    found = []
    for line in card_lines(box, look, manner.reasons, manner.heat):
        y += line.gap
        if line.text:
            shown = line.text
            if line.metrics.horizontalAdvance(shown) > room:
                shown = line.metrics.elidedText(shown, Qt.TextElideMode.ElideRight, room)
            found.append(PlacedText(shown, line.font, line.colour, QPointF(left, y + line.metrics.ascent())))
        y += line.metrics.height()
    return tuple(found)


def _sheet(painter: QPainter, rect: QRectF, look: Look, pen: QPen, ground: QColor | None) -> None:
    painter.setPen(pen)
    painter.setBrush(QBrush(ground) if ground else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, look.px(CORNER), look.px(CORNER))


def _count(painter: QPainter, box: Box, placed: PlacedBox, look: Look) -> None:
    """The number of blocks, on the upper right corner of a stack."""
    text = f"×{box.repeats:,}"
    height = look.small.height() + look.px(1)
    width = max(look.small.horizontalAdvance(text) + look.px(14), height)
    rect = QRectF(placed.x + placed.width - width, placed.y, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("accent"))
    painter.drawRoundedRect(rect, height / 2, height / 2)
    painter.setFont(look.small_font)
    painter.setPen(look.colour("on_accent"))
    x = rect.center().x() - look.small.horizontalAdvance(text) / 2
    painter.drawText(QPointF(x, rect.center().y() + (look.small.ascent() - look.small.descent()) / 2), text)


def _colour_mark(painter: QPainter, box: Box, rect: QRectF, look: Look) -> None:
    """The bar on top of a card, or the stripe at the left of a small one, inside its rounded corners."""
    corner = look.px(CORNER)
    mark = QPainterPath()
    if is_small(box):
        stripe = look.px(_STRIPE)
        inner = rect.adjusted(look.px(3), look.px(5), 0, -look.px(5))
        mark.addRoundedRect(QRectF(inner.left(), inner.top(), stripe, inner.height()), stripe / 2, stripe / 2)
    else:
        bar = look.px(_BAR)
        mark.moveTo(rect.left(), rect.top() + bar)
        mark.lineTo(rect.left(), rect.top() + corner)
        mark.quadTo(rect.topLeft(), QPointF(rect.left() + corner, rect.top()))
        mark.lineTo(rect.right() - corner, rect.top())
        mark.quadTo(rect.topRight(), QPointF(rect.right(), rect.top() + corner))
        mark.lineTo(rect.right(), rect.top() + bar)
        mark.closeSubpath()
    painter.fillPath(mark, look.kind_colour(box))
