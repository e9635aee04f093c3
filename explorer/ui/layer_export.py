"""What of the layer table goes elsewhere: copied or saved, as it is or in the forms that papers and programs take."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu

from explorer.networks.options import option_fields
from explorer.structure import table_text
from explorer.structure.table_columns import columns_named
from explorer.structure.table_rows import Row
from explorer.system.files import write_atomically
from explorer.ui import file_dialogs, numbers
from explorer.ui.session import Session

if TYPE_CHECKING:
    from explorer.ui.layer_table import LayerTable

FORMATS = {"csv": "CSV", "markdown": "Markdown", "latex": "LaTeX", "json": "JSON"}
_SUFFIXES = {"csv": ".csv", "markdown": ".md", "latex": ".tex", "json": ".json"}


class LayerExport(QObject):
    """Copies and saves the rows that are selected in `table`, or all that are shown where none are.

    Open blocks are left out of the latter, so that columns add up: their layers say the same. JSON is always the whole
    network, the same that `cnn-explorer show --json` prints.
    """

    def __init__(self, table: LayerTable, session: Session) -> None:
        super().__init__(table)
        self._table = table
        self._session = session
        self.measured: dict[str, Any] | None = None
        self.copy_action = self._action("Copy", self.copy)
        self.copy_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.copy_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.copy_cell_action = self._action("Copy cell", self.copy_cell)
        self.copy_cell_action.setShortcut(QKeySequence("Ctrl+Shift+C"))
        self.copy_cell_action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.copy_actions = [self._action(f"Copy as {t}", lambda f=f: self.copy_as(f)) for f, t in FORMATS.items()]
        self.save_actions = [self._action(f"Save as {t}…", lambda f=f: self._ask(f)) for f, t in FORMATS.items()]
        table.view.addActions([self.copy_action, self.copy_cell_action])
        self.menu = QMenu(table)
        self.menu.setToolTipsVisible(True)
        self.menu.addActions([self.copy_action, self.copy_cell_action])
        self.menu.addSeparator()
        self.menu.addActions(self.copy_actions)
        self.menu.addSeparator()
        self.menu.addActions(self.save_actions)

    def text(self, form: str) -> str:
        """The table in one of `FORMATS`."""
        if form == "json":
            return self._json()
        model = self._table.model
        columns, rows, terms = columns_named(self._table.shown_columns()), self._rows(), model.terms
        if form == "csv":
            return table_text.comma_separated(rows, columns, terms)
        total = None if self._table.selected_rows() else model.totals()
        if form == "markdown":
            return table_text.markdown(rows, columns, terms, total)
        return table_text.latex(rows, columns, terms, total, model.graph.title if model.graph else "")

    def copy(self) -> None:
        """Puts rows on the clipboard as tab-separated text with a header."""
        columns = columns_named(self._table.shown_columns())
        self._to_clipboard(table_text.tab_separated(self._rows(), columns, self._table.model.terms))

    def copy_cell(self) -> None:
        """Puts the text of the current cell on the clipboard."""
        index = self._table.view.currentIndex()
        if index.isValid():
            row: Row = self._table.model.rows[index.row()]
            column = columns_named(self._table.shown_columns()[:1])[0] if index.column() == 0 else None
            text = row.path if column else str(index.data())
            QGuiApplication.clipboard().setText(text)
            self._session.message.emit("cell copied")

    def copy_as(self, form: str) -> None:
        if form == "json":
            QGuiApplication.clipboard().setText(self.text(form))
            self._session.message.emit("the whole network copied as JSON")
        else:
            self._to_clipboard(self.text(form))

    def save(self, form: str, path: Path) -> None:
        """Writes the table to a file; the status bar tells how it went."""
        try:
            write_atomically(path, self.text(form).encode())
        except OSError as error:
            self._session.message.emit(str(error))
            return
        self._session.message.emit(f"wrote {path}")

    def _ask(self, form: str) -> None:
        architecture, suffix = self._session.architecture, _SUFFIXES[form]
        name = architecture.name.replace("/", "-") if architecture else "layers"
        title = f"Save the table as {FORMATS[form]}"
        name, _ = file_dialogs.save_file(self._table, "table", title, f"{name}{suffix}", f"*{suffix}")
        if name:
            self.save(form, Path(name))

    def _json(self) -> str:
        architecture, graph = self._session.architecture, self._table.model.graph
        if architecture is None or graph is None:
            return ""
        options = self._session.options
        fields = [field for field in option_fields(architecture.options_type) if field.applies(options)]
        record = table_text.record(
            architecture.name,
            {field.name: getattr(options, field.name) for field in fields},
            graph,
            batch=self._table.model.terms.batch,
            measured=self.measured,
        )
        return json.dumps(record, indent=2, ensure_ascii=False) + "\n"

    def _rows(self) -> list[Row]:
        rows = self._table.model.rows
        chosen = self._table.selected_rows()
        return [rows[row] for row in chosen] if chosen else [row for row in rows if not row.is_open]

    def _to_clipboard(self, text: str) -> None:
        rows = len(self._rows())
        if rows:
            QGuiApplication.clipboard().setText(text)
            self._session.message.emit(f"{numbers.plural(rows, 'row')} copied")

    def _action(self, title: str, slot: Callable[[], None]) -> QAction:
        action = QAction(title, self._table)
        action.triggered.connect(lambda _checked: slot())
        return action
