"""Writes a run folder while training goes on, and survives a disk that refuses."""

from __future__ import annotations

import dataclasses
import errno
from collections.abc import Callable, Iterable
from pathlib import Path

from explorer.runs import epochs
from explorer.runs.answers import write_answers, write_pixels
from explorer.runs.changes import RunChange
from explorer.runs.checkpoint import Position, save_checkpoint
from explorer.runs.layer_metrics import LAYERS_NAME, LayerMetricsWriter, LayerRow
from explorer.runs.lock import RunLock
from explorer.runs.metrics import MetricsRow, MetricsWriter
from explorer.runs.run_folder import (
    METRICS_NAME,
    RunRecord,
    RunSummary,
    create_run,
    has_state,
    make_parts,
    run_name,
    write_record,
)
from explorer.system import files
from explorer.system.files import StorageError
from explorer.training.evaluate import Evaluation
from explorer.training.material import Material

WeightsOf = Callable[[Position], bytes]


class Recorder:
    """Keeps what a training gives. Methods return warnings, at most one sentence a call, in place of raising.

    What could not be written is tried again at the end of the next epoch; metrics wait in memory until then. A folder
    that could not even be made is made then; a folder that someone removed is not made again, and that it is gone is
    told once. What someone removed from the folder, such as the weights to make room, does not keep later epochs out.
    """

    def __init__(self, record: RunRecord, material: Material, weights_of: WeightsOf) -> None:
        self.record = record
        self.folder = Path()
        self._material = material
        self._weights_of = weights_of
        self._runs_folder: Path | None = None
        self._lock: RunLock | None = None
        self._metrics = MetricsWriter(self.folder)
        self._layers = LayerMetricsWriter(self.folder)
        self._is_failing = False
        self._is_gone = False
        self._unsaved: int | None = None

    def start_new(self, runs_folder: Path) -> tuple[str, ...]:
        """Makes a folder for a new run."""
        self._runs_folder = runs_folder
        self._settle(runs_folder / run_name(self.record.architecture, self.record.dataset))
        return self._warned([self._make_folder])

    def go_on(self, folder: Path, held: RunLock) -> tuple[str, ...]:
        """Takes the folder of a run that goes on, whose lock is held."""
        self._lock = held
        self._settle(folder)
        return self._warned([self._write_record])

    def add_steps(self, rows: Iterable[MetricsRow], layers: Iterable[LayerRow] = ()) -> tuple[str, ...]:
        self._metrics.add(rows)
        self._layers.add(layers)
        # One warning an epoch is enough; until then rows wait.
        return () if self._is_failing else self._warned([self._metrics.flush, self._layers.flush])

    def change(self, changes: tuple[RunChange, ...]) -> tuple[str, ...]:
        """Records at once what was changed in mid-run, so that a resumed run changes it again at the same step."""
        self.record = dataclasses.replace(self.record, changes=changes)
        return () if self._is_failing else self._warned([self._write_record])

    def finish_epoch(
        self, rows: Iterable[MetricsRow], position: Position, test: Evaluation, *, is_last: bool
    ) -> tuple[bool, tuple[str, ...]]:
        """Saves metrics, weights, state and answers of an epoch; says whether its weights and state are saved."""
        self._metrics.add(rows)
        self.record = dataclasses.replace(self.record, summary=summary(position))
        self._unsaved = position.epoch
        # Rows first: once the state is saved, a resumed run does not write them again.
        warnings = self._warned(
            [
                self._make_folder,
                lambda: self._metrics.flush(sync=True),
                self._layers.flush,
                lambda: self._save(position),
                self._write_record,
                lambda: self._write_answers(position.epoch, test),
            ],
            is_last=is_last,
        )
        if self.is_saved:
            epochs.drop_surplus(self.folder, best=position.best_epoch, last=position.epoch)
        return self.is_saved, warnings

    def end(self, status: str, advice: str, position: Position | None) -> tuple[str, ...]:
        """Writes how the run ended, and its last epoch if the disk refused it before.

        The network must be as it was at the end of that epoch; position None leaves the last epoch alone. A run whose
        last epoch is still not saved is "interrupted", not "finished": resumed, it trains that epoch again.
        """
        if self._has_lost_all():
            self._unsaved = self.record.summary.epochs
        tasks: list[Callable[[], None]] = [self._make_folder, lambda: self._metrics.flush(sync=True)]
        if position is not None and self._unsaved == position.epoch:
            tasks.append(lambda: self._save(position))
        failures = _failures(tasks)
        kept_status = status if self.is_saved or status != "finished" else "interrupted"
        self.record = dataclasses.replace(self.record, status=kept_status, advice=advice)
        failures += _failures([self._write_record])
        if self.is_saved and not failures:
            return ()
        missing = "How the run ended is not recorded" if self.is_saved else f"Epoch {self._unsaved} is not saved"
        remedy = "put the folder back" if _is_gone(failures) else "free space"
        if status != "diverged":
            remedy += " and resume the run"
        return (". ".join([*map(str, failures[:1]), f"{missing}; {remedy}"]),)

    @property
    def is_saved(self) -> bool:
        """Whether weights and state of the last complete epoch are on disk; True while there is none."""
        return self._unsaved is None

    def release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _settle(self, folder: Path) -> None:
        self.folder = folder
        self._metrics.path = folder / METRICS_NAME
        self._layers.path = folder / LAYERS_NAME

    def _make_folder(self) -> None:
        if self._runs_folder is None or self._lock is not None:
            return
        made = create_run(self._runs_folder, self.record)
        self._lock = made.lock
        self._settle(made.folder)

    def _write_record(self) -> None:
        write_record(self.folder, self.record)

    def _write_answers(self, epoch: int, test: Evaluation) -> None:
        if test.answers is not None and test.confidence is not None:
            write_answers(self.folder, epoch, test.answers, test.confidence)
        elif test.pixels is not None:
            write_pixels(self.folder, epoch, test.pixels)

    def _has_lost_all(self) -> bool:
        """Whether epochs were saved of which nothing is left to go on from."""
        return self.is_saved and bool(self.record.summary.epochs) and not has_state(self.folder)

    def _save(self, position: Position) -> None:
        make_parts(self.folder)
        files.write_atomically(epochs.weights_path(self.folder, position.epoch), self._weights_of(position))
        material = self._material
        average = None if material.average is None else material.average.network
        save_checkpoint(self.folder, position, material.network, material.step.optimiser, average)
        self._unsaved = None

    def _warned(self, tasks: Iterable[Callable[[], None]], *, is_last: bool = False) -> tuple[str, ...]:
        """Does all tasks; the first failure as a sentence. `is_last`: no epoch follows."""
        failures = _failures(tasks)
        was_gone, self._is_gone = self._is_gone, _is_gone(failures)
        self._is_failing = bool(failures)
        if was_gone and self._is_gone:
            return ()
        promise = (
            "What is missing is tried once more now"
            if is_last
            else "Training goes on; what is missing is tried again after the next epoch"
        )
        return tuple(f"{failure}. {promise}" for failure in failures[:1])


