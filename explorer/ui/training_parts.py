"""What the training panel is made of, and where it stands: side by side, or one in place of the other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from explorer.system.settings import Settings
from explorer.ui.curves import Curves
from explorer.ui.range_test_view import RangeTestView
from explorer.ui.theme import theme
from explorer.ui.training_changes import TrainingChanges
from explorer.ui.training_form import TrainingForm
from explorer.ui.training_header import TrainingHeader
from explorer.ui.training_note import TrainingNote
from explorer.ui.training_queue import TrainingQueue
from explorer.ui.training_queue_view import TrainingQueueView

# From this width on, form and curves stand side by side.
_WIDE = 760
_FORM_WIDTH = 316
# Where the form stands alone, its fields grow no wider than this.
_FORM_ALONE = 460
_LEAST = (330, 240)
# A panel lower than this shows fewer of the runs that wait.
_LOW = 480
_ROWS, _ROWS_OF_LOW = 3, 1
_ANY = 16777215  # Qt's own largest width


class TrainingParts(QWidget):
    """The widgets of the training panel, without what they do.

    Where there is room the form stands beside the curves; elsewhere one takes the other's place. The range test takes
    the place of the curves.
    """

    def __init__(self, queue: TrainingQueue, settings: Callable[[], Settings], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Training")
        self._is_wide = False
        self._is_testing = False
        self._shows_form = {True: True, False: False}  # whether it is wanted where there is room, and where not
        self.form = TrainingForm()
        self.curves = Curves()
        self.range_view = RangeTestView(settings)
        self.changes = TrainingChanges()
        self._header = TrainingHeader()
        self._progress = self._header.progress
        self._note = TrainingNote()
        self._queue_view = TrainingQueueView(queue, self.form.datasets.title)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName("Training settings")
        self.form.setProperty("role", "content")
        self._scroll.setWidget(self.form)
        self._body = QHBoxLayout()
        self._body.addWidget(self._scroll)
        self._body.addWidget(self.curves, 1)
        self._body.addWidget(self.range_view, 1)
        self._layout = QVBoxLayout(self)
        for widget in (self._header, self._note, self.changes, self._queue_view):
            self._layout.addWidget(widget)
        self._layout.addLayout(self._body, 1)
        self._header.settings_toggled.connect(self._on_settings)
        self._header.changes_toggled.connect(self._on_changes)
        theme().changed.connect(self._measure)
        self._measure()

    def show_range_test(self) -> None:
        """Puts the range test in the place of the curves."""
        self._is_testing = True
        if not self._is_wide:
            self._shows_form[False] = False
        self._arrange()

    def close_range_test(self) -> None:
        """Gives the place back to the curves; a test under way is given up."""
        if self._is_testing:
            self._is_testing = False
            self.range_view.cancel()
            self._arrange()

    def minimumSizeHint(self) -> QSize:
        # What comes and goes while a run is under way must not push the docks around it apart: the curves give way.
        return super().minimumSizeHint().boundedTo(QSize(theme().px(_LEAST[0]), theme().px(_LEAST[1])))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()
        is_wide = self.width() >= theme().px(_WIDE)
        if is_wide != self._is_wide:
            self._is_wide = is_wide
            self._arrange()

    def _share_height(self) -> None:
        is_low = self.height() < theme().px(_LOW)
        rows_of_low = 0 if self._header.changes.isChecked() else _ROWS_OF_LOW
        self._queue_view.show_rows(rows_of_low if is_low else _ROWS)

    def _on_settings(self, is_checked: bool) -> None:
        self._show_form(is_wanted=is_checked)

    def _on_changes(self, _is_checked: bool) -> None:
        self._share_height()
        self._arrange()

    def _show_form(self, *, is_wanted: bool) -> None:
        self._shows_form[self._is_wide] = is_wanted
        self._arrange()

    def _arrange(self) -> None:
        """Form and curves beside each other, or one in place of the other."""
        shows_form = self._shows_form[self._is_wide]
        self._header.show_room(is_wide=self._is_wide, shows_form=shows_form)
        shows_curves = self._is_wide or not shows_form
        wanted = {
            self._scroll: shows_form,
            self.curves: shows_curves and not self._is_testing,
            self.range_view: shows_curves and self._is_testing,
            self.changes: shows_curves and self._header.changes.isChecked(),
        }
        # What goes, goes first: both at once would ask for more room than there is, and push the docks apart.
        for widget, is_shown in sorted(wanted.items(), key=lambda pair: pair[1]):
            widget.setVisible(is_shown)
        self._scroll.setMaximumWidth(theme().px(_FORM_WIDTH) if self._is_wide else _ANY)
        self.form.setMaximumWidth(_ANY if self._is_wide else theme().px(_FORM_ALONE))
        self._scroll.setMinimumWidth(theme().px(_FORM_WIDTH) if self._is_wide else 0)

    def _measure(self) -> None:
        px = theme().px
        self._layout.setContentsMargins(0, 0, 0, px(4))
        self._layout.setSpacing(px(4))
        self._body.setContentsMargins(px(8), 0, px(4), 0)
        self._body.setSpacing(px(8))
        self._arrange()
