"""Options of an architecture: frozen dataclasses from which forms, `-o key=value` and run titles are made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args, get_origin, get_type_hints
from weakref import WeakKeyDictionary

OptionValue = str | int | float | bool


def option(
    default: OptionValue,
    *,
    label: str,
    help: str,  # noqa: A002 - the word that argparse and forms use
    only_when: Mapping[str, OptionValue] | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Any:
    """A dataclass field that is an option.

    `only_when` names the values of other options under which this one has a meaning; elsewhere it keeps its default.
    """
    metadata = {
        "label": label,
        "help": help,
        "only_when": dict(only_when or {}),
        "minimum": minimum,
        "maximum": maximum,
    }
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class OptionField:
    """One option as a form or a command line needs it; `choices` is None for a free number."""

    name: str
    label: str
    help: str
    default: OptionValue
    choices: tuple[OptionValue, ...] | None
    only_when: Mapping[str, OptionValue]
    minimum: float | None
    maximum: float | None

    def applies(self, options: object) -> bool:
        return all(getattr(options, name) == value for name, value in self.only_when.items())


def option_fields(options_type: type) -> tuple[OptionField, ...]:
    """The options that a frozen options dataclass declares, in its order."""
    fields = _FIELDS.get(options_type)
    if fields is None:
        fields = _FIELDS[options_type] = _declared(options_type)
    return fields


# Every options object is checked against them when it is made, and reading annotations takes its time.
# Those of a user's own network are made anew with each reading of its file.
_FIELDS: WeakKeyDictionary[type, tuple[OptionField, ...]] = WeakKeyDictionary()


def _declared(options_type: type) -> tuple[OptionField, ...]:
    hints = get_type_hints(options_type)
    return tuple(
        OptionField(
            name=field.name,
            default=cast("OptionValue", field.default),
            choices=_choices(hints[field.name]),
            **field.metadata,
        )
        for field in dataclasses.fields(options_type)
    )


def check_options(options: object) -> None:
    """Validates an options dataclass; call it from `__post_init__`.

    Raises:
        ValueError: a value is not among the choices, is out of range, or does not apply to the chosen form.
    """
    for field in option_fields(type(options)):
        value = getattr(options, field.name)
        if field.choices is not None:
            if not any(value == choice and type(value) is type(choice) for choice in field.choices):
                raise ValueError(f"{field.name} is one of {_listed(field.choices)}, not {value!r}")
        elif not isinstance(value, type(field.default)):
            raise ValueError(f"{field.name} is a number such as {field.default}, not {value!r}")
        # Asked this way round, because what is no number lies nowhere.
        elif not (
            (field.minimum is None or value >= field.minimum) and (field.maximum is None or value <= field.maximum)  # type: ignore[operator]
        ):
            raise ValueError(f"{field.name} is {field.minimum} to {field.maximum}, not {value}")
        if value != field.default and not field.applies(options):
            needed = ", ".join(f"{name}={as_text(needs)}" for name, needs in field.only_when.items())
            raise ValueError(f"{field.name}={as_text(value)} applies to {needed} only")


def parse_options(options_type: type, given: Mapping[str, str]) -> Any:
    """Options from the texts of `-o key=value`.

    Raises:
        ValueError: an unknown key or a value that does not fit; the message lists what would.
    """
    fields = {field.name: field for field in option_fields(options_type)}
    values: dict[str, OptionValue] = {}
    for key, text in given.items():
        name = key.strip().replace("-", "_")
        if name not in fields:
            raise ValueError(f"there is no option {key!r}; the options are {', '.join(fields) or 'none'}")
        values[name] = _parse(fields[name], text.strip())
    return options_type(**values)


def fitted_options(options_type: type, values: Mapping[str, OptionValue]) -> Any:
    """Options from a form's values: those that do not apply to the chosen form fall back to their defaults."""
    fields = option_fields(options_type)
    chosen = {field.name: values.get(field.name, field.default) for field in fields}
    kept = {
        field.name: chosen[field.name]
        for field in fields
        if all(chosen[name] == value for name, value in field.only_when.items())
    }
    return options_type(**kept)


def changed_options(options: object) -> dict[str, OptionValue]:
    """The options that differ from their defaults: what a title has to say."""
    fields = option_fields(type(options))
    return {f.name: getattr(options, f.name) for f in fields if getattr(options, f.name) != f.default}


def as_text(value: OptionValue) -> str:
    """A value as `-o key=value` takes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _choices(hint: Any) -> tuple[OptionValue, ...] | None:
    if hint is bool:
        return (False, True)
    if get_origin(hint) is Literal:
        return get_args(hint)
    return None


def _parse(field: OptionField, text: str) -> OptionValue:
    if isinstance(field.default, bool):
        lowered = text.lower()
        if lowered in {"true", "yes", "on", "1"}:
            return True
        if lowered in {"false", "no", "off", "0"}:
            return False
        raise ValueError(f"{field.name} is true or false, not {text!r}")
    if field.choices is not None:
        for choice in field.choices:
            if as_text(choice).lower() == text.lower():
                return choice
        raise ValueError(f"{field.name} is one of {_listed(field.choices)}, not {text!r}")
    try:
        return type(field.default)(text)
    except ValueError:
        raise ValueError(f"{field.name} is a number such as {field.default}, not {text!r}") from None


def _listed(choices: tuple[OptionValue, ...]) -> str:
    return ", ".join(as_text(choice) for choice in choices)
