"""From a network's name to its laid-out graph with costs, beside what other tools take for a table or a layout."""

from __future__ import annotations

import importlib.util
import shutil
import statistics
import subprocess
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks import contender

NETWORKS = {
    "ResNet-18": "resnet18",
    "GoogLeNet": "googlenet",
    "ResNet-152": "resnet152",
    "DenseNet-201": "densenet201",
    "EfficientNetV2-L": "efficientnet_v2_l",
    "ViT-B/16": "vit_b_16",
}
CONTENDERS = {
    "table": "ours\ntable alone",
    "folded": "ours\nfolded",
    "unfolded": "ours\nunfolded",
    "torchinfo": "torchinfo\ntable alone",
    "torchinfo_meta": "torchinfo\non meta",
    "torchview": "torchview\n+ dot",
    "dot": "dot, our\ngraph",
    "dagre": "dagre, our\ngraph",
}
LIMIT = 120
"""Seconds after which a layout program is stopped."""

# What takes longer is not repeated.
_LONG = 20
_TARGETS = (
    ("ResNet-152", "unfolded", "torchinfo"),
    ("ResNet-152", "table", "torchinfo_meta"),
    ("DenseNet-201", "unfolded", None),
)

Answer = dict[str, Any]
_NOTE = (
    "Ours builds the network, traces it and counts its costs; folded and unfolded it also places all boxes and lines. "
    "The others' network is built beforehand. torchinfo: its table as its documentation has it, and on the meta "
    "device, where nothing is computed. torchview: its graph down to the last layer, on the meta device, and dot's "
    "layout of it. dot and dagre, our graph: their layout of it, unfolded, blocks as clusters. Imports count nowhere. "
    f"A layout is stopped after {LIMIT} s; what takes more than {_LONG} s runs once."
)


def measure(rounds: int) -> None:
    """Prints wall and processor seconds of all contenders on all networks, the median of `rounds` interleaved runs."""
    chosen = _chosen()
    answers: dict[tuple[str, str], list[Answer]] = {}
    for number in range(rounds):
        for title, name in NETWORKS.items():
            for rival in chosen:
                so_far = answers.setdefault((title, rival), [])
                if so_far and (so_far[0]["stopped"] or so_far[0]["wall"] > _LONG):
                    continue
                answer = contender.run("tests.benchmarks.read_network", rival, name, LIMIT)
                so_far.append(answer)
                print(f"round {number + 1}: {title}, {rival}: {answer}", file=sys.stderr)
    _print(answers, chosen, rounds)


def _chosen() -> list[str]:
    """The contenders that are installed; for each of the others a note says what would bring it in."""
    missing = {}
    for name in ("torchinfo", "torchinfo_meta", "torchview"):
        if importlib.util.find_spec(name.partition("_")[0]) is None:
            missing[name] = "pip install '.[benchmark]'"
    if shutil.which("dot") is None:
        missing |= dict.fromkeys(("torchview", "dot"), "install Graphviz")
    if not _has_dagre():
        missing["dagre"] = "install Node, npm install @dagrejs/dagre, and set NODE_PATH to its node_modules"
    for name, advice in missing.items():
        print(f"{_words(name)} is left out: {advice}", file=sys.stderr)
    return [name for name in CONTENDERS if name not in missing]


def _has_dagre() -> bool:
    if shutil.which("node") is None:
        return False
    tried = subprocess.run(["node", "-e", "require('@dagrejs/dagre')"], capture_output=True, check=False)
    return tried.returncode == 0


def _print(answers: dict[tuple[str, str], list[Answer]], chosen: list[str], rounds: int) -> None:
    table = Table(
        title=f"From name to laid-out graph, seconds (of processor time), median of {rounds} interleaved runs"
    )
    table.add_column("")
    table.add_column("boxes\nunfolded", justify="right")
    for rival in chosen:
        table.add_column(CONTENDERS[rival], justify="right")
    for title in NETWORKS:
        boxes = answers[title, "unfolded"][0]["boxes"]
        table.add_row(title, f"{boxes:,}", *(_cell(answers[title, rival]) for rival in chosen))
    console = Console(width=130)
    console.print(table)
    console.print(_NOTE, highlight=False)
    for title, ours, rival in _TARGETS:
        if rival is None or rival in chosen:
            limit = 1.0 if rival is None else _median(answers[title, rival], "wall")
            took = _median(answers[title, ours], "wall")
            beside = "the target" if rival is None else _words(rival)
            console.print(f"{title}: {_words(ours)} {took:.2f} s, {beside} {limit:.2f} s", highlight=False)


def _words(contender_name: str) -> str:
    return " ".join(CONTENDERS[contender_name].split())


def _cell(answers: list[Answer]) -> str:
    if answers[0]["stopped"]:
        return f"> {LIMIT} s"
    return f"{_median(answers, 'wall'):.2f} ({_median(answers, 'cpu'):.2f})"


def _median(answers: list[Answer], key: str) -> float:
    return statistics.median(answer[key] for answer in answers)
