"""The optimisers, as one operation over all parameters where torch has it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from explorer.training.config import TrainingConfig


def _light(kind: type[Optimizer]) -> Callable[..., Optimizer]:
    """The optimiser without its ties to torch's compiler.

    torch.optim wraps these methods in decorators that import the compiler when first called: one to three seconds
    and 155 MB, for something that is not used here. What one of them also does, switching gradients off, stays.
    """
    names = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
    methods: dict[str, Any] = {name: inspect.unwrap(getattr(kind, name)) for name in names}
    methods["step"] = torch.no_grad()(inspect.unwrap(kind.step))
    return type(kind.__name__, (kind,), methods)


_ADAMW, _ADAM, _SGD = _light(AdamW), _light(Adam), _light(SGD)


def make_optimiser(network: nn.Module, config: TrainingConfig) -> Optimizer:
    """The optimiser that the config names; `momentum` is the first beta of Adam and AdamW.

    Weight decay holds for kernels and matrices alone, not for biases and the scales of normalisation (as in He et al.,
    "Bag of tricks", 2018).
    """
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    # One number a map is a bias or a scale, whatever its shape: LeNet-5's subsampling has them as (maps, 1, 1).
    groups = [
        {"params": [each for each in trained if each.numel() > len(each)], "weight_decay": config.weight_decay},
        {"params": [each for each in trained if each.numel() <= len(each)], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    fused = trained[0].device.type in {"cpu", "cuda"}
    if config.optimiser == "sgd":
        nesterov = config.nesterov and config.momentum > 0
        return _SGD(groups, lr=config.learning_rate, momentum=config.momentum, nesterov=nesterov, fused=fused)
    kind = _ADAMW if config.optimiser == "adamw" else _ADAM
    return kind(groups, lr=config.learning_rate, betas=(config.momentum, 0.999), fused=fused)
