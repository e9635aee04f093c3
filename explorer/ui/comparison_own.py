"""The user's own runs as rows of the comparison: one data set at a time, with the MACs of each run's network."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from explorer.data.datasets import DATASETS
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture
from explorer.networks.comparison import ComparisonRow
from explorer.networks.options import fitted_options
from explorer.runs.run_folder import Run, RunRecord
from explorer.system.download import Cancelled
from explorer.ui.numbers import plural
from explorer.ui.worker import Worker

if TYPE_CHECKING:
    from typing import Any

_PREFIX = "run "


class OwnRuns(QObject):
    """Runs by data set; `changed` says that MACs of the rows on show became known. Call `shutdown` at the end."""

    changed = Signal()
    _computed = Signal(str, object)  # key of a network, MACs: from the thread

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._by_title: dict[str, list[Run]] = {}
        self._macs: dict[str, int] = {}
        self._shown = ""
        self._worker: Worker | None = None
        self._ended = threading.Event()
        self._computed.connect(self._on_computed)

    @property
    def titles(self) -> tuple[str, ...]:
        """What can be shown: "Your runs on MNIST", the data sets with the newest runs first."""
        return tuple(self._by_title)

    @property
    def rows(self) -> tuple[ComparisonRow, ...]:
        """The runs of the data set on show, a row each."""
        return tuple(self._row(run, run.record) for run in self._by_title.get(self._shown, ()) if run.record)

    def set_runs(self, runs: Sequence[Run]) -> None:
        self._by_title = {}
        for run in runs:
            record = run.record
            if record is not None and record.summary.test_accuracy is not None and record.summary.epochs:
                self._by_title.setdefault(f"Your runs on {dataset_title(record.dataset)}", []).append(run)

    def show(self, title: str) -> None:
        """Turns to one of `titles`, and computes what MACs are missing."""
        self._shown = title
        records = [run.record for run in self._by_title.get(title, ()) if run.record]
        wanted = {_key(record): record for record in records if _key(record) not in self._macs}
        if not wanted or self._ended.is_set():
            return
        if self._worker is None:
            self._worker = Worker("costs of runs", self)
        self._worker.submit(lambda: self._compute(wanted), lambda _done: None)

    def folder_of(self, name: str) -> Path | None:
        """The folder of a row's run; None for the name of a network."""
        for runs in self._by_title.values():
            for run in runs:
                if name == _PREFIX + run.name:
                    return run.folder
        return None

    def shutdown(self) -> None:
        self._ended.set()
        if self._worker is not None:
            self._worker.shutdown()

    # In the thread

    def _compute(self, wanted: dict[str, RunRecord]) -> None:
        for key, record in wanted.items():
            try:
                macs = _macs(record, self._ended)
            except Cancelled:
                return
            except (ValueError, TypeError, RuntimeError):
                continue  # a network that this version no longer builds has no place in the chart
            self._computed.emit(key, macs)

    # Back in the UI thread

    def _on_computed(self, key: str, macs: int) -> None:
        self._macs[key] = macs
        if not self._ended.is_set():
            self.changed.emit()

    def _row(self, run: Run, record: RunRecord) -> ComparisonRow:
        architecture = _architecture(record)
        best = record.summary.best_accuracy
        accuracy = record.summary.test_accuracy if best is None else best
        return ComparisonRow(
            name=_PREFIX + run.name,
            title=network_title(record),
            family=architecture.family if architecture else "others",
            year=int(record.created[:4]) if record.created[:4].isdigit() else 0,
            parameters=record.parameters,
            macs=self._macs.get(_key(record)),
            top1=None if accuracy is None else round(100 * accuracy, 3),
            top5=None,
            about=(
                f"seed {record.seed}, {plural(record.summary.epochs, 'epoch')}, "
                f"best epoch {record.summary.best_epoch:,}"
            ),
        )


def network_title(record: RunRecord) -> str:
    """A run's network as it is called, with the options that differ from their defaults."""
    architecture = _architecture(record)
    return record.architecture if architecture is None else architecture.title_with(_options(architecture, record))


def _key(record: RunRecord) -> str:
    return f"{record.architecture} {sorted(record.options.items())} {len(record.labels)}"


def dataset_title(name: str) -> str:
    """A data set's title; a slice of one, "mnist:2000:500", says its size behind it, a folder is its name."""
    base, *sizes = name.split(":") if not Path(name).exists() else (name,)
    title = next((entry.title for entry in DATASETS if entry.name == base), None)
    if title is None:
        return Path(name).name
    counts = [f"{int(size):,}" for size in sizes if size.isdigit()]
    return f"{title}, {' and '.join(counts)} images" if counts else title


def _architecture(record: RunRecord) -> Architecture | None:
    return next((entry for entry in catalogue.CATALOGUE if entry.name == record.architecture), None)


def _options(architecture: Architecture, record: RunRecord) -> Any:
    try:
        return fitted_options(architecture.options_type, record.options)
    except (ValueError, TypeError):
        return architecture.options_type()


def _macs(record: RunRecord, ended: threading.Event) -> int:
    # torch is imported here, off the UI thread.
    from explorer.structure.build_on_meta import without_memory  # noqa: PLC0415
    from explorer.structure.trace import trace  # noqa: PLC0415

    architecture = catalogue.get(record.architecture)
    options = _options(architecture, record)
    interface = architecture.interface(options)
    classes = interface.classes if interface.classes_fixed or not record.labels else len(record.labels)
    network = without_memory(lambda: architecture.build(options, classes))
    graph = trace(network, interface.input_shape, architecture.title, cancelled=ended.is_set)
    return graph.totals.macs
