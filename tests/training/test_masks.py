"""Masks: figures by hand, and U-Net trained on them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.cli.runs import as_record
from explorer.data import datasets
from explorer.data.augmentation import Augmentation
from explorer.data.batches import Preprocessing
from explorer.data.datasets import Dataset
from explorer.data.split import Split
from explorer.networks.architecture import Scores
from explorer.networks.entries.unet import UNetOptions
from explorer.runs import epochs
from explorer.runs.answers import class_ious, read_answers, read_pixels
from explorer.runs.metrics import read_metrics
from explorer.runs.run_folder import read_run
from explorer.training.config import TrainingConfig
from explorer.training.evaluate import evaluate
from explorer.training.events import EpochFinished, RunEnded
from explorer.training.fit import fit
from explorer.training.losses import cross_entropy
from explorer.training.masks import counts, cut_to, mean_iou

TINY = UNetOptions(form="padded", levels=2, width=8, size=16, batch_norm=True)


def squares(count: int, seed: int) -> Split:
    """Images of noise with a bright square each, and masks of the squares."""
    random = np.random.default_rng(seed)
    images = random.integers(0, 100, (count, 1, 16, 16), np.uint8)
    masks = np.zeros((count, 16, 16), np.uint8)
    for image, mask, (top, left) in zip(images, masks, random.integers(0, 9, (count, 2)), strict=True):
        mask[top : top + 8, left : left + 8] = 1
        image[0][mask == 1] += 120
    return Split(images, masks)


@pytest.fixture(autouse=True)
def tiny_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Dataset(
        "segments", "S", ("background", "digit"), squares(48, 1), squares(16, 2), (0.3,), (0.2,), "tiny", "made"
    )
    monkeypatch.setattr(datasets, "load", lambda *_: made)


def config(**changes: object) -> TrainingConfig:
    given = {"architecture": "unet", "options": TINY, "dataset": "segments", "epochs": 3, "batch_size": 8, "threads": 1}
    return TrainingConfig(**{**given, **changes})


def test_mean_iou_by_hand() -> None:
    answers = torch.tensor([[[0, 0], [1, 1]]])
    labels = torch.tensor([[[0, 1], [1, 1]]])
    pixels = counts(answers, labels, 3)
    assert pixels.tolist() == [[1, 0, 0], [1, 2, 0], [0, 0, 0]]
    # Background 1 of 2, digit 2 of 3; the third class is nowhere.
    assert mean_iou(pixels) == pytest.approx((1 / 2 + 2 / 3) / 2)


def test_a_mask_is_cut_to_the_middle_that_an_unpadded_network_answers_for() -> None:
    mask = torch.arange(36).reshape(1, 6, 6)
    assert cut_to(mask, torch.zeros(1, 2, 2, 2)).tolist() == [[[14, 15], [20, 21]]]
    classes = torch.tensor([1, 2])
    assert cut_to(classes, torch.zeros(2, 3)) is classes


def test_evaluation_counts_pixels_of_all_images_together() -> None:
    class Threshold(torch.nn.Module):
        def forward(self, x):
            return torch.cat([0.5 - x, x - 0.5], 1) * 1000

    images = torch.tensor([[[[0, 255], [255, 255]]], [[[0, 0], [0, 0]]]], dtype=torch.uint8)
    masks = torch.tensor([[[0, 1], [1, 0]], [[0, 0], [0, 1]]], dtype=torch.uint8)
    preprocessing = Preprocessing((1, 2, 2), (0.0,), (1.0,))
    found = evaluate(Threshold(), images, masks, preprocessing, cross_entropy, Scores.LOGITS, with_answers=True)
    assert found.accuracy == 6 / 8
    assert found.mean_iou == pytest.approx((4 / 6 + 2 / 4) / 2)
    assert found.score == found.mean_iou
    assert (found.top5, found.answers) == (None, None)
    assert found.loss == pytest.approx(1000 * 2 / 8)


def test_u_net_learns_to_draw_masks_and_says_how_well() -> None:
    events = list(fit(config(epochs=6, augmentation=Augmentation(mirror=True), validation_share=0.25)))
    last = [event for event in events if isinstance(event, EpochFinished)][-1]
    assert last.test_mean_iou > 0.8
    assert last.validation_mean_iou > 0.8
    assert last.train_accuracy > 0.9
    assert last.test_top5 is None
    folder = events[-1].folder
    rows = {row.split: row for row in read_metrics(folder / "metrics.csv")}
    assert rows["test"].mean_iou == pytest.approx(last.test_mean_iou)
    assert rows["validation"].mean_iou == pytest.approx(last.validation_mean_iou)
    assert read_run(folder).record.summary.test_mean_iou == last.test_mean_iou
    assert read_answers(folder, 1) is None
    ious = class_ious(read_pixels(folder, 6))
    assert ious.mean() == pytest.approx(last.test_mean_iou)
    assert as_record(read_run(folder))["test_class_iou"] == {"background": ious[0], "digit": ious[1]}


def test_a_resumed_training_on_masks_ends_with_the_same_bytes() -> None:
    given = config(augmentation=Augmentation(mirror=True, crop=2))
    *_, whole = fit(given)
    training = fit(given)
    folder = next(training).folder
    while not isinstance(next(training), EpochFinished):
        pass
    training.close()
    *_, resumed = fit(None, folder)
    assert isinstance(resumed, RunEnded)
    for epoch in (1, 2, 3):
        assert _weights(folder, epoch) == _weights(whole.folder, epoch)


def test_networks_that_answer_with_one_class_are_refused() -> None:
    with pytest.raises(ValueError, match="train unet on it"):
        next(fit(TrainingConfig(dataset="segments", threads=1)))


def test_an_empty_table_has_no_overlap() -> None:
    assert mean_iou(torch.zeros(2, 2, dtype=torch.int64)) == 0
    assert not math.isnan(mean_iou(torch.tensor([[0, 0], [0, 5]])))


def _weights(folder: Path, epoch: int) -> bytes:
    return epochs.weights_path(folder, epoch).read_bytes()
