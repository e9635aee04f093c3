"""How the steps from an input to what a network sees are left out one by one, and watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

Off = frozenset[str]
"""The keys of steps that are left out."""
Watch = Callable[[str, NDArray[Any]], None]
"""Is told the key of each step that was taken, and the picture that it made."""

ALL_ON: Off = frozenset()


def unwatched(_key: str, _picture: NDArray[Any]) -> None:
    """Nobody looks."""
