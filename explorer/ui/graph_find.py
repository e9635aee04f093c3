"""Finding layers in the graph: a small field, the matches ringed, Enter jumps from one to the next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from explorer.structure.graph import Graph
from explorer.ui.naming import display_name
from explorer.ui.theme import theme

_FIELD = 190


def matches(graph: Graph, text: str) -> tuple[str, ...]:
    """Paths of the layers and blocks that a text is found in (path, name, kind, type, settings), in execution order.

    Several words must all be found. Case does not matter; nothing matches an empty text.
    """
    words = text.lower().split()
    if not words:
        return ()
    found: dict[str, None] = {}
    first: dict[str, int] = {}
    for index, node in enumerate(graph.nodes):
        block = node.block
        while block and block not in first:
            first[block] = index
            block = graph.block_by_path[block].parent
    blocks = sorted(graph.blocks, key=lambda block: (first.get(block.path, len(graph.nodes)), len(block.path)))
    waiting = list(reversed(blocks))
    for index, node in enumerate(graph.nodes):
        while waiting and first.get(waiting[-1].path, len(graph.nodes)) <= index:
            block_here = waiting.pop()
            said = f"{block_here.path} {display_name(block_here.path)} {block_here.type_name}".lower()
            if all(word in said for word in words):
                found[block_here.path] = None
        said = f"{node.path} {display_name(node.path)} {node.kind.value} {node.type_name} {node.detail}".lower()
        if all(word in said for word in words):
            found[node.path] = None
    return tuple(found)


class GraphFind(QWidget):
    """Emits `changed` with the text, `stepped` with +1 or -1, `opened` to unfold a match, `closed`."""

    changed = Signal(str)
    stepped = Signal(int)
    opened = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("graph_find")
        self.field = QLineEdit()
        self.field.setObjectName("graph_find_field")
        self.field.setAccessibleName("Find in the graph")
        self.field.setPlaceholderText("Find a layer")
        self.field.setToolTip("Name, kind or type; Enter: next, Shift+Enter: previous, Ctrl+Enter: unfold, Esc: close")
        self.field.textChanged.connect(self.changed)
        self.field.installEventFilter(self)
        self._count = QLabel()
        self._count.setTextFormat(Qt.TextFormat.PlainText)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self._count)
        self._buttons = [
            self._button("chevron-up", "Previous match (Shift+Enter)", lambda: self.stepped.emit(-1)),
            self._button("chevron-down", "Next match (Enter)", lambda: self.stepped.emit(1)),
            self._button("close", "Close the search (Esc)", self.closed.emit),
        ]
        theme().changed.connect(self._measure)
        self._measure()
        self.hide()

    def open(self) -> None:
        """Shows the field, ready to be typed in."""
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def tell(self, text: str) -> None:
        """Says how many matches there are, or which one is shown."""
        self._count.setText(text)
        self._count.setAccessibleName(text)
        self.adjustSize()

    @property
    def told(self) -> str:
        return self._count.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.closed.emit()
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                    self.opened.emit()
                else:
                    self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
                return True
        return super().eventFilter(watched, event)

    def _button(self, icon: str, tip: str, work: object) -> QToolButton:
        button = QToolButton()
        button.setProperty("icon_name", icon)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setToolTip(tip)
        button.clicked.connect(work)
        self._row.addWidget(button)
        return button

    def _measure(self) -> None:
        px = theme().px
        self._row.setContentsMargins(px(8), px(6), px(6), px(6))
        self._row.setSpacing(px(4))
        self.field.setMinimumWidth(px(_FIELD))
        self._count.setFont(theme().font(secondary=True))
        for button in self._buttons:
            button.setIcon(theme().icon(str(button.property("icon_name"))))
            button.setIconSize(QSize(px(16), px(16)))
        self.adjustSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("line"), 1))
        painter.setBrush(theme().colour("panel"))
        corner = theme().px(6)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
