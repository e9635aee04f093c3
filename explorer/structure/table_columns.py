"""The columns of the layer table: what each says of a layer or block, how it sorts, and how its number came about."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.structure import amounts
from explorer.structure.graph import Field, Kind, Node, Step, Totals
from explorer.structure.table_formulas import output_formula
from explorer.structure.table_rows import BLOCK, Group

Item = Node | Group

_DIGITS = re.compile(r"(\d+)")
_SETTINGS = {"kernel": "Kernel", "stride": "Stride", "padding": "Padding"}


@dataclass(frozen=True)
class Terms:
    """What the numbers are told in: the network's totals, the batch, and measured milliseconds by path of a layer.

    `batch` multiplies memory always, MACs and FLOPs only where `macs_per_batch`. `measured_on` says where and how the
    times were measured.
    """

    whole: Totals = field(default_factory=lambda: Totals(0, 0, 0, 0))
    batch: int = 1
    macs_per_batch: bool = False
    times: Mapping[str, float] = field(default_factory=dict)
    measured_on: str = ""

    @property
    def macs_factor(self) -> int:
        return self.batch if self.macs_per_batch else 1


@dataclass(frozen=True)
class Column:
    """One column.

    `text` is what a cell says; `order` what it sorts by, None for rows that have no value and stay last; `raw` what a
    spreadsheet gets; `formula` how the number came about; `total` what stands in the total row; `unit` what the title
    needs beside it in these terms (", batch 32"); `short_title` serves where room is short.
    """

    key: str
    title: str
    help: str
    text: Callable[[Item, Terms], str]
    order: Callable[[Item, Terms], Any]
    raw: Callable[[Item, Terms], str]
    formula: Callable[[Item, Terms], str] = lambda item, terms: ""  # noqa: ARG005 - most columns have none
    total: Callable[[Totals, Terms], str] = lambda part, terms: ""  # noqa: ARG005
    unit: Callable[[Terms], str] = lambda terms: ""  # noqa: ARG005
    numeric: bool = False
    raw_title: str = ""
    short_title: str = ""
    shown_at_first: bool = True

    def heading(self, terms: Terms) -> str:
        """The title with its unit."""
        return f"{self.title}{self.unit(terms)}"


def description(item: Item) -> str:
    """Type and settings in the fewest characters: "Conv2d 5×5, pad 2"."""
    return f"{item.type_name} {item.detail}".strip()


def kind_text(item: Item) -> str:
    """Type and settings, with a word for layers that failed or that only training uses."""
    words = description(item)
    if item.failed and isinstance(item, Node):
        return f"{words} · failed"
    return f"{words} · training only" if item.training_only else words


def kind_name(item: Item) -> str:
    """The kind in a word: "convolution", "block"."""
    return BLOCK if isinstance(item, Group) else item.kind.value


def pair_text(pair: tuple[Step, Step]) -> str:
    """A number for each axis: "14", or "14 × 7" where they differ; a proper minus."""
    height, width = ((f"{number:,}" if isinstance(number, int) else str(number)).replace("-", "−") for number in pair)
    return height if height == width else f"{height} × {width}"


def milliseconds(value: float) -> str:
    return f"{value:,.3f}"


def time_of(item: Item, terms: Terms) -> float | None:
    """Milliseconds of a layer, or of all timed layers in a block; None where nothing was timed."""
    if isinstance(item, Node):
        return terms.times.get(item.path)
    prefix = f"{item.path}."
    inside = [time for path, time in terms.times.items() if path.startswith(prefix)]
    return sum(inside) if inside else None


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts "layer10" after "layer2"."""
    parts = _DIGITS.split(text.casefold())
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def columns_named(keys: list[str]) -> list[Column]:
    """The columns of these keys, in this order.

    Raises:
        ValueError: there is no such column; the message names those there are.
    """
    for key in keys:
        if key not in COLUMN_BY_KEY:
            raise ValueError(f"there is no column {key!r}; the columns are {', '.join(COLUMN_BY_KEY)}")
    return [COLUMN_BY_KEY[key] for key in keys]


def _has_numbers(item: Item) -> bool:
    # The ends of the graph compute nothing; a zero there would look like a layer's.
    return isinstance(item, Group) or item.kind not in {Kind.INPUT, Kind.OUTPUT}


def _sum(item: Item, formula: str) -> str:
    """A layer's own formula; a block's numbers are sums."""
    if isinstance(item, Group):
        return f"the sum of its {item.layers:,} layers" if item.layers != 1 else "that of its one layer"
    return formula


