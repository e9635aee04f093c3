"""A network of the user's own as a catalogue entry, and its graph."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from explorer.foreign.arguments import Argument, arguments_from_json, options_type, values_from
from explorer.foreign.asking import Progress, ask
from explorer.foreign.errors import ForeignError
from explorer.foreign.spec import Source, Spec, parse
from explorer.foreign.weights import recognise_or_say
from explorer.networks.architecture import Architecture, Interface, Task
from explorer.networks.options import parse_options
from explorer.structure.graph import Graph, Shape
from explorer.structure.graph_json import GraphDataError, from_json, plain
from explorer.system.child import Limits

LIMITS = Limits()

# Opening a network reads it whole; its graph waits here for the one who asks for it next.
_waiting: dict[Any, Graph] = {}
_waiting_lock = threading.Lock()
_MOST_WAITING = 4


def open_own(
    spec: str,
    arguments: Mapping[str, str] | None = None,
    *,
    limits: Limits = LIMITS,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Architecture, Any]:
    """The architecture that a file of the user's means, and the options to show it with.

    `spec` is "file.py:ClassName" (a class, a function or a ready network; "file.py" where it has one network class), a
    program of `torch.export` (.pt2), or weights (.pt, .pth, .safetensors), which are matched to the catalogue.
    `arguments` are texts by name, as `-o key=value` gives them. All of it is read in a child process with `limits`.

    Raises:
        ArgumentsNeededError: the network is built with arguments that have no default; ask for them.
        SeveralNetworksError: a Python file defines several networks; ask which one is meant.
        ForeignError: it cannot be read; one or two sentences say where and why.
        Cancelled: `cancelled()` was true.
    """
    given = dict(arguments or {})
    parsed = parse(spec)
    if parsed.source is Source.WEIGHTS:
        if given:
            raise ForeignError(
                f"{parsed.path.name} holds weights, which say for themselves with which options they fit"
            )
        return recognise_or_say(parsed.path, limits=limits, progress=progress, cancelled=cancelled)
    architecture = own_architecture(spec, given, limits=limits, progress=progress, cancelled=cancelled)
    options = parse_options(architecture.options_type, given)
    return architecture, options


def own_architecture(
    spec: str,
    arguments: Mapping[str, str] | None = None,
    *,
    limits: Limits = LIMITS,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Architecture:
    """A network of the user's own as a catalogue entry with a `source`; its options are its constructor's arguments.

    An argument without a default must be in `arguments`; its value there becomes the default of the option. For weights
    this is the architecture that they fit; `open_own` gives its options too.

    Raises:
        ArgumentsNeededError, SeveralNetworksError, ForeignError, Cancelled: as `open_own`.
    """
    parsed = parse(spec)
    given = dict(arguments or {})
    if parsed.source is Source.WEIGHTS:
        return open_own(spec, given, limits=limits, progress=progress, cancelled=cancelled)[0]
    request = _request(parsed, given=given)
    answers = ask(request, parsed.path, limits=limits, progress=progress, cancelled=cancelled)
    title, found = _described(answers, parsed.path)
    values = values_from(found, given, title)
    graph = _graph(answers, parsed.path)
    architecture = _entry(parsed, title, options_type(title, found, values), graph)
    _keep(parsed, parse_options(architecture.options_type, given), graph.input_shape, graph)
    return architecture


def read_own(
    architecture: Architecture,
    options: Any = None,
    input_shape: Shape | None = None,
    *,
    limits: Limits = LIMITS,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Graph:
    """The graph of a network of the user's own, built and traced in a child process.

    Raises:
        ForeignError: the code raises, crashes, or passes its limits; the message names its line.
        Cancelled: `cancelled()` was true; the process is gone.
    """
    parsed = parse(architecture.source)
    chosen = architecture.options_type() if options is None else options
    shape = tuple(input_shape or architecture.interface(chosen).input_shape)
    graph = _take(parsed, chosen, shape)
    if graph is None:
        request = _request(parsed, values=dataclasses.asdict(chosen), input_shape=shape)
        answers = ask(request, parsed.path, limits=limits, progress=progress, cancelled=cancelled)
        graph = _graph(answers, parsed.path)
    return dataclasses.replace(graph, title=architecture.title_with(chosen))


def _request(
    spec: Spec,
    *,
    given: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
    input_shape: Shape | None = None,
) -> dict[str, Any]:
    return {
        "do": "code" if spec.source is Source.CODE else "exported",
        "name": spec.name,
        "given": dict(given or {}),
        "values": dict(values or {}),
        "input_shape": input_shape,
    }


def _described(answers: Mapping[str, Any], path: Path) -> tuple[str, tuple[Argument, ...]]:
    found = answers.get("found")
    if not isinstance(found, dict) or not isinstance(found.get("title"), str):
        raise ForeignError(f"{path.name}: the process that read it did not answer; nothing is shown")
    return plain(found["title"], 80), arguments_from_json(found.get("arguments"))


def _graph(answers: Mapping[str, Any], path: Path) -> Graph:
    try:
        return from_json(answers.get("graph"))
    except GraphDataError as error:
        raise ForeignError(f"{path.name}: the process that read it gave no proper graph: {error}") from error


def _entry(spec: Spec, title: str, options: type, graph: Graph) -> Architecture:
    shape: Any = graph.input_shape
    return Architecture(
        name=spec.text,
        title=title,
        family="Your own",
        year=_year_of(spec.path),
        paper=None,
        idea=f"A network of your own, read from {spec.path}.",
        new="",
        led_to="",
        task=Task.CLASSIFICATION,
        options_type=options,
        interface=lambda _options: Interface(input_shape=shape),
        builder="",
        parameters=graph.totals.parameters,
        source=str(spec.path.absolute()) + (f":{spec.name}" if spec.name else ""),
    )


def _year_of(path: Path) -> int:
    """The year in which a file was changed last; 0 where no calendar has it."""
    try:
        return dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.timezone.utc).year
    except (OSError, OverflowError, ValueError):
        return 0


def _key(spec: Spec, options: Any, shape: Shape) -> Any:
    state = spec.path.stat()
    chosen = tuple(dataclasses.asdict(options).items())
    return spec.path.absolute(), spec.name, state.st_mtime_ns, state.st_size, chosen, tuple(shape)


def _keep(spec: Spec, options: Any, shape: Shape, graph: Graph) -> None:
    with _waiting_lock:
        _waiting[_key(spec, options, shape)] = graph
        while len(_waiting) > _MOST_WAITING:
            del _waiting[next(iter(_waiting))]


def _take(spec: Spec, options: Any, shape: Shape) -> Graph | None:
    with _waiting_lock:
        return _waiting.pop(_key(spec, options, shape), None)
