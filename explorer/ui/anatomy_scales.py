"""The inspector's section on squeeze-and-excitation: the factor that each channel gets for this input."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from explorer.ui.anatomy_section import AnatomySection, plain
from explorer.ui.channel_bars import Bars, ChannelBars
from explorer.ui.explanations import explain_all
from explorer.ui.figures_in_words import figure
from explorer.ui.still_label import StillLabel
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox

if TYPE_CHECKING:
    from explorer.inference.channel_scales import ChannelScales
    from explorer.ui.inside_service import Subject

_NAMES = {"SqueezeExcitation", "SqueezeExcite", "SEModule", "EffectiveSEModule", "SEBlock", "SELayer"}


class AnatomyScales(AnatomySection):
    """Of the blocks that are selected, or of all of them while nothing is."""

    key = "channel scales"
    title = "Channel scales"

    def fits(self) -> bool:
        return bool(self._selected())

    def about_to_change(self) -> None:
        self._shown: tuple[ChannelScales, ...] = ()
        self._chosen = ""

    def _selected(self) -> set[str]:
        """The blocks around, at or in what is selected."""
        graph, path = self.session.graph, self.session.selection
        if graph is None:
            return set()
        blocks = {block.path for block in graph.blocks if block.type_name in _NAMES}
        if not path:
            return blocks
        return {each for each in blocks if each == path or each.startswith(f"{path}.") or path.startswith(f"{each}.")}

    def work(self) -> Callable[[Subject], Any] | None:
        wanted = self._selected()

        def look(subject: Subject) -> tuple[ChannelScales, ...]:
            from explorer.inference.channel_scales import channel_scales  # noqa: PLC0415 - torch

            predictor = subject.predictor
            with subject.at_work():
                found = channel_scales(predictor.network, predictor.prepared(subject.seen))
            return tuple(each for each in found if each.path in wanted)

        return look

    def show_answer(self, answer: Any) -> None:
        self._shown = answer
        if not self._shown:
            self._words.setText("These blocks multiply no channels here.")
            return
        paths = [each.path for each in self._shown]
        if [self._box.itemText(place) for place in range(self._box.count())] != paths:
            self._box.clear()
            self._box.addItems(paths)
        if self._chosen in paths:
            self._box.setCurrentIndex(paths.index(self._chosen))
        several = len(paths) > 1
        for widget in (self._box, self.block_bars, self._overview):
            widget.setVisible(several)
        means = np.array([float(each.scales.mean()) for each in self._shown])
        chosen = max(0, self._box.currentIndex())
        self.block_bars.show_bars(
            Bars(means, 0.0, 1.0, left="first block", right="last", marked=chosen),
            lambda place: f"{paths[place]}: mean {figure(float(means[place]), 3)}",
        )
        self._draw()

    @property
    def current(self) -> ChannelScales | None:
        """The block whose channels are drawn."""
        place = max(0, self._box.currentIndex())
        return self._shown[place] if place < len(self._shown) else None

    def _draw(self) -> None:
        current = self.current
        if current is None:
            return
        scales = current.scales
        high = max(1.0, float(scales.max()))
        self.bars.show_bars(
            Bars(scales, 0.0, high, line=float(scales.mean()), left="channel 0", right=f"{len(scales) - 1:,}"),
            self._channel_words,
        )
        least, most = int(scales.argmin()), int(scales.argmax())
        self._words.setText(
            f"{len(scales):,} factors for this input: mean {figure(float(scales.mean()), 3)} (dashed), deviation "
            f"{figure(float(scales.std()), 3)}; least {figure(float(scales[least]), 3)} for channel {least}, most "
            f"{figure(float(scales[most]), 3)} for channel {most}"
        )
        self._pointed(self.bars.at)

    def _channel_words(self, channel: int) -> str:
        current = self.current
        if current is None or not 0 <= channel < len(current.scales):
            return ""
        return f"channel {channel} of {current.path}: × {figure(float(current.scales[channel]))}"

    def _pointed(self, channel: int) -> None:
        self._reading.show_text(self._channel_words(channel) or "Point at a channel to read its factor.")

    def _on_depth(self, place: int) -> None:
        if 0 <= place < len(self._shown):
            self._box.setCurrentIndex(place)
            self._on_chosen()

    def _on_chosen(self) -> None:
        self._chosen = self._box.currentText()
        self._draw()

    def make_content(self) -> QWidget:
        page = QWidget()
        about = plain()
        about.setText(
            "Squeeze: the mean of each channel. Excite: two small dense layers make of all means a factor a channel. "
            "Then every channel is multiplied with its factor."
        )
        self._overview = plain()
        self._overview.setText("Mean factor of each block, from the input to the output")
        self.block_bars = ChannelBars("Mean factor of each block", 60)
        self.block_bars.pointed.connect(self._on_depth)
        self._box = CalmComboBox()
        self._box.setAccessibleName("Block")
        self._box.setToolTip("The block whose channels are drawn")
        self._box.activated.connect(self._on_chosen)
        self.bars = ChannelBars("Factor of each channel")
        self.bars.pointed.connect(self._pointed)
        self._reading = StillLabel("The channel that is pointed at")
        self._words = plain("text")
        self._inner = QVBoxLayout(page)
        self._inner.setContentsMargins(0, 0, 0, 0)
        for part in (about, self._overview, self.block_bars, self._box, self.bars, self._reading, self._words):
            self._inner.addWidget(part)
        numbers = (self._overview, self.block_bars, self.bars, self._reading, self._words)
        explain_all("inside", {"channel scales": (about, *numbers)})
        return page

    def restyle(self) -> None:
        self._inner.setSpacing(theme().px(6))
