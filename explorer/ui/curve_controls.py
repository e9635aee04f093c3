"""The row above the plot: which figure, along what, on which scale, how smooth."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
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
from explorer.ui.explanations import explain, explain_all, find
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
_QUANTITIES: tuple[tuple[Quantity, str, str, str], ...] = (
    ("loss", "Loss", "Show the loss", "loss"),
    ("accuracy", "Accuracy", "Show the share of right answers", "accuracy (%)"),
    ("top5", "Top 5", "Show the share of images whose class is among the five likeliest", "top-5 accuracy (%)"),
    ("mean_iou", "Mean IoU", "Show how well masks agree: intersection over union, mean over classes", "mean IoU"),
    ("rate", "Rate", "Show the learning rate", "learning rate"),
    ("speed", "Images/s", "Show how many images are trained in a second", "images/s"),
)
# What is there to see whatever was trained.
_ALWAYS = frozenset({"loss", "accuracy"})
_WITH_LOG = ("loss", "rate")


@dataclass(frozen=True)
class CurveView:
    """What is shown of the curves; `reach` is how many steps the smoothed loss is a mean over, 1 for none."""

    quantity: Quantity = "loss"
    axis: Axis = "epoch"
    is_log: bool = True
    is_log_rate: bool = False
    reach: int = _DEFAULT_REACH

    @property
    def has_log_axis(self) -> bool:
        """Whether values come as logarithms: only losses and learning rates do."""
        return (self.is_log and self.quantity == "loss") or (self.is_log_rate and self.quantity == "rate")

    @property
    def x_label(self) -> str:
        return next(label for axis, _, label in _AXES if axis == self.axis)

    @property
    def y_label(self) -> str:
        title = next(title for quantity, _, _, title in _QUANTITIES if quantity == self.quantity)
        return f"{title} (log)" if self.has_log_axis else title


class CurveControls(QWidget):
    """Controls whose values are `view`; `changed` says that the user, or `restore`, has changed them."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons = {name: _quantity_button(text, tip) for name, text, tip, _ in _QUANTITIES}
        self._buttons["loss"].setChecked(True)
        group = QButtonGroup(self)
        for name, button in self._buttons.items():
            group.addButton(button)
            explain(button, find(f"curve/{name}"))
            button.setVisible(name in _ALWAYS)
        self._axis = QComboBox()
        self._axis.addItems([text for _, text, _ in _AXES])
        self._axis.setAccessibleName("Horizontal axis")
        self._axis.setToolTip("What the curves run along: epochs, steps (updates of the weights) or seconds")
        self._log = QCheckBox("Log scale")
        self._log.setChecked(True)
        self._log.setAccessibleName("Logarithmic scale")
        self._log.setToolTip("Equal distances for equal ratios; a zero is shown at the foot")
        self._smoothing = QSlider(Qt.Orientation.Horizontal)
        self._smoothing.setRange(0, len(_REACHES) - 1)
        self._smoothing.setValue(_REACHES.index(_DEFAULT_REACH))
        self._smoothing.setPageStep(3)
        self._smoothing.setAccessibleName("Smoothing")
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setProperty("role", "secondary")
        self._text.setBuddy(self._smoothing)
        explain_all("curve", {"smoothing": (self._smoothing, self._text)})
        smoothing = QWidget()
        self._smoothing_row = QHBoxLayout(smoothing)
        self._smoothing_row.setContentsMargins(0, 0, 0, 0)
        self._smoothing_row.addWidget(self._smoothing)
        self._smoothing_row.addWidget(self._text)
        # In a narrow panel the row goes on in the next line, rather than forcing the window wider.
        self._flow = FlowRow()
        for widget in (_side_by_side(*self._buttons.values()), self._axis, self._log, smoothing):
            self._flow.add(widget)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._flow)
        self._view = CurveView()
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
        self._buttons[quantity].setVisible(True)
        self._buttons[quantity].setChecked(True)

    def offer(self, quantities: Collection[Quantity]) -> None:
        """Shows buttons for what there are figures of; the one that is chosen stays."""
        for name, button in self._buttons.items():
            button.setVisible(name in quantities or name in _ALWAYS or button.isChecked())

    def show_reach(self, reach: int) -> None:
        """Smooths over that many steps; the slider has marks at some numbers only, others are passed over."""
        if reach in _REACHES:
            self._smoothing.setValue(_REACHES.index(reach))

    def state(self) -> dict[str, Any]:
        """The values, for JSON."""
        view = self._view
        return {
            "quantity": view.quantity,
            "axis": view.axis,
            "log": view.is_log,
            "log_rate": view.is_log_rate,
            "smoothing": view.reach,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes what `state` gave; what does not fit is left as it is."""
        if state.get("quantity") in get_args(Quantity):
            self.show_quantity(state["quantity"])
        if state.get("axis") in get_args(Axis):
            self._axis.setCurrentIndex([axis for axis, _, _ in _AXES].index(state["axis"]))
        for name, field in (("log", "is_log"), ("log_rate", "is_log_rate")):
            if isinstance(state.get(name), bool):
                self._take(dataclasses.replace(self._view, **{field: state[name]}))
        if isinstance(state.get("smoothing"), int):
            self.show_reach(state["smoothing"])

    def _read(self) -> CurveView:
        quantity = next(name for name, button in self._buttons.items() if button.isChecked())
        is_same = quantity == self._view.quantity
        is_log, is_log_rate = self._view.is_log, self._view.is_log_rate
        if is_same and quantity in _WITH_LOG:
            # The box is about the figure on screen; each figure keeps its own.
            is_log, is_log_rate = (
                (self._log.isChecked(), is_log_rate) if quantity == "loss" else (is_log, self._log.isChecked())
            )
        return CurveView(
            quantity=quantity,
            axis=_AXES[self._axis.currentIndex()][0],
            is_log=is_log,
            is_log_rate=is_log_rate,
            reach=_REACHES[self._smoothing.value()],
        )

    def _on_changed(self) -> None:
        # While one button goes down, another comes up: for a moment there are none or two.
        if sum(button.isChecked() for button in self._buttons.values()) == 1:
            self._take(self._read())

    def _take(self, view: CurveView) -> None:
        if view == self._view:
            return
        self._view = view
        self._show_view()
        self.changed.emit()

    def _show_view(self) -> None:
        view = self._view
        self._log.setEnabled(view.quantity in _WITH_LOG)
        if view.quantity in _WITH_LOG:
            blocked = self._log.blockSignals(True)
            self._log.setChecked(view.is_log if view.quantity == "loss" else view.is_log_rate)
            self._log.blockSignals(blocked)
        for widget in (self._smoothing, self._text):
            widget.setEnabled(view.quantity == "loss")
        self._show_text()

    def _show_text(self) -> None:
        reach = self._view.reach
        text = _in_words(reach)
        self._text.setText(text)
        self._smoothing.setToolTip(f"Smoothing of the training loss: {text}; the raw values stay behind it")
        self._smoothing.setAccessibleDescription(text)

    def _measure(self) -> None:
        px = theme().px
        secondary = theme().font(secondary=True)
        for widget in (self._log, self._axis, *self._buttons.values()):
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
