from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from explorer.data import datasets
from explorer.data.datasets import Cancelled
from explorer.system.settings import Settings


def test_an_unknown_name_is_answered_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match="'minst'") as caught:
        datasets.get("minst")
    names = "mnist, fashion-mnist, kmnist, cifar10, cifar100, digits, segments"
    assert names in str(caught.value)
    assert "folder" in str(caught.value)


def test_each_data_set_has_a_class_for_each_of_its_labels() -> None:
    counts = {entry.name: len(entry.classes) for entry in datasets.DATASETS}
    ten = dict.fromkeys(("mnist", "fashion-mnist", "kmnist", "cifar10", "digits"), 10)
    assert counts == {**ten, "cifar100": 100, "segments": 2}
    # As the list on its makers' page has them, in alphabetical order; label 0 is apple and 99 worm.
    hundred = datasets.get("cifar100").classes
    assert hundred == tuple(sorted(set(hundred)))
    assert (hundred[0], hundred[99]) == ("apple", "worm")
    assert hundred[58] == "pickup truck"


def test_the_built_in_digits_match_their_entry() -> None:
    entry = datasets.get("digits")
    loaded = datasets.load("digits", Settings())
    assert loaded.train.images.shape == (entry.train_size, *entry.image_shape)
    assert loaded.test.images.shape == (entry.test_size, *entry.image_shape)
    assert loaded.image_shape == entry.image_shape
    assert loaded.classes == tuple("0123456789")
    pixels = loaded.train.images.astype(np.float64) / 255
    assert loaded.mean == pytest.approx((pixels.mean(),), abs=1e-9)
    assert loaded.std == pytest.approx((pixels.std(),), abs=1e-9)
    assert len(loaded.checksum) == 64


def test_no_image_of_the_built_in_test_set_is_in_its_training_set() -> None:
    loaded = datasets.load("digits", Settings())
    seen = {image.tobytes() for image in loaded.train.images}
    assert not any(image.tobytes() in seen for image in loaded.test.images)


def test_the_built_in_digits_are_always_available(own_home: Path) -> None:
    assert datasets.is_available("digits", Settings())


def test_a_data_set_without_files_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CNN_EXPLORER_DATA", raising=False)
    assert not datasets.is_available("mnist", Settings())


def test_a_data_set_is_available_when_all_its_files_lie_in_the_chosen_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CNN_EXPLORER_DATA", raising=False)
    folder = tmp_path / "FashionMNIST" / "raw"
    folder.mkdir(parents=True)
    settings = Settings(data_folder=str(tmp_path))
    files = datasets.get("fashion-mnist").files
    assert files is not None
    for file in files.files:
        assert not datasets.is_available("fashion-mnist", settings)
        (folder / file.name).touch()
    assert datasets.is_available("fashion-mnist", settings)
    assert not datasets.is_available("mnist", settings)


def test_loading_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        datasets.load("digits", Settings(), cancelled=lambda: True)


def test_listing_and_loading_need_no_torch() -> None:
    modules = "augmentation, datasets, images, samples, sketch"
    code = f"import sys; from explorer.data import {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("name", "mean", "std", "first"),
    # Means and deviations as torchvision's reference scripts and papers print them; the first labels by eye.
    [("mnist", 0.1307, 0.3081, [5, 0, 4, 1, 9]), ("fashion-mnist", 0.2860, 0.3530, [9, 0, 0, 3, 0])],
)
def test_the_real_data_sets_have_the_figures_everyone_knows(
    real_data: Path, name: str, mean: float, std: float, first: list[int]
) -> None:
    started = time.perf_counter()
    loaded = datasets.load(name, Settings())
    seconds = time.perf_counter() - started
    assert loaded.train.images.shape == (60_000, 1, 28, 28)
    assert loaded.test.images.shape == (10_000, 1, 28, 28)
    assert loaded.mean == pytest.approx((mean,), abs=5e-5)
    assert loaded.std == pytest.approx((std,), abs=5e-5)
    assert loaded.train.labels[:5].tolist() == first
    assert loaded.source.endswith("raw")
    assert seconds < 5
