"""Files of a user's own, and reading them without a process of their own."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fork_server import shared_server


@pytest.fixture
def forked_children(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Children that read what is foreign have torch from their first moment, where the system allows it (Linux)."""
    if not sys.platform.startswith("linux"):
        yield
        return
    from explorer.system import child

    with shared_server().as_popen() as program:
        monkeypatch.setattr(child, "subprocess", types.SimpleNamespace(Popen=program, PIPE=subprocess.PIPE))
        yield


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Answers a request as the child process would, here, and leaves nothing of the imported file behind."""
    from explorer.foreign import child

    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(Path.cwd())
    before = dict(sys.modules)

    def answer(
        path: Path, name: str = "", *, input_shape: Any = None, do: str = "code", **given: str
    ) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        request = {
            "do": do, "path": str(path), "name": name, "given": given, "values": {}, "input_shape": input_shape,
        }  # fmt: skip
        try:
            child.answer(request, kept.update)
        finally:
            for module in [module for module in sys.modules if module not in before]:
                if str(path.parent) in str(getattr(sys.modules[module], "__file__", "")):
                    del sys.modules[module]
        return kept

    return answer


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a Python file that has torch and nn."""

    def written(code: str, name: str = "model.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"import torch\nfrom torch import nn\n{code}", encoding="utf-8")
        return path

    return written
