"""From pictures to 28x28: polarity, alpha, depth, size, place, noise."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from explorer.data import digits
from explorer.data.datasets import load
from explorer.data.sketch import as_digit
from explorer.system.settings import Settings

DIGITS = digits.make_digits(60, seed=77).images[:, 0]
Picture = NDArray[np.uint8]


def enlarged(image: Picture, side: int, left: int = 0, top: int = 0, how: Image.Resampling | None = None) -> Picture:
    """The image on a black canvas of 280x280."""
    canvas = np.zeros((280, 280), np.uint8)
    resized = Image.fromarray(image).resize((side, side), Image.Resampling.BILINEAR if how is None else how)
    canvas[top : top + side, left : left + side] = np.asarray(resized)
    return canvas


def difference(one: Picture | None, other: Picture) -> float:
    """Mean difference of pixels, in levels."""
    assert one is not None
    return float(np.abs(one.astype(int) - other).mean())


def test_a_finished_digit_comes_back_as_it_was() -> None:
    for image in DIGITS:
        assert np.array_equal(as_digit(image), image)


@pytest.mark.parametrize("factor", [2, 3, 7, 10])
def test_a_digit_enlarged_by_whole_pixels_comes_back_as_it_was(factor: int) -> None:
    for image in DIGITS[:20]:
        assert difference(as_digit(np.kron(image, np.ones((factor, factor), np.uint8))), image) < 0.1


@pytest.mark.parametrize("how", [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS])
def test_a_digit_of_any_size_anywhere_on_the_canvas_is_nearly_the_same(how: Image.Resampling) -> None:
    random = np.random.default_rng(0)
    differences = []
    for image in DIGITS:
        side = int(random.integers(60, 281))
        left, top = random.integers(0, 281 - side, 2)
        differences.append(difference(as_digit(enlarged(image, side, left, top, how)), image))
    # A shift by one pixel differs by more than 20 levels in the mean.
    assert np.mean(differences) < 9


def test_dark_on_light_and_light_on_dark_are_the_same_digit() -> None:
    for image in DIGITS[:20]:
        picture = enlarged(image, 200, 30, 60)
        light, dark = as_digit(picture), as_digit(255 - picture)
        assert light is not None
        assert dark is not None
        assert np.array_equal(light, dark)


def as_gray(picture: Picture) -> NDArray[np.generic]:
    return picture


def as_sixteen_bits(picture: Picture) -> NDArray[np.generic]:
    return picture.astype(np.uint16) * 257


def as_fractions(picture: Picture) -> NDArray[np.generic]:
    return picture / 255


def as_levels_in_floats(picture: Picture) -> NDArray[np.generic]:
    return picture.astype(np.float32)


def as_wide_integers(picture: Picture) -> NDArray[np.generic]:
    return picture.astype(np.int64)


def as_one_channel(picture: Picture) -> NDArray[np.generic]:
    return picture[..., None]


def as_rgb(picture: Picture) -> NDArray[np.generic]:
    return np.repeat(picture[..., None], 3, axis=2)


def as_black_on_transparent(picture: Picture) -> NDArray[np.generic]:
    nothing = np.zeros_like(picture)
    return np.stack([nothing, nothing, nothing, picture], axis=2)


def as_white_on_transparent(picture: Picture) -> NDArray[np.generic]:
    full = np.full_like(picture, 255)
    return np.stack([full, full, full, picture], axis=2)


def as_gray_with_alpha(picture: Picture) -> NDArray[np.generic]:
    return np.stack([np.zeros_like(picture), picture], axis=2)


@pytest.mark.parametrize(
    "form",
    [
        as_gray,
        as_sixteen_bits,
        as_fractions,
        as_levels_in_floats,
        as_wide_integers,
        as_one_channel,
        as_rgb,
        as_black_on_transparent,
        as_white_on_transparent,
        as_gray_with_alpha,
    ],
)
def test_every_kind_of_array_gives_the_same_digit(form: object) -> None:
    picture = enlarged(DIGITS[4], 150, 20, 90)
    expected = as_digit(picture)
    assert expected is not None
    assert difference(as_digit(form(picture)), expected) < 0.5


def test_faint_ink_is_brought_to_full_strength() -> None:
    image = as_digit((enlarged(DIGITS[0], 200) * 0.3).astype(np.uint8))
    assert image is not None
    assert image.max() > 240


def test_a_hair_line_is_thickened_to_what_a_network_knows() -> None:
    canvas = np.full((280, 280), 255, np.uint8)
    canvas[30:250, 140] = 0
    image = as_digit(canvas)
    assert image is not None
    assert 20 < image.sum() / 255 < 75


@pytest.mark.parametrize("value", [0, 127, 255])
@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (3, 500), (280, 280, 3)])
def test_an_empty_sheet_is_no_digit(value: int, shape: tuple[int, ...]) -> None:
    assert as_digit(np.full(shape, value, np.uint8)) is None


def test_an_invisible_picture_is_no_digit() -> None:
    assert as_digit(np.zeros((50, 50, 4), np.uint8)) is None


def test_a_single_pixel_of_ink_is_a_dot() -> None:
    canvas = np.zeros((280, 280), np.uint8)
    canvas[7, 9] = 255
    image = as_digit(canvas)
    assert image is not None
    assert image.max() > 200


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 300), (300, 1), (2, 2), (5, 7), (1025, 3), (5000, 3), (3, 5000), (3000, 2000)]
)
def test_pictures_of_odd_sizes_never_raise(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    image = as_digit(picture)
    assert image is None or image.shape == (28, 28)


def test_a_large_picture_is_read_too() -> None:
    picture = np.kron(DIGITS[3], np.ones((140, 140), np.uint8))
    assert difference(as_digit(picture), DIGITS[3]) < 3


def test_noise_of_a_scanner_does_not_widen_the_box() -> None:
    random = np.random.default_rng(2)
    image = DIGITS[8]
    noisy = np.clip(enlarged(image, 200, 40, 40) + random.normal(0, 4, (280, 280)), 0, 255).astype(np.uint8)
    assert difference(as_digit(noisy), image) < 15


def test_uneven_light_and_specks_are_taken_off_a_photograph() -> None:
    random = np.random.default_rng(3)
    differences = []
    for image in DIGITS[:20]:
        ink = enlarged(image, 170, 55, 55) / 255
        across = np.linspace(0.55, 0.9, 280)
        paper = across[None, :] * np.linspace(1, 0.85, 280)[:, None] + random.normal(0, 0.01, (280, 280))
        photo = paper * (1 - 0.75 * ink)
        photo[250:253, 20:23] = 0.1
        differences.append(difference(as_digit((photo * 255).clip(0, 255).astype(np.uint8)), image))
    assert np.median(differences) < 17


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 5)),
        np.zeros(5),
        np.zeros((2, 3, 5)),
        np.zeros((2, 3, 4, 5)),
        np.array([["a"]]),
        np.full((4, 4), np.nan),
    ],
)
def test_what_is_no_picture_is_refused_in_words(picture: NDArray[np.generic]) -> None:
    with pytest.raises(ValueError, match="a picture"):
        as_digit(picture)


def test_nearly_every_image_of_mnist_comes_back_as_it_was(real_data: object) -> None:
    images = load("mnist", Settings()).test.images[:1000, 0]
    same = sum(np.array_equal(as_digit(image), image) for image in images)
    assert same >= 995
