"""Finding, checking and downloading idx files, with small ones of the same form."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest

from explorer.data import mnist
from explorer.data.errors import DataError
from explorer.data.mnist import IdxFile, IdxSource
from explorer.system import download

SHAPES = {
    "train-images-idx3-ubyte": (6, 28, 28),
    "train-labels-idx1-ubyte": (6,),
    "t10k-images-idx3-ubyte": (4, 28, 28),
    "t10k-labels-idx1-ubyte": (4,),
}


def idx(name: str) -> bytes:
    """An idx file written out by hand, as the format's description has it."""
    shape = SHAPES[name]
    count = int(np.prod(shape))
    header = bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
    return header + bytes(index % 10 for index in range(count))


def packed(name: str) -> bytes:
    return gzip.compress(idx(name), mtime=0)


def described(name: str) -> IdxFile:
    raw, small = idx(name), packed(name)
    return IdxFile(
        name=name,
        shape=SHAPES[name],
        size=len(small),
        md5=hashlib.md5(small, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(small).hexdigest(),
        unpacked_sha256=hashlib.sha256(raw).hexdigest(),
    )


FILES = tuple(described(name) for name in SHAPES)
SOURCE = IdxSource("Tiny", "Tiny/raw", ("https://one.invalid/", "https://two.invalid/"), FILES)


def fill(folder: Path, unpacked: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in SHAPES:
        (folder / (name if unpacked else f"{name}.gz")).write_bytes(idx(name) if unpacked else packed(name))
    return folder


def read(*folders: Path) -> tuple:
    return mnist.read(SOURCE, folders, lambda _what, _share: None, lambda: False)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], Path]]:
    """What was asked of the network, which gives the right files."""
    asked: list[tuple[list[str], Path]] = []

    def fetch(urls: list[str], target: Path, *, size: int, progress: object, **_given: object) -> None:
        asked.append((urls, target))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(packed(target.name.removesuffix(".gz")))
        progress(size, size)

    monkeypatch.setattr(download, "fetch", fetch)
    return asked


