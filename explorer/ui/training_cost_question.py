"""Asks before a dear training begins: what a measurement says that it would cost, and what would cost less."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from explorer.networks import catalogue
from explorer.networks.architecture import Architecture
from explorer.networks.options import as_text, changed_options
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.recipes import small_form
from explorer.ui.session import Session
from explorer.ui.training_cost import DEAR_S, Cost, guessed_seconds
from explorer.ui.training_form import TrainingForm
from explorer.ui.training_job import Failure
from explorer.ui.training_note import TrainingNote, offer_smaller_batch
from explorer.ui.training_trials import CostTrial


class CostQuestion(QObject):
    """Measures, says what it found in the panel's note, and offers to begin all the same.

    `agreed` carries the configurations to be trained: at once where an epoch takes no minute, else when the user says
    so. Nothing here is a dialog: the window lives on meanwhile.
    """

    agreed = Signal(object)  # tuple of TrainingConfig
    under_way_changed = Signal(bool)
    told = Signal(str, object)  # what is being done, share done 0 to 1 or None

    def __init__(
        self,
        session: Session,
        settings: Callable[[], Settings],
        form: TrainingForm,
        note: TrainingNote,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._settings = settings
        self._form = form
        self._note = note
        self._known: dict[TrainingConfig, Cost] = {}
        self._checked: tuple[TrainingConfig, ...] = ()  # what is to be trained once its cost is known
        self._trial = CostTrial(settings, self)
        self._trial.told.connect(self.told)
        self._trial.known.connect(self._on_cost)
        self._trial.failed.connect(self._on_cost_failed)
        self.shutdown = self._trial.shutdown

    @property
    def is_under_way(self) -> bool:
        return self._trial.is_under_way

    def is_dear(self, config: TrainingConfig) -> bool:
        """Whether an epoch may take more than a minute, as far as the MACs of the network on screen say."""
        graph, entry = self._session.graph, self._form.datasets.entry(config.dataset)
        if graph is None or entry is None:
            return False
        device = config.device if config.device != "auto" else self._settings().device
        if device == "auto":
            # Torch lists what it computes on fastest last.
            device = list(self._session.devices)[-1] if self._session.devices else "cpu"
        return guessed_seconds(graph.totals.macs, entry.train_size + config.extra_digits, device) > DEAR_S

    def ask(self, configs: tuple[TrainingConfig, ...]) -> None:
        """Measures before a dear run begins; one whose cost is known is asked about at once."""
        known = self._known.get(_key(configs[0]))
        if known is not None:
            self._checked = configs
            self._offer_start(configs[0], known)
        else:
            self.measure(configs[0], configs)

    def measure(self, config: TrainingConfig, then: tuple[TrainingConfig, ...] = ()) -> None:
        self._checked = then
        self.under_way_changed.emit(True)
        self._note.say(
            "Measuring a few steps to say what this would cost …",
            is_bad=False,
            offer="Cancel",
            do=self.cancel,
            other="Start now" if then else "",
            do_other=lambda: self.agreed.emit(then),
        )
        self._trial.start(config)

    def cancel(self) -> None:
        """Gives the measurement up."""
        if self._trial.is_under_way:
            self._trial.cancel()
            self._end()

    def _on_cost(self, config: TrainingConfig, cost: Cost) -> None:
        self._end()
        self._known[_key(config)] = cost
        if self._checked and cost.seconds_per_epoch <= DEAR_S:
            self.agreed.emit(self._checked)
            return
        self._offer_start(config, cost)

    def _offer_start(self, config: TrainingConfig, cost: Cost) -> None:
        is_dear = cost.seconds_per_epoch > DEAR_S
        then = self._checked or (config,)
        smaller = self._smaller(config) if is_dear else None
        sentence = f"{cost.text(config.epochs)}."
        self._note.say(
            sentence[:1].upper() + sentence[1:],
            is_bad=False,
            offer="Start anyway" if is_dear else "Train",
            do=lambda: self.agreed.emit(then),
            other=f"Choose {_said(config, *smaller)}" if smaller else "",
            do_other=lambda: self._session.show(*smaller) if smaller else None,
        )

    def _smaller(self, config: TrainingConfig) -> tuple[Architecture, Any] | None:
        """What of the same family is made for small images; None where this is, or where none is known."""
        smaller = small_form(config.architecture, config.options)
        return None if smaller is None else (catalogue.get(smaller[0]), smaller[1])

    def _on_cost_failed(self, config: TrainingConfig, failure: Failure) -> None:
        self._end()
        if failure.batch_size:
            offer_smaller_batch(self._note, failure, lambda: self._use_batch(config, failure.batch_size))
            return
        then = self._checked
        self._note.say(
            f"What this would cost could not be measured: {failure.sentence}",
            is_bad=True,
            offer="Start anyway" if then else "",
            do=lambda: self.agreed.emit(then),
        )

    def _use_batch(self, config: TrainingConfig, batch_size: int) -> None:
        self._form.set_value("batch_size", batch_size)
        self.measure(dataclasses.replace(config, batch_size=batch_size), self._with_batch(batch_size))

    def _with_batch(self, batch_size: int) -> tuple[TrainingConfig, ...]:
        return tuple(dataclasses.replace(config, batch_size=batch_size) for config in self._checked)

    def _end(self) -> None:
        self._note.clear()
        self.under_way_changed.emit(False)


def _key(config: TrainingConfig) -> TrainingConfig:
    """The configuration without what changes nothing about the cost of an epoch."""
    return dataclasses.replace(config, epochs=1, seed=0, learning_rate=1.0, weight_decay=0.0, label_smoothing=0.0)


def _said(config: TrainingConfig, architecture: Architecture, options: Any) -> str:
    """How the smaller form is called: "form = cifar", or the name of another network."""
    if architecture.name != config.architecture:
        return architecture.title
    return ", ".join(f"{name} = {as_text(value)}" for name, value in changed_options(options).items())
