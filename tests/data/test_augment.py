from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.data import digits
from explorer.data.augment import augment
from explorer.data.augmentation import Augmentation

DIGITS = torch.tensor(digits.make_digits(64, seed=21).images).float() / 255


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def centres(images: Tensor) -> Tensor:
    """Centre of mass (x, y) in pixels of each image."""
    height, width = images.shape[-2:]
    mass = images.sum(dim=(1, 2, 3))
    x = (images.sum(dim=(1, 2)) * torch.arange(width)).sum(dim=1) / mass
    y = (images.sum(dim=(1, 3)) * torch.arange(height)).sum(dim=1) / mass
    return torch.stack([x, y], dim=1)


def blot(height: int = 28, width: int = 28, x: int = 14, y: int = 14) -> Tensor:
    images = torch.zeros(200, 1, height, width)
    images[:, :, y - 1 : y + 1, x - 1 : x + 1] = 1
    return images


def test_without_augmentation_images_stay_as_they_are() -> None:
    assert torch.equal(augment(DIGITS, Augmentation.NONE, seeded()), DIGITS)


def test_the_same_state_of_the_generator_gives_the_same_images() -> None:
    one, two = (augment(DIGITS, Augmentation.STRONG, seeded(5)) for _ in range(2))
    assert torch.equal(one, two)
    assert not torch.equal(one, augment(DIGITS, Augmentation.STRONG, seeded(6)))


def test_images_differ_from_each_other_and_stay_within_range() -> None:
    for name in ("rotation", "shift", "scale", "shear", "elastic", "thickness", "noise"):
        value = {"rotation": 20.0, "shear": 20.0, "elastic": 1.0, "thickness": 1.0}.get(name, 0.2)
        same = DIGITS[:1].repeat(32, 1, 1, 1)
        varied = augment(same, Augmentation(**{name: value}), seeded())
        assert varied.shape == same.shape
        assert varied.dtype == torch.float32
        assert varied.min() >= 0
        assert varied.max() <= 1 + 1e-6
        assert len(torch.unique(varied.flatten(1), dim=0)) == 32, name


def test_the_input_is_not_changed() -> None:
    before = DIGITS.clone()
    augment(DIGITS, Augmentation(thickness=1, noise=0.1), seeded())
    assert torch.equal(DIGITS, before)


def test_shift_moves_by_up_to_its_share_of_the_side() -> None:
    moved = centres(augment(blot(), Augmentation(shift=0.1), seeded())) - centres(blot())
    assert moved.abs().max() <= 2.8 + 1e-3
    assert moved.abs().max() > 2.5
    assert moved.mean(dim=0).abs().max() < 0.5


@pytest.mark.parametrize(("height", "width"), [(28, 28), (28, 56)])
def test_rotation_keeps_distances_and_its_angle(height: int, width: int) -> None:
    images = blot(height, width, x=width // 2 + 8, y=height // 2)
    moved = centres(augment(images, Augmentation(rotation=30), seeded()))
    middle = torch.tensor([(width - 1) / 2, (height - 1) / 2])
    away = moved - middle
    radius = float((centres(images)[0] - middle).norm())
    assert away.norm(dim=1) == pytest.approx(np.full(200, radius), abs=0.2)
    angles = torch.rad2deg(torch.atan2(away[:, 1], away[:, 0]))
    assert angles.abs().max() < 30 + math.degrees(0.5 / 8) + 1
    assert angles.abs().max() > 25


def test_scale_changes_the_size_by_its_share() -> None:
    square = torch.zeros(300, 1, 28, 28)
    square[:, :, 9:19, 9:19] = 1
    sides = augment(square, Augmentation(scale=0.2), seeded()).sum(dim=(1, 2, 3)).sqrt() / 10
    assert 0.78 < sides.min() < 0.9
    assert 1.1 < sides.max() < 1.22


def test_shear_slants_by_up_to_its_angle() -> None:
    line = torch.zeros(200, 1, 28, 28)
    line[:, :, 4:24, 13:15] = 1
    slanted = augment(line, Augmentation(shear=20), seeded())
    upper, lower = centres(slanted[:, :, 5:9]), centres(slanted[:, :, 19:23])
    slants = torch.rad2deg(torch.atan((upper[:, 0] - lower[:, 0]) / 14))
    assert slants.abs().max() < 21
    assert slants.abs().max() > 17


def test_thickness_changes_that_share_of_the_images_both_ways() -> None:
    many = DIGITS.repeat(10, 1, 1, 1)
    varied = augment(many, Augmentation(thickness=0.4), seeded())
    changed = (varied != many).any(dim=3).any(dim=2).any(dim=1)
    assert 0.33 < changed.float().mean() < 0.47
    ratio = varied[changed].sum(dim=(1, 2, 3)) / many[changed].sum(dim=(1, 2, 3))
    assert ratio.min() < 0.9
    assert ratio.max() > 1.2
    # No stroke fades away.
    assert varied.amax(dim=(1, 2, 3)).min() > 0.7


def test_elastic_distortion_moves_pixels_by_about_its_strength() -> None:
    moves = []
    for x, y in ((8, 8), (14, 14), (20, 10)):
        images = blot(x=x, y=y)
        moves.append(centres(augment(images, Augmentation(elastic=1.0), seeded(x))) - centres(images))
    typical = float(torch.cat(moves).pow(2).mean().sqrt())
    assert 0.5 < typical < 1.2


def test_an_empty_batch_stays_empty() -> None:
    assert augment(DIGITS[:0], Augmentation.STRONG, seeded()).shape == (0, 1, 28, 28)


def test_colour_channels_move_together() -> None:
    colour = DIGITS.repeat(1, 3, 1, 1)
    varied = augment(colour, Augmentation(rotation=15, elastic=1), seeded())
    assert torch.equal(varied[:, 0], varied[:, 1])
    assert torch.equal(varied[:, 0], varied[:, 2])
