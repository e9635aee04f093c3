"""Slices of data sets: "cifar10:4000:1000" is CIFAR-10's first 4,000 images to train with and first 1,000 to test.

The published sets are in no order of classes, so that their first images are as good as any; the folders of a user's
own are in one, and have no slices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SLICE = re.compile(r"([a-z][a-z0-9-]*):([1-9][0-9]{0,8}):([1-9][0-9]{0,8})")


@dataclass(frozen=True)
class Slice:
    """The first `train` and `test` images of the data set `whole`; all there are, where there are fewer."""

    whole: str
    train: int
    test: int

    def __str__(self) -> str:
        return f"{self.whole}:{self.train}:{self.test}"


def parsed(name: str) -> Slice | None:
    """The slice that a name means; None for the name of anything else."""
    found = _SLICE.fullmatch(name)
    return None if found is None else Slice(found[1], int(found[2]), int(found[3]))
