"""The calls of an exported program, read from its JSON (the schema in torch/_export/serde/schema.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from explorer.structure.graph import Shape

# ScalarType of the schema; what is not here is left to the operation.
_DTYPES = {
    1: torch.uint8, 2: torch.int8, 3: torch.int16, 4: torch.int32, 5: torch.int64, 6: torch.float16, 7: torch.float32,
    8: torch.float64, 12: torch.bool, 13: torch.bfloat16,
}  # fmt: skip
_PLAIN = ("as_int", "as_ints", "as_float", "as_floats", "as_bool", "as_bools", "as_string", "as_strings")
_BY_KEYWORD = 2
# What torch writes for a call that was made in no module (torch/_export/passes/_node_metadata_hook.py).
_NO_MODULE = "_empty_nn_module_stack_from_metadata_hook"


class UnknownArgumentError(ValueError):
    """An argument of a form that is not read: a graph of its own, an object."""


@dataclass(frozen=True)
class Value:
    """A tensor or number that another call, the input, or the file's weights give."""

    name: str


BATCH = Value("the number of images")


@dataclass(frozen=True)
class Frame:
    """A module that a call was made in; `key` tells two calls of one module apart."""

    key: str
    path: str
    type_name: str
    is_torch: bool


@dataclass(frozen=True)
class Call:
    """One operation.

    `is_known` is false where an argument has a form that is not read; `shape` is that of the first result.
    """

    target: str
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    results: tuple[str, ...]
    gives_list: bool
    stack: tuple[Frame, ...]
    shape: Shape
    is_known: bool = True

    def uses(self) -> Iterator[str]:
        """The names of the values that go in."""
        return (value.name for value in _values([*self.arguments, *self.named.values()]))

    def argument(self, position: int, name: str, default: Any = None) -> Any:
        if position < len(self.arguments):
            return self.arguments[position]
        return self.named.get(name, default)


def read_call(node: Mapping[str, Any], sizes: Mapping[str, Any]) -> Call:
    """A call from its JSON.

    Raises:
        KeyError, TypeError, ValueError: it has not the form of one.
    """
    arguments, named, is_known = [], {}, True
    for entry in node["inputs"]:
        try:
            value = _argument(entry["arg"])
        except UnknownArgumentError:
            is_known = False
            continue
        if entry.get("kind") == _BY_KEYWORD:
            named[str(entry["name"])] = value
        else:
            arguments.append(value)
    results: list[str] = []
    gives_list = len(node["outputs"]) > 1
    for output in node["outputs"]:
        ((kind, said),) = output.items()
        if kind == "as_tensors":
            gives_list = True
            results.extend(str(each["name"]) for each in said)
        elif kind == "as_tensor":
            results.append(str(said["name"]))
        elif kind in {"as_sym_int", "as_sym_bool", "as_sym_float"}:
            results.append(str(said["as_name"]))
        else:
            results.append("")
    shape = shape_of(sizes, results[0]) if results and results[0] in sizes else ()
    stack = _stack(str(node.get("metadata", {}).get("nn_module_stack") or ""))
    return Call(str(node["target"]), tuple(arguments), named, tuple(results), gives_list, stack, shape, is_known)


def shape_of(sizes: Mapping[str, Any], name: str) -> Shape:
    """A tensor's shape in the example that the program was exported with."""
    return tuple(_number(side) for side in sizes[name]["sizes"])


def _number(size: Mapping[str, Any]) -> int:
    """A size; one that may vary is written as an expression beside its value in the example, and only that is read."""
    value = size["as_int"] if "as_int" in size else size["as_expr"]["hint"]["as_int"]
    if type(value) is not int or not 0 <= value < 2**48:
        raise ValueError("a size is no number")
    return value


def _argument(said: Mapping[str, Any]) -> Any:
    ((kind, value),) = said.items()
    if kind == "as_tensor":
        return Value(str(value["name"]))
    if kind == "as_tensors":
        return [Value(str(each["name"])) for each in value]
    if kind == "as_optional_tensor":
        return _argument(value)
    if kind == "as_optional_tensors":
        return [_argument(each) for each in value]
    if kind in {"as_sym_int", "as_sym_bool", "as_sym_float"}:
        return _symbol(value)
    if kind in {"as_sym_ints", "as_sym_floats"}:
        return [_symbol(each) for each in value]
    if kind == "as_none":
        return None
    if kind in _PLAIN:
        return value
    if kind == "as_scalar_type" and value in _DTYPES:
        return _DTYPES[value]
    if kind == "as_device":
        return torch.device("meta")
    if kind == "as_memory_format":
        return torch.preserve_format
    if kind == "as_layout":
        return torch.strided
    raise UnknownArgumentError(kind)


def _symbol(said: Mapping[str, Any]) -> Any:
    return Value(str(said["as_name"])) if "as_name" in said else next(iter(said.values()))


def _stack(text: str) -> tuple[Frame, ...]:
    """The modules of "key,path,type;key,path,type;…", outermost first; the first is the network itself."""
    frames = []
    for entry in text.split(";") if text else []:
        key, _, rest = entry.partition(",")
        if key == _NO_MODULE:
            continue
        path, _, kind = rest.rpartition(",")
        frames.append(Frame(key, path, kind.rpartition(".")[2], kind.startswith("torch.nn.modules.")))
    return tuple(frames)


def _values(arguments: list[Any]) -> Iterator[Value]:
    for argument in arguments:
        if isinstance(argument, Value):
            yield argument
        elif isinstance(argument, list):
            yield from _values(argument)
