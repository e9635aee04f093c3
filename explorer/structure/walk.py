"""A network run on real data, operation by operation, each result under the path of its node in the graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, fx, nn

from explorer.structure import trace_fx
from explorer.structure.changes import Change, Changes
from explorer.structure.dry_run import DryRun
from explorer.structure.function_calls import map_tensors, tensors_in, with_zero
from explorer.structure.graph import Graph, Shape, Tracing
from explorer.structure.skeleton import without_data
from explorer.structure.trace import alone
from explorer.structure.trace_record import Recorder
from explorer.structure.unit_field import UnitFields
from explorer.structure.watch import Watch

Take = Callable[[str, Tensor], Any]
"""Gets a node's path and its output [1, ...]; whatever runs later may write over it, so what is kept is copied."""


@dataclass(frozen=True, eq=False)
class _Step:
    """One operation: `path` is its node's, "" where the graph has none; `spent` are values that nothing needs later."""

    node: fx.Node
    path: str
    spent: tuple[fx.Node, ...]


class Walk:
    """The operations of a network as its graph names them. For one thread.

    Networks that torch.fx follows are run operation by operation, functions such as additions included. Of others only
    the layers are seen, by hooks.
    """

    def __init__(self, network: nn.Module, graph: Graph) -> None:
        """`graph` is the network's own, as `trace` gives it, and its input shape the one to run on.

        Raises:
            ValueError: the network does not run on that shape.
        """
        self._network = network
        self._graph = graph
        self._modules = dict(network.named_modules())
        self._steps: tuple[_Step, ...] = ()
        self.fields: dict[str, UnitFields | None] = {}  # what the units of a node see
        self.paths = frozenset(node.path for node in graph.nodes if not node.training_only)
        if graph.tracing is Tracing.FX:
            self._steps, self.fields = _steps(network, graph.input_shape)
            self.paths = frozenset(step.path for step in self._steps if step.path)
        self._last = {step.path: number for number, step in enumerate(self._steps) if step.path}

    @property
    def changes_outputs(self) -> bool:
        """Whether `run` takes changes; else whatever changes outputs must do so in the network itself."""
        return bool(self._steps)

    def run(
        self,
        x: Tensor,
        take: Take,
        wanted: Collection[str] | None = None,
        check: Callable[[], None] | None = None,
        changes: Changes | None = None,
    ) -> None:
        """Runs the network on x [1, C, H, W] and has `take` see the outputs of the wanted nodes, of all by default.

        Ends with the last of them. `check` is called between operations and may raise to give up. An output that is
        changed is seen changed; a block's is that of its last operation.

        Raises:
            ValueError: a change is of a path that is not in the graph, or of any while `changes_outputs` is false.
        """
        with torch.inference_mode():
            if self._steps:
                self._run_steps(x, take, wanted, check, changes or Changes())
            elif changes is not None:
                raise ValueError("operations of this network are not seen one by one: its outputs are not changed here")
            else:
                self._run_hooked(x, take, wanted, check)

    def _run_steps(
        self,
        x: Tensor,
        take: Take,
        wanted: Collection[str] | None,
        check: Callable[[], None] | None,
        changes: Changes,
    ) -> None:
        changed = self._by_step(changes.outputs)
        last = len(self._steps) - 1
        if wanted is not None:
            last = max((self._last[path] for path in wanted if path in self._last), default=-1)
        values: dict[fx.Node, Any] = {}
        for number, step in enumerate(self._steps[: last + 1]):
            if check is not None:
                check()
            value = self._value(step.node, values, x, changes.zeroed.get(step.path))
            for change in changed.get(number, ()):
                value = map_tensors(value, change)
            if step.path and (wanted is None or step.path in wanted):
                outputs = [value] if isinstance(value, Tensor) else list(tensors_in(value))
                if outputs:
                    take(step.path, outputs[0])
            values[step.node] = value
            for spent in step.spent:
                values.pop(spent, None)

    def _by_step(self, outputs: Mapping[str, Change]) -> dict[int, list[Change]]:
        """The changes of each step; what is done to a layer comes before what is done to the block that it ends."""
        found: dict[int, list[Change]] = {}
        for path in sorted(outputs, key=lambda path: path not in self._last):
            inside = self._graph.inside(path) if path in self._graph.block_by_path else ()
            number = max((self._last[node.path] for node in inside if node.path in self._last), default=None)
            number = self._last.get(path, number)
            if number is None:
                raise ValueError(f"{path} computes nothing that could be changed")
            found.setdefault(number, []).append(outputs[path])
        return found

    def _value(self, node: fx.Node, values: dict[fx.Node, Any], x: Tensor, zeroed: int | None) -> Any:
        target = node.target
        if node.op == "placeholder":
            return node.args[0] if node.args else x
        if node.op == "get_attr":
            return self._attribute(str(target))
        args = fx.node.map_arg(node.args, values.__getitem__)
        kwargs = fx.node.map_arg(node.kwargs, values.__getitem__)
        if zeroed is not None:
            args, kwargs = with_zero(args, kwargs, zeroed)
        if node.op == "call_module":
            return self._modules[str(target)](*args, **kwargs)
        if node.op == "call_method":
            return getattr(args[0], str(target))(*args[1:], **kwargs)
        return cast("Callable[..., Any]", target)(*args, **kwargs)

    def _attribute(self, target: str) -> Any:
        path, _, name = target.rpartition(".")
        return getattr(self._modules[path], name)

    def _run_hooked(
        self, x: Tensor, take: Take, wanted: Collection[str] | None, check: Callable[[], None] | None
    ) -> None:
        calls: dict[str, int] = {}

        def seen(name: str) -> Callable[..., None]:
            def hook(_module: nn.Module, _args: Any, result: Any) -> None:
                if check is not None:
                    check()
                calls[name] = calls.get(name, 0) + 1
                path = name if calls[name] == 1 else f"{name}:{calls[name]}"
                output = next(tensors_in(result), None)
                if output is not None and path in self.paths and (wanted is None or path in wanted):
                    take(path, output)

            return hook

        if wanted is None or "input" in wanted:
            take("input", x)
        hooks = [
            module.register_forward_hook(seen(name))
            for name, module in self._modules.items()
            if name and trace_fx.is_leaf(module)
        ]
        try:
            self._network(x)
        finally:
            for hook in hooks:
                hook.remove()


def _steps(network: nn.Module, shape: Shape) -> tuple[tuple[_Step, ...], dict[str, UnitFields | None]]:
    """The operations that torch.fx finds, named as the tracer names them: it is run once more without data."""
    with alone(), torch.no_grad():
        skeleton = without_data(network)
        graph = trace_fx.follow(skeleton, Watch())
        recorder = Recorder(skeleton, shape)
        paths = trace_fx.paths(graph, recorder, shape, DryRun())
    if recorder.failure is not None:
        raise ValueError(recorder.failure.reason)
    nodes = [node for node in graph.nodes if node.op != "output"]
    used_last: dict[fx.Node, fx.Node] = {}
    for node in nodes:
        for used in node.all_input_nodes:
            used_last[used] = node
    spent: dict[fx.Node, list[fx.Node]] = {}
    for used, user in used_last.items():
        spent.setdefault(user, []).append(used)
    steps = tuple(_Step(node, paths.get(node, ""), tuple(spent.get(node, ()))) for node in nodes)
    return steps, {path: recorder.fields_of(path) for path in paths.values()}
