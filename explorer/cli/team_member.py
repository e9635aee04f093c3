"""Training as one of several processes that torchrun started: who speaks, and how all of them end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from explorer.cli.training_report import Report, complain
from explorer.training.events import Event

if TYPE_CHECKING:
    from explorer.training.team import Team

# Who waits for a graphics card, or for a process that does not answer, hears no signal; torchrun waits for 30 s.
_GRACE_S = 5.0


class QuietReport(Report):
    """Says nothing: the leading process does."""

    def preparing(self, text: str, _share: float | None) -> None:
        pass

    def take(self, event: Event) -> None:
        self.note_folder(event)

    def interrupted(self) -> None:
        pass


def is_one() -> bool:
    """Whether this process was started as one of several."""
    return "RANK" in os.environ and os.environ.get("WORLD_SIZE", "1") != "1"


def follows() -> bool:
    """Whether another process leads, and tells this one what to train."""
    return is_one() and os.environ["RANK"] != "0"


def train_together(train: Callable[[Team], int], report: Report) -> int:
    """Calls `train` with the team; returns its exit code, or 1 where another process is gone.

    A process that is told to end (SIGTERM) does so as after Ctrl-C. Only one of those that are left speaks.
    """
    from explorer.training.team import Team, TeamBrokenError  # noqa: PLC0415 - torch is imported where it is needed

    team = Team()
    is_told_to_end = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal is_told_to_end
        # Once is enough, and who has noticed that another is gone is ending already.
        if not is_told_to_end and not team.is_broken:
            is_told_to_end = True
            raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        team = Team.join()
        _end_in_time(report, team)
        code = train(team)
        if code == 130:
            team.speaks_for_all()
            return 1 if is_told_to_end else code
        team.leave()
    except TeamBrokenError as error:
        if report.folder.name and team.speaks_for_all():
            complain(f"{error}; {_remedy(report)}")
        return 1
    return code


def _remedy(report: Report) -> str:
    return (
        "complete epochs are saved. Go on with the same torchrun command and train --resume "
        f"{report.folder.name}, or in one process with: cnn-explorer train --resume {report.folder.name}"
    )


def _end_in_time(report: Report, team: Team) -> None:
    """Ends this process some seconds after SIGTERM, even where it waits for something that will never come."""
    heard, written = os.pipe()
    os.set_blocking(written, False)
    signal.set_wakeup_fd(written, warn_on_full_buffer=False)

    def watch() -> None:
        while os.read(heard, 1)[0] != signal.SIGTERM:
            pass
        threading.Event().wait(_GRACE_S)
        if report.folder.name and team.speaks_for_all():
            complain(f"another process of this training does not answer; {_remedy(report)}")
        os._exit(1)

    threading.Thread(target=watch, name="end in time", daemon=True).start()
