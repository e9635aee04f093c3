"""MNIST and the data sets that share its files: idx arrays, found in a folder or downloaded, checked before use."""

from __future__ import annotations

import gzip
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.data import published
from explorer.data.errors import DataError
from explorer.data.published import IsCancelled, Progress, PublishedFile
from explorer.data.split import Split
from explorer.system import download


@dataclass(frozen=True)
class IdxFile:
    """One published file. `size`, `md5` and `sha256` are of the `.gz`; `md5` is what torchvision publishes too.

    `unpacked_sha256` "": not known, an unpacked file is checked for its form alone.
    """

    name: str
    shape: tuple[int, ...]
    size: int
    md5: str
    sha256: str
    unpacked_sha256: str = ""

    @property
    def packed(self) -> PublishedFile:
        return PublishedFile(f"{self.name}.gz", self.size, self.md5, self.sha256)

    @property
    def unpacked_size(self) -> int:
        return 4 + 4 * len(self.shape) + math.prod(self.shape)


@dataclass(frozen=True)
class IdxSource:
    """The four files of a data set (training images and labels, test images and labels) and where they are.

    `folder` is torchvision's, below the folder of all data sets; `addresses` are tried in turn.
    """

    title: str
    folder: str
    addresses: tuple[str, ...]
    files: tuple[IdxFile, IdxFile, IdxFile, IdxFile]


