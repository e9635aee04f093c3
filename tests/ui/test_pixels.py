"""Pixels survive the way between Qt's images and arrays."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from explorer.ui.pixels import LARGEST_SIDE, image_from_pixels, pixels_from_image


def test_an_image_comes_back_as_red_green_blue_alpha() -> None:
    image = QImage(3, 2, QImage.Format.Format_ARGB32)
    image.fill(QColor(10, 20, 30, 255))
    image.setPixelColor(2, 1, QColor(200, 100, 50, 255))
    pixels = pixels_from_image(image)
    assert pixels.shape == (2, 3, 4)
    assert pixels[0, 0].tolist() == [10, 20, 30, 255]
    assert pixels[1, 2].tolist() == [200, 100, 50, 255]


def test_the_pixels_of_an_image_cannot_be_changed() -> None:
    image = QImage(2, 2, QImage.Format.Format_RGB32)
    image.fill(QColor(0, 0, 0))
    assert not pixels_from_image(image).flags.writeable


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (np.full((2, 3), 200, np.uint8), (200, 200, 200, 255)),
        (np.full((2, 3, 1), 200, np.uint8), (200, 200, 200, 255)),
        (np.full((2, 3), 200 * 257, np.uint16), (200, 200, 200, 255)),
        (np.ones((2, 3), np.bool_), (255, 255, 255, 255)),
        (np.full((2, 3), 0.2, np.float32), (51, 51, 51, 255)),
        (np.full((2, 3, 3), (1, 2, 3), np.uint8), (1, 2, 3, 255)),
        (np.full((2, 3, 4), (1, 2, 3, 4), np.uint8), (1, 2, 3, 4)),
        (np.full((2, 3, 2), (9, 7), np.uint8), (9, 9, 9, 7)),
    ],
)
def test_a_picture_of_any_kind_is_painted_with_its_own_colour(pixels: np.ndarray, expected: tuple[int, ...]) -> None:
    image = image_from_pixels(pixels)
    assert (image.width(), image.height()) == (3, 2)
    assert image.pixelColor(1, 1).getRgb() == expected


def test_a_large_image_is_scaled_down_and_keeps_its_aspect() -> None:
    image = QImage(4 * LARGEST_SIDE, LARGEST_SIDE, QImage.Format.Format_Grayscale8)
    image.fill(255)
    assert pixels_from_image(image).shape == (LARGEST_SIDE // 4, LARGEST_SIDE, 4)


@pytest.mark.parametrize("shape", [(0, 3), (3, 3, 5), (3,), (2, 2, 2, 2)])
def test_an_array_that_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected a picture"):
        image_from_pixels(np.zeros(shape, np.uint8))


def test_an_empty_image_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        pixels_from_image(QImage())
