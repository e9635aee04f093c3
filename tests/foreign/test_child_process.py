"""The user's code in its own process: whatever it does there, this one gets a sentence or a graph."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from explorer.foreign import ForeignError, SeveralNetworksError, open_own, own, read_own, recognise
from explorer.networks import catalogue
from explorer.system.child import Limits
from explorer.system.download import Cancelled

Write = Callable[..., Path]

# For all children but that of the first test, which starts a child as the program does.
forked = pytest.mark.usefixtures("forked_children")

NET = """
class Net(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        {init}
    def forward(self, x):
        {forward}
        return self.conv(x)
"""


def _complaint(path: Path, **limits) -> str:
    with pytest.raises(ForeignError) as refused:
        open_own(str(path), {"width": "4"}, limits=Limits(**limits))
    message = str(refused.value)
    assert "\n" not in message
    assert "Traceback" not in message
    return message


def test_a_network_is_read_once_and_shown_twice(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("size = 3\n", "package/__init__.py")
    write("width = 7\n", "package/sizes.py")
    noise = 'print("z" * 10_000_000); import sys; sys.stdout.write("{}\\n[]"); sys.stderr.write("x\\0y")\n'
    path = write(noise + "from .sizes import width as usual\n" + NET.format(init="", forward=""), "package/model.py")
    told: list[str] = []
    architecture, options = open_own(f"{path}:Net", {"width": "4"}, progress=lambda words, _: told.append(words))
    assert (architecture.title, architecture.family, architecture.paper) == ("Net", "Your own", None)
    assert (options.width, architecture.parameters) == (4, 3 * 9 * 4 + 4)
    assert architecture.interface(options).input_shape == (3, 224, 224)
    assert "importing model.py" in told
    # What was read for its description is not read again.
    monkeypatch.setattr(own, "ask", None)
    graph = read_own(architecture, options)
    assert (graph.title, graph.totals.parameters) == ("Net", 112)


@forked
def test_a_file_of_several_networks_says_which(write: Write) -> None:
    path = write("class Big(nn.Module): ...\nclass Data: ...\nclass Small(nn.Module): ...\n")
    with pytest.raises(SeveralNetworksError) as several:
        open_own(str(path))
    assert several.value.names == ("Big", "Small")


@forked
def test_another_argument_and_another_size_are_read_anew(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(NET.format(init="", forward=""))
    asked: list[dict] = []
    answered = own.ask

    def counting(request, *arguments, **keywords):
        asked.append(request)
        return answered(request, *arguments, **keywords)

    monkeypatch.setattr(own, "ask", counting)
    architecture, options = open_own(str(path), {"width": "4"})
    graph = read_own(architecture, type(options)(width=5), (3, 10, 12))
    assert graph.title == "Net (width = 5)"
    assert graph.by_path["conv"].output_shape == (5, 8, 10)
    assert [request["input_shape"] for request in asked] == [None, (3, 10, 12)]


@forked
def test_an_endless_loop_ends_with_its_line(write: Write) -> None:
    complaint = _complaint(write(NET.format(init="", forward="while True: pass")), seconds=1)
    assert complaint.startswith("model.py, line 10, in forward: not done after 1 s, so it was stopped")


@forked
def test_an_exit_is_said_with_its_line_and_last_words(write: Write) -> None:
    complaint = _complaint(write(NET.format(init="print('so long'); import os; os._exit(3)", forward="")))
    assert complaint == (
        "model.py, line 8, in __init__: the code ended the process itself (exit code 3); it last printed 'so long'"
    )


@forked
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_crash_is_said_with_its_line(write: Write) -> None:
    complaint = _complaint(write(NET.format(init="import ctypes; ctypes.string_at(0)", forward="")))
    assert complaint == "model.py, line 8, in __init__: the process crashed (SIGSEGV)"


@forked
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system refuses memory on Linux")
def test_a_huge_allocation_is_refused_with_its_line(write: Write) -> None:
    path = write("ballast = torch.zeros(25 * 2**30)\n" + NET.format(init="", forward=""))
    assert _complaint(path) == "model.py, line 3: the code asks for 100 GB of memory at once, more than it may have"


@forked
def test_reading_can_be_cancelled(write: Write) -> None:
    told: list[str] = []
    path = write("while True: pass\n")
    with pytest.raises(Cancelled):
        open_own(
            str(path), progress=lambda words, _: told.append(words), cancelled=lambda: "importing model.py" in told
        )


@forked
def test_weights_are_recognised_in_the_child(tmp_path: Path) -> None:
    import torch

    lenet = catalogue.get("lenet5")
    path = tmp_path / "weights.pth"
    torch.save({"model": lenet.build(classes=26).state_dict()}, path)
    found = recognise(path)
    assert found is not None
    architecture, options = found
    assert (architecture.name, architecture.interface(options).classes) == ("lenet5", 26)
    assert options == lenet.options_type()


def test_weights_take_no_options(tmp_path: Path) -> None:
    (tmp_path / "w.pt").touch()
    with pytest.raises(ForeignError, match=r"say for themselves"):
        open_own(str(tmp_path / "w.pt"), {"form": "original"})


def test_answers_that_are_nonsense_are_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(NET.format(init="", forward=""))
    found = {"title": "Net", "arguments": []}
    for answers in (
        {},
        {"found": 3},
        {"found": {"title": 3}},
        {"found": found},
        {"found": found, "graph": {"nodes": []}},
    ):
        monkeypatch.setattr(own, "ask", lambda *_, _answers=answers, **__: _answers)
        with pytest.raises(ForeignError, match=r"model\.py"):
            open_own(str(path))
