"""`metrics.csv`: what a run measured, one line each, append only, readable while it grows."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from explorer.system import files

Split = Literal["train", "epoch", "test", "validation"]

COLUMNS = (
    "step",
    "epoch",
    "seconds",
    "split",
    "loss",
    "accuracy",
    "learning_rate",
    "images_per_second",
    "top5",
    "mean_iou",
)


@dataclass(frozen=True)
class MetricsRow:
    """One line.

    `split` is "train" for one optimiser step, "epoch" for the running means of an epoch's training, "test" for the
    evaluation after an epoch, and "validation" for that of the images held out. `step` and `epoch` count from 1 over
    the whole run; `seconds` is time since the start without pauses. `accuracy` (of pixels, where there are masks),
    `top5` and `mean_iou` are 0 to 1. `images_per_second` is None where nothing was trained.
    """

    step: int
    epoch: int
    seconds: float
    split: Split
    loss: float
    accuracy: float | None = None
    learning_rate: float | None = None
    images_per_second: float | None = None
    top5: float | None = None
    mean_iou: float | None = None

    def line(self, columns: int = len(COLUMNS)) -> str:
        """The row as text, with the first so many columns."""
        values = (
            str(self.step),
            str(self.epoch),
            f"{self.seconds:.3f}",
            self.split,
            # Nine digits give a float32 back exactly.
            f"{self.loss:.9g}",
            "" if self.accuracy is None else f"{self.accuracy:.9g}",
            "" if self.learning_rate is None else f"{self.learning_rate:.9g}",
            "" if self.images_per_second is None else f"{self.images_per_second:.1f}",
            "" if self.top5 is None else f"{self.top5:.9g}",
            "" if self.mean_iou is None else f"{self.mean_iou:.9g}",
        )
        return ",".join(values[:columns]) + "\n"


class MetricsWriter:
    """Appends rows to a metrics file; rows that the disk refuses are kept and written with later ones.

    A line torn by an earlier crash is cut off before the first append. A file begun with fewer columns keeps those.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pending: list[MetricsRow] = []
        self._is_checked = False
        self._columns = len(COLUMNS)

    def add(self, rows: Iterable[MetricsRow]) -> None:
        self._pending.extend(rows)

    def flush(self, *, sync: bool = False) -> None:
        """Writes what was added. With `sync` it is on the disk, not only with the system, when this returns.

        Raises:
            StorageError: it could not be written; the rows are kept for the next call.
        """
        if not self._pending and not sync:
            return
        try:
            self._append(sync=sync)
        except OSError as error:
            raise files.storage_error(self.path, len(self._content()), error) from error
        self._pending.clear()

    def _content(self) -> bytes:
        return "".join([row.line(self._columns) for row in self._pending]).encode()

    def _append(self, *, sync: bool) -> None:
        # The file is opened each time: a descriptor kept open would go on writing into a folder that was removed.
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        with os.fdopen(os.open(self.path, flags, 0o666), "r+b", buffering=0) as stream:
            if not self._is_checked:
                content = stream.read()
                stream.truncate(_whole_lines(content))
                self._columns = _columns_of(content)
                self._is_checked = True
            end = stream.seek(0, os.SEEK_END)
            content = self._content()
            if end == 0:
                content = (",".join(COLUMNS[: self._columns]) + "\n").encode() + content
            try:
                _write_all(stream.fileno(), content)
            except OSError:
                # Half a batch of rows would be there twice after the next try.
                self._is_checked = False
                stream.truncate(end)
                raise
            if sync:
                os.fsync(stream.fileno())


class MetricsReader:
    """Reads a metrics file, and goes on as it grows: call `read_new` again and again.

    Broken lines are passed over; a last line without its end is left for the next call. `rows` holds what counts: a
    run that was resumed writes some steps again, and then the newer of two rows for one step is right and whatever the
    interrupted sitting had written after that step is void.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._columns: tuple[str, ...] = COLUMNS
        self._newest: dict[str, int] = {}
        self.rows: list[MetricsRow] = []
        self.restarts = 0

    def read_new(self) -> tuple[MetricsRow, ...]:
        """The rows that came since the last call; `rows` and `restarts` (times that steps were voided) follow.

        A missing file has no rows; a file that became shorter is read again from its beginning.
        """
        try:
            with self._path.open("rb") as stream:
                if stream.seek(0, os.SEEK_END) < self._offset:
                    self._start_again()
                stream.seek(self._offset)
                content = stream.read()
        except OSError:
            return ()
        content = content[: _whole_lines(content)]
        self._offset += len(content)
        # A column name or number never holds a line break, so lines can be taken one by one.
        new = []
        for line in content.decode("utf-8", errors="replace").splitlines():
            row = self._row(line)
            if row is not None:
                self._take(row)
                new.append(row)
        return tuple(new)

    def _start_again(self) -> None:
        self._offset = 0
        self._columns = COLUMNS
        self._newest.clear()
        self.rows.clear()
        self.restarts += 1

    def _row(self, line: str) -> MetricsRow | None:
        cells = line.split(",")
        if cells[0] == COLUMNS[0]:
            self._columns = tuple(cells)
            return None
        if len(cells) != len(self._columns):
            return None
        values = dict(zip(self._columns, cells, strict=True))
        try:
            split = values["split"]
            if split not in get_args(Split):
                return None
            return MetricsRow(
                step=int(values["step"]),
                epoch=int(values["epoch"]),
                seconds=float(values["seconds"]),
                split=split,  # type: ignore[arg-type] # checked above
                loss=float(values["loss"]),
                accuracy=_number(values.get("accuracy", "")),
                learning_rate=_number(values.get("learning_rate", "")),
                images_per_second=_number(values.get("images_per_second", "")),
                top5=_number(values.get("top5", "")),
                mean_iou=_number(values.get("mean_iou", "")),
            )
        except (KeyError, ValueError):
            return None

    def _take(self, row: MetricsRow) -> None:
        if row.step <= self._newest.get(row.split, 0):
            self.rows = [kept for kept in self.rows if kept.step < row.step]
            self._newest = {}
            for kept in self.rows:
                self._newest[kept.split] = kept.step
            self.restarts += 1
        self._newest[row.split] = row.step
        self.rows.append(row)


def read_metrics(path: Path) -> tuple[MetricsRow, ...]:
    """The rows that count, in the order of their steps; none if there is no file."""
    reader = MetricsReader(path)
    reader.read_new()
    return tuple(reader.rows)


def _number(text: str) -> float | None:
    value = float(text) if text else None
    return None if value is not None and math.isnan(value) else value


def _whole_lines(content: bytes) -> int:
    """The length of `content` up to its last line break."""
    return content.rfind(b"\n") + 1


def _columns_of(content: bytes) -> int:
    """How many columns a file of that content has: all of ours, or the first few that an earlier version wrote."""
    header = tuple(
        content[: _whole_lines(content[:1000])].decode("utf-8", errors="replace").partition("\n")[0].split(",")
    )
    return len(header) if len(header) > 1 and header == COLUMNS[: len(header)] else len(COLUMNS)


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
