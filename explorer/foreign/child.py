"""What runs in the child process: the user's code, and nothing else of the program but what reads it."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from explorer.system.inside_child import begin

_PROGRESS_EVERY = 0.1


def main() -> None:
    """Answers one request, and ends the process."""
    channel = begin()
    path = Path(channel.request["path"])
    _name_the_line_of_exits()
    from explorer.foreign import blame  # noqa: PLC0415 - the channel comes before everything
    from explorer.foreign.errors import ForeignError, SeveralNetworksError  # noqa: PLC0415 - as above

    try:
        answer(channel.request, channel.send, ready=channel.limit)
    except SeveralNetworksError as error:
        channel.send({"several": list(error.names)})
        channel.send({"error": str(error)})
    except ForeignError as error:
        channel.send({"error": str(error)})
    except BaseException as error:  # noqa: BLE001 - SystemExit too: nothing that the user's code raises goes further
        channel.send({"error": blame.of_exception(error, path)})
    channel.end()


def answer(request: Any, send: Callable[[Any], None], *, ready: Callable[[], None] = lambda: None) -> None:
    """Does what was asked for, sending progress and results; `ready` is called before anything foreign is touched.

    Raises:
        ForeignError: it cannot be done; the message says why. Else whatever the user's code raises.
    """
    path = Path(request["path"])
    send({"progress": ["starting", None]})
    if request["do"] == "recognise":
        from explorer.foreign import recognising, state_dict  # noqa: PLC0415 - each request loads what it needs

        ready()
        send({"recognised": recognising.answer(state_dict.read(path), _reporting(send))})
    elif request["do"] == "exported":
        from explorer.foreign import exported  # noqa: PLC0415 - as above

        ready()
        program = exported.read(path)
        send({"found": {"title": program.title, "arguments": []}})
        shape = tuple(request["input_shape"] or program.input_shape)
        _trace(program.network, shape, program.title, path, send)
    else:
        _read_code(request, path, send, ready)


def _read_code(request: Any, path: Path, send: Callable[[Any], None], ready: Callable[[], None]) -> None:
    from explorer.foreign import python_file  # noqa: PLC0415 - torch is loaded only where it is needed
    from explorer.foreign.arguments import values_from  # noqa: PLC0415 - as above
    from explorer.foreign.input_shape import guess_input_shape  # noqa: PLC0415 - as above
    from explorer.structure import trace  # noqa: F401, PLC0415 - before the memory is limited
    from explorer.structure.build_on_meta import without_memory  # noqa: PLC0415 - as above

    ready()
    send({"progress": [f"importing {path.name}", None]})
    found = python_file.find(python_file.import_file(path), request["name"])
    send({"found": {"title": found.title, "arguments": [argument.to_json() for argument in found.arguments]}})
    values = dict(request["values"]) or values_from(found.arguments, request["given"], found.title)
    send({"progress": [f"building {found.title}", None]})

    network = without_memory(lambda: python_file.build(found, values))
    shape = request["input_shape"]
    if shape is None:
        send({"progress": ["finding the size of its input", None]})
        shape = guess_input_shape(network, lambda: python_file.build(found, values))
    _trace(network, tuple(shape), found.title, path, send)


def _trace(network: Any, shape: tuple[int, ...], title: str, path: Path, send: Callable[[Any], None]) -> None:
    from explorer.foreign.errors import ForeignError  # noqa: PLC0415 - as above
    from explorer.structure.graph_json import GraphDataError, to_json  # noqa: PLC0415 - as above
    from explorer.structure.trace import TraceError, trace  # noqa: PLC0415 - as above

    try:
        graph = to_json(trace(network, shape, title, progress=_reporting(send)))
    except (TraceError, GraphDataError) as error:
        raise ForeignError(f"{path.name}: {error}") from error
    send({"graph": graph})


def _reporting(send: Callable[[Any], None]) -> Callable[[str, float | None], None]:
    last = 0.0

    def report(words: str, share: float | None = None) -> None:
        nonlocal last
        if time.monotonic() - last > _PROGRESS_EVERY:
            last = time.monotonic()
            send({"progress": [words, share]})

    return report


def _name_the_line_of_exits() -> None:
    """An `os._exit` in the user's code says where it stands before it ends the process."""
    leave = os._exit
    lock = threading.Lock()

    def leave_saying_where(status: int) -> None:
        with lock:
            stack = traceback.extract_stack(sys._getframe(1))  # noqa: SLF001 - the stack of the caller
            lines = [f'  File "{frame.filename}", line {frame.lineno} in {frame.name}' for frame in reversed(stack)]
            os.write(
                2, "\n".join(["", "Stack (most recent call first):", *lines, ""]).encode("ascii", "backslashreplace")
            )
            leave(status)

    os._exit = leave_saying_where  # type: ignore[assignment]
