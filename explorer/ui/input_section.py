"""A section of the Input panel that is folded at first: one quiet line until somebody wants to see more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme

Body = TypeVar("Body", bound=QWidget)


class InputSection(QWidget, Generic[Body]):
    """A title that unfolds what `make` builds, which happens when it is first unfolded; `folded` tells of both.

    Beside the title stands a line that says how things are.
    """

    folded = Signal(bool)

    def __init__(
        self, name: str, title: str, tip: str, make: Callable[[], Body], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.title, self.tip, self._make = title, tip, make
        self._summary = ""
        self.body: Body | None = None
        self._fold = QToolButton(self)
        self._fold.setObjectName(f"{name}_fold")
        self._fold.setText(title)
        self._fold.setProperty("small", True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._fold.clicked.connect(self._on_clicked)
        self._line = QLabel(self)
        self._line.setTextFormat(Qt.TextFormat.PlainText)
        self._line.setProperty("role", "secondary")
        self._line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._head = QHBoxLayout()
        self._head.addWidget(self._fold)
        self._head.addWidget(self._line, 1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def is_open(self) -> bool:
        """Whether the section is unfolded."""
        return self.body is not None and not self.body.isHidden()

    def unfold(self, *, is_open: bool = True) -> None:
        """Unfolds the section, or folds it away."""
        if is_open == self.is_open:
            return
        if self.body is None:
            self.body = self._make()
            self._column.addWidget(self.body)
        self.body.setVisible(is_open)
        self._measure()
        self.folded.emit(not is_open)

    def say(self, summary: str) -> None:
        """Shows a few words beside the title."""
        if summary != self._summary:
            self._summary = summary
            self._elide()

    @property
    def summary(self) -> str:
        return self._summary

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = max(self._line.width(), 1)
        self._line.setText(self._line.fontMetrics().elidedText(self._summary, Qt.TextElideMode.ElideRight, room))
        self._line.setToolTip(tooltip(self._summary))

    def _on_clicked(self) -> None:
        self.unfold(is_open=not self.is_open)
        if self.is_open:
            # Once the body has taken its place.
            QTimer.singleShot(0, self, self.bring_into_sight)

    def bring_into_sight(self) -> None:
        """Scrolls the panel so that as much as there is room for can be seen, from the title on."""
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if isinstance(above, QScrollArea) and above.widget() is not None:
            above.widget().adjustSize()
            above.verticalScrollBar().setValue(self.mapTo(above.widget(), self.rect().topLeft()).y())

    def _measure(self) -> None:
        px = theme().px
        self._fold.setFont(theme().font(secondary=True, title=True))
        self._fold.setIcon(theme().icon("chevron-down" if self.is_open else "chevron-right"))
        self._fold.setAccessibleName(f"{'Hide' if self.is_open else 'Show'}: {self.title}")
        self._fold.setToolTip(tooltip(self.tip))
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(px(6))
        self._head.setSpacing(px(8))
        self._elide()
