"""One training of LeNet-5 on MNIST until its test accuracy is 99 %; prints JSON with the seconds that it took.

Argument: the seed. The clock starts with the first epoch: imports and reading the data do not count, the evaluation
after each epoch does.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time

from explorer.data.augmentation import Augmentation
from explorer.networks.entries.lenet import LeNet5Options
from explorer.training.config import TrainingConfig
from explorer.training.events import EpochFinished, RunStarted
from explorer.training.fit import fit

TARGET = 0.99


def recipe(seed: int) -> TrainingConfig:
    """Chosen by the accuracy on 6,000 training images that were held out, never by the test set."""
    return TrainingConfig(
        options=LeNet5Options(batch_norm=True, pooling="max"),
        dataset="mnist",
        epochs=2,
        batch_size=256,
        optimiser="adamw",
        learning_rate=0.02,
        weight_decay=0.01,
        schedule="one_cycle",
        augmentation=Augmentation.NONE,
        seed=seed,
    )


def main() -> None:
    began, seconds, accuracy, epochs = 0.0, None, 0.0, 0
    with contextlib.closing(fit(recipe(int(sys.argv[1])))) as events:
        for event in events:
            if isinstance(event, RunStarted):
                began = time.perf_counter()
            if isinstance(event, EpochFinished):
                accuracy, epochs = event.test_accuracy, event.epoch
                if seconds is None and accuracy >= TARGET:
                    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "accuracy": accuracy, "epochs": epochs}))


if __name__ == "__main__":
    main()
