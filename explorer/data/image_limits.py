"""What decoding a picture may cost in memory and time, told before it begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

MOST_PIXELS = 64_000_000
"""More are reduced while decoding where the format can do that, else refused."""
KEPT_PIXELS = 32_000_000
"""More are averaged down after decoding: no network sees a thousandth of them."""
MOST_CLAIMED = 400_000_000
"""Pixels in all: not even photographs that decode to an eighth of their sides are opened beyond."""
MOST_FILE_BYTES = 600_000_000
MOST_BYTES = 360_000_000
"""Of a decoder's memory: with torch beside it the program stays below a gigabyte."""

# Bytes for each pixel beside Pillow's own raster; canvases and colour planes, as their libraries allocate them.
_BESIDE = {"WEBP": 10, "AVIF": 10, "HEIF": 12, "JPEG2000": 16}
_IN_MEMORY = frozenset({"WEBP", "AVIF", "HEIF", "JPEG2000"})  # the file itself is, too
# Decoders that Pillow has in Python alone: some seconds for so many pixels.
_SLOW = {
    "qoi": 3_000_000,
    "BLP1": 3_000_000,
    "BLP2": 3_000_000,
    "bmp_rle": 3_000_000,
    "dds_rgb": 3_000_000,
    "fits_gzip": 2_000_000,
    "ppm": 3_000_000,
    "ppm_plain": 3_000_000,
    "xpm": 3_000_000,
    "SGI16": 16_000_000,
}
_ROOM_FOR_JPEG_2000 = 6_000_000  # pixels that it decodes in a second or two
_MOST_SCANNED = 1_600_000_000  # pixels times scans of a progressive JPEG: each scan goes through all of them
_START_OF_SCAN = b"\xff\xda"
_CODING_STYLE = b"\xff\x52"  # JPEG 2000's COD marker; the number of resolutions is its tenth byte
_ROWS_PER_STRIP, _COMPRESSION = 278, 259  # TIFF 6.0


class TooLarge(ValueError):  # noqa: N818 - what happened, as in the sentence
    """Decoding would cost too much; the rest of a sentence that begins with the file's name."""


def check_file(path: Path) -> None:
    """Refuses a file that is too long to be a picture within these bounds.

    Raises:
        TooLarge: it is.
    """
    size = path.stat().st_size
    if size > MOST_FILE_BYTES:
        raise TooLarge(f"has {size / 1e6:,.0f} MB; picture files of at most {MOST_FILE_BYTES / 1e6:,.0f} MB are read")


