"""The controls of the options form: one for each type that an option can have."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QStyledItemDelegate

from explorer.networks.options import OptionField, OptionValue
from explorer.ui import numbers
from explorer.ui.spin_box import indent

_LARGEST_INT = 2**31 - 1  # Qt's spin boxes count in 32 bits


class ChoiceBox(QComboBox):
    """A closed set of values, said in words."""

    def __init__(self, field: OptionField, changed: Callable[[], None]) -> None:
        super().__init__()
        self._choices = field.choices or ()
        self.addItems([numbers.choice(value) for value in self._choices])
        # Rows of the default delegate ignore the style sheet's measures.
        self.setItemDelegate(QStyledItemDelegate(self))
        # A long choice is cut in the box and whole in the popup, rather than widening the dock.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.currentIndexChanged.connect(changed)

    @property
    def value(self) -> OptionValue:
        return self._choices[self.currentIndex()]

    def show_value(self, value: OptionValue) -> None:
        self.setCurrentIndex(self._choices.index(value))


class IntegerBox(QSpinBox):
    def __init__(self, field: OptionField, changed: Callable[[], None]) -> None:
        super().__init__()
        self.setRange(
            -_LARGEST_INT if field.minimum is None else int(field.minimum),
            _LARGEST_INT if field.maximum is None else int(field.maximum),
        )
        self.setGroupSeparatorShown(True)
        indent(self)
        # Half a number must not build a network: a value counts when it is finished.
        self.setKeyboardTracking(False)
        self.valueChanged.connect(changed)

    def show_value(self, value: OptionValue) -> None:
        self.setValue(int(value))


class FloatBox(QDoubleSpinBox):
    def __init__(self, field: OptionField, changed: Callable[[], None]) -> None:
        super().__init__()
        indent(self)
        self.setDecimals(4)
        self.setRange(-1e9 if field.minimum is None else field.minimum, 1e9 if field.maximum is None else field.maximum)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setKeyboardTracking(False)
        self.valueChanged.connect(changed)

    def textFromValue(self, value: float) -> str:
        return f"{value:.4f}".rstrip("0").rstrip(".")

    def show_value(self, value: OptionValue) -> None:
        self.setValue(float(value))


class TextBox(QLineEdit):
    """A free text, as arguments of a network of the user's own may be: "[3, 4, 6, 3]"."""

    def __init__(self, field: OptionField, changed: Callable[[], None]) -> None:
        super().__init__()
        del field
        self._shown = ""
        self._changed = changed
        self.editingFinished.connect(self._finish)

    def show_value(self, value: OptionValue) -> None:
        self._shown = str(value)
        self.setText(self._shown)

    def value(self) -> OptionValue:
        return self.text()

    def _finish(self) -> None:
        # Leaving the field unchanged builds nothing.
        if self.text() != self._shown:
            self._shown = self.text()
            self._changed()


Control = ChoiceBox | IntegerBox | FloatBox | TextBox
