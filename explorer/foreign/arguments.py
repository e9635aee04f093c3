"""The arguments a network of the user's own is built with, as options: for `-o key=value` and the window's form."""

from __future__ import annotations

import ast
import dataclasses
import keyword
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from explorer.foreign.errors import ArgumentsNeededError, ForeignError
from explorer.networks.options import OptionValue, as_text, check_options, option
from explorer.structure.graph_json import plain

# "literal": a text that stands for what is no plain value, "[3, 4, 6, 3]" or the name of a class of the same file.
ArgumentKind = Literal["int", "float", "bool", "str", "literal"]

_TYPES: dict[str, type] = {"int": int, "float": float, "bool": bool, "str": str, "literal": str}
_MOST = 60
_LONGEST_NAME = 60
_LONGEST_TEXT = 300


@dataclass(frozen=True)
class Argument:
    """One argument of a constructor or function; `default` is None where it has none."""

    name: str
    kind: ArgumentKind
    default: OptionValue | None
    choices: tuple[OptionValue, ...] = ()

    def parse(self, text: str) -> OptionValue:
        """The value that a text stands for.

        Raises:
            ForeignError: it stands for none of this kind.
        """
        text = text.strip()
        if self.choices:
            for choice in self.choices:
                if as_text(choice).lower() == text.lower():
                    return choice
            raise ForeignError(
                f"{self.name} is one of {', '.join(map(as_text, self.choices))}, not {plain(text, 60)!r}"
            )
        if self.kind == "bool":
            values = {
                "true": True,
                "yes": True,
                "on": True,
                "1": True,
                "false": False,
                "no": False,
                "off": False,
                "0": False,
            }
            if text.lower() not in values:
                raise ForeignError(f"{self.name} is true or false, not {plain(text, 60)!r}")
            return values[text.lower()]
        try:
            return cast("OptionValue", _TYPES[self.kind](text))
        except ValueError:
            number = "a whole number" if self.kind == "int" else "a number"
            raise ForeignError(f"{self.name} is {number}, not {plain(text, 60)!r}") from None

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def argument_from_json(data: Any) -> Argument:
    """An argument as the child process describes it.

    Raises:
        ForeignError: it is none.
    """
    try:
        argument = Argument(data["name"], data["kind"], data["default"], tuple(data["choices"]))
        name = argument.name
        wanted = _TYPES[argument.kind]
        fits = (
            isinstance(name, str)
            and name.isidentifier()
            and len(name) <= _LONGEST_NAME
            and not keyword.iskeyword(name)
            and not name.startswith("__")
            and all(_is_plain(value) for value in argument.choices)
            and (argument.default is None or (type(argument.default) is wanted and _is_plain(argument.default)))
        )
    except (KeyError, TypeError):
        fits = False
    if not fits:
        raise ForeignError("the file's answer about its arguments cannot be understood")
    return argument


def arguments_from_json(data: Any) -> tuple[Argument, ...]:
    if not isinstance(data, list) or len(data) > _MOST:
        raise ForeignError("the file's answer about its arguments cannot be understood")
    return tuple(argument_from_json(entry) for entry in data)


def is_offered(name: str, default: OptionValue | None) -> bool:
    """Whether an argument can be an option: its name and its default are short enough to be shown."""
    return len(name) <= _LONGEST_NAME and not name.startswith("__") and (default is None or _is_plain(default))


def most_offered(arguments: Sequence[Argument]) -> tuple[Argument, ...]:
    """As many arguments as a form may have; those that must be given go first where there are more."""
    kept = sorted(arguments, key=lambda argument: argument.default is not None)[:_MOST]
    return tuple(argument for argument in arguments if argument in kept)


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT and value.isprintable()
    # A form shows numbers in 32 bits; float("nan") would never equal itself.
    return type(value) in {int, float, bool} and abs(value) < 2**53


def values_from(arguments: Sequence[Argument], given: Mapping[str, str], title: str) -> dict[str, OptionValue]:
    """The values that texts give to arguments, by name; those not given are left out.

    Raises:
        ArgumentsNeededError: an argument without a default is not given.
        ForeignError: an unknown name, or a value that does not fit.
    """
    known = {argument.name: argument for argument in arguments}
    values = {}
    for key, text in given.items():
        name = key.strip().replace("-", "_")
        if name not in known:
            raise ForeignError(f"{title} has no argument {plain(key, 60)!r}; it takes {', '.join(known) or 'none'}")
        values[name] = known[name].parse(text)
    needed = tuple(argument.name for argument in arguments if argument.default is None and argument.name not in values)
    if needed:
        example = " ".join(f"-o {name}=…" for name in needed)
        raise ArgumentsNeededError(
            f"{title} is built with {' and '.join(needed)}, which must be given: {example}", needed
        )
    return values


def options_type(title: str, arguments: Sequence[Argument], values: Mapping[str, OptionValue]) -> type:
    """A frozen options dataclass; an argument without a default takes its value of `values` as one."""
    fields = []
    for argument in arguments:
        default = values[argument.name] if argument.default is None else argument.default
        kind: Any = Literal[argument.choices] if argument.choices else _TYPES[argument.kind]
        label = argument.name.replace("_", " ").strip()
        fields.append(
            (
                argument.name,
                kind,
                option(
                    default,
                    label=label[:1].upper() + label[1:] or argument.name,
                    help=f"the argument {argument.name} of {title}",
                ),
            )
        )
    return dataclasses.make_dataclass("OwnOptions", fields, frozen=True, namespace={"__post_init__": check_options})


def literal(text: str, names: Mapping[str, Any]) -> Any:
    """What the text of a "literal" argument stands for: a Python value, a thing in the file by its name, or itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found: Any = names
        for part in text.split("."):
            found = found.get(part, text) if isinstance(found, Mapping) else getattr(found, part, text)
        return found


def choices_of(annotation: Any) -> tuple[OptionValue, ...]:
    """The values of a `Literal[...]`, where they are all of one plain type."""
    values = get_args(annotation)
    kinds = {type(value) for value in values}
    return values if len(kinds) == 1 and kinds <= {int, str} and all(map(_is_plain, values)) else ()
