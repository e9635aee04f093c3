"""ImageNet weights: what torchvision publishes, what is here, downloading, and using them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.networks import zoo_files
from explorer.ui.progress_bar import ProgressBar
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.ui.zoo_service import ZooRow, ZooService

_COLUMNS = ("Network", "Weights", "Size", "Top-1", "Top-5", "On this machine")
_ROW = Qt.ItemDataRole.UserRole


class _Item(QTreeWidgetItem):
    """Sorts figures by their values."""

    def __lt__(self, other: QTreeWidgetItem) -> bool:
        column = self.treeWidget().sortColumn()
        mine, theirs = self.data(column, _ROW + 1), other.data(column, _ROW + 1)
        if mine is not None and theirs is not None:
            return bool(mine < theirs)
        return self.text(column).lower() < other.text(column).lower()


class ZooDialog(QDialog):
    """A list of all published weights; `used` carries the file that is to answer. The service is the window's."""

    used = Signal(object)  # Path

    def __init__(self, service: ZooService, network: str = "", parent: QWidget | None = None) -> None:
        """`network` is the one to begin with, such as "resnet18"."""
        super().__init__(parent)
        self.setWindowTitle("ImageNet weights")
        self.setObjectName("zoo_dialog")
        self._service = service
        self._first = network
        about = _text(
            "Weights that torchvision publishes, trained on the thousand classes of ImageNet, with their published "
            "accuracies. Nothing is downloaded unless you ask.",
            self,
        )
        self.source = _text("", self)
        self.source.setObjectName("zoo_source")
        self.search = QLineEdit(self)
        self.search.setObjectName("zoo_search")
        self.search.setPlaceholderText("Search, such as resnet")
        self.search.setAccessibleName("Search networks")
        self.search.setToolTip("Show networks whose names contain this")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.list = self._make_list()
        self.message = _text("", self)
        self.message.setObjectName("zoo_message")
        self.message.setAccessibleName("Message")
        self._bar = ProgressBar("Downloading")
        self.progress = _text("", self)
        self.progress.setObjectName("zoo_progress")
        self.download = self._button("Download", "zoo_download", "Fetch these weights; an interrupted download goes on")
        self.cancel = self._button("Cancel download", "zoo_cancel", "End the download; what came is kept")
        self.use = self._button("Use", "zoo_use", "These weights answer photographs from now on")
        self.remove = self._button("Remove", "zoo_remove", "Remove the downloaded file; it can be downloaded again")
        self.download.clicked.connect(lambda _checked=False: self._download())
        self.cancel.clicked.connect(lambda _checked=False: service.cancel())
        self.use.clicked.connect(lambda _checked=False: self._use())
        self.remove.clicked.connect(lambda _checked=False: self._remove())
        self._arrange(about)
        service.listed.connect(self._show)
        service.busy_changed.connect(self._on_busy)
        service.progressed.connect(self._on_progress)
        service.arrived.connect(self._on_arrived)
        service.failed.connect(self.say)
        self.say("Reading the list…")
        if service.rows:
            self._show(service.rows)
        self._on_busy()
        service.refresh()

    def _arrange(self, about: QWidget) -> None:
        buttons = QHBoxLayout()
        for button in (self.download, self.use, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.reject)
        buttons.addWidget(close)
        going = QHBoxLayout()
        going.addWidget(self.progress)
        going.addWidget(self._bar, 1)
        going.addWidget(self.cancel)
        column = QVBoxLayout(self)
        for widget in (about, self.source, self.search, self.list):
            column.addWidget(widget)
        column.addWidget(self.message)
        column.addLayout(going)
        column.addLayout(buttons)
        px = theme().px
        column.setContentsMargins(px(16), px(16), px(16), px(16))
        column.setSpacing(px(10))
        self.resize(px(760), px(560))

    @property
    def row(self) -> ZooRow | None:
        """The weights that are chosen in the list."""
        item = self.list.currentItem()
        return None if item is None else item.data(0, _ROW)

    def say(self, sentence: str) -> None:
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))

    def choose(self, file_name: str) -> None:
        """Makes the weights of a file the chosen ones."""
        for place in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(place)
            if item.data(0, _ROW).weights.file_name == file_name:
                self.list.setCurrentItem(item)
                return

    # The list

    def _show(self, rows: tuple[ZooRow, ...]) -> None:
        if self.message.text().startswith("Reading"):
            self.say("")
        current = self.row
        self.list.setSortingEnabled(False)
        self.list.clear()
        for row in rows:
            self.list.addTopLevelItem(_item(row))
        self.list.setSortingEnabled(True)
        self.list.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self._filter(self.search.text())
        if current is not None:
            self.choose(current.weights.file_name)
        else:
            first = next((row for row in rows if row.weights.network == self._first), None)
            if first is not None:
                self.choose(first.weights.file_name)
        if self.list.currentItem() is not None:
            self.list.scrollToItem(self.list.currentItem())
        self._on_current()

    def _filter(self, text: str) -> None:
        wanted = text.strip().lower()
        for place in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(place)
            item.setHidden(wanted not in item.text(0).lower() and wanted not in item.text(1).lower())

    def _on_current(self, *_items: object) -> None:
        row = self.row
        busy = self._service.downloading is not None
        here = row is not None and row.path is not None
        self.download.setEnabled(row is not None and not here and not busy)
        self.use.setEnabled(here)
        self.remove.setEnabled(
            row is not None and not busy and ((here and zoo_files.is_ours(row.path)) or row.begun > 0)  # type: ignore[arg-type]
        )
        label = "Download"
        if row is not None and not here:
            label = f"{'Resume' if row.begun else 'Download'} {zoo_files.megabytes(row.weights.size - row.begun)}"
        self.download.setText(label)
        self.download.setAccessibleName(label)
        mirror = self._service.mirror
        official = row.weights.url.rsplit("/", 1)[0] if row is not None else "the official address"
        self.source.setText(
            f"From the mirror {mirror}, else from {official}."
            if mirror
            else f"From {official}. Settings can name a mirror."
        )

    # Doing

    def _on_activated(self, *_item: object) -> None:
        if self.use.isEnabled():
            self._use()

    def _download(self) -> None:
        row = self.row
        if row is not None:
            self.say("")
            self._service.download(row.weights)

    def _use(self) -> None:
        row = self.row
        if row is not None and row.path is not None:
            self.used.emit(Path(row.path))
            self.accept()

    def _remove(self) -> None:
        row = self.row
        if row is not None:
            self._service.remove(row.weights)

    def _on_busy(self) -> None:
        weights = self._service.downloading
        for widget in (self._bar, self.progress, self.cancel):
            widget.setVisible(weights is not None)
        self._bar.show_share(None)
        self.progress.setText("" if weights is None else f"{weights.name}: connecting")
        self._on_current()

    def _on_progress(self, done: int, total: int | None) -> None:
        weights = self._service.downloading
        if weights is None:
            return
        whole = total or weights.size
        self.progress.setText(f"{weights.name}: {zoo_files.megabytes(done)} of {zoo_files.megabytes(whole)}")
        self._bar.show_share(min(1.0, done / whole) if whole else None)

    def _on_arrived(self, row: ZooRow) -> None:
        self.say(f"{row.weights.name} is here. Use it, and open a photograph.")
        self.choose(row.weights.file_name)

    def _make_list(self) -> QTreeWidget:
        made = QTreeWidget(self)
        made.setObjectName("zoo_list")
        made.setAccessibleName("Published weights")
        made.setHeaderLabels(list(_COLUMNS))
        made.setRootIsDecorated(False)
        made.setUniformRowHeights(True)
        made.setAllColumnsShowFocus(True)
        made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        made.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        made.currentItemChanged.connect(self._on_current)
        made.itemActivated.connect(self._on_activated)
        return made

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        return button


def _item(row: ZooRow) -> QTreeWidgetItem:
    weights = row.weights
    begun = f"{zoo_files.megabytes(row.begun)} of it" if row.begun else ""
    figures = [weights.top1, weights.top5]
    texts = [
        weights.network,
        weights.entry,
        zoo_files.megabytes(weights.size),
        *("" if each is None else f"{each:.1f} %" for each in figures),
        "here" if row.path else begun,
    ]
    item = _Item(texts)
    item.setData(0, _ROW, row)
    for column, value in ((2, weights.size), (3, weights.top1 or 0.0), (4, weights.top5 or 0.0)):
        item.setData(column, _ROW + 1, float(value))
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    if row.path is not None:
        item.setToolTip(5, str(row.path))
    return item


def _text(words: str, parent: QWidget) -> QLabel:
    label = QLabel(words, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", "secondary")
    return label
