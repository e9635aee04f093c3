"""Pictures from files: any format that Pillow reads, within bounds, and one sentence where that fails."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

MOST_PIXELS = 64_000_000
"""More are reduced while decoding where the format can do that, else refused."""

# Postscript would be handed to an interpreter that runs it as a program.
_REFUSED_FORMATS = frozenset({"EPS"})
_Read = TypeVar("_Read")
# Python's warning filters are one list for all threads.
_quiet = threading.Lock()


class ImageError(ValueError):
    """A file is no picture that can be read; one sentence that names it."""


def read_image(path: Path | str, needed_side: int = 0) -> NDArray[np.uint8]:
    """A picture uint8 [H, W, 3], or [H, W, 4] where it has transparency; upright as the camera was held.

    Of animations and documents with several pages, the first. Sixteen bits a channel become eight. With `needed_side`
    pictures of many pixels may be reduced while decoding, no side below so many pixels, where the format can do that.

    Raises:
        ImageError: the file is missing, damaged, too large or no picture.
    """
    return _guarded(Path(path), lambda path: _read(path, needed_side))


def size_and_mode(path: Path) -> tuple[int, int, str]:
    """Width, height and Pillow's mode of a picture, from its header alone; upright as `read_image` gives it.

    Raises:
        ImageError: the file is missing, damaged or no picture.
    """

    def look(path: Path) -> tuple[int, int, str]:
        with _opened(path) as image:
            # Orientations 5 to 8 lie on their side (EXIF 2.3, tag 0x0112).
            lies = image.getexif().get(0x0112, 1) in {5, 6, 7, 8}
            return (image.height, image.width, image.mode) if lies else (image.width, image.height, image.mode)

    return _guarded(path, look)


def _guarded(path: Path, read: Callable[[Path], _Read]) -> _Read:
    """What `read` makes of a file; whatever a decoder stumbles over becomes one sentence."""
    if not path.is_file():
        raise ImageError(f"{path} is not a file" if path.exists() else f"there is no file {path}")
    with _quiet, warnings.catch_warnings():
        # Pillow warns of size and of odd metadata; size is bounded here, and metadata does not matter.
        warnings.simplefilter("ignore")
        try:
            return read(path)
        except ImageError:
            raise
        except UnidentifiedImageError:
            raise ImageError(f"{path} is not a picture in a format that can be read") from None
        except Image.DecompressionBombError:
            raise _too_large(path) from None
        except MemoryError:
            raise ImageError(f"{path} does not fit into memory") from None
        except OSError as error:
            raise ImageError(f"{path} cannot be read: {error.strerror or _in_a_line(error)}") from error
        except Exception as error:  # decoders of damaged files raise whatever they stumble over
            raise ImageError(f"{path} is damaged and cannot be read: {_in_a_line(error)}") from error


def _opened(path: Path) -> Image.Image:
    Image.init()
    return Image.open(path, formats=[name for name in Image.ID if name not in _REFUSED_FORMATS])


def _read(path: Path, needed_side: int) -> NDArray[np.uint8]:
    with _opened(path) as image:
        if needed_side:
            image.draft(None, (needed_side, needed_side))
        if _pixels(image) > MOST_PIXELS:
            # JPEG decodes to a half, a quarter or an eighth; other formats ignore the wish.
            share = (MOST_PIXELS / _pixels(image)) ** 0.5
            image.draft(None, (int(image.width * share / 2), int(image.height * share / 2)))
        if _pixels(image) > MOST_PIXELS:
            raise _too_large(path, image)
        image.load()
        if _pixels(image) > MOST_PIXELS:
            raise _too_large(path, image)
        upright = ImageOps.exif_transpose(image)
        if upright.mode.startswith(("I", "F")):
            return _from_deep(np.asarray(upright))
        return np.array(upright.convert("RGBA" if upright.has_transparency_data else "RGB"))


def _from_deep(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Grayscale of more than eight bits as RGB: by the range of the type, or of the values where they leave it."""
    floats = values.astype(np.float32)
    floats = np.where(np.isfinite(floats), floats, 0)
    low, high = float(floats.min(initial=0)), float(floats.max(initial=0))
    if values.dtype.kind == "f":
        top = 1.0 if high <= 1 else 255.0
    else:
        top = 65535.0 if values.dtype.itemsize == 2 or high > 255 else 255.0
    if low < 0 or high > top:
        floats, top = floats - low, max(high - low, 1e-12)
    gray = np.rint(floats * (255 / top)).astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=2)


def _pixels(image: Image.Image) -> int:
    return image.width * image.height


def _too_large(path: Path, image: Image.Image | None = None) -> ImageError:
    size = f"{image.width:,} × {image.height:,} pixels" if image else "too many pixels"
    return ImageError(f"{path} has {size}; at most {MOST_PIXELS // 1_000_000} megapixels are read")


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
