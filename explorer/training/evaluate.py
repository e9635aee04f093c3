"""How good a network is on images that it was not trained on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.data.batches import Preprocessing, prepare, prepare_labels
from explorer.networks.architecture import Scores
from explorer.training import masks
from explorer.training.losses import LossFunction
from explorer.training.step import answers_of
from explorer.training.team import ALONE, Team

# Larger batches leave the caches of a processor; smaller ones pay for the calls. So many of 3x32x32, fewer of larger.
_BATCH = {"cpu": 500, "cuda": 4096, "mps": 2048}
_VALUES = 3 * 32 * 32

# With as few classes as that, one of five answers is nearly always right.
_TOP = 5


@dataclass(frozen=True)
class Evaluation:
    """Mean loss and accuracy (0 to 1; of pixels, where there are masks), and what applies of the rest.

    `top5` is None for five classes or fewer, `mean_iou` without masks. `answers` [N] are the classes answered and
    `confidence` [N] the probabilities given to them; None for masks, and where nobody asked for them. `pixels`
    [classes, classes] is how many pixels of each true class (rows) got each answer (columns); None without masks.
    """

    loss: float
    accuracy: float
    top5: float | None = None
    mean_iou: float | None = None
    answers: NDArray[Any] | None = None
    confidence: NDArray[Any] | None = None
    pixels: NDArray[np.int64] | None = None

    @property
    def score(self) -> float:
        """What the best epoch is chosen by."""
        return self.accuracy if self.mean_iou is None else self.mean_iou


def evaluate(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    preprocessing: Preprocessing,
    loss: LossFunction,
    scores: Scores,
    *,
    with_answers: bool = False,
    team: Team = ALONE,
) -> Evaluation:
    """What a network makes of images uint8 (N, C, H, W) with labels (N) or masks (N, H, W).

    The network is put into evaluation mode for it and back into the mode it was in. Each process of a team looks at
    its share, and all of them get the whole.
    """
    was_training = network.training
    network.eval()
    largest = _BATCH[images.device.type]
    size = max(1, min(largest, largest * _VALUES // math.prod(preprocessing.input_shape)))
    sums = _Sums(images.device, with_answers=with_answers and labels.ndim == 1)
    # A few images are looked at by all.
    is_shared = not team.is_alone and len(labels) >= team.size
    share = team.share(len(labels)) if is_shared else slice(0, len(labels))
    try:
        with torch.inference_mode():
            for start in range(share.start, share.stop, size):
                part = slice(start, min(start + size, share.stop))
                outputs = network(prepare(images[part], preprocessing))
                wanted = masks.cut_to(prepare_labels(labels[part], preprocessing), outputs)
                sums.add(outputs, wanted, loss(outputs, wanted, 0.0), scores)
            if is_shared:
                sums.add_up(team, share, len(labels))
    finally:
        network.train(was_training)
    return sums.evaluation()


class _Sums:
    """Sums over batches, which stay on the device until the last one."""

    def __init__(self, device: torch.device, *, with_answers: bool) -> None:
        # Apple's graphics have no numbers of 64 bits after the point.
        self._exact = "cpu" if device.type == "mps" else device
        self._loss = torch.zeros((), dtype=torch.float64, device=self._exact)
        self._right = torch.zeros((), dtype=torch.int64, device=device)
        self._top5 = torch.zeros((), dtype=torch.int64, device=device)
        self._pixels: Tensor | None = None
        self._given: list[tuple[Tensor, Tensor]] = []
        self._with_answers = with_answers
        self._has_top5 = False
        self._images = 0
        self._labels = 0

    def add(self, outputs: Tensor, wanted: Tensor, loss: Tensor, scores: Scores) -> None:
        self._images += len(wanted)
        self._labels += wanted.numel()
        self._loss += loss.to(self._exact) * len(wanted)
        answers = answers_of(outputs, scores)
        self._right += (answers == wanted).sum()
        if wanted.ndim > 1:
            pixels = masks.counts(answers, wanted, outputs.shape[1])
            self._pixels = pixels if self._pixels is None else self._pixels + pixels
            return
        logits = -outputs if scores is Scores.DISTANCES else outputs
        if outputs.shape[1] > _TOP:
            self._has_top5 = True
            self._top5 += (logits.topk(_TOP, dim=1).indices == wanted[:, None]).sum()
        if self._with_answers:
            self._given.append((answers, logits.float().softmax(1).amax(1)))

    def add_up(self, team: Team, share: slice, count: int) -> None:
        """Adds the sums of all processes of a team, of which this one has seen the `share` of `count` images."""
        sums = [self._loss, self._right, self._top5, torch.tensor(self._images), torch.tensor(self._labels)]
        pixels = torch.zeros(0) if self._pixels is None else self._pixels
        # Whole numbers up to 2^53 are exact there.
        together = torch.cat([*(each.reshape(1).cpu().double() for each in sums), pixels.flatten().cpu().double()])
        team.add_up(together)
        self._loss.copy_(together[0])
        self._right.copy_(together[1])
        self._top5.copy_(together[2])
        self._images, self._labels = int(together[3]), int(together[4])
        if self._pixels is not None:
            self._pixels.copy_(together[5:].view_as(self._pixels))
        if self._given:
            answers, confidence = (
                _gathered(torch.cat(parts), team, share, count) for parts in zip(*self._given, strict=True)
            )
            self._given = [(answers, confidence)]

    def evaluation(self) -> Evaluation:
        answers = confidence = None
        if self._given:
            answers, confidence = (torch.cat(parts).cpu().numpy() for parts in zip(*self._given, strict=True))
        return Evaluation(
            loss=float(self._loss) / max(self._images, 1),
            accuracy=int(self._right) / max(self._labels, 1),
            top5=int(self._top5) / self._labels if self._has_top5 else None,
            mean_iou=None if self._pixels is None else masks.mean_iou(self._pixels),
            answers=answers,
            confidence=confidence,
            pixels=None if self._pixels is None else self._pixels.cpu().numpy(),
        )


def _gathered(part: Tensor, team: Team, share: slice, count: int) -> Tensor:
    """The `count` values of which this process has those of its share."""
    whole = torch.zeros(count, dtype=part.dtype)
    whole[share] = part.cpu()
    team.add_up(whole)
    return whole
