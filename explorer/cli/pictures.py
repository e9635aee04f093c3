"""Pictures that a command line names: what is wrong with one is a sentence, and costs no answers to the others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Failed:
    """Why a picture has no answer, in one sentence that names it."""

    sentence: str


def tried(path: Path, work: Callable[[], T]) -> T | Failed:
    """What `work` gives about a picture; one bad picture does not cost the answers to the others."""
    try:
        return work()
    except (OSError, ValueError) as error:
        return Failed(_sentence(path, error))
    except MemoryError:
        return Failed(f"{path}: there is not enough memory to answer it")
    except Exception as error:  # noqa: BLE001 - as above
        _log.exception("a picture could not be answered")
        return Failed(_sentence(path, f"unexpected {type(error).__name__}: {error}"))


def _sentence(path: Path, error: object) -> str:
    reason = " ".join(str(error).split())
    return reason if str(path) in reason else f"{path}: {reason}"
