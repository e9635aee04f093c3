"""Measured here: images a second and memory of chosen networks on this device, beside what theory counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCompleter,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.networks.catalogue import CATALOGUE
from explorer.structure import measured_table
from explorer.structure.measured_table import COLUMNS, MeasuredRow
from explorer.system.files import write_atomically
from explorer.ui import file_dialogs
from explorer.ui.explanations import EXPLANATIONS, explain_all
from explorer.ui.flow_row import FlowRow
from explorer.ui.plain_text import tooltip
from explorer.ui.progress_bar import ProgressBar
from explorer.ui.spin_box import indent
from explorer.ui.theme import theme
from explorer.ui.training_fields import CalmComboBox
from explorer.ui.training_measuring import Measurement, Told

# Claim 19: VGG is slower than AlexNet, and by how much its MACs say so.
FIRST = ("alexnet", "vgg16")
# The heading of two columns, each of which compares what stands before it.
_RATIO = "to the first"
_LARGEST_BATCH = 4096
_NOTHING_YET = "Nothing is measured yet. Measure runs each network for some seconds, with random weights."
Say = Callable[[str, float | None], None]
Measure = Callable[[str, int, str, Say, Callable[[], bool]], MeasuredRow]


def measure_named(text: str, batch: int, device: str, say: Say, is_cancelled: Callable[[], bool]) -> MeasuredRow:
    """Measures the network that a text names; call it off the UI thread, it imports torch.

    Raises:
        ValueError: there is no such network, or it does not run here; the message says why.
        Cancelled: it was given up.
    """
    from explorer.networks.network_text import parse_network  # noqa: PLC0415 - torch is imported off the UI thread
    from explorer.reading import read_graph  # noqa: PLC0415
    from explorer.structure.memory_use import for_inference  # noqa: PLC0415
    from explorer.throughput import measure_throughput  # noqa: PLC0415

    architecture, options = parse_network(text)
    graph = read_graph(architecture, options, cancelled=is_cancelled)
    needs = for_inference(graph, batch)
    theory = needs.size if needs else None
    found = measure_throughput(
        architecture,
        options,
        batch=batch,
        needed=theory or 0,
        device=device,
        progress=say,
        cancelled=is_cancelled,
    )
    totals = graph.totals
    return MeasuredRow(
        graph.title, found.images_per_second, found.spread, totals.macs, totals.parameters, found.memory_bytes, theory,
        found.conditions, found.runs,
    )  # fmt: skip


class _Line(QLineEdit):
    """As wide as a network's name with an option."""

    def sizeHint(self) -> QSize:
        return QSize(theme().px(230), super().sizeHint().height())


