"""`metrics.csv` as columns of numbers, read as it grows: a million rows one by one would be too slow."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.runs.run_folder import METRICS_NAME

Floats = NDArray[np.float64]

SPLITS = ("train", "epoch", "validation", "test")
# The figures of a row besides its split; those that a file lacks are NaN.
FIGURES = (
    "step",
    "epoch",
    "seconds",
    "loss",
    "accuracy",
    "learning_rate",
    "images_per_second",
    "top5",
    "mean_iou",
)
_SPLIT = "split"
# A few thousand lines: parsing holds the interpreter's lock, and the window's thread must get its turn.
_AT_ONCE = 64_000


@dataclass(frozen=True, eq=False)
class MetricsGrowth:
    """The rows that came since the last call: for each split a column of each figure.

    What was told before of steps from `void_from` on is void (None: nothing is): a resumed run writes them again.
    """

    rows: Mapping[str, Mapping[str, Floats]]
    void_from: int | None = None

    def __len__(self) -> int:
        return sum(len(columns["step"]) for columns in self.rows.values())


class MetricsColumns:
    """Reads a metrics file again and again by `read_new`.

    Broken lines are passed over; a last line without its end is left for the next call. Where a run was resumed, the
    newer of two rows for one step is right, and whatever was written after that step before is void.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / METRICS_NAME
        self._begin()

    def _begin(self) -> None:
        self._offset = 0
        self._header: tuple[str, ...] = ()
        self._newest = dict.fromkeys(SPLITS, 0.0)

    def read_new(self) -> MetricsGrowth:
        """What came since the last call; nothing where there is no file.

        A file that became shorter is read again from its beginning, and all that was told is void.
        """
        void: float | None = None
        pieces: list[Floats] = []
        try:
            with self._path.open("rb") as stream:
                if stream.seek(0, os.SEEK_END) < self._offset:
                    self._begin()
                    void = 0.0
                stream.seek(self._offset)
                for content in _whole_lines(stream):
                    self._offset += len(content)
                    for piece in self._restarts(self._table(content)):
                        step, table = piece
                        if step is not None:
                            pieces = [kept[kept[:, 1] < step] for kept in pieces]
                            void = step if void is None else min(void, step)
                        pieces.append(table)
        except OSError:
            pass
        whole = np.concatenate(pieces) if pieces else np.empty((0, 1 + len(FIGURES)))
        rows = {}
        for number, split in enumerate(SPLITS):
            found = whole[whole[:, 0] == number]
            columns = {name: np.ascontiguousarray(found[:, 1 + place]) for place, name in enumerate(FIGURES)}
            for column in columns.values():
                column.setflags(write=False)
            rows[split] = columns
        return MetricsGrowth(rows, None if void is None else int(void))

    def _table(self, content: bytes) -> Floats:
        """Lines as numbers: the split by its place in `SPLITS`, then the figures in their order."""
        if not self._header:
            first, _, content = content.partition(b"\n")
            self._header = tuple(first.decode("utf-8", "replace").strip().split(","))
        numbers = content
        for number, split in enumerate(SPLITS):
            numbers = numbers.replace(b"," + split.encode() + b",", b",%d," % number)
        # Twice, because every other empty cell shares its comma with the one before.
        numbers = numbers.replace(b",,", b",nan,").replace(b",,", b",nan,").replace(b",\n", b",nan\n")
        if not numbers.strip():
            return np.empty((0, 1 + len(FIGURES)))
        try:
            table = np.loadtxt(io.BytesIO(numbers), delimiter=",", ndmin=2, comments=None)
        except ValueError:
            return _sound(self._line_by_line(content))
        if table.shape[1] != len(self._header):
            return _sound(self._line_by_line(content))
        result = np.full((len(table), 1 + len(FIGURES)), np.nan)
        for place, name in enumerate((_SPLIT, *FIGURES)):
            if name in self._header:
                result[:, place] = table[:, self._header.index(name)]
        return _sound(result)

    def _line_by_line(self, content: bytes) -> Floats:
        """The lines that can be read, of lines of which some cannot."""
        rows = []
        for line in content.decode("utf-8", "replace").splitlines():
            cells = line.split(",")
            if tuple(cells[:1]) == self._header[:1]:
                # A later version of the program, with more columns, went on with the file.
                self._header = tuple(cells)
                continue
            try:
                named = {name: _number(name, cell) for name, cell in zip(self._header, cells, strict=True)}
            except ValueError:
                continue
            rows.append([named.get(name, float("nan")) for name in (_SPLIT, *FIGURES)])
        return np.array(rows, dtype=float).reshape(len(rows), 1 + len(FIGURES))

    def _restarts(self, table: Floats) -> Iterator[tuple[float | None, Floats]]:
        """The table in pieces in which steps rise, each with the step from which earlier ones are void, or None."""
        void: float | None = None
        while len(table):
            again = _first_again(table, self._newest)
            piece, table = table[:again], table[again:]
            for number, split in enumerate(SPLITS):
                steps = piece[piece[:, 0] == number, 1]
                if len(steps):
                    self._newest[split] = float(steps[-1])
            yield void, piece
            if len(table):
                void = float(table[0, 1])
                self._newest = {split: min(newest, void - 1) for split, newest in self._newest.items()}


def _sound(table: Floats) -> Floats:
    """The rows that say something: without its split, step, epoch or time a row does not, nor before the first step."""
    return table[np.isfinite(table[:, :4]).all(axis=1) & (table[:, 1] >= 0)]


def _first_again(table: Floats, newest: Mapping[str, float]) -> int:
    """The first row whose step its split has had already; the number of rows where there is none."""
    first = len(table)
    for number, split in enumerate(SPLITS):
        places = np.flatnonzero(table[:, 0] == number)
        steps = np.concatenate([[newest[split]], table[places, 1]])
        again = np.flatnonzero(np.diff(steps) <= 0)
        if len(again):
            first = min(first, int(places[again[0]]))
    return first


def _whole_lines(stream: io.BufferedReader) -> Iterator[bytes]:
    """Some thousand whole lines at a time; a last line without its end is left out."""
    rest = b""
    while True:
        content = stream.read(_AT_ONCE)
        if not content:
            return
        rest += content
        end = rest.rfind(b"\n") + 1
        if end:
            yield rest[:end]
            rest = rest[end:]


def _number(name: str, cell: str) -> float:
    if name == _SPLIT:
        return float(SPLITS.index(cell))
    return float(cell) if cell else float("nan")
