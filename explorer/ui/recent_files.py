"""Pictures and runs that were opened lately; networks of the user's own are remembered by `own_networks`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from PySide6.QtCore import QObject, Signal

Kind = Literal["picture", "run"]
MOST = 8


@dataclass(frozen=True)
class Recent:
    """One of them; `title` is how it is called in a menu."""

    kind: Kind
    path: Path
    title: str


class RecentFiles(QObject):
    """The newest first, `MOST` of a kind; `changed` tells."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: list[Recent] = []

    def of(self, kind: Kind) -> tuple[Recent, ...]:
        return tuple(recent for recent in self._kept if recent.kind == kind)

    def add(self, kind: Kind, path: Path, title: str = "") -> None:
        """Puts a file or folder first."""
        path = path.absolute()
        others = [recent for recent in self._kept if (recent.kind, recent.path) != (kind, path)]
        same = [recent for recent in others if recent.kind == kind][: MOST - 1]
        rest = [recent for recent in others if recent.kind != kind]
        self._kept = [Recent(kind, path, title or path.name), *same, *rest]
        self.changed.emit()

    def forget(self, path: Path) -> None:
        """Takes one off the list, such as one that is no longer there."""
        self._kept = [recent for recent in self._kept if recent.path != path]
        self.changed.emit()

    def clear(self) -> None:
        self._kept = []
        self.changed.emit()

    def state(self) -> list[dict[str, str]]:
        """What to remember, fit for JSON."""
        return [{"kind": each.kind, "path": str(each.path), "title": each.title} for each in self._kept]

    def restore(self, state: Any) -> None:
        """Takes back what `state` gave; what does not fit is left out."""
        self._kept = []
        for stored in state if isinstance(state, list) else ():
            if not isinstance(stored, dict):
                continue
            kind, path, title = stored.get("kind"), stored.get("path"), stored.get("title")
            known: Kind | None = next((name for name in get_args(Kind) if name == kind), None)
            if known is not None and isinstance(path, str) and path and isinstance(title, str):
                self._kept.append(Recent(known, Path(path), title))
        self.changed.emit()
