"""The window that greets, leads, finds, explains and lectures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from training_events import epoch_finished, started, steps

from explorer.networks.catalogue import get
from explorer.system import paths
from explorer.ui import motion, tour_waiting
from explorer.ui.app import create_window
from explorer.ui.palette_entries import shortcut_of
from explorer.ui.shortcuts_sheet import ShortcutsSheet, as_text, sheet_of
from explorer.ui.tour_steps import RESIDUAL, STEPS
from explorer.ui.window import Window
from tests.ui.window_fixture import open_window, window_of_many_tests


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    with open_window() as made:
        yield made


@pytest.fixture(scope="module")
def lasting(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    with window_of_many_tests(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def shared(lasting: Window, qtbot: QtBot) -> Iterator[Window]:
    """For tests that leave the window as it was."""
    yield lasting
    QApplication.processEvents()


def _is_inside(window: Window) -> bool:
    card = window.first_minute.tour.card
    return window.rect().contains(card.geometry()) and not card.isHidden()


def test_the_first_start_draws_a_digit_and_offers_the_tour_once(
    qtbot: QtBot, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own_home / "window.json").unlink()
    monkeypatch.setattr(motion, "is_wanted", lambda _widget: True)
    first = create_window()
    first.show()
    qtbot.waitUntil(lambda: first.first_minute.offer is not None, timeout=30_000)
    assert first.first_minute.demo.is_drawing
    assert first.session.architecture.name == "lenet5"
    qtbot.waitUntil(lambda: not first.input.pad.is_blank, timeout=5_000)
    qtbot.mouseClick(first.input.pad, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert not first.first_minute.demo.is_drawing
    first.first_minute.offer.no.click()
    assert first.first_minute.offer is None
    first.close()
    again = create_window()
    again.show()
    qtbot.waitUntil(lambda: bool(again.service.title), timeout=30_000)
    assert not again.first_minute._greeting.isActive()
    assert again.input.pad.is_blank
    again.close()


def test_the_tour_goes_on_by_what_is_done(window: Window, qtbot: QtBot) -> None:
    tour = window.first_minute.tour
    tour._praising.setInterval(0)
    tour.start()
    assert tour.step == 0
    assert _is_inside(window)
    pad = window.input.pad
    qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    qtbot.mouseMove(pad, QPoint(60, 60))
    qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    qtbot.waitUntil(lambda: tour.step == 1, timeout=5_000)
    window.session.select("features.c3")
    qtbot.waitUntil(lambda: tour.step == 2, timeout=5_000)
    architecture = window.session.architecture
    window.session.show(architecture, architecture.options_type(activation="tanh"))
    qtbot.waitUntil(lambda: tour.step == 3, timeout=5_000)
    assert _is_inside(window)
    window.session.show(get(RESIDUAL))
    qtbot.waitUntil(lambda: tour.step == 4, timeout=5_000)
    # Training needs no run here: what matters is that the trainer's word is taken for it.
    assert window.session.architecture.name == "lenet5"
    assert window.workspaces.current == "Train"
    window.trainer.started.emit(started())
    qtbot.waitUntil(lambda: tour.step == 5, timeout=5_000)
    window.session.choose_weights(paths.home(), 2)
    qtbot.waitUntil(lambda: tour.step == 6, timeout=5_000)
    assert window.session.architecture.name == RESIDUAL
    window.session.show(get(RESIDUAL), get(RESIDUAL).options_type(shortcut="none"))
    qtbot.waitUntil(lambda: not tour.is_under_way, timeout=5_000)
    assert tour.is_done
    assert tour.card.isHidden()
    assert tour.card.outline.isHidden()


def test_the_tour_says_what_the_first_point_waits_for(window: Window) -> None:
    tour, trainer, curves = window.first_minute.tour, window.trainer, window.training.curves
    curves.clear()
    tour.restore({"step": 5})
    tour.start()
    assert "press Train" in tour.card.meanwhile.text()
    assert _is_inside(window)
    trainer._state = "running"
    curves.begin(started(steps_per_epoch=100))
    assert "after the first epoch" in tour_waiting.words(window)
    curves.add_steps(steps(1, 40, seconds=8.0))
    # 40 of 100 steps took 8 s: the other 60 take 12.
    assert tour_waiting.words(window) == "The first epoch is 40 % done; its point comes in about 12 s."
    curves.add_steps(steps(41, 100, seconds=20.0))
    assert "being tested" in tour_waiting.words(window)
    curves.add_epoch(epoch_finished(1, steps_per_epoch=100))
    assert tour_waiting.words(window) == "1 epoch complete: click its point now."
    trainer._state = "idle"
    tour.end()
    assert tour._unwait is None


def test_each_step_has_a_card_within_the_window(window: Window) -> None:
    tour = window.first_minute.tour
    tour.start()
    for number in range(len(STEPS)):
        for size in ((1280, 800), (1440, 900)):
            window.resize(*size)
            QApplication.processEvents()
            assert tour.step == number
            assert _is_inside(window), (STEPS[number].title, size)
            assert not tour.card.outline.isHidden()
        tour.card.skip_button.click()
    assert not tour.is_under_way


def test_a_tour_that_was_left_goes_on_there_and_is_remembered(window: Window, qtbot: QtBot) -> None:
    tour = window.first_minute.tour
    tour.start()
    tour.go_on()
    tour.go_on()
    tour.card.back_button.click()
    qtbot.keyClick(tour.card, Qt.Key.Key_Escape)
    assert not tour.is_under_way
    window.close()
    kept = json.loads((paths.home() / "window.json").read_text(encoding="utf-8"))
    assert kept["first_minute"]["tour"] == {"step": 1, "done": False}


def test_the_palette_finds_runs_and_remembers(window: Window, qtbot: QtBot) -> None:
    palette = window.commands.help.palette
    palette.open()
    titles = {entry.title for entry, _ in palette.model.rows} | {entry.title for entry in palette._entries}
    menus = [action for action in window.findChildren(QAction) if action.text() == "&Settings…"]
    assert len(menus) == 1
    assert {"Settings…", "Show ResNet-50", "Panel: Why", "Browse MNIST", "Lecture mode", "Fold all"} <= titles
    assert any(title.startswith("Experiment 9: ") for title in titles)
    qtbot.keyClicks(palette.line, "panel runs")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    with qtbot.waitSignal(palette.ran):
        pass
    assert not palette.isVisible()
    assert not window.docks["runs"].visibleRegion().isEmpty()
    palette.open()
    assert palette.model.rows[0][0].title == "Panel: Runs"
    qtbot.keyClicks(palette.line, "zzzz")
    assert palette.model.rows == ()
    qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    assert palette.isHidden()


def test_no_two_commands_share_a_key(shared: Window) -> None:
    keys: dict[bool, list[str]] = {True: [], False: []}
    for action in shared.findChildren(QAction):
        holds_everywhere = action.shortcutContext() == Qt.ShortcutContext.WindowShortcut
        keys[holds_everywhere] += [shortcut.toString() for shortcut in action.shortcuts()]
    assert len(keys[True]) > 20
    assert sorted(keys[True]) == sorted(set(keys[True]))
    # A panel's own key wins nothing against the window's: neither would do anything.
    assert set(keys[True]) & set(keys[False]) == set()


def test_the_sheet_holds_every_key_of_the_menus_and_those_beside(shared: Window, qtbot: QtBot) -> None:
    text = as_text(sheet_of(shared))
    for menu in shared.menuBar().actions():
        for action in menu.menu().actions():
            if shortcut_of(action) and not action.text().startswith("Fold to depth"):
                assert shortcut_of(action) in text, action.text()
    for words in ("Eraser, or pen again", "Lecture mode", "Ctrl+K", "Page Down, Page Up"):
        assert words in text
    sheet = ShortcutsSheet(shared)
    qtbot.addWidget(sheet)
    sheet.search.setText("eraser")
    assert list(sheet.found()) == ["Pad"]
    sheet.copy()
    assert QApplication.clipboard().text() == text
    assert sheet.document().pageCount() >= 1


def test_lecture_mode_leaves_everything_as_it_was(window: Window, qtbot: QtBot) -> None:
    window.docks["options"].close()
    window.show_panel("runs")
    before = ({name: dock.isHidden() for name, dock in window.docks.items()}, window.session.architecture.name)
    lecture = window.lecture
    lecture.toggle()
    assert window.isFullScreen()
    assert {name for name, dock in window.docks.items() if not dock.isHidden()} == {"training", "input"}
    assert window.centralWidget().isHidden()
    lecture.step(1)
    assert lecture.experiment.number == 1
    lecture.step(-1)
    assert lecture.experiment.number == 19
    assert {name for name, dock in window.docks.items() if not dock.isHidden()} == {"experiments", "input"}
    experiment_list = window.experiments.panel.build().list
    assert experiment_list.isHidden()
    lecture.turn_graph()
    assert not window.centralWidget().isHidden()
    window.input.pad.setFocus()
    qtbot.keyClick(window.input.pad, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not lecture.is_on)
    QApplication.processEvents()
    assert not window.isFullScreen()
    assert ({name: dock.isHidden() for name, dock in window.docks.items()}, window.session.architecture.name) == before
    assert not window.menuBar().isHidden()
    assert not window.centralWidget().isHidden()
    assert not experiment_list.isHidden()


def test_the_offer_of_a_tour_goes_when_its_user_goes_elsewhere(window: Window) -> None:
    window.first_minute._greet()
    assert window.first_minute.offer is not None
    window.workspaces.enter("Train")
    assert window.first_minute.offer is None


def test_no_card_lies_over_a_lecture(window: Window, qtbot: QtBot) -> None:
    first_minute = window.first_minute
    first_minute._greet()
    first_minute.start_tour()
    first_minute.tour.go_on()
    first_minute._greet()
    window.lecture.enter()
    assert first_minute.offer is None
    assert not first_minute.tour.is_under_way
    qtbot.waitUntil(first_minute.tour.card.isHidden)
    window.lecture.leave()
    first_minute.start_tour()
    assert first_minute.tour.step == 1


def test_links_act_on_the_window(window: Window) -> None:
    links = window.links
    links.follow("layer:features.c3")
    assert window.session.selection == "features.c3"
    links.follow("option:activation")
    assert window.options.controls["activation"].hasFocus()
    links.follow("panel:runs")
    assert not window.docks["runs"].visibleRegion().isEmpty()
    said: list[str] = []
    window.session.message.connect(said.append)
    links.follow("layer:nowhere")
    links.follow("network:resnet20?shortcut=sideways")
    links.follow("experiment:9")
    links.follow("network:resnet20?shortcut=none")
    assert (window.session.architecture.name, window.session.options.shortcut) == ("resnet20", "none")
    assert len(said) >= 2
    assert "nowhere" in said[0]


def test_a_dragged_file_shows_where_it_would_go(shared: Window, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPointF(9, 9).toPoint(), Qt.DropAction.CopyAction, mime, left, none)
    QApplication.sendEvent(shared.input, enter)
    assert shared.drops.is_shown
    assert shared.drops.label.text() == "Drop to see it on the pad"
    QApplication.sendEvent(shared.input, QDragLeaveEvent())
    assert not shared.drops.is_shown


def test_the_next_panel_gets_the_keyboard(window: Window, qtbot: QtBot) -> None:
    window.activateWindow()
    window.catalogue.search.setFocus()
    seen = []
    for _ in range(8):
        next(a for a in window.findChildren(QAction) if a.text() == "Ne&xt panel").trigger()
        focus = QApplication.focusWidget()
        assert focus is not None
        seen.append(next((n for n, d in window.docks.items() if d.isAncestorOf(focus)), "graph"))
    # In the order of the eye: left, middle, right, and round again.
    assert seen == ["options", "graph", "layers", "training", "input", "inspector", "catalogue", "options"]
