"""A search in the graph: what is found, which match one is at, what is ringed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint

from explorer.ui.graph_find import GraphFind, matches
from explorer.ui.naming import display_name

if TYPE_CHECKING:
    from explorer.ui.graph_picture import GraphPicture
    from explorer.ui.graph_view import GraphView


class GraphFinding(QObject):
    """Joins the find field to the view; `rings` are the boxes and frames that hold a match."""

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        self._view = view
        self._found: tuple[str, ...] = ()
        self._at = -1
        self.rings: frozenset[str] = frozenset()
        self._right = QPoint()
        self._looked_for: tuple[GraphPicture | None, str] = (None, "")
        self.panel = GraphFind(view)
        self.panel.changed.connect(self._on_text)
        self.panel.stepped.connect(self._step)
        self.panel.opened.connect(self._unfold)
        self.panel.closed.connect(self.close)

    def open(self) -> None:
        self.panel.open()
        self.look()
        self._put()

    def close(self) -> None:
        """Hides the field and the rings; the selection stays where the search led."""
        self.panel.hide()
        self.rings = frozenset()
        self._view.setFocus()
        self._view.viewport().update()

    def put(self, right: QPoint) -> None:
        """Places the field with its upper right corner at a point of the view."""
        self._right = right
        self._put()

    def look(self) -> None:
        """Searches anew: the text or the picture is another one."""
        picture = self._view.picture
        if self.panel.isHidden() or picture is None:
            self.rings = frozenset()
            return
        looked_for = (picture, self.panel.field.text())
        if looked_for == self._looked_for and self.rings:
            return
        self._looked_for = looked_for
        at = self._found[self._at] if 0 <= self._at < len(self._found) else ""
        self._found = matches(picture.graph, self.panel.field.text())
        self._at = self._found.index(at) if at in self._found else -1
        self.rings = frozenset(picture.folded.where(path) for path in self._found)
        self._tell()
        self._view.viewport().update()

    def _on_text(self) -> None:
        self._at = -1
        self.look()

    def _step(self, by: int) -> None:
        if not self._found:
            return
        if self._at < 0:
            self._at = 0 if by > 0 else len(self._found) - 1
        else:
            self._at = (self._at + by) % len(self._found)
        self._jump()

    def _jump(self) -> None:
        path = self._found[self._at]
        self._view.session.select(path)
        self._view.show_closely(path)
        self._tell()

    def _unfold(self) -> None:
        """Opens all blocks around the match that one is at, or the first."""
        if self._found:
            self._at = max(self._at, 0)
            self._view.unfold_to(self._found[self._at])
            self._jump()

    def _tell(self) -> None:
        text = self.panel.field.text().strip()
        if not text:
            self.panel.tell("")
        elif not self._found:
            self.panel.tell("not found")
        elif self._at < 0:
            self.panel.tell(f"{len(self._found):,} found")
        else:
            path, picture = self._found[self._at], self._view.picture
            where = picture.folded.where(path) if picture else path
            box = picture.folded.box_by_path.get(where) if picture else None
            inside = f" in {display_name(where)}" if box and box.block and where != path else ""
            self.panel.tell(f"{self._at + 1:,} of {len(self._found):,}{inside}")
        self._put()

    def _put(self) -> None:
        self.panel.adjustSize()
        self.panel.move(self._right - QPoint(self.panel.width(), 0))
