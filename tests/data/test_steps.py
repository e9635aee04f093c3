"""The steps end in what a network is shown, and each makes a difference when it is left out."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray
from strokes import written_digits

from explorer.data.photograph import as_photograph
from explorer.data.sketch import Sketch, Stroke, as_digit
from explorer.data.steps import Adjusted, StepSettings, Way, bare, see, steps

DIGITS = StepSettings(mean=(0.1307,), std=(0.3081,))
SCENES = StepSettings(Way.SCENE, (3, 32, 32), mean=(0.5,) * 3, std=(0.25,) * 3)
HOOK = Sketch((Stroke(((20.0, 30.0), (80.0, 30.0), (50.0, 110.0))),))  # small, in the upper left


def photo(specks: bool = True) -> NDArray[np.uint8]:
    """A thick dark bar and, if wanted, a small mark, on a sheet in uneven light."""
    light = np.linspace(0.5, 0.95, 300)[None, :] * np.linspace(1, 0.8, 400)[:, None]
    picture = light + np.random.default_rng(0).normal(0, 0.01, light.shape)
    picture[100:300, 130:160] *= 0.2
    if specks:
        picture[370:376, 20:26] *= 0.2
    return (np.stack([picture] * 3, axis=2).clip(0, 1) * 255).astype(np.uint8)


def shown(step: object) -> NDArray[np.uint8]:
    picture = step.picture
    return picture[None] if picture.ndim == 2 else np.moveaxis(picture, 2, 0)


@pytest.mark.parametrize("source", [HOOK, photo(), photo()[..., 0], (photo()[..., 0] * 257.0 / 65535)])
def test_the_last_step_is_what_the_network_is_shown(source: object) -> None:
    made = steps(source, DIGITS)
    assert np.array_equal(shown(made[-1])[0], as_digit(source))
    assert np.array_equal(see(source, DIGITS)[0], as_digit(source))
    assert all(step.is_on for step in made)
    assert all(not step.picture.flags.writeable for step in made if step.can_be_off)


def test_written_digits_are_seen_as_ever() -> None:
    for sketch, _ in written_digits():
        assert np.array_equal(shown(steps(sketch, DIGITS)[-1])[0], as_digit(sketch))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_photographs_last_step_is_what_is_cut_out(whole: bool, channels: int) -> None:
    settings = dataclasses.replace(SCENES, shape=(channels, 32, 32), whole=whole, mean=(0.5,) * channels)
    picture = np.random.default_rng(1).integers(0, 256, (90, 150, 3), dtype=np.uint8)
    made = steps(picture, settings)
    assert np.array_equal(shown(made[-1]), as_photograph(picture, settings.shape, whole=whole))


def test_drawings_pass_the_steps_of_the_pad() -> None:
    assert [step.key for step in steps(HOOK, DIGITS)] == ["strokes", "fitted", "inked", "centred", "normalised"]


def test_a_photograph_of_paper_is_flattened_and_freed_of_specks() -> None:
    keys = [step.key for step in steps(photo(), DIGITS)]
    assert keys == ["picture", "gray", "flattened", "ink", "specks", "pieces", "fitted", "centred", "normalised"]


def test_an_image_of_the_data_set_is_left_alone() -> None:
    digit = as_digit(HOOK)
    made = {step.key: step for step in steps(digit, DIGITS)}
    assert "flattened" not in made
    assert "thickened" not in made
    assert np.array_equal(made["normalised"].picture, digit)


def test_nothing_has_no_steps() -> None:
    assert steps(Sketch(), DIGITS) == ()
    assert steps(np.full((40, 40), 255, np.uint8), DIGITS) == ()
    assert steps(Sketch(), SCENES) == ()


@pytest.mark.parametrize("key", ["fitted", "inked", "centred"])
def test_each_step_of_a_drawing_can_be_left_out(key: str) -> None:
    off = see(Adjusted(HOOK, frozenset({key})), DIGITS)
    assert off.shape == (1, 28, 28)
    assert not np.array_equal(off[0], as_digit(HOOK))
    (step,) = [step for step in steps(Adjusted(HOOK, frozenset({key})), DIGITS) if step.key == key]
    assert not step.is_on
    assert np.array_equal(shown(steps(Adjusted(HOOK, frozenset({key})), DIGITS)[-1]), off)


def test_without_scaling_a_small_drawing_stays_small() -> None:
    rows = np.flatnonzero(see(Adjusted(HOOK, frozenset({"fitted"})), DIGITS)[0].any(axis=1))
    # 80 of the sheet's 280 points are 8 of 28 pixels, and the pen adds 2.5 and its soft edge.
    assert 10 <= len(rows) <= 13


def test_without_scaling_and_centring_a_drawing_stays_in_its_place() -> None:
    seen = see(Adjusted(HOOK, frozenset({"fitted", "centred"})), DIGITS)[0]
    columns = np.flatnonzero(seen.any(axis=0))
    # From 20 to 80 points: 2 to 8 pixels, less and plus half a pen.
    assert columns[0] == 0
    assert columns[-1] in {8, 9}


def test_without_centring_by_mass_the_box_is_in_the_middle() -> None:
    hook = Sketch((Stroke(((100.0, 50.0), (100.0, 250.0), (200.0, 250.0), (110.0, 248.0))),))
    seen = see(Adjusted(hook, frozenset({"centred"})), DIGITS)[0]
    rows = np.flatnonzero(seen.any(axis=1))
    assert (rows[0], rows[-1]) == (4, 23)  # 20 pixels in 28
    assert not np.array_equal(seen, as_digit(hook))


def test_a_large_drawing_without_the_pens_own_width_has_thin_lines() -> None:
    tall = Sketch((Stroke(((140.0, 10.0), (140.0, 270.0))),))
    thick, thin = see(tall, DIGITS)[0], see(Adjusted(tall, frozenset({"inked"})), DIGITS)[0]
    assert thin.sum() < 0.75 * thick.sum()


@pytest.mark.parametrize("key", ["flattened", "ink", "specks", "fitted", "centred"])
def test_each_step_of_a_picture_can_be_left_out(key: str) -> None:
    on, off = see(photo(), DIGITS), see(Adjusted(photo(), frozenset({key})), DIGITS)
    assert off is None or not np.array_equal(on, off)
    if off is not None:
        made = steps(Adjusted(photo(), frozenset({key})), DIGITS)
        assert key in {step.key for step in made if not step.is_on}
        assert np.array_equal(shown(made[-1]), off)


def test_a_mark_on_the_paper_is_ink_where_small_pieces_are_kept() -> None:
    with_it = see(Adjusted(photo(), frozenset({"pieces"})), DIGITS)[0]
    without = see(photo(), DIGITS)[0]
    assert np.ptp(np.flatnonzero(without.any(axis=0))) < np.ptp(np.flatnonzero(with_it.any(axis=0)))
    assert np.array_equal(without, see(photo(specks=False), DIGITS)[0])


def test_a_photograph_that_is_not_scaled_shows_its_middle() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (90, 150, 3), dtype=np.uint8)
    seen = see(Adjusted(picture, frozenset({"scaled"})), SCENES)
    assert np.array_equal(np.moveaxis(seen, 0, 2), picture[29:61, 59:91])
    small = see(Adjusted(picture[:10, :20], frozenset({"scaled"})), SCENES)
    assert np.array_equal(np.moveaxis(small, 0, 2)[11:21, 6:26], picture[:10, :20])
    assert small.astype(int).sum() == picture[:10, :20].astype(int).sum()


def test_a_photograph_that_is_not_cut_is_shown_whole() -> None:
    picture = np.full((40, 80, 3), 200, np.uint8)
    assert np.array_equal(
        see(Adjusted(picture, frozenset({"cut"})), SCENES), as_photograph(picture, (3, 32, 32), whole=True)
    )


def test_the_numbers_of_normalising_are_told() -> None:
    step = steps(HOOK, DIGITS)[-1]
    # (0 - 0.1307) / 0.3081 and (1 - 0.1307) / 0.3081
    assert "−0.42 to 2.82" in step.explanation
    assert step.can_be_off
    assert not steps(HOOK, StepSettings())[-1].can_be_off


def test_dithered_paper_is_no_ink() -> None:
    from awkward_images import seven

    clean, dithered = seven("L", ink=0, paper=255), seven("L", ink=20, paper=235).convert("1")
    assert len(np.unique(np.asarray(dithered.convert("L")))) == 2
    far = np.abs(as_digit(np.asarray(clean)).astype(int) - as_digit(np.asarray(dithered.convert("L")))).mean()
    assert far < 12


def test_an_adjusted_input_is_the_input_itself() -> None:
    assert bare(Adjusted(HOOK, frozenset())) is HOOK
    assert bare(HOOK) is HOOK
