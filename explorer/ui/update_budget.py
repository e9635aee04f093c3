"""How often the window may show what training says, so that showing it costs training little."""

from __future__ import annotations

from collections import deque

# Training on two cores waits for whichever of its threads shares a core with the window: each percent of a core that
# the UI thread takes costs about a percent of training's pace.
_SHARE = 0.025
_SHORTEST_MS = 200
_LONGEST_MS = 1000
# Some systems count a thread's time in ticks of 16 ms; the mean over several updates is right all the same.
_REMEMBERED = 8


class UpdateBudget:
    """The time between two updates, from what the last ones cost the UI thread in processor time.

    A cheap update may come five times a second, a dear one (a slow machine, many curves) as seldom as once.
    """

    def __init__(self) -> None:
        self._costs: deque[float] = deque(maxlen=_REMEMBERED)

    def spent(self, seconds: float) -> None:
        """One update took so much of the UI thread's processor time."""
        self._costs.append(max(seconds, 0.0))

    @property
    def period_ms(self) -> int:
        """When the next update is due after the last one."""
        if not self._costs:
            return _SHORTEST_MS
        mean = sum(self._costs) / len(self._costs)
        return round(min(max(1000 * mean / _SHARE, _SHORTEST_MS), _LONGEST_MS))
