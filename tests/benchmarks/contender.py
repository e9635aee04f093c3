"""Running one contender in a process of its own, so that none warms up or slows down the next."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def run(module: str, *arguments: object, timeout: float = 900) -> dict[str, Any]:
    """The JSON that `python -m module arguments` prints on its last line.

    Raises:
        RuntimeError: it failed or took too long; the message ends with the last that it said.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with tempfile.TemporaryDirectory() as home:
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=timeout,
                cwd=ROOT,
                check=False,
                # Offscreen everywhere: painting costs the same on each machine, and none needs a display.
                env={
                    **os.environ,
                    "CNN_EXPLORER_HOME": home,
                    "KERAS_BACKEND": "torch",
                    "QT_QPA_PLATFORM": "offscreen",
                },
            )
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"{' '.join(command[1:])} was not done after {timeout:g} s") from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise RuntimeError(f"{' '.join(command[1:])} failed: {said[-1]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer
