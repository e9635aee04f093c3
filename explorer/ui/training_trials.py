"""Short trials before a training: what it would cost, and which learning rate suits it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.errors import MemoryShortageError
from explorer.ui.training_cost import Cost
from explorer.ui.training_job import Failure
from explorer.ui.training_measuring import Measurement, Told

# Points of the range test reach the plot no more often.
_TOLD_EVERY_S = 0.1


class CostTrial(QObject):
    """Measures a few steps of a training; `known` or `failed` answers, unless it is given up."""

    told = Signal(str, object)  # what is being done, share done 0 to 1 or None
    known = Signal(object, object)  # TrainingConfig, Cost
    failed = Signal(object, object)  # TrainingConfig, Failure

    def __init__(self, settings: Callable[[], Settings], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._config: TrainingConfig | None = None
        self._measurement = Measurement("estimate cost", self)
        self._measurement.told.connect(self.told)
        self._measurement.done.connect(self._on_done)
        self._measurement.failed.connect(self._on_failed)
        self.cancel, self.shutdown = self._measurement.cancel, self._measurement.shutdown

    @property
    def is_under_way(self) -> bool:
        return self._measurement.is_under_way

    def start(self, config: TrainingConfig) -> None:
        settings = self._settings()
        self._config = config
        self._measurement.start(lambda told: _measured_cost(config, settings, told))

    def _on_done(self, result: Cost | Failure | None) -> None:
        if isinstance(result, Cost):
            self.known.emit(self._config, result)
        elif isinstance(result, Failure):
            self.failed.emit(self._config, result)

    def _on_failed(self, sentence: str) -> None:
        self.failed.emit(self._config, Failure(sentence))


class RangeTrial(QObject):
    """Tries learning rates from tiny to huge; `points` come as they are measured, `ended` says what they suggest."""

    told = Signal(str, object)
    points = Signal(object)  # pairs of rate and loss
    ended = Signal(object)  # the rate that is suggested, or None
    failed = Signal(str)

    def __init__(self, settings: Callable[[], Settings], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._measurement = Measurement("test learning rates", self)
        self._measurement.told.connect(self.told)
        self._measurement.came.connect(self.points)
        self._measurement.done.connect(self.ended)
        self._measurement.failed.connect(self.failed)
        self.cancel, self.shutdown = self._measurement.cancel, self._measurement.shutdown

    @property
    def is_under_way(self) -> bool:
        return self._measurement.is_under_way

    def start(self, config: TrainingConfig) -> None:
        settings = self._settings()
        self._measurement.start(lambda told: _tested_range(config, settings, told))


def _measured_cost(config: TrainingConfig, settings: Settings, told: Told) -> Cost | Failure:
    from explorer.training.estimate import estimate  # noqa: PLC0415 - torch is imported off the UI thread

    try:
        found = estimate(config, settings, progress=told.say, cancelled=told.is_cancelled)
    except MemoryShortageError as error:
        return Failure(str(error), error.batch_size)
    return Cost(found.seconds_per_epoch, found.memory_bytes)


def _tested_range(config: TrainingConfig, settings: Settings, told: Told) -> float | None:
    from explorer.training.range_test import range_test, suggestion  # noqa: PLC0415 - as above

    points: list[Any] = []
    waiting: list[tuple[float, float]] = []
    told_at = time.monotonic()
    with closing(range_test(config, settings, progress=told.say, cancelled=told.is_cancelled)) as test:
        for point in test:
            points.append(point)
            waiting.append((point.rate, point.loss))
            if time.monotonic() - told_at >= _TOLD_EVERY_S:
                told_at = time.monotonic()
                told.give(tuple(waiting))
                waiting.clear()
    told.give(tuple(waiting))
    return suggestion(points)
