"""An augmentation with a preset, and each of its changes with a switch and an amount."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from explorer.data.augmentation import Augmentation
from explorer.ui.theme import theme
from explorer.ui.training_augmentation import AugmentationField


class AugmentationControls(QWidget):
    """The training form's field for an augmentation, standing alone with its switches open.

    `changed` carries the new augmentation after each change by the user that gives a valid one.
    """

    changed = Signal(object)  # Augmentation

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Augmentation")
        self.value = Augmentation.NONE
        self._field = AugmentationField("preview", "Augmentation", "How training images are varied each epoch", self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._field.label, self._field.control, self._field.below, self._field.error):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        for button in self._field.control.findChildren(QToolButton):
            button.setChecked(True)
            button.hide()
        self._field.edited.connect(self._on_edited)
        theme().changed.connect(self._measure)
        self._measure()

    def show_value(self, augmentation: Augmentation) -> None:
        """Shows an augmentation without telling of a change."""
        self.value = augmentation
        self._field.show_value(augmentation)
        self._field.show_error("")

    def _on_edited(self) -> None:
        try:
            value = self._field.value()
        except ValueError as error:
            self._field.show_error(str(error))
            return
        self._field.show_error("")
        if value != self.value:
            self.value = value
            self.changed.emit(value)

    def _measure(self) -> None:
        self._column.setSpacing(theme().px(4))
