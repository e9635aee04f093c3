"""What is asked about an answer, and what is told: why the network says so. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray


class Method(str, Enum):
    """Ways to ask why; the values are their names on the command line."""

    SALIENCY = "saliency"
    GRADIENT_INPUT = "gradient-input"
    GRAD_CAM = "grad-cam"
    OCCLUSION = "occlusion"
    INTEGRATED = "integrated-gradients"

    @property
    def words(self) -> str:
        return _TITLES[self]

    @property
    def is_signed(self) -> bool:
        """Whether values speak for the class (above zero) and against it (below)."""
        return self in {Method.GRADIENT_INPUT, Method.OCCLUSION, Method.INTEGRATED}


_TITLES = {
    Method.SALIENCY: "Saliency",
    Method.GRADIENT_INPUT: "Gradient × input",
    Method.GRAD_CAM: "Grad-CAM",
    Method.OCCLUSION: "Occlusion",
    Method.INTEGRATED: "Integrated gradients",
}


class Baseline(str, Enum):
    """The empty picture that a method compares with, or covers a patch by."""

    BLACK = "black"
    WHITE = "white"
    MEAN = "mean"  # the mean of what the network learnt from: 0 after normalisation


@dataclass(frozen=True)
class Question:
    """Why `label`? A class by its number, None for the answered one.

    `layer` is Grad-CAM's, "" for the last convolution; `patch` and `stride` are occlusion's, in pixels of the input, 0
    for a seventh of its side and half of that; `steps` are those of integrated gradients.
    """

    method: Method = Method.GRAD_CAM
    label: int | None = None
    layer: str = ""
    patch: int = 0
    stride: int = 0
    baseline: Baseline = Baseline.BLACK
    steps: int = 50


@dataclass(frozen=True, eq=False)
class Attribution:
    """The answer to a question about one picture.

    `values` is read-only float32 [H, W] over the network's input, `on_seen` the same over the picture that it was shown
    (`Predictor.see`), which the input may hold in a margin. `score` is the class's: its output, negated where that is a
    distance, and for a network that marks pixels the sum over those marked as the class. Integrated gradients tell the
    `baseline_score`, and by how much their sum misses the difference: `completeness_error`. `layer` is what Grad-CAM
    looked at, `patch` and `stride` what occlusion used.
    """

    question: Question
    label: int
    label_name: str
    score: float
    values: NDArray[np.float32]
    on_seen: NDArray[np.float32]
    layer: str = ""
    patch: int = 0
    stride: int = 0
    baseline_score: float | None = None
    completeness_error: float | None = None

    @property
    def most(self) -> float:
        """The largest size of a value: the end of the scale."""
        return float(np.abs(self.values).max())
