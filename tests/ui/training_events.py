"""Trainings that need no torch: generators of events that behave as `fit` does."""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path

from explorer.training.events import (
    Change,
    Changed,
    Command,
    EpochFinished,
    Event,
    Order,
    Outcome,
    Paused,
    RunEnded,
    RunStarted,
    StepsTrained,
)

FOLDER = Path("runs") / "20261121-143005-lenet5-mnist"


def started(*, epochs: int = 2, steps_per_epoch: int = 10, first_epoch: int = 1, folder: Path = FOLDER) -> RunStarted:
    return RunStarted(folder, epochs, first_epoch, steps_per_epoch, steps_per_epoch * 128, "cpu", 2)


def steps(first: int, last: int, *, epoch: int = 1, loss: float = 1.0, seconds: float | None = None) -> StepsTrained:
    numbers = tuple(range(first, last + 1))
    return StepsTrained(
        epoch=epoch,
        steps=numbers,
        losses=tuple(loss / number for number in numbers),
        learning_rates=(0.003,) * len(numbers),
        images_per_second=14_210.0,
        seconds=last / 100 if seconds is None else seconds,
        seconds_left=17.0,
    )


def epoch_finished(
    epoch: int, *, steps_per_epoch: int = 10, test_accuracy: float = 0.9, test_loss: float = 0.3
) -> EpochFinished:
    return EpochFinished(
        epoch=epoch,
        step=epoch * steps_per_epoch,
        train_loss=0.4,
        train_accuracy=0.88,
        test_loss=test_loss,
        test_accuracy=test_accuracy,
        learning_rate=0.003,
        images_per_second=14_210.0,
        seconds=epoch * 1.0,
        best=True,
        saved=True,
    )


def ended(outcome: Outcome = Outcome.FINISHED, *, epochs: int = 2, advice: str = "", folder: Path = FOLDER) -> RunEnded:
    return RunEnded(folder, outcome, epochs, 0.987, 0.04, epochs, 14_210.0, 21.0, advice)


class Endless:
    """A training that goes on until it is stopped, and takes commands as `fit` does.

    `commands` are the orders it has taken, `closed_in` the thread that closed it. It takes a step whenever `go` is set.
    """

    def __init__(self) -> None:
        self.commands: list[Order] = []
        self.closed_in = ""
        self.go = threading.Event()
        self.go.set()
        self.answer = "learning rate 0.01 → 0.003"  # what a change is answered with

    def __call__(self) -> Generator[Event, Order | None, None]:
        # Kept, so that it ends when it is closed and not when it is forgotten.
        self.generator = self._train()
        return self.generator

    def _train(self) -> Generator[Event, Order | None, None]:
        paused = False
        step = 0
        try:
            command = yield started(epochs=1000)
            while True:
                if command is not None:
                    self.commands.append(command)
                if isinstance(command, Change):
                    command = yield Changed(step // 10 + 1, step + 1, step / 100, self.answer)
                    continue
                if command is Command.STOP:
                    yield ended(Outcome.STOPPED, epochs=step // 10)
                    return
                paused = command is Command.PAUSE or (paused and command is not Command.CONTINUE)
                if paused:
                    command = yield Paused(step // 10 + 1, step)
                    continue
                self.go.wait(0.002)
                step += 1
                command = yield steps(step, step, epoch=(step - 1) // 10 + 1)
        finally:
            self.closed_in = threading.current_thread().name
