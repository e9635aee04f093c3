from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.data.augmentation import Augmentation
from explorer.data.batches import Preprocessing, ResidentBatches, prepare, prepare_labels, preprocessing_for
from explorer.data.split import Split

PLAIN = Preprocessing((1, 28, 28), (0.0,), (1.0,))


def numbered(count: int, first: int = 0) -> Split:
    """Images each of which shows its own number as its grey level, so that it can be found again."""
    numbers = np.arange(first, first + count)
    images = np.zeros((count, 1, 28, 28), np.uint8)
    images[:] = (numbers % 256)[:, None, None, None]
    return Split(images, numbers.astype(np.int64))


def collected(batches: ResidentBatches, **given: object) -> tuple[torch.Tensor, torch.Tensor]:
    pairs = list(batches.epoch(**{"seed": 0, "epoch": 1, "batch_size": 32, **given}))
    return torch.cat([images for images, _ in pairs]), torch.cat([labels for _, labels in pairs])


def test_each_image_comes_once_with_its_own_label() -> None:
    images, labels = collected(ResidentBatches(numbered(5000), PLAIN))
    assert sorted(labels.tolist()) == list(range(5000))
    assert torch.equal((images[:, 0, 0, 0] * 255).round().long(), labels % 256)
    assert labels.tolist() != sorted(labels.tolist())


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    batches = ResidentBatches(numbered(300), PLAIN)
    _, first = collected(batches)
    _, again = collected(batches)
    assert torch.equal(first, again)
    orders = {tuple(collected(batches, seed=seed, epoch=epoch)[1].tolist()) for seed in (0, 1) for epoch in (1, 2)}
    assert len(orders) == 4


def test_an_epoch_is_reproducible_bit_for_bit_with_augmentation() -> None:
    random = np.random.default_rng(0)
    split = Split(random.integers(0, 256, (2500, 1, 28, 28)).astype(np.uint8), np.zeros(2500, np.int64))
    one, _ = collected(ResidentBatches(split, PLAIN), augmentation=Augmentation.STRONG)
    two, _ = collected(ResidentBatches(split, PLAIN), augmentation=Augmentation.STRONG)
    assert torch.equal(one, two)
    other, _ = collected(ResidentBatches(split, PLAIN), augmentation=Augmentation.STRONG, epoch=2)
    assert not torch.equal(one, other)


@pytest.mark.parametrize(
    ("count", "size", "expected"),
    [
        (100, 32, [32, 32, 32, 4]),
        (96, 32, [32, 32, 32]),
        (97, 32, [32, 32, 32]),  # one image alone is left out
        (3, 32, [3]),
        (2, 1, [1, 1]),
        (3000, 1500, [1500, 1500]),
    ],
)
def test_the_last_batch_may_be_short_but_never_a_single_image(count: int, size: int, expected: list[int]) -> None:
    batches = ResidentBatches(numbered(count), PLAIN)
    sizes = [len(labels) for _, labels in batches.epoch(0, 1, size)]
    assert sizes == expected
    assert batches.steps(size) == len(expected)


def test_extra_images_are_mixed_in() -> None:
    batches = ResidentBatches(numbered(90), PLAIN)
    _, labels = collected(batches, extra=numbered(60, first=1000))
    assert sorted(labels.tolist()) == [*range(90), *range(1000, 1060)]
    assert (labels[:75] >= 1000).sum() > 10
    assert batches.steps(32, extra=60) == 5


def test_extra_images_of_another_size_are_refused() -> None:
    odd = Split(np.zeros((4, 1, 32, 32), np.uint8), np.zeros(4, np.int64))
    with pytest.raises(ValueError, match=r"\(1, 28, 28\), not \(1, 32, 32\)"):
        next(ResidentBatches(numbered(8), PLAIN).epoch(0, 1, 4, extra=odd))


