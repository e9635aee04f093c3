"""A copy of a network learns somebody's drawings, forgets nothing, and says honestly how it was measured."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest
from networks_made import save
from strokes import written_digits

from explorer.data.personal import PersonalDrawing, drawing_of
from explorer.data.sketch import Sketch, Stroke
from explorer.inference import sources
from explorer.inference.predictor import Predictor
from explorer.runs.epochs import saved_epochs
from explorer.runs.notes import SET_ASIDE, RunNotes, read_notes, write_notes
from explorer.runs.run_folder import list_runs, read_run
from explorer.system.download import Cancelled
from explorer.system.settings import Settings
from explorer.training import learn_hand as lesson
from explorer.training.events import Change
from explorer.training.fit import fit
from explorer.training.learn_hand import held_out, learn_hand

SHIPPED = sources.shipped_weights()[0]


def mirrored(sketch: Sketch) -> Sketch:
    """As somebody writes who writes from right to left."""
    return Sketch(tuple(Stroke(tuple((280 - x, y) for x, y in stroke.points)) for stroke in sketch.strokes))


def strange_hand() -> list[PersonalDrawing]:
    return [drawing_of(mirrored(sketch), label) for sketch, label in written_digits()]


@pytest.fixture
def quick(few_digits: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lesson, "_KNOWN", 300)
    monkeypatch.setattr(lesson, "_OWN", 1200)
    monkeypatch.setattr(lesson, "_EPOCHS", 6)


def settings(tmp_path: Path) -> Settings:
    return Settings(runs_folder=str(tmp_path / "runs"))


def test_a_strange_hand_is_learnt_and_the_known_digits_stay_known(quick: None, tmp_path: Path) -> None:
    before = SHIPPED.read_bytes()
    told: list[tuple[str, float | None]] = []
    drawings = strange_hand()
    learnt = learn_hand(
        SHIPPED, drawings, settings=settings(tmp_path), progress=lambda words, share: told.append((words, share))
    )
    assert learnt.held_out
    assert learnt.own_count == 8
    assert learnt.own_after >= learnt.own_before + 0.3
    assert learnt.known_after >= 0.9
    assert SHIPPED.read_bytes() == before
    shares = [share for _, share in told if share is not None]
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1
    # What is claimed can be measured again with the weights that were kept.
    run = read_run(learnt.folder)
    predictor = Predictor.from_file(sources.run_weights(run))
    held = held_out(np.array([each.label for each in drawings]), 0)
    measured = [each for each, is_held in zip(drawings, held, strict=True) if is_held]
    right = sum(predictor.predict(each.digit)[0].best == str(each.label) for each in measured)
    assert right / len(measured) == pytest.approx(learnt.own_after)


def test_the_result_is_a_run_like_others_that_says_what_it_is(quick: None, tmp_path: Path) -> None:
    learnt = learn_hand(SHIPPED, strange_hand()[:12], settings=settings(tmp_path))
    (run,) = list_runs(tmp_path / "runs")
    assert (run.folder, run.status) == (learnt.folder, "finished")
    assert saved_epochs(run.folder) == tuple(range(1, learnt.epochs + 1))
    assert "12 drawings of your own" in run.record.data_source
    notes = read_notes(run.folder)
    assert notes.title == "My hand: 12 drawings"
    assert "held out" in notes.notes
    provenance = Predictor.from_file(sources.run_weights(run)).provenance
    assert provenance["personal_drawings"] == 12
    assert provenance["started_from"] == str(SHIPPED)
    assert json.loads((run.folder / "run.json").read_text())["config"]["dataset"] == "digits"


def test_it_does_not_go_on_without_the_drawings(quick: None, tmp_path: Path) -> None:
    learnt = learn_hand(SHIPPED, strange_hand()[:5], settings=settings(tmp_path))
    with pytest.raises(ValueError, match="keeps no state to go on from"):
        next(fit(None, learnt.folder, change=Change(epochs=learnt.epochs + 1), settings=settings(tmp_path)))


def test_with_few_drawings_it_is_said_that_they_were_learnt(quick: None, tmp_path: Path) -> None:
    learnt = learn_hand(SHIPPED, strange_hand()[:5], settings=settings(tmp_path))
    assert not learnt.held_out
    assert learnt.own_count == 5
    assert "that it learnt from" in read_notes(learnt.folder).notes


def test_a_cancelled_lesson_leaves_nothing(quick: None, tmp_path: Path) -> None:
    begun = threading.Event()

    def tell(_words: str, share: float | None) -> None:
        if share is not None:
            begun.set()

    with pytest.raises(Cancelled):
        learn_hand(SHIPPED, strange_hand(), settings=settings(tmp_path), progress=tell, cancelled=begun.is_set)
    assert list_runs(tmp_path / "runs") == ()


def test_other_networks_cannot_learn_a_hand(quick: None, tmp_path: Path) -> None:
    weights = save(tmp_path / "photos.safetensors", "resnet20", "cifar10")
    with pytest.raises(ValueError, match="digits 0 to 9"):
        learn_hand(weights, strange_hand(), settings=settings(tmp_path))
    with pytest.raises(ValueError, match="no drawing"):
        learn_hand(SHIPPED, [], settings=settings(tmp_path))


def test_a_lesson_draws_none_of_torchs_random_numbers(quick: None, tmp_path: Path) -> None:
    import torch

    state, threads = torch.get_rng_state(), torch.get_num_threads()
    learn_hand(SHIPPED, strange_hand()[:3], settings=settings(tmp_path))
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_a_run_that_was_set_aside_answers_only_where_it_is_chosen(quick: None, tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    learnt = learn_hand(SHIPPED, strange_hand()[:3], settings=chosen)
    assert sources.newest_digit_weights(chosen).parent.parent == learnt.folder
    write_notes(learnt.folder, RunNotes("", (SET_ASIDE,)))
    assert sources.newest_digit_weights(chosen) == SHIPPED
    assert sources.weights_for("latest", chosen).parent.parent == learnt.folder


@pytest.mark.parametrize(
    ("labels", "count"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7, 8], 0),
        (list(range(10)), 0),
        ([1] * 10, 2),
        (list(range(10)) * 4, 8),
        ([3, 3] * 25, 10),
    ],
)
def test_a_fifth_is_held_out_and_each_class_keeps_one(labels: list[int], count: int) -> None:
    given = np.array(labels)
    held = held_out(given, 5)
    assert held.sum() == count
    assert set(given[~held]) == set(labels)
    assert np.array_equal(held, held_out(given, 5))
