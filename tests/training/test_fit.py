import dataclasses
import itertools
import json
import math
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
import torch
from small_data import small_dataset

from explorer.data.augmentation import Augmentation
from explorer.inference.predictor import Predictor
from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs import epochs
from explorer.runs.metrics import read_metrics
from explorer.runs.run_folder import list_runs, read_run
from explorer.runs.weights import load_network, read_weights_header
from explorer.system.settings import Settings
from explorer.training import fit as fit_module
from explorer.training import material, preparation, sitting, threads
from explorer.training.config import TrainingConfig
from explorer.training.errors import MemoryShortageError
from explorer.training.events import (
    Command,
    EpochFinished,
    Event,
    Outcome,
    Paused,
    RunEnded,
    RunStarted,
    StepsTrained,
    Warned,
)
from explorer.training.fit import fit
from explorer.training.recipes import default_config
from explorer.training.step import Step

Config = Callable[..., TrainingConfig]
Training = Generator[Event, Command | None, None]


def ended(training: Training) -> RunEnded:
    *_, last = training
    assert isinstance(last, RunEnded)
    return last


def next_of(training: Training, kind: type, command: Command | None = None) -> Event:
    event = training.send(command)
    while not isinstance(event, kind):
        event = next(training)
    return event


@pytest.fixture
def news_after_each_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of seven steps is over before the first news are due; commands need some to be answered to."""
    monkeypatch.setattr(sitting, "_NEWS_EVERY_S", 0.0)


def test_the_events_of_a_run_tell_all_of_it(config: Config) -> None:
    started, *events = fit(config(epochs=2))
    assert isinstance(started, RunStarted)
    assert (started.epochs, started.first_epoch, started.steps_per_epoch, started.images_per_epoch) == (2, 1, 7, 200)
    assert (started.device, started.threads) == ("cpu", 1)
    *_, first, second = (event for event in events if isinstance(event, EpochFinished))
    assert (first.epoch, first.step, second.epoch, second.step) == (1, 7, 2, 14)
    steps = [event for event in events if isinstance(event, StepsTrained)]
    assert [step for event in steps for step in event.steps] == list(range(1, 15))
    assert all(len(event.steps) == len(event.losses) == len(event.learning_rates) for event in steps)
    assert {event.epoch for event in steps} == {1, 2}
    last = events[-1]
    assert isinstance(last, RunEnded)
    assert (last.outcome, last.epochs, last.advice) == (Outcome.FINISHED, 2, "")
    assert (last.test_accuracy, last.test_loss) == (second.test_accuracy, second.test_loss)
    assert last.best_epoch == max((first, second), key=lambda event: event.test_accuracy).epoch
    assert last.images_per_second > 0


def test_a_run_leaves_record_metrics_and_weights(config: Config, runs: Path) -> None:
    last = ended(fit(config(epochs=2)))
    (run,) = list_runs(runs)
    assert run.folder == last.folder
    assert run.status == "finished"
    assert (run.record.seed, run.record.threads, run.record.data_checksum) == (5, 1, "small")
    assert run.record.summary.test_accuracy == last.test_accuracy
    assert TrainingConfig.from_json(json.loads(json.dumps(run.record.config))) == config(epochs=2)
    rows = read_metrics(run.folder / "metrics.csv")
    assert [row.step for row in rows if row.split == "train"] == list(range(1, 15))
    assert [(row.epoch, row.accuracy) for row in rows if row.split == "test"][-1] == (2, last.test_accuracy)
    assert epochs.saved_epochs(run.folder) == (1, 2)
    header = read_weights_header(epochs.weights_path(run.folder, 2))
    assert (header.architecture, header.provenance["epoch"]) == ("lenet5", 2)
    assert not (run.folder / "lock").exists()


def test_the_saved_weights_answer_as_well_as_the_run_said(config: Config) -> None:
    last = ended(fit(config(epochs=2)))
    predictor = Predictor.from_file(epochs.weights_path(last.folder, 2))
    test = small_dataset().test
    answers = [int(answer.best) for answer in predictor.predict(test.images)]
    assert sum(answer == label for answer, label in zip(answers, test.labels, strict=True)) == round(
        last.test_accuracy * 50
    )


def test_training_lowers_the_loss(config: Config) -> None:
    finished = [event for event in fit(config(epochs=12)) if isinstance(event, EpochFinished)]
    assert finished[-1].train_loss < finished[0].train_loss / 2
    assert finished[-1].test_accuracy > 0.5


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(config: Config) -> None:
    augmentation = Augmentation(rotation=10, noise=0.1)
    folders = [ended(fit(config(epochs=1, seed=seed, augmentation=augmentation))).folder for seed in (1, 1, 2)]
    first, second, other = (epochs.weights_path(folder, 1).read_bytes() for folder in folders)
    assert first == second
    assert first != other


def test_extra_digits_are_mixed_in_and_follow_from_the_seed(config: Config) -> None:
    started = next(training := fit(config(extra_digits=56)))
    training.close()
    assert (started.images_per_epoch, started.steps_per_epoch) == (256, 8)
    folders = [ended(fit(config(epochs=1, extra_digits=56))).folder for _ in range(2)]
    first, second = (epochs.weights_path(folder, 1).read_bytes() for folder in folders)
    assert first == second


def test_extra_digits_need_a_data_set_of_digits(config: Config) -> None:
    with pytest.raises(ValueError, match="not into fashion-mnist"):
        next(fit(config(dataset="fashion-mnist", extra_digits=10)))


@pytest.mark.usefixtures("news_after_each_step")
def test_a_pause_yields_again_and_again_until_it_ends_and_changes_nothing(config: Config) -> None:
    training = fit(config(epochs=1))
    next_of(training, StepsTrained)
    paused = next_of(training, Paused, Command.PAUSE)
    assert next(training) == paused
    assert next(training) == paused
    after = training.send(Command.CONTINUE)
    assert isinstance(after, StepsTrained)
    assert after.steps[0] == paused.step + 1
    folder = ended(training).folder
    undisturbed = ended(fit(config(epochs=1))).folder
    assert epochs.weights_path(folder, 1).read_bytes() == epochs.weights_path(undisturbed, 1).read_bytes()


@pytest.mark.usefixtures("news_after_each_step")
def test_pauses_do_not_count_as_time(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_module, "_PAUSE_S", 0.15)
    training = fit(config(epochs=1))
    before = next_of(training, StepsTrained)
    start = time.perf_counter()
    next_of(training, Paused, Command.PAUSE)
    next(training)
    next(training)
    after = training.send(Command.CONTINUE)
    assert time.perf_counter() - start > 0.3
    assert after.seconds - before.seconds < time.perf_counter() - start - 0.29
    training.close()


@pytest.mark.usefixtures("news_after_each_step")
def test_a_stop_drops_the_unfinished_epoch(config: Config) -> None:
    training = fit(config(epochs=5))
    next_of(training, EpochFinished)
    next_of(training, StepsTrained)
    last = next_of(training, RunEnded, Command.STOP)
    assert (last.outcome, last.epochs) == (Outcome.STOPPED, 1)
    assert read_run(last.folder).status == "stopped"
    assert epochs.saved_epochs(last.folder) == (1,)


def test_a_stop_after_the_epoch_given_before_the_first_one_finishes_that_one(config: Config) -> None:
    training = fit(config())
    next(training)
    last = next_of(training, RunEnded, Command.STOP_AFTER_EPOCH)
    assert (last.outcome, last.epochs) == (Outcome.STOPPED, 1)


def test_a_run_that_diverges_at_once_has_no_test_figures(config: Config) -> None:
    last = ended(fit(config(optimiser="sgd", schedule="constant", learning_rate=100, momentum=0.99)))
    assert (last.outcome, last.epochs) == (Outcome.DIVERGED, 0)
    assert (last.test_accuracy, last.test_loss, last.best_epoch) == (None, None, 0)


def test_batch_norm_with_single_images_is_refused_before_a_folder_is_made(config: Config, runs: Path) -> None:
    with pytest.raises(ValueError, match="batch size of 2"):
        next(fit(config(batch_size=1, options=LeNet5Options(batch_norm=True))))
    assert list_runs(runs) == ()


@pytest.mark.usefixtures("news_after_each_step")
def test_a_stop_ends_a_pause(config: Config) -> None:
    training = fit(config())
    next_of(training, StepsTrained)
    next_of(training, Paused, Command.PAUSE)
    assert training.send(Command.STOP).outcome is Outcome.STOPPED


@pytest.mark.usefixtures("news_after_each_step")
def test_a_stop_after_the_epoch_finishes_it(config: Config) -> None:
    training = fit(config(epochs=5))
    next_of(training, StepsTrained)
    events = [training.send(Command.STOP_AFTER_EPOCH), *training]
    assert [event.epoch for event in events if isinstance(event, EpochFinished)] == [1]
    assert events[-1].outcome is Outcome.STOPPED


@pytest.mark.usefixtures("news_after_each_step")
def test_commands_are_kept_with_the_run(config: Config) -> None:
    training = fit(config(epochs=1))
    next_of(training, StepsTrained)
    next_of(training, Paused, Command.PAUSE)
    training.send(Command.CONTINUE)
    folder = ended(training).folder
    manifest = json.loads((folder / "resume" / "epoch-0001.json").read_text())
    commands = json.loads(manifest["body"])["position"]["commands"]
    assert [command.split(": ")[1] for command in commands] == ["pause", "continue"]


def test_a_diverging_run_stops_with_advice_and_keeps_the_last_good_weights(config: Config) -> None:
    events = list(fit(config(epochs=30, optimiser="sgd", learning_rate=60.0, schedule="one_cycle")))
    last = events[-1]
    assert last.outcome is Outcome.DIVERGED
    assert "try a lower one: 6 instead of 60" in last.advice
    run = read_run(last.folder)
    assert run.status == "diverged"
    assert run.record.advice == last.advice
    saved = epochs.saved_epochs(last.folder)
    assert saved == tuple(range(1, last.epochs + 1))
    for epoch in saved:
        network = load_network(epochs.weights_path(last.folder, epoch)).network
        assert all(torch.isfinite(tensor).all() for tensor in network.state_dict().values())
    with pytest.raises(ValueError, match="lower learning rate"):
        next(fit(None, last.folder))


def test_weights_that_are_not_finite_are_not_saved_even_if_every_loss_was(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Step.__call__
    calls = itertools.count(1)

    def poisoned(self: Step, *arguments: object) -> None:
        step(self, *arguments)
        if next(calls) == 14:
            with torch.no_grad():
                # ReLU makes a zero of it: every loss stays finite.
                self.network.get_parameter("features.c1.bias")[0] = -math.inf

    monkeypatch.setattr(Step, "__call__", poisoned)
    last = ended(fit(config()))
    assert (last.outcome, last.epochs) == (Outcome.DIVERGED, 1)
    assert epochs.saved_epochs(last.folder) == (1,)


def test_news_come_at_most_twenty_times_a_second(config: Config) -> None:
    times = [event.seconds for event in fit(config(epochs=1, batch_size=2)) if isinstance(event, StepsTrained)]
    assert all(later - earlier > 0.045 for earlier, later in itertools.pairwise(times[:-1]))


def test_the_time_left_is_not_told_before_a_second_has_passed(config: Config) -> None:
    for event in fit(config(epochs=1)):
        if isinstance(event, StepsTrained) and event.seconds < 0.9:
            assert event.seconds_left is None


def test_threads_and_random_state_are_put_back(config: Config) -> None:
    before = torch.get_num_threads()
    torch.manual_seed(3)
    state = torch.get_rng_state()
    training = fit(config(threads=before + 1))
    next_of(training, StepsTrained)
    assert torch.get_num_threads() == before + 1
    training.close()
    assert torch.get_num_threads() == before
    assert torch.equal(torch.get_rng_state(), state)


def test_measuring_threads_does_not_change_the_run(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "candidates", lambda _cores: (1, 2))
    monkeypatch.setattr(threads, "chosen", lambda _seconds: 1)
    monkeypatch.setattr(threads, "_LONG_STEP_S", 1e9)  # a busy machine must not cut the measurement short
    measured = ended(fit(config(epochs=1, threads=0))).folder
    given = ended(fit(config(epochs=1, threads=1))).folder
    left, right = (load_network(epochs.weights_path(folder, 1)).network for folder in (measured, given))
    assert all(torch.equal(a, b) for a, b in zip(left.parameters(), right.parameters(), strict=True))
    assert read_run(measured).record.threads == 1


def test_a_network_with_batch_norm_is_evaluated_with_its_running_statistics(config: Config) -> None:
    last = ended(fit(config(epochs=2, options=LeNet5Options(batch_norm=True))))
    network = load_network(epochs.weights_path(last.folder, 2)).network
    assert int(network.get_buffer("features.c1_norm.num_batches_tracked")) == 14


def test_the_settings_say_where_runs_go(config: Config, tmp_path: Path) -> None:
    last = ended(fit(config(epochs=1), settings=Settings(runs_folder=str(tmp_path / "mine"))))
    assert last.folder.parent == tmp_path / "mine"


def test_too_little_memory_is_told_in_a_sentence(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(Step, "__call__", too_large)
    training = fit(config())
    started = next(training)
    with pytest.raises(MemoryShortageError, match="smaller batch size, 16 perhaps") as failure:
        next(training)
    assert failure.value.batch_size == 16
    assert failure.value.__context__ is None
    assert read_run(started.folder).status == "interrupted"


def test_other_failures_pass_through_and_leave_the_run_interrupted(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("something else")

    monkeypatch.setattr(material, "evaluate", broken)
    training = fit(config())
    started = next(training)
    with pytest.raises(RuntimeError, match="something else"):
        list(training)
    assert read_run(started.folder).status == "interrupted"


def test_the_original_form_counts_the_smallest_distance_as_the_answer(config: Config) -> None:
    options = LeNet5Options(form="original")
    finished = [
        event
        for event in fit(config(epochs=8, options=options, optimiser="sgd", learning_rate=0.003, batch_size=16))
        if isinstance(event, EpochFinished)
    ]
    assert finished[-1].test_accuracy > 0.4


def test_a_network_that_needs_masks_is_refused_in_a_sentence(few_digits) -> None:
    with pytest.raises(ValueError, match="masks"):
        next(fit(default_config("unet", dataset="digits")))


def test_what_is_missing_in_the_data_is_told(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    remark = "3 of 40 images in /garden cannot be read: /garden/a.png is not a picture"
    flawed = dataclasses.replace(small_dataset(), remarks=(remark,))
    monkeypatch.setattr(preparation.datasets, "load", lambda *_: flawed)
    assert remark in [event.message for event in fit(config(epochs=1)) if isinstance(event, Warned)]
