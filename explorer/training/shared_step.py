"""An optimiser update that several processes make together, each with the gradients of its share of the batch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from explorer.networks.architecture import Scores
from explorer.training.config import TrainingConfig
from explorer.training.layer_watch import LayerWatch
from explorer.training.step import Gradients, Step
from explorer.training.team import Team

# Reading a number waits for the device, which a processor does not mind.
_CALL_EVERY = {"cpu": 1}
_CALL_SELDOM = 16


class SharedStep(Step):
    """A step with the whole batch, of which each process computes its share: the update is that of one process.

    One sum over the processes carries all gradients, the loss, how many answers were right, and whether the leading
    process calls for a meeting. Each share's loss counts as much as it has images. Batch norm sees its share alone,
    and a share has `smallest` images or none.
    """

    def __init__(
        self,
        network: nn.Module,
        optimiser: Optimizer,
        config: TrainingConfig,
        scores: Scores,
        team: Team,
        smallest: int,
    ) -> None:
        super().__init__(network, optimiser, config, scores)
        self._team = team
        self._smallest = smallest
        self._steps = 0
        self._every = _CALL_EVERY.get(self._device.type, _CALL_SELDOM)
        self._sum = torch.zeros(sum(each.numel() for each in self._trained) + 3, device=self._device)
        parts = torch.split(self._sum, [*(each.numel() for each in self._trained), 3])
        self._parts = [part.view(each.shape) for part, each in zip(parts, self._trained, strict=False)]
        self._figures = parts[-1]
        # Which parameters the loss depends on; the others stay without a gradient, as in one process.
        self._reached = [True] * len(self._trained)

    def _backward(self, images: Tensor, labels: Tensor, watch: LayerWatch | None) -> Gradients:
        self.is_called = False
        whole, answers = len(labels), labels.numel()
        share = self._team.share(whole, self._smallest)
        self._sum.zero_()
        if share.start < share.stop:
            weight = (share.stop - share.start) / whole
            own = self.gradients(images[share], labels[share], watch, torch.tensor(weight, device=self._device))
            answers = own.answers // (share.stop - share.start) * whole
            self._reached = [each.grad is not None for each in self._trained]
            self._figures[0] = own.loss * weight
            self._figures[1] = own.right
        self._figures[2] = float(self._calls)
        self._add_up()
        self._steps += 1
        if self._steps % self._every == 0:
            self.is_called = bool(self._figures[2].item())
        return Gradients(self._figures[0], self._figures[1].round(), answers)

    def _add_up(self) -> None:
        with torch.no_grad():
            for parameter, is_reached in zip(self._trained, self._reached, strict=True):
                if is_reached and parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
            reached = [
                (part, each.grad)
                for part, each in zip(self._parts, self._trained, strict=True)
                if each.grad is not None
            ]
            parts, gradients = [part for part, _ in reached], [gradient for _, gradient in reached]
            torch._foreach_copy_(parts, gradients)
            self._team.add_up(self._sum)
            torch._foreach_copy_(gradients, parts)
