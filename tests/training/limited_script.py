"""A training whose files may be no larger than some of those it writes, as a child of the tests."""

from __future__ import annotations

import resource
import signal
import sys

from small_data import load_small, small_config

from explorer.training import preparation
from explorer.training.events import EpochFinished, RunEnded, Warned
from explorer.training.fit import fit


def sit() -> None:
    """Trains two epochs, the second with a limit on the size of files, and says what happens."""
    preparation.datasets.load = load_small
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for event in fit(small_config(epochs=2)):
        if isinstance(event, EpochFinished):
            sys.stdout.write(f"epoch {event.epoch} {event.saved}\n")
            # Smaller than LeNet-5's weights, larger than run.json.
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
        elif isinstance(event, Warned):
            sys.stdout.write(f"warned {event.message}\n")
        elif isinstance(event, RunEnded):
            sys.stdout.write(f"ended {event.outcome.value}\n")
