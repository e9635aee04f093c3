"""`layers.csv`: what went on in each layer at some steps of a run, one line each, readable while it grows."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from explorer.system import files

LAYERS_NAME = "layers.csv"
COLUMNS = (
    "step",
    "epoch",
    "seconds",
    "path",
    "gradient_norm",
    "update_ratio",
    "activation_mean",
    "activation_spread",
    "dead_share",
)

# A file that reaches this is thinned to half of its steps: some 40,000 lines, a curve of 700 points for 60 layers.
_LIMIT = 4_000_000

_HEADER = (",".join(COLUMNS) + "\n").encode()


@dataclass(frozen=True)
class LayerRow:
    """One line: a layer at a step. `path` is that of its node in the graph; what does not apply to it is None.

    `step` and `epoch` count from 1 over the whole run; `seconds` is time since the start without pauses.
    """

    step: int
    epoch: int
    seconds: float
    path: str
    gradient_norm: float | None = None
    update_ratio: float | None = None
    activation_mean: float | None = None
    activation_spread: float | None = None
    dead_share: float | None = None

    def line(self) -> str:
        figures = (
            self.gradient_norm,
            self.update_ratio,
            self.activation_mean,
            self.activation_spread,
            self.dead_share,
        )
        cells = ("" if figure is None else f"{figure:.6g}" for figure in figures)
        return f"{self.step},{self.epoch},{self.seconds:.3f},{self.path},{','.join(cells)}\n"


class LayerMetricsWriter:
    """Appends rows to a run's `layers.csv`; rows that the disk refuses are kept and written with later ones.

    The file stays bounded: when it is full, every second step in it goes.
    """

    def __init__(self, path: Path, limit: int = _LIMIT) -> None:
        self.path = path
        self._limit = limit
        self._pending: list[LayerRow] = []

    def add(self, rows: Iterable[LayerRow]) -> None:
        self._pending.extend(rows)

    def flush(self) -> None:
        """Writes what was added.

        Raises:
            StorageError: it could not be written; the rows are kept for the next call.
        """
        if not self._pending:
            return
        content = "".join([row.line() for row in self._pending]).encode()
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        try:
            with os.fdopen(os.open(self.path, flags, 0o666), "r+b", buffering=0) as stream:
                size = stream.seek(0, os.SEEK_END)
                if size:
                    # A line torn by an earlier crash ends here and is passed over when it is read.
                    stream.seek(size - 1)
                    content = content if stream.read(1) == b"\n" else b"\n" + content
                else:
                    content = _HEADER + content
                stream.write(content)
        except OSError as error:
            raise files.storage_error(self.path, len(content), error) from error
        self._pending.clear()
        if size + len(content) > self._limit:
            files.write_atomically(self.path, _thinned(read_layer_metrics(self.path)))


class LayerMetricsReader:
    """Reads a `layers.csv`, and goes on as it grows: call `read_new` again and again.

    `rows` holds what counts, as in `MetricsReader`: after a resume, the newer rows of a step and of all later ones.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._file = (0, 0)
        self.rows: list[LayerRow] = []
        self.restarts = 0

    def read_new(self) -> tuple[LayerRow, ...]:
        """The rows that came since the last call; `rows` and `restarts` (times that steps were voided) follow.

        A missing file has no rows; a file that was thinned is read again from its beginning.
        """
        try:
            with self._path.open("rb") as stream:
                status = os.fstat(stream.fileno())
                if (status.st_dev, status.st_ino) != self._file or status.st_size < self._offset:
                    self._start_again((status.st_dev, status.st_ino))
                stream.seek(self._offset)
                content = stream.read()
        except OSError:
            return ()
        content = content[: content.rfind(b"\n") + 1]
        self._offset += len(content)
        new = [row for line in content.decode("utf-8", errors="replace").splitlines() if (row := _row(line))]
        for row in new:
            self._take(row)
        return tuple(new)

    def _start_again(self, file: tuple[int, int]) -> None:
        self.restarts += bool(self.rows)
        self._offset, self._file = 0, file
        self.rows.clear()

    def _take(self, row: LayerRow) -> None:
        last = self.rows[-1] if self.rows else row
        # All rows of a step have its time; the same step at another time was trained again.
        if (row.step, row.seconds) != (last.step, last.seconds) and row.step <= last.step:
            self.rows = [kept for kept in self.rows if kept.step < row.step]
            self.restarts += 1
        self.rows.append(row)


def read_layer_metrics(path: Path) -> tuple[LayerRow, ...]:
    """The rows that count, in the order of their steps; none if there is no file."""
    reader = LayerMetricsReader(path)
    reader.read_new()
    return tuple(reader.rows)


def _thinned(rows: Iterable[LayerRow]) -> bytes:
    """Every second step of a file; the newest stays."""
    given = tuple(rows)
    steps = sorted({row.step for row in given}, reverse=True)
    kept = set(steps[::2])
    return _HEADER + "".join([row.line() for row in given if row.step in kept]).encode()


def _row(line: str) -> LayerRow | None:
    cells = line.split(",")
    if len(cells) != len(COLUMNS) or cells[0] == COLUMNS[0]:
        return None
    try:
        step, epoch, seconds = int(cells[0]), int(cells[1]), float(cells[2])
        figures = [_number(cell) for cell in cells[4:]]
    except ValueError:
        return None
    return LayerRow(step, epoch, seconds, cells[3], *figures)


def _number(text: str) -> float | None:
    value = float(text) if text else None
    return None if value is not None and math.isnan(value) else value
