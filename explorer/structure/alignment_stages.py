"""What two or more networks cost at each size of their maps: the stages that networks of any naming share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explorer.structure.graph import Graph, Node, Totals

_MAP = 3  # channels, height, width


@dataclass(frozen=True)
class Stage:
    """One size of maps ("56 × 56", or "vectors" behind them) and what each network's layers that write it cost."""

    title: str
    costs: tuple[Totals, ...]


def stages(graphs: Sequence[Graph]) -> tuple[Stage, ...]:
    """The stages of all the networks, the largest maps first; a network without a stage costs nothing there.

    A layer belongs to the size that it writes. Layers that write single values per channel count with the vectors.
    """
    found: dict[tuple[int, ...], list[list[Node]]] = {}
    for number, graph in enumerate(graphs):
        for node in graph.nodes:
            found.setdefault(_size(node), [[] for _ in graphs])[number].append(node)
    ordered = sorted(found.items(), key=lambda entry: _order(entry[0]))
    made = (Stage(_title(size), tuple(_sum(nodes) for nodes in each)) for size, each in ordered)
    return tuple(stage for stage in made if any(cost.parameters or cost.macs for cost in stage.costs))


def _size(node: Node) -> tuple[int, ...]:
    shape = node.output_shape
    return shape[1:] if len(shape) == _MAP and shape[1:] != (1, 1) else ()


def _order(size: tuple[int, ...]) -> tuple[int, ...]:
    area = 1
    for side in size:
        area *= side
    return -area if size else 1, *size


def _title(size: tuple[int, ...]) -> str:
    return " × ".join(f"{side:,}" for side in size) or "vectors"


def _sum(nodes: Sequence[Node]) -> Totals:
    return Totals(
        parameters=sum(node.parameters for node in nodes),
        trainable_parameters=sum(node.trainable_parameters for node in nodes),
        macs=sum(node.macs for node in nodes),
        activation_bytes=sum(node.activation_bytes for node in nodes),
    )
