"""What a training would cost: a guess from the network's MACs, and a measurement in words."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.ui import numbers

# A training step is a forward pass and a backward one of about twice its work.
_PASSES = 3
# MACs a second of a training step, cautiously: two cores of a laptop, its built-in graphics, a graphics card.
_MACS_PER_SECOND = {"cpu": 3e10, "mps": 4e11, "cuda": 4e12}
# An epoch beyond this is measured before it is begun.
DEAR_S = 60.0


@dataclass(frozen=True)
class Cost:
    """What a measurement found, in seconds and bytes; 0 bytes are not known."""

    seconds_per_epoch: float
    memory_bytes: int = 0

    def text(self, epochs: int) -> str:
        """In words: "about 14 min an epoch, 4 h in all, 2.1 GiB of memory"."""
        parts = [f"about {about(self.seconds_per_epoch)} an epoch", f"{about(epochs * self.seconds_per_epoch)} in all"]
        if self.memory_bytes > 0:
            parts.append(f"{numbers.size(self.memory_bytes)} of memory")
        return ", ".join(parts)


def guessed_seconds(macs: int, images: int, device: str) -> float:
    """Seconds of one epoch over `images`, from the MACs of one image; good to a factor of a few."""
    return _PASSES * macs * images / _MACS_PER_SECOND.get(device, _MACS_PER_SECOND["cpu"])


def about(seconds: float) -> str:
    """A time in one unit, as precise as a measurement of a few steps is: "40 s", "14 min", "4 h", "2.5 h", "3 days"."""
    if seconds < 1:
        return "a second"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    if seconds < 99.5 * 60:
        return f"{seconds / 60:.0f} min"
    hours = seconds / 3600
    if hours < 9.75:
        return f"{round(hours * 2) / 2:g} h"
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
