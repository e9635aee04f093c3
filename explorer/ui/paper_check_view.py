"""Paper check: what was published about a network beside what is computed from its layers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from explorer.networks.architecture import Architecture, Published
from explorer.paper_check import Check, is_computed, paper_checks
from explorer.structure.graph import Graph
from explorer.system.download import Cancelled
from explorer.ui import numbers
from explorer.ui.explanations import explain_all
from explorer.ui.session import Session
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel
from explorer.ui.worker import Worker

_COLUMNS = ("", "published", "computed", "difference")
# Differences below this are those of rounding to the printed figures.
_SAME = 0.0005


class PaperCheckView(QWidget):
    """A row a figure, with its source and, where they differ, the reason; computed when the view is first in sight.

    Call `shutdown` before the window goes.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("paper_check")
        self.setAccessibleName("Paper check")
        self._session = session
        self._architecture: Architecture | None = None
        self._done: dict[str, tuple[Check, ...]] = {}  # by the network's name
        self._asked = ""
        self._closed = False
        self._worker = Worker("paper check", self)
        self.note = ValueLabel()
        self.note.setProperty("role", "secondary")
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.note)
        self._column.addLayout(self._grid)
        session.graph_changed.connect(self._on_graph)
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_architecture(self, architecture: Architecture) -> None:
        """Shows the figures of a network; those that must be computed follow once the view is in sight."""
        if self._architecture is not None and architecture.name == self._architecture.name:
            return
        self._architecture = architecture
        self._asked = ""
        known = self._done.get(architecture.name)
        if known is not None:
            self._show(known)
        else:
            self._show([Check(published, None) for published in architecture.published], is_waiting=True)
        self.setVisible(_has_figures(architecture))
        self._compute()

    def shutdown(self) -> None:
        """Computes no more: the window goes."""
        self._closed = True
        self._worker.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._compute()

    def _on_graph(self, _graph: Graph) -> None:
        self._compute()

    def _compute(self) -> None:
        architecture = self._architecture
        # The network on screen comes first: its graph is there before this one asks for others.
        if architecture is None or self._session.graph is None or not self.isVisible() or self._closed:
            return
        if architecture.name in self._done or architecture.name == self._asked:
            return
        self._asked = architecture.name
        self._worker.submit(
            lambda: _checks(architecture, lambda: self._closed or self._asked != architecture.name),
            lambda checks: self._take(architecture, checks),
            lambda sentence: self._fail(architecture, sentence),
        )

    def _take(self, architecture: Architecture, checks: tuple[Check, ...] | None) -> None:
        if checks is None or self._closed or self._architecture is None or architecture.name != self._architecture.name:
            return
        self._done[architecture.name] = checks
        self._show(checks)

    def _fail(self, architecture: Architecture, sentence: str) -> None:
        if not self._closed and self._architecture is not None and architecture.name == self._architecture.name:
            self.note.show_value(sentence)

    def _show(self, checks: Sequence[Check], *, is_waiting: bool = False) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if is_waiting:
            self.note.show_value("Computing the figures…")
        else:
            self.note.show_value("" if checks else "No figures were published, or none are known here.")
        self.note.setVisible(bool(self.note.value))
        if not checks:
            return
        for column, title in enumerate(_COLUMNS):
            self._grid.addWidget(_label(title, "heading", is_right=column > 0), 0, column)
        row = 1
        for check in checks:
            for column, text in enumerate(row_texts(check)):
                role = "" if column < 3 else "secondary"
                cell = _label(text, role, is_right=column > 0)
                explain_all("comparison", {"published": cell})
                self._grid.addWidget(cell, row, column)
            said = ValueLabel(remark(check))
            said.setProperty("role", "secondary")
            said.setContentsMargins(0, 0, 0, theme().px(8))
            self._grid.addWidget(said, row + 1, 0, 1, len(_COLUMNS))
            row += 2

    def _restyle(self) -> None:
        look = theme()
        self._grid.setHorizontalSpacing(look.px(8))
        self._grid.setVerticalSpacing(look.px(2))


def row_texts(check: Check) -> tuple[str, str, str, str]:
    """What a figure is, the published and the computed value, and the difference in per cent."""
    published = check.published
    what = f"{published.quantity}, {published.part}" if published.part else published.quantity
    computed = "" if check.computed is None else numbers.short_count(check.computed)
    return what[:1].upper() + what[1:], _value(published), computed, difference_text(check)


def difference_text(check: Check) -> str:
    """The difference in per cent: "+1.5 %", "equal" where only rounding is between them, "" where none is compared."""
    if check.difference is None:
        return ""
    if abs(check.difference) < _SAME:
        return "equal"
    return f"{check.difference:+.1%}".replace("%", " %").replace("-", "\N{MINUS SIGN}")


def remark(check: Check) -> str:
    """The source, the form that the figure is about, and why it differs."""
    parts = [check.published.source]
    if check.form:
        parts.append(check.form)
    text = " · ".join(part for part in parts if part)
    return f"{text}. {check.published.note}" if check.published.note else text


def _value(published: Published) -> str:
    if is_computed(published):
        return numbers.short_count(published.value)
    return f"{published.value:g}" if math.isfinite(published.value) else ""


def _label(text: str, role: str, *, is_right: bool) -> QLabel:
    label = ValueLabel(text) if not is_right else QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    if is_right:
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    return label


def _has_figures(architecture: Architecture) -> bool:
    return bool(architecture.published) or ("/" in architecture.name and not architecture.source)


def _checks(architecture: Architecture, cancelled: Callable[[], bool]) -> tuple[Check, ...] | None:
    try:
        return _computed(architecture, cancelled)
    except Cancelled:
        return None


def _computed(architecture: Architecture, cancelled: Callable[[], bool]) -> tuple[Check, ...]:
    # torch is imported here, off the UI thread.
    from explorer.reading import read_graph  # noqa: PLC0415

    if not architecture.published and "/" in architecture.name:
        return _zoo_checks(architecture, lambda: read_graph(architecture, cancelled=cancelled))

    def graph_of(options: Any) -> Graph:
        graph: Graph = read_graph(architecture, options, cancelled=cancelled)
        return graph

    return tuple(paper_checks(architecture, graph_of, cancelled))


def _zoo_checks(architecture: Architecture, read: Callable[[], Graph]) -> tuple[Check, ...]:
    """The figures that a zoo publishes with its weights, beside those of the graph."""
    from explorer.networks import zoo  # noqa: PLC0415 - it imports torchvision, which takes a second

    figures = zoo.figures(architecture.name)
    if figures is None:
        return ()
    zoo_name = architecture.name.split("/", maxsplit=1)[0]
    source = f"{zoo_name}, {figures.dataset}" if figures.dataset else zoo_name
    recipe = f"Recipe: {figures.recipe}" if figures.recipe else ""
    totals = read().totals
    checks = []
    if figures.parameters is not None:
        checks.append(Check(Published("parameters", figures.parameters, source), totals.parameters))
    if figures.macs is not None:
        note = "Published in billions, rounded."
        checks.append(Check(Published("MACs", figures.macs, source, note=note), totals.macs))
    for quantity, value in (("top-1 accuracy (%)", figures.top1), ("top-5 accuracy (%)", figures.top5)):
        if value is not None:
            checks.append(Check(Published(quantity, value, source, note=recipe), None))
    return tuple(checks)
