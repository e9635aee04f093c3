"""The field for the data set: those that fit the network, folders of the user's own, and a way to choose another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.data.datasets import DATASETS, DatasetEntry
from explorer.networks.architecture import Architecture, Task
from explorer.ui.training_fields import Choice, ChoiceField

_FOLDER = "\N{NULL}folder"  # no data set and no path can be called so


class DatasetField(ChoiceField):
    """Offers data sets by name; `folder_asked` says that the user wants to choose a folder of images."""

    folder_asked = Signal()

    def __init__(self, name: str, label: str, tip: str, parent: QObject) -> None:
        self._kept: Any = None
        super().__init__(name, label, tip, (), parent)

    def offer(self, choices: Iterable[Choice]) -> None:  # type: ignore[override]
        listed = [choice for choice in choices if choice.value != _FOLDER]
        super().offer((*listed, Choice(_FOLDER, "Folder of images…")))
        if self.value() == _FOLDER:
            self.show_value(listed[0].value if listed else None)

    def value(self) -> Any:
        value = super().value()
        return self._kept if value == _FOLDER else value

    def show_value(self, value: Any) -> None:
        super().show_value(value)
        self._kept = value

    def _on_activated(self) -> None:
        if super().value() == _FOLDER:
            self.show_value(self._kept)
            self.folder_asked.emit()
            return
        self._kept = super().value()
        super()._on_activated()


class DatasetList:
    """The data sets that there are: the program's and the user's folders."""

    def __init__(self) -> None:
        self._folders: dict[str, DatasetEntry] = {}
        self._is_here: Mapping[str, bool] = {}

    @property
    def folders(self) -> tuple[str, ...]:
        return tuple(self._folders)

    def add_folder(self, entry: DatasetEntry) -> None:
        self._folders[entry.name] = entry

    def drop_folder(self, name: str) -> bool:
        """Offers a folder no longer, which may be gone; False where it was none."""
        return self._folders.pop(name, None) is not None

    def set_available(self, is_here: Mapping[str, bool]) -> None:
        self._is_here = dict(is_here)

    def entry(self, name: str) -> DatasetEntry | None:
        return next((entry for entry in (*DATASETS, *self._folders.values()) if entry.name == name), None)

    def title(self, name: str) -> str:
        entry = self.entry(name)
        return name if entry is None else entry.title

    def fitting(self, architecture: Architecture | None, options: Any) -> list[DatasetEntry]:
        """Those that the network can learn from."""
        entries = [*DATASETS, *self._folders.values()]
        if architecture is None:
            return entries
        needs_masks = architecture.task is Task.SEGMENTATION
        interface = architecture.interface(options)
        return [
            entry
            for entry in entries
            if entry.masks == needs_masks and not (interface.classes_fixed and len(entry.classes) != interface.classes)
        ]

    def choices(self, architecture: Architecture | None, options: Any) -> list[Choice]:
        return [
            Choice(entry.name, f"{entry.title}{self._where(entry)}") for entry in self.fitting(architecture, options)
        ]

    def preferred(self, architecture: Architecture, options: Any) -> str:
        """The best of those that are on this machine: photographs for networks in colour, digits for others."""
        fitting = [entry.name for entry in self.fitting(architecture, options)]
        wanted = ["mnist", "digits"]
        if architecture.interface(options).input_shape[0] == 3:
            wanted.insert(0, "cifar10")
        for name in wanted:
            if name in fitting and self._is_here.get(name, name == "digits"):
                return name
        return fitting[0] if fitting else ""

    def _where(self, entry: DatasetEntry) -> str:
        if self._is_here.get(entry.name, True):
            return ""
        return " · will be downloaded" if entry.files is not None else " · not here"


def why_not_trained(architecture: Architecture, datasets: DatasetList, options: Any) -> str:
    """Why a network cannot be trained here, in a sentence; "" where it can."""
    if architecture.source:
        return "Networks of your own can be read here, not trained."
    if architecture.task is Task.SEGMENTATION and not any(entry.masks for entry in DATASETS):
        return (
            f"{architecture.title} says for each pixel what it belongs to. The data sets here have one class for a "
            "whole image, so it can be read but not trained."
        )
    if not datasets.fitting(architecture, options):
        classes = architecture.interface(options).classes
        return f"{architecture.title} in this form has {classes:,} outputs, and no data set here has so many classes."
    return ""


def is_image_folder(path: Path) -> bool:
    """Whether a folder may be a data set: it has sub-folders, one a class, and is no run."""
    try:
        return not (path / "run.json").is_file() and any(child.is_dir() for child in path.iterdir())
    except OSError:
        return False
