from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer.data import digits
from explorer.data.augment import augment, colour_axes_of
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


GEOMETRY = Augmentation(rotation=20, shift=0.1, scale=0.2, shear=10, elastic=1, crop=4, mirror=True)
PHOTOS = torch.rand(200, 3, 16, 16, generator=seeded(1))


def squares(count: int = 100, side: int = 32) -> tuple[Tensor, Tensor]:
    """Bright rectangles off the middle, and the masks that mark them."""
    masks = torch.zeros(count, side, side, dtype=torch.uint8)
    masks[:, 6:20, 9:28] = 1
    return masks[:, None].float(), masks


@pytest.mark.parametrize(
    "augmentation",
    [
        Augmentation(rotation=30),
        Augmentation(shift=0.2),
        Augmentation(scale=0.3),
        Augmentation(shear=20),
        Augmentation(elastic=2),
        Augmentation(crop=6),
        Augmentation(mirror=True),
        GEOMETRY,
    ],
)
def test_masks_go_exactly_where_the_pixels_go(augmentation: Augmentation) -> None:
    images, masks = squares()
    varied, moved = augment(images, augmentation, seeded(2), masks)
    assert moved.dtype == torch.uint8
    assert moved.unique().tolist() == [0, 1]
    assert not torch.equal(moved, masks)
    # Nearest and bilinear agree about all pixels but those at the very edge, where bilinear is half-way.
    certain = (varied[:, 0] < 0.2) | (varied[:, 0] > 0.8)
    assert certain.float().mean() > 0.93
    assert torch.equal((varied[:, 0] > 0.5)[certain], (moved == 1)[certain])
    assert float(varied.sum()) == pytest.approx(float(moved.sum()), rel=0.01)


def test_masks_keep_the_numbers_of_their_classes() -> None:
    images, masks = squares()
    _, moved = augment(images, GEOMETRY, seeded(), masks * 7)
    assert moved.unique().tolist() == [0, 7]


def test_masks_stay_where_only_colours_change() -> None:
    images, masks = squares()
    changes = Augmentation(thickness=1, noise=0.1, colour=0.5, pca_colour=0.5, cutout=8)
    varied, moved = augment(images, changes, seeded(), masks)
    assert not torch.equal(varied, images)
    assert torch.equal(moved, masks)
    same, kept = augment(images, Augmentation.NONE, seeded(), masks)
    assert torch.equal(same, images)
    assert torch.equal(kept, masks)


def test_images_do_not_depend_on_whether_there_are_masks() -> None:
    images, masks = squares()
    assert torch.equal(augment(images, GEOMETRY, seeded(3)), augment(images, GEOMETRY, seeded(3), masks)[0])


def test_crop_and_mirror_draw_the_numbers_that_they_always_drew() -> None:
    # A run that was begun with an earlier version goes on with the same images. By hand: the corners first, then the
    # coins.
    images = torch.rand(50, 3, 8, 8, generator=seeded(4))
    generator = seeded(9)
    corners = torch.randint(0, 9, (2, 50, 1), generator=generator)
    coins = torch.rand(50, generator=generator) < 0.5
    wide = torch.nn.functional.pad(images, (4, 4, 4, 4))
    expected = [
        wide[index, :, top : top + 8, left : left + 8] for index, (top, left) in enumerate(corners[..., 0].T.tolist())
    ]
    expected = [piece.flip(2) if coin else piece for piece, coin in zip(expected, coins.tolist(), strict=True)]
    assert torch.equal(augment(images, Augmentation.PHOTOS, seeded(9)), torch.stack(expected))


@pytest.mark.parametrize("strength", [0.2, 0.6])
def test_colour_changes_brightness_up_to_its_strength(strength: float) -> None:
    gray = torch.full((500, 3, 4, 4), 0.4)
    levels = augment(gray, Augmentation(colour=strength), seeded()).amax(dim=(1, 2, 3)) / 0.4
    assert float(levels.min()) == pytest.approx(1 - strength, abs=0.02)
    assert float(levels.max()) == pytest.approx(1 + strength, abs=0.02)


