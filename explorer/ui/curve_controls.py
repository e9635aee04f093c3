"""The row above the plot: loss or accuracy, along what, on which scale, how smooth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSlider,
    QToolButton,
    QWidget,
)

from explorer.ui.curve_data import Axis, Quantity
from explorer.ui.flow_row import FlowRow
from explorer.ui.theme import theme

_AXES: tuple[tuple[Axis, str, str], ...] = (
    ("epoch", "by epoch", "epoch"),
    ("step", "by step", "step"),
    ("seconds", "by time", "seconds"),
)
# Steps that the mean reaches back over, along the slider: equal ratios, so that each notch looks like one.
_REACHES = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000)
_DEFAULT_REACH = 50


@dataclass(frozen=True)
class CurveView:
    """What is shown of the curves; `reach` is how many steps the smoothed loss is a mean over, 1 for none."""

    quantity: Quantity = "loss"
    axis: Axis = "epoch"
    is_log: bool = True
    reach: int = _DEFAULT_REACH

    @property
    def is_log_loss(self) -> bool:
        """Whether values come as logarithms: accuracies never do."""
        return self.is_log and self.quantity == "loss"

    @property
    def x_label(self) -> str:
        return next(label for axis, _, label in _AXES if axis == self.axis)

    @property
    def y_label(self) -> str:
        if self.quantity == "accuracy":
            return "accuracy (%)"
        return "loss (log)" if self.is_log else "loss"


class CurveControls(QWidget):
    """Controls whose values are `view`; `changed` says that the user, or `restore`, has changed them."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loss = _quantity_button("Loss", "Show the loss")
        self._accuracy = _quantity_button("Accuracy", "Show the accuracy")
        self._loss.setChecked(True)
        group = QButtonGroup(self)
        group.addButton(self._loss)
        group.addButton(self._accuracy)
        self._axis = QComboBox()
        self._axis.addItems([text for _, text, _ in _AXES])
        self._axis.setAccessibleName("Horizontal axis")
        self._axis.setToolTip("What the curves run along: epochs, steps (updates of the weights) or seconds")
        self._log = QCheckBox("Log scale")
        self._log.setChecked(True)
        self._log.setAccessibleName("Logarithmic scale")
        self._log.setToolTip("Equal distances for equal ratios of the loss; a loss of zero is shown at the foot")
        self._smoothing = QSlider(Qt.Orientation.Horizontal)
        self._smoothing.setRange(0, len(_REACHES) - 1)
        self._smoothing.setValue(_REACHES.index(_DEFAULT_REACH))
        self._smoothing.setPageStep(3)
        self._smoothing.setAccessibleName("Smoothing")
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setProperty("role", "secondary")
        self._text.setBuddy(self._smoothing)
        smoothing = QWidget()
        self._smoothing_row = QHBoxLayout(smoothing)
        self._smoothing_row.setContentsMargins(0, 0, 0, 0)
        self._smoothing_row.addWidget(self._smoothing)
        self._smoothing_row.addWidget(self._text)
        # In a narrow panel the row goes on in the next line, rather than forcing the window wider.
        self._flow = FlowRow()
        for widget in (_side_by_side(self._loss, self._accuracy), self._axis, self._log, smoothing):
            self._flow.add(widget)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._flow)
        self._view = self._read()
        group.buttonToggled.connect(self._on_changed)
        self._axis.currentIndexChanged.connect(self._on_changed)
        self._log.toggled.connect(self._on_changed)
        self._smoothing.valueChanged.connect(self._on_changed)
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def view(self) -> CurveView:
        return self._view

    def show_quantity(self, quantity: Quantity) -> None:
        (self._loss if quantity == "loss" else self._accuracy).setChecked(True)

    def show_reach(self, reach: int) -> None:
        """Smooths over that many steps; the slider has marks at some numbers only, others are passed over."""
        if reach in _REACHES:
            self._smoothing.setValue(_REACHES.index(reach))

    def state(self) -> dict[str, Any]:
        """The values, for JSON."""
        view = self._view
        return {"quantity": view.quantity, "axis": view.axis, "log": view.is_log, "smoothing": view.reach}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes what `state` gave; what does not fit is left as it is."""
        if state.get("quantity") in get_args(Quantity):
            self.show_quantity(state["quantity"])
        if state.get("axis") in get_args(Axis):
            self._axis.setCurrentIndex([axis for axis, _, _ in _AXES].index(state["axis"]))
        if isinstance(state.get("log"), bool):
            self._log.setChecked(state["log"])
        if isinstance(state.get("smoothing"), int):
            self.show_reach(state["smoothing"])

    def _read(self) -> CurveView:
        return CurveView(
            quantity="loss" if self._loss.isChecked() else "accuracy",
            axis=_AXES[self._axis.currentIndex()][0],
            is_log=self._log.isChecked(),
            reach=_REACHES[self._smoothing.value()],
        )

    def _on_changed(self) -> None:
        view = self._read()
        if view == self._view:
            return
        self._view = view
        for widget in (self._log, self._smoothing, self._text):
            widget.setEnabled(view.quantity == "loss")
        self._show_text()
        self.changed.emit()

    def _show_text(self) -> None:
        reach = self._view.reach
        text = _in_words(reach)
        self._text.setText(text)
        self._smoothing.setToolTip(f"Smoothing of the training loss: {text}; the raw values stay behind it")
        self._smoothing.setAccessibleDescription(text)

    def _measure(self) -> None:
        px = theme().px
        secondary = theme().font(secondary=True)
        for widget in (self._log, self._axis, self._loss, self._accuracy):
            widget.setFont(secondary)
        self._layout.setSpacing(px(8))
        self._layout.setContentsMargins(px(4), 0, px(8), px(4))
        self._smoothing.setFixedWidth(px(72))
        self._smoothing_row.setSpacing(px(8))
        # As wide as the longest text, so that nothing moves while the slider does.
        metrics = QFontMetricsF(secondary)
        self._text.setFixedWidth(round(max(metrics.horizontalAdvance(_in_words(reach)) for reach in _REACHES)) + px(8))
        self._show_text()


def _in_words(reach: int) -> str:
    return "not smoothed" if reach == 1 else f"mean of {reach:,} steps"


def _quantity_button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setCheckable(True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setAccessibleName(tip)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def _side_by_side(*buttons: QToolButton) -> QFrame:
    """One frame around buttons of which one is down."""
    frame = QFrame()
    frame.setProperty("segments", True)
    layout = QHBoxLayout(frame)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for button in buttons:
        layout.addWidget(button)
    return frame
