"""Where in the user's own file something went wrong, from a traceback or from what a crash left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from explorer.structure.graph_json import plain

_FRAME = re.compile(r'File "(?P<file>.+)", line (?P<line>\d+) in (?P<function>.+)')
# What torch says of memory that it does not get, with the bytes.
ASKS_TOO_MUCH = re.compile(r"tried to allocate (\d+) bytes")
_LONGEST_REASON = 300


def of_exception(error: BaseException, path: Path) -> str:
    """One sentence: the user's line, and what the error says. `path` is absolute."""
    chain = list(_chain(error))
    syntax = next((e for e in chain if isinstance(e, SyntaxError)), None)
    if syntax is not None and syntax.lineno is not None:
        name = Path(syntax.filename or path).name
        return f"{name}, line {syntax.lineno}: {_words(syntax.msg)}"
    for blamed in chain:
        where = _where(blamed.__traceback__, path)
        if where:
            return f"{where}: {reason_of(blamed)}"
    return f"{path.name}: {reason_of(error)}"


def of_crash(printed: str, path: Path) -> str:
    """The user's line in the stack that faulthandler wrote last; the file's name where there is none."""
    begin = max(printed.rfind(mark) for mark in ("Fatal Python error", "Timeout (", "Current thread", "Stack ("))
    # faulthandler writes what is not ASCII escaped.
    escaped = str(path).encode("ascii", "backslashreplace").decode("ascii")
    for frame in _FRAME.finditer(printed, max(begin, 0)):
        if frame["file"] in {str(path), escaped}:
            return _place(path.name, int(frame["line"]), frame["function"].strip())
    return path.name


def reason_of(error: BaseException) -> str:
    """What an error says, in a line."""
    text = str(error)
    if isinstance(error, SystemExit):
        return "the code ends the program (sys.exit)"
    asked = ASKS_TOO_MUCH.search(text)
    if asked:
        return f"the code asks for {int(asked[1]) / 2**30:,.0f} GB of memory at once, more than it may have"
    if isinstance(error, MemoryError):
        return "the code asks for more memory than it may have"
    if isinstance(error, RecursionError):
        return "the code calls itself without end"
    return f"{type(error).__name__}: {_words(text)}" if text.strip() else type(error).__name__


def _words(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return plain(lines[0] if lines else "", _LONGEST_REASON)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _where(traceback: TracebackType | None, path: Path) -> str:
    """The last frame in the user's file, or else in a file beside it."""
    own = beside = ""
    while traceback is not None:
        code = traceback.tb_frame.f_code
        file = Path(code.co_filename)
        place = _place(file.name, traceback.tb_lineno, code.co_name)
        if file == path:
            own = place
        elif path.parent in file.parents and "site-packages" not in file.parts:
            beside = place
        traceback = traceback.tb_next
    return own or beside


def _place(name: str, line: int, function: str) -> str:
    inside = "" if function == "<module>" else f", in {plain(function, 60)}"
    return f"{plain(name, 100)}, line {line}{inside}"
