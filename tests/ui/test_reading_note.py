from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.reading_note import ReadingNote


class Source(QObject):
    changed = Signal(str, object)


@pytest.fixture
def over(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show()
    return made


@pytest.fixture
def source(over: QWidget) -> Source:
    return Source(over)


@pytest.fixture
def note(over: QWidget, source: Source) -> Iterator[ReadingNote]:
    made = ReadingNote(over)
    yield made
    made.shutdown()


def test_it_comes_when_reading_lasts_and_goes_with_its_end(note: ReadingNote, source: Source, qtbot: QtBot) -> None:
    note.follow(source.changed, lambda: None)
    source.changed.emit("Reading LeNet-5", None)
    assert not note.isVisible()
    qtbot.waitUntil(note.isVisible, timeout=2_000)
    source.changed.emit("Reading LeNet-5: costs", 0.5)
    assert note.words.text() == "Reading LeNet-5: costs"
    assert note.bar.share == 0.5
    source.changed.emit("", None)
    assert not note.isVisible()


def test_what_is_read_at_once_shows_no_note(note: ReadingNote, source: Source, qtbot: QtBot) -> None:
    note.follow(source.changed, lambda: None)
    source.changed.emit("Reading LeNet-5", None)
    source.changed.emit("", None)
    assert not note._waiting.isActive()


def test_cancel_ends_the_newest_work(note: ReadingNote, over: QWidget, source: Source, qtbot: QtBot) -> None:
    ended: list[str] = []
    other = Source(over)
    note.follow(source.changed, lambda: ended.append("first"))
    note.follow(other.changed, lambda: ended.append("second"))
    source.changed.emit("Reading one", None)
    other.changed.emit("Reading two", None)
    qtbot.waitUntil(note.isVisible, timeout=2_000)
    qtbot.mouseClick(note.cancel_button, Qt.MouseButton.LeftButton)
    assert ended == ["second"]
    other.changed.emit("", None)
    assert note.text == "Reading one"
    assert note.isVisible()


def test_a_sentence_stays_until_it_is_dismissed(note: ReadingNote, qtbot: QtBot) -> None:
    note.say("net.py, line 3: <b>it raises</b>")
    assert note.isVisible()
    assert note.words.text() == "net.py, line 3: <b>it raises</b>"
    assert note.words.textFormat() == Qt.TextFormat.PlainText
    assert note.cancel_button.text() == "Dismiss"
    qtbot.mouseClick(note.cancel_button, Qt.MouseButton.LeftButton)
    assert not note.isVisible()


def test_a_long_sentence_is_whole(note: ReadingNote, over: QWidget) -> None:
    note.say("a sentence that goes on and on " * 8)
    needed = note.words.heightForWidth(note.words.width())
    assert note.words.height() >= needed
    assert over.rect().contains(note.geometry())


def test_it_lies_below_what_it_would_cover(over: QWidget, source: Source, qtbot: QtBot) -> None:
    beside = QWidget(over)
    beside.setGeometry(400, 8, 192, 32)
    note = ReadingNote(over, beside)
    note.follow(source.changed, lambda: None)
    source.changed.emit("Reading LeNet-5", None)
    qtbot.waitUntil(note.isVisible, timeout=2_000)
    assert not note.geometry().intersects(beside.geometry())
    note.shutdown()
