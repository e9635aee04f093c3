"""What people say of a run: a title, tags and notes, in a file of their own that no training writes. Free of torch."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from explorer.system import files

NOTES_NAME = "notes.json"
SET_ASIDE = "set aside"
"""The tag of a run that answers only where it is chosen, although it may be the newest."""

_LIMIT = 1_000_000
_LONGEST_TITLE = 200
_LONGEST_TAG = 60


@dataclass(frozen=True)
class RunNotes:
    """A run's title ("" for none: it is called as its folder), its tags in their order, and notes of any length.

    Titles and tags are one line each; tags are free of commas, which stand between them where people type them.
    """

    title: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", _one_line(self.title)[:_LONGEST_TITLE])
        tags = (_one_line(tag.replace(",", " "))[:_LONGEST_TAG] for tag in self.tags)
        object.__setattr__(self, "tags", tuple(dict.fromkeys(tag for tag in tags if tag)))

    @property
    def is_empty(self) -> bool:
        return not (self.title or self.tags or self.notes)

    def without_tag(self, tag: str) -> RunNotes:
        return dataclasses.replace(self, tags=tuple(each for each in self.tags if each != tag))

    def with_tags(self, tags: Iterable[str]) -> RunNotes:
        """With these tags too."""
        return dataclasses.replace(self, tags=(*self.tags, *tags))


def read_notes(folder: Path) -> RunNotes:
    """What was said of a run; nothing where there is no such file, or one that cannot be read."""
    try:
        with (folder / NOTES_NAME).open("rb") as stream:
            stored = json.loads(stream.read(_LIMIT))
        title, tags, notes = stored.get("title", ""), stored.get("tags", []), stored.get("notes", "")
    except (OSError, ValueError, AttributeError, RecursionError):
        return RunNotes()
    if not (isinstance(title, str) and isinstance(tags, list) and isinstance(notes, str)):
        return RunNotes()
    return RunNotes(title, tuple(tag for tag in tags if isinstance(tag, str)), notes)


def write_notes(folder: Path, notes: RunNotes) -> RunNotes:
    """Replaces what was said of a run, atomically, and returns what was said before.

    Raises:
        StorageError: it could not be written; what was said before is still there.
        ValueError: the run is gone.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder.name} is not there any more")
    before = read_notes(folder)
    content = json.dumps({"format": 1, **dataclasses.asdict(notes)}, indent=2, ensure_ascii=False).encode()
    if len(content) > _LIMIT:
        raise ValueError(f"notes of {len(content):,} bytes are too long; up to {_LIMIT:,} are kept")
    files.write_atomically(folder / NOTES_NAME, content)
    return before


def add_tag(folder: Path, tag: str) -> None:
    """Adds a tag to a run, if it has not got it.

    Raises:
        StorageError: it could not be written.
        ValueError: the run is gone.
    """
    notes = read_notes(folder)
    more = notes.with_tags((tag,))
    if more != notes:
        write_notes(folder, more)


def _one_line(text: str) -> str:
    return " ".join(text.split())
