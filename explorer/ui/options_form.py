"""The options of the network on screen, as a form made from their dataclass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from explorer.networks.architecture import Architecture
from explorer.networks.options import OptionField, OptionValue, changed_options, fitted_options, option_fields
from explorer.ui import numbers
from explorer.ui.empty_note import EmptyNote
from explorer.ui.plain_text import tooltip
from explorer.ui.reading_area import ReadingArea
from explorer.ui.session import Session
from explorer.ui.theme import theme

_LARGEST_INT = 2**31 - 1  # Qt's spin boxes count in 32 bits


class _ChoiceBox(QComboBox):
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


class _IntegerBox(QSpinBox):
    def __init__(self, field: OptionField, changed: Callable[[], None]) -> None:
        super().__init__()
        self.setRange(
            -_LARGEST_INT if field.minimum is None else int(field.minimum),
            _LARGEST_INT if field.maximum is None else int(field.maximum),
        )
        self.setGroupSeparatorShown(True)
        # Half a number must not build a network: a value counts when it is finished.
        self.setKeyboardTracking(False)
        self.valueChanged.connect(changed)

    def show_value(self, value: OptionValue) -> None:
        self.setValue(int(value))


class _FloatBox(QDoubleSpinBox):
    def __init__(self, field: OptionField, changed: Callable[[], None]) -> None:
        super().__init__()
        self.setDecimals(4)
        self.setRange(-1e9 if field.minimum is None else field.minimum, 1e9 if field.maximum is None else field.maximum)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setKeyboardTracking(False)
        self.valueChanged.connect(changed)

    def textFromValue(self, value: float) -> str:
        return f"{value:.4f}".rstrip("0").rstrip(".")

    def show_value(self, value: OptionValue) -> None:
        self.setValue(float(value))


_Control = _ChoiceBox | _IntegerBox | _FloatBox


class OptionsForm(QWidget):
    """A row an option; any change shows the network anew at once.

    Options that do not apply to the chosen form are hidden. "Reset" is there while something differs from the
    defaults.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("options_form")
        self.setAccessibleName("Options of the network")
        self.setAutoFillBackground(True)
        self._session = session
        self._architecture: Architecture | None = None
        self._following = False
        self._fields: dict[str, OptionField] = {}
        self.controls: dict[str, _Control] = {}
        self.labels: dict[str, QLabel] = {}
        self._make_frame()
        session.architecture_changed.connect(self._follow)
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
        self._body = QWidget()
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(1, 3)
        self._column = QVBoxLayout(self._body)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.fault)
        self._column.addWidget(self.reset_button, 0, Qt.AlignmentFlag.AlignRight)
        # Not a stretch: Qt counts the spacing before one when it lays out, and not when it asks for the height.
        self._column.addWidget(QWidget(), 1)
        self._scroll = ReadingArea(self._body)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.none_note, 1)

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
        self._scroll.setVisible(bool(self.controls))
        self.none_note.setVisible(not self.controls)
        if not self.controls:
            self.none_note.say(f"{architecture.title} has no options.")

    def _make_rows(self, fields: tuple[OptionField, ...]) -> None:
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
        if previous is not None:
            QWidget.setTabOrder(previous, self.reset_button)

    def _make_control(self, field: OptionField) -> _Control:
        control: _Control
        if field.choices is not None:
            control = _ChoiceBox(field, self._change)
        elif isinstance(field.default, int):
            control = _IntegerBox(field, self._change)
        else:
            control = _FloatBox(field, self._change)
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
        self._session.show(self._architecture, options)

    def _say_fault(self, sentence: str) -> None:
        self.fault.setText(sentence)
        self.fault.setVisible(bool(sentence))

    def _restyle(self) -> None:
        look = theme()
        self._column.setContentsMargins(look.px(12), look.px(4), look.px(12), look.px(8))
        self._column.setSpacing(look.px(8))
        self._grid.setHorizontalSpacing(look.px(12))
        self._grid.setVerticalSpacing(look.px(6))


def _value(control: _Control) -> OptionValue:
    return control.value if isinstance(control, _ChoiceBox) else control.value()


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
