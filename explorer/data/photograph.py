"""A picture of anything, of any size, made into the input of a network that was trained on photographs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_REDUCED_TO = 4.0  # times the result, by plain averages, before the finer filter: as good to the eye and far quicker
_ROWS_AT_ONCE = 1 << 20  # pixels that are worked on together, so that a large picture needs little more memory
_GRID = 48  # places each way at which colours are looked at
_PATCH = 4  # pixels each way averaged at each place, against a camera's noise
# Levels by which a quarter of the places differ from the picture's common tint: enough for certain, and enough where
# the border is uneven besides. Of CIFAR-10's test images 88 % pass, of MNIST's written on lit paper 2 %.
_COLOURFUL = 14.0
_COLOURED = 5.0
_UNEVEN = 8.0  # levels that four tenths of a border's places are off a plane of light, where no sheet lies
_BLANK = 10.0  # levels by which nine tenths of a blank border's places differ from its median at most
_WHITE = 25.0  # levels between the channels of paper at most

Shape = tuple[int, int, int]


def as_photograph(picture: NDArray[np.uint8], shape: Shape, *, whole: bool) -> NDArray[np.uint8]:
    """The picture as a network sees it: uint8 [C, H, W] of that `shape`, gray (BT.601) where C is 1.

    `picture` is uint8 [H, W] or [H, W, C] with C of 1, 2 (alpha), 3 or 4 (alpha); transparent parts are laid on white.
    With `whole` all of it is scaled to fit and centred on black, as folders of pictures are read. Without, its shorter
    side is scaled to the input and the middle is cut out, as published photographs were made. A picture of that size
    and kind stays as it is.

    Raises:
        ValueError: the array is not such a picture.
    """
    channels, height, width = shape
    _check(picture)
    given = (picture.shape[0], picture.shape[1])
    scale = (max if whole else min)(given[0] / height, given[1] / width)
    block = max(1, int(scale / _REDUCED_TO))
    image = Image.fromarray(on_white(picture, block)).convert("L" if channels == 1 else "RGB")
    pixels = np.zeros((height, width, channels), np.uint8)
    if whole:
        top, left, *size = fitted_box(given, (height, width))
        box, grain = (0.0, 0.0, given[1] / block, given[0] / block), Image.Resampling.BILINEAR
    else:
        top, left, size = 0, 0, [height, width]
        free_y, free_x = given[0] - height * scale, given[1] - width * scale
        grain = Image.Resampling.LANCZOS
        box = (
            free_x / 2 / block,
            free_y / 2 / block,
            (given[1] - free_x / 2) / block,
            (given[0] - free_y / 2) / block,
        )
    small = image.resize((size[1], size[0]), grain, box)
    pixels[top : top + size[0], left : left + size[1]] = np.asarray(small).reshape(*size, channels)
    return np.ascontiguousarray(np.moveaxis(pixels, 2, 0))


def fitted_box(picture: tuple[int, int], field: tuple[int, int]) -> tuple[int, int, int, int]:
    """Where a picture (height, width) lies when it is scaled to fit a field and centred: top, left, height, width."""
    scale = min(field[0] / picture[0], field[1] / picture[1])
    height, width = (max(1, round(side * scale)) for side in picture)
    return (field[0] - height) // 2, (field[1] - width) // 2, height, width


def is_photograph(picture: NDArray[np.uint8]) -> bool:
    """Whether a picture is clearly a colour photograph rather than one of a digit on a sheet.

    A sheet in warm light is tinted alike everywhere, and ink covers little of it; a photograph has parts of several
    colours, and no blank border. Gray photographs and drawings on white are not clear.
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] < 3 or 0 in picture.shape:
        return False
    places = _places(picture)
    border = np.concatenate([places[0], places[-1], places[:, 0], places[:, -1]])
    ground = np.median(border, axis=0)
    is_blank = np.quantile(np.abs(border - ground).max(axis=1), 0.9) <= _BLANK
    if is_blank and np.ptp(ground) <= _WHITE:
        return False
    light = places.mean(axis=2, keepdims=True)
    tint = np.median((places / np.maximum(light, 1)).reshape(-1, 3), axis=0)
    colour = np.quantile(np.abs(places - light * tint).max(axis=2), 0.75)
    return bool(colour >= _COLOURFUL or (colour >= _COLOURED and _unevenness(light[..., 0]) >= _UNEVEN))


def _unevenness(light: NDArray[np.float32]) -> float:
    """How far four tenths of the border's places at least are off the plane that fits the others, in levels."""
    y, x = np.mgrid[: light.shape[0], : light.shape[1]]
    rim = np.ones(light.shape, bool)
    rim[1:-1, 1:-1] = False
    plane = np.stack([np.ones(rim.sum()), x[rim], y[rim]], axis=1)
    values = kept = light[rim].astype(np.float64)
    off = np.zeros_like(values)
    for _ in range(3):
        fitted = plane @ np.linalg.lstsq(plane, kept, rcond=None)[0]
        off = np.abs(values - fitted)
        # Ink at the border, or a corner of the table, does not tilt the plane.
        kept = np.where(off <= np.quantile(off, 0.7), values, fitted)
    return float(np.quantile(off, 0.6))


def _places(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The colours on white at a grid of places [rows, columns, 3], 0 to 255; of a small picture, all pixels."""
    starts = []
    for side in picture.shape[:2]:
        count = min(_GRID, side)
        starts.append(np.linspace(0, side - 1, count).round().astype(np.intp))
    total = np.zeros((len(starts[0]), len(starts[1]), picture.shape[2]), np.float32)
    small = max(picture.shape[:2]) <= _PATCH * _GRID
    reach = 1 if small else _PATCH
    for down in range(reach):
        rows = np.minimum(starts[0] + down, picture.shape[0] - 1)
        for across in range(reach):
            columns = np.minimum(starts[1] + across, picture.shape[1] - 1)
            total += picture[np.ix_(rows, columns)]
    mean: NDArray[np.float32] = total / np.float32(reach**2)
    if picture.shape[2] == 3:
        return mean
    cover = mean[..., 3:] / np.float32(255)
    on_paper: NDArray[np.float32] = mean[..., :3] * cover + 255 * (1 - cover)
    return on_paper


def on_white(picture: NDArray[np.uint8], block: int = 1) -> NDArray[np.uint8]:
    """The picture without transparency, uint8 [H, W] or [H, W, 3], each `block` x `block` pixels averaged to one.

    Raises:
        ValueError: the array is not a picture as `as_photograph` takes it.
    """
    channels = _check(picture)
    if channels == 1:
        picture = picture.reshape(picture.shape[:2])
    if channels in {1, 3} and block == 1:
        return picture
    parts = []
    # Whole blocks together, so that each row of them is averaged as one.
    step = max(1, _ROWS_AT_ONCE // picture.shape[1] // block) * block
    for start in range(0, picture.shape[0], step):
        image = Image.fromarray(np.ascontiguousarray(picture[start : start + step]))
        if channels in {2, 4}:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
        parts.append(np.asarray(image.reduce(block) if block > 1 else image))
    return np.concatenate(parts)


def _check(picture: NDArray[np.uint8]) -> int:
    """How many channels a picture has."""
    channels = picture.shape[2] if picture.ndim == 3 else 1
    if picture.dtype != np.uint8 or picture.ndim not in {2, 3} or not 1 <= channels <= 4 or picture.size == 0:
        raise ValueError(
            f"a picture is 8-bit [height, width] or [height, width, 1 to 4 channels], not {picture.dtype} of "
            f"{list(picture.shape)}"
        )
    return channels
