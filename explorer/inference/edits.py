"""Edits of a network for understanding: what is silenced and skipped. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from explorer.inference.map_form import MapForm, form_of
from explorer.structure.graph import Shape


class Filling(str, Enum):
    """What stands in the place of an output that is silenced."""

    ZERO = "zero"
    MEAN = "mean"  # each map's own mean over its positions: how strong it is, without where


@dataclass(frozen=True)
class Silence:
    """The output of a layer or block, or one channel of it, is replaced; `channel` None means all of them."""

    path: str
    channel: int | None = None
    filling: Filling = Filling.ZERO

    @property
    def words(self) -> str:
        what = self.path if self.channel is None else f"channel {self.channel} of {self.path}"
        return f"{what} is {'zero' if self.filling is Filling.ZERO else 'its mean'}"


@dataclass(frozen=True)
class Skip:
    """A residual branch is skipped: at the addition `path`, F(x) = 0."""

    path: str

    @property
    def words(self) -> str:
        return f"F(x) = 0 at {self.path}"


Edit = Silence | Skip


def channels_of(shape: Shape) -> int:
    """How many channels (or units of a dense layer) an output has that can be silenced one by one."""
    return shape[channel_axis(shape)] if shape else 0


def channel_axis(shape: Shape) -> int:
    """Which axis of one image's output is that of its channels."""
    form = form_of(shape)
    if form in {MapForm.TABLE, MapForm.CHANNELS_LAST}:
        return len(shape) - 1
    return max(range(len(shape)), key=shape.__getitem__) if form is MapForm.VECTOR else 0


def with_edit(edits: tuple[Edit, ...], edit: Edit) -> tuple[Edit, ...]:
    """The edits and one more, which takes the place of another of the same layer and channel; a whole one of all."""

    def is_replaced(old: Edit) -> bool:
        if not (isinstance(old, Silence) and isinstance(edit, Silence) and old.path == edit.path):
            return old == edit
        return edit.channel is None or old.channel in {None, edit.channel}

    return (*(old for old in edits if not is_replaced(old)), edit)
