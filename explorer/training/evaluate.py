"""How good a network is on images that it was not trained on."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.data.batches import Preprocessing, prepare
from explorer.networks.architecture import Scores
from explorer.training.losses import LossFunction
from explorer.training.step import right_answers

# Larger batches leave the caches of a processor; smaller ones pay for the calls.
_BATCH = {"cpu": 500, "cuda": 4096, "mps": 2048}


def evaluate(
    network: nn.Module, images: Tensor, labels: Tensor, preprocessing: Preprocessing, loss: LossFunction, scores: Scores
) -> tuple[float, float]:
    """Mean loss and accuracy (0 to 1) over images uint8 (N, C, H, W) with labels (N).

    The network is put into evaluation mode for it and back into the mode it was in.
    """
    was_training = network.training
    network.eval()
    size = _BATCH[images.device.type]
    total_loss = torch.zeros((), dtype=torch.float64, device="cpu" if images.device.type == "mps" else images.device)
    total_right = torch.zeros((), dtype=torch.int64, device=images.device)
    try:
        with torch.inference_mode():
            for start in range(0, len(labels), size):
                wanted = labels[start : start + size]
                outputs = network(prepare(images[start : start + size], preprocessing))
                total_loss += loss(outputs, wanted, 0.0).to(total_loss.device) * len(wanted)
                total_right += right_answers(outputs, wanted, scores)
    finally:
        network.train(was_training)
    count = max(len(labels), 1)
    return float(total_loss) / count, int(total_right) / count
