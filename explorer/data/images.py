"""Pictures from files: any format that Pillow reads, within bounds, and one sentence where that fails."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from explorer.data import image_hints, image_limits
from explorer.data.image_limits import MOST_PIXELS, TooLarge
from explorer.data.image_rows import pixels_of, turned

__all__ = ["MOST_PIXELS", "ImageError", "ReadPicture", "read_image", "read_picture", "size_and_mode"]

# Postscript would be handed to an interpreter that runs it as a program; of the others Pillow knows only the name.
_REFUSED_FORMATS = frozenset({"EPS", "WMF", "GRIB", "BUFR", "HDF5", "MPEG"})
# Their further "frames" are layers, previews or depths of the one picture.
_ONE_PICTURE = frozenset({"PSD", "MPO", "ICO", "CUR", "ICNS"})
_ICONS = frozenset({"ICO", "CUR", "ICNS"})
_ORIENTATION = 0x0112  # EXIF 2.3
_LYING = frozenset({5, 6, 7, 8})  # orientations that exchange height and width
_MANY_FRAMES = 10_000  # a GIF's are counted one by one; what has more is "many"
_Read = TypeVar("_Read")
# Python's warning filters and Pillow's limit are one for all threads.
_quiet = threading.Lock()


class ImageError(ValueError):
    """A file is no picture that can be read; one sentence that names it."""


@dataclass(frozen=True, eq=False)
class ReadPicture:
    """A picture as `read_picture` gives it, and what it was made from.

    `pixels` is read-only uint8 [H, W, 3], or [H, W, 4] with opacity; `size` (width, height) is that of the file,
    upright; `frame` of `frames` was read, counted from 0. `remarks` are sentences: what of the file is not shown.
    """

    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    frame: int = 0
    frames: int = 1
    remarks: tuple[str, ...] = ()


def read_image(path: Path | str, needed_side: int = 0) -> NDArray[np.uint8]:
    """The pixels that `read_picture` gives, to be written to by whoever asked."""
    return _guarded(Path(path), lambda path: _read(path, 0, needed_side)).pixels


def read_picture(path: Path | str, frame: int = 0, needed_side: int = 0) -> ReadPicture:
    """A picture from a file, upright as the camera was held, eight bits a channel.

    Of animations and documents with several pages one `frame` is read, the first by default. With `needed_side`
    pictures of many pixels may be reduced while decoding, no side below so many pixels, where the format can do that.
    More than `KEPT_PIXELS` are averaged to a half, a third, ... of the sides, however the format decodes, and more than
    `MOST_PIXELS` are decoded smaller (JPEG, JPEG 2000) or refused before memory is spent.

    Raises:
        ImageError: the file is missing, damaged, too large or no picture, or has no such frame.
    """
    read = _guarded(Path(path), lambda path: _read(path, frame, needed_side))
    read.pixels.setflags(write=False)
    return read


def size_and_mode(path: Path) -> tuple[int, int, str]:
    """Width, height and Pillow's mode of a picture, from its header alone; upright as `read_image` gives it.

    Raises:
        ImageError: the file is missing, damaged or no picture.
    """

    def look(path: Path) -> tuple[int, int, str]:
        with _opened(path) as image:
            # Pillow decodes the whole of a PNG in search of metadata that nearly all have at their beginning.
            is_plain = image.format == "PNG" and "exif" not in image.info
            lies = not is_plain and _orientation(image) in _LYING and not _is_turned(image)
            return (image.height, image.width, image.mode) if lies else (image.width, image.height, image.mode)

    return _guarded(path, look)


def _guarded(path: Path, read: Callable[[Path], _Read]) -> _Read:
    """What `read` makes of a file; whatever a decoder stumbles over becomes one sentence."""
    try:
        if not path.is_file():
            if path.is_dir():
                raise ImageError("it is a folder without pictures")
            raise ImageError(f"{path} is not a file" if path.exists() else f"there is no file {path}")
    except (OSError, ValueError) as error:  # a name that no file can have, or a folder that may not be looked into
        reason = getattr(error, "strerror", None) or _in_a_line(error)
        raise ImageError(f"{_in_a_line(path)} cannot be read: {reason}") from None
    with _quiet, warnings.catch_warnings(), _own_limit():
        # Pillow warns of size and of odd metadata; size is bounded here, and metadata does not matter.
        warnings.simplefilter("ignore")
        try:
            return read(path)
        except ImageError:
            raise
        except TooLarge as error:
            raise ImageError(f"{path} {error}") from None
        except UnidentifiedImageError:
            raise ImageError(f"{path} {image_hints.why_not(path)}") from None
        except Image.DecompressionBombError:
            raise ImageError(f"{path} {image_limits.too_many(None)}") from None
        except MemoryError:
            raise ImageError(f"{path} does not fit into memory") from None
        except OSError as error:
            raise ImageError(f"{path} cannot be read: {error.strerror or _in_a_line(error)}") from error
        except Exception as error:  # decoders of damaged files raise whatever they stumble over
            raise ImageError(f"{path} is damaged and cannot be read: {_in_a_line(error)}") from error


@contextmanager
def _own_limit() -> Iterator[None]:
    """Pictures inside of pictures, of which no header tells, are refused from the same number of pixels on."""
    before = Image.MAX_IMAGE_PIXELS
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    Image.init()
    image_limits.check_file(path)
    image_hints.prepare_for(path)
    # What a header claims is judged after it is known; Pillow would not even open photographs that can be reduced.
    Image.MAX_IMAGE_PIXELS = None
    # By a stream: of a file with a name Pillow may map the pixels, which turns some TIFFs wrongly (seen with 13.0), and
    # a mapped file that is cut off meanwhile ends the program.
    formats = [name for name in Image.ID if name not in _REFUSED_FORMATS]
    with path.open("rb") as stream, Image.open(stream, formats=formats) as image:
        Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # Pillow refuses twice as many
        yield image


def _read(path: Path, frame: int, needed_side: int) -> ReadPicture:
    with _opened(path) as image:
        frames = _frames(image, path)
        if not 0 <= frame < frames:
            raise ImageError(f"{path} has {frames} {'frame' if frames == 1 else 'frames'}, and none of number {frame}")
        size, is_turned = image.size, _is_turned(image)
        if frame:
            image_limits.check(image, path, composed=True)
            image.seek(frame)
            size, is_turned = image.size, _is_turned(image)
        image_limits.reduce_while_decoding(image, path, needed_side)
        image_limits.check(image, path, composed=frame > 0)
        image.load()
        if image.width * image.height > MOST_PIXELS:
            raise TooLarge(image_limits.too_many(image.size))
        if image.format in _ICONS:
            size = image.size  # that of the picture inside, whatever the list of them says
        # Not before: the search for metadata may decode the picture, however large it is.
        orientation = _orientation(image)
        if orientation in _LYING and not is_turned:
            size = size[::-1]
        pixels = turned(pixels_of(image), orientation)
    return ReadPicture(pixels, size, frame, frames, tuple(_remarks(path, pixels, size, frame, frames)))


def _remarks(path: Path, pixels: NDArray[np.uint8], size: tuple[int, int], frame: int, frames: int) -> Iterator[str]:
    if frames > 1:
        count = "many" if frames >= _MANY_FRAMES else f"{frames:,}"
        which = "the first" if frame == 0 else f"number {frame + 1:,}"
        yield f"{path.name} holds {count} pictures; {which} is read"
    height, width = pixels.shape[:2]
    if (width, height) != size:
        yield f"{path.name} was reduced from {size[0]:,} × {size[1]:,} to {width:,} × {height:,} pixels"


def _frames(image: Image.Image, path: Path) -> int:
    if image.format in _ONE_PICTURE:
        return 1
    if image.format == "GIF" and image_limits.holds_more(path, b"\x00\x2c", _MANY_FRAMES):
        return _MANY_FRAMES  # a block's end before an image's start: at most so many
    if not getattr(image, "is_animated", False):
        return 1
    try:
        frames = int(getattr(image, "n_frames", 1))
        image.seek(0)
    except (EOFError, OSError, ValueError, SyntaxError):
        return 1  # what follows the first is damaged
    return max(1, min(frames, _MANY_FRAMES))


def _orientation(image: Image.Image) -> int:
    """How the camera was held (EXIF 2.3, tag 0x0112): 1 upright to 8; damaged metadata say nothing."""
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - whatever its parser stumbles over, the picture itself can be read
        return 1


def _is_turned(image: Image.Image) -> bool:
    """Whether Pillow gives a picture's size upright already, as newer versions do of TIFF."""
    tags = getattr(image, "tag_v2", None)
    return tags is not None and image.size != (tags.get(256), tags.get(257))


def _in_a_line(error: object) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
