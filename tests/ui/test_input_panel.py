"""The panel joins pad, picture and answer, and says in a sentence what does not work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from test_answering import save_untrained

from explorer.data.sketch import Sketch, as_digit
from explorer.inference import sources
from explorer.inference.kinds import Takes
from explorer.ui.answering import Answering, Choice, Weights, load_weights
from explorer.ui.input_panel import InputPanel
from explorer.ui.prediction_service import PredictionService
from explorer.ui.session import Session
from explorer.ui.theme import theme


@dataclass(frozen=True)
class Guess:
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]


class Network:
    """Takes everything wider than high for a 7, and the rest for a 1."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, seen: np.ndarray) -> Guess:
        self.calls += 1
        digit = seen[0]
        height, width = (np.ptp(np.nonzero(digit.any(axis=axis))[0]) for axis in (1, 0))
        wide = bool(width > height)
        shares = {"7": 0.96, "1": 0.03} if wide else {"7": 0.38, "1": 0.61}
        return Guess(tuple("0123456789"), tuple(shares.get(label, 0.00125) for label in "0123456789"))


@dataclass(frozen=True)
class Place:
    panel: InputPanel
    service: PredictionService
    network: Network

    def child(self, kind: type, name: str) -> QWidget:
        found = self.panel.findChild(kind, name)
        assert found is not None, name
        return found

    @property
    def label(self) -> str:
        return self.child(QLabel, "prediction_label").text()

    def click(self, name: str) -> None:
        QTest.mouseClick(self.child(QPushButton, name), Qt.MouseButton.LeftButton)

    def draw(self, *points: tuple[float, float]) -> None:
        """Draws with the left button; points are shares of the pad's side."""
        side = self.panel.pad.width()
        left, places = Qt.MouseButton.LeftButton, [QPoint(round(x * side), round(y * side)) for x, y in points]
        QTest.mousePress(self.panel.pad, left, Qt.KeyboardModifier.NoModifier, places[0])
        for place in places[1:]:
            QTest.mouseMove(self.panel.pad, place)
        QTest.mouseRelease(self.panel.pad, left, Qt.KeyboardModifier.NoModifier, places[-1])


@pytest.fixture
def place(qtbot: QtBot) -> Iterator[Place]:
    network = Network()
    service = PredictionService(lambda *_: Answering(network, "LeNet-5 on MNIST, 99.2 %"))
    window = QWidget()
    qtbot.addWidget(window)
    panel = InputPanel(Session(), service, window)
    panel.resize(300, 600)
    window.resize(600, 700)
    window.show()
    qtbot.waitExposed(window)
    yield Place(panel, service, network)
    service.shutdown()
    panel.shutdown()


LYING = ((0.1, 0.5), (0.5, 0.5), (0.9, 0.5))
UPRIGHT = ((0.5, 0.1), (0.5, 0.5), (0.5, 0.9))


def test_the_label_is_exactly_the_top_class(place: Place, qtbot: QtBot) -> None:
    place.draw(*LYING)
    qtbot.waitUntil(lambda: place.label == "7")
    place.panel.pad.clear()
    place.draw(*UPRIGHT)
    qtbot.waitUntil(lambda: place.label == "1")


def test_a_blank_pad_has_no_answer_and_asks_no_network(place: Place, qtbot: QtBot) -> None:
    place.service.start()
    qtbot.waitUntil(lambda: bool(place.service.title))
    assert place.label == ""
    assert place.network.calls == 0


def test_clearing_takes_the_answer_away_at_once(place: Place, qtbot: QtBot) -> None:
    place.draw(*LYING)
    qtbot.waitUntil(lambda: place.label == "7")
    place.click("sketch_clear")
    assert place.label == ""
    assert not any(share for _, share in place.panel.bars.rows)
    assert not place.panel.view.picture.seen.any()


def test_undo_brings_the_answer_back(place: Place, qtbot: QtBot) -> None:
    place.draw(*LYING)
    qtbot.waitUntil(lambda: place.label == "7")
    place.click("sketch_clear")
    place.click("sketch_undo")
    qtbot.waitUntil(lambda: place.label == "7")


def test_the_picture_is_the_one_that_the_network_got(place: Place, qtbot: QtBot) -> None:
    place.draw(*LYING)
    qtbot.waitUntil(lambda: place.label == "7")
    assert np.array_equal(place.panel.view.picture.seen[0], as_digit(place.panel.pad.source))


