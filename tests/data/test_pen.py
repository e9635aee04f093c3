from __future__ import annotations

import numpy as np
import pytest

from explorer.data import pen


def test_many_paths_at_once_are_inked_as_one_by_one() -> None:
    random = np.random.default_rng(0)
    points = random.random((20, 60, 2)).astype(np.float32)
    radii = random.uniform(0.7, 2.4, (20, 60)).astype(np.float32)
    together = pen.digits_from_paths(points, radii)
    for index in range(20):
        alone = pen.digits_from_paths(points[index : index + 1], radii[index : index + 1])[0]
        assert np.abs(alone.astype(int) - together[index]).max() <= 1


def test_points_without_a_radius_leave_no_ink() -> None:
    points = np.array([[[0.0, 0.0], [0.0, 0.5], [0.0, 1.0], [9.0, 9.0]]], np.float32)
    radii = np.array([[1.0, 1.0, 1.0, 0.0]], np.float32)
    assert np.array_equal(pen.digits_from_paths(points, radii), pen.digits_from_paths(points[:, :3], radii[:, :3]))


def test_a_disc_covers_its_area() -> None:
    points = np.array([[[10.3, 9.6]]], np.float32)
    for radius in (1.5, 2.5, 4.0):
        inked = pen.ink(points, np.full((1, 1), radius, np.float32), 20)
        assert inked.sum() == pytest.approx(np.pi * radius**2, rel=0.06)


def test_ink_beyond_the_canvas_is_cut_off() -> None:
    points = np.array([[[-50.0, 5.0], [0.0, 0.0], [90.0, 90.0]]], np.float32)
    inked = pen.ink(points, np.full((1, 3), 1.5, np.float32), 10)
    assert inked[0, :3, :3].max() == 1
    assert inked[0, 3:].max() == 0


def test_a_centre_of_mass_on_a_half_is_placed_as_in_mnist() -> None:
    # In MNIST's training images the centre of mass is from 13.5 to 14.5: of two places for a half, the left and upper.
    images = np.zeros((1, 20, 20), np.float32)
    images[0, 4, 6:8] = 1
    moved = pen.centred(images)[0]
    assert np.argwhere(moved).tolist() == [[14, 13], [14, 14]]


def test_a_path_is_filled_with_points_at_the_spacing() -> None:
    path, pressure = pen.resampled(np.array([[0.0, 0.0], [3.0, 4.0]]), 0.5, np.array([0.0, 1.0]))
    assert len(path) == 11
    assert path[5] == pytest.approx([1.5, 2.0])
    assert pressure[5] == pytest.approx(0.5)
