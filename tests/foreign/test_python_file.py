"""Networks in Python files: found, built and read, or refused in a sentence that names the line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.foreign import blame
from explorer.foreign.errors import ForeignError, SeveralNetworksError
from explorer.structure.graph import Kind
from explorer.structure.graph_json import from_json

SMALL = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
    def forward(self, x):
        return torch.relu(self.conv(x))
"""
Write = Callable[..., Path]


def test_the_only_class_of_a_file_needs_no_name(write: Write, in_this_process) -> None:
    answers = in_this_process(write(SMALL))
    graph = from_json(answers["graph"])
    assert answers["found"] == {"title": "Net", "arguments": []}
    assert graph.input_shape == (1, 224, 224)
    assert graph.totals.parameters == 40
    assert [node.path for node in graph.nodes][:2] == ["input", "conv"]


def test_several_classes_are_listed(write: Write, in_this_process) -> None:
    path = write(SMALL + SMALL.replace("Net", "Other") + "from torch.nn import Linear\n")
    with pytest.raises(SeveralNetworksError, match=r"model.py defines several networks: Net, Other; choose") as several:
        in_this_process(path)
    assert several.value.names == ("Net", "Other")
    with pytest.raises(ForeignError, match=r"model.py has no 'Nett'; it has Net, Other"):
        in_this_process(path, "Nett")
    assert in_this_process(path, "Other")["found"]["title"] == "Other"


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [
        ("x = 1\n", "", "defines no network"),
        ("x = 1\n", "x", "x in model.py is no network but an int"),
        ("class Thing: pass\n", "Thing", "it is a class, but not an nn.Module"),
        ("def make(): return None\n", "make", "make gives nothing (None), not a network"),
    ],
)
def test_what_is_no_network_is_said(write: Write, in_this_process, code: str, name: str, said: str) -> None:
    with pytest.raises(ForeignError) as refused:
        in_this_process(write(code), name)
    assert said in str(refused.value)


def test_functions_and_ready_networks_are_networks_too(write: Write, in_this_process) -> None:
    path = write(SMALL + "def make(): return Net()\nready = nn.Sequential(nn.Linear(12, 3))\n")
    assert from_json(in_this_process(path, "make")["graph"]).totals.parameters == 40
    graph = from_json(in_this_process(path, "ready")["graph"])
    assert (graph.input_shape, graph.totals.parameters) == ((12,), 39)


ARGUMENTS = """
from typing import Literal
class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 1)
    def forward(self, x):
        return self.conv(x)
class Wide(Block): pass
class Net(nn.Module):
    def __init__(self, classes: int, layers, width=8, rate: float = 0, kind: Literal["a", "b"] = "a", depths=(1, 2),
                 block=Block, activation=nn.ReLU, norm=None, secret=object(), *rest, **more):
        super().__init__()
        self.block = block(width)
        self.rest = nn.Sequential(*(block(width) for _ in range(sum(layers))), activation())
        self.fc = nn.Linear(width, classes)
    def forward(self, x):
        return self.fc(self.rest(self.block(x)).mean((2, 3)))
"""


def test_arguments_are_read_from_the_signature(write: Write, in_this_process) -> None:
    answers = in_this_process(write(ARGUMENTS), "Net", classes="5", layers="[1, 1]", block="Wide", width="4")
    described = {entry["name"]: (entry["kind"], entry["default"]) for entry in answers["found"]["arguments"]}
    assert described == {
        "classes": ("int", None),
        "layers": ("literal", None),
        "width": ("int", 8),
        "rate": ("float", 0.0),
        "kind": ("str", "a"),
        "depths": ("literal", "(1, 2)"),
        "block": ("literal", "Block"),
        "activation": ("literal", "nn.ReLU"),
        "norm": ("literal", "None"),
    }
    graph = from_json(answers["graph"])
    assert graph.totals.parameters == 3 * (4 * 4 + 4) + 4 * 5 + 5
    assert {block.type_name for block in graph.blocks} >= {"Wide", "Sequential"}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 +\n", "model.py, line 3: invalid syntax"),
        ("import no_such_package\n", "model.py, line 3: ModuleNotFoundError: No module named 'no_such_package'"),
        ("raise SystemExit(3)\n", "model.py, line 3: the code ends the program (sys.exit)"),
        (
            SMALL.replace("super().__init__()", "raise KeyError('width')"),
            "model.py, line 6, in __init__: KeyError: 'width'",
        ),
        (
            SMALL.replace("super().__init__()", "bytearray(10**15)"),
            "line 6, in __init__: the code asks for more memory",
        ),
        (
            SMALL.replace("super().__init__()", "self.__init__()"),
            "line 6, in __init__: the code calls itself without end",
        ),
    ],
)
def test_what_the_code_raises_is_said_with_its_line(write: Write, in_this_process, code: str, said: str) -> None:
    path = write(code)
    with pytest.raises(BaseException) as raised:  # noqa: PT011 - SystemExit is none of the others
        in_this_process(path)
    assert said in blame.of_exception(raised.value, path)


