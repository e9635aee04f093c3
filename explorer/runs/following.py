"""Following a run folder, whoever writes it: read only, so that it does no harm to the training. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from explorer.runs.epochs import saved_epochs
from explorer.runs.marks import Mark, read_marks
from explorer.runs.metrics_columns import MetricsColumns, MetricsGrowth
from explorer.runs.run_folder import Run, read_run


@dataclass(frozen=True, eq=False)
class RunGrowth:
    """What a run has become since the last look: its record and status now, and the figures that are new.

    `saved` are the epochs whose weights are there, `marks` what was changed in mid-run: all of them each time.
    """

    run: Run
    metrics: MetricsGrowth
    saved: tuple[int, ...]
    marks: tuple[Mark, ...]

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come, unless somebody resumes the run."""
        return self.run.status != "running"


class RunFollower:
    """Reads a run folder again and again by `read_new`; nothing is written there and no lock is taken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._metrics = MetricsColumns(folder)
        self._seen: tuple[object, ...] = ()
        self._marks: tuple[Mark, ...] = ()

    def read_new(self) -> RunGrowth:
        """What is there and was not told before. A folder that is gone is a broken run without new figures."""
        # The status first: a run that ends meanwhile is told with all its figures at the next look.
        run = read_run(self.folder)
        growth = self._metrics.read_new()
        saved = saved_epochs(self.folder)
        record = run.record
        seen = (saved, () if record is None else record.changes)
        if seen != self._seen:
            # Pauses are kept in the state that is saved with each epoch, changes in the record.
            self._seen, self._marks = seen, read_marks(run)
        return RunGrowth(run, growth, saved, self._marks)
