"""The form that a training is set up with: good defaults, a few fields in sight, the others under a fold."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.data.augmentation import Augmentation
from explorer.data.datasets import DATASETS, DatasetEntry
from explorer.networks.architecture import Architecture, Task
from explorer.training.config import Optimiser, Schedule, TrainingConfig
from explorer.training.recipes import default_config
from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme
from explorer.ui.training_fields import Choice, ChoiceField, Field, NumberField

_OPTIMISERS = {"adamw": "AdamW", "adam": "Adam", "sgd": "SGD"}
_SCHEDULES = {"one_cycle": "one cycle", "cosine": "cosine", "step": "step", "constant": "constant"}
_LOSSES = {
    "cross_entropy": "cross-entropy",
    "rbf_map": "MAP",
    "rbf_mse": "maximum likelihood",
}
_AUGMENTATIONS = (
    Choice(Augmentation.NONE, "none"),
    Choice(Augmentation.LIGHT, "light"),
    Choice(Augmentation.STRONG, "strong"),
)
_DEVICES = (Choice("auto", "automatic"), Choice("cpu", "processor"))
_FOLDED = (
    "optimiser",
    "momentum",
    "weight_decay",
    "schedule",
    "label_smoothing",
    "loss",
    "extra_digits",
    "seed",
    "device",
)


class TrainingForm(QWidget):
    """Sets up a training of the network that `show_architecture` names.

    Fields that the user has not touched follow the recipe for the network and the data set; touched ones stay. What is
    wrong is said below the field it concerns, in the words of `TrainingConfig`.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_form")
        self.setAccessibleName("Training settings")
        self._architecture: Architecture | None = None
        self._options: Any = None
        self._defaults: TrainingConfig | None = None
        self._why_not = ""
        self._is_here: Mapping[str, bool] = {}
        self._touched: set[str] = set()
        self._waiting: dict[str, Any] = {}  # remembered values of choices that are not on offer yet
        self._fields: dict[str, Field] = {field.name: field for field in self._make_fields()}
        self._build()
        theme().changed.connect(self._measure)
        self._measure()
        self._set_folded(True)

    # What others ask and tell

    def show_architecture(self, architecture: Architecture, options: Any) -> None:
        """Takes the network that would be trained, and its recipe's values."""
        self._architecture, self._options = architecture, options
        self._why_not = why_not_trained(architecture)
        if self._why_not:
            self._defaults = None
            self._check()
            return
        losses = architecture.interface(options).losses
        self._choice("loss").offer([Choice(name, _LOSSES.get(name, name.replace("_", " "))) for name in losses])
        self._follow_recipe()

    @property
    def why_not(self) -> str:
        """Why the network on screen cannot be trained, in a sentence; "" where it can."""
        return self._why_not

    def set_available(self, is_here: Mapping[str, bool]) -> None:
        """Says which data sets are on this machine, by name; an untouched choice goes to the best of them."""
        self._is_here = dict(is_here)
        self._choice("dataset").offer(self._dataset_choices())
        self._follow_recipe()

    def set_devices(self, names: Mapping[str, str]) -> None:
        """Says which devices torch can use here: name and title."""
        self._choice("device").offer([_DEVICES[0], *(Choice(name, title) for name, title in names.items())])
        self._follow_recipe()

    def config(self) -> TrainingConfig:
        """What the form says.

        Raises:
            ValueError: a field is wrong, or no network is on screen; the message says what would do.
        """
        if self._why_not:
            raise ValueError(self._why_not)
        if self._architecture is None or self._defaults is None:
            raise ValueError("there is no network to train; choose one in the catalogue")
        # What is hidden because it has no meaning here keeps its default.
        values = {name: field.value() for name, field in self._fields.items() if self._has_meaning(name)}
        return dataclasses.replace(self._defaults, options=self._options, **values)

    def errors(self) -> dict[str, str]:
        """What is wrong, by field; "" is the key of what no single field is to blame for."""
        if self._defaults is None:
            return {}
        errors: dict[str, str] = {}
        for name, field in self._fields.items():
            try:
                dataclasses.replace(self._defaults, **{name: field.value()})
            except ValueError as error:
                errors[name] = str(error)
        if not errors:
            try:
                self.config()
            except ValueError as error:
                errors[_blamed(str(error), self._fields)] = str(error)
        return errors

    def is_valid(self) -> bool:
        return not self.errors()

    def focus_error(self) -> None:
        """Brings the first field that is wrong into view."""
        for name in self.errors():
            if name in self._fields:
                if name in _FOLDED:
                    self._set_folded(False)
                self._fields[name].control.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def set_value(self, name: str, value: Any) -> None:
        """Sets a field as if the user had: `learning_rate`, `epochs`, ..."""
        self._fields[name].show_value(value)
        self._on_edited(name)

    def summary(self) -> str:
        """The settings in one line: "12 epochs on MNIST · batch 128 · AdamW at 0.003"."""
        try:
            config = self.config()
        except ValueError as error:
            return str(error)
        epochs = f"{config.epochs:,} {'epoch' if config.epochs == 1 else 'epochs'}"
        title = next((entry.title for entry in DATASETS if entry.name == config.dataset), config.dataset)
        rate = f"{config.learning_rate:.6g}"
        return f"{epochs} on {title} · batch {config.batch_size:,} · {_OPTIMISERS[config.optimiser]} at {rate}"

    def state(self) -> dict[str, Any]:
        """What the user has set, for JSON."""
        touched: dict[str, Any] = {}
        for name in sorted(self._touched):
            try:
                value = self._fields[name].value()
            except ValueError:
                continue
            touched[name] = _preset_name(value) if name == "augmentation" else value
        return {"fields": {**self._waiting, **touched}, "folded": self._is_folded}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Takes what `state` gave; what does not fit this version is left at its default."""
        fields = state.get("fields")
        for name, stored in fields.items() if isinstance(fields, dict) else ():
            if name in self._fields:
                self._waiting[name] = _preset(stored) if name == "augmentation" else stored
        self._set_folded(bool(state.get("folded", True)))
        self._follow_recipe()

    def reset(self) -> None:
        """Back to the recipe, the data set included."""
        self._touched.clear()
        self._waiting.clear()
        self._follow_recipe()

    # Inside

    def _fits(self, name: str, value: Any) -> bool:
        field = self._fields[name]
        if isinstance(field, ChoiceField):
            return any(choice.value == value for choice in field.choices)
        return isinstance(value, int | float) and not isinstance(value, bool)

    def _choice(self, name: str) -> ChoiceField:
        field = self._fields[name]
        assert isinstance(field, ChoiceField)  # noqa: S101 - the table of fields below says so
        return field

    def _dataset_choices(self) -> list[Choice]:
        return [Choice(entry.name, f"{entry.title}{self._where(entry)}") for entry in DATASETS]

    def _where(self, entry: DatasetEntry) -> str:
        if self._is_here.get(entry.name, True):
            return ""
        return " · will be downloaded" if entry.files is not None else " · not here"

    def _preferred_dataset(self) -> str:
        return "mnist" if self._is_here.get("mnist", False) else "digits"

    def _follow_recipe(self) -> None:
        self._take_waiting()
        if self._architecture is None or self._why_not:
            return
        dataset = self._fields["dataset"]
        if "dataset" not in self._touched:
            dataset.show_value(self._preferred_dataset())
        try:
            self._defaults = default_config(self._architecture.name, self._options, dataset.value())
        except ValueError as error:
            self._why_not, self._defaults = f"This network cannot be trained here: {error}.", None
            self._check()
            return
        preset = self._defaults.augmentation
        if all(choice.value != preset for choice in _AUGMENTATIONS):
            self._choice("augmentation").offer((Choice(preset, "as in the recipe"), *_AUGMENTATIONS))
        for name, field in self._fields.items():
            if name not in self._touched:
                field.show_value(getattr(self._defaults, name))
        self._check()

    def _take_waiting(self) -> None:
        """Shows remembered values, those of choices once they are on offer (devices are, when torch has been asked)."""
        for name, value in list(self._waiting.items()):
            if self._fits(name, value):
                del self._waiting[name]
                self._fields[name].show_value(value)
                self._touched.add(name)

    def _on_edited(self, name: str) -> None:
        self._waiting.pop(name, None)
        self._touched.add(name)
        if name == "dataset":
            self._follow_recipe()
        else:
            self._check()

    def _check(self) -> None:
        errors = self.errors()
        for name, field in self._fields.items():
            field.show_error(errors.get(name, ""))
        # The closed box may be too narrow for the whole text.
        dataset = self._choice("dataset")
        dataset.control.setToolTip(tooltip(f"{dataset.tip}: {dataset.text_of(dataset.value())}"))
        self._general.setText(errors.get("", ""))
        self._general.setVisible("" in errors)
        self._reset.setEnabled(bool(self._touched))
        self._show_rows()
        self.changed.emit()

    def _show_rows(self) -> None:
        for name, field in self._fields.items():
            field.set_shown(self._has_meaning(name) and (not self._is_folded or name not in _FOLDED))

    def _has_meaning(self, name: str) -> bool:
        if name == "loss":
            return len(self._choice("loss").choices) > 1
        if name == "momentum":
            return self._fields["optimiser"].value() == "sgd"
        if name == "label_smoothing":
            return str(self._fields["loss"].value()) == "cross_entropy"
        if name == "extra_digits":
            return any(entry.digits for entry in DATASETS if entry.name == self._fields["dataset"].value())
        return True

    def _set_folded(self, is_folded: bool) -> None:
        self._is_folded = is_folded
        self._more.setText("More settings" if is_folded else "Fewer settings")
        self._more.setAccessibleName(self._more.text())
        self._show_rows()

    def _make_fields(self) -> tuple[Field, ...]:
        def choice(name: str, label: str, tip: str, choices: Any) -> ChoiceField:
            return ChoiceField(name, label, tip, tuple(choices), self)

        def number(name: str, label: str, tip: str, kind: type, example: str) -> NumberField:
            return NumberField(name, label, tip, kind, example, self)

        return (
            choice("dataset", "Data set", "The images to learn from", self._dataset_choices()),
            number("epochs", "Epochs", "How many times each training image is seen", int, "12"),
            number("batch_size", "Batch size", "Images for each update of the weights", int, "128"),
            number("learning_rate", "Learning rate", "How far an update goes, at the schedule's peak", float, "0.003"),
            choice("augmentation", "Augmentation", "How training images are varied each epoch", _AUGMENTATIONS),
            choice(
                "optimiser",
                "Optimiser",
                "What turns gradients into updates",
                [Choice(name, _OPTIMISERS[name]) for name in get_args(Optimiser)],
            ),
            number("momentum", "Momentum", "Share of the last update that goes on", float, "0.9"),
            number("weight_decay", "Weight decay", "How strongly weights are pulled to zero", float, "0.01"),
            choice(
                "schedule",
                "Schedule",
                "How the learning rate changes: one cycle goes up, then down; cosine down to zero; step down in stages",
                [Choice(name, _SCHEDULES[name]) for name in get_args(Schedule)],
            ),
            number("label_smoothing", "Label smoothing", "Share of certainty given to all classes", float, "0.1"),
            choice("loss", "Loss", "What is made small", [Choice("cross_entropy", _LOSSES["cross_entropy"])]),
            number("extra_digits", "Extra digits", "Built-in digits drawn anew and mixed into each epoch", int, "0"),
            number("seed", "Seed", "Where random numbers begin: the same seed, the same run", int, "0"),
            choice("device", "Device", "What computes", _DEVICES),
        )

    def _build(self) -> None:
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        for number, field in enumerate(self._fields.values()):
            self._grid.addWidget(field.label, 2 * number, 0)
            self._grid.addWidget(field.control, 2 * number, 1)
            self._grid.addWidget(field.error, 2 * number + 1, 0, 1, 2)
            field.edited.connect(self._on_edited)
        self._general = QLabel()
        self._general.setTextFormat(Qt.TextFormat.PlainText)
        self._general.setProperty("role", "bad")
        self._general.setWordWrap(True)
        self._general.hide()
        self._more = _quiet("More settings", "Show or hide the settings that are rarely changed")
        self._more.clicked.connect(self._on_more)
        self._reset = _quiet("Reset to defaults", "Back to the recipe for this network and data set")
        self._reset.clicked.connect(self.reset)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self._more)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self._reset)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._grid)
        self._layout.addWidget(self._general)
        self._layout.addLayout(self._buttons)
        self._layout.addStretch(1)

    def _on_more(self) -> None:
        self._set_folded(not self._is_folded)

    def _measure(self) -> None:
        px = theme().px
        self._grid.setHorizontalSpacing(px(12))
        # Rows for errors are empty most of the time, and still have a gap: half of what separates two fields.
        self._grid.setVerticalSpacing(px(4))
        self._layout.setSpacing(px(4))
        self._layout.setContentsMargins(px(12), px(4), px(12), px(8))


def why_not_trained(architecture: Architecture) -> str:
    """Why a network cannot be trained here, in a sentence; "" where it can."""
    if architecture.source:
        return "Networks of your own can be read here, not trained."
    if architecture.task is not Task.CLASSIFICATION:
        return (
            f"{architecture.title} says for each pixel what it belongs to. The data sets here have one class for a "
            "whole image, so it can be read but not trained."
        )
    return ""


def _quiet(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("quiet", True)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button


def _blamed(sentence: str, fields: Mapping[str, Field]) -> str:
    """The field that a sentence of `TrainingConfig` is about: its first word, "" where that is none."""
    first = sentence.split(maxsplit=1)[0] if sentence else ""
    return first if first in fields else ""


_PRESETS = {"none": Augmentation.NONE, "light": Augmentation.LIGHT, "strong": Augmentation.STRONG}


def _preset_name(value: Any) -> str:
    return next((name for name, preset in _PRESETS.items() if preset == value), "")


def _preset(name: Any) -> Any:
    return _PRESETS.get(name) if isinstance(name, str) else None
