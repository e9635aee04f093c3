"""Sliders that change the input on the pad, each with the answer drawn as a curve over it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSlider, QVBoxLayout, QWidget

from explorer.data.changes import CHANGES, Change, Changes
from explorer.ui.digit_view import DigitView
from explorer.ui.explanations import explain_all
from explorer.ui.input_asking import AnsweringWeights, Asking, is_blank
from explorer.ui.prediction_bars import percent
from explorer.ui.theme import theme
from explorer.ui.tolerance_plot import TolerancePlot

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QWheelEvent

    from explorer.inference.tolerance import Curve, Tolerance

_BLANK = np.zeros((1, 28, 28), np.uint8)
_INVITES = "Draw a digit or open an image, then move a slider: the curves show how far the answer holds."
_HOW = (
    "Changes come after centring, which would take a shift back; a drawing is inked anew for another pen. Training "
    "varies images by the same resampling."
)


class ChangeRow(QWidget):
    """A change's title and value, its curve, and below that its slider; `moved` carries the name and the value."""

    moved = Signal(str, float)

    def __init__(self, change: Change, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.change = change
        self._title = QLabel(change.title, self)
        self._value = QLabel(self)
        for label in (self._title, self._value):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._value.setProperty("role", "secondary")
        self.plot = TolerancePlot(change.low, change.high, self)
        self.plot.setAccessibleName(f"Answer over {change.title.lower()}")
        self.plot.picked.connect(self._on_picked)
        self.slider = _CalmSlider(Qt.Orientation.Horizontal, self)
        self.slider.setObjectName(f"tolerance_{change.name}")
        self.slider.setAccessibleName(change.title)
        self.slider.setToolTip(f"{change.tip}. Double click puts it back")
        self.slider.setRange(0, round((change.high - change.low) / change.step))
        self.slider.valueChanged.connect(self._on_moved)
        self.slider.put_back.connect(self.put_back)
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addStretch(1)
        self._head.addWidget(self._value)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addWidget(self.plot)
        self._column.addWidget(self.slider)
        explain_all("tolerance", {change.name: (self._title, self._value, self.slider), "curve": self.plot})
        self.put_back()
        self._show()
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def value(self) -> float:
        """What the slider stands at; its middle of a range about the neutral value is exactly that."""
        change = self.change
        value = change.low + self.slider.value() * change.step
        return change.neutral if abs(value - change.neutral) < change.step / 2 else round(value, 6)

    def put_back(self) -> None:
        """Puts the slider where the input is as it is."""
        self._set(self.change.neutral)

    def show_curve(self, curve: Curve | None, labels: tuple[str, str] = ("", "")) -> None:
        self.plot.show_curve(curve, labels)
        said = ""
        if curve is not None:
            held = curve.values[curve.best >= 0.5]
            if len(held):
                said = f"{labels[0]} keeps half of the probability from {self.change.text(float(held[0]))} to "
                said += self.change.text(float(held[-1]))
        self.plot.setAccessibleDescription(said)

    def _set(self, value: float) -> None:
        self.slider.setValue(round((value - self.change.low) / self.change.step))

    def _on_picked(self, value: float) -> None:
        self._set(value)

    def _on_moved(self) -> None:
        self._show()
        self.moved.emit(self.change.name, self.value)

    def _show(self) -> None:
        self._value.setText(self.change.text(self.value))
        self.plot.show_value(self.value)

    def _measure(self) -> None:
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme().px(2))
        self._title.setFont(theme().font(secondary=True))


class _CalmSlider(QSlider):
    """A slider that the wheel moves only when it has the focus: a panel scrolls past it otherwise."""

    put_back = Signal()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, _event: object) -> None:
        self.put_back.emit()


