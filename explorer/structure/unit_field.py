"""What one unit of a layer sees of the input, to the pixel. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.structure.receptive_span import Interval, Span


@dataclass(frozen=True)
class Seen:
    """A box of the input: pixels `top` … `bottom` - 1, `left` … `right` - 1; negative and too large ones are padding.

    `shown` is the same within the input.
    """

    top: int
    left: int
    bottom: int
    right: int
    height: int
    width: int

    @property
    def shown(self) -> tuple[int, int, int, int]:
        """(top, left, bottom, right) within the input."""
        return max(0, self.top), max(0, self.left), min(self.height, self.bottom), min(self.width, self.right)

    @property
    def is_clipped(self) -> bool:
        """Whether part of it lies in the padding around the input."""
        return self.shown != (self.top, self.left, self.bottom, self.right)


@dataclass(frozen=True)
class UnitFields:
    """What every unit of one layer sees: `axes` of its output lie along the input's rows and columns.

    Both are the same axis where a map's places stand in one row, `grid[1]` to each row of places.
    """

    rows: Span
    columns: Span
    axes: tuple[int, int]
    grid: tuple[int, int]
    image: tuple[int, int]

    def of(self, place: tuple[int, ...]) -> Seen | None:
        """What the unit at a place of the output sees; None where it sees nothing."""
        if self.rows.is_same_for_all and self.columns.is_same_for_all:
            return self._box(self.rows.of(0), self.columns.of(0))
        if max(self.axes) >= len(place):
            return None
        row, column = place[self.axes[0]], place[self.axes[1]]
        if self.axes[0] == self.axes[1]:
            row, column = divmod(row, self.grid[1])
        return self._box(self.rows.of(row), self.columns.of(column))

    def _box(self, rows: Interval | None, columns: Interval | None) -> Seen | None:
        if rows is None or columns is None:
            return None
        return Seen(rows[0], columns[0], rows[1], columns[1], *self.image)
