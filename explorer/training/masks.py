"""Masks: a class for each pixel, and how well a network draws them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.runs.answers import class_ious


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
    ious = class_ious(pixels.cpu().numpy())
    there = ious[~np.isnan(ious)]
    return float(there.mean()) if len(there) else 0.0
