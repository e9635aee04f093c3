"""What the window remembers from one start to the next."""

from __future__ import annotations

import json
import logging
from typing import Any

from explorer.system import files, paths

_log = logging.getLogger(__name__)


def load() -> dict[str, Any]:
    """The remembered state; empty where there is none or it cannot be read."""
    try:
        stored = json.loads((paths.home() / "window.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        _log.warning("the window's state cannot be read (%s); starting afresh", error)
        return {}
    return stored if isinstance(stored, dict) else {}


def save(state: dict[str, Any]) -> None:
    """Writes the state; where that fails, the log says so and the window closes all the same."""
    path = paths.home() / "window.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_atomically(path, json.dumps(state).encode())
    except OSError as error:
        _log.warning("the window's state is not kept: %s", error)
