"""How long each layer takes on this machine, beside what theory counts."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Shape
from explorer.system import devices, memory
from explorer.system.download import Cancelled

_WARM_UPS = 2
_RUNS = 9
# A network this slow has shown what it takes after fewer runs.
_ENOUGH_S = 20.0

Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Timings:
    """Medians over `runs` forward passes of `batch` random images in evaluation, with random weights.

    `layers` gives milliseconds by path of a graph's node, for each layer that is a module: the n-th call of a module
    has the path "name:n". `whole` is the time of the whole pass, measured by itself, with what lies between layers.
    """

    device: str
    threads: int
    batch: int
    runs: int
    layers: Mapping[str, float]
    whole: float

    @property
    def conditions(self) -> str:
        """Where and how it was measured: "CPU, 2 cores; 2 threads; batch 1; median of 9 runs"."""
        parts = [self.device]
        if self.device.startswith("CPU"):
            parts.append(f"{self.threads} thread" + ("s" if self.threads != 1 else ""))
        return "; ".join([*parts, f"batch {self.batch:,}", f"median of {self.runs} runs"])

    def as_record(self) -> dict[str, Any]:
        """For JSON; times in milliseconds."""
        return {
            "device": self.device,
            "threads": self.threads,
            "batch": self.batch,
            "runs": self.runs,
            "milliseconds": self.whole,
            "layers": dict(self.layers),
        }


def can_be_measured(architecture: Architecture) -> bool:
    """Whether a network is built here: one of the user's own runs in a child process only."""
    return not architecture.source


def measure(
    architecture: Architecture,
    options: Any = None,
    input_shape: Shape | None = None,
    *,
    batch: int = 1,
    needed: int = 0,
    device: str = "cpu",
    threads: int | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Timings:
    """Builds the network with random weights and times its layers; `threads` is all cores unless given.

    `needed` is how many bytes weights and tensors take (`structure.memory_use`), where that is known: more than the
    machine has is refused, because a system that runs out of memory may end the program.

    Raises:
        ValueError: the network is one of the user's own, does not accept the input, or does not fit in memory.
        Cancelled: `cancelled()` was true.
    """
    if not can_be_measured(architecture):
        raise ValueError(f"{architecture.title} is your own code, which runs in a child process and is not timed")
    chosen = architecture.options_type() if options is None else options
    shape = tuple(input_shape or architecture.interface(chosen).input_shape)
    name = devices.resolve(device)
    count = threads or devices.cores()
    say = progress or (lambda _words, _share: None)
    stop = cancelled or (lambda: False)
    too_large = f"{architecture.title} with batch {batch:,} does not fit in memory; choose a smaller batch"
    if name == "cpu" and needed > memory.installed_bytes() > 0:
        raise ValueError(too_large)
    say("building with random weights", None)
    try:
        with devices.threads(count):
            network = architecture.build(chosen).eval().to(name)
            _check(stop)
            return _measure(network, shape, batch, name, count, say, stop)
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


def _measure(
    network: nn.Module, shape: Shape, batch: int, device: str, threads: int, say: Progress, stop: Callable[[], bool]
) -> Timings:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(batch, *shape, generator=generator).to(device)
    wholes: list[float] = []
    layers: dict[str, list[float]] = {}
    rounds = _WARM_UPS + _RUNS
    began = time.perf_counter()
    with torch.inference_mode():
        for number in range(rounds):
            _check(stop)
            say("measuring", number / rounds)
            whole = _whole(network, images, device)
            taken = _each_layer(network, images, device, stop)
            # The first passes fill caches and choose kernels. A pass that takes seconds has no need of them.
            if number >= _WARM_UPS or whole > _ENOUGH_S / rounds:
                wholes.append(whole)
                for path, milliseconds in taken.items():
                    layers.setdefault(path, []).append(milliseconds)
            if wholes and time.perf_counter() - began > _ENOUGH_S:
                break
    return Timings(
        device=devices.describe(device),
        threads=threads,
        batch=batch,
        runs=len(wholes),
        layers={path: statistics.median(times) for path, times in layers.items()},
        whole=statistics.median(wholes) * 1000,
    )


def _whole(network: nn.Module, images: Tensor, device: str) -> float:
    _finish(device)
    start = time.perf_counter()
    network(images)
    _finish(device)
    return time.perf_counter() - start


def _each_layer(network: nn.Module, images: Tensor, device: str, stop: Callable[[], bool]) -> dict[str, float]:
    """Milliseconds of each call of a leaf module in one pass, by path."""
    taken: dict[str, float] = {}
    with _stopwatches(network, taken, device, stop):
        network(images)
    return taken


@contextmanager
def _stopwatches(network: nn.Module, taken: dict[str, float], device: str, stop: Callable[[], bool]) -> Iterator[None]:
    calls: dict[str, int] = {}
    started: dict[str, float] = {}
    handles: list[Any] = []

    def begin(name: str) -> None:
        _check(stop)
        _finish(device)
        started[name] = time.perf_counter()

    def end(name: str) -> None:
        _finish(device)
        seconds = time.perf_counter() - started[name]
        calls[name] = calls.get(name, 0) + 1
        taken[name if calls[name] == 1 else f"{name}:{calls[name]}"] = seconds * 1000

    try:
        for name, module in network.named_modules():
            if name and _is_layer(module):
                handles += [
                    module.register_forward_pre_hook(lambda _module, _inputs, name=name: begin(name)),
                    module.register_forward_hook(lambda _module, _inputs, _output, name=name: end(name)),
                ]
        yield
    finally:
        for handle in handles:
            handle.remove()


def _is_layer(module: nn.Module) -> bool:
    """Whether a module is a row of the table: it holds no other, is torch's own, or describes itself (`kind`)."""
    if hasattr(module, "kind") or not any(True for _ in module.children()):
        return True
    return type(module).__module__.startswith("torch.nn") and not isinstance(
        module, nn.Sequential | nn.ModuleList | nn.ModuleDict
    )


def _finish(device: str) -> None:
    """Waits until the device has done what it was given; the processor does so at once."""
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def _check(stop: Callable[[], bool]) -> None:
    if stop():
        raise Cancelled
