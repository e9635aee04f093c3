"""The sheet of all keys: those of the menus and those of pad, graph, tables and curves; to read, copy and print."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QAction, QGuiApplication, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QDockWidget,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from explorer.ui.keys import KEYS
from explorer.ui.palette_entries import menu_actions, plain, shortcut_of
from explorer.ui.theme import DARK, LIGHT, Colours, theme

if TYPE_CHECKING:
    from explorer.ui.window import Window

Sheet = Mapping[str, Sequence[tuple[str, str]]]
TITLE = "Keyboard shortcuts of CNN Explorer"


def sheet_of(window: Window) -> dict[str, list[tuple[str, str]]]:
    """All keys by where they hold: the menus first, then panels; each is (keys, what they do)."""
    sheet: dict[str, list[tuple[str, str]]] = {}
    seen: set[int] = set()
    everywhere = {Qt.ShortcutContext.WindowShortcut, Qt.ShortcutContext.ApplicationShortcut}
    for path, action in menu_actions(window.menuBar()):
        if shortcut_of(action) and id(action) not in seen and action.shortcutContext() in everywhere:
            seen.add(id(action))
            sheet.setdefault(f"{path.partition(' > ')[0]} menu", []).append(_line(action))
    places = {name: list(lines) for name, lines in KEYS.items()}
    for action in window.findChildren(QAction):
        is_one_of_many = action.text().startswith("Fold to depth")
        if shortcut_of(action) and id(action) not in seen and action.text() and not is_one_of_many:
            seen.add(id(action))
            places.setdefault(_place(action, window), []).append(_line(action))
    return {**sheet, **places}


def as_text(sheet: Sheet) -> str:
    """The sheet as plain text, a line each."""
    width = max((len(keys) for lines in sheet.values() for keys, _ in lines), default=0)
    parts = [TITLE]
    for place, lines in sheet.items():
        parts.append(f"\n{place}")
        parts += [f"  {keys:<{width}}  {words}" for keys, words in lines]
    return "\n".join(parts) + "\n"


def as_html(sheet: Sheet, colours: Colours, *, titled: bool = True) -> str:
    """The sheet as a page with a table for each place."""
    rows = []
    for place, lines in sheet.items():
        style = f"padding-top:12px; color:{colours.secondary}"
        rows.append(f"<tr><td colspan='2' style='{style}'><b>{html.escape(place)}</b></td></tr>")
        rows += [
            f"<tr><td style='padding:2px 20px 2px 0; white-space:nowrap'><b>{html.escape(keys)}</b></td>"
            f"<td style='padding:2px 0'>{html.escape(words)}</td></tr>"
            for keys, words in lines
        ]
    heading = f"<h2>{TITLE}</h2>" if titled else ""
    return f"<div style='color:{colours.text}'>{heading}<table cellspacing='0'>{''.join(rows)}</table></div>"


class ShortcutsSheet(QDialog):
    """Stays open beside the window while one works."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.setObjectName("shortcuts_sheet")
        self.setWindowTitle("Keyboard shortcuts")
        self._sheet = sheet_of(window)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search keys and commands")
        self.search.setAccessibleName("Search keys and commands")
        self.search.setToolTip("Shows the lines that hold these words")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._show)
        self.page = QTextBrowser()
        self.page.setAccessibleName("Keys and what they do")
        self.page.setOpenLinks(False)
        self._buttons = QHBoxLayout()
        for text, tip, work in (
            ("Copy", "Copy all keys as text and as a table", self.copy),
            ("Print…", "Print the sheet, or save it as PDF", self.print_out),
        ):
            button = QPushButton(text)
            button.setAccessibleName(text.removesuffix("…"))
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.clicked.connect(work)
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.addWidget(self.search)
        column.addWidget(self.page, 1)
        column.addLayout(self._buttons)
        self.resize(theme().px(640), theme().px(680))
        theme().changed.connect(self._show)
        self._show()

    def found(self) -> dict[str, list[tuple[str, str]]]:
        """The lines that the search leaves."""
        words = self.search.text().casefold().split()
        left = {
            place: [line for line in lines if all(word in f"{place} {' '.join(line)}".casefold() for word in words)]
            for place, lines in self._sheet.items()
        }
        return {place: lines for place, lines in left.items() if lines}

    def copy(self) -> None:
        data = QMimeData()
        data.setText(as_text(self._sheet))
        data.setHtml(as_html(self._sheet, LIGHT))
        QGuiApplication.clipboard().setMimeData(data)

    def print_out(self) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # noqa: PLC0415 - few ever print

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(TITLE)
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.document().print_(printer))
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.show()

    def document(self) -> QTextDocument:
        """The sheet as it is printed: dark on white."""
        document = QTextDocument(self)
        document.setHtml(as_html(self._sheet, LIGHT))
        return document

    def _show(self) -> None:
        colours = DARK if theme().is_dark else LIGHT
        found = self.found()
        self.page.setHtml(as_html(found, colours, titled=False) if found else "Nothing fits.")


def _line(action: QAction) -> tuple[str, str]:
    return shortcut_of(action), plain(action.text())


def _place(action: QAction, window: QWidget) -> str:
    """The panel that an action belongs to, by the name that `KEYS` has for it."""
    parent = action.parent()
    while parent is not None and parent is not window:
        if parent is getattr(window, "graph_view", None):
            return "Graph"
        if isinstance(parent, QDockWidget):
            return {"Layers": "Layer table"}.get(parent.windowTitle(), parent.windowTitle())
        parent = parent.parent()
    return "Anywhere"
