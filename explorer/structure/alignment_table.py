"""The joined table of two networks: its cells for people, and as CSV, Markdown and JSON's plain values."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.structure.alignment import Alignment, Match, Pair
from explorer.structure.alignment_stages import stages
from explorer.structure.alignment_words import findings, signed, summary, titles
from explorer.structure.amounts import shape
from explorer.structure.graph import Node

# A sign beside the word: colours alone are not told apart by everybody.
SIGNS = {Match.SAME: "=", Match.CHANGED: "≠", Match.LEFT: "◂", Match.RIGHT: "▸"}


@dataclass(frozen=True)
class JoinedColumn:
    """One column; `raw` is what a program gets, `text` what people read."""

    key: str
    title: Callable[[str, str], str]
    text: Callable[[Pair], str]
    raw: Callable[[Pair], Any]
    numeric: bool = False


def match_words(match: Match, left: str, right: str) -> str:
    """How a pair matches, in words that name the network: "only in ResNet-18"."""
    if match in {Match.LEFT, Match.RIGHT}:
        return f"only in {left if match is Match.LEFT else right}"
    return str(match.value)


def _path(node: Node | None) -> str:
    return node.path if node else ""


def _shape(node: Node | None) -> str:
    return shape(node.output_shape) if node else ""


def _count(node: Node | None, name: str) -> str:
    return f"{getattr(node, name):,}" if node else ""


def _both(pair: Pair) -> str:
    """The output shape of both, or the two of them."""
    one, other = _shape(pair.left), _shape(pair.right)
    if pair.left and pair.right and one != other:
        return f"{one} → {other}"
    return one or other


def _says(pair: Pair) -> str:
    if pair.match in {Match.LEFT, Match.RIGHT}:
        node = pair.node
        return f"{node.type_name} {node.detail}".strip()
    return pair.words


COLUMNS = (
    JoinedColumn("match", lambda _l, _r: "", lambda pair: SIGNS[pair.match], lambda pair: pair.match.value),
    JoinedColumn("left", lambda left, _r: left, lambda pair: _path(pair.left), lambda pair: _path(pair.left)),
    JoinedColumn("right", lambda _l, right: right, lambda pair: _path(pair.right), lambda pair: _path(pair.right)),
    JoinedColumn("kind", lambda _l, _r: "Kind", lambda pair: pair.node.kind.value, lambda pair: pair.node.kind.value),
    JoinedColumn("difference", lambda _l, _r: "What differs", _says, _says),
    JoinedColumn("shape", lambda _l, _r: "Output", _both, _both),
    JoinedColumn(
        "left_parameters", lambda _l, _r: "Parameters, left", lambda pair: _count(pair.left, "parameters"),
        lambda pair: pair.left.parameters if pair.left else "", numeric=True,
    ),
    JoinedColumn(
        "right_parameters", lambda _l, _r: "right", lambda pair: _count(pair.right, "parameters"),
        lambda pair: pair.right.parameters if pair.right else "", numeric=True,
    ),
    JoinedColumn(
        "parameters", lambda _l, _r: "difference", lambda pair: signed(pair.parameters) if pair.parameters else "",
        lambda pair: pair.parameters, numeric=True,
    ),
    JoinedColumn(
        "left_macs", lambda _l, _r: "MACs, left", lambda pair: _count(pair.left, "macs"),
        lambda pair: pair.left.macs if pair.left else "", numeric=True,
    ),
    JoinedColumn(
        "right_macs", lambda _l, _r: "right", lambda pair: _count(pair.right, "macs"),
        lambda pair: pair.right.macs if pair.right else "", numeric=True,
    ),
    JoinedColumn(
        "macs", lambda _l, _r: "difference", lambda pair: signed(pair.macs) if pair.macs else "",
        lambda pair: pair.macs, numeric=True,
    ),
)  # fmt: skip


def comma_separated(pairs: Sequence[Pair]) -> str:
    """The rows with a header line as CSV: plain numbers, and words for how each pair matches."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow([column.key for column in COLUMNS])
    writer.writerows([column.raw(pair) for column in COLUMNS] for pair in pairs)
    return written.getvalue()


def markdown(alignment: Alignment, pairs: Sequence[Pair]) -> str:
    """The rows as a table of Markdown, with the sentence that sums them up above it."""
    left, right = titles((alignment.left, alignment.right))
    headings = [_escaped(column.title(left, right)) or " " for column in COLUMNS]
    lines = [
        f"**{_escaped(left)}** and **{_escaped(right)}**: {_escaped(summary(alignment))}",
        "",
        f"| {' | '.join(headings)} |",
        f"| {' | '.join('---:' if column.numeric else '---' for column in COLUMNS)} |",
    ]
    lines += [f"| {' | '.join(_escaped(column.text(pair)) for column in COLUMNS)} |" for pair in pairs]
    return "\n".join(lines) + "\n"


def record(alignment: Alignment) -> dict[str, Any]:
    """The comparison as JSON's plain values: totals, kinds of difference, stages, and every pair that differs."""
    graphs = (alignment.left, alignment.right)
    left, right = titles(graphs)
    return {
        "left": _totals(alignment.left.title, alignment.left.totals),
        "right": _totals(alignment.right.title, alignment.right.totals),
        "more": _totals("", alignment.more),
        "layers": {match.value.replace(" ", "_"): alignment.count(match) for match in Match},
        "summary": summary(alignment),
        "findings": [
            {
                "match": finding.match.value,
                "what": finding.what,
                "count": finding.count,
                "words": finding.sentence(left, right),
                "parameters": finding.parameters,
                "macs": finding.macs,
            }
            for finding in findings(alignment)
        ],
        "stages": [
            {
                "size": stage.title,
                "parameters": [cost.parameters for cost in stage.costs],
                "macs": [cost.macs for cost in stage.costs],
            }
            for stage in stages(graphs)
        ],
        "differences": [_pair(pair) for pair in alignment.differences],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "match": pair.match.value,
        "left": _path(pair.left) or None,
        "right": _path(pair.right) or None,
        "kind": pair.node.kind.value,
        "type": pair.node.type_name,
        "changes": [{"what": change.what, "left": change.left, "right": change.right} for change in pair.changes],
        "parameters": pair.parameters,
        "macs": pair.macs,
    }


def _totals(title: str, totals: Any) -> dict[str, Any]:
    named = {"title": title} if title else {}
    return {
        **named,
        "parameters": totals.parameters,
        "macs": totals.macs,
        "flops": totals.flops,
        "activation_bytes": totals.activation_bytes,
    }


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\|*`<>[]_" else sign for sign in text)
