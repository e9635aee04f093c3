"""How many images a second a network takes in on this machine, and how much memory it holds while it does."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

# The profiler that measures memory tells of its own beginning and end on standard error.
os.environ.setdefault("KINETO_LOG_LEVEL", "99")

import torch
from torch import Tensor, nn

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Shape
from explorer.system import devices
from explorer.trial_network import Progress, Trial, conditions, tried

_WARM_UPS = 2
_LEAST_RUNS, _MOST_RUNS = 5, 200
# Passes are repeated for this long: the median of a second of them moves by a few per cent from call to call.
_SECONDS = 1.5
# A network this slow has shown what it takes after fewer runs.
_ENOUGH_S = 20.0


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
        return conditions(self.device, self.threads, self.batch)

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
    return tried(
        lambda trial: _measured(trial, seconds),
        architecture,
        options,
        input_shape,
        batch=batch,
        needed=needed,
        device=device,
        threads=threads,
        progress=progress,
        cancelled=cancelled,
    )


def _measured(trial: Trial, seconds: float) -> Throughput:
    network = trial.network
    times: list[float] = []
    with _cancellable(trial):
        trial.say("measuring memory", None)
        peak = _peak_bytes(network, trial.images, trial.device)
        began = time.perf_counter()
        for number in range(_WARM_UPS + _MOST_RUNS):
            trial.check()
            taken = trial.seconds_of_a_pass()
            spent = time.perf_counter() - began
            trial.say("measuring", min(1.0, max(spent / (seconds * 1.2), number / (_WARM_UPS + _MOST_RUNS))))
            # The first passes fill caches and choose kernels. A pass that takes seconds has no need of them.
            if number >= _WARM_UPS or taken > _ENOUGH_S / _LEAST_RUNS:
                times.append(taken)
            if times and (spent > _ENOUGH_S or (len(times) >= _LEAST_RUNS and spent > seconds)):
                break
    quarters = statistics.quantiles(times, n=4) if len(times) > 1 else [times[0]] * 3
    return Throughput(
        device=devices.describe(trial.device),
        threads=trial.threads,
        batch=len(trial.images),
        runs=len(times),
        seconds=statistics.median(times),
        spread=(quarters[2] - quarters[0]) / quarters[1],
        weights_bytes=sum(t.numel() * t.element_size() for t in (*network.parameters(), *network.buffers())),
        peak_bytes=peak,
    )


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


@contextmanager
def _cancellable(trial: Trial) -> Iterator[None]:
    """Lets a pass be given up between two layers."""
    handles = [
        module.register_forward_pre_hook(lambda _module, _inputs: trial.check()) for module in trial.network.children()
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
