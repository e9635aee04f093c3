"""The terminal: one file a subcommand; without one, the window opens."""

from __future__ import annotations

import argparse
import difflib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import explorer
from explorer.cli import (
    compare,
    desktop,
    experiment,
    explain,
    graph,
    listing,
    measure,
    predict,
    runs,
    screenshots,
    show,
    train,
    weights,
    window,
)
from explorer.cli.arguments import UsageError
from explorer.cli.printing import prepare_output
from explorer.system import log, paths

_COMMANDS = (
    listing,
    show,
    graph,
    compare,
    measure,
    train,
    predict,
    explain,
    experiment,
    weights,
    runs,
    screenshots,
    desktop,
)

_log = logging.getLogger(__name__)


def run(arguments: Sequence[str]) -> int:
    """Runs the command line; returns 0 done, 1 failed with one line, 2 bad usage, 130 interrupted."""
    prepare_output()
    code = _run(arguments)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of_output()
    except OSError as error:
        _let_go_of_output()
        return _fail(f"the output cannot be written: {error.strerror}", code or 1)
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        parser = build_parser()
        names = [command.NAME for command in _COMMANDS]
        if not arguments or (arguments[0] not in names and not arguments[0].startswith("-")):
            if arguments and _is_mistyped(arguments[0]):
                near = difflib.get_close_matches(arguments[0], names, 1)
                meant = f", did you mean {near[0]}" if near else ""
                raise UsageError(f"{arguments[0]!r} is no command{meant}; the commands are {', '.join(names)}")
            if any(argument.startswith("-") for argument in arguments):
                raise UsageError("options go with a command; the window takes files alone: cnn-explorer FILE...")
            return window.open_window(arguments)
        parsed = parser.parse_args(arguments)
        log.to_file()
        return int(parsed.run(parsed))
    except UsageError as error:
        return _fail(str(error), 2)
    except KeyboardInterrupt:
        return _fail("interrupted", 130)
    except BrokenPipeError:
        # The reader of our output has gone (`cnn-explorer list | head`); nothing is left to say.
        _let_go_of_output()
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        _log.info("command failed", exc_info=True)
        return _fail(_sentence(error), 1)
    except Exception as error:  # noqa: BLE001 - a traceback helps nobody at a terminal; the log keeps it
        _log.exception("unexpected failure")
        return _fail(f"unexpected {type(error).__name__}: {error}; details are in {paths.log_file()}", 1)


def _sentence(error: Exception) -> str:
    """What an error says, without the number that the system gives it."""
    if isinstance(error, OSError) and error.strerror:
        words = error.strerror if error.strerror[:2].isupper() else error.strerror[:1].lower() + error.strerror[1:]
        return f"{error.filename}: {words}" if error.filename else words
    return str(error) or type(error).__name__


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cnn-explorer",
        description="See a convolutional network, train it live, and try it. Without a command the window opens.",
        epilog=(
            "cnn-explorer FILE opens the window with that image, weights file or run folder; several images, or a "
            "folder of them, become a strip of pictures."
        ),
    )
    parser.add_argument("--version", action="version", version=f"cnn-explorer {explorer.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add_parser(commands)
    return parser


def _is_mistyped(word: str) -> bool:
    """Whether a lone word that names nothing there is can only be meant as a command."""
    return not Path(word).exists() and not Path(word).suffix and not any(mark in word for mark in "/\\")


def _let_go_of_output() -> None:
    """Sends what is still to be written nowhere, so that the interpreter does not complain of it at its end."""
    try:
        target = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, target)
    os.close(nowhere)


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())
    print(f"cnn-explorer: {line}", file=sys.stderr)  # noqa: T201
    return code
