"""Several pictures become a strip: each with its answer, any of them a click away from the pad."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from awkward_images import seven
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from explorer.data.images import read_image
from explorer.inference.predictor import Predictor
from explorer.inference.sources import shipped_weights
from explorer.ui.input_panel import InputPanel
from explorer.ui.input_strip import InputStrip
from tests.ui.input_panel_fixture import input_panel

pytestmark = pytest.mark.skipif(not shipped_weights(), reason="no weights came with the program")


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[InputPanel]:
    with input_panel(qtbot, 700) as panel:
        yield panel


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """A 7, an empty sheet, no picture at all, and a 7 on its side."""
    seven().save(tmp_path / "1.png")
    Image.new("L", (40, 40), 255).save(tmp_path / "2.png")
    (tmp_path / "3.png").write_bytes(b"nothing of the kind")
    seven().rotate(90, expand=True, fillcolor=235).save(tmp_path / "4.png")
    return sorted(tmp_path.glob("*.png"))


def answered(qtbot: QtBot, strip: InputStrip) -> None:
    qtbot.waitUntil(lambda: len(strip) > 0 and not strip.is_busy, timeout=20_000)


def picture_on(panel: InputPanel) -> np.ndarray:
    source = panel.pad.source
    assert isinstance(source, np.ndarray)
    return source


def test_each_picture_is_answered_and_the_first_is_on_the_pad(
    panel: InputPanel, files: list[Path], qtbot: QtBot
) -> None:
    panel.open_images(files)
    answered(qtbot, panel.strip)
    first = panel.strip.answer(0)
    predictor = Predictor.from_file(next(path for path in shipped_weights() if path.name.startswith("lenet5")))
    expected = predictor.answer(predictor.see(read_image(files[0])))
    assert (first.label, first.share) == ("7", expected.confidence)
    assert "nothing on it" in panel.strip.answer(1).sentence
    assert "it holds text" in panel.strip.answer(2).sentence
    assert panel.strip.answer(3).label != ""
    assert panel.strip.isVisible()
    assert panel.strip.findChild(QLabel, "input_strip_count").text() == "4 pictures, 2 without an answer"
    qtbot.waitUntil(lambda: not panel.pad.is_blank)
    assert np.array_equal(picture_on(panel), read_image(files[0]))


def test_arrow_keys_and_clicks_put_pictures_on_the_pad(panel: InputPanel, files: list[Path], qtbot: QtBot) -> None:
    panel.open_images(files)
    answered(qtbot, panel.strip)
    panel.strip.list.setFocus()
    for _ in range(3):
        QTest.keyClick(panel.strip.list, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: picture_on(panel).shape == read_image(files[3]).shape)
    place = panel.strip.list.visualItemRect(panel.strip.list.item(0)).center()
    QTest.mouseClick(panel.strip.list.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    qtbot.waitUntil(lambda: picture_on(panel).shape == read_image(files[0]).shape)


def test_a_picture_can_be_removed_and_the_strip_cleared(panel: InputPanel, files: list[Path], qtbot: QtBot) -> None:
    panel.open_images(files)
    answered(qtbot, panel.strip)
    panel.strip.list.setFocus()
    QTest.keyClick(panel.strip.list, Qt.Key.Key_Delete)
    assert [picture.name for picture in panel.strip.pictures] == ["2.png", "3.png", "4.png"]
    QTest.mouseClick(panel.strip.findChild(QPushButton, "input_strip_clear"), Qt.MouseButton.LeftButton)
    assert len(panel.strip) == 0
    assert not panel.strip.isVisible()


def test_one_picture_needs_no_strip(panel: InputPanel, files: list[Path], qtbot: QtBot) -> None:
    panel.open_images(files[:1])
    qtbot.waitUntil(lambda: not panel.pad.is_blank)
    assert not panel.strip.isVisible()


@pytest.mark.parametrize("way", ["drop", "paste", "dialog", "folder", "dropped folder"])
def test_many_come_in_any_way(
    panel: InputPanel, files: list[Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    mime = QMimeData()
    given = [files[0].parent] if way == "dropped folder" else files
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in given])
    if way.startswith("drop"):
        panel.dropEvent(
            QDropEvent(
                QPointF(20, 20),
                Qt.DropAction.CopyAction,
                mime,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )
        )
    elif way == "paste":
        QGuiApplication.clipboard().setMimeData(mime)
        panel.paste()
    elif way == "dialog":
        monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(path) for path in files], ""))
        panel.choose_image()
    else:
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(files[0].parent))
        panel.choose_folder()
    assert [picture.path for picture in panel.strip.pictures] == files
    answered(qtbot, panel.strip)


def test_samples_of_a_data_set_gather_in_the_strip(panel: InputPanel, qtbot: QtBot) -> None:
    samples = [np.asarray(seven(size=(28, 28), ink=255, paper=0)), np.zeros((28, 28), np.uint8)]
    for sample in samples:
        panel.show_sample(sample)
    answered(qtbot, panel.strip)
    assert panel.strip.isVisible()
    assert np.array_equal(picture_on(panel), samples[1])
    panel.strip.list.setCurrentRow(0)
    assert np.array_equal(picture_on(panel), samples[0])


def test_other_weights_answer_the_strip_again(panel: InputPanel, files: list[Path], qtbot: QtBot) -> None:
    panel.open_images(files)
    answered(qtbot, panel.strip)
    panel.strip.answer_again()
    assert panel.strip.is_busy
    answered(qtbot, panel.strip)
    assert panel.strip.answer(0).label == "7"


def test_the_strip_is_bounded(
    panel: InputPanel, monkeypatch: pytest.MonkeyPatch, files: list[Path], qtbot: QtBot
) -> None:
    from explorer.ui import input_strip

    monkeypatch.setattr(input_strip, "MOST", 3)
    with qtbot.waitSignal(panel.strip.told) as told:
        panel.open_images(files)
    assert len(panel.strip) == 3
    assert "the first 3 of 4" in told.args[0]
    panel.strip.list.setCurrentRow(0)
    panel.show_sample(np.zeros((28, 28), np.uint8))
    assert panel.strip.list.currentRow() == 0


def test_a_folder_among_pictures_stands_for_those_in_it(panel: InputPanel, files: list[Path], qtbot: QtBot) -> None:
    folder = files[0].parent / "more"
    folder.mkdir()
    seven().save(folder / "5.png")
    panel.open_images([folder, files[0]])
    assert [picture.name for picture in panel.strip.pictures] == ["5.png", "1.png"]


def test_the_keyboard_leaves_a_strip_that_hides(panel: InputPanel, files: list[Path], qtbot: QtBot) -> None:
    panel.open_images(files[:2])
    panel.strip.list.setFocus()
    QTest.keyClick(panel.strip.list, Qt.Key.Key_Delete)
    assert panel.strip.isHidden()
    focused = panel.window().focusWidget()
    assert focused is not None
    assert focused.isVisible()


def test_a_picture_with_nothing_on_it_is_told_in_a_sentence(panel: InputPanel, qtbot: QtBot) -> None:
    panel.show_picture(np.full((50, 50), 255, np.uint8))
    qtbot.waitUntil(lambda: "nothing on the picture" in panel.message)
    panel.pad.clear()
    assert panel.message == ""


def test_many_pictures_and_long_paths_do_not_widen_the_panel(
    panel: InputPanel, tmp_path: Path, files: list[Path], qtbot: QtBot
) -> None:
    broken = tmp_path / f"{'a_long_name' * 12}.png"
    broken.write_bytes(b"no picture")
    panel.open_images([*files, broken])
    answered(qtbot, panel.strip)
    panel.open_image(broken)
    qtbot.waitUntil(lambda: str(broken) in panel.message)
    qtbot.waitUntil(panel.strip.isVisible)
    assert panel.minimumSizeHint().width() < 260  # the dock has 290 in a window of 1280


def test_a_page_of_several_can_be_chosen(panel: InputPanel, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "pages.tif"
    pages = [Image.new("L", (9, 9), value) for value in (200, 100, 0)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    panel.open_image(path)
    number = panel.findChild(QSpinBox, "input_frame")
    qtbot.waitUntil(number.isVisible)
    assert (number.value(), number.maximum()) == (1, 3)
    number.setFocus()
    qtbot.keyClick(number, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: int(picture_on(panel)[0, 0, 0]) == 100)
    assert number.value() == 2
    assert number.hasFocus()  # the next key chooses the next page
    qtbot.keyClick(number, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: int(picture_on(panel)[0, 0, 0]) == 0)
    panel.pad.clear()
    assert not number.isVisible()
