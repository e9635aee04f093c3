"""Run folders: what `run.json` says about a training, making a folder, listing them, finding one by a text."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import re
import shutil
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from explorer.runs import lock, trash
from explorer.runs.answers import ANSWERS_FOLDER
from explorer.runs.changes import RunChange, changes_from_json
from explorer.runs.lock import RunLock
from explorer.system import files

RECORD_NAME = "run.json"
METRICS_NAME = "metrics.csv"
WEIGHTS_FOLDER = "weights"
RESUME_FOLDER = "resume"
STATUSES = ("running", "finished", "stopped", "diverged", "interrupted")
RESUMABLE = ("interrupted", "stopped")
MEMORY_LAYOUTS = ("contiguous", "channels_last")
DTYPES = ("float32",)

_ABANDONED_AFTER_S = 24 * 3600.0
_RECORD_LIMIT = 10_000_000


@dataclass(frozen=True)
class RunSummary:
    """How far a run got: epochs and steps done, the newest and the best test figures (accuracies and IoU 0 to 1).

    `best_epoch` goes by mean IoU or else accuracy, of the held-out images where there are some; `best_accuracy` and
    `best_mean_iou` are of the test set after that epoch. What does not apply is None. `images_per_second` is training
    alone; `seconds` is time without pauses, over all sittings.
    """

    epochs: int = 0
    step: int = 0
    test_accuracy: float | None = None
    test_loss: float | None = None
    best_epoch: int = 0
    best_accuracy: float | None = None
    images_per_second: float = 0.0
    seconds: float = 0.0
    test_top5: float | None = None
    test_mean_iou: float | None = None
    best_mean_iou: float | None = None
    validation_accuracy: float | None = None


@dataclass(frozen=True)
class RunRecord:
    """What `run.json` holds.

    `options` and `config` are as the architecture's options type and `TrainingConfig` store themselves;
    `preprocessing` is what turns 8-bit images into the network's input. `created` is local time, ISO 8601. `threads`,
    `memory_layout` and `dtype` (of the weights) are what a resumed run must use again to end with the same bits.
    `config` is what was asked at the start; `changes` is what was changed since then. `processes` share each batch,
    each with so many threads.
    """

    architecture: str
    options: dict[str, Any]
    config: dict[str, Any]
    dataset: str
    data_checksum: str
    data_source: str
    labels: tuple[str, ...]
    preprocessing: dict[str, Any]
    seed: int
    versions: dict[str, str]
    device: str
    device_title: str
    threads: int
    memory_layout: str
    dtype: str
    parameters: int
    created: str
    status: str = "running"
    advice: str = ""
    summary: RunSummary = field(default_factory=RunSummary)
    changes: tuple[RunChange, ...] = ()
    processes: int = 1

    def to_json(self) -> dict[str, Any]:
        return {"format": 1, **dataclasses.asdict(self)}

    @classmethod
    def from_json(cls, stored: Any) -> RunRecord:
        """The record that `to_json` gave; keys of later versions are passed over.

        Raises:
            ValueError: what is needed is missing or of another type.
        """
        if not isinstance(stored, dict):
            raise ValueError("it is not a JSON object")  # noqa: TRY004 - a file is wrong, not a caller
        values: dict[str, Any] = {}
        for entry in dataclasses.fields(cls):
            if entry.name not in stored:
                if entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING:
                    raise ValueError(f"it has no {entry.name!r}")
                continue
            value, kind = stored[entry.name], str(entry.type).partition("[")[0]
            expected = {"str": str, "int": int, "dict": dict, "tuple": list, "RunSummary": dict}[kind]
            if not isinstance(value, expected) or isinstance(value, bool):
                raise ValueError(f"its {entry.name!r} is not a {kind}")  # noqa: TRY004 - a file is wrong, not a caller
            if isinstance(value, int) and not -(2**63) <= value < 2**63:
                raise ValueError(f"its {entry.name!r} is too large")
            values[entry.name] = value
        values["labels"] = tuple(str(label) for label in values["labels"])
        if values.get("status", "running") not in STATUSES:
            raise ValueError(f"its status {values['status']!r} is none of {', '.join(STATUSES)}")
        if not 1 <= values["threads"] <= 256:
            raise ValueError(f"its threads are {values['threads']}, expected 1 to 256")
        for name, choices in (("memory_layout", MEMORY_LAYOUTS), ("dtype", DTYPES)):
            if values[name] not in choices:
                raise ValueError(f"its {name} {values[name]!r} is none of {', '.join(choices)}")
        values["summary"] = _summary(values.get("summary", {}))
        values["changes"] = changes_from_json(values.get("changes", []))
        return cls(**values)


@dataclass(frozen=True)
class Run:
    """A run folder as it is found. `record` is None where `run.json` cannot be read; `problem` says why."""

    folder: Path
    record: RunRecord | None
    status: str
    problem: str = ""

    @property
    def name(self) -> str:
        return self.folder.name


@dataclass(frozen=True)
class NewRun:
    """A folder that was just made, and its lock."""

    folder: Path
    lock: RunLock


def create_run(runs_folder: Path, record: RunRecord, now: datetime | None = None) -> NewRun:
    """Makes a new run folder, locked, with its `run.json` in it, named `YYYYmmdd-HHMMSS-lenet5-mnist`.

    The folder is filled under a hidden name and then renamed, so that there is never a run folder without a record.
    A name that is taken already gets `-2`, `-3`, ... Runs deleted more than 30 days ago go for good.

    Raises:
        StorageError: the disk is full, or the folder of runs cannot be written.
    """
    content = lock.own_content()
    try:
        runs_folder.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(runs_folder)
        trash.empty_trash(runs_folder)
        unfinished = runs_folder / f".new-{uuid.uuid4().hex}"
        unfinished.mkdir()
    except OSError as error:
        raise files.storage_error(runs_folder, len(content), error) from error
    try:
        (unfinished / WEIGHTS_FOLDER).mkdir()
        (unfinished / RESUME_FOLDER).mkdir()
        files.write_atomically(unfinished / lock.LOCK_NAME, content)
        write_record(unfinished, record)
        folder = _rename(unfinished, runs_folder / run_name(record.architecture, record.dataset, now))
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        if isinstance(error, files.StorageError):
            raise
        raise files.storage_error(runs_folder, len(content), error) from error
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    files.sync_folder(runs_folder)
    return NewRun(folder, lock.held(folder, content))


def make_parts(folder: Path) -> None:
    """Makes a run folder's sub-folders where someone removed them; the run folder itself is not made again.

    Raises:
        StorageError: they could not be made.
    """
    for part in (folder / WEIGHTS_FOLDER, folder / RESUME_FOLDER):
        try:
            part.mkdir(exist_ok=True)
        except OSError as error:
            raise files.storage_error(part, 0, error) from error


def run_name(architecture: str, dataset: str, now: datetime | None = None) -> str:
    """The name of a run begun now; a data set that is a folder is called as the folder."""
    moment = now or datetime.now()  # noqa: DTZ005 - people look for runs by the clock on their wall
    parts = (architecture, Path(dataset).name or dataset)
    slugs = [re.sub(r"[^a-z0-9._]+", "-", part.lower()).strip("-.")[:60] or "data" for part in parts]
    return f"{moment:%Y%m%d-%H%M%S}-{'-'.join(slugs)}"


def write_record(folder: Path, record: RunRecord) -> None:
    """Replaces `run.json` atomically.

    Raises:
        StorageError: it could not be written; the old one is still there.
    """
    content = json.dumps(record.to_json(), indent=2, allow_nan=False).encode()
    files.write_atomically(folder / RECORD_NAME, content)


def read_run(folder: Path) -> Run:
    """A run folder; where its record cannot be read, a `Run` that says why.

    A run whose record says that it runs while no living process holds its lock was interrupted.
    """
    try:
        with (folder / RECORD_NAME).open("rb") as stream:
            content = stream.read(_RECORD_LIMIT + 1)
        if len(content) > _RECORD_LIMIT:
            raise ValueError(f"it is larger than {_RECORD_LIMIT:,} bytes")
        record = RunRecord.from_json(json.loads(content))
    except OSError as error:
        return Run(folder, None, "broken", f"{RECORD_NAME} cannot be read: {error.strerror or error}")
    except (ValueError, RecursionError) as error:
        return Run(folder, None, "broken", f"{RECORD_NAME} is damaged: {error}")
    status = record.status
    if status == "running" and not lock.is_locked(folder):
        status = "interrupted"
    return Run(folder, record, status)


def list_runs(runs_folder: Path) -> tuple[Run, ...]:
    """Every run folder there is, newest first, broken ones too; hidden folders and other things are passed over.

    When a run was begun is in its record, else in its name.
    """
    try:
        folders = [entry for entry in runs_folder.iterdir() if not entry.name.startswith(".") and entry.is_dir()]
    except OSError:
        return ()
    return tuple(sorted((read_run(folder) for folder in folders), key=_age_key, reverse=True))


def in_force(record: RunRecord) -> dict[str, Any]:
    """The configuration that a run was begun with, and what was changed in mid-run, as they are stored."""
    stored = dict(record.config)
    for change in record.changes:
        stored.update(change.values)
    return stored


def can_go_on(run: Run) -> bool:
    """Whether a run keeps a state to go on from."""
    return has_state(run.folder)


def has_state(folder: Path) -> bool:
    """Whether a run folder keeps a state to go on from."""
    return any((folder / RESUME_FOLDER).glob("epoch-*.json"))


def remove_leftovers(folder: Path) -> None:
    """Removes the temporary files of a process that was killed while it wrote; hold the run's lock."""
    for place in (folder, folder / WEIGHTS_FOLDER, folder / RESUME_FOLDER, folder / ANSWERS_FOLDER):
        with contextlib.suppress(OSError):
            for path in list(place.glob(".*.tmp")):
                path.unlink(missing_ok=True)


