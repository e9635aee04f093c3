"""The fields of the training form: what each shows, reads and writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from explorer.ui.explanations import explain, find
from explorer.ui.theme import theme


class CalmComboBox(QComboBox):
    """A combo box that the mouse wheel changes only when it has the focus: a form scrolls past it otherwise."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def paintEvent(self, _event: QPaintEvent) -> None:
        # Qt cuts a long text off; this ends it with an ellipsis.
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, self
        )
        room = field.width() - theme().px(4)
        option.currentText = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def showPopup(self) -> None:
        margin = theme().px(32)
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + margin)
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


@dataclass(frozen=True)
class Choice:
    """A value that a field offers, and how it is called."""

    value: Any
    text: str


class Field(QObject):
    """One row of the form: a label, a control and a line for what is wrong. `edited` is the user's doing alone."""

    edited = Signal(str)  # the field's name

    def __init__(self, name: str, label: str, tip: str, parent: QObject) -> None:
        super().__init__(parent)
        self.name = name
        self.title = label
        self.label = QLabel(label)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.error = QLabel()
        self.error.setTextFormat(Qt.TextFormat.PlainText)
        self.error.setProperty("role", "bad")
        self.error.setWordWrap(True)
        self.error.hide()
        self.tip = tip

    @property
    def control(self) -> QWidget:
        raise NotImplementedError

    @property
    def below(self) -> QWidget | None:
        """What stands below the control over the whole width, where a field needs that much room."""
        return None

    def value(self) -> Any:
        """What stands in the control.

        Raises:
            ValueError: it is not a number where one belongs.
        """
        raise NotImplementedError

    def show_value(self, value: Any) -> None:
        raise NotImplementedError

    def show_error(self, sentence: str) -> None:
        """Shows what is wrong below the control; "" when nothing is."""
        if sentence == self.error.text():
            return
        self.error.setText(sentence)
        self.error.setVisible(bool(sentence) and not self.control.isHidden())
        self.control.setProperty("faulty", bool(sentence))
        self.control.setAccessibleDescription(sentence)
        # The style sheet looks at properties only when a widget is polished.
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)

    def set_shown(self, is_shown: bool) -> None:
        self.label.setVisible(is_shown)
        self.control.setVisible(is_shown)
        self.error.setVisible(is_shown and bool(self.error.text()))

    def _name_control(self) -> None:
        self.control.setObjectName(f"training_{self.name}")
        self.control.setAccessibleName(self.title)
        self.control.setToolTip(self.tip)
        self.label.setToolTip(self.tip)
        for widget in (self.control, self.label):
            explain(widget, find(f"training/{self.name}"))
        self.label.setBuddy(self.control)


class ChoiceField(Field):
    """A field that offers a few values."""

    def __init__(self, name: str, label: str, tip: str, choices: Sequence[Choice], parent: QObject) -> None:
        super().__init__(name, label, tip, parent)
        self._box = CalmComboBox()
        self._choices: tuple[Choice, ...] = ()
        self._name_control()
        self.offer(choices)
        self._box.activated.connect(self._on_activated)

    @property
    def control(self) -> QWidget:
        return self._box

    @property
    def choices(self) -> tuple[Choice, ...]:
        return self._choices

    def offer(self, choices: Sequence[Choice]) -> None:
        """Replaces what is offered; the value stays where it is still among them."""
        if tuple(choices) == self._choices:
            return
        kept = self.value() if self._choices else None
        self._choices = tuple(choices)
        self._box.clear()
        self._box.addItems([choice.text for choice in choices])
        self.show_value(kept)

    def value(self) -> Any:
        index = self._box.currentIndex()
        return self._choices[index].value if 0 <= index < len(self._choices) else None

    def show_value(self, value: Any) -> None:
        for index, choice in enumerate(self._choices):
            if choice.value == value:
                self._box.setCurrentIndex(index)

    def text_of(self, value: Any) -> str:
        return next((choice.text for choice in self._choices if choice.value == value), str(value))

    def _on_activated(self) -> None:
        self.edited.emit(self.name)


_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")


class NumberField(Field):
    """A field for a number that is typed; `kind` is int or float, `example` one that fits."""

    def __init__(self, name: str, label: str, tip: str, kind: type, example: str, parent: QObject) -> None:
        super().__init__(name, label, tip, parent)
        self._kind = kind
        self._example = example
        self._line = QLineEdit()
        self._line.setMinimumWidth(theme().px(60))
        self._line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._name_control()
        self._line.textEdited.connect(self._on_edited)

    @property
    def control(self) -> QWidget:
        return self._line

    def value(self) -> Any:
        text = self._line.text().strip()
        # A comma separates thousands in whole numbers; in others it is the decimal mark of half the world.
        plain = text.replace(",", ".")
        if self._kind is int and _THOUSANDS.fullmatch(text):
            plain = text.replace(",", "")
        try:
            return self._kind(plain)
        except ValueError:
            kind = "a whole number" if self._kind is int else "a number"
            raise ValueError(f"{self.name} is {kind} such as {self._example}, not {text!r}") from None

    def show_value(self, value: Any) -> None:
        text = str(value) if self._kind is int else f"{value:.12g}"
        if text != self._line.text():
            self._line.setText(text)

    def _on_edited(self) -> None:
        self.edited.emit(self.name)


class SwitchField(Field):
    """A field that is on or off; the box bears the text, `label` stays for what it belongs to."""

    def __init__(self, name: str, label: str, tip: str, text: str, parent: QObject) -> None:
        super().__init__(name, label, tip, parent)
        self._box = QCheckBox(text)
        self._name_control()
        self._box.setAccessibleName(text)
        self._box.clicked.connect(self._on_clicked)

    @property
    def control(self) -> QWidget:
        return self._box

    def value(self) -> Any:
        return self._box.isChecked()

    def show_value(self, value: Any) -> None:
        self._box.setChecked(bool(value))

    def _on_clicked(self) -> None:
        self.edited.emit(self.name)
