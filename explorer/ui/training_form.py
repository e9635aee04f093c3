"""The form that a training is set up with: good defaults, fields in groups that fold."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.data.datasets import DatasetEntry
from explorer.networks.architecture import Architecture
from explorer.training.config import TrainingConfig
from explorer.training.recipes import default_config
from explorer.ui import numbers
from explorer.ui.flow_row import FlowRow
from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme
from explorer.ui.training_augmentation import AugmentationField
from explorer.ui.training_datasets import DatasetField, DatasetList, why_not_trained
from explorer.ui.training_fields import Choice, ChoiceField, Field
from explorer.ui.training_form_fields import (
    DEVICES,
    FOLDED_AT_FIRST,
    GROUPS,
    NOT_OF_A_RUN,
    OPTIMISERS,
    loss_choice,
    make_fields,
)
from explorer.ui.training_group import FieldGroup

_MOST_SEEDS = 100


class TrainingForm(QWidget):
    """Sets up a training of the network that `show_architecture` names.

    Fields that the user has not touched follow the recipe for the network and the data set; touched ones stay. What is
    wrong is said below the field it concerns, in the words of `TrainingConfig`.
    """

    changed = Signal()
    folder_asked = Signal()  # the user wants to choose a folder of images
    rate_asked = Signal()  # the user wants the learning rate to be looked for
    cost_asked = Signal()  # the user wants to know how long it would take

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_form")
        self.setAccessibleName("Training settings")
        self._architecture: Architecture | None = None
        self._options: Any = None
        self._defaults: TrainingConfig | None = None
        self._why_not = ""
        self._touched: set[str] = set()
        self._waiting: dict[str, Any] = {}  # remembered values of choices that are not on offer yet
        self._remembered_folders: tuple[str, ...] = ()
        self.datasets = DatasetList()
        self._fields: dict[str, Field] = make_fields(self)
        self._choice("dataset").offer(self.datasets.choices(None, None))
        self._fields["seeds"].show_value(1)
        self._build()
        theme().changed.connect(self._measure)
        self._measure()

    # What others ask and tell

    def show_architecture(self, architecture: Architecture, options: Any) -> None:
        """Takes the network that would be trained, and its recipe's values."""
        self._architecture, self._options = architecture, options
        self._why_not = why_not_trained(architecture, self.datasets, options)
        if self._why_not:
            self._defaults = None
            self._check()
            return
        self._choice("dataset").offer(self.datasets.choices(architecture, options))
        self._choice("loss").offer([loss_choice(name) for name in architecture.interface(options).losses])
        self._follow_recipe()

    @property
    def why_not(self) -> str:
        """Why the network on screen cannot be trained, in a sentence; "" where it can."""
        return self._why_not

    def set_available(self, is_here: Mapping[str, bool]) -> None:
        """Says which data sets are on this machine, by name; an untouched choice goes to the best of them."""
        self.datasets.set_available(is_here)
        self._choice("dataset").offer(self.datasets.choices(self._architecture, self._options))
        self._follow_recipe()

    @property
    def known_folders(self) -> tuple[str, ...]:
        """Folders of images that were data sets here, now or at an earlier start."""
        return tuple(dict.fromkeys((*self._remembered_folders, *self.datasets.folders)))

    def offer_folder(self, entry: DatasetEntry) -> None:
        """Offers a folder of images as a data set."""
        self.datasets.add_folder(entry)
        self._choice("dataset").offer(self.datasets.choices(self._architecture, self._options))
        self._follow_recipe()

    def offers(self, name: str, value: Any) -> bool:
        """Whether a choice has that value among its own."""
        return any(choice.value == value for choice in self._choice(name).choices)

    def set_devices(self, names: Mapping[str, str]) -> None:
        """Says which devices torch can use here: name and title."""
        self._choice("device").offer([DEVICES[0], *(Choice(name, title) for name, title in names.items())])
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
        values = {
            name: field.value()
            for name, field in self._fields.items()
            if name not in NOT_OF_A_RUN and self._has_meaning(name)
        }
        return dataclasses.replace(self._defaults, options=self._options, **values)

    def configs(self) -> tuple[TrainingConfig, ...]:
        """The runs that the form asks for: one for each seed, seeds following each other.

        Raises:
            ValueError: as `config`.
        """
        config, count = self.config(), self._seeds()
        return tuple(dataclasses.replace(config, seed=config.seed + number) for number in range(count))

    def errors(self) -> dict[str, str]:
        """What is wrong, by field; "" is the key of what no single field is to blame for."""
        if self._defaults is None:
            return {}
        errors: dict[str, str] = {}
        for name, field in self._fields.items():
            try:
                if name in NOT_OF_A_RUN:
                    self._seeds()
                else:
                    dataclasses.replace(self._defaults, **{name: field.value()})
            except ValueError as error:
                errors[name] = str(error)
        if not errors:
            try:
                self.config()
            except ValueError as error:
                errors[_blamed(str(error), self._fields)] = str(error)
        return {name: self._titled(sentence) for name, sentence in errors.items()}

    def _titled(self, sentence: str) -> str:
        """A sentence about a field, which begins with its name, with what the field is called in the form."""
        name, _, rest = sentence.partition(" ")
        return f"{self._fields[name].title} {rest}" if name in self._fields else sentence

    def is_valid(self) -> bool:
        return not self.errors()

    def focus_error(self) -> None:
        """Brings the first field that is wrong into view."""
        for name in self.errors():
            if name in self._fields:
                next(group for title, group in self._groups.items() if name in GROUPS[title]).fold(is_folded=False)
                self._fields[name].control.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def set_value(self, name: str, value: Any) -> None:
        """Sets a field as if the user had: `learning_rate`, `epochs`, ..."""
        self._fields[name].show_value(value)
        self._on_edited(name)

    def allow_measuring(self, is_allowed: bool) -> None:
        """Offers measurements, or not, while the processor is taken."""
        for button in (self._find_rate, self._estimate):
            button.setEnabled(is_allowed)

    def summary(self) -> str:
        """The settings in one line: "12 epochs on MNIST · batch 128 · AdamW at 0.003"."""
        try:
            config = self.config()
        except ValueError as error:
            return str(error)
        return summary_of(config, self.datasets.title(config.dataset))

    def state(self) -> dict[str, Any]:
        """What the user has set, for JSON."""
        touched: dict[str, Any] = {}
        for name in sorted(self._touched):
            field = self._fields[name]
            try:
                touched[name] = field.stored() if isinstance(field, AugmentationField) else field.value()
            except ValueError:
                continue
        return {
            "fields": {**self._waiting, **touched},
            "folded": [title for title, group in self._groups.items() if group.is_folded],
            "folders": list(self.known_folders),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Takes what `state` gave; what does not fit this version is left at its default."""
        fields = state.get("fields")
        for name, stored in fields.items() if isinstance(fields, dict) else ():
            if name in self._fields:
                self._waiting[name] = AugmentationField.from_stored(stored) if name == "augmentation" else stored
        folders = state.get("folders")
        if isinstance(folders, list):
            self._remembered_folders = tuple(folder for folder in folders if isinstance(folder, str))
        folded = state.get("folded")
        if isinstance(folded, list):
            for title, group in self._groups.items():
                group.fold(is_folded=title in folded)
        self._follow_recipe()

    def reset(self) -> None:
        """Back to the recipe, the data set included."""
        self._touched.clear()
        self._waiting.clear()
        self._fields["seeds"].show_value(1)
        self._follow_recipe()

    # Inside

    def _seeds(self) -> int:
        count = int(self._fields["seeds"].value())
        if not 1 <= count <= _MOST_SEEDS:
            raise ValueError(f"seeds is 1 to {_MOST_SEEDS}, not {count}")
        return count

    def _fits(self, name: str, value: Any) -> bool:
        field = self._fields[name]
        if isinstance(field, ChoiceField):
            return self.offers(name, value)
        kind = type(getattr(TrainingConfig, name, 0))
        if kind is bool or isinstance(field, AugmentationField):
            return isinstance(value, bool) if kind is bool else value is not None
        return isinstance(value, int | float) and not isinstance(value, bool)

    def _choice(self, name: str) -> ChoiceField:
        field = self._fields[name]
        assert isinstance(field, ChoiceField)  # noqa: S101 - the table of fields says so
        return field

    def _follow_recipe(self) -> None:
        self._take_waiting()
        if self._architecture is None or self._why_not:
            return
        dataset = self._fields["dataset"]
        fitting = [entry.name for entry in self.datasets.fitting(self._architecture, self._options)]
        if "dataset" not in self._touched or dataset.value() not in fitting:
            dataset.show_value(self.datasets.preferred(self._architecture, self._options))
        try:
            self._defaults = default_config(self._architecture.name, self._options, dataset.value())
        except ValueError as error:
            if self.datasets.drop_folder(dataset.value()):
                self._touched.discard("dataset")
                self._choice("dataset").offer(self.datasets.choices(self._architecture, self._options))
                self._follow_recipe()
                return
            self._why_not, self._defaults = f"This network cannot be trained here: {error}.", None
            self._check()
            return
        augmentation = self._fields["augmentation"]
        assert isinstance(augmentation, AugmentationField)  # noqa: S101 - the table of fields says so
        augmentation.follow_recipe(self._defaults.augmentation)
        for name, field in self._fields.items():
            if name not in self._touched and name not in NOT_OF_A_RUN:
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
        for name, field in self._fields.items():
            field.set_shown(self._has_meaning(name))
        for title, group in self._groups.items():
            group.show_summary(" · ".join(text for name in GROUPS[title] if (text := self._said(name))))
        self.changed.emit()

    def _said(self, name: str) -> str:
        """A field's value as a folded group says it; "" where that is nothing to speak of."""
        field = self._fields[name]
        if not self._has_meaning(name):
            return ""
        try:
            value = field.value()
        except ValueError:
            return ""
        if isinstance(field, AugmentationField):
            return "" if value.is_off else f"augmentation {field.text()}"
        if name in {"learning_rate", "seed"}:
            return f"{field.title.lower()} {value:g}"
        if name == "epochs":
            return numbers.plural(value, "epoch")
        if name == "seeds":
            return "" if value == 1 else numbers.plural(value, "seed")
        if isinstance(field, ChoiceField):
            # "automatic" alone does not say what is.
            return "" if value == "auto" else field.text_of(value)
        if isinstance(value, bool):
            return field.control.accessibleName().lower() if value and name != "nesterov" else ""
        return f"{field.title.lower()} {value:g}" if value else ""

    def _has_meaning(self, name: str) -> bool:
        if name == "loss":
            return len(self._choice("loss").choices) > 1
        if name in {"momentum", "nesterov"}:
            return bool(self._fields["optimiser"].value() == "sgd")
        if name == "label_smoothing":
            return str(self._fields["loss"].value()) == "cross_entropy"
        if name == "captured":
            return self.offers("device", "cuda") and self._fields["device"].value() in {"auto", "cuda"}
        if name == "extra_digits":
            entry = self.datasets.entry(self._fields["dataset"].value())
            return entry is not None and entry.digits
        return True

    def _build(self) -> None:
        self._layout = QVBoxLayout(self)
        self._groups: dict[str, FieldGroup] = {}
        for title, names in GROUPS.items():
            group = FieldGroup(title, [self._fields[name] for name in names])
            group.fold(is_folded=title in FOLDED_AT_FIRST)
            self._groups[title] = group
            self._layout.addWidget(group)
        for field in self._fields.values():
            field.edited.connect(self._on_edited)
        dataset = self._fields["dataset"]
        assert isinstance(dataset, DatasetField)  # noqa: S101 - the table of fields says so
        dataset.folder_asked.connect(self.folder_asked)
        self._general = QLabel()
        self._general.setTextFormat(Qt.TextFormat.PlainText)
        self._general.setProperty("role", "bad")
        self._general.setWordWrap(True)
        self._general.hide()
        self._find_rate = _quiet("Find learning rate…", "Try rates from tiny to huge on some 100 steps, and plot them")
        self._find_rate.setObjectName("training_find_rate")
        self._find_rate.clicked.connect(self.rate_asked)
        self._estimate = _quiet("Estimate", "Measure a few steps: how long would it take, how much memory?")
        self._estimate.setObjectName("training_estimate")
        self._estimate.clicked.connect(self.cost_asked)
        self._reset = _quiet("Reset", "Back to the recipe for this network and data set")
        self._reset.clicked.connect(self.reset)
        buttons = FlowRow()
        for button in (self._estimate, self._find_rate, self._reset):
            buttons.add(button)
        self._layout.addWidget(self._general)
        self._layout.addWidget(buttons)
        self._layout.addStretch(1)

    def _measure(self) -> None:
        px = theme().px
        self._layout.setSpacing(px(4))
        self._layout.setContentsMargins(px(8), px(4), px(12), px(8))


def summary_of(config: TrainingConfig, dataset: str) -> str:
    """A configuration in one line, its data set by its title: "12 epochs on MNIST · batch 128 · AdamW at 0.003"."""
    epochs = numbers.plural(config.epochs, "epoch")
    rate = f"{config.learning_rate:.6g}"
    return f"{epochs} on {dataset} · batch {config.batch_size:,} · {OPTIMISERS[config.optimiser]} at {rate}"


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
    first = first.removesuffix("'s")
    return first if first in fields else ""