class MeasuredPanel(QWidget):
    """Networks by name, measured one after the other in a thread. Call `shutdown` before the window goes."""

    message = Signal(str)

    def __init__(self, measure: Measure = measure_named, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("measured_panel")
        self.setAccessibleName("Throughput and memory measured here")
        self._measure = measure
        self._names = QStringListModel([architecture.name for architecture in CATALOGUE], self)
        self.networks: list[str] = list(FIRST)
        self._device = ""  # as the user chose it
        self.rows: dict[str, MeasuredRow] = {}
        self._measurement = Measurement("measure networks", self)
        self._measurement.told.connect(self._on_told)
        self._measurement.came.connect(self._on_came)
        self._measurement.done.connect(lambda _result: self._end())
        self._measurement.failed.connect(self._on_failed)
        self._build()
        theme().changed.connect(self._restyle)
        self._restyle()
        self._fill()

    @property
    def is_measuring(self) -> bool:
        return self._measurement.is_under_way

    def offer(self, names: Iterable[str]) -> None:
        """More names for the search: a zoo's."""
        known = self._names.stringList()
        self._names.setStringList([*known, *(name for name in names if name not in set(known))])

    def set_devices(self, devices: dict[str, str]) -> None:
        """What torch computes on here, by name with its title; the last, the fastest, is chosen unless the user did."""
        self.device.clear()
        for name, title in devices.items():
            self.device.addItem(title, name)
        chosen = self.device.findData(self._device)
        self.device.setCurrentIndex(chosen if chosen >= 0 else self.device.count() - 1)
        self.device.setVisible(self.device.count() > 1)

    def add(self, text: str) -> None:
        """Adds a network by its name and options."""
        text = " ".join(text.split())
        if text and text not in self.networks:
            self.networks.append(text)
            self._fill()
        self.line.clear()

    def remove_selected(self) -> None:
        """Takes out the rows that are selected."""
        places = {index.row() for index in self.table.selectionModel().selectedRows()}
        for place in sorted(places, reverse=True):
            self.rows.pop(self.networks.pop(place), None)
        self._fill()

    def start(self) -> None:
        """Measures all networks anew, one after the other."""
        if self.is_measuring or not self.networks:
            return
        networks, batch = tuple(self.networks), self.batch.value()
        device = str(self.device.currentData() or "cpu")
        self.rows.clear()
        self._fill()
        self._say("", is_bad=False)
        self._show_running(True)

        def work(told: Told) -> None:
            for number, text in enumerate(networks):

                def say(words: str, share: float | None, number: int = number, text: str = text) -> None:
                    told.say(f"{text}: {words}", (number + (share or 0.0)) / len(networks))

                told.give((text, self._measure(text, batch, device, say, told.is_cancelled)))

        self._measurement.start(work)

    def cancel(self) -> None:
        """Gives up what is being measured; the rows that are there stay."""
        self._measurement.cancel()
        self._show_running(False)

    def text(self, suffix: str) -> str:
        """The rows that were measured, as CSV or Markdown."""
        rows = [self.rows[text] for text in self.networks if text in self.rows]
        if not rows:
            return ""
        return measured_table.comma_separated(rows) if suffix == ".csv" else measured_table.markdown(rows)

    def save(self, path: Path) -> None:
        try:
            write_atomically(path, self.text(path.suffix.lower()).encode())
        except OSError as error:
            self.message.emit(str(error))
            return
        self.message.emit(f"wrote {path}")

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON; not the figures, which are of their moment."""
        return {"networks": list(self.networks), "batch": self.batch.value(), "device": self._device}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave."""
        networks, batch = state.get("networks"), state.get("batch")
        if isinstance(networks, list) and networks and all(isinstance(text, str) for text in networks):
            self.networks = list(dict.fromkeys(networks))
            self._fill()
        if isinstance(batch, int):
            self.batch.setValue(batch)
        device = state.get("device")
        if isinstance(device, str):
            self._device = device

    def shutdown(self) -> None:
        self._measurement.shutdown()

    # What comes

    def _on_told(self, words: str, share: float | None) -> None:
        self._words.setText(words)
        self.bar.show_share(share)

    def _on_came(self, part: tuple[str, MeasuredRow]) -> None:
        self.rows[part[0]] = part[1]
        self._fill()

    def _on_failed(self, sentence: str) -> None:
        self._show_running(False)
        self._say(sentence, is_bad=True)

    def _end(self) -> None:
        self._show_running(False)
        rows = [self.rows[text] for text in self.networks if text in self.rows]
        where = f"Measured on {measured_table.conditions(rows)}" if rows else ""
        sentences = [measured_table.in_words(rows), where]
        self._say(". ".join(part for part in sentences if part) + ".", is_bad=False)

    def _say(self, sentence: str, *, is_bad: bool) -> None:
        self.verdict.setText(sentence)
        self.verdict.setProperty("role", "bad" if is_bad else "secondary")
        self.verdict.style().polish(self.verdict)
        self.verdict.setVisible(bool(sentence))

    def _show_running(self, running: bool) -> None:
        for widget in (self.bar, self.cancel_button, self._words):
            widget.setVisible(running)
        self.button.setVisible(not running)
        self.bar.show_share(None)

    def _fill(self) -> None:
        table = self.table
        table.setRowCount(len(self.networks))
        known = [self.rows[text] for text in self.networks if text in self.rows]
        for place, text in enumerate(self.networks):
            row = self.rows.get(text)
            cells = row.cells(known[0]) if row else (text, *[""] * (len(COLUMNS) - 1))
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(cell)
                side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                if row is not None and column == 1:
                    item.setToolTip(f"the middle half of the passes lie within {100 * row.spread:.0f} % of each other")
                table.setItem(place, column, item)
        table.horizontalHeader().resizeSections(QHeaderView.ResizeMode.ResizeToContents)
        self.export.setEnabled(bool(known))
        self.button.setEnabled(bool(self.networks))

    # Building

    def _build_tools(self) -> FlowRow:
        tools = FlowRow()
        self.line = _Line()
        self.line.setObjectName("measured_add")
        self.line.setPlaceholderText("Add a network: resnet50")
        self.line.setAccessibleName("Add a network to measure")
        self.line.setToolTip("A network's name, then options: vgg16 batch_norm=true; Enter adds it")
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.line.setCompleter(completer)
        self.line.returnPressed.connect(lambda: self.add(self.line.text()))
        completer.activated[str].connect(self.add, Qt.ConnectionType.QueuedConnection)  # type: ignore[index]
        self.batch = QSpinBox()
        self.batch.setRange(1, _LARGEST_BATCH)
        self.batch.setValue(8)
        self.batch.setPrefix("batch ")
        indent(self.batch)
        self.batch.setAccessibleName("Images in one pass")
        self.batch.setToolTip("How many images go through the network at once")
        self.device = CalmComboBox()
        self.device.setAccessibleName("Device")
        self.device.setToolTip("What to compute on")
        self.device.activated.connect(self._on_device)
        self.device.hide()
        self.button = _button("Measure", "Run the networks, one after the other, with random weights", self.start)
        self.button.setObjectName("measured_start")
        self.button.setProperty("primary", "true")
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setProperty("role", "secondary")
        self.bar = ProgressBar("Measuring")
        self.cancel_button = _button("Cancel", "Measure no more; what was measured stays", self.cancel)
        self.export = QPushButton("Export")
        self.export.setAccessibleName("Export what was measured")
        self.export.setToolTip("Copy or save the table")
        menu = QMenu(self.export)
        menu.addAction("Copy as Markdown", self._copy)
        menu.addAction("Save as CSV…", lambda: self._ask(".csv"))
        menu.addAction("Save as Markdown…", lambda: self._ask(".md"))
        self.export.setMenu(menu)
        remove = _button("Remove", "Take out the selected networks (Delete)", self.remove_selected)
        for widget in (
            self.line, self.batch, self.device, self.button, self._words, self.bar, self.cancel_button, remove,
            self.export,
        ):  # fmt: skip
            tools.add(widget)
        return tools

    def _build_table(self) -> None:
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setObjectName("measured_table")
        self.table.setAccessibleName("What was measured, beside theory")
        for column, title in enumerate(COLUMNS):
            header = QTableWidgetItem(title)
            before = COLUMNS[column - 1]
            found = EXPLANATIONS[f"measured/{f'{before} {title}' if title == _RATIO else title}"]
            header.setToolTip(tooltip(found.as_text()))
            header.setWhatsThis(found.as_markup())
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            header.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.table.setHorizontalHeaderItem(column, header)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.remove_selected)

    def _build(self) -> None:
        tools = self._build_tools()
        self._build_table()
        self.verdict = QLabel()
        self.verdict.setObjectName("measured_verdict")
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setWordWrap(True)
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.verdict.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(tools)
        self._column.addWidget(self.verdict)
        self._column.addWidget(self.table, 1)
        explain_all("measured", {"batch": self.batch, "verdict": self.verdict})
        self._show_running(False)
        self._say(_NOTHING_YET, is_bad=False)

    def _on_device(self) -> None:
        self._device = str(self.device.currentData() or "")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text(".md"))
        self.message.emit("copied the table as Markdown")

    def _ask(self, suffix: str) -> None:
        chosen, _ = file_dialogs.save_file(
            self.window(), "measured", "Save what was measured", f"measured{suffix}", f"*{suffix}"
        )
        if chosen:
            self.save(Path(chosen) if Path(chosen).suffix else Path(chosen + suffix))

    def _restyle(self) -> None:
        px = theme().px
        self._column.setSpacing(px(8))
        self.bar.setFixedWidth(px(120))
        self.table.verticalHeader().setDefaultSectionSize(px(28))


def _button(text: str, tip: str, pressed: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked=False: pressed())
    return button
