"""From a configuration and a data set to a network, its optimiser and batches: all that a step needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from explorer.data import digits
from explorer.data.augmentation import Augmentation
from explorer.data.batches import Preprocessing, ResidentBatches, preprocessing_for
from explorer.data.datasets import Dataset
from explorer.data.split import Split
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture, Interface, Task
from explorer.system import devices
from explorer.system.settings import Settings
from explorer.training.averaging import Average
from explorer.training.config import TrainingConfig
from explorer.training.first_weights import copy_matching
from explorer.training.halving import halve_quickly
from explorer.training.material import Examples
from explorer.training.optimisers import make_optimiser
from explorer.training.shared_step import SharedStep
from explorer.training.step import Step
from explorer.training.team import ALONE, Team

_BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


@dataclass(frozen=True)
class Ingredients:
    """What a step needs, all on `device`; `layout` is the memory layout of the network's tensors."""

    interface: Interface
    network: nn.Module
    average: Average | None
    step: Step
    preprocessing: Preprocessing
    batches: EpochBatches
    validation: Examples | None
    device: str
    layout: str


def ingredients(
    config: TrainingConfig, dataset: Dataset, device: str, layout: str = "", team: Team = ALONE
) -> Ingredients:
    """A new network, with weights that follow from the seed, and what trains it; `layout` "": the fastest.

    Seeds torch's global generator. In a `team` all processes have the same network and the same batches, of which a
    step takes this process's share.

    Raises:
        ValueError: the network, the data set and the batch size do not fit each other.
    """
    architecture = catalogue.get(config.architecture)
    interface = architecture.interface(config.options)
    _check_task(architecture, dataset)
    if interface.classes_fixed and len(dataset.classes) != interface.classes:
        raise ValueError(
            f"{config.architecture} in this form tells {interface.classes} classes apart; {dataset.name} has "
            f"{len(dataset.classes)}"
        )
    torch.manual_seed(derived(config.seed, 0))
    network = architecture.build(config.options, len(dataset.classes))
    _start_as_twin(network, config, len(dataset.classes))
    network = network.to(device)
    smallest = smallest_batch(network)
    if config.batch_size < smallest:
        raise ValueError(
            f"{config.architecture} in this form has batch norm, which needs several images at once; choose a batch "
            "size of 2 or more"
        )
    if config.batch_size < smallest * team.size:
        raise ValueError(
            f"{team.size} processes cannot share a batch of {config.batch_size}; choose a batch size of "
            f"{smallest * team.size} or more, or start fewer"
        )
    if device == "cpu":
        halve_quickly(network)
    chosen = layout or _layout(network, device)
    if chosen == "channels_last":
        network = network.to(memory_format=torch.channels_last)
    preprocessing = preprocessing_for(interface.input_shape, interface.pixel_range, dataset.mean, dataset.std)
    optimiser = make_optimiser(network, config)
    if team.is_alone:
        step = Step(network, optimiser, config, interface.scores)
    else:
        step = SharedStep(network, optimiser, config, interface.scores, team, smallest)
    trained, held_out = parted(dataset.train, config.validation_share, config.seed)
    return Ingredients(
        interface=interface,
        network=network,
        average=Average(network, config.averaging) if config.averaging else None,
        step=step,
        preprocessing=preprocessing,
        batches=EpochBatches(config, trained, preprocessing, device, team.rank),
        validation=None if held_out is None else examples(held_out, device),
        device=device,
        layout=chosen,
    )


def _start_as_twin(network: nn.Module, config: TrainingConfig, classes: int) -> None:
    """Takes over a twin's first weights, built from the same seed; a network that is its own twin has them already."""
    twin = config.twin_of
    if twin is None or (twin.architecture, twin.options) == (config.architecture, config.options):
        return
    torch.manual_seed(derived(config.seed, 0))
    copy_matching(catalogue.get(twin.architecture).build(twin.options, classes), network)