def test_picture_and_bars_show_the_same_answer_from_one_repaint_to_the_next(place: Place, qtbot: QtBot) -> None:
    seen: list[bool] = []

    def compare(_wait: float) -> None:
        digit = place.panel.view.picture.seen
        seen.append(place.network(digit).probabilities == tuple(share for _, share in place.panel.bars.rows))

    place.panel.bars.painted.connect(compare)
    place.draw(*LYING)
    qtbot.waitUntil(lambda: bool(seen) and place.label == "7")
    assert all(seen)


def test_certainty_is_told_in_words(place: Place, qtbot: QtBot) -> None:
    certainty = place.child(QLabel, "prediction_certainty")
    place.draw(*LYING)
    qtbot.waitUntil(lambda: certainty.text() == "96.0 %, sure")
    place.panel.pad.clear()
    place.draw(*UPRIGHT)
    qtbot.waitUntil(lambda: certainty.text() == "61.0 %, or 7")


def test_buttons_can_be_pressed_only_where_they_do_something(place: Place) -> None:
    clear, undo = place.child(QPushButton, "sketch_clear"), place.child(QPushButton, "sketch_undo")
    assert not clear.isEnabled()
    assert not undo.isEnabled()
    place.draw(*LYING)
    assert clear.isEnabled()
    assert undo.isEnabled()
    place.click("sketch_clear")
    assert not clear.isEnabled()
    assert undo.isEnabled()


def test_the_eraser_button_and_the_pad_agree(place: Place) -> None:
    eraser = place.child(QPushButton, "sketch_eraser")
    place.click("sketch_eraser")
    assert place.panel.pad.eraser
    QTest.keyClick(place.panel.pad, Qt.Key.Key_E)
    assert not eraser.isChecked()


def test_undo_by_keyboard_works_after_a_button_was_clicked(place: Place) -> None:
    place.panel.pad.setFocus()
    place.draw(*LYING)
    place.click("sketch_clear")
    assert place.panel.window().focusWidget() is place.panel.pad
    QTest.keyClick(place.child(QPushButton, "image_open"), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not place.panel.pad.is_blank


def drawn_image() -> QImage:
    """A thick lying line, black on white, as someone would have scanned it."""
    image = QImage(120, 90, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.fillRect(20, 40, 80, 9, QColor("black"))
    painter.end()
    return image


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a lying líne.png"
    assert drawn_image().save(str(path))
    return path


def test_a_picture_of_a_digit_is_opened_and_answered(place: Place, picture: Path, qtbot: QtBot) -> None:
    place.panel.open_image(picture)
    qtbot.waitUntil(lambda: place.label == "7")
    assert not isinstance(place.panel.pad.source, Sketch)


def test_a_file_that_is_no_picture_is_told_and_the_drawing_stays(place: Place, tmp_path: Path, qtbot: QtBot) -> None:
    place.draw(*LYING)
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not a picture")
    place.panel.open_image(broken)
    qtbot.waitUntil(lambda: "broken.png" in place.panel.message)
    assert "Traceback" not in place.panel.message
    assert isinstance(place.panel.pad.source, Sketch)
    assert not place.panel.pad.is_blank


def test_the_sentence_goes_with_the_next_input(place: Place, tmp_path: Path, qtbot: QtBot) -> None:
    place.panel.open_image(tmp_path / "missing.png")
    qtbot.waitUntil(lambda: bool(place.panel.message))
    place.draw(*LYING)
    assert place.panel.message == ""


def drop(panel: InputPanel, mime: QMimeData) -> QDropEvent:
    event = QDropEvent(
        QPointF(20, 20), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    panel.dropEvent(event)
    return event


def test_a_dropped_file_is_opened(place: Place, picture: Path, qtbot: QtBot) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture))])
    assert drop(place.panel, mime).isAccepted()
    qtbot.waitUntil(lambda: place.label == "7")


@pytest.mark.parametrize("fill", ["image", "file"])
def test_a_picture_or_its_file_can_be_pasted(place: Place, picture: Path, qtbot: QtBot, fill: str) -> None:
    mime = QMimeData()
    if fill == "image":
        mime.setImageData(drawn_image())
    else:
        mime.setUrls([QUrl.fromLocalFile(str(picture))])
    QGuiApplication.clipboard().setMimeData(mime)
    QTest.keyClick(place.panel.pad, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: place.label == "7")


def test_pasting_a_picture_that_cannot_be_decoded_says_so(place: Place) -> None:
    mime = QMimeData()
    mime.setImageData(QImage())
    QGuiApplication.clipboard().setMimeData(mime)
    place.panel.paste()
    assert "cannot be read" in place.panel.message


def test_pasting_without_a_picture_says_so(place: Place) -> None:
    QGuiApplication.clipboard().setText("seven")
    place.panel.paste()
    assert "no picture" in place.panel.message


