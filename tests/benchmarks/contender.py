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
        RuntimeError: it failed; the message ends with what it said.
    """
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
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
    if done.returncode != 0:
        raise RuntimeError(f"{module} failed: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer
