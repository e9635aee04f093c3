"""A chosen sample, large, and how an augmentation varies it: a strip that follows every switch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.data.augmentation import Augmentation
from explorer.ui.augmentation_controls import AugmentationControls
from explorer.ui.augmentation_variants import variants
from explorer.ui.data_browser_reader import BrowsedPart
from explorer.ui.explanations import explain_all
from explorer.ui.quiet_row import BesideQuiet
from explorer.ui.reading_area import ReadingArea
from explorer.ui.sample_image import picture_to_send, sample_image
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel
from explorer.ui.worker import Worker

COUNT = 12
_SIDE = 48
_LARGE = 84


@dataclass(frozen=True)
class _Wish:
    """What the strip is to show; equal wishes give equal strips."""

    index: int
    augmentation: Augmentation
    seed: int


class SamplePreview(QWidget):
    """Shows one sample of a part and `COUNT` variants of it; `picture_wanted` carries it for the pad.

    Variants are computed in a thread; the newest wish wins. Call `shutdown` before the panel goes.
    """

    picture_wanted = Signal(object)  # uint8 [H, W] or [H, W, 3]
    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part: BrowsedPart | None = None
        self._index = -1
        self._seed = 0
        self._worker = Worker("augmentation", self)
        self._sample = _Pictures(_LARGE, "The sample")
        self.strip = _Pictures(_SIDE, f"{COUNT} variants of the sample")
        self.controls = AugmentationControls()
        self.controls.changed.connect(self._vary)
        self._words = ValueLabel()
        self._pad = _quiet("To the pad", "Puts the sample on the pad")
        self._pad.clicked.connect(self._send)
        self._again = _quiet("Draw anew", "Other random numbers for the variants")
        self._again.clicked.connect(self._draw_anew)
        self._build()
        theme().changed.connect(self._measure)
        self._measure()
        self.show_sample(None, -1)

    @property
    def index(self) -> int:
        """The sample shown, -1 for none."""
        return self._index

    def show_sample(self, part: BrowsedPart | None, index: int) -> None:
        """Shows a sample; none with an index of -1."""
        self._part, self._index = part, index
        has_one = part is not None and index >= 0
        self._pad.setEnabled(has_one)
        self._again.setEnabled(has_one)
        if part is None or index < 0:
            self._words.show_value("Choose a sample to see how augmentation varies it.")
            self._sample.show_images([])
            self.strip.show_images([])
            return
        mask = None if part.masks is None else part.masks[index]
        self._sample.show_images([sample_image(part.split.images[index], mask)])
        _, channels, height, width = part.split.images.shape
        colours = "grayscale" if channels == 1 else "colour"
        self._words.show_value(f"{part.words(index)}\n{width} × {height}, {colours}")
        self._vary()

    def shutdown(self) -> None:
        self._worker.shutdown()

    # Variants

    def _vary(self) -> None:
        part, wish = self._part, _Wish(self._index, self.controls.value, self._seed)
        if part is None or wish.index < 0:
            return
        sample = part.split.images[wish.index]
        mask = None if part.masks is None else part.masks[wish.index]
        others = part.dataset.train.images

        def work() -> tuple[NDArray[np.uint8], NDArray[np.uint8] | None]:
            return variants(sample, wish.augmentation, COUNT, wish.seed, mask=mask, others=others)

        self._worker.submit(work, self._take, self.failed.emit)

    def _take(self, made: tuple[NDArray[np.uint8], NDArray[np.uint8] | None]) -> None:
        if self._index < 0:
            return
        images, masks = made
        self.strip.show_images(
            [sample_image(image, None if masks is None else masks[number]) for number, image in enumerate(images)]
        )

    def _draw_anew(self) -> None:
        self._seed += 1
        self._vary()

    def _send(self) -> None:
        if self._part is not None and self._index >= 0:
            self.picture_wanted.emit(picture_to_send(self._part.split.images[self._index]))

    # Building

    def _build(self) -> None:
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self._pad)
        self._buttons.addWidget(self._again)
        self._buttons.addStretch(1)
        beside = QVBoxLayout()
        beside.addLayout(BesideQuiet(self._words))
        beside.addLayout(self._buttons)
        beside.addStretch(1)
        self._top = QHBoxLayout()
        self._top.addWidget(self._sample, 0, Qt.AlignmentFlag.AlignTop)
        self._top.addLayout(beside, 1)
        page = QWidget()
        self._column = QVBoxLayout(page)
        self._column.addLayout(self._top)
        self._column.addWidget(self.strip)
        self._column.addWidget(self.controls)
        self._column.addStretch(1)
        self._scroll = ReadingArea(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll)
        explain_all("data", {"sample": (self._words, self._sample), "variants": self.strip})

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(8), px(4), px(12), px(8))
        self._column.setSpacing(px(8))
        self._top.setSpacing(px(4))
        self._buttons.setSpacing(px(4))


class _Pictures(QWidget):
    """Pictures of one size, which go on in the next line where there is no room."""

    def __init__(self, side: int, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(name)
        self._side = side
        self.images: list[QImage] = []
        vertical = QSizePolicy.Policy.Preferred
        policy = QSizePolicy(QSizePolicy.Policy.Expanding if side == _SIDE else QSizePolicy.Policy.Fixed, vertical)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.updateGeometry)

    def show_images(self, images: list[QImage]) -> None:
        count, self.images = len(self.images), images
        if count != len(images):
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        side = theme().px(self._side)
        if self._side == _LARGE:
            return QSize(side, side)
        return QSize(6 * (side + theme().px(4)), self.heightForWidth(6 * (side + theme().px(4))))

    def heightForWidth(self, width: int) -> int:
        step = theme().px(self._side) + theme().px(4)
        columns = max(1, (width + theme().px(4)) // step)
        # Room for all of them from the first, so that nothing jumps.
        return -(-(1 if self._side == _LARGE else COUNT) // columns) * step

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # the strip is short: all of it is painted
        painter = QPainter(self)
        side, step = theme().px(self._side), theme().px(self._side) + theme().px(4)
        columns = max(1, (self.width() + theme().px(4)) // step)
        for number, image in enumerate(self.images):
            row, column = divmod(number, columns)
            shown = image.size().scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > shown.width())
            corner = QPoint(column * step + (side - shown.width()) // 2, row * step + (side - shown.height()) // 2)
            painter.drawImage(QRect(corner, shown), image)


def _quiet(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("quiet", True)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button
