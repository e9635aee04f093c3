"""What the menus of graph and table offer for the selected layer: silence it, or a channel of it, skip its branch."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from explorer.inference.branches import branch_at
from explorer.inference.edits import Silence, Skip
from explorer.ui.naming import display_name
from explorer.ui.surgery import Surgery, can_silence, channel_count

if TYPE_CHECKING:
    from explorer.ui.session import Session

_MOST_LISTED = 32  # channels named one by one in a menu; of more, the number is asked for


class SurgeryMenu:
    """Adds its actions to a menu that is about to open."""

    def __init__(self, session: Session, surgery: Surgery, window: QWidget) -> None:
        self._session = session
        self._surgery = surgery
        self._window = window

    def fill(self, menu: QMenu) -> None:
        """Adds what can be done with the selection; nothing where that is nothing."""
        graph, path = self._session.graph, self._session.selection
        if graph is None or not path:
            return
        surgery = self._surgery
        branch = branch_at(graph, path)
        count = channel_count(graph, path)
        if not can_silence(graph, path) and branch is None and not surgery.edits:
            return
        menu.addSeparator()
        if can_silence(graph, path):
            what = "block" if path in graph.block_by_path else "layer"
            name = display_name(path).replace("&", "&&")
            silence = menu.addAction(f"S&ilence this {what} ({name})", lambda: surgery.silence(path))
            silence.setToolTip("Its output becomes zero in a copy of the network: see how the answer changes")
            silence.setEnabled(Silence(path) not in surgery.edits)
        if 1 < count <= _MOST_LISTED:
            channels = menu.addMenu("Silence &channel")
            for number in range(count):
                action = channels.addAction(f"{number}", partial(surgery.silence, path, number))
                action.setEnabled(Silence(path, number) not in surgery.edits)
        elif count > 1:
            menu.addAction("Silence &channel…", lambda: self._ask(path, count))
        if branch is not None:
            skip = menu.addAction("S&kip this branch: F(x) = 0", lambda: surgery.skip(path))
            skip.setToolTip("What the residual block adds to x is left out in a copy of the network")
            skip.setEnabled(Skip(branch.join) not in surgery.edits)
        if surgery.edits:
            menu.addAction("&Undo the last edit", surgery.undo).setEnabled(surgery.can_undo)
            menu.addAction("R&eset all edits", surgery.reset)

    def _ask(self, path: str, count: int) -> None:
        number, agreed = QInputDialog.getInt(
            self._window, "Silence channel", f"Channel of {path}, 0 to {count - 1:,}:", 0, 0, count - 1
        )
        if agreed:
            self._surgery.silence(path, number)
