"""Published weights are listed, downloaded from a mirror, cancelled, resumed, used and removed from one dialog."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import made_weights
import numpy as np
import pytest
from made_weights import NETWORK, Made, WeightsServer
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from explorer.inference.kinds import Takes
from explorer.networks import zoo_files, zoo_weights
from explorer.system import settings as system_settings
from explorer.system.settings import Settings
from explorer.ui.answering import Choice, Weights, load_weights
from explorer.ui.settings_dialog import SettingsDialog
from explorer.ui.weights_choice import WeightsChoice
from explorer.ui.zoo_dialog import ZooDialog
from explorer.ui.zoo_service import ZooService


@pytest.fixture(scope="module")
def made() -> Made:
    return made_weights.make()


@dataclass
class Place:
    service: ZooService
    dialog: ZooDialog
    server: WeightsServer
    used: list[Path]

    def click(self, button: str) -> None:
        QTest.mouseClick(getattr(self.dialog, button), Qt.MouseButton.LeftButton)


@pytest.fixture
def place(qtbot: QtBot, made: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    real = zoo_weights._choices
    monkeypatch.setattr(zoo_weights, "_choices", lambda name: made.entries if name == NETWORK else real(name))
    zoo_weights._published.cache_clear()
    with WeightsServer(made.file_name, made.content) as server:
        service = ZooService(lambda: Settings(weights_mirror=server.mirror))
        dialog = ZooDialog(service, NETWORK)
        qtbot.addWidget(dialog)
        used: list[Path] = []
        dialog.used.connect(used.append)
        dialog.show()
        qtbot.waitUntil(lambda: dialog.row is not None, timeout=30_000)
        yield Place(service, dialog, server, used)
        if server.stall is not None:
            server.stall.set()
        service.shutdown()
    zoo_weights._published.cache_clear()


def test_the_network_on_screen_is_chosen_and_its_size_told(place: Place, made: Made) -> None:
    assert place.dialog.row.weights.network == NETWORK
    assert place.dialog.download.text() == f"Download {zoo_files.megabytes(len(made.content))}"
    assert place.server.mirror in place.dialog.source.text()
    assert not place.dialog.use.isEnabled()


def test_weights_are_downloaded_and_used(place: Place, qtbot: QtBot, made: Made) -> None:
    with qtbot.waitSignal(place.service.arrived, timeout=20_000):
        place.click("download")
    qtbot.waitUntil(place.dialog.use.isEnabled)
    assert place.dialog.list.currentItem().text(5) == "here"
    place.click("use")
    (path,) = place.used
    assert path.read_bytes() == made.content
    answering = load_weights(Choice(Weights.CHOSEN, path))
    assert answering.takes is Takes.PHOTOGRAPHS
    assert answering.title.endswith("on Made-up-12, 61.3 %")
    seen = answering.see(np.zeros((60, 80, 3), np.uint8))
    assert len(answering.answer(seen).labels) == 12


def test_a_cancelled_download_can_be_resumed(place: Place, qtbot: QtBot, made: Made) -> None:
    place.server.cut, place.server.stall = 300_000, threading.Event()
    place.click("download")
    qtbot.waitUntil(lambda: zoo_files.begun(made.file_name) == 300_000, timeout=10_000)
    assert place.dialog.cancel.isVisible()
    with qtbot.waitSignal(place.service.failed, timeout=20_000) as caught:
        place.click("cancel")
        place.server.stall.set()
    assert "0.3 MB are kept" in caught.args[0] or "broke off" in caught.args[0]
    place.server.cut = place.server.stall = None
    qtbot.waitUntil(lambda: place.dialog.download.text().startswith("Resume"))
    with qtbot.waitSignal(place.service.arrived, timeout=20_000):
        place.click("download")
    assert place.server.requests[-1][1] == "bytes=300000-"


def test_without_a_server_the_sentence_says_what_is_there(place: Place, qtbot: QtBot, made: Made) -> None:
    place.server.name = "another"
    with qtbot.waitSignal(place.service.failed, timeout=20_000) as caught:
        place.click("download")
    assert "404" in caught.args[0]
    assert caught.args[0].endswith("no weights are on this machine yet")
    assert place.dialog.message.text() == caught.args[0]


def test_downloaded_weights_can_be_removed(place: Place, qtbot: QtBot, made: Made) -> None:
    with qtbot.waitSignal(place.service.arrived, timeout=20_000):
        place.click("download")
    qtbot.waitUntil(place.dialog.remove.isEnabled)
    place.click("remove")
    qtbot.waitUntil(lambda: not place.dialog.use.isEnabled())
    assert zoo_files.find(made.file_name) is None


def test_the_list_is_searched_and_sorted_by_figures(place: Place, qtbot: QtBot) -> None:
    place.dialog.search.setText("resnet18")
    tree = place.dialog.list
    shown = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount()) if not tree.topLevelItem(row).isHidden()]
    assert [item.text(0) for item in shown] == ["resnet18"]
    place.dialog.search.clear()
    tree.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    sizes = [tree.topLevelItem(row).data(0, Qt.ItemDataRole.UserRole).weights.size for row in range(20)]
    assert sizes == sorted(sizes)


def test_downloaded_weights_are_in_the_choice_below_the_answer(qtbot: QtBot) -> None:
    from explorer.system import paths
    from explorer.ui.prediction_service import PredictionService

    folder = paths.weights_folder()
    folder.mkdir(parents=True)
    (folder / "resnet18-f37072fd.pth").write_bytes(b"")
    (folder / "resnet18-f37072fd.pth.part").write_bytes(b"")
    choice = WeightsChoice(PredictionService(lambda _choice: None))
    qtbot.addWidget(choice)
    choice.menu().aboutToShow.emit()
    texts = [action.text() for action in choice.menu().actions()]
    assert texts.count("resnet18 on ImageNet") == 1
    with qtbot.waitSignal(choice.zoo_wanted):
        next(action for action in choice.menu().actions() if action.text() == "ImageNet weights…").trigger()


def test_a_mirror_is_kept_where_it_will_do(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(), {})
    qtbot.addWidget(dialog)
    line = dialog.findChild(QLineEdit, "weights_mirror")
    line.setText("http://example.org/weights")
    line.editingFinished.emit()
    assert "open internet" in dialog._error.text()
    assert system_settings.load().weights_mirror == ""
    line.setText("http://school.local/weights")
    line.editingFinished.emit()
    assert dialog._error.text() == ""
    assert system_settings.load().weights_mirror == "http://school.local/weights"
