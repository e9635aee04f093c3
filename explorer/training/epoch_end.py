"""Sums over the steps of an epoch, and what comes of an epoch's end."""

from __future__ import annotations

import math

import torch
from torch import nn

from explorer.runs.checkpoint import Position
from explorer.runs.metrics import MetricsRow
from explorer.training.events import EpochFinished
from explorer.training.material import Judgement
from explorer.training.pace import Pace
from explorer.training.step import Figures

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


class Tally:
    """Running means of an epoch's training."""

    def __init__(self) -> None:
        self._loss = 0.0
        self._images = 0
        self._answers = 0
        self._right = 0
        self.rate = 0.0

    def add(self, figures: Figures) -> int | None:
        """Adds some steps; the index of the first whose loss is not finite, None where all are."""
        bad = None
        for index, (loss, images) in enumerate(zip(figures.losses, figures.images, strict=True)):
            if bad is None and not math.isfinite(loss):
                bad = index
            self._loss += loss * images
            self._images += images
        self._answers += sum(figures.answers)
        self._right += sum(figures.right)
        self.rate = figures.rates[-1]
        return bad

    @property
    def loss(self) -> float:
        return self._loss / self._images

    @property
    def accuracy(self) -> float:
        return self._right / self._answers


def after_epoch(before: Position, epoch: int, step: int, judgement: Judgement, pace: Pace) -> Position:
    """Where a run stands after an epoch, without what it was told."""
    test, validation = judgement.test, judgement.validation
    # Runs of earlier versions chose by the test accuracy alone.
    best_score = before.best_accuracy if before.best_score is None else before.best_score
    is_best = judgement.score > best_score or before.epoch == 0
    return Position(
        epoch=epoch,
        step=step,
        seconds=pace.seconds,
        trained_images=pace.trained_images,
        trained_seconds=pace.trained_seconds,
        test_accuracy=test.accuracy,
        test_loss=test.loss,
        best_epoch=epoch if is_best else before.best_epoch,
        best_accuracy=test.accuracy if is_best else before.best_accuracy,
        best_score=judgement.score if is_best else best_score,
        test_top5=test.top5,
        test_mean_iou=test.mean_iou,
        best_mean_iou=test.mean_iou if is_best else before.best_mean_iou,
        validation_accuracy=None if validation is None else validation.accuracy,
    )


def rows_of(position: Position, tally: Tally, judgement: Judgement, speed: float) -> list[MetricsRow]:
    """The lines that an epoch adds to the metrics."""
    at = (position.step, position.epoch, position.seconds)
    rows = [MetricsRow(*at, "epoch", tally.loss, tally.accuracy, tally.rate, speed)]
    held_out = [] if judgement.validation is None else [("validation", judgement.validation)]
    for split, found in [*held_out, ("test", judgement.test)]:
        rows.append(
            MetricsRow(
                *at,
                split,  # type: ignore[arg-type] # one of the two above
                found.loss,
                found.accuracy,
                tally.rate,
                top5=found.top5,
                mean_iou=found.mean_iou,
            )
        )
    return rows


def finished(position: Position, tally: Tally, judgement: Judgement, speed: float, *, saved: bool) -> EpochFinished:
    """The event that tells of an epoch's end."""
    test, validation = judgement.test, judgement.validation
    return EpochFinished(
        epoch=position.epoch,
        step=position.step,
        train_loss=tally.loss,
        train_accuracy=tally.accuracy,
        test_loss=test.loss,
        test_accuracy=test.accuracy,
        learning_rate=tally.rate,
        images_per_second=speed,
        seconds=position.seconds,
        best=position.best_epoch == position.epoch,
        saved=saved,
        validation_loss=None if validation is None else validation.loss,
        validation_accuracy=None if validation is None else validation.accuracy,
        validation_mean_iou=None if validation is None else validation.mean_iou,
        test_top5=test.top5,
        test_mean_iou=test.mean_iou,
    )


def is_finite(*networks: nn.Module) -> bool:
    """Whether all weights and statistics are finite numbers."""
    with torch.no_grad():
        flags = [torch.isfinite(tensor).all() for network in networks for tensor in network.state_dict().values()]
        return bool(torch.stack(flags).all())
