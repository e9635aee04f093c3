"""How a network of the user's own is named."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from explorer.foreign import own
from explorer.foreign.errors import ForeignError
from explorer.foreign.spec import Source, is_own, parse


@pytest.mark.parametrize(
    "text", ["model.py", "a b/model.py:Net", "C:\\x\\model.py:Net", "net.pt2", "net.PT", "net.pth", "w.safetensors"]
)
def test_a_file_is_the_users_own(text: str) -> None:
    assert is_own(text)


@pytest.mark.parametrize(
    "text", ["lenet5", "torchvision/resnet18", "timm/resnet50.a1_in1k", "picture.png", "model.pyc"]
)
def test_a_name_of_the_catalogue_is_not(text: str) -> None:
    assert not is_own(text)


def test_a_python_file_is_named_with_its_class(tmp_path: Path) -> None:
    path = tmp_path / "a:b.py"
    path.touch()
    spec = parse(f"{path}:Net.Inner")
    assert (spec.path, spec.source, spec.name) == (path, Source.CODE, "Net.Inner")
    assert parse(str(path)).name == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no/such/model.py:Net", "does not exist"),
        ("model.py:Net()", "is no name of a class"),
        ("model.py:", "is no name of a class"),
        ("net.onnx", "is none of them"),
        ("x\0.py", "does not exist"),
    ],
)
def test_what_means_no_file_is_said(text: str, said: str) -> None:
    with pytest.raises(ForeignError, match=said):
        parse(text)


def test_a_folder_is_no_network(tmp_path: Path) -> None:
    (tmp_path / "net.pt").mkdir()
    with pytest.raises(ForeignError, match="is a folder"):
        parse(str(tmp_path / "net.pt"))


@pytest.mark.parametrize("changed", [2.0**45, -(2.0**45), math.inf])
def test_a_file_that_no_calendar_knows_is_of_no_year(changed: float, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", lambda _path: SimpleNamespace(st_mtime=changed))
        year = own._year_of(Path("network.py"))
    assert year == 0
