"""The layers whose maps Grad-CAM can weigh. Free of torch."""

from __future__ import annotations

from explorer.structure.graph import Graph, Kind, Node

_MAP = 3  # a map's shape is (channels, height, width)
_PASSING = frozenset({Kind.NORMALISATION, Kind.ACTIVATION, Kind.JOIN, Kind.DROPOUT})
_ENDS = frozenset({Kind.INPUT, Kind.OUTPUT})
_LOOKED_AT = frozenset({Kind.CONVOLUTION, Kind.NORMALISATION, Kind.ACTIVATION, Kind.JOIN})


def layers_with_maps(graph: Graph) -> tuple[str, ...]:
    """The layers that Grad-CAM can look at, in execution order: what convolutions with more than one position come to.

    That is behind the normalisation, addition and activation that follow: what is below zero before a ReLU says nothing
    to the layers after it. Where the last convolution is one of several branches, as in an inception module or a dense
    block, the last layer that all of them come to is one more. Without a convolution, any layer that gives maps.
    """
    mapped = [node for node in graph.nodes if _gives_maps(node)]
    wide = [node for node in mapped if node.output_shape[1] * node.output_shape[2] > 1]
    convolutions = [node for node in wide if node.kind is Kind.CONVOLUTION]
    if not convolutions:
        return tuple(node.path for node in wide or mapped)
    readers: dict[str, list[str]] = {}
    for edge in graph.edges:
        readers.setdefault(edge.source, []).append(edge.target)
    found = {_activated(graph, readers, node) for node in convolutions}
    common = _passed_by_all(graph, wide)
    # Where the last convolution is one of several branches, what they come to says more than one of them.
    if common and _activated(graph, readers, convolutions[-1]) not in common:
        found.add(common[-1])
    return tuple(node.path for node in graph.nodes if node.path in found)


def has_maps(graph: Graph, path: str) -> bool:
    """Whether a layer, or the last layer of a block, gives maps of which Grad-CAM can be asked."""
    node = graph.by_path.get(path)
    if node is None and path in graph.block_by_path:
        node = list(graph.inside(path))[-1]
    return node is not None and _gives_maps(node)


def default_layer(graph: Graph) -> str:
    """What the last convolution whose maps have more than one position comes to, with its branches.

    Raises:
        ValueError: no layer gives maps.
    """
    layers = layers_with_maps(graph)
    if not layers:
        raise ValueError(f"no layer of {graph.title} gives maps that Grad-CAM could weigh")
    return layers[-1]


def _passed_by_all(graph: Graph, wide: list[Node]) -> tuple[str, ...]:
    """Those of these nodes past which no edge leads, in execution order."""
    order = {node.path: number for number, node in enumerate(graph.nodes)}
    # How far edges lead that begin before each node.
    reach = [0] * (len(order) + 1)
    for edge in graph.edges:
        if not graph.by_path[edge.target].training_only:
            start = order[edge.source] + 1
            reach[start] = max(reach[start], order[edge.target])
    for number in range(1, len(reach)):
        reach[number] = max(reach[number], reach[number - 1])
    return tuple(node.path for node in wide if node.kind in _LOOKED_AT and reach[order[node.path]] <= order[node.path])


def _activated(graph: Graph, readers: dict[str, list[str]], node: Node) -> str:
    """The activation that a convolution's maps go through before anything else looks at them; else the convolution."""
    found, at = node.path, node
    while len(after := readers.get(at.path, [])) == 1:
        at = graph.by_path[after[0]]
        if at.kind not in _PASSING or at.output_shape != node.output_shape:
            break
        if at.kind is Kind.ACTIVATION:
            found = at.path
    return found


def _gives_maps(node: Node) -> bool:
    return len(node.output_shape) == _MAP and not node.training_only and node.kind not in _ENDS