def _said(in_this_process, path: Path) -> str:
    """What the graph says is wrong with it, or what is said where there is none."""
    try:
        graph = from_json(in_this_process(path)["graph"])
    except Exception as error:  # noqa: BLE001 - whichever way, the words must be there
        return blame.of_exception(error, path)
    return f"{graph.remark} {graph.failure}"


def test_a_forward_that_raises_is_said_or_shown(write: Write, in_this_process) -> None:
    path = write(SMALL.replace("return torch", "raise RuntimeError('not today')\n        return torch"))
    assert "not today" in _said(in_this_process, path)


def test_names_are_cut_and_markup_is_text(write: Write, in_this_process) -> None:
    code = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential()
        self.first.add_module("<img src=x>", nn.Conv2d(1, 1, 1))
        self.first.add_module("y" * 1_000_000, nn.Conv2d(1, 1, 1))
        self.first.add_module("y" * 1_000_001, nn.Conv2d(1, 1, 1))
    def forward(self, x):
        return self.first(x)
"""
    graph = from_json(in_this_process(write(code), input_shape=[1, 8, 8])["graph"])
    paths = [node.path for node in graph.nodes if node.kind is Kind.CONVOLUTION]
    assert paths[0] == "first.<img src=x>"
    assert len(set(paths)) == 3
    assert max(map(len, paths)) < 100
    assert graph.totals.parameters == 6


def test_a_network_without_parameters_and_one_that_shares_them(write: Write, in_this_process) -> None:
    code = """
class Bare(nn.Module):
    def forward(self, x):
        return torch.relu(x) + 1
class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(2, 2, 3, padding=1)
        self.b = self.a
    def forward(self, x):
        return self.b(self.a(x))
"""
    path = write(code)
    bare = from_json(in_this_process(path, "Bare")["graph"])
    assert (bare.totals.parameters, bare.input_shape) == (0, (3, 224, 224))
    shared = from_json(in_this_process(path, "Shared")["graph"])
    assert shared.totals.parameters == sum(node.parameters for node in shared.nodes) == 2 * (2 * 9 + 1)


def test_control_flow_on_the_data_gives_a_graph_or_a_sentence(write: Write, in_this_process) -> None:
    path = write(SMALL.replace("return torch", "x = x if x.sum() > 0 else -x\n        return torch"))
    assert _said(in_this_process, path) not in {"", " None"}


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ("nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 2)", (3, 224, 224)),
        ("nn.Conv2d(1, 8, 5), nn.Flatten(), nn.Linear(8 * 24 * 24, 2)", (1, 28, 28)),
        ("nn.Conv2d(4, 8, 3), nn.Flatten(), nn.Linear(8 * 30 * 30, 2)", (4, 32, 32)),
        ("nn.Flatten(), nn.Linear(784, 10)", (784,)),
        ("nn.Unflatten(1, (1, 28, 28)), nn.Flatten(), nn.Linear(784, 10)", (784,)),
        ("nn.Conv1d(2, 4, 3), nn.AdaptiveAvgPool1d(1)", (2, 1024)),
        ("nn.Conv3d(1, 2, 3)", (1, 16, 112, 112)),
    ],
)
def test_the_input_is_guessed_by_trying(layers: str, shape: tuple[int, ...]) -> None:
    import torch
    from torch import nn

    from explorer.foreign.input_shape import guess_input_shape

    with torch.device("meta"):
        network = eval(f"nn.Sequential({layers})", {"nn": nn})  # noqa: S307 - a text of this test
    assert guess_input_shape(network, lambda: network) == shape


def test_a_forward_that_needs_numbers_is_tried_with_numbers() -> None:
    import torch
    from torch import nn

    from explorer.foreign.input_shape import guess_input_shape

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 2, 1)
            self.fc = nn.Linear(2 * 64, 3)

        def forward(self, x):
            if float(self.conv.weight.sum()) > 1e9:
                x = -x
            return self.fc(self.conv(x).flatten(1))

    with torch.device("meta"):
        network = Net()
    assert guess_input_shape(network, Net) == (1, 8, 8)


@pytest.mark.parametrize(
    ("waste", "tries"),
    [("raise MemoryError", 1), ("raise RuntimeError('you tried to allocate 107374182400 bytes')", 30)],
)
def test_a_forward_that_takes_too_much_memory_is_not_a_wrong_size(
    write: Write, in_this_process, monkeypatch: pytest.MonkeyPatch, waste: str, tries: int
) -> None:
    from explorer.foreign import input_shape

    tried: list[object] = []
    run = input_shape._run
    monkeypatch.setattr(input_shape, "_run", lambda *given: (tried.append(given), run(*given)))
    path = write(SMALL.replace("return torch", f"{waste}\n        return torch"))
    with pytest.raises((MemoryError, RuntimeError)) as raised:
        in_this_process(path)
    assert "model.py, line 9, in forward: the code asks for" in blame.of_exception(raised.value, path)
    assert len(tried) <= tries


def test_windows_written_as_lists_are_read(write: Write, in_this_process) -> None:
    graph = from_json(
        in_this_process(write("net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.MaxPool2d([2, 3]))\n"))["graph"]
    )
    assert graph.nodes[-1].output_shape == (2, 111, 74)
    assert graph.failure is None
