"""What an attribution says in figures and words, the same in the window and at a terminal. Free of torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from explorer.inference.attribution import Attribution, Method

# Of many pixels, so many may lie beyond the scale: a few spikes of a gradient would leave all else pale.
_BEYOND = 0.005
_MANY = 64 * 64

OPACITY = 80  # percent: of colours over a picture, until another is chosen
ABOUT = {
    Method.SALIENCY: "How much the score would change with each pixel (Simonyan et al. 2013)",
    Method.GRADIENT_INPUT: "The slope at each pixel times the pixel: what it gives to the score, to first order",
    Method.GRAD_CAM: "Where in a layer's maps the evidence for the class lies (Selvaraju et al. 2017)",
    Method.OCCLUSION: "How much of the score is lost when a patch is covered (Zeiler and Fergus 2014)",
    Method.INTEGRATED: "What each pixel gives to the score on the way from an empty picture (Sundararajan et al. 2017)",
}
"""Each method in a sentence."""


def scale_end(values: NDArray[np.float32]) -> tuple[float, bool]:
    """The value that gets the strongest colour, and whether a few lie beyond it."""
    sizes = np.abs(values)
    most = float(sizes.max(initial=0.0))
    if values.size < _MANY:
        return most, False
    end = float(np.quantile(sizes, 1 - _BEYOND))
    return (end, True) if 0 < end < most else (most, False)


def strongest(values: NDArray[np.float32]) -> tuple[int, int, float]:
    """Row, column and value of what counts most, for or against."""
    row, column = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    return int(row), int(column), float(values[row, column])


def numbers_of(found: Attribution) -> tuple[str, ...]:
    """What is worth telling in numbers, a line each."""
    lines = [f"Score of {found.label_name}: {number(found.score)}"]
    if found.layer:
        lines.append(f"Maps of {found.layer}")
    if found.patch:
        lines.append(f"Patch {found.patch} × {found.patch}, stride {found.stride}")
    if found.baseline_score is not None and found.completeness_error is not None:
        gained = found.score - found.baseline_score
        share = f" ({100 * found.completeness_error / abs(gained):.2f} % of it)" if gained else ""
        lines.append(
            f"Above the baseline: {number(gained)}; the sum misses it by {number(found.completeness_error)}{share}"
        )
    return tuple(lines)


def number(value: float) -> str:
    """A value in three figures, with a true minus sign."""
    return f"{value:.3g}".replace("-", "−")
