"""Each network gets the inputs that it learnt from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from networks_made import save

from explorer.data.photograph import as_photograph
from explorer.data.sketch import Sketch, Stroke, as_digit
from explorer.inference import marking, sources
from explorer.inference.kinds import Takes, answers_all, keeps_whole, takes, takes_of_file
from explorer.inference.predictor import Predictor

LINE = Sketch((Stroke(((70.0, 140.0), (210.0, 140.0))),))
PICTURE = np.random.default_rng(4).integers(0, 256, (90, 120, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("architecture", "dataset", "labels", "kind"),
    [
        ("lenet5", "mnist", (), Takes.DIGITS),
        ("resnet20", "digits", (), Takes.DIGITS),
        ("resnet20", "cifar100", (), Takes.PHOTOGRAPHS),
        ("resnet20", "/home/me/flowers", (), Takes.PHOTOGRAPHS),
        ("lenet5", "fashion-mnist", (), Takes.PHOTOGRAPHS),
        ("lenet5", "", tuple("0123456789"), Takes.DIGITS),
        ("unet", "segments", (), Takes.MASKS),
        ("unet", "", ("background", "cell"), Takes.MASKS),
    ],
)
def test_data_and_task_say_what_a_network_takes(
    architecture: str, dataset: str, labels: tuple[str, ...], kind: Takes
) -> None:
    assert takes(architecture, dataset, labels) is kind


def test_clothes_are_not_asked_about_photographs_unbidden_and_folders_are_seen_whole() -> None:
    assert answers_all(Takes.PHOTOGRAPHS, "cifar10")
    assert answers_all(Takes.PHOTOGRAPHS, "/home/me/flowers")
    assert not answers_all(Takes.PHOTOGRAPHS, "fashion-mnist")
    assert not answers_all(Takes.DIGITS, "kmnist")
    assert keeps_whole(Takes.PHOTOGRAPHS, "/home/me/flowers")
    assert not keeps_whole(Takes.PHOTOGRAPHS, "cifar10")


def test_each_kind_is_answered_by_shipped_weights_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = tmp_path / "weights"
    shipped.mkdir()
    monkeypatch.setattr(sources.paths, "resources", lambda: tmp_path)
    # By name the digits come last.
    photographs = save(shipped / "a-resnet20-cifar10.safetensors", "resnet20", "cifar10")
    masks = save(shipped / "b-unet-segments.safetensors", "unet", "segments", form="padded")
    assert sources.newest_digit_weights() is None
    digits = save(shipped / "lenet5-mnist.safetensors", "lenet5", "mnist")
    assert sources.newest_digit_weights() == digits
    assert sources.newest_photograph_weights() == photographs
    assert sources.newest_mask_weights() == masks
    assert [takes_of_file(path) for path in (digits, photographs, masks)] == list(Takes)
    (tmp_path / "broken").write_bytes(b"x")
    assert takes_of_file(tmp_path / "broken") is None


def test_a_network_for_photographs_sees_the_middle_in_its_colours(tmp_path: Path) -> None:
    predictor = Predictor.from_file(save(tmp_path / "a.safetensors", "resnet20", "cifar10"))
    seen = predictor.see(PICTURE)
    assert np.array_equal(seen, as_photograph(PICTURE, (3, 32, 32), whole=False))
    answer = predictor.answer(seen)
    assert answer.labels[3] == "cat"
    assert sum(answer.probabilities) == pytest.approx(1)
    drawn = predictor.see(LINE)
    assert drawn.shape == (3, 32, 32)
    assert (drawn[:, 0] == 255).all()
    assert (drawn[:, 16, 10:22] < 100).all()


def test_a_colour_network_trained_on_digits_sees_digits(tmp_path: Path) -> None:
    predictor = Predictor.from_file(save(tmp_path / "a.safetensors", "resnet20", "mnist"))
    seen = predictor.see(LINE)
    assert np.array_equal(seen[0], as_digit(LINE))
    assert predictor.predict(seen)[0].labels == tuple("0123456789")
    assert predictor.see(Sketch()) is None


def test_a_network_for_masks_marks_what_it_saw(tmp_path: Path) -> None:
    predictor = Predictor.from_file(save(tmp_path / "a.safetensors", "unet", "segments", form="padded"))
    seen = predictor.see(LINE)
    assert seen.shape == (1, 64, 64)
    answer = predictor.answer(seen)
    assert answer.mask.shape == (64, 64)
    assert answer.labels == ("background", "digit")
    assert answer.shares[1] == pytest.approx((answer.mask == 1).mean())
    assert predictor.see(PICTURE).shape == (1, 64, 64)
    with pytest.raises(ValueError, match="marks pixels"):
        predictor.predict(seen)


def test_a_mask_of_the_middle_of_an_enlarged_picture_is_brought_back_to_the_picture() -> None:
    classes = torch.zeros((1, 400, 400), dtype=torch.uint8)
    classes[:, 100:300, 100:200] = 1  # of an input of 640, columns 220 to 320: of 64 pixels, 22 to 32
    mask = marking.on_picture(classes, (640, 640), (64, 64))[0].numpy()
    rows, columns = np.nonzero(mask)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (22, 41, 22, 31)
    small = marking.on_picture(torch.ones((1, 32, 32), dtype=torch.uint8), (32, 32), (28, 28))
    assert small.shape == (1, 28, 28)
