"""How each network is trained unless told otherwise: the numbers a form starts with and the terminal takes."""

from __future__ import annotations

from typing import Any

from explorer.data.augmentation import Augmentation
from explorer.networks import catalogue
from explorer.training.config import TrainingConfig


def default_config(architecture: str, options: Any = None, dataset: str = "mnist") -> TrainingConfig:
    """The recipe for an architecture in the form that `options` say (None: its defaults), on a data set.

    Raises:
        ValueError: there is no such architecture, or the options are those of another.
    """
    chosen = catalogue.get(architecture).options_type() if options is None else options
    config = TrainingConfig(architecture=architecture, options=chosen, dataset=dataset)
    return config
