"""Several processes that train one network together, each with its share of every batch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm

from explorer.training.errors import TrainingError

# In training, who does not answer for so long is gone. Data may have to be downloaded before, a network compiled.
_ANSWER = timedelta(seconds=60)
_PREPARATION = timedelta(minutes=30)


class TeamBrokenError(TrainingError):
    """Another process of the team ended, or does not answer."""


class Team:
    """The processes of one training. The first, rank 0, leads: it alone is given orders and writes the run folder.

    `local_rank` and `local_size` count the processes on this machine. All of them call the same methods in the same
    order, and wait for each other there; a process that is `alone` waits for nobody. What fails because another one is
    gone raises TeamBrokenError.
    """

    def __init__(self, rank: int = 0, size: int = 1, local_rank: int = 0, local_size: int = 1) -> None:
        self.rank = rank
        self.size = size
        self.local_rank = local_rank
        self.local_size = local_size
        self.is_broken = False
        # None is torch's word for the group of all, which waits for long.
        self._group: Any = None

    @classmethod
    def join(cls, meeting_point: str = "env://") -> Team:
        """The team that torchrun started this process in, or whoever sets RANK, WORLD_SIZE and the like.

        `meeting_point` is torch.distributed's `init_method`. Call `leave` where all went well.
        """
        rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
        team = cls(rank, size, int(os.environ.get("LOCAL_RANK", rank)), int(os.environ.get("LOCAL_WORLD_SIZE", size)))
        # What is agreed on lies in the processor's memory, whatever computes.
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() and distributed.is_nccl_available() else "gloo"
        with team._answering():
            distributed.init_process_group(backend, meeting_point, timeout=_PREPARATION, rank=rank, world_size=size)
        return team

    def leave(self) -> None:
        """Ends the team. Not where something failed: NCCL would wait for those who are gone."""
        if not self.is_alone:
            self.meet()
            distributed.destroy_process_group()

    @property
    def is_alone(self) -> bool:
        return self.size == 1

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def check_device(self, device: str) -> None:
        """Takes this process's own graphics card where the device is CUDA.

        Raises:
            ValueError: there are fewer cards than processes on this machine, or cards that cannot work together.
        """
        if self.is_alone:
            return
        if device == "mps":
            raise ValueError("Apple's graphics cannot be shared by several processes; add --device cpu")
        if device == "cuda":
            cards = torch.cuda.device_count()
            if cards < self.local_size:
                raise ValueError(
                    f"{self.local_size} processes need as many graphics cards, and this machine has {cards}; start "
                    "fewer, or add --device cpu"
                )
            torch.cuda.set_device(self.local_rank)

    def begin(self) -> None:
        """From here on, nobody is waited for longer than a minute."""
        if not self.is_alone:
            with self._answering():
                self._group = distributed.new_group(timeout=_ANSWER)

    def share(self, count: int, smallest: int = 1) -> slice:
        """This process's part of `count` images: of all alike, in order, and of `smallest` images or none."""
        members = max(1, min(self.size, count // smallest))
        first, last = (min(count * rank // members, count) for rank in (self.rank, self.rank + 1))
        return slice(first, last)

    def add_up(self, tensor: Tensor) -> None:
        """Makes a tensor the sum of those of all processes, in place."""
        if not self.is_alone:
            with self._answering():
                distributed.all_reduce(tensor, group=self._group)

    def copy_from_lead(self, tensors: Iterable[Tensor]) -> None:
        """Gives tensors the values that they have in the leading process, in place."""
        if self.is_alone:
            return
        for tensor in tensors:
            # Networks lie in memory in other orders too, which a broadcast does not know of.
            passed = tensor.detach().contiguous()
            with self._answering():
                distributed.broadcast(passed, 0, group=self._group)
            if passed.data_ptr() != tensor.data_ptr():
                with torch.no_grad():
                    tensor.copy_(passed)

    def told(self, content: bytes = b"") -> bytes:
        """What the leading process says, whose `content` counts alone."""
        if self.is_alone:
            return content
        length = torch.tensor([len(content) if self.leads else 0])
        self.copy_from_lead([length])
        if not length.item():
            return b""
        text = torch.zeros(int(length.item()), dtype=torch.uint8)
        if self.leads:
            text = torch.frombuffer(bytearray(content), dtype=torch.uint8)
        self.copy_from_lead([text])
        return text.numpy().tobytes()

    def meet(self) -> None:
        """Waits until all are here."""
        self.add_up(torch.zeros(1))

    def average_statistics(self, *networks: nn.Module) -> None:
        """Makes the running statistics of batch norm the mean of what all processes have seen.

        The variance of the shares' means is not in it, which is small where shares are many images. Counts are those
        of the leading process.
        """
        if self.is_alone:
            return
        modules = dict.fromkeys(layer for network in networks for layer in network.modules())
        layers = [layer for layer in modules if isinstance(layer, _BatchNorm)]
        statistics = [each for layer in layers for each in (layer.running_mean, layer.running_var) if each is not None]
        if not statistics:
            return
        together = torch.cat(statistics)
        self.add_up(together)
        together /= self.size
        parts = torch.split(together, [len(each) for each in statistics])
        for each, mean in zip(statistics, parts, strict=True):
            each.copy_(mean)
        self.copy_from_lead([layer.num_batches_tracked for layer in layers if layer.num_batches_tracked is not None])

    def speaks_for_all(self) -> bool:
        """True for the first process that asks, so that one of them tells what became of all."""
        if self.is_alone:
            return True
        try:
            return int(distributed.distributed_c10d._get_default_store().add("spoken", 1)) == 1  # noqa: SLF001 - torch has no public way
        except (RuntimeError, ValueError):
            # Who kept the count is gone too; rather told twice than never.
            return True

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            self.is_broken = True
            raise TeamBrokenError("another process of this training has ended, or does not answer") from error


ALONE = Team()
