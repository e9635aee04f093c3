"""What `fit` says while it trains, and what it can be told: frozen values that may cross threads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


@dataclass(frozen=True)
class RunStarted:
    """The run folder exists and training is about to begin (or to go on from `first_epoch`, counted from 1)."""

    folder: Path
    epochs: int
    first_epoch: int
    steps_per_epoch: int
    images_per_epoch: int
    device: str
    threads: int


@dataclass(frozen=True)
class StepsTrained:
    """Some optimiser updates, at most 20 events a second.

    `steps` are counted from 1 over the whole run; `losses` and `learning_rates` have one value for each of them.
    `epoch` counts from 1. `images_per_second` is training alone, without evaluation and pauses.
    `seconds` is time since the start (pauses not counted, earlier sittings of a resumed run counted).
    `seconds_left` covers all that is left including evaluation; None until it can be told honestly.
    """

    epoch: int
    steps: tuple[int, ...]
    losses: tuple[float, ...]
    learning_rates: tuple[float, ...]
    images_per_second: float
    seconds: float
    seconds_left: float | None


@dataclass(frozen=True)
class EpochFinished:
    """An epoch is trained and evaluated. Accuracies are 0 to 1; training figures are running means of the epoch.

    `saved` is False where the disk refused the weights; a `Warned` event then came before.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    learning_rate: float
    images_per_second: float
    seconds: float
    best: bool
    saved: bool


@dataclass(frozen=True)
class Paused:
    """Training waits for `Command.CONTINUE` or `Command.STOP`; `fit` yields this event again and again meanwhile."""

    epoch: int
    step: int


@dataclass(frozen=True)
class Warned:
    """Something went wrong that training survives (a full disk, a read-only folder); a sentence with what to do."""

    message: str


class Outcome(str, Enum):
    """How a run ended; also the status in `run.json` (beside "running" and "interrupted")."""

    FINISHED = "finished"
    STOPPED = "stopped"
    DIVERGED = "diverged"


@dataclass(frozen=True)
class RunEnded:
    """The last event. `advice` is empty unless the run diverged.

    The test figures are None, and `best_epoch` 0, where no epoch was finished. `saved` is False where the disk refused
    the weights of the last complete epoch; a `Warned` event then came before.
    """

    folder: Path
    outcome: Outcome
    epochs: int
    test_accuracy: float | None
    test_loss: float | None
    best_epoch: int
    images_per_second: float
    seconds: float
    advice: str = ""
    saved: bool = True


Event = RunStarted | StepsTrained | EpochFinished | Paused | Warned | RunEnded


class Command(str, Enum):
    """What a running `fit` takes by `send()`."""

    PAUSE = "pause"
    CONTINUE = "continue"
    STOP = "stop"  # at once; the last complete epoch stays, the unfinished one is dropped
    STOP_AFTER_EPOCH = "stop after epoch"
