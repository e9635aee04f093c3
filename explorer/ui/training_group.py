"""A group of fields in the training form that can be folded away, its values then said in a line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from explorer.ui.explanations import explain_all
from explorer.ui.theme import theme
from explorer.ui.training_fields import Field


class FieldGroup(QWidget):
    """A title that folds, and a row for each field below it; `fold_changed` is the user's doing."""

    fold_changed = Signal()

    def __init__(self, title: str, fields: Sequence[Field], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.fields = tuple(fields)
        self._summary = ""
        self._fold = QToolButton()
        self._fold.setObjectName(f"training_group_{title.lower()}")
        self._fold.setText(title)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fold.clicked.connect(self._on_clicked)
        self._line = QLabel()
        self._line.setTextFormat(Qt.TextFormat.PlainText)
        explain_all("curve", {"settings": self._line})
        self._line.setProperty("role", "secondary")
        self._line.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._head = QHBoxLayout()
        self._head.addWidget(self._fold)
        self._head.addWidget(self._line, 1)
        self._body = QWidget()
        self._grid = QGridLayout(self._body)
        self._grid.setColumnStretch(1, 1)
        for number, field in enumerate(self.fields):
            row = 3 * number
            self._grid.addWidget(field.label, row, 0)
            self._grid.addWidget(field.control, row, 1)
            if field.below is not None:
                self._grid.addWidget(field.below, row + 1, 0, 1, 2)
            self._grid.addWidget(field.error, row + 2, 0, 1, 2)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(self._head)
        self._layout.addWidget(self._body)
        self._is_folded = True
        self.fold(is_folded=False)
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def is_folded(self) -> bool:
        return self._is_folded

    def fold(self, *, is_folded: bool) -> None:
        self._is_folded = is_folded
        self._fold.setIcon(theme().icon("chevron-right" if is_folded else "chevron-down"))
        action = "Show" if is_folded else "Hide"
        self._fold.setAccessibleName(f"{action} settings: {self.title}")
        self._fold.setToolTip(f"{action} these settings")
        self._body.setVisible(not is_folded)
        self._elide()

    def show_summary(self, text: str) -> None:
        """What stands beside the title while the fields are out of sight."""
        if text != self._summary:
            self._summary = text
            self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics = QFontMetricsF(self._line.font())
        text = self._summary if self._is_folded else ""
        self._line.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(self._line.width(), 1)))
        self._line.setToolTip(text)

    def _on_clicked(self) -> None:
        self.fold(is_folded=not self._is_folded)
        self.fold_changed.emit()

    def _measure(self) -> None:
        px = theme().px
        self._fold.setFont(theme().font(title=True))
        self._fold.setIcon(theme().icon("chevron-right" if self._is_folded else "chevron-down"))
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(px(2))
        self._head.setSpacing(px(8))
        self._grid.setContentsMargins(px(8), 0, 0, px(4))
        self._grid.setHorizontalSpacing(px(12))
        # One column for the labels of all groups.
        self._grid.setColumnMinimumWidth(0, px(104))
        # Rows for errors are empty most of the time, and still have a gap: a part of what separates two fields.
        self._grid.setVerticalSpacing(px(3))
