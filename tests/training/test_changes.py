"""Changing the learning rate, the epochs or the augmentation of a run under way."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.data import batches
from explorer.data.augmentation import Augmentation
from explorer.runs import epochs
from explorer.runs.metrics import read_metrics
from explorer.runs.run_folder import read_run, write_record
from explorer.runs.weights import read_weights_header
from explorer.training import changing, sitting
from explorer.training.config import TrainingConfig
from explorer.training.events import (
    Change,
    Changed,
    Command,
    EpochFinished,
    Event,
    Outcome,
    RunEnded,
    StepsTrained,
    Warned,
)
from explorer.training.fit import fit

Config = Callable[..., TrainingConfig]

TURNED = Augmentation(rotation=20)


@pytest.fixture(autouse=True)
def news_after_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitting, "_NEWS_EVERY_S", 0.0)


def trained(config: TrainingConfig | None, orders: dict[int, Change], resume: Path | None = None) -> list[Event]:
    """The events of a run that is told `orders`, each after that step."""
    training = fit(config, resume)
    events = [next(training)]
    order = orders.get(0)
    while True:
        try:
            event = training.send(order)
        except StopIteration:
            return events
        events.append(event)
        order = orders.get(event.steps[-1]) if isinstance(event, StepsTrained) else None


def weights(folder: Path) -> list[bytes]:
    return [epochs.weights_path(folder, epoch).read_bytes() for epoch in epochs.saved_epochs(folder)]


def rates(folder: Path) -> list[float]:
    return [row.learning_rate for row in read_metrics(folder / "metrics.csv") if row.split == "train"]


def test_a_learning_rate_holds_from_the_next_step(config: Config) -> None:
    events = trained(config(epochs=1, schedule="constant"), {3: Change(learning_rate=0.002)})
    assert rates(events[-1].folder) == pytest.approx([0.01] * 3 + [0.002] * 4)
    (change,) = [event for event in events if isinstance(event, Changed)]
    assert (change.epoch, change.step, change.text) == (1, 4, "learning rate 0.01 → 0.002")


def test_epochs_become_more_and_fewer(config: Config) -> None:
    more = trained(config(epochs=1), {7: Change(epochs=3)})[-1]
    assert (more.outcome, more.epochs) == (Outcome.FINISHED, 3)
    fewer = trained(config(epochs=5), {9: Change(epochs=2)})[-1]
    assert (fewer.outcome, fewer.epochs) == (Outcome.FINISHED, 2)


def test_a_finished_epoch_is_followed_by_another_that_is_asked_for_then(config: Config) -> None:
    training = fit(config(epochs=1))
    while not isinstance(next(training), EpochFinished):
        pass
    assert isinstance(training.send(Change(epochs=2)), Changed)
    *_, last = training
    assert last.epochs == 2


def test_fewer_epochs_than_are_under_way_are_refused_and_nothing_changes(config: Config) -> None:
    events = trained(config(epochs=3), {9: Change(epochs=1, learning_rate=0.5)})
    (warning,) = [event.message for event in events if isinstance(event, Warned)]
    assert "epoch 2 is done or under way" in warning
    assert events[-1].epochs == 3
    assert read_run(events[-1].folder).record.changes == ()


def test_a_value_out_of_range_is_refused(config: Config) -> None:
    events = trained(config(epochs=1), {2: Change(learning_rate=-1.0)})
    assert any(isinstance(event, Warned) and "learning_rate" in event.message for event in events)


def test_a_change_to_what_is_already_there_is_none(config: Config) -> None:
    events = trained(config(epochs=1), {2: Change(learning_rate=0.01, epochs=1)})
    assert not any(isinstance(event, Changed) for event in events)


def test_the_record_keeps_what_was_asked_and_lists_the_changes(config: Config) -> None:
    given = config(epochs=2)
    folder = trained(given, {3: Change(learning_rate=0.002), 9: Change(augmentation=TURNED)})[-1].folder
    record = read_run(folder).record
    assert TrainingConfig.from_json(record.config) == given
    assert [(change.step, change.epoch) for change in record.changes] == [(4, 1), (10, 2)]
    assert record.changes[1].text == "augmentation none → rotation 20"
    manifest = json.loads((folder / "resume" / "epoch-0002.json").read_text())
    kept = json.loads(manifest["body"])["position"]["changes"]
    assert next(change["values"] for change in kept) == {"learning_rate": 0.002}
    made = read_weights_header(epochs.weights_path(folder, 2)).provenance["changes"]
    assert [change["step"] for change in made] == [4, 10]


@pytest.mark.parametrize("closed_after", [2, 5, 8, 12, 16])
def test_a_resumed_run_is_changed_again_at_the_same_steps(
    config: Config, closed_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Batches are prepared by twos, so that an augmentation changes within an epoch.
    monkeypatch.setattr(batches, "_AT_ONCE", 64)
    orders = {3: Change(learning_rate=0.002), 10: Change(augmentation=TURNED, epochs=4), 14: Change(epochs=3)}
    given = config(batch_size=32, averaging=0.8)
    undisturbed = trained(given, orders)[-1].folder
    training = fit(given)
    folder, order = next(training).folder, None
    while True:
        event = training.send(order)
        order = orders.get(event.steps[-1]) if isinstance(event, StepsTrained) else None
        if isinstance(event, StepsTrained) and event.steps[-1] == closed_after:
            # Taken, and answered, before the end.
            while order is not None and not isinstance(training.send(order), Changed):
                order = None
            training.close()
            break
    again = {step: order for step, order in orders.items() if step > closed_after}
    resumed = trained(None, again, folder)[-1]
    assert isinstance(resumed, RunEnded)
    assert weights(folder) == weights(undisturbed)
    assert rates(folder) == rates(undisturbed)


def test_a_change_voids_what_an_earlier_sitting_changed_later(config: Config) -> None:
    training = fit(config(epochs=2, schedule="constant"))
    folder, order = next(training).folder, None
    while True:
        event = training.send(order)
        order = None
        if isinstance(event, StepsTrained) and event.steps[-1] == 10:
            order = Change(learning_rate=0.5)
        if isinstance(event, Changed):
            training.close()
            break
    trained(None, {8: Change(learning_rate=0.003)}, folder)
    assert rates(folder)[8:] == pytest.approx([0.003] * 6)


def test_a_change_can_be_sent_in_a_pause(config: Config) -> None:
    training = fit(config(epochs=1, schedule="constant"))
    next(training)
    while not isinstance(next(training), StepsTrained):
        pass
    training.send(Command.PAUSE)
    assert isinstance(training.send(Change(learning_rate=0.004)), Changed)
    training.send(Command.CONTINUE)
    *_, last = training
    assert rates(last.folder)[-1] == pytest.approx(0.004)


def test_an_augmentation_in_words() -> None:
    assert changing.in_words(Augmentation(crop=4, mirror=True, pca_colour=0.1)) == "crop 4, mirror, pca colour 0.1"


def trained_on(folder: Path, change: Change) -> list[Event]:
    return list(fit(None, folder, change=change))


def test_a_finished_run_goes_on_when_it_is_given_more_epochs(config: Config) -> None:
    folder = trained(config(epochs=2), {})[-1].folder
    before = weights(folder)
    events = trained_on(folder, Change(epochs=3))
    assert (events[0].epochs, events[0].first_epoch) == (3, 3)
    (change,) = [event for event in events if isinstance(event, Changed)]
    assert (change.step, change.epoch, change.text) == (15, 3, "epochs 2 → 3")
    assert (events[-1].outcome, events[-1].epochs) == (Outcome.FINISHED, 3)
    assert weights(folder)[:2] == before
    assert read_run(folder).record.changes[0].values == {"epochs": 3}


def test_what_is_trained_on_ends_as_if_it_had_been_asked_for_in_time(config: Config) -> None:
    training = fit(config(epochs=1))
    folder = next(training).folder
    while not isinstance(next(training), EpochFinished):
        pass
    training.send(Change(epochs=3))
    *_, _last = training
    later = trained(config(epochs=1), {})[-1].folder
    trained_on(later, Change(epochs=3))
    assert weights(later) == weights(folder)
    assert rates(later) == rates(folder)


def test_a_run_that_is_interrupted_while_it_trains_on_goes_on_by_itself(config: Config) -> None:
    undisturbed = trained(config(epochs=1), {})[-1].folder
    trained_on(undisturbed, Change(epochs=3))
    folder = trained(config(epochs=1), {})[-1].folder
    training = fit(None, folder, change=Change(epochs=3))
    while not isinstance(next(training), EpochFinished):
        pass
    training.close()
    assert read_run(folder).status == "interrupted"
    assert trained(None, {}, folder)[-1].epochs == 3
    assert weights(folder) == weights(undisturbed)


def test_an_interrupted_run_goes_on_with_another_rate(config: Config) -> None:
    training = fit(config(epochs=2, schedule="constant"))
    folder = next(training).folder
    while not isinstance(next(training), EpochFinished):
        pass
    training.close()
    trained_on(folder, Change(learning_rate=0.002))
    assert rates(folder) == pytest.approx([0.01] * 7 + [0.002] * 7)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (None, "goes on where it is given more epochs than its 2"),
        (Change(learning_rate=0.002), "goes on where it is given more epochs than its 2"),
        (Change(epochs=2), "has 2 epochs already"),
        (Change(epochs=3, learning_rate=-1.0), "learning_rate is"),
    ],
)
def test_what_does_not_train_a_finished_run_on_is_refused_and_leaves_it_finished(
    config: Config, change: Change | None, said: str
) -> None:
    folder = trained(config(epochs=2), {})[-1].folder
    with pytest.raises(ValueError, match=said):
        trained_on(folder, change)
    run = read_run(folder)
    assert (run.status, run.record.changes) == ("finished", ())


def test_a_finished_run_without_a_saved_state_is_not_begun_anew(config: Config) -> None:
    folder = trained(config(epochs=1), {})[-1].folder
    shutil.rmtree(folder / "resume")
    with pytest.raises(ValueError, match="keeps no state to go on from"):
        trained_on(folder, Change(epochs=2))
    assert read_run(folder).status == "finished"


def broken_off_after_a_change(config: TrainingConfig, change: Change) -> Path:
    """A run that is told `change` in its second epoch, and ends before that is saved."""
    training = fit(config)
    folder, order = next(training).folder, None
    while True:
        event = training.send(order)
        order = change if isinstance(event, StepsTrained) and event.steps[-1] == 9 else None
        if isinstance(event, Changed):
            training.close()
            return folder


def test_what_was_changed_after_the_saved_state_stays_beneath_what_a_run_goes_on_with(config: Config) -> None:
    folder = broken_off_after_a_change(config(epochs=2, schedule="constant"), Change(epochs=3))
    assert trained_on(folder, Change(learning_rate=0.002))[-1].epochs == 3
    assert rates(folder) == pytest.approx([0.01] * 7 + [0.002] * 14)


def test_what_a_run_goes_on_with_holds_against_what_was_changed_after_the_saved_state(config: Config) -> None:
    folder = broken_off_after_a_change(config(epochs=2), Change(epochs=3))
    assert trained_on(folder, Change(epochs=2))[-1].epochs == 2


def test_a_run_that_diverged_goes_on_with_a_lower_rate(config: Config) -> None:
    diverged = trained(config(epochs=30, optimiser="sgd", learning_rate=60.0), {})[-1]
    assert diverged.outcome is Outcome.DIVERGED
    for change in (None, Change(epochs=40), Change(learning_rate=60.0)):
        with pytest.raises(ValueError, match="would do so again"):
            trained_on(diverged.folder, change)
    more = diverged.epochs + 1
    assert trained_on(diverged.folder, Change(learning_rate=0.01, epochs=more))[-1].epochs == more


def test_a_record_that_lags_behind_the_saved_state_catches_up(config: Config) -> None:
    folder = trained(config(epochs=2), {})[-1].folder
    run = read_run(folder)
    lagging = dataclasses.replace(run.record.summary, epochs=1)
    write_record(folder, dataclasses.replace(run.record, status="running", summary=lagging))
    assert trained(None, {}, folder)[-1].epochs == 2
    assert read_run(folder).record.summary == run.record.summary
