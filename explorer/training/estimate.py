"""What a training would cost, from a few steps of that very network on that device."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.data.batches import prepare
from explorer.system.download import Cancelled
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.ingredients import Ingredients, smallest_batch
from explorer.training.memory_shortage import is_shortage, shortage
from explorer.training.preparation import Progress
from explorer.training.trial import trial

# Measured with growing parts of a batch until a step takes so long, so that a giant network answers soon.
_LONG_STEP_S = 0.4
_TIMED_STEPS = 3


@dataclass(frozen=True)
class Estimate:
    """What a training would cost: its speed, the seconds of an epoch and of all of it, evaluation included.

    `memory_bytes` is what a step needs at its most: weights, gradients, the optimiser's state, what is kept of the
    forward pass, and the data that lie on the device. On CUDA it is measured, elsewhere counted, and scaled from the
    part of a batch that was tried.
    """

    images_per_second: float
    seconds_per_epoch: float
    seconds: float
    memory_bytes: int


def estimate(
    config: TrainingConfig,
    settings: Settings | None = None,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Estimate:
    """Measures a few steps of a new network by `config`; one or two seconds, plus loading the data. Nothing is kept.

    Raises:
        ValueError, DataError: as `fit`.
        MemoryShortageError: memory ran out; it offers a smaller batch size.
        Cancelled: `cancelled()` was true.
    """
    found = _estimate(config, settings, progress, cancelled)
    if found is None:
        raise shortage(config.batch_size)
    return found


def _estimate(
    config: TrainingConfig,
    settings: Settings | None,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
) -> Estimate | None:
    """The estimate; None where memory ran out."""
    try:
        with trial(config, settings, progress, cancelled) as (given, dataset):
            if progress is not None:
                progress("Measuring a few steps", None)
            tried = _Tried(given, cancelled)
            count, seconds = tried.step_time()
            speed = 1 / (seconds / count + tried.preparation_time)
            judged = len(dataset.test) + (0 if given.validation is None else len(given.validation))
            pictures = torch.from_numpy(dataset.test.images[:count]).to(given.device)
            evaluation = tried.evaluation_time(pictures) / len(pictures)
            epoch = given.batches.images / speed + judged * evaluation
            resident = dataset.train.images.nbytes + dataset.test.images.nbytes
            memory = tried.memory(min(config.batch_size, given.batches.images), resident)
            return Estimate(speed, epoch, epoch * config.epochs, memory)
    except (RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
        return None


class _Tried:
    """Steps with a part of a batch, or all of it."""

    def __init__(self, given: Ingredients, cancelled: Callable[[], bool] | None) -> None:
        self._given = given
        self._cancelled = cancelled
        # Twice: the first time, libraries are loaded.
        self.preparation_time, self._images, self._labels = [self._prepared() for _ in range(2)][-1]
        self._count = min(smallest_batch(given.network), len(self._images))

    def _prepared(self) -> tuple[float, Tensor, Tensor]:
        """The seconds that preparing an image takes, and a batch."""
        start = time.perf_counter()
        batches = self._given.batches.sample()
        images, labels = next(batches)
        _wait(self._given.device)
        seconds = time.perf_counter() - start
        # Batches that were prepared together share their memory.
        together = images.untyped_storage().data_ptr()
        others = itertools.takewhile(lambda batch: batch[0].untyped_storage().data_ptr() == together, batches)
        return seconds / (len(images) + sum(len(batch[1]) for batch in others)), images, labels

    def step_time(self) -> tuple[int, float]:
        """How many images a step was tried with, and the seconds that it takes."""
        # The first step makes the optimiser's state and loads libraries.
        seconds = self._step()
        if seconds < _LONG_STEP_S:
            seconds = self._step()
        while self._count < len(self._images) and seconds < _LONG_STEP_S:
            grow = 8 if seconds * 8 < _LONG_STEP_S else 2
            self._count = min(self._count * grow, len(self._images))
            # With the memory that it needs for the first time, a step is slower than later.
            seconds = min(self._step(), self._step())
        times = [seconds]
        while sum(times) < _LONG_STEP_S or (len(times) < _TIMED_STEPS and times[0] < _LONG_STEP_S):
            times.append(self._step())
        return self._count, statistics.median(times)

    def evaluation_time(self, pictures: Tensor) -> float:
        """The seconds that evaluating these pictures takes."""
        network = self._given.network.eval()
        times: list[float] = []
        with torch.inference_mode():
            while not times or (len(times) < 2 and times[0] < _LONG_STEP_S):
                self._look_out()
                start = time.perf_counter()
                network(prepare(pictures, self._given.preprocessing))
                _wait(self._given.device)
                times.append(time.perf_counter() - start)
        network.train()
        return min(times)

    def memory(self, batch: int, resident: int) -> int:
        """The bytes that a step with a whole batch needs, beside `resident` ones of data."""
        given = self._given
        if given.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
            before = torch.cuda.memory_allocated()
            self._step()
            # The gradients do not grow with the batch, but count for little where activations count at all.
            peak = torch.cuda.max_memory_allocated() - before
            fixed = min(self._weight_copies(), peak)
            return before + fixed + math.ceil((peak - fixed) * batch / self._count)
        weights = _bytes(given.network.state_dict().values())
        trained = _bytes(parameter for parameter in given.network.parameters() if parameter.requires_grad)
        state = _bytes(
            value
            for values in given.step.optimiser.state.values()
            for value in values.values()
            if isinstance(value, Tensor)
        )
        average = weights if given.average is not None else 0
        prepared = self._images.untyped_storage().nbytes()
        kept = self._kept_bytes(given.network)
        fixed = min(self._weight_copies(), kept)
        grown = math.ceil((kept - fixed) * batch / self._count)
        return weights + average + trained + state + resident + prepared + fixed + grown

    def _weight_copies(self) -> int:
        """The bytes of the weights in bfloat16 that mixed precision keeps beside them, whatever the batch."""
        if not self._given.step.is_mixed:
            return 0
        parameters = self._given.network.parameters()
        return sum(2 * parameter.numel() for parameter in parameters if parameter.dim() > 1 and parameter.requires_grad)

    def _kept_bytes(self, network: nn.Module) -> int:
        """What a forward pass keeps for the backward pass, beside the weights."""
        known = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}
        storages: dict[int, int] = {}

        def keep(tensor: Tensor) -> Tensor:
            storage = tensor.untyped_storage()
            if storage.data_ptr() not in known:
                storages[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            # Held until all is counted: what is freed leaves its address to others.
            # A copy, because a batch is part of a larger tensor.
            outputs = self._given.step.outputs(self._images[: self._count].clone())
        kept = sum(storages.values())
        del outputs
        return kept

    def _step(self) -> float:
        self._look_out()
        start = time.perf_counter()
        self._given.step(self._images[: self._count], self._labels[: self._count], 1e-6)
        self._given.step.read()
        _wait(self._given.device)
        return time.perf_counter() - start

    def _look_out(self) -> None:
        if self._cancelled is not None and self._cancelled():
            raise Cancelled


def _bytes(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
