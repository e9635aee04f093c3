"""Tracing by torch.fx: the forward function is followed symbolically, then run once without data, node by node."""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor, fx, nn

from explorer.structure.dry_run import Answer, DryRun
from explorer.structure.failure_reasons import is_too_large, reason_for
from explorer.structure.function_calls import function_name
from explorer.structure.graph import Shape
from explorer.structure.trace_nodes import BATCH, Call
from explorer.structure.trace_record import Recorder
from explorer.structure.watch import Watch


class CannotFollowError(Exception):
    """torch.fx cannot follow a forward function; the message says why in a sentence."""


def follow(skeleton: nn.Module, watch: Watch) -> fx.Graph:
    """The operations of a network's forward function.

    Raises:
        CannotFollowError: they depend on values, or the function takes its arguments in a way fx does not know.
        Cancelled: the user no longer wants it.
    """
    tracer = _Tracer(watch)
    try:
        graph = tracer.trace(skeleton)
    except watch.cancelled_error:
        raise
    except Exception as error:
        raise CannotFollowError(_plainly(error)) from error
    inputs = [node for node in graph.nodes if node.op == "placeholder"]
    if any(str(node.target).startswith("*") for node in inputs):
        raise CannotFollowError("the forward function takes any number of arguments")
    return graph


def run(graph: fx.Graph, recorder: Recorder, shape: Shape, dry: DryRun, watch: Watch) -> bool:
    """Runs a traced network without data and writes down what happens; false where it fails, which is recorded too."""
    values: dict[fx.Node, Any] = {}
    total = len(graph.nodes)
    for index, node in enumerate(graph.nodes):
        if index % 256 == 0:
            watch.report("Reading the layers", index / total)
        if node.op == "output":
            break
        if not _run_node(node, values, recorder, shape, dry):
            return False
    return True


def paths(graph: fx.Graph, recorder: Recorder, shape: Shape, dry: DryRun) -> dict[fx.Node, str]:
    """The path of the graph's node that each operation of a traced network becomes; those that become none are out."""
    values: dict[fx.Node, Any] = {}
    found: dict[fx.Node, str] = {}
    for node in graph.nodes:
        before = len(recorder.nodes)
        if node.op == "output" or not _run_node(node, values, recorder, shape, dry):
            break
        if len(recorder.nodes) > before:
            # Constants that an operation is the first to use come before it.
            found[node] = recorder.nodes[-1].path
    return found


def _run_node(node: fx.Node, values: dict[fx.Node, Any], recorder: Recorder, shape: Shape, dry: DryRun) -> bool:
    target, skeleton = node.target, recorder.skeleton
    if node.op == "placeholder":
        if node.args:
            # An argument with a default keeps it.
            values[node] = node.args[0]
        else:
            values[node] = _inputs(node, recorder, shape)
        return True
    if node.op == "get_attr":
        values[node] = _attribute(skeleton, str(target))
        if isinstance(values[node], Tensor) and recorder.maker_of(values[node]) is None:
            recorder.constant(str(target), values[node], recorder.enter(_stack(node)))
        return True
    args = fx.node.map_arg(node.args, values.__getitem__)
    kwargs = fx.node.map_arg(node.kwargs, values.__getitem__)
    call = _call(node, args, kwargs, recorder)
    try:
        if call.module is not None:
            value, products = dry.layer(call.module, args, kwargs)
        elif target in {operator.getitem, getattr} and not isinstance(args[0], Tensor):
            # Taking one of several results: it has to stay the tensor that it is.
            value, products = cast("Callable[..., Any]", target)(*args), None
        elif node.op == "call_method":
            value, products = _method(str(target), call.name, args, kwargs, dry)
        else:
            value, products = dry.function(cast("Callable[..., Any]", target), call.name, args, kwargs)
    except Exception as error:  # noqa: BLE001 - whatever a layer of the user's raises
        recorder.failed(call, reason_for(call, error), too_large=is_too_large(call))
        return False
    values[node] = value
    if call.name not in {"getitem", "getattr", "get"} or isinstance(args[0], Tensor):
        recorder.ran(call, value, products)
    return True