MNIST = IdxSource(
    title="MNIST",
    folder="MNIST/raw",
    addresses=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    files=(
        IdxFile(
            name="train-images-idx3-ubyte",
            shape=(60000, 28, 28),
            size=9_912_422,
            md5="f68b3c2dcbeaaa9fbdd348bbdeb94873",
            sha256="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            unpacked_sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        IdxFile(
            name="train-labels-idx1-ubyte",
            shape=(60000,),
            size=28_881,
            md5="d53e105ee54ea40749a09fcbcd1e9432",
            sha256="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            unpacked_sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        IdxFile(
            name="t10k-images-idx3-ubyte",
            shape=(10000, 28, 28),
            size=1_648_877,
            md5="9fb629c4189551a2d022fa330f9573f3",
            sha256="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            unpacked_sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        IdxFile(
            name="t10k-labels-idx1-ubyte",
            shape=(10000,),
            size=4_542,
            md5="ec29112dd5afa0611ce80d1b7f02629c",
            sha256="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            unpacked_sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
)

FASHION_MNIST = IdxSource(
    title="Fashion-MNIST",
    folder="FashionMNIST/raw",
    # The address that the authors publish is plain http; the first one here is the same store over https.
    addresses=(
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    files=(
        IdxFile(
            name="train-images-idx3-ubyte",
            shape=(60000, 28, 28),
            size=26_421_880,
            md5="8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            sha256="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            unpacked_sha256="c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        IdxFile(
            name="train-labels-idx1-ubyte",
            shape=(60000,),
            size=29_515,
            md5="25c81989df183df01b3e8a0aad5dffbe",
            sha256="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            unpacked_sha256="bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        IdxFile(
            name="t10k-images-idx3-ubyte",
            shape=(10000, 28, 28),
            size=4_422_102,
            md5="bef4ecab320f06d8554ea6380940ec79",
            sha256="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            unpacked_sha256="5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        IdxFile(
            name="t10k-labels-idx1-ubyte",
            shape=(10000,),
            size=5_148,
            md5="bb300cfdad3c16e7a12a480ee83cd310",
            sha256="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            unpacked_sha256="0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
)

KMNIST = IdxSource(
    title="KMNIST",
    folder="KMNIST/raw",
    # The makers' page says http; the same server answers https.
    addresses=("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
    # MD5 as torchvision has them, sizes and SHA-256 as TensorFlow Datasets does; neither knows the unpacked files.
    files=(
        IdxFile(
            name="train-images-idx3-ubyte",
            shape=(60000, 28, 28),
            size=18_165_135,
            md5="bdb82020997e1d708af4cf47b453dcf7",
            sha256="51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
        ),
        IdxFile(
            name="train-labels-idx1-ubyte",
            shape=(60000,),
            size=29_497,
            md5="e144d726b3acfaa3e44228e80efcd344",
            sha256="e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
        ),
        IdxFile(
            name="t10k-images-idx3-ubyte",
            shape=(10000, 28, 28),
            size=3_041_136,
            md5="5c965bf0a639b31b8f53240b1b52f4d7",
            sha256="edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
        ),
        IdxFile(
            name="t10k-labels-idx1-ubyte",
            shape=(10000,),
            size=5_120,
            md5="7320c461ea6c1c855c0b718fb2a4b134",
            sha256="20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
    ),
)


def find(source: IdxSource, folders: tuple[Path, ...]) -> Path | None:
    """The first folder that holds all four files, in torchvision's layout or directly; they are not opened."""
    for folder in folders:
        for place in (folder / source.folder, folder):
            if all(_file_in(place, file) is not None for file in source.files):
                return place
    return None


def read(
    source: IdxSource,
    folders: tuple[Path, ...],
    progress: Progress,
    cancelled: IsCancelled,
) -> tuple[Split, Split, Path]:
    """Training and test split, and the folder they were read from.

    The files are taken from the first of `folders` that holds all four, else downloaded into the last. A file there
    that is not the published one is deleted and fetched again; in any other folder it is an error.

    Raises:
        DataError: a file is damaged, cannot be read, or cannot be downloaded; the message says what to do.
        Cancelled: `cancelled()` was true.
    """
    own = folders[-1] / source.folder
    place = find(source, folders) or own
    arrays = []
    for index, file in enumerate(source.files):
        if cancelled():
            raise download.Cancelled
        progress(f"Reading {source.title}", index / len(source.files))
        if place == own:
            arrays.append(_read_or_download(source, file, own, progress, cancelled))
        else:
            path = _file_in(place, file)
            if path is None:
                raise DataError(
                    f"{place / file.name} is gone; put it back, or remove the other files of {source.title}"
                )
            arrays.append(_read_checked(path, file))
    progress(f"Reading {source.title}", 1.0)
    return _split(arrays[0], arrays[1], place), _split(arrays[2], arrays[3], place), place


def _file_in(folder: Path, file: IdxFile) -> Path | None:
    try:
        return next((path for path in _names(folder, file) if path.is_file()), None)
    except OSError:
        return None


def _names(folder: Path, file: IdxFile) -> tuple[Path, Path]:
    return folder / file.name, folder / f"{file.name}.gz"


def _read_or_download(
    source: IdxSource, file: IdxFile, folder: Path, progress: Progress, cancelled: IsCancelled
) -> NDArray[np.uint8]:
    return published.read_or_fetch(
        _names(folder, file),
        lambda path: _read_checked(path, file),
        lambda: published.fetch(source.title, file.packed, source.addresses, folder, progress, cancelled),
    )


def _read_checked(path: Path, file: IdxFile) -> NDArray[np.uint8]:
    packed = path.suffix == ".gz"
    digest, size = (file.sha256, file.size) if packed else (file.unpacked_sha256, file.unpacked_size)
    content = published.checked_content(path, digest, size)
    try:
        return parse_idx(gzip.decompress(content) if packed else content, file.shape)
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise published.damaged(path, str(error)) from error


def parse_idx(content: bytes, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """The array of unsigned bytes in an idx file, as the page of MNIST describes the format.

    Two zero bytes, the type (8: unsigned byte), the number of dimensions, each dimension as a big-endian 32-bit
    number, then the values.

    Raises:
        ValueError: another type or shape than expected, or too few or too many values.
    """
    header = 4 + 4 * len(shape)
    if content[:4] != bytes([0, 0, 8, len(shape)]):
        raise ValueError(f"it does not begin as an idx file of {len(shape)} dimensions does")
    found = tuple(int(size) for size in np.frombuffer(content[4:header], ">u4"))
    if found != shape:
        raise ValueError(f"it holds {_times(found)} values instead of {_times(shape)}")
    if len(content) != header + math.prod(shape):
        raise ValueError(f"it has {len(content):,} bytes instead of {header + math.prod(shape):,}")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{size:,}" for size in shape)


def _split(images: NDArray[np.uint8], labels: NDArray[np.uint8], place: Path) -> Split:
    if labels.max(initial=0) > 9:
        raise DataError(f"the labels in {place} go beyond 9; delete the files there or copy them again")
    # A copy: what frombuffer gives cannot be written to, which torch warns about.
    return Split(images[:, None].copy(), labels.astype(np.int64))