def test_evaluation_goes_in_order_and_leaves_nothing_out() -> None:
    pairs = list(ResidentBatches(numbered(65), PLAIN).in_order(32))
    assert [len(labels) for _, labels in pairs] == [32, 32, 1]
    assert torch.cat([labels for _, labels in pairs]).tolist() == list(range(65))
    assert float(pairs[2][0][0, 0, 5, 5]) == pytest.approx(64 / 255)


def test_resident_images_are_a_copy() -> None:
    split = numbered(4)
    batches = ResidentBatches(split, PLAIN)
    split.images[:] = 200
    assert float(next(batches.in_order(4))[0].max()) < 0.1


def test_pixels_are_normalised_by_mean_and_deviation() -> None:
    images = torch.tensor([[[[0, 51], [102, 255]]]], dtype=torch.uint8)
    prepared = prepare(images, Preprocessing((1, 2, 2), (0.2,), (0.4,)))
    assert prepared.dtype == torch.float32
    assert prepared.flatten().tolist() == pytest.approx([-0.5, 0.0, 0.5, 2.0])


def test_black_and_white_become_the_pixel_range_of_the_1998_network() -> None:
    # Section II.B of LeCun and others 1998: background -0.1, ink 1.175.
    preprocessing = preprocessing_for((1, 32, 32), (-0.1, 1.175), (0.13,), (0.31,))
    picture = torch.zeros((1, 1, 28, 28), dtype=torch.uint8)
    picture[0, 0, 3, 4] = 255
    prepared = prepare(picture, preprocessing)
    assert prepared.shape == (1, 1, 32, 32)
    assert float(prepared[0, 0, 5, 6]) == pytest.approx(1.175, abs=1e-6)
    assert prepared[0, 0, 0].tolist() == pytest.approx([-0.1] * 32, abs=1e-6)
    assert int((prepared > 1).sum()) == 1


def test_without_a_pixel_range_the_data_sets_figures_are_used() -> None:
    assert preprocessing_for((1, 28, 28), None, (0.1307,), (0.3081,)) == Preprocessing(
        (1, 28, 28), (0.1307,), (0.3081,)
    )
    assert preprocessing_for((3, 32, 32), None, (0.2,), (0.4,)).mean == (0.2, 0.2, 0.2)
    assert preprocessing_for((1, 32, 32), None, (0.1, 0.2, 0.6), (0.3, 0.3, 0.3)).mean == pytest.approx((0.3,))


def test_a_much_larger_input_gets_an_enlarged_picture() -> None:
    picture = torch.full((2, 1, 28, 28), 255, dtype=torch.uint8)
    prepared = prepare(picture, Preprocessing((1, 224, 224), (0.0,), (1.0,)))
    assert prepared.shape == (2, 1, 224, 224)
    assert prepared.min() == 1


def test_a_larger_picture_is_shrunk_with_its_aspect() -> None:
    picture = torch.full((1, 1, 100, 50), 255, dtype=torch.uint8)
    prepared = prepare(picture, PLAIN)
    assert prepared.shape == (1, 1, 28, 28)
    assert prepared[0, 0, :, 7:21].min() > 0.99
    assert prepared[0, 0, :, :7].max() == 0
    assert prepared[0, 0, :, 21:].max() == 0


def test_gray_serves_colour_and_colour_serves_gray() -> None:
    gray = torch.full((1, 1, 4, 4), 102, dtype=torch.uint8)
    assert prepare(gray, Preprocessing((3, 4, 4), (0.0,) * 3, (1.0,) * 3)).unique().tolist() == pytest.approx([0.4])
    red = torch.zeros((1, 3, 4, 4), dtype=torch.uint8)
    red[:, 0] = 255
    assert prepare(red, Preprocessing((1, 4, 4), (0.0,), (1.0,))).unique().tolist() == pytest.approx([0.299])


