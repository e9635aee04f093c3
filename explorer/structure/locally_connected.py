"""What a convolution would cost without sharing its weights: its locally connected twin.

The twin has the same links and a kernel (and bias) of its own at each position of the output, so it needs out positions
times the convolution's parameters: out positions × (k · k · c_in / groups + 1) × c_out, without the 1 where there is no
bias. For LeNet-5's C1 that is 28 × 28 × 156 = 122,304, which the paper gives as the layer's connections (LeCun,
Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998, section II.B).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod

from explorer.structure.graph import Kind, Node

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Twin:
    """The twin's parameter count and its formula."""

    parameters: int
    formula: str


def locally_connected_twin(node: Node) -> Twin | None:
    """The locally connected twin of a convolution; None for other layers and for transposed convolutions."""
    positions = node.output_shape[1:]
    if node.kind is not Kind.CONVOLUTION or not positions or "transpose" in node.type_name.casefold():
        return None
    if node.type_name == "LocallyConnected":
        return None
    own, formula = (node.parameters, _left_side(node)) if node.parameters else _from_settings(node)
    if not own:
        return None
    count = prod(positions) * own
    return Twin(count, f"{_times(*positions)} × {formula} = {count:,}")


def _left_side(node: Node) -> str:
    left, sign, _ = node.formulas.parameters.rpartition(" = ")
    if not sign:
        return f"{node.parameters:,}"
    outside = re.sub(r"\([^()]*\)", "", left)
    return f"({left})" if "+" in outside else left


def _from_settings(node: Node) -> tuple[int, str]:
    """A convolution whose parameters count elsewhere (a shared one): as many as its settings say."""
    settings = dict(node.settings)
    kernel = [int(number) for number in _NUMBER.findall(settings.get("kernel", ""))]
    if not kernel or not node.input_shapes or "bias" not in settings:
        return 0, ""
    groups = int(settings.get("groups", "1"))
    channels, outputs = node.input_shapes[0][0] // groups, node.output_shape[0]
    bias = settings["bias"] == "yes"
    inside = _times(*kernel, channels)
    return (
        prod(kernel) * channels + bias
    ) * outputs, f"({inside} + 1) × {outputs}" if bias else f"{inside} × {outputs}"


def _times(*factors: int) -> str:
    return " × ".join(f"{factor:,}" for factor in factors)
