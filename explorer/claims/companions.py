"""Processes that train an experiment's runs beside the one that the program trains itself.

Short forms train networks so small that a second core is of no use to one of them; it is to the next run. A run's
figures do not depend on where it was trained.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import explorer
from explorer.claims.companion import request_of
from explorer.system import devices
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.events import RunStarted

_log = logging.getLogger(__name__)

# Started by `-m`, it would see the folder it is started in before our own package.
_PROGRAM = "import sys; sys.path[0] = sys.argv.pop(1); from explorer.claims import companion; companion.main()"

# torch, a data set and a small network, with room to spare.
_MEMORY_EACH = 3 * 2**30
_MOST = 7
# A companion has torch to load first, which takes some seconds.
_WORTH_SECONDS = 20.0
# How long one may take to leave a run in order; after that it is killed, which a run survives too.
_PATIENCE_S = 5.0


@dataclass(frozen=True)
class Began:
    """The training of run `number` begins in its folder."""

    number: int
    event: RunStarted


@dataclass(frozen=True)
class Went:
    """So much of run `number` is done, 0 to 1."""

    number: int
    share: float


@dataclass(frozen=True)
class Told:
    """A warning of run `number`."""

    number: int
    message: str


@dataclass(frozen=True)
class Ended:
    """Run `number` is over; it took so much processor time."""

    number: int
    folder: Path
    outcome: str
    processor_seconds: float


@dataclass(frozen=True)
class Lost:
    """Run `number` could not be trained beside the program."""

    number: int


News = Began | Went | Told | Ended | Lost


def worthwhile(runs: int, seconds: float, settings: Settings) -> int:
    """How many companions are worth their start for so many runs of one thread each, `seconds` for all of them."""
    if seconds < _WORTH_SECONDS or devices.resolve(settings.device) != "cpu":
        return 0
    cores = min(devices.cores(), settings.threads or devices.cores())
    return max(0, min(cores - 1, runs - 1, _MOST, _memory() // _MEMORY_EACH - 1))


def _memory() -> int:
    """The machine's memory in bytes; a guess where the system does not tell."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 8 * 2**30


class Companions:
    """So many processes, each started when it first gets a run. Call `close` in the thread that made it."""

    def __init__(self, count: int, settings: Settings) -> None:
        self._unstarted = count
        self._settings = settings
        self._all: list[_Companion] = []
        self._news: queue.Queue[tuple[_Companion, dict[str, Any] | None]] = queue.Queue()

    @property
    def is_free(self) -> bool:
        """Whether one has nothing to do."""
        return self._unstarted > 0 or any(each.number is None and not each.is_gone for each in self._all)

    @property
    def busy(self) -> int:
        """How many train."""
        return sum(each.number is not None for each in self._all)

    def give(self, number: int, config: TrainingConfig, resume: Path | None) -> bool:
        """Gives a free one a run; False where none could be started."""
        companion = next((each for each in self._all if each.number is None and not each.is_gone), None)
        if companion is None:
            self._unstarted -= 1
            try:
                companion = _Companion(self._news)
            except OSError as error:
                _log.warning("no process for a run beside this one: %s", error)
                self._unstarted = 0
                return False
            self._all.append(companion)
        companion.number = number
        companion.ask(request_of(config, resume, self._settings))
        return True

    def news(self, wait: float = 0.0) -> list[News]:
        """What they said since; waits so many seconds for the first of it."""
        found = []
        with contextlib.suppress(queue.Empty):
            found.append(self._news.get(timeout=wait) if wait else self._news.get_nowait())
            while True:
                found.append(self._news.get_nowait())
        return [news for companion, message in found if (news := _understood(companion, message)) is not None]

    def close(self) -> None:
        """Ends them; a run under way is left as interrupted."""
        for companion in self._all:
            companion.leave()
        for companion in self._all:
            companion.join()
        self._all.clear()
        self._unstarted = 0


class _Companion:
    """The program's side of one process. `number`: the run that it trains, None while it has none."""

    def __init__(self, news: queue.Queue[tuple[_Companion, dict[str, Any] | None]]) -> None:
        self.number: int | None = None
        self.is_gone = False
        apart: dict[str, Any] = {"start_new_session": True}  # Ctrl-C is for the program, which tells its companions
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", _PROGRAM, str(Path(explorer.__file__).resolve().parent.parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            bufsize=1,
            **apart,
        )
        self._reader = threading.Thread(target=self._listen, args=(news,), name="companion", daemon=True)
        self._reader.start()

    def ask(self, request: dict[str, Any]) -> None:
        # One that is gone already is noticed by its silence.
        with contextlib.suppress(OSError):
            _open(self._process.stdin).write(json.dumps(request) + "\n")

    def leave(self) -> None:
        with contextlib.suppress(OSError):
            _open(self._process.stdin).close()

    def join(self) -> None:
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        _open(self._process.stdout).close()

    def _listen(self, news: queue.Queue[tuple[_Companion, dict[str, Any] | None]]) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in _open(self._process.stdout):
                news.put((self, json.loads(line)))
        news.put((self, None))


def _open(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise ValueError("the process was started without this pipe")
    return stream


def _understood(companion: _Companion, message: dict[str, Any] | None) -> News | None:
    number = companion.number
    if message is None:
        companion.is_gone = True
    if number is None:
        return None
    if message is None or message["kind"] == "failed":
        if message is not None:
            _log.warning("a run beside this one failed: %s", message["sentence"])
        companion.number = None
        return Lost(number)
    if message["kind"] == "began":
        return Began(number, RunStarted(**{**message["event"], "folder": Path(message["event"]["folder"])}))
    if message["kind"] == "went":
        return Went(number, message["share"])
    if message["kind"] == "warned":
        return Told(number, message["message"])
    companion.number = None
    return Ended(number, Path(message["folder"]), message["outcome"], message["processor"])
