import pytest

from explorer.ui.training_cost import DEAR_S, Cost, about, guessed_seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "a second"),
        (40, "40 s"),
        (840, "14 min"),
        (5400, "90 min"),
        (9000, "2.5 h"),
        (14_400, "4 h"),
        (259_200, "3 days"),
    ],
)
def test_times_are_as_precise_as_they_are_known(seconds: float, text: str) -> None:
    assert about(seconds) == text


def test_a_cost_is_said_in_a_line() -> None:
    assert Cost(840, 2 * 2**30).text(17) == "about 14 min an epoch, 4 h in all, 2.0 GiB of memory"
    assert Cost(3, 0).text(2) == "about 3 s an epoch, 6 s in all"


def test_lenet_is_begun_at_once_and_alexnet_is_asked_about() -> None:
    # Multiply-accumulates of one image: 416,520 by hand from LeNet-5's layers, 714,188,480 for AlexNet of one tower.
    assert guessed_seconds(416_520, 60_000, "cpu") < DEAR_S
    assert guessed_seconds(714_188_480, 50_000, "cpu") > DEAR_S
    assert guessed_seconds(714_188_480, 50_000, "cuda") < DEAR_S
