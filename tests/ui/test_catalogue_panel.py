from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
from lenet_graph import ShownSession
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.runs.run_folder import Run
from explorer.ui.catalogue_model import CatalogueModel, Group
from explorer.ui.catalogue_panel import CataloguePanel
from explorer.ui.catalogue_reader import trained_names

ALEXNET = replace(
    LENET5,
    name="alexnet",
    title="AlexNet",
    family="AlexNet",
    year=2012,
    parameters=60_965_224,
    paper=replace(LENET5.paper, authors="A. Krizhevsky, I. Sutskever, G. Hinton", title="ImageNet classification"),
)
VGG16 = replace(LENET5, name="vgg16", title="VGG-16", family="VGG", year=2014, parameters=138_357_544)
VGG19 = replace(VGG16, name="vgg19", title="VGG-19", parameters=143_667_240)
RESNET18 = replace(
    LENET5,
    name="torchvision/resnet18",
    title="ResNet-18",
    family="ResNet",
    year=2015,
    paper=None,
    parameters=11_689_512,
)
ALL = (LENET5, ALEXNET, VGG16, VGG19)


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
    return [entry.title for entry in panel.model.entries]


def _click(qtbot: QtBot, panel: CataloguePanel, name: str) -> None:
    place = panel.list.visualRect(panel.model.index_of(name)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def _click_group(qtbot: QtBot, panel: CataloguePanel, number: int) -> None:
    place = panel.list.visualRect(panel.model.index(number, 0)).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def _is_open(panel: CataloguePanel, number: int) -> bool:
    return panel.list.isExpanded(panel.model.index(number, 0))


def test_the_model_is_a_proper_one(qtmodeltester: ModelTester) -> None:
    model = CatalogueModel(ALL)
    qtmodeltester.check(model)
    model.search("vgg")
    qtmodeltester.check(model)


def test_rows_are_in_the_catalogues_order(panel: CataloguePanel) -> None:
    assert _titles(panel) == ["LeNet-5", "AlexNet", "VGG-16", "VGG-19"]


def test_families_of_several_are_groups_with_their_first_year(panel: CataloguePanel) -> None:
    rows = [(row.title, row.year, isinstance(row, Group)) for row in panel.model.rows]
    assert rows == [("LeNet-5", "1998", False), ("AlexNet", "2012", False), ("VGG", "2014", True)]


def test_a_family_folds_by_click_and_by_key(panel: CataloguePanel, qtbot: QtBot) -> None:
    assert not _is_open(panel, 2)
    _click_group(qtbot, panel, 2)
    assert _is_open(panel, 2)
    qtbot.keyClick(panel.list, Qt.Key.Key_Left)
    assert not _is_open(panel, 2)
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert _is_open(panel, 2)
    qtbot.keyClick(panel.list, Qt.Key.Key_Right)
    assert panel.model.row_at(panel.list.currentIndex()).title == "VGG-16"


def test_open_families_are_remembered(panel: CataloguePanel, session: ShownSession, qtbot: QtBot) -> None:
    _click_group(qtbot, panel, 2)
    stored = panel.state()
    other = CataloguePanel(session, ALL)
    qtbot.addWidget(other)
    other.restore(stored)
    assert _is_open(other, 2)
    other.restore({"open": 3})
    assert _is_open(other, 2)


def test_a_search_opens_families_and_leaves_them_as_they_were(panel: CataloguePanel) -> None:
    panel.search.setText("vgg")
    assert _is_open(panel, 0)
    panel.search.clear()
    assert not _is_open(panel, 2)


def test_what_is_shown_opens_its_family(panel: CataloguePanel, session: ShownSession) -> None:
    session.show(VGG19, LeNet5Options())
    assert _is_open(panel, 2)
    assert panel.list.currentIndex() == panel.model.index_of("vgg19")


def test_a_zoo_is_a_group_that_is_searched_too(panel: CataloguePanel, session: ShownSession, qtbot: QtBot) -> None:
    session.show(ALEXNET, LeNet5Options())
    panel.set_zoo("torchvision", (RESNET18,))
    assert [row.title for row in panel.model.rows] == ["LeNet-5", "AlexNet", "VGG", "torchvision"]
    assert panel.list.currentIndex() == panel.model.index_of("alexnet")
    panel.search.setText("resnet")
    _click(qtbot, panel, "torchvision/resnet18")
    assert [name for name, _ in session.asked] == ["alexnet", "torchvision/resnet18"]


def test_an_empty_zoo_is_left_out(panel: CataloguePanel) -> None:
    panel.set_zoo("timm", ())
    assert [row.title for row in panel.model.rows] == ["LeNet-5", "AlexNet", "VGG"]


def test_an_own_file_is_opened_by_click_not_by_passing_over_it(
    panel: CataloguePanel, session: ShownSession, qtbot: QtBot
) -> None:
    panel.set_own([("nets/net.py:Small", "Small")])
    _click_group(qtbot, panel, 3)
    chosen: list[str] = []
    panel.file_chosen.connect(chosen.append)
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert chosen == []
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert chosen == ["nets/net.py:Small"]
    _click(qtbot, panel, "nets/net.py:Small")
    assert len(chosen) == 2
    assert session.asked == []


def test_a_trained_network_is_marked_and_says_so(panel: CataloguePanel) -> None:
    before = panel.grab().toImage()
    panel.model.set_trained({"lenet5": "trained: shipped weights"})
    assert panel.grab().toImage() != before
    said = panel.model.index_of("lenet5").data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "LeNet-5, 1998, 61,706 parameters, trained: shipped weights"


def test_runs_without_a_finished_epoch_train_nothing() -> None:
    def run(epochs: int) -> Run:
        summary = SimpleNamespace(epochs=epochs)
        record = SimpleNamespace(config={"architecture": "lenet5"}, summary=summary)
        return cast("Run", SimpleNamespace(record=record))

    assert trained_names([run(0)], ()) == {}
    assert trained_names([run(3), run(1)], ("lenet5",)) == {"lenet5": "trained: shipped weights, 2 runs"}
    assert trained_names([run(1)], ("vgg16",)) == {"lenet5": "trained: 1 run", "vgg16": "trained: shipped weights"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("alex", ["AlexNet"]),
        ("lenet5", ["LeNet-5"]),
        ("LENET-5", ["LeNet-5"]),
        ("2014", ["VGG-16", "VGG-19"]),
        ("krizhevský", ["AlexNet"]),
        ("batch_norm", ["LeNet-5", "AlexNet", "VGG-16", "VGG-19"]),
        ("vgg 2014", ["VGG-16", "VGG-19"]),
        ("vgg 2012", []),
        ("  ", ["LeNet-5", "AlexNet", "VGG-16", "VGG-19"]),
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
    _click(qtbot, panel, "alexnet")
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
    session.show(ALEXNET, LeNet5Options())
    assert panel.list.currentIndex() == panel.model.index_of("alexnet")
    assert len(session.asked) == 1


def test_selecting_what_is_shown_keeps_its_options(panel: CataloguePanel, session: ShownSession, qtbot: QtBot) -> None:
    session.show(LENET5, LeNet5Options(pooling="max"))
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    _click(qtbot, panel, "lenet5")
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
    said = panel.model.index_of("lenet5").data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "LeNet-5, 1998, 61,706 parameters"
