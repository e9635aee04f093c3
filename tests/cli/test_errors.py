"""What the terminal says when the system refuses something."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.cli import run


def test_a_refusal_of_the_system_is_told_with_its_path_and_without_its_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a file").write_text("in the way", encoding="utf-8")
    folder = tmp_path / "a file" / "pictures"
    assert run(["screenshots", str(folder)]) == 1
    told = capsys.readouterr().err
    assert str(folder) in told
    assert "Errno" not in told
