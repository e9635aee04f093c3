"""The pad answers with the epoch that was chosen on a curve, and goes back to what answered before."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from explorer.runs.epochs import weights_path
from explorer.ui.answering import Weights
from explorer.ui.prediction_service import PredictionService
from explorer.ui.session import Session


class ChosenWeights(QObject):
    """Tells the prediction service of the epochs that the session hears of."""

    def __init__(self, session: Session, service: PredictionService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._shown: Path | None = None
        self._before: tuple[Weights, Path | None] = (Weights.NEWEST, None)
        session.weights_chosen.connect(self._on_chosen)

    def _on_chosen(self, folder: Path, epoch: int | None) -> None:
        service = self._service
        is_ours = self._shown is not None and service.path == self._shown
        if epoch is not None:
            if not is_ours:
                self._before = (service.choice, service.path)
            self._shown = weights_path(folder, epoch)
            service.use_weights(self._shown)
            return
        self._shown = None
        if not is_ours:
            # Other weights were chosen at the pad meanwhile.
            return
        choice, path = self._before
        if choice is Weights.CHOSEN and path is not None:
            service.use_weights(path)
        elif choice is Weights.SHIPPED:
            service.use_shipped()
        else:
            service.follow_newest()
