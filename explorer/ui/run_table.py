"""The runs on disk: choose one for the pad, lay curves over each other, compare, annotate, export, delete with undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from explorer.runs.disk_use import DiskUse
from explorer.runs.notes import RunNotes, read_notes
from explorer.runs.run_folder import RESUMABLE, Run, can_go_on, list_runs
from explorer.ui.empty_note import EmptyNote
from explorer.ui.flow_row import FlowRow
from explorer.ui.run_curves_loader import LoadedCurves, load_curves
from explorer.ui.run_difference import RunDifference
from explorer.ui.run_edits import RunEdits
from explorer.ui.run_export import RunExport
from explorer.ui.run_notes_dialog import RunNotesDialog
from explorer.ui.run_rows import RunRow
from explorer.ui.run_search import RunSearch
from explorer.ui.run_table_model import RunTableModel
from explorer.ui.run_view import RunView
from explorer.ui.run_watch import RunWatch
from explorer.ui.theme import theme
from explorer.ui.train_on_dialog import TrainOnDialog
from explorer.ui.training_found import config_of
from explorer.ui.training_thread import Trainer
from explorer.ui.worker import Worker

# A run that another process trains grows without a signal; looked at while it grows and the table is on screen.
_LOOK_AGAIN_MS = 3000
_RESUME = "Go on training an interrupted or stopped run"
_TRAIN_ON = "Train this finished run for more epochs"


class RunTable(QWidget):
    """A table of all runs in the folder that `runs_folder` names, newest first.

    Reading, deleting and annotating happen off the UI thread. Call `shutdown` before the window goes.
    """

    listed = Signal(object)  # tuple[Run, ...], the newest first
    run_chosen = Signal(object)  # Run: use its weights on the pad
    curves_loaded = Signal(object)  # tuple[RunCurves, ...] of the selected rows, in their order
    grew = Signal(object, object)  # RunCurves that another process trains, as they were and as they are now
    resume_requested = Signal(object)  # Path
    train_on_requested = Signal(object, int)  # Path of a finished run, epochs in all
    train_requested = Signal()
    failed = Signal(str)
    told = Signal(str)  # a sentence for the status bar

    def __init__(
        self, runs_folder: Callable[[], Path], trainer: Trainer | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Runs")
        self._runs_folder = runs_folder
        self._is_idle = True
        self._wanted: set[Path] = set()  # to be selected when they are listed
        self._lister = Worker("list runs", self)
        self._reader = Worker("read curves", self)
        self._watch_runs = RunWatch(self)
        self._watch_runs.grew.connect(self.grew)
        self._watch_runs.failed.connect(self.failed)
        self.edits = RunEdits()
        self._sizes = DiskUse()
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self.refresh)
        self._looking_again = QTimer(self)
        self._looking_again.setInterval(_LOOK_AGAIN_MS)
        self._looking_again.timeout.connect(self.refresh)
        self.exporting = RunExport(self)
        self.exporting.told.connect(self.told)
        self.exporting.failed.connect(self.failed)
        self._build()
        theme().changed.connect(self._measure)
        self._measure()
        if trainer is not None:
            self.follow(trainer)

    def follow(self, trainer: Trainer) -> None:
        """Refreshes as `trainer` begins and ends runs and finishes epochs."""
        for signal in (trainer.started, trainer.epoch_finished, trainer.ended):
            signal.connect(self._on_trained)
        trainer.state_changed.connect(self._on_state)

    @property
    def runs(self) -> tuple[Run, ...]:
        return self._model.runs

    def selected(self) -> tuple[Run, ...]:
        """The selected runs, from the top; a row of several seeds stands for all of them."""
        return tuple(run for row in self._table.selected() for run in row.runs)

    def choose(self, folders: Sequence[Path]) -> None:
        """Selects the runs in these folders, whatever was looked for, once they are listed."""
        self._wanted = set(folders)
        self._search.search("")
        self.refresh()

    def refresh(self) -> None:
        """Reads the folder again, off the UI thread."""
        folder = self._runs_folder()
        self._lister.submit(lambda: self._list(folder), self._show, self.failed.emit)

    def delete_selected(self) -> None:
        """Deletes the selected runs; "Undo" brings them back."""
        self.edits.delete(self.selected())
        self.refresh()

    def annotate_selected(self) -> None:
        """Asks for title, tags and notes of the selected run."""
        rows = [each for row in self._table.selected() for each in row.rows]
        if len(rows) != 1:
            return
        run = rows[0].run
        dialog = RunNotesDialog(run.name, rows[0].notes, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(lambda notes: self.annotate(run, notes))
        dialog.open()

    def annotate(self, run: Run, notes: RunNotes) -> None:
        """Gives a run its title, tags and notes; "Undo" takes them back."""
        self.edits.annotate([run], lambda _before: notes, f"Changed what is said of {notes.title or run.name}.")
        self.refresh()

    def undo(self) -> None:
        """Takes back what was done last: deletions in one go since the last undo, or one change of notes."""
        self.edits.undo()
        self._undo_row.hide()
        self.refresh()

    def compare_selected(self) -> RunDifference | None:
        """Shows what differs between the two selected runs."""
        rows = self._table.selected()
        if len(rows) != 2:
            return None
        dialog = RunDifference(rows[0], rows[1], self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    def state(self) -> dict[str, Any]:
        """What the user has chosen about the table, for JSON."""
        return {**self._table.chosen(), "groups_seeds": self._search.groups_seeds}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes what `state` gave; what does not fit is left as it is."""
        self._table.restore(state)
        if isinstance(state.get("groups_seeds"), bool):
            self._search.set_grouped(state["groups_seeds"])

    def shutdown(self) -> None:
        self._looking_again.stop()
        self._lister.shutdown()
        self._reader.shutdown()
        self._watch_runs.shutdown()
        self.exporting.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._looking_again.stop()
        super().hideEvent(event)

    # Off the UI thread

    def _list(self, folder: Path) -> tuple[RunRow, ...]:
        # Newer requests replace waiting ones, so what is to be done is kept apart: whichever request runs does it all.
        self.edits.perform()
        return tuple(RunRow(run, read_notes(run.folder), self._sizes.of(run.folder)) for run in list_runs(folder))

    # In the UI thread

    def _show(self, rows: tuple[RunRow, ...]) -> None:
        runs = tuple(row.run for row in rows)
        self.listed.emit(runs)
        chosen: set[object] = {run.folder for run in self.selected()}
        self._model.show(rows)
        if self._wanted & {run.folder for run in runs}:
            self._table.clearSelection()
            self._table.select_folders(set(self._wanted))
            self._wanted = set()
        elif chosen and not self.selected():
            self._table.select_folders(chosen)
        can_undo = self.edits.undo_text
        self._stack.setCurrentIndex(1 if rows or can_undo else 0)
        self._watch()
        self._undo_text.setText(can_undo)
        self._undo_row.setVisible(bool(can_undo))
        while self.edits.complaints:
            self.failed.emit(self.edits.complaints.popleft())
        if any(run.status == "running" for run in runs) and self.isVisible():
            self._looking_again.start()
        else:
            self._looking_again.stop()
        self._count()
        self._enable()

    def _watch(self) -> None:
        folder = str(self._runs_folder())
        if folder not in self._watcher.directories():
            if self._watcher.directories():
                self._watcher.removePaths(self._watcher.directories())
            # The folder is made with the first run; until then there is nothing to watch.
            if Path(folder).is_dir():
                self._watcher.addPath(folder)

    def _on_trained(self, _event: object) -> None:
        self.refresh()

    def _on_state(self, state: str) -> None:
        self._is_idle = state == "idle"
        self._enable()

    def _on_selected(self) -> None:
        runs = self.selected()
        self._enable()
        self._reader.submit(lambda: load_curves(runs), self._tell_curves, self.failed.emit)

    def _tell_curves(self, loaded: LoadedCurves) -> None:
        self._watch_runs.follow(loaded.growing)
        self.curves_loaded.emit(loaded.curves)

    def _on_search(self) -> None:
        self._table.filter.look_for(self._search.text, self._search.status)
        self._count()

    def _on_grouped(self, is_wanted: bool) -> None:
        chosen: set[object] = {run.folder for run in self.selected()}
        self._model.group_seeds(is_wanted)
        self._table.select_folders(chosen)
        self._count()

    def _count(self) -> None:
        shown, there = self._table.filter.rowCount(), self._model.rowCount()
        self._search.say(shown, there)
        self._nothing.setVisible(bool(there) and not shown)
        self._table.setVisible(bool(shown) or not there)

    def _enable(self) -> None:
        rows, runs = self._table.selected(), self.selected()
        one = runs[0] if len(runs) == 1 else None
        has_weights = one is not None and one.record is not None and one.record.summary.epochs > 0
        self._use.setEnabled(has_weights)
        self._show_how_to_go_on(one)
        self._open.setEnabled(one is not None)
        self._annotate.setEnabled(one is not None)
        self._compare.setEnabled(len(rows) == 2)
        self._delete_action.setEnabled(bool(runs) and all(run.status != "running" for run in runs))
        self.exporting.choose(one)

    def _choose(self) -> None:
        if self._use.isEnabled():
            self.run_chosen.emit(self.selected()[0])

    def _show_how_to_go_on(self, run: Run | None) -> None:
        is_finished = run is not None and run.status == "finished" and can_go_on(run)
        self._resume.setText("Train on…" if is_finished else "Resume")
        self._resume.setToolTip(_TRAIN_ON if is_finished else _RESUME)
        self._resume.setEnabled(self._is_idle and run is not None and (is_finished or run.status in RESUMABLE))

    def _ask_resume(self) -> None:
        if not self._resume.isEnabled():
            return
        run = self.selected()[0]
        if run.status == "finished":
            self._ask_train_on(run)
        else:
            self.resume_requested.emit(run.folder)

    def _ask_train_on(self, run: Run) -> None:
        config = config_of(run.folder)
        if run.record is None or config is None:
            self.failed.emit(f"{run.name} was trained with options that this version does not know; train anew.")
            return
        dialog = TrainOnDialog(run.name, config, run.record.summary.epochs, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(lambda epochs: self.train_on_requested.emit(run.folder, epochs))
        dialog.open()

    def _open_folder(self) -> None:
        if self._open.isEnabled():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.selected()[0].folder)))

    def menu(self) -> QMenu:
        """The context menu of the selected rows."""
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.addActions(self._actions[:-1])
        menu.addMenu(self.exporting.menu(menu))
        menu.addAction(self._delete_action)
        menu.addSeparator()
        menu.addMenu(self._table.columns_menu(menu))
        return menu

    def _show_menu(self, place: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._table.viewport().mapToGlobal(place))

    # Building

    def _build(self) -> None:
        self._model = RunTableModel(self)
        self._table = RunView(self._model, self)
        self._table.selectionModel().selectionChanged.connect(self._on_selected)
        self._table.activated.connect(self._choose)
        self._table.customContextMenuRequested.connect(self._show_menu)
        self._search = RunSearch()
        self._search.changed.connect(self._on_search)
        self._search.grouped.connect(self._on_grouped)
        self._search.find_by_key(self)
        self._nothing = EmptyNote("No run fits the search.", "Show all")
        self._nothing.pressed.connect(lambda: self._search.search(""))
        self._nothing.hide()
        self._build_actions()
        self._bar = FlowRow()
        for action in self._actions:
            self._bar.add(_button(action))
        self._empty = EmptyNote("No runs yet. Train this network.", "Train")
        self._empty.pressed.connect(self.train_requested)
        page = QWidget()
        self._page = QVBoxLayout(page)
        self._page.setSpacing(0)
        self._page.addWidget(self._search)
        self._page.addWidget(self._bar)
        self._page.addWidget(self._build_undo())
        self._page.addWidget(self._table, 1)
        self._page.addWidget(self._nothing, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)
        self._enable()

    def _build_actions(self) -> None:
        self._use = self._action("Use on the pad", "Let this run's weights answer what you draw", self._choose)
        self._resume = self._action("Resume", _RESUME, self._ask_resume)
        self._annotate = self._action("Notes…", "Title, tags and notes of the run (F2)", self.annotate_selected, "F2")
        self._compare = self._action("Difference", "What differs between two selected runs", self.compare_selected)
        self._open = self._action("Open folder", "Open the run's folder", self._open_folder)
        self._delete_action = self._action(
            "Delete", "Delete the selected runs (Del); it can be undone", self.delete_selected, "Del"
        )
        self._actions = [
            self._use, self._resume, self._annotate, self._compare, self._open, self._delete_action
        ]  # fmt: skip
        self.addActions(self._actions)

    def _build_undo(self) -> QWidget:
        self._undo_row = QWidget()
        row = QHBoxLayout(self._undo_row)
        self._undo_text = QLabel()
        self._undo_text.setTextFormat(Qt.TextFormat.PlainText)
        self._undo_text.setProperty("role", "secondary")
        undo = QPushButton("Undo")
        undo.setProperty("quiet", True)
        undo.setAccessibleName("Undo the last change of runs")
        undo.setToolTip("Take back what was deleted or changed last")
        undo.clicked.connect(self.undo)
        row.addWidget(self._undo_text)
        row.addWidget(undo)
        row.addStretch(1)
        self._undo_layout = row
        self._undo_row.hide()
        return self._undo_row

    def _action(self, text: str, tip: str, slot: Callable[[], object], shortcut: str = "") -> QAction:
        action = QAction(text, self)
        action.setToolTip(tip)
        action.triggered.connect(lambda _checked=False: slot())
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return action

    def _measure(self) -> None:
        px = theme().px
        self._table.measure()
        self._page.setContentsMargins(px(8), px(4), px(8), 0)
        self._page.setSpacing(px(4))
        self._undo_layout.setContentsMargins(px(4), 0, 0, px(4))
        self._undo_layout.setSpacing(px(4))


def _button(action: QAction) -> QPushButton:
    """A quiet button that follows an action."""
    button = QPushButton()
    button.setProperty("quiet", True)
    button.clicked.connect(action.trigger)

    def follow() -> None:
        button.setText(action.text())
        button.setAccessibleName(action.text())
        button.setToolTip(action.toolTip())
        button.setEnabled(action.isEnabled())

    action.changed.connect(follow)
    follow()
    return button
