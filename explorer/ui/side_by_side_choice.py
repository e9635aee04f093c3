"""A line in which a network is chosen by its name and options: "resnet18 shortcut=none"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QPoint, QSize, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QFrame, QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from explorer.networks.architecture import Architecture
from explorer.networks.catalogue import CATALOGUE
from explorer.networks.network_text import network_text
from explorer.ui.options_form import OptionsForm
from explorer.ui.session import Session
from explorer.ui.theme import theme
from explorer.ui.worker import Worker


class _Options(QFrame):
    """The form of a session's network in a window of its own, which closes with a click elsewhere or Esc."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("side_by_side_options")
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.form = OptionsForm(session)
        self.form.setObjectName("")  # the window's own form bears the name
        area.setWidget(self.form)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(area)

    def open_below(self, widget: QWidget) -> None:
        px = theme().px
        self.setStyleSheet(f"#side_by_side_options {{ border: 1px solid {theme().colours.line}; }}")
        self.resize(px(300), min(px(420), max(px(120), self.form.sizeHint().height() + px(12))))
        corner = widget.mapToGlobal(QPoint(0, widget.height()))
        screen = widget.screen().availableGeometry()
        self.move(min(corner.x(), screen.right() - self.width()), min(corner.y(), screen.bottom() - self.height()))
        self.show()


class NetworkChoice(QWidget):
    """Shows what its session shows, and has it show what is typed or chosen; `failed` says why it cannot."""

    failed = Signal(str)

    def __init__(self, session: Session, side: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._finder = Worker(f"find network on the {side}", self)
        self._names = QStringListModel(self)
        self._popup: _Options | None = None
        self.line = QLineEdit()
        self.line.setObjectName(f"side_by_side_choice_{side}")
        self.line.setAccessibleName(f"Network on the {side}")
        self.line.setToolTip("A network's name, then options: resnet18 shortcut=none. Type to search, Enter shows it")
        self.line.setPlaceholderText("Search a network")
        self._glass = self.line.addAction(theme().icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        completer = QCompleter(self._names, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(12)
        self.line.setCompleter(completer)
        completer.activated[str].connect(self.choose)  # type: ignore[index]
        self.line.returnPressed.connect(lambda: self.choose(self.line.text()))
        self.line.editingFinished.connect(self._show_text)
        self.options = QPushButton("Options")
        self.options.setObjectName(f"side_by_side_options_{side}")
        self.options.setAccessibleName(f"Options of the network on the {side}")
        self.options.setToolTip("The options of this network; each change is shown at once")
        self.options.setAutoDefault(False)
        self.options.clicked.connect(self._open_options)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.line, 1)
        self._row.addWidget(self.options)
        session.architecture_changed.connect(self._follow)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.offer(architecture.name for architecture in CATALOGUE)
        self._follow()

    @property
    def text(self) -> str:
        """The network on screen as text; "" for none."""
        architecture = self._session.architecture
        return "" if architecture is None else network_text(architecture, self._session.options)

    def offer(self, names: Iterable[str]) -> None:
        """The names that the search goes through, more and more of them."""
        known = self._names.stringList()
        self._names.setStringList([*known, *(name for name in names if name not in set(known))])

    def choose(self, text: str) -> None:
        """Shows the network that a text names."""
        text = text.strip()
        if not text or text == self.text:
            return
        self._finder.submit(lambda: _found(text), lambda found: self._session.show(*found), self._fail)

    def show_network(self, architecture: Architecture, options: Any) -> None:
        self._session.show(architecture, options)

    def shutdown(self) -> None:
        self._finder.shutdown()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(320), super().sizeHint().height())

    def _fail(self, sentence: str) -> None:
        self._show_text()
        self.failed.emit(sentence)

    def _follow(self) -> None:
        self.options.setEnabled(self._session.architecture is not None)
        self.line.setText(self.text)
        self.line.setCursorPosition(0)
        self.failed.emit("")

    def _show_text(self) -> None:
        # What was typed and not taken gives way to what is shown, once the finder has had its say.
        if not self._finder.is_busy and not self.line.hasFocus():
            self.line.setText(self.text)
            self.line.setCursorPosition(0)

    def _open_options(self) -> None:
        if self._popup is None:
            self._popup = _Options(self._session, self)
        self._popup.open_below(self.options)

    def _restyle(self) -> None:
        self._row.setSpacing(theme().px(6))
        self._glass.setIcon(theme().icon("search"))


def _found(text: str) -> tuple[Architecture, Any]:
    from explorer.networks.network_text import parse_network  # noqa: PLC0415 - a zoo's networks import torch

    return parse_network(text)
