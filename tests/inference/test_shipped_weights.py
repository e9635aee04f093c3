"""The weights that come with the program: what they are, how they were made, how well they read."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from strokes import EUROPEAN, written_digits

from explorer.data import datasets
from explorer.data.segments import make_segments
from explorer.data.sketch import as_digit
from explorer.inference.predictor import Predictor, weights_for
from explorer.training.config import TrainingConfig
from explorer.training.events import EpochFinished
from explorer.training.fit import fit


@pytest.fixture(scope="module")
def predictor() -> Predictor:
    return Predictor.from_file(weights_for("lenet5"))


def _answers(predictor: Predictor, images: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.array([int(prediction.best) for prediction in predictor.predict(images)])


def _answers_of_labels(predictor: Predictor, images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The answers as places among the labels."""
    return np.array([predictor.labels.index(prediction.best) for prediction in predictor.predict(images)])


def test_they_say_how_they_were_made(predictor: Predictor) -> None:
    provenance = predictor.provenance
    assert provenance["command"].startswith("cnn-explorer train lenet5 --data mnist")
    assert provenance["dataset"] == "mnist"
    assert len(provenance["data_checksum"]) == 64
    assert {"python", "torch", "cnn-explorer"} <= set(provenance["versions"])
    assert isinstance(provenance["seed"], int)
    assert TrainingConfig.from_json(provenance["config"]).dataset == "mnist"


def test_they_are_lenet5_with_61706_parameters() -> None:
    from safetensors.numpy import load_file

    tensors = load_file(weights_for("lenet5"))
    assert sum(tensor.size for tensor in tensors.values()) == 61_706


def test_they_read_digits_that_were_written_for_the_tests(predictor: Predictor) -> None:
    written = written_digits()
    images = np.stack([as_digit(sketch) for sketch, _ in written])[:, None]
    wrong = [digit for (_, digit), answer in zip(written, _answers(predictor, images), strict=True) if digit != answer]
    assert len(wrong) <= len(written) * 0.03, wrong


def test_they_read_ways_of_writing_that_are_common_in_europe(predictor: Predictor) -> None:
    written = written_digits(EUROPEAN)
    images = np.stack([as_digit(sketch) for sketch, _ in written])[:, None]
    assert _answers(predictor, images).tolist() == [digit for _, digit in written]


def test_they_make_at_most_0_7_percent_errors_on_mnist(predictor: Predictor, real_data: Path) -> None:
    test = datasets.load("mnist").test
    errors = (_answers(predictor, test.images) != test.labels).mean()
    assert errors <= 0.0070


def test_a_digit_anywhere_on_the_sheet_at_any_size_in_either_colour_is_read_as_well(
    predictor: Predictor, real_data: Path
) -> None:
    # 2,000 images of the test set: half a point is ten of them, and other seeds move one or two.
    test = datasets.load("mnist").test
    count = 2000
    random = np.random.default_rng(7)
    images = test.images[:count]
    placed = np.stack([_placed(image[0], random, inverted=bool(index % 2)) for index, image in enumerate(images)])
    labels = test.labels[:count]
    plain = (_answers(predictor, images) == labels).mean()
    anywhere = (_answers(predictor, placed[:, None]) == labels).mean()
    assert anywhere >= plain - 0.005


def _placed(image: NDArray[np.uint8], random: np.random.Generator, *, inverted: bool) -> NDArray[np.uint8]:
    """An MNIST image enlarged, put anywhere on a sheet of 280 x 280, and taken through the pad's function."""
    from PIL import Image

    side = int(random.integers(28, 281))
    enlarged = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))
    sheet = np.zeros((280, 280), np.uint8)
    top, left = random.integers(0, 281 - side, 2)
    sheet[top : top + side, left : left + side] = enlarged
    digit = as_digit(255 - sheet if inverted else sheet)
    assert digit is not None
    return digit


def test_a_network_trained_on_the_built_in_digits_alone_reads_mnist(real_data: Path) -> None:
    # One epoch of them is enough.
    config = dataclasses.replace(TrainingConfig(dataset="digits"), epochs=1, threads=1)
    *_, ended = (event for event in fit(config) if not isinstance(event, EpochFinished))
    test = datasets.load("mnist").test
    right = _answers(Predictor.from_file(weights_for(ended.folder.name)), test.images) == test.labels
    assert right.mean() >= 0.90


def test_the_u_net_says_how_it_was_made() -> None:
    provenance = Predictor.from_file(weights_for("unet")).provenance
    assert provenance["command"].startswith("cnn-explorer train unet")
    assert TrainingConfig.from_json(provenance["config"]).dataset == "segments"


def test_the_u_net_marks_digits_in_clutter_that_it_never_saw() -> None:
    seen = make_segments(100, seed=20_261_121)
    marked = np.stack([answer.mask for answer in Predictor.from_file(weights_for("unet")).mark(seen.images)])
    overlaps = [
        ((marked == which) & (seen.labels == which)).sum() / ((marked == which) | (seen.labels == which)).sum()
        for which in (0, 1)
    ]
    assert np.mean(overlaps) >= 0.88


def test_the_resnet_says_how_it_was_made() -> None:
    provenance = Predictor.from_file(weights_for("resnet20")).provenance
    assert provenance["command"].startswith("cnn-explorer train resnet20 --data cifar10")
    assert TrainingConfig.from_json(provenance["config"]).dataset == "cifar10"
    assert len(provenance["data_checksum"]) == 64


def test_the_resnet_tells_photographs_apart(real_data: Path) -> None:
    if not datasets.is_available("cifar10"):
        pytest.skip("CNN_EXPLORER_DATA holds no CIFAR-10")
    # 91.15 % of all 10,000; the error of a sample of 2,000 is 0.6 points.
    test = datasets.load("cifar10").test
    answers = _answers_of_labels(Predictor.from_file(weights_for("resnet20")), test.images[:2000])
    assert (answers == test.labels[:2000]).mean() >= 0.90
