"""Softmax with a temperature (Hinton, Vinyals, Dean: Distilling the knowledge in a neural network, 2015). No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from explorer.inference.prediction import Prediction

COLDEST, HOTTEST = 0.1, 10.0


def tempered(labels: Sequence[str], scores: Sequence[float], temperature: float) -> Prediction:
    """The prediction of softmax(scores / temperature): 1 is the network's own, more is less decided.

    `scores` are logits, or negated distances, in the order of the labels.

    Raises:
        ValueError: the temperature is not positive, or the counts differ.
    """
    if not temperature > 0 or not math.isfinite(temperature):
        raise ValueError(f"a temperature is a positive number, not {temperature}")
    if len(labels) != len(scores):
        raise ValueError(f"{len(labels)} classes need as many scores, not {len(scores)}")
    values = np.asarray(scores, np.float64)
    # Less the largest before dividing: a cold softmax of large scores stays finite.
    shares = np.exp((values - values.max()) / temperature)
    return Prediction(tuple(labels), tuple((shares / shares.sum()).tolist()))
