"""Experiments as the rest of the window opens them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from explorer import experiments
from explorer.ui.app import create_window
from explorer.ui.window import Window


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = create_window()
    made.resize(1280, 800)
    yield made
    made.close()


def test_links_names_and_numbers_open_an_experiment(window: Window) -> None:
    for text in ("9", "plain-depth", "experiment:9"):
        window.open_experiment("relu")
        window.open_experiment(text)
        panel = window.experiments.panel.panel
        assert panel is not None
        assert panel.experiment.number == 9
    window.links.follow("experiment:16")
    assert panel.experiment.name == "unet-skips"
    assert not window.docks["experiments"].isHidden()


def test_what_is_no_experiment_is_said(window: Window) -> None:
    told: list[str] = []
    window.session.message.connect(told.append)
    window.open_experiment("plain-deapth")
    assert told == ["there is no experiment 'plain-deapth'; did you mean plain-depth?"]


def test_next_and_previous_go_around(window: Window) -> None:
    window.experiments.next()
    panel = window.experiments.panel.panel
    assert panel is not None
    first = panel.experiment
    assert first is experiments.EXPERIMENTS[0]
    window.experiments.previous()
    assert panel.experiment is experiments.EXPERIMENTS[-1]
    window.experiments.next()
    window.experiments.next()
    assert panel.experiment is experiments.EXPERIMENTS[1]


def test_the_experiment_on_screen_is_remembered(qtbot: QtBot, window: Window) -> None:
    window.open_experiment("dropout")
    window.close()
    again = create_window()
    assert again.experiments.panel.build().experiment.name == "dropout"
    again.close()