class ToleranceSliders(QWidget):
    """A row for each change, the changed picture and its answer; `told` carries a few words on it.

    Call `shutdown` before the window goes.
    """

    told = Signal(str)

    def __init__(self, weights: AnsweringWeights, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._weights = weights
        self._asking = Asking("tolerance", self)
        self.shutdown = self._asking.shutdown
        self._source: object | None = None
        self._changes = Changes()
        self._beside: tuple[str, Path] | None = None
        self._runs: tuple[tuple[str, Path], ...] = ()
        self.tolerance: Tolerance | None = None
        self._picture = DigitView(self)
        self._picture.setObjectName("tolerance_picture")
        self._picture.setAccessibleName("The changed input")
        self._answer = _plain(QLabel(self), title=True)
        self._answer.setObjectName("tolerance_answer")
        self._note = _plain(QLabel(_INVITES, self))
        self._how = _plain(QLabel(_HOW, self))
        self._reset = QPushButton("As it is", self)
        self._reset.setObjectName("tolerance_reset")
        self._reset.setAccessibleName("Put all sliders back")
        self._reset.setToolTip("Puts all sliders back to where the input is as it is")
        self._reset.clicked.connect(self.put_back)
        self._compare = QPushButton("Compare with…", self)
        self._compare.setObjectName("tolerance_compare")
        self._compare.setAccessibleName("Draw another network's curves beside these")
        self._compare.setToolTip("Draws the curve of a second trained network, dashed: what augmentation bought")
        self._menu = QMenu(self._compare)
        self._menu.aboutToShow.connect(self._fill)
        self._compare.setMenu(self._menu)
        for button in (self._reset, self._compare):
            button.setProperty("quiet", True)
        self.rows = {change.name: ChangeRow(change, self) for change in CHANGES}
        self._head = self._make_head()
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self._reset)
        self._buttons.addWidget(self._compare)
        self._buttons.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addLayout(self._buttons)
        for row in self.rows.values():
            row.moved.connect(self._on_moved)
            self._column.addWidget(row)
        self._column.addWidget(self._how)
        theme().changed.connect(self._measure)
        self._measure()
        self._enable()

    def _make_head(self) -> QHBoxLayout:
        explain_all("tolerance", {"answer": (self._answer, self._note, self._picture)})
        words = QVBoxLayout()
        words.addWidget(self._answer)
        words.addWidget(self._note)
        words.addStretch(1)
        head = QHBoxLayout()
        head.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        return head

    def show_source(self, source: object) -> None:
        """Shows the answers about an input, changed as the sliders stand."""
        self._source = None if is_blank(source) else source
        self._ask()

    def set_runs(self, runs: tuple[tuple[str, Path], ...]) -> None:
        """The networks whose curves can be drawn beside."""
        self._runs = runs

    def compare_with(self, title: str, path: Path | None) -> None:
        """Draws the curves of another network beside, or those of none."""
        self._beside = None if path is None else (title, path)
        self._ask()

    def put_back(self) -> None:
        for row in self.rows.values():
            row.put_back()

    def _on_moved(self, name: str, value: float) -> None:
        self._changes = replace(self._changes, **{name: value})
        self._enable()
        self._ask()

    def _ask(self) -> None:
        source, changes, beside = self._source, self._changes, self._beside
        if source is None:
            self._asking.forget()
            self._show_nothing(_INVITES)
            return
        predictor = self._weights.of(source)
        rival = None if beside is None else self._weights.of_file(beside[1])

        def work() -> Tolerance:
            from explorer.inference.tolerance import tolerance  # noqa: PLC0415 - torch is imported off the UI thread

            return tolerance(predictor(), source, changes, None if rival is None else rival())  # type: ignore[arg-type]

        self._asking.ask(work, self._take, self._show_nothing)

    def _take(self, tolerance: Tolerance) -> None:
        self.tolerance = tolerance
        self._picture.show_seen(tolerance.seen)
        label, share = tolerance.answer.top(1)[0]
        self._answer.setText(f"{label}, {percent(share)}")
        lines = f"{tolerance.labels[0]} in blue, {tolerance.labels[1]} in orange"
        if self._beside is not None:
            has = any(curve.other is not None for curve in tolerance.curves)
            lines += f"; {self._beside[0]} dashed" if has else f"; {self._beside[0]} has other classes"
        changed = "Changed as the sliders stand" if tolerance.changes != Changes() else "As it is"
        self._note.setText(f"{changed}; {lines}")
        shown = {curve.change.name: curve for curve in tolerance.curves}
        for name, row in self.rows.items():
            row.setVisible(name in shown)
            row.show_curve(shown.get(name), tolerance.labels)
        self.told.emit(f"{label}, {percent(share)}")

    def _show_nothing(self, sentence: str) -> None:
        self.tolerance = None
        self._picture.show_seen(_BLANK)
        self._answer.setText("")
        self._note.setText(sentence)
        for row in self.rows.values():
            row.show_curve(None)
        self.told.emit("")

    def _fill(self) -> None:
        self._menu.clear()
        nothing = self._menu.addAction("No other network", partial(self.compare_with, "", None))
        nothing.setCheckable(True)
        nothing.setChecked(self._beside is None)
        for title, path in self._runs:
            action = self._menu.addAction(title.replace("&", "&&"), partial(self.compare_with, title, path))
            action.setCheckable(True)
            action.setChecked(self._beside == (title, path))
        if not self._runs:
            self._menu.addAction("Train another network, and it stands here").setEnabled(False)

    def _enable(self) -> None:
        self._reset.setEnabled(self._changes != Changes())

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(0, 0, 0, px(4))
        self._column.setSpacing(px(8))
        self._head.setSpacing(px(10))
        self._buttons.setSpacing(px(4))
        self._picture.setFixedSize(px(56), px(56))


def _plain(label: QLabel, *, title: bool = False) -> QLabel:
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "title" if title else "secondary")
    label.setWordWrap(not title)
    return label
