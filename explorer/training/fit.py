"""Training a network: `fit`, a generator of events that takes commands."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path

import torch

from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.errors import TrainingError
from explorer.training.events import Command, Event, Outcome, Paused
from explorer.training.preparation import prepared
from explorer.training.sitting import Sitting

Progress = Callable[[str, float | None], None]

# How often a paused training looks for a command.
_PAUSE_S = 0.05


def fit(
    config: TrainingConfig | None,
    resume: Path | None = None,
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Generator[Event, Command | None, None]:
    """Trains by `config`, or goes on with the interrupted run in the folder `resume`, whose own config then holds.

    Iterate it in one thread and close it there; each `send` may carry a `Command`. Everything happens between two
    events: the thread count of torch in this thread, torch's own random state and the lock of the run folder are put
    back when the generator ends or is closed, at whatever moment. Closed early, it leaves the run as "interrupted",
    with its last complete epoch saved. The random numbers of an epoch follow from (seed, epoch) alone; torch's global
    generator is seeded with them too, because dropout can use no other.

    `progress` is told in words what is being prepared, with the share done (0 to 1) or None; `cancelled` is asked
    while data are loaded. Both are called in the iterating thread.

    Raises:
        ValueError: the config, the run to resume or the data do not fit this machine or each other.
        DataError: the data set cannot be had (a RuntimeError, as TrainingError is).
        Cancelled: `cancelled()` was true.
        StorageError: the folder of a run to resume cannot be written.
        TrainingError: memory ran out.
    """
    shortage = ""
    try:
        with prepared(config, resume, settings, progress, cancelled) as sitting:
            yield from _train(sitting)
    except (torch.OutOfMemoryError, MemoryError):
        shortage = "memory"
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):
            raise
        shortage = "memory"
    if shortage:
        # Only now, outside of the except block, has the traceback let go of the tensors (pytorch issue 18853).
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        raise TrainingError(
            "there is not enough memory to train this network like that; choose a smaller batch size, or another device"
        )


def _train(sitting: Sitting) -> Generator[Event, Command | None, None]:
    yield from _tell(sitting, sitting.begin())
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
    yield from _tell(sitting, sitting.end(_outcome(sitting)))


def _tell(sitting: Sitting, events: Iterable[Event]) -> Generator[Event, Command | None, None]:
    for event in events:
        sitting.take((yield event))


def _pause(sitting: Sitting) -> Generator[Event, Command | None, None]:
    start = time.perf_counter()
    nobody = threading.Event()
    while sitting.is_paused:
        sitting.take((yield Paused(sitting.epoch, sitting.steps_done)))
        if sitting.is_paused:
            nobody.wait(_PAUSE_S)
    sitting.pace.paused(time.perf_counter() - start)


def _outcome(sitting: Sitting) -> Outcome:
    if sitting.is_diverged:
        return Outcome.DIVERGED
    return Outcome.FINISHED if sitting.is_complete else Outcome.STOPPED
