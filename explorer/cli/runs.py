"""`cnn-explorer runs`: the trainings that are kept."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import Any

from explorer.cli.arguments import UsageError, add_json
from explorer.cli.printing import cells, console, print_table, table, write_json
from explorer.runs import trash
from explorer.runs.answers import class_ious, read_pixels
from explorer.runs.export import FORMATS, export_run
from explorer.runs.notes import read_notes
from explorer.runs.run_folder import Run, RunRecord, find_run, list_runs, read_run
from explorer.system import settings as stored_settings

NAME = "runs"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="the trainings that are kept, newest first",
        description="Lists the kept runs, exports or deletes one; a deleted run can be restored for 30 days.",
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--delete", metavar="RUN", help="delete a run: its name, a unique beginning of it, or 'latest'")
    choice.add_argument("--restore", metavar="RUN", help="bring a deleted run back, by its name")
    add_json(parser)
    parser.set_defaults(run=run, action=None)
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action")
    exporting = actions.add_parser(
        "export",
        help="write a run as CSV, weights, ONNX, TensorBoard events or a Python script",
        description="Writes a run in a form that other programs read.",
        epilog="\n".join(f"{each.name}: {each.help}" for each in FORMATS),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    exporting.add_argument("export_run", metavar="RUN", help="its name, a unique beginning, 'latest', or RUN:EPOCH")
    exporting.add_argument(
        "--as", dest="form", required=True, choices=[each.name for each in FORMATS], help="the form to write it in"
    )
    exporting.add_argument("target", metavar="FILE", help="where to write it; for tensorboard a folder")
    # Its own name, so that a default here does not undo a --json given before the action.
    exporting.add_argument("--json", dest="export_json", action="store_true", help="print JSON for programs")


def run(arguments: argparse.Namespace) -> int:
    folder = stored_settings.load().runs()
    if arguments.action == "export":
        return _export(arguments, folder)
    for option, name in (("--delete", arguments.delete), ("--restore", arguments.restore)):
        if name is not None and not name.strip():
            raise UsageError(f"{option} needs the name of a run; cnn-explorer runs lists them")
    if arguments.delete is not None:
        found = find_run(arguments.delete, folder)
        moved = trash.delete_run(found)
        if arguments.json:
            write_json({"deleted": moved.name})
        else:
            _say(f"deleted {found.name}; bring it back with --restore {moved.name}")
        return 0
    if arguments.restore is not None:
        if any(mark in arguments.restore for mark in "/\\") or arguments.restore in {".", ".."}:
            raise UsageError(f"--restore takes the name of a deleted run, not a path such as {arguments.restore!r}")
        restored = trash.restore_run(folder / trash.TRASH_NAME / arguments.restore)
        if arguments.json:
            write_json({"restored": restored.name})
        else:
            _say(f"restored {restored.name}")
        return 0
    _list(folder, as_json=arguments.json)
    return 0


def _export(arguments: argparse.Namespace, folder: Path) -> int:
    if arguments.delete is not None or arguments.restore is not None:
        raise UsageError("export does not go with --delete or --restore")
    name, colon, epoch = arguments.export_run.rpartition(":")
    is_epoch = bool(colon) and epoch.isdecimal()
    found = read_run(find_run(name if is_epoch else arguments.export_run, folder))
    written = export_run(found, arguments.form, Path(arguments.target).expanduser(), int(epoch) if is_epoch else None)
    if arguments.json or arguments.export_json:
        write_json({"run": found.name, "as": arguments.form, "file": str(written)})
    else:
        _say(f"{found.name} is in {written}")
    return 0


def _list(folder: Path, *, as_json: bool) -> None:
    runs = list_runs(folder)
    if as_json:
        write_json([as_record(run) for run in runs])
        return
    if not runs:
        sys.stdout.write(f"No runs in {folder} yet. Make one: cnn-explorer train lenet5 --data digits\n")
        return
    right = ["Epochs", "Test accuracy", "Images/s", "Seconds"]
    notes = {kept.folder: read_notes(kept.folder) for kept in runs}
    # Columns of what people said only where somebody said something.
    said = ["Title", "Tags"] if any(each.title or each.tags for each in notes.values()) else []
    rows = table(["Run", "Network", "Data", "Status", *right, *said], right=right)
    for kept in runs:
        record = kept.record
        words = [notes[kept.folder].title, ", ".join(notes[kept.folder].tags)] if said else []
        if record is None:
            rows.add_row(*cells(kept.name, "", "", kept.problem, "", "", "", "", *words))
            continue
        summary = record.summary
        accuracy = "" if summary.test_accuracy is None else f"{summary.test_accuracy:.2%}"
        rows.add_row(
            *cells(
                kept.name, record.architecture, record.dataset, kept.status, summary.epochs, accuracy,
                f"{summary.images_per_second:,.0f}", f"{summary.seconds:,.0f}", *words,
            )
        )  # fmt: skip
    print_table(rows)


def _say(line: str) -> None:
    console().print(line, highlight=False, markup=False, soft_wrap=True)


def as_record(kept: Run) -> dict[str, Any]:
    notes = read_notes(kept.folder)
    said = {"title": notes.title, "tags": list(notes.tags), "notes": notes.notes}
    if kept.record is None:
        return {"run": kept.name, "folder": str(kept.folder), "status": kept.status, "problem": kept.problem, **said}
    record = kept.record
    summary = record.summary
    return {
        "run": kept.name,
        "folder": str(kept.folder),
        "network": record.architecture,
        "options": record.options,
        "data": record.dataset,
        "status": kept.status,
        "epochs": summary.epochs,
        "test_accuracy": summary.test_accuracy,
        "test_loss": summary.test_loss,
        "best_epoch": summary.best_epoch,
        "images_per_second": summary.images_per_second,
        "seconds": summary.seconds,
        "created": record.created,
        **_overlap(kept.folder, record),
        **said,
    }


def _overlap(folder: Path, record: RunRecord) -> dict[str, Any]:
    """Of a run that draws masks, mean IoU and that of each class after its last epoch; null for one that is nowhere."""
    if record.summary.test_mean_iou is None:
        return {}
    found: dict[str, Any] = {"test_mean_iou": record.summary.test_mean_iou}
    pixels = read_pixels(folder, record.summary.epochs)
    if pixels is not None and len(pixels) == len(record.labels):
        ious = class_ious(pixels).tolist()
        found["test_class_iou"] = {
            label: None if math.isnan(iou) else iou for label, iou in zip(record.labels, ious, strict=True)
        }
    return found
