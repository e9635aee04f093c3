"""What every contender trains, and the clock that all are timed with."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Task:
    """A network, its data and its recipe.

    The first images warm up. What comes at the end of an epoch, an evaluation and files, is not training and not timed.
    """

    title: str
    batch_sizes: tuple[int, ...]
    warm_up_images: int
    counted_images: int


TASKS = {
    # Adam at 1e-3, no augmentation.
    # Over two epochs: a single second of this machine or that may be a third faster or slower than the next.
    "lenet5": Task("LeNet-5 on MNIST", (128, 512), 16_000, 126_000),
    # SGD at 0.1 with momentum 0.9 and weight decay 1e-4, pad 4, crop, mirror (He et al. 2015).
    "resnet20": Task("ResNet-20 on CIFAR-10", (128,), 1_280, 5_120),
}


def asked() -> tuple[str, int]:
    """The name of the task and the batch size on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("batch_size", type=int)
    arguments = parser.parse_args()
    return str(arguments.task), int(arguments.batch_size)


class Clock:
    """Counts the images of the steps after the warm-up, and how long they take."""

    def __init__(self, task: str) -> None:
        self._task = TASKS[task]
        self._images = 0
        self._counted = 0
        self._seconds = 0.0
        self._last = (0, 0.0)

    def tick(self, images: int, at: float | None = None, *, epoch: int = 1) -> bool:
        """Call after each step, or after some; whether enough are counted.

        `at` is when they were trained, in seconds, for those who hear of it later; None: now. Where `epoch` is another
        than the last time, the time since then was not training alone: the images are not counted.
        """
        now = time.perf_counter() if at is None else at
        before, since = self._last
        if self._images >= self._task.warm_up_images and epoch == before:
            self._counted += images
            self._seconds += now - since
        self._last = (epoch, now)
        self._images += images
        return self._counted >= self._task.counted_images

    @property
    def images_per_second(self) -> float:
        return self._counted / self._seconds


def data_folder() -> Path:
    """Where torchvision finds MNIST and CIFAR-10.

    Raises:
        SystemExit: they are not there; the comparison with torchvision's own data sets needs them.
    """
    folder = Path(os.environ.get("CNN_EXPLORER_DATA", ""))
    if not (folder / "MNIST" / "raw").is_dir() or not (folder / "cifar-10-batches-py").is_dir():
        raise SystemExit("this benchmark needs MNIST and CIFAR-10: point CNN_EXPLORER_DATA at a folder that holds them")
    return folder


@contextmanager
def torchvision_data(task: str) -> Iterator[Any]:
    """The training images as torchvision's data set, with the transforms that scripts have."""
    from torchvision import transforms
    from torchvision.datasets import CIFAR10, MNIST

    if task == "resnet20":
        varied = [transforms.RandomCrop(32, padding=4), transforms.RandomHorizontalFlip(), transforms.ToTensor()]
        yield CIFAR10(data_folder(), train=True, transform=transforms.Compose(varied))
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield MNIST(_unpacked(Path(scratch)), train=True, transform=transforms.ToTensor())


def _unpacked(scratch: Path) -> Path:
    """A torchvision root with unpacked MNIST files: torchvision wants them so, the given folder may hold only .gz."""
    import gzip

    source = data_folder() / "MNIST" / "raw"
    target = scratch / "MNIST" / "raw"
    target.mkdir(parents=True)
    for name in (
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ):
        plain = source / name
        content = plain.read_bytes() if plain.is_file() else gzip.decompress((source / f"{name}.gz").read_bytes())
        (target / name).write_bytes(content)
    return scratch


def network(task: str) -> nn.Module:
    """The network as people write it, with the layers that the catalogue's has."""
    return _resnet20() if task == "resnet20" else _lenet5()


def _lenet5() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )


class _Block(nn.Module):
    def __init__(self, given: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(given, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.stride, self.more = stride, planes - given

    def forward(self, x: Tensor) -> Tensor:
        out = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        if self.stride != 1 or self.more:
            x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.more // 2, self.more // 2))
        return functional.relu(out + x)


def _resnet20() -> nn.Module:
    blocks = []
    given = 16
    for planes in (16, 32, 64):
        for number in range(3):
            blocks.append(_Block(given, planes, 2 if planes != given and number == 0 else 1))
            given = planes
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        *blocks,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


def optimiser(task: str, parameters: Any) -> Any:
    import torch

    if task == "resnet20":
        return torch.optim.SGD(parameters, lr=0.1, momentum=0.9, weight_decay=1e-4)
    return torch.optim.Adam(parameters, lr=1e-3)
