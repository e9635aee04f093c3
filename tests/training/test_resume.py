import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from small_data import small_dataset

from explorer.data.augmentation import Augmentation
from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs import epochs
from explorer.runs.lock import LockedError
from explorer.runs.metrics import read_metrics
from explorer.runs.run_folder import read_run, write_record
from explorer.training import preparation
from explorer.training.config import TrainingConfig
from explorer.training.events import Command, EpochFinished, Outcome, RunEnded, RunStarted, StepsTrained, Warned
from explorer.training.fit import fit

Config = Callable[..., TrainingConfig]
VARIED = Augmentation(rotation=10, shift=0.05, noise=0.05)
ORIGINAL = LeNet5Options(form="original", centres="trainable")
PLAIN_SGD = {"optimiser": "sgd", "nesterov": False}


def finished(config: TrainingConfig | None, resume: Path | None = None) -> Path:
    *_, last = fit(config, resume)
    assert isinstance(last, RunEnded)
    assert last.outcome is Outcome.FINISHED
    return last.folder


def broken_off(config: TrainingConfig, events: int) -> Path:
    """A run that is closed after so many events."""
    training = fit(config)
    folder = next(training).folder
    for _ in itertools.islice(training, events):
        pass
    training.close()
    return folder


def weights(folder: Path) -> list[bytes]:
    return [epochs.weights_path(folder, epoch).read_bytes() for epoch in epochs.saved_epochs(folder)]


@pytest.mark.parametrize(
    ("changes", "events"),
    [
        ({"optimiser": "adamw", "augmentation": VARIED}, (0, 2, 4)),
        ({"optimiser": "sgd", "schedule": "step", "extra_digits": 20}, (2,)),
        ({"optimiser": "adam", "options": LeNet5Options(batch_norm=True, pooling="max"), "label_smoothing": 0.1}, (4,)),
        ({"optimiser": "sgd", "learning_rate": 1e-3, "options": ORIGINAL}, (2,)),
        ({"averaging": 0.9, "options": LeNet5Options(batch_norm=True), "validation_share": 0.2}, (4,)),
        ({"warm_up_epochs": 0.5, "schedule": "cosine", "gradient_clipping": 0.1, **PLAIN_SGD}, (2,)),
        ({"precision": "bfloat16", "optimiser": "sgd"}, (4,)),
    ],
)
def test_a_resumed_run_ends_with_the_bytes_of_an_uninterrupted_one(
    config: Config, changes: dict[str, object], events: tuple[int, ...]
) -> None:
    given = config(**changes)
    undisturbed = weights(finished(given))
    for count in events:
        folder = broken_off(given, count)
        assert read_run(folder).status == "interrupted"
        finished(None, folder)
        assert weights(folder) == undisturbed
        assert read_run(folder).status == "finished"


def test_a_run_interrupted_in_every_epoch_ends_with_the_same_bytes(config: Config) -> None:
    undisturbed = weights(finished(config()))
    folder = broken_off(config(), 1)
    for _ in range(3):
        training = fit(None, folder)
        for event in training:
            if isinstance(event, EpochFinished):
                break
        training.close()
    finished(None, folder)
    assert weights(folder) == undisturbed


def test_a_resumed_run_tells_where_it_goes_on_and_its_time_goes_on_too(config: Config) -> None:
    training = fit(config())
    folder = next(training).folder
    first = next(event for event in training if isinstance(event, EpochFinished))
    training.close()
    resumed = fit(None, folder)
    started = next(resumed)
    assert isinstance(started, RunStarted)
    assert started.first_epoch == 2
    steps = next(event for event in resumed if isinstance(event, StepsTrained))
    assert steps.steps[0] == first.step + 1
    assert steps.seconds > first.seconds
    resumed.close()


