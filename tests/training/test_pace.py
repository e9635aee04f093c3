import pytest

from explorer.training.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_speed_counts_training_alone(clock: Clock) -> None:
    pace = Pace(now=clock)
    pace.begin_epoch()
    clock.time += 2
    pace.trained(1000)
    clock.time += 5
    pace.evaluated(5)
    clock.time += 7
    pace.paused(7)
    clock.time += 2
    pace.trained(1000)
    assert pace.images_per_second == pace.epoch_speed == pace.mean_speed == 500
    assert pace.seconds == 9


def test_the_speed_shown_follows_the_last_two_seconds(clock: Clock) -> None:
    pace = Pace(now=clock)
    for images in [100] * 10 + [400] * 6:
        clock.time += 0.5
        pace.trained(images)
    assert pace.images_per_second == 800
    assert pace.mean_speed == (1000 + 2400) / 8


def test_the_time_left_is_training_and_evaluations(clock: Clock) -> None:
    pace = Pace(now=clock)
    clock.time += 0.9
    pace.trained(900)
    assert pace.seconds_left(1000, 2, 300) is None
    clock.time += 0.2
    pace.trained(200)
    # Until an evaluation was timed, an image of it counts as a third of one in training.
    assert pace.seconds_left(1000, 2, 300) == pytest.approx(1 + 2 * 0.1)
    pace.evaluated(0.25)
    assert pace.seconds_left(1000, 2, 300) == pytest.approx(1 + 2 * 0.25)


def test_earlier_sittings_count(clock: Clock) -> None:
    pace = Pace(seconds=60, trained_images=1000, trained_seconds=50, now=clock)
    clock.time += 1
    pace.trained(2060)
    assert pace.seconds == 61
    assert pace.mean_speed == 60
    assert pace.images_per_second == 2060


def test_no_time_means_no_speed(clock: Clock) -> None:
    pace = Pace(now=clock)
    assert (pace.images_per_second, pace.epoch_speed, pace.mean_speed) == (0, 0, 0)
