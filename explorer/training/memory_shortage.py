"""Telling that memory ran out, once all that was in it is let go."""

from __future__ import annotations

import gc

import torch

from explorer.training.errors import MemoryShortageError

# How the allocators of the processor, of CUDA and of its libraries say it where they have no error of their own.
_WORDS = ("can't allocate memory", "out of memory", "ALLOC_FAILED")


def is_shortage(error: BaseException) -> bool:
    """Whether an error means that memory ran out."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _WORDS)


def shortage(batch_size: int, smallest: int = 1) -> MemoryShortageError:
    """What to raise, after memory was freed; call it outside of the except block and of frames that hold tensors.

    Only there has the traceback let go of the tensors (pytorch issue 18853). `smallest` is the least batch that the
    network trains on; a `batch_size` of 0 is not known.
    """
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    half = batch_size // 2
    offered = half if half >= smallest else 0
    remedy = (
        f"choose a smaller batch size, {offered:,} perhaps, or another device" if offered else "choose another device"
    )
    with_images = f" with {_images(batch_size)} at once" if batch_size else ""
    return MemoryShortageError(f"there is not enough memory to train this network{with_images}; {remedy}", offered)


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"
