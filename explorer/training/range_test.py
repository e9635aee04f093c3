"""The learning-rate range test: a short training whose rate grows until the loss explodes (Smith 2015)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from explorer.system.download import Cancelled
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.memory_shortage import is_shortage, shortage
from explorer.training.preparation import Progress
from explorer.training.trial import trial

LOWEST = 1e-5
HIGHEST = 10.0
STEPS = 100

# Of the newest loss in the running mean: single batches differ more than neighbouring rates.
_NEWEST = 0.15
# So many times the smallest running mean is an explosion.
_EXPLODED = 4.0
# Before this, the running mean is a guess.
_LEAST = 10


@dataclass(frozen=True)
class RangePoint:
    """The loss of one step, counted from 1, before its update, and the learning rate of that update."""

    step: int
    rate: float
    loss: float


def range_test(
    config: TrainingConfig,
    settings: Settings | None = None,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Generator[RangePoint, None, None]:
    """Trains a new network by `config` with a rate that grows from 1e-5 to 10, each step by the same factor.

    It ends after a hundred steps, or when the loss explodes or is not finite any more (that point comes too). Nothing
    is written. Iterate it in one thread and close it there, as `fit`.

    Raises:
        ValueError, DataError: as `fit`.
        MemoryShortageError: memory ran out; it offers a smaller batch size.
        Cancelled: `cancelled()` was true.
    """
    if (yield from _points(config, settings, progress, cancelled)):
        raise shortage(config.batch_size)


def _points(
    config: TrainingConfig,
    settings: Settings | None,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> Generator[RangePoint, None, bool]:
    """The points; returns whether memory ran out."""
    try:
        with trial(config, settings, progress, cancelled) as (given, _):
            mean, smallest = 0.0, math.inf
            # As many epochs as it takes: a small data set has fewer batches than there are rates.
            epochs = (given.batches.epoch(epoch, lambda: config.augmentation) for epoch in itertools.count(1))
            for step, (images, labels) in enumerate(itertools.chain.from_iterable(epochs), 1):
                if cancelled is not None and cancelled():
                    raise Cancelled
                rate = LOWEST * (HIGHEST / LOWEST) ** ((step - 1) / (STEPS - 1))
                given.step(images, labels, rate)
                (loss,) = given.step.read().losses
                yield RangePoint(step, rate, loss)
                mean = loss if step == 1 else mean + _NEWEST * (loss - mean)
                smallest = min(smallest, mean)
                if step == STEPS or not math.isfinite(loss) or (step > _LEAST and mean > _EXPLODED * smallest):
                    break
    except (RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
        return True
    return False


def suggestion(points: Sequence[RangePoint]) -> float | None:
    """A learning rate to try: where the loss falls fastest; None where it does not fall.

    The slope is that of the running mean over the logarithm of the rate, up to its smallest value.
    """
    finite = list(itertools.takewhile(lambda point: math.isfinite(point.loss), points))
    smooth = _both_ways([point.loss for point in finite])
    if len(smooth) < _LEAST:
        return None
    lowest = smooth.index(min(smooth))
    window = 2
    slopes = {
        index: (smooth[index + window] - smooth[index - window])
        / math.log(finite[index + window].rate / finite[index - window].rate)
        for index in range(window, min(lowest + 1, len(smooth) - window))
    }
    if not slopes:
        return None
    steepest = min(slopes, key=lambda index: slopes[index])
    fallen = smooth[0] - smooth[lowest]
    # Batches differ: a fall of less than a twentieth is none.
    return finite[steepest].rate if slopes[steepest] < 0 and fallen > 0.05 * abs(smooth[0]) else None


def _both_ways(losses: Sequence[float]) -> list[float]:
    """Running means forwards and back again, so that the curve is not shifted to higher rates."""
    smooth = list(losses)
    for _ in range(2):
        for index in range(1, len(smooth)):
            smooth[index] = smooth[index - 1] + 2 * _NEWEST * (smooth[index] - smooth[index - 1])
        smooth.reverse()
    return smooth
