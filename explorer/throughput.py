"""How many images a second a network takes in on this machine, and how much memory it holds while it does."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# The profiler that measures memory tells of its own beginning and end on standard error.
os.environ.setdefault("KINETO_LOG_LEVEL", "99")

import torch
from torch import Tensor, nn

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Shape
from explorer.system import devices, memory
from explorer.system.download import Cancelled

_WARM_UPS = 2
_LEAST_RUNS, _MOST_RUNS = 5, 200
# Passes are repeated for this long: the median of a second of them moves by a few per cent from call to call.
_SECONDS = 1.5
# A network this slow has shown what it takes after fewer runs.
_ENOUGH_S = 20.0

Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Throughput:
    """The median over `runs` forward passes of `batch` random images in evaluation, with random weights, float32.

    `seconds` is one pass. `weights_bytes` are parameters and buffers; `peak_bytes` is what the pass held at most beside
    them, None where this torch does not say. On the processor that is what torch's allocator gave out, on a graphics
    card what its caching allocator did.
    """

    device: str
    threads: int
    batch: int
    runs: int
    seconds: float
    spread: float
    weights_bytes: int
    peak_bytes: int | None

    @property
    def images_per_second(self) -> float:
        return self.batch / self.seconds

    @property
    def memory_bytes(self) -> int | None:
        """Weights and the peak of the pass together."""
        return None if self.peak_bytes is None else self.weights_bytes + self.peak_bytes

    @property
    def conditions(self) -> str:
        """Where and how it was measured: "CPU, 2 cores; 2 threads; batch 8"."""
        parts = [self.device]
        if self.device.startswith("CPU"):
            parts.append(f"{self.threads} thread" + ("s" if self.threads != 1 else ""))
        return "; ".join([*parts, f"batch {self.batch:,}"])

    def as_record(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "device": self.device,
            "threads": self.threads,
            "batch": self.batch,
            "runs": self.runs,
            "images_per_second": self.images_per_second,
            "milliseconds_per_batch": self.seconds * 1000,
            "spread": self.spread,
            "weights_bytes": self.weights_bytes,
            "peak_bytes": self.peak_bytes,
        }


def measure_throughput(
    architecture: Architecture,
    options: Any = None,
    *,
    batch: int = 1,
    needed: int = 0,
    device: str = "cpu",
    threads: int | None = None,
    input_shape: Shape | None = None,
    seconds: float = _SECONDS,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Throughput:
    """Builds the network with random weights and times whole passes, without a stopwatch at any layer.

    `needed` is how many bytes weights and tensors take in theory: more than the machine has is refused.

    Raises:
        ValueError: the network is one of the user's own, does not run, or does not fit in memory.
        Cancelled: `cancelled()` was true.
    """
    if architecture.source:
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
            return _measured(network, shape, batch, name, count, seconds, say, stop)
    except (torch.OutOfMemoryError, MemoryError):
        sentence = too_large
    except RuntimeError as error:
        no_memory = "allocate memory" in str(error)
        sentence = too_large if no_memory else f"{architecture.title} cannot be run: {str(error).splitlines()[0]}"
    # Outside the handler: its traceback holds the network's tensors.
    gc.collect()
    if name == "cuda":
        torch.cuda.empty_cache()
    raise ValueError(sentence)


def _measured(
    network: nn.Module,
    shape: Shape,
    batch: int,
    device: str,
    threads: int,
    seconds: float,
    say: Progress,
    stop: Callable[[], bool],
) -> Throughput:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(batch, *shape, generator=generator).to(device)
    times: list[float] = []
    with torch.inference_mode(), _cancellable(network, stop):
        say("measuring memory", None)
        peak = _peak_bytes(network, images, device)
        began = time.perf_counter()
        for number in range(_WARM_UPS + _MOST_RUNS):
            _check(stop)
            taken = _pass(network, images, device)
            spent = time.perf_counter() - began
            say("measuring", min(1.0, max(spent / (seconds * 1.2), number / (_WARM_UPS + _MOST_RUNS))))
            # The first passes fill caches and choose kernels. A pass that takes seconds has no need of them.
            if number >= _WARM_UPS or taken > _ENOUGH_S / _LEAST_RUNS:
                times.append(taken)
            if times and (spent > _ENOUGH_S or (len(times) >= _LEAST_RUNS and spent > seconds)):
                break
    quarters = statistics.quantiles(times, n=4) if len(times) > 1 else [times[0]] * 3
    return Throughput(
        device=devices.describe(device),
        threads=threads,
        batch=batch,
        runs=len(times),
        seconds=statistics.median(times),
        spread=(quarters[2] - quarters[0]) / quarters[1],
        weights_bytes=sum(t.numel() * t.element_size() for t in (*network.parameters(), *network.buffers())),
        peak_bytes=peak,
    )


def _pass(network: nn.Module, images: Tensor, device: str) -> float:
    _finish(device)
    start = time.perf_counter()
    network(images)
    _finish(device)
    return time.perf_counter() - start


def _peak_bytes(network: nn.Module, images: Tensor, device: str) -> int | None:
    """What one pass holds at most beside the weights, the images among it."""
    given = images.numel() * images.element_size()
    if device == "cuda":
        network(images)
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        network(images)
        torch.cuda.synchronize()
        return given + torch.cuda.max_memory_allocated() - before
    if device != "cpu":
        network(images)
        return None
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        network(images)
    results = getattr(getattr(profile, "profiler", None), "kineto_results", None)
    if results is None:
        return None
    steps = sorted((event.start_ns(), event.nbytes()) for event in results.events() if event.name() == "[memory]")
    held = most = 0
    for _, size in steps:
        held += size
        most = max(most, held)
    return given + most if steps else None


class _cancellable:  # noqa: N801 - used as a context
    """Lets a pass be given up between two layers."""

    def __init__(self, network: nn.Module, stop: Callable[[], bool]) -> None:
        self._handles = [
            module.register_forward_pre_hook(lambda _module, _inputs: _check(stop)) for module in network.children()
        ]

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_details: object) -> None:
        for handle in self._handles:
            handle.remove()


def _finish(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
    elif device == "mps":
        torch.mps.synchronize()


def _check(stop: Callable[[], bool]) -> None:
    if stop():
        raise Cancelled
