"""What computes: the processor, a CUDA graphics card, Apple's graphics. Torch is imported inside the functions."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

DeviceName = Literal["cpu", "cuda", "mps"]

_WORDS = {"cpu": "CPU", "cuda": "CUDA", "mps": "MPS (Apple graphics)"}


@dataclass(frozen=True)
class ComputeDevice:
    """A device that is there; `title` says in words what it is, for example "CPU, 2 cores"."""

    name: DeviceName
    title: str


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def available() -> tuple[ComputeDevice, ...]:
    """The devices that torch can use here, the processor first."""
    import torch  # noqa: PLC0415 - torch is imported off the UI thread

    names: list[DeviceName] = ["cpu"]
    if torch.cuda.is_available():
        names.append("cuda")
    if torch.backends.mps.is_available():
        names.append("mps")
    return tuple(ComputeDevice(name, describe(name)) for name in names)


def resolve(asked: str) -> DeviceName:
    """The device that `asked` means here; "auto" is CUDA where there is one, else Apple's graphics, else the processor.

    Raises:
        ValueError: the name is unknown or this machine has no such device.
    """
    names = [device.name for device in available()]
    if asked == "auto":
        return names[1] if len(names) > 1 else "cpu"
    if asked in names:
        return asked
    if asked not in _WORDS:
        raise ValueError(f"device is one of auto, {', '.join(_WORDS)}, not {asked!r}")
    raise ValueError(
        f"this machine has no {_WORDS[asked]} device that torch can use; it has {', '.join(names)}: choose auto"
    )


def describe(name: str) -> str:
    """A device in words, for example "CPU, 2 cores" or "CUDA, NVIDIA T4, 15 GB"."""
    if name == "cuda":
        import torch  # noqa: PLC0415 - torch is imported off the UI thread

        properties = torch.cuda.get_device_properties(torch.cuda.current_device())
        return f"CUDA, {properties.name}, {properties.total_memory / 2**30:.0f} GB"
    if name == "mps":
        return f"MPS, {platform.machine()}"
    count = cores()
    return f"CPU, {count} {'core' if count == 1 else 'cores'}"


def computes_bfloat16(name: str) -> bool:
    """Whether a device is known to multiply bfloat16 faster than float32: x86-64 with AVX-512 BF16 or AMX.

    Others were not measured and count as not: small networks keep graphics cards waiting whatever they compute with.
    """
    if name != "cpu":
        return False
    import torch  # noqa: PLC0415 - torch is imported off the UI thread

    # Where torch does not tell, nothing is known.
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def use_threads(count: int) -> int:
    """Sets how many threads torch's operations use when the calling thread runs them; returns what it was before.

    Torch keeps the number for each thread, but a thread takes it over only at its first parallel operation, and takes
    the newest number that any thread has set. Reading it back makes that happen here and now; where another thread
    slipped in between, the number is set again.
    """
    import torch  # noqa: PLC0415 - torch is imported off the UI thread

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    for _ in range(100):
        if torch.get_num_threads() == count:
            break
        torch.set_num_threads(count)
    return before


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Runs the block with `count` threads for torch's operations in the calling thread, then puts the number back."""
    before = use_threads(count)
    try:
        yield
    finally:
        use_threads(before)
