"""A data set so small that an epoch takes a tenth of a second."""

from __future__ import annotations

import functools

from explorer.data import datasets, digits
from explorer.data.datasets import Dataset
from explorer.training.config import TrainingConfig


@functools.cache
def small_dataset(name: str = "digits", checksum: str = "small") -> Dataset:
    train, test = digits.make_digits(200, 1), digits.make_digits(50, 2)
    return Dataset(name, "Small", tuple("0123456789"), train, test, (0.125,), (0.25,), checksum, "made for tests")


def small_config(**changes: object) -> TrainingConfig:
    return TrainingConfig(**{"dataset": "digits", "epochs": 3, "batch_size": 32, "threads": 1, "seed": 5, **changes})


def load_small(name: str, *_: object) -> Dataset:
    datasets.get(name)
    return small_dataset(name)
