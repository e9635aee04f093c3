from dataclasses import replace

import pytest
from lenet_graph import ShownSession
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.ui.catalogue_panel import CatalogueModel, CataloguePanel

ALEXNET = replace(
    LENET5,
    name="alexnet",
    title="AlexNet",
    family="AlexNet",
    year=2012,
    parameters=60_965_224,
    paper=replace(LENET5.paper, authors="A. Krizhevsky, I. Sutskever, G. Hinton", title="ImageNet classification"),
)
VGG = replace(LENET5, name="vgg16", title="VGG-16", family="VGG", year=2014, parameters=138_357_544)
ALL = (LENET5, ALEXNET, VGG)


@pytest.fixture
def session(qapp: object) -> ShownSession:
    return ShownSession()


@pytest.fixture
def panel(qtbot: QtBot, session: ShownSession) -> CataloguePanel:
    made = CataloguePanel(session, ALL)
    qtbot.addWidget(made)
    made.resize(230, 500)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def _titles(panel: CataloguePanel) -> list[str]:
    return [architecture.title for architecture in panel.model.rows]


def test_the_model_is_a_proper_one(qtmodeltester: ModelTester) -> None:
    model = CatalogueModel(ALL)
    qtmodeltester.check(model)
    model.search("vgg")
    qtmodeltester.check(model)


def test_rows_are_in_the_catalogues_order(panel: CataloguePanel) -> None:
    assert _titles(panel) == ["LeNet-5", "AlexNet", "VGG-16"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("alex", ["AlexNet"]),
        ("lenet5", ["LeNet-5"]),
        ("LENET-5", ["LeNet-5"]),
        ("2014", ["VGG-16"]),
        ("krizhevský", ["AlexNet"]),
        ("batch_norm", ["LeNet-5", "AlexNet", "VGG-16"]),
        ("vgg 2014", ["VGG-16"]),
        ("vgg 2012", []),
        ("  ", ["LeNet-5", "AlexNet", "VGG-16"]),
    ],
)
def test_search_finds(panel: CataloguePanel, qtbot: QtBot, text: str, found: list[str]) -> None:
    panel.search.setText(text)
    assert _titles(panel) == found


def test_a_search_without_result_says_so_and_can_be_cleared(panel: CataloguePanel, qtbot: QtBot) -> None:
    qtbot.keyClicks(panel.search, "xyz")
    assert panel.none_found.sentence == "No network matches 'xyz'."
    assert panel.none_found.isVisible()
    button = panel.none_found.findChild(QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.search.text() == ""
    assert panel.list.isVisible()


def test_a_click_on_a_row_shows_the_network_with_default_options(
    panel: CataloguePanel, session: ShownSession, qtbot: QtBot
) -> None:
    place = panel.list.visualRect(panel.model.index(1)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.asked == [("alexnet", LeNet5Options())]


def test_enter_in_the_search_shows_the_first_match(panel: CataloguePanel, session: ShownSession, qtbot: QtBot) -> None:
    qtbot.keyClicks(panel.search, "vgg")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    assert [name for name, _ in session.asked] == ["vgg16"]


def test_arrows_move_from_the_search_into_the_list_and_back(
    panel: CataloguePanel, session: ShownSession, qtbot: QtBot
) -> None:
    panel.search.setFocus()
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    assert panel.list.hasFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert [name for name, _ in session.asked] == ["lenet5", "alexnet"]
    qtbot.keyClick(panel.list, Qt.Key.Key_Up)
    qtbot.keyClick(panel.list, Qt.Key.Key_Up)
    assert panel.search.hasFocus()


def test_ctrl_f_goes_to_the_search(panel: CataloguePanel, qtbot: QtBot) -> None:
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert panel.search.hasFocus()


def test_the_row_follows_what_is_shown_elsewhere(panel: CataloguePanel, session: ShownSession) -> None:
    session.show(VGG, LeNet5Options())
    assert panel.list.currentIndex().row() == 2
    assert len(session.asked) == 1


def test_selecting_what_is_shown_keeps_its_options(panel: CataloguePanel, session: ShownSession, qtbot: QtBot) -> None:
    session.show(LENET5, LeNet5Options(pooling="max"))
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    place = panel.list.visualRect(panel.model.index(0)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.asked == [("lenet5", LeNet5Options(pooling="max"))]


def test_searching_shows_nothing_by_itself(panel: CataloguePanel, session: ShownSession, qtbot: QtBot) -> None:
    session.show(LENET5, LeNet5Options())
    qtbot.keyClicks(panel.search, "vgg")
    assert panel.list.currentIndex().row() == -1
    panel.search.clear()
    assert panel.list.currentIndex().row() == 0
    assert len(session.asked) == 1


def test_a_click_beside_the_rows_shows_nothing(panel: CataloguePanel, session: ShownSession, qtbot: QtBot) -> None:
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(50, 400))
    assert session.asked == []


def test_rows_say_themselves_to_a_screen_reader(panel: CataloguePanel) -> None:
    said = panel.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "LeNet-5, 1998, 61,706 parameters"
