"""How long each layer takes on this machine, beside what theory counts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import nn

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Shape
from explorer.system import devices
from explorer.trial_network import Progress, Trial, conditions, tried

_WARM_UPS = 2
_RUNS = 9
# A network this slow has shown what it takes after fewer runs.
_ENOUGH_S = 20.0


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
        return f"{conditions(self.device, self.threads, self.batch)}; median of {self.runs} runs"

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
    return tried(
        _measure,
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


def _measure(trial: Trial) -> Timings:
    wholes: list[float] = []
    layers: dict[str, list[float]] = {}
    rounds = _WARM_UPS + _RUNS
    began = time.perf_counter()
    for number in range(rounds):
        trial.check()
        trial.say("measuring", number / rounds)
        whole = trial.seconds_of_a_pass()
        taken = _each_layer(trial)
        # The first passes fill caches and choose kernels. A pass that takes seconds has no need of them.
        if number >= _WARM_UPS or whole > _ENOUGH_S / rounds:
            wholes.append(whole)
            for path, milliseconds in taken.items():
                layers.setdefault(path, []).append(milliseconds)
        if wholes and time.perf_counter() - began > _ENOUGH_S:
            break
    return Timings(
        device=devices.describe(trial.device),
        threads=trial.threads,
        batch=len(trial.images),
        runs=len(wholes),
        layers={path: statistics.median(times) for path, times in layers.items()},
        whole=statistics.median(wholes) * 1000,
    )


def _each_layer(trial: Trial) -> dict[str, float]:
    """Milliseconds of each call of a leaf module in one pass, by path."""
    taken: dict[str, float] = {}
    with _stopwatches(trial, taken):
        trial.network(trial.images)
    return taken


@contextmanager
def _stopwatches(trial: Trial, taken: dict[str, float]) -> Iterator[None]:
    calls: dict[str, int] = {}
    started: dict[str, float] = {}
    handles: list[Any] = []

    def begin(name: str) -> None:
        trial.check()
        trial.finish()
        started[name] = time.perf_counter()

    def end(name: str) -> None:
        trial.finish()
        seconds = time.perf_counter() - started[name]
        calls[name] = calls.get(name, 0) + 1
        taken[name if calls[name] == 1 else f"{name}:{calls[name]}"] = seconds * 1000

    try:
        for name, module in trial.network.named_modules():
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
