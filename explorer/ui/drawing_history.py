"""What is on the pad, and what was: strokes or a picture, with undo and redo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.data.sketch import Sketch, Stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_STEPS = 100
# Pictures are kept for undo as they are, some of them of a hundred megabytes. The last step can always be undone.
_MOST_BYTES = 200_000_000


@dataclass(frozen=True, eq=False)
class Drawing:
    """One state of the pad: strokes, or a picture (read-only, as `as_digit` takes it) and then no strokes."""

    strokes: tuple[Stroke, ...] = ()
    picture: NDArray[Any] | None = None

    @property
    def is_blank(self) -> bool:
        return not self.strokes and self.picture is None

    @property
    def source(self) -> Sketch | NDArray[Any]:
        """What `as_digit` makes the 28x28 of."""
        return Sketch(self.strokes) if self.picture is None else self.picture


class DrawingHistory:
    """The current drawing between the ones before it and the ones that were undone."""

    def __init__(self) -> None:
        self.current = Drawing()
        self._before: list[Drawing] = []
        self._undone: list[Drawing] = []

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    def step(self, drawing: Drawing) -> None:
        """Makes `drawing` the current one, in a step that can be undone; what was undone is forgotten."""
        self._before.append(self.current)
        del self._before[:-_MOST_STEPS]
        while len(self._before) > 1 and sum(map(_bytes, self._before)) > _MOST_BYTES:
            del self._before[0]
        self._undone.clear()
        self.current = drawing

    def amend(self, drawing: Drawing) -> None:
        """Replaces the current drawing within the same step, as a stroke grows."""
        self.current = drawing

    def undo(self) -> bool:
        if not self._before:
            return False
        self._undone.append(self.current)
        self.current = self._before.pop()
        return True

    def redo(self) -> bool:
        if not self._undone:
            return False
        self._before.append(self.current)
        self.current = self._undone.pop()
        return True


def _bytes(drawing: Drawing) -> int:
    return 0 if drawing.picture is None else int(drawing.picture.nbytes)
