"""The layers whose maps Grad-CAM can weigh. Free of torch."""

from __future__ import annotations

from explorer.structure.graph import Graph, Kind, Node

_MAP = 3  # a map's shape is (channels, height, width)
_ENDS = frozenset({Kind.INPUT, Kind.OUTPUT})


def layers_with_maps(graph: Graph) -> tuple[str, ...]:
    """The layers that Grad-CAM can look at, in execution order: convolutions that give more than one position.

    Without one, any layer that gives maps.
    """
    mapped = [node for node in graph.nodes if _gives_maps(node)]
    wide = [node for node in mapped if node.output_shape[1] * node.output_shape[2] > 1]
    convolutions = [node for node in wide if node.kind is Kind.CONVOLUTION]
    return tuple(node.path for node in convolutions or wide or mapped)


def has_maps(graph: Graph, path: str) -> bool:
    """Whether a layer, or the last layer of a block, gives maps of which Grad-CAM can be asked."""
    node = graph.by_path.get(path)
    if node is None and path in graph.block_by_path:
        node = list(graph.inside(path))[-1]
    return node is not None and _gives_maps(node)


def default_layer(graph: Graph) -> str:
    """The last convolution of a network whose maps have more than one position.

    Raises:
        ValueError: no layer gives maps.
    """
    layers = layers_with_maps(graph)
    if not layers:
        raise ValueError(f"no layer of {graph.title} gives maps that Grad-CAM could weigh")
    return layers[-1]


def _gives_maps(node: Node) -> bool:
    return len(node.output_shape) == _MAP and not node.training_only and node.kind not in _ENDS
