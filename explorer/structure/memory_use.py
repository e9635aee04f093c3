"""How much memory a network needs to answer and to learn, from its graph alone, each amount with its formula.

The rules, all in float32 (4 bytes a number):

- A tensor is written by a layer and lives until the last layer that reads it is done; layers that write over their
  input, views and dropouts hand on the tensor they were given. The largest sum of living tensors is the peak.
- To answer: the weights and the peak, which grows with the batch.
- To learn: weights, gradients, the optimiser's state, and every tensor that the table says a layer writes, kept for
  the backward pass, and the input, both for each image of the batch.

Left out: buffers such as running means, the masks of dropout, the indices of max pooling, work space of the kernels,
and what torch itself holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import prod

from explorer.structure.graph import Graph, Kind, Node, Tracing
from explorer.structure.nesting import nesting_of

_BYTES = 4
_NAMED_TENSORS = 4


class Optimiser(Enum):
    """What an optimiser keeps for each trained parameter, in numbers of its own size."""

    SGD = "SGD"
    MOMENTUM = "SGD with momentum"
    ADAM = "Adam, AdamW"

    @property
    def kept(self) -> int:
        """SGD keeps nothing, momentum a velocity, Adam a mean and a mean square of the gradient."""
        return {Optimiser.SGD: 0, Optimiser.MOMENTUM: 1, Optimiser.ADAM: 2}[self]

    @property
    def key(self) -> str:
        return {Optimiser.SGD: "sgd", Optimiser.MOMENTUM: "sgd_momentum", Optimiser.ADAM: "adam"}[self]


@dataclass(frozen=True)
class Part:
    """One share of the memory: bytes, and how they come about."""

    name: str
    size: int
    formula: str


@dataclass(frozen=True)
class MemoryUse:
    """What a network needs, part by part."""

    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)

    @property
    def formula(self) -> str:
        """A line a part, and their sum."""
        lines = [f"{part.name}: {part.formula}" for part in self.parts]
        return "\n".join([*lines, f"together {self.size:,} B"])


@dataclass(frozen=True)
class Peak:
    """The largest amount that one image's tensors hold at once: bytes, the layer at work, and the tensors by path."""

    size: int
    path: str
    tensors: tuple[tuple[str, int], ...]


def for_inference(graph: Graph, batch: int = 1) -> MemoryUse | None:
    """Weights and the peak of the living tensors; None where the structure does not say who reads what."""
    peak = peak_of_tensors(graph)
    if peak is None:
        return None
    named = [f"{path} {size:,} B" for path, size in peak.tensors[:_NAMED_TENSORS]]
    if len(peak.tensors) > _NAMED_TENSORS:
        rest = peak.tensors[_NAMED_TENSORS:]
        named.append(f"{len(rest)} more {sum(size for _, size in rest):,} B")
    at_work = f"while {peak.path} works" if peak.path else "at no layer"
    held = " + ".join(named) or "nothing"
    sum_of = f"({held})" if len(named) > 1 else held
    formula = f"{sum_of}{_times(batch)} = {batch * peak.size:,} B, {at_work}"
    return MemoryUse((_weights(graph), Part("living tensors", batch * peak.size, formula)))


def for_training(graph: Graph, optimiser: Optimiser, batch: int = 1) -> MemoryUse:
    """Weights, gradients, the optimiser's state and the tensors kept for the backward pass."""
    trained = graph.totals.trainable_parameters
    parts = [_weights(graph), Part("gradients", trained * _BYTES, f"{trained:,} × {_BYTES} B = {trained * _BYTES:,} B")]
    if optimiser.kept:
        state = optimiser.kept * trained * _BYTES
        factor = f"{optimiser.kept} × " if optimiser.kept > 1 else ""
        parts.append(
            Part("optimiser's state", state, f"{factor}{trained:,} × {_BYTES} B = {state:,} B"),
        )
    given, written = _input_bytes(graph), graph.totals.activation_bytes
    kept = batch * (given + written)
    parts.append(
        Part("kept tensors", kept, f"(input {given:,} B + layers {written:,} B){_times(batch)} = {kept:,} B"),
    )
    return MemoryUse(tuple(parts))


def peak_of_tensors(graph: Graph) -> Peak | None:
    """The largest sum of one image's living tensors, inputs included; None without edges (`Tracing.MODULES`).

    Results that no layer reads are the network's answer and live to the end.
    """
    if graph.tracing is Tracing.MODULES:
        return None
    known = nesting_of(graph).known
    found = known.get("peak of tensors")
    if not isinstance(found, Peak):
        found = known["peak of tensors"] = _peak(graph)
    return found


def _peak(graph: Graph) -> Peak:
    nodes, nesting = graph.nodes, nesting_of(graph)
    # For each node, the node that wrote the tensor it hands on; -1 for constants, which are weights.
    writer = [-1] * len(nodes)
    size = [0] * len(nodes)
    last_read = [0] * len(nodes)
    for step, (node, sources, readers) in enumerate(zip(nodes, nesting.sources, nesting.readers, strict=True)):
        if node.training_only or node.failed:
            continue
        for source in sources:
            # Not before the network's answer, which another node may be handing on.
            last_read[writer[source]] = max(last_read[writer[source]], step)
        written = _input_size(node) if node.kind is Kind.INPUT else node.activation_bytes
        if written:
            size[step] = written
            writer[step] = step
        elif sources:
            writer[step] = writer[sources[0]]
        if writer[step] >= 0:
            last_read[writer[step]] = max(last_read[writer[step]], step if readers else len(nodes))
    ends = [0] * (len(nodes) + 1)
    for step, written in enumerate(size):
        ends[last_read[step]] += written
    held, most, busiest = 0, 0, -1
    for step, written in enumerate(size):
        held += written
        if held > most:
            most, busiest = held, step
        held -= ends[step]
    if busiest < 0:
        return Peak(0, "", ())
    living = (step for step in range(busiest + 1) if size[step] and last_read[step] >= busiest)
    return Peak(most, nodes[busiest].path, tuple((nodes[step].path, size[step]) for step in living))


def _weights(graph: Graph) -> Part:
    count = graph.totals.parameters
    return Part("weights", count * _BYTES, f"{count:,} × {_BYTES} B = {count * _BYTES:,} B")


def _input_bytes(graph: Graph) -> int:
    return sum(_input_size(node) for node in graph.nodes if node.kind is Kind.INPUT)


def _input_size(node: Node) -> int:
    return prod(node.output_shape) * _BYTES


def _times(batch: int) -> str:
    return f" × {batch:,} images" if batch != 1 else ""
