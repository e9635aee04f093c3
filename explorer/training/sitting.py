"""One sitting of a training: from its start, or from where it was interrupted, to its end."""

from __future__ import annotations

import dataclasses
import math
import time
from collections import deque
from collections.abc import Iterator

from torch import Tensor

from explorer.data.augmentation import Augmentation
from explorer.runs.changes import RunChange
from explorer.runs.checkpoint import Position
from explorer.runs.layer_metrics import LayerRow
from explorer.runs.metrics import MetricsRow
from explorer.training.config import TrainingConfig
from explorer.training.epoch_end import Tally, after_epoch, finished, is_finite, rows_of
from explorer.training.events import (
    Change,
    Changed,
    Event,
    LayersWatched,
    Order,
    Outcome,
    RunEnded,
    RunStarted,
    StepsTrained,
    Warned,
)
from explorer.training.ingredients import smallest_batch
from explorer.training.material import Judgement, Material
from explorer.training.orders import Orders
from explorer.training.pace import Pace
from explorer.training.recorder import Recorder, Unrecorded
from explorer.training.schedule import learning_rate
from explorer.training.team import Team
from explorer.training.wishes import Wishes

# At most twenty updates a second: the device is asked, and the listener told, no more often.
_NEWS_EVERY_S = 0.05


