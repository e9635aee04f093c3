"""The comparison as textbooks print it, beside the computed figures, with the reason where they differ."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from explorer.networks import catalogue
from explorer.networks.options import as_text
from explorer.networks.textbook import PRINTED_COMPARISON, PRINTED_RATIOS, REMARKS, Form, forms
from explorer.structure.graph import Totals
from explorer.system.download import Cancelled
from explorer.ui import numbers
from explorer.ui.explanations import explain_all
from explorer.ui.reading_area import ReadingArea
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel
from explorer.ui.worker import Worker

_TITLES = ("Network", "Year", "Top-5 %", "Parameters", "computed", "Operations", "MACs computed", "FLOPs computed")


class TextbookView(QWidget):
    """A page to read; its figures are computed when it is first in sight. Call `shutdown` before the window goes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("textbook")
        self.setAccessibleName("The comparison as textbooks print it")
        self._ended = threading.Event()
        self._totals: dict[int, Totals] = {}
        self._worker = Worker("textbook", self)
        self.computed: dict[tuple[int, str], QLabel] = {}  # by row of the comparison and column
        self.ratios: list[ValueLabel] = []
        page = QWidget()
        self._page = QVBoxLayout(page)
        self._note = ValueLabel("Computing the figures…")
        self._note.setProperty("role", "secondary")
        self._page.addWidget(self._note)
        self._page.addLayout(self._make_table())
        self._page.addWidget(_heading("What is said of them"))
        for ratio in PRINTED_RATIOS:
            claim = ValueLabel(f"\N{LEFT DOUBLE QUOTATION MARK}{ratio.claim}.\N{RIGHT DOUBLE QUOTATION MARK}")
            explain_all("comparison", {"printed": claim})
            self._page.addWidget(claim)
            label = ValueLabel(ratio.why)
            explain_all("comparison", {"printed": label})
            label.setProperty("role", "secondary")
            self.ratios.append(label)
            self._page.addWidget(label)
        for remark in REMARKS:
            said = ValueLabel(remark)
            explain_all("comparison", {"printed": said})
            self._page.addWidget(said)
        # Not a stretch: Qt counts the spacing before one when it lays out, and not when it asks for the height.
        self._page.addWidget(QWidget(), 1)
        area = ReadingArea(page)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        area.setAccessibleName("The comparison as textbooks print it")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        theme().changed.connect(self._restyle)
        self._restyle()

    def shutdown(self) -> None:
        """Computes no more: the window goes."""
        self._ended.set()
        self._worker.shutdown()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._totals and not self._worker.is_busy and not self._ended.is_set():
            self._worker.submit(lambda: _read(self._ended), self._take, self._note.show_value)

    def show_totals(self, totals: Mapping[int, Totals]) -> None:
        """Shows the totals of each of `textbook.forms()`, by its number."""
        found = dict(enumerate(forms()))
        self._note.hide()

        def of(form: Form) -> Totals:
            return totals[next(number for number, known in found.items() if known == form)]

        for number, row in enumerate(PRINTED_COMPARISON):
            these = of(row.form)
            self.computed[number, "parameters"].setText(numbers.short_count(these.parameters))
            self.computed[number, "macs"].setText(numbers.short_count(these.macs))
            self.computed[number, "flops"].setText(numbers.short_count(these.flops))
        for label, ratio in zip(self.ratios, PRINTED_RATIOS, strict=True):
            more, less = of(ratio.more), of(ratio.less)
            counts = (more.parameters, less.parameters) if ratio.quantity == "parameters" else (more.macs, less.macs)
            label.show_value(
                f"Computed: {factor(counts[0] / counts[1])} ({in_words(ratio.more)}: {numbers.short_count(counts[0])}, "
                f"{in_words(ratio.less)}: {numbers.short_count(counts[1])} {ratio.quantity}). {ratio.why}"
            )

    def _take(self, totals: dict[int, Totals] | None) -> None:
        if totals is not None and not self._ended.is_set():
            self._totals = totals
            self.show_totals(totals)

    def _make_table(self) -> QGridLayout:
        grid = self._grid = QGridLayout()
        for column, title in enumerate(_TITLES):
            grid.addWidget(_cell(title, "heading", is_right=column > 0), 0, column)
        for number, row in enumerate(PRINTED_COMPARISON):
            line = 2 * number + 1
            cells = (
                (row.network, ""),
                (str(row.year), ""),
                (f"{row.top5_accuracy:g}", ""),
                (numbers.short_count(row.parameters), ""),
                ("", "parameters"),
                (numbers.short_count(row.operations), ""),
                ("", "macs"),
                ("", "flops"),
            )
            for column, (text, key) in enumerate(cells):
                label = _cell(text, "", is_right=column > 0)
                explain_all("comparison", {"printed": label})
                grid.addWidget(label, line, column)
                if key:
                    self.computed[number, key] = label
            why = ValueLabel(f"{row.why} Computed for {in_words(row.form)}.")
            why.setProperty("role", "secondary")
            explain_all("comparison", {"printed": why})
            grid.addWidget(why, line + 1, 0, 1, len(_TITLES))
        return grid

    def _restyle(self) -> None:
        look = theme()
        self._page.setContentsMargins(look.px(4), look.px(4), look.px(12), look.px(12))
        self._page.setSpacing(look.px(4))
        self._grid.setHorizontalSpacing(look.px(12))
        self._grid.setVerticalSpacing(look.px(4))


def factor(ratio: float) -> str:
    """How many times: "8.7 times", "1,011 times"."""
    return f"{ratio:.1f} times" if ratio < 100 else f"{ratio:,.0f} times"


def in_words(form: Form) -> str:
    """A form by its network's title: "AlexNet (form = paper)"."""
    changed = ", ".join(f"{name} = {as_text(value)}" for name, value in form.options.items())
    title = catalogue.get(form.name).title
    return f"{title} ({changed})" if changed else title


def _read(ended: threading.Event) -> dict[int, Totals] | None:
    # torch is imported here, off the UI thread.
    from explorer.reading import read_graph  # noqa: PLC0415

    totals = {}
    for number, form in enumerate(forms()):
        architecture = catalogue.get(form.name)
        try:
            graph = read_graph(architecture, architecture.options_type(**form.options), cancelled=ended.is_set)
        except Cancelled:
            return None
        if ended.is_set():
            return None
        totals[number] = graph.totals
    return totals


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label


def _cell(text: str, role: str, *, is_right: bool) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
    label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    label.setWordWrap(role == "heading")
    return label
