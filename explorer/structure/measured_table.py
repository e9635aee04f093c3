"""What was measured of several networks beside what theory counts of them, as rows for people and programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.structure.amounts import short_count, size

COLUMNS = (
    "Network", "Images/s", "to the first", "ms per image", "MACs", "to the first", "G MACs/s", "Parameters",
    "Memory, measured", "Memory, theory",
)  # fmt: skip


@dataclass(frozen=True)
class MeasuredRow:
    """One network: images a second, and bytes held, as measured with a batch; MACs of one image, and bytes in theory.

    `memory` is None where the device does not say.
    """

    title: str
    images_per_second: float
    spread: float
    macs: int
    parameters: int
    memory: int | None
    memory_in_theory: int | None
    conditions: str = ""
    runs: int = 1

    def cells(self, first: MeasuredRow) -> tuple[str, ...]:
        """Texts in the order of `COLUMNS`; `first` is the network that ratios are to."""
        return (
            self.title,
            rate(self.images_per_second),
            times(self.images_per_second, first.images_per_second),
            f"{1000 / self.images_per_second:,.2f}",
            short_count(self.macs),
            times(self.macs, first.macs),
            f"{self.macs * self.images_per_second / 1e9:,.1f}",
            short_count(self.parameters),
            size(self.memory) if self.memory is not None else "not told",
            size(self.memory_in_theory) if self.memory_in_theory is not None else "",
        )


def rate(value: float) -> str:
    """Images a second, in three figures: "1,240", "38.4", "0.52"."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if value >= 10 else f"{value:,.2f}"


def times(part: float, whole: float) -> str:
    """A ratio: "× 2.20"; "" of nothing."""
    return f"× {part / whole:,.2f}" if whole else ""


def conditions(rows: Sequence[MeasuredRow]) -> str:
    """Where rows were measured, and how often: "CPU, 2 cores; 2 threads; batch 8; medians of 5 to 59 passes"."""
    if not rows:
        return ""
    fewest, most = min(row.runs for row in rows), max(row.runs for row in rows)
    passes = f"{fewest:,} to {most:,} passes" if fewest != most else f"{most:,} pass" + ("" if most == 1 else "es")
    places = dict.fromkeys(row.conditions for row in rows if row.conditions)
    return "; ".join([*places, f"median{'s' if len(rows) > 1 else ''} of {passes}"])


def in_words(rows: Sequence[MeasuredRow]) -> str:
    """What the last network is against the first, theory and measurement: claim 19's sentence."""
    if len(rows) < 2:
        return ""
    first, other = rows[0], rows[-1]
    work = other.macs / first.macs if first.macs else 0
    slower = first.images_per_second / other.images_per_second
    speed = f"takes {slower:,.1f} times as long" if slower >= 1 else f"is {1 / slower:,.1f} times as fast"
    return f"{other.title} has {work:,.1f} times the MACs of {first.title} and {speed} here"


def comma_separated(rows: Sequence[MeasuredRow]) -> str:
    """The rows as CSV: plain numbers, memory in bytes."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(
        ["network", "images_per_second", "spread", "macs", "parameters", "memory_bytes", "theory_bytes", "conditions"]
    )
    writer.writerows(
        [
            row.title, f"{row.images_per_second:.4f}", f"{row.spread:.4f}", row.macs, row.parameters,
            "" if row.memory is None else row.memory,
            "" if row.memory_in_theory is None else row.memory_in_theory, row.conditions,
        ]
        for row in rows
    )  # fmt: skip
    return written.getvalue()


def markdown(rows: Sequence[MeasuredRow]) -> str:
    """The rows as a table of Markdown, with the conditions below it."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---|" + "---:|" * (len(COLUMNS) - 1)]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row.cells(rows[0]))} |" for row in rows]
    return "\n".join([*lines, "", f"Measured on {conditions(rows)}."]) + "\n"
