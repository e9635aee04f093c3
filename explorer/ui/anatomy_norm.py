"""The inspector's section on batch normalisation: what was remembered in training against what a batch has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QSpinBox, QVBoxLayout, QWidget

from explorer.inference.norm_statistics import (
    BatchSizeFigures,
    BatchStatistics,
    ImageSums,
    NormParameters,
    batch_statistics,
    by_batch_size,
)
from explorer.ui import numbers
from explorer.ui.anatomy_section import AnatomySection, plain
from explorer.ui.batch_images import BatchImages, images_for
from explorer.ui.channel_bars import Bars, ChannelBars
from explorer.ui.explanations import explain_all
from explorer.ui.figures_in_words import figure
from explorer.ui.signed_colours import reach_of
from explorer.ui.spin_box import indent
from explorer.ui.still_label import StillLabel
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox
from explorer.ui.worker import Worker

if TYPE_CHECKING:
    from explorer.ui.data_shelf import DataShelf
    from explorer.ui.inside_service import InsideService, Subject
    from explorer.ui.session import Session

_MOST = 256
_FIRST_BATCH = 32
_VALUES_AT_ONCE = 2**20  # of prepared images in one piece of work, so that others come in between
_QUANTITIES = {
    "Mean: batch − running": "in running deviations; 0 where the batch is like the training",
    "Variance: batch ÷ running": "1 where the batch spreads as the training did",
    "Output shift": "γ (batch mean − running mean) ÷ √(running variance + ε): how far the output's mean is from β",
    "γ, scale": "what the normalised value is multiplied with",
    "β, offset": "what is added at the end: the output's mean over a batch in training",
}


@dataclass(frozen=True, eq=False)
class _Kept:
    """What a first look gives: the layer's own numbers, and which images it is to be tried with."""

    path: str
    parameters: NormParameters
    dataset: str
    shape: tuple[int, int, int]
    marks_pixels: bool


@dataclass(frozen=True, eq=False)
class _Measured:
    sums: ImageSums
    sizes: tuple[BatchSizeFigures, ...]


