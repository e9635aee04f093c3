"""Our texts on the architectures, and where their links lead."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest
from lenet_graph import lenet_session
from PySide6.QtCore import QUrl
from pytestqt.qtbot import QtBot

from explorer.experiments import EXPERIMENTS
from explorer.networks.catalogue import CATALOGUE, get
from explorer.networks.options import option_fields, parse_options
from explorer.networks.zoo_families import family_of
from explorer.reading import read_graph
from explorer.structure.graph import Graph
from explorer.system import paths
from explorer.ui import reading_notes
from explorer.ui.about_panel import AboutPanel
from explorer.ui.links import parse
from explorer.ui.notes_view import NotesView
from explorer.ui.theme import DARK, LIGHT, theme

NOTES = sorted(path.stem for path in paths.resource("notes").glob("*.md"))
# Panels of the window, and of others that may be there.
PANELS = {
    "catalogue", "options", "layers", "runs", "training", "input", "inspector", "about", "why", "confusion", "data",
    "comparison", "experiments", "field", "several", "personal",
}  # fmt: skip


@dataclass(frozen=True)
class _NoOptions:
    """Of a network without any."""


def _links() -> Iterator[tuple[str, str]]:
    for note in NOTES:
        for address in reading_notes.links_in(reading_notes.text_of(note)):
            yield note, address


@cache
def _graph(name: str) -> Graph:
    architecture = get(name)
    return read_graph(architecture, architecture.options_type())


def test_every_family_has_a_note_and_every_note_a_network() -> None:
    assert [family for family in {each.family for each in CATALOGUE} if family not in reading_notes.NOTES] == []
    assert {note: bool(reading_notes.architectures_of(note)) for note in NOTES} == dict.fromkeys(NOTES, True)


@pytest.mark.parametrize(("note", "address"), list(_links()))
def test_every_link_of_every_note_leads_somewhere(note: str, address: str) -> None:
    link = parse(address)
    assert link is not None, address
    networks = reading_notes.architectures_of(note)
    if link.kind == "panel":
        assert link.target in PANELS
    elif link.kind == "experiment":
        assert int(link.target) in {experiment.number for experiment in EXPERIMENTS}
    elif link.kind == "option":
        # In each network of the family: a reader meets the note at any of them.
        lacking = [
            each.name
            for each in networks
            if link.target not in {field.name for field in option_fields(each.options_type)}
        ]
        assert lacking == []
    elif link.kind == "network" and "/" in link.target:
        assert family_of(link.target.partition("/")[2]) is not None
    elif link.kind == "network":
        parse_options(get(link.target).options_type, link.values)
    else:
        graph = _graph(networks[0].name)
        assert link.target in graph.by_path or link.target in graph.block_by_path


def test_batch_norm_is_noted_where_it_can_be_had_or_is() -> None:
    assert reading_notes.notes_of(get("vgg16")) == ("vgg", "batch_norm")
    own = replace(get("lenet5"), name="net.py:Net", family="Your own", options_type=_NoOptions)
    assert reading_notes.notes_of(own) == ()
    assert reading_notes.notes_of(own, _graph("resnet20")) == ("batch_norm",)
    assert reading_notes.notes_of(own, _graph("lenet5")) == ()


def test_a_link_carries_options() -> None:
    link = parse("network:unet?form=padded&width=8")
    assert link is not None
    assert (link.kind, link.target, link.values) == ("network", "unet", {"form": "padded", "width": "8"})
    assert parse("https://example.org") is None


def test_about_shows_the_note_and_its_links_act(qtbot: QtBot) -> None:
    panel = AboutPanel(lenet_session())
    qtbot.addWidget(panel)
    panel.resize(320, 500)
    with qtbot.waitExposed(panel):
        panel.show()
    assert list(panel.notes) == ["lenet", "batch_norm"]
    view = panel.notes["lenet"].body
    assert isinstance(view, NotesView)
    assert "A handwritten digit is never in quite the same place" in view.toPlainText()
    with qtbot.waitSignal(panel.link_followed) as followed:
        view.anchorClicked.emit(QUrl("layer:features.c3"))
    assert followed.args == ["layer:features.c3"]


@pytest.mark.parametrize(("name", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_a_note_is_set_in_the_theme_and_as_high_as_its_text(qtbot: QtBot, name: str, colours: object) -> None:
    theme().use(name, 1.0)
    view = NotesView("## Heading\n\nSome words and [a link](panel:layers).\n")
    qtbot.addWidget(view)
    document = view.document()
    heading, words = document.begin(), document.begin().next()
    assert heading.begin().fragment().charFormat().fontPointSize() == pytest.approx(
        theme().font(secondary=True).pointSizeF()
    )
    pieces = words.begin()
    found = []
    while not pieces.atEnd():
        if pieces.fragment().charFormat().isAnchor():
            found.append(pieces.fragment().charFormat().foreground().color().name())
        pieces += 1
    assert found == [colours.accent]
    assert view.heightForWidth(600) < view.heightForWidth(60)
    theme().use("system", 1.0)
