from dataclasses import replace

import pytest
from lenet_graph import ShownSession, lenet_session
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.ui.about_panel import AboutPanel, reference


@pytest.fixture
def session(qapp: object) -> ShownSession:
    return lenet_session()


@pytest.fixture
def panel(qtbot: QtBot, session: ShownSession) -> AboutPanel:
    made = AboutPanel(session)
    qtbot.addWidget(made)
    made.resize(290, 300)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_the_page_holds_idea_and_paper(panel: AboutPanel) -> None:
    shown = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert LENET5.paper is not None
    for text in (LENET5.title, LENET5.idea, LENET5.new, LENET5.led_to, LENET5.paper.title, LENET5.paper.identifier):
        assert text in shown
    assert "1998 · LeNet family · classification" in shown


def test_the_reference_can_be_copied(panel: AboutPanel, qtbot: QtBot) -> None:
    panel.copy_button.setFocus()
    qtbot.keyClick(panel.copy_button, Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == (
        "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition. "
        "Proceedings of the IEEE 86(11), 2278-2324, 1998. doi:10.1109/5.726791"
    )


def test_the_year_is_not_said_twice() -> None:
    paper = replace(LENET5.paper, venue="CVPR 2016", year=2016)
    assert reference(paper).count("2016") == 1


def test_the_page_follows_the_session(panel: AboutPanel, session: ShownSession) -> None:
    session.show(replace(LENET5, title="Other", idea="Another idea."), LeNet5Options())
    assert panel.title.text() == "Other"
    assert panel.texts["The idea"].text() == "Another idea."


def test_the_identifier_can_be_selected(panel: AboutPanel) -> None:
    assert panel.identifier.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def test_a_short_page_scrolls(panel: AboutPanel) -> None:
    panel.resize(290, 150)
    panel.grab()
    assert panel._scroll.verticalScrollBar().maximum() > 0
    assert panel._scroll.horizontalScrollBar().maximum() == 0


def test_lines_stay_short_in_a_wide_panel(panel: AboutPanel) -> None:
    panel.resize(1400, 300)
    panel.grab()
    assert panel.texts["The idea"].width() <= 560


def test_an_empty_page_says_what_fills_it(qtbot: QtBot) -> None:
    made = AboutPanel(ShownSession())
    qtbot.addWidget(made)
    made.show()
    assert made.empty_note.isVisible()


def test_a_network_without_a_paper_has_no_reference(panel: AboutPanel, session: ShownSession) -> None:
    own = replace(LENET5, paper=None, family="Your own", new="", led_to="", source="nets/net.py:Net")
    session.show(own, LeNet5Options())
    shown = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert "1998 · Your own · classification" in shown
    assert "The paper" not in shown
    assert "What was new" not in shown
    assert not panel.copy_button.isVisible()
