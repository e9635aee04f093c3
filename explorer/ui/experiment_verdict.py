"""The verdict as it is read: a mark and a word, the sentences with their figures, the tables."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.claims.results import Table
from explorer.data import datasets
from explorer.ui import numbers
from explorer.ui.experiment_findings import Findings
from explorer.ui.experiment_mark import Mark, State
from explorer.ui.experiment_table import FiguresTable
from explorer.ui.explanations import explain_all
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel

_HEADLINES = {
    State.SEEN: "Seen, as claimed",
    State.PARTLY: "Seen in part",
    State.NOT_SEEN: "Not seen at this budget",
    State.CONTRADICTED: "Contradicted",
}


def headline(findings: Findings) -> str:
    """The verdict in some words: "Not seen at this budget"."""
    return _HEADLINES[State(findings.outcome.value)]


def circumstances(findings: Findings) -> str:
    """With what the verdict was found: "short form, 3 seeds, on digits, 12 runs, 1 min 34 s"."""
    said = [f"{findings.size} form"]
    if findings.runs:
        said += [numbers.plural(findings.seeds, "seed"), f"on {dataset_title(findings)}"]
        said.append(numbers.plural(len(findings.runs), "run"))
    taken = sum(run.reused for run in findings.runs)
    if taken:
        said.append(f"{taken:,} of them taken over")
    said.append(numbers.duration(findings.seconds))
    return ", ".join(said)


def dataset_title(findings: Findings) -> str:
    """What was trained on, in words; a slice says how much of what it is."""
    try:
        return datasets.get(findings.dataset).title
    except (ValueError, OSError):
        return findings.dataset


class VerdictView(QWidget):
    """Shows findings, or the tables of an experiment that is still under way; hidden while there is neither."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("experiment_verdict")
        self.setAccessibleName("Verdict")
        self._mark = Mark()
        self.headline = ValueLabel()
        self.headline.setProperty("role", "title")
        self.circumstances = ValueLabel()
        self.circumstances.setProperty("role", "secondary")
        self._parts: list[QWidget] = []
        self._tables: list[FiguresTable] = []
        self.sentences: list[ValueLabel] = []
        self._head = QHBoxLayout()
        self._head.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self._head.addWidget(self.headline, 1)
        self._said = QVBoxLayout()
        self._figures = QVBoxLayout()
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addWidget(self.circumstances)
        self._column.addLayout(self._said)
        self._column.addLayout(self._figures)
        explain_all("experiment", {"verdict": (self._mark, self.headline), "circumstances": self.circumstances})
        theme().changed.connect(self._measure)
        self._measure()
        self.hide()

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(view.table for view in self._tables)

    def show_findings(self, findings: Findings) -> None:
        self._clear()
        self._mark.show_state(State(findings.outcome.value))
        self.headline.show_value(headline(findings))
        self.circumstances.show_value(circumstances(findings))
        for part in findings.parts:
            self._say(part.sentence if part.main else f"Beside it: {part.sentence}", State(part.outcome.value))
        for remark in findings.remarks:
            self._say(remark[:1].upper() + remark[1:], None)
        self._show_tables(findings.tables)
        for widget in (self._mark, self.headline, self.circumstances):
            widget.show()
        self.show()

    def show_tables(self, tables: tuple[Table, ...]) -> None:
        """The tables that an experiment under way has computed so far, without a verdict."""
        if tables == self.tables and self.headline.isHidden():
            return
        self._clear()
        self._show_tables(tables)
        for widget in (self._mark, self.headline, self.circumstances):
            widget.hide()
        self.setVisible(bool(tables))

    def clear(self) -> None:
        self._clear()
        self.hide()

    def _say(self, sentence: str, state: State | None) -> None:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(8))
        label = ValueLabel(sentence)
        explain_all("experiment", {"figures": label})
        if state is not None:
            mark = Mark()
            mark.show_state(state)
            mark.setToolTip(state.value)
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            self.sentences.append(label)
        else:
            label.setProperty("role", "secondary")
            row.addSpacing(theme().px(24))
        row.addWidget(label, 1)
        self._said.addWidget(line)
        self._parts.append(line)

    def _show_tables(self, tables: tuple[Table, ...]) -> None:
        for table in tables:
            view = FiguresTable(table)
            self._figures.addWidget(view)
            self._tables.append(view)

    def _clear(self) -> None:
        for widget in (*self._parts, *self._tables):
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        self._parts, self._tables, self.sentences = [], [], []

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(0, px(4), 0, 0)
        self._column.setSpacing(px(4))
        self._head.setSpacing(px(8))
        self._said.setSpacing(px(5))
        self._figures.setSpacing(px(4))
        self.headline.setFont(theme().font(title=True))
