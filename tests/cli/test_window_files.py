"""Files on the command line open in the window: one as what it is, several as pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from explorer.cli import run, window


def test_several_pictures_go_to_the_window_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[str, ...]] = []
    monkeypatch.setattr(window, "open_window", lambda files: given.append(tuple(files)) or 0)
    names = [str(tmp_path / name) for name in ("a.png", "b.png")]
    assert run(names) == 0
    assert run(names[:1]) == 0
    assert run([]) == 0
    assert given == [tuple(names), (names[0],), ()]


def test_a_file_that_is_missing_among_them_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("L", (5, 5)).save(tmp_path / "a.png")
    assert run([str(tmp_path / "a.png"), str(tmp_path / "missing.png")]) == 1
    assert "missing.png" in capsys.readouterr().err


def test_options_go_with_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("L", (5, 5)).save(tmp_path / "a.png")
    assert run([str(tmp_path / "a.png"), "--json"]) == 2
    assert "options go with a command" in capsys.readouterr().err