def reduce_while_decoding(image: Image.Image, path: Path, needed_side: int = 0) -> None:
    """Tells the decoder to give a smaller picture, where there are too many pixels or few are needed.

    JPEG decodes to a half, a quarter or an eighth, JPEG 2000 to such shares as it was saved with.

    Raises:
        TooLarge: there are too many pixels even for that.
    """
    pixels = image.width * image.height
    if pixels > MOST_CLAIMED:
        raise TooLarge(too_many(image.size))
    if image.format in {"JPEG", "MPO"}:
        _check_scans(image, path)
        if needed_side:
            image.draft(None, (needed_side, needed_side))
        if image.width * image.height > MOST_PIXELS:
            share = (MOST_PIXELS / pixels) ** 0.5
            image.draft(None, (int(image.width * share / 2), int(image.height * share / 2)))
        elif _needed(image, path) > MOST_BYTES:
            image.draft(None, (image.width // 2, image.height // 2))
    elif image.format == "JPEG2000" and pixels > _ROOM_FOR_JPEG_2000:
        levels = _resolutions(path)
        steps = 0
        while steps < levels and (pixels >> 2 * steps) > _ROOM_FOR_JPEG_2000:
            steps += 1
        reduced: Any = image
        reduced.reduce = steps


def check(image: Image.Image, path: Path, *, composed: bool = False) -> None:
    """Refuses a picture whose decoding would cost too much, as it now stands to be decoded.

    `composed`: the frame is made from those before it, on canvases of their own.

    Raises:
        TooLarge: it would.
    """
    pixels = image.width * image.height
    steps = getattr(image, "_reduce", 0) if image.format == "JPEG2000" else 0
    pixels >>= 2 * steps
    if pixels > MOST_PIXELS:
        raise TooLarge(too_many(image.size))
    tiles: Any = getattr(image, "tile", None)
    codec = str(tiles[0][0]) if tiles else ""
    most = _SLOW.get(codec, MOST_PIXELS)
    if image.format == "JPEG2000":
        most = 2 * _ROOM_FOR_JPEG_2000
    if pixels > most:
        raise TooLarge(
            f"has {image.width:,} × {image.height:,} pixels; of this kind of {image.format} at most "
            f"{most // 1_000_000} megapixels are read"
        )
    needed = _needed(image, path, composed=composed)
    if needed > MOST_BYTES:
        width, height = image.info.get(_FULL_SIZE, image.size)
        kind = "a progressive JPEG" if image.info.get("progressive") else image.format
        raise TooLarge(
            f"has {width:,} × {height:,} pixels, and as {kind} it takes {needed / 1e6:,.0f} MB to decode; at most "
            f"{MOST_BYTES / 1e6:,.0f} MB are spent: save it smaller, or as an ordinary JPEG"
        )


def _needed(image: Image.Image, path: Path, *, composed: bool = False) -> int:
    """Bytes that decoding takes, as the picture now stands to be decoded."""
    steps = getattr(image, "_reduce", 0) if image.format == "JPEG2000" else 0
    pixels = (image.width * image.height) >> 2 * steps
    each = _raster(image.mode) + _BESIDE.get(image.format or "", 0) + (12 if composed else 0)
    return pixels * each + _buffers(image, path)


def too_many(size: tuple[int, int] | None) -> str:
    """The end of a sentence about a picture of (width, height), or of a size that nobody told."""
    claimed = f"{size[0]:,} × {size[1]:,} pixels" if size else "too many pixels"
    return f"has {claimed}; at most {MOST_PIXELS // 1_000_000} megapixels are read"


def holds_more(path: Path, mark: bytes, most: int) -> bool:
    """Whether some bytes occur in a file more than `most` times."""
    return path.stat().st_size > len(mark) * most and _count(path, mark) > most


def _count(path: Path, mark: bytes) -> int:
    count, before = 0, b""
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            count += (before + block).count(mark)
            before = block[-(len(mark) - 1) :]
    return count


def _raster(mode: str) -> int:
    """Bytes for each pixel of Pillow's raster: colours take four, whatever their number."""
    if mode in {"1", "L", "P"}:
        return 1
    return 2 if mode.startswith("I;16") else 4


def _buffers(image: Image.Image, path: Path) -> int:
    """Bytes that the decoder needs once, whatever it decodes to."""
    if image.format in _IN_MEMORY:
        return path.stat().st_size
    if image.format in {"JPEG", "MPO"} and image.info.get("progressive"):
        # All coefficients, of two bytes, until the last scan has come; `_check_scans` noted the size in the header.
        width, height = image.info.get(_FULL_SIZE, image.size)
        return round(2 * _planes(image) * int(width) * int(height))
    tags = getattr(image, "tag_v2", None)
    if tags is not None and tags.get(_COMPRESSION, 1) != 1:
        rows = min(int(tags.get(_ROWS_PER_STRIP, image.height)), image.height)
        return rows * image.width * _raster(image.mode)
    return 0


def _planes(image: Image.Image) -> float:
    """How many values a JPEG keeps for each pixel: colours often have one for every four."""
    layers = getattr(image, "layer", None) or []
    areas = [across * down for _, across, down, *_ in layers]
    return sum(areas) / max(areas) if areas and max(areas) else len(image.getbands())


_FULL_SIZE = "explorer_full_size"  # in a picture's info: (width, height) before a draft


def _check_scans(image: Image.Image, path: Path) -> None:
    image.info[_FULL_SIZE] = image.size
    if not image.info.get("progressive"):
        return
    scans = _count(path, _START_OF_SCAN)
    if scans > 16 and scans * image.width * image.height > _MOST_SCANNED:
        raise TooLarge(f"is a progressive JPEG of {scans:,} scans, which takes too long to decode: save it anew")


def _resolutions(path: Path) -> int:
    """By how many halvings a JPEG 2000 can be decoded smaller."""
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
    at = head.find(_CODING_STYLE)
    return min(head[at + 9], 32) if 0 <= at < len(head) - 9 else 0