@pytest.mark.parametrize(
    ("mean", "std", "message"),
    [((0.1, 0.2), (1.0,), "1 channels need"), ((0.1,), (0.0,), "positive")],
)
def test_a_preprocessing_that_cannot_work_is_refused(
    mean: tuple[float, ...], std: tuple[float, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Preprocessing((1, 28, 28), mean, std)


def test_a_reversed_pixel_range_is_refused() -> None:
    with pytest.raises(ValueError, match="from low to high"):
        preprocessing_for((1, 28, 28), (1.0, 0.0), (0.1,), (0.3,))


def masked(count: int = 40) -> Split:
    """Images in which the brightness of a pixel is its class."""
    random = np.random.default_rng(0)
    masks = np.kron(random.integers(0, 2, (count, 7, 7)), np.ones((4, 4))).astype(np.uint8)
    return Split(masks[:, None] * 255, masks)


def test_masks_come_with_their_images_as_whole_numbers() -> None:
    for images, masks in ResidentBatches(masked(), PLAIN).epoch(0, 1, 16, Augmentation(crop=3, mirror=True)):
        assert masks.dtype == torch.int64
        assert masks.shape == (len(images), 28, 28)
        assert torch.equal(images[:, 0], masks.float())


def test_masks_stay_bytes_on_the_device() -> None:
    batches = ResidentBatches(masked(), PLAIN)
    assert batches._labels.dtype == torch.uint8
    assert next(batches.in_order(8))[1].dtype == torch.int64


@pytest.mark.parametrize("side", [14, 32, 56, 84])
def test_masks_are_fitted_to_the_input_as_images_are(side: int) -> None:
    preprocessing = Preprocessing((1, side, side), (0.0,), (1.0,))
    split = masked()
    images = prepare(torch.tensor(split.images), preprocessing)
    masks = prepare_labels(torch.tensor(split.labels), preprocessing)
    assert masks.shape == (40, side, side)
    certain = (images[:, 0] < 0.2) | (images[:, 0] > 0.8)
    assert certain.float().mean() > 0.6
    assert torch.equal((images[:, 0] > 0.5)[certain], (masks == 1)[certain])


def test_a_mask_made_smaller_takes_the_pixels_in_whose_middles_its_own_lie() -> None:
    columns = torch.arange(28, dtype=torch.uint8).expand(1, 28, 28)
    masks = prepare_labels(columns, Preprocessing((1, 20, 20), (0.0,), (1.0,)))
    assert masks[0, 7].tolist() == [int((column + 0.5) * 28 / 20) for column in range(20)]


def test_what_lies_beyond_the_picture_is_background() -> None:
    masks = prepare_labels(torch.ones((1, 20, 10), dtype=torch.uint8), PLAIN)
    assert masks.sum() == 28 * 14
    assert masks[0, :, 7:21].min() == 1


def test_classes_are_answered_as_they_are() -> None:
    labels = prepare_labels(torch.tensor([3, 1], dtype=torch.uint8), PLAIN)
    assert labels.dtype == torch.int64
    assert labels.tolist() == [3, 1]


def test_extra_images_bring_their_masks() -> None:
    pairs = list(ResidentBatches(masked(20), PLAIN).epoch(0, 1, 10, extra=masked(10)))
    assert [tuple(masks.shape) for _, masks in pairs] == [(10, 28, 28)] * 3


def test_the_colours_of_all_training_images_decide_how_they_are_shifted() -> None:
    random = np.random.default_rng(0)
    reds = np.zeros((100, 3, 8, 8), np.uint8)
    reds[:] = 128
    reds[:, 0] = random.integers(0, 256, (100, 8, 8))
    batches = ResidentBatches(Split(reds, np.zeros(100, np.int64)), Preprocessing((3, 8, 8), (0.0,) * 3, (1.0,) * 3))
    shifted = torch.cat([images for images, _ in batches.epoch(0, 1, 50, Augmentation(pca_colour=1))])
    assert shifted[:, 1:].sub(128 / 255).abs().max() < 1e-5
    plain = torch.cat([images for images, _ in batches.epoch(0, 1, 50)])
    assert (shifted[:, 0] - plain[:, 0]).abs().max() > 0.05
