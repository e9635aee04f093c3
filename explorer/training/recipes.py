"""How each network is trained unless told otherwise: the numbers a form starts with and the terminal takes."""

from __future__ import annotations

import dataclasses
from typing import Any

from explorer.data.augmentation import Augmentation
from explorer.networks import catalogue
from explorer.training.config import TrainingConfig

# Chosen on the last 8,000 training images of MNIST, never on its test set.
_LENET5_MODERN = {
    "epochs": 10,
    "batch_size": 128,
    "optimiser": "adamw",
    "learning_rate": 0.01,
    "weight_decay": 0.01,
    "schedule": "one_cycle",
}
_LENET5_ORIGINAL = {
    "epochs": 8,
    "batch_size": 128,
    "optimiser": "sgd",
    "learning_rate": 0.03,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "schedule": "one_cycle",
}


def default_config(architecture: str, options: Any = None, dataset: str = "mnist") -> TrainingConfig:
    """The recipe for an architecture in the form that `options` say (None: its defaults), on a data set.

    Raises:
        ValueError: there is no such architecture, or the options are those of another.
    """
    chosen = catalogue.get(architecture).options_type() if options is None else options
    config = TrainingConfig(architecture=architecture, options=chosen, dataset=dataset)
    if architecture == "lenet5":
        recipe = _LENET5_ORIGINAL if chosen.form == "original" else _LENET5_MODERN
        return dataclasses.replace(config, augmentation=_augmentation(chosen.form, dataset), **recipe)
    return config


def _augmentation(form: str, dataset: str) -> Augmentation:
    return Augmentation.NONE
