"""How the size of a layer's output follows from its window, in words of the table."""

from __future__ import annotations

import re

from explorer.structure.graph import Kind, Node

_NUMBERS = re.compile(r"-?\d+")
_AXES = {1: ("length",), 2: ("height", "width"), 3: ("depth", "height", "width")}


def output_formula(node: Node) -> str:
    """The sizes that a window leaves: "⌊(28 + 2 × 2 − 5) / 1⌋ + 1 = 28", a line an axis where they differ.

    Empty where a layer has no window, or where the sum does not give the traced output (padding by name, rounding up).
    """
    if node.kind not in {Kind.CONVOLUTION, Kind.POOLING} or len(node.input_shapes) < 1:
        return ""
    settings = dict(node.settings)
    given, left = node.input_shapes[0][1:], node.output_shape[1:]
    axes = len(left)
    kernel, stride = _numbers(settings, "kernel", axes), _numbers(settings, "stride", axes)
    padding, dilation = _numbers(settings, "padding", axes, 0), _numbers(settings, "dilation", axes, 1)
    if not axes or len(given) != axes or not (kernel and stride and padding and dilation):
        return ""
    lines = []
    for size, k, s, p, d, out in zip(given, kernel, stride, padding, dilation, left, strict=True):
        if (size + 2 * p - d * (k - 1) - 1) // s + 1 != out:
            return ""
        window = f"{k}" if d == 1 else f"({d} × ({k} − 1) + 1)"
        padded = f"{size:,} + 2 × {p}" if p else f"{size:,}"
        lines.append(f"⌊({padded} − {window}) / {s}⌋ + 1 = {out:,}")
    if len(set(lines)) == 1:
        return lines[0]
    return "\n".join(f"{axis}: {line}" for axis, line in zip(_AXES[axes], lines, strict=True))


def _numbers(settings: dict[str, str], name: str, axes: int, missing: int | None = None) -> list[int]:
    text = settings.get(name)
    if text is None:
        return [] if missing is None else [missing] * axes
    found = [int(number) for number in _NUMBERS.findall(text)]
    return found * axes if len(found) == 1 else found if len(found) == axes else []
