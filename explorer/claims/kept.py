"""The last result of each experiment, kept as JSON beside the settings. Free of torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from explorer.claims.claim import Size
from explorer.claims.results import Result
from explorer.system import files, paths

_LIMIT = 4_000_000


def keep(result: Result) -> Path:
    """Writes a result in place of the one before, atomically; where it is.

    Raises:
        StorageError: it could not be written.
    """
    path = _path(result.experiment.name, result.size)
    content = json.dumps(result.to_json(), indent=1, ensure_ascii=False, allow_nan=False).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.storage_error(path, len(content), error) from error
    files.write_atomically(path, content)
    return path


def last(name: str, size: Size) -> dict[str, Any] | None:
    """What `Result.to_json` gave when an experiment was last done in this size; None where it never was."""
    try:
        with _path(name, size).open("rb") as stream:
            stored = json.loads(stream.read(_LIMIT))
    except (OSError, ValueError, RecursionError):
        return None
    return stored if isinstance(stored, dict) and stored.get("experiment") == name else None


def _path(name: str, size: Size) -> Path:
    return paths.home() / "experiments" / f"{name}-{size}.json"
