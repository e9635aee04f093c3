"""Exporting a run from the table: a menu of formats, a place for the file, and a thread that writes it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from explorer.runs.export import FORMATS, ExportFormat, export_run
from explorer.runs.run_folder import Run
from explorer.ui import file_dialogs
from explorer.ui.worker import Worker


class RunExport(QObject):
    """Writes the chosen run in a format; tells of it when it is done."""

    told = Signal(str)  # a sentence
    failed = Signal(str)  # a sentence

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._widget = parent
        self._run: Run | None = None
        self._worker = Worker("export run", self)
        self.actions = [self._action(kind) for kind in FORMATS]
        self.choose(None)

    def choose(self, run: Run | None) -> None:
        """Offers what can be exported of a run."""
        self._run = run
        has_record = run is not None and run.record is not None
        for action in self.actions:
            action.setEnabled(has_record)

    def menu(self, parent: QWidget) -> QMenu:
        menu = QMenu("Export", parent)
        menu.setToolTipsVisible(True)
        menu.addActions(self.actions)
        menu.setEnabled(any(action.isEnabled() for action in self.actions))
        return menu

    def export(self, run: Run, kind: ExportFormat, target: Path) -> None:
        """Writes a run to a file (a folder, for event files), off the UI thread."""
        self._worker.submit(
            lambda: export_run(run, kind.name, target),
            lambda written: self.told.emit(f"{run.name}: {kind.title} is in {written}"),
            self.failed.emit,
        )

    def shutdown(self) -> None:
        self._worker.shutdown()

    def _action(self, kind: ExportFormat) -> QAction:
        action = QAction(f"{kind.title}…", self)
        action.setToolTip(kind.help)
        action.triggered.connect(lambda _checked=False: self._ask(kind))
        return action

    def _ask(self, kind: ExportFormat) -> None:
        run = self._run
        if run is None:
            return
        suggested = f"{run.name}{kind.suffix}"
        if kind.is_folder:
            name = file_dialogs.open_folder(self._widget, "export", kind.title)
        else:
            name, _ = file_dialogs.save_file(self._widget, "export", kind.title, suggested, f"*{kind.suffix}")
        if name:
            self.export(run, kind, Path(name))
