"""How often the window may show what training says, so that showing it costs training little."""

from __future__ import annotations

from collections import deque

# Where training has a thread on every core, all of them wait for the one that shares its core with the window: each
# percent of a core that the UI thread takes costs one to two percents of training's pace. Measured with LeNet-5 on two
# cores, the window painting and still for a second each in turn, four runs of 53 pairs: 2 and 4 % lost with a share of
# 2.5 %, 0.4 and 1.2 % with 1.2 %.
_SHARE = 0.025
_CROWDED_SHARE = 0.0125
_SHORTEST_MS = 200
_LONGEST_MS = 1000
# Some systems count a thread's time in ticks of 16 ms; the mean over several updates is right all the same.
_REMEMBERED = 8


class UpdateBudget:
    """The time between two updates, from what the last ones cost the UI thread in processor time.

    A cheap update may come five times a second, a dear one (a slow machine, many curves) as seldom as once. While
    training `is_crowded`, with a thread on every core, updates come half as often.
    """

    def __init__(self) -> None:
        self.is_crowded = True
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
        share = _CROWDED_SHARE if self.is_crowded else _SHARE
        return round(min(max(1000 * mean / share, _SHORTEST_MS), _LONGEST_MS))
