"""The benchmark's tasks as our own training configurations."""

from __future__ import annotations

from explorer.data.augmentation import Augmentation
from explorer.training.config import TrainingConfig


def our_config(task: str, batch_size: int, epochs: int = 8) -> TrainingConfig:
    if task == "resnet20":
        return TrainingConfig(
            architecture="resnet20",
            dataset="cifar10",
            epochs=epochs,
            batch_size=batch_size,
            optimiser="sgd",
            schedule="constant",
            learning_rate=0.1,
            momentum=0.9,
            nesterov=False,
            weight_decay=1e-4,
            augmentation=Augmentation.PHOTOS,
            precision="auto",
        )
    return TrainingConfig(
        dataset="mnist",
        epochs=epochs,
        batch_size=batch_size,
        optimiser="adam",
        schedule="constant",
        learning_rate=1e-3,
        weight_decay=0.0,
        augmentation=Augmentation.NONE,
        precision="auto",
    )