def find_run(text: str, runs_folder: Path, *, statuses: Sequence[str] = ()) -> Path:
    """The run folder that a text means: "latest", a folder's name or its unique beginning, or a path.

    With `statuses`, "latest" is the newest run of one of them.

    Raises:
        ValueError: there is none or several; the message says which.
    """
    wanted = text.strip()
    if not wanted:
        raise ValueError("which run? Give a run's name, its beginning, a path or latest")
    runs = list_runs(runs_folder)
    names = [run.name for run in runs]
    if wanted == "latest":
        for run in runs:
            if run.record is not None and (not statuses or run.status in statuses):
                return run.folder
        if statuses and runs:
            raise ValueError(f"no run in {runs_folder} is {' or '.join(statuses)}; name one, or train anew")
        raise ValueError(f"there is no run in {runs_folder} yet; train one first")
    if wanted in names:
        return runs_folder / wanted
    # A home that is not there, or a text too long for a path: it is no path then.
    with contextlib.suppress(OSError, RuntimeError):
        # Resolved, because "." has no name.
        path = Path(wanted).expanduser().resolve()
        if (path / RECORD_NAME).is_file():
            return path
    matching = [name for name in names if name.startswith(wanted)]
    if len(matching) == 1:
        return runs_folder / matching[0]
    if matching:
        raise ValueError(f"{wanted!r} may mean any of {', '.join(sorted(matching))}; write more of the name")
    hint = f"the newest there is {names[0]}" if names else "there is none yet"
    raise ValueError(f"there is no run {wanted!r} in {runs_folder}; {hint}")