@pytest.mark.parametrize("unpacked", [False, True])
@pytest.mark.parametrize("place", ["Tiny/raw", "."])
def test_packed_and_unpacked_files_give_the_same_arrays(
    tmp_path: Path, fetched: list, unpacked: bool, place: str
) -> None:
    fill(tmp_path / "given" / place, unpacked)
    train, test, where = read(tmp_path / "given", tmp_path / "own")
    assert train.images.shape == (6, 1, 28, 28)
    assert train.images[0, 0, 0, :12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert train.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert test.images.shape == (4, 1, 28, 28)
    assert test.labels.dtype == np.int64
    assert where == tmp_path / "given" / place
    assert not fetched


def test_the_first_folder_that_is_complete_is_taken(tmp_path: Path, fetched: list) -> None:
    fill(tmp_path / "one" / "Tiny/raw")
    (tmp_path / "one" / "Tiny/raw" / "t10k-labels-idx1-ubyte.gz").unlink()
    fill(tmp_path / "two" / "Tiny/raw", unpacked=True)
    assert read(tmp_path / "one", tmp_path / "two", tmp_path / "own")[2] == tmp_path / "two" / "Tiny/raw"


def test_missing_files_are_downloaded_into_the_last_folder(tmp_path: Path, fetched: list) -> None:
    own = tmp_path / "own" / "Tiny/raw"
    fill(own)
    (own / "t10k-labels-idx1-ubyte.gz").unlink()
    train, _, where = read(tmp_path / "given", tmp_path / "own")
    assert where == own
    assert len(train) == 6
    urls = ["https://one.invalid/t10k-labels-idx1-ubyte.gz", "https://two.invalid/t10k-labels-idx1-ubyte.gz"]
    assert fetched == [(urls, own / "t10k-labels-idx1-ubyte.gz")]


@pytest.mark.parametrize("fault", ["shortened", "lengthened", "altered", "other packing"])
@pytest.mark.parametrize("unpacked", [False, True])
def test_a_damaged_file_of_the_user_is_named_and_kept(tmp_path: Path, fault: str, unpacked: bool) -> None:
    folder = fill(tmp_path / "given", unpacked)
    name = "train-images-idx3-ubyte" + ("" if unpacked else ".gz")
    path = folder / name
    path.write_bytes(damaged(path.read_bytes(), fault))
    with pytest.raises(DataError, match="delete it or copy it again") as caught:
        read(tmp_path / "given", tmp_path / "own")
    assert str(path) in str(caught.value)
    assert path.exists()


def damaged(content: bytes, fault: str) -> bytes:
    if fault == "shortened":
        return content[:-1]
    if fault == "lengthened":
        return content + b"?"
    middle = len(content) // 2
    if fault == "altered":
        return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    return bytes(len(content))


@pytest.mark.parametrize("unpacked", [False, True])
def test_a_damaged_download_is_deleted_and_fetched_again(tmp_path: Path, fetched: list, unpacked: bool) -> None:
    own = fill(tmp_path / "own" / "Tiny/raw", unpacked)
    path = own / ("train-labels-idx1-ubyte" + ("" if unpacked else ".gz"))
    path.write_bytes(damaged(path.read_bytes(), "altered"))
    train, _, _ = read(tmp_path / "own")
    assert train.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert [target.name for _, target in fetched] == ["train-labels-idx1-ubyte.gz"]
    assert (own / "train-labels-idx1-ubyte").exists() is False


def test_a_file_is_hashed_again_when_it_changes_with_size_kept(tmp_path: Path) -> None:
    folder = fill(tmp_path / "given", unpacked=True)
    read(tmp_path / "given", tmp_path / "own")
    path = folder / "train-images-idx3-ubyte"
    before = path.stat().st_mtime_ns
    path.write_bytes(damaged(path.read_bytes(), "altered"))
    os.utime(path, ns=(before + 1, before + 1))
    with pytest.raises(DataError, match="SHA-256"):
        read(tmp_path / "given", tmp_path / "own")


def test_without_a_network_one_line_points_to_the_built_in_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(*_given: object, **_named: object) -> None:
        raise download.DownloadError("could not download a.gz (one.invalid: no address)")

    monkeypatch.setattr(download, "fetch", fetch)
    with pytest.raises(DataError, match="'digits'") as caught:
        read(tmp_path / "own")
    assert "\n" not in str(caught.value)
    assert "one.invalid" in str(caught.value)


def test_cancelling_stops_before_the_next_file(tmp_path: Path) -> None:
    fill(tmp_path / "given")
    with pytest.raises(download.Cancelled):
        mnist.read(SOURCE, (tmp_path / "given",), lambda _what, _share: None, lambda: True)


def test_progress_names_the_file_that_is_downloaded(tmp_path: Path, fetched: list) -> None:
    told: list[tuple[str, float | None]] = []
    mnist.read(SOURCE, (tmp_path,), lambda what, share: told.append((what, share)), lambda: False)
    assert ("Downloading Tiny: train-images-idx3-ubyte.gz", 1.0) in told
    assert told[-1] == ("Reading Tiny", 1.0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x00\x00\x08\x01\x00\x00\x00\x03\x01\x02", "10 bytes instead of 11"),
        (b"\x00\x00\x08\x01\x00\x00\x00\x02\x01\x02", "2 values instead of 3"),
        (b"\x00\x00\x0d\x01\x00\x00\x00\x03\x01\x02\x03", "does not begin as an idx file"),
        (b"", "does not begin as an idx file"),
    ],
)
def test_idx_files_are_checked_for_their_form(content: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mnist.parse_idx(content, (3,))


def test_published_digests_are_those_of_torchvision() -> None:
    # As torchvision 0.29 lists them in `datasets/mnist.py`: training images, training labels, test images, test labels.
    assert [file.md5 for file in mnist.MNIST.files] == [
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    ]
    assert [file.md5 for file in mnist.FASHION_MNIST.files] == [
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ]
    assert [file.md5 for file in mnist.KMNIST.files] == [
        "bdb82020997e1d708af4cf47b453dcf7",
        "e144d726b3acfaa3e44228e80efcd344",
        "5c965bf0a639b31b8f53240b1b52f4d7",
        "7320c461ea6c1c855c0b718fb2a4b134",
    ]


def test_an_unpacked_file_whose_digest_nobody_published_is_checked_for_its_form(tmp_path: Path) -> None:
    files = tuple(dataclasses.replace(file, unpacked_sha256="") for file in FILES)
    source = dataclasses.replace(SOURCE, files=files)
    folder = fill(tmp_path / "given", unpacked=True)
    mnist.read(source, (tmp_path / "given", tmp_path), lambda _what, _share: None, lambda: False)
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(bytes([0, 0, 8, 2]) + path.read_bytes()[4:])
    with pytest.raises(DataError, match="does not begin as an idx file"):
        mnist.read(source, (tmp_path / "given", tmp_path), lambda _what, _share: None, lambda: False)
