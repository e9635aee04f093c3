"""From a drawing or a picture to what a network sees, step by step: each can be looked at, and most be left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from explorer.data import pen
from explorer.data.drawing import CANVAS, PEN_WIDTH, as_drawing
from explorer.data.photograph import as_photograph, on_white
from explorer.data.picture import digit_of_picture
from explorer.data.sketch import Sketch, as_digit, paths_of
from explorer.data.step_pictures import block_of, in_field, levels, reduced, sheet, small
from explorer.data.watching import ALL_ON, Off

__all__ = ["ALL_ON", "NORMALISED", "Adjusted", "Off", "Step", "StepSettings", "Way", "bare", "see", "steps"]

NORMALISED = "normalised"
_ENLARGED = 4  # times: the paths in the box are drawn so much finer than the result


class Way(str, Enum):
    """What is made of an input."""

    DIGIT = "digit"  # one character in MNIST's format
    SCENE = "scene"  # pictures as photographs, drawings as the sheet


@dataclass(frozen=True)
class StepSettings:
    """What a network takes, and which steps towards it are left out.

    `shape` is (channels, height, width) of what is seen; `whole` as `as_photograph` has it; `ground` and `ink` are the
    levels of a drawing on a sheet. `mean` and `std` are those that pixels of 0 to 1 are normalised by, where they are
    known, and `input_shape` what the network itself gets. A network with a preset of its own sees of a picture what
    `preset` makes of it, which scales the shorter side to `scaled_to` pixels before it cuts the middle out.
    """

    way: Way = Way.DIGIT
    shape: tuple[int, int, int] = (1, 28, 28)
    whole: bool = False
    ground: int = 0
    ink: int = 255
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    input_shape: tuple[int, int, int] | None = None
    off: Off = ALL_ON
    preset: Callable[[NDArray[Any]], NDArray[np.uint8]] | None = None
    scaled_to: int = 0


@dataclass(frozen=True, eq=False)
class Step:
    """One step: its `name`, the `picture` that it made, read-only uint8 [H, W] or [H, W, 3], and what it did.

    `is_on` tells whether it was taken; `can_be_off` whether it can be left out.
    """

    key: str
    name: str
    picture: NDArray[np.uint8]
    explanation: str
    can_be_off: bool = False
    is_on: bool = True


@dataclass(frozen=True, eq=False)
class Adjusted:
    """An input that is to be seen with some steps left out."""

    source: Sketch | NDArray[Any]
    off: Off


def bare(source: Sketch | NDArray[Any] | Adjusted) -> Sketch | NDArray[Any]:
    """The input itself."""
    return source.source if isinstance(source, Adjusted) else source


def see(source: Sketch | NDArray[Any] | Adjusted, settings: StepSettings) -> NDArray[np.uint8] | None:
    """What a network is shown of a drawing or a picture: uint8 `settings.shape`; None where nothing is on it.

    Raises:
        ValueError: an array is not a picture.
    """
    source, settings = _unpacked(source, settings)
    if settings.way is Way.DIGIT:
        if not settings.off:
            digit = as_digit(source)
        elif isinstance(source, Sketch):
            stages = _strokes(source, settings.off)
            digit = None if stages is None else stages[-1][1]
        else:
            digit = digit_of_picture(np.asarray(source), settings.off)
        return None if digit is None else digit[None]
    if isinstance(source, Sketch):
        return as_drawing(source, settings.shape, ground=settings.ground, ink=settings.ink) if source.strokes else None
    picture = np.asarray(source)
    if "scaled" in settings.off:
        return _cut_out(picture, settings.shape)
    if settings.preset is not None and "cut" not in settings.off:
        return settings.preset(picture)
    return as_photograph(picture, settings.shape, whole=settings.whole is not ("cut" in settings.off))


def steps(source: Sketch | NDArray[Any] | Adjusted, settings: StepSettings) -> tuple[Step, ...]:
    """Every step from the input to what `see` gives, which is the last one's picture; () where nothing is on it.

    Raises:
        ValueError: an array is not a picture.
    """
    source, settings = _unpacked(source, settings)
    seen = see(source, settings)
    if seen is None:
        return ()
    made: Iterator[Step]
    if settings.way is Way.DIGIT:
        made = _of_strokes(source, settings.off) if isinstance(source, Sketch) else _of_digit(source, settings.off)
    elif isinstance(source, Sketch):
        made = iter((Step("strokes", "Strokes", sheet(source), "What was drawn, on the whole sheet."),))
    else:
        made = _of_scene(source, settings)
    return (*made, _normalised(seen, settings))


def _unpacked(
    source: Sketch | NDArray[Any] | Adjusted, settings: StepSettings
) -> tuple[Sketch | NDArray[Any], StepSettings]:
    if not isinstance(source, Adjusted):
        return source, settings
    return source.source, dataclasses.replace(settings, off=settings.off | source.off)


# Drawings


def _strokes(sketch: Sketch, off: Off) -> list[tuple[str, NDArray[Any]]] | None:
    """The paths in their box, the ink, and the digit, by the functions that `as_digit` is made of."""
    paths = paths_of(sketch)
    if paths is None:
        return None
    points, radii = paths
    # Pressure makes the pen of the sheet thicker or thinner, as it does the other.
    on_sheet = radii / np.float32(pen.PEN_RADIUS) * np.float32(PEN_WIDTH / 2)
    if "fitted" not in off:
        if "inked" in off:
            radii = on_sheet * _box_scale(points, on_sheet)
        placed = pen.fitted(points, radii)
    else:
        scale = np.float32(pen.SIDE / CANVAS)
        start = np.asarray(sketch.strokes[0].points[0], np.float32)
        placed = (points + start) * scale
        if "inked" in off:
            radii = on_sheet * scale
    fine = pen.ink(placed * _ENLARGED, np.full_like(radii, 1.5), pen.FIELD * _ENLARGED)[0]
    inked = pen.ink(placed, radii, pen.FIELD)
    if "centred" not in off:
        digit = pen.centred(inked)[0]
    elif "fitted" not in off:
        digit = pen.centred_by_box(inked)[0]
    else:
        digit = levels(inked[0])
    return [("fitted", fine), ("inked", inked[0]), ("centred", digit)]


def _box_scale(points: NDArray[np.float32], radii: NDArray[np.float32]) -> np.float32:
    """What brings the box around the ink of the sheet's own pen to 20 pixels."""
    low = (points - radii[..., None]).min(axis=(0, 1))
    high = (points + radii[..., None]).max(axis=(0, 1))
    return np.float32(pen.BOX / max(float((high - low).max()), 1e-6))