class Sitting:
    """The state of a training between events; `fit` moves it on.

    In a team, what the leading process is told, or finds out, waits until all processes meet: after a step that called
    for it, and around each epoch's end. So all of them take the same way.
    """

    def __init__(
        self,
        material: Material,
        recorder: Recorder | Unrecorded,
        position: Position,
        orders: Orders,
        warnings: tuple[str, ...],
        team: Team,
    ) -> None:
        self._material = material
        self._team = team
        self._wishes = Wishes()
        self._recorder = recorder
        self._position = position
        self._orders = orders
        self._epochs_before = position.epoch
        self._warnings = warnings
        self.pace = Pace(
            seconds=position.seconds,
            trained_images=position.trained_images,
            trained_seconds=position.trained_seconds,
        )
        self.steps_done = position.step
        self.epoch = position.epoch
        self.is_diverged = False
        self.is_ended = False
        self._last_news = 0.0
        self._tally = Tally()
        self._watched_step = 0
        self._has_met = False
        self._bad_step = 0
        self._answers: deque[Event] = deque()

    @property
    def config(self) -> TrainingConfig:
        """The configuration with what was changed since the start."""
        return self._orders.config

    @property
    def smallest_batch(self) -> int:
        """How many images a batch of this network has at least."""
        return smallest_batch(self._material.network)

    @property
    def is_complete(self) -> bool:
        return self._position.epoch >= self.config.epochs

    @property
    def goes_on(self) -> bool:
        """Whether another epoch is to be trained."""
        # "After this epoch" said before the first one means after that one.
        is_enough = self._orders.stops_after_epoch and self._position.epoch > self._epochs_before
        return not (self.is_complete or self.is_broken_off or is_enough)

    @property
    def is_paused(self) -> bool:
        return self._orders.is_paused

    @property
    def is_broken_off(self) -> bool:
        return self.is_diverged or self._orders.is_stopped

    def take(self, order: Order | None) -> None:
        """Takes an order, which `answers` may have something to say to."""
        if self.is_ended or order is None:
            return
        if self._team.is_alone:
            self._obey(order)
        else:
            self._wishes.orders.append(order)

    def go_on_with(self, change: Change | None) -> None:
        """Takes what a run goes on with; what was changed after its saved state stays beneath it."""
        self.take(None if change is None else self._orders.over_what_is_due(change))
        self.agree()

    def agree(self) -> None:
        """Lets all processes of a team do what the leading one was told in the meantime."""
        if self._team.is_alone:
            return
        agreed = Wishes.from_bytes(self._team.told(self._wishes.to_bytes()))
        self._wishes = Wishes()
        if agreed.bad_step:
            self.is_diverged = True
            self._bad_step = agreed.bad_step
        for order in agreed.orders:
            self._obey(order)

    def answers(self) -> Iterator[Event]:
        while self._answers:
            yield self._answers.popleft()

    def begin(self) -> Iterator[Event]:
        yield RunStarted(
            folder=self._recorder.folder,
            epochs=self.config.epochs,
            first_epoch=self._position.epoch + 1,
            steps_per_epoch=self._material.steps_per_epoch,
            images_per_epoch=self._material.images_per_epoch,
            device=self._material.device,
            threads=self._material.threads,
            precision=self.config.precision,
        )
        yield from map(Warned, self._warnings)

    def begin_epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of the next epoch."""
        self.epoch = self._position.epoch + 1
        self._tally = Tally()
        self._material.network.train()
        self.pace.begin_epoch()
        self._last_news = time.perf_counter()
        return self._material.batches(self.epoch, self._augmentation)

    def step(self, images: Tensor, labels: Tensor) -> None:
        self.steps_done += 1
        material = self._material
        watch = material.watch if self._team.leads and material.watch.is_due else None
        material.step.call(is_wanted=self._team.leads and bool(self._wishes))
        material.step(images, labels, self._rate(self.steps_done), watch)
        if watch is not None:
            self._watched_step = self.steps_done
        if material.average is not None:
            material.average.update(self.steps_done)
        # Before the next batch is asked for, as when it was changed the first time.
        for change in self._orders.come_into_force(self.steps_done + 1):
            self._answer(change)
        self._has_met = material.step.is_called
        if self._has_met:
            self.agree()

    @property
    def has_news(self) -> bool:
        is_due = time.perf_counter() - self._last_news >= _NEWS_EVERY_S
        # What was agreed on is done at once, and a pause that was asked for at an epoch's end begins.
        return self._material.step.is_full or is_due or self._has_met or self.is_paused

    def news(self) -> Iterator[Event]:
        """What the steps since the last news gave."""
        figures = self._material.step.read()
        count = len(figures.losses)
        if not count:
            return
        self.pace.trained(sum(figures.images))
        steps = tuple(range(self.steps_done - count + 1, self.steps_done + 1))
        bad = self._tally.add(figures)
        if bad is not None and not self.is_diverged:
            self._diverge(steps[bad])
        seconds, speed = self.pace.seconds, self.pace.images_per_second
        self._last_news = time.perf_counter()
        rows = [
            MetricsRow(step, self.epoch, seconds, "train", loss, right / answers, rate, speed)
            for step, loss, right, answers, rate in zip(
                steps, figures.losses, figures.right, figures.answers, figures.rates, strict=True
            )
        ]
        layers = self._material.watch.read()
        at = (self._watched_step, self.epoch, seconds)
        layer_rows = [LayerRow(*at, *dataclasses.astuple(layer)) for layer in layers]
        yield from map(Warned, self._recorder.add_steps(rows, layer_rows))
        yield StepsTrained(
            epoch=self.epoch,
            steps=steps,
            losses=figures.losses,
            learning_rates=figures.rates,
            images_per_second=speed,
            seconds=seconds,
            seconds_left=self._seconds_left(),
        )
        if layers:
            yield LayersWatched(epoch=self.epoch, step=self._watched_step, seconds=seconds, layers=layers)

    def finish_epoch(self) -> Iterator[Event]:
        """Evaluates and saves; an epoch whose figures or weights are not finite is not saved."""
        yield from self.news()
        self.agree()
        if self.is_broken_off:
            return
        # In this order everywhere; twice the same network changes nothing.
        self._team.average_statistics(self._material.network, self._material.judged)
        judgement = self._judge()
        if not (math.isfinite(judgement.test.loss) and is_finite(self._material.network, self._material.judged)):
            self._diverge(self.steps_done)
        self.agree()
        if self.is_diverged:
            return
        speed, tally = self.pace.epoch_speed, self._tally
        self._position = dataclasses.replace(
            after_epoch(self._position, self.epoch, self.steps_done, judgement, self.pace),
            commands=tuple(self._orders.commands),
            changes=tuple(self._orders.changes),
        )
        is_saved, warnings = self._recorder.finish_epoch(
            rows_of(self._position, tally, judgement, speed), self._position, judgement.test, is_last=self.is_complete
        )
        yield from map(Warned, warnings)
        yield finished(self._position, tally, judgement, speed, saved=is_saved)

    def end(self, outcome: Outcome) -> Iterator[Event]:
        advice = self._advice() if outcome is Outcome.DIVERGED else ""
        self.is_ended = True
        at_epoch_end = self.steps_done == self._position.step and not self.is_diverged
        warnings = self._recorder.end(outcome.value, advice, self._position if at_epoch_end else None)
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
            self._recorder.end("interrupted", "", None)
        self._recorder.release()

    def _obey(self, order: Order) -> None:
        if isinstance(order, Change):
            self._change(order)
        else:
            self._orders.obey(order, self.epoch, self.steps_done)

    def _change(self, order: Change) -> None:
        material, done = self._material, self._position
        under_way = done.epoch + (self.steps_done > done.step)
        epoch = self.steps_done // material.steps_per_epoch + 1
        try:
            change = self._orders.change(
                order, self.steps_done + 1, epoch, self.pace.seconds, least_epochs=max(under_way, 1)
            )
        except ValueError as error:
            self._answers.append(Warned(f"nothing was changed: {error}"))
            return
        if change is not None:
            self._answer(change)

    def _answer(self, change: RunChange) -> None:
        self._answers.append(Changed(change.epoch, change.step, change.seconds, change.text))
        self._answers.extend(map(Warned, self._recorder.change(self._orders.recorded)))

    def _augmentation(self) -> Augmentation:
        return self.config.augmentation

    def _rate(self, step: int) -> float:
        config, steps = self._orders.config, self._material.steps_per_epoch
        return learning_rate(
            config.schedule, config.learning_rate, step, config.epochs * steps, config.warm_up_epochs * steps
        )

    def _judge(self) -> Judgement:
        start = time.perf_counter()
        judgement = self._material.judge()
        self.pace.evaluated(time.perf_counter() - start)
        return judgement

    def _diverge(self, step: int) -> None:
        if not self._team.is_alone:
            self._wishes.bad_step = self._wishes.bad_step or step
            return
        self.is_diverged = True
        self._bad_step = step

    def _advice(self) -> str:
        rate = self.config.learning_rate
        return (
            f"the loss was not a finite number any more at step {self._bad_step:,} of epoch {self.epoch}, with a "
            f"learning rate of {self._rate(self._bad_step):.3g}; try a lower one: {rate / 10:.2g} instead of {rate:.3g}"
        )

    def _seconds_left(self) -> float | None:
        material = self._material
        epochs = (self.epoch if self._orders.stops_after_epoch else self.config.epochs) - self.epoch
        steps = self.epoch * material.steps_per_epoch - self.steps_done
        share = steps / material.steps_per_epoch
        images = round((epochs + share) * material.images_per_epoch)
        return self.pace.seconds_left(images, epochs + 1, material.judged_images)
