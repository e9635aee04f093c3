"""The row above the curves: Train or Add to queue, Pause, Stop, how far it is, and what shows the other rows."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QPushButton, QWidget

from explorer.ui.theme import theme
from explorer.ui.training_progress import TrainingProgress
from explorer.ui.value_label import ValueLabel

# From this width on, buttons and figures of a run under way stand in one row.
_ONE_ROW = 620


class TrainingHeader(QWidget):
    """Buttons that fit the state of the trainer; a press is a signal."""

    train_pressed = Signal()
    pause_pressed = Signal()
    stop_pressed = Signal()
    stop_after_epoch_pressed = Signal()
    next_pressed = Signal()  # stop this run and begin the next of the queue
    settings_toggled = Signal(bool)
    changes_toggled = Signal(bool)
    live_pressed = Signal()  # the run under way, back on screen everywhere

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = "idle"
        self._reason_text = ""
        self._is_wide = False
        self._shows_form = False
        self._has_next = False
        self.train = self._button("Train", "train_button", "Train the network on screen", self.train_pressed)
        self.pause = self._button("Pause", "pause_button", "Pause training, or go on", self.pause_pressed)
        for button in (self.train, self.pause):
            button.setProperty("primary", True)
        self.stop = self._button(
            "Stop", "stop_button", "Stop at once; the last complete epoch stays. With Shift: stop after this epoch"
        )
        self.stop.clicked.connect(self._on_stop)
        self.stop.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.stop.customContextMenuRequested.connect(self._show_stop_menu)
        self.changes = self._button("Change", "training_changes", "Change learning rate, epochs, augmentation now")
        self.changes.setCheckable(True)
        self.changes.toggled.connect(self.changes_toggled)
        self.live = self._button(
            "Back to live", "training_live", "Another run is on screen: show the one under way everywhere again"
        )
        self.live.clicked.connect(self.live_pressed)
        self.live.hide()
        self.settings = self._button("Settings", "training_settings", "Show or hide the training's settings")
        self.settings.setAccessibleName("Training settings")
        self.settings.setCheckable(True)
        self.settings.toggled.connect(self.settings_toggled)
        self.progress = TrainingProgress()
        self.reason = ValueLabel()
        self.reason.setObjectName("training_reason")
        self.reason.setAccessibleName("Why this network is not trained")
        self.reason.hide()
        self._stop_actions = [
            self._action("Stop now", self.stop_pressed),
            self._action("Stop after this epoch", self.stop_after_epoch_pressed),
        ]
        self._next_action = self._action("Stop, and begin the next run", self.next_pressed)
        # One row where there is room; elsewhere what is under way stands below the buttons.
        self._buttons, self._rest = QWidget(), QWidget()
        self._buttons_row, self._rest_row = QHBoxLayout(self._buttons), QHBoxLayout(self._rest)
        for button in (self.train, self.pause, self.stop):
            self._buttons_row.addWidget(button)
        self._rest_row.addWidget(self.progress, 1)
        self._rest_row.addWidget(self.reason, 1)
        self._rest_row.addWidget(self.live)
        self._rest_row.addWidget(self.changes)
        self._rest_row.addWidget(self.settings)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.addWidget(self._buttons)
        self._layout.addWidget(self._rest, 1)
        theme().changed.connect(self._measure)
        self._measure()
        self.show_state("idle")

    def show_state(self, state: str) -> None:
        """Shows what can be done with a training in this state."""
        self._state = state
        self.pause.setEnabled(state in {"running", "paused"})
        self.stop.setEnabled(state in {"starting", "running", "paused"})
        self.pause.setText("Continue" if state == "paused" else "Pause")
        self.pause.setAccessibleName("Continue training" if state == "paused" else "Pause training")
        self.train.setText("Train" if state == "idle" else "Add to queue")
        self.train.setAccessibleName(self.train.text())
        self.train.setToolTip(
            "Train the network on screen" if state == "idle" else "Train by these settings once what is under way ends"
        )
        if state not in {"running", "paused"}:
            self.changes.setChecked(False)
        self._arrange()

    def show_reason(self, reason: str) -> None:
        """Says why the network on screen cannot be trained in place of a button that would do nothing."""
        self._reason_text = reason
        self.reason.show_value(reason)
        self._arrange()

    def show_room(self, *, is_wide: bool, shows_form: bool) -> None:
        """Says whether form and curves stand side by side, and whether the form is in sight."""
        self._is_wide, self._shows_form = is_wide, shows_form
        self.settings.setChecked(shows_form)
        self._arrange()

    def show_away(self, is_away: bool) -> None:
        """Says whether another run is on screen than the one under way."""
        self.live.setVisible(is_away)
        self._turn()

    def show_next(self, has_next: bool) -> None:
        """Says whether a run waits behind the one under way."""
        self._has_next = has_next

    def minimumSizeHint(self) -> QSize:
        # As narrow as two rows are: a run that begins must not push the docks beside it apart.
        hint, margins = super().minimumSizeHint(), self._layout.contentsMargins()
        width = max(self._buttons.minimumSizeHint().width(), self._rest.minimumSizeHint().width())
        return QSize(min(hint.width(), width + margins.left() + margins.right()), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        is_narrow = self._state != "idle" and self.width() < theme().px(_ONE_ROW)
        ways = QBoxLayout.Direction
        self._layout.setDirection(ways.TopToBottom if is_narrow else ways.LeftToRight)
        self._layout.setAlignment(self._buttons, Qt.AlignmentFlag.AlignLeft if is_narrow else Qt.AlignmentFlag(0))

    def _arrange(self) -> None:
        is_idle = self._state == "idle"
        has_reason = bool(self._reason_text)
        # Settings that are not in sight are not added to a queue.
        self.train.setVisible(not has_reason and (is_idle or self._shows_form))
        self.pause.setVisible(not is_idle)
        self.stop.setVisible(not is_idle)
        self.reason.setVisible(is_idle and has_reason)
        self.progress.setVisible(not (is_idle and has_reason))
        self.changes.setVisible(self._state in {"running", "paused"} and (self._is_wide or not self._shows_form))
        self._turn()

    def _on_stop(self) -> None:
        if QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.stop_after_epoch_pressed.emit()
        else:
            self.stop_pressed.emit()

    def _show_stop_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addActions(self._stop_actions)
        if self._has_next:
            menu.addAction(self._next_action)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.stop.mapToGlobal(place))

    def _action(self, text: str, pressed: object) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(pressed)
        return action

    def _button(self, text: str, name: str, tip: str, pressed: object = None) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        if pressed is not None:
            button.clicked.connect(pressed)
        return button

    def _measure(self) -> None:
        px = theme().px
        self._layout.setContentsMargins(px(12), px(8), px(12), px(4))
        self._layout.setSpacing(px(8))
        for row in (self._buttons_row, self._rest_row):
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(px(8))
        # Pause and Continue take the same room, and Train too: nothing moves when one takes the other's place.
        metrics = self.train.fontMetrics()
        width = max(metrics.horizontalAdvance(text) for text in ("Train", "Pause", "Continue")) + px(28)
        self.train.setMinimumWidth(width)
        self.pause.setMinimumWidth(width)
