"""The bars show each class's probability, and only the winner in the accent colour."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from explorer.ui.prediction_bars import PredictionBars
from explorer.ui.theme import theme


@dataclass(frozen=True)
class Shares:
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]


DIGITS = tuple("0123456789")
SEVEN = Shares(DIGITS, (0.0, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6, 0.0996, 0.0004))


@pytest.fixture
def bars(qtbot: QtBot) -> PredictionBars:
    bars = PredictionBars()
    qtbot.addWidget(bars)
    bars.resize(300, bars.sizeHint().height())
    bars.show()
    qtbot.waitExposed(bars)
    return bars


def lengths(bars: PredictionBars, colour: str) -> list[int]:
    """How many pixels of a colour stand in the middle of each row."""
    image = bars.grab().toImage()
    wanted = theme().colour(colour).rgb()
    height = image.height() / len(bars.rows)
    middles = [round((row + 0.5) * height) for row in range(len(bars.rows))]
    return [sum(image.pixel(x, y) == wanted for x in range(image.width())) for y in middles]


def test_the_winner_is_in_the_accent_colour_and_the_others_are_not(bars: PredictionBars) -> None:
    bars.show_prediction(SEVEN)
    accent = lengths(bars, "accent")
    assert accent[7] > 50
    assert sum(accent) == accent[7]


def test_bars_are_as_long_as_their_shares(bars: PredictionBars) -> None:
    bars.show_prediction(SEVEN)
    assert lengths(bars, "edge")[1] == pytest.approx(lengths(bars, "accent")[7] / 2, abs=3)


def test_a_share_that_is_written_as_nothing_has_no_bar(bars: PredictionBars) -> None:
    bars.show_prediction(SEVEN)
    assert lengths(bars, "edge")[9] == 0


def test_a_blank_pad_has_empty_tracks(bars: PredictionBars) -> None:
    bars.show_prediction(SEVEN)
    bars.show_prediction(None)
    assert bars.rows == tuple((digit, 0.0) for digit in DIGITS)
    assert sum(lengths(bars, "accent")) + sum(lengths(bars, "edge")) == 0
    assert min(lengths(bars, "grid")) > 100


def test_of_many_classes_the_ten_most_probable_are_shown_best_first(bars: PredictionBars) -> None:
    count = 1000
    total = count * (count + 1) / 2
    bars.show_prediction(
        Shares(tuple(f"class {n}" for n in range(count)), tuple((n + 1) / total for n in range(count)))
    )
    assert [label for label, _ in bars.rows] == [f"class {n}" for n in range(999, 989, -1)]


def test_fewer_classes_keep_their_order_and_need_less_room(bars: PredictionBars) -> None:
    ten = bars.sizeHint().height()
    bars.show_prediction(Shares(("cat", "dog"), (0.1, 0.9)))
    assert bars.rows == (("cat", 0.1), ("dog", 0.9))
    assert bars.sizeHint().height() == pytest.approx(ten / 5)


def test_the_answer_is_told_to_those_who_listen(bars: PredictionBars) -> None:
    bars.show_prediction(SEVEN)
    assert bars.accessibleDescription() == "7: 60.0 percent, 1: 30.0 percent, 8: 10.0 percent"
    bars.show_prediction(None)
    assert bars.accessibleDescription() == "no answer yet"


def test_painting_tells_once_how_long_the_answer_took(bars: PredictionBars, qtbot: QtBot) -> None:
    waits: list[float] = []
    bars.painted.connect(waits.append)
    with qtbot.waitSignal(bars.painted):
        bars.show_prediction(SEVEN, time.perf_counter() - 0.5)
    bars.grab()
    (wait,) = waits
    assert 0.5 <= wait < 5


def test_figures_and_bars_have_room_in_a_narrow_panel(bars: PredictionBars) -> None:
    bars.resize(bars.minimumSizeHint().width(), bars.height())
    bars.show_prediction(Shares(DIGITS, (1.0,) + (0.0,) * 9))
    image = bars.grab().toImage()
    ground = image.pixel(image.width() // 2, 0)
    rows = range(image.height())
    figures = bars.fontMetrics().horizontalAdvance("100.0 %")
    left_of_the_figures = image.width() - 1 - round(figures * 1.05)
    assert all(image.pixel(left_of_the_figures, y) == ground for y in rows)
    assert lengths(bars, "accent")[0] > 20


def test_what_did_not_change_is_not_painted_again_and_the_rest_is_right(bars: PredictionBars) -> None:
    bars.show_prediction(SEVEN)
    QCoreApplication.processEvents()
    bars.show_prediction(Shares(DIGITS, (0.0, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.1)))
    QCoreApplication.processEvents()
    # The window holds what was painted row by row; a grab paints all of it afresh.
    seen = bars.screen().grabWindow(bars.winId()).toImage()
    assert seen.convertToFormat(QImage.Format.Format_RGB32) == bars.grab().toImage().convertToFormat(
        QImage.Format.Format_RGB32
    )
