"""The inside of a process that trains runs beside the program that conducts an experiment; `companions` starts it.

They talk in lines of JSON over standard input and output: a request for each run, and what comes of it. When the
program goes, its end of the pipe closes; the run under way is left as interrupted, and the process ends.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from explorer.claims.run_share import share_of
from explorer.system.download import Cancelled
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.events import RunEnded, RunStarted, Warned
from explorer.training.fit import fit

_SAY_EVERY_S = 0.25
# The window, and the training that it shows live, come first.
_NICER = 5

Say = Callable[..., None]


def main() -> None:
    """Trains what is asked for, one run after the other, until the other end of the pipe closes."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    # What anything prints must not be taken for an answer.
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(_NICER)
    requests: queue.Queue[dict[str, Any] | None] = queue.Queue()
    is_left = threading.Event()
    threading.Thread(target=_listen, args=(sys.stdin, requests, is_left), name="lifeline", daemon=True).start()

    def say(kind: str, **what: object) -> None:
        # A pipe that is gone is noticed by the other thread.
        with contextlib.suppress(OSError):
            answers.write(json.dumps({"kind": kind, **what}, default=str) + "\n")

    while (request := requests.get()) is not None:
        try:
            _train(request, say, is_left)
        except Cancelled:
            return
        except (ValueError, OSError, RuntimeError, MemoryError) as error:
            say("failed", sentence=" ".join(str(error).split()) or type(error).__name__)


def request_of(config: TrainingConfig, resume: Path | None, settings: Settings) -> dict[str, Any]:
    """What asks a companion for a run by `config`, or for the rest of the run in the folder `resume`."""
    return {
        "config": config.to_json(),
        "resume": None if resume is None else str(resume),
        "settings": dataclasses.asdict(settings),
    }


def _listen(stream: IO[str], requests: queue.Queue[dict[str, Any] | None], is_left: threading.Event) -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            requests.put(json.loads(line))
    is_left.set()
    requests.put(None)


def _train(request: dict[str, Any], say: Say, is_left: threading.Event) -> None:
    """Trains one run and says how it goes; leaves it as interrupted where the program is gone.

    Raises:
        Cancelled: the program is gone.
        ValueError, RuntimeError, OSError, MemoryError: as `fit`.
    """
    config = TrainingConfig.from_json(request["config"])
    resume = None if request["resume"] is None else Path(request["resume"])
    processor, said = time.process_time(), 0.0
    events = fit(None if resume else config, resume, settings=Settings(**request["settings"]), cancelled=is_left.is_set)
    with contextlib.closing(events):
        for event in events:
            if isinstance(event, RunStarted):
                say("began", event=dataclasses.asdict(event))
            elif isinstance(event, Warned):
                say("warned", message=event.message)
            elif isinstance(event, RunEnded):
                taken = time.process_time() - processor
                say("ended", folder=event.folder, outcome=event.outcome.value, processor=taken)
            elif time.monotonic() - said > _SAY_EVERY_S and (share := share_of(event, config)) is not None:
                said = time.monotonic()
                say("went", share=share)
            if is_left.is_set():
                raise Cancelled
