"""The pictures of an experiment: one plot at a time, chosen above it, read off with the pointer or the keys."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from explorer.ui.empty_note import EmptyNote
from explorer.ui.experiment_plot import Frame, Plot, paint, text_of
from explorer.ui.explanations import explain_all
from explorer.ui.flow_row import FlowRow
from explorer.ui.graph_look import screen_look
from explorer.ui.theme import theme

_LEAST = (260, 190)


class PlotView(QWidget):
    """One plot; the pointer, or Left and Right, read its values off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot: Plot | None = None
        self._frame: Frame | None = None
        self._picture: QPixmap | None = None
        self._place: float | None = None  # of the crosshair, across the widget
        self.setObjectName("experiment_plot")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Point at a place to read the curves there; Left and Right move along")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._paint_anew)

    @property
    def plot(self) -> Plot | None:
        return self._plot

    def show_plot(self, plot: Plot | None) -> None:
        if plot is not self._plot:
            self._plot = plot
            self.setAccessibleName("Plot" if plot is None else f"{plot.title}: {plot.y_label} by {plot.x_label}")
            self.setAccessibleDescription("" if plot is None else newest_in_words(plot))
            self._paint_anew()

    def readout(self) -> list[tuple[str, str]]:
        """What the crosshair reads: names and values, the place itself first; empty where there is none."""
        plot, frame = self._plot, self._frame
        if plot is None or frame is None or self._place is None:
            return []
        x = frame.value_at(self._place)
        x = round(x) if plot.whole_x else x
        place = f"{x:,}" if plot.whole_x else f"{x:.3g}"
        values = [(line.name, line.value_at(x, is_log=plot.y_log)) for line in plot.lines]
        known = [(name, text_of(value, plot.unit)) for name, value in values if math.isfinite(value)]
        return [(plot.x_label.partition(",")[0], place), *known]

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(_LEAST[0]), theme().px(_LEAST[1]))

    def sizeHint(self) -> QSize:
        return QSize(theme().px(420), theme().px(300))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._paint_anew()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(event.position().x())

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        frame = self._frame
        direction = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if direction is not None and frame is not None:
            place = frame.area.right() if self._place is None else self._place
            self._point_at(place + direction * frame.area.width() / 50)
        elif event.key() == Qt.Key.Key_Escape and self._place is not None:
            self._point_at(None)
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._plot is not None:
            painter.drawPixmap(0, 0, self._painted(self._plot))
            self._paint_cross(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme().colour("accent"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme().px(4), theme().px(4))
        painter.end()

    def _painted(self, plot: Plot) -> QPixmap:
        """The plot as a picture: while the crosshair moves, nothing else changes."""
        if self._picture is None:
            ratio = self.devicePixelRatioF()
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            px = theme().px
            area = QRectF(self.rect()).adjusted(px(4), px(4), -px(4), -px(2))
            self._frame = paint(painter, area, plot, screen_look())
            painter.end()
            self._picture = picture
        return self._picture

    def _paint_cross(self, painter: QPainter) -> None:
        rows, frame = self.readout(), self._frame
        if not rows or frame is None or self._place is None:
            return
        look = screen_look()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour("secondary"), 1))
        painter.drawLine(QPointF(self._place, frame.area.top()), QPointF(self._place, frame.area.bottom()))
        metrics, inset, gap = look.small, look.px(8), look.px(14)
        names = max(metrics.horizontalAdvance(name) for name, _ in rows)
        values = max(metrics.horizontalAdvance(value) for _, value in rows)
        width = names + gap + values + 2 * inset
        height = len(rows) * metrics.height() * 1.15 + 2 * inset
        is_left = self._place + inset + width > self.width()
        left = max(0.0, self._place - inset - width) if is_left else self._place + inset
        top = min(frame.area.top(), max(0.0, self.height() - height))
        painter.setPen(QPen(look.colour("line"), 1))
        painter.setBrush(look.colour("raised"))
        painter.drawRoundedRect(QRectF(left + 0.5, top + 0.5, width, height), look.px(5), look.px(5))
        painter.setFont(look.small_font)
        styles = {line.name: line.style for line in self._plot.lines} if self._plot else {}
        for number, (name, value) in enumerate(rows):
            y = top + inset + number * metrics.height() * 1.15
            area = QRectF(left + inset, y, width - 2 * inset, metrics.height())
            painter.setPen(styles[name].shade(look) if name in styles else look.colour("secondary"))
            painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(look.colour("text"))
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)

    def _point_at(self, place: float | None) -> None:
        frame = self._frame
        if place is not None and frame is not None:
            inside = frame.area.left() - 2 <= place <= frame.area.right() + 2
            place = min(max(place, frame.area.left()), frame.area.right()) if inside or self.hasFocus() else None
        if place != self._place:
            self._place = place
            self.update()

    def _paint_anew(self) -> None:
        self._picture = None
        self.update()


