"""A network built with random weights to be timed on a device, and what stands in the way said in words."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Shape
from explorer.system import devices, memory
from explorer.system.download import Cancelled

Progress = Callable[[str, float | None], None]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Trial:
    """A network in evaluation and a batch of random images, both on `device`, while `threads` are set.

    `check()` raises Cancelled where the work is no longer wanted.
    """

    network: nn.Module
    images: Tensor
    device: str
    threads: int
    say: Progress
    check: Callable[[], None]

    def seconds_of_a_pass(self) -> float:
        """What one forward pass takes."""
        self.finish()
        start = time.perf_counter()
        self.network(self.images)
        self.finish()
        return time.perf_counter() - start

    def finish(self) -> None:
        """Waits until the device has done what it was given; the processor does so at once."""
        if self.device == "cuda":
            torch.cuda.synchronize()
        elif self.device == "mps":
            torch.mps.synchronize()


def tried(
    work: Callable[[Trial], T],
    architecture: Architecture,
    options: Any = None,
    input_shape: Shape | None = None,
    *,
    batch: int,
    needed: int,
    device: str,
    threads: int | None,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> T:
    """What `work` makes of the network; `threads` is all cores unless given.

    `needed` is how many bytes weights and tensors take (`structure.memory_use`), where that is known: more than the
    machine has is refused, because a system that runs out of memory may end the program.

    Raises:
        ValueError: the network is one of the user's own, does not accept the input, or does not fit in memory.
        Cancelled: `cancelled()` was true.
    """
    if architecture.source:
        raise ValueError(f"{architecture.title} is your own code, which runs in a child process and is not timed")
    chosen = architecture.options_type() if options is None else options
    shape = tuple(input_shape or architecture.interface(chosen).input_shape)
    name = devices.resolve(device)
    count = threads or devices.cores()
    say = progress or (lambda _words, _share: None)

    def check() -> None:
        if cancelled is not None and cancelled():
            raise Cancelled

    too_large = f"{architecture.title} with batch {batch:,} does not fit in memory; choose a smaller batch"
    if name == "cpu" and needed > memory.installed_bytes() > 0:
        raise ValueError(too_large)
    say("building with random weights", None)
    try:
        with devices.threads(count):
            network = architecture.build(chosen).eval().to(name)
            check()
            images = torch.rand(batch, *shape, generator=torch.Generator().manual_seed(0)).to(name)
            with torch.inference_mode():
                return work(Trial(network, images, name, count, say, check))
    except (torch.OutOfMemoryError, MemoryError):
        sentence = too_large
    except RuntimeError as error:
        # The processor's allocator has no error of its own.
        no_memory = "allocate memory" in str(error)
        sentence = too_large if no_memory else f"{architecture.title} cannot be run: {str(error).splitlines()[0]}"
    # Outside the handler: its traceback holds the network's tensors.
    gc.collect()
    if name == "cuda":
        torch.cuda.empty_cache()
    raise ValueError(sentence)


def conditions(device: str, threads: int, batch: int) -> str:
    """Where and how something was measured: "CPU, 2 cores; 2 threads; batch 8"."""
    parts = [device]
    if device.startswith("CPU"):
        parts.append(f"{threads} thread" + ("s" if threads != 1 else ""))
    return "; ".join([*parts, f"batch {batch:,}"])
