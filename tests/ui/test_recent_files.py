"""What was opened lately, and where dialogs begin."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from explorer.ui import file_dialogs
from explorer.ui.recent_files import MOST, RecentFiles


def test_the_newest_comes_first_and_once(tmp_path: Path) -> None:
    recent = RecentFiles()
    for name in ("a.png", "b.png", "a.png"):
        recent.add("picture", tmp_path / name)
    recent.add("run", tmp_path / "run", "LeNet-5 on MNIST")
    assert [each.title for each in recent.of("picture")] == ["a.png", "b.png"]
    assert [each.title for each in recent.of("run")] == ["LeNet-5 on MNIST"]


def test_only_so_many_of_a_kind_are_kept(tmp_path: Path) -> None:
    recent = RecentFiles()
    recent.add("run", tmp_path)
    for number in range(MOST + 5):
        recent.add("picture", tmp_path / f"{number}.png")
    assert len(recent.of("picture")) == MOST
    assert len(recent.of("run")) == 1


def test_what_was_kept_comes_back_and_nonsense_does_not(tmp_path: Path) -> None:
    recent, again = RecentFiles(), RecentFiles()
    recent.add("picture", tmp_path / "a.png")
    again.restore([*recent.state(), {"kind": "virus", "path": "x", "title": "y"}, 7, {"kind": "run", "path": 3}])
    assert again.of("picture") == recent.of("picture")
    assert again.of("run") == ()
    again.restore("nonsense")
    assert again.state() == []


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    file_dialogs.restore(None)
    return made


def test_each_kind_of_dialog_begins_where_it_ended(
    parent: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[str] = []
    pictures = tmp_path / "pictures"
    pictures.mkdir()

    def answer(_parent: QWidget, _title: str, folder: str, _patterns: str) -> tuple[str, str]:
        began.append(folder)
        return str(pictures / "a.png"), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    file_dialogs.open_file(parent, "picture", "Open")
    file_dialogs.open_file(parent, "picture", "Open")
    file_dialogs.open_file(parent, "weights", "Open")
    assert began == ["", str(pictures), ""]
    kept = file_dialogs.state()
    file_dialogs.restore(kept)
    assert file_dialogs.state() == {"picture": str(pictures), "weights": str(pictures)}


def test_a_folder_that_is_gone_is_not_begun_in(
    parent: QWidget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_dialogs.restore({"figure": str(tmp_path / "gone"), "table": 5})
    asked: list[str] = []

    def answer(_parent: QWidget, _title: str, place: str, _patterns: str) -> tuple[str, str]:
        asked.append(place)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    file_dialogs.save_file(parent, "figure", "Save", "net.svg")
    assert asked == [str(Path.home() / "net.svg")]
