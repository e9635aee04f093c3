"""Constructor arguments become options, and texts become their values."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.foreign.arguments import Argument, arguments_from_json, literal, options_type, values_from
from explorer.foreign.errors import ArgumentsNeededError, ForeignError
from explorer.networks.options import changed_options, option_fields, parse_options

CLASSES = Argument("classes", "int", None)
WIDTH = Argument("width", "float", 1.0)
ACTIVATION = Argument("activation", "str", "relu", ("relu", "tanh"))
DEPTHS = Argument("depths", "literal", "(2, 2)")
FLAG = Argument("batch_norm", "bool", False)
ALL = (CLASSES, WIDTH, ACTIVATION, DEPTHS, FLAG)


def test_arguments_become_options_that_form_and_command_line_know() -> None:
    made = options_type("Net", ALL, {"classes": 7})
    fields = {field.name: field for field in option_fields(made)}
    assert [field.default for field in fields.values()] == [7, 1.0, "relu", "(2, 2)", False]
    assert fields["activation"].choices == ("relu", "tanh")
    assert fields["batch_norm"].choices == (False, True)
    assert fields["batch_norm"].label == "Batch norm"
    options = parse_options(made, {"width": "0.5", "depths": "[3, 4]", "batch-norm": "yes"})
    assert changed_options(options) == {"width": 0.5, "depths": "[3, 4]", "batch_norm": True}
    with pytest.raises(ValueError, match="activation is one of relu, tanh"):
        made(activation="gelu")


def test_what_has_no_default_is_asked_for() -> None:
    with pytest.raises(ArgumentsNeededError, match="built with classes, which must be given: -o classes=") as asked:
        values_from(ALL, {"width": "2"}, "Net")
    assert asked.value.names == ("classes",)
    assert values_from(ALL, {"classes": "3", "activation": "TANH"}, "Net") == {"classes": 3, "activation": "tanh"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"classes": "many"}, "classes is a whole number, not 'many'"),
        ({"classes": "1", "width": "wide"}, "width is a number"),
        ({"classes": "1", "batch_norm": "perhaps"}, "true or false"),
        ({"classes": "1", "activation": "gelu"}, "one of relu, tanh"),
        ({"colour": "red"}, "Net has no argument 'colour'; it takes classes, width"),
    ],
)
def test_a_value_that_does_not_fit_is_said(given: dict[str, str], said: str) -> None:
    with pytest.raises(ForeignError, match=said):
        values_from(ALL, given, "Net")


def test_a_literal_is_a_value_or_a_name_of_the_file() -> None:
    names = {"Block": dict, "nn": {"ReLU": int}}
    assert literal("[3, 4]", names) == [3, 4]
    assert literal("None", names) is None
    assert literal("Block", names) is dict
    assert literal("nn.ReLU", names) is int
    assert literal("__import__('os').getcwd()", names) == "__import__('os').getcwd()"


def _described(**changes: Any) -> Any:
    return [{"name": "width", "kind": "int", "default": 8, "choices": [], **changes}]


def test_what_the_child_says_about_arguments_is_checked() -> None:
    assert arguments_from_json(_described()) == (Argument("width", "int", 8),)
    for wrong in (
        None, {}, [None], [{}], _described(name=3), _described(name="two words"), _described(name="class"),
        _described(name="__init__"), _described(name="x" * 61), _described(kind="object"), _described(default="8"),
        _described(default=True), _described(kind="str", default="x" * 301), _described(choices=[[]]),
        _described(kind="float", default=float("nan")), _described() * 61,
    ):  # fmt: skip
        with pytest.raises(ForeignError, match="cannot be understood"):
            arguments_from_json(wrong)
