"""One window of a stack as a row of controls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSpinBox, QToolButton, QWidget

from explorer.structure.stacked_windows import LARGEST_KERNEL, LARGEST_STEP, MOST_CHANNELS, Window
from explorer.ui.explanations import explain_all
from explorer.ui.spin_box import indent
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox

_KINDS = (("convolution", "Convolution"), ("pooling", "Pooling"))
_RANGES = {"kernel": LARGEST_KERNEL, "stride": LARGEST_STEP, "dilation": LARGEST_STEP, "channels": MOST_CHANNELS}
_TIPS = {
    "kernel": "Kernel: height and width of the window",
    "stride": "Stride: how far the window moves from one unit to the next",
    "dilation": "Dilation: the distance between the positions that the window looks at",
    "channels": "Channels that a convolution gives; a pool keeps what it gets",
}


class WindowRow(QObject):
    """The controls of one window, which the panel places in its grid.

    With the keyboard in any of them, Ctrl+Up and Ctrl+Down move the row, Ctrl+Delete removes it and Insert adds one
    below.
    """

    changed = Signal()
    moved = Signal(object, int)  # this row, -1 up or 1 down
    removed = Signal(object)
    added = Signal(object)

    def __init__(self, window: Window, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.kind = CalmComboBox()
        self.kind.addItems([title for _, title in _KINDS])
        self.kind.setAccessibleName("Kind of window")
        self.kind.setToolTip("A convolution has weights, a pool has none")
        self.kind.setMinimumContentsLength(7)  # as wide as "Convolution": Qt counts in letters X
        self.boxes: dict[str, QSpinBox] = {}
        for name, most in _RANGES.items():
            box = QSpinBox()
            indent(box)
            box.setRange(1, most)
            box.setAccessibleName(_TIPS[name].partition(":")[0])
            box.setToolTip(_TIPS[name])
            box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            explain_all("field", {name: box})
            self.boxes[name] = box
        self.up = _button("chevron-up", "Move up (Ctrl+Up)")
        self.down = _button("chevron-down", "Move down (Ctrl+Down)")
        self.remove = _button("close", "Remove (Ctrl+Delete)")
        self.show_window(window)
        self.kind.currentIndexChanged.connect(self._on_changed)
        for box in self.boxes.values():
            box.valueChanged.connect(self._on_changed)
        self.up.clicked.connect(lambda: self.moved.emit(self, -1))
        self.down.clicked.connect(lambda: self.moved.emit(self, 1))
        self.remove.clicked.connect(lambda: self.removed.emit(self))
        for widget in self.widgets:
            widget.installEventFilter(self)
        theme().changed.connect(self.restyle)
        self.restyle()

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """The controls, from left to right."""
        return (self.kind, *self.boxes.values(), self.up, self.down, self.remove)

    @property
    def window(self) -> Window:
        values = {name: box.value() for name, box in self.boxes.items()}
        return Window(_KINDS[self.kind.currentIndex()][0], **values)  # type: ignore[arg-type]

    def show_window(self, window: Window) -> None:
        self.kind.setCurrentIndex([kind for kind, _ in _KINDS].index(window.kind))
        for name, box in self.boxes.items():
            box.setValue(getattr(window, name))
        self._enable()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key, held = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if held and key in {Qt.Key.Key_Up, Qt.Key.Key_Down}:
                self.moved.emit(self, -1 if key == Qt.Key.Key_Up else 1)
                return True
            if held and key == Qt.Key.Key_Delete:
                self.removed.emit(self)
                return True
            if key == Qt.Key.Key_Insert:
                self.added.emit(self)
                return True
        return super().eventFilter(watched, event)

    def restyle(self) -> None:
        for button, icon in ((self.up, "chevron-up"), (self.down, "chevron-down"), (self.remove, "close")):
            button.setIcon(theme().icon(icon))
        for name, box in self.boxes.items():
            # Eight controls have to fit a dock between two others.
            box.setFixedWidth(theme().px(52 if name != "channels" else 72))

    def _on_changed(self) -> None:
        self._enable()
        self.changed.emit()

    def _enable(self) -> None:
        self.boxes["channels"].setEnabled(self.kind.currentIndex() == 0)


def _button(icon: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(theme().icon(icon))
    button.setAccessibleName(tip.partition(" (")[0])
    button.setToolTip(tip)
    button.setProperty("small", True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
