"""The inspector's section on training: what was measured in the selected layer while it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QElapsedTimer, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.structure.graph import Graph
from explorer.ui.curve_column import Floats, stride
from explorer.ui.curve_values import value_range
from explorer.ui.explanations import explain_all
from explorer.ui.layer_amounts import in_words
from explorer.ui.layer_history import LayerHistory, Track
from explorer.ui.session import Session
from explorer.ui.still_holder import StillHolder
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox
from explorer.ui.value_label import ValueLabel

if TYPE_CHECKING:
    from explorer.ui.layer_history_plot import LayerHistoryPlot, LayerLine

_TITLES = {
    "gradient_norm": "Gradient norm",
    "update_ratio": "Update-to-weight ratio",
    "activation_spread": "Activation spread",
    "dead_share": "Dead units (%)",
}
_TIPS = {
    "gradient_norm": "Norm of all gradients of a layer's parameters together",
    "update_ratio": "Norm of the update over norm of the weights; about 0.001 is usual",
    "activation_spread": "Standard deviation of a layer's output",
    "dead_share": "Units that were 0 for every image of the batch",
}
_LINEAR = {"dead_share"}
# A logarithmic axis goes no lower than this: what is smaller is 0 to the eye, and 0 itself has no logarithm.
_LOG_FLOOR = 1e-12
# Not drawn more often; but at once where nothing was drawn for so long, which is within the trainer's own update, whose
# cost is looked after.
_PERIOD_MS = 1000
_POINTS = 400


class LayerHistorySection(QWidget):
    """Curves of one quantity: of the selected layer, or of every layer in the selected block or network.

    Painted at most once a second and only in sight; hidden while nothing is known of the network on screen.
    """

    def __init__(self, session: Session, history: LayerHistory, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("layer_history")
        self.setAccessibleName("Training history of the selection")
        self._session = session
        self._history = history
        self._plot: LayerHistoryPlot | None = None
        self._place: float | None = None
        self._shown: dict[str, Track] = {}
        self._is_stale = False  # what is drawn, since it is out of sight
        self._refreshed = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        self._build()
        history.changed.connect(self._ask)
        session.selection_changed.connect(self.refresh)
        session.graph_changed.connect(self.refresh)
        theme().changed.connect(self._measure)
        self._measure()
        self.refresh()

    @property
    def quantity(self) -> str:
        """The field of `LayerFigures` that is drawn."""
        return list(_TITLES)[max(0, self._box.currentIndex())]

    @property
    def shown(self) -> tuple[str, ...]:
        """The paths of the layers that have a curve."""
        return tuple(self._shown)

    @property
    def words(self) -> str:
        return self._words.value

    def show_quantity(self, field: str) -> None:
        """Draws another quantity, by its field of `LayerFigures`."""
        self._box.setCurrentIndex(list(_TITLES).index(field))
        self.refresh()

    def shutdown(self) -> None:
        self._timer.stop()

    def refresh(self) -> None:
        """Draws what is there now."""
        self._refreshed.start()
        self._is_stale = False
        graph, fits = self._session.graph, self._history.is_of(self._session)
        tracks = _tracks_of(graph, self._session.selection, self._history.tracks) if graph and fits else {}
        self.setVisible(bool(tracks))
        if not tracks:
            self._shown = {}
            return
        field = self.quantity
        self._shown = {path: track for path, track in tracks.items() if track.has(field)}
        has_any = bool(self._shown)
        self._note.setVisible(not has_any)
        if not has_any:
            self._note.setText(_why_none(field))
            if self._plot is not None:
                self._plot.hide()
        elif self._is_in_sight():
            self._draw(field)
        else:
            self._is_stale = True
        self._show_words()

    def paintEvent(self, event: QPaintEvent) -> None:
        # It comes when the section is scrolled or brought into sight.
        super().paintEvent(event)
        if self._is_stale:
            self._timer.start(0)

    def _is_in_sight(self) -> bool:
        if not self.isVisible():
            return False
        # The section's own region leaves out what the plot covers.
        plot = self._plot
        covered = plot is not None and plot.isVisible() and not plot.viewport().visibleRegion().isEmpty()
        return covered or not self.visibleRegion().isEmpty()

    def _ask(self) -> None:
        # Once for all that comes in one go.
        if not self._timer.isActive():
            self._timer.start(max(0, _PERIOD_MS - self._refreshed.elapsed()))

    # Drawing

    def _prepare(self) -> LayerHistoryPlot:
        if self._plot is None:
            from explorer.ui.layer_history_plot import LayerHistoryPlot  # noqa: PLC0415 - pyqtgraph is imported late

            self._plot = LayerHistoryPlot()
            self._plot.pointed.connect(self._on_pointed)
            self._column.insertWidget(2, self._plot)
        return self._plot

    def _draw(self, field: str) -> None:
        from explorer.ui.layer_history_plot import MOST_LINES  # noqa: PLC0415 - see `_prepare`

        plot = self._prepare()
        plot.show()
        lines = [self._line(path, track, field) for path, track in self._shown.items()]
        x_end = max(float(line.x[-1]) for line in lines)
        is_log = field not in _LINEAR
        y = value_range([line.y for line in lines], is_log=is_log) or (0.0, 1.0)
        if not is_log:
            y = (0.0, max(min(y[1], 100.0), 5.0))
        if len(lines) == 1:
            pale: list[LayerLine] = []
            middle: LayerLine | None = lines[0]
        else:
            pale = lines[:: max(1, -(-len(lines) // MOST_LINES))]
            middle = self._median(lines)
        plot.draw(pale, middle, x=(0.0, max(x_end, 1.0)), y=y, is_log=is_log)
        of = next(iter(self._shown)) if len(lines) == 1 else f"{len(lines):,} layers"
        plot.setAccessibleDescription(f"{_TITLES[field]} of {of}")

    def _line(self, path: str, track: Track, field: str) -> LayerLine:
        from explorer.ui.layer_history_plot import LayerLine  # noqa: PLC0415 - see `_prepare`

        places = stride(0, len(track["step"]), _POINTS)
        return LayerLine(path, track["step"][places].copy(), _scaled(track[field][places], field))

    def _median(self, lines: list[LayerLine]) -> LayerLine | None:
        """The middle of the layers at the steps that all of them have."""
        from explorer.ui.layer_history_plot import LayerLine  # noqa: PLC0415 - see `_prepare`

        first = lines[0]
        alike = [line.y for line in lines if len(line.x) == len(first.x) and bool((line.x == first.x).all())]
        return LayerLine("", first.x, _median_of(np.stack(alike)))

    def _show_words(self) -> None:
        """The selected layer's figures at the crosshair, or the newest."""
        if not self._shown:
            self._words.show_value("")
            return
        track = next(iter(self._shown.values()))
        steps = track["step"]
        index = len(steps) - 1 if self._place is None else int(np.argmin(np.abs(steps - self._place)))
        head = f"step {int(steps[index]):,}, epoch {int(track['epoch'][index]):,}"
        if len(self._shown) == 1:
            parts = [words for name in _TITLES if (words := in_words(name, float(track[name][index])))]
            self._words.show_value("\n".join([head, *parts]))
            return
        values = {
            path: float(other[self.quantity][index])
            for path, other in self._shown.items()
            if len(other["step"]) > index and np.isfinite(other[self.quantity][index])
        }
        if not values:
            self._words.show_value(head)
            return
        least, most = min(values, key=lambda path: values[path]), max(values, key=lambda path: values[path])
        name = self.quantity
        self._words.show_value(
            f"{head}: median of {len(values):,} layers\n"
            f"least: {in_words(name, values[least])} in {least}\n"
            f"most: {in_words(name, values[most])} in {most}"
        )

    def _on_pointed(self, place: float | None) -> None:
        self._place = place
        self._show_words()

    # Building

    def _build(self) -> None:
        title = QLabel("Training")
        title.setProperty("role", "heading")
        self._box = CalmComboBox()
        self._box.setAccessibleName("Quantity over steps")
        self._box.setToolTip("What to draw over the steps of the run on screen")
        self._box.addItems(list(_TITLES.values()))
        for number, tip in enumerate(_TIPS.values()):
            self._box.setItemData(number, tip, Qt.ItemDataRole.ToolTipRole)
        self._box.activated.connect(self.refresh)
        head = QHBoxLayout()
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._box, 2)
        self._note = QLabel()
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setProperty("role", "secondary")
        self._note.setWordWrap(True)
        self._note.hide()
        self._words = ValueLabel()
        self._words.setProperty("role", "secondary")
        self._words.setAccessibleName("Figures at the crosshair, or the newest")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self._note)
        self._column.addWidget(StillHolder(self._words))
        explain_all("inside", {"training history": (self, self._box, self._words)})

    def _measure(self) -> None:
        self._column.setSpacing(theme().px(4))