class Unrecorded:
    """The recorder of a process whose team writes the run folder elsewhere: it keeps nothing."""

    is_saved = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add_steps(self, _rows: Iterable[MetricsRow], _layers: Iterable[LayerRow] = ()) -> tuple[str, ...]:
        return ()

    def change(self, _changes: tuple[RunChange, ...]) -> tuple[str, ...]:
        return ()

    def finish_epoch(
        self, _rows: Iterable[MetricsRow], _position: Position, _test: Evaluation, *, is_last: bool
    ) -> tuple[bool, tuple[str, ...]]:
        del is_last
        return True, ()

    def end(self, _status: str, _advice: str, _position: Position | None) -> tuple[str, ...]:
        return ()

    def release(self) -> None:
        pass


def _is_gone(failures: list[StorageError]) -> bool:
    return any(failure.errno == errno.ENOENT for failure in failures)


def _failures(tasks: Iterable[Callable[[], None]]) -> list[StorageError]:
    """Does all tasks, whether or not one of them fails; what failed."""
    failures = []
    for task in tasks:
        try:
            task()
        except StorageError as error:
            failures.append(error)
    return failures


def summary(position: Position) -> RunSummary:
    """What `run.json` says of a position."""
    return RunSummary(
        epochs=position.epoch,
        step=position.step,
        test_accuracy=position.test_accuracy,
        test_loss=position.test_loss,
        best_epoch=position.best_epoch,
        best_accuracy=position.best_accuracy,
        images_per_second=position.trained_images / position.trained_seconds if position.trained_seconds else 0.0,
        seconds=position.seconds,
        test_top5=position.test_top5,
        test_mean_iou=position.test_mean_iou,
        best_mean_iou=position.best_mean_iou,
        validation_accuracy=position.validation_accuracy,
    )
