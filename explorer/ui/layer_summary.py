"""The strip below the layer table: the batch, and what answering and training take in memory."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from explorer.structure import amounts
from explorer.structure.graph import Graph
from explorer.structure.memory_use import MemoryUse, Optimiser, for_inference, for_training
from explorer.structure.table_rows import shared_parameters
from explorer.ui.explanations import explain_all
from explorer.ui.flow_row import FlowRow
from explorer.ui.plain_text import tooltip
from explorer.ui.spin_box import indent
from explorer.ui.theme import theme

_MOST = 65_536
_OPTIMISERS = tuple(Optimiser)


class LayerSummary(QWidget):
    """What a network needs, for a batch and an optimiser that are chosen here; `changed` when one of them is."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._graph: Graph | None = None
        self.batch_field = QSpinBox()
        self.batch_field.setObjectName("layer_batch")
        indent(self.batch_field)
        self.batch_field.setRange(1, _MOST)
        self.batch_field.setGroupSeparatorShown(True)
        self.batch_field.setKeyboardTracking(False)
        self.batch_field.setAccessibleName("Batch size of the table")
        self.batch_field.setToolTip("Images at once: multiplies memory; MACs and FLOPs stay those of one image")
        self.optimiser_field = QComboBox()
        self.optimiser_field.setObjectName("layer_optimiser")
        self.optimiser_field.addItems([optimiser.value for optimiser in _OPTIMISERS])
        self.optimiser_field.setCurrentText(Optimiser.ADAM.value)
        self.optimiser_field.setAccessibleName("Optimiser that the memory for training is of")
        self.optimiser_field.setToolTip("What the optimiser keeps for each parameter counts as memory for training")
        self.inference = _label()
        self.training = _label()
        self.parameters = _label()
        self.measured = _label()
        explain_all("layer", {"batch": self.batch_field, "time": self.measured})
        explain_all("fact", {"to answer": self.inference, "to train": (self.training, self.optimiser_field)})
        explain_all("fact", {"parameters": self.parameters})
        self._flow = FlowRow(self)
        self._flow.add(_together(_label("Batch"), self.batch_field))
        self._flow.add(self.inference)
        self._flow.add(_together(self.training, self.optimiser_field))
        self._flow.add(self.parameters)
        self._flow.add(self.measured)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._flow)
        self.batch_field.valueChanged.connect(self._change)
        self.optimiser_field.currentIndexChanged.connect(self._change)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.say_measured("")

    @property
    def batch(self) -> int:
        return self.batch_field.value()

    @property
    def optimiser(self) -> Optimiser:
        return _OPTIMISERS[self.optimiser_field.currentIndex()]

    def choose(self, batch: int, optimiser: Optimiser) -> None:
        """Sets both fields; a batch out of range becomes the nearest that is not."""
        self.batch_field.setValue(batch)
        self.optimiser_field.setCurrentIndex(_OPTIMISERS.index(optimiser))

    def show_graph(self, graph: Graph | None) -> None:
        self._graph = graph
        self.setVisible(graph is not None)
        self._say()

    def say_measured(self, text: str) -> None:
        """What the measured times are of; "" for none."""
        self.measured.setText(text)
        self.measured.setVisible(bool(text))

    def _change(self) -> None:
        self._say()
        self.changed.emit()

    def _say(self) -> None:
        graph = self._graph
        if graph is None:
            return
        inference = for_inference(graph, self.batch)
        _show(self.inference, "Inference", inference, graph.remark)
        _show(self.training, "Training", for_training(graph, self.optimiser, self.batch), "")
        shared, again = shared_parameters(graph)
        frozen = graph.totals.parameters - graph.totals.trainable_parameters
        said = []
        if frozen:
            said.append(f"{graph.totals.trainable_parameters:,} parameters trained")
        if shared:
            said.append(f"{shared:,} shared")
        self.parameters.setText(" · ".join(said))
        self.parameters.setVisible(bool(said))
        self.parameters.setToolTip(tooltip(f"{again:,} layers use parameters of another one" if shared else ""))

    def _restyle(self) -> None:
        px = theme().px
        self._row.setContentsMargins(px(8), px(4), px(8), px(4))
        # The two numbers grow and shrink; room for six figures keeps what stands beside them in place.
        width = self.fontMetrics().horizontalAdvance(f"{_MOST:,}") + px(40)
        self.batch_field.setFixedWidth(width)
        # All on one line of writing, whether beside a field or not.
        height = max(self.batch_field.sizeHint().height(), self.optimiser_field.sizeHint().height())
        for label in (self.inference, self.training, self.parameters, self.measured):
            label.setMinimumHeight(height)


def _show(label: QLabel, title: str, use: MemoryUse | None, reason: str) -> None:
    label.setText(f"{title} {amounts.size(use.size)}" if use else f"{title}: not known")
    label.setToolTip(tooltip(f"Memory, {title.casefold()}\n{use.formula}" if use else reason))


def _label(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "secondary")
    return label


def _together(*widgets: QWidget) -> QWidget:
    """Widgets that stay on one line."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme().px(6))
    for widget in widgets:
        row.addWidget(widget)
    return made
