"""What of a large picture lies in a rectangle, without looking at all of it."""

from __future__ import annotations

from collections.abc import Iterable

Rect = tuple[float, float, float, float]  # left, top, right, bottom

# What covers more cells than this is looked at every time instead.
_MOST_CELLS = 64


class GraphIndex:
    """Numbered things in the cells of a grid; a thing may consist of several rectangles (the pieces of a line)."""

    def __init__(self, things: Iterable[Iterable[Rect]], cell: float) -> None:
        self._cell = max(1.0, cell)
        self._cells: dict[tuple[int, int], list[tuple[int, Rect]]] = {}
        self._wide: list[tuple[int, Rect]] = []
        self.count = 0
        left = top = float("inf")
        right = bottom = float("-inf")
        for number, rects in enumerate(things):
            self.count = number + 1
            for rect in rects:
                self._add(number, rect)
                left, top = min(left, rect[0]), min(top, rect[1])
                right, bottom = max(right, rect[2]), max(bottom, rect[3])
        self._bounds = (left, top, right, bottom)

    def within(self, area: Rect) -> list[int]:
        """The numbers of all things that touch an area, in their order."""
        left, top, right, bottom = area
        if (
            left <= self._bounds[0]
            and top <= self._bounds[1]
            and right >= self._bounds[2]
            and bottom >= self._bounds[3]
        ):
            return list(range(self.count))
        found = {number for number, rect in self._wide if _touch(rect, area)}
        first_column, last_column = self._columns(left, right, self._bounds[0], self._bounds[2])
        first_row, last_row = self._columns(top, bottom, self._bounds[1], self._bounds[3])
        cells = self._cells
        for column in range(first_column, last_column + 1):
            for row in range(first_row, last_row + 1):
                for number, rect in cells.get((column, row), ()):
                    if _touch(rect, area):
                        found.add(number)
        return sorted(found)

    def edges_in(self, area: Rect) -> list[float]:
        """The left and right edges, within an area, of all rectangles that touch it."""
        left, top, right, bottom = area
        first_column, last_column = self._columns(left, right, self._bounds[0], self._bounds[2])
        first_row, last_row = self._columns(top, bottom, self._bounds[1], self._bounds[3])
        found = {
            edge
            for _, rect in (
                *self._wide,
                *(
                    thing
                    for column in range(first_column, last_column + 1)
                    for row in range(first_row, last_row + 1)
                    for thing in self._cells.get((column, row), ())
                ),
            )
            if _touch(rect, area)
            for edge in (rect[0], rect[2])
            if left < edge < right
        }
        return sorted(found)

    def _columns(self, low: float, high: float, least: float, most: float) -> tuple[int, int]:
        if least > most:
            return 0, -1
        return int(max(low, least) // self._cell), int(min(high, most) // self._cell)

    def _add(self, number: int, rect: Rect) -> None:
        cell = self._cell
        columns = range(int(rect[0] // cell), int(rect[2] // cell) + 1)
        rows = range(int(rect[1] // cell), int(rect[3] // cell) + 1)
        if len(columns) * len(rows) > _MOST_CELLS:
            self._wide.append((number, rect))
            return
        for column in columns:
            for row in rows:
                self._cells.setdefault((column, row), []).append((number, rect))


def _touch(rect: Rect, area: Rect) -> bool:
    return rect[0] <= area[2] and rect[2] >= area[0] and rect[1] <= area[3] and rect[3] >= area[1]
