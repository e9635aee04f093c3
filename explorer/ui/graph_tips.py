"""What a tooltip and a screen reader say about a box, a badge or a frame of the graph."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.structure.fold import Box, FoldedGraph
from explorer.structure.graph import Graph, Node, Totals
from explorer.structure.node_labels import one_line, shape_text, type_line
from explorer.training.events import LayerFigures
from explorer.ui.layer_amounts import FIELDS, box_amounts, in_words

_NOTHING_MEASURED: Mapping[str, LayerFigures] = {}


def tip_lines(
    graph: Graph, folded: FoldedGraph, path: str, layers: Mapping[str, LayerFigures] = _NOTHING_MEASURED
) -> list[str]:
    """Name, type, shapes, costs and what training measured, a line each; none for a path that is not in the graph.

    `layers` is what training measured, by the layers' paths.
    """
    if path in graph.by_path:
        return [*_node_lines(graph.by_path[path]), *_measured_lines(layers.get(path))]
    if path in folded.frame_by_path:
        frame = folded.frame_by_path[path]
        return [one_line(path), one_line(frame.block.type_name), *_cost_lines(frame.totals), "Enter folds it"]
    if path in folded.box_by_path:
        *lines, hint = _block_lines(folded.box_by_path[path])
        return [*lines, *_block_measured_lines(folded, path, layers), hint]
    return []


def _node_lines(node: Node) -> list[str]:
    lines = [one_line(node.path)]
    if line := type_line(node):
        lines.append(line)
    if node.output_shape or not node.training_only:
        lines.append(f"output {shape_text(node.output_shape)}")
    own = Totals(node.parameters, node.trainable_parameters, node.macs, node.activation_bytes)
    lines += _cost_lines(own)
    field = node.receptive_field
    if field is not None:
        height, width = field.size
        step = "" if field.step == (1, 1) else f", step {_pair(field.step)}"
        lines.append(f"receptive field {height:,} × {width:,}{step}")
    if node.shares_with:
        lines.append(f"shares its parameters with {one_line(node.shares_with)}")
    if node.training_only:
        lines.append("only used in training")
    return lines


def _block_lines(box: Box) -> list[str]:
    lines = [one_line(box.path), one_line(box.block.type_name if box.block else "")]
    if box.output_shape or not box.training_only:
        lines.append(f"output {shape_text(box.output_shape)}")
    lines += _cost_lines(box.totals)
    if box.training_only:
        lines.append("only used in training")
    return [*lines, "Enter unfolds it"]


def _measured_lines(figures: LayerFigures | None) -> list[str]:
    if figures is None:
        return []
    amounts = {name: getattr(figures, name) for name in FIELDS}
    return [words for name, amount in amounts.items() if amount is not None and (words := in_words(name, amount))]


def _block_measured_lines(folded: FoldedGraph, path: str, layers: Mapping[str, LayerFigures]) -> list[str]:
    if not layers:
        return []
    amounts = {name: box_amounts(folded, name, layers).get(path) for name in FIELDS}
    return [words for name, amount in amounts.items() if amount is not None and (words := in_words(name, amount))]


def _cost_lines(totals: Totals) -> list[str]:
    lines = []
    if totals.parameters:
        lines.append(f"{totals.parameters:,} parameter" + ("s" if totals.parameters != 1 else ""))
    if totals.macs:
        lines.append(f"{totals.macs:,} MACs = {2 * totals.macs:,} FLOPs")
    return lines


def _pair(values: tuple[int, int]) -> str:
    return f"{values[0]}" if values[0] == values[1] else f"{values[0]} × {values[1]}"
