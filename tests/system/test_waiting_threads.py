"""How long torch's threads wait actively is said before torch is imported, to this process alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_TELL = """
import ctypes, os, sys
import explorer
told = ctypes.CDLL(None).getenv
told.restype = ctypes.c_char_p
print(told(b"GOMP_SPINCOUNT"), os.environ.get("GOMP_SPINCOUNT"), "torch" in sys.modules)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="libgomp is the one of Linux")
@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "b'30000' None False"),
        ({"OMP_WAIT_POLICY": "active"}, "None None False"),
        ({"GOMP_SPINCOUNT": "7"}, "b'7' 7 False"),
    ],
)
def test_it_is_said_before_torch_is_imported_unless_the_user_has(given: dict[str, str], told: str) -> None:
    others = {name: value for name, value in os.environ.items() if name not in {"GOMP_SPINCOUNT", "OMP_WAIT_POLICY"}}
    done = subprocess.run(
        [sys.executable, "-c", _TELL], env={**others, **given}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == told