def test_colour_changes_contrast_and_saturation_and_keeps_hue() -> None:
    images = torch.zeros(300, 3, 2, 2)
    images[:, :, :, 0], images[:, :, :, 1] = 0.3, 0.5
    images[:, 0] += 0.1
    varied = augment(images, Augmentation(colour=0.4), seeded())
    assert torch.allclose(varied[:, 1], varied[:, 2])
    # Brightness and contrast both spread the two grays; saturation spreads the colours beyond that.
    spread = (varied[..., 1] - varied[..., 0]).mean(dim=(1, 2)) / 0.2
    assert 0.36 <= spread.min() < 0.5
    assert 1.6 < spread.max() <= 1.96
    saturation = (varied[:, 0] - varied[:, 1]).mean(dim=(1, 2)) / 0.1 / spread
    assert float(saturation.min()) == pytest.approx(0.6, abs=0.02)
    assert float(saturation.max()) == pytest.approx(1.4, abs=0.02)
    assert varied.min() >= 0
    assert varied.max() <= 1


def test_colour_axes_are_the_eigenvectors_of_the_pixels_times_their_variances() -> None:
    spread = torch.tensor([[0.30, 0.05, 0.0], [0.05, 0.20, 0.0], [0.0, 0.0, 0.1]])
    pixels = torch.randn(500, 8 * 8, 3, generator=seeded(5)) @ spread
    axes = colour_axes_of(pixels.transpose(1, 2).reshape(500, 3, 8, 8))
    flat = pixels.reshape(-1, 3).double()
    covariance = torch.from_numpy(np.cov(flat.numpy().T))
    lengths = axes.norm(dim=0).double()
    assert lengths.tolist() == pytest.approx(torch.linalg.eigvalsh(covariance).tolist(), rel=1e-3)
    assert torch.allclose(covariance @ (axes / axes.norm(dim=0)).double(), axes.double(), atol=1e-5)


def test_bytes_and_fractions_have_the_same_colour_axes() -> None:
    levels = (PHOTOS * 255).to(torch.uint8)
    assert torch.allclose(colour_axes_of(levels), colour_axes_of(levels.float() / 255))


def test_pca_colour_adds_one_colour_to_all_pixels_along_the_axes() -> None:
    images = torch.full((2000, 3, 4, 4), 0.5)
    axes = torch.tensor([[0.2, 0.0, 0.0], [0.0, 0.1, 0.0], [0.0, 0.0, 0.0]])
    varied = augment(images, Augmentation(pca_colour=0.5), seeded(), colour_axes=axes)
    assert torch.equal(varied.amin(dim=(2, 3)), varied.amax(dim=(2, 3)))
    shifts = varied[:, :, 0, 0] - 0.5
    assert shifts.std(dim=0).tolist() == pytest.approx([0.1, 0.05, 0], rel=0.05)
    assert shifts.mean(dim=0).tolist() == pytest.approx([0, 0, 0], abs=0.01)


@pytest.mark.parametrize("side", [1, 5, 8])
def test_cutout_hides_one_square_of_its_side_in_each_image(side: int) -> None:
    varied = augment(PHOTOS, Augmentation(cutout=side), seeded())
    hidden = (varied != PHOTOS).all(dim=1)
    rows, columns = hidden.any(dim=2).sum(dim=1), hidden.any(dim=1).sum(dim=1)
    assert torch.equal(hidden.sum(dim=(1, 2)), rows * columns)
    # Squares reach over the edge: their middles lie anywhere in the image.
    assert rows.max() == columns.max() == side
    assert rows.min() == (side + 1) // 2
    fill = PHOTOS.mean(dim=(2, 3))[:, :, None, None].expand_as(PHOTOS)
    assert torch.allclose(varied[hidden[:, None].expand_as(varied)], fill[hidden[:, None].expand_as(varied)])


def test_new_changes_are_different_for_each_image_and_repeatable() -> None:
    same = PHOTOS[:1].repeat(32, 1, 1, 1)
    for name, value in (("colour", 0.4), ("pca_colour", 0.3), ("cutout", 6)):
        one, two = (augment(same, Augmentation(**{name: value}), seeded(7)) for _ in range(2))
        assert torch.equal(one, two)
        assert len(torch.unique(one.flatten(1), dim=0)) > 20, name


def test_gray_images_change_in_colour_too() -> None:
    varied = augment(DIGITS, Augmentation(colour=0.3, pca_colour=0.2, cutout=4), seeded())
    assert varied.shape == DIGITS.shape
    assert not torch.equal(varied, DIGITS)
