"""From an `nn.Module` to its graph: traced by torch.fx, run once on the meta device, costed node by node."""

from __future__ import annotations

import copy
import inspect
import threading
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, fx, nn

from explorer.structure import cost, kinds, receptive_field
from explorer.structure.graph import Block, Edge, Formulas, Graph, Kind, Node, Shape, Totals

# fx patches functions of torch while it traces, for all threads at once.
_lock = threading.Lock()

# The batch size used to run the network: not 1, so that a network that squeezes its input does not lose the batch.
_BATCH = 2


class TraceError(ValueError):
    """A network could not be traced, or does not accept the given input; the message says where and why."""


def trace(network: nn.Module, input_shape: Shape, title: str = "") -> Graph:
    """The graph of `network` in evaluation, for images of `input_shape` (channels, height, width).

    The network itself is neither run nor changed: a copy without data is. Parameters that the traced forward does not
    reach appear in rows marked `training_only`.

    Raises:
        TraceError: torch.fx cannot follow the forward function, or a layer does not accept its input.
    """
    skeleton = _without_data(network).eval()
    with _lock:
        try:
            traced = _Tracer().trace(skeleton)
        except Exception as error:
            raise TraceError(f"{title or type(network).__name__} cannot be traced by torch.fx: {error}") from error
        reader = _Reader(fx.GraphModule(skeleton, traced), skeleton, input_shape)
        with torch.no_grad():
            reader.run(torch.empty(_BATCH, *input_shape, device="meta"))
    return reader.read(title or type(network).__name__)


