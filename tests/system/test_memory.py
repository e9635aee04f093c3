import subprocess
import sys

import pytest

from explorer.system import memory

# Takes and frees three blocks of 4 MB again and again and counts the pages that had to be faulted in.
SCRIPT = """
import ctypes, resource, sys
from explorer.system import memory
if sys.argv[1] == "keep":
    memory.keep_freed()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
def round():
    blocks = [libc.malloc(2**22) for _ in range(3)]
    for block in blocks:
        ctypes.memset(block, 1, 2**22)
    for block in blocks:
        libc.free(block)
for _ in range(5):
    round()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    round()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(mode: str) -> int:
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, mode], capture_output=True, text=True, check=True, timeout=60
    )
    return int(answer.stdout)


@pytest.mark.skipif(memory._glibc() is None, reason="only glibc can be told")
def test_memory_that_was_freed_is_used_again_without_page_faults() -> None:
    assert faults("keep") < 100 < faults("default")


def test_giving_memory_back_works_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    memory.give_back()
    monkeypatch.setattr(sys, "platform", "win32")
    memory._glibc.cache_clear()
    memory.give_back()
    assert memory._glibc() is None
    memory._glibc.cache_clear()