def _number(
    key: str,
    title: str,
    value: Callable[[Item | Totals], int],
    *,
    formula: Callable[[Item, Terms], str],
    factor: Callable[[Terms], int] = lambda terms: 1,  # noqa: ARG005
    as_text: Callable[[int], str] = amounts.count,
    raw_title: str = "",
    shown_at_first: bool = True,
    about: str,
) -> Column:
    def unit(terms: Terms) -> str:
        return f" × {factor(terms):,}" if factor(terms) != 1 else ""

    def explained(item: Item, terms: Terms) -> str:
        if not _has_numbers(item):
            return ""
        times, one = factor(terms), value(item)
        batch = f"{one:,} × {times:,} images = {times * one:,}" if times != 1 and one else ""
        return "\n".join(filter(None, (_sum(item, formula(item, terms)), batch)))

    return Column(
        key,
        title,
        about,
        text=lambda item, terms: as_text(value(item) * factor(terms)) if _has_numbers(item) else "",
        order=lambda item, terms: value(item) if _has_numbers(item) else None,  # noqa: ARG005
        raw=lambda item, terms: str(value(item) * factor(terms)) if _has_numbers(item) else "",
        formula=explained,
        total=lambda part, terms: as_text(value(part) * factor(terms)),
        unit=unit,
        numeric=True,
        raw_title=raw_title,
        short_title={"Parameters": "Params"}.get(title, ""),
        shown_at_first=shown_at_first,
    )


def _setting(key: str) -> Column:
    def text(item: Item, _: Terms) -> str:
        for name, value in item.settings:
            if name == key:
                return value
        return ""

    return Column(
        key,
        _SETTINGS[key],
        f"the layer's {key}, height × width",
        text=text,
        order=lambda item, terms: natural(text(item, terms)) if text(item, terms) else None,
        raw=text,
        shown_at_first=False,
    )


def _groups(item: Item, _: Terms) -> str:
    if not isinstance(item, Node) or item.kind is not Kind.CONVOLUTION or not item.settings:
        return ""
    return dict(item.settings).get("groups", "1")


def _share(item: Item, terms: Terms) -> str:
    return amounts.share(item.parameters, terms.whole.parameters) if _has_numbers(item) else ""


def _share_raw(item: Item, terms: Terms) -> str:
    whole = terms.whole.parameters
    return f"{100 * item.parameters / whole:.6g}" if whole and _has_numbers(item) else ""


def _share_formula(item: Item, terms: Terms) -> str:
    text = _share(item, terms)
    return f"{item.parameters:,} / {terms.whole.parameters:,} = {text}" if text else ""


def _inputs(item: Item, _: Terms) -> str:
    return ", ".join(amounts.shape(shape) for shape in item.input_shapes)


def _output(item: Item, _: Terms) -> str:
    return amounts.shape(item.output_shape)


def _field_column(
    key: str, title: str, about: str, part: Callable[[Field], tuple[Step, Step]], raw_title: str
) -> Column:
    def pair(item: Item) -> tuple[Step, Step] | None:
        field = item.receptive_field
        if field is None or (key != "field" and field.step == (0, 0)):
            return None
        return part(field)

    def text(item: Item, _: Terms) -> str:
        found = pair(item)
        return "" if found is None else pair_text(found)

    def explained(item: Item, terms: Terms) -> str:
        if pair(item) is None:
            return ""
        if isinstance(item, Group):
            return "that of its last layer"
        if key == "field":
            return item.formulas.receptive_field
        return f"{about}: {text(item, terms)}"

    return Column(
        key,
        title,
        about,
        text=text,
        order=lambda item, terms: pair(item),  # noqa: ARG005
        raw=lambda item, terms: text(item, terms).replace("−", "-"),
        formula=explained,
        numeric=True,
        raw_title=raw_title,
        shown_at_first=key == "field",
    )


def _time_text(item: Item, terms: Terms) -> str:
    time = time_of(item, terms)
    if time is None:
        return "–" if terms.times and _has_numbers(item) else ""
    return milliseconds(time)


def _time_formula(item: Item, terms: Terms) -> str:
    if not terms.times:
        return "not measured yet"
    if time_of(item, terms) is None:
        return "a function without a module of its own is not timed by itself"
    return f"{_sum(item, 'median')}, {terms.measured_on}"


