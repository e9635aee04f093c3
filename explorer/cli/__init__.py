"""The terminal: one file a subcommand; without one, the window opens."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence

import explorer
from explorer.cli import graph, listing, predict, runs, screenshots, show, train, window
from explorer.cli.arguments import UsageError
from explorer.system import log, paths

_COMMANDS = (listing, show, graph, train, predict, runs, screenshots)

_log = logging.getLogger(__name__)


def run(arguments: Sequence[str]) -> int:
    """Runs the command line; returns 0 done, 1 failed with one line, 2 bad usage, 130 interrupted."""
    parser = build_parser()
    names = {command.NAME for command in _COMMANDS}
    try:
        if not arguments or (arguments[0] not in names and not arguments[0].startswith("-")):
            if len(arguments) > 1:
                parser.error(f"{arguments[0]!r} is no command; the commands are {', '.join(sorted(names))}")
            return window.open_window(arguments[0] if arguments else None)
        parsed = parser.parse_args(arguments)
        log.to_file()
        return int(parsed.run(parsed))
    except UsageError as error:
        return _fail(str(error), 2)
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except BrokenPipeError:
        # The reader of our output has gone (`cnn-explorer list | head`); nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        _log.info("command failed", exc_info=True)
        return _fail(str(error) or type(error).__name__, 1)
    except Exception as error:  # noqa: BLE001 - a traceback helps nobody at a terminal; the log keeps it
        _log.exception("unexpected failure")
        return _fail(f"unexpected {type(error).__name__}: {error}; details are in {paths.log_file()}", 1)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cnn-explorer",
        description="See a convolutional network, train it live, and try it. Without a command the window opens.",
        epilog="cnn-explorer FILE opens the window with that image, weights file or run folder.",
    )
    parser.add_argument("--version", action="version", version=f"cnn-explorer {explorer.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())
    print(f"cnn-explorer: {line}", file=sys.stderr)  # noqa: T201
    return code
