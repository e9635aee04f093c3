"""Data sets in memory that several panels look into: loaded once, by whichever thread asks first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from explorer.data import datasets
from explorer.data.datasets import Dataset, Progress
from explorer.data.errors import DataError
from explorer.system.download import Cancelled
from explorer.system.settings import Settings

# CIFAR-10 takes 180 MB; the panels look at one data set, and seldom at a second.
_MOST_BYTES = 600_000_000
_LOOK_EVERY_S = 0.05


class DataShelf:
    """Keeps the data sets that were asked for last. May be called from any thread; meant for worker threads."""

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, tuple[str, ...]], Dataset] = OrderedDict()

    def is_at_hand(self, name: str) -> bool:
        """Whether a data set can be loaded without a network.

        Raises:
            ValueError: there is no such data set.
        """
        return datasets.is_available(name, self._settings())

    def load(
        self,
        name: str,
        *,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        may_download: bool = False,
    ) -> Dataset:
        """The data set of that name; a second thread that asks waits for the first.

        Raises:
            ValueError: there is no such data set.
            DataError: it is not on this computer and may not be downloaded, or it cannot be read.
            Cancelled: `cancelled()` was true.
        """
        settings = self._settings()
        key = (name, tuple(str(folder) for folder in settings.data_folders()))
        while not self._lock.acquire(timeout=_LOOK_EVERY_S):
            if cancelled():
                raise Cancelled
        try:
            if key not in self._kept:
                if not may_download and not datasets.is_available(name, settings):
                    title = datasets.get(name).title
                    raise DataError(f"{title} is not on this computer; the browser of data sets can download it")
                self._kept[key] = datasets.load(name, settings, progress, cancelled)
            self._kept.move_to_end(key)
            self._make_room()
            return self._kept[key]
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Lets go of everything; data sets that are still looked at live on with those who look."""
        with self._lock:
            self._kept.clear()

    def _make_room(self) -> None:
        while len(self._kept) > 1 and sum(_bytes(dataset) for dataset in self._kept.values()) > _MOST_BYTES:
            self._kept.popitem(last=False)


def _bytes(dataset: Dataset) -> int:
    parts = (dataset.train, dataset.test)
    return sum(part.images.nbytes + part.labels.nbytes for part in parts)
