"""Programs of torch.export: rebuilt from their description, and never run."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from explorer.foreign import exported
from explorer.foreign.errors import ForeignError
from explorer.structure.graph import Graph, Kind
from explorer.structure.trace import trace


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, groups=2, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()
        self.scale = nn.Parameter(torch.ones(1, channels, 1, 1))

    def forward(self, x):
        return self.relu(self.relu(self.norm(self.conv(x))) * self.scale + x)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.MaxPool2d(2))
        self.blocks = nn.ModuleList([Residual(8), Residual(8)])
        self.token = nn.Parameter(torch.zeros(1, 1, 16))
        self.attention = nn.Linear(16, 16)
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        x = torch.cat([x, x], 1)
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1)
        x = torch.nn.functional.gelu(self.attention(x)) @ x.transpose(1, 2)
        return self.fc(x.view(x.shape[0], -1)[:, :16])


@pytest.fixture(scope="module", params=["one image", "any number"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "net.pt2"
    several = request.param == "any number"
    dynamic = ({0: torch.export.Dim("batch")},) if several else None
    image = torch.zeros(3 if several else 1, 3, 16, 16)
    torch.export.save(torch.export.export(Net().eval(), (image,), dynamic_shapes=dynamic), path)
    return path


def _graph(path: Path) -> Graph:
    read = exported.read(path)
    return trace(read.network, read.input_shape, read.title)


def test_a_program_has_the_layers_of_its_network(program: Path) -> None:
    graph, original = _graph(program), trace(Net(), (3, 16, 16))
    assert graph.title == "Net"
    assert graph.input_shape == (3, 16, 16)
    assert graph.totals.parameters == original.totals.parameters
    assert graph.totals.macs == original.totals.macs
    layers = {node.path: (node.type_name, node.detail, node.output_shape, node.parameters) for node in graph.nodes}
    for node in original.nodes:
        if node.kind in {Kind.CONVOLUTION, Kind.NORMALISATION, Kind.POOLING} or node.type_name == "Linear":
            assert layers[node.path] == (node.type_name, node.detail, node.output_shape, node.parameters)
    assert {block.path: block.type_name for block in graph.blocks}["blocks.1"] == "Residual"


def _tampered(program: Path, target: Path, change: Callable[[Any], None]) -> Path:
    with zipfile.ZipFile(program) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("models/model.json"):
                description = json.loads(content)
                change(description)
                content = json.dumps(description).encode()
            archive.writestr(name, content)
    return target


def test_an_operation_that_is_not_known_keeps_its_recorded_shape(program: Path, tmp_path: Path) -> None:
    def change(description: Any) -> None:
        for node in description["graph_module"]["graph"]["nodes"]:
            if "max_pool2d" in node["target"]:
                node["target"] = "torch.ops.mine.squeeze_hard.default"

    graph = _graph(_tampered(program, tmp_path / "net.pt2", change))
    node = next(node for node in graph.nodes if "squeeze_hard" in node.path)
    assert node.output_shape == (8, 3, 3)
    assert graph.totals.macs == _graph(program).totals.macs


class _Trap:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> Any:
        return os.system, (f"touch '{self.canary}'",)


def test_nothing_in_an_archive_is_run(program: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    trap = pickle.dumps(_Trap(canary))
    code = f"__import__('os').system({f'touch {canary}'!r})"

    def change(description: Any) -> None:
        graph = description["graph_module"]["graph"]
        for value in graph["tensor_values"].values():
            for size in value["sizes"]:
                if "as_int" in size:
                    size["as_expr"] = {"expr_str": code, "hint": {"as_int": size.pop("as_int")}}
        description["guards_code"] = [code]
        first = graph["nodes"][0]
        text = {"name": "filename", "arg": {"as_string": str(canary)}, "kind": 1}
        # With these torch.from_file makes the file that is named.
        from_file = [
            {"name": "shared", "arg": {"as_bool": True}, "kind": 1},
            {"name": "size", "arg": {"as_int": 8}, "kind": 1},
        ]
        for number, target in enumerate(("aten.from_file.default", "aten.save.default", "../os.system", "os.system")):
            name = f"made_{number}"
            graph["nodes"].insert(
                0,
                {
                    **first,
                    "target": f"torch.ops.{target}",
                    "inputs": [text, *from_file] if "from_file" in target else [text, *first["inputs"][:1]],
                    "outputs": [{"as_tensor": {"name": name}}],
                },
            )
            graph["tensor_values"][name] = graph["tensor_values"][graph["nodes"][-1]["outputs"][0]["as_tensor"]["name"]]

    path = _tampered(program, tmp_path / "net.pt2", change)
    with zipfile.ZipFile(path, "a") as archive:
        top = archive.namelist()[0].split("/")[0]
        for name in ("data/constants/custom_obj_0", "data/constants/tensor_0", "data/sample_inputs/trap.pt"):
            archive.writestr(f"{top}/{name}", trap)
    assert _graph(path).totals.parameters == _graph(program).totals.parameters
    assert not canary.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("graph_module"), "is damaged"),
        (lambda d: d["graph_module"]["graph"].pop("nodes"), "is damaged"),
        (lambda d: d["graph_module"]["graph"]["tensor_values"].clear(), "net.pt2"),
        (lambda d: d["graph_module"]["signature"]["input_specs"].pop(), "takes 0 inputs"),
        (lambda d: d["graph_module"]["graph"]["nodes"][0].update(inputs=3), "is damaged"),
        (
            lambda d: d["graph_module"]["graph"]["nodes"][0]["metadata"].update(
                nn_module_stack=";".join(f"k{i},{'a.' * i}a,torch.nn.Thing" for i in range(500))
            ),
            "nested more than",
        ),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(program: Path, tmp_path: Path, change, said: str) -> None:
    with pytest.raises(ForeignError, match=said):
        exported.read(_tampered(program, tmp_path / "net.pt2", change))


def test_other_archives_are_refused(program: Path, tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    path.write_bytes(program.read_bytes()[:-5000])
    with pytest.raises(ForeignError, match="damaged, cut off"):
        exported.read(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data/aotinductor/model/x.so", b"")
    with pytest.raises(ForeignError, match=r"holds no program of torch\.export"):
        exported.read(path)
