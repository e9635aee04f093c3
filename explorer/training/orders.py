"""What a training was told while it ran: commands, and changes of its configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from explorer.runs.changes import RunChange
from explorer.training import changing
from explorer.training.config import TrainingConfig
from explorer.training.events import Change, Command


class Orders:
    """Commands and changes, and the configuration that holds by now.

    `changes` are those of earlier sittings: the ones up to step `next_step` are in force, later ones come into force
    again at their steps.

    Raises:
        ValueError: a stored change does not fit this version.
    """

    def __init__(
        self, config: TrainingConfig, commands: Sequence[str], changes: Sequence[RunChange], next_step: int
    ) -> None:
        self.config = config
        self.commands = list(commands)
        self.changes: list[RunChange] = []
        self.is_paused = False
        self.is_stopped = False
        self.stops_after_epoch = False
        # Tried now, so that none fails in mid-run.
        tried = config
        for change in changes:
            tried = changing.changed(tried, change.values)
        self._due = list(changes)
        self.come_into_force(next_step)

    @property
    def recorded(self) -> tuple[RunChange, ...]:
        """What the run's record says: the changes in force, and those that come into force again."""
        return (*self.changes, *self._due)

    def obey(self, command: Command, epoch: int, step: int) -> None:
        self.commands.append(f"epoch {epoch}, step {step}: {command.value}")
        if command is Command.PAUSE:
            self.is_paused = True
        elif command is Command.CONTINUE:
            self.is_paused = False
        elif command is Command.STOP:
            self.is_stopped, self.is_paused = True, False
        elif command is Command.STOP_AFTER_EPOCH:
            self.stops_after_epoch = True

    def change(self, change: Change, step: int, epoch: int, seconds: float, *, least_epochs: int) -> RunChange | None:
        """Takes a change before `step`; None where it leaves all as it is.

        Raises:
            ValueError: it does not fit; the message says what would.
        """
        if change.epochs is not None and change.epochs < least_epochs:
            raise ValueError(f"epoch {least_epochs} is done or under way: epochs cannot become {change.epochs}")
        values = changing.values_of(change)
        after = changing.changed(self.config, values)
        text = changing.said(self.config, after)
        # What an earlier sitting changed later on is void: this one has taken another way.
        self._due.clear()
        if not text:
            return None
        made = RunChange(step, epoch, seconds, text, values)
        self.changes.append(made)
        self.config = after
        return made

    def over_what_is_due(self, change: Change) -> Change:
        """A change with which a run goes on, and beneath it what was changed after the state that it goes on from."""
        due: dict[str, Any] = {}
        for each in self._due:
            due |= each.values
        later = changing.changed(self.config, due)
        return Change(**({name: getattr(later, name) for name in due} | changing.given(change)))

    def come_into_force(self, step: int) -> tuple[RunChange, ...]:
        """The changes of earlier sittings that come into force before `step`."""
        if not self._due or self._due[0].step > step:
            return ()
        now = tuple(change for change in self._due if change.step <= step)
        for change in now:
            self.config = changing.changed(self.config, change.values)
        self.changes.extend(now)
        self._due = self._due[len(now) :]
        return now
