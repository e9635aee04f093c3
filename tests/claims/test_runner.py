"""Experiments are ordinary runs, judged at the end; they can be stopped, and go on."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tiny import ARMS, computed, tiny

from explorer.claims import events, kept
from explorer.claims.claim import Arm, Measure, Part
from explorer.claims.runner import conduct
from explorer.claims.verdict import Outcome
from explorer.runs.notes import read_notes
from explorer.runs.run_folder import list_runs
from explorer.system.download import Cancelled
from explorer.system.settings import Settings
from explorer.training import sitting
from explorer.training.events import Command, EpochFinished, RunEnded

ONE_THREAD = Settings(threads=1, device="cpu")


def told(**changes: object) -> list[events.ExperimentEvent]:
    experiment = changes.pop("experiment", None) or tiny()
    return list(conduct(experiment, settings=ONE_THREAD, **changes))


def of(kind: type, given: Sequence[object]) -> list:
    return [event for event in given if isinstance(event, kind)]


def test_an_experiment_trains_every_arm_with_every_seed_and_ends_with_a_verdict(runs: Path) -> None:
    given = told()
    assert isinstance(given[0], events.ExperimentStarted)
    assert (given[0].runs, given[0].seeds, given[0].dataset) == (4, 2, "digits:100:50")
    done = of(events.RunDone, given)
    assert [(event.run.arm, event.run.seed) for event in done] == [
        ("ReLU", 0), ("sigmoid", 0), ("ReLU", 1), ("sigmoid", 1)
    ]  # fmt: skip
    assert len(of(EpochFinished, [each.event for each in of(events.RunTold, given)])) == 8
    assert isinstance(given[-1], events.Judged)
    result = given[-1].result
    (part,) = result.verdict.parts
    assert part.first.seeds == part.second.seeds == (0, 1)
    tests = [run.record.summary.test_accuracy for run in reversed(list_runs(runs))]
    assert sorted((*part.first.values, *part.second.values)) == pytest.approx(sorted(1 - test for test in tests))
    shares = [event.share for event in of(events.Progress, given)]
    assert shares == sorted(shares)
    assert result.seconds > 0


def test_its_runs_are_ordinary_runs_with_its_tag(runs: Path) -> None:
    told(seeds=1)
    kept = list_runs(runs)
    assert {run.status for run in kept} == {"finished"}
    assert {read_notes(run.folder).tags for run in kept} == {("tiny",)}
    assert {read_notes(run.folder).title for run in kept} == {"Tiny: ReLU, seed 0", "Tiny: sigmoid, seed 0"}


def test_the_data_that_are_used_in_place_of_others_are_named() -> None:
    given = told(seeds=1)
    message = "MNIST is not on this computer: Built-in digits, 100 images in its place"
    assert [event.message for event in of(events.Remarked, given)] == [message]
    assert given[-1].result.remarks == (message,)


def test_finished_runs_are_taken_over_unless_all_is_to_be_new(runs: Path) -> None:
    first = told()[-1].result
    again = told()
    assert all(event.run.reused for event in of(events.RunDone, again))
    assert again[-1].result.verdict == first.verdict
    assert len(list_runs(runs)) == 4
    told(reuse=False, seeds=1)
    assert len(list_runs(runs)) == 6


def test_runs_of_another_configuration_or_without_the_tag_are_not_taken_over(runs: Path) -> None:
    told(seeds=1)
    changed = told(experiment=tiny(config={"learning_rate": 0.02}), seeds=1)
    other = told(experiment=dataclasses.replace(tiny(), name="another"), seeds=1)
    assert not any(event.run.reused for event in of(events.RunDone, [*changed, *other]))


def test_an_experiment_that_is_closed_goes_on_where_it_was(runs: Path) -> None:
    events_ = conduct(tiny(), settings=ONE_THREAD)
    for event in events_:
        if isinstance(event, events.RunTold) and event.seed == 1 and isinstance(event.event, EpochFinished):
            break
    events_.close()
    assert [run.status for run in list_runs(runs)].count("interrupted") == 1
    given = told()
    assert [event.run.reused for event in of(events.RunDone, given)] == [True, True, False, False]
    assert len(list_runs(runs)) == 4
    undisturbed = told(reuse=False)[-1].result.verdict
    assert given[-1].result.verdict == undisturbed


def test_a_training_that_is_told_to_stop_ends_the_experiment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitting, "_NEWS_EVERY_S", 0.0)
    running = conduct(tiny(), settings=ONE_THREAD)
    event = next(running)
    while not isinstance(event, events.RunTold) or not isinstance(event.event, EpochFinished):
        event = next(running)
    rest = [running.send(Command.STOP), *running]
    assert isinstance(rest[-1], events.Stopped)
    assert [each.event.outcome.value for each in of(events.RunTold, rest) if isinstance(each.event, RunEnded)] == [
        "stopped"
    ]


def test_an_experiment_can_be_cancelled_from_outside(runs: Path) -> None:
    calls = iter([False] * 8 + [True] * 100)
    with pytest.raises(Cancelled):
        told(cancelled=lambda: next(calls))
    assert {run.status for run in list_runs(runs)} <= {"interrupted", "finished"}


def test_what_is_computed_comes_with_the_verdict() -> None:
    given = told(experiment=tiny(live=(computed(),), arms=(), parts=()))
    (looked,) = of(events.Looked, given)
    result = given[-1].result
    assert result.verdict.outcome is Outcome.SEEN
    assert (result.charts, result.tables) == (looked.charts, looked.tables)
    assert result.runs == ()


def test_the_best_of_several_trials_is_compared() -> None:
    arms = tuple(
        Arm(f"rate {rate:g}", "mlp", {"units": 8}, {"learning_rate": rate}, ("learning_rate",) if rate != 1e-6 else (),
            best_of="any rate")
        for rate in (1e-6, 0.05)
    )  # fmt: skip
    part = Part("It learns", "below", Measure("train_error", "the error"), "any rate", by=0.5)
    result = told(experiment=tiny(arms=arms, parts=(part,), config={"epochs": 6}))[-1].result
    assert result.verdict.parts[0].first.arm == "rate 0.05"


def test_a_run_that_diverges_is_part_of_the_answer() -> None:
    wild = {"learning_rate": 100.0, "momentum": 0.99, "weight_decay": 0.01}
    arms = (ARMS[0], Arm("wild", "lenet5", {}, wild, ("architecture", *wild)))
    part = Part("Tame errs less", "lower", Measure("test_error", "the error"), "ReLU", "wild")
    result = told(experiment=tiny(arms=arms, parts=(part,)))[-1].result
    assert result.verdict.parts[0].second.diverged == 2
    assert result.verdict.parts[0].second.values == (1.0, 1.0)
    assert [run.outcome for run in result.runs] == ["finished", "diverged"] * 2


def test_a_result_is_json() -> None:
    record = json.loads(json.dumps(told(seeds=1)[-1].result.to_json(), allow_nan=False))
    assert (record["experiment"], record["verdict"], record["seeds"]) == ("tiny", "not seen at this budget", 1)
    assert [figure["sd"] for figure in record["parts"][0]["figures"]] == [None, None]
    assert len(record["runs"]) == 2


def test_the_last_result_is_kept() -> None:
    assert kept.last("tiny", "short") is None
    result = told(seeds=1)[-1].result
    assert kept.last("tiny", "short") == json.loads(json.dumps(result.to_json()))
    assert kept.last("tiny", "full") is None


def test_an_experiment_has_at_least_one_seed() -> None:
    with pytest.raises(ValueError, match="at least one seed"):
        told(seeds=0)
