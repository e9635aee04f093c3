"""From an `nn.Module` to its graph, by the surest of three ways that works for it.

torch.fx follows the forward function; where it cannot, the function runs once without data and its calls are noted;
where that fails too, the tree of modules is all there is to show.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import fx, nn

from explorer.structure import trace_calls, trace_fx
from explorer.structure.dry_run import DryRun
from explorer.structure.failure_reasons import own_words
from explorer.structure.graph import Graph, Kind, Node, Shape, Tracing
from explorer.structure.skeleton import without_data
from explorer.structure.smallest_input import smallest_input
from explorer.structure.trace_record import Recorder, with_smallest_input
from explorer.structure.watch import Progress, Watch
from explorer.system import garbage

# fx patches functions of torch while it traces, for all threads at once.
_lock = threading.Lock()


class TraceError(ValueError):
    """There is nothing of a network that could be shown; the message says why."""


def trace(
    network: nn.Module,
    input_shape: Shape,
    title: str = "",
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Graph:
    """The graph of `network` in evaluation, for images of `input_shape` (channels, height, width).

    The network itself is neither run nor changed: a copy without data is. Parameters that the traced forward does not
    reach appear in rows marked `training_only`. A network that fails at a layer gives the graph up to there, with a
    `failure`; one that cannot be followed gives the tree of its modules, with a `remark`.

    `progress` is called with words and a share of the work done, or None where that is not known.

    Raises:
        TraceError: the network holds nothing that could be shown, or cannot be copied.
        Cancelled: `cancelled()` said so.
    """
    watch = Watch(progress, cancelled)
    title = title or type(network).__name__
    input_shape = tuple(input_shape)
    with alone(), torch.no_grad():
        watch.report("Copying the network", None)
        skeleton = _copied(network, title)
        return _Trace(network, skeleton, input_shape, title, watch).graph()


@contextmanager
def alone() -> Iterator[None]:
    """Holds off other threads that follow a network."""
    with _lock, garbage.left_alone():
        yield


def _copied(network: nn.Module, title: str) -> nn.Module:
    for parameter in (*network.parameters(), *network.buffers()):
        if nn.parameter.is_lazy(parameter):
            raise TraceError(f"{title} has layers whose sizes are set by their first input; run it once, then show it")
    try:
        return without_data(network)
    except Exception as error:
        raise TraceError(f"{title} cannot be copied without its data: {own_words(error)}") from error


class _Trace:
    """One network on its way to a graph."""

    def __init__(self, network: nn.Module, skeleton: nn.Module, shape: Shape, title: str, watch: Watch) -> None:
        self.network = network
        self.skeleton = skeleton
        self.shape = shape
        self.title = title
        self.watch = watch
        self.dry = DryRun()

    def graph(self) -> Graph:
        followed, remark = None, ""
        try:
            followed = trace_fx.follow(self.skeleton, self.watch)
        except trace_fx.CannotFollowError as reason:
            remark = str(reason)
        stopped: Graph | None = None
        if followed is not None:
            recorder = Recorder(self.skeleton, self.shape)
            worked = trace_fx.run(followed, recorder, self.shape, self.dry, self.watch)
            graph = recorder.graph(self.title, Tracing.FX)
            if worked:
                return graph
            stopped = graph
        return self._by_running(stopped, followed, remark)

    def _by_running(self, stopped: Graph | None, followed: fx.Graph | None, remark: str) -> Graph:
        """The graph by running; `stopped` is what torch.fx gave for a network that fails at a layer."""
        # Tracing by fx may have left its stand-ins in the attributes of the copy.
        skeleton = without_data(self.network)
        recorder = Recorder(skeleton, self.shape)
        try:
            worked, made_up = trace_calls.run(recorder, self.shape, DryRun(), self.watch)
        except trace_calls.CannotRunError as error:
            return self._without_an_end(stopped, followed, recorder, error, remark)
        if not worked and stopped is not None:
            return with_smallest_input(stopped, self._smallest(followed))
        if stopped is not None and stopped.failure is not None:
            remark = f"the forward function cannot be followed symbolically ({stopped.failure.reason})"
        remark = made_up or remark
        graph = recorder.graph(self.title, Tracing.CALLS, remark)
        return graph if worked else with_smallest_input(graph, self._smallest(None))

    def _without_an_end(
        self,
        stopped: Graph | None,
        followed: fx.Graph | None,
        recorder: Recorder,
        error: trace_calls.CannotRunError,
        remark: str,
    ) -> Graph:
        """A forward function that stops by itself: as far as it came, or else the tree of modules."""
        tree_remark = f"{remark}, and running it fails: {error.reason}" if remark else error.reason
        if not error.input_matters:
            return self._tree(tree_remark)
        smallest = self._smallest(followed)
        if stopped is not None and stopped.failure is not None:
            # What fx says of a value is the name of its stand-in; the run knows the value.
            reason = error.reason if "Proxy" in stopped.failure.reason else stopped.failure.reason
            failure = dataclasses.replace(stopped.failure, reason=reason)
            return with_smallest_input(dataclasses.replace(stopped, failure=failure), smallest)
        if smallest is None and all(node.kind is Kind.INPUT for node in recorder.nodes):
            return self._tree(tree_remark)
        where = type(self.skeleton.get_submodule(error.where)).__name__
        recorder.stopped(error.where, where, error.reason)
        return with_smallest_input(recorder.graph(self.title, Tracing.CALLS, remark), smallest)

    def _tree(self, remark: str) -> Graph:
        recorder = Recorder(without_data(self.network), self.shape)
        recorder.nodes.append(Node("input", Kind.INPUT, "Input", output_shape=self.shape))
        recorder.without_shapes()
        return recorder.graph(self.title, Tracing.MODULES, remark)

    def _smallest(self, followed: fx.Graph | None) -> Shape | None:
        """The smallest input that works, found with what fx followed where there is that."""

        def judge(shape: Shape) -> int:
            self.watch.report("Looking for an input that works", None)
            recorder = Recorder(self.skeleton if followed is not None else without_data(self.network), shape)
            try:
                if followed is not None:
                    worked = trace_fx.run(followed, recorder, shape, DryRun(), self.watch)
                else:
                    worked, _ = trace_calls.run(recorder, shape, DryRun(), self.watch)
            except trace_calls.CannotRunError:
                worked = False
            return 0 if worked else 1 if recorder.too_large else -1

        return smallest_input(judge, self.shape)
