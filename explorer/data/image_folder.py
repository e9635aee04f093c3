"""A folder of pictures as a data set: a sub-folder a class, looked at in a moment, read when it is needed."""

from __future__ import annotations

import functools
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.data.errors import DataError
from explorer.data.images import ImageError, read_image, size_and_mode
from explorer.data.photograph import as_photograph
from explorer.data.published import IsCancelled, Progress
from explorer.data.split import Split
from explorer.system import download

LARGEST_SIDE = 64
"""Pixels; larger pictures are scaled down: so many fit into memory, and networks for 32 or 64 pixels can use them."""
MOST_IMAGES = 100_000
FEWEST_IMAGES = 10
TEST_SHARE = 0.2

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm"})
_TEST_NAMES = ("test", "val", "valid", "validation")
_KEPT = 1 << 29  # bytes of pictures kept for the next time
_LOOKED_AT = 32  # pictures from whose headers size and colour are found out
_SMALL = 256 * 256  # pixels; of so small a picture all are looked at, because gray ones are often stored in colour
_GRAY_MODES = frozenset({"1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "F"})


@dataclass(frozen=True)
class FolderListing:
    """What is in a folder of pictures, none of which has been read.

    `train` and `test` are the files in order, each with its class; `image_shape` (channels, height, width) is what all
    of them are brought to.
    """

    folder: Path
    classes: tuple[str, ...]
    train: tuple[tuple[Path, int], ...]
    test: tuple[tuple[Path, int], ...]
    image_shape: tuple[int, int, int]


def look(folder: Path, largest_side: int = LARGEST_SIDE) -> FolderListing:
    """The classes and files of a folder: a sub-folder a class, in alphabetical order, files directly in it.

    Two sub-folders `train` and `test` (or `val`, `valid`, `validation`) with the classes in each are taken as they
    are. Otherwise a fifth of each class is kept for the test, chosen by a hash of the file's name, so that a picture
    stays where it is when others are added. Height and width are the median ones, scaled down together where one is
    above `largest_side`; the pictures are gray if those looked at are. As long as no file comes or goes, the answer is
    the same one.

    Raises:
        DataError: it is no such folder, or it holds too few pictures or too many; one sentence that says what to do.
    """
    return _listed(folder, largest_side, _times(folder))


def _times(folder: Path) -> tuple[int, ...]:
    """When something was last added to or removed from the folder, its sub-folders and theirs."""
    folders = [folder, *_folders(folder)]
    for part in folders[1:]:
        if part.name.lower() in {"train", *_TEST_NAMES}:
            folders += _folders(part)
    try:
        return tuple(part.stat().st_mtime_ns for part in folders)
    except OSError as error:
        raise _unreadable(folder, error) from error


@functools.lru_cache(maxsize=8)
def _listed(folder: Path, largest_side: int, _times: tuple[int, ...]) -> FolderListing:
    parts = {path.name.lower(): path for path in _folders(folder)}
    test_folder = next((parts[name] for name in _TEST_NAMES if name in parts), None)
    if "train" in parts and test_folder is not None:
        files = _files(parts["train"])
        classes = tuple(files)
        train = _numbered(files, classes)
        held = _files(test_folder)
        unknown = [name for name in held if name not in classes]
        if unknown:
            raise DataError(
                f"{test_folder} has a class {unknown[0]!r} that {parts['train']} has not; make the two agree"
            )
        test = _numbered(held, classes)
    else:
        files = _files(folder)
        classes = tuple(files)
        train, test = _divided(files, classes)
    _check(folder, classes, train, test)
    return FolderListing(folder, classes, train, test, _shape([path for path, _ in (*train, *test)], largest_side))


def read(listing: FolderListing, progress: Progress, cancelled: IsCancelled) -> tuple[Split, Split, tuple[str, ...]]:
    """Training and test split, and remarks: pictures that cannot be read are left out and counted.

    Each picture is scaled to fit `image_shape`, keeping its aspect, and centred on black; transparent ones are laid on
    white. The sizes of files and the times of their changes decide whether those read last are given again.

    Raises:
        DataError: too few pictures can be read, or the folder is gone.
        Cancelled: `cancelled()` was true.
    """
    global _last  # noqa: PLW0603 - one folder is kept, the latest
    key = _state(listing)
    if _last is not None and _last[0] == key:
        return _last[1]
    faults: list[str] = []
    total = len(listing.train) + len(listing.test)
    splits = []
    done = 0
    for part in (listing.train, listing.test):
        images = np.zeros((len(part), *listing.image_shape), np.uint8)
        labels: list[int] = []
        for path, label in part:
            if cancelled():
                raise download.Cancelled
            progress(f"Reading {listing.folder.name}", done / total)
            done += 1
            try:
                images[len(labels)] = _fitted(path, listing.image_shape)
            except ImageError as error:
                faults.append(str(error))
            else:
                labels.append(label)
        splits.append(Split(images[: len(labels)], np.array(labels, np.int64)))
    progress(f"Reading {listing.folder.name}", 1.0)
    train, test = splits
    _check_read(listing, train, test, faults)
    remarks: tuple[str, ...] = ()
    if faults:
        remarks = (f"{len(faults):,} of {total:,} images in {listing.folder} cannot be read: {faults[0]}",)
    if train.images.nbytes + test.images.nbytes <= _KEPT:
        _last = (key, (train, test, remarks))
    return train, test, remarks


_last: tuple[object, tuple[Split, Split, tuple[str, ...]]] | None = None
"""What was read last, and the state of its files then: reading thousands of photographs takes minutes."""


def _state(listing: FolderListing) -> object:
    states = []
    for path, _ in (*listing.train, *listing.test):
        try:
            state = path.stat()
        except OSError:
            states.append((-1, -1))
        else:
            states.append((state.st_size, state.st_mtime_ns))
    return listing, tuple(states)


def _folders(folder: Path) -> list[Path]:
    """Its sub-folders in alphabetical order, without hidden ones and what archives of a Mac leave behind."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir() and not entry.name.startswith((".", "__"))]
    except NotADirectoryError:
        raise DataError(f"{folder} is not a folder; choose the folder that holds a sub-folder for each class") from None
    except OSError as error:
        raise _unreadable(folder, error) from error
    except ValueError:
        raise DataError(f"{str(folder)!r} is no path, because it has a null character in it; choose a folder") from None
    return [folder / name for name in sorted(names)]


def _files(folder: Path) -> dict[str, list[Path]]:
    """The pictures of each sub-folder that has some, in alphabetical order."""
    found: dict[str, list[Path]] = {}
    count = 0
    for place in _folders(folder):
        try:
            with os.scandir(place) as entries:
                names = []
                for entry in entries:
                    if not entry.name.startswith(".") and os.path.splitext(entry.name)[1].lower() in _SUFFIXES:  # noqa: PTH122 - a Path for each of 100,000 takes seconds
                        names.append(entry.name)
                    if count + len(names) > MOST_IMAGES:
                        raise DataError(f"{folder} holds more than {MOST_IMAGES:,} images; choose a smaller folder")
        except OSError as error:
            raise _unreadable(place, error) from error
        if names:
            found[place.name] = [place / name for name in sorted(names)]
            count += len(names)
    return found


def _unreadable(folder: Path, error: OSError) -> DataError:
    return DataError(f"{folder} cannot be read ({error.strerror}); check the path and the permissions")


def _numbered(files: dict[str, list[Path]], classes: tuple[str, ...]) -> tuple[tuple[Path, int], ...]:
    return tuple((path, classes.index(name)) for name, paths in files.items() for path in paths)


def _divided(
    files: dict[str, list[Path]], classes: tuple[str, ...]
) -> tuple[tuple[tuple[Path, int], ...], tuple[tuple[Path, int], ...]]:
    train: list[tuple[Path, int]] = []
    test: list[tuple[Path, int]] = []
    for label, name in enumerate(classes):
        places = {path: _place(f"{name}/{path.name}") for path in files[name]}
        held = {path for path, place in places.items() if place < TEST_SHARE}
        # However few there are, one is tested; where there is one, it is learnt from.
        held = held or {min(files[name], key=places.__getitem__)}
        if len(held) == len(places):
            held.discard(max(files[name], key=places.__getitem__))
        for path in files[name]:
            (test if path in held else train).append((path, label))
    return tuple(train), tuple(test)


def _place(name: str) -> float:
    """A number of 0 to 1 that follows from the name alone."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:8], "big") / 2**64


def _check(
    folder: Path, classes: tuple[str, ...], train: tuple[tuple[Path, int], ...], test: tuple[tuple[Path, int], ...]
) -> None:
    wanted = "put the images of each class into a sub-folder of its own"
    if not classes:
        raise DataError(f"{folder} has no sub-folders with images in it; {wanted}")
    if len(classes) == 1:
        raise DataError(f"{folder} has images of one class alone, {classes[0]!r}; {wanted}, for two classes or more")
    count = len(train) + len(test)
    if count < FEWEST_IMAGES:
        raise DataError(f"{folder} holds {count} images; at least {FEWEST_IMAGES} are needed to learn from and to test")
    if not test:
        raise DataError(f"{folder} has no images to test with; put some into its sub-folder for the test")
    alone = [name for label, name in enumerate(classes) if not any(each == label for _, each in train)]
    if alone:
        raise DataError(f"{folder} has no images of the class {alone[0]!r} to learn from; add some or remove the class")


def _check_read(listing: FolderListing, train: Split, test: Split, faults: list[str]) -> None:
    missing = sorted(set(range(len(listing.classes))) - set(train.labels.tolist()))
    if missing or not len(test):
        what = f"of the class {listing.classes[missing[0]]!r} to learn from" if missing else "to test with"
        raise DataError(f"no image {what} can be read ({len(faults):,} cannot, the first: {faults[0]}); replace them")


def _shape(paths: list[Path], largest_side: int) -> tuple[int, int, int]:
    """(channels, height, width) that suit these pictures, from a few of them."""
    sizes = []
    colour = False
    for path in paths[:: max(1, len(paths) // _LOOKED_AT)]:
        try:
            width, height, mode = size_and_mode(path)
            colour = colour or (mode not in _GRAY_MODES and (width * height > _SMALL or _is_coloured(read_image(path))))
        except ImageError:
            continue
        sizes.append((height, width))
    if not sizes:
        return 3, largest_side, largest_side
    height, width = (int(np.median(side)) for side in zip(*sizes, strict=True))
    scale = min(1.0, largest_side / max(height, width))
    return 3 if colour else 1, max(1, round(height * scale)), max(1, round(width * scale))


def _is_coloured(picture: NDArray[np.uint8]) -> bool:
    return bool((picture[..., :3] != picture[..., :1]).any())


def _fitted(path: Path, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    return as_photograph(read_image(path, needed_side=2 * max(shape[1:])), shape, whole=True)
