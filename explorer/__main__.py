"""`python -m explorer` and `cnn-explorer`."""

from __future__ import annotations

import sys


def main() -> int:
    """Runs the program; returns the exit code."""
    if sys.platform == "win32":
        # Since torch 2.9 its libraries do not load after Qt's on Windows (pytorch#166628).
        import torch  # noqa: F401, PLC0415
    from explorer.cli import run  # noqa: PLC0415 - after torch, on Windows

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
