"""With how many bits a step computes, where the configuration leaves that open."""

from __future__ import annotations

import dataclasses

from explorer.networks import catalogue
from explorer.reading import read_graph
from explorer.system import devices
from explorer.training.config import TrainingConfig

# Multiply-adds of a step's forward pass from which bfloat16 pays for the conversions around it. Measured on two x86-64
# cores with AVX-512 BF16, against float32: LeNet-5 1.0 times as fast with 128 images (53 million) and 1.2 times with
# 512 (213 million); ResNet-20 1.9, VGG-11 2.0, AlexNet 1.7, DenseNet and SE-ResNet-20 1.2 times with 128 images each
# (from 5 billion). A rule, and no measurement before each run: the same configuration trains the same on one machine.
_WORTH_IT = 100_000_000


def with_precision(config: TrainingConfig, device: str) -> TrainingConfig:
    """The config with what its precision "auto" means for this network, batch size and device.

    Raises:
        ValueError: nothing of the network can be read.
    """
    if config.precision != "auto":
        return config
    is_faster = devices.computes_bfloat16(device) and _multiply_adds(config) * config.batch_size >= _WORTH_IT
    return dataclasses.replace(config, precision="bfloat16" if is_faster else "float32")


def _multiply_adds(config: TrainingConfig) -> int:
    return read_graph(catalogue.get(config.architecture), config.options).totals.macs
