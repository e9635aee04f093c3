"""How alike the layers of two networks are, and the best way to lay one sequence of layers along the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from explorer.structure.graph import Kind, Node

# Two sequences of 5,000 layers: 25 million cells of some 40 bytes while they are computed.
MOST_CELLS = 25_000_000

# What two layers of one kind share, and what it is worth. A pair of the same operation is always better than none;
# operations that differ (ReLU against tanh) are a pair only where nothing better would have to give way.
_KIND, _OPERATION, _SETTINGS, _OUTPUT, _PARAMETERS, _NAME, _PATH, _WITHIN = 0.4, 2.0, 0.5, 0.7, 0.4, 0.5, 1.2, 0.3
# A run of layers without partners costs little where it begins with its block: blocks come and go as a whole.
_OPEN, _OPEN_WITH_BLOCK = 0.6, 0.25
_IMPOSSIBLE = -1e9

# Which of three states a cell was reached from.
_PAIR, _LEFT, _RIGHT = 0, 1, 2
_MARKS = re.compile(r"[^a-z0-9]")

# Operations that torch spells in more than one way.
_SAME = {
    "maxpool2d": "maxpool", "max_pool2d": "maxpool", "avgpool2d": "avgpool", "avg_pool2d": "avgpool",
    "adaptiveavgpool2d": "globalpool", "adaptive_avg_pool2d": "globalpool", "mean": "globalpool",
    "concat": "cat", "iadd": "add", "add_": "add", "mul_": "mul", "relu_": "relu",
}  # fmt: skip


def operation(node: Node) -> str:
    """What a layer does, whether a module or a function does it: "relu" for nn.ReLU and functional.relu."""
    name = node.type_name.lower()
    return _SAME.get(name, _SAME.get(name.replace("_", ""), name.replace("_", "")))


def similarity(left: Sequence[Node], right: Sequence[Node]) -> NDArray[np.float32]:
    """What each pair of layers is worth: float32 [left, right], negative where two layers cannot be a pair."""
    total = np.full((len(left), len(right)), 0.0, np.float32)

    def add(worth: float, said: Callable[[Node], Hashable]) -> None:
        codes: dict[Hashable, int] = {}
        one = np.array([codes.setdefault(said(node), len(codes)) for node in left], np.int32)
        other = np.array([codes.setdefault(said(node), len(codes)) for node in right], np.int32)
        np.add(total, np.float32(worth), out=total, where=one[:, None] == other[None, :])

    add(_KIND, lambda node: node.kind)
    add(_OPERATION, lambda node: (node.kind, operation(node)))
    add(_SETTINGS, lambda node: (node.kind, _made_with(node)))
    add(_OUTPUT, lambda node: (node.kind, node.output_shape))
    add(_PARAMETERS, lambda node: (node.kind, node.parameters))
    add(_NAME, lambda node: (node.kind, _plain(node.name)))
    add(_PATH, lambda node: (node.kind, _plain(node.path)))
    add(_WITHIN, lambda node: (node.kind, _plain(node.block)))
    kinds = {kind: number for number, kind in enumerate(Kind)}
    one = np.array([kinds[node.kind] for node in left], np.int32)
    other = np.array([kinds[node.kind] for node in right], np.int32)
    total[one[:, None] != other[None, :]] = _IMPOSSIBLE
    total[_training(left)[:, None] != _training(right)[None, :]] = _IMPOSSIBLE
    return total


def best_pairs(left: Sequence[Node], right: Sequence[Node]) -> list[tuple[int, int]]:
    """The pairs, by number and in order, of the alignment that is worth most (Gotoh 1982: gaps cost to open).

    Raises:
        ValueError: the networks are too large to be compared.
    """
    first, last = _same_ends(left, right)
    inner_left, inner_right = left[first : len(left) - last], right[first : len(right) - last]
    if len(inner_left) * len(inner_right) > MOST_CELLS:
        raise ValueError(
            f"networks of {len(left):,} and {len(right):,} layers are too large to be laid side by side; "
            f"up to {int(MOST_CELLS**0.5):,} layers each can be"
        )
    ends = [(number, number) for number in range(first)]
    tail = [(len(left) - number, len(right) - number) for number in range(last, 0, -1)]
    inner = [(one + first, other + first) for one, other in _aligned(inner_left, inner_right)]
    return [*ends, *inner, *tail]


def _same_ends(left: Sequence[Node], right: Sequence[Node]) -> tuple[int, int]:
    """How many layers at the beginning and at the end are the very same: no search is needed for them."""
    most = min(len(left), len(right))
    first = 0
    while first < most and _is_same(left[first], right[first]):
        first += 1
    last = 0
    while last < most - first and _is_same(left[-1 - last], right[-1 - last]):
        last += 1
    return first, last


def _is_same(one: Node, other: Node) -> bool:
    return (one.path, one.type_name, one.settings, one.output_shape) == (
        other.path, other.type_name, other.settings, other.output_shape,
    )  # fmt: skip


def _aligned(left: Sequence[Node], right: Sequence[Node]) -> list[tuple[int, int]]:
    rows, columns = len(left), len(right)
    if not rows or not columns:
        return []
    worth = similarity(left, right)
    open_left, open_right = _opening(left), _opening(right)
    shape = (rows + 1, columns + 1)
    pair = np.full(shape, _IMPOSSIBLE, np.float32)
    gone = np.full(shape, _IMPOSSIBLE, np.float32)  # a layer of the left has no partner
    new = np.full(shape, _IMPOSSIBLE, np.float32)  # a layer of the right has none
    came = np.zeros((3, *shape), np.int8)
    pair[0, 0] = 0.0
    gone[1:, 0], came[_LEFT, 1:, 0] = -open_left[0], _LEFT
    new[0, 1:], came[_RIGHT, 0, 1:] = -open_right[0], _RIGHT
    # Cells of one diagonal do not depend on each other, and are computed at once.
    for diagonal in range(2, rows + columns + 1):
        i = np.arange(max(1, diagonal - columns), min(rows, diagonal - 1) + 1)
        j = diagonal - i
        before = np.stack([pair[i - 1, j - 1], gone[i - 1, j - 1], new[i - 1, j - 1]])
        came[_PAIR, i, j] = from_pair = before.argmax(axis=0)
        pair[i, j] = before[from_pair, np.arange(len(i))] + worth[i - 1, j - 1]
        cost = open_left[i - 1]
        above = np.stack([pair[i - 1, j] - cost, gone[i - 1, j], new[i - 1, j] - cost])
        came[_LEFT, i, j] = chosen = above.argmax(axis=0)
        gone[i, j] = above[chosen, np.arange(len(i))]
        cost = open_right[j - 1]
        beside = np.stack([pair[i, j - 1] - cost, gone[i, j - 1] - cost, new[i, j - 1]])
        came[_RIGHT, i, j] = chosen = beside.argmax(axis=0)
        new[i, j] = beside[chosen, np.arange(len(i))]
    return _walked_back(came, int(np.argmax([pair[-1, -1], gone[-1, -1], new[-1, -1]])), worth)


def _walked_back(came: NDArray[np.int8], state: int, worth: NDArray[np.float32]) -> list[tuple[int, int]]:
    i, j = came.shape[1] - 1, came.shape[2] - 1
    pairs = []
    while i > 0 or j > 0:
        before = int(came[state, i, j])
        if state == _PAIR:
            i, j = i - 1, j - 1
            if worth[i, j] > 0:
                pairs.append((i, j))
        elif state == _LEFT:
            i -= 1
        else:
            j -= 1
        state = before
    return pairs[::-1]


def _opening(nodes: Sequence[Node]) -> NDArray[np.float32]:
    """What it costs that a run of layers without partners begins here."""
    costs, before = [], None
    for node in nodes:
        # The first layer of a block that the layer before is not in.
        begins = before is not None and node.block != before and not (before or "").startswith(f"{node.block}.")
        costs.append(_OPEN_WITH_BLOCK if begins and node.block else _OPEN)
        before = node.block
    return np.array(costs, np.float32)


def _made_with(node: Node) -> Hashable:
    """The settings that say what a layer is for; bias and the like come and go with its neighbours."""
    return tuple(pair for pair in node.settings if pair[0] in {"kernel", "stride", "groups", "output", "outputs"})


def _training(nodes: Sequence[Node]) -> NDArray[np.bool_]:
    return np.array([node.training_only for node in nodes], np.bool_)


def _plain(text: str) -> str:
    """A name without its punctuation: inception_3a and inception3a are the same to a reader."""
    return _MARKS.sub("", text.lower())
