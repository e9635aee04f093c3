"""Quiet buttons stand flush with what is above them, and none of them is cut off."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from explorer import experiments
from explorer.ui.experiment_words import ExperimentWords
from explorer.ui.quiet_row import quiet_inset


def test_links_of_an_experiment_stand_flush_with_its_words(qtbot: QtBot) -> None:
    words = ExperimentWords()
    qtbot.addWidget(words)
    words.resize(420, 700)
    words.show_experiment(experiments.EXPERIMENTS[0])
    words.show()
    quiet = [button for button in words.findChildren(QPushButton) if button.property("quiet") and button.isVisible()]
    first = min(quiet, key=lambda button: _left(button, words))
    assert _left(first, words) + quiet_inset() == _left(words.question, words)
    assert _left(words.controls.run, words) == _left(words.question, words)
    holder = first.parentWidget()
    assert holder is not None
    assert _left(holder, words) >= 0
    assert holder.rect().contains(first.geometry())


def _left(widget: QWidget, of: QWidget) -> int:
    return widget.mapTo(of, QPoint(0, 0)).x()
