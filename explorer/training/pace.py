"""How fast a training goes, how long it has taken and how long it will take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

# The speed shown is that of the last two seconds: long enough to be calm, short enough to follow a change.
_WINDOW_S = 2.0
# Before this, start-up costs make any forecast a guess.
_HONEST_AFTER_S = 1.0
# A forward pass is about a third of a training step; used until an evaluation has been timed.
_EVALUATION_SHARE = 1 / 3


class Pace:
    """Times of one training; `seconds` and totals include earlier sittings of a resumed run.

    Call `begin` when training starts or goes on after something else, and `trained` after some batches.
    """

    def __init__(
        self,
        *,
        seconds: float = 0.0,
        trained_images: int = 0,
        trained_seconds: float = 0.0,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._now = now
        self._start = now() - seconds
        self._mark = now()
        self.trained_images = trained_images
        self.trained_seconds = trained_seconds
        self._sitting_seconds = 0.0
        self._recent: deque[tuple[float, int]] = deque()
        self._epoch = (0.0, 0)
        self._evaluation: float | None = None

    @property
    def seconds(self) -> float:
        """Time since the start of the run, without pauses."""
        return self._now() - self._start

    def begin(self) -> None:
        self._mark = self._now()

    def begin_epoch(self) -> None:
        self._epoch = (0.0, 0)
        self.begin()

    def trained(self, images: int) -> None:
        """Counts images trained since the last call or `begin`."""
        moment = self._now()
        spent, self._mark = moment - self._mark, moment
        self.trained_images += images
        self.trained_seconds += spent
        self._sitting_seconds += spent
        self._epoch = (self._epoch[0] + spent, self._epoch[1] + images)
        self._recent.append((spent, images))
        while len(self._recent) > 1 and sum(part for part, _ in self._recent) - self._recent[0][0] > _WINDOW_S:
            self._recent.popleft()

    def paused(self, seconds: float) -> None:
        """Takes a pause out of the time; training begins anew after it."""
        self._start += seconds
        self.begin()

    def evaluated(self, seconds: float) -> None:
        self._evaluation = seconds
        self.begin()

    @property
    def images_per_second(self) -> float:
        """The speed of the last two seconds of training."""
        return _speed(sum(part for part, _ in self._recent), sum(images for _, images in self._recent))

    @property
    def epoch_speed(self) -> float:
        return _speed(*self._epoch)

    @property
    def mean_speed(self) -> float:
        return _speed(self.trained_seconds, self.trained_images)

    def seconds_left(self, images: int, evaluations: int, test_images: int) -> float | None:
        """The time for so many images of training and so many evaluations; None in the first second of a sitting."""
        speed = self.images_per_second
        if self._sitting_seconds < _HONEST_AFTER_S or speed <= 0:
            return None
        evaluation = self._evaluation
        if evaluation is None:
            evaluation = test_images / speed * _EVALUATION_SHARE
        return images / speed + evaluations * evaluation


def _speed(seconds: float, images: int) -> float:
    return images / seconds if seconds > 0 else 0.0
