"""What must be known before a network of the user's own can be built: which class, or what arguments."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from explorer.ui.own_networks import Question
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel


class QuestionForm(QWidget):
    """Asks a `Question`; `answered` carries the text that names the network and the arguments by name."""

    answered = Signal(str, object)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("question_form")
        self.setAccessibleName("What the network needs")
        self._question: Question | None = None
        self.sentence = ValueLabel()
        self.controls: dict[str, QLineEdit | QComboBox] = {}
        self.build_button = QPushButton("Build")
        self.build_button.setObjectName("question_build")
        self.build_button.setProperty("primary", True)
        self.build_button.setAccessibleName("Build the network")
        self.build_button.setToolTip("Build the network with these values (Enter)")
        self.build_button.clicked.connect(self.answer)
        self._dismiss = QPushButton("Cancel")
        self._dismiss.setAccessibleName("Do not build the network")
        self._dismiss.setToolTip("Leave the network unopened")
        self._dismiss.clicked.connect(self._on_dismiss)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        self._buttons.addWidget(self._dismiss)
        self._buttons.addWidget(self.build_button)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.sentence)
        self._column.addLayout(self._grid)
        self._column.addLayout(self._buttons)
        theme().changed.connect(self._restyle)
        self._restyle()

    def ask(self, question: Question) -> None:
        """Shows the question, with the keyboard in its first field."""
        self._question = question
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.controls = {}
        self.sentence.show_value(question.sentence)
        if question.choices:
            box = QComboBox()
            box.addItems(question.choices)
            self._add("class", "Network", "The class or function to show", box)
        for name in question.names:
            line = QLineEdit(question.given.get(name, ""))
            line.setPlaceholderText("10")
            line.returnPressed.connect(self.answer)
            self._add(name, name, f"The argument {name}, as it would stand in Python", line)
        first = next(iter(self.controls.values()), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        self._check()

    def answer(self) -> None:
        """Builds with what the fields say; does nothing while one is empty."""
        question = self._question
        if question is None or not self.build_button.isEnabled():
            return
        spec, given = question.spec, dict(question.given)
        for name, control in self.controls.items():
            if isinstance(control, QComboBox):
                spec = f"{spec}:{control.currentText()}"
            else:
                given[name] = control.text().strip()
        self.answered.emit(spec, given)

    def _add(self, name: str, label: str, tip: str, control: QLineEdit | QComboBox) -> None:
        row = len(self.controls)
        title = QLabel(label)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setBuddy(control)
        control.setObjectName(f"question_{name}")
        control.setAccessibleName(label)
        control.setToolTip(tip)
        if isinstance(control, QLineEdit):
            control.textChanged.connect(self._check)
        self._grid.addWidget(title, row, 0)
        self._grid.addWidget(control, row, 1)
        previous = list(self.controls.values())[-1] if self.controls else None
        if previous is not None:
            QWidget.setTabOrder(previous, control)
        QWidget.setTabOrder(control, self._dismiss)
        self.controls[name] = control

    def _check(self) -> None:
        lines = [control for control in self.controls.values() if isinstance(control, QLineEdit)]
        self.build_button.setEnabled(all(line.text().strip() for line in lines))

    def _on_dismiss(self) -> None:
        self._question = None
        self.dismissed.emit()

    def _restyle(self) -> None:
        look = theme()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.px(8))
        self._grid.setHorizontalSpacing(look.px(12))
        self._grid.setVerticalSpacing(look.px(6))