class _Tracer(fx.Tracer):
    """fx's own rule for leaves, and layers that describe themselves."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return hasattr(m, "kind") or super().is_leaf_module(m, module_qualified_name)


class _Reader(fx.Interpreter):
    """Runs the traced network on the meta device and writes down a node for each operation."""

    def __init__(self, traced: fx.GraphModule, skeleton: nn.Module, image: Shape) -> None:
        super().__init__(traced, garbage_collect_values=False)
        self.skeleton = skeleton
        self.image = image
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.blocks: dict[str, tuple[str, str]] = {}  # path: (type name, parent)
        self.path_of: dict[fx.Node, tuple[str, ...]] = {}  # fx node: paths of the nodes its value comes from
        self.spans: dict[str, receptive_field.Spans | None] = {}
        self.constants: set[str] = set()  # nodes that no input reaches
        self.owners: dict[int, str] = {}  # id of a parameter: path of the first node that uses it
        self.used: set[str] = {name for name, _ in skeleton.named_modules() if name}
        self.reached: set[str] = set()

    def run_node(self, n: fx.Node) -> Any:
        try:
            value = super().run_node(n)
        except Exception as error:
            where = str(n.target) if n.op == "call_module" else n.name
            seen = " and ".join(_words(shape) for shape in self._input_shapes(n)) or "its input"
            reason = str(error).splitlines()[0].split("While executing")[0].strip()
            raise TraceError(f"layer {where} does not accept {seen}: {reason}") from error
        if n.op == "output":
            return value
        if not isinstance(value, Tensor) and not _holds_tensors(value):
            self.path_of[n] = ()
            return value
        if n.op == "placeholder":
            self._add_input(n, value)
        elif n.op == "get_attr":
            self._add_attribute(n, value)
        elif isinstance(value, Tensor):
            self._add_operation(n, value)
        else:
            self.path_of[n] = self._sources(n)
        return value

    def read(self, title: str) -> Graph:
        nodes = (*self.nodes, *self._unreached())
        members: dict[str, list[str]] = {}
        placed: set[str] = set()
        for node in nodes:
            child, block = node.path, node.block
            while child not in placed:
                placed.add(child)
                members.setdefault(block, []).append(child)
                if not block:
                    break
                child, block = block, self.blocks[block][1]
        blocks = tuple(
            Block(path, type_name, parent, tuple(members.get(path, ())))
            for path, (type_name, parent) in self.blocks.items()
            if members.get(path)
        )
        parameters = list(self.skeleton.parameters())
        totals = Totals(
            parameters=sum(parameter.numel() for parameter in parameters),
            trainable_parameters=sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
            macs=sum(node.macs for node in nodes),
            activation_bytes=sum(node.activation_bytes for node in nodes),
        )
        return Graph(title, self.image, nodes, tuple(self.edges), blocks, totals)

    def _add_input(self, n: fx.Node, value: Tensor) -> None:
        path = "input" if not self.nodes else str(n.target)
        path = self._unique(path)
        self.path_of[n] = (path,)
        self.spans[path] = receptive_field.START if len(self.image) == 3 else None
        self.nodes.append(Node(path, Kind.INPUT, "Input", output_shape=_shape(value)))

    def _add_attribute(self, n: fx.Node, value: Tensor) -> None:
        path = self._unique(str(n.target))
        self.path_of[n] = (path,)
        self.spans[path] = None
        self.constants.add(path)
        count, trainable, shared = self._claim([value] if isinstance(value, nn.Parameter) else [], path)
        block = self._block_of(n, leaf=False)
        self.nodes.append(
            Node(
                path,
                Kind.OTHER,
                "Parameter" if isinstance(value, nn.Parameter) else "Buffer",
                output_shape=tuple(value.shape),
                parameters=count,
                trainable_parameters=trainable,
                shares_with=shared,
                block=block,
                formulas=Formulas(parameters=f"{_words(tuple(value.shape))} = {count:,}" if count else ""),
            )
        )

    def _add_operation(self, n: fx.Node, value: Tensor) -> None:
        is_module = n.op == "call_module"
        block = self._block_of(n, leaf=is_module)
        module = self.skeleton.get_submodule(str(n.target)) if is_module else None
        name = _function_name(n) if module is None else ""
        if module is not None:
            path = str(n.target) if str(n.target) not in self.reached else self._unique(f"{n.target}:2")
            self.reached.add(str(n.target))
        else:
            path = self._unique(f"{block}.{name}" if block else name)
        sources = self._sources(n)
        inputs = self._input_shapes(n)
        output = _shape(value)
        data = [source for source in sources if source not in self.constants]
        spans = receptive_field.join([self.spans.get(source) for source in data])
        if module is not None:
            node, spans = self._module_node(path, module, inputs, output, spans)
        else:
            node, spans = self._function_node(path, n, inputs, output, spans)
            if not data:
                self.constants.add(path)
        field = receptive_field.field_of(spans, self.image)
        formulas = Formulas(
            parameters=node.formulas.parameters,
            macs=node.formulas.macs,
            activation_bytes=node.formulas.activation_bytes,
            receptive_field=self._field_formula(field, spans),
        )
        self.path_of[n] = (path,)
        self.spans[path] = spans
        self.edges.extend(Edge(source, path, shape) for source, shape in zip(sources, inputs, strict=False))
        values = {**node.__dict__, "receptive_field": field, "formulas": formulas, "block": block}
        self.nodes.append(Node(**values))

    def _module_node(
        self,
        path: str,
        module: nn.Module,
        inputs: tuple[Shape, ...],
        output: Shape,
        spans: receptive_field.Spans | None,
    ) -> tuple[Node, receptive_field.Spans | None]:
        first = inputs[0] if inputs else ()
        count, trainable, shared = self._claim(list(module.parameters()), path)
        parameters = cost.module_parameters(module, count) if not shared else f"shared with {shared}"
        macs, macs_formula = cost.module_macs(module, first, output)
        detail, settings = kinds.module_detail(module), kinds.module_settings(module)
        kind = kinds.module_kind(module)
        describe = cast("Callable[[Shape, Shape], dict[str, Any]] | None", getattr(module, "describe", None))
        if describe is not None:
            said = describe(first, output)
            detail = said.get("detail", detail)
            settings = tuple(said.get("settings", {}).items())
            parameters = cost.equation(said["parameters"], count) if count else said.get("parameters", "")
            if "macs" in said:
                macs, left = said["macs"]
                macs_formula = cost.equation(left, macs)
            if "window" in said:
                spans = receptive_field.through_window(spans, *said["window"]) if spans is not None else None
            elif said.get("sees_all"):
                spans = receptive_field.through_reshape(spans, first) if spans is not None else None
            elif kind not in receptive_field.POINTWISE_KINDS:
                spans = None
        else:
            spans = receptive_field.through_module(module, spans, first, output)
        written, bytes_formula = self._written(
            kind, output, view=kinds.is_view(module), in_place=getattr(module, "inplace", False) is True
        )
        return (
            Node(
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
                shares_with=shared,
                formulas=Formulas(parameters, macs_formula, bytes_formula),
            ),
            spans,
        )

    def _function_node(
        self, path: str, n: fx.Node, inputs: tuple[Shape, ...], output: Shape, spans: receptive_field.Spans | None
    ) -> tuple[Node, receptive_field.Spans | None]:
        name = _function_name(n)
        kind = kinds.function_kind(name)
        macs, macs_formula = cost.function_macs(name, inputs, output)
        if spans is not None and inputs:
            spans = receptive_field.through_function(name, kind, spans, inputs[0], output)
        written, bytes_formula = self._written(kind, output, view=name in kinds.VIEWS, in_place=_is_in_place(n, name))
        return (
            Node(
                path,
                kind,
                name,
                input_shapes=inputs,
                output_shape=output,
                macs=macs,
                activation_bytes=written,
                formulas=Formulas("", macs_formula, bytes_formula),
            ),
            spans,
        )

    def _written(self, kind: Kind, output: Shape, *, view: bool, in_place: bool) -> tuple[int, str]:
        if view:
            return 0, "a view of its input"
        if kind is Kind.DROPOUT:
            return 0, "passes its input on in evaluation"
        if in_place:
            return 0, "written over its input"
        return cost.activation_bytes(output)

    def _field_formula(self, field: Any, spans: receptive_field.Spans | None) -> str:
        if field is None or spans is None:
            return ""
        full = f"{spans[0].size} × {spans[1].size}"
        seen = f"{field.size[0]} × {field.size[1]}"
        step = f", step {field.step[0]}" if field.step[0] and field.step[0] == field.step[1] else ""
        clipped = f"; {full} with the padding around the image" if full != seen else ""
        return f"{seen}{step}{clipped}"

    def _claim(self, parameters: list[Any], path: str) -> tuple[int, int, str]:
        """Counts parameters on their first node; says which node had them when none are left."""
        fresh = [parameter for parameter in parameters if id(parameter) not in self.owners]
        shared = self.owners[id(parameters[0])] if parameters and not fresh else ""
        for parameter in fresh:
            self.owners[id(parameter)] = path
        count = sum(parameter.numel() for parameter in fresh)
        return count, sum(parameter.numel() for parameter in fresh if parameter.requires_grad), shared

    def _unreached(self) -> list[Node]:
        """Rows for parameters that evaluation does not touch, such as auxiliary heads."""
        rows = []
        for path, module in self.skeleton.named_modules():
            left = [p for p in module.parameters(recurse=False) if id(p) not in self.owners]
            if not left:
                continue
            row = path or "parameters"
            count, trainable, _ = self._claim(left, row)
            parent = path.rpartition(".")[0]
            leaf = not list(module.children())
            rows.append(
                Node(
                    row if leaf else self._unique(f"{row}.parameters"),
                    kinds.module_kind(module),
                    type(module).__name__,
                    kinds.module_detail(module),
                    kinds.module_settings(module),
                    parameters=count,
                    trainable_parameters=trainable,
                    training_only=True,
                    block=self._register_block(parent if leaf else path),
                    formulas=Formulas(parameters=cost.module_parameters(module, count)),
                )
            )
        return rows

    def _register_block(self, path: str) -> str:
        if path and path not in self.blocks:
            parent = self._register_block(path.rpartition(".")[0])
            self.blocks[path] = (type(self.skeleton.get_submodule(path)).__name__, parent)
        return path

    def _block_of(self, n: fx.Node, *, leaf: bool) -> str:
        stack = [path for path, _ in n.meta.get("nn_module_stack", {}).values() if path]
        if leaf and stack:
            stack.pop()
        parent = ""
        for path in stack:
            if path not in self.blocks:
                self.blocks[path] = (type(self.skeleton.get_submodule(path)).__name__, parent)
            parent = path
        return parent

    def _sources(self, n: fx.Node) -> tuple[str, ...]:
        return tuple(path for source in n.all_input_nodes for path in self.path_of.get(source, ()))

    def _input_shapes(self, n: fx.Node) -> tuple[Shape, ...]:
        return tuple(
            _shape(self.env[source]) for source in n.all_input_nodes if isinstance(self.env.get(source), Tensor)
        )

    def _unique(self, path: str) -> str:
        stem, number = path.split(":", maxsplit=1)[0], 2
        while path in self.used:
            path = f"{stem}:{number}"
            number += 1
        self.used.add(path)
        return path


def _without_data(network: nn.Module) -> nn.Module:
    """A copy on the meta device; parameters keep being shared where they were."""
    memo: dict[int, Any] = {}
    for tensor in (*network.parameters(), *network.buffers()):
        empty = torch.empty_like(tensor, device="meta")
        memo[id(tensor)] = nn.Parameter(empty, tensor.requires_grad) if isinstance(tensor, nn.Parameter) else empty
    return copy.deepcopy(network, memo)


def _function_name(n: fx.Node) -> str:
    if n.op == "call_method":
        return str(n.target)
    name = getattr(n.target, "__name__", str(n.target))
    # max_pool2d and others hide behind a dispatcher; fx names its node after the function.
    if name in {"boolean_dispatch", "fn"}:
        return n.name.rstrip("0123456789").rstrip("_")
    # A trailing "_" says that torch writes over the input; operator.and_ and its like only avoid a keyword.
    return name.lstrip("_") if getattr(n.target, "__module__", "") != "_operator" else name.strip("_")


def _is_in_place(n: fx.Node, name: str) -> bool:
    """Whether a function writes its result over its input: `relu_`, `x += y`, `relu(x, inplace=True)`."""
    if name.endswith("_") or name in kinds.IN_PLACE_OPERATORS:
        return True
    if n.op != "call_function" or not callable(n.target):
        return False
    try:
        given = inspect.signature(n.target).bind(*n.args, **n.kwargs).arguments
    except (TypeError, ValueError):
        # Functions written in C have no signature to look into.
        given = dict(n.kwargs)
    return given.get("inplace") is True


def _holds_tensors(value: Any) -> bool:
    return isinstance(value, tuple | list) and any(isinstance(item, Tensor) for item in value)


def _shape(value: Any) -> Shape:
    return tuple(value.shape[1:]) if isinstance(value, Tensor) else ()


def _words(shape: Shape) -> str:
    return " × ".join(map(str, shape))
