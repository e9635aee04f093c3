"""In the whole window no number stands without an answer to "What is this?"."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QHeaderView,
    QLabel,
    QListView,
    QSlider,
    QTableView,
    QTreeView,
    QWhatsThis,
    QWidget,
)
from pytestqt.qtbot import QtBot

from explorer.networks.catalogue import get
from explorer.ui.app import create_window
from explorer.ui.still_label import StillLabel
from explorer.ui.window import Window

# A figure, and not the digit of a name such as "ResNet-18", "VGG-16", "C3" or of a year in a title.
_FIGURE = re.compile(r"(?<![\w.\-–\N{MINUS SIGN}])[+\-\N{MINUS SIGN}]?\d")
# What paints itself and shows no figure: marks, pictures that lie over others, controls of Qt in another coat.
_WITHOUT_FIGURES = {
    "CalmComboBox", "DockTitle", "EmptyNote", "EraserButton", "FamilyLegend", "FieldOverlay", "GraphMinimap",
    "GraphNote", "GraphFind", "GraphToolbar", "HeatOverlay", "Legend", "Mark", "MaskOverlay", "MatchLegend",
    "SketchPad", "DropHighlight", "CardOutline", "_Header", "KeyboardPen", "AnatomyNorm", "LazyPanel",
}  # fmt: skip
# Names of runs, files and networks, and the notes on a network, of which only the paper check has figures.
_NAMES = {"training_queue", "training_queue_failed", "input_strip_list", "personal_grid"}
_WORDS = {"catalogue", "about"}
_PROSE_ROLES = {"title", "heading", "bad"}


def _explained(widget: QWidget | None) -> bool:
    while widget is not None and not widget.isWindow():
        if widget.whatsThis():
            return True
        widget = widget.parentWidget()
    return False


def _columns_explained(view: QAbstractItemView) -> bool:
    if isinstance(view, QListView) or _explained(view):
        return _explained(view)
    model = view.model()
    header = view.horizontalHeader() if isinstance(view, QTableView) else view.header()
    shown = [column for column in range(model.columnCount()) if not header.isSectionHidden(column)]
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.WhatsThisRole)
    titles = [[model.headerData(column, Qt.Orientation.Horizontal, role) for role in roles] for column in shown]
    return all(said for title, said in titles if title)


def _bears_a_number(widget: QWidget, *, is_section: bool) -> bool:
    if isinstance(widget, QAbstractSpinBox | QSlider | StillLabel):
        return True
    if isinstance(widget, QTreeView | QTableView | QListView):
        return True
    if isinstance(widget, QLabel):
        if widget.property("role") in _PROSE_ROLES or widget.buddy() is not None:
            return False
        return is_section or bool(_FIGURE.search(widget.text()))
    own = type(widget)
    paints = own.__module__.startswith("explorer.ui") and "paintEvent" in vars(own)
    return paints and own.__name__ not in _WITHOUT_FIGURES


def _unexplained(root: QWidget, *, is_section: bool = False) -> Iterator[str]:
    for widget in root.findChildren(QWidget):
        # The list of a box is a window of its own, and belongs to the box.
        is_foreign = widget.window() is not root.window() or widget.objectName() in _NAMES
        if isinstance(widget, QHeaderView) or is_foreign:
            continue
        if not _bears_a_number(widget, is_section=is_section):
            continue
        is_view = isinstance(widget, QAbstractItemView)
        if not (_columns_explained(widget) if is_view else _explained(widget)):
            words = widget.text() if isinstance(widget, QLabel) else ""
            yield f"{type(widget).__name__} {widget.objectName()} {widget.accessibleName()} {words[:60]!r}"


def test_every_number_in_the_window_says_what_it_is(qtbot: QtBot) -> None:
    window = create_window()
    window.resize(1280, 800)
    window.show()
    qtbot.waitUntil(lambda: window.session.graph is not None, timeout=30_000)
    qtbot.mousePress(window.input.pad, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    qtbot.mouseMove(window.input.pad, QPoint(70, 90))
    qtbot.mouseRelease(window.input.pad, Qt.MouseButton.LeftButton, pos=QPoint(70, 90))
    qtbot.waitUntil(lambda: bool(window.input.view.label.text()), timeout=30_000)
    _open_everything(window)
    found = {name: list(_unexplained(dock)) for name, dock in window.docks.items() if name not in _WORDS}
    found["about"] = list(_unexplained(window.about.findChild(QWidget, "paper_check")))
    for section in (*window.anatomy.sections, window.features):
        content = section.content or section.make_content()
        found[section.key] = list(_unexplained(content, is_section=True))
        if content is not section.content:
            content.deleteLater()
    window.close()
    missing = [f"{name}: {left}" for name, lefts in found.items() for left in lefts]
    assert not missing, "\n".join(missing)


def test_the_keyboard_alone_asks_what_a_number_is(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(QWhatsThis, "showText", lambda _place, text, _widget: shown.append(text))
    window = create_window()
    window.show()
    qtbot.waitUntil(lambda: window.session.graph is not None, timeout=30_000)
    window.layers.summary.batch_field.setFocus()
    for _ in range(2):
        window.commands.help.whats_this.trigger()
    assert not QWhatsThis.inWhatsThisMode()
    assert "For how many images" in shown[-1]
    table = window.layers.view
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, 4))
    for _ in range(2):
        window.commands.help.whats_this.trigger()
    assert len(shown) == 2
    title = table.model().headerData(4, Qt.Orientation.Horizontal, Qt.ItemDataRole.WhatsThisRole)
    assert shown[-1] == title
    window.close()


def _open_everything(window: Window) -> None:
    """Builds what is made when it is first in sight, without computing what it would show."""
    for tools in (window.comparison, window.field, window.why_tools.panel, window.experiments.panel):
        tools.build()
    window.answer_tools.several.build()
    window.answer_tools.personal.build()
    sections = window.input.sections
    for section in (sections.seen, sections.tolerance, sections.views):
        section.unfold()
    window.session.select("features.c3")
    assert window.session.architecture is get("lenet5")
