"""Train, pause, stop, queue; the form, the progress and the curves of one training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from explorer.data import datasets
from explorer.data.datasets import DatasetEntry
from explorer.networks.architecture import Architecture
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.ui import file_dialogs, numbers
from explorer.ui.session import Session
from explorer.ui.training_found import Found, found_here, interrupted, interrupted_sentence
from explorer.ui.training_runs import TrainingRuns
from explorer.ui.training_thread import Trainer
from explorer.ui.worker import Worker

# Interrupted runs whose offer was dismissed; more than this are long forgotten.
_DISMISSED = 50


class TrainingPanel(TrainingRuns):
    """Trains the network of `session` with `trainer`, by the settings of its form.

    Where there is room the form stands beside the curves; elsewhere "Settings" shows it in their place. While a run is
    under way, others wait in a queue that goes on by itself. Call `shutdown` before the window goes.
    """

    def __init__(
        self, session: Session, trainer: Trainer, settings: Callable[[], Settings], parent: QWidget | None = None
    ) -> None:
        super().__init__(session, trainer, settings, parent)
        self._dismissed: list[str] = []  # runs that shall not be offered again
        self._looker = Worker("look for data sets", self)
        self._folder_reader = Worker("look into folder", self)
        self._connect()
        if session.architecture is not None:
            self._on_architecture(session.architecture, session.options)
        self._on_state(trainer.state)
        self.look_around()

    def look_around(self) -> None:
        """Looks, off the UI thread, for data sets and for a run that was interrupted; call it when settings change."""
        settings, folders = self._settings(), self.form.known_folders
        self._looker.submit(lambda: found_here(settings, folders), self._on_found, self._session.message.emit)

    def show_away(self, is_away: bool) -> None:
        """Offers the way back, or not, from another run to the one under way."""
        self._header.show_away(is_away)

    def set_devices(self, names: dict[str, str]) -> None:
        """Tells the form what torch can compute on here: name and title."""
        self.form.set_devices(names)

    def use_folder(self, path: Path) -> None:
        """Makes a folder of images, a sub-folder a class, the data set to train on."""
        self._show_form(is_wanted=True)
        self._folder_reader.submit(lambda: datasets.get(str(path)), self._on_folder, self._on_folder_failed)

    def train(self) -> None:
        """Trains by the form, or queues that while a run is under way; where the form is wrong, shows where."""
        try:
            configs = self.form.configs()
        except ValueError as error:
            self._say_error(error)
            self._show_form(is_wanted=True)
            self.form.focus_error()
            return
        if not self._trainer.is_idle:
            self.queue.add(configs)
            self._session.message.emit(f"{numbers.plural(len(configs), 'run')} added to the queue")
        elif self._cost.is_dear(configs[0]):
            self._cost.ask(configs)
        else:
            self._begin(configs)

    def estimate(self) -> None:
        """Measures what the training that the form says would cost."""
        config = self._free_config()
        if config is not None:
            self.close_range_test()
            self._cost.measure(config)

    def find_rate(self) -> None:
        """Tries learning rates from tiny to huge, in the place of the curves."""
        config = self._free_config()
        if config is not None:
            self._cost.cancel()
            self.show_range_test()
            self.range_view.start(config)

    def forget_missing(self, kept: set[Path]) -> None:
        """Takes back the offer to resume a run that is gone, given the folders of all runs that are there."""
        if self._offered is not None and self._offered not in kept:
            self._offered = None
            self._note.clear()
        front = self.curves.folder
        # A run that has just begun is not listed yet.
        if front is not None and front not in kept and not front.exists():
            self.curves.lose_epochs()

    def state(self) -> dict[str, Any]:
        """What the user has set here and what waits, for JSON."""
        # A run that is alone is offered for resuming at the next start; one before others goes on by itself.
        running = self._started.folder if self._started and not self._trainer.is_idle and self.queue.runs else None
        return {
            "form": self.form.state(),
            "curves": self.curves.state(),
            "shows_form": self._shows_form[True],
            "queue": self.queue.state(running),
            "dismissed": self._dismissed[-_DISMISSED:],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Takes what `state` gave; what does not fit is left as it is."""
        self._is_still = True
        for name, part in (("form", self.form), ("curves", self.curves), ("queue", self.queue)):
            if isinstance(state.get(name), dict):
                part.restore(state[name])
        if isinstance(state.get("dismissed"), list):
            self._dismissed = [name for name in state["dismissed"] if isinstance(name, str)]
        if isinstance(state.get("shows_form"), bool):
            self._shows_form[True] = state["shows_form"]
            self._arrange()
        self._is_still = False
        if self.form.known_folders:
            self.look_around()

    def shutdown(self) -> None:
        """Ends a training (its last complete epoch stays) and the panel's threads."""
        self._is_still = True
        self._trainer.shutdown()
        for part in (self._cost, self.range_view, self._looker, self._reader, self._folder_reader, self._tagger):
            part.shutdown()

    def _free_config(self) -> TrainingConfig | None:
        """What the form says, where nothing is under way; says what is wrong with it."""
        if not self._trainer.is_idle:
            return None
        try:
            return self.form.config()
        except ValueError as error:
            self._say_error(error)
            return None

    def _say_error(self, error: ValueError) -> None:
        """Says what is wrong with the form, in its own words where it has any."""
        self._note.say(next(iter(self.form.errors().values()), str(error)), is_bad=True)

    def _on_measuring(self, is_under_way: bool) -> None:
        self.form.allow_measuring(is_allowed=self._trainer.is_idle and not is_under_way)
        if not is_under_way and self._trainer.is_idle:
            self._progress.say(self.form.summary())
            QTimer.singleShot(0, self, self._begin_next)

    def _on_dismissed(self) -> None:
        self._cost.cancel()
        if self._offered is not None:
            self._dismissed.append(self._offered.name)
            self._offered = None

    def _use_rate(self, rate: float) -> None:
        self.form.set_value("learning_rate", rate)
        self.close_range_test()

    def _choose_folder(self) -> None:
        folder = file_dialogs.open_folder(self, "data", "A folder of images, a sub-folder a class")
        if folder:
            self.use_folder(Path(folder))

    def _on_architecture(self, architecture: Architecture, options: Any) -> None:
        self._cost.cancel()
        self.form.show_architecture(architecture, options)
        self._show_whether_trainable()

    def _on_found(self, found: Found) -> None:
        for entry in found.folders:
            self.form.offer_folder(entry)
        self.form.set_available(found.is_here)
        if not self._trainer.is_idle or self._note.text or self._started is not None:
            return
        if self.queue.runs and not self.queue.is_held:
            self._go_on_with_queue(found)
            return
        left = interrupted(found.runs, self._dismissed)
        if left:
            folder = self._offered = left[0].folder
            dataset = left[0].record.dataset if left[0].record else ""
            self._note.say(
                interrupted_sentence(left, self.form.datasets.title(dataset)),
                is_bad=False,
                offer="Resume",
                do=lambda: self.resume(folder),
            )

    def _go_on_with_queue(self, found: Found) -> None:
        """The queue of the last time goes on, unless another window or a terminal trains."""
        if any(run.status == "running" for run in found.runs):
            self.queue.hold(is_held=True)
            self._note.say("Another window or terminal trains; the queue is held until you let it go on.", is_bad=False)
            return
        self._note.say(f"The queue goes on: {numbers.plural(len(self.queue.runs), 'run')}.", is_bad=False)
        self._begin_next()

    def _on_folder(self, entry: DatasetEntry) -> None:
        self.form.offer_folder(entry)
        classes = numbers.plural(len(entry.classes), "class", "classes")
        if self.form.offers("dataset", entry.name):
            self.form.set_value("dataset", entry.name)
            self._note.say(
                f"{entry.title}: {classes}, {numbers.plural(entry.train_size, 'image')} to train on.", is_bad=False
            )
        else:
            self._note.say(
                f"{entry.title} has {classes}, one for each image; the network on screen cannot learn from it.",
                is_bad=True,
            )
        self.queue_changed.emit()

    def _on_folder_failed(self, sentence: str) -> None:
        self._note.say(sentence, is_bad=True)

    def _connect(self) -> None:
        self._header.train_pressed.connect(self.train)
        self._header.live_pressed.connect(self.live_wanted)
        self.form.folder_asked.connect(self._choose_folder)
        self.form.rate_asked.connect(self.find_rate)
        self.form.cost_asked.connect(self.estimate)
        self.range_view.used.connect(self._use_rate)
        self.range_view.closed.connect(self.close_range_test)
        self.range_view.under_way_changed.connect(self._on_measuring)
        self._cost.under_way_changed.connect(self._on_measuring)
        self._cost.told.connect(self._progress.show_share)
        self._note.dismissed.connect(self._on_dismissed)
        self.curves.train_requested.connect(self.train)
        self._session.architecture_changed.connect(self._on_architecture)
