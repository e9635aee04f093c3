"""The terminal reads networks of the user's own, and says no in a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.cli import run, window


def test_show_reads_a_python_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.py"
    path.write_text("from torch import nn\ndef make(classes, deep=False): return nn.Linear(4, int(classes))\n")
    assert run(["show", f"{path}:make", "-o", "classes=3", "-o", "deep=true", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["options"] == {"classes": "3", "deep": True}
    assert (shown["totals"]["parameters"], shown["input_shape"]) == (15, [4])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "no/such/model.py:Net"], "does not exist"),
        (["graph", "no/such/net.pt2", "figure.svg"], "does not exist"),
        (["no/such/model.py:Net"], "does not exist"),
        (["train", "model.py:Net", "--data", "digits"], "it can be read (show, graph), not trained"),
    ],
)
def test_what_fails_is_one_line_and_exit_1(arguments, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 1
    complaint = capsys.readouterr().err.strip()
    assert said in complaint
    assert complaint.count("\n") == 0


def test_a_class_in_a_file_opens_in_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from explorer.ui import app

    opened: list[tuple[Path, ...]] = []
    monkeypatch.setattr(app, "main", lambda files: opened.append(files) or 0)
    monkeypatch.setattr(window.display, "missing_display", lambda: "")
    monkeypatch.setattr(window.display, "missing_library", lambda _plugin: "")
    (tmp_path / "net.py").write_text("")
    named = f"{tmp_path / 'net.py'}:Net"
    assert run([named]) == 0
    assert opened == [(Path(named),)]
