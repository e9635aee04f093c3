"""Colours, measures and the style sheet: one look for all widgets, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from explorer.structure.graph import Kind
from explorer.system import paths
from explorer.ui.style_sheet import style_sheet


@dataclass(frozen=True)
class Colours:
    """The named colours of one theme, as "#rrggbb"."""

    window: str
    panel: str
    raised: str
    line: str
    grid: str
    text: str
    secondary: str
    accent: str
    on_accent: str
    selected: str
    ground: str
    edge: str
    good: str
    bad: str
    series_train: str
    series_test: str


LIGHT = Colours(
    window="#eef0f4",
    panel="#ffffff",
    raised="#f7f8fa",
    line="#dfe3ea",
    grid="#eceff4",
    text="#1a1f29",
    secondary="#5d6675",
    accent="#2f6fde",
    on_accent="#ffffff",
    selected="#e6effd",
    ground="#fbfcfd",
    edge="#9aa4b4",
    # Darker than a green for areas would be: as text it keeps 4.5 : 1 on every ground of the theme.
    good="#1a7a4b",
    bad="#c62828",
    series_train="#3b74c4",
    series_test="#c4572f",
)

DARK = Colours(
    window="#15181e",
    panel="#1e222a",
    raised="#232833",
    line="#333a47",
    grid="#242a34",
    text="#e7eaf0",
    secondary="#98a2b3",
    accent="#6ea0ff",
    on_accent="#10141b",
    selected="#26344f",
    ground="#191d24",
    edge="#667085",
    good="#4cc38a",
    bad="#ff8a80",
    series_train="#6ea0ff",
    series_test="#f0885c",
)

KIND_COLOURS: dict[Kind, str] = {
    Kind.CONVOLUTION: "#3b74c4",
    Kind.POOLING: "#159a8c",
    Kind.ACTIVATION: "#d99a00",
    Kind.NORMALISATION: "#8e5ea2",
    Kind.LINEAR: "#c4572f",
    Kind.JOIN: "#6b7280",
    Kind.INPUT: "#6b7280",
    Kind.OUTPUT: "#6b7280",
    Kind.RESHAPE: "#6b7280",
    Kind.DROPOUT: "#6b7280",
    Kind.OTHER: "#6b7280",
}
BLOCK_COLOUR = "#44506a"
# Dark text on the amber of activations keeps a contrast above 4.5 : 1 in both themes.
ON_ACTIVATION = "#1a1f29"
# Figures of one width, so that numbers neither jump nor lose their column.
_TABULAR = QFont.Tag("tnum")


class Theme(QObject):
    """The look of the running program; `changed` tells widgets that paint themselves to do so again.

    `name` is "system", "light" or "dark"; "system" follows the desktop. `scale` multiplies the system's font size.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "system"
        self._scale = 1.0
        self._has_style = False
        self._system_is_dark = _system_is_dark()
        self._system_font = QFont(QGuiApplication.font())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_scheme)

    @property
    def name(self) -> str:
        return self._name

    @property
    def scale(self) -> float:
        return self._scale

    @property
    def is_dark(self) -> bool:
        return self._system_is_dark if self._name == "system" else self._name == "dark"

    @property
    def colours(self) -> Colours:
        return DARK if self.is_dark else LIGHT

    def colour(self, name: str) -> QColor:
        """A colour of the current theme by its field name in `Colours`."""
        return QColor(getattr(self.colours, name))

    def px(self, pixels: float) -> int:
        """A measure of the 4-pixel grid, scaled with the interface."""
        return max(1, round(pixels * self._scale))

    def font(self, *, secondary: bool = False, title: bool = False) -> QFont:
        """The interface font: normal, secondary (one step smaller) or title (600 weight), with tabular figures."""
        font = QFont(self._system_font)
        size = self._system_font.pointSizeF()
        if size <= 0:
            size = 10.0
        font.setPointSizeF(size * self._scale * (0.88 if secondary else 1.0))
        if title:
            font.setWeight(QFont.Weight.DemiBold)
        font.setFeature(_TABULAR, 1)
        return font

    def icon(self, name: str) -> QIcon:
        """An icon of the current theme by the name of its file, for example "search"."""
        return QIcon(str(self._icons() / f"{name}.svg"))

    def use(self, name: str, scale: float) -> None:
        """Switches theme and scale, and restyles the whole program where they are others."""
        if self._has_style and (name, scale) == (self._name, self._scale):
            return
        self._name = name
        self._scale = scale
        self.apply()

    def apply(self) -> None:
        application = QApplication.instance()
        if isinstance(application, QApplication):
            # The only style that paints every widget from the palette and the style sheet alone, on every system.
            if not self._has_style:
                application.setStyle("Fusion")
                self._has_style = True
            # Without a sheet in between, Qt needs three times as long to exchange one for another.
            application.setStyleSheet("")
            application.setFont(self.font())
            application.setPalette(self._palette())
            application.setStyleSheet(self._style_sheet())
        self.changed.emit()

    @contextmanager
    def styled_at_the_end(self) -> Iterator[None]:
        """Leaves the style sheet off while many widgets are put together, and styles them all once at the end.

        With it on, Qt styles a widget anew each time that something it stands in is put into something larger.
        """
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            yield
            return
        application.setStyleSheet("")
        try:
            yield
        finally:
            application.setStyleSheet(self._style_sheet())

    def _on_system_scheme(self) -> None:
        self._system_is_dark = _system_is_dark()
        if self._name == "system":
            self.apply()

    def _palette(self) -> QPalette:
        colours = self.colours
        palette = QPalette()
        role = QPalette.ColorRole
        for which, name in (
            (role.Window, colours.panel),
            (role.Base, colours.panel),
            (role.AlternateBase, colours.raised),
            (role.Button, colours.raised),
            (role.Text, colours.text),
            (role.WindowText, colours.text),
            (role.ButtonText, colours.text),
            (role.ToolTipBase, colours.raised),
            (role.ToolTipText, colours.text),
            (role.PlaceholderText, colours.secondary),
            (role.Highlight, colours.selected),
            (role.HighlightedText, colours.text),
            (role.Link, colours.accent),
            (role.Mid, colours.line),
        ):
            palette.setColor(which, QColor(name))
        for which in (role.Text, role.WindowText, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.secondary))
        return palette

    def _style_sheet(self) -> str:
        return style_sheet(self.colours, self.px, self.font(secondary=True).pointSizeF(), self._icons())

    def _icons(self) -> Path:
        return paths.resource("icons", "dark" if self.is_dark else "light")


def _system_is_dark() -> bool:
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


_current: Theme | None = None


def theme() -> Theme:
    """The program's theme; made on first use, after the application exists."""
    global _current  # noqa: PLW0603 - one look per process, as there is one QApplication
    if _current is None:
        _current = Theme(QApplication.instance())
    return _current
