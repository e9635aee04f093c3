"""While a network that marks pixels is on screen, such a network answers the pad."""

from __future__ import annotations

from PySide6.QtCore import QObject

from explorer.inference.kinds import Takes
from explorer.networks.architecture import Architecture, Task
from explorer.ui.answering import Choice, Subject, Weights
from explorer.ui.prediction_service import PredictionService
from explorer.ui.session import Session


class MaskNetwork(QObject):
    """Has the newest network for masks follow the pen while U-Net is on screen, then what answered before."""

    def __init__(self, session: Session, service: PredictionService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._before: Choice | None = None  # what answered until U-Net came on screen
        session.architecture_changed.connect(self._on_architecture)

    def _on_architecture(self, architecture: Architecture, _options: object) -> None:
        chosen = self._service.chosen(Subject.DRAWING)
        if architecture.task is Task.SEGMENTATION:
            if chosen.takes is not Takes.MASKS:
                self._before = chosen
                self._service.choose(Subject.DRAWING, self._service.newest(Takes.MASKS))
            return
        before, self._before = self._before, None
        # Other weights may have been chosen at the pad meanwhile: those stay.
        if before is not None and chosen.takes is Takes.MASKS and chosen.weights is Weights.NEWEST:
            if before.weights is Weights.NEWEST:
                before = self._service.newest(before.takes or Takes.DIGITS)
            self._service.choose(Subject.DRAWING, before)
