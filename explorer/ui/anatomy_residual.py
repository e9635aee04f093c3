"""The inspector's section on residual blocks: how much each of them changes what passes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.inference.edits import Skip
from explorer.structure.graph import Graph
from explorer.structure.shortcuts import is_addition
from explorer.ui.anatomy_section import AnatomySection, plain
from explorer.ui.channel_bars import Bars, ChannelBars
from explorer.ui.explanations import explain_all
from explorer.ui.figures_in_words import figure
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.inference.residual_share import ResidualShare
    from explorer.ui.inside_service import Subject


class AnatomyResidual(AnatomySection):
    """Along the whole depth; the block that is selected is marked."""

    key = "residual share"
    title = "Residual share"

    def fits(self) -> bool:
        graph, path = self.session.graph, self.session.selection
        if graph is None:
            return False
        if path in graph.by_path:
            return is_addition(graph.by_path[path])
        return any(is_addition(node) for node in (graph.inside(path) if path else graph.nodes))

    def about_to_change(self) -> None:
        self._shares: tuple[ResidualShare, ...] = ()

    def work(self) -> Callable[[Subject], Any] | None:
        def look(subject: Subject) -> tuple[ResidualShare, ...]:
            from explorer.inference.residual_share import residual_shares  # noqa: PLC0415 - torch

            predictor = subject.predictor
            with subject.at_work():
                found = residual_shares(predictor.network, subject.graph, predictor.prepared(subject.seen))
            # A branch is skipped at the addition itself, behind what is listened to there.
            skipped = {edit.path for edit in subject.edits if isinstance(edit, Skip)}
            found = tuple(replace(each, branch=0.0) if each.addition.path in skipped else each for each in found)
            if not found:
                raise ValueError("no block of this network adds what it computed to what entered it")
            return found

        return look

    def show_answer(self, answer: Any) -> None:
        shares: tuple[ResidualShare, ...] = answer
        self._shares = shares
        values = np.array([each.share for each in shares])
        finite = values[np.isfinite(values)]
        high = max(1.0, float(finite.max()) if finite.size else 1.0) * 1.05
        marked = self._marked(self.session.graph)
        self.bars.show_bars(
            Bars(values, 0.0, high, line=1.0, left="first block", right="last", marked=marked), self._share_words
        )
        least, most = int(np.argmin(values)), int(np.argmax(values))
        middle = figure(float(np.median(values)), 3)
        self._words.setText(
            f"{len(shares):,} blocks, median {middle}\n"
            f"least {figure(shares[least].share, 3)}: {_name(shares[least])}\n"
            f"most {figure(shares[most].share, 3)}: {_name(shares[most])}"
        )
        self._pointed(self.bars.at)

    def _marked(self, graph: Graph | None) -> int:
        """The block that is selected, where it is one of them."""
        path = self.session.selection
        if graph is None or not path:
            return -1
        chosen = [
            place
            for place, each in enumerate(self._shares)
            if path in {each.addition.path, each.addition.block} or each.addition.block.startswith(f"{path}.")
        ]
        return chosen[0] if len(chosen) == 1 else -1

    def _share_words(self, place: int) -> str:
        if not 0 <= place < len(self._shares):
            return ""
        each = self._shares[place]
        carried = "|x|" if each.addition.shortcut == "identity" else "|projected x|"
        return (
            f"{_name(each)}\n|F(x)| ÷ {carried} = {figure(each.branch)} ÷ {figure(each.carried)} = "
            f"{figure(each.share, 3)}; |sum| {figure(each.total)}"
        )

    def _pointed(self, place: int) -> None:
        if place < 0:
            place = self.bars.bars.marked
        self._reading.setText(self._share_words(place) or "Point at a block to read its numbers.\n")

    def make_content(self) -> QWidget:
        page = QWidget()
        about = plain()
        about.setText(
            "A block adds what it computes, F(x), to what enters it, x. Bars are |F(x)| ÷ |x| for this input, from the "
            "first block to the last; below the dashed line the shortcut brings more than the branch."
        )
        self.bars = ChannelBars("Residual share of each block", 110)
        self.bars.pointed.connect(self._pointed)
        self._reading = plain()
        self._words = plain("text")
        self._inner = QVBoxLayout(page)
        self._inner.setContentsMargins(0, 0, 0, 0)
        for part in (about, self.bars, self._reading, self._words):
            self._inner.addWidget(part)
        explain_all("inside", {"residual share": (about, self.bars, self._reading, self._words)})
        return page

    def restyle(self) -> None:
        self._inner.setSpacing(theme().px(6))


def _name(share: ResidualShare) -> str:
    return share.addition.block or share.addition.path
