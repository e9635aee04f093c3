"""What learning a hand came to: right answers before and after, and one click to go back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.ui.flow_row import FlowRow
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.training.learn_hand import HandLearnt


class HandResult(QWidget):
    """A small table of shares before and after, how they were measured, and the choice between the two networks."""

    use_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("hand_result")
        self.learnt: HandLearnt | None = None
        self._grid = QGridLayout()
        self._cells: dict[tuple[int, int], QLabel] = {}
        for row in range(3):
            for column in range(3):
                cell = QLabel(self)
                cell.setTextFormat(Qt.TextFormat.PlainText)
                cell.setAlignment(Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
                self._cells[row, column] = cell
                self._grid.addWidget(cell, row, column)
                if not row or not column:
                    cell.setProperty("role", "secondary")
        for column, text in enumerate(("Right answers", "before", "after")):
            self._cells[0, column].setText(text)
        self._grid.setColumnStretch(3, 1)
        self.how = QLabel(self)
        self.how.setObjectName("hand_how")
        self.how.setAccessibleName("How this was measured")
        self.how.setTextFormat(Qt.TextFormat.PlainText)
        self.how.setWordWrap(True)
        self.how.setProperty("role", "secondary")
        self.use = self._button("Use it", "hand_use", "The network that learnt your hand answers drawings")
        self.back = self._button("Go back", "hand_back", "The network from before answers drawings again")
        self.use.clicked.connect(lambda _checked=False: self.use_wanted.emit())
        self.back.clicked.connect(lambda _checked=False: self.back_wanted.emit())
        self._state = QLabel(self)
        self._state.setObjectName("hand_state")
        self._state.setAccessibleName("Which network answers")
        self._state.setTextFormat(Qt.TextFormat.PlainText)
        row = FlowRow(self)
        for widget in (self._state, self.use, self.back):
            row.add(widget)
        self._row = row
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.how)
        self._column.addWidget(row)
        theme().changed.connect(self._on_theme)
        self._on_theme()

    def show_result(self, learnt: HandLearnt) -> None:
        self.learnt = learnt
        own = f"{learnt.own_count:,} of your drawings" if learnt.own_count != 1 else "your one drawing"
        rows = (
            (f"{learnt.known}, {learnt.known_count:,} test images", learnt.known_before, learnt.known_after, 2),
            (own, learnt.own_before, learnt.own_after, 1),
        )
        for number, (name, before, after, places) in enumerate(rows, start=1):
            for column, text in enumerate((name, f"{before:.{places}%}", f"{after:.{places}%}")):
                self._cells[number, column].setText(text.replace("%", " %"))
        measured = (
            "These drawings were held out: it did not learn from them."
            if learnt.held_out
            else "Measured on the drawings it learnt from, so the figure flatters; with ten or more, some are held out."
        )
        rounds = "1 round" if learnt.epochs == 1 else f"{learnt.epochs} rounds"
        where = "" if learnt.known == "MNIST" else " MNIST is not here; the built-in digits stand in for it."
        self.how.setText(f"{measured}{where} {rounds}, {learnt.seconds:.0f} s; kept as the run {learnt.folder.name}.")

    def show_used(self, *, is_used: bool) -> None:
        """Says which of the two answers."""
        self._state.setText("Your network answers now." if is_used else "The network from before answers.")
        self.use.setVisible(not is_used)
        self.back.setVisible(is_used)
        self._row.updateGeometry()

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        return button

    def _on_theme(self) -> None:
        px = theme().px
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(2))
        self._column.setSpacing(px(6))
        self.how.setFont(theme().font(secondary=True))
        for (row, column), cell in self._cells.items():
            cell.setFont(theme().font(secondary=not row or not column))
