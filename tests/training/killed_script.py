"""Sittings of a training, as the tests that kill them start them."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from small_data import load_small, small_config

from explorer.training import preparation
from explorer.training.events import EpochFinished
from explorer.training.fit import fit

EPOCHS, STEPS = 4, 28

_WRITING = {"open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.chmod", "os.rmdir"}


def sit(runs: str, folder: str, deadly: int, delay: float) -> None:
    """Trains a new run, or goes on with the one in `folder`.

    It dies so many seconds after its `deadly`th act on its files begins, if there is one; before it with a delay of 0.
    """
    preparation.datasets.load = load_small
    if deadly:
        _die_at(deadly, delay, runs)
    for _ in fit(None if folder else small_config(epochs=EPOCHS), Path(folder) if folder else None):
        pass


def sit_for_long() -> None:
    """Trains until it is killed; says when an epoch is saved."""
    preparation.datasets.load = load_small
    for event in fit(small_config(epochs=100_000)):
        if isinstance(event, EpochFinished) and event.epoch == 1:
            print("an epoch", flush=True)  # noqa: T201 - the test waits for it


def _die_at(deadly: int, delay: float, runs: str) -> None:
    left = deadly
    sync = os.fsync

    def act() -> None:
        nonlocal left
        left -= 1
        if left:
            return
        if not delay:
            os.kill(os.getpid(), signal.SIGKILL)
        # Nobody handles the alarm: the system ends the process, be it in the middle of a write.
        signal.setitimer(signal.ITIMER_REAL, delay)

    def look(event: str, arguments: tuple[object, ...]) -> None:
        if event in _WRITING and str(arguments[0]).startswith(runs):
            act()

    def synced(descriptor: int) -> None:
        # Not one of the events that Python tells of: what was written is in a temporary file, and not yet renamed.
        act()
        sync(descriptor)

    os.fsync = synced
    sys.addaudithook(look)