def _of_strokes(sketch: Sketch, off: Off) -> Iterator[Step]:
    stages = _strokes(sketch, off)
    if stages is None:
        return
    (_, fine), (_, inked), (_, digit) = stages
    yield Step("strokes", "Strokes", sheet(sketch), "What was drawn: paths of the pen, not pixels.")
    yield _step(
        "fitted",
        "Scaled to 20 pixels",
        fine,
        off,
        "The box around the ink is scaled so that its longer side has 20 pixels, keeping its shape. Size and place on "
        "the sheet no longer matter.",
        "The sheet is scaled as a whole: a small digit stays small.",
    )
    yield _step(
        "inked",
        "Inked",
        inked,
        off,
        f"The scaled paths are inked with a pen of {2 * pen.PEN_RADIUS:g} pixels, as thick as MNIST's, however large "
        "the drawing was.",
        "The pen is scaled with the drawing: thin in a large digit, thick in a small one.",
    )
    yield _centring(inked, digit, off)


def _centring(before: NDArray[np.float32], digit: NDArray[np.uint8], off: Off) -> Step:
    x, y = pen.mass_centre(before)
    after_x, after_y = pen.mass_centre(digit.astype(np.float32) / np.float32(255))
    return _step(
        "centred",
        "Centred by mass",
        digit,
        off,
        f"Moved by whole pixels, so that the ink's centre of mass, here ({x:.1f}, {y:.1f}), comes nearest to (14, 14): "
        f"({after_x:.1f}, {after_y:.1f}).",
        f"Not moved to its centre of mass, which lies at ({after_x:.1f}, {after_y:.1f}) instead of (14, 14).",
    )


# Pictures of digits

_OF_PICTURES = (
    (
        "flattened",
        "Background flattened",
        "The sheet's lightness, the median of each of 8 × 8 tiles, smoothed, is taken away: shadows go.",
        "The border's median is taken for the sheet, everywhere: shadows count as ink.",
    ),
    (
        "ink",
        "Ink made bright",
        "Ink is what differs most from the border, darker or lighter; it becomes bright on black, as in MNIST.",
        "What is bright is taken for ink, whatever the background is.",
    ),
    (
        "specks",
        "Specks dropped",
        "What differs from the sheet too little to be ink is set to nothing: grain, lines of the paper.",
        "However faint, everything that differs from the sheet stays.",
    ),
    (
        "pieces",
        "Largest pieces kept",
        "Pieces with less than a tenth of the largest one's pixels are dropped.",
        "Small pieces stay: they widen the box.",
    ),
    (
        "thickened",
        "Thickened",
        "Lines that would be thinner than most of MNIST's after scaling are made thicker.",
        "Thin lines stay thin, and fade when they are scaled.",
    ),
    (
        "fitted",
        "Scaled to 20 pixels",
        "The box around the ink is averaged down so that its longer side has 20 pixels, keeping its shape.",
        "The whole picture is scaled to 28 pixels: a small digit stays small.",
    ),
)


def _of_digit(picture: NDArray[Any], off: Off) -> Iterator[Step]:
    made: dict[str, NDArray[Any]] = {}
    digit = digit_of_picture(np.asarray(picture), off, made.__setitem__)
    if digit is None:
        return
    yield Step("picture", "Picture", small(picture), "What was opened.")
    yield Step("gray", "Gray", levels(reduced(made["gray"])), "How light each pixel is (BT.601), on white paper.")
    for key, name, on, without in _OF_PICTURES:
        # A step that had nothing to do is not there, unless it was left out.
        if key in made or key in off:
            before = made.get(key)
            if before is None:
                before = made["gray" if key == "flattened" else "ink"]
            if key == "ink" and before.size:
                before = before / max(float(before.max()), 1e-6)
            yield _step(key, name, in_field(before) if key == "fitted" else reduced(before), off, on, without)
    yield _centring(made["fitted"].astype(np.float32), digit, off)


