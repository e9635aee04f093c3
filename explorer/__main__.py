"""`python -m explorer` and `cnn-explorer`."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Runs the program; returns the exit code."""
    # The matrices that numpy multiplies here are too small for its threads, which wait for each other beside a
    # training: with both cores busy a picture of 280 x 280 took 15.6 ms to become a digit, with one thread 2.2.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        if sys.platform == "win32":
            # Since torch 2.9 its libraries do not load after Qt's on Windows (pytorch#166628).
            import torch  # noqa: F401, PLC0415
        from explorer.cli import run  # noqa: PLC0415 - after torch, on Windows

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        print("cnn-explorer: interrupted", file=sys.stderr)  # noqa: T201
        code = 130
    if code == 130:
        _leave_half_imported_torch(code)
    return code


def _leave_half_imported_torch(code: int) -> None:
    """Ends the process at once where an interruption hit torch's import: its libraries would crash on the way out."""
    # A failed import takes "torch" itself out of the table again, its parts stay; `compile` is defined near its end.
    begun = any(name.partition(".")[0] == "torch" for name in sys.modules)
    if begun and not hasattr(sys.modules.get("torch"), "compile"):
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
