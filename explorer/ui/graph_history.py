"""Where one has been in a graph: selection, folding and place on screen, back and forward."""

from __future__ import annotations

from dataclasses import dataclass

_MOST = 100


@dataclass(frozen=True)
class Place:
    """What was seen; `zoom` is 0 where the whole was shown, `x` and `y` are the point in the middle of the view."""

    selection: str
    folded: frozenset[str]
    zoom: float = 0.0
    x: float = 0.0
    y: float = 0.0


class GraphHistory:
    """Two stacks of places, as in a browser."""

    def __init__(self) -> None:
        self._behind: list[Place] = []
        self._ahead: list[Place] = []

    @property
    def can_go_back(self) -> bool:
        return bool(self._behind)

    @property
    def can_go_forward(self) -> bool:
        return bool(self._ahead)

    def clear(self) -> None:
        """Forgets everything: another network is shown."""
        self._behind.clear()
        self._ahead.clear()

    def leave(self, place: Place) -> None:
        """Notes a place that is about to be left for a new one."""
        if not self._behind or self._behind[-1] != place:
            self._behind.append(place)
            del self._behind[:-_MOST]
        self._ahead.clear()

    def back(self, here: Place) -> Place | None:
        """The place before, which `here` can be reached from again; None where there is none."""
        return self._step(self._behind, self._ahead, here)

    def forward(self, here: Place) -> Place | None:
        return self._step(self._ahead, self._behind, here)

    @staticmethod
    def _step(source: list[Place], target: list[Place], here: Place) -> Place | None:
        while source:
            place = source.pop()
            if place != here:
                target.append(here)
                return place
        return None
