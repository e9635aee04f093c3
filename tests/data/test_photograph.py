"""Pictures of every kind become what a network for photographs sees; photographs are told from digits on paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.data.images import read_image
from explorer.data.overlay import marked
from explorer.data.photograph import as_photograph, is_photograph

SHAPE = (3, 32, 32)


def scene(height: int = 32, width: int = 32) -> np.ndarray:
    """Blue above green with a red spot, uneven to the border."""
    y, x = np.mgrid[:height, :width] / min(height, width)
    sky = np.stack([60 + 40 * x, 90 + 60 * x, 200 + 30 * np.sin(9 * x)], axis=2)
    grass = np.stack([70 + 30 * np.sin(20 * x), 140 + 40 * np.sin(30 * x), 40 + 0 * x], axis=2)
    picture = np.where((y < 0.5)[..., None], sky, grass)
    picture[((y - 0.5) ** 2 + (x - 0.5) ** 2 < 0.03)] = (200, 30, 30)
    return picture.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("whole", [False, True])
def test_a_picture_of_the_right_size_stays_as_it_is(whole: bool) -> None:
    assert np.array_equal(as_photograph(scene(), SHAPE, whole=whole), np.moveaxis(scene(), 2, 0))


@pytest.mark.parametrize(("height", "width"), [(32, 96), (96, 32)])
def test_the_middle_is_cut_out(height: int, width: int) -> None:
    picture = np.zeros((height, width, 3), np.uint8)
    middle = np.s_[32:64]
    picture[(slice(None), middle) if width > height else middle] = scene()
    assert np.array_equal(as_photograph(picture, SHAPE, whole=False), np.moveaxis(scene(), 2, 0))


def test_the_whole_picture_is_laid_on_black() -> None:
    seen = as_photograph(np.full((50, 100, 3), 255, np.uint8), SHAPE, whole=True)
    assert (seen[:, 8:24] == 255).all()
    assert not seen[:, :8].any()
    assert not seen[:, 24:].any()


def test_scaling_down_averages() -> None:
    checks = (np.indices((1024, 1024)).sum(axis=0) % 2 * 255).astype(np.uint8)[..., None].repeat(3, 2)
    seen = as_photograph(checks, SHAPE, whole=False)
    assert np.abs(seen.astype(int) - 127).max() <= 2


def test_transparency_lies_on_white_and_gray_weighs_colours() -> None:
    clear = np.zeros((40, 40, 4), np.uint8)
    assert (as_photograph(clear, SHAPE, whole=False) == 255).all()
    red = np.zeros((40, 40, 3), np.uint8)
    red[..., 0] = 255
    assert (as_photograph(red, (1, 28, 28), whole=False) == 76).all()  # 0.299 * 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16", "I", "F"])
@pytest.mark.parametrize("size", [(1, 1), (37, 53), (3000, 1), (1, 700)])
def test_pictures_of_every_mode_and_shape_are_seen(tmp_path: Path, mode: str, size: tuple[int, int]) -> None:
    path = tmp_path / "picture.tif"
    if mode == "I;16":
        Image.fromarray(np.full(size[::-1], 40_000, np.uint16)).save(path)
    elif mode == "F":
        Image.fromarray(np.full(size[::-1], 0.6, np.float32)).save(path)
    else:
        Image.new("L", size, 150).convert(mode).save(path.with_suffix(".png") if mode == "P" else path)
    picture = read_image(path.with_suffix(".png") if mode == "P" else path)
    for whole in (False, True):
        seen = as_photograph(picture, SHAPE, whole=whole)
        assert seen.shape == SHAPE
        assert seen.dtype == np.uint8
        assert seen.any()


@pytest.mark.parametrize("array", [np.zeros((4, 4, 5), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)])
def test_what_is_no_picture_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="a picture is 8-bit"):
        as_photograph(array, SHAPE, whole=True)


@pytest.mark.parametrize("scale", [1, 9])
def test_a_colour_photograph_is_known_as_one(scale: int) -> None:
    assert is_photograph(scene(32 * scale, 40 * scale))


def test_digits_on_sheets_gray_pictures_and_drawings_are_no_photographs() -> None:
    y, x = np.mgrid[:200, :200] / 200
    stroke = (np.abs(x - 0.5) < 0.06) & (np.abs(y - 0.5) < 0.35)
    blue_on_warm_paper = np.where(stroke[..., None], (20, 30, 120), (235, 220, 180)) * (0.6 + 0.4 * x)[..., None]
    red_on_white = np.where(stroke[..., None], (220, 20, 20), (255, 255, 255))
    assert not is_photograph(blue_on_warm_paper.astype(np.uint8))
    assert not is_photograph(red_on_white.astype(np.uint8))
    assert not is_photograph(scene(64, 64).mean(axis=2, keepdims=True).repeat(3, 2).astype(np.uint8))
    logo = np.full((100, 100, 3), 255, np.uint8)
    logo[10:90, 10:90] = scene(80, 80)
    assert not is_photograph(logo)


def test_a_mask_of_a_fitted_picture_lies_over_all_of_it() -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[:, 32:] = 1
    over = marked(np.full((100, 200, 3), 128, np.uint8), mask)
    assert over.shape == (100, 200, 3)
    assert (over[:, :100] == 128).all()
    assert (over[:, 100:] != 128).any(axis=2).all()
