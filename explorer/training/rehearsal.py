"""Trying a step before the first one, so that the training that follows does not notice."""

from __future__ import annotations

from types import TracebackType

import torch
from torch import Tensor, nn


class Rehearsal:
    """A block in which a network is in training mode and computes without consequences.

    After it, and whenever `put_back` is called in it, running statistics and random numbers are as at its beginning,
    and there are no gradients.
    """

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        self._device = next(network.parameters()).device
        self._was_training = network.training
        self._random_state = _random_state(self._device)
        self._buffers = [(buffer, buffer.clone()) for buffer in network.buffers()]

    def __enter__(self) -> Rehearsal:
        self._network.train()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self.put_back()
        self._network.train(self._was_training)

    def put_back(self) -> None:
        with torch.no_grad():
            for buffer, before in self._buffers:
                buffer.copy_(before)
        forget_gradients(self._network)
        _set_random_state(self._device, self._random_state)


def forget_gradients(network: nn.Module) -> None:
    for parameter in network.parameters():
        parameter.grad = None


def _random_state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _set_random_state(device: torch.device, state: Tensor) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)
