"""The faces of boxes: what stands on a card, how large it is, and how it is painted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from explorer.structure.fold import Box
from explorer.structure.graph import Kind, Node
from explorer.structure.layout import PlacedBox, Size
from explorer.structure.node_labels import badge_label, one_line, parameters_text, shape_text, type_line, type_words
from explorer.ui.graph_look import Look
from explorer.ui.naming import display_name
from explorer.ui.theme import KIND_COLOURS, ON_ACTIVATION

# Cards narrower than this would make an uneven row.
_LEAST_WIDTH = 88
_MOST_TEXT = 210
_PAD = 9
_BAR = 7
_STRIPE = 4
_CORNER = 7
_SHEET = 4
_THUMBNAIL_HEIGHT = 84
_SYMBOLS = {"add": "+ add", "iadd": "+ add", "add_": "+ add", "mul": "× mul", "imul": "× mul", "sub": "− sub"}
_SMALL_KINDS = frozenset({Kind.JOIN, Kind.RESHAPE})
_FADED = 0.5


@dataclass(frozen=True)
class _Line:
    text: str
    font: QFont
    metrics: QFontMetricsF
    colour: str
    gap: float


def is_small(box: Box) -> bool:
    """Whether a box is drawn as a small card: joins and reshapes, which hold no layer."""
    return box.kind in _SMALL_KINDS


def title_of(box: Box) -> str:
    """What stands on a box: a node's name, a join's sign, a folded block's name behind a triangle."""
    if box.node and box.kind is Kind.JOIN:
        return _SYMBOLS.get(box.node.type_name, one_line(type_words(box.node.type_name)))
    name = one_line(display_name(box.path))
    return f"▸ {name}" if box.block else name


def measure_box(box: Box, look: Look, thumbnail: QImage | None = None) -> Size:
    """The size of a box's card, and the room under it for badges and its thumbnail."""
    lines = _lines(box, look)
    text = max(min(line.metrics.horizontalAdvance(line.text), look.px(_MOST_TEXT)) for line in lines)
    width = text + 2 * look.px(_PAD) + (look.px(_STRIPE) if is_small(box) else 0)
    least = look.px(_LEAST_WIDTH) if not is_small(box) else 0
    badges = [_badge_width(node, look) + look.px(4) for node in box.badges]
    width = max(width, least, sum(badges) + look.px(8))
    top = look.px(8) if is_small(box) else look.px(_BAR + 7)
    bottom = look.px(13 if is_small(box) and badges else 9)
    height = top + sum(line.gap + line.metrics.height() for line in lines) + bottom
    if box.block:
        width += look.px(_SHEET)
        height += look.px(_SHEET)
    below = _badge_height(look) / 2 if badges else 0.0
    if thumbnail is not None and not thumbnail.isNull():
        below = max(below, look.px(2)) + look.px(8) + _thumbnail_size(thumbnail, width, look)[1]
    return Size(width, height, below)


def badge_rects(box: Box, placed: PlacedBox, look: Look) -> list[tuple[Node, QRectF]]:
    """The badges of a box, in execution order, on its lower right edge."""
    height = _badge_height(look)
    right = placed.x + placed.width - look.px(4)
    found: list[tuple[Node, QRectF]] = []
    for node in reversed(box.badges):
        width = _badge_width(node, look)
        found.append((node, QRectF(right - width, placed.y + placed.height - height / 2, width, height)))
        right -= width + look.px(4)
    return found[::-1]


def toggle_rect(box: Box, placed: PlacedBox, look: Look) -> QRectF:
    """The triangle of a folded block, which opens it."""
    side = look.title.height() + look.px(4)
    top = placed.y + look.px(_SHEET + _BAR + 5)
    return QRectF(placed.x + look.px(_PAD - 4), top, side, side) if box.block else QRectF()


def paint_box(
    painter: QPainter, box: Box, placed: PlacedBox, look: Look, *, selected: str = "", hovered: str = ""
) -> None:
    """Paints a card with its badges; `selected` and `hovered` are paths of the box or of one of its badges."""
    opacity = painter.opacity()
    if box.training_only:
        painter.setOpacity(opacity * _FADED)
    rect = QRectF(placed.x, placed.y, placed.width, placed.height)
    if box.block:
        sheet = look.px(_SHEET)
        back = rect.adjusted(sheet, 0, 0, -sheet)
        rect = rect.adjusted(0, sheet, -sheet, 0)
        _card(painter, back, look, look.colour("line"), 1.0, box.training_only)
    if selected == box.path:
        border, width = look.colour("accent"), look.px(2)
    else:
        border, width = look.colour("edge" if hovered == box.path else "line"), look.px(1)
    _card(painter, rect, look, border, width, box.training_only)
    _colour_mark(painter, box, rect, look)
    if selected == box.path:
        _outline(painter, rect, look, border, width)
    _texts(painter, box, rect, look)
    for node, badge in badge_rects(box, placed, look):
        _badge(painter, node, badge, look, selected=selected == node.path, hovered=hovered == node.path)
    painter.setOpacity(opacity)


