"""What all sections below the inspector's numbers have in common: when they are there, when they ask, what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from explorer.structure.graph import Node
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.ui.inside_service import InsideService, Subject
    from explorer.ui.session import Session

NO_INPUT = "Draw a digit, or open a picture, to see its numbers."
_DRAWN = "Looking…"


class AnatomySection(QWidget):
    """A title that folds, a note where there is nothing to show, and a content that is built when it is first in sight.

    A subclass says `fits`, gives `work` and takes the answer in `show_answer`. It asks the service only while a part
    of it is in sight. The note stands where the content stands, so that nothing moves when one takes the other's place.
    """

    key = ""
    title = ""
    needs_input = True

    def __init__(self, session: Session, service: InsideService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.service = session, service
        self.setObjectName(f"anatomy_{self.key}")
        self.setAccessibleName(self.title)
        self.content: QWidget | None = None
        self.is_shown = False  # whether the content shows an answer
        self._open = True
        self._stale = True
        self._waits = False
        self._build_head()
        service.subject_changed.connect(self._on_subject)
        service.input_changed.connect(self._on_input)
        session.selection_changed.connect(self._on_selection)
        session.graph_changed.connect(self._on_selection)
        session.architecture_changed.connect(self._on_architecture)
        theme().changed.connect(self._restyle)
        self._restyle()
        self._on_selection()

    # What a subclass says

    def fits(self) -> bool:
        """Whether there is something to show of what is selected."""
        raise NotImplementedError

    def make_content(self) -> QWidget:
        """The widgets that show an answer."""
        raise NotImplementedError

    def work(self) -> Callable[[Subject], Any] | None:
        """What is to be found out in the service's thread; None for nothing."""
        raise NotImplementedError

    def show_answer(self, answer: Any) -> None:
        """Takes what the work gave."""
        raise NotImplementedError

    def about_to_change(self) -> None:
        """Another layer is selected: what belonged to the one before may be forgotten."""

    def restyle(self) -> None:
        """Takes measures from the theme."""

    def shutdown(self) -> None:
        """Ends what goes on by itself."""

    # What subclasses use

    @property
    def node(self) -> Node | None:
        """The selected layer."""
        graph = self.session.graph
        return None if graph is None else graph.by_path.get(self.session.selection)

    @property
    def note(self) -> str:
        """What is said in place of the content; "" while the content shows an answer."""
        return "" if self.is_shown else self._note.text()

    @property
    def is_folded(self) -> bool:
        return not self._open

    def fold(self, is_folded: bool) -> None:
        if is_folded == self._open:
            self._on_fold()

    def ask_again(self) -> None:
        """Another question about the same layer: an answer to the one before is no longer wanted."""
        self.service.forget(self.key)
        self._stale = True
        self._ask()

    def say(self, sentence: str) -> None:
        """Shows a sentence in place of the content."""
        self._note.setText(sentence)
        self.is_shown = False
        self._pages.setCurrentWidget(self._note)

    # When it asks

    def _on_subject(self, _info: object) -> None:
        self.service.forget(self.key)
        self._stale = True
        self._ask()

    def _on_input(self) -> None:
        if self.needs_input:
            self._stale = True
            self._ask()

    def _on_architecture(self, *_: object) -> None:
        self.service.forget(self.key)
        self.about_to_change()
        if not self.isHidden():
            self.say(_DRAWN)

    def _on_selection(self, *_: object) -> None:
        self.service.forget(self.key)
        self.about_to_change()
        fits = self.session.graph is not None and self.fits()
        self.setVisible(fits)
        self._stale = True
        if fits:
            if self.is_shown:
                self.say(_DRAWN)
            self._ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._soon()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.service.forget(self.key)
        self._stale = True

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._stale:
            # It has come into sight.
            self._soon()

    def _soon(self) -> None:
        if not self._waits:
            self._waits = True
            QTimer.singleShot(0, self, self._ask)

    def is_in_sight(self) -> bool:
        return self.isVisible() and not self.is_folded and not self.visibleRegion().isEmpty()

    def _ask(self) -> None:
        self._waits = False
        if not self._stale or self.isHidden() or not self.is_in_sight():
            return
        info = self.service.info
        self._untrained.setVisible(info is not None and not info.trained)
        if info is None:
            self.say(self.service.reason)
        elif self.needs_input and not self.service.has_input:
            self.say(NO_INPUT)
        else:
            work = self.work()
            if work is not None:
                self._stale = False
                self._request(work)
            return
        self._stale = False

    def _request(self, work: Callable[[Subject], Any]) -> None:
        self.service.ask(self.key, work, self._take, self._fail)

    def _take(self, answer: Any) -> None:
        if self.isHidden():
            return
        if self.content is None:
            self.content = self.make_content()
            self._pages.addWidget(self.content)
            self._restyle()
        self.show_answer(answer)
        self.is_shown = True
        self._pages.setCurrentWidget(self.content)

    def _fail(self, sentence: str) -> None:
        self.say(f"{sentence[:1].upper()}{sentence[1:]}.")

    # Building

    def _build_head(self) -> None:
        self._fold = QToolButton()
        self._fold.setProperty("small", True)
        self._fold.setAccessibleName(f"Show {self.title.lower()}")
        self._fold.setToolTip(f"Show or hide {self.title.lower()}")
        self._fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fold.clicked.connect(self._on_fold)
        heading = QLabel(self.title)
        heading.setProperty("role", "heading")
        heading.setBuddy(self._fold)
        self._untrained = QLabel("untrained weights")
        self._untrained.setProperty("role", "secondary")
        self._untrained.setToolTip("Nobody has trained this network yet: its numbers are those it starts with")
        self._untrained.hide()
        head = QHBoxLayout()
        head.addWidget(self._fold)
        head.addWidget(heading)
        head.addStretch(1)
        head.addWidget(self._untrained)
        self._head = head
        self._note = QLabel(NO_INPUT if self.needs_input else _DRAWN)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        self._note.setProperty("role", "secondary")
        self._note.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._body = QWidget()
        self._pages = QStackedLayout(self._body)
        self._pages.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(self._note)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(head)
        self._column.addWidget(self._body)

    def _on_fold(self) -> None:
        self._open = not self._open
        self._body.setVisible(self._open)
        self._restyle()
        if self._open:
            self._soon()
        else:
            self.service.forget(self.key)
            self._stale = True

    def _restyle(self) -> None:
        look = theme()
        self._fold.setIcon(look.icon("chevron-right" if self.is_folded else "chevron-down"))
        self._column.setSpacing(look.px(6))
        self._head.setSpacing(look.px(4))
        if self.content is not None:
            self.restyle()


def plain(role: str = "secondary") -> QLabel:
    """A label for words of our own that wrap."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
