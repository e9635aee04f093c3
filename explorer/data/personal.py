"""The user's own drawings, each with the class it was meant as: a small set that corrections fill."""

from __future__ import annotations

import base64
import contextlib
import json
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explorer.data.pen import SIDE
from explorer.data.sketch import Sketch, Stroke, as_digit
from explorer.data.split import Split
from explorer.system import files, paths

CLASSES = tuple("0123456789")
_SUFFIX = ".json"
_TRASH = ".deleted"
_LARGEST = 4_000_000  # bytes of a drawing's file: a sheet full of ink has a hundredth of it
_KEPT_S = 30 * 24 * 3600.0  # deleted drawings


@dataclass(frozen=True, eq=False)
class PersonalDrawing:
    """One drawing: what was meant, what a network sees of it, and the strokes, none where a picture was on the pad.

    `digit` is read-only uint8 [28, 28]; `created` is in seconds since 1970. `name` is that of its file.
    """

    label: int
    digit: NDArray[np.uint8]
    strokes: tuple[Stroke, ...] = ()
    created: float = field(default_factory=time.time)
    name: str = ""

    @property
    def sketch(self) -> Sketch | None:
        """The drawing as it was drawn; None where only its picture is known."""
        return Sketch(self.strokes) if self.strokes else None


def drawing_of(source: Sketch | NDArray[Any], label: int) -> PersonalDrawing:
    """What is on the pad as a drawing of the set.

    Raises:
        ValueError: nothing is drawn, or there is no such class.
    """
    if not 0 <= label < len(CLASSES):
        raise ValueError(f"a digit is 0 to 9, not {label}")
    digit = as_digit(source)
    if digit is None:
        raise ValueError("nothing is drawn yet; draw a digit, then say what it was")
    digit.setflags(write=False)
    return PersonalDrawing(label, digit, source.strokes if isinstance(source, Sketch) else ())


class PersonalSet:
    """The drawings in a folder, one file each, oldest first; deleted ones can be brought back for 30 days."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or paths.personal_folder()
        self.faults: tuple[str, ...] = ()

    def drawings(self) -> tuple[PersonalDrawing, ...]:
        """All that can be read; `faults` then names the files that cannot."""
        found, faults = [], []
        try:
            entries = sorted(entry for entry in self.folder.iterdir() if entry.suffix == _SUFFIX)
        except OSError:
            entries = []
        for path in entries:
            if path.name.startswith("."):
                continue
            try:
                found.append(_read(path))
            except ValueError as error:
                faults.append(str(error))
        self.faults = tuple(faults)
        return tuple(sorted(found, key=lambda drawing: (drawing.created, drawing.name)))

    def add(self, drawing: PersonalDrawing) -> PersonalDrawing:
        """Keeps a drawing in a file of its own, written whole or not at all.

        Raises:
            StorageError: it could not be written.
        """
        name = (
            f"{time.strftime('%Y%m%d-%H%M%S', time.localtime(drawing.created))}-{drawing.label}-{uuid.uuid4().hex[:8]}"
        )
        kept = PersonalDrawing(drawing.label, drawing.digit, drawing.strokes, drawing.created, name)
        path = self._path(name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise files.storage_error(path, 0, error) from error
        files.write_atomically(path, json.dumps(_stored(kept)).encode())
        return kept

    def delete(self, names: Iterable[str]) -> tuple[str, ...]:
        """Takes drawings out of the set; the names of those that `restore` can bring back.

        Raises:
            StorageError: they could not be moved.
        """
        trash = self.folder / _TRASH
        self._empty(trash)
        gone = []
        for name in names:
            try:
                trash.mkdir(parents=True, exist_ok=True)
                self._path(name).replace(trash / f"{name}{_SUFFIX}")
            except FileNotFoundError:
                continue  # another window was quicker
            except OSError as error:
                raise files.storage_error(self._path(name), 0, error) from error
            gone.append(name)
        return tuple(gone)

    def restore(self, names: Iterable[str]) -> int:
        """Brings deleted drawings back; how many."""
        count = 0
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                (self.folder / _TRASH / f"{name}{_SUFFIX}").replace(self._path(name))
                count += 1
        return count

    def relabel(self, name: str, label: int) -> int:
        """Says what a drawing was meant as; returns what that was before.

        Raises:
            ValueError: there is no such drawing.
            StorageError: it could not be written.
        """
        path = self._path(name)
        old = _read(path)
        files.write_atomically(
            path, json.dumps(_stored(PersonalDrawing(label, old.digit, old.strokes, old.created, name))).encode()
        )
        return old.label

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{_SUFFIX}"

    def _empty(self, trash: Path) -> None:
        with contextlib.suppress(OSError):
            for path in list(trash.iterdir()):
                if time.time() - path.stat().st_mtime > _KEPT_S:
                    path.unlink(missing_ok=True)


def as_split(drawings: Iterable[PersonalDrawing]) -> Split:
    """The drawings as images uint8 [N, 1, 28, 28] and labels int64 [N]."""
    kept = tuple(drawings)
    images = np.zeros((len(kept), 1, SIDE, SIDE), np.uint8)
    for place, drawing in enumerate(kept):
        images[place, 0] = drawing.digit
    return Split(images, np.array([drawing.label for drawing in kept], np.int64))


def to_json(strokes: tuple[Stroke, ...]) -> list[dict[str, Any]]:
    """Strokes as lists of numbers, to a hundredth of the canvas's unit."""
    return [
        {
            "points": [[round(x, 2), round(y, 2)] for x, y in stroke.points],
            "pressure": None if stroke.pressure is None else [round(each, 3) for each in stroke.pressure],
        }
        for stroke in strokes
    ]


def from_json(stored: Any) -> tuple[Stroke, ...]:
    """The strokes that `to_json` gave.

    Raises:
        ValueError, TypeError, KeyError: they are no strokes.
    """
    strokes = []
    for each in stored:
        points = tuple((float(x), float(y)) for x, y in each["points"])
        if not np.isfinite(points).all():
            raise ValueError("a point is not a finite number")
        pressure = each.get("pressure")
        strokes.append(Stroke(points, None if pressure is None else tuple(float(value) for value in pressure)))
    return tuple(strokes)


def _stored(drawing: PersonalDrawing) -> dict[str, Any]:
    return {
        "format": 1,
        "label": drawing.label,
        "created": drawing.created,
        "strokes": to_json(drawing.strokes),
        "digit": base64.b64encode(np.ascontiguousarray(drawing.digit).tobytes()).decode("ascii"),
    }


def _read(path: Path) -> PersonalDrawing:
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is too large")
        stored = json.loads(path.read_bytes())
        label, created = stored["label"], float(stored.get("created", 0.0))
        if type(label) is not int or not 0 <= label < len(CLASSES):
            raise ValueError(f"{label!r} is no digit")
        digit = np.frombuffer(base64.b64decode(stored["digit"], validate=True), np.uint8).reshape(SIDE, SIDE)
        strokes = from_json(stored.get("strokes", []))
    except FileNotFoundError:
        raise ValueError(f"{path.name} is gone") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path.name} cannot be read as a drawing ({error})") from error
    return PersonalDrawing(label, digit, strokes, created, path.stem)
