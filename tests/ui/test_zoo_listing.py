"""When the zoos are listed: not while the pen moves or a network trains, at once where somebody looks for a network."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.data.sketch import Sketch
from explorer.networks.architecture import Architecture
from explorer.networks.catalogue import CATALOGUE
from explorer.system.settings import Settings
from explorer.ui import catalogue_reader, zoo_listing
from explorer.ui.catalogue_reader import CatalogueReader
from explorer.ui.window import Window


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows when the zoos are asked for; nothing is imported."""
    asked: list[str] = []
    monkeypatch.setattr("explorer.ui.catalogue_reader.CatalogueReader.list_zoos", lambda _reader: asked.append("zoos"))
    return asked


@pytest.fixture
def window(qtbot: QtBot, listed: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setattr(zoo_listing, "_STILL_MS", 60)
    window = Window(Settings())
    qtbot.addWidget(window)
    yield window
    window.close()


def test_a_still_pen_has_them_listed_once(qtbot: QtBot, window: Window, listed: list[str]) -> None:
    window.zoos.start()
    assert not listed
    qtbot.waitUntil(lambda: bool(listed), timeout=5000)
    window.zoos.start()
    window.zoos.now()
    assert listed == ["zoos"]


def test_a_pen_that_moves_puts_it_off(window: Window) -> None:
    window.zoos.start()
    before = window.zoos._wait.timerId()
    window.input.source_changed.emit(Sketch())
    # A wait that begins anew is another timer.
    assert window.zoos._wait.isActive()
    assert window.zoos._wait.timerId() != before


def test_a_training_puts_it_off(qtbot: QtBot, window: Window, listed: list[str]) -> None:
    assert window.trainer.lend()
    window.zoos.start()
    with qtbot.waitSignals([window.zoos._wait.timeout] * 2):
        pass
    assert not listed
    window.trainer.give_back()
    qtbot.waitUntil(lambda: bool(listed), timeout=5000)


def test_who_looks_for_a_network_does_not_wait(qtbot: QtBot, window: Window, listed: list[str]) -> None:
    window.zoos.start()
    qtbot.keyClick(window.catalogue.search, Qt.Key.Key_R)
    assert listed == ["zoos"]
    assert not window.zoos._wait.isActive()


def test_the_palette_asks_for_them_and_finds_what_comes(window: Window, listed: list[str]) -> None:
    window.show()
    palette = window.commands.help.palette
    palette.open()
    assert listed == ["zoos"]
    palette.line.setText("swin_t")
    assert not palette.model.rowCount()
    window.reader.zoo_listed.emit("torchvision", (_swin(),))
    assert palette.model.rowCount() == 1


def test_a_search_finds_what_comes(window: Window) -> None:
    window.catalogue.search.setText("swin_t")
    assert window.catalogue.none_found.isVisibleTo(window.catalogue)
    window.reader.zoo_listed.emit("torchvision", (_swin(),))
    assert not window.catalogue.none_found.isVisibleTo(window.catalogue)


def test_a_search_that_finds_nothing_says_which_networks_are_still_to_come(window: Window) -> None:
    catalogue, asked = window.catalogue, window.reader.zoo_asked
    catalogue.search.setText("swin_t")
    asked.emit("torchvision")
    assert (
        catalogue.none_found.sentence == "Nothing here matches 'swin_t' yet: torchvision's networks are being listed."
    )
    asked.emit("")
    assert catalogue.none_found.sentence == "No network matches 'swin_t'."


def test_the_zoos_are_told_one_after_the_other(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_reader, "_zoo", lambda _name: ())
    reader = CatalogueReader()
    told: list[str] = []
    reader.zoo_asked.connect(told.append)
    reader.list_zoos()
    qtbot.waitUntil(lambda: told[-1] == "")
    reader.shutdown()
    assert told == ["torchvision", "timm", ""]


def test_a_zoo_that_cannot_be_listed_does_not_keep_the_next_one_away(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_name: str) -> tuple[Architecture, ...]:
        raise RuntimeError("half installed")

    monkeypatch.setattr(catalogue_reader, "_zoo", broken)
    reader = CatalogueReader()
    told: list[str] = []
    reader.zoo_asked.connect(told.append)
    CatalogueReader.list_zoos(reader)
    qtbot.waitUntil(lambda: told[-1] == "")
    reader.shutdown()
    assert told == ["torchvision", "timm", ""]


def test_a_comparison_on_screen_at_the_start_has_them_listed(window: Window, listed: list[str]) -> None:
    window.docks["comparison"].visibilityChanged.emit(True)
    assert not listed
    window.zoos.start()
    assert listed == ["zoos"]


def _swin() -> Architecture:
    return dataclasses.replace(CATALOGUE[0], name="torchvision/swin_t", title="swin_t", family="torchvision")
