"""The pad answers with the epoch that was chosen on a curve, and goes back to what answered before."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from explorer.inference.kinds import Takes, takes_of_file
from explorer.runs.epochs import weights_path
from explorer.ui.answering import FIRST, Subject, Weights
from explorer.ui.prediction_service import PredictionService, subject_of
from explorer.ui.session import Session


class ChosenWeights(QObject):
    """Tells the prediction service of the epochs that the session hears of; each answers what it is for."""

    def __init__(self, session: Session, service: PredictionService, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service = service
        self._shown: Path | None = None
        self._subject = Subject.DRAWING  # that is answered by it
        self._before = FIRST[self._subject]
        session.weights_chosen.connect(self._on_chosen)

    def _on_chosen(self, folder: Path, epoch: int | None) -> None:
        if epoch is None:
            self._go_back()
            return
        path = weights_path(folder, epoch)
        subject = subject_of(takes_of_file(path))
        if not self._is_ours or subject is not self._subject:
            self._go_back()
            self._subject, self._before = subject, self._service.chosen(subject)
        self._shown = path
        self._service.use_weights(path)

    @property
    def _is_ours(self) -> bool:
        return self._shown is not None and self._service.chosen(self._subject).path == self._shown

    def _go_back(self) -> None:
        if self._is_ours:  # else other weights were chosen at the pad meanwhile
            before = self._before
            if before.weights is Weights.NEWEST:
                before = self._service.newest(before.takes or Takes.DIGITS)
            self._service.choose(self._subject, before)
        self._shown = None
