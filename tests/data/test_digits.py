from __future__ import annotations

import numpy as np
import pytest

from explorer.data import digits, skeletons
from explorer.data.sketch import Sketch, as_digit


def test_the_same_seed_gives_the_same_digits() -> None:
    one, two, other = (digits.make_digits(300, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.images, two.images)
    assert np.array_equal(one.labels, two.labels)
    assert not np.array_equal(one.images, other.images)


@pytest.mark.parametrize("count", [0, 1, 9, 507])
def test_classes_are_balanced(count: int) -> None:
    split = digits.make_digits(count, seed=4)
    assert split.images.shape == (count, 1, 28, 28)
    assert len(split.labels) == count
    counts = np.bincount(split.labels, minlength=10)
    assert counts.max() - counts.min() <= 1


def test_every_digit_stands_as_mnists_do() -> None:
    images = digits.make_digits(500, seed=5).images[:, 0].astype(np.float64)
    mass = images.sum(axis=(1, 2))
    rows = (images.sum(axis=2) @ np.arange(28)) / mass
    columns = (images.sum(axis=1) @ np.arange(28)) / mass
    assert np.abs(rows - 14).max() < 0.51
    assert np.abs(columns - 14).max() < 0.51
    heights = [np.ptp(np.flatnonzero(image.any(axis=1))) + 1 for image in images]
    widths = [np.ptp(np.flatnonzero(image.any(axis=0))) + 1 for image in images]
    longer = np.maximum(heights, widths)
    assert ((longer >= 19) & (longer <= 21)).all()


def test_ink_is_about_as_much_as_in_mnist() -> None:
    # MNIST's 60,000 training images: mean 102.4 full pixels, one in twenty under 51, one in twenty over 162.
    inks = digits.make_digits(2000, seed=6).images.sum(axis=(1, 2, 3)) / 255
    assert 95 < inks.mean() < 112
    assert 45 < np.quantile(inks, 0.05) < 62
    assert 145 < np.quantile(inks, 0.95) < 180


def test_no_two_digits_are_alike() -> None:
    images = digits.make_digits(3000, seed=7).images
    assert len({image.tobytes() for image in images}) == 3000


def test_each_digit_is_written_in_several_ways() -> None:
    for digit in range(10):
        assert len({way.name for way in skeletons.WAYS if way.digit == digit}) >= 5
    names = {(way.digit, way.name) for way in skeletons.WAYS}
    assert {(7, "crossed"), (7, "plain"), (1, "long flag"), (1, "stick"), (4, "open"), (4, "closed")} <= names
    assert len(names) == len(skeletons.WAYS)


def test_sketches_are_strokes_on_the_canvas_that_give_the_same_kind_of_digit() -> None:
    sketches = digits.make_sketches(100, seed=8)
    assert len(sketches) == 100
    assert sorted({label for _, label in sketches}) == list(range(10))
    for sketch, _ in sketches:
        assert isinstance(sketch, Sketch)
        points = np.array([point for stroke in sketch.strokes for point in stroke.points])
        assert points.min() >= 0
        assert points.max() <= 280
        assert as_digit(sketch) is not None


def test_sketches_resemble_the_digits_of_their_class() -> None:
    # Nearest of the ten mean images: a weak classifier, and far above the 10 % of guessing.
    split = digits.make_digits(4000, seed=9)
    means = np.stack([split.images[split.labels == digit, 0].mean(axis=0) for digit in range(10)])
    right = 0
    for sketch, label in digits.make_sketches(200, seed=10):
        image = as_digit(sketch)
        assert image is not None
        right += int(np.argmin(((means - image) ** 2).sum(axis=(1, 2)))) == label
    assert right > 130


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        digits.make_digits(-1, seed=0)
