"""Masks: a class for each pixel, and how well a network draws them."""

from __future__ import annotations

import torch
from torch import Tensor


def cut_to(labels: Tensor, outputs: Tensor) -> Tensor:
    """Masks (N, H, W) cut to the middle that outputs (N, classes, H', W') are for; classes (N) as they are.

    A network without padding, as U-Net's published form, answers for the middle of its input alone.
    """
    if labels.ndim == 1 or labels.shape[1:] == outputs.shape[2:]:
        return labels
    height, width = outputs.shape[2:]
    top, left = (labels.shape[1] - height) // 2, (labels.shape[2] - width) // 2
    return labels[:, top : top + height, left : left + width]


def counts(answers: Tensor, labels: Tensor, classes: int) -> Tensor:
    """How many pixels of each true class (rows) got each answer (columns): int64 (classes, classes)."""
    return torch.bincount((labels * classes + answers).flatten(), minlength=classes * classes).view(classes, classes)


def mean_iou(pixels: Tensor) -> float:
    """Mean over classes of intersection over union, 0 to 1, from what `counts` gave for all images together.

    A class that is neither there nor answered anywhere does not count.
    """
    table = pixels.double().cpu()
    both = table.diag()
    either = table.sum(0) + table.sum(1) - both
    there = either > 0
    return float((both[there] / either[there]).mean()) if bool(there.any()) else 0.0