class AnatomyNorm(AnatomySection):
    """Needs no drawing: it is about batches of the data set. The images go through in pieces, while it is in sight."""

    key = "batch norm"
    title = "Batch norm"
    needs_input = False

    def __init__(
        self, session: Session, service: InsideService, shelf: DataShelf, parent: QWidget | None = None
    ) -> None:
        self._shelf = shelf
        self._kept: _Kept | None = None
        self._images: BatchImages | None = None
        self._images_of: tuple[Any, ...] = ()
        self._measured: _Measured | None = None
        self._trouble = ""
        self._is_measuring = False
        self._loader = Worker("batch images")
        super().__init__(session, service, parent)
        self._loader.setParent(self)

    def fits(self) -> bool:
        node = self.node
        return node is not None and not node.training_only and node.type_name.startswith("BatchNorm")

    def about_to_change(self) -> None:
        self._trouble = ""
        self._start_anew()

    def _start_anew(self) -> None:
        self._kept, self._measured = None, None
        self._pause()

    def _pause(self) -> None:
        self._is_measuring = False
        self.service.forget(f"{self.key} images")

    @property
    def measured(self) -> int:
        """How many images have been measured."""
        return 0 if self._measured is None else self._measured.sums.images

    @property
    def statistics(self) -> BatchStatistics | None:
        """Of the batch that is shown."""
        if self._kept is None or self._measured is None:
            return None
        return batch_statistics(self._kept.parameters, self._measured.sums, min(self._size.value(), self.measured))

    def shutdown(self) -> None:
        self._loader.shutdown()

    def work(self) -> Callable[[Subject], Any] | None:
        path = self.session.selection

        def look(subject: Subject) -> _Kept:
            from explorer.inference.kinds import Takes  # noqa: PLC0415 - with the others
            from explorer.inference.norm_measuring import norm_parameters  # noqa: PLC0415 - torch

            predictor = subject.predictor
            dataset = str(predictor.provenance.get("dataset") or "")
            return _Kept(
                path,
                norm_parameters(predictor.network, path),
                dataset,
                predictor.preprocessing.input_shape,
                predictor.takes is Takes.MASKS,
            )

        return look

    def _request(self, work: Callable[[Subject], Any]) -> None:
        self.service.ask(self.key, work, self._take, self._fail, needs_input=False)

    def _on_subject(self, info: object) -> None:
        self._start_anew()  # other weights
        super()._on_subject(info)

    def show_answer(self, answer: Any) -> None:
        self._kept = answer
        wanted = (self._kept.dataset, self._kept.marks_pixels)
        self._refresh()
        if self._images is not None and self._images_of == wanted:
            self._measure_on()
            return
        shelf, dataset, marks = self._shelf, *wanted

        def load() -> tuple[tuple[Any, ...], BatchImages]:
            return wanted, images_for(shelf, dataset, marks_pixels=marks, count=_MOST)

        self._loader.submit(load, self._take_images, self._no_images)

    def _take_images(self, answer: tuple[tuple[Any, ...], BatchImages]) -> None:
        self._images_of, self._images = answer
        self._measure_on()

    def _no_images(self, sentence: str) -> None:
        self._trouble = sentence
        self._refresh()

    def _measure_on(self) -> None:
        """Sends the next images through the network, where there are any left and anybody looks."""
        kept, images = self._kept, self._images
        if kept is None or images is None or self._is_measuring or not self.is_in_sight():
            return
        before = self._measured
        start = self.measured
        count = max(1, min(_MOST, _VALUES_AT_ONCE // int(np.prod(kept.shape))))
        part = images.pixels[start : start + count]
        if not len(part):
            return

        def look(subject: Subject) -> _Measured:
            import torch  # noqa: PLC0415 - torch

            from explorer.data.batches import prepare  # noqa: PLC0415 - torch
            from explorer.inference.norm_measuring import image_sums  # noqa: PLC0415 - torch
            from explorer.system import devices  # noqa: PLC0415 - torch

            predictor = subject.predictor
            with devices.threads(predictor.threads):
                x = prepare(torch.from_numpy(np.array(part)), predictor.preprocessing)
                sums = image_sums(predictor.network, kept.path, x)
            joined = sums if before is None else before.sums.joined(sums)
            return _Measured(joined, by_batch_size(kept.parameters, joined))

        def take(measured: _Measured) -> None:
            self._is_measuring = False
            self._measured = measured
            self._refresh()
            self._measure_on()

        self._is_measuring = True
        self.service.ask(f"{self.key} images", look, take, self._no_images, needs_input=False)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pause()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._images is not None and self.measured < len(self._images.pixels) and not self._is_measuring:
            # It has come back into sight.
            QTimer.singleShot(0, self, self._measure_on)

    # Showing

    def _refresh(self) -> None:
        kept = self._kept
        if kept is None or self.content is None:
            return
        values, base, line = self._values(kept)
        if values is None:
            self.bars.show_bars(Bars(np.zeros(0), -1.0, 1.0), str)
        else:
            reach = reach_of(values - base) * 1.05 or 1.0
            count = len(values)
            bars = Bars(
                values,
                base - reach,
                base + reach,
                base,
                line=line,
                left="channel 0",
                right=f"{count - 1:,}",
                signed=True,
            )
            self.bars.show_bars(bars, self._channel_words)
        self._show_sizes()
        self._say_source(kept)
        self._pointed(self.bars.at)

    def _values(self, kept: _Kept) -> tuple[NDArray[Any] | None, float, float | None]:
        place = max(0, self._quantity.currentIndex())
        parameters, statistics = kept.parameters, self.statistics
        if place == 3:
            return parameters.gamma, 0.0, 1.0
        if place == 4:
            return parameters.beta, 0.0, None
        if statistics is None:
            return None, 0.0, None
        variance = parameters.variance + parameters.eps
        if place == 0:
            return (statistics.mean - parameters.mean) / np.sqrt(variance), 0.0, None
        if place == 1:
            return statistics.variance / variance, 1.0, None
        return statistics.shift, 0.0, None

    def _show_sizes(self) -> None:
        sizes = () if self._measured is None else self._measured.sizes
        off = np.array([each.mean_off for each in sizes])
        if not len(off):
            self.sizes.show_bars(Bars(np.zeros(0), 0.0, 1.0), str)
            return
        chosen = int(np.argmin([abs(each.batch - self._size.value()) for each in sizes]))
        bars = Bars(
            off, 0.0, float(off.max()) * 1.05 or 1.0, left="1 image", right=numbers.plural(sizes[-1].batch, "image"),
            marked=chosen,
        )  # fmt: skip
        self.sizes.show_bars(bars, self._size_words)
        self._size_line.show_text(self._size_words(self.sizes.at if self.sizes.at >= 0 else chosen))

    def _say_source(self, kept: _Kept) -> None:
        if self._trouble:
            self._source.setText(f"No batch to compare with: {self._trouble}")
        elif self._images is None:
            self._source.setText("Reading images for the batch…")
        else:
            own = "which these weights were trained on" if self._images.is_own else "not what these weights know"
            left = "" if self.measured >= _MOST else f"; measured {self.measured:,} of {len(self._images.pixels):,}"
            self._source.setText(f"Batch: images of {self._images.title}, {own}{left}.")
        tracked = kept.parameters.tracked
        self._tracked.setText(
            f"Running statistics of {numbers.plural(tracked, 'batch', 'batches')} in training."
            if tracked
            else "Running statistics: none yet, mean 0 and variance 1."
        )

    def _channel_words(self, channel: int) -> str:
        kept, statistics = self._kept, self.statistics
        if kept is None or channel < 0:
            return ""
        own = kept.parameters
        running = f"running mean {figure(own.mean[channel], 3)}, variance {figure(own.variance[channel], 3)}"
        parts = [f"channel {channel}: {running}"]
        if statistics is not None:
            parts.append(
                f"batch mean {figure(statistics.mean[channel], 3)}, variance {figure(statistics.variance[channel], 3)}"
            )
        parts.append(f"γ {figure(own.gamma[channel], 3)}, β {figure(own.beta[channel], 3)}")
        if statistics is not None:
            parts.append(
                f"output mean {figure(statistics.output_mean[channel], 3)}, "
                f"shifted by {figure(statistics.shift[channel], 3)}"
            )
        return "\n".join(parts)

    def _size_words(self, place: int) -> str:
        sizes = () if self._measured is None else self._measured.sizes
        if not 0 <= place < len(sizes):
            return ""
        each = sizes[place]
        return (
            f"batches of {each.batch}: means off by {figure(each.mean_off, 2)} running deviations · "
            f"variance {figure(each.variance_ratio, 2)} of the running one"
        )

    def _pointed(self, channel: int) -> None:
        words = self._channel_words(channel)
        self._reading.setText(words or "Point at a channel to read its numbers.\n\n\n")

    # Building

    def make_content(self) -> QWidget:
        page = QWidget()
        formula = plain()
        formula.setText(
            "output = γ (input − mean) ÷ √(variance + ε) + β. In training mean and variance are the batch's own; "
            "in answers they are the running ones, remembered from training."
        )
        self._quantity = CalmComboBox()
        self._quantity.setAccessibleName("Quantity of each channel")
        self._quantity.setToolTip("What the bars show")
        self._quantity.addItems(list(_QUANTITIES))
        for place, tip in enumerate(_QUANTITIES.values()):
            self._quantity.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self._quantity.activated.connect(self._refresh)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName("Batch size")
        self._slider.setToolTip("How many images the batch has")
        self._size = QSpinBox()
        indent(self._size)
        self._size.setAccessibleName("Batch size in images")
        self._size.setToolTip("How many images the batch has, 1 to 256")
        self._size.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for control in (self._slider, self._size):
            control.setRange(1, _MOST)
            control.setValue(_FIRST_BATCH)
        self._slider.valueChanged.connect(self._size.setValue)
        self._size.valueChanged.connect(self._slider.setValue)
        self._size.valueChanged.connect(self._refresh)
        label = QLabel("Batch size")
        label.setProperty("role", "secondary")
        label.setBuddy(self._size)
        self._row = QHBoxLayout()
        self._row.addWidget(label)
        self._row.addWidget(self._slider, 1)
        self._row.addWidget(self._size)
        self.bars = ChannelBars("Channels")
        self.bars.pointed.connect(self._pointed)
        self._reading = plain()
        self._source, self._tracked = plain(), plain()
        heading = plain()
        heading.setText("How far the means of batches are from the running ones, by batch size")
        self.sizes = ChannelBars("Batch sizes", 64)
        self.sizes.pointed.connect(self._show_sizes)
        self._size_line = StillLabel("Figures of the batch size")
        self._inner = QVBoxLayout(page)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._inner.addWidget(formula)
        self._inner.addWidget(self._quantity)
        self._inner.addLayout(self._row)
        for part in (self.bars, self._reading, heading, self.sizes, self._size_line, self._source, self._tracked):
            self._inner.addWidget(part)
        explain_all(
            "inside",
            {
                "batch norm": (formula, self._quantity, self.bars, self._reading),
                "batch size": (label, self._slider, self._size, heading, self.sizes, self._size_line, self._source),
                "running statistics": self._tracked,
            },
        )
        return page

    def choose(self, batch: int) -> None:
        """Shows a batch of another size."""
        self._size.setValue(batch)

    def restyle(self) -> None:
        self._inner.setSpacing(theme().px(6))
        self._row.setSpacing(theme().px(8))
