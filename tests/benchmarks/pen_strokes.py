"""How the shipped LeNet-5 reads pen strokes of the UNIPEN format, taken the way that a drawing on the pad takes.

`python -m tests.benchmarks.pen_strokes FILE...`, where files are such as pendigits-orig.tra and pendigits-orig.tes of
"Pen-Based Recognition of Handwritten Digits" (UCI Machine Learning Repository, 1998), unpacked.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from explorer.data.sketch import Sketch, Stroke, as_digit
from explorer.inference.predictor import Predictor, weights_for

_AT_ONCE = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    predictor = Predictor.from_file(weights_for("lenet5"))
    table = Table(title="Pen strokes that the shipped LeNet-5 reads right")
    for heading in ("file", "digits", "right", *(str(digit) for digit in range(10))):
        table.add_column(heading, justify="left" if heading == "file" else "right")
    for path in parser.parse_args().files:
        of, right = _counted(predictor, path)
        shares = (f"{right[digit] / of[digit]:.1%}" if of[digit] else "–" for digit in range(10))
        table.add_row(path.name, f"{of.total():,}", f"{right.total() / max(1, of.total()):.2%}", *shares)
    Console(width=120).print(table)


def _counted(predictor: Predictor, path: Path) -> tuple[Counter[int], Counter[int]]:
    """How many there are of each digit, and how many of them are read right."""
    of: Counter[int] = Counter()
    right: Counter[int] = Counter()
    written = list(_segments(path.read_text(encoding="ascii")))
    for start in range(0, len(written), _AT_ONCE):
        part = written[start : start + _AT_ONCE]
        images = np.stack([as_digit(sketch) for sketch, _ in part])[:, None]
        for (_, digit), answer in zip(part, predictor.predict(images), strict=True):
            of[digit] += 1
            right[digit] += answer.best == str(digit)
    return of, right


def _segments(text: str) -> Iterator[tuple[Sketch, int]]:
    """The digits of a file: strokes between .PEN_DOWN and .PEN_UP, points "x y" with y upwards."""
    for segment in text.split(".SEGMENT DIGIT")[1:]:
        strokes = [part.partition(".PEN_UP")[0].split() for part in segment.split(".PEN_DOWN")[1:]]
        points = [[(float(x), -float(y)) for x, y in zip(each[::2], each[1::2], strict=True)] for each in strokes]
        digit = segment.partition('"')[2][0]
        yield Sketch(tuple(Stroke(tuple(each)) for each in points if each)), int(digit)


if __name__ == "__main__":
    main()
