"""Ten pieces are where AlexNet's paper takes them, and their mean is the mean."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from networks_made import save

from explorer.data.photograph import as_photograph
from explorer.data.sketch import Sketch, Stroke
from explorer.inference.predictor import Predictor
from explorer.inference.ten_crop import PLACES, averaged, crops, shifted

# Each pixel's value is ten times its row and its column.
PICTURE = (10 * np.arange(4)[:, None] + np.arange(5)[None, :]).astype(np.uint8)[None]
LINE = Sketch((Stroke(((100.0, 40.0), (150.0, 230.0))),))


def test_corners_middle_and_mirror_images() -> None:
    made = crops(PICTURE, 2, 3)
    assert made.shape == (10, 1, 2, 3)
    by_hand = {
        "top left": [[0, 1, 2], [10, 11, 12]],
        "top right": [[2, 3, 4], [12, 13, 14]],
        "bottom left": [[20, 21, 22], [30, 31, 32]],
        "bottom right": [[22, 23, 24], [32, 33, 34]],
        "middle": [[11, 12, 13], [21, 22, 23]],
    }
    for number, place in enumerate(PLACES):
        assert made[number, 0].tolist() == by_hand[place]
        assert made[5 + number, 0].tolist() == [row[::-1] for row in by_hand[place]]


def test_a_picture_as_large_as_a_piece_gives_it_ten_times() -> None:
    made = crops(PICTURE, 4, 5)
    assert all(np.array_equal(piece, PICTURE) for piece in made[:5])


def test_pieces_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="5 × 3 do not fit into 4 × 5"):
        crops(PICTURE, 5, 3)


def test_nine_places_of_a_digit() -> None:
    made = shifted(PICTURE)
    assert made.shape == (9, 1, 4, 5)
    assert np.array_equal(made[4], PICTURE)
    # The first lies one up and one to the left, the last one down and one to the right.
    assert np.array_equal(made[0, 0, :3, :4], PICTURE[0, 1:, 1:])
    assert not made[0, 0, 3].any()
    assert not made[0, 0, :, 4].any()
    assert np.array_equal(made[8, 0, 1:, 1:], PICTURE[0, :3, :4])


def test_a_photographs_pieces_come_from_a_larger_one_and_are_averaged(tmp_path: Path) -> None:
    predictor = Predictor.from_file(save(tmp_path / "a.safetensors", "resnet20", "cifar10"))
    photo = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
    found = averaged(predictor, photo)
    # 32 x 256 / 224 is 36.6.
    larger = as_photograph(photo, (3, 37, 37), whole=False)
    assert np.array_equal(found.views[0], larger[:, :32, :32])
    assert np.array_equal(found.views[3], larger[:, 5:, 5:])
    assert np.array_equal(found.views[9], larger[:, 2:34, 2:34][..., ::-1])
    each = [predictor.answer(np.ascontiguousarray(view)).probabilities for view in found.views]
    assert found.mean.probabilities == pytest.approx(np.mean(each, axis=0).tolist(), abs=1e-7)
    assert sum(found.mean.probabilities) == pytest.approx(1)
    assert found.single.probabilities == pytest.approx(predictor.answer(predictor.see(photo)).probabilities, abs=1e-7)
    assert len(found.names) == 10


def test_a_digits_places_are_averaged_without_mirroring(tmp_path: Path) -> None:
    predictor = Predictor.from_file(save(tmp_path / "a.safetensors", "lenet5", "mnist"))
    found = averaged(predictor, LINE)
    assert np.array_equal(found.views, shifted(predictor.see(LINE)))
    each = [answer.probabilities for answer in predictor.predict(found.views)]
    assert found.mean.probabilities == pytest.approx(np.mean(each, axis=0).tolist(), abs=1e-7)
    assert found.names[4] == "as it is"
    assert found.names[0] == "1 up, 1 left"


def test_what_cannot_be_averaged_is_refused(tmp_path: Path) -> None:
    masks = Predictor.from_file(save(tmp_path / "a.safetensors", "unet", "segments", form="padded"))
    with pytest.raises(ValueError, match="marks pixels"):
        averaged(masks, LINE)
    digits = Predictor.from_file(save(tmp_path / "b.safetensors", "lenet5", "mnist"))
    with pytest.raises(ValueError, match="nothing on the picture"):
        averaged(digits, Sketch())
