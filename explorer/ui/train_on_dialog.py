"""The dialog that asks how many epochs a run that is finished shall have in the end."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QSpinBox, QWidget

from explorer.training.config import TrainingConfig
from explorer.training.schedule import learning_rate
from explorer.ui import numbers
from explorer.ui.spin_box import indent
from explorer.ui.theme import theme

_MOST_EPOCHS = 100_000


class TrainOnDialog(QDialog):
    """More epochs for a run of `done` epochs; `chosen` carries how many it shall have in all."""

    chosen = Signal(int)

    def __init__(self, name: str, config: TrainingConfig, done: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Train {name} on")
        self._config, self._done = config, done
        self.epochs = QSpinBox()
        indent(self.epochs)
        self.epochs.setRange(done + 1, _MOST_EPOCHS)
        self.epochs.setValue(done + max(1, round(done / 2)))
        self.epochs.setAccessibleName("Epochs in all")
        self.epochs.setToolTip("How many epochs the run shall have in the end, those that are done included")
        self._rate = QLabel()
        self._rate.setObjectName("rate")
        self._rate.setWordWrap(True)
        self._rate.setProperty("role", "secondary")
        form = QFormLayout(self)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.addRow("Done so far", QLabel(numbers.plural(done, "epoch")))
        form.addRow("&Epochs in all", self.epochs)
        form.addRow(self._rate)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Train on")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.epochs.valueChanged.connect(self._tell)
        self._tell(self.epochs.value())
        self.setMinimumWidth(theme().px(380))

    def accept(self) -> None:
        self.chosen.emit(self.epochs.value())
        super().accept()

    def _tell(self, epochs: int) -> None:
        """What the schedule does: it stands where it would stand had the run been meant to be this long."""
        config = self._config
        rate = learning_rate(config.schedule, config.learning_rate, 1 + self._done, epochs, config.warm_up_epochs)
        self._rate.setText(
            f"The learning rate goes on from about {rate:.2g}: where its schedule stands after "
            f"{self._done:,} of {epochs:,} epochs. The change is marked on the curve."
        )