def device_for(config: TrainingConfig, settings: Settings) -> str:
    """The device that a new training uses: the config's, or that of the settings where the config leaves it open."""
    return devices.resolve(settings.device if config.device == "auto" else config.device)


def smallest_batch(network: nn.Module) -> int:
    """How many images a batch has at least: batch norm cannot train on one."""
    return 2 if any(isinstance(layer, _BATCH_NORMS) for layer in network.modules()) else 1


def examples(split: Split, device: str) -> Examples:
    return Examples(torch.from_numpy(split.images).to(device), torch.from_numpy(split.labels).to(device))


def parted(split: Split, share: float, seed: int) -> tuple[Split, Split | None]:
    """The images to train with, and those held out (None without a share), drawn by the seed and in the old order.

    Raises:
        ValueError: nothing would be left on one of the two sides.
    """
    if not share:
        return split, None
    count = round(share * len(split))
    if not 0 < count < len(split):
        raise ValueError(f"a share of {share:g} of {len(split):,} images leaves none to train or to judge with")
    # A purpose of its own: neither the first weights nor an epoch draws from the same numbers.
    order = np.random.default_rng([seed, 0, 1]).permutation(len(split))
    held, kept = np.sort(order[:count]), np.sort(order[count:])
    return Split(split.images[kept], split.labels[kept]), Split(split.images[held], split.labels[held])


class EpochBatches:
    """The batches of each epoch, built-in digits mixed in where the config asks for them.

    They are the same for each `rank` of a team, but what dropout draws meanwhile is not.
    """

    def __init__(
        self, config: TrainingConfig, split: Split, preprocessing: Preprocessing, device: str, rank: int = 0
    ) -> None:
        self._config = config
        self._rank = rank
        self._resident = ResidentBatches(split, preprocessing, device)
        self.steps = self._resident.steps(config.batch_size, config.extra_digits)
        if not self.steps:
            raise ValueError("there are too few images to train with; two are the least")
        self.images = min(len(self._resident) + config.extra_digits, self.steps * config.batch_size)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many images a batch has, and how many the last one of an epoch, if fewer."""
        last = self.images - (self.steps - 1) * self._config.batch_size
        return tuple(dict.fromkeys((min(self._config.batch_size, self.images), last)))

    def epoch(self, epoch: int, augmentation: Callable[[], Augmentation]) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch, counted from 1, which follow from (seed, epoch) and the augmentation alone."""
        config = self._config
        seed = derived(config.seed, epoch + 1)
        torch.manual_seed(derived(config.seed, epoch + 1, self._rank) if self._rank else seed)
        extra = digits.make_digits(config.extra_digits, seed) if config.extra_digits else None
        return self._resident.epoch(config.seed, epoch, config.batch_size, augmentation, extra)

    def sample(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches for a measurement, which belong to no epoch."""
        return self._resident.epoch(self._config.seed, 0, self._config.batch_size, self._config.augmentation)


def derived(seed: int, *numbers: int) -> int:
    """A seed for one purpose: the network's first weights (number 0) or an epoch's dropout and digits."""
    return int(np.random.SeedSequence([seed, *numbers]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _check_task(architecture: Architecture, dataset: Dataset) -> None:
    draws_masks = architecture.task is Task.SEGMENTATION
    if draws_masks and not dataset.train.has_masks:
        raise ValueError(
            f"{architecture.title} marks pixels and learns from masks, which {dataset.name} does not have; train it on "
            "segments"
        )
    if dataset.train.has_masks and not draws_masks:
        raise ValueError(
            f"{dataset.name} has masks, and {architecture.title} answers with one class an image; train unet on it"
        )


def _layout(network: nn.Module, device: str) -> str:
    # Measured for LeNet-5 on two x86-64 cores: 8 to 13 % faster. Apple's graphics do not gain from it.
    has_convolutions = any(isinstance(layer, nn.Conv2d) for layer in network.modules())
    return "channels_last" if has_convolutions and device != "mps" else "contiguous"
