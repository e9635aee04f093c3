"""Files of published weights on this machine: which are there, and how one comes here. Free of torch."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.system import mirror, paths
from explorer.system.download import DownloadError, fetch

if TYPE_CHECKING:
    from explorer.networks.zoo_weights import PublishedWeights

Progress = Callable[[int, "int | None"], None]

_FILE = re.compile(r"(?P<stem>[\w.-]+)-(?P<digest>[0-9a-f]{8,64})\.pth")
_SUB_FOLDER = "weights"
# Published sizes are rounded; beyond that much more, what comes is another file.
_MORE = 1.02
_MORE_BYTES = 2**20


def is_published_file(path: Path) -> bool:
    """Whether a file's name is one that torchvision gives its weights: a name and a digest."""
    return _FILE.fullmatch(path.name) is not None


def network_of(path: Path) -> str:
    """What a file's name says of its network, such as "resnet18"."""
    match = _FILE.fullmatch(path.name)
    return match["stem"] if match else path.stem


def folders() -> tuple[Path, ...]:
    """Where files are looked for: `weights` below CNN_EXPLORER_DATA, our own folder, and what torch has fetched."""
    given = paths.given_data_folder()
    places = [paths.weights_folder()] if given is None else [given / _SUB_FOLDER, paths.weights_folder()]
    # Where the user said what belongs to the program, other programs' files do not.
    if os.environ.get("TORCH_HOME") or not os.environ.get(paths.HOME_VARIABLE):
        cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
        places.append(Path(os.environ.get("TORCH_HOME") or cache / "torch").expanduser() / "hub" / "checkpoints")
    return tuple(places)


def kept() -> tuple[Path, ...]:
    """The weights files that are there, by name."""
    found: dict[str, Path] = {}
    for folder in reversed(folders()):
        try:
            found |= {path.name: path for path in folder.iterdir() if is_published_file(path)}
        except OSError:
            continue
    return tuple(found[name] for name in sorted(found))


def find(file_name: str) -> Path | None:
    """The file of that name, None where it is not on this machine."""
    return next((folder / file_name for folder in folders() if (folder / file_name).is_file()), None)


def begun(file_name: str) -> int:
    """How many bytes of an unfinished download there are."""
    try:
        return _target(file_name).with_name(f"{file_name}.part").stat().st_size
    except OSError:
        return 0


def download(
    weights: PublishedWeights,
    mirror_address: str = "",
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Path:
    """Fetches weights into the user's cache, from the mirror if there is one, else from the official address.

    Goes on where an earlier try broke off; the digest in the file's name is checked before the file gets its name.

    Raises:
        DownloadError: no source gave the file, or the disk has no room for it.
        StorageError: it could not be written.
        Cancelled: `cancelled()` was true; what came is kept.
    """
    target = _target(weights.file_name)
    room = _room(target.parent)
    missing = weights.size - begun(weights.file_name)
    if room is not None and room < missing:
        raise DownloadError(
            f"{weights.file_name} needs {megabytes(missing)}, and {target.parent} has room for {megabytes(room)}; "
            "free some space"
        )
    most = max(round(weights.size * _MORE), weights.size + _MORE_BYTES)

    def told(done: int, total: int | None) -> None:
        if max(done, total or 0) > most:
            raise DownloadError(
                f"could not download {weights.file_name}: the server offers {megabytes(max(done, total or 0))} where "
                f"{megabytes(weights.size)} are published"
            )
        if progress is not None:
            progress(done, total)

    fetch(
        mirror.sources(weights.url, mirror_address),
        target,
        sha256=weights.digest,
        progress=told,
        cancelled=cancelled,
        plain_hosts=mirror.plain_hosts(mirror_address),
    )
    return target


def remove(file_name: str) -> bool:
    """Removes a downloaded file, and what there is of an unfinished one; files of other programs stay."""
    target = _target(file_name)
    there = target.is_file()
    for path in (target, target.with_name(f"{file_name}.part")):
        path.unlink(missing_ok=True)
    return there


def is_ours(path: Path) -> bool:
    """Whether a file lies in the program's own folder, so that it may be removed."""
    return path.parent == paths.weights_folder()


def check(path: Path) -> None:
    """Compares a file with the digest in its name, once for each state of the file.

    Raises:
        ValueError: it is another file than its name says, or cannot be read.
    """
    try:
        state = path.stat()
        is_right = _is_right(path, state.st_size, state.st_mtime_ns)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from error
    if not is_right:
        raise ValueError(f"{path} is damaged: its SHA-256 is not the one in its name; remove it and download it again")


def megabytes(size: int) -> str:
    """A size as people read it: "47 MB", of a million bytes each."""
    return f"{size / 1e6:,.0f} MB" if size >= 10_000_000 else f"{size / 1e6:,.1f} MB"


@functools.lru_cache(maxsize=64)
def _is_right(path: Path, _size: int, _changed: int) -> bool:
    match = _FILE.fullmatch(path.name)
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return match is not None and digest.hexdigest().startswith(match["digest"])


def _target(file_name: str) -> Path:
    return paths.weights_folder() / file_name


def _room(folder: Path) -> int | None:
    for place in (folder, *folder.parents):
        if place.is_dir():
            try:
                return shutil.disk_usage(place).free
            except OSError:
                return None
    return None
