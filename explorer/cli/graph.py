"""`cnn-explorer graph`: a network's graph as a figure, without a display."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from explorer.cli.arguments import UsageError, add_options, architecture_and_options, options_help
from explorer.cli.printing import console

NAME = "graph"
SUFFIXES = (".svg", ".pdf", ".png")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        NAME,
        help="write a network's graph as SVG, PDF or PNG",
        description="Writes the graph of a network as a figure; the suffix of FILE decides the format.",
        epilog=options_help(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", help="a network of the catalogue, e.g. lenet5")
    parser.add_argument("file", metavar="FILE", type=Path, help="where to write it: .svg, .pdf or .png")
    parser.add_argument("--fold", action="store_true", help="fold all blocks")
    parser.add_argument("--dark", action="store_true", help="light on dark")
    parser.add_argument("--scale", type=float, default=2.0, help="pixels of a PNG per unit (default 2)")
    add_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    architecture, options = architecture_and_options(arguments.name, arguments.options)
    path: Path = arguments.file
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"a figure is {', '.join(SUFFIXES)}; {path.name!r} is none of them")
    if not 0.1 <= arguments.scale <= 16:
        raise UsageError(f"--scale is 0.1 to 16, not {arguments.scale:g}")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist; make it first")
    from explorer.reading import read_graph  # noqa: PLC0415 - torch is imported only where it is needed
    from explorer.ui.figure import save_figure  # noqa: PLC0415 - Qt likewise

    graph = read_graph(architecture, options)
    folded = frozenset(block.path for block in graph.blocks if not block.parent) if arguments.fold else frozenset()
    save_figure(graph, path, folded=folded, dark=arguments.dark, scale=arguments.scale)
    console().print(f"wrote {path}", highlight=False, markup=False)
    return 0
