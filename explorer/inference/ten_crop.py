"""The mean answer to several views of one input, as AlexNet's paper predicts (Krizhevsky et al. 2012, section 4.1).

There the shorter side of a photograph is scaled to 256 pixels, the middle 256 x 256 are cut out, and of these the four
corners and the middle of 224 x 224 are taken, with their mirror images: ten softmax outputs are averaged. Mirrored
digits are other signs, so a digit is shown at nine places instead, a pixel apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from explorer.data import steps
from explorer.data.steps import Way
from explorer.inference.prediction import Prediction

if TYPE_CHECKING:
    from explorer.data.sketch import Sketch
    from explorer.data.steps import Adjusted
    from explorer.inference.predictor import Predictor

_MARGIN = 32 / 224
"""Of the network's input, by which the scaled photograph is larger: 256 pixels to 224."""


@dataclass(frozen=True, eq=False)
class Averaged:
    """`mean` of the answers `each` to `views`, read-only uint8 [N, C, H, W]; the network's one view is `single`."""

    mean: Prediction
    each: tuple[Prediction, ...]
    views: NDArray[np.uint8]
    single: Prediction
    names: tuple[str, ...]


PLACES = ("top left", "top right", "bottom left", "bottom right", "middle")


def crops(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    """Ten pieces uint8 [10, C, height, width] of a picture [C, H, W]: see `PLACES`, then their mirror images.

    Raises:
        ValueError: the picture is smaller than a piece.
    """
    down, across = picture.shape[1] - height, picture.shape[2] - width
    if down < 0 or across < 0:
        raise ValueError(f"pieces of {height} × {width} do not fit into {picture.shape[1]} × {picture.shape[2]} pixels")
    corners = ((0, 0), (0, across), (down, 0), (down, across), (down // 2, across // 2))
    pieces = np.stack([picture[:, top : top + height, left : left + width] for top, left in corners])
    return np.concatenate([pieces, pieces[..., ::-1]])


def shifted(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture [C, H, W] at nine places, a pixel apart, row by row: uint8 [9, C, H, W], black where nothing was."""
    wide = np.pad(picture, ((0, 0), (1, 1), (1, 1)))
    height, width = picture.shape[1:]
    # What begins a pixel further up in the margin lies a pixel further down.
    starts = ((1 - down, 1 - across) for down in (-1, 0, 1) for across in (-1, 0, 1))
    return np.stack([wide[:, top : top + height, left : left + width] for top, left in starts])


def averaged(predictor: Predictor, source: Sketch | NDArray[Any] | Adjusted) -> Averaged:
    """The mean of a network's answers to an input's views; each counts alike.

    Raises:
        ValueError: the network marks pixels, or nothing is on the input.
    """
    predictor = predictor.for_input(source)
    settings = predictor.step_settings
    seen = predictor.see(source)
    if seen is None:
        raise ValueError("there is nothing on the picture to recognise")
    if settings.way is Way.DIGIT:
        views = shifted(seen)
        names = tuple(
            ", ".join(part for part in (down, across) if part) or "as it is"
            for down in ("1 up", "", "1 down")
            for across in ("1 left", "", "1 right")
        )
    else:
        channels, height, width = settings.shape
        larger = (channels, height + round(height * _MARGIN), width + round(width * _MARGIN))
        whole = steps.see(source, replace(settings, shape=larger, preset=None))
        if whole is None:
            raise ValueError("there is nothing on the picture to recognise")
        views = crops(whole, height, width)
        names = (*PLACES, *(f"{place}, mirrored" for place in PLACES))
    views = np.ascontiguousarray(views)
    single, *each = predictor.predict(np.concatenate([seen[None], views]))
    views.setflags(write=False)
    shares = np.array([answer.probabilities for answer in each], np.float64).mean(axis=0)
    return Averaged(Prediction(predictor.labels, tuple(shares.tolist())), tuple(each), views, single, names)
