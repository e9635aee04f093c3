"""The system's file dialogs, each opening where one of its kind was closed last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

# By the kind of thing that is opened or saved: "picture", "network", "weights", "run", "figure", "table", "data".
_folders: dict[str, str] = {}


def open_file(parent: QWidget, kind: str, title: str, patterns: str = "") -> str:
    """The name of a file to open, "" where the user would rather not."""
    name, _ = QFileDialog.getOpenFileName(parent, title, _folder(kind), patterns)
    return _kept(kind, name)


def open_files(parent: QWidget, kind: str, title: str, patterns: str = "") -> list[str]:
    """The names of files to open."""
    names, _ = QFileDialog.getOpenFileNames(parent, title, _folder(kind), patterns)
    _kept(kind, names[0] if names else "")
    return list(names)


def open_folder(parent: QWidget, kind: str, title: str) -> str:
    """The name of a folder."""
    name = QFileDialog.getExistingDirectory(parent, title, _folder(kind))
    if name:
        _folders[kind] = name
    return name


def save_file(parent: QWidget, kind: str, title: str, suggested: str, patterns: str = "") -> tuple[str, str]:
    """The name of a file to write, and the pattern that was chosen; `suggested` is a name without a folder."""
    place = Path(_folder(kind) or Path.home(), suggested)
    name, pattern = QFileDialog.getSaveFileName(parent, title, str(place), patterns)
    return _kept(kind, name), pattern


def state() -> dict[str, str]:
    """What to remember, fit for JSON."""
    return dict(_folders)


def restore(state: Any) -> None:
    """Takes back what `state` gave; what does not fit is left out."""
    _folders.clear()
    kept = state if isinstance(state, dict) else {}
    _folders.update({kind: folder for kind, folder in kept.items() if isinstance(folder, str)})


def _folder(kind: str) -> str:
    folder = _folders.get(kind, "")
    # A disk that was taken out must not make the dialog begin nowhere.
    return folder if folder and Path(folder).is_dir() else ""


def _kept(kind: str, name: str) -> str:
    if name:
        _folders[kind] = str(Path(name).parent)
    return name
