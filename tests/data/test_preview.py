from __future__ import annotations

import numpy as np

from explorer.data import digits
from explorer.data.augmentation import Augmentation
from explorer.data.preview import preview, preview_with_masks

DIGITS = digits.make_digits(8, seed=3).images


def test_a_preview_is_bytes_that_the_seed_decides() -> None:
    one = preview(DIGITS, Augmentation.STRONG, seed=1)
    assert one.dtype == np.uint8
    assert one.shape == DIGITS.shape
    assert np.array_equal(one, preview(DIGITS, Augmentation.STRONG, seed=1))
    assert not np.array_equal(one, preview(DIGITS, Augmentation.STRONG, seed=2))


def test_without_augmentation_every_byte_stays() -> None:
    every = np.arange(256, dtype=np.uint8).reshape(1, 1, 16, 16)
    assert np.array_equal(preview(every, Augmentation.NONE, seed=1), every)


def test_the_given_images_are_not_changed() -> None:
    before = DIGITS.copy()
    preview(DIGITS, Augmentation(noise=0.2, colour=0.5, cutout=9), seed=1)
    assert np.array_equal(before, DIGITS)


def test_masks_move_with_their_images() -> None:
    masks = (DIGITS[:, 0] > 127).astype(np.uint8)
    images, moved = preview_with_masks(masks[:, None] * 255, masks, Augmentation(crop=4, mirror=True), seed=4)
    assert moved is not None
    assert np.array_equal(images[:, 0], moved * 255)
    assert not np.array_equal(moved, masks)


def test_the_training_images_decide_the_colours_that_are_added() -> None:
    gray = np.full((50, 3, 4, 4), 128, np.uint8)
    assert np.array_equal(preview(gray, Augmentation(pca_colour=1), seed=0), gray)
    reds = gray.copy()
    reds[::2, 0] = 255
    shifted = preview(gray, Augmentation(pca_colour=1), seed=0, training_images=reds)
    assert (shifted[:, 0] != 128).any()
    assert (shifted[:, 1:] == 128).all()
