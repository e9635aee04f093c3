"""`cnn-explorer graph`: a network's graph as a figure, without a display."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from explorer.cli.arguments import UsageError, add_options, architecture_and_options, options_help
from explorer.cli.printing import console
from explorer.structure.fold import first_folding, folded_to_depth
from explorer.structure.graph import Graph, Shape
from explorer.structure.layout import Direction
from explorer.structure.layout_page import Page

NAME = "graph"
SUFFIXES = (".svg", ".pdf", ".png", ".dot", ".gv")
# The words of the command line, and the values of `explorer.ui.graph_heat.Quantity`, which loads Qt.
_QUANTITIES = {
    "parameters": "parameters",
    "macs": "MACs",
    "activation": "activation bytes",
    "resolution": "resolution",
}
_RATIO = re.compile(r"(\d+(?:\.\d+)?)(?:[:/](\d+(?:\.\d+)?))?")
_LEAST_RATIO, _MOST_RATIO = 0.1, 10.0
_SHAPE = re.compile(r"\d{1,6}(?:[x×,]\d{1,6}){0,3}")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="write a network's graph as SVG, PDF, PNG or DOT",
        description=(
            "Writes the graph of a network as a figure; the suffix of FILE decides the format. "
            "Large networks are folded so that the figure can be read, unless you say how; "
            "what is too long for one line stands in rows."
        ),
        epilog=options_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", help="a network of the catalogue, e.g. lenet5")
    parser.add_argument("file", metavar="FILE", type=Path, help="where to write it: .svg, .pdf, .png, .dot or .gv")
    folding = parser.add_mutually_exclusive_group()
    folding.add_argument("--fold", action="store_true", help="fold all blocks")
    folding.add_argument("--depth", type=int, metavar="N", help="open blocks that lie in fewer than N others")
    folding.add_argument("--unfold", action="store_true", help="open all blocks")
    parser.add_argument(
        "--direction", choices=[direction.value for direction in Direction], default="right", help="where it runs"
    )
    parser.add_argument("--vertical", action="store_true", help="the same as --direction down")
    parser.add_argument(
        "--wrap",
        metavar="RATIO",
        help="rows that can be read on a page of this width to height, such as 4:3 or 1.5 "
        "(default 16:9, downwards 9:16); none: one line",
    )
    parser.add_argument(
        "--colour", "--color", choices=_QUANTITIES, help="colour boxes by how much each holds, with a legend"
    )
    parser.add_argument("--title", action="store_true", help="write the network's name, input and costs on top")
    parser.add_argument("--dark", action="store_true", help="light on dark")
    parser.add_argument("--scale", type=float, default=2.0, help="pixels of a PNG per unit (default 2)")
    parser.add_argument(
        "--input", metavar="SHAPE", help="shape of one image, e.g. 3x224x224 (default: the network's own)"
    )
    add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    architecture, options = architecture_and_options(arguments.name, arguments.options)
    path: Path = arguments.file
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"a figure is {', '.join(SUFFIXES)}; {path.name!r} is none of them")
    if not 0.1 <= arguments.scale <= 16:
        raise UsageError(f"--scale is 0.1 to 16, not {arguments.scale:g}")
    if arguments.depth is not None and arguments.depth < 0:
        raise UsageError(f"--depth is 0 or more, not {arguments.depth}")
    input_shape = _shape(arguments.input)
    direction = Direction.DOWN if arguments.vertical else Direction(arguments.direction)
    ratio = _ratio(_usual(direction) if arguments.wrap is None else arguments.wrap)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; make it first")
    from explorer.reading import read_graph  # noqa: PLC0415 - torch is imported only where it is needed
    from explorer.ui.figure import SLIDE, Figure, save_figure  # noqa: PLC0415 - Qt likewise
    from explorer.ui.graph_heat import Quantity  # noqa: PLC0415 - likewise

    graph = read_graph(architecture, options, input_shape)
    figure = Figure(
        folded=_folding(graph, arguments),
        dark=arguments.dark,
        direction=direction,
        quantity=Quantity(_QUANTITIES[arguments.colour]) if arguments.colour else Quantity.NONE,
        title=arguments.title,
        page=Page.of(ratio, SLIDE.width * SLIDE.height) if ratio else None,
    )
    save_figure(graph, path, figure, scale=arguments.scale)
    console().print(f"wrote {path}", highlight=False, markup=False)
    return 0


def _folding(graph: Graph, arguments: argparse.Namespace) -> frozenset[str]:
    if arguments.unfold:
        return frozenset()
    if arguments.fold:
        return folded_to_depth(graph, 0)
    if arguments.depth is not None:
        return folded_to_depth(graph, arguments.depth)
    return first_folding(graph)


def _usual(direction: Direction) -> str:
    """A slide, or for what runs downwards a page of that form."""
    return "16:9" if direction is Direction.RIGHT else "9:16"


def _ratio(text: str) -> float | None:
    """Width to height; None for one line."""
    if text == "none":
        return None
    found = _RATIO.fullmatch(text)
    below = float(found[2] or 1) if found else 0.0
    ratio = float(found[1]) / below if found and below else 0.0
    if not _LEAST_RATIO <= ratio <= _MOST_RATIO:
        raise UsageError(f"--wrap is the width to height of a page, such as 16:9 or 1.5, or none, not {text!r}")
    return ratio


def _shape(text: str | None) -> Shape | None:
    if text is None:
        return None
    if not _SHAPE.fullmatch(text) or 0 in (sizes := tuple(int(size) for size in re.split("[x×,]", text))):
        raise UsageError(f"--input is the shape of one image, such as 3x224x224, not {text!r}")
    return sizes
