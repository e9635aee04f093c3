"""What is asked: the method, the class, the layer, and what each method needs besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSpinBox, QWidget

from explorer.inference.attribution import Baseline, Method, Question
from explorer.inference.attribution_words import ABOUT
from explorer.inference.class_map_layers import has_maps, layers_with_maps
from explorer.ui.explanations import explain_all
from explorer.ui.naming import display_name
from explorer.ui.plain_text import tooltip
from explorer.ui.spin_box import indent
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.structure.graph import Graph
    from explorer.ui.session import Session

_BASELINES = {Baseline.BLACK: "black", Baseline.WHITE: "white", Baseline.MEAN: "the data's mean"}
_MOST_STEPS = 1000
_LARGEST = 512


class WhyControls(QWidget):
    """A form; `changed` tells that `question` is another one. The layer follows the selection where it gives maps."""

    changed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._labels: tuple[str, ...] = ()
        self._answered = ""
        self._filling = False
        self._layer = ""
        self._make()
        session.selection_changed.connect(self._on_selection)
        session.graph_changed.connect(self._on_graph)
        session.architecture_changed.connect(self._on_architecture)
        theme().changed.connect(self._restyle)
        self._restyle()
        if session.graph is not None:
            self._on_graph(session.graph)
        self._show_fields()

    @property
    def question(self) -> Question:
        method = Method(self.method.currentData())
        label = self.label.currentData()
        return Question(
            method,
            label if isinstance(label, int) else None,
            self._layer if method is Method.GRAD_CAM else "",
            self.patch.value() if method is Method.OCCLUSION else 0,
            self.stride.value() if method is Method.OCCLUSION else 0,
            Baseline(self.baseline.currentData()),
            self.steps.value(),
        )

    def has_labels(self, labels: Sequence[str]) -> bool:
        """Whether these are the classes to choose from."""
        return tuple(labels) == self._labels

    def show_labels(self, labels: Sequence[str], answered: str) -> None:
        """The classes to choose from, and the one that the network answers."""
        if tuple(labels) == self._labels and answered == self._answered:
            return
        self._filling = True
        text = f"Answered: {answered}" if answered else "Answered class"
        if tuple(labels) == self._labels:
            self.label.setItemText(0, text)
        else:
            self._labels = tuple(labels)
            self.label.clear()
            self.label.addItem(text, None)
            for number, name in enumerate(self._labels):
                self.label.addItem(name, number)
        self._answered = answered
        self._filling = False

    def choose(self, method: Method) -> None:
        self.method.setCurrentIndex(self.method.findData(method.value))

    # The parts

    def _make(self) -> None:
        self.method = _choice("why_method", "Method", "How to ask why")
        for method in Method:
            self.method.addItem(method.words, method.value)
            self.method.setItemData(self.method.count() - 1, tooltip(ABOUT[method]), Qt.ItemDataRole.ToolTipRole)
        self.method.setCurrentIndex(self.method.findData(Method.GRAD_CAM.value))
        self.label = _choice("why_class", "Class", "The class whose score is explained")
        self.label.addItem("Answered class", None)
        self.layer = _choice(
            "why_layer", "Layer", "Whose maps are weighed; selecting a layer in the graph does the same"
        )
        self.baseline = _choice("why_baseline", "Baseline", "The empty picture to compare with, or to cover patches by")
        for baseline, words in _BASELINES.items():
            self.baseline.addItem(words, baseline.value)
        self.patch = _number("why_patch", "Patch", "Side of the covered patch in pixels of the input", 0, _LARGEST)
        self.stride = _number("why_stride", "Stride", "Pixels from one patch to the next", 0, _LARGEST)
        self.steps = _number("why_steps", "Steps", "Places on the way at which the slope is taken", 1, _MOST_STEPS)
        self.steps.setValue(Question().steps)
        for box in (self.patch, self.stride):
            box.setSpecialValueText("auto")
        self._grid = QGridLayout(self)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[QWidget, QLabel] = {}
        for row, widget in enumerate(
            (self.method, self.label, self.layer, self.patch, self.stride, self.steps, self.baseline)
        ):
            label = QLabel(widget.accessibleName())
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("role", "secondary")
            label.setBuddy(widget)
            self._rows[widget] = label
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(widget, row, 1)
        parts = (self.label, self.layer, self.patch, self.stride, self.steps, self.baseline)
        for name, widget in zip(("class", "layer", "patch", "stride", "steps", "baseline"), parts, strict=True):
            explain_all("why", {name: (widget, self._rows[widget])})
        self.method.currentIndexChanged.connect(self._on_method)
        for choice in (self.label, self.baseline):
            choice.currentIndexChanged.connect(self._on_changed)
        self.layer.activated.connect(self._on_layer)
        for box in (self.patch, self.stride, self.steps):
            box.valueChanged.connect(self._on_changed)

    def _show_fields(self) -> None:
        method = Method(self.method.currentData())
        self.method.setToolTip(tooltip(ABOUT[method]))
        explain_all("why", {method.words: (self.method, self._rows[self.method])})
        fields = {
            Method.GRAD_CAM: (self.layer,),
            Method.OCCLUSION: (self.patch, self.stride, self.baseline),
            Method.INTEGRATED: (self.steps, self.baseline),
        }.get(method, ())
        for widget in (self.layer, self.patch, self.stride, self.steps, self.baseline):
            widget.setVisible(widget in fields)
            self._rows[widget].setVisible(widget in fields)

    # What happens

    def _on_method(self) -> None:
        self._show_fields()
        self._on_changed()

    def _on_changed(self) -> None:
        if not self._filling:
            self.changed.emit()

    def _on_architecture(self) -> None:
        self._filling = True
        self.label.setCurrentIndex(0)
        self._filling = False

    def _on_graph(self, graph: Graph) -> None:
        self._fill_layers(graph)
        self._on_selection(self._session.selection)

    def _on_selection(self, path: str) -> None:
        """A layer without maps, or nothing, leaves the question as it is."""
        graph = self._session.graph
        if graph is None or not path or not has_maps(graph, path) or path == self._layer:
            return
        self._layer = path
        self._fill_layers(graph)
        if Method(self.method.currentData()) is Method.GRAD_CAM:
            self._on_changed()

    def _on_layer(self, index: int) -> None:
        path = str(self.layer.itemData(index) or "")
        if path == self._layer:
            return
        self._layer = path
        self._on_changed()
        if path:
            self._session.select(path)

    def _fill_layers(self, graph: Graph) -> None:
        layers = layers_with_maps(graph)
        if self._layer not in layers and not has_maps(graph, self._layer):
            self._layer = ""
        self._filling = True
        self.layer.clear()
        self.layer.addItem(f"Last: {display_name(layers[-1])}" if layers else "None", "")
        for path in layers:
            self.layer.addItem(path, path)
        if self._layer and self._layer not in layers:
            self.layer.addItem(f"{self._layer} (selected)", self._layer)
        self.layer.setCurrentIndex(max(0, self.layer.findData(self._layer)))
        self._filling = False

    def _restyle(self) -> None:
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().px(8))
        self._grid.setVerticalSpacing(theme().px(4))
        self._grid.setColumnMinimumWidth(0, theme().px(56))


def _choice(name: str, accessible: str, tip: str) -> QComboBox:
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(accessible)
    box.setToolTip(tip)
    # Long names of classes and layers must not widen the dock.
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    return box


def _number(name: str, accessible: str, tip: str, least: int, most: int) -> QSpinBox:
    box = QSpinBox()
    indent(box)
    box.setObjectName(name)
    box.setAccessibleName(accessible)
    box.setToolTip(tip)
    box.setRange(least, most)
    # Typing 120 asks about 120, not about 1 and 12 before.
    box.setKeyboardTracking(False)
    return box