def test_the_panel_says_which_weights_answer(place: Place, qtbot: QtBot) -> None:
    line = place.child(QPushButton, "weights_choice")
    place.service.start()
    qtbot.waitUntil(lambda: "LeNet-5 on MNIST, 99.2 % · newest" in line.accessibleName())
    place.service.use_shipped()
    qtbot.waitUntil(lambda: "· shipped" in line.accessibleName())


def test_a_run_can_be_chosen_to_answer(place: Place, qtbot: QtBot) -> None:
    run = Path("runs/a/weights/epoch-0003.safetensors")
    place.panel.set_runs({Takes.DIGITS: (("LeNet-5 & friends", run),)})
    menu = place.child(QPushButton, "weights_choice").menu()
    menu.aboutToShow.emit()
    (action,) = [action for action in menu.actions() if action.text() == "LeNet-5 && friends"]
    action.trigger()
    assert (place.service.choice, place.service.path) == (Weights.CHOSEN, run)
    menu.aboutToShow.emit()
    checked = [action.text() for action in menu.actions() if action.isChecked()]
    assert checked == ["LeNet-5 && friends"]


def test_every_control_has_a_name_a_tooltip_and_the_keyboard(place: Place) -> None:
    controls = [place.panel.pad, *place.panel.findChildren(QPushButton)]
    assert len(controls) >= 9
    for control in controls:
        assert control.accessibleName()
        assert control.toolTip()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_a_drawn_digit_is_answered_by_a_real_network_from_pen_to_label(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The shipped weights where there are any; a network without training answers too, only not well.
    shipped = sources.shipped_weights()
    if not shipped:
        untrained = save_untrained(tmp_path / "untrained.safetensors")
        monkeypatch.setattr(sources, "shipped_weights", lambda: (untrained,))
    service = PredictionService()
    window = QWidget()
    qtbot.addWidget(window)
    panel = InputPanel(Session(), service, window)
    panel.resize(300, 600)
    window.show()
    place = Place(panel, service, Network())
    place.draw((0.2, 0.25), (0.45, 0.22), (0.8, 0.24), (0.72, 0.45), (0.6, 0.7), (0.5, 0.92))
    qtbot.waitUntil(lambda: bool(place.label), timeout=60_000)
    drawn = as_digit(panel.pad.source)
    qtbot.waitUntil(lambda: np.array_equal(panel.view.picture.seen[0], drawn))
    service.shutdown()
    panel.shutdown()
    expected = load_weights(Choice(Weights.SHIPPED)).answer(drawn[None])
    assert place.label == expected.best
    assert place.label == "7" or not shipped
    assert [share for _, share in panel.bars.rows] == pytest.approx(list(expected.probabilities))


@pytest.fixture
def scaled() -> Iterator[Callable[[float, str], None]]:
    yield lambda scale, name: theme().use(name, scale)
    theme().use("system", 1.0)


@pytest.mark.parametrize("scale", [0.6, 1.0, 1.5, 3.0])
@pytest.mark.parametrize("width", [250, 300, 500])
def test_nothing_is_cut_off_and_nothing_overlaps(
    place: Place, qtbot: QtBot, scaled: Callable[[float, str], None], scale: float, width: int
) -> None:
    scaled(scale, "dark")
    place.draw(*UPRIGHT)
    qtbot.waitUntil(lambda: place.label == "1")
    panel = place.panel
    width = max(width, panel.minimumSizeHint().width())
    panel.resize(width, panel.heightForWidth(width))
    QGuiApplication.processEvents()
    view = panel.view
    texts = [view.label, view.certainty, view.caption]
    for text in texts:
        flags = Qt.TextFlag.TextWordWrap if text.wordWrap() else 0
        needed = text.fontMetrics().boundingRect(0, 0, text.width(), 10_000, flags, text.text())
        assert needed.width() <= text.width() + 1, text.text()
        assert needed.height() <= text.height() + 1, text.text()
    buttons = [
        place.child(QPushButton, name) for name in ("sketch_clear", "sketch_undo", "sketch_eraser", "image_open")
    ]
    parts = [panel.pad, view.picture, *texts, *buttons, panel.bars, place.child(QPushButton, "weights_choice")]
    boxes = [part.rect().translated(part.mapTo(panel, QPoint(0, 0))) for part in parts]
    for index, box in enumerate(boxes):
        assert panel.rect().contains(box), parts[index].objectName()
        for other in range(index):
            assert not box.adjusted(1, 1, -1, -1).intersects(boxes[other]), (
                parts[index].objectName(),
                parts[other].objectName(),
            )
