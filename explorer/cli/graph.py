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

NAME = "graph"
SUFFIXES = (".svg", ".pdf", ".png", ".dot", ".gv")
_SHAPE = re.compile(r"\d{1,6}(?:[x×,]\d{1,6}){0,3}")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="write a network's graph as SVG, PDF, PNG or DOT",
        description=(
            "Writes the graph of a network as a figure; the suffix of FILE decides the format. "
            "Large networks are folded so that the figure can be read, unless you say how."
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
    parser.add_argument("--vertical", action="store_true", help="from top to bottom")
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
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; make it first")
    from explorer.reading import read_graph  # noqa: PLC0415 - torch is imported only where it is needed
    from explorer.ui.figure import Figure, save_figure  # noqa: PLC0415 - Qt likewise

    graph = read_graph(architecture, options, input_shape)
    figure = Figure(
        folded=_folding(graph, arguments),
        dark=arguments.dark,
        direction=Direction.DOWN if arguments.vertical else Direction.RIGHT,
        title=arguments.title,
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


def _shape(text: str | None) -> Shape | None:
    if text is None:
        return None
    if not _SHAPE.fullmatch(text) or 0 in (sizes := tuple(int(size) for size in re.split("[x×,]", text))):
        raise UsageError(f"--input is the shape of one image, such as 3x224x224, not {text!r}")
    return sizes
