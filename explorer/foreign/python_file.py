"""A network in a Python file of the user's own: imported, found, described and built. Only ever in a child process."""

from __future__ import annotations

import enum
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from explorer.foreign.arguments import Argument, choices_of, is_offered, literal, most_offered
from explorer.foreign.errors import ForeignError, SeveralNetworksError
from explorer.networks.options import OptionValue
from explorer.structure.graph_json import plain

_MOST_LISTED = 12
_MOST_NAMED = 200
_PLAIN = {int: "int", float: "float", bool: "bool", str: "str"}


@dataclass(frozen=True)
class Found:
    """What was asked for in a file: `make` is the class or function, or gives back the network that is there ready."""

    title: str
    make: Callable[..., Any]
    arguments: tuple[Argument, ...]
    module: ModuleType


def import_file(path: Path) -> ModuleType:
    """Imports a file as Python would if it were run, or as a part of its package where it is in one."""
    top = path.parent
    while (top / "__init__.py").is_file():
        top = top.parent
    os.chdir(path.parent)
    sys.path.insert(0, str(top))
    sys.argv[:] = [str(path)]
    if top != path.parent and path.stem != "__init__":
        return importlib.import_module(".".join(path.relative_to(top).with_suffix("").parts))
    # A file may bear the name of something that is imported already: "types.py".
    name = path.stem if path.stem.isidentifier() and path.stem not in sys.modules else "own_network"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ForeignError(f"{path.name} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def find(module: ModuleType, name: str) -> Found:
    """The class, function or ready network called `name`; without a name, the only network class in the file.

    Raises:
        SeveralNetworksError: which one is meant was not said.
        ForeignError: there is none; the message lists what there is.
    """
    file = Path(module.__file__ or "").name
    classes = {
        key: value
        for key, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == module.__name__
    }
    if not name:
        if len(classes) == 1:
            name = next(iter(classes))
        else:
            ready = [key for key, value in vars(module).items() if isinstance(value, nn.Module)]
            if not classes and len(ready) == 1:
                name = ready[0]
            elif not classes and not ready:
                raise ForeignError(f"{file} defines no network: no class in it is an nn.Module")
            else:
                names = tuple(plain(key, 80) for key in (*classes, *ready))
                raise SeveralNetworksError(
                    f"{file} defines several networks: {_listed([*names])}; choose one, such as {file}:{names[-1]}",
                    names[:_MOST_NAMED],
                )
    target: Any = module
    for part in name.split("."):
        if not hasattr(target, part):
            there = _listed([*classes, *_functions(module)])
            raise ForeignError(f"{file} has no {name!r}; " + (f"it has {there}" if there else "it defines no network"))
        target = getattr(target, part)
    return _found(module, file, name, target)


def _found(module: ModuleType, file: str, name: str, target: Any) -> Found:
    title = name.rsplit(".", 1)[-1]
    if isinstance(target, nn.Module):
        return Found(title, lambda: target, (), module)
    if isinstance(target, type) and not issubclass(target, nn.Module):
        raise ForeignError(f"{name} in {file} is no network: it is a class, but not an nn.Module")
    if not callable(target):
        raise ForeignError(f"{name} in {file} is no network but {_a(target)}")
    return Found(title, target, _arguments(target, module), module)


def build(found: Found, values: Mapping[str, OptionValue]) -> nn.Module:
    """Builds the network.

    Raises:
        ForeignError: what was built is no network. Else whatever the code raises.
    """
    given = {}
    for argument in found.arguments:
        value = values.get(argument.name, argument.default)
        # What is at its default is left to the code.
        if value != argument.default and value is not None:
            given[argument.name] = literal(str(value), vars(found.module)) if argument.kind == "literal" else value
    network = found.make(**given)
    if not isinstance(network, nn.Module):
        raise ForeignError(f"{found.title} gives {_a(network)}, not a network (nn.Module)")
    return network


def _arguments(target: Callable[..., Any], module: ModuleType) -> tuple[Argument, ...]:
    try:
        signature = inspect.signature(target, eval_str=True)
    except Exception:  # noqa: BLE001 - annotations may name anything; without them the defaults still tell
        try:
            signature = inspect.signature(target)
        except (ValueError, TypeError):
            return ()
    found = []
    for parameter in signature.parameters.values():
        if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY}:
            continue
        argument = _argument(parameter, module)
        if argument is not None:
            found.append(argument)
    return most_offered(found)


def _argument(parameter: inspect.Parameter, module: ModuleType) -> Argument | None:
    default, annotation = parameter.default, parameter.annotation
    choices = choices_of(annotation)
    if default is parameter.empty:
        kind = _PLAIN.get(type(choices[0]) if choices else annotation, "literal")
        return Argument(parameter.name, kind, None, choices)  # type: ignore[arg-type]
    if type(default) in _PLAIN and not isinstance(default, enum.Enum):
        if annotation is float and type(default) is int:
            default = float(default)
        argument = Argument(parameter.name, _PLAIN[type(default)], default, choices if default in choices else ())  # type: ignore[arg-type]
    else:
        text = _as_literal(default, module)
        if text is None:
            return None
        argument = Argument(parameter.name, "literal", text)
    return argument if is_offered(parameter.name, argument.default) else None


def _as_literal(value: Any, module: ModuleType) -> str | None:
    """A text from which `literal` makes the value again; None where there is none."""
    names = vars(module)
    name = getattr(value, "__name__", None)
    for text in (repr(value), name, f"nn.{name}"):
        if isinstance(text, str) and len(text) < 300:
            again = literal(text, names)
            if again is value or (type(again) is type(value) and not isinstance(value, str) and again == value):
                return text
    return None


def _functions(module: ModuleType) -> list[str]:
    return [
        key
        for key, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__ and not key.startswith("_")
    ]


def _listed(names: list[str]) -> str:
    shown = ", ".join(plain(name, 60) for name in names[:_MOST_LISTED])
    return shown + (f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else "")


def _a(value: Any) -> str:
    name = plain(type(value).__name__, 60)
    return "nothing (None)" if value is None else f"a{'n' if name[0] in 'aeiouAEIOU' else ''} {name}"
