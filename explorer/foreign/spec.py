"""How a network of the user's own is named: by a file, and in a Python file by a class or function."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from explorer.foreign.errors import ForeignError


class Source(Enum):
    """What a file holds, going by its name."""

    CODE = "Python code"
    EXPORTED = "an exported program"
    WEIGHTS = "weights"


SUFFIXES = {
    ".py": Source.CODE,
    ".pt2": Source.EXPORTED,
    ".pt": Source.WEIGHTS,
    ".pth": Source.WEIGHTS,
    ".safetensors": Source.WEIGHTS,
}

# The colon of a Windows drive stands before the suffix, ours after it.
_CODE = re.compile(r"(?P<path>.+?\.py)(?::(?P<name>.*))?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Spec:
    """A network of the user's own: `name` is the class or function in a Python file, "" for its only network."""

    text: str
    path: Path
    source: Source
    name: str = ""


def is_own(text: str) -> bool:
    """Whether a network's name means a file of the user's, and not an entry of the catalogue."""
    return bool(_CODE.fullmatch(text)) or Path(text).suffix.lower() in SUFFIXES


def parse(text: str) -> Spec:
    """The spec that a text such as "path/to/file.py:ClassName" means.

    Raises:
        ForeignError: it means none, or the file does not exist.
    """
    code = _CODE.fullmatch(text)
    if code:
        name = code["name"] or ""
        if code["name"] is not None and not all(part.isidentifier() for part in name.split(".")):
            raise ForeignError(f"{name!r} is no name of a class or function; write FILE.py:ClassName")
        spec = Spec(text, Path(code["path"]), Source.CODE, name)
    else:
        path = Path(text)
        if path.suffix.lower() not in SUFFIXES:
            raise ForeignError(f"a network of your own is {', '.join(SUFFIXES)}; {path.name!r} is none of them")
        spec = Spec(text, path, SUFFIXES[path.suffix.lower()])
    try:
        found = spec.path.is_file()
    except (OSError, ValueError):
        found = False
    if not found:
        what = "is a folder, not a file" if spec.path.is_dir() else "does not exist"
        raise ForeignError(f"{spec.path} {what}")
    return spec
