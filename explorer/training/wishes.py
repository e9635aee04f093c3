"""What the leading process of a team wants all of them to do at the same step."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field

from explorer.data.augmentation import Augmentation
from explorer.training.events import Change, Command, Order


@dataclass
class Wishes:
    """Orders that were given since the last meeting, and the step at which the loss was no number any more, or 0."""

    orders: list[Order] = field(default_factory=list)
    bad_step: int = 0

    def __bool__(self) -> bool:
        return bool(self.orders or self.bad_step)

    def to_bytes(self) -> bytes:
        """Nothing at all where nothing is wished."""
        if not self:
            return b""
        orders = [each.value if isinstance(each, Command) else dataclasses.asdict(each) for each in self.orders]
        return json.dumps({"orders": orders, "bad_step": self.bad_step}).encode()

    @classmethod
    def from_bytes(cls, told: bytes) -> Wishes:
        """The wishes that `to_bytes` gave."""
        if not told:
            return cls()
        values = json.loads(told)
        return cls([_order(each) for each in values["orders"]], values["bad_step"])


def _order(value: str | dict[str, object]) -> Order:
    if isinstance(value, str):
        return Command(value)
    given: dict[str, object] = dict(value)
    if isinstance(given["augmentation"], dict):
        given["augmentation"] = Augmentation(**given["augmentation"])
    return Change(**given)  # type: ignore[arg-type] # what `to_bytes` wrote
