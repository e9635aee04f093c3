"""The runs on disk: choose one for the pad, lay curves over each other, resume, open the folder, delete with undo."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import (
    QFileSystemWatcher,
    QItemSelection,
    QModelIndex,
    QPoint,
    QSortFilterProxyModel,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtGui import QAction, QDesktopServices, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QStackedLayout,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from explorer.runs.run_folder import Run, list_runs
from explorer.runs.trash import delete_run, restore_run
from explorer.ui import numbers
from explorer.ui.curve_data import RunCurves
from explorer.ui.empty_note import EmptyNote
from explorer.ui.run_curves import read_curves
from explorer.ui.run_table_model import COLUMNS, RUN_ROLE, SORT_ROLE, RunTableModel
from explorer.ui.theme import theme
from explorer.ui.training_thread import Trainer
from explorer.ui.worker import Worker

# A run that another process trains grows without a signal; looked at while it grows and the table is on screen.
_LOOK_AGAIN_MS = 3000
_STARTED = next(number for number, column in enumerate(COLUMNS) if column.title == "Started")


class RunTable(QWidget):
    """A table of all runs in the folder that `runs_folder` names, newest first.

    Reading, deleting and restoring happen off the UI thread. Call `shutdown` before the window goes.
    """

    listed = Signal(object)  # tuple[Run, ...], the newest first
    run_chosen = Signal(object)  # Run: use its weights on the pad
    curves_loaded = Signal(object)  # tuple[RunCurves, ...] of the selected rows, in their order
    resume_requested = Signal(object)  # Path
    train_requested = Signal()
    failed = Signal(str)

    def __init__(
        self, runs_folder: Callable[[], Path], trainer: Trainer | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Runs")
        self._runs_folder = runs_folder
        self._is_idle = True
        self._lister = Worker("list runs", self)
        self._reader = Worker("read curves", self)
        self._work: deque[Callable[[], str]] = deque()
        self._sentences: deque[str] = deque()
        self._deleted: list[Path] = []
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self.refresh)
        self._looking_again = QTimer(self)
        self._looking_again.setInterval(_LOOK_AGAIN_MS)
        self._looking_again.timeout.connect(self.refresh)
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
        """The selected runs, from the top."""
        rows = sorted(self._table.selectionModel().selectedRows(), key=QModelIndex.row)
        return tuple(row.data(RUN_ROLE) for row in rows)

    def refresh(self) -> None:
        """Reads the folder again, off the UI thread."""
        folder = self._runs_folder()
        self._lister.submit(lambda: self._list(folder), self._show, self._fail)

    def delete_selected(self) -> None:
        """Deletes the selected runs; "Undo" brings them back."""
        runs = self.selected()
        if not runs:
            return
        for run in runs:
            self._work.append(partial(self._delete, run))
        self.refresh()

    def undo(self) -> None:
        """Brings back all that was deleted since the last undo."""
        deleted, self._deleted = self._deleted, []
        for folder in deleted:
            self._work.append(partial(self._restore, folder))
        self._undo_row.hide()
        self.refresh()

    def shutdown(self) -> None:
        self._looking_again.stop()
        self._lister.shutdown()
        self._reader.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._looking_again.stop()
        super().hideEvent(event)

    # Off the UI thread

    def _list(self, folder: Path) -> tuple[Run, ...]:
        # Newer requests replace waiting ones, so what is to be done is kept apart: whichever request runs does it all.
        while self._work:
            sentence = self._work.popleft()()
            if sentence:
                self._sentences.append(sentence)
        return list_runs(folder)

    def _delete(self, run: Run) -> str:
        try:
            self._deleted.append(delete_run(run.folder))
        except (ValueError, OSError) as error:
            return str(error)
        return ""

    def _restore(self, folder: Path) -> str:
        try:
            restore_run(folder)
        except (ValueError, OSError) as error:
            return str(error)
        return ""

    # In the UI thread

    def _show(self, runs: tuple[Run, ...]) -> None:
        self.listed.emit(runs)
        chosen = {run.folder for run in self.selected()}
        self._model.show(runs)
        self._reselect(chosen)
        self._stack.setCurrentIndex(1 if runs or self._deleted else 0)
        self._watch()
        if self._deleted:
            self._undo_text.setText(f"Deleted {numbers.plural(len(self._deleted), 'run')}.")
            self._undo_row.show()
        while self._sentences:
            self._fail(self._sentences.popleft())
        is_growing = any(run.status == "running" for run in runs)
        if is_growing and self.isVisible():
            self._looking_again.start()
        else:
            self._looking_again.stop()
        self._enable()

    def _reselect(self, folders: set[Path]) -> None:
        if not folders or self.selected():
            return
        selection = QItemSelection()
        for row in range(self._sorted.rowCount()):
            index = self._sorted.index(row, 0)
            if index.data(RUN_ROLE).folder in folders:
                selection.select(index, index)
        model = self._table.selectionModel()
        model.select(selection, model.SelectionFlag.Select | model.SelectionFlag.Rows)

    def _watch(self) -> None:
        folder = str(self._runs_folder())
        if folder not in self._watcher.directories():
            if self._watcher.directories():
                self._watcher.removePaths(self._watcher.directories())
            # The folder is made with the first run; until then there is nothing to watch.
            if Path(folder).is_dir():
                self._watcher.addPath(folder)

    def _fail(self, sentence: str) -> None:
        self.failed.emit(sentence)

    def _on_trained(self, _event: object) -> None:
        self.refresh()

    def _on_state(self, state: str) -> None:
        self._is_idle = state == "idle"
        self._enable()

    def _on_selected(self) -> None:
        runs = self.selected()
        self._enable()
        self._reader.submit(lambda: tuple(read_curves(run) for run in runs), self._tell_curves, self._fail)

    def _tell_curves(self, curves: tuple[RunCurves, ...]) -> None:
        self.curves_loaded.emit(curves)

    def _enable(self) -> None:
        runs = self.selected()
        one = runs[0] if len(runs) == 1 else None
        has_weights = one is not None and one.record is not None and one.record.summary.epochs > 0
        self._use.setEnabled(has_weights)
        self._resume.setEnabled(self._is_idle and one is not None and one.status in {"interrupted", "stopped"})
        self._open.setEnabled(one is not None)
        self._delete_action.setEnabled(bool(runs) and all(run.status != "running" for run in runs))

    def _choose(self) -> None:
        if self._use.isEnabled():
            self.run_chosen.emit(self.selected()[0])

    def _ask_resume(self) -> None:
        if self._resume.isEnabled():
            self.resume_requested.emit(self.selected()[0].folder)

    def _open_folder(self) -> None:
        if self._open.isEnabled():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.selected()[0].folder)))

    def _show_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addActions(self._actions)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._table.viewport().mapToGlobal(place))

    # Building

    def _build(self) -> None:
        self._build_table()
        self._use = self._action("Use on the pad", "Let this run's weights answer what you draw", self._choose)
        self._resume = self._action("Resume", "Go on training an interrupted or stopped run", self._ask_resume)
        self._open = self._action("Open folder", "Open the run's folder", self._open_folder)
        self._delete_action = self._action(
            "Delete", "Delete the selected runs (Del); it can be undone", self.delete_selected
        )
        self._delete_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        self._delete_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._actions = [self._use, self._resume, self._open, self._delete_action]
        self.addActions(self._actions)
        self._bar = QHBoxLayout()
        for action in self._actions:
            self._bar.addWidget(_button(action))
        self._bar.addStretch(1)
        self._empty = EmptyNote("No runs yet. Train this network.", "Train")
        self._empty.pressed.connect(self.train_requested)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._bar)
        layout.addWidget(self._build_undo())
        layout.addWidget(self._table, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(page)
        self._enable()

    def _build_table(self) -> None:
        self._model = RunTableModel(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._model)
        self._sorted.setSortRole(SORT_ROLE)
        self._table = QTableView()
        self._table.setObjectName("run_table")
        self._table.setAccessibleName("Runs")
        self._table.setToolTip("Select rows to lay their curves over each other; Enter uses a run's weights on the pad")
        self._table.setModel(self._sorted)
        self._table.setSortingEnabled(True)
        self._table.sortByColumn(_STARTED, Qt.SortOrder.DescendingOrder)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setTabKeyNavigation(False)
        self._table.verticalHeader().hide()
        header = self._table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setSectionsMovable(True)
        self._table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._table.selectionModel().selectionChanged.connect(self._on_selected)
        self._table.activated.connect(self._choose)
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._table.customContextMenuRequested.connect(self._show_menu)

    def _build_undo(self) -> QWidget:
        self._undo_row = QWidget()
        row = QHBoxLayout(self._undo_row)
        self._undo_text = QLabel()
        self._undo_text.setTextFormat(Qt.TextFormat.PlainText)
        self._undo_text.setProperty("role", "secondary")
        undo = QPushButton("Undo")
        undo.setProperty("quiet", True)
        undo.setAccessibleName("Undo deleting runs")
        undo.setToolTip("Bring back the runs deleted last")
        undo.clicked.connect(self.undo)
        row.addWidget(self._undo_text)
        row.addWidget(undo)
        row.addStretch(1)
        self._undo_layout = row
        self._undo_row.hide()
        return self._undo_row

    def _action(self, text: str, tip: str, slot: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setToolTip(tip)
        action.triggered.connect(slot)
        return action

    def _measure(self) -> None:
        px = theme().px
        self._table.verticalHeader().setDefaultSectionSize(px(28))
        self._table.verticalHeader().setMinimumSectionSize(px(28))
        self._bar.setContentsMargins(px(8), px(4), px(8), px(4))
        self._bar.setSpacing(px(4))
        self._undo_layout.setContentsMargins(px(12), 0, px(8), px(4))
        self._undo_layout.setSpacing(px(4))


def _button(action: QAction) -> QPushButton:
    """A quiet button that follows an action."""
    button = QPushButton(action.text())
    button.setProperty("quiet", True)
    button.setAccessibleName(action.text())
    button.setToolTip(action.toolTip())
    button.setEnabled(action.isEnabled())
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    return button
