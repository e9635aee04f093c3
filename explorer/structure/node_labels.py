"""The words that stand on a node beside its name: its type in few letters, its shape, its parameters."""

from __future__ import annotations

import re

from explorer.structure.graph import Kind, Node, Shape

# Names that the rule below would tear apart or lower-case.
_TYPES = {
    "ReLU": "ReLU",
    "ReLU6": "ReLU6",
    "LeakyReLU": "Leaky ReLU",
    "PReLU": "PReLU",
    "RReLU": "RReLU",
    "SiLU": "SiLU",
    "GELU": "GELU",
    "ELU": "ELU",
    "SELU": "SELU",
    "CELU": "CELU",
    "GLU": "GLU",
    "LogSoftmax": "log softmax",
    "relu": "ReLU",
    "gelu": "GELU",
    "silu": "SiLU",
    "RBF": "RBF",
    "cat": "concat",
}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|\d+")
_LONGEST = 60


def one_line(text: str) -> str:
    """Text of unknown origin on one line of at most 60 characters."""
    text = " ".join(text[: 4 * _LONGEST].split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def short_type(node: Node) -> str:
    """A node's type without dimensions and in plain words: "Conv2d" is "Conv", "AvgPool2d" is "Avg pool"."""
    if node.kind is Kind.INPUT:
        return ""
    return type_words(node.type_name)


def type_words(type_name: str) -> str:
    """A class name in plain words, the first one capitalised as it was: "BatchNorm2d" is "Batch norm"."""
    name = type_name.rsplit(".", 1)[-1].lstrip("_")
    bare = re.sub(r"[123]d$", "", name)
    if bare in _TYPES:
        return _TYPES[bare]
    words = _WORD.findall(bare)
    if not words:
        return one_line(type_name)
    first, *rest = words
    rest = [word if len(word) > 1 and word.isupper() else word.lower() for word in rest]
    return one_line(" ".join([first, *("conv" if word == "convolution" else word for word in rest)]))


def type_line(node: Node) -> str:
    """Type and settings on one line: "Conv 5×5, pad 2"; a detail that begins with a name of its own says it all."""
    if node.detail[:1].isupper():
        return one_line(node.detail)
    return one_line(f"{short_type(node)} {node.detail}".strip())


def badge_label(node: Node) -> str:
    """An activation's or dropout's name as it stands on a badge: "tanh", "ReLU"."""
    words = short_type(node)
    return words if any(letter.isupper() for letter in words[1:]) else words.lower()


def shape_text(shape: Shape) -> str:
    """One image's shape, such as "6 × 28 × 28"; "scalar" for one number without axes."""
    return " × ".join(f"{extent:,}" for extent in shape) if shape else "scalar"


def parameters_text(parameters: int) -> str:
    """The number of parameters with its unit, or nothing for none."""
    if parameters == 0:
        return ""
    return f"{parameters:,} param" + ("s" if parameters != 1 else "")
