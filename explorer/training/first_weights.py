"""First weights that two networks have in common."""

from __future__ import annotations

import torch
from torch import nn


def copy_matching(source: nn.Module, target: nn.Module) -> tuple[str, ...]:
    """Gives `target` the values of `source` wherever both have a tensor of the same name and shape; their names."""
    given = source.state_dict()
    copied = []
    with torch.no_grad():
        for name, tensor in target.state_dict().items():
            if name in given and given[name].shape == tensor.shape:
                tensor.copy_(given[name])
                copied.append(name)
    return tuple(copied)
