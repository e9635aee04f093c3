from __future__ import annotations

import numpy as np
import pytest

from explorer.data import datasets, segments
from explorer.system.settings import Settings

FEW = segments.make_segments(300, seed=5)
PIXELS = FEW.images[:, 0].astype(np.float64) / 255
INK = FEW.labels == 1


def overlap(marked: np.ndarray) -> float:
    return float((marked & INK).sum() / (marked | INK).sum())


def test_the_same_seed_gives_the_same_images_and_masks() -> None:
    again = segments.make_segments(300, seed=5)
    assert np.array_equal(again.images, FEW.images)
    assert np.array_equal(again.labels, FEW.labels)
    other = segments.make_segments(300, seed=6)
    assert not np.array_equal(other.images, FEW.images)


def test_images_and_masks_are_bytes_of_the_same_size() -> None:
    assert FEW.images.shape == (300, 1, 64, 64)
    assert FEW.labels.shape == (300, 64, 64)
    assert FEW.images.dtype == FEW.labels.dtype == np.uint8
    assert FEW.has_masks
    assert np.unique(FEW.labels).tolist() == [0, 1]


def test_each_image_shows_a_digit_and_mostly_background() -> None:
    shares = INK.mean(axis=(1, 2))
    assert shares.min() > 0.005
    assert shares.max() < 0.4


def test_no_threshold_finds_the_digits() -> None:
    levels = np.arange(0.05, 1, 0.05)
    best = max(overlap(level < PIXELS) for level in levels)
    assert max(best, *(overlap(level > PIXELS) for level in levels)) < 0.3


def test_no_threshold_on_what_stands_out_locally_finds_the_digits() -> None:
    wide = np.pad(PIXELS, ((0, 0), (7, 7), (7, 7)), mode="edge")
    means = np.lib.stride_tricks.sliding_window_view(wide, (15, 15), axis=(1, 2)).mean(axis=(3, 4))
    difference = np.abs(PIXELS - means)
    assert max(overlap(difference > level) for level in np.arange(0.05, 0.6, 0.05)) < 0.5


def test_ink_is_told_from_what_lies_right_around_it() -> None:
    wide = np.pad(INK, ((0, 0), (2, 2), (2, 2)))
    near = np.lib.stride_tricks.sliding_window_view(wide, (5, 5), axis=(1, 2)).any(axis=(3, 4)) & ~INK
    contrasts = [abs(image[ink].mean() - image[rim].mean()) for image, ink, rim in zip(PIXELS, INK, near, strict=True)]
    assert np.median(contrasts) > 0.2


def test_ink_is_brighter_in_some_images_and_darker_in_others() -> None:
    brighter = np.array([image[ink].mean() > image[~ink].mean() for image, ink in zip(PIXELS, INK, strict=True)])
    assert 0.3 < brighter.mean() < 0.7


def test_a_negative_count_is_refused_and_none_is_an_empty_split() -> None:
    with pytest.raises(ValueError, match="not -1"):
        segments.make_segments(-1, seed=0)
    assert segments.make_segments(0, seed=0).images.shape == (0, 1, 64, 64)


def test_the_data_set_has_masks_and_its_checksum_covers_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "TRAIN_COUNT", 40)
    monkeypatch.setattr(segments, "TEST_COUNT", 10)
    datasets._drawn_segments.cache_clear()
    try:
        loaded = datasets.load("segments", Settings())
    finally:
        datasets._drawn_segments.cache_clear()
    assert datasets.get("segments").masks
    assert loaded.classes == ("background", "digit")
    assert loaded.train.labels.shape == (40, 64, 64)
    assert loaded.image_shape == datasets.get("segments").image_shape
    loaded.test.labels[0, 0, 0] ^= 1
    assert datasets._checksum(loaded.train, loaded.test) != loaded.checksum
