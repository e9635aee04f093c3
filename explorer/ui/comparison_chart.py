"""The chart of accuracy against MACs, with parameters as area. Import it late: pyqtgraph costs some 0.4 s."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pyqtgraph as pg
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QWidget

from explorer.networks.comparison import ComparisonRow
from explorer.structure.graph import Kind
from explorer.ui import numbers
from explorer.ui.curve_axis import CurveAxis
from explorer.ui.explanations import explain_all
from explorer.ui.theme import KIND_COLOURS, theme

# Told apart by colour-blind people, as the layer kinds are; further families share the grey.
_COLOURS = tuple(
    KIND_COLOURS[kind] for kind in (Kind.CONVOLUTION, Kind.LINEAR, Kind.POOLING, Kind.NORMALISATION, Kind.ACTIVATION)
)
_OTHERS = KIND_COLOURS[Kind.OTHER]
# A network of this many parameters is a disc this wide; areas go with parameters.
_REFERENCE_PARAMETERS, _REFERENCE_PX = 25e6, 18.0
_SMALLEST_PX, _LARGEST_PX = 5.0, 64.0
# Where all networks are small, the largest disc is this wide.
_SMALL_NETWORKS, _LARGEST_OF_SMALL_PX = 5e6, 32.0
_ALPHA = 110
_ROUNDS = 12
# Before the chart has its size, and where it is a stripe.
_FEWEST_PIXELS = 200.0
_LARGEST_SHARE = 0.2


class ComparisonChart(pg.PlotWidget):
    """A disc a network; `chosen` carries the name of the one that was clicked, or of the pointed one at Enter.

    Left and Right walk along the discs from the cheapest to the dearest.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._bottom, self._left = CurveAxis("bottom"), CurveAxis("left")
        self._rows: tuple[ComparisonRow, ...] = ()
        self._is_following = True  # until the user moves the view
        super().__init__(parent, axisItems={"bottom": self._bottom, "left": self._left}, enableMenu=False)
        self.setAccessibleName("Chart of accuracy against MACs")
        self.setFrameShape(self.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(0, 0)
        self._families: tuple[str, ...] = ()
        self._pointed: ComparisonRow | None = None
        self._reference = _REFERENCE_PARAMETERS
        item = self.getPlotItem()
        item.hideButtons()
        for axis in (self._bottom, self._left):
            axis.setZValue(-200)
        self._bottom.setLogMode(True)
        self._discs = pg.ScatterPlotItem(pxMode=True, antialias=True)
        self._ring = pg.ScatterPlotItem(pxMode=True, antialias=True)
        self._ring.setZValue(5)
        self.addItem(self._discs)
        self.addItem(self._ring)
        self.card = QLabel(self)
        self.card.setTextFormat(Qt.TextFormat.PlainText)
        self.card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.card.hide()
        explain_all("comparison", {"chart": self})
        self.getViewBox().sigResized.connect(self._fit_again)
        self.getViewBox().sigRangeChangedManually.connect(self._on_moved_by_hand)
        self.scene().sigMouseMoved.connect(self._on_moved)
        self.scene().sigMouseClicked.connect(self._on_clicked)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def rows(self) -> tuple[ComparisonRow, ...]:
        """The networks that have a place in the chart."""
        return self._rows

    def show_rows(self, rows: Sequence[ComparisonRow], families: Sequence[str]) -> None:
        """Draws the networks whose MACs and accuracy are known; `families` are the first to get a colour."""
        placed = [row for row in rows if row.macs and row.top1 is not None and row.parameters]
        # The largest first, so that small discs lie on top of them.
        placed.sort(key=lambda row: -(row.parameters or 0))
        self._rows = tuple(placed)
        self._families = tuple(families)
        most = max((row.parameters or 0 for row in placed), default=0)
        self._reference = _REFERENCE_PARAMETERS
        if 0 < most < _SMALL_NETWORKS:
            self._reference = most * (_REFERENCE_PX / _LARGEST_OF_SMALL_PX) ** 2
        self._paint()
        self._fit_again()

    def colour(self, family: str) -> QColor:
        """The colour of a family's discs."""
        colours = dict(zip(self._families, _COLOURS, strict=False))
        return QColor(colours.get(family, _OTHERS))

    def legend(self) -> list[tuple[str, QColor]]:
        """The families that have discs and a colour of their own, then the others under one name."""
        shown = {row.family for row in self._rows}
        named = [family for family in self._families[: len(_COLOURS)] if family in shown]
        entries = [(family, self.colour(family)) for family in named]
        return [*entries, ("others", QColor(_OTHERS))] if shown - set(named) else entries

    def point(self, row: ComparisonRow | None) -> None:
        """Marks a network and says its figures."""
        self._pointed = row
        if row is None:
            self._ring.setData([])
            self.card.hide()
            self.setAccessibleDescription("")
            return
        colour = theme().colour("text")
        x, y = _place(row)
        self._ring.setData(
            [
                {
                    "pos": (x, y),
                    "size": self._diameter(row) * theme().scale + 4,
                    "pen": pg.mkPen(colour, width=2),
                    "brush": None,
                }
            ]
        )
        text = in_words(row)
        self.card.setText(text)
        self.setAccessibleDescription(text.replace("\n", ", "))
        self.card.adjustSize()
        spot = self.mapFromScene(self.getViewBox().mapViewToScene(QPointF(x, y)))
        gap = theme().px(12)
        left = (
            spot.x() + gap if spot.x() + gap + self.card.width() < self.width() else spot.x() - gap - self.card.width()
        )
        top = min(max(spot.y() - self.card.height() // 2, 0), max(self.height() - self.card.height(), 0))
        self.card.move(QPoint(max(left, 0), top))
        self.card.show()
        self.card.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in {Qt.Key.Key_Left, Qt.Key.Key_Right} and self._rows:
            ordered = sorted(self._rows, key=lambda row: (row.macs or 0, row.name))
            step = 1 if key == Qt.Key.Key_Right else -1
            if self._pointed in ordered:
                number = min(max(ordered.index(self._pointed) + step, 0), len(ordered) - 1)
            else:
                number = 0 if step > 0 else len(ordered) - 1
            self.point(ordered[number])
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._pointed is not None:
            self.chosen.emit(self._pointed.name)
        elif key == Qt.Key.Key_A:
            self.follow()
        else:
            super().keyPressEvent(event)

    def _paint(self) -> None:
        spots = []
        edge = theme().colour("panel")
        for row in self._rows:
            colour = self.colour(row.family)
            colour.setAlpha(_ALPHA if "/" in row.name else 230)
            spots.append(
                {
                    "pos": _place(row),
                    "size": self._diameter(row) * theme().scale,
                    "brush": pg.mkBrush(colour),
                    "pen": pg.mkPen(edge, width=1),
                    "data": row.name,
                }
            )
        self._discs.setData(spots)

    def _diameter(self, row: ComparisonRow) -> float:
        share = (row.parameters or 0) / self._reference
        return min(max(_REFERENCE_PX * math.sqrt(share), _SMALLEST_PX), _LARGEST_PX)

    def follow(self) -> None:
        """Shows all discs whole, until the user moves the view."""
        self._is_following = True
        self._fit()

    def _fit(self) -> None:
        if not self._rows:
            return
        xs, ys = zip(*(_place(row) for row in self._rows), strict=True)
        radii = [self._diameter(row) * theme().scale / 2 + theme().px(4) for row in self._rows]
        box = self.getViewBox()
        self.setXRange(*_with_room(xs, radii, box.width(), least=0.2), padding=0)
        self.setYRange(*_with_room(ys, radii, box.height(), least=2.0), padding=0)

    def _fit_again(self) -> None:
        if self._is_following:
            self._fit()

    def _on_moved_by_hand(self) -> None:
        self._is_following = False

    def _under(self, position: QPointF) -> ComparisonRow | None:
        """The network whose disc is at a place of the scene, the one on top."""
        under = self._discs.pointsAt(self.getViewBox().mapSceneToView(position)) if self._rows else []
        name = under[0].data() if len(under) else None
        return next((row for row in self._rows if row.name == name), None)

    def _on_moved(self, position: QPointF) -> None:
        row = self._under(position)
        if row is not self._pointed:
            self.point(row)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if row else Qt.CursorShape.ArrowCursor)

    def _on_clicked(self, event: MouseClickEvent) -> None:
        row = self._under(event.scenePos()) if event.button() == Qt.MouseButton.LeftButton else None
        if row is not None:
            self.chosen.emit(row.name)

    def _restyle(self) -> None:
        look = theme()
        colours = look.colours
        self.setBackground(look.colour("panel"))
        grid, text = look.colour("grid"), look.colour("secondary")
        for axis, label in ((self._bottom, "MACs for one image (billions, log)"), (self._left, "top-1 accuracy (%)")):
            axis.setPen(pg.mkPen(grid))
            axis.setTextPen(pg.mkPen(text))
            axis.setTickFont(look.font(secondary=True))
            axis.label.setFont(look.font(secondary=True))
            axis.setLabel(label, color=colours.secondary)
        metrics = QFontMetrics(look.font(secondary=True))
        self._left.setWidth(metrics.horizontalAdvance("00.0") + metrics.height() + look.px(16))
        self._bottom.setHeight(2 * metrics.height() + look.px(12))
        self.card.setFont(look.font(secondary=True))
        self.card.setStyleSheet(
            f"background: {colours.raised}; color: {colours.text}; border: 1px solid {colours.line};"
            f" border-radius: {look.px(6)}px; padding: {look.px(6)}px;"
        )
        if self._rows:
            self._paint()
            self._fit_again()
            self.point(self._pointed)


class FamilyLegend(QWidget):
    """Which colour is which family; it goes on in the next line where the chart is narrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Families in the chart")
        self._entries: list[tuple[str, QColor]] = []
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme().changed.connect(self.updateGeometry)

    def show_entries(self, entries: list[tuple[str, QColor]]) -> None:
        self._entries = entries
        self.setAccessibleDescription(", ".join(name for name, _ in entries))
        self.updateGeometry()
        self.update()

    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return int(places[-1].bottom()) if places else 0

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), self.heightForWidth(max(self.width(), theme().px(200))))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(80), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        del event  # the legend is short: all of it is painted
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(look.font(secondary=True))
        dot = look.px(8)
        for (name, colour), place in zip(self._entries, self._places(self.width()), strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QRectF(place.left(), place.center().y() - dot / 2, dot, dot))
            painter.setPen(look.colour("secondary"))
            painter.drawText(place.adjusted(dot + look.px(4), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)

    def _places(self, width: int) -> list[QRectF]:
        look = theme()
        metrics = QFontMetrics(look.font(secondary=True))
        height, gap, x, y = metrics.height() + look.px(4), look.px(14), 0.0, 0.0
        places = []
        for name, _ in self._entries:
            wide = metrics.horizontalAdvance(name) + look.px(14)
            if x > 0 and x + wide > width:
                x, y = 0.0, y + height
            places.append(QRectF(x, y, wide, height))
            x += wide + gap
        return places


def _with_room(places: Sequence[float], radii: Sequence[float], pixels: float, *, least: float) -> tuple[float, float]:
    """The ends of an axis of so many pixels on which discs of these radii, in pixels, lie whole; `least` apart."""
    low, high = min(places), max(places)
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    pixels = max(pixels, _FEWEST_PIXELS)
    # Two discs that together are wider than the chart could not both lie in it.
    radii = [min(radius, _LARGEST_SHARE * pixels) for radius in radii]
    inner, outer = (low, high), (low, high)
    # Each widening makes a pixel worth more, and the discs reach farther; a few rounds settle it.
    for _ in range(_ROUNDS):
        unit = (outer[1] - outer[0]) / pixels
        reached = [(place - radius * unit, place + radius * unit) for place, radius in zip(places, radii, strict=True)]
        outer = (min(inner[0], *(left for left, _ in reached)), max(inner[1], *(right for _, right in reached)))
    return outer


def in_words(row: ComparisonRow) -> str:
    """A network's figures, a line each."""
    lines = [f"{row.title} ({row.name})" if row.name not in {row.title, row.title.lower()} else row.title]
    if row.top1 is not None:
        lines.append(f"top-1 {row.top1:.2f} %" + (f", top-5 {row.top5:.2f} %" if row.top5 is not None else ""))
    if row.macs is not None:
        lines.append(f"{numbers.short_count(row.macs)} MACs = {numbers.short_count(2 * row.macs)} FLOPs")
    if row.parameters is not None:
        lines.append(f"{numbers.short_count(row.parameters)} parameters")
    return "\n".join(lines)


def _place(row: ComparisonRow) -> tuple[float, float]:
    assert row.macs is not None and row.top1 is not None  # noqa: S101, PT018 - only such rows are placed
    return math.log10(row.macs / 1e9), row.top1
