"""What becomes of the outputs of a network's nodes on their way, by the paths of its graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import Tensor

Change = Callable[[Tensor], Tensor]
"""What becomes of an output; it must not write over the tensor it gets."""


@dataclass(frozen=True, eq=False)
class Changes:
    """`outputs` are those of nodes and blocks; `zeroed` names functions, and which incoming tensor is zero there."""

    outputs: Mapping[str, Change] = field(default_factory=dict)
    zeroed: Mapping[str, int] = field(default_factory=dict)
