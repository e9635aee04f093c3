"""The inspector's section on feature maps: what the selected layer makes of the input, large, with figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from explorer.inference.map_form import MapForm
from explorer.structure.fold import stack_paths
from explorer.structure.graph import Graph
from explorer.ui import file_dialogs
from explorer.ui.anatomy_section import AnatomySection, plain
from explorer.ui.explanations import explain_all
from explorer.ui.feature_words import statistics_words, unit_words
from explorer.ui.field_on_input import InputWithField, on_picture, words_of
from explorer.ui.map_grid import MapGrid, Unit, value_of
from explorer.ui.map_page import MOST, Page, Wanted, make_page
from explorer.ui.map_scale import MapScale
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox
from explorer.ui.value_bars import ValueBars

if TYPE_CHECKING:
    from explorer.structure.unit_field import Seen
    from explorer.ui.inside_service import InsideService, Subject
    from explorer.ui.session import Session

# While the pen moves; thumbnails and bars are faster, figures could not be read any faster.
_PERIOD_MS = 50
_SCALES = ("Each channel's scale", "One scale for all")


class FeatureSection(AnatomySection):
    """Maps of the selected layer, or of what leaves the selected block.

    `field_changed` carries what is known of the chosen unit: the page, and the box that it sees, or None twice.
    """

    key = "feature maps"
    title = "Feature maps"
    field_changed = Signal(object, object)  # Page or None, Seen or None

    def __init__(self, session: Session, service: InsideService, parent: QWidget | None = None) -> None:
        self.page: Page | None = None
        self._first = 0
        self._pace = QTimer()
        self._pace.setSingleShot(True)
        self._pace.setInterval(_PERIOD_MS)
        self._graph: Graph | None = None
        self._outputs: dict[str, str] = {}
        super().__init__(session, service, parent)
        self._pace.setParent(self)
        self._pace.timeout.connect(self._ask)

    # What the section is about

    @property
    def path(self) -> str:
        """The node whose output is shown; "" for none."""
        graph, chosen = self.session.graph, self.session.selection
        if graph is None or not chosen:
            return ""
        if chosen in graph.by_path:
            node = graph.by_path[chosen]
            return "" if node.training_only or node.failed or not node.output_shape else chosen
        if graph is not self._graph:
            self._graph, self._outputs = graph, {}
        if chosen not in self._outputs:
            self._outputs[chosen] = _leaving(graph, chosen)
        return self._outputs[chosen]

    def fits(self) -> bool:
        return bool(self.path)

    def work(self) -> Callable[[Subject], Any] | None:
        graph, path = self.session.graph, self.path
        if graph is None or not path:
            return None
        wanted = Wanted(path, self._first, MOST, self.is_shared, theme().is_dark)
        return lambda subject: make_page(subject, wanted)

    def show_answer(self, answer: Page | None) -> None:
        if answer is None:
            self.page = None
            QTimer.singleShot(0, self, self._say_nothing)
            return
        if answer.wanted.path != self.path or answer.wanted.first != self._first:
            return
        self.page = answer
        self._shape(answer)
        (self.bars if self._is_vector(answer) else self.grid).show_page(answer)
        self.figures.setText(statistics_words(answer.maps, answer.edits))
        self._show_unit()

    def about_to_change(self) -> None:
        self.page = None
        self._first = 0
        if self.content is not None:
            self.grid.show_single(-1)
            self.grid.forget()
            self.bars.forget()
        self.field_changed.emit(None, None)

    @property
    def is_shared(self) -> bool:
        """Whether all channels have one scale."""
        return self.content is not None and self.scales.currentIndex() == 1

    @property
    def unit(self) -> Unit | None:
        """The unit that is pointed at, or that the keyboard chose."""
        if self.page is None:
            return None
        if self._is_vector(self.page):
            return (self.bars.unit, 0, 0) if self.bars.unit >= 0 else None
        return self.grid.unit

    def shutdown(self) -> None:
        self._pace.stop()

    def _on_input(self) -> None:
        self._stale = True
        if not self.service.has_input:
            self.about_to_blank()
        if not self._pace.isActive():
            self._ask()
            self._pace.start()

    def about_to_blank(self) -> None:
        """The sheet is blank: what was pointed at is gone."""
        self.page = None
        self.field_changed.emit(None, None)

    def _say_nothing(self) -> None:
        if self.page is None and self.is_shown:
            self.say("This operation hands on what it gets: select the layer before it.")

    @staticmethod
    def _is_vector(page: Page) -> bool:
        return page.maps.form is MapForm.VECTOR

    # Pages

    def _shape(self, page: Page) -> None:
        """Gives the parts the room that a page takes."""
        channels, rows, columns = page.maps.maps.shape
        count = min(MOST, channels - self._first)
        vector = self._is_vector(page)
        self.grid.setVisible(not vector)
        self.bars.setVisible(vector)
        self.scales.setVisible(not vector and channels > 1)
        self.scale.setVisible(not vector)
        if vector:
            self.bars.set_form(self._first, count)
        else:
            self.grid.set_form(self._first, count, (rows, columns))
        alone = not vector and self.grid.single >= 0
        self._pager.setVisible(channels > MOST or alone)
        self.all_button.setVisible(alone)
        noun = "value" if vector else "channel"
        if alone:
            self._where.setText(f"{noun} {self.grid.single:,} of {channels:,}")
        else:
            self._where.setText(f"{noun}s {self._first:,} – {self._first + count - 1:,} of {channels:,}")
        at = self.grid.single if alone else self._first
        self.back.setEnabled(at > 0)
        self.forth.setEnabled(at + (1 if alone else MOST) < channels)

    def turn(self, step: int) -> None:
        """Goes a page on or back; where one channel stands alone, a channel."""
        if self.page is None:
            return
        channels = len(self.page.maps.maps)
        if self.grid.single >= 0:
            self._enlarge(min(max(self.grid.single + step, 0), channels - 1))
            return
        first = min(max(0, self._first + step * MOST), (channels - 1) // MOST * MOST)
        if first != self._first:
            self._first = first
            self.ask_again()

    def _enlarge(self, channel: int) -> None:
        self.grid.show_single(channel)
        if self.page is not None:
            page = channel // MOST * MOST if channel >= 0 else self._first
            if page != self._first:
                self._first = page
                self.ask_again()
            self._shape(self.page)
        self._show_unit()

    # The unit

    def _show_unit(self) -> None:
        page, unit = self.page, self.unit
        if page is None:
            return
        box: Seen | None = None
        if unit is not None:
            value = value_of(page, unit)
            box = page.maps.sees(*unit)
            self.readout.setText(unit_words(page.maps, unit, value, page.labels))
            self.field.setText(words_of(box, "what it sees of the input is not known"))
        else:
            pointed = "Point at a value" if self._is_vector(page) else "Point at a unit"
            self.readout.setText(f"{pointed}, or use the arrow keys.")
            self.field.setText("")
        channel = unit[0] if unit is not None else max(self.grid.single, self._first)
        if page.scales and not self._is_vector(page):
            one = self.grid.single >= 0 or unit is not None or page.wanted.shared or len(page.scales) == 1
            self.scale.show_scale(page.scales[min(channel, len(page.scales) - 1)], one=one, dark=page.wanted.dark)
        self.input.show_input(page.seen)
        self.input.show_box(None if box is None else on_picture(box, (page.seen.shape[1], page.seen.shape[2])))
        self.field_changed.emit(page, box)

    # Taking it elsewhere

    def picture(self) -> QImage:
        """The maps as they are shown."""
        if self.page is None:
            return QImage()
        return self.bars.picture() if self._is_vector(self.page) else self.grid.picture()

    def copy(self) -> None:
        """Puts the maps on the clipboard as an image."""
        image = self.picture()
        if not image.isNull():
            QGuiApplication.clipboard().setImage(image)
            self.session.message.emit(f"copied the feature maps of {self.path} as an image")

    def choose_file(self) -> None:
        """Asks for a file's name and writes the maps to it."""
        if self.page is None:
            return
        name = f"{self.path.replace('/', '-').replace(':', '-')}-maps.png"
        chosen, _ = file_dialogs.save_file(self.window(), "figure", "Save the feature maps", name, "PNG (*.png)")
        if chosen:
            self.save(Path(chosen))

    def save(self, path: Path) -> None:
        """Writes the maps as they are shown, as PNG."""
        from explorer.ui.map_export import save_png  # noqa: PLC0415 - needed when something is saved

        self.session.message.emit(save_png(self.picture(), path))

    # Building

    def make_content(self) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        self.scales = CalmComboBox()
        self.scales.setObjectName("map_scales")
        self.scales.setAccessibleName("Scale of the colours")
        self.scales.setToolTip("Show each channel by its own scale, or all by one, so that they can be compared")
        self.scales.addItems(list(_SCALES))
        self.scales.currentIndexChanged.connect(lambda _index: self.ask_again())
        copy = self._button("copy", "Copy feature maps", "Copy the maps as an image (Ctrl+C)", self.copy)
        save = self._button("save", "Save feature maps", "Save the maps as PNG", self.choose_file)
        head = QHBoxLayout()
        head.addWidget(self.scales, 1)
        head.addStretch(0)
        head.addWidget(copy)
        head.addWidget(save)
        self.grid, self.bars = MapGrid(), ValueBars()
        for shown in (self.grid, self.bars):
            shown.unit_changed.connect(self._show_unit)
            keys = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), shown)
            keys.setContext(Qt.ShortcutContext.WidgetShortcut)
            keys.activated.connect(self.copy)
        self.grid.enlarged.connect(self._enlarge)
        self.scale = MapScale()
        column.addLayout(head)
        column.addWidget(self.grid)
        column.addWidget(self.bars)
        column.addWidget(self._make_pager())
        column.addWidget(self.scale)
        self.readout = _still("Value of the unit")
        self.field = plain()
        self.field.setAccessibleName("What the unit sees")
        self.field.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.input = InputWithField()
        beside = QVBoxLayout()
        beside.addWidget(self.readout)
        beside.addWidget(self.field)
        beside.addStretch(1)
        below = QHBoxLayout()
        below.addWidget(self.input, 0, Qt.AlignmentFlag.AlignTop)
        below.addLayout(beside, 1)
        column.addLayout(below)
        self.figures = plain()
        self.figures.setAccessibleName("Statistics of the layer")
        self.figures.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        column.addWidget(self.figures)
        column.addStretch(1)
        explain_all(
            "inside",
            {
                "feature maps": (self.grid, self.bars, self._where),
                "scale": (self.scales, self.scale),
                "unit": (self.readout, self.field, self.input),
                "statistics": self.figures,
            },
        )
        self._rows = (column, head, beside, below)
        return content

    def _make_pager(self) -> QWidget:
        self._pager = QWidget()
        row = QHBoxLayout(self._pager)
        row.setContentsMargins(0, 0, 0, 0)
        self.back = self._button("back", "Back", "The channels before", lambda: self.turn(-1))
        self.forth = self._button("forward", "On", "The next channels", lambda: self.turn(1))
        self.all_button = QToolButton()
        self.all_button.setText("All channels")
        self.all_button.setAccessibleName("All channels")
        self.all_button.setToolTip("Back to all channels (Esc)")
        self.all_button.clicked.connect(lambda: self._enlarge(-1))
        self._where = QLabel()
        self._where.setProperty("role", "secondary")
        self._where.setToolTip("Channels, rows and columns are numbered from 0, as in torch")
        row.addWidget(self.back)
        row.addWidget(self._where)
        row.addWidget(self.forth)
        row.addStretch(1)
        row.addWidget(self.all_button)
        return self._pager

    def _button(self, icon: str, name: str, tip: str, work: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setProperty("small", "true")
        button.setProperty("icon_name", icon)
        button.setAutoRaise(True)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda _checked=False: work())
        return button

    def restyle(self) -> None:
        look = theme()
        assert self.content is not None  # noqa: S101 - it is restyled once it is there
        for button in self.content.findChildren(QToolButton):
            name = button.property("icon_name")
            if name:
                button.setIcon(look.icon(str(name)))
                button.setIconSize(QSize(look.px(16), look.px(16)))
        for row in self._rows:
            row.setSpacing(look.px(6))
        # Lines are kept free for what is said of a unit, so that nothing moves when one is pointed at.
        for label, lines in ((self.readout, 2), (self.field, 4)):
            label.setMinimumHeight(lines * label.fontMetrics().lineSpacing())
        self.input.updateGeometry()
        if self.page is not None and self.page.wanted.dark != look.is_dark:
            self.ask_again()


def _leaving(graph: Graph, block: str) -> str:
    """The last node in a block, or in a stack of them, whose output something outside reads."""
    members = stack_paths(graph).get(block, (block,))
    inside = {node.path for member in members if member in graph.block_by_path for node in graph.inside(member)}
    leaving = {edge.source for edge in graph.edges if edge.source in inside and edge.target not in inside}
    order = [node.path for node in graph.nodes if node.path in inside and not node.training_only]
    return next((path for path in reversed(order) if path in leaving), order[-1] if order else "")


def _still(name: str) -> QLabel:
    label = plain("")
    label.setAccessibleName(name)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    return label
