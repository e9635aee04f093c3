"""The columns of the layer table: what each says of a node, how it sorts, and how it is copied."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.structure.graph import Kind, Node, Totals
from explorer.ui import naming, numbers

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Column:
    """One column.

    `text` is what the cell says, given the network's totals; `order` what it sorts by, None for rows that have no
    value and stay last; `raw` what a spreadsheet gets; `total` what stands in the total row.
    """

    key: str
    title: str
    help: str
    text: Callable[[Node, Totals], str]
    order: Callable[[Node], Any]
    raw: Callable[[Node, Totals], str]
    formula: Callable[[Node], str] = lambda node: ""  # noqa: ARG005 - most columns have none
    total: Callable[[Totals, Totals], str] = lambda part, whole: ""  # noqa: ARG005
    numeric: bool = False
    raw_title: str = ""
    shown_at_first: bool = True


def kind_text(node: Node) -> str:
    """Type and settings, with a word for layers that only training uses."""
    words = naming.description(node)
    return f"{words} · training only" if node.training_only else words


def field_text(node: Node) -> str:
    """The receptive field in pixels of the input: "14", or "14 × 7" where it is not square."""
    if node.receptive_field is None:
        return ""
    height, width = node.receptive_field.size
    return f"{height:,}" if height == width else f"{height:,} × {width:,}"


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts "layer10" after "layer2"."""
    parts = _DIGITS.split(text.casefold())
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def _has_numbers(node: Node) -> bool:
    # The ends of the graph compute nothing; a zero there would look like a layer's.
    return node.kind not in {Kind.INPUT, Kind.OUTPUT}


def _number(
    key: str,
    title: str,
    value: Callable[[Node | Totals], int],
    *,
    formula: Callable[[Node], str] = lambda node: "",  # noqa: ARG005
    as_text: Callable[[int], str] = numbers.count,
    raw_title: str = "",
    shown_at_first: bool = True,
    about: str,
) -> Column:
    return Column(
        key,
        title,
        about,
        text=lambda node, whole: as_text(value(node)) if _has_numbers(node) else "",  # noqa: ARG005
        order=lambda node: value(node) if _has_numbers(node) else None,
        raw=lambda node, whole: str(value(node)) if _has_numbers(node) else "",  # noqa: ARG005
        formula=formula,
        total=lambda part, whole: as_text(value(part)),  # noqa: ARG005
        numeric=True,
        raw_title=raw_title,
        shown_at_first=shown_at_first,
    )


def _share(node: Node, whole: Totals) -> str:
    return numbers.share(node.parameters, whole.parameters) if _has_numbers(node) else ""


def _inputs(node: Node, _: Totals) -> str:
    return ", ".join(numbers.shape(shape) for shape in node.input_shapes)


def _output(node: Node, _: Totals) -> str:
    return numbers.shape(node.output_shape)


def _field(node: Node, _: Totals) -> str:
    return field_text(node)


def _field_area(node: Node) -> int | None:
    return math.prod(node.receptive_field.size) if node.receptive_field else None


def _double(value: int) -> str:
    return f"2 × {value:,} MACs = {2 * value:,}" if value else ""


COLUMNS: tuple[Column, ...] = (
    Column(
        "layer",
        "Layer",
        "the layer's path in the network",
        text=lambda node, whole: node.path,  # noqa: ARG005
        order=lambda node: natural(node.path),
        raw=lambda node, whole: node.path,  # noqa: ARG005
    ),
    Column(
        "kind",
        "Kind",
        "the layer's type and settings",
        text=lambda node, whole: kind_text(node),  # noqa: ARG005
        order=lambda node: natural(kind_text(node)),
        raw=lambda node, whole: kind_text(node),  # noqa: ARG005
    ),
    Column(
        "input",
        "Input",
        "shapes that come in, for one image",
        text=_inputs,
        order=lambda node: sum(math.prod(shape) for shape in node.input_shapes) if node.input_shapes else None,
        raw=_inputs,
        shown_at_first=False,
    ),
    Column(
        "output",
        "Output",
        "shape that goes out, for one image",
        text=_output,
        order=lambda node: math.prod(node.output_shape) if node.output_shape else None,
        raw=_output,
    ),
    _number(
        "parameters",
        "Parameters",
        lambda of: of.parameters,
        formula=lambda node: node.formulas.parameters,
        about="learned numbers; shared ones count on their first layer",
    ),
    Column(
        "share",
        "Share",
        "share of the network's parameters",
        text=_share,
        order=lambda node: node.parameters if _has_numbers(node) else None,
        raw=_share,
        total=lambda part, whole: numbers.share(part.parameters, whole.parameters),
        numeric=True,
        shown_at_first=False,
    ),
    _number(
        "macs",
        "MACs",
        lambda of: of.macs,
        formula=lambda node: node.formulas.macs,
        about="multiply-adds of convolutions and matrix products, for one image",
    ),
    _number(
        "flops",
        "FLOPs",
        lambda of: of.flops,
        formula=lambda node: _double(node.macs),
        about="floating-point operations, two for each multiply-add, for one image",
        shown_at_first=False,
    ),
    _number(
        "memory",
        "Memory",
        lambda of: of.activation_bytes,
        formula=lambda node: node.formulas.activation_bytes,
        as_text=numbers.size,
        raw_title="Memory (bytes)",
        about="what the layer writes, for one image, in 32-bit numbers",
    ),
    Column(
        "field",
        "Field",
        "receptive field: how many pixels of the input one unit sees, along a side",
        text=_field,
        order=_field_area,
        raw=_field,
        formula=lambda node: node.formulas.receptive_field,
        numeric=True,
    ),
)
COLUMN_BY_KEY = {column.key: column for column in COLUMNS}
