"""The inspector's section in which one output value is computed step by step, with its real numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from explorer.inference.one_value import OneValue
from explorer.structure.graph import Kind
from explorer.ui.anatomy_section import AnatomySection, plain
from explorer.ui.explanations import explain_all
from explorer.ui.flow_row import FlowRow
from explorer.ui.spin_box import indent
from explorer.ui.still_label import StillLabel
from explorer.ui.term_list import TermList
from explorer.ui.theme import theme
from explorer.ui.value_maps import ValueMaps
from explorer.ui.value_table import ValueTable
from explorer.ui.value_words import sum_words, term_name, term_words, title_words

if TYPE_CHECKING:
    from explorer.ui.inside_service import InsideService, Subject
    from explorer.ui.session import Session

_STEP_MS = 450
_SHOWN = {
    "Conv2d", "ConvTranspose2d", "SparseConvolution", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d",
    "AdaptiveMaxPool2d", "Subsampling", "Linear", "LocallyConnected",
}  # fmt: skip


class AnatomyValue(AnatomySection):
    """Play walks over the positions of the output, row by row."""

    key = "one value"
    title = "One value, step by step"

    def __init__(self, session: Session, service: InsideService, parent: QWidget | None = None) -> None:
        self._channel, self._position, self._term = 0, None, 0
        self._answer: OneValue | None = None
        self._filling = False
        self._timer = QTimer()
        super().__init__(session, service, parent)
        self._timer.setParent(self)
        self._timer.setInterval(_STEP_MS)
        self._timer.timeout.connect(self.step)

    _position: tuple[int, int] | None

    def fits(self) -> bool:
        node = self.node
        if node is None or node.training_only or not node.type_name[:1].isupper():
            return False
        fitting = node.kind in {Kind.CONVOLUTION, Kind.POOLING, Kind.LINEAR} and node.type_name in _SHOWN
        return fitting or (node.kind is Kind.CONVOLUTION and node.type_name.endswith("2d"))

    def about_to_change(self) -> None:
        self.stop()
        self._channel, self._position, self._term = 0, None, 0
        self._answer = None
        if self.content is not None:
            self.table.forget()

    @property
    def value(self) -> OneValue | None:
        """What is shown."""
        return self._answer if self.is_shown else None

    @property
    def is_playing(self) -> bool:
        return self._timer.isActive()

    def work(self) -> Callable[[Subject], Any] | None:
        path, channel, position, term = self.session.selection, self._channel, self._position, self._term

        def look(subject: Subject) -> OneValue:
            from explorer.inference.convolution_window import fold_before, one_value  # noqa: PLC0415 - torch
            from explorer.inference.layer_tap import Taps  # noqa: PLC0415 - torch

            taps = subject.shelf.setdefault("taps", Taps())
            predictor = subject.predictor
            with subject.at_work():
                tapped = taps.of(predictor.network, path, predictor.prepared(subject.seen), subject.edits)
            at = position
            if at is None:
                # Where there is most to see.
                size = tapped.gave.shape
                at = divmod(int(tapped.gave[0, channel].abs().argmax()), size[-1]) if len(size) == 4 else (0, 0)
            return one_value(path, tapped, channel, at, term=term, fold=fold_before(subject.graph, path))

        return look

    def show_answer(self, answer: Any) -> None:
        value: OneValue = answer
        self._answer = value
        self._channel, self._position, self._term = value.channel, value.position, value.shown_term
        self._filling = True
        outputs, rows, columns = value.output_shape
        for spin, number, count in (
            (self._channel_box, value.channel, outputs),
            (self._row_box, value.position[0], rows),
            (self._column_box, value.position[1], columns),
        ):
            spin.setRange(0, count - 1)
            spin.setSuffix(f" / {count:,}")
            spin.setValue(number)
        self._row_pair.setVisible(rows > 1)
        self._column_pair.setVisible(columns > 1)
        self._play.setVisible(rows * columns > 1)
        self._filling = False
        self.maps.show_value(value, title_words(value))
        self._caption.setText(term_words(value))
        self.table.show_value(value)
        self.terms.setVisible(len(value.channels) > 1)
        if len(value.channels) > 1:
            self.terms.show_value(value, [term_name(value, place) for place in range(len(value.channels))])
        self._total.setText(sum_words(value))
        if self.table.cell is None:
            self._read("")

    # The user

    def _on_moved(self, unit: tuple[int, int]) -> None:
        value = self._answer
        if value is not None and value.is_dense:
            self.turn(min(unit[0] * value.output_map.shape[1] + unit[1], value.output_shape[0] - 1))
        else:
            self.move_to(unit)

    def move_to(self, position: tuple[int, int]) -> None:
        """Shows the value at another (row, column)."""
        self._position = position
        self.ask_again()

    def turn(self, channel: int) -> None:
        """Shows another output channel."""
        self._channel = channel
        self.ask_again()

    def look_at(self, term: int) -> None:
        """Shows the numbers of another input channel."""
        self._term = term
        self.ask_again()

    def step(self) -> None:
        """Goes on to the next position, and from the last to the first."""
        value = self._answer
        if value is None or not self.is_in_sight():
            self.stop()
            return
        _, rows, columns = value.output_shape
        place = (value.position[0] * columns + value.position[1] + 1) % (rows * columns)
        self.move_to(divmod(place, columns))

    def play(self, is_playing: bool) -> None:
        """Starts or stops walking over the positions."""
        if is_playing and self._answer is not None:
            self._timer.start()
            self.step()
        else:
            self._timer.stop()
        if self.content is not None:
            self._play.setChecked(self._timer.isActive())
            self._play.setText("Pause" if self._timer.isActive() else "Play")

    def stop(self) -> None:
        if self._timer.isActive():
            self.play(False)

    def shutdown(self) -> None:
        self._timer.stop()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.stop()

    def _on_spin(self) -> None:
        if not self._filling:
            self._channel = self._channel_box.value()
            self._position = (self._row_box.value(), self._column_box.value())
            self.ask_again()

    def _on_turned(self, step: int) -> None:
        value = self._answer
        if value is not None:
            self.turn(min(max(value.channel + step, 0), value.output_shape[0] - 1))

    def _read(self, words: str) -> None:
        self._reading.show_text(words or "Point at a number to read it in full.")

    # Building

    def make_content(self) -> QWidget:
        page = QWidget()
        self._channel_box, channel = _box("Channel", "Output channel: which kernel is used", "Output channel")
        self._row_box, self._row_pair = _box("Row", "Row of the output value", "Output row")
        self._column_box, self._column_pair = _box("Col", "Column of the output value", "Output column")
        self._play = QPushButton("Play")
        self._play.setCheckable(True)
        self._play.setAccessibleName("Play: walk over the positions")
        self._play.setToolTip("Walk over all positions of the output, row by row")
        self._play.clicked.connect(self.play)
        tools = FlowRow()
        for widget in (channel, self._play, self._row_pair, self._column_pair):
            tools.add(widget)
        for spin in (self._channel_box, self._row_box, self._column_box):
            spin.valueChanged.connect(self._on_spin)
        self.maps = ValueMaps()
        self.maps.moved.connect(self._on_moved)
        self.maps.turned.connect(self._on_turned)
        self._caption = plain()
        self.table = ValueTable()
        self.table.pointed.connect(self._read)
        self._room = _Sideways(self.table)
        self._reading = StillLabel("The number that is pointed at")
        self.terms = TermList()
        self.terms.chosen.connect(self.look_at)
        self._total = plain("text")
        self._total.setAccessibleName("The sum")
        self._total.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._inner = QVBoxLayout(page)
        self._inner.setContentsMargins(0, 0, 0, 0)
        for part in (tools, self.maps, self._caption, self._room, self._reading, self.terms, self._total):
            self._inner.addWidget(part)
        explain_all(
            "inside",
            {
                "channel": self._channel_box,
                "row": self._row_box,
                "column": self._column_box,
                "products": (self.maps, self._caption, self.table, self._reading),
                "terms": self.terms,
                "the value": self._total,
            },
        )
        return page

    def restyle(self) -> None:
        self._inner.setSpacing(theme().px(6))


class _Sideways(QScrollArea):
    """Scrolls a wide widget sideways and is as high as it."""

    def __init__(self, inner: ValueTable) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inner = inner
        self.setWidget(inner)
        inner.installEventFilter(self)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        if watched is self._inner and event.type() in {event.Type.Resize, event.Type.LayoutRequest}:
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._fit()

    def wheelEvent(self, event: Any) -> None:
        event.ignore()  # the page around it scrolls

    def _fit(self) -> None:
        needed = self._inner.heightForWidth(max(self.viewport().width(), self._inner.minimumSizeHint().width()))
        if self._inner.minimumSizeHint().width() > self.viewport().width():
            needed += self.horizontalScrollBar().sizeHint().height()
        if self.height() != needed:
            self.setFixedHeight(needed)


def _box(label: str, tip: str, name: str) -> tuple[QSpinBox, QWidget]:
    box = QSpinBox()
    indent(box)
    box.setAccessibleName(name)
    box.setToolTip(tip)
    box.setKeyboardTracking(False)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    words = QLabel(label)
    words.setProperty("role", "secondary")
    words.setBuddy(box)
    row.addWidget(words)
    row.addWidget(box)
    return box, pair
