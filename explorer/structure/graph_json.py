"""Graphs as JSON, for a process that is not trusted to hand one over in any other form.

What is written is bounded: names are cut, and what is no text becomes "?". What is read is checked value by value
against the dataclasses of `graph.py`, then as a whole: a graph that passes is acyclic, its blocks are a tree, and every
path that it names exists.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import types
from collections.abc import Mapping
from enum import Enum
from fractions import Fraction
from typing import Any, Union, get_args, get_origin, get_type_hints

from explorer.structure.graph import Graph, Step

_LONGEST_PART = 80
_LONGEST_PATH = 4_000
_LONGEST_TEXT = 4_000
_LONGEST_LIST = 1_000_000
_LARGEST_NUMBER = 2**62

_FRACTION = re.compile(r"\d{1,9}/[1-9]\d{0,8}", re.ASCII)

_PATHS = frozenset({"path", "parent", "block", "shares_with", "source", "target"})


class GraphDataError(ValueError):
    """Data that is no graph; the message says where."""


def to_json(graph: Graph) -> dict[str, Any]:
    """The graph as dictionaries, lists, texts and numbers; fields at their defaults are left out.

    Each part of a path is cut to 80 characters, and stays apart from its neighbours; other texts are cut to 4,000.
    """
    encoded: dict[str, Any] = _encode(graph, _Names())
    return encoded


def from_json(data: Any) -> Graph:
    """The graph that `to_json` wrote.

    Raises:
        GraphDataError: a field is missing, unknown, of another type, too long or out of range, or the parts do not fit
            together.
    """
    graph: Graph = _decode(Graph, data, "graph")
    _check(graph)
    return graph


def plain(text: str, longest: int = _LONGEST_TEXT) -> str:
    """Text that can be shown and written anywhere: without control characters, and cut where it is too long."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in cut)


class _Names:
    """Cuts the parts of paths, each the same way wherever it is met."""

    def __init__(self) -> None:
        self._short: dict[tuple[str, str], str] = {}
        self._taken: dict[tuple[str, str], str] = {}

    def cut(self, path: str) -> str:
        if len(path) <= _LONGEST_PART and path.isprintable():
            return path
        parent = ""
        for part in path.split("."):
            short = self._short.get((parent, part)) or self._shorten(parent, part)
            parent = f"{parent}.{short}" if parent else short
        if len(parent) > _LONGEST_PATH:
            raise GraphDataError(f"its blocks are nested too deep to be shown: {parent[:60]}…")
        return parent

    def _shorten(self, parent: str, part: str) -> str:
        short = plain(part, _LONGEST_PART)
        count = 1
        while short != part and (parent, short) in self._taken:
            count += 1
            mark = f"…{count}"
            short = plain(part, _LONGEST_PART - len(mark)) + mark
        self._short[parent, part] = short
        self._taken[parent, short] = part
        return short


def _encode(value: Any, names: _Names) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _encode_path(member, names) if field.name in _PATHS | {"members"} else _encode(member, names)
            for field in dataclasses.fields(value)
            if (member := getattr(value, field.name)) != _default(field)
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, tuple):
        return [_encode(member, names) for member in value]
    return value


def _encode_path(value: Any, names: _Names) -> Any:
    return names.cut(value) if isinstance(value, str) else [names.cut(path) for path in value]


def _default(field: Any) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, Any, bool], ...]:
    """Name, type and whether it must be there, of each field."""
    hints = get_type_hints(kind)
    return tuple(
        (field.name, hints[field.name], _default(field) is dataclasses.MISSING) for field in dataclasses.fields(kind)
    )


def _decode(kind: Any, data: Any, where: str) -> Any:
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _decode_record(kind, data, where)
    origin = get_origin(kind)
    if origin is tuple:
        return _decode_list(get_args(kind), data, where)
    if kind == Step and isinstance(data, str):
        return _decode_fraction(data, where)
    if kind == Step:
        return _decode(int, data, where)
    if origin in {Union, types.UnionType}:
        (inner,) = (member for member in get_args(kind) if member is not type(None))
        return None if data is None else _decode(inner, data, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(data)
        except (ValueError, TypeError):
            raise GraphDataError(f"{where} is none of {', '.join(member.value for member in kind)}") from None
    if kind is bool and type(data) is bool:
        return data
    if kind is int and type(data) is int and abs(data) <= _LARGEST_NUMBER:
        return data
    if kind is str and isinstance(data, str) and len(data) <= _LONGEST_TEXT and data.isprintable():
        return data
    name = getattr(kind, "__name__", str(kind))
    raise GraphDataError(f"{where} is not a proper {name}")


def _decode_fraction(data: str, where: str) -> Fraction:
    if not _FRACTION.fullmatch(data):
        raise GraphDataError(f"{where} is not a proper fraction")
    return Fraction(data)


def _decode_record(kind: type, data: Any, where: str) -> Any:
    if not isinstance(data, Mapping):
        raise GraphDataError(f"{where} is not an object")
    fields = _fields(kind)
    unknown = set(data) - {name for name, _, _ in fields}
    missing = [name for name, _, needed in fields if needed and name not in data]
    if unknown or missing:
        raise GraphDataError(f"{where} lacks {missing[0]}" if missing else f"{where} has a field too many")
    return kind(**{name: _decode(hint, data[name], f"{where}.{name}") for name, hint, _ in fields if name in data})


def _decode_list(kinds: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(data, list) or len(data) > _LONGEST_LIST:
        raise GraphDataError(f"{where} is not a proper list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = (kinds[0],) * len(data)
    if len(kinds) != len(data):
        raise GraphDataError(f"{where} has {len(data)} values, not {len(kinds)}")
    return tuple(
        _decode(kind, member, f"{where}[{i}]") for i, (kind, member) in enumerate(zip(kinds, data, strict=True))
    )


def _check(graph: Graph) -> None:
    order = {node.path: position for position, node in enumerate(graph.nodes)}
    blocks = graph.block_by_path
    paths = order.keys() | blocks.keys()
    if not graph.nodes:
        raise GraphDataError("the graph has no nodes")
    if len(paths) != len(graph.nodes) + len(graph.blocks) or "" in paths:
        raise GraphDataError("two nodes or blocks have one path")
    numbers = [
        *graph.input_shape,
        *vars(graph.totals).values(),
        *(n for node in graph.nodes for n in (node.parameters, node.macs, node.activation_bytes, *node.output_shape)),
    ]
    if any(number < 0 for number in numbers):
        raise GraphDataError("a count or a size is negative")
    for edge in graph.edges:
        if edge.source not in order or edge.target not in order or order[edge.source] >= order[edge.target]:
            raise GraphDataError(f"the edge from {edge.source!r} to {edge.target!r} leads nowhere or back")
    for block in graph.blocks:
        if block.parent and (block.parent not in blocks or not block.path.startswith(f"{block.parent}.")):
            raise GraphDataError(f"the block {block.path!r} has no parent")
    parents = {node.path: node.block for node in graph.nodes} | {block.path: block.parent for block in graph.blocks}
    held = [(member, block.path) for block in graph.blocks for member in block.members]
    if len(held) != sum(1 for parent in parents.values() if parent) or any(
        parents.get(member) != holder for member, holder in held
    ):
        raise GraphDataError("the blocks do not hold what says that it is in them")
    if len({member for member, _ in held}) != len(held):
        raise GraphDataError("a block holds one of its members twice")
