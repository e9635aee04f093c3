"""The button that times the layers on this machine, its progress, and how it is cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Shape
from explorer.structure.memory_use import for_inference
from explorer.system.download import Cancelled
from explorer.ui.progress_bar import ProgressBar
from explorer.ui.session import Session
from explorer.ui.theme import theme
from explorer.ui.worker import Worker


class LayerMeasuring(QWidget):
    """Measures the network on screen in a thread of its own; call `shutdown` before the window goes.

    A network of the user's own is not measured: its code runs in a child process only.
    """

    measured = Signal(object)  # Timings
    failed = Signal(str)
    _progressed = Signal(str, object)

    def __init__(self, session: Session, batch: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._batch = batch
        self._worker: Worker | None = None
        self._cancel: threading.Event | None = None
        self._device = "cpu"
        self.button = QToolButton()
        self.button.setObjectName("layer_measure")
        self.button.setText("Measure")
        self.button.setAccessibleName("Measure the layers' times")
        self.button.setToolTip("Time each layer on this machine, with random weights and the batch below")
        self.button.clicked.connect(self.start)
        self._devices = QMenu(self)
        self.bar = ProgressBar("Measuring")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setObjectName("layer_measure_cancel")
        self.cancel_button.setAccessibleName("Cancel measuring")
        self.cancel_button.setToolTip("Stop measuring; the table stays as it is")
        self.cancel_button.clicked.connect(self.cancel)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.button, self.bar, self.cancel_button):
            self._row.addWidget(widget)
        self._progressed.connect(self._show_progress)
        session.devices_found.connect(self.offer)
        session.architecture_changed.connect(self._follow)
        theme().changed.connect(self._restyle)
        self.offer(session.devices)
        self._show_running(False)
        self._restyle()
        if session.architecture is not None:
            self._follow(session.architecture)

    @property
    def is_running(self) -> bool:
        return self._cancel is not None

    def offer(self, devices: dict[str, str]) -> None:
        """Lets one of several devices be chosen; the last of them, which torch lists as the fastest, is first."""
        self._devices.clear()
        names = list(devices) or ["cpu"]
        self._device = names[-1]
        several = len(names) > 1
        mode = QToolButton.ToolButtonPopupMode
        self.button.setPopupMode(mode.MenuButtonPopup if several else mode.DelayedPopup)
        self.button.setMenu(self._devices if several else None)
        for name in reversed(names if several else []):
            self._devices.addAction(f"On {devices[name]}", lambda _checked=False, device=name: self.start_on(device))

    def start(self) -> None:
        self.start_on(self._device)

    def start_on(self, device: str) -> None:
        session = self._session
        architecture = session.architecture
        if architecture is None or self.is_running:
            return
        if self._worker is None:
            self._worker = Worker("measure layers", self)
        self._device = device
        stop = self._cancel = threading.Event()
        options, shape, batch = session.options, session.input_shape, self._batch()
        needs = for_inference(session.graph, batch) if session.graph else None
        needed = needs.size if needs else 0

        def work() -> Any:
            return _measure(architecture, options, shape, batch, needed, device, self._progressed.emit, stop.is_set)

        self._show_running(True)
        self._worker.submit(work, lambda answer: self._end(stop, answer), lambda sentence: self._fail(stop, sentence))

    def cancel(self) -> None:
        if self._cancel is not None:
            self._cancel.set()
            self._cancel = None
            self._show_running(False)

    def shutdown(self) -> None:
        """Stops measuring and waits for the thread."""
        self.cancel()
        if self._worker is not None:
            self._worker.shutdown()
            self._worker = None

    def _end(self, stop: threading.Event, timings: Any) -> None:
        if stop is self._cancel and timings is not None:
            self._cancel = None
            self._show_running(False)
            self.measured.emit(timings)

    def _fail(self, stop: threading.Event, sentence: str) -> None:
        if stop is self._cancel:
            self._cancel = None
            self._show_running(False)
            self.failed.emit(sentence)

    def _follow(self, architecture: Architecture) -> None:
        # The times would be those of a network that has gone.
        self.cancel()
        own = bool(architecture.source)
        self.button.setEnabled(not own)
        self.button.setToolTip(
            "Your own code runs in a child process only, where it is not timed"
            if own
            else "Time each layer on this machine, with random weights and the batch below"
        )

    def _show_progress(self, words: str, share: object) -> None:
        if self.is_running:
            self.bar.show_share(share if isinstance(share, float) else None)
            self.bar.setToolTip(words)

    def _show_running(self, running: bool) -> None:
        had_focus = self.button.hasFocus() or self.cancel_button.hasFocus()
        self.button.setVisible(not running)
        self.bar.setVisible(running)
        self.cancel_button.setVisible(running)
        self.bar.show_share(None if running else 0.0)
        if had_focus:
            (self.cancel_button if running else self.button).setFocus()

    def _restyle(self) -> None:
        self._row.setSpacing(theme().px(8))
        self.bar.setFixedWidth(theme().px(72))


def _measure(
    architecture: Architecture,
    options: Any,
    shape: Shape | None,
    batch: int,
    needed: int,
    device: str,
    progress: Callable[[str, float | None], None],
    cancelled: Callable[[], bool],
) -> Any:
    from explorer.timing import measure  # noqa: PLC0415 - torch is imported off the UI thread

    try:
        return measure(
            architecture,
            options,
            shape,
            batch=batch,
            needed=needed,
            device=device,
            progress=progress,
            cancelled=cancelled,
        )
    except Cancelled:
        return None
