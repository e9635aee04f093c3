"""How far an input can be changed until a network answers otherwise: its answers along one change at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.data import pen
from explorer.data.augment import moved
from explorer.data.changes import CHANGES, Change, Changes
from explorer.data.sketch import Sketch, paths_of
from explorer.data.steps import Adjusted, Way, bare
from explorer.inference.prediction import Prediction
from explorer.inference.predictor import Predictor

__all__ = ["CHANGES", "Change", "Changes", "Curve", "Tolerance", "tolerance", "varied"]

_POINTS = 41  # odd: the middle of a range about 0 is one of them
_FEW_POINTS = 9
_LARGE = 3 * 64 * 64  # values of an input, from which on fewer points are computed
_SEED = 20_261_121  # the same noise each time: answers change with its strength alone


@dataclass(frozen=True, eq=False)
class Curve:
    """Answers along one change, the others as they are: `values` [N] and the probabilities [N] at them.

    `best` belongs to the answer to the input as it now is, `second` to its runner-up there.
    """

    change: Change
    values: NDArray[np.float64]
    best: NDArray[np.float64]
    second: NDArray[np.float64]
    other: NDArray[np.float64] | None = None  # `best` as another network has it


@dataclass(frozen=True, eq=False)
class Tolerance:
    """`answer` to the input changed by `changes`, which is `seen`, read-only uint8 [C, H, W], and a curve a change."""

    changes: Changes
    answer: Prediction
    seen: NDArray[np.uint8]
    labels: tuple[str, str]  # of `best` and `second`
    curves: tuple[Curve, ...]


def varied(
    predictor: Predictor, source: Sketch | NDArray[Any] | Adjusted, changes: Sequence[Changes]
) -> NDArray[np.uint8]:
    """What the network sees of an input changed in several ways: uint8 [N, C, H, W].

    The pen's width is changed before the ink, in the strokes of a drawing; in a picture of a digit, on the 28x28. All
    else is changed after centring, which would take a shift back, by the resampling that training varies images with.
    Contrast is about black for digits, else about the image's mean gray. Noise is the same each time.

    Raises:
        ValueError: nothing is on the input, or it is no picture.
    """
    seen = predictor.see(source)
    if seen is None:
        raise ValueError("there is nothing on the pad to change")
    is_digit = predictor.step_settings.way is Way.DIGIT
    widths = sorted({each.pen for each in changes}) if is_digit else [1.0]
    inked = {width: _inked(seen, source, width) if is_digit else seen for width in widths}
    stack = np.stack([inked[each.pen] if is_digit else seen for each in changes])
    images = torch.from_numpy(stack).to(torch.float32) / 255
    at = {field.name: torch.tensor([float(getattr(each, field.name)) for each in changes]) for field in fields(Changes)}
    still = (at["shift_x"] == 0) & (at["shift_y"] == 0) & (at["turn"] == 0) & (at["size"] == 1)
    shifts = torch.stack([at["shift_x"], at["shift_y"]], dim=1)
    images = torch.where(still[:, None, None, None], images, moved(images, shifts, at["turn"], at["size"]))
    middle: Tensor | float = 0.0 if is_digit else images.mean(dim=(1, 2, 3), keepdim=True)
    images = middle + at["contrast"][:, None, None, None] * (images - middle)
    noise = torch.randn(images.shape[1:], generator=torch.Generator().manual_seed(_SEED))
    images = images + at["noise"][:, None, None, None] * noise
    levels: NDArray[np.uint8] = images.mul(255).round_().clamp_(0, 255).to(torch.uint8).numpy()
    return levels


def tolerance(
    predictor: Predictor,
    source: Sketch | NDArray[Any] | Adjusted,
    changes: Changes,
    other: Predictor | None = None,
) -> Tolerance:
    """The answers along every change, in one batch; of `other` too, a network with the same labels.

    Raises:
        ValueError: the network marks pixels, or nothing is on the input.
    """
    predictor = predictor.for_input(source)
    count = _POINTS if np.prod(predictor.seen_shape) < _LARGE else _FEW_POINTS
    offered = [change for change in CHANGES if change.for_photographs or predictor.step_settings.way is Way.DIGIT]
    along = {change.name: np.linspace(change.low, change.high, count) for change in offered}
    wanted = [changes]
    for change in offered:
        wanted += [replace(changes, **{change.name: float(value)}) for value in along[change.name]]
    seen = varied(predictor, source, wanted)
    answer, *answers = predictor.predict(seen)
    order = sorted(range(len(answer.labels)), key=lambda index: -answer.probabilities[index])
    best, second = order[0], order[min(1, len(order) - 1)]
    rivals = None
    if other is not None and other.labels == predictor.labels:
        other = other.for_input(source)
        rivals = other.predict(varied(other, source, wanted[1:]))
    shares = np.array([each.probabilities for each in answers])
    curves = []
    for number, change in enumerate(offered):
        part = slice(number * count, (number + 1) * count)
        beside = None if rivals is None else np.array([each.probabilities[best] for each in rivals[part]])
        curves.append(Curve(change, along[change.name], shares[part, best], shares[part, second], beside))
    first = np.ascontiguousarray(seen[0])
    first.setflags(write=False)
    return Tolerance(changes, answer, first, (answer.labels[best], answer.labels[second]), tuple(curves))


def _inked(seen: NDArray[np.uint8], source: Sketch | NDArray[Any] | Adjusted, width: float) -> NDArray[np.uint8]:
    """The digit as a pen of another width would have written it."""
    if width == 1:
        return seen
    sketch = bare(source)
    if isinstance(sketch, Sketch) and not (isinstance(source, Adjusted) and source.off):
        paths = paths_of(sketch)
        if paths is not None:
            digit: NDArray[np.uint8] = pen.digits_from_paths(paths[0], paths[1] * np.float32(width))
            return digit
    return _thicker(seen, width)


def _thicker(seen: NDArray[np.uint8], width: float) -> NDArray[np.uint8]:
    """A picture with the edges of its lines moved: blurred a little, and its contrast raised about another level.

    As `augment` makes strokes thicker or thinner, by up to about half a pixel at an edge.
    """
    image = np.pad(seen[0].astype(np.float32) / 255, 1)
    rows = image[:-2] + 2 * image[1:-1] + image[2:]
    soft = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16
    soft = soft / max(float(soft.max()), 1e-6)
    level = float(np.clip(0.5 - 0.45 * (width - 1), 0.12, 0.85))
    changed = np.clip((soft - level) * 2 + 0.5, 0, 1) * (soft > 0.02)
    levels: NDArray[np.uint8] = np.rint(changed * 255).astype(np.uint8)[None]
    return levels
