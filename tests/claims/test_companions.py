"""Runs that are trained beside the program, in processes of their own, are the same runs."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from tiny import tiny

from explorer.claims import companions, events
from explorer.claims.results import Result
from explorer.claims.runner import conduct
from explorer.data import datasets, digits
from explorer.runs.notes import read_notes
from explorer.runs.run_folder import list_runs
from explorer.system import devices
from explorer.system.settings import Settings
from explorer.training import preparation
from explorer.training.events import Command, RunStarted

ONE_THREAD = Settings(threads=1, device="cpu")


_LOAD = datasets.load
_TRAIN, _TEST = 120, 60


@pytest.fixture(autouse=True)
def little_data(monkeypatch: pytest.MonkeyPatch, made_data: None) -> None:
    """What another process loads too: the built-in digits, as few as are needed here and there."""
    monkeypatch.setattr(preparation.datasets, "load", _LOAD)
    monkeypatch.setattr(digits, "TRAIN_COUNT", _TRAIN)
    monkeypatch.setattr(digits, "TEST_COUNT", _TEST)
    monkeypatch.setattr(datasets, "_drawn_digits", functools.cache(datasets._drawn_digits.__wrapped__))
    fewer = f"from explorer.data import digits; digits.TRAIN_COUNT = {_TRAIN}; digits.TEST_COUNT = {_TEST}"
    program = companions._PROGRAM
    assert "; from explorer.claims" in program
    monkeypatch.setattr(companions, "_PROGRAM", program.replace("; from", f"; {fewer}; from", 1))


def beside(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(companions, "worthwhile", lambda *_: count)


def starts(given: list[events.ExperimentEvent]) -> dict[tuple[str, int], RunStarted]:
    return {
        (event.arm, event.seed): event.event
        for event in given
        if isinstance(event, events.RunTold) and isinstance(event.event, RunStarted)
    }


def result_of(given: list[events.ExperimentEvent]) -> Result:
    assert isinstance(given[-1], events.Judged)
    return given[-1].result


def test_a_run_comes_to_the_same_wherever_it_is_trained(monkeypatch: pytest.MonkeyPatch, runs: Path) -> None:
    beside(monkeypatch, 0)
    alone = result_of(list(conduct(tiny(), settings=ONE_THREAD)))
    beside(monkeypatch, 1)
    given = list(conduct(tiny(), settings=ONE_THREAD, reuse=False))
    begun = [event.arm for event in given if isinstance(event, events.RunBegun)]
    together = result_of(given)
    assert together.verdict == alone.verdict
    assert [(run.arm, run.seed) for run in together.runs] == [(run.arm, run.seed) for run in alone.runs]
    # One at least was trained elsewhere, and is told of and marked like the others.
    assert len(begun) < 4 == len(starts(given))
    assert {read_notes(run.folder).tags for run in list_runs(runs)} == {("tiny",)}
    done = [event for event in given if isinstance(event, events.RunDone)]
    assert [event.number for event in done] == [1, 2, 3, 4]
    assert together.processor_seconds > 0


def test_closing_the_experiment_leaves_what_is_trained_beside_to_be_gone_on_with(
    monkeypatch: pytest.MonkeyPatch, runs: Path
) -> None:
    long = tiny(config={"epochs": 40}, arms=tiny().short.arms[:1], parts=())
    beside(monkeypatch, 1)
    running = conduct(long, settings=ONE_THREAD)
    told = [next(running)]
    while len(starts(told)) < 2:
        # Both are under way for certain while this one waits.
        told.append(running.send(Command.PAUSE if starts(told) else None))
    running.close()
    assert sorted(run.status for run in list_runs(runs)) == ["interrupted", "interrupted"]
    beside(monkeypatch, 0)
    given = list(conduct(long, settings=ONE_THREAD))
    assert {started.folder for started in starts(given).values()} == {run.folder for run in list_runs(runs)}
    assert {run.status for run in list_runs(runs)} == {"finished"}


def test_what_cannot_be_trained_beside_is_trained_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companions, "_PROGRAM", "raise SystemExit(1)")
    beside(monkeypatch, 2)
    given = list(conduct(tiny(), settings=ONE_THREAD))
    assert len([event for event in given if isinstance(event, events.RunBegun)]) == 4
    assert {run.outcome for run in result_of(given).runs} == {"finished"}


@pytest.mark.parametrize(
    ("cores", "memory", "runs", "seconds", "settings", "count"),
    [
        (4, 64, 12, 90, Settings(device="cpu"), 3),  # a core each, one of them for the run here
        (64, 64, 12, 90, Settings(device="cpu"), 7),
        (8, 64, 3, 90, Settings(device="cpu"), 2),  # no more than there are runs
        (8, 8, 12, 90, Settings(device="cpu"), 1),  # as many as the memory holds
        (1, 64, 12, 90, Settings(device="cpu"), 0),
        (8, 64, 12, 5, Settings(device="cpu"), 0),  # over before another process has begun
        (8, 64, 12, 90, Settings(device="cpu", threads=1), 0),  # the user gives it one core
    ],
)
def test_as_many_are_started_as_are_worth_it(
    monkeypatch: pytest.MonkeyPatch, cores: int, memory: int, runs: int, seconds: float, settings: Settings, count: int
) -> None:
    monkeypatch.setattr(devices, "cores", lambda: cores)
    monkeypatch.setattr(companions, "_memory", lambda: memory * 2**30)
    assert companions.worthwhile(runs, seconds, settings) == count
