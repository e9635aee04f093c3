"""The receptive-field explorer: stack small windows, and see field, weights and MACs against one large kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLabel, QPushButton, QSpinBox, QVBoxLayout, QWidget

from explorer.structure.stacked_windows import (
    LARGEST_INPUT,
    MOST_CHANNELS,
    MOST_WINDOWS,
    Comparison,
    Window,
    compare,
    field_formula,
    single_formula,
    weights_formula,
)
from explorer.ui import numbers
from explorer.ui.explanations import explain_all
from explorer.ui.field_drawing import FieldDrawing
from explorer.ui.flow_row import FlowRow
from explorer.ui.reading_area import ReadingArea
from explorer.ui.spin_box import indent
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel
from explorer.ui.window_row import WindowRow

PRESETS = {"Two 3×3 = 5×5": 2, "Three 3×3 = 7×7": 3, "Five 3×3 = 11×11": 5}
_TITLES = ("Window", "Kernel", "Stride", "Dilation", "Channels")
_FIGURES = ("field", "weights", "MACs")
_CHANNELS, _SIZE = 64, 56
_WIDE = 760


class FieldExplorer(QWidget):
    """Rows of windows on the left, what they see and cost on the right; every change counts at once.

    In the rows, Ctrl+Up and Ctrl+Down move a window, Ctrl+Delete removes it, Insert adds one below.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("field_explorer")
        self.setAccessibleName("Receptive-field explorer")
        self.setAutoFillBackground(True)
        self.rows: list[WindowRow] = []
        self._filling = False
        self.presets: dict[str, QPushButton] = {}
        self._build()
        theme().changed.connect(self._restyle)
        self._restyle()
        self.stack([Window(channels=_CHANNELS)] * 2)

    @property
    def windows(self) -> tuple[Window, ...]:
        return tuple(row.window for row in self.rows)

    @property
    def comparison(self) -> Comparison:
        return compare(self.windows, self.channels.value(), self.size_box.value())

    def stack(self, windows: Sequence[Window]) -> None:
        """Shows these windows, the one nearest to the input first.

        Raises:
            ValueError: none, or too many.
        """
        compare(windows, self.channels.value(), self.size_box.value())
        while len(self.rows) > len(windows):
            self._drop(self.rows[-1])
        self._filling = True
        for number, window in enumerate(windows):
            if number < len(self.rows):
                self.rows[number].show_window(window)
            else:
                self._make_row(window)
        self._filling = False
        self._place_rows()
        self._show()

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        return {
            "windows": [vars(window) for window in self.windows],
            "channels": self.channels.value(),
            "size": self.size_box.value(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave; what does not fit is left as it is."""
        try:
            windows = [Window(**window) for window in state.get("windows", ())]
            channels, size = int(state.get("channels", _CHANNELS)), int(state.get("size", _SIZE))
            compare(windows, channels, size)
        except (TypeError, ValueError):
            return
        self.channels.setValue(channels)
        self.size_box.setValue(size)
        self.stack(windows)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Where there is no room beside the rows, the drawing stands below them.
        is_wide = self.width() >= theme().px(_WIDE)
        direction = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        self._across.setDirection(direction)

    # Rows

    def add(self, after: WindowRow | None = None) -> None:
        """Adds a window like the one it follows, the last one unless told."""
        if len(self.rows) >= MOST_WINDOWS:
            return
        place = len(self.rows) if after is None else self.rows.index(after) + 1
        like = self.rows[place - 1].window if self.rows else Window(channels=_CHANNELS)
        row = self._make_row(like)
        self.rows.remove(row)
        self.rows.insert(place, row)
        self._place_rows()
        row.kind.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show()

    def _add_last(self) -> None:
        self.add()

    def _remove(self, row: WindowRow) -> None:
        if len(self.rows) <= 1:
            return
        place = self.rows.index(row)
        self._drop(row)
        self._place_rows()
        self.rows[min(place, len(self.rows) - 1)].kind.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show()

    def _move(self, row: WindowRow, step: int) -> None:
        place = self.rows.index(row)
        target = place + step
        if not 0 <= target < len(self.rows):
            return
        # The values change places and the keyboard goes along, in the same column.
        focused = self.focusWidget()
        column = row.widgets.index(focused) if focused in row.widgets else 0
        other = self.rows[target]
        mine, theirs = row.window, other.window
        self._filling = True
        row.show_window(theirs)
        other.show_window(mine)
        self._filling = False
        other.widgets[column].setFocus(Qt.FocusReason.OtherFocusReason)
        self._show()

    def _make_row(self, window: Window) -> WindowRow:
        row = WindowRow(window, self)
        row.changed.connect(self._show)
        row.moved.connect(self._move)
        row.removed.connect(self._remove)
        row.added.connect(self.add)
        self.rows.append(row)
        return row

    def _drop(self, row: WindowRow) -> None:
        self.rows.remove(row)
        for widget in row.widgets:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        row.deleteLater()

    def _place_rows(self) -> None:
        previous: QWidget | None = None
        for number, row in enumerate(self.rows, start=1):
            for column, widget in enumerate(row.widgets):
                self._grid.addWidget(widget, number, column)
                widget.show()
                if previous is not None:
                    QWidget.setTabOrder(previous, widget)
                previous = widget
            row.up.setEnabled(number > 1)
            row.down.setEnabled(number < len(self.rows))
            row.remove.setEnabled(len(self.rows) > 1)
        if previous is not None:
            QWidget.setTabOrder(previous, self.add_button)
        self.add_button.setEnabled(len(self.rows) < MOST_WINDOWS)

    # Figures

    def _show(self) -> None:
        if self._filling:
            return
        seen = self.comparison
        field = f"{seen.field:,} × {seen.field:,}"
        self.stacked["field"].show_value(f"{field}, step {seen.step:,}")
        self.single["field"].show_value(f"{field}, step {seen.step:,}")
        self.stacked["weights"].show_value(f"{seen.weights:,}")
        self.single["weights"].show_value(f"{seen.single_weights:,}")
        self.stacked["MACs"].show_value(f"{seen.macs:,}")
        self.single["MACs"].show_value(f"{seen.single_macs:,}")
        for key, share in (("weights", seen.weights_saved), ("MACs", seen.macs_saved)):
            self.saved[key].setText(saving_text(share))
            self.saved[key].setProperty("role", "good" if share > 0 else "secondary")
            self.saved[key].style().unpolish(self.saved[key])
            self.saved[key].style().polish(self.saved[key])
        self.claim.show_value(claim(seen))
        self.formulas.show_value(
            f"Field: {field_formula(seen)}\nWeights of the stack: {weights_formula(seen)}\n"
            f"Weights of the single kernel: {single_formula(seen)}\n"
            "MACs: weights × positions of the maps they slide over; biases are left out."
        )
        self.drawing.show_comparison(seen)

    def _on_preset(self, count: int) -> None:
        self.stack([Window(channels=self.channels.value())] * count)

    # Building

    def _build(self) -> None:
        tools = FlowRow()
        for title, count in PRESETS.items():
            button = QPushButton(title)
            button.setAccessibleName(title.replace("×", " by ").replace("=", "equal"))
            button.setToolTip(f"{count} convolutions of 3×3 with the channels of the input")
            button.clicked.connect(lambda _checked=False, count=count: self._on_preset(count))
            self.presets[title] = button
            tools.add(button)
        self.channels = _number("Input channels", "Channels of the maps below the stack", _CHANNELS, MOST_CHANNELS)
        self.size_box = _number("Input size", "Height and width of the maps below the stack", _SIZE, LARGEST_INPUT)
        for title, box in (("Input channels", self.channels), ("Input size", self.size_box)):
            pair = QWidget()
            row = QHBoxLayout(pair)
            row.setContentsMargins(0, 0, 0, 0)
            label = QLabel(title)
            label.setProperty("role", "secondary")
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box)
            tools.add(pair)
            box.valueChanged.connect(self._show)
        self._grid = QGridLayout()
        for column, title in enumerate(_TITLES):
            label = QLabel(title)
            label.setProperty("role", "heading")
            self._grid.addWidget(label, 0, column)
        self.add_button = QPushButton("Add a window")
        self.add_button.setObjectName("field_add")
        self.add_button.setAccessibleName("Add a window")
        self.add_button.setToolTip("One more window on top of the stack (Insert in a row)")
        self.add_button.clicked.connect(self._add_last)
        explain_all("field", {"input channels": self.channels, "input size": self.size_box})
        self.drawing = FieldDrawing()
        explain_all("field", {"drawing": self.drawing})
        left = QVBoxLayout()
        left.addLayout(self._grid)
        left.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        left.addLayout(self._make_figures())
        left.addWidget(QWidget(), 1)
        across = QHBoxLayout()
        across.addLayout(left, 3)
        across.addWidget(self.drawing, 2)
        page = QWidget()
        self._page = QVBoxLayout(page)
        self._page.addWidget(tools)
        self._page.addLayout(across, 1)
        area = ReadingArea(page)
        # The rows of controls may be wider than a dock between others.
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._left, self._across = left, across
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _make_figures(self) -> QVBoxLayout:
        self.claim = ValueLabel()
        self.claim.setProperty("role", "title")
        self.formulas = ValueLabel()
        self.formulas.setProperty("role", "secondary")
        self.stacked = {key: ValueLabel() for key in _FIGURES}
        self.single = {key: ValueLabel() for key in _FIGURES}
        self.saved = {key: QLabel() for key in _FIGURES}
        table = self._table = QGridLayout()
        for column, title in enumerate(("", "the stack", "one kernel", "saved")):
            label = QLabel(title)
            label.setProperty("role", "heading")
            table.addWidget(label, 0, column)
        for row, key in enumerate(_FIGURES, start=1):
            name = QLabel(key[:1].upper() + key[1:])
            name.setProperty("role", "secondary")
            for column, widget in enumerate((name, self.stacked[key], self.single[key], self.saved[key])):
                table.addWidget(widget, row, column)
        table.setColumnStretch(1, 1)
        table.setColumnStretch(2, 1)
        for key in _FIGURES:
            explain_all("field", {key: (self.stacked[key], self.single[key]), "saved": self.saved[key]})
        explain_all("field", {"weights": (self.claim, self.formulas)})
        box = QVBoxLayout()
        box.addWidget(self.claim)
        box.addLayout(table)
        box.addWidget(self.formulas)
        self._figures = box
        return box

    def _restyle(self) -> None:
        look = theme()
        self._page.setContentsMargins(look.px(12), look.px(8), look.px(12), look.px(8))
        for box in (self._page, self._left, self._figures):
            box.setSpacing(look.px(8))
        self._across.setSpacing(look.px(16))
        for grid in (self._grid, self._table):
            grid.setHorizontalSpacing(look.px(8))
            grid.setVerticalSpacing(look.px(4))


def saving_text(share: float) -> str:
    """What a stack saves: "28.0 % fewer", "12.5 % more", "as many"."""
    if round(abs(share), 4) == 0:
        return "as many"
    return f"{numbers.percent(abs(share))} {'fewer' if share > 0 else 'more'}"


def claim(seen: Comparison) -> str:
    """What the figures say, in a sentence."""
    windows = numbers.plural(len(seen.levels), "window")
    kernel = f"{seen.field:,} × {seen.field:,}"
    sees = "see" if len(seen.levels) > 1 else "sees"
    return f"{windows} {sees} what one {kernel} kernel sees, with {saving_text(seen.weights_saved)} weights."


def _number(name: str, tip: str, value: int, most: int) -> QSpinBox:
    box = QSpinBox()
    indent(box)
    box.setRange(1, most)
    box.setValue(value)
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return box
