"""Every experiment there is, in the order in which the design numbers the claims. Free of torch.

An experiment is data (`claims.claim`); `claims.runner.conduct` runs one, and `claims.verdict` says how it is judged.
"""

from __future__ import annotations

import difflib

from explorer.claims.claim import Experiment
from explorer.claims.entries.alexnet import AUGMENTATION, DROPOUT, ENSEMBLE, LRN, POOLING, RELU
from explorer.claims.entries.batch_norm import BATCH_NORM
from explorer.claims.entries.googlenet import INCEPTION
from explorer.claims.entries.lenet import COLLAPSE, SHARING, TOLERANCE
from explorer.claims.entries.resnet import DEPTH, IDENTITY, SHORTCUTS, SQUEEZE
from explorer.claims.entries.unet import SKIPS
from explorer.claims.entries.vgg import DENSE, KERNELS, SPEED

EXPERIMENTS: tuple[Experiment, ...] = (
    KERNELS,
    RELU,
    POOLING,
    DROPOUT,
    LRN,
    AUGMENTATION,
    ENSEMBLE,
    BATCH_NORM,
    DEPTH,
    SHORTCUTS,
    INCEPTION,
    DENSE,
    TOLERANCE,
    COLLAPSE,
    SQUEEZE,
    SKIPS,
    IDENTITY,
    SHARING,
    SPEED,
)


def get(name: str) -> Experiment:
    """The experiment of that name, or with that number.

    Raises:
        ValueError: there is none; the message says which are, or which is meant.
    """
    for experiment in EXPERIMENTS:
        if name in {experiment.name, str(experiment.number)}:
            return experiment
    close = difflib.get_close_matches(name.lower(), [experiment.name for experiment in EXPERIMENTS], n=1)
    hint = f"did you mean {close[0]}?" if close else "`cnn-explorer experiment --list` names all there are"
    raise ValueError(f"there is no experiment {name!r}; {hint}")


def concerning(network: str) -> tuple[Experiment, ...]:
    """The experiments about a network of the catalogue, in order."""
    return tuple(experiment for experiment in EXPERIMENTS if network in experiment.networks)
