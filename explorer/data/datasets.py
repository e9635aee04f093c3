"""The data sets that there are, and how to load one."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.data import cifar, digits, image_folder, mnist, segments, slices
from explorer.data.errors import DataError
from explorer.data.split import Split
from explorer.system import settings as user_settings
from explorer.system.download import Cancelled
from explorer.system.settings import Settings

__all__ = ["DATASETS", "Cancelled", "DataError", "Dataset", "DatasetEntry", "Split", "get", "is_available", "load"]

Progress = Callable[[str, "float | None"], None]
"""Told what is being done, in words, and how much of it is done, 0 to 1, None where that cannot be told."""


@dataclass(frozen=True)
class DatasetEntry:
    """One data set as a list or a form shows it; `image_shape` is (channels, height, width).

    The name of a folder of images is its path. `folder`: what is in it.
    `masks`: each pixel has a class instead of each image. `digits`: the images are single digits as MNIST has them.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    train_size: int
    test_size: int
    digits: bool
    about: str
    files: mnist.IdxSource | cifar.CifarSource | None = None
    masks: bool = False
    folder: image_folder.FolderListing | None = None


@dataclass(frozen=True)
class Dataset:
    """A data set in memory.

    `mean` and `std` are of the training pixels for each channel, 0 to 1. `checksum` is a SHA-256 that identifies the
    content, whether it was read packed or unpacked. `source` says in words where it came from. `remarks` are sentences
    for the user, such as which images of a folder could not be read.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    train: Split
    test: Split
    mean: tuple[float, ...]
    std: tuple[float, ...]
    checksum: str
    source: str
    remarks: tuple[str, ...] = ()

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        _, channels, height, width = self.train.images.shape
        return channels, height, width


_DIGITS = tuple("0123456789")

_HUNDRED = (
    "apple, aquarium fish, baby, bear, beaver, bed, bee, beetle, bicycle, bottle, bowl, boy, bridge, bus, "
    "butterfly, camel, can, castle, caterpillar, cattle, chair, chimpanzee, clock, cloud, cockroach, "
    "couch, crab, crocodile, cup, dinosaur, dolphin, elephant, flatfish, forest, fox, girl, hamster, "
    "house, kangaroo, keyboard, lamp, lawn mower, leopard, lion, lizard, lobster, man, maple tree, "
    "motorcycle, mountain, mouse, mushroom, oak tree, orange, orchid, otter, palm tree, pear, pickup "
    "truck, pine tree, plain, plate, poppy, porcupine, possum, rabbit, raccoon, ray, road, rocket, rose, "
    "sea, seal, shark, shrew, skunk, skyscraper, snail, snake, spider, squirrel, streetcar, sunflower, "
    "sweet pepper, table, tank, telephone, television, tiger, tractor, train, trout, tulip, turtle, "
    "wardrobe, whale, willow tree, wolf, woman, worm"
)

DATASETS = (
    DatasetEntry(
        name="mnist",
        title="MNIST",
        classes=_DIGITS,
        image_shape=(1, 28, 28),
        train_size=60_000,
        test_size=10_000,
        digits=True,
        about="Handwritten digits of employees of the US Census Bureau and of students, scaled to a box of 20x20 and "
        "centred by their mass (LeCun, Cortes, Burges 1998).",
        files=mnist.MNIST,
    ),
    DatasetEntry(
        name="fashion-mnist",
        title="Fashion-MNIST",
        classes=(
            "T-shirt/top",
            "trouser",
            "pullover",
            "dress",
            "coat",
            "sandal",
            "shirt",
            "sneaker",
            "bag",
            "ankle boot",
        ),
        image_shape=(1, 28, 28),
        train_size=60_000,
        test_size=10_000,
        digits=False,
        about="Pictures of clothes from a shop's catalogue in MNIST's format, harder than digits (Xiao, Rasul, "
        "Vollgraf 2017).",
        files=mnist.FASHION_MNIST,
    ),
    DatasetEntry(
        name="kmnist",
        title="KMNIST",
        # The first sign of each row of the old Japanese syllabary, as it is read.
        classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        image_shape=(1, 28, 28),
        train_size=60_000,
        test_size=10_000,
        digits=False,
        about="Japanese characters from books of the 18th century and before, each written in several ways, in MNIST's "
        "format (Clanuwat, Bober-Irizar, Kitamoto, Lamb, Yamamoto, Ha 2018).",
        files=mnist.KMNIST,
    ),
    DatasetEntry(
        name="cifar10",
        title="CIFAR-10",
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        image_shape=(3, 32, 32),
        train_size=50_000,
        test_size=10_000,
        digits=False,
        about="Small colour photographs of ten kinds of animals and vehicles, labelled by hand out of the Tiny Images "
        "(Krizhevsky 2009).",
        files=cifar.CIFAR10,
    ),
    DatasetEntry(
        name="cifar100",
        title="CIFAR-100",
        classes=tuple(_HUNDRED.split(", ")),
        image_shape=(3, 32, 32),
        train_size=50_000,
        test_size=10_000,
        digits=False,
        about="CIFAR-10's sister with a hundred kinds of things and 500 photographs of each to learn from (Krizhevsky "
        "2009).",
        files=cifar.CIFAR100,
    ),
    DatasetEntry(
        name="digits",
        title="Built-in digits",
        classes=_DIGITS,
        image_shape=(1, 28, 28),
        train_size=digits.TRAIN_COUNT,
        test_size=digits.TEST_COUNT,
        digits=True,
        about="Digits that this program draws from stroke skeletons, American and European ways of writing alike; "
        "needs no file and no network.",
    ),
    DatasetEntry(
        name="segments",
        title="Digits in clutter",
        classes=("background", "digit"),
        image_shape=(1, segments.SIDE, segments.SIDE),
        train_size=segments.TRAIN_COUNT,
        test_size=segments.TEST_COUNT,
        digits=False,
        about="Digits that this program draws over lines, blobs, textures and noise as bright and as dark as they are, "
        "with masks that say which pixels are a digit's; needs no file and no network.",
        masks=True,
    ),
)


def get(name: str) -> DatasetEntry:
    """The data set of that name, or of the folder of images with that path, which is listed but not read.

    "cifar10:4000:1000" is a slice of one: its first 4,000 images to train with, its first 1,000 to test.

    Raises:
        ValueError: there is none, or the folder does not hold one; the message says what would do.
    """
    for entry in DATASETS:
        if entry.name == name:
            return entry
    part = slices.parsed(name)
    if part is not None:
        return _entry_of_slice(part)
    # A word that is no data set is a slip; anything with a separator in it is meant as a path.
    if name and (Path(name).name != name or _is_folder(name)):
        return _entry_of_folder(Path(name).expanduser().absolute())
    names = ", ".join(entry.name for entry in DATASETS)
    raise ValueError(
        f"there is no data set {name!r}; the data sets are {names} (digits and segments are built in), or the path of "
        "a folder with a sub-folder of images for each class"
    )


def _entry_of_slice(part: slices.Slice) -> DatasetEntry:
    whole = get(part.whole)
    size = min(part.train, whole.train_size)
    return dataclasses.replace(
        whole,
        name=str(part),
        title=f"{whole.title}, {size:,} images",
        train_size=size,
        test_size=min(part.test, whole.test_size),
    )


def _is_folder(name: str) -> bool:
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):  # too long for a path, or with a character that no path has
        return False


def _entry_of_folder(folder: Path) -> DatasetEntry:
    try:
        listing = image_folder.look(folder)
    except DataError as error:
        raise ValueError(str(error)) from error
    return DatasetEntry(
        name=str(folder),
        title=folder.name or str(folder),
        classes=listing.classes,
        image_shape=listing.image_shape,
        train_size=len(listing.train),
        test_size=len(listing.test),
        digits=False,
        about=f"The images in {folder}, a sub-folder a class.",
        folder=listing,
    )


def is_available(name: str, settings: Settings | None = None) -> bool:
    """Whether a data set can be loaded without a network; files are looked for, not opened.

    Raises:
        ValueError: there is no such data set.
    """
    files = get(name).files
    if files is None:
        return True
    folders = (settings or user_settings.load()).data_folders()
    place = mnist.find(files, folders) if isinstance(files, mnist.IdxSource) else cifar.find(files, folders)
    return place is not None


def load(
    name: str,
    settings: Settings | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Dataset:
    """A data set in memory, checked: from the folders in the settings, else downloaded into the last of them.

    The built-in sets are drawn once in a process; the arrays of later calls are the same ones.

    Raises:
        ValueError: there is no such data set.
        DataError: it could not be read or downloaded; one sentence that says what to do.
        Cancelled: `cancelled()` was true.
    """
    entry = get(name)
    part = slices.parsed(name)
    if part is not None:
        return _sliced(load(part.whole, settings, progress, cancelled), part, entry.title)
    told = progress or _ignored
    is_cancelled = cancelled or _never
    remarks: tuple[str, ...] = ()
    if entry.folder is not None:
        train, test, remarks = image_folder.read(entry.folder, told, is_cancelled)
        source, checksum = str(entry.folder.folder), _checksum(train, test)
    elif entry.files is None:
        told("Drawing digits", None)
        train, test, checksum = _drawn_segments() if entry.masks else _drawn_digits()
        if is_cancelled():
            raise Cancelled
        drawn = segments if entry.masks else digits
        source = f"drawn by this program, seeds {drawn.TRAIN_SEED} and {drawn.TEST_SEED}"
    elif isinstance(entry.files, cifar.CifarSource):
        folders = (settings or user_settings.load()).data_folders()
        train, test, place = cifar.read(entry.files, folders, told, is_cancelled)
        source, checksum = str(place), entry.files.checksum or _checksum(train, test)
    else:
        folders = (settings or user_settings.load()).data_folders()
        train, test, place = mnist.read(entry.files, folders, told, is_cancelled)
        source = str(place)
        checksum = _published_checksum(entry.files) or _checksum(train, test)
    mean, std = _statistics(train)
    return Dataset(entry.name, entry.title, entry.classes, train, test, mean, std, checksum, source, remarks)


def _sliced(whole: Dataset, part: slices.Slice, title: str) -> Dataset:
    train, test = (
        Split(split.images[:count].copy(), split.labels[:count].copy())
        for split, count in ((whole.train, part.train), (whole.test, part.test))
    )
    mean, std = _statistics(train)
    # Of what the whole is and which images of it are taken: its files are checked as a whole.
    checksum = hashlib.sha256(f"{whole.checksum}:{len(train)}:{len(test)}".encode()).hexdigest()
    return dataclasses.replace(
        whole, name=str(part), title=title, train=train, test=test, mean=mean, std=std, checksum=checksum
    )


def _published_checksum(source: mnist.IdxSource) -> str:
    digests = [file.unpacked_sha256 for file in source.files]
    return hashlib.sha256("".join(digests).encode()).hexdigest() if all(digests) else ""


@functools.cache
def _drawn_digits() -> tuple[Split, Split, str]:
    train = digits.make_digits(digits.TRAIN_COUNT, digits.TRAIN_SEED)
    test = digits.make_digits(digits.TEST_COUNT, digits.TEST_SEED)
    return train, test, _checksum(train, test)


@functools.cache
def _drawn_segments() -> tuple[Split, Split, str]:
    train = segments.make_segments(segments.TRAIN_COUNT, segments.TRAIN_SEED)
    test = segments.make_segments(segments.TEST_COUNT, segments.TEST_SEED)
    return train, test, _checksum(train, test)


def _checksum(*splits: Split) -> str:
    """A SHA-256 over images and labels or masks of the splits in turn."""
    digest = hashlib.sha256()
    for split in splits:
        digest.update(np.ascontiguousarray(split.images).data)
        digest.update(np.ascontiguousarray(split.labels).data)
    return digest.hexdigest()


def _statistics(split: Split) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, 0 to 1, exact: from how often each of the 256 levels occurs.

    A channel that is the same everywhere counts as varying by one level, so that it can be divided by.
    """
    levels = np.arange(256) / 255
    means, deviations = [], []
    for channel in range(split.images.shape[1]):
        counts = np.zeros(256, np.int64)
        # Pieces that stay in the processor's cache: counting makes eight bytes of each.
        for start in range(0, len(split), 256):
            counts += np.bincount(split.images[start : start + 256, channel].reshape(-1), minlength=256)
        mean = float(counts @ levels) / counts.sum()
        means.append(float(mean))
        deviations.append(float(np.sqrt(counts @ (levels - mean) ** 2 / counts.sum())) or 1 / 255)
    return tuple(means), tuple(deviations)


def _ignored(_what: str, _share: float | None) -> None:
    pass


def _never() -> bool:
    return False