def _call(node: fx.Node, args: Any, kwargs: Any, recorder: Recorder) -> Call:
    stack = _stack(node)
    if node.op == "call_module":
        path = str(node.target)
        module = recorder.module_at(path)
        return Call(path, recorder.enter(stack[:-1]), args, kwargs, module=module)
    name = function_name(node.target)
    if name in {"boolean_dispatch", "fn"}:
        # max_pool2d and others hide behind a dispatcher; fx names its node after the function.
        name = node.name.rstrip("0123456789").rstrip("_")
    elif node.target is getattr and isinstance(args[0], Tensor):
        name = str(args[1])
    return Call(name, recorder.enter(stack), args, kwargs, node.target)


def _method(target: str, name: str, args: Any, kwargs: Any, dry: DryRun) -> Answer:
    if isinstance(args[0], Tensor):
        return dry.function(getattr(torch.Tensor, target), name, args, kwargs)
    return getattr(args[0], target)(*args[1:], **kwargs), None


class _Inputs(dict[str, Any]):
    """Takes the place of an argument that is a dictionary of images."""


def _inputs(node: fx.Node, recorder: Recorder, shape: Shape) -> Any:
    """A batch of images for one argument; for each key of it where the argument is used as a dictionary."""
    keys = [
        user.args[1]
        for user in node.users
        if user.op == "call_function"
        and function_name(user.target) == "getitem"
        and len(user.args) == 2
        and isinstance(user.args[1], str)
    ]
    if not keys:
        value = torch.empty(BATCH, *shape, device="meta")
        recorder.input("input" if not recorder.nodes else str(node.target), value)
        return value
    inputs = _Inputs({str(key): torch.empty(BATCH, *shape, device="meta") for key in keys})
    for key, value in inputs.items():
        recorder.input(key if recorder.nodes else "input", value)
    return inputs


def _attribute(skeleton: nn.Module, target: str) -> Any:
    value: Any = skeleton
    for part in target.split("."):
        value = getattr(value, part)
    return value


def _stack(node: fx.Node) -> list[str]:
    return [path for path, _ in node.meta.get("nn_module_stack", {}).values() if path]


def is_leaf(module: nn.Module) -> bool:
    """Whether a module is shown as one layer: those of torch.nn, and layers that describe themselves."""
    if hasattr(module, "kind"):
        return True
    return type(module).__module__.startswith(("torch.nn", "torch.ao.nn")) and not isinstance(module, nn.Sequential)


class _Tracer(fx.Tracer):
    """fx's tracer with our leaves; other threads run their networks undisturbed, although fx patches all of torch."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self._watch = watch
        self._thread = threading.get_ident()
        self._created = 0
        self._tensor_names: dict[int, str] = {}

    def trace(self, root: Any, concrete_args: Any = None) -> fx.Graph:
        # Buffers too: what is computed from one would be a constant without a name otherwise.
        self._tensor_names = {id(tensor): name for name, tensor in root.named_buffers()}
        self._tensor_names |= {id(tensor): name for name, tensor in root.named_parameters()}
        return super().trace(root, concrete_args)

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:  # noqa: ARG002
        return is_leaf(m)

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if threading.get_ident() != self._thread:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:  # noqa: ARG002
        # fx's own way looks through all parameters each time.
        if threading.get_ident() != self._thread or not isinstance(attr_val, Tensor):
            return attr_val
        name = self._tensor_names.get(id(attr_val))
        if name is None:
            return attr_val
        if name not in parameter_proxy_cache:
            parameter_proxy_cache[name] = self.create_proxy("get_attr", name, (), {})
        return parameter_proxy_cache[name]

    def create_node(self, *args: Any, **kwargs: Any) -> fx.Node:
        self._created += 1
        if self._created % 256 == 0:
            self._watch.report("Following the forward function", None)
        return super().create_node(*args, **kwargs)


def _plainly(error: Exception) -> str:
    """Why fx gave up, in a sentence without its own terms."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "control flow" in text or "bool" in text:
        return "the forward function decides by values or sizes, which torch.fx does not follow"
    if "iterated" in text or "iter" in text:
        return "the forward function loops over a value, which torch.fx does not follow"
    if "'len'" in text:
        return "the forward function asks for a length, which torch.fx does not follow"
    return f"the forward function cannot be followed symbolically ({text})"
