"""Saliency: how the score of a class would change with each pixel.

Simonyan, Vedaldi, Zisserman: Deep inside convolutional networks, 2013 (arXiv 1312.6034), section 3.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.inference.score import Score, check_at_rest


def gradient(network: nn.Module, inputs: Tensor, score: Score) -> Tensor:
    """The gradient of each picture's score by its pixels, shape of `inputs` [N, C, H, W].

    The network must be in evaluation mode, and is not changed: the gradient is taken for the input alone. A layer that
    writes over its input writes over a copy of it.

    Raises:
        ValueError: the network is in training mode.
    """
    check_at_rest(network)
    with torch.inference_mode(mode=False), torch.enable_grad():
        leaf = inputs.detach().clone().requires_grad_()
        # A copy goes in: the first layer may write over its input, which no leaf allows.
        total = score.of(network(leaf.clone())).sum()
        # A silenced layer lets no gradient through.
        if not total.requires_grad:
            return torch.zeros_like(inputs)
        # The pictures of a batch do not know of each other, so that the sum's gradient is each one's own.
        (slope,) = torch.autograd.grad(total, leaf, allow_unused=True)
    return torch.zeros_like(inputs) if slope is None else slope.detach()


def saliency(network: nn.Module, inputs: Tensor, score: Score) -> Tensor:
    """The largest size of the gradient over the channels, [N, H, W], as the paper shows it."""
    return gradient(network, inputs, score).abs().amax(dim=1)


def gradient_times_input(network: nn.Module, inputs: Tensor, score: Score) -> Tensor:
    """The gradient times the input, summed over the channels: [N, H, W], with signs."""
    return (gradient(network, inputs, score) * inputs).sum(dim=1)
