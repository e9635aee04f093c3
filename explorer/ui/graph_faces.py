"""The faces of boxes: which one a box has, how large it is, how it is painted near and from afar."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from explorer.structure.fold import Box, Face
from explorer.structure.graph import Node
from explorer.structure.layout import Direction, PlacedBox, Size
from explorer.ui.graph_badges import badge_rects, paint_badge
from explorer.ui.graph_cards import (
    CORNER,
    Manner,
    PlacedText,
    card_lines,
    front,
    ink_on,
    measure_card,
    paint_block,
    paint_card,
    placed_texts,
    title_of,
    toggle_rect,
)
from explorer.ui.graph_heat import Heat
from explorer.ui.graph_look import Look
from explorer.ui.graph_shapes import body, measure_shape, paint_shape
from explorer.ui.graph_thumbnails import mosaic_for, paint_empty, room_for
from explorer.ui.graph_titles import Title, fitted, paint_title, title_of_text
from explorer.ui.graph_words import Words, bar_caption, join_sign

_FADED = 0.5


@dataclass(frozen=True)
class Faces:
    """Measures and paints the boxes of one picture; with `thumbnails` room is kept below them for feature maps."""

    look: Look
    words: Words = field(default_factory=Words)
    direction: Direction = Direction.RIGHT
    heat: Heat | None = None
    thumbnails: bool = False
    # Shortening texts takes longer than painting them; a box has one size in one picture.
    _texts: dict[str, tuple[PlacedText, ...]] = field(default_factory=dict, compare=False, repr=False)
    _titles: dict[str, Title] = field(default_factory=dict, compare=False, repr=False)

    def measure(self, box: Box, thumbnail: QImage | None = None) -> Size:
        """The size of a box, and the room under it for badges and its thumbnail."""
        look = self.look
        if self._is_card(box):
            size = measure_card(box, look, self._reasons(box), self.heat)
        else:
            size = measure_shape(box, look, self.direction, self._pill(box))
        mosaic = mosaic_for(box) if self.thumbnails else None
        if thumbnail is not None and not thumbnail.isNull():
            picture = (thumbnail.width(), thumbnail.height())
        elif mosaic is not None and not self._reasons(box):
            picture = mosaic.size
        else:
            return size
        return Size(size.width, size.height, room_for(picture, size.width, size.below, look))

    def body(self, box: Box, placed: PlacedBox) -> QRectF:
        """What of a box's place its face fills: a card all of it, a circle or bar less; edges end here."""
        if self._is_card(box):
            return QRectF(placed.x, placed.y, placed.width, placed.height)
        return body(box, placed, self.look, self.direction)

    def front(self, box: Box, placed: PlacedBox) -> QRectF:
        """The part of a box that is outlined where it is selected or found."""
        return front(box, placed, self.look) if self._is_card(box) else self.body(box, placed)

    def toggle(self, box: Box, placed: PlacedBox) -> QRectF:
        """Where a click unfolds a box; empty for what cannot be unfolded."""
        if self._is_card(box):
            return toggle_rect(box, placed, self.look)
        return QRectF()

    def badges(self, box: Box, placed: PlacedBox) -> list[tuple[Node, QRectF]]:
        return badge_rects(box, placed, self.look)

    def shows_shape(self, box: Box) -> bool:
        """Whether a box says itself what shape leaves it."""
        return self._is_card(box) and bool(box.output_shape)

    def lines(self, box: Box) -> list[str]:
        """The texts on a box, as they are painted where there is room."""
        if self._is_card(box):
            return [line.text for line in card_lines(box, self.look, self._reasons(box), self.heat) if line.text]
        return [self._title(box)]

    def paint(self, painter: QPainter, box: Box, placed: PlacedBox, *, selected: str = "", hovered: str = "") -> None:
        """Paints a box with its badges; `selected` and `hovered` are paths of the box or of one of its badges."""
        look = self.look
        if self._is_card(box):
            manner = Manner(selected, hovered, self._reasons(box), self.heat)
            texts = self._texts.get(box.path)
            if texts is None:
                texts = placed_texts(box, self.front(box, placed).width(), look, manner)
                self._texts[box.path] = texts
            paint_card(painter, box, placed, look, manner, texts)
        else:
            border = look.colour("accent") if selected == box.path else None
            if border is None and hovered == box.path:
                border = look.colour("edge")
            paint_shape(painter, box, placed, look, self.direction, self._pill(box), border)
        for node, rect in badge_rects(box, placed, look):
            paint_badge(painter, node, rect, look, selected=selected == node.path, hovered=hovered == node.path)

    def paint_far(self, painter: QPainter, box: Box, placed: PlacedBox, zoom: float, *, selected: bool = False) -> None:
        """Paints a box as seen from afar."""
        opacity = painter.opacity()
        if box.training_only:
            painter.setOpacity(opacity * _FADED)
        rect = self.body(box, placed)
        colour = self.far_colour(box)
        paint_block(painter, rect, self.look, colour)
        if box.face not in {Face.BAR, Face.KNOT}:
            title = self._titles.get(box.path)
            if title is None:
                title = title_of_text(self._title(box).removeprefix("▸ "), self.look)
                self._titles[box.path] = title
            lines, size = fitted(title, rect.width(), rect.height(), self.look, zoom)
            if lines:
                paint_title(painter, rect, lines, size, self.look, ink_on(box, colour))
        if selected:
            painter.setPen(QPen(self.look.colour("accent"), 2.5 / zoom))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, self.look.px(CORNER), self.look.px(CORNER))
        painter.setOpacity(opacity)

    def paint_no_thumbnail(self, painter: QPainter, box: Box, placed: PlacedBox, zoom: float) -> None:
        """Paints the place of a thumbnail that is not there yet."""
        mosaic = mosaic_for(box) if self.thumbnails else None
        if mosaic is not None and not self._reasons(box):
            paint_empty(painter, mosaic, placed, self.look, zoom)

    def far_colour(self, box: Box) -> QColor:
        """A box's one colour: of its kind, of its share of a quantity, or that of what fails."""
        if self._reasons(box):
            return self.look.colour("bad")
        if self.heat and self._is_card(box):
            share = self.heat.share(box)
            return self.look.colour("line") if share is None else self.heat.ground(box, self.look)
        return self.look.kind_colour(box)

    def _is_card(self, box: Box) -> bool:
        return box.face is Face.BOX or box.path in self.words.reasons

    def _reasons(self, box: Box) -> tuple[str, ...]:
        return self.words.reasons.get(box.path, ())

    def _pill(self, box: Box) -> str:
        return self.words.pills.get(box.path, "") or title_of(box)

    def _title(self, box: Box) -> str:
        if self._is_card(box):
            return title_of(box)
        if box.face is Face.JOIN:
            return join_sign(box)
        return bar_caption(box) if box.face in {Face.BAR, Face.KNOT} else self._pill(box)