def paint_block(painter: QPainter, box: Box, placed: PlacedBox, look: Look, zoom: float, *, selected: bool) -> None:
    """Paints a box as seen from afar: its colour and, where it can be read, its title."""
    rect = QRectF(placed.x, placed.y, placed.width, placed.height)
    opacity = painter.opacity()
    if box.training_only:
        painter.setOpacity(opacity * _FADED)
    colour = look.kind_colour(box)
    painter.setPen(QPen(look.colour("accent"), 2.5 / zoom) if selected else Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, look.px(_CORNER), look.px(_CORNER))
    title = title_of(box)
    length = max(1.0, look.title.horizontalAdvance(title))
    size = min(rect.height() * 0.4, look.title_font.pixelSize() * (rect.width() - look.px(8)) / length)
    if size * zoom >= 7:
        font = QFont(look.title_font)
        font.setPixelSize(int(size))
        painter.setFont(font)
        painter.setPen(QColor("#ffffff") if box.kind is not Kind.ACTIVATION else QColor(ON_ACTIVATION))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, title)
    painter.setOpacity(opacity)


def paint_thumbnail(painter: QPainter, image: QImage, placed: PlacedBox, look: Look) -> None:
    """Paints a box's picture under it; pixels of small feature maps stay square."""
    width, height = _thumbnail_size(image, placed.width, look)
    x = placed.x + (placed.width - width) / 2
    y = placed.y + placed.height + placed.below - height
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > width)
    painter.drawImage(QRectF(x, y, width, height), image)


def _thumbnail_size(image: QImage, width: float, look: Look) -> tuple[float, float]:
    scale = min((width - look.px(6)) / image.width(), look.px(_THUMBNAIL_HEIGHT) / image.height())
    return image.width() * scale, image.height() * scale


def _lines(box: Box, look: Look) -> list[_Line]:
    # The forward that was traced does not reach what only training uses, so its shapes are unknown.
    shape = "" if box.training_only and not box.output_shape else shape_text(box.output_shape)
    title = _Line(title_of(box), look.title_font, look.title, "text", 0)
    if is_small(box):
        return [title, _Line(shape, look.small_font, look.small, "secondary", look.px(1))]
    kind = one_line(box.block.type_name) if box.block else type_line(box.node) if box.node else ""
    return [
        title,
        _Line(kind, look.small_font, look.small, "secondary", look.px(2)),
        _Line(shape, look.text_font, look.text, "text", look.px(4)),
        _Line(parameters_text(box.totals.parameters), look.small_font, look.small, "secondary", look.px(2)),
    ]


def _texts(painter: QPainter, box: Box, rect: QRectF, look: Look) -> None:
    left = rect.left() + look.px(_PAD) + (look.px(_STRIPE) if is_small(box) else 0)
    y = rect.top() + (look.px(8) if is_small(box) else look.px(_BAR + 7))
    room = rect.right() - left - look.px(4)
    for line in _lines(box, look):
        y += line.gap
        if line.text:
            painter.setFont(line.font)
            painter.setPen(look.colour(line.colour))
            shown = line.metrics.elidedText(line.text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QPointF(left, y + line.metrics.ascent()), shown)
        y += line.metrics.height()


def _card(painter: QPainter, rect: QRectF, look: Look, border: QColor, width: float, dashed: bool) -> None:
    pen = QPen(border, width)
    if dashed:
        pen.setDashPattern([4, 3])
    painter.setPen(pen)
    painter.setBrush(QBrush(look.colour("panel")))
    painter.drawRoundedRect(rect, look.px(_CORNER), look.px(_CORNER))


def _outline(painter: QPainter, rect: QRectF, look: Look, border: QColor, width: float) -> None:
    painter.setPen(QPen(border, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, look.px(_CORNER), look.px(_CORNER))


def _colour_mark(painter: QPainter, box: Box, rect: QRectF, look: Look) -> None:
    """The bar on top of a card, or the stripe at the left of a small one, inside its rounded corners."""
    corner = look.px(_CORNER)
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


def _badge_height(look: Look) -> float:
    return look.small.height() + look.px(2)


def _badge_width(node: Node, look: Look) -> float:
    text = min(look.small.horizontalAdvance(badge_label(node)), look.px(_MOST_TEXT))
    return max(text + look.px(16), look.px(38))


def _badge(painter: QPainter, node: Node, rect: QRectF, look: Look, *, selected: bool, hovered: bool) -> None:
    amber = node.kind is Kind.ACTIVATION
    colour = QColor(KIND_COLOURS[node.kind])
    painter.setBrush(colour.lighter(112) if hovered else colour)
    painter.setPen(QPen(look.colour("accent"), look.px(2)) if selected else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    painter.setFont(look.small_font)
    painter.setPen(QColor(ON_ACTIVATION) if amber else QColor("#ffffff"))
    text = look.small.elidedText(badge_label(node), Qt.TextElideMode.ElideRight, look.px(_MOST_TEXT))
    x = rect.center().x() - look.small.horizontalAdvance(text) / 2
    painter.drawText(QPointF(x, rect.center().y() + (look.small.ascent() - look.small.descent()) / 2), text)
