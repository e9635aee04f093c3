"""A run in forms that other programs read: a table, weights, ONNX, TensorBoard's events, a script that repeats it."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from explorer.runs.epochs import saved_epochs, weights_path
from explorer.runs.metrics_columns import FIGURES, SPLITS, MetricsColumns
from explorer.runs.run_folder import Run
from explorer.system import files


class ExportError(ValueError):
    """A run cannot be had in that form; one sentence says why and what would do."""


@dataclass(frozen=True)
class ExportFormat:
    """A form: `name` is what the terminal takes; `writer` is "module:function", imported only when called."""

    name: str
    title: str
    help: str
    suffix: str
    writer: str
    is_folder: bool = False
    has_epoch: bool = False


FORMATS = (
    ExportFormat("csv", "Figures as CSV", "Every figure that was measured, a row a step", ".csv", "export:write_csv"),
    ExportFormat(
        "weights",
        "Weights",
        "The best epoch's weights as safetensors, with labels and preprocessing",
        ".safetensors",
        "export:write_weights",
        has_epoch=True,
    ),
    ExportFormat(
        "onnx",
        "ONNX",
        "The network with its best weights for other programs; needs the packages onnx and onnxscript",
        ".onnx",
        "export_onnx:write_onnx",
        has_epoch=True,
    ),
    ExportFormat(
        "tensorboard",
        "TensorBoard events",
        "A folder that TensorBoard shows beside others",
        "",
        "export_events:write_events",
        is_folder=True,
    ),
    ExportFormat(
        "script",
        "Python script",
        "One file that trains the same network again with torch and torchvision alone",
        ".py",
        "export_script:write_script",
    ),
)


def export_run(run: Run, name: str, target: Path, epoch: int | None = None) -> Path:
    """Writes a run in the form of that name and returns what was written; not for a thread that must not wait.

    `target` is a file, or the folder in which TensorBoard looks for runs. `epoch` None: the best one.

    Raises:
        ExportError: there is no such form, or the run does not have what it takes.
        StorageError: it could not be written.
    """
    found = next((each for each in FORMATS if each.name == name), None)
    if found is None:
        raise ExportError(f"a run can be had as {', '.join(each.name for each in FORMATS)}, not as {name!r}")
    if run.record is None:
        raise ExportError(f"{run.name} cannot be exported: {run.problem}")
    if epoch is not None and not found.has_epoch:
        raise ExportError(f"{found.title} is of the whole run: leave the epoch out")
    if target.is_dir() and not found.is_folder:
        raise ExportError(f"{target} is a folder: name a file in it, such as {target / (run.name + found.suffix)}")
    if not found.is_folder and not target.absolute().parent.is_dir():
        raise ExportError(f"there is no folder {target.absolute().parent}: make it, or name a file in another one")
    module, function = found.writer.split(":")
    write: Callable[[Run, Path, int | None], Path] = getattr(
        importlib.import_module(f"explorer.runs.{module}"), function
    )
    return write(run, target, epoch)


def weights_to_export(run: Run, epoch: int | None) -> Path:
    """The weights file of an epoch, None: of the best one, else of the last that is kept.

    Raises:
        ExportError: the run has no such weights.
    """
    saved = saved_epochs(run.folder)
    if not saved:
        raise ExportError(f"{run.name} has no weights: none of its epochs was finished")
    if epoch is None:
        best = run.record.summary.best_epoch if run.record else 0
        epoch = best if best in saved else saved[-1]
    if epoch not in saved:
        raise ExportError(f"{run.name} has no weights of epoch {epoch}; it has those up to {saved[-1]}")
    return weights_path(run.folder, epoch)


def write_csv(run: Run, target: Path, _epoch: int | None = None) -> Path:
    """The rows that count, in the order of their steps, with names of the columns in the first line."""
    rows = MetricsColumns(run.folder).read_new().rows
    lines: list[tuple[float, int, str]] = []
    for number, split in enumerate(SPLITS):
        columns = [rows[split][name].tolist() for name in FIGURES]
        for values in zip(*columns, strict=True):
            cells = [_text(value) for value in values]
            lines.append((values[0], number, ",".join([*cells[:3], split, *cells[3:]])))
    lines.sort(key=lambda line: line[:2])
    header = ",".join([*FIGURES[:3], "split", *FIGURES[3:]])
    files.write_atomically(target, "\n".join([header, *(line for _, _, line in lines), ""]).encode())
    return target


def write_weights(run: Run, target: Path, epoch: int | None = None) -> Path:
    """A copy of an epoch's weights, which say themselves what rebuilds their network."""
    files.write_atomically(target, weights_to_export(run, epoch).read_bytes())
    return target


def _text(value: float) -> str:
    if math.isnan(value):
        return ""
    return f"{value:.15g}" if value.is_integer() else f"{value:.9g}"
