import math

import pytest

from explorer.ui import naming, numbers
from explorer.ui.plain_text import tooltip


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (850, "850"),
        (999, "999"),
        (1_000, "1.0 k"),
        (61_706, "61.7 k"),
        (99_949, "99.9 k"),
        (99_950, "100 k"),
        (999_499, "999 k"),
        (999_500, "1.0 M"),
        (60_965_224, "61.0 M"),
        (138_357_544, "138 M"),
        (15_470_264_320, "15.5 G"),
    ],
)
def test_short_counts_have_three_figures_at_most(number: int, text: str) -> None:
    assert numbers.short_count(number) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (480, "480 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (6_400, "6.3 KiB"),
        (18_816, "18.4 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (553_430_176, "528 MiB"),
        (5 * 1024**3, "5.0 GiB"),
    ],
)
def test_sizes_are_in_binary_units(size: int, text: str) -> None:
    assert numbers.size(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (0.44, "0.4 s"),
        (9.96, "10 s"),
        (17.2, "17 s"),
        (59.6, "1 min"),
        (72, "1 min 12 s"),
        (3599.7, "1 h"),
        (7_500, "2 h 5 min"),
        (273_600, "3 d 4 h"),
        (math.nan, ""),
        (math.inf, ""),
        (-1, ""),
    ],
)
def test_durations_read_as_a_person_waits(seconds: float, text: str) -> None:
    assert numbers.duration(seconds) == text


def test_counts_have_thousands_separators() -> None:
    assert numbers.count(416_520) == "416,520"


def test_shapes_have_the_multiplication_sign() -> None:
    assert numbers.shape((16, 10, 10)) == "16 × 10 × 10"


def test_one_epoch_is_singular() -> None:
    assert [numbers.plural(n, "epoch") for n in (0, 1, 2, 1_200)] == ["0 epochs", "1 epoch", "2 epochs", "1,200 epochs"]


def test_percent_of_nothing_known_is_empty() -> None:
    assert (numbers.percent(0.9917), numbers.percent(math.nan)) == ("99.2 %", "")


def test_a_tiny_share_is_not_shown_as_none() -> None:
    assert [numbers.share(part, 100_000) for part in (0, 4, 78_000)] == ["0.0 %", "< 0.1 %", "78.0 %"]


def test_a_share_of_nothing_is_empty() -> None:
    assert numbers.share(0, 0) == ""


def test_choices_of_options_are_said_in_words() -> None:
    assert [numbers.choice(v) for v in ("28x28", True, False, "max", "zero_pad", 3)] == [
        "28 × 28", "on", "off", "max", "zero pad", "3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("features.c3", "C3"),
        ("input", "Input"),
        ("classifier.output", "Output"),
        ("features", "features"),
        ("layer2.0", "layer2.0"),
        ("layer2.0.conv1", "conv1"),
        ("0", "0"),
    ],
)
def test_layers_are_called_as_papers_call_them(path: str, name: str) -> None:
    assert naming.display_name(path) == name


def test_a_tooltip_shows_markup_as_it_is_written() -> None:
    assert tooltip("<b>layer</b>\nx") == "<qt>&lt;b&gt;layer&lt;/b&gt;<br>x</qt>"
