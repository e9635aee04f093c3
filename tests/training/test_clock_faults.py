import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from explorer.runs import epochs, run_folder
from explorer.runs.metrics import read_metrics
from explorer.runs.run_folder import list_runs, read_run
from explorer.training import provenance
from explorer.training.config import TrainingConfig
from explorer.training.events import EpochFinished, RunEnded
from explorer.training.fit import fit

Config = Callable[..., TrainingConfig]
YEAR = timedelta(days=365)


def set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = time.time

    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - YEAR

    monkeypatch.setattr(time, "time", lambda: before() - YEAR.total_seconds())
    for module in (run_folder, provenance):
        monkeypatch.setattr(module, "datetime", Earlier)


def finished(config: TrainingConfig | None, resume: Path | None = None) -> Path:
    *_, last = fit(config, resume)
    assert isinstance(last, RunEnded)
    return last.folder


def weights(folder: Path) -> list[bytes]:
    return [epochs.weights_path(folder, epoch).read_bytes() for epoch in epochs.saved_epochs(folder)]


def test_a_clock_that_is_set_back_in_mid_run_changes_nothing(
    config: Config, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = finished(config())
    training = fit(config())
    folder = next(training).folder
    for event in training:
        if isinstance(event, EpochFinished):
            break
    set_back(monkeypatch)
    for event in training:
        if isinstance(event, EpochFinished):
            break
    training.close()
    assert read_run(folder).status == "interrupted"
    assert finished(None, folder) == folder
    assert weights(folder) == weights(undisturbed)
    seconds = [row.seconds for row in read_metrics(folder / "metrics.csv")]
    assert seconds == sorted(seconds)
    assert seconds[-1] < 3600
    another = finished(config(epochs=1))
    # The newest by its own date is the last of the list, and no run is gone.
    assert {run.folder for run in list_runs(runs)} == {undisturbed, folder, another}
    assert all(run.status == "finished" for run in list_runs(runs))
    assert list_runs(runs)[-1].folder == another
