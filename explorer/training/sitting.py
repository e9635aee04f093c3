"""One sitting of a training: from its start, or from where it was interrupted, to its end."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from explorer.data.batches import Preprocessing
from explorer.networks.architecture import Interface
from explorer.runs.checkpoint import Position
from explorer.runs.metrics import MetricsRow
from explorer.training.config import TrainingConfig
from explorer.training.evaluate import evaluate
from explorer.training.events import Command, EpochFinished, Event, Outcome, RunEnded, RunStarted, StepsTrained, Warned
from explorer.training.losses import LOSSES
from explorer.training.pace import Pace
from explorer.training.recorder import Recorder
from explorer.training.schedule import learning_rate
from explorer.training.step import Step

# At most twenty updates a second: the device is asked, and the listener told, no more often.
_NEWS_EVERY_S = 0.05

START = Position(
    epoch=0,
    step=0,
    seconds=0.0,
    trained_images=0,
    trained_seconds=0.0,
    test_accuracy=0.0,
    test_loss=0.0,
    best_epoch=0,
    best_accuracy=0.0,
)


@dataclasses.dataclass(frozen=True)
class Material:
    """What a training is made of. `batches` gives the batches of an epoch, which counts from 1."""

    config: TrainingConfig
    interface: Interface
    network: nn.Module
    step: Step
    preprocessing: Preprocessing
    batches: Callable[[int], Iterator[tuple[Tensor, Tensor]]]
    steps_per_epoch: int
    images_per_epoch: int
    test_images: Tensor
    test_labels: Tensor
    device: str
    threads: int


class Sitting:
    """The state of a training between events; `fit` moves it on."""

    def __init__(self, material: Material, recorder: Recorder, position: Position, warnings: tuple[str, ...]) -> None:
        self._material = material
        self._recorder = recorder
        self._position = position
        self._epochs_before = position.epoch
        self._warnings = warnings
        self.pace = Pace(
            seconds=position.seconds,
            trained_images=position.trained_images,
            trained_seconds=position.trained_seconds,
        )
        self.steps_done = position.step
        self.epoch = position.epoch
        self.is_paused = False
        self.is_diverged = False
        self.is_ended = False
        self._is_stopped = False
        self._stops_after_epoch = False
        self._commands = list(position.commands)
        self._steps = material.config.epochs * material.steps_per_epoch
        self._last_news = 0.0
        self._epoch_loss = 0.0
        self._epoch_images = 0
        self._epoch_right = 0
        self._bad_step = 0

    @property
    def is_complete(self) -> bool:
        return self._position.epoch >= self._material.config.epochs

    @property
    def goes_on(self) -> bool:
        """Whether another epoch is to be trained."""
        # "After this epoch" said before the first one means after that one.
        is_enough = self._stops_after_epoch and self._position.epoch > self._epochs_before
        return not (self.is_complete or self.is_broken_off or is_enough)

    @property
    def is_broken_off(self) -> bool:
        return self.is_diverged or self._is_stopped

    def take(self, command: Command | None) -> None:
        if command is None:
            return
        self._commands.append(f"epoch {self.epoch}, step {self.steps_done}: {command.value}")
        if command is Command.PAUSE:
            self.is_paused = True
        elif command is Command.CONTINUE:
            self.is_paused = False
        elif command is Command.STOP:
            self._is_stopped, self.is_paused = True, False
        elif command is Command.STOP_AFTER_EPOCH:
            self._stops_after_epoch = True

    def begin(self) -> Iterator[Event]:
        yield RunStarted(
            folder=self._recorder.folder,
            epochs=self._material.config.epochs,
            first_epoch=self._position.epoch + 1,
            steps_per_epoch=self._material.steps_per_epoch,
            images_per_epoch=self._material.images_per_epoch,
            device=self._material.device,
            threads=self._material.threads,
        )
        yield from map(Warned, self._warnings)

    def begin_epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of the next epoch."""
        self.epoch = self._position.epoch + 1
        self._epoch_loss, self._epoch_images, self._epoch_right = 0.0, 0, 0
        self._material.network.train()
        self.pace.begin_epoch()
        self._last_news = time.perf_counter()
        return self._material.batches(self.epoch)

    def step(self, images: Tensor, labels: Tensor) -> None:
        self.steps_done += 1
        self._material.step(images, labels, self._rate(self.steps_done))

    @property
    def has_news(self) -> bool:
        return self._material.step.is_full or time.perf_counter() - self._last_news >= _NEWS_EVERY_S

    def news(self) -> Iterator[Event]:
        """What the steps since the last news gave."""
        figures = self._material.step.read()
        count = len(figures.losses)
        if not count:
            return
        self._last_news = time.perf_counter()
        self.pace.trained(sum(figures.images))
        steps = tuple(range(self.steps_done - count + 1, self.steps_done + 1))
        self._sum_up(steps, figures.losses, figures.images, figures.right)
        seconds, speed = self.pace.seconds, self.pace.images_per_second
        rows = [
            MetricsRow(step, self.epoch, seconds, "train", loss, right / images, rate, speed)
            for step, loss, right, images, rate in zip(
                steps, figures.losses, figures.right, figures.images, figures.rates, strict=True
            )
        ]
        yield from map(Warned, self._recorder.add_steps(rows))
        yield StepsTrained(
            epoch=self.epoch,
            steps=steps,
            losses=figures.losses,
            learning_rates=figures.rates,
            images_per_second=speed,
            seconds=seconds,
            seconds_left=self._seconds_left(),
        )

    def finish_epoch(self) -> Iterator[Event]:
        """Evaluates and saves; an epoch whose figures or weights are not finite is not saved."""
        yield from self.news()
        if self.is_broken_off:
            return
        test_loss, test_accuracy = self._evaluate()
        if not (math.isfinite(test_loss) and _is_finite(self._material.network)):
            self._diverge(self.steps_done)
            return
        is_best = test_accuracy > self._position.best_accuracy or self._position.epoch == 0
        self._position = Position(
            epoch=self.epoch,
            step=self.steps_done,
            seconds=self.pace.seconds,
            trained_images=self.pace.trained_images,
            trained_seconds=self.pace.trained_seconds,
            test_accuracy=test_accuracy,
            test_loss=test_loss,
            best_epoch=self.epoch if is_best else self._position.best_epoch,
            best_accuracy=test_accuracy if is_best else self._position.best_accuracy,
            commands=tuple(self._commands),
        )
        train_loss = self._epoch_loss / self._epoch_images
        train_accuracy = self._epoch_right / self._epoch_images
        rate, speed = self._rate(self.steps_done), self.pace.epoch_speed
        at = (self.steps_done, self.epoch, self._position.seconds)
        rows = [
            MetricsRow(*at, "epoch", train_loss, train_accuracy, rate, speed),
            MetricsRow(*at, "test", test_loss, test_accuracy, rate),
        ]
        is_saved, warnings = self._recorder.finish_epoch(
            rows, self._position, self._material.network, self._material.step.optimiser
        )
        yield from map(Warned, warnings)
        yield EpochFinished(
            epoch=self.epoch,
            step=self.steps_done,
            train_loss=train_loss,
            train_accuracy=train_accuracy,
            test_loss=test_loss,
            test_accuracy=test_accuracy,
            learning_rate=rate,
            images_per_second=speed,
            seconds=self._position.seconds,
            best=is_best,
            saved=is_saved,
        )

    def end(self, outcome: Outcome) -> Iterator[Event]:
        advice = self._advice() if outcome is Outcome.DIVERGED else ""
        self.is_ended = True
        at_epoch_end = self.steps_done == self._position.step and not self.is_diverged
        position = self._position if at_epoch_end else None
        warnings = self._recorder.end(
            outcome.value, advice, position, self._material.network, self._material.step.optimiser
        )
        self._recorder.release()
        yield from map(Warned, warnings)
        yield RunEnded(
            folder=self._recorder.folder,
            outcome=outcome,
            epochs=self._position.epoch,
            test_accuracy=self._position.test_accuracy if self._position.epoch else None,
            test_loss=self._position.test_loss if self._position.epoch else None,
            best_epoch=self._position.best_epoch,
            images_per_second=self.pace.mean_speed,
            seconds=self.pace.seconds,
            advice=advice,
            saved=self._recorder.is_saved,
        )

    def close(self) -> None:
        """Leaves the run folder in order where `end` was not reached."""
        if not self.is_ended:
            network, optimiser = self._material.network, self._material.step.optimiser
            self._recorder.end("interrupted", "", None, network, optimiser)
        self._recorder.release()

    def _rate(self, step: int) -> float:
        config = self._material.config
        return learning_rate(config.schedule, config.learning_rate, step, self._steps)

    def _evaluate(self) -> tuple[float, float]:
        material = self._material
        start = time.perf_counter()
        loss, accuracy = evaluate(
            material.network,
            material.test_images,
            material.test_labels,
            material.preprocessing,
            LOSSES[material.config.loss],
            material.interface.scores,
        )
        self.pace.evaluated(time.perf_counter() - start)
        return loss, accuracy

    def _sum_up(
        self, steps: tuple[int, ...], losses: tuple[float, ...], images: tuple[int, ...], right: tuple[int, ...]
    ) -> None:
        for step, loss, count, answered in zip(steps, losses, images, right, strict=True):
            if not math.isfinite(loss) and not self.is_diverged:
                self._diverge(step)
            self._epoch_loss += loss * count
            self._epoch_images += count
            self._epoch_right += answered

    def _diverge(self, step: int) -> None:
        self.is_diverged = True
        self._bad_step = step

    def _advice(self) -> str:
        config = self._material.config
        return (
            f"the loss was not a finite number any more at step {self._bad_step:,} of epoch {self.epoch}, with a "
            f"learning rate of {self._rate(self._bad_step):.3g}; try a lower one: {config.learning_rate / 10:.2g} "
            f"instead of {config.learning_rate:.3g}"
        )

    def _seconds_left(self) -> float | None:
        material = self._material
        epochs = (self.epoch if self._stops_after_epoch else material.config.epochs) - self.epoch
        steps = self.epoch * material.steps_per_epoch - self.steps_done
        share = steps / material.steps_per_epoch
        images = round((epochs + share) * material.images_per_epoch)
        return self.pace.seconds_left(images, epochs + 1, len(material.test_labels))


def _is_finite(network: nn.Module) -> bool:
    with torch.no_grad():
        flags = [torch.isfinite(tensor).all() for tensor in network.state_dict().values()]
        return bool(torch.stack(flags).all())
