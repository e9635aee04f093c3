"""A convolution that does not share its weights: every position of the output has a kernel and biases of its own.

It has the links of the convolution that it stands beside, and computes as many products; only the parameters differ.
Such layers came before LeNet's convolutions (LeCun: Generalization and network design strategies, 1989).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class LocallyConnected(nn.Module):
    """Maps (N, inputs, H, W) to (N, outputs, H', W') with stride 1, for images of one size only.

    `size` is (H, W). Weights [positions, inputs k k, outputs] and biases [outputs, H', W'] start as a convolution's
    do, uniform within 1 / sqrt(inputs k k).
    """

    kind = "convolution"

    def __init__(self, inputs: int, outputs: int, kernel: int, size: tuple[int, int], padding: int = 0) -> None:
        super().__init__()
        self.inputs, self.outputs, self.kernel, self.padding = inputs, outputs, kernel, padding
        height, width = (side + 2 * padding - kernel + 1 for side in size)
        bound = 1 / (inputs * kernel**2) ** 0.5
        self.weight = nn.Parameter(torch.empty(height * width, inputs * kernel**2, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(outputs, height, width).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        patches = nn.functional.unfold(x, self.kernel, padding=self.padding)
        # A product of matrices for each position: [positions, N, inputs k k] times [positions, inputs k k, outputs].
        # Laid out one after the other they are multiplied a third faster.
        products = torch.bmm(patches.permute(2, 0, 1).contiguous(), self.weight)
        return products.permute(1, 2, 0).reshape(-1, *self.bias.shape) + self.bias

    def describe(self, _input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> dict[str, Any]:
        height, width = output_shape[-2:]
        products = f"{self.kernel} × {self.kernel} × {self.inputs} × {self.outputs} × {height} × {width}"
        return {
            "detail": f"{self.kernel}×{self.kernel}, not shared",
            "settings": {"kernel": f"{self.kernel} × {self.kernel}", "kernels": f"one for each of {height} × {width}"},
            "parameters": f"({self.kernel} × {self.kernel} × {self.inputs} + 1) × {self.outputs} × {height} × {width}",
            "macs": (self.weight.numel(), products),
            "window": ((self.kernel, self.kernel), (1, 1), (self.padding, self.padding)),
        }
