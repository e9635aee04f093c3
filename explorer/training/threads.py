"""How many threads a training step is fastest with, found by trying."""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn

from explorer.networks.architecture import Scores
from explorer.system import devices
from explorer.training.config import TrainingConfig
from explorer.training.optimisers import make_optimiser
from explorer.training.step import Step

# A thread more has to pay: what it does not bring to training is better left to the window.
_WORTH_IT = 1.1
_WARM_UP_STEPS = 2
_TIMED_STEPS = 6
# Short steps are tried for this long: beside a window that is still opening, only some of them have both cores.
_TRIED_S = 0.15
_ROUNDS = 2
# A window that is still opening keeps a core busy: it is waited for, so long at most, until the rest of the program
# takes no more than this share of a core.
_QUIET_SHARE = 0.25
_LOOKED_S = 0.1
_PATIENCE_S = 4.0
# A network whose steps take longer than this has work for every core.
_LONG_STEP_S = 0.5


def candidates(cores: int) -> tuple[int, ...]:
    """The numbers of threads worth trying: powers of two, and all cores but one (both of two)."""
    most = cores if cores <= 2 else cores - 1
    powers = itertools.takewhile(lambda count: count < most, (2**exponent for exponent in itertools.count()))
    return (*powers, most)


def measure(
    network: nn.Module,
    config: TrainingConfig,
    scores: Scores,
    batches: Callable[[], Iterable[tuple[Tensor, Tensor]]],
    processes: int = 1,
) -> int:
    """The number of threads that trains this network fastest, or nearly so with fewer.

    The cores are shared with so many `processes` that do the same. Steps are done on a copy and random numbers are put
    back: the training that follows does not notice.
    """
    counts = candidates(max(1, devices.cores() // processes))
    if len(counts) == 1:
        return counts[0]
    random_state = torch.get_rng_state()
    before = torch.get_num_threads()
    try:
        _await_quiet()
        twin = copy.deepcopy(network).train()
        step = Step(twin, make_optimiser(twin, config), config, scores)
        return _fastest(counts, step, _endless(batches))
    finally:
        devices.use_threads(before)
        torch.set_rng_state(random_state)


def chosen(seconds: dict[int, float]) -> int:
    """The fewest threads after which no further step up pays for itself, given the time of a step with each number."""
    best = min(seconds)
    for count in sorted(seconds):
        if seconds[count] * _WORTH_IT < seconds[best]:
            best = count
    return best


def _await_quiet() -> None:
    """Waits until the program's other threads are done with what would disturb the measurement."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < _PATIENCE_S:
        used, looked = time.process_time(), time.perf_counter()
        time.sleep(_LOOKED_S)
        if time.process_time() - used < _QUIET_SHARE * (time.perf_counter() - looked):
            return


def _fastest(counts: tuple[int, ...], step: Step, batches: Iterator[tuple[Tensor, Tensor]]) -> int:
    seconds: dict[int, float] = {}
    for _ in range(_ROUNDS):
        for count in reversed(counts):
            devices.use_threads(count)
            taken = _time(step, batches)
            if taken > _LONG_STEP_S:
                return counts[-1]
            seconds[count] = min(taken, seconds.get(count, taken))
    return chosen(seconds)


def _time(step: Step, batches: Iterator[tuple[Tensor, Tensor]]) -> float:
    """The quickest step: what else the machine does at the moment makes steps slower, never quicker."""
    times: list[float] = []
    number, begun = 0, time.perf_counter()
    while number < _WARM_UP_STEPS + _TIMED_STEPS or time.perf_counter() - begun < _TRIED_S:
        start = time.perf_counter()
        images, labels = next(batches)
        step(images, labels, 1e-5)
        taken = time.perf_counter() - start
        if number >= _WARM_UP_STEPS or taken > _LONG_STEP_S:
            times.append(taken)
        if taken > _LONG_STEP_S:
            break
        number += 1
    step.read()
    return min(times)


def _endless(batches: Callable[[], Iterable[tuple[Tensor, Tensor]]]) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        yield from batches()