def test_metrics_after_a_resume_hold_each_step_once(config: Config) -> None:
    folder = broken_off(config(), 3)
    finished(None, folder)
    rows = read_metrics(folder / "metrics.csv")
    assert [row.step for row in rows if row.split == "train"] == list(range(1, 22))
    assert [row.epoch for row in rows if row.split == "test"] == [1, 2, 3]


def test_a_resumed_run_is_rid_of_the_temporary_files_of_a_killed_one(config: Config) -> None:
    folder = broken_off(config(), 1)
    for place in (folder, folder / "weights", folder / "resume"):
        (place / ".left.tmp").write_text("half")
    fit_again = fit(None, folder)
    next(fit_again)
    assert not list(folder.rglob(".left.tmp"))
    fit_again.close()


def test_a_stopped_run_can_go_on(config: Config) -> None:
    undisturbed = weights(finished(config()))
    training = fit(config())
    folder = next(training).folder
    for event in training:
        if isinstance(event, EpochFinished):
            break
    assert isinstance(training.send(Command.STOP), RunEnded)
    assert finished(None, folder) == folder
    assert weights(folder) == undisturbed


def test_a_finished_run_does_not_go_on(config: Config) -> None:
    folder = finished(config(epochs=1))
    with pytest.raises(ValueError, match="is finished"):
        next(fit(None, folder))


def test_a_run_killed_after_its_last_epoch_only_has_to_end(config: Config) -> None:
    folder = finished(config(epochs=1))
    record = read_run(folder).record
    write_record(folder, dataclasses.replace(record, status="running"))
    started, last = fit(None, folder)
    assert (started.first_epoch, last.outcome, last.epochs) == (2, Outcome.FINISHED, 1)
    assert last.test_accuracy == record.summary.test_accuracy


def test_a_run_is_not_trained_by_two(config: Config) -> None:
    training = fit(config())
    folder = next(training).folder
    with pytest.raises(LockedError, match="this program already"):
        next(fit(None, folder))
    training.close()
    finished(None, folder)


def test_a_run_goes_on_with_the_threads_it_began_with(config: Config) -> None:
    folder = broken_off(config(threads=2), 1)
    assert read_run(folder).record.threads == 2
    training = fit(None, folder)
    assert next(training).threads == 2
    training.close()


def test_other_data_are_refused(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = broken_off(config(), 1)
    monkeypatch.setattr(preparation.datasets, "load", lambda *_: small_dataset(checksum="another"))
    with pytest.raises(ValueError, match="trained on other data"):
        next(fit(None, folder))


def test_another_configuration_is_refused_by_name(config: Config) -> None:
    folder = broken_off(config(), 1)
    with pytest.raises(ValueError, match="batch_size, seed cannot be changed"):
        next(fit(config(batch_size=8, seed=9), folder))
    finished(config(), folder)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot go on"):
        next(fit(None, tmp_path))


def test_neither_configuration_nor_run_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a configuration"):
        next(fit(None))


def test_another_version_of_torch_is_told(config: Config) -> None:
    folder = broken_off(config(), 1)
    record = read_run(folder).record
    write_record(folder, dataclasses.replace(record, versions={**record.versions, "torch": "1.0"}))
    warnings = [event.message for event in fit(None, folder) if isinstance(event, Warned)]
    assert warnings == [
        f"the run began with other versions (torch 1.0, now {torch.__version__}); its last digits may differ"
    ]


def test_a_torn_newest_state_costs_an_epoch_and_not_a_bit(config: Config) -> None:
    undisturbed = weights(finished(config()))
    training = fit(config())
    folder = next(training).folder
    for event in training:
        if isinstance(event, EpochFinished) and event.epoch == 2:
            break
    training.close()
    newest = folder / "resume" / "epoch-0002.safetensors"
    newest.write_bytes(newest.read_bytes()[:-1])
    resumed = fit(None, folder)
    assert next(resumed).first_epoch == 2
    resumed.close()
    finished(None, folder)
    assert weights(folder) == undisturbed
