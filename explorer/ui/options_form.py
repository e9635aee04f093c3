"""The options of the network on screen, as a form made from their dataclass."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.networks.architecture import Architecture
from explorer.networks.options import OptionField, OptionValue, changed_options, fitted_options, option_fields
from explorer.structure.graph import Failure, Graph
from explorer.ui import numbers
from explorer.ui.empty_note import EmptyNote
from explorer.ui.input_size import InputSizeField
from explorer.ui.option_controls import ChoiceBox, Control, FloatBox, IntegerBox, TextBox
from explorer.ui.own_networks import Question
from explorer.ui.plain_text import tooltip
from explorer.ui.question_form import QuestionForm
from explorer.ui.reading_area import ReadingArea
from explorer.ui.session import Session
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel

_IMAGE = 3  # channels, height, width


class OptionsForm(QWidget):
    """A row an option; any change shows the network anew at once.

    Options that do not apply to the chosen form are hidden. "Reset" is there while something differs from the
    defaults. Below them stands the size of the input; where the network does not run on it, the form says why and
    offers the smallest size that works. `ask` shows a question instead, until it is answered or dismissed.
    """

    question_answered = Signal(str, object)  # the text that names the network, arguments by name

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("options_form")
        self.setAccessibleName("Options of the network")
        self.setAutoFillBackground(True)
        self._session = session
        self._architecture: Architecture | None = None
        self._following = False
        self._failure: Failure | None = None
        self._fields: dict[str, OptionField] = {}
        self.controls: dict[str, Control] = {}
        self.labels: dict[str, QLabel] = {}
        self._make_frame()
        session.architecture_changed.connect(self._follow)
        session.graph_changed.connect(self._on_graph)
        self.question.answered.connect(self._on_answered)
        self.question.dismissed.connect(self.dismiss_question)
        self.input_size.chosen.connect(self._show_size)
        theme().changed.connect(self._restyle)
        self._restyle()
        if session.architecture is not None:
            self._follow(session.architecture, session.options)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A wheel that scrolls the form must not turn the values it passes over.
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def values(self) -> dict[str, OptionValue]:
        """What the controls say, hidden ones too."""
        return {name: _value(control) for name, control in self.controls.items()}

    def reset(self) -> None:
        """Shows the network with its default options."""
        if self._architecture is None:
            return
        first = next(iter(self.controls.values()), None)
        if first is not None and self.reset_button.hasFocus():
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show(self._architecture.options_type())

    def ask(self, question: Question) -> None:
        """Asks what must be known before a network of the user's own can be built."""
        self._questioned.show()
        self._scroll.hide()
        self.none_note.hide()
        self.question.ask(question)

    def dismiss_question(self) -> None:
        """Takes a question away and shows the options again."""
        self._questioned.hide()
        self._show_page()

    def _on_answered(self, spec: str, given: object) -> None:
        self.dismiss_question()
        self.question_answered.emit(spec, given)

    def _make_frame(self) -> None:
        self.none_note = EmptyNote("No network yet. Choose one in the catalogue.")
        self.fault = QLabel()
        self.fault.setTextFormat(Qt.TextFormat.PlainText)
        self.fault.setWordWrap(True)
        self.fault.setProperty("role", "bad")
        self.fault.hide()
        self.reset_button = QPushButton("Reset")
        self.reset_button.setProperty("quiet", True)
        self.reset_button.setAccessibleName("Reset options")
        self.reset_button.setToolTip("Back to the default options of this network")
        self.reset_button.hide()
        self.reset_button.clicked.connect(self.reset)
        self._make_input()
        self.question = QuestionForm()
        self._body = QWidget()
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(1, 3)
        self._column = QVBoxLayout(self._body)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.failure)
        self._column.addWidget(self.smallest_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self.fault)
        self._column.addWidget(self.reset_button, 0, Qt.AlignmentFlag.AlignRight)
        # Not a stretch: Qt counts the spacing before one when it lays out, and not when it asks for the height.
        self._column.addWidget(QWidget(), 1)
        self._scroll = ReadingArea(self._body)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.hide()
        page = QWidget()
        self._asking = QVBoxLayout(page)
        self._asking.addWidget(self.question)
        self._asking.addWidget(QWidget(), 1)
        self._questioned = ReadingArea(page)
        self._questioned.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._questioned.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._questioned, 1)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.none_note, 1)

    def _make_input(self) -> None:
        self.input_label = QLabel("Input size")
        self.input_label.setTextFormat(Qt.TextFormat.PlainText)
        self.input_label.setToolTip("Height × width of the image that the network is shown on")
        self.input_size = InputSizeField()
        self.input_label.setBuddy(self.input_size.line)
        self.failure = ValueLabel()
        self.failure.setProperty("role", "bad")
        self.failure.setAccessibleName("Why the network does not run on this input")
        self.failure.hide()
        self.smallest_button = QPushButton()
        self.smallest_button.setObjectName("input_smallest")
        self.smallest_button.hide()
        self.smallest_button.clicked.connect(self._use_smallest)

    def _follow(self, architecture: Architecture, options: Any) -> None:
        if self._architecture is None or architecture.options_type is not self._architecture.options_type:
            self._make_rows(option_fields(architecture.options_type))
        self._architecture = architecture
        self._following = True
        for name, control in self.controls.items():
            control.show_value(getattr(options, name))
            applies = self._fields[name].applies(options)
            control.setVisible(applies)
            self.labels[name].setVisible(applies)
        self._following = False
        self._say_fault("")
        self.reset_button.setVisible(bool(changed_options(options)))
        own = architecture.interface(options).input_shape
        # Vectors, sequences and video have no height and width alone, and an exported program takes one size only.
        has_size = len(own) == _IMAGE and not architecture.source.endswith(".pt2")
        self.input_size.setVisible(has_size)
        self.input_label.setVisible(has_size)
        if has_size:
            self.input_size.show_shape(own, self._session.input_shape)
        self._say_failure(None)
        self._questioned.hide()
        self._show_page()

    def _show_page(self) -> None:
        self._scroll.setVisible(self._architecture is not None)
        self.none_note.setVisible(self._architecture is None)

    def _on_graph(self, graph: Graph) -> None:
        self._say_failure(graph.failure)

    def _say_failure(self, failure: Failure | None) -> None:
        self._failure = failure
        self.failure.setVisible(failure is not None)
        smallest = failure.smallest_input if failure is not None else None
        self.smallest_button.setVisible(smallest is not None and not self.input_size.isHidden())
        if failure is not None:
            self.failure.show_value(_sentence(failure.reason))
        if smallest is not None:
            size = numbers.shape(smallest[1:])
            self.smallest_button.setText(f"Use {size}")
            self.smallest_button.setAccessibleName(f"Use an input of {size}")
            self.smallest_button.setToolTip("The smallest square input that this network runs on")

    def _use_smallest(self) -> None:
        if self._failure is not None and self._failure.smallest_input is not None:
            self.input_size.use(self._failure.smallest_input)

    def _show_size(self, shape: Any) -> None:
        if self._architecture is not None:
            self._session.show(self._architecture, self._session.options, shape)

    def _make_rows(self, fields: tuple[OptionField, ...]) -> None:
        self._grid.removeWidget(self.input_label)
        self._grid.removeWidget(self.input_size)
        for widget in (*self.controls.values(), *self.labels.values()):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._fields = {field.name: field for field in fields}
        self.controls = {}
        self.labels = {}
        previous: QWidget | None = None
        for row, field in enumerate(fields):
            control = self._make_control(field)
            label = QLabel(field.label)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
            label.setBuddy(control)
            label.setToolTip(tooltip(_sentence(field.help)))
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(control, row, 1)
            self.controls[field.name] = control
            self.labels[field.name] = label
            if previous is not None:
                QWidget.setTabOrder(previous, control)
            previous = control
        self._grid.addWidget(self.input_label, len(fields), 0)
        self._grid.addWidget(self.input_size, len(fields), 1)
        if previous is not None:
            QWidget.setTabOrder(previous, self.input_size.line)
        QWidget.setTabOrder(self.input_size.line, self.input_size.own_button)
        QWidget.setTabOrder(self.input_size.own_button, self.smallest_button)
        QWidget.setTabOrder(self.smallest_button, self.reset_button)

    def _make_control(self, field: OptionField) -> Control:
        control: Control
        if field.choices is not None:
            control = ChoiceBox(field, self._change)
        elif isinstance(field.default, str):
            control = TextBox(field, self._change)
        elif isinstance(field.default, int):
            control = IntegerBox(field, self._change)
        else:
            control = FloatBox(field, self._change)
        control.setObjectName(f"option_{field.name}")
        control.setAccessibleName(field.label)
        control.setAccessibleDescription(_sentence(field.help))
        control.setToolTip(tooltip(_sentence(field.help)))
        control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        control.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        control.installEventFilter(self)
        return control

    def _change(self) -> None:
        if self._following or self._architecture is None:
            return
        try:
            options = fitted_options(self._architecture.options_type, self.values())
        except ValueError as error:
            self._say_fault(_sentence(str(error)))
            return
        self._show(options)

    def _show(self, options: Any) -> None:
        assert self._architecture is not None  # noqa: S101 - both callers have asked
        self._say_fault("")
        shape = self._session.input_shape
        own = self._architecture.interface(options).input_shape
        if shape is not None and (len(own) != len(shape) or own[0] != shape[0]):
            shape = None  # chosen for another number of channels
        self._session.show(self._architecture, options, shape)

    def _say_fault(self, sentence: str) -> None:
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence))

    def _restyle(self) -> None:
        look = theme()
        self._column.setContentsMargins(look.px(12), look.px(4), look.px(12), look.px(8))
        self._column.setSpacing(look.px(8))
        self._grid.setHorizontalSpacing(look.px(12))
        self._grid.setVerticalSpacing(look.px(6))
        self._asking.setContentsMargins(look.px(12), look.px(4), look.px(12), look.px(8))


def _value(control: Control) -> OptionValue:
    return control.value if isinstance(control, ChoiceBox) else control.value()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
