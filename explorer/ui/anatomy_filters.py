"""The inspector's section on weights: pictures of the kernels, a histogram, and what can be said of all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox, QToolButton, QVBoxLayout, QWidget

from explorer.inference.weight_statistics import By, FilterSheet, Form, WeightStatistics
from explorer.structure.graph import Kind
from explorer.ui.anatomy_section import AnatomySection, plain
from explorer.ui.explanations import explain_all
from explorer.ui.figures_in_words import figure
from explorer.ui.flow_row import FlowRow
from explorer.ui.signed_colours import WORDS
from explorer.ui.spin_box import indent
from explorer.ui.still_label import StillLabel
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox
from explorer.ui.weight_grid import WeightGrid
from explorer.ui.weight_histogram import WeightHistogram

if TYPE_CHECKING:
    from explorer.ui.inside_service import InsideService, Subject
    from explorer.ui.session import Session

_WITHOUT = {"RadialBasis", "Conv3d", "ConvTranspose3d", "Bilinear", "LocallyConnected"}
_BY = {By.OUTPUT: "Kernels of output channel", By.INPUT: "Kernels on input channel"}


class AnatomyFilters(AnatomySection):
    """Needs no drawing: weights are there before anything is drawn."""

    key = "filters"
    title = "Filters"
    needs_input = False

    def __init__(self, session: Session, service: InsideService, parent: QWidget | None = None) -> None:
        self._statistics: WeightStatistics | None = None
        self._by, self._channel = By.OUTPUT, 0
        self._filling = False
        super().__init__(session, service, parent)

    def fits(self) -> bool:
        node = self.node
        return (
            node is not None
            and not node.training_only
            and node.kind in {Kind.CONVOLUTION, Kind.LINEAR}
            and node.type_name[:1].isupper()
            and node.type_name not in _WITHOUT
        )

    def about_to_change(self) -> None:
        self._statistics = None
        self._by, self._channel = By.OUTPUT, 0

    def work(self) -> Callable[[Subject], Any] | None:
        path, by, channel, known = self.session.selection, self._by, self._channel, self._statistics

        def look(subject: Subject) -> tuple[str, FilterSheet, WeightStatistics]:
            from explorer.inference.filters import filters, weight_statistics  # noqa: PLC0415 - torch
            from explorer.inference.layer_tap import layer_at  # noqa: PLC0415 - torch

            layer, _ = layer_at(subject.predictor.network, path)
            return path, filters(layer, by, channel), known or weight_statistics(layer)

        return look

    def _on_subject(self, info: object) -> None:
        self._statistics = None  # of other weights
        super()._on_subject(info)

    def _request(self, work: Callable[[Subject], Any]) -> None:
        self.service.ask(self.key, work, self._take, self._fail, needs_input=False)

    def show_answer(self, answer: Any) -> None:
        _, sheet, statistics = answer
        self._statistics = statistics
        self._filling = True
        chosen = sheet.form is Form.KERNELS and sheet.channels > 1
        self._choice.setVisible(chosen)
        self._spin.setVisible(chosen)
        if chosen:
            self._choice.setCurrentIndex(list(_BY).index(sheet.by))
            self._spin.setRange(0, sheet.channels - 1)
            self._spin.setSuffix(f" / {sheet.channels:,}")
            self._spin.setValue(sheet.channel)
        self._own.setVisible(sheet.form is not Form.MATRIX)
        self._filling = False
        self.grid.show_sheet(sheet, statistics.limit, own_scale=self._own.isChecked())
        self.histogram.show_statistics(statistics)
        self._words_of_sheet.setText(_about_sheet(sheet))
        self._figures.setText(_about_weights(statistics, sheet))
        self._pointed("")

    # Building

    def make_content(self) -> QWidget:
        page = QWidget()
        self._choice = CalmComboBox()
        self._choice.setAccessibleName("Which kernels are side by side")
        self._choice.setToolTip("All kernels of one output channel, or all kernels that read one input channel")
        self._choice.addItems(list(_BY.values()))
        self._choice.setMinimumContentsLength(20)
        self._choice.activated.connect(self._on_choice)
        self._spin = QSpinBox()
        indent(self._spin)
        self._spin.setAccessibleName("Channel")
        self._spin.setToolTip("The channel whose kernels are shown")
        self._spin.setKeyboardTracking(False)
        self._spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._spin.valueChanged.connect(self._on_channel)
        self._own = QCheckBox("Own scale each")
        self._own.setAccessibleName("Own scale for each picture")
        self._own.setToolTip("Give each picture its own scale of colours instead of one for the whole layer")
        self._own.toggled.connect(self._on_own)
        tools = FlowRow()
        for widget in (self._choice, self._spin, self._own):
            tools.add(widget)
        self.grid = WeightGrid()
        self._zooms = []
        zooms = QWidget()
        beside = QHBoxLayout(zooms)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(0)
        for icon, factor, tip in (("zoom-out", 0.8, "Smaller pictures (−)"), ("zoom-in", 1.25, "Larger pictures (+)")):
            button = QToolButton()
            button.setAccessibleName(tip.split(" (", maxsplit=1)[0])
            button.setToolTip(tip)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setProperty("iconName", icon)
            button.clicked.connect(lambda _checked=False, factor=factor: self.grid.zoom(factor))
            self._zooms.append(button)
            beside.addWidget(button)
        tools.add(zooms)
        self.histogram = WeightHistogram()
        self._words_of_sheet = plain()
        self._reading = StillLabel("What is pointed at")
        self._figures = plain("text")
        self.grid.pointed.connect(self._pointed)
        self.histogram.pointed.connect(self._pointed)
        self._inner = QVBoxLayout(page)
        self._inner.setContentsMargins(0, 0, 0, 0)
        for part in (tools, self._words_of_sheet, self.grid, self._reading, self.histogram, self._figures):
            self._inner.addWidget(part)
        explain_all(
            "inside",
            {
                "weights": (self._words_of_sheet, self.grid, self._reading),
                "channel": self._spin,
                "histogram": self.histogram,
                "weight statistics": self._figures,
            },
        )
        return page

    def restyle(self) -> None:
        self._inner.setSpacing(theme().px(6))
        for button in self._zooms:
            button.setIcon(theme().icon(button.property("iconName")))

    # The user

    def show_channel(self, by: By, channel: int) -> None:
        """Shows the kernels of another output or input channel."""
        self._by, self._channel = by, channel
        self.ask_again()

    def _on_choice(self, place: int) -> None:
        by = list(_BY)[place]
        if not self._filling and by is not self._by:
            self.show_channel(by, 0)

    def _on_channel(self, channel: int) -> None:
        if not self._filling:
            self.show_channel(self._by, channel)

    def _on_own(self, own: bool) -> None:
        sheet = self.grid.sheet
        if sheet is not None and self._statistics is not None:
            self.grid.show_sheet(sheet, self._statistics.limit, own_scale=own)

    def _pointed(self, words: str) -> None:
        self._reading.show_text(words or "Point at a weight to read it.")


def _about_sheet(sheet: FilterSheet) -> str:
    shape = " × ".join(f"{side:,}" for side in sheet.shape)
    if sheet.form is Form.MATRIX:
        rows, columns = sheet.cell
        thinned = f" Each cell is the mean of {rows} × {columns} weights." if rows * columns > 1 else ""
        return f"{shape} weights: a row for each output, a column for each input. {WORDS}{thinned}"
    if sheet.form is Form.COLOUR:
        return (
            f"{shape} weights: a kernel in colour for each output channel. Gray is zero; a red kernel answers to red."
        )
    if sheet.by is By.OUTPUT:
        return f"{shape} weights: a kernel for each input channel that output channel {sheet.channel} reads. {WORDS}"
    each = f"the kernel of each output channel on input channel {sheet.channel}" if sheet.channels > 1 else ""
    return f"{shape} weights: {each or 'a kernel for each output channel'}. {WORDS}"


def _about_weights(statistics: WeightStatistics, sheet: FilterSheet) -> str:
    if not statistics.count:
        return f"{statistics.broken:,} weights, and none is a number: training has diverged."
    mean, deviation, norm, least, most = (
        figure(value, 3)
        for value in (statistics.mean, statistics.deviation, statistics.norm, statistics.least, statistics.most)
    )
    lines = [f"mean {mean}, deviation {deviation}, norm {norm}, from {least} to {most}"]
    near = f"{100 * statistics.near_zero:.1f} %"
    lines.append(f"{near} near zero: smaller than a hundredth of the largest")
    if statistics.broken:
        lines.append(f"{statistics.broken:,} weights are no numbers: training has diverged")
    biases = None if sheet.biases is None else sheet.biases[np.isfinite(sheet.biases)]
    if biases is None:
        lines.append("no biases")
    elif biases.size:
        mean, least, most = (figure(float(each), 3) for each in (biases.mean(), biases.min(), biases.max()))
        lines.append(f"{len(biases):,} biases: mean {mean}, from {least} to {most}")
    return "\n".join(lines)
