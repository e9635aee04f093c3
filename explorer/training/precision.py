"""With how many bits a step computes, where the configuration leaves that open."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from explorer.networks import catalogue
from explorer.reading import read_graph
from explorer.system import devices
from explorer.training.config import TrainingConfig

# Multiply-adds of a step's forward pass from which bfloat16 pays for the conversions around it. Measured on two x86-64
# cores with AVX-512 BF16, against float32: LeNet-5 1.0 times as fast with 128 images (53 million); with 512 (213
# million) 1.2 times with one thread, and 0.9 times with two. With 128 images each (1 to 10 billion) ResNet-20 1.9,
# VGG-11 2.0, AlexNet 1.7, U-Net 1.5, GoogLeNet, DenseNet and SE-ResNet-20 1.2 times. A rule, and no measurement before
# each run: one configuration trains the same each time on one machine.
_WORTH_IT = 500_000_000


def with_precision(
    config: TrainingConfig,
    device: str,
    *,
    processes: int = 1,
    cancelled: Callable[[], bool] | None = None,
) -> TrainingConfig:
    """The config with what its precision "auto" means for this network, batch size and device.

    The batch is shared among so many `processes`; the device is that of the first. A network that cannot be read
    computes in float32.

    Raises:
        Cancelled: `cancelled()` was true.
    """
    if config.precision != "auto":
        return config
    is_faster = False
    if devices.computes_bfloat16(device):
        images = config.batch_size // processes
        try:
            graph = read_graph(catalogue.get(config.architecture), config.options, cancelled=cancelled)
            is_faster = graph.totals.macs * images >= _WORTH_IT
        except ValueError:
            # Training does not depend on what can be read of a network.
            is_faster = False
    return dataclasses.replace(config, precision="bfloat16" if is_faster else "float32")
