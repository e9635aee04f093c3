"""The changes that an input can be put through to see what a network tolerates; numbers only, free of torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Changes:
    """How much an input is changed; the defaults leave it as it is.

    Shifts are pixels of what the network sees, `turn` degrees clockwise, `size`, `pen` and `contrast` factors, and
    `noise` is the standard deviation added to pixels of 0 to 1.
    """

    shift_x: float = 0.0
    shift_y: float = 0.0
    turn: float = 0.0
    size: float = 1.0
    pen: float = 1.0
    noise: float = 0.0
    contrast: float = 1.0


@dataclass(frozen=True)
class Change:
    """One of them, as a slider: its field in `Changes`, title, unit, range and smallest step."""

    name: str
    title: str
    unit: str
    low: float
    high: float
    step: float
    tip: str
    for_photographs: bool = True

    @property
    def neutral(self) -> float:
        """Where the input is as it is."""
        return float(getattr(Changes(), self.name))

    def text(self, value: float) -> str:
        """A value with its unit and sign, such as "+3.5 px" or "1.20 ×"."""
        if self.unit == "×":
            return f"{value:.2f} ×"
        if self.low < 0:
            shown = 0.0 if abs(value) < self.step / 2 else value
            sign = "" if shown == 0 else "+" if shown > 0 else "−"
            return f"{sign}{abs(shown):.1f} {self.unit}".replace(" °", "°")
        return f"{value:.2f}"


CHANGES = (
    Change("shift_x", "Shift sideways", "px", -10, 10, 0.5, "To the left or to the right, after centring"),
    Change("shift_y", "Shift up and down", "px", -10, 10, 0.5, "Up or down, after centring"),
    Change("turn", "Turn", "°", -90, 90, 1, "Clockwise about the middle"),
    Change("size", "Size", "×", 0.5, 1.5, 0.01, "Smaller or larger than what training saw"),
    Change(
        "pen", "Pen", "×", 0.4, 2.4, 0.02, "Thinner or thicker strokes: a drawing is inked anew", for_photographs=False
    ),
    Change("noise", "Noise", "", 0, 0.8, 0.01, "The standard deviation of noise on pixels of 0 to 1"),
    Change("contrast", "Contrast", "×", 0, 2, 0.02, "Fainter or stronger, about black for digits, else about the mean"),
)