# Photographs


def _of_scene(picture: NDArray[Any], settings: StepSettings) -> Iterator[Step]:
    _, height, width = settings.shape
    yield Step("picture", "Picture", small(picture), "What was opened.")
    flat = Image.fromarray(on_white(np.ascontiguousarray(picture), block_of(picture)))
    if settings.shape[0] == 1:
        flat = flat.convert("L")
        yield Step("gray", "Gray", np.asarray(flat), "How light each pixel is (BT.601).")
    scale = (max if settings.whole else min)(picture.shape[0] / height, picture.shape[1] / width)
    if settings.scaled_to:
        scale = min(picture.shape[:2]) / settings.scaled_to
    size = tuple(max(1, round(side / scale)) for side in picture.shape[:2])
    which, what = ("longer", "fits into") if settings.whole else ("shorter", "fills")
    scaled = np.asarray(flat.resize((size[1], size[0]), Image.Resampling.LANCZOS)) if max(size) <= 4096 else None
    if "scaled" in settings.off:
        scaled = np.asarray(flat)
    if scaled is not None:
        yield _step(
            "scaled",
            "Scaled",
            scaled,
            settings.off,
            (
                f"Scaled so that the shorter side has {settings.scaled_to} pixels: "
                if settings.scaled_to
                else f"Scaled so that the {which} side {what} {height} × {width} pixels: "
            )
            + f"{picture.shape[0]:,} × {picture.shape[1]:,} become {size[0]:,} × {size[1]:,}.",
            f"Not scaled: the network gets {height} × {width} of {picture.shape[0]:,} × {picture.shape[1]:,} pixels.",
        )
    if "scaled" in settings.off:
        return
    seen = see(picture, settings)
    if seen is not None:
        cut, laid = "The middle is cut out.", "All of it is shown, on black."
        on, without = (laid, cut) if settings.whole else (cut, laid)
        yield _step("cut", "Laid on black" if settings.whole else "Cut", _shown(seen), settings.off, on, without)


def _cut_out(picture: NDArray[Any], shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """The middle of a picture as it is, on black where it is smaller."""
    channels, height, width = shape
    # Rows and columns beyond what is cut out need not be laid on white.
    top, left = (max(0, (side - wanted) // 2) for side, wanted in zip(picture.shape[:2], (height, width), strict=True))
    middle = np.ascontiguousarray(picture[top : top + height, left : left + width])
    pixels = np.asarray(Image.fromarray(on_white(middle)).convert("L" if channels == 1 else "RGB"))
    pixels = pixels.reshape(*pixels.shape[:2], channels)
    field = np.zeros((height, width, channels), np.uint8)
    down, across = (height - pixels.shape[0]) // 2, (width - pixels.shape[1]) // 2
    field[down : down + pixels.shape[0], across : across + pixels.shape[1]] = pixels
    return np.ascontiguousarray(np.moveaxis(field, 2, 0))


# All


def _normalised(seen: NDArray[np.uint8], settings: StepSettings) -> Step:
    on = "Pixels of 0 to 1 are what the network gets."
    if settings.mean:
        low, high = (
            (seen[:: len(seen)].min() / 255 - settings.mean[0]) / settings.std[0],
            (seen[:: len(seen)].max() / 255 - settings.mean[0]) / settings.std[0],
        )
        means = ", ".join(f"{value:.4g}" for value in settings.mean)
        deviations = ", ".join(f"{value:.4g}" for value in settings.std)
        on = (
            f"Each pixel, 0 to 1, less the mean of the training images ({means}), divided by their deviation "
            f"({deviations}): numbers from {_signed(low)} to {_signed(high)}."
        )
    given = settings.input_shape
    if given is not None and given[1:] != settings.shape[1:]:
        on += f" They are laid into the {given[1]} × {given[2]} pixels of the network's input."
    without = "The network gets pixels of 0 to 1, which is not what it learnt from."
    return _step(NORMALISED, "Normalised", _shown(seen), settings.off, on, without, can_be_off=bool(settings.mean))


def _step(
    key: str, name: str, picture: NDArray[Any], off: Off, on: str, without: str, *, can_be_off: bool = True
) -> Step:
    is_on = key not in off
    pixels = picture if picture.dtype == np.uint8 else levels(picture)
    pixels = pixels.view()
    pixels.setflags(write=False)
    return Step(key, name, pixels, on if is_on else without, can_be_off, is_on)


def _shown(seen: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """[C, H, W] as a picture: [H, W], or [H, W, 3] in colour."""
    return seen[0] if seen.shape[0] == 1 else np.moveaxis(seen, 0, 2)


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "\N{MINUS SIGN}")
