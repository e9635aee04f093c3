"""The line at the bottom: device, totals, messages, and which weights answer."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from explorer.structure.graph import Graph
from explorer.ui.explanations import explain, find
from explorer.ui.progress_bar import ProgressBar
from explorer.ui.session import Session
from explorer.ui.theme import theme

_MESSAGE_MS = 8000


class StatusBar(QStatusBar):
    """Shows what holds (device, totals, weights) and, for some seconds, what was just said."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._device = self._label("Device that computes")
        self._totals = self._label("Totals of the network on screen, for one image")
        self._message = self._label("Last message")
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._weights = self._label("Weights that answer the pad")
        self.addWidget(self._device)
        self.addWidget(self._totals)
        self.addWidget(self._message, 1)
        self._work = self._label("Work under way")
        self._bar = ProgressBar("Progress")
        self._bar.setFixedWidth(theme().px(120))
        self.addPermanentWidget(self._work)
        self.addPermanentWidget(self._bar)
        self.show_progress("", None)
        self.addPermanentWidget(self._weights)
        parts = {"device": self._device, "totals": self._totals, "message": self._message}
        for name, label in {**parts, "work": self._work, "weights": self._weights}.items():
            explain(label, find(f"status/{name}"))
        self._fading = QTimer(self)
        self._fading.setSingleShot(True)
        self._fading.timeout.connect(self._message.clear)
        session.device_described.connect(self._device.setText)
        session.graph_changed.connect(self._show_totals)
        session.message.connect(self.say)

    def say(self, sentence: str) -> None:
        """Shows a sentence for some seconds."""
        self._message.setText(sentence)
        self._message.setToolTip(sentence)
        self._fading.start(_MESSAGE_MS)

    def shutdown(self) -> None:
        """Lets no message fade after the window is gone."""
        self._fading.stop()

    def show_progress(self, text: str, share: float | None) -> None:
        """Shows long work under way; "" for none, a share of None where it is not known."""
        self._work.setVisible(bool(text))
        self._bar.setVisible(bool(text))
        self._work.setText(text)
        self._bar.show_share(share)

    def show_weights(self, text: str) -> None:
        self._weights.setText(f"weights: {text}" if text else "")

    def _show_totals(self, graph: Graph) -> None:
        totals = graph.totals
        costs = f"{totals.macs:,} MACs = {totals.flops:,} FLOPs"
        self._totals.setText(f"{totals.parameters:,} parameters   ·   {costs}")

    def _label(self, name: str) -> QLabel:
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setProperty("role", "secondary")
        label.setAccessibleName(name)
        label.setToolTip(name)
        label.setContentsMargins(theme().px(8), 0, theme().px(8), 0)
        return label
