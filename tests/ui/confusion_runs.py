"""A run on made-up data: a few test images whose labels and answers are known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from explorer.data.datasets import Dataset
from explorer.data.split import Split
from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs.answers import write_answers
from explorer.runs.run_folder import RunRecord, create_run

CLASSES = ("cat", "dog", "owl")
LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2], np.int64)
# Three cats right, one taken for a dog; one dog right, one taken for an owl; both owls taken for dogs.
ANSWERS = np.array([0, 1, 0, 0, 1, 2, 1, 1])
CONFIDENCE = np.array([0.9, 0.8, 0.4, 0.7, 0.6, 0.5, 0.75, 0.95])


def dataset(labels: np.ndarray = LABELS) -> Dataset:
    images = np.arange(len(labels) * 784, dtype=np.uint32).astype(np.uint8).reshape(-1, 1, 28, 28)
    split = Split(images, labels)
    return Dataset("digits", "Few", CLASSES, split, split, (0.1,), (0.3,), "sum", "made up")


class Shelf:
    """Gives one data set for every name."""

    def __init__(self, given: Dataset | None = None) -> None:
        self.dataset = given or dataset()
        self.loads = 0

    def is_at_hand(self, _name: str) -> bool:
        return True

    def load(self, _name: str, **_keywords: object) -> Dataset:
        self.loads += 1
        return self.dataset


def make_run(runs: Path, epochs: int = 2, *, name: str = "lenet5") -> Path:
    """A finished run with the answers of its epochs; only the last epoch's are `ANSWERS`, before all are cats."""
    record = RunRecord(
        architecture="lenet5",
        options=dataclasses.asdict(LeNet5Options()),
        config={"architecture": name, "epochs": epochs, "dataset": "digits"},
        dataset="digits",
        data_checksum="",
        data_source="",
        labels=CLASSES,
        preprocessing={},
        seed=0,
        versions={},
        device="cpu",
        device_title="CPU",
        threads=1,
        memory_layout="contiguous",
        dtype="float32",
        parameters=61_706,
        created="2026-11-21T14:30:05",
        status="finished",
    )
    run = create_run(runs, record)
    run.lock.release()
    for epoch in range(1, epochs + 1):
        answers = ANSWERS if epoch == epochs else np.zeros(len(ANSWERS), np.int64)
        write_answers(run.folder, epoch, answers, CONFIDENCE)
    return run.folder
