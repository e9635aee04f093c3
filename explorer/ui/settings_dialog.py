"""Edit > Settings: theme, device, threads and folders; every change holds at once."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from explorer.system import paths, settings
from explorer.system.settings import Device, Settings, Theme
from explorer.ui.theme import theme

_DEVICE_NAMES = {"auto": "Automatic", "cpu": "Processor", "cuda": "NVIDIA GPU (CUDA)", "mps": "Apple GPU (Metal)"}
_THEME_NAMES = {"system": "As the system", "light": "Light", "dark": "Dark"}


class SettingsDialog(QDialog):
    """Shows the settings and saves each change; `changed` carries the new `Settings`.

    `devices` are those that torch found here (name and title); others are offered only where one was chosen before.
    """

    changed = Signal(object)

    def __init__(self, chosen: Settings, devices: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setMinimumWidth(theme().px(520))
        self._chosen = chosen
        known = {"auto", chosen.device, *devices} if devices else set(get_args(Device))
        offered = tuple(name for name in get_args(Device) if name in known)
        form = QFormLayout()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        form.setHorizontalSpacing(theme().px(16))
        form.setVerticalSpacing(theme().px(8))
        form.addRow("Theme", self._choice("theme", get_args(Theme), _THEME_NAMES, "Light, dark, or as the desktop is"))
        form.addRow("Train on", self._choice("device", offered, _DEVICE_NAMES, "Where training runs"))
        form.addRow("Threads", self._threads())
        form.addRow("Data sets", self._folder("data_folder", f"Looked for here first, after {paths.DATA_VARIABLE}"))
        form.addRow("Runs", self._folder("runs_folder", str(paths.default_runs_folder())))
        form.addRow("Mirror for weights", self._mirror())
        self._error = QLabel()
        self._error.setProperty("role", "bad")
        self._error.setTextFormat(Qt.TextFormat.PlainText)
        self._error.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        margin = theme().px(16)
        layout.setContentsMargins(margin, margin, margin, margin)
        layout.setSpacing(theme().px(12))
        layout.addLayout(form)
        layout.addWidget(self._error)
        layout.addWidget(buttons)

    def _choice(self, name: str, values: tuple[str, ...], titles: dict[str, str], tip: str) -> QComboBox:
        box = QComboBox()
        box.setToolTip(tip)
        box.setAccessibleName(tip)
        for value in values:
            box.addItem(titles[value], value)
        box.setCurrentIndex(values.index(getattr(self._chosen, name)))
        box.currentIndexChanged.connect(lambda _index: self._change(name, box.currentData()))
        return box

    def _threads(self) -> QSpinBox:
        box = QSpinBox()
        box.setRange(0, 256)
        box.setSpecialValueText("Chosen by measurement")
        box.setValue(self._chosen.threads)
        box.setToolTip("Processor threads that training uses")
        box.lineEdit().setTextMargins(theme().px(6), 0, 0, 0)
        box.setAccessibleName("Threads")
        box.valueChanged.connect(lambda value: self._change("threads", value))
        return box

    def _folder(self, name: str, hint: str) -> QWidget:
        line = QLineEdit(getattr(self._chosen, name))
        line.setPlaceholderText(hint)
        line.setToolTip(hint)
        line.setAccessibleName(name.replace("_", " "))
        line.editingFinished.connect(lambda: self._change(name, line.text().strip()))
        choose = QPushButton("Choose…")
        choose.setAccessibleName(f"choose the {name.replace('_', ' ')}")
        choose.setAutoDefault(False)
        choose.clicked.connect(lambda: self._choose_folder(line))
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme().px(8))
        layout.addWidget(line, 1)
        layout.addWidget(choose)
        return row

    def _mirror(self) -> QLineEdit:
        hint = "https://server/folder with copies of published weights, such as a class room's; empty for none"
        line = QLineEdit(self._chosen.weights_mirror)
        line.setObjectName("weights_mirror")
        line.setPlaceholderText("None: the official address")
        line.setToolTip(hint)
        line.setAccessibleName("Mirror for weights")
        line.editingFinished.connect(lambda: self._change("weights_mirror", line.text().strip()))
        return line

    def _choose_folder(self, line: QLineEdit) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose a folder", line.text())
        if folder:
            line.setText(folder)
            line.editingFinished.emit()

    def _change(self, name: str, value: str | int) -> None:
        if getattr(self._chosen, name) == value:
            return
        if name.endswith("_folder") and value and not Path(str(value)).expanduser().is_dir():
            self._error.setText(f"there is no folder {value}; make it first, or choose another")
            return
        try:
            chosen = dataclasses.replace(self._chosen, **{name: value})
            settings.save(chosen)
        except (ValueError, OSError) as error:
            self._error.setText(str(error))
            return
        self._error.clear()
        self._chosen = chosen
        self.changed.emit(chosen)
