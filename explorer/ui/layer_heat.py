"""Colours the graph by what training measures in its layers, at most twice a second."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from explorer.training.events import LayerFigures
from explorer.ui.graph_heat import MEASURED
from explorer.ui.graph_view import GraphView
from explorer.ui.layer_history import LayerHistory
from explorer.ui.session import Session

_PERIOD_MS = 500


class LayerHeat(QObject):
    """Gives the graph view the history's figures of the same network, while it shows one of them or is asked."""

    def __init__(self, view: GraphView, history: LayerHistory, session: Session) -> None:
        super().__init__(view)
        self._view = view
        self._history = history
        self._session = session
        self._is_due = False
        self._timer = QTimer(self)
        self._timer.setInterval(_PERIOD_MS)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time)
        view.measured = self._figures
        history.changed.connect(self._ask)
        view.altered.connect(self._ask)
        session.graph_changed.connect(self._ask)

    def shutdown(self) -> None:
        self._timer.stop()

    def _ask(self) -> None:
        if self._view.quantity not in MEASURED:
            return
        if self._timer.isActive():
            self._is_due = True
        else:
            self._give()
            self._timer.start()

    def _on_time(self) -> None:
        if self._is_due:
            self._is_due = False
            self._ask()

    def _give(self) -> None:
        self._view.set_layers(self._figures())

    def _figures(self) -> dict[str, LayerFigures]:
        return self._history.figures() if self._history.is_of(self._session) else {}
