"""The fonts, colours and measures that a graph is painted with, on screen and in figures."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication

from explorer.structure.fold import Box
from explorer.structure.layout import Spacing
from explorer.ui.theme import BLOCK_COLOUR, DARK, KIND_COLOURS, LIGHT, Colours, theme

# A share of the interface font: the picture of a whole network needs more text in less room than a form does.
_TEXT = 0.92
_SMALL = 0.85
_POINTS_PER_INCH = 72


_MOST_WIDTHS = 20_000


class KeptMetrics(QFontMetricsF):
    """Metrics of a font that measure each text once: in one network the same names and shapes stand on many boxes."""

    def __init__(self, font: QFont) -> None:
        super().__init__(font)
        self._widths: dict[str, float] = {}

    def horizontalAdvance(self, text: str) -> float:  # type: ignore[override]
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) >= _MOST_WIDTHS:
                self._widths.clear()
            width = self._widths[text] = super().horizontalAdvance(text)
        return width


@dataclass(frozen=True)
class Look:
    """One look of a graph; fonts are sized in pixels, so that they come out alike on every paint device."""

    colours: Colours
    dark: bool
    font: QFont
    scale: float

    def px(self, pixels: float) -> float:
        return pixels * self.scale

    def colour(self, name: str) -> QColor:
        """A named colour of the theme; not to be changed, for it is made once."""
        return self._colours[name]

    @cached_property
    def _colours(self) -> dict[str, QColor]:
        return {field.name: QColor(getattr(self.colours, field.name)) for field in fields(self.colours)}

    def kind_colour(self, box: Box) -> QColor:
        colour = QColor(KIND_COLOURS[box.kind] if box.kind else BLOCK_COLOUR)
        if box.kind is None and self.dark:
            # The slate of blocks would sink into the dark ground.
            return colour.lighter(150)
        return colour

    @cached_property
    def title_font(self) -> QFont:
        return self._sized(1.0, QFont.Weight.DemiBold)

    @cached_property
    def text_font(self) -> QFont:
        return self._sized(_TEXT)

    @cached_property
    def small_font(self) -> QFont:
        return self._sized(_SMALL)

    @cached_property
    def title(self) -> KeptMetrics:
        return KeptMetrics(self.title_font)

    @cached_property
    def text(self) -> KeptMetrics:
        return KeptMetrics(self.text_font)

    @cached_property
    def small(self) -> KeptMetrics:
        return KeptMetrics(self.small_font)

    @cached_property
    def spacing(self) -> Spacing:
        return Spacing(
            column=self.px(22),
            row=self.px(24),
            wire=self.px(16),
            track=self.px(8),
            side=self.px(10),
            head=self.px(14),
            foot=self.px(14),
        )

    def _sized(self, share: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        font = QFont(self.font)
        font.setPixelSize(max(6, round(_pixel_size(self.font) * share)))
        font.setWeight(weight)
        # Hinted widths differ from zoom to zoom, and text would leave its box.
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        return font


def screen_look() -> Look:
    """The look of the running program's theme."""
    current = theme()
    return Look(current.colours, current.is_dark, current.font(), current.scale)


def figure_look(*, dark: bool) -> Look:
    """The look of a figure: the system's interface font at its own size, whatever the window is set to."""
    return Look(DARK if dark else LIGHT, dark, QFont(QGuiApplication.font()), 1.0)


def _pixel_size(font: QFont) -> float:
    if font.pixelSize() > 0:
        return font.pixelSize()
    screen = QGuiApplication.primaryScreen()
    dots_per_inch = screen.logicalDotsPerInch() if screen else 96.0
    return font.pointSizeF() * dots_per_inch / _POINTS_PER_INCH
