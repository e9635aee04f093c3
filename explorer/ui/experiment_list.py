"""All experiments in a list: number, title, question, the networks concerned, the time, and how things are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from explorer import experiments
from explorer.claims.claim import Experiment
from explorer.networks import catalogue
from explorer.ui.empty_note import EmptyNote
from explorer.ui.experiment_mark import State, colour_of, paint_mark
from explorer.ui.explanations import explain_all
from explorer.ui.plain_text import tooltip
from explorer.ui.theme import theme

Index = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True)
class Row:
    """An experiment and how things are with it."""

    experiment: Experiment
    state: State


class ExperimentModel(QAbstractListModel):
    """The experiments that are listed, in their order."""

    def __init__(self, parent: QObject, listed: Sequence[Experiment] | None = None) -> None:
        super().__init__(parent)
        self._all = tuple(experiments.EXPERIMENTS if listed is None else listed)
        self._shown = self._all
        self._states: dict[str, State] = {}

    @property
    def shown(self) -> tuple[Experiment, ...]:
        return self._shown

    @property
    def states(self) -> dict[str, State]:
        return dict(self._states)

    def keep(self, network: str | None) -> None:
        """Lists those that concern a network; None: all."""
        shown = tuple(one for one in self._all if network is None or network in one.networks)
        if shown != self._shown:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()

    def set_states(self, states: Mapping[str, State]) -> None:
        """How things are, by the experiments' names; those left out were not run."""
        changed = [
            number for number, one in enumerate(self._shown) if states.get(one.name) is not self._states.get(one.name)
        ]
        self._states = dict(states)
        for number in changed:
            self.dataChanged.emit(self.index(number), self.index(number))

    def state_of(self, experiment: Experiment) -> State:
        return self._states.get(experiment.name, State.NOT_RUN)

    def row_of(self, experiment: Experiment) -> int | None:
        return self._shown.index(experiment) if experiment in self._shown else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or not 0 <= index.row() < len(self._shown):
            return None
        one = self._shown[index.row()]
        state = self.state_of(one)
        if role == ROW_ROLE:
            return Row(one, state)
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{one.number} {one.title}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{one.number} {one.title}\n{one.question}\n{networks_text(one)}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{one.number} {one.title}: {state.value}. {one.question} {networks_text(one)}, {time_text(one)}"
        return None


def networks_text(experiment: Experiment) -> str:
    """The networks that an experiment concerns, by their titles."""
    known = {architecture.name: architecture.title for architecture in catalogue.CATALOGUE}
    return ", ".join(known.get(name, name) for name in experiment.networks)


def time_text(experiment: Experiment) -> str:
    """How long the short form takes: "about 110 s", "computed in seconds"."""
    if not experiment.short.arms:
        return "computed in seconds"
    return f"about {experiment.short.seconds} s"


