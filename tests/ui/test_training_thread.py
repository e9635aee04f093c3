import dataclasses
import gc
import threading
import time
from collections.abc import Generator, Iterator

import pytest
from pytestqt.qtbot import QtBot

from explorer.system import garbage
from explorer.training.events import Command, Event, Outcome, Paused, RunEnded, RunStarted, Warned
from explorer.ui.training_thread import Trainer
from tests.ui.training_events import Endless, ended, epoch_finished, started, steps


class Heard:
    """Notes what a trainer tells, in order."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.told: list[tuple[str, object]] = []
        for name in ("started", "steps", "epoch_finished", "warned", "ended", "failed", "state_changed", "preparing"):
            getattr(trainer, name).connect(lambda *values, name=name: self.told.append((name, values[0])))
        trainer.updated.connect(lambda: self.told.append(("updated", None)))

    def names(self) -> list[str]:
        return [name for name, _ in self.told]

    def of(self, name: str) -> list:
        return [value for told, value in self.told if told == name]


@pytest.fixture
def trainer(qtbot: QtBot) -> Iterator[Trainer]:
    trainer = Trainer()
    yield trainer
    trainer.shutdown()


def until_idle(qtbot: QtBot, trainer: Trainer) -> None:
    qtbot.waitUntil(lambda: trainer.state == "idle", timeout=5000)


def test_tells_of_a_run_in_order(qtbot: QtBot, trainer: Trainer) -> None:
    heard = Heard(trainer)

    def source() -> Generator[Event, Command | None, None]:
        yield started()
        yield steps(1, 10)
        yield epoch_finished(1)
        yield Warned("the disk is full")
        yield ended()

    trainer.run(source)
    assert trainer.state == "starting"
    until_idle(qtbot, trainer)
    names = [name for name in heard.names() if name not in {"state_changed", "updated"}]
    assert names == ["started", "steps", "epoch_finished", "warned", "ended"]
    assert heard.of("state_changed") == ["starting", "running", "idle"]
    assert heard.of("warned") == ["the disk is full"]


def test_a_burst_of_steps_arrives_whole(qtbot: QtBot, trainer: Trainer) -> None:
    heard = Heard(trainer)

    def source() -> Generator[Event, Command | None, None]:
        yield started(epochs=1, steps_per_epoch=1000)
        for step in range(1, 1001):
            yield steps(step, step)
        yield ended()

    trainer.run(source)
    until_idle(qtbot, trainer)
    arrived = [step for event in heard.of("steps") for step in event.steps]
    losses = [loss for event in heard.of("steps") for loss in event.losses]
    assert arrived == list(range(1, 1001))
    assert losses == [1 / step for step in range(1, 1001)]


def test_at_most_twenty_updates_a_second_reach_the_window(qtbot: QtBot, trainer: Trainer) -> None:
    source = Endless()
    times: list[float] = []
    trainer.steps.connect(lambda _event: times.append(time.monotonic()))
    begun = time.monotonic()
    trainer.run(source)
    qtbot.waitUntil(lambda: len(times) >= 12, timeout=5000)
    took = times[-1] - begun
    # Qt's coarse timers may come 5 % early.
    assert len(times) <= took * 20 * 1.06 + 1


@pytest.mark.parametrize(("cores", "device", "is_crowded"), [(2, "cpu", True), (4, "cpu", False), (2, "cuda", False)])
def test_the_window_is_shown_less_often_where_training_has_every_core(
    qtbot: QtBot, trainer: Trainer, monkeypatch: pytest.MonkeyPatch, cores: int, device: str, *, is_crowded: bool
) -> None:
    monkeypatch.setattr("explorer.system.devices.cores", lambda: cores)

    def source() -> Generator[Event, Command | None, None]:
        yield dataclasses.replace(started(), device=device, threads=2)
        yield ended()

    trainer.run(source)
    until_idle(qtbot, trainer)
    assert trainer._budget.is_crowded is is_crowded


def test_steps_of_many_short_epochs_come_as_one_update(qtbot: QtBot, trainer: Trainer) -> None:
    heard = Heard(trainer)

    def source() -> Generator[Event, Command | None, None]:
        yield started(epochs=20)
        for epoch in range(1, 21):
            yield steps(10 * epoch - 9, 10 * epoch, epoch=epoch)
            yield epoch_finished(epoch)
        yield ended(epochs=20)

    trainer.run(source)
    trainer._job.join()
    until_idle(qtbot, trainer)
    assert len(heard.of("steps")) == 1
    assert [event.epoch for event in heard.of("epoch_finished")] == list(range(1, 21))


def test_pauses_and_goes_on(qtbot: QtBot, trainer: Trainer) -> None:
    source = Endless()
    heard = Heard(trainer)
    trainer.run(source)
    qtbot.waitUntil(lambda: trainer.state == "running")
    trainer.pause()
    qtbot.waitUntil(lambda: trainer.state == "paused")
    assert not trainer._timer.isActive()
    taken = len(heard.of("steps"))
    trainer.continue_()
    assert trainer.state == "running"
    qtbot.waitUntil(lambda: len(heard.of("steps")) > taken)
    trainer.stop()
    assert trainer.state == "stopping"
    until_idle(qtbot, trainer)
    assert source.commands == [Command.PAUSE, Command.CONTINUE, Command.STOP]


def test_stops_while_paused(qtbot: QtBot, trainer: Trainer) -> None:
    heard = Heard(trainer)
    trainer.run(Endless())
    trainer.pause()
    qtbot.waitUntil(lambda: trainer.state == "paused")
    trainer.stop()
    until_idle(qtbot, trainer)
    (end,) = heard.of("ended")
    assert isinstance(end, RunEnded)
    assert end.outcome is Outcome.STOPPED


def test_asks_to_stop_after_the_epoch(qtbot: QtBot, trainer: Trainer) -> None:
    source = Endless()
    trainer.run(source)
    qtbot.waitUntil(lambda: trainer.state == "running")
    trainer.stop_after_epoch()
    qtbot.waitUntil(lambda: source.commands == [Command.STOP_AFTER_EPOCH])
    assert trainer.state == "running"


@pytest.mark.parametrize("kind", [ValueError, OSError, RuntimeError])
def test_known_failures_are_said_in_their_own_words(qtbot: QtBot, trainer: Trainer, kind: type[Exception]) -> None:
    heard = Heard(trainer)

    def source() -> Generator[Event, Command | None, None]:
        yield started()
        raise kind("MNIST is not here; choose digits")

    trainer.run(source)
    until_idle(qtbot, trainer)
    assert heard.of("failed") == ["MNIST is not here; choose digits"]
    assert heard.of("ended") == []


def test_an_unexpected_failure_is_one_sentence_and_in_the_log(
    qtbot: QtBot, trainer: Trainer, caplog: pytest.LogCaptureFixture
) -> None:
    heard = Heard(trainer)

    def source() -> Generator[Event, Command | None, None]:
        yield started()
        raise KeyError("conv1")

    trainer.run(source)
    until_idle(qtbot, trainer)
    (sentence,) = heard.of("failed")
    assert sentence == "unexpected KeyError: 'conv1'; details are in the log"
    assert "Traceback" in caplog.text


def test_a_source_that_fails_at_once_is_told(qtbot: QtBot, trainer: Trainer) -> None:
    heard = Heard(trainer)

    def source() -> Generator[Event, Command | None, None]:
        raise ValueError("there is no data set 'mist'")

    trainer.run(source)
    until_idle(qtbot, trainer)
    assert heard.of("failed") == ["there is no data set 'mist'"]


def test_shutdown_waits_for_the_thread_and_closes_the_training_there(qtbot: QtBot, trainer: Trainer) -> None:
    source = Endless()
    trainer.run(source)
    qtbot.waitUntil(lambda: trainer.state == "running")
    trainer.shutdown()
    assert trainer.state == "idle"
    assert source.closed_in == "training"
    assert "training" not in [thread.name for thread in threading.enumerate()]


def test_shutdown_ends_a_paused_training(qtbot: QtBot, trainer: Trainer) -> None:
    trainer.run(Endless())
    trainer.pause()
    qtbot.waitUntil(lambda: trainer.state == "paused")
    trainer.shutdown()
    assert trainer.state == "idle"


def test_shutdown_ends_a_training_that_waits_for_the_window(qtbot: QtBot, trainer: Trainer) -> None:
    """Nothing is taken from the buffer before `shutdown`, so the thread waits with a full one."""
    produced = threading.Event()

    def source() -> Generator[Event, Command | None, None]:
        yield started()
        for step in range(1, 10_000):
            if step == 255:
                produced.set()
            yield steps(step, step)

    trainer.run(source)
    assert produced.wait(5)
    trainer.shutdown()
    assert trainer.state == "idle"


def test_a_blocked_window_makes_training_wait(qtbot: QtBot, trainer: Trainer) -> None:
    count = 0

    def source() -> Generator[Event, Command | None, None]:
        nonlocal count
        yield started()
        for step in range(1, 100_000):
            count = step
            yield steps(step, step)

    trainer.run(source)
    job = trainer._job
    with job._condition:
        full = job._condition.wait_for(lambda: len(job._events) >= 256, timeout=0)
    deadline = time.monotonic() + 5
    while not full and time.monotonic() < deadline:
        with job._condition:
            full = len(job._events) >= 256
    assert full
    assert count <= 257


def test_another_run_can_follow(qtbot: QtBot, trainer: Trainer) -> None:
    heard = Heard(trainer)

    def source() -> Generator[Event, Command | None, None]:
        yield started()
        yield ended()

    for _ in range(2):
        trainer.run(source)
        until_idle(qtbot, trainer)
    assert len(heard.of("ended")) == 2


def test_a_second_run_does_not_start_beside_the_first(qtbot: QtBot, trainer: Trainer) -> None:
    heard = Heard(trainer)
    trainer.run(Endless())
    trainer.run(Endless())
    qtbot.waitUntil(lambda: trainer.state == "running")
    trainer.stop()
    until_idle(qtbot, trainer)
    assert len(heard.of("started")) == 1


def test_what_was_there_before_is_no_work_for_the_garbage_collector(
    qtbot: QtBot, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full collection of all that torch leaves behind would stall the window for a quarter of a second."""
    # The tests themselves set aside what they load.
    monkeypatch.setattr(garbage, "_aside", 0)
    before: list[object] = []
    assert _is_looked_through(before)
    trainer.run(Endless())
    qtbot.waitUntil(lambda: trainer.state == "running" and not _is_looked_through(before))
    trainer.shutdown()
    assert _is_looked_through(before)


def _is_looked_through(thing: object) -> bool:
    return any(found is thing for found in gc.get_objects())


def test_a_stop_during_preparation_is_no_failure(qtbot: QtBot, trainer: Trainer) -> None:
    heard = Heard(trainer)
    loading, told = threading.Event(), threading.Event()

    def source() -> Generator[Event, Command | None, None]:
        loading.set()
        told.wait(5)
        raise RuntimeError("cancelled")
        yield started()

    trainer.run(source)
    assert loading.wait(5)
    trainer.stop()
    told.set()
    until_idle(qtbot, trainer)
    assert heard.of("failed") == []


def test_paused_is_told_once(qtbot: QtBot, trainer: Trainer) -> None:
    heard = Heard(trainer)

    def source() -> Generator[Event, Command | None, None]:
        command = yield started()
        while command is not Command.STOP:
            command = yield Paused(1, 3)
        yield ended(Outcome.STOPPED)

    trainer.run(source)
    qtbot.waitUntil(lambda: trainer.state == "paused")
    trainer.pause()
    trainer.stop()
    until_idle(qtbot, trainer)
    assert heard.of("state_changed") == ["starting", "running", "paused", "stopping", "idle"]
    assert isinstance(heard.of("started")[0], RunStarted)
