"""The way to the child process that reads what is foreign, and what its end means in words."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from explorer.foreign import blame
from explorer.foreign.errors import ForeignError, SeveralNetworksError
from explorer.structure.graph_json import plain
from explorer.system.child import End, Ending, Limits, run_child

Progress = Callable[[str, float | None], None]

_LONGEST_MESSAGE = 700
_NOISE = re.compile(r"^(Stack \(|Timeout \(|Fatal Python error|Current thread|Thread 0x|  |Extension modules|$)")


class Answers:
    """What the child sent: the last of each kind, by its name."""

    def __init__(self, progress: Progress | None, file: str) -> None:
        self.kept: dict[str, Any] = {}
        self.doing = "starting"
        self._progress = progress
        self._file = file

    def hear(self, message: Any) -> None:
        """Takes one message.

        Raises:
            ForeignError: it is none.
        """
        if not isinstance(message, dict) or len(message) != 1:
            raise ForeignError(f"{self._file}: the process that read it answered nonsense; nothing is shown")
        ((name, value),) = message.items()
        if name != "progress":
            self.kept[name] = value
            return
        words, share = value if isinstance(value, list) and len(value) == 2 else ("", None)
        self.doing = plain(str(words), 100)
        if self._progress is not None:
            self._progress(self.doing, float(share) if isinstance(share, int | float) and 0 <= share <= 1 else None)


def ask(
    request: dict[str, Any],
    path: Path,
    *,
    limits: Limits,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> dict[str, Any]:
    """The answers of a child process to a request about the file `path`, by name.

    Raises:
        SeveralNetworksError: the file defines several networks, and none was named.
        ForeignError: the file cannot be read; the message says why.
        Cancelled: `cancelled()` was true; the child is gone.
    """
    absolute = path.absolute()
    answers = Answers(progress, path.name)
    try:
        ending = run_child(
            "explorer.foreign.child:main",
            {**request, "path": str(absolute)},
            answers.hear,
            limits=limits,
            cancelled=cancelled,
        )
    except OSError as error:
        raise ForeignError(f"{path.name} is read in a process of its own, which cannot be started: {error}") from error
    if "error" in answers.kept:
        message = plain(str(answers.kept["error"]), _LONGEST_MESSAGE)
        names = _names(answers.kept.get("several"))
        raise SeveralNetworksError(message, names) if len(names) > 1 else ForeignError(message)
    if ending.end is not End.ENDED or ending.code != 0:
        raise ForeignError(_end_in_words(ending, absolute, answers.doing, limits))
    return answers.kept


def _names(value: Any) -> tuple[str, ...]:
    """The names that a child offers to choose from, as far as they are names."""
    listed = value if isinstance(value, list) else []
    return tuple(dict.fromkeys(name for name in listed if isinstance(name, str) and name.isidentifier()))


def _end_in_words(ending: Ending, path: Path, doing: str, limits: Limits) -> str:
    where = blame.of_crash(ending.printed, path)
    if ending.end is End.TIME:
        return f"{where}: not done after {limits.seconds:g} s, so it was stopped; it was {doing}"
    if ending.end is End.MEMORY:
        return f"{path.name} takes more than {limits.memory / 2**30:g} GB of memory, so it was stopped; it was {doing}"
    if ending.end is End.ANSWER:
        return f"{path.name}: the network is too large to be shown, or its code disturbs the answer; nothing is shown"
    if ending.code < 0:
        return f"{where}: the process crashed ({_signal_name(-ending.code)}){_last_line(ending)}"
    return f"{where}: the code ended the process itself (exit code {ending.code}){_last_line(ending)}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(ending: Ending) -> str:
    """The last line that the code printed itself, for what it may tell."""
    lines = [line for line in ending.printed.splitlines() if not _NOISE.match(line)]
    return f"; it last printed {plain(lines[-1].strip(), 120)!r}" if lines else ""
