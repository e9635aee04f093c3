"""The log: a file that stays small, and the last messages in memory for diagnostics."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import sys
from collections import deque
from pathlib import Path

from explorer.system import paths

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Recent(logging.Handler):
    """Keeps the last 200 lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: deque[str] = deque(maxlen=200)
        self.setFormatter(logging.Formatter(_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


_recent = _Recent()


class _File(logging.handlers.RotatingFileHandler):
    """The log file. Where the disk refuses a message, memory has it still, and nobody is bothered with a traceback."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=500_000, backupCount=1, encoding="utf-8")
        self._is_refused = False

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802 - logging calls it so
        if not self._is_refused:
            self._is_refused = True
            _recent.lines.append(f"the log file {self.baseFilename} cannot be written: {sys.exc_info()[1]}")

    def close(self) -> None:
        # What could not be written is tried once more here.
        with contextlib.suppress(OSError):
            super().close()


def to_file() -> None:
    """Sends the program's messages to the log file; where it cannot be written, they are kept in memory only."""
    logger = logging.getLogger("explorer")
    logger.setLevel(logging.INFO)
    if _recent not in logger.handlers:
        logger.addHandler(_recent)
        # Messages for people go through the window and the terminal, never through logging's last resort.
        logger.propagate = False
    if any(isinstance(handler, logging.handlers.RotatingFileHandler) for handler in logger.handlers):
        return
    path = paths.log_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _File(path)
    except OSError as error:
        logger.warning("the log file %s cannot be written: %s", path, error)
        return
    handler.setFormatter(logging.Formatter(_FORMAT))
    logger.addHandler(handler)


def close() -> None:
    """Closes the log file and forgets the messages."""
    logger = logging.getLogger("explorer")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True
    _recent.lines.clear()


def recent(count: int = 40) -> list[str]:
    """The last messages, oldest first."""
    return list(_recent.lines)[-count:]
