"""A graph as text in the DOT language, for Graphviz and the programs that read it."""

from __future__ import annotations

from explorer.structure.fold import Box, FoldedGraph, fold
from explorer.structure.graph import Graph
from explorer.structure.node_labels import parameters_text, shape_text, type_line, type_words


def to_dot(graph: Graph, folded: frozenset[str] = frozenset()) -> str:
    """The graph with the blocks in `folded` closed; open blocks become clusters, edges bear the shapes of tensors."""
    visible = fold(graph, folded)
    lines = [
        f"digraph {_quoted(graph.title)} {{",
        "  rankdir=LR;",
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
        '  edge [fontname="sans-serif"];',
    ]
    lines += _inside(visible)
    lines += [
        f"  {_quoted(link.source)} -> {_quoted(link.target)} [label={_quoted(shape_text(link.shape))}];"
        for link in visible.links
    ]
    return "\n".join([*lines, "}", ""])


def _inside(visible: FoldedGraph) -> list[str]:
    """Boxes and clusters in execution order; blocks nest as deep as a network likes, so no recursion."""
    members = {frame.path: frame.members for frame in visible.frames}
    inner = {member for frame in visible.frames for member in frame.members}
    first = [frame.path for frame in visible.frames if frame.path not in inner]
    first += [box.path for box in visible.boxes if box.path not in inner]
    lines: list[str] = []
    waiting: list[tuple[str, int, bool]] = [(path, 1, False) for path in reversed(first)]
    while waiting:
        path, depth, closing = waiting.pop()
        indent = "  " * depth
        if closing:
            lines.append(f"{indent}}}")
        elif path in members:
            lines.append(f"{indent}subgraph {_quoted(f'cluster_{path}')} {{")
            lines.append(f"{indent}  label={_quoted(path)};")
            waiting.append((path, depth, True))
            waiting.extend((member, depth + 1, False) for member in reversed(members[path]))
        else:
            lines.append(f"{indent}{_quoted(path)} [label={_quoted(_label(visible.box_by_path[path]))}];")
    return lines


def _label(box: Box) -> str:
    kind = type_line(box.node) if box.node else type_words(box.block.type_name) if box.block else ""
    if box.repeats > 1:
        kind = f"{box.repeats} × {type_words(box.repeated)}"
    badges = ", ".join(type_words(node.type_name) for node in box.badges)
    shape = "" if box.training_only and not box.output_shape else shape_text(box.output_shape)
    texts = [box.path, kind, badges, shape, parameters_text(box.totals.parameters)]
    return "\n".join(text for text in texts if text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