def _summary(stored: dict[str, Any]) -> RunSummary:
    values: dict[str, Any] = {}
    for entry in dataclasses.fields(RunSummary):
        value = stored.get(entry.name, entry.default)
        if not (_is_finite(value) or (value is None and entry.default is None)):
            raise ValueError(f"its summary's {entry.name!r} is not a finite number")
        if isinstance(entry.default, int) and not isinstance(value, int):
            raise ValueError(f"its summary's {entry.name!r} is not whole")  # noqa: TRY004 - a file is wrong, not a caller
        values[entry.name] = value
    return RunSummary(**values)


def _is_finite(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # Whole numbers in JSON may be longer than any machine's.
    return -(2**63) <= value < 2**63 if isinstance(value, int) else math.isfinite(value)


def _age_key(run: Run) -> tuple[float, list[tuple[bool, str]]]:
    # Two runs of one second are "name" and "name-2" ... "name-10": numbers in order, not letters.
    order = [(part.isdigit(), part.zfill(20)) for part in run.name.split("-")]
    if run.record is not None:
        with contextlib.suppress(ValueError, OverflowError, OSError):
            return datetime.fromisoformat(run.record.created).timestamp(), order
    with contextlib.suppress(ValueError, OverflowError, OSError):
        return datetime.strptime(run.name[:15], "%Y%m%d-%H%M%S").timestamp(), order  # noqa: DTZ007 - a local time
    return 0.0, order


def _rename(unfinished: Path, wanted: Path) -> Path:
    for number in range(1, 10_000):
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        # POSIX renames over an empty folder, which is not ours to replace either.
        if folder.exists():
            continue
        try:
            return unfinished.rename(folder)
        except OSError:
            if not folder.exists():
                raise
    raise FileExistsError(f"{wanted} and ten thousand more exist")


def _remove_abandoned(runs_folder: Path) -> None:
    """Removes folders whose making was interrupted a day ago or more."""
    for folder in runs_folder.glob(".new-*"):
        # Another process may be done with it by now and have given it its name.
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _ABANDONED_AFTER_S:
                shutil.rmtree(folder, ignore_errors=True)
