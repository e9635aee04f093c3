"""The benchmark's task as our own training configuration."""

from __future__ import annotations

from explorer.data.augmentation import Augmentation
from explorer.training.config import TrainingConfig
from tests.benchmarks import task


def our_config(batch_size: int, epochs: int = task.EPOCHS) -> TrainingConfig:
    return TrainingConfig(
        dataset="mnist",
        epochs=epochs,
        batch_size=batch_size,
        optimiser="adam",
        schedule="constant",
        learning_rate=task.LEARNING_RATE,
        weight_decay=0.0,
        augmentation=Augmentation.NONE,
    )
