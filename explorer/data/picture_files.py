"""Which files of a folder are pictures, told by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp", ".avif", ".heic", ".heif", ".tif", ".tiff"),
    *(".pgm", ".ppm", ".pbm", ".pnm", ".ico", ".tga", ".jp2", ".j2k", ".psd", ".pcx", ".qoi", ".dds", ".apng"),
)
"""Of files that are taken for pictures; others can still be opened one by one."""
MOST = 500
"""Pictures that are taken at once."""


def is_picture_name(path: Path) -> bool:
    """Whether a name ends as those of pictures do."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """The pictures directly in a folder, "2.png" before "10.png".

    Raises:
        ValueError: it cannot be read; one sentence.
    """
    try:
        return natural_order(path for path in folder.iterdir() if is_picture_name(path) and path.is_file())
    except OSError as error:
        raise ValueError(f"{folder} cannot be read: {error.strerror}") from error


def with_those_in_folders(paths: Iterable[Path]) -> list[Path]:
    """The pictures meant: a folder stands for those directly in it.

    A folder that has none, or cannot be read, stands for itself: reading it says what is wrong.
    """
    found: list[Path] = []
    for path in paths:
        try:
            inside = pictures_in(path) if path.is_dir() else ()
        except ValueError:
            inside = ()
        found.extend(inside or [path])
    return found


def natural_order(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Paths by their names, in which numbers count as numbers."""
    return tuple(sorted(paths, key=lambda path: (_parts(path.name), path.name)))


def _parts(name: str) -> tuple[tuple[int, int, str], ...]:
    pieces = re.split(r"([0-9]+)", name.casefold())
    return tuple((0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces if piece)
