"""What nodes and blocks are called where a person reads them."""

from __future__ import annotations

import re

from explorer.structure.graph import Kind, Node

_LETTER_AND_NUMBER = re.compile(r"[a-z]\d+")


def display_name(path: str) -> str:
    """The name of a node or block by the last part of its path.

    A letter and a number is how papers name layers ("c3" is "C3"); the ends are "Input" and "Output"; a mere number,
    which only counts within its parent, keeps the parent's name ("layer2.0").
    """
    parts = path.split(".")
    last = parts[-1]
    if last.isdecimal() and len(parts) > 1:
        return f"{parts[-2]}.{last}"
    if _LETTER_AND_NUMBER.fullmatch(last) or last in {"input", "output"}:
        return last[:1].upper() + last[1:]
    return last


def kind_word(node: Node) -> str:
    """What a node does, in a word: its kind, or its type where the kind says little ("add", "flatten")."""
    if node.kind in {Kind.JOIN, Kind.RESHAPE, Kind.OTHER}:
        return node.type_name.lower()
    return str(node.kind.value)


def description(node: Node) -> str:
    """A node's type and settings in the fewest characters: "Conv2d 5×5, pad 2"."""
    return f"{node.type_name} {node.detail}".strip()
