"""How long rows may be so that a graph can be read on a page or in a window: in as few rows as serve that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import sqrt

from explorer.structure.layout import Direction, Layout, Size

# Drawn at this share of its size, text can still be read without effort.
READABLE = 0.85
_MOST_ROWS = 9
# A row more is worth it where everything becomes larger by this share.
_GAIN = 1.06
# More boxes than these take too long to be laid out several times.
_MANY = 260
# Of the area that a large graph takes, the boxes with the gaps beside them fill this share: measured unfolded, 0.23
# (EfficientNetV2-S) to 0.47 (ResNet-1202).
_FILLED = 0.3


@dataclass(frozen=True)
class Page:
    """What a graph is to be read on; in the unit of the boxes' sizes."""

    width: float
    height: float

    @classmethod
    def of(cls, ratio: float, area: float) -> Page:
        """A page of a ratio of width to height, and an area."""
        return cls(sqrt(area * ratio), sqrt(area / ratio))

    def zoom(self, layout: Layout) -> float:
        """How large a layout appears if all of it is shown."""
        return min(self.width / max(1.0, layout.width), self.height / max(1.0, layout.height))

    def length(self, direction: Direction) -> float:
        """How far the page reaches along a direction."""
        return self.width if direction is Direction.RIGHT else self.height


def lay_out_on(
    page: Page, lay: Callable[[float | None], Layout], direction: Direction, sizes: Iterable[Size] = ()
) -> Layout:
    """The layout, of those with rows of various lengths, that shows a graph well on a page.

    `lay(room)` lays out with rows of that length, or without rows. What can be read in one line stays in one; otherwise
    the fewest rows that can be read, or those that show it largest. `sizes` are those of the boxes: of many, what room
    serves is told from their area.
    """
    sizes = list(sizes)
    if len(sizes) > _MANY:
        area = sum((size.width + 22) * (size.height + size.below + 24) for size in sizes) / _FILLED
        return lay(page.length(direction) * sqrt(area / (page.width * page.height)))
    best = line = lay(None)
    most = page.zoom(line)
    length = line.width if direction is Direction.RIGHT else line.height
    worse = 0
    for rows in range(2, _MOST_ROWS + 1):
        if most >= READABLE or worse == 2:
            break
        tried = lay(length / rows)
        zoom = page.zoom(tried)
        if zoom > _GAIN * most:
            best, most, worse = tried, zoom, 0
        else:
            worse += 1
    return best
