"""What can be changed while a training runs: learning rate, number of epochs, augmentation."""

from __future__ import annotations

import dataclasses
import time

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from explorer.data.augmentation import Augmentation
from explorer.training.config import TrainingConfig
from explorer.training.events import Change, Changed, StepsTrained
from explorer.ui.explanations import explain_all
from explorer.ui.flow_row import FlowRow
from explorer.ui.still_label import StillLabel
from explorer.ui.theme import theme
from explorer.ui.training_augmentation import PRESETS
from explorer.ui.training_fields import Choice, ChoiceField, Field, NumberField
from explorer.ui.value_label import ValueLabel

# A rate that changes with every step cannot be read, and each text costs training a little.
_RATE_EVERY_S = 1.0


class TrainingChanges(QWidget):
    """Fields that show what is in force; `asked` carries the `Change` that "Apply" stands for.

    `begin` names the configuration of the run under way; `take` marks what has come into force.
    """

    asked = Signal(object)  # Change

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Changes to the training under way")
        self._config: TrainingConfig | None = None
        self._waiting = Change()
        self._rate_shown_at = 0.0
        self._fields: dict[str, Field] = {
            "learning_rate": NumberField(
                "learning_rate", "Learning rate", "The schedule's peak from the next step on", float, "0.003", self
            ),
            "epochs": NumberField(
                "epochs",
                "Epochs",
                "How many in all; the schedule stretches over them",
                int,
                "12",
                self,
            ),
            "augmentation": ChoiceField(
                "augmentation", "Augmentation", "How images are varied from the next batches on", (), self
            ),
        }
        self._apply = QPushButton("Apply")
        self._apply.setObjectName("apply_change")
        self._apply.setAccessibleName("Apply the changes to the training under way")
        self._apply.setToolTip("In force from the next step on, marked on the curve, kept with the run")
        self._apply.setAutoDefault(False)
        self._apply.clicked.connect(self._on_apply)
        self._row = FlowRow()
        self._pairs: list[QHBoxLayout] = []
        for field in self._fields.values():
            field.control.setObjectName(f"change_{field.name}")
            self._row.add(self._pair(field))
            field.edited.connect(self._check)
        self._row.add(self._apply)
        self._now = StillLabel("Learning rate now")
        explain_all("curve", {"rate": self._now})
        self._stretch = ValueLabel()
        self._stretch.setProperty("role", "secondary")
        self._stretch.show_value("Another number of epochs stretches or shortens the schedule from the next step on.")
        self._stretch.hide()
        self._error = ValueLabel()
        self._error.setProperty("role", "bad")
        self._error.hide()
        self._said = ValueLabel()
        self._said.setProperty("role", "secondary")
        self._said.setAccessibleName("What has been changed")
        self._said.hide()
        self._layout = QVBoxLayout(self)
        for widget in (self._row, self._stretch, self._now, self._error, self._said):
            self._layout.addWidget(widget)
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def epochs(self) -> int:
        """How many epochs are in force, 0 where that is not known."""
        return self._config.epochs if self._config is not None else 0

    def begin(self, config: TrainingConfig | None) -> None:
        """Shows what a run begins with; None where its configuration is not known, and nothing can be changed."""
        self._config = config
        self._waiting = Change()
        self._said.hide()
        self._said.show_value("")
        self.setEnabled(config is not None)
        self._show_in_force()

    def take(self, event: Changed) -> None:
        """A change is in force."""
        if self._config is not None:
            values = {
                field.name: value
                for field in dataclasses.fields(self._waiting)
                if (value := getattr(self._waiting, field.name)) is not None
                and field.name.replace("_", " ") in event.text
            }
            self._config = dataclasses.replace(self._config, **values)
            self._waiting = dataclasses.replace(self._waiting, **dict.fromkeys(values))
            self._show_in_force(only=tuple(values))
        earlier = f"{self._said.value}\n" if self._said.value else ""
        self._said.show_value(f"{earlier}{event.text}, since step {event.step:,}")
        self._said.show()

    def refuse(self) -> None:
        """What was asked does not fit: the fields show what is in force again."""
        if self._waiting != Change():
            self._waiting = Change()
            self._show_in_force()

    def show_rate(self, event: StepsTrained) -> None:
        """Says the learning rate of the newest step, at most once a second and only while it is in sight."""
        moment = time.monotonic()
        if not self.isVisible() or moment - self._rate_shown_at < _RATE_EVERY_S:
            return
        self._rate_shown_at = moment
        self._now.show_text(f"learning rate now {event.learning_rates[-1]:.3g}")

    def _show_in_force(self, only: tuple[str, ...] | None = None) -> None:
        if self._config is None:
            return
        for name, field in self._fields.items():
            if only is not None and name not in only:
                continue
            value = getattr(self._config, name)
            if isinstance(field, ChoiceField):
                field.offer(_choices(value))
            field.show_value(value)
        self._check()

    def _change(self) -> Change:
        """What the fields ask for beyond what is in force.

        Raises:
            ValueError: a value is wrong.
        """
        assert self._config is not None  # noqa: S101 - the fields are disabled before a run begins
        values = {name: field.value() for name, field in self._fields.items()}
        dataclasses.replace(self._config, **values)
        return Change(**{name: value for name, value in values.items() if value != getattr(self._config, name)})

    def _check(self) -> None:
        try:
            change, error = (Change() if self._config is None else self._change()), ""
        except ValueError as wrong:
            change, error = Change(), str(wrong)
        self._error.show_value(error)
        self._error.setVisible(bool(error))
        self._apply.setEnabled(change != Change())
        is_stretching = change.epochs is not None and self._config is not None and self._config.schedule != "constant"
        self._stretch.setVisible(is_stretching)

    def _on_apply(self) -> None:
        change = self._change()
        self._waiting = change
        self._apply.setEnabled(False)
        self.asked.emit(change)

    def _pair(self, field: Field) -> QWidget:
        pair = QWidget()
        layout = QHBoxLayout(pair)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(field.label)
        layout.addWidget(field.control)
        self._pairs.append(layout)
        return pair

    def _measure(self) -> None:
        px = theme().px
        self._layout.setContentsMargins(px(12), 0, px(8), px(4))
        self._layout.setSpacing(px(2))
        for layout in self._pairs:
            layout.setSpacing(px(6))
        for name, width in (("learning_rate", 72), ("epochs", 60), ("augmentation", 104)):
            self._fields[name].control.setFixedWidth(px(width))


def _choices(value: Augmentation) -> list[Choice]:
    choices = [Choice(preset, name) for name, preset in PRESETS.items()]
    return choices if value in PRESETS.values() else [Choice(value, "as it is"), *choices]