class _Rows(QStyledItemDelegate):
    """Paints an experiment in three lines: title, question, and the networks beside its state or the time it takes."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        del option, index
        small, normal = QFontMetrics(theme().font(secondary=True)), QFontMetrics(theme().font())
        return QSize(theme().px(160), normal.height() + 2 * small.height() + theme().px(18))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, Row):
            return
        look = theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRect(option.rect)
        _paint_ground(painter, option, area)
        area.adjust(look.px(10), look.px(6), -look.px(10), -look.px(6))
        small, normal = look.font(secondary=True), look.font(title=True)
        metrics, large = QFontMetrics(small), QFontMetrics(normal)
        number_width = QFontMetrics(normal).horizontalAdvance("00") + look.px(8)
        line = QRect(area.left(), area.top(), area.width(), large.height())
        painter.setFont(normal)
        painter.setPen(look.colour("secondary"))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, left, str(row.experiment.number))
        line.adjust(number_width, 0, 0, 0)
        painter.setPen(look.colour("text"))
        painter.drawText(line, left, large.elidedText(row.experiment.title, Qt.TextElideMode.ElideRight, line.width()))
        painter.setFont(small)
        line = QRect(
            area.left() + number_width, line.bottom() + look.px(3), area.width() - number_width, metrics.height()
        )
        painter.drawText(
            line, left, metrics.elidedText(row.experiment.question, Qt.TextElideMode.ElideRight, line.width())
        )
        line.translate(0, metrics.height() + look.px(2))
        if row.state is State.NOT_RUN:
            taken = self._paint_time(painter, line, time_text(row.experiment), metrics)
        else:
            taken = self._paint_state(painter, line, row.state, metrics)
        painter.setPen(look.colour("secondary"))
        room = line.width() - taken - look.px(12)
        names = metrics.elidedText(networks_text(row.experiment), Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, left, names)
        painter.restore()

    def _paint_time(self, painter: QPainter, line: QRect, words: str, metrics: QFontMetrics) -> int:
        """Paints how long it takes at the right; gives how much room that took."""
        painter.setPen(theme().colour("secondary"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        return metrics.horizontalAdvance(words)

    def _paint_state(self, painter: QPainter, line: QRect, state: State, metrics: QFontMetrics) -> int:
        """Paints mark and words at the right; gives how much room that took."""
        look = theme()
        side, gap = look.px(12), look.px(5)
        words = _SHORT.get(state, state.value)
        width = metrics.horizontalAdvance(words)
        painter.setPen(colour_of(state, look.colours))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        x = line.right() - width - gap - side + 1
        paint_mark(painter, QRectF(x, line.center().y() - side / 2 + 0.5, side, side), state, look.colours)
        return width + gap + side


# The list is narrow; the whole words stand with the verdict.
_SHORT = {State.NOT_SEEN: "not seen"}


def _paint_ground(painter: QPainter, option: QStyleOptionViewItem, row: QRect) -> None:
    look = theme()
    selected = bool(option.state & QStyle.StateFlag.State_Selected)
    if selected or option.state & QStyle.StateFlag.State_MouseOver:
        focused = selected and bool(option.state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(look.colour("accent"), 1) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("selected" if selected else "raised"))
        painter.drawRoundedRect(row.adjusted(2, 1, -2, -1), look.px(6), look.px(6))


class ExperimentList(QWidget):
    """The list and its filter; `chosen` carries the experiment that is selected."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._network: str | None = None
        self._title = ""
        self.model = ExperimentModel(self)
        self.only_network = QCheckBox("About the network on screen")
        self.only_network.setAccessibleName("Only experiments about the network on screen")
        self.only_network.setToolTip("List only the experiments that concern the network on screen")
        self.only_network.toggled.connect(self._filter)
        self.view = QListView()
        self.view.setObjectName("experiment_list")
        self.view.setAccessibleName("Experiments")
        self.view.setToolTip("Claims of the textbooks; each can be computed or trained here")
        self.view.setModel(self.model)
        explain_all("experiment", {"list": self.view})
        self.view.setItemDelegate(_Rows(self.view))
        self.view.setMouseTracking(True)
        self.view.setUniformItemSizes(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.selectionModel().currentChanged.connect(self._on_current)
        self._nothing = EmptyNote("No experiment is about the network on screen.", "Show all")
        self._nothing.pressed.connect(lambda: self.only_network.setChecked(False))
        self._nothing.hide()
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.only_network)
        self._column.addWidget(self.view, 1)
        self._column.addWidget(self._nothing, 1)
        theme().changed.connect(self._measure)
        self._measure()

    def show_network(self, name: str | None, title: str = "") -> None:
        """Says which network is on screen."""
        self._network, self._title = name, title
        self._filter()

    def choose(self, experiment: Experiment) -> None:
        """Selects an experiment; where the filter hides it, all are listed again."""
        if self.model.row_of(experiment) is None:
            self.only_network.setChecked(False)
        row = self.model.row_of(experiment)
        if row is not None:
            index = self.model.index(row)
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)

    @property
    def current(self) -> Experiment | None:
        row = self.view.currentIndex().data(ROW_ROLE)
        return row.experiment if isinstance(row, Row) else None

    def _filter(self) -> None:
        kept = self.current
        self.model.keep(self._network if self.only_network.isChecked() else None)
        has_any = bool(self.model.shown)
        self.view.setVisible(has_any)
        self._nothing.setVisible(not has_any)
        if self._title:
            self._nothing.say(f"No experiment is about {self._title}.")
        row = None if kept is None else self.model.row_of(kept)
        if row is not None:
            self.view.setCurrentIndex(self.model.index(row))
        elif has_any:
            self.view.setCurrentIndex(self.model.index(0))

    def _on_current(self, index: QModelIndex, _previous: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, Row):
            self.chosen.emit(row.experiment)

    def _measure(self) -> None:
        px = theme().px
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(px(6))
        self.only_network.setContentsMargins(px(8), 0, 0, 0)
        self.view.doItemsLayout()
