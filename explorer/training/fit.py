"""Training a network: `fit`, a generator of events that takes commands."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.events import Change, Event, Order, Outcome, Paused
from explorer.training.memory_shortage import is_shortage, shortage
from explorer.training.preparation import prepared
from explorer.training.sitting import Sitting
from explorer.training.team import ALONE, Team

Progress = Callable[[str, float | None], None]

# How often a paused training looks for a command.
_PAUSE_S = 0.05


def fit(
    config: TrainingConfig | None,
    resume: Path | None = None,
    *,
    change: Change | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    team: Team = ALONE,
) -> Generator[Event, Order | None, None]:
    """Trains by `config`, or goes on with the run in the folder `resume`, whose own config then holds.

    A run goes on where it was interrupted or stopped; a finished one goes on where `change` gives it more epochs. What
    `change` says comes into force before the first step and is recorded, as if it had been sent in mid-run.

    Iterate it in one thread and close it there; each `send` may carry a `Command` or a `Change`. Everything happens
    between two events: the thread count of torch in this thread, torch's own random state and the lock of the run
    folder are put back when the generator ends or is closed, at whatever moment. Closed early, it leaves the run as
    "interrupted", with its last complete epoch saved. The random numbers of an epoch follow from (seed, epoch) alone;
    torch's global generator is seeded with them too, because dropout can use no other.

    `progress` is told in words what is being prepared, with the share done (0 to 1) or None; `cancelled` is asked
    while data are loaded. Both are called in the iterating thread.

    In a `team` every process iterates; what the first one is given counts: config, run, change, settings, and orders,
    which come into force some steps later, once all know of them. It alone writes the run folder.

    Raises:
        ValueError: the config, the run to resume or the data do not fit this machine or each other.
        DataError: the data set cannot be had (a RuntimeError, as TrainingError is).
        Cancelled: `cancelled()` was true.
        StorageError: the folder of a run to resume cannot be written.
        TeamBrokenError: another process of the team is gone. The run keeps its last complete epoch.
        MemoryShortageError: memory ran out; it offers a smaller batch size. The run keeps its last complete epoch.
    """
    too_large = yield from _sit(config, resume, change, settings, progress, cancelled, team)
    if too_large is not None:
        # Only now is all let go that was in the memory.
        raise shortage(*too_large)


def _sit(
    config: TrainingConfig | None,
    resume: Path | None,
    change: Change | None,
    settings: Settings | None,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
    team: Team,
) -> Generator[Event, Order | None, tuple[int, int] | None]:
    """Trains; returns the batch size with which memory ran out (0: before it was known) and the least one possible."""
    sitting = None
    try:
        with prepared(config, resume, change, settings, progress, cancelled, team) as sitting:
            yield from train(sitting)
    except (RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
        if sitting is not None:
            return sitting.config.batch_size, sitting.smallest_batch
        return (0 if config is None else config.batch_size), 1
    return None


def train(sitting: Sitting) -> Generator[Event, Order | None, None]:
    """Moves a sitting on to its end; for trainings whose material is prepared elsewhere."""
    yield from _tell(sitting, sitting.begin())
    sitting.agree()
    while sitting.goes_on:
        for images, labels in sitting.begin_epoch():
            sitting.step(images, labels)
            if sitting.has_news:
                yield from _tell(sitting, sitting.news())
                if sitting.is_paused:
                    yield from _pause(sitting)
                if sitting.is_broken_off:
                    break
        else:
            yield from _tell(sitting, sitting.finish_epoch())
        sitting.agree()
    yield from _tell(sitting, sitting.end(_outcome(sitting)))


def _tell(sitting: Sitting, events: Iterable[Event]) -> Generator[Event, Order | None, None]:
    for event in itertools.chain(events, sitting.answers()):
        sitting.take((yield event))


def _pause(sitting: Sitting) -> Generator[Event, Order | None, None]:
    start = time.perf_counter()
    nobody = threading.Event()
    while sitting.is_paused:
        yield from _tell(sitting, [Paused(sitting.epoch, sitting.steps_done)])
        sitting.agree()
        if sitting.is_paused:
            nobody.wait(_PAUSE_S)
    sitting.pace.paused(time.perf_counter() - start)


def _outcome(sitting: Sitting) -> Outcome:
    if sitting.is_diverged:
        return Outcome.DIVERGED
    return Outcome.FINISHED if sitting.is_complete else Outcome.STOPPED
