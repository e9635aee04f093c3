"""One contender reads one of torchvision's networks, in a process of its own; prints JSON with wall and CPU seconds."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torchvision

from explorer.networks import catalogue, zoo_families  # noqa: F401 - imports are no part of what is measured
from explorer.reading import read_graph

DAGRE = Path(__file__).with_name("lay_out_with_dagre.js")

Answer = dict[str, Any]


class Clock:
    """Wall time and processor time of this process, its threads and the programs it has waited for."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), self._processor()

    @staticmethod
    def _processor() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in used)

    def answer(self, **more: Any) -> Answer:
        return {
            "wall": time.perf_counter() - self._wall,
            "cpu": self._processor() - self._cpu,
            "stopped": False,
            **more,
        }


def main() -> None:
    rival, name, limit = sys.argv[1], sys.argv[2], float(sys.argv[3])
    readers: dict[str, Callable[[], Answer]] = {
        "table": lambda: our_table(name),
        "folded": lambda: ours(name, folded=True),
        "unfolded": lambda: ours(name, folded=False),
        "torchinfo": lambda: table_of_torchinfo(name, "cpu"),
        "torchinfo_meta": lambda: table_of_torchinfo(name, "meta"),
        "torchview": lambda: graph_of_torchview(name, limit),
        "dot": lambda: our_graph_by_dot(name, limit),
        "dagre": lambda: our_graph_by_dagre(name, limit),
    }
    try:
        answer = readers[rival]()
    except subprocess.TimeoutExpired:
        answer = {"wall": limit, "cpu": 0.0, "stopped": True}
    print(json.dumps(answer))


def our_table(name: str) -> Answer:
    clock = Clock()
    return clock.answer(rows=len(_our_graph(name).nodes))


def ours(name: str, *, folded: bool) -> Answer:
    from explorer.structure.fold import first_folding
    from explorer.ui import figure, graph_look, graph_picture

    figure.need_application()
    look = graph_look.figure_look(dark=False)
    clock = Clock()
    graph = _our_graph(name)
    closed = first_folding(graph) if folded else frozenset()
    picture = graph_picture.make_picture(graph, closed, look)
    return clock.answer(boxes=len(picture.layout.boxes))


def table_of_torchinfo(name: str, device: str) -> Answer:
    import torchinfo

    network, image = _theirs(name, device), _image(name)
    clock = Clock()
    table = str(torchinfo.summary(network, input_size=(1, *image), depth=100, verbose=0, device=device))
    return clock.answer(lines=table.count("\n"))


def graph_of_torchview(name: str, limit: float) -> Answer:
    import torchview

    network, image = _theirs(name, "meta"), _image(name)
    clock = Clock()
    graph = torchview.draw_graph(network, input_size=(1, *image), depth=100, device="meta")
    _dot(graph.visual_graph.source, limit)
    return clock.answer()


def our_graph_by_dot(name: str, limit: float) -> Answer:
    from explorer.structure.dot import to_dot

    source = to_dot(_our_graph(name))
    clock = Clock()
    _dot(source, limit)
    return clock.answer()


def our_graph_by_dagre(name: str, limit: float) -> Answer:
    from explorer.ui import figure, graph_look, graph_picture

    figure.need_application()
    picture = graph_picture.make_picture(_our_graph(name), frozenset(), graph_look.figure_look(dark=False))
    wanted = {
        "nodes": [{"id": b.path, "width": b.width, "height": b.height + b.below} for b in picture.layout.boxes],
        "edges": [[link.source, link.target] for link in picture.folded.links],
        "groups": [
            {"id": f"group {frame.path}", "members": [_node_id(picture.folded, member) for member in frame.members]}
            for frame in picture.folded.frames
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "graph.json"
        file.write_text(json.dumps(wanted))
        done = subprocess.run(
            ["node", str(DAGRE), str(file)], capture_output=True, text=True, timeout=limit, check=True
        )
    said = json.loads(done.stdout)
    return {"wall": said["wall"], "cpu": said["cpu"], "stopped": False}


def _node_id(folded: Any, path: str) -> str:
    return path if path in folded.box_by_path else f"group {path}"


def _dot(source: str, limit: float) -> None:
    """A whole layout with its lines, written as text: no drawing."""
    subprocess.run(["dot", "-Tplain"], input=source, capture_output=True, text=True, timeout=limit, check=True)


def _our_graph(name: str) -> Any:
    return read_graph(catalogue.get(f"torchvision/{name}"))


def _theirs(name: str, device: str) -> torch.nn.Module:
    with torch.device(device):
        return torchvision.models.get_model(name).eval()


def _image(name: str) -> tuple[int, ...]:
    architecture = catalogue.get(f"torchvision/{name}")
    return tuple(architecture.interface(architecture.options_type()).input_shape)


if __name__ == "__main__":
    main()