def _time_total(part: Totals, terms: Terms) -> str:
    del part
    return milliseconds(sum(terms.times.values())) if terms.times else ""


def _time_raw(item: Item, terms: Terms) -> str:
    time = time_of(item, terms)
    return "" if time is None else f"{time:.6g}"


COLUMNS: tuple[Column, ...] = (
    Column(
        "layer",
        "Layer",
        "the layer's path in the network",
        text=lambda item, terms: item.path,  # noqa: ARG005
        order=lambda item, terms: natural(item.path),  # noqa: ARG005
        raw=lambda item, terms: item.path,  # noqa: ARG005
    ),
    Column(
        "kind",
        "Kind",
        "the layer's type and settings",
        text=lambda item, terms: kind_text(item),  # noqa: ARG005
        order=lambda item, terms: natural(kind_text(item)),  # noqa: ARG005
        raw=lambda item, terms: kind_text(item),  # noqa: ARG005
    ),
    *(_setting(key) for key in _SETTINGS),
    Column(
        "groups",
        "Groups",
        "in how many groups a convolution's channels are kept apart",
        text=_groups,
        order=lambda item, terms: int(_groups(item, terms)) if _groups(item, terms).isdecimal() else None,
        raw=_groups,
        numeric=True,
        shown_at_first=False,
    ),
    Column(
        "input",
        "Input",
        "shapes that come in, for one image",
        text=_inputs,
        order=lambda item, terms: sum(map(math.prod, item.input_shapes)) if item.input_shapes else None,  # noqa: ARG005
        raw=_inputs,
        shown_at_first=False,
    ),
    Column(
        "output",
        "Output",
        "shape that goes out, for one image",
        text=_output,
        order=lambda item, terms: math.prod(item.output_shape) if item.output_shape else None,  # noqa: ARG005
        raw=_output,
        formula=lambda item, terms: output_formula(item) if isinstance(item, Node) else "",  # noqa: ARG005
    ),
    _number(
        "parameters",
        "Parameters",
        lambda of: of.parameters,
        formula=lambda item, terms: item.formulas.parameters,  # noqa: ARG005
        about="learned numbers; shared ones count on their first layer",
    ),
    Column(
        "share",
        "Share",
        "share of the network's parameters",
        text=_share,
        order=lambda item, terms: item.parameters if _has_numbers(item) else None,  # noqa: ARG005
        raw=_share_raw,
        formula=_share_formula,
        total=lambda part, terms: amounts.share(part.parameters, terms.whole.parameters),
        numeric=True,
        raw_title="Share (%)",
        shown_at_first=False,
    ),
    _number(
        "macs",
        "MACs",
        lambda of: of.macs,
        formula=lambda item, terms: item.formulas.macs,  # noqa: ARG005
        factor=lambda terms: terms.macs_factor,
        about="multiply-adds of convolutions and matrix products, for one image unless a batch is named",
    ),
    _number(
        "flops",
        "FLOPs",
        lambda of: of.flops,
        formula=lambda item, terms: f"2 × {item.macs:,} MACs = {item.flops:,}" if item.macs else "",  # noqa: ARG005
        factor=lambda terms: terms.macs_factor,
        about="floating-point operations, two for each multiply-add, for one image unless a batch is named",
        shown_at_first=False,
    ),
    _number(
        "memory",
        "Memory",
        lambda of: of.activation_bytes,
        formula=lambda item, terms: item.formulas.activation_bytes,  # noqa: ARG005
        factor=lambda terms: terms.batch,
        as_text=amounts.size,
        raw_title="Memory (bytes)",
        about="what the layer writes, in 32-bit numbers, for one image unless a batch is named",
    ),
    _field_column(
        "field",
        "Field",
        "receptive field: how many pixels of the input one unit sees, along a side",
        lambda field: field.size,
        "",
    ),
    _field_column(
        "step",
        "Step",
        "how many pixels of the input lie between the fields of two neighbouring units",
        lambda field: field.step,
        "Step (pixels)",
    ),
    _field_column(
        "offset",
        "Offset",
        "where the first unit's field begins, in pixels of the input; negative in the padding",
        lambda field: field.offset,
        "Offset (pixels)",
    ),
    Column(
        "time",
        "Time (ms)",
        "measured on this device, on request",
        text=_time_text,
        order=time_of,
        raw=_time_raw,
        formula=_time_formula,
        total=_time_total,
        numeric=True,
        shown_at_first=False,
    ),
)
COLUMN_BY_KEY = {column.key: column for column in COLUMNS}
