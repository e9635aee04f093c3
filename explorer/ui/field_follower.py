"""What the chosen unit sees, shown where the input is: on the picture that the network sees and on the pad."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from explorer.ui.field_on_input import FieldOverlay, Share, in_square, on_picture
from explorer.ui.why_place import on_pad

if TYPE_CHECKING:
    from explorer.structure.unit_field import Seen
    from explorer.ui.feature_section import FeatureSection
    from explorer.ui.input_panel import InputPanel
    from explorer.ui.map_page import Page


class FieldFollower(QObject):
    """Draws the box of `section`'s unit over the panel's picture, where both show the same input, and over its pad."""

    def __init__(self, section: FeatureSection, panel: InputPanel) -> None:
        super().__init__(section)
        self._panel = panel
        self.picture = FieldOverlay(panel.view.picture, is_centred=False)
        self.pad = FieldOverlay(panel.pad, is_centred=True)
        section.field_changed.connect(self._show)

    def _show(self, page: Page | None, box: Seen | None) -> None:
        shown = None if page is None or box is None else on_picture(box, (page.seen.shape[1], page.seen.shape[2]))
        if page is None or shown is None:
            self.picture.show_box(None)
            self.pad.show_box(None)
            return
        size = (page.seen.shape[1], page.seen.shape[2])
        same = np.array_equal(page.seen, self._panel.view.picture.seen)
        self.picture.show_box(in_square(shown, size) if same else None)
        place = on_pad(self._panel.sections.adjusted(self._panel.pad.source), page.seen, page.takes, whole=page.whole)
        if place is None:
            self.pad.show_box(None)
            return
        height, width = size
        top, left, bottom, right = shown
        box_on_pad = Share(
            place.left + left / width * place.width,
            place.top + top / height * place.height,
            place.left + right / width * place.width,
            place.top + bottom / height * place.height,
        )
        self.pad.show_box(box_on_pad)