def _tracks_of(graph: Graph, selection: str, tracks: Mapping[str, Track]) -> dict[str, Track]:
    """The tracks of what is selected: a layer, all layers in a block, or all there are."""
    if selection in graph.by_path:
        return {selection: tracks[selection]} if selection in tracks else {}
    if selection in graph.block_by_path:
        return {path: track for path, track in tracks.items() if path.startswith(f"{selection}.")}
    return dict(tracks)


def _median_of(values: Floats) -> Floats:
    """The median of each column without its NaNs; NaN where there is nothing else."""
    # numpy's own `nanmedian` takes seven times as long.
    ordered = np.sort(values, axis=0)  # NaNs last
    known = (~np.isnan(ordered)).sum(axis=0)
    columns = np.arange(values.shape[1])
    low, high = np.maximum(known - 1, 0) // 2, np.minimum(known // 2, len(values) - 1)
    middle: Floats = (ordered[low, columns] + ordered[high, columns]) / 2
    return middle


def _scaled(values: Floats, field: str) -> Floats:
    if field == "dead_share":
        return np.where(np.isfinite(values), 100 * values, np.nan)
    scaled = np.full(len(values), np.nan)
    finite = np.isfinite(values)
    scaled[finite] = np.log10(np.maximum(values[finite], _LOG_FLOOR))
    return scaled


def _why_none(field: str) -> str:
    if field == "dead_share":
        return "No ReLU here: only a ReLU has dead units."
    if field in {"gradient_norm", "update_ratio"}:
        return "Nothing here has parameters to train."
    return "Not measured here."