class ExperimentChart(QWidget):
    """Plots by their titles, with a button for each; those without figures yet are named all the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What the experiment looks at")
        self._plots: dict[str, Plot] = {}
        self._titles: tuple[str, ...] = ()
        self._chosen = ""  # by the user
        self._group = QButtonGroup(self)
        self._group.buttonClicked.connect(self._on_button)
        self._buttons: dict[str, QPushButton] = {}
        self._row = FlowRow()
        self.view = PlotView()
        explain_all("experiment", {"chart": self.view})
        self.empty = EmptyNote()
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.view)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._row)
        self._column.addWidget(body, 1)
        theme().changed.connect(self._measure)
        self._measure()

    @property
    def shown(self) -> str:
        """The title of the plot on screen, "" for none."""
        plot = self.view.plot
        return plot.title if plot is not None and self._stack.currentIndex() == 1 else ""

    def offer(self, titles: list[str]) -> None:
        """Says what there is to look at; what the user chose before is forgotten where it is not among it."""
        if tuple(titles) == self._titles:
            return
        self._titles = tuple(titles)
        if self._chosen not in titles:
            self._chosen = ""
        for button in self._buttons.values():
            self._group.removeButton(button)
            self._row.remove(button)
        self._buttons = {title: self._button(title) for title in titles}
        self._row.setVisible(len(titles) > 1)

    def show_plots(self, plots: dict[str, Plot]) -> None:
        """Shows the plot that was chosen, or the first that there is."""
        self._plots = plots
        self._show()

    def choose(self, title: str) -> None:
        """Shows the plot of that title, now or once there is one."""
        self._chosen = title
        self._show()

    def say(self, sentence: str) -> None:
        """What stands here while there is no figure."""
        self.empty.say(sentence)

    def _show(self) -> None:
        title = self._chosen or next((title for title in self._titles if title in self._plots), "")
        plot = self._plots.get(title)
        for name, button in self._buttons.items():
            button.setChecked(name == (title or next(iter(self._titles), "")))
            button.setEnabled(name in self._plots or not self._plots)
        self.view.show_plot(plot)
        self._stack.setCurrentIndex(1 if plot is not None and not plot.is_empty else 0)

    def _button(self, title: str) -> QPushButton:
        button = QPushButton(title)
        button.setCheckable(True)
        button.setProperty("segment", "true")
        button.setAccessibleName(f"Show: {title}")
        button.setToolTip(f"Show {title[0].lower()}{title[1:]}")
        button.setFont(theme().font(secondary=True))
        self._group.addButton(button)
        self._row.add(button)
        button.show()
        return button

    def _on_button(self, pressed: QPushButton) -> None:
        for title, button in self._buttons.items():
            if button is pressed:
                self.choose(title)

    def _measure(self) -> None:
        self._column.setContentsMargins(theme().px(8), 0, 0, 0)
        self._column.setSpacing(theme().px(6))
        for button in self._buttons.values():
            button.setFont(theme().font(secondary=True))


def newest_in_words(plot: Plot) -> str:
    """Where each curve stands at its end, for people who listen."""
    ends = []
    for line in plot.lines:
        x = line.x if len(line.x) else line.others[-1][0] if line.others else line.x
        if len(x):
            ends.append(f"{line.name} {text_of(line.value_at(float(x[-1])), plot.unit)}")
    return ", ".join(ends)
