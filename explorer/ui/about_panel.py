"""What the network on screen is about: its idea, what was new, what came of it, and the paper."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from explorer.networks.architecture import Architecture, Paper
from explorer.structure.graph import Graph
from explorer.ui import reading_notes
from explorer.ui.empty_note import EmptyNote
from explorer.ui.experiment_about import ExperimentsOfNetwork
from explorer.ui.input_section import InputSection
from explorer.ui.notes_view import NotesView
from explorer.ui.paper_check_view import PaperCheckView
from explorer.ui.reading_area import ReadingArea
from explorer.ui.session import Session
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel

_SECTIONS = ("The idea", "What was new", "What it led to", "The paper")
_CHECK = "Paper check"
_MORE = "Read more"
_NOTE_TITLES = {reading_notes.BATCH_NORM: "On batch normalisation"}
_WIDEST = 560  # longer lines are hard to read


class AboutPanel(QWidget):
    """A page to read, in the window's own letters. Call `shutdown` before the window goes.

    `link_followed` carries the address of a link into the program (see `links`).
    """

    link_followed = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("about")
        self.setAccessibleName("About the network")
        self.setAutoFillBackground(True)
        self._session = session
        self.title = _text("title")
        self.subtitle = _text("secondary")
        self.texts = {name: _text("") for name in _SECTIONS}
        self.source = _text("secondary")
        self.identifier = _text("")
        self.copy_button = QPushButton("Copy reference")
        self.copy_button.setObjectName("about_copy")
        self.copy_button.setAccessibleName("Copy reference")
        self.copy_button.setToolTip("Copy the paper's reference as text")
        self.copy_button.clicked.connect(self.copy_reference)
        self.check = PaperCheckView(session)
        self.experiments = ExperimentsOfNetwork(session)
        self.experiments.followed.connect(self.link_followed)
        # By the name of the note, in the order in which they stand.
        self.notes: dict[str, InputSection[NotesView]] = {}
        self._lay_out()
        session.architecture_changed.connect(self._show)
        session.graph_changed.connect(self._on_graph)
        theme().changed.connect(self._restyle)
        self._restyle()
        self._show(session.architecture)

    def copy_reference(self) -> None:
        """Puts the paper's reference on the clipboard."""
        if self._session.architecture is not None and self._session.architecture.paper is not None:
            QGuiApplication.clipboard().setText(reference(self._session.architecture.paper))
            self._session.message.emit("reference copied")

    def shutdown(self) -> None:
        """Ends what is being computed."""
        self.check.shutdown()

    def _lay_out(self) -> None:
        self._body = QWidget()
        self._column = QVBoxLayout()
        self._column.addWidget(self.title)
        self._column.addWidget(self.subtitle)
        self._headings: list[ValueLabel] = []
        for name, text in self.texts.items():
            heading = _text("heading")
            heading.show_value(name)
            self._headings.append(heading)
            self._column.addWidget(heading)
            self._column.addWidget(text)
        self._column.addWidget(self.source)
        self._column.addWidget(self.identifier)
        self._column.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._notes = QVBoxLayout()
        self._column.addLayout(self._notes)
        self._column.addWidget(self.experiments)
        self._check_heading = _text("heading")
        self._check_heading.show_value(_CHECK)
        self._headings.append(self._check_heading)
        self._column.addWidget(self._check_heading)
        self._column.addWidget(self.check)
        # Not a stretch: Qt counts the spacing before one when it lays out, and not when it asks for the height.
        self._column.addWidget(QWidget(), 1)
        self._page = QWidget()
        self._page.setLayout(self._column)
        across = QHBoxLayout(self._body)
        across.setContentsMargins(0, 0, 0, 0)
        across.addWidget(self._page, 1)
        across.addStretch(0)
        self._scroll = ReadingArea(self._body)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._scroll.setAccessibleName("About the network")
        self.empty_note = EmptyNote("No network yet. Choose one in the catalogue.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.empty_note, 1)

    def _show(self, architecture: Architecture | None) -> None:
        self._scroll.setVisible(architecture is not None)
        self.empty_note.setVisible(architecture is None)
        if architecture is None:
            return
        paper = architecture.paper
        self.title.show_value(architecture.title)
        family = f"{architecture.family} family" if paper is not None else architecture.family
        said = (str(architecture.year) if architecture.year else "", family, architecture.task.value)
        self.subtitle.show_value(" · ".join(part for part in said if part))
        texts = (architecture.idea, architecture.new, architecture.led_to, "" if paper is None else paper.title)
        for text, heading, words in zip(self.texts.values(), self._headings, texts, strict=False):
            text.show_value(words)
            text.setVisible(bool(words))
            heading.setVisible(bool(words))
        for widget in (self.source, self.identifier, self.copy_button):
            widget.setVisible(paper is not None)
        if paper is not None:
            self.source.show_value(f"{paper.authors}\n{_venue(paper)}")
            self.identifier.show_value(paper.identifier)
        self._show_notes(reading_notes.notes_of(architecture))
        self.check.show_architecture(architecture)
        self._check_heading.setVisible(not self.check.isHidden())
        self._scroll.verticalScrollBar().setValue(0)

    def _on_graph(self, graph: Graph) -> None:
        if self._session.architecture is not None:
            self._show_notes(reading_notes.notes_of(self._session.architecture, graph))

    def _show_notes(self, names: tuple[str, ...]) -> None:
        """Shows the notes of these names; the first of them is open, others are unfolded when somebody wants to."""
        if names == tuple(self.notes):
            return
        for section in self.notes.values():
            self._notes.removeWidget(section)
            section.hide()
            section.deleteLater()
        self.notes = {}
        for name in names:
            title = _NOTE_TITLES.get(name, _MORE)
            tip = "Our own words on it, with links into the program"
            section = InputSection(f"note_{name}", title, tip, partial(self._note, name))
            self.notes[name] = section
            self._notes.addWidget(section)
            if title == _MORE:
                section.unfold()

    def _note(self, name: str) -> NotesView:
        view = NotesView(reading_notes.text_of(name))
        view.followed.connect(self.link_followed)
        return view

    def _restyle(self) -> None:
        look = theme()
        self._column.setContentsMargins(look.px(12), look.px(4), look.px(12), look.px(12))
        self._column.setSpacing(look.px(4))
        for heading in self._headings:
            heading.setContentsMargins(0, look.px(10), 0, 0)
        self._page.setMaximumWidth(look.px(_WIDEST))


def reference(paper: Paper) -> str:
    """A paper as a list of references has it."""
    return f"{paper.authors}: {paper.title}. {_venue(paper)}. {paper.identifier}"


def _venue(paper: Paper) -> str:
    return paper.venue if str(paper.year) in paper.venue else f"{paper.venue}, {paper.year}"


def _text(role: str) -> ValueLabel:
    label = ValueLabel()
    if role:
        label.setProperty("role", role)
    return label
