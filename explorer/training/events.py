"""What `fit` says while it trains, and what it can be told: frozen values that may cross threads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from explorer.data.augmentation import Augmentation


@dataclass(frozen=True)
class RunStarted:
    """The run folder exists and training is about to begin (or to go on from `first_epoch`, counted from 1).

    `precision` is what a step computes with, never "auto".
    """

    folder: Path
    epochs: int
    first_epoch: int
    steps_per_epoch: int
    images_per_epoch: int
    device: str
    threads: int
    precision: str = "float32"


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

    Validation figures are None where nothing is held out, `test_top5` where there are five classes or fewer,
    `test_mean_iou` where the network does not draw masks (accuracy is then the share of pixels). `best` goes by mean
    IoU or else accuracy, of the held-out images or else of the test set. `saved` is False where the disk refused the
    weights; a `Warned` event then came before, once alone where the run's folder is gone.
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
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    validation_mean_iou: float | None = None
    test_top5: float | None = None
    test_mean_iou: float | None = None


@dataclass(frozen=True)
class LayerFigures:
    """What went on in one layer at one step; `path` is that of its node in the graph.

    `gradient_norm` is of all its parameters' gradients, `update_ratio` the norm of their update over their norm (None
    without parameters). `activation_mean` and `activation_spread` (standard deviation) are of its output;
    `dead_share` is the share of units that were 0 for every image of the batch, None where it is no ReLU.
    """

    path: str
    gradient_norm: float | None
    update_ratio: float | None
    activation_mean: float | None
    activation_spread: float | None
    dead_share: float | None


@dataclass(frozen=True)
class LayersWatched:
    """The figures of all layers at one step, about twice a second."""

    epoch: int
    step: int
    seconds: float
    layers: tuple[LayerFigures, ...]


@dataclass(frozen=True)
class Changed:
    """A `Change` came into force before `step`; `text` says it in words: "learning rate 0.01 → 0.003"."""

    epoch: int
    step: int
    seconds: float
    text: str


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


Event = RunStarted | StepsTrained | EpochFinished | LayersWatched | Changed | Paused | Warned | RunEnded


class Command(str, Enum):
    """What a running `fit` takes by `send()`."""

    PAUSE = "pause"
    CONTINUE = "continue"
    STOP = "stop"  # at once; the last complete epoch stays, the unfinished one is dropped
    STOP_AFTER_EPOCH = "stop after epoch"


@dataclass(frozen=True)
class Change:
    """What can be changed in mid-run by `send()`, or as a run goes on; None leaves it. In force from the next step on.

    `learning_rate` is the new peak of the schedule; `epochs` the new number in all; `augmentation` counts from the next
    batches that are prepared. A change that does not fit (fewer epochs than are done) is answered with `Warned`.
    """

    learning_rate: float | None = None
    epochs: int | None = None
    augmentation: Augmentation | None = None


Order = Command | Change
