"""Several networks side by side: what each says of the drawing or picture, and what they say together."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from explorer.inference.kinds import Takes
from explorer.ui import file_dialogs
from explorer.ui.empty_note import EmptyNote
from explorer.ui.flow_row import FlowRow
from explorer.ui.several_card import AnswerCard
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.ui.several_service import SeveralAnswer, SeveralService
    from explorer.ui.weights_choice import Runs

_FILES = "Weights (*.safetensors *.pth);;All files (*)"
_EMPTY = (
    "Ask several networks at once. Add two or more: shipped ones, runs and their epochs, files, ImageNet weights. Each "
    "answers what is on the pad, and those with the same labels vote."
)
_KINDS = {Takes.DIGITS: "Digits", Takes.PHOTOGRAPHS: "Photographs", Takes.MASKS: "Masks"}


class SeveralPanel(QWidget):
    """A card for each network, those of ensembles first. The service is the window's, which shuts it down."""

    def __init__(self, service: SeveralService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("several_panel")
        self._service = service
        self._runs: dict[Takes, Runs] = {}
        self._answer: SeveralAnswer | None = None
        self.cards: dict[Path, AnswerCard] = {}
        self.joint: list[AnswerCard] = []
        self.add = QPushButton("Add network")
        self.add.setObjectName("several_add")
        self.add.setAccessibleName("Add network")
        self.add.setToolTip("Another network that answers the same drawing or picture")
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.add.setMenu(self._menu)
        self.message = QLabel(self)
        self.message.setObjectName("several_message")
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setAccessibleName("Message")
        self.message.setProperty("role", "bad")
        head = FlowRow(self)
        head.add(self.add)
        head.add(self.message)
        self.message.hide()
        self.note = EmptyNote(_EMPTY, parent=self)
        self._row = QWidget()
        self._cards = QHBoxLayout(self._row)
        self._cards.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._area = QScrollArea(self)
        self._area.setObjectName("several_cards")
        self._area.setWidgetResizable(True)
        self._area.setWidget(self._row)
        self._area.setAccessibleName("Networks side by side")
        self._column = QVBoxLayout(self)
        self._column.addWidget(head)
        self._column.addWidget(self.note, 1)
        self._column.addWidget(self._area, 1)
        service.members_changed.connect(self._on_members)
        service.answered.connect(self._on_answer)
        service.failed.connect(self.say)
        theme().changed.connect(self._on_theme)
        self._on_theme()
        self._on_members()

    def set_runs(self, runs: Mapping[Takes, Runs]) -> None:
        """The trained networks to choose from, by what they are for."""
        self._runs = dict(runs)

    def say(self, sentence: str) -> None:
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._service.watch(is_watched=True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._service.watch(is_watched=False)

    # What is shown

    def _on_members(self) -> None:
        self.say("")
        members = self._service.members
        for path in list(self.cards):
            if path not in members:
                self._drop(self.cards.pop(path))
        for path in members:
            if path not in self.cards:
                card = AnswerCard(path.name, removable=True, parent=self._row)
                card.removed.connect(partial(self._service.remove, path))
                self.cards[path] = card
                self._cards.addWidget(card)
        self._forget_joint()
        self.note.setVisible(not members)
        self._area.setVisible(bool(members))

    def _on_answer(self, answer: SeveralAnswer) -> None:
        self._answer = answer
        for each in answer.spoken:
            card = self.cards.get(each.path)
            if card is not None:
                card.show_title(each.title)
                card.show_answer(each.answer, each.problem)
        if len(answer.joint) != len(self.joint):
            self._forget_joint()
            for place in range(len(answer.joint)):
                card = AnswerCard("", removable=False, parent=self._row)
                self.joint.append(card)
                self._cards.insertWidget(place, card)
        for card, each in zip(self.joint, answer.joint, strict=True):
            card.show_title(f"Together, {each.ensemble.members} networks")
            card.show_answer(each.ensemble.mean, words=each.ensemble.in_words)

    def _forget_joint(self) -> None:
        for card in self.joint:
            self._drop(card)
        self.joint = []

    def _drop(self, card: AnswerCard) -> None:
        self._cards.removeWidget(card)
        card.hide()
        card.deleteLater()

    # The menu

    def _fill(self) -> None:
        from explorer.inference import sources  # noqa: PLC0415 - it reads Pillow and all data sets, which can wait
        from explorer.networks import zoo_files  # noqa: PLC0415

        menu = self._menu
        menu.clear()
        shipped = sources.shipped_weights()
        for path in shipped:
            self._offer(menu, f"{path.stem}, shipped", path)
        for kind, heading in _KINDS.items():
            runs = self._runs.get(kind, ())
            if runs:
                menu.addSeparator()
                menu.addAction(heading).setEnabled(False)
            for title, folder in runs:
                of_run = menu.addMenu(title.replace("&", "&&"))
                of_run.aboutToShow.connect(partial(self._fill_run, of_run, folder))
        kept = zoo_files.kept()
        if kept:
            menu.addSeparator()
            menu.addAction("ImageNet").setEnabled(False)
        for path in kept:
            self._offer(menu, zoo_files.network_of(path), path)
        menu.addSeparator()
        menu.addAction("Open weights…", self._ask)

    def _fill_run(self, menu: QMenu, folder: Path) -> None:
        from explorer.runs.epochs import saved_epochs, weights_path  # noqa: PLC0415 - with the menu

        menu.clear()
        self._offer(menu, "Best epoch", folder)
        for epoch in saved_epochs(folder)[-40:]:
            self._offer(menu, f"Epoch {epoch}", weights_path(folder, epoch))

    def _offer(self, menu: QMenu, title: str, path: Path) -> None:
        action = menu.addAction(title.replace("&", "&&"), partial(self._service.add, path))
        action.setEnabled(path not in self._service.members)

    def _ask(self) -> None:
        name = file_dialogs.open_file(self, "weights", "Open weights", _FILES)
        if name:
            self._service.add(Path(name))

    # Between starts

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        return {"networks": [str(path) for path in self._service.members]}

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave; what is gone meanwhile is left out."""
        names = state.get("networks")
        paths = [Path(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []
        self._service.set_members(tuple(path for path in paths if path.exists()))

    def _on_theme(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(12), px(8), px(12), px(8))
        self._column.setSpacing(px(8))
        self._cards.setContentsMargins(0, 0, 0, 0)
        self._cards.setSpacing(px(10))
