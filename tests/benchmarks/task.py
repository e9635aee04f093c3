"""What every contender trains: LeNet-5 on MNIST with Adam at 1e-3, cross-entropy, no augmentation."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from torch import nn

EPOCHS = 2  # the first warms up and is not counted
LEARNING_RATE = 1e-3


def batch_size() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("batch_size", type=int)
    return int(parser.parse_args().batch_size)


def data_folder() -> Path:
    """Where torchvision finds MNIST.

    Raises:
        SystemExit: it is not there; the comparison with torchvision's own data set needs it.
    """
    folder = Path(os.environ.get("CNN_EXPLORER_DATA", ""))
    if not (folder / "MNIST" / "raw").is_dir():
        raise SystemExit("this benchmark needs MNIST: point CNN_EXPLORER_DATA at a folder that holds it")
    return folder


def unpacked_data_folder(scratch: Path) -> Path:
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


def lenet5() -> nn.Module:
    """The textbook network as people write it, the same layers as the catalogue's `lenet5`."""
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
