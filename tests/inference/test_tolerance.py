"""Inputs are changed as asked, by what training varies images with, and the answers are those to the changed inputs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from networks_made import save

from explorer.data.augment import augment, moved
from explorer.data.augmentation import Augmentation
from explorer.data.changes import CHANGES, Changes
from explorer.data.sketch import Sketch, Stroke
from explorer.inference.predictor import Predictor
from explorer.inference.sources import shipped_weights
from explorer.inference.tolerance import tolerance, varied

HOOK = Sketch((Stroke(((60.0, 40.0), (200.0, 50.0), (120.0, 240.0))),))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    return Predictor.from_file(save(tmp_path_factory.mktemp("w") / "a.safetensors", "lenet5", "mnist"))


def test_no_change_is_what_the_network_sees(digits: Predictor) -> None:
    assert np.array_equal(varied(digits, HOOK, [Changes()])[0], digits.see(HOOK))


def test_a_shift_moves_what_is_seen_and_is_not_centred_away(digits: Predictor) -> None:
    seen = digits.see(HOOK)[0]
    right, up = varied(digits, HOOK, [Changes(shift_x=3), Changes(shift_y=-2)])
    assert np.array_equal(right[0, :, 3:], seen[:, :-3])
    assert not right[0, :, :3].any()
    assert np.array_equal(up[0, :-2], seen[2:])


def test_a_quarter_turn_is_clockwise(digits: Predictor) -> None:
    (turned,) = varied(digits, HOOK, [Changes(turn=90)])
    assert np.abs(turned[0].astype(int) - np.rot90(digits.see(HOOK)[0], -1).astype(int)).max() <= 1


def test_half_the_size_has_a_quarter_of_the_ink(digits: Predictor) -> None:
    (small,) = varied(digits, HOOK, [Changes(size=0.5)])
    assert small.sum() / digits.see(HOOK).sum() == pytest.approx(0.25, abs=0.03)
    rows = np.flatnonzero(small[0].any(axis=1))
    assert 9 <= len(rows) <= 12


def test_a_shift_follows_the_turn() -> None:
    image = torch.zeros(1, 1, 9, 9)
    image[0, 0, 4, 7] = 1  # right of the middle
    one = torch.ones(1)
    made = moved(image, torch.tensor([[1.0, -2.0]]), 90 * one, one)
    # Clockwise it comes below the middle, (4, 7); then one to the right and two up.
    assert made[0, 0, 5, 5] == pytest.approx(1, abs=1e-5)


def test_training_resamples_alike() -> None:
    images = torch.rand(1, 1, 28, 28)
    generator = torch.Generator().manual_seed(4)
    trained = augment(images, Augmentation(rotation=30), generator)
    drawn = torch.rand((6, 1), generator=torch.Generator().manual_seed(4)) * 2 - 1
    ours = moved(images, torch.zeros(1, 2), -30 * drawn[0], torch.ones(1))
    assert torch.allclose(trained, ours, atol=1e-5)


def test_a_drawing_is_inked_anew_for_another_pen(digits: Predictor) -> None:
    thin, thick = varied(digits, HOOK, [Changes(pen=0.5), Changes(pen=2)])
    seen = digits.see(HOOK)
    assert thin.sum() < 0.65 * seen.sum()
    assert thick.sum() > 1.6 * seen.sum()
    # The box stays what it was: 20 pixels.
    for image in (thin, thick):
        assert len(np.flatnonzero((image[0] > 60).any(axis=1))) in {19, 20}


def test_a_picture_of_a_digit_gets_thicker_too(digits: Predictor) -> None:
    picture = digits.see(HOOK)[0]
    thin, thick = varied(digits, picture, [Changes(pen=0.5), Changes(pen=2)])
    assert thin.sum() < picture.sum() < thick.sum()


def test_noise_is_the_same_each_time_and_as_strong_as_asked(digits: Predictor) -> None:
    first, again = varied(digits, HOOK, [Changes(noise=0.1)] * 2)
    assert np.array_equal(first, again)
    middle = digits.see(HOOK)[0].astype(float)
    inner = (middle > 0) & (middle < 255)
    # Where nothing is cut off at black or white.
    soft = inner & (middle > 76) & (middle < 180)
    if soft.sum() > 10:
        assert np.std((first[0] - middle)[soft]) / 255 == pytest.approx(0.1, abs=0.06)


def test_contrast_of_a_digit_is_about_black_and_of_a_photograph_about_its_mean(
    tmp_path: Path, digits: Predictor
) -> None:
    (faint,) = varied(digits, HOOK, [Changes(contrast=0.5)])
    assert np.abs(faint.astype(float) - digits.see(HOOK) / 2).max() <= 0.5
    photos = Predictor.from_file(save(tmp_path / "a.safetensors", "resnet20", "cifar10"))
    photo = np.random.default_rng(0).integers(60, 200, (32, 32, 3), dtype=np.uint8)
    (flat,) = varied(photos, photo, [Changes(contrast=0)])
    assert np.ptp(flat) <= 1
    assert flat.mean() == pytest.approx(photo.mean(), abs=1)


def test_curves_are_the_answers_to_the_changed_inputs(digits: Predictor) -> None:
    now = Changes(shift_x=2, turn=10)
    found = tolerance(digits, HOOK, now)
    assert [curve.change for curve in found.curves] == list(CHANGES)
    assert found.answer.probabilities == pytest.approx(digits.answer(found.seen).probabilities, abs=1e-6)
    best, second = (found.answer.labels.index(label) for label in found.labels)
    assert found.labels == tuple(label for label, _ in found.answer.top(2))
    for curve in found.curves:
        assert (curve.values[0], curve.values[-1]) == (curve.change.low, curve.change.high)
        for place in (0, 17, 40):
            changed = replace(now, **{curve.change.name: float(curve.values[place])})
            answer = digits.answer(varied(digits, HOOK, [changed])[0])
            assert curve.best[place] == pytest.approx(answer.probabilities[best], abs=1e-5)
            assert curve.second[place] == pytest.approx(answer.probabilities[second], abs=1e-5)


def test_another_networks_curves_stand_beside(tmp_path: Path, digits: Predictor) -> None:
    other = Predictor.from_file(save(tmp_path / "b.safetensors", "lenet5", "mnist", activation="tanh"))
    found = tolerance(digits, HOOK, Changes(), other)
    best = found.answer.labels.index(found.labels[0])
    answer = other.answer(varied(other, HOOK, [Changes(turn=-90)])[0])
    (turns,) = [curve for curve in found.curves if curve.change.name == "turn"]
    assert turns.other is not None
    assert turns.other[0] == pytest.approx(answer.probabilities[best], abs=1e-5)
    photos = Predictor.from_file(save(tmp_path / "c.safetensors", "resnet20", "cifar10"))
    assert all(curve.other is None for curve in tolerance(digits, HOOK, Changes(), photos).curves)


def test_photographs_have_no_pen(tmp_path: Path) -> None:
    photos = Predictor.from_file(save(tmp_path / "a.safetensors", "resnet20", "cifar10"))
    photo = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    names = [curve.change.name for curve in tolerance(photos, photo, Changes()).curves]
    assert names == ["shift_x", "shift_y", "turn", "size", "noise", "contrast"]


def test_nothing_cannot_be_changed(digits: Predictor) -> None:
    with pytest.raises(ValueError, match="nothing on the pad"):
        tolerance(digits, Sketch(), Changes())


@pytest.mark.skipif(not shipped_weights(), reason="no weights came with the program")
def test_a_shipped_network_that_saw_small_turns_tolerates_them() -> None:
    from strokes import written_digits

    predictor = Predictor.from_file(next(path for path in shipped_weights() if path.name.startswith("lenet5")))
    held = []
    for sketch, label in written_digits()[:20]:
        found = tolerance(predictor, sketch, Changes())
        (turns,) = [curve for curve in found.curves if curve.change.name == "turn"]
        if found.labels[0] == str(label):
            held.append(turns.best[np.abs(turns.values) <= 9].min())
    assert np.median(held) > 0.9


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("shift_x", -3.5, "−3.5 px"),
        ("turn", 12, "+12.0°"),
        ("size", 1.2, "1.20 ×"),
        ("noise", 0.25, "0.25"),
        ("shift_y", 0, "0.0 px"),
    ],
)
def test_values_are_written_with_sign_and_unit(name: str, value: float, text: str) -> None:
    (change,) = [change for change in CHANGES if change.name == name]
    assert change.text(value) == text
