"""One node of a graph: what a layer or function that ran is, costs and sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from torch import Tensor, nn

from explorer.structure import cost, function_details, kinds, layer_details, receptive_field, receptive_field_calls
from explorer.structure.function_calls import arguments_of, is_in_place
from explorer.structure.graph import Field, Formulas, Kind, Node, Shape
from explorer.structure.products_inside import Products
from explorer.structure.receptive_field import Sight

BATCH = 101
"""The batch that networks are run with: a prime, and no size that layers have, so that its axis is known by it."""


def one_image(tensor: Tensor) -> Shape:
    """A tensor's shape for a batch of one image; the batch may have become part of another axis."""
    shape = tuple(tensor.shape)
    for axis, size in enumerate(shape):
        if size and size % BATCH == 0:
            return (*shape[:axis], size // BATCH, *shape[axis + 1 :])
    return shape


def image_shape(tensor: Tensor) -> Shape:
    """A tensor's shape for one image, without the axis of the batch."""
    shape = tuple(tensor.shape)
    for axis, size in enumerate(shape):
        if size == BATCH:
            return (*shape[:axis], *shape[axis + 1 :])
        if size and size % BATCH == 0:
            return (*shape[:axis], size // BATCH, *shape[axis + 1 :])
    return shape


@dataclass(frozen=True)
class Call:
    """A layer or function that ran: `module` is set for a layer, whose path is `name`."""

    name: str
    block: str
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    function: Any = None
    module: nn.Module | None = None


Claim = tuple[int, int, str]
"""How many parameters a node is the first to use, how many of them are trainable, and whose they are otherwise."""


def layer_node(
    path: str,
    call: Call,
    inputs: tuple[Shape, ...],
    output: Shape,
    sight: Sight | None,
    products: Products | None,
    claim: Claim,
    image: Shape,
) -> tuple[Node, Sight | None]:
    """The node of a layer, and what its units see."""
    module = cast("nn.Module", call.module)
    first = inputs[0] if inputs else ()
    count, trainable, shared = claim
    parameters = cost.module_parameters(module, count) if not shared else f"shared with {shared}"
    if products is not None:
        macs, macs_formula = cost.of_products(products, BATCH)
    else:
        macs, macs_formula = cost.module_macs(module, first, output, inputs[1:])
    kind = kinds.module_kind(module)
    detail, settings = layer_details.layer_detail(module), layer_details.layer_settings(module)
    describe = cast("Callable[[Shape, Shape], dict[str, Any]] | None", getattr(module, "describe", None))
    if describe is not None:
        said = describe(first, output)
        detail = said.get("detail", detail)
        settings = tuple(said.get("settings", {}).items())
        if not shared and "parameters" in said:
            parameters = cost.equation(said["parameters"], count) if count else said["parameters"]
        if "macs" in said:
            macs, left = said["macs"]
            macs_formula = cost.equation(left, macs)
        sight = _described_field(said, kind, sight, first, output)
    else:
        sight = receptive_field.through_module(module, sight, first, output)
    in_place = getattr(module, "inplace", False) is True
    written, bytes_formula = _written(kind, output, view=kinds.is_view(module), in_place=in_place)
    field = receptive_field.field_of(sight, image)
    node = Node(
        path,
        kind,
        type(module).__name__,
        detail,
        settings,
        inputs,
        output,
        count,
        trainable,
        macs,
        written,
        field,
        shares_with=shared,
        block=call.block,
        formulas=Formulas(parameters, macs_formula, bytes_formula, _field_formula(field, sight)),
    )
    return node, sight


def function_node(
    path: str,
    call: Call,
    inputs: tuple[Shape, ...],
    output: Shape,
    sight: Sight | None,
    products: Products | None,
    first: Shape,
    image: Shape,
    one: Callable[[Tensor], Shape],
) -> tuple[Node, Sight | None]:
    """The node of a function, and what its units see.

    `first` is the shape of the first input that images reach; `one` gives a tensor's shape for a batch of one image.
    """
    name = call.name
    kind = kinds.function_kind(name)
    given = arguments_of(name, call.args, call.kwargs)
    macs, formula = cost.function_macs(name, call.args, given, one, output)
    if products is not None and not macs:
        macs, formula = cost.of_products(products, BATCH)
    if sight is not None:
        sight = receptive_field_calls.through_call(name, kind, sight, given, first, output)
    view = name in kinds.VIEWS and not (name == "getitem" and _picks(given.get("index")))
    in_place = is_in_place(call.function, name, call.args, call.kwargs)
    written, bytes_formula = _written(kind, output, view=view, in_place=in_place)
    field = receptive_field.field_of(sight, image)
    node = Node(
        path,
        kind,
        name,
        function_details.function_detail(name, given, call.args, output),
        function_details.function_settings(name, given, inputs),
        inputs,
        output,
        macs=macs,
        activation_bytes=written,
        receptive_field=field,
        block=call.block,
        formulas=Formulas("", formula, bytes_formula, _field_formula(field, sight)),
    )
    return node, sight


def _described_field(
    said: Mapping[str, Any], kind: Kind, sight: Sight | None, first: Shape, output: Shape
) -> Sight | None:
    """The field behind a layer that describes itself."""
    if sight is None or sight.is_same_for_all:
        return sight
    if "window" in said:
        return receptive_field.through_window(sight, *said["window"], output=output) if sight.is_map(first) else None
    if said.get("sees_all"):
        return sight.whole()
    return sight if kind in receptive_field.POINTWISE_KINDS else None


def _written(kind: Kind, output: Shape, *, view: bool, in_place: bool) -> tuple[int, str]:
    if view:
        return 0, "a view of its input"
    if kind is Kind.DROPOUT:
        return 0, "passes its input on in evaluation"
    if in_place:
        return 0, "written over its input"
    return cost.activation_bytes(output)


def _picks(index: Any) -> bool:
    """Whether an index picks elements one by one, which copies them, rather than slices."""
    items = index if isinstance(index, tuple) else (index,)
    return any(isinstance(item, Tensor | list) for item in items)


def _field_formula(field: Field | None, sight: Sight | None) -> str:
    if field is None or sight is None:
        return ""
    full = f"{sight.rows.size} × {sight.columns.size}"
    seen = f"{field.size[0]} × {field.size[1]}"
    step = f", step {field.step[0]}" if field.step[0] and field.step[0] == field.step[1] else ""
    clipped = f"; {full} with the padding around the image" if full != seen else ""
    return f"{seen}{step}{clipped}"
