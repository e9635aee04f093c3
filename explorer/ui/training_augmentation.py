"""The field for how training images are varied: presets, and below them each change with its own switch."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from explorer.data.augmentation import Augmentation
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox, Choice, Field

PRESETS: dict[str, Augmentation] = {
    "none": Augmentation.NONE,
    "light": Augmentation.LIGHT,
    "strong": Augmentation.STRONG,
    "photos": Augmentation.PHOTOS,
}
_OWN = "own"


@dataclass(frozen=True)
class _Change:
    """One kind of change: its field of `Augmentation`, what it is called, and how much of it a switch begins with."""

    name: str
    label: str
    unit: str
    amount: float
    tip: str


_CHANGES = (
    _Change("crop", "Crop", "pixels", 4, "Put so many blank pixels around an image and cut the old size out anywhere"),
    _Change("shift", "Shift", "share", 0.05, "Move by up to this share of the side either way"),
    _Change("mirror", "Mirror", "", 1, "Turn half of the images into their mirror image"),
    _Change("rotation", "Rotation", "degrees", 10, "Turn by up to so many degrees either way"),
    _Change("scale", "Scale", "share", 0.1, "Enlarge or shrink by up to this share"),
    _Change("shear", "Shear", "degrees", 5, "Slant by up to so many degrees either way"),
    _Change("colour", "Colour", "share", 0.3, "Change brightness, contrast and saturation"),
    _Change("pca_colour", "PCA colour", "spread", 0.1, "AlexNet's change of colour along the data's main directions"),
    _Change("cutout", "Cutout", "pixels", 8, "Blank a square of this side"),
    _Change("elastic", "Elastic", "pixels", 0.8, "A smooth distortion, as handwriting varies"),
    _Change("thickness", "Thickness", "share", 0.4, "Make the strokes of this share of the images thinner or thicker"),
    _Change("noise", "Noise", "spread", 0.05, "Add noise to pixels of 0 to 1"),
)
_KINDS = {field.name: type(field.default) for field in dataclasses.fields(Augmentation)}


class AugmentationField(Field):
    """A box of presets; "Adjust" shows the changes behind them, each with its switch and its amount."""

    def __init__(self, name: str, label: str, tip: str, parent: QObject) -> None:
        super().__init__(name, label, tip, parent)
        self._recipe: Augmentation | None = None
        self._is_shown = True
        self._box = CalmComboBox()
        self._box.setMinimumContentsLength(4)
        self._adjust = QToolButton()
        self._adjust.setObjectName(f"training_{name}_adjust")
        self._adjust.setCheckable(True)
        self._adjust.setText("Adjust")
        self._adjust.setAccessibleName("Adjust augmentation")
        self._adjust.setToolTip("Show the changes one by one")
        self._adjust.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._adjust.toggled.connect(self._show_switches)
        self._row = _Row()
        self._row.layout_.addWidget(self._box, 1)
        self._row.layout_.addWidget(self._adjust)
        self._switches = QWidget()
        self._grid = QGridLayout(self._switches)
        self._grid.setColumnStretch(0, 1)
        self._lines: dict[str, tuple[_Change, QCheckBox, QLineEdit | None]] = {}
        for change in (change for change in _CHANGES if change.name in _KINDS):
            self._add(change)
        self._name_control()
        self._box.setAccessibleName(label)
        self._box.setToolTip(tip)
        self._box.setObjectName(f"training_{name}_preset")
        self.label.setBuddy(self._box)
        self._box.activated.connect(self._on_preset)
        theme().changed.connect(self._measure)
        self._measure()
        self.show_value(Augmentation.NONE)
        self._show_switches()

    @property
    def control(self) -> QWidget:
        return self._row

    @property
    def below(self) -> QWidget:
        return self._switches

    def follow_recipe(self, recipe: Augmentation) -> None:
        """Offers the recipe's own augmentation too, where it is none of the presets."""
        self._recipe = None if recipe in PRESETS.values() else recipe
        self._show_preset()

    def value(self) -> Augmentation:
        values: dict[str, Any] = {}
        for name, (change, switch, line) in self._lines.items():
            if line is None:
                values[name] = switch.isChecked()
            elif switch.isChecked():
                values[name] = _number(change, line.text())
        return Augmentation(**values)

    def show_value(self, value: Any) -> None:
        for name, (change, switch, line) in self._lines.items():
            amount = getattr(value, name)
            switch.setChecked(bool(amount))
            if line is not None:
                line.setText(f"{amount or change.amount:g}")
                line.setEnabled(bool(amount))
        self._show_preset()

    def set_shown(self, is_shown: bool) -> None:
        self._is_shown = is_shown
        super().set_shown(is_shown)
        self._show_switches()

    def text(self) -> str:
        """What is chosen, in a word or two."""
        return self._box.currentText()

    def stored(self) -> Any:
        """The value for JSON: a preset's name, or all amounts."""
        value = self.value()
        name = next((name for name, preset in PRESETS.items() if preset == value), "")
        return name or dataclasses.asdict(value)

    @staticmethod
    def from_stored(stored: Any) -> Augmentation | None:
        """The value that `stored` gave; None where it does not fit this version."""
        if isinstance(stored, str):
            return PRESETS.get(stored)
        try:
            return Augmentation(**stored)
        except (TypeError, ValueError):
            return None

    def _add(self, change: _Change) -> None:
        row = len(self._lines)
        switch = QCheckBox(change.label)
        switch.setObjectName(f"augmentation_{change.name}")
        switch.setAccessibleName(change.label)
        switch.setToolTip(change.tip)
        switch.clicked.connect(self._on_switch)
        self._grid.addWidget(switch, row, 0)
        line: QLineEdit | None = None
        if _KINDS[change.name] is not bool:
            line = QLineEdit()
            line.setObjectName(f"augmentation_{change.name}_amount")
            line.setAlignment(Qt.AlignmentFlag.AlignRight)
            line.setAccessibleName(f"{change.label}, {change.unit}")
            line.setToolTip(change.tip)
            line.textEdited.connect(self._on_amount)
            unit = QLabel(change.unit)
            unit.setTextFormat(Qt.TextFormat.PlainText)
            unit.setProperty("role", "secondary")
            self._grid.addWidget(line, row, 1)
            self._grid.addWidget(unit, row, 2)
        self._lines[change.name] = (change, switch, line)

    def _show_switches(self) -> None:
        self._switches.setVisible(self._is_shown and self._adjust.isChecked())

    def _choices(self) -> list[Choice]:
        choices = [Choice(preset, name) for name, preset in PRESETS.items()]
        if self._recipe is not None:
            choices.insert(0, Choice(self._recipe, "as in the recipe"))
        return choices

    def _show_preset(self) -> None:
        """Brings the box of presets in line with the switches."""
        choices = self._choices()
        try:
            value: Augmentation | None = self.value()
        except ValueError:
            value = None
        texts = [choice.text for choice in choices]
        chosen = next((index for index, choice in enumerate(choices) if choice.value == value), len(texts))
        if chosen == len(texts):
            texts.append(_OWN)
        if [self._box.itemText(index) for index in range(self._box.count())] != texts:
            self._box.clear()
            self._box.addItems(texts)
        self._box.setCurrentIndex(chosen)

    def _on_preset(self, index: int) -> None:
        choices = self._choices()
        if index < len(choices):
            self.show_value(choices[index].value)
        self.edited.emit(self.name)

    def _on_switch(self) -> None:
        for _, switch, line in self._lines.values():
            if line is not None:
                line.setEnabled(switch.isChecked())
        self._on_amount()

    def _on_amount(self) -> None:
        self._show_preset()
        self.edited.emit(self.name)

    def _measure(self) -> None:
        px = theme().px
        self._row.layout_.setSpacing(px(4))
        self._grid.setContentsMargins(px(8), px(2), 0, px(4))
        self._grid.setHorizontalSpacing(px(8))
        self._grid.setVerticalSpacing(px(2))
        for _, _, line in self._lines.values():
            if line is not None:
                line.setFixedWidth(px(52))


class _Row(QWidget):
    """Widgets side by side, without a margin."""

    def __init__(self) -> None:
        super().__init__()
        self.layout_ = QHBoxLayout(self)
        self.layout_.setContentsMargins(0, 0, 0, 0)


def _number(change: _Change, text: str) -> float | int:
    kind = _KINDS[change.name]
    try:
        return kind(text.strip().replace(",", "."))  # type: ignore[no-any-return]
    except ValueError:
        needed = "a whole number" if kind is int else "a number"
        raise ValueError(f"augmentation's {change.name} is {needed} such as {change.amount:g}, not {text!r}") from None
