"""The book-keeping of every tracer: from "this layer or function ran" to nodes, edges, blocks and totals."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from explorer.structure import cost, function_details, kinds, layer_details, receptive_field
from explorer.structure.function_calls import arguments_of, tensors_in
from explorer.structure.graph import Block, Edge, Failure, Formulas, Graph, Kind, Node, Shape, Totals, Tracing
from explorer.structure.products_inside import Products
from explorer.structure.receptive_field import Sight
from explorer.structure.receptive_field_calls import ATTENDING
from explorer.structure.trace_nodes import Call, function_node, image_shape, layer_node, one_image
from explorer.structure.unit_field import UnitFields


class Recorder:
    """Writes down what runs. Values are told apart by which tensor they are, so each result must be a new one."""

    def __init__(self, skeleton: nn.Module, image: Shape) -> None:
        self.skeleton = skeleton
        self.image = image
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.failure: Failure | None = None
        self.too_large = False
        self._blocks: dict[str, tuple[str, str]] = {}  # path: (type name, parent)
        self._makers: dict[int, tuple[Tensor, str]] = {}  # id of a tensor: itself, kept alive, and who made it
        self._sights: dict[str, Sight | None] = {}
        self._constants: set[str] = set()  # nodes that no input reaches
        self._owners: dict[int, str] = {}  # id of a parameter: path of the first node that uses it
        self._modules: dict[str, nn.Module] = dict(skeleton.named_modules())
        self._used = set(self._modules)
        self._reached: set[str] = set()
        self._names: dict[int, str] = {id(tensor): name for name, tensor in skeleton.named_buffers()}
        self._names |= {id(tensor): name for name, tensor in skeleton.named_parameters()}
        self._repeats: dict[str, int] = {}  # how far the numbers behind a name have come

    def input(self, name: str, value: Tensor) -> None:
        path = self._unique(name)
        self._made(value, path, receptive_field.start(image_shape(value)) if value.dim() == 4 else None)
        self.nodes.append(Node(path, Kind.INPUT, "Input", output_shape=image_shape(value)))

    def forget_inputs(self) -> None:
        """Takes back inputs that turned out to be asked for in another way."""
        for node in self.nodes:
            self._used.discard(node.path)
        self.nodes.clear()
        self._makers.clear()

    def constant(self, name: str, value: Tensor, block: str) -> str:
        """A parameter or buffer that the network itself uses, rather than one of its layers."""
        path = self._unique(name)
        self._made(value, path, None)
        self._constants.add(path)
        is_parameter = isinstance(value, nn.Parameter)
        count, trainable, shared = self._claim([value] if is_parameter else [], path)
        words = _words(tuple(value.shape))
        formula = f"{words} = {count:,}" if len(value.shape) > 1 else f"{count:,}"
        self.nodes.append(
            Node(
                path,
                Kind.OTHER,
                "Parameter" if is_parameter else "Buffer",
                output_shape=tuple(value.shape),
                parameters=count,
                trainable_parameters=trainable,
                shares_with=shared,
                block=block,
                formulas=Formulas(parameters=formula if count else ""),
            )
        )
        return path

    def ran(self, call: Call, result: Any, products: Products | None = None) -> None:
        """Writes down a node for a call that gave tensors; any other call leaves no trace."""
        outputs = list(tensors_in(result))
        if not outputs:
            return
        path = self._path_of(call)
        sources, inputs = self._arriving(call, path)
        data = [source for source in sources if source not in self._constants]
        # A layer without a source that is known may still work on images; a function makes a constant then.
        constant = not data and (bool(sources) or call.module is None)
        if constant:
            self._constants.add(path)
        output = tuple(outputs[0].shape) if constant else image_shape(outputs[0])
        seen = [self._sights.get(source) for source in data]
        attends = call.module is None and call.name in ATTENDING
        sight = receptive_field.attended(seen) if attends else receptive_field.join(seen)
        if call.module is not None:
            claim = self._claim(_parameters_of(call.module), path)
            node, sight = layer_node(path, call, inputs, output, sight, products, claim, self.image)
        else:
            first = self._seen_first(call, inputs)
            node, sight = function_node(path, call, inputs, output, sight, products, first, self.image, self._one)
        self.nodes.append(node)
        for tensor in outputs:
            self._made(tensor, path, sight)

    def failed(self, call: Call, reason: str, *, too_large: bool = False) -> None:
        """Writes down the layer or function at which the network stopped; `too_large` if a smaller image may do."""
        self.too_large = too_large
        path = self._path_of(call)
        _, inputs = self._arriving(call, path)
        module, count, trainable, shared = call.module, 0, 0, ""
        if module is not None:
            count, trainable, shared = self._claim(_parameters_of(module), path)
        if module is not None:
            kind, type_name = kinds.module_kind(module), type(module).__name__
            detail, settings = layer_details.layer_detail(module), layer_details.layer_settings(module)
            formula = cost.module_parameters(module, count)
        else:
            given = arguments_of(call.name, call.args, call.kwargs)
            kind, type_name, detail, formula = kinds.function_kind(call.name), call.name, "", ""
            settings = function_details.function_settings(call.name, given, inputs)
        self.nodes.append(
            Node(
                path,
                kind,
                type_name,
                detail,
                settings,
                inputs,
                parameters=count,
                trainable_parameters=trainable,
                failed=True,
                shares_with=shared,
                block=call.block,
                formulas=Formulas(parameters=formula),
            )
        )
        self.failure = Failure(path, reason)

    def stopped(self, block: str, type_name: str, reason: str) -> None:
        """Writes down a forward function that stopped by itself, outside of any layer."""
        path = self._unique(f"{block}.forward" if block else "forward")
        last = self.nodes[-1]
        self.edges.append(Edge(last.path, path, last.output_shape))
        self.nodes.append(
            Node(path, Kind.OTHER, type_name, input_shapes=(last.output_shape,), failed=True, block=block)
        )
        self.failure = Failure(path, reason)

    def enter(self, stack: Sequence[str]) -> str:
        """The innermost of the modules that are being run, all of which become blocks."""
        parent = ""
        for path in stack:
            if path and path not in self._blocks:
                self._blocks[path] = (type(self._modules[path]).__name__, parent)
            parent = path or parent
        return parent

    def graph(self, title: str, tracing: Tracing, remark: str = "") -> Graph:
        """What was written down, and rows for the parameters that nothing reached."""
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
                child, block = block, self._blocks[block][1]
        blocks = tuple(
            Block(path, type_name, parent, tuple(members.get(path, ())))
            for path, (type_name, parent) in self._blocks.items()
            if members.get(path)
        )
        parameters = list(self.skeleton.parameters())
        totals = Totals(
            parameters=sum(parameter.numel() for parameter in parameters),
            trainable_parameters=sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
            macs=sum(node.macs for node in nodes),
            activation_bytes=sum(node.activation_bytes for node in nodes),
        )
        return Graph(title, self.image, nodes, tuple(self.edges), blocks, totals, tracing, remark, failure=self.failure)

    def module_at(self, path: str) -> nn.Module:
        return self._modules[path]

    def maker_of(self, tensor: Tensor) -> str | None:
        """The path of the node that made a tensor."""
        known = self._makers.get(id(tensor))
        return known[1] if known is not None else None

    def fields_of(self, path: str) -> UnitFields | None:
        """What the units of a node's output see; None where that has no meaning or is not known."""
        sight = self._sights.get(path)
        if sight is None or len(self.image) < 3:
            return None
        return UnitFields(sight.rows, sight.columns, sight.axes, sight.grid, (self.image[-2], self.image[-1]))

    def _made(self, tensor: Tensor, path: str, sight: Sight | None) -> None:
        self._makers[id(tensor)] = (tensor, path)
        self._sights[path] = sight

    def _path_of(self, call: Call) -> str:
        if call.module is not None and call.name:
            if call.name not in self._reached:
                self._reached.add(call.name)
                self._used.add(call.name)
                return call.name
            return self._unique(f"{call.name}:2")
        name = call.name or "forward"
        return self._unique(f"{call.block}.{name}" if call.block else name)

    def _arriving(self, call: Call, path: str) -> tuple[list[str], tuple[Shape, ...]]:
        """Whom a call's tensors come from, and their shapes; edges are drawn on the way."""
        sources: list[str] = []
        shapes: list[Shape] = []
        seen: set[int] = set()
        for tensor in tensors_in((tuple(call.args), dict(call.kwargs))):
            if id(tensor) in seen:
                continue
            seen.add(id(tensor))
            source = self.maker_of(tensor)
            if source is None and id(tensor) in self._names:
                source = self.constant(self._names[id(tensor)], tensor, call.block)
            constant = source is None or source in self._constants
            shape = tuple(tensor.shape) if constant else image_shape(tensor)
            shapes.append(shape)
            if source is not None and source not in sources:
                sources.append(source)
                self.edges.append(Edge(source, path, shape))
        return sources, tuple(shapes)

    def _seen_first(self, call: Call, inputs: tuple[Shape, ...]) -> Shape:
        """The shape of the first input that images reach, which tells what the function does to rows and columns."""
        for tensor in tensors_in((tuple(call.args), dict(call.kwargs))):
            source = self.maker_of(tensor)
            if source is not None and source not in self._constants:
                return image_shape(tensor)
        return inputs[0] if inputs else ()

    def _one(self, tensor: Tensor) -> Shape:
        source = self.maker_of(tensor)
        return tuple(tensor.shape) if source is None or source in self._constants else one_image(tensor)

    def _claim(self, parameters: list[Any], path: str) -> tuple[int, int, str]:
        """Counts parameters on their first node; says which node had them when none are left."""
        fresh = [parameter for parameter in parameters if id(parameter) not in self._owners]
        shared = self._owners[id(parameters[0])] if parameters and not fresh else ""
        for parameter in fresh:
            self._owners[id(parameter)] = path
        count = sum(parameter.numel() for parameter in fresh)
        return count, sum(parameter.numel() for parameter in fresh if parameter.requires_grad), shared

    def _unreached(self) -> list[Node]:
        """Rows for parameters that nothing touched: auxiliary heads in evaluation, and all that follows a failure."""
        rows = []
        for path, module in self._modules.items():
            left = [p for p in module._parameters.values() if p is not None and id(p) not in self._owners]  # noqa: SLF001
            if not left:
                continue
            leaf = bool(path) and not module._modules and path not in self._blocks  # noqa: SLF001
            own = leaf and path not in self._reached
            row = path if own else self._unique(f"{path}.parameters" if path else "parameters")
            count, trainable, _ = self._claim(left, row)
            block = self._register(path.rpartition(".")[0] if leaf else path)
            rows.append(
                Node(
                    row,
                    kinds.module_kind(module),
                    type(module).__name__,
                    layer_details.layer_detail(module),
                    layer_details.layer_settings(module),
                    parameters=count,
                    trainable_parameters=trainable,
                    training_only=self.failure is None,
                    block=block,
                    formulas=Formulas(parameters=cost.module_parameters(module, count)),
                )
            )
        return rows

    def without_shapes(self) -> None:
        """Leaves of the tree of modules in the order in which they were made: all that is known without running."""
        for path, module in self._modules.items():
            own = [p for p in module._parameters.values() if p is not None]  # noqa: SLF001
            children = bool(module._modules)  # noqa: SLF001
            if (children or not path) and not own:
                continue
            row = path if path and not children else self._unique(f"{path}.parameters" if path else "parameters")
            count, trainable, shared = self._claim(own, row)
            self.nodes.append(
                Node(
                    row,
                    kinds.module_kind(module),
                    type(module).__name__,
                    layer_details.layer_detail(module),
                    layer_details.layer_settings(module),
                    parameters=count,
                    trainable_parameters=trainable,
                    shares_with=shared,
                    block=self._register(path if children else path.rpartition(".")[0]),
                    formulas=Formulas(parameters=cost.module_parameters(module, count)),
                )
            )

    def _register(self, path: str) -> str:
        if path and path not in self._blocks:
            parent = self._register(path.rpartition(".")[0])
            self._blocks[path] = (type(self._modules[path]).__name__, parent)
        return path

    def _unique(self, path: str) -> str:
        if path in self._used:
            stem = path.split(":", maxsplit=1)[0]
            number = self._repeats.get(stem, 2)
            while (path := f"{stem}:{number}") in self._used:
                number += 1
            self._repeats[stem] = number + 1
        self._used.add(path)
        return path


def _parameters_of(module: nn.Module) -> list[nn.Parameter]:
    if module._modules:  # noqa: SLF001 - asking for parameters takes a walk through the tree otherwise
        return list(module.parameters())
    return [parameter for parameter in module._parameters.values() if parameter is not None]  # noqa: SLF001


def with_smallest_input(graph: Graph, shape: Shape | None) -> Graph:
    """The same graph, its failure naming the smallest input that would work."""
    if graph.failure is None or shape is None:
        return graph
    return dataclasses.replace(graph, failure=dataclasses.replace(graph.failure, smallest_input=shape))


def _words(shape: Shape) -> str:
    return " × ".join(map(str, shape))
