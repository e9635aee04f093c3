"""The personal set as a folder of PNG files, a sub-folder a class, and back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from explorer.data.images import ImageError, read_image
from explorer.data.pen import SIDE
from explorer.data.personal import CLASSES, PersonalDrawing, drawing_of, from_json, to_json
from explorer.data.sketch import Stroke
from explorer.system import files
from explorer.system.download import Cancelled

MOST_IMPORTED = 10_000
_STROKES = "cnn-explorer-strokes"
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"})


def export(drawings: Sequence[PersonalDrawing], folder: Path) -> int:
    """Writes each drawing as a PNG of 28x28 into the sub-folder of its class; the strokes go along as a text in it.

    What is in the folder stays, but for files of the same name. Returns how many were written.

    Raises:
        StorageError: a file could not be written.
    """
    for drawing in drawings:
        place = folder / CLASSES[drawing.label]
        content = io.BytesIO()
        texts = PngImagePlugin.PngInfo()
        if drawing.strokes:
            texts.add_text(_STROKES, json.dumps(to_json(drawing.strokes)), zip=True)
        Image.fromarray(np.ascontiguousarray(drawing.digit)).save(content, "PNG", pnginfo=texts)
        path = place / f"{drawing.name or 'drawing'}.png"
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise files.storage_error(path, 0, error) from error
        files.write_atomically(path, content.getvalue())
    return len(drawings)


def imported(
    folder: Path, cancelled: Callable[[], bool] | None = None
) -> tuple[tuple[PersonalDrawing, ...], tuple[str, ...]]:
    """The drawings in the sub-folders 0 to 9 of a folder, and a sentence for each picture that cannot be read.

    A gray PNG of 28x28 is taken as it is; any other picture of a digit is brought to that as on the pad.

    Raises:
        ValueError: there is no such sub-folder with pictures in it, or there are too many.
        Cancelled: `cancelled()` was true.
    """
    found: list[tuple[Path, int]] = []
    for label, name in enumerate(CLASSES):
        place = folder / name
        if place.is_dir():
            found += [(path, label) for path in sorted(place.iterdir()) if path.suffix.lower() in _SUFFIXES]
    if not found:
        raise ValueError(f"{folder} has no pictures in sub-folders called 0 to 9; put each digit into its own")
    if len(found) > MOST_IMPORTED:
        raise ValueError(f"{folder} holds {len(found):,} pictures; a personal set takes {MOST_IMPORTED:,} at once")
    drawings, faults = [], []
    for path, label in found:
        if cancelled is not None and cancelled():
            raise Cancelled
        try:
            drawings.append(_drawing(path, label))
        except (ImageError, ValueError, OSError) as error:
            reason = " ".join(str(error).split())
            faults.append(reason if path.name in reason else f"{path.name}: {reason}")
    return tuple(drawings), tuple(faults)


def _drawing(path: Path, label: int) -> PersonalDrawing:
    picture = read_image(path)
    if picture.shape != (SIDE, SIDE, 3) or (picture[..., :1] != picture).any():
        return drawing_of(picture, label)
    digit = np.ascontiguousarray(picture[..., 0])
    if not digit.any():
        raise ValueError(f"{path.name}: there is nothing on it")
    # Dark on light is a scan, which goes through the pad's path; ink on black is the format of the set.
    if np.median(digit) > 0:
        return drawing_of(picture, label)
    digit.setflags(write=False)
    return PersonalDrawing(label, digit, _strokes_in(path))


def _strokes_in(path: Path) -> tuple[Stroke, ...]:
    if path.suffix.lower() != ".png":
        return ()
    try:
        with Image.open(path) as image:
            text = image.info.get(_STROKES)
        return from_json(json.loads(text)) if isinstance(text, str) else ()
    except (OSError, ValueError, KeyError, TypeError, SyntaxError):
        return ()
