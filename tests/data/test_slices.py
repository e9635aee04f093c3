"""Slices of data sets."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.data import datasets, slices
from explorer.data.digits import make_digits


def test_a_slice_is_read_from_its_name_and_nothing_else_is() -> None:
    assert slices.parsed("cifar10:4000:1000") == slices.Slice("cifar10", 4000, 1000)
    assert str(slices.Slice("mnist", 5, 6)) == "mnist:5:6"
    for text in ("mnist", "mnist:5", "mnist:0:5", "mnist:5:6:7", "/a/folder:5:6", "C:\\pictures", "mnist:-1:5"):
        assert slices.parsed(text) is None


def test_a_slice_is_listed_with_its_own_sizes() -> None:
    entry = datasets.get("mnist:4000:1000")
    assert (entry.train_size, entry.test_size, entry.title) == (4000, 1000, "MNIST, 4,000 images")
    assert entry.digits
    assert datasets.get("digits:999999:5").train_size == datasets.get("digits").train_size
    with pytest.raises(ValueError, match="there is no data set 'minst'"):
        datasets.get("minst:5:5")


def test_a_slice_holds_the_first_images_and_bears_another_checksum(monkeypatch: pytest.MonkeyPatch) -> None:
    train, test = make_digits(60, 1), make_digits(40, 2)
    monkeypatch.setattr(datasets, "_drawn_digits", lambda: (train, test, "whole"))
    one, other = datasets.load("digits:30:20"), datasets.load("digits:31:20")
    assert (len(one.train), len(one.test), one.name) == (30, 20, "digits:30:20")
    assert np.array_equal(one.train.images, train.images[:30])
    assert np.array_equal(one.test.labels, test.labels[:20])
    assert len({one.checksum, other.checksum, "whole"}) == 3
    assert one.mean[0] == pytest.approx(train.images[:30].mean() / 255)
