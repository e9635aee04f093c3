"""A few steps of a training that nobody keeps: for a range test, and for what a training would cost."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from explorer.data import datasets
from explorer.data.datasets import Dataset
from explorer.system import devices
from explorer.system import settings as system_settings
from explorer.system.download import Cancelled
from explorer.system.settings import Settings
from explorer.training import threads
from explorer.training.config import TrainingConfig
from explorer.training.ingredients import Ingredients, device_for, ingredients
from explorer.training.precision import with_precision
from explorer.training.preparation import Progress, surroundings_put_back


@contextmanager
def trial(
    config: TrainingConfig,
    settings: Settings | None,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[tuple[Ingredients, Dataset]]:
    """A network ready to be trained on the device that a training would use, in this thread, with as many threads.

    Where a training would measure how many are best, all that it could use are taken. Nothing is compiled.

    Raises:
        ValueError: the config and the data do not fit each other or this machine.
        DataError: the data set cannot be had.
        Cancelled: `cancelled()` was true.
    """
    chosen = settings or system_settings.load()
    with surroundings_put_back():
        dataset = datasets.load(config.dataset, chosen, progress, cancelled)
        if cancelled is not None and cancelled():
            raise Cancelled
        device = device_for(config, chosen)
        as_it_is = dataclasses.replace(config, compiled=False, captured=False)
        plain = with_precision(as_it_is, device, cancelled=cancelled)
        given = ingredients(plain, dataset, device)
        devices.use_threads(config.threads or chosen.threads or threads.candidates(devices.cores())[-1])
        given.network.train()
        yield given, dataset
