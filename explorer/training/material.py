"""What a training is made of, and how good its network is by now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor, nn

from explorer.data.augmentation import Augmentation
from explorer.data.batches import Preprocessing
from explorer.networks.architecture import Interface
from explorer.training.averaging import Average
from explorer.training.config import TrainingConfig
from explorer.training.evaluate import Evaluation, evaluate
from explorer.training.layer_watch import LayerWatch
from explorer.training.losses import LOSSES
from explorer.training.step import Step
from explorer.training.team import ALONE, Team

Batches = Iterator[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Examples:
    """Images uint8 (N, C, H, W) on a device, with labels (N) or masks (N, H, W)."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Judgement:
    """How good a network is on the test set, and on the images held out from training where there are some."""

    test: Evaluation
    validation: Evaluation | None

    @property
    def score(self) -> float:
        """What the best epoch is chosen by: the test set only where nothing is held out."""
        return (self.validation or self.test).score


@dataclass(frozen=True)
class Material:
    """What a training is made of.

    `batches` gives the batches of an epoch, which counts from 1, varied as the function it is given says. `average`
    follows the network where the config asks for it. `team` shares the work.
    """

    config: TrainingConfig
    interface: Interface
    network: nn.Module
    average: Average | None
    step: Step
    watch: LayerWatch
    preprocessing: Preprocessing
    batches: Callable[[int, Callable[[], Augmentation]], Batches]
    steps_per_epoch: int
    images_per_epoch: int
    test: Examples
    validation: Examples | None
    device: str
    threads: int
    team: Team = ALONE

    @property
    def judged(self) -> nn.Module:
        """What is evaluated and saved: the average of the network, or the network itself."""
        return self.network if self.average is None else self.average.network

    @property
    def judged_images(self) -> int:
        """How many images `judge` looks at."""
        return len(self.test) + (0 if self.validation is None else len(self.validation))

    def judge(self) -> Judgement:
        return Judgement(
            test=self._evaluated(self.test, with_answers=True),
            validation=None if self.validation is None else self._evaluated(self.validation),
        )

    def _evaluated(self, examples: Examples, *, with_answers: bool = False) -> Evaluation:
        return evaluate(
            self.judged,
            examples.images,
            examples.labels,
            self.preprocessing,
            LOSSES[self.config.loss],
            self.interface.scores,
            with_answers=with_answers,
            team=self.team,
        )
