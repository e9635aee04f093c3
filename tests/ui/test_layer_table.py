import json
from dataclasses import replace
from pathlib import Path

import pytest
from lenet_graph import LENET, NODES, ShownSession, lenet_session, with_node
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QFontMetrics, QGuiApplication, QImage, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu, QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LENET5
from explorer.structure.graph import Block, Graph, Kind, Node, Totals
from explorer.structure.table_columns import COLUMNS
from explorer.ui.layer_model import LayerModel
from explorer.ui.layer_rows import short_total, without_settings
from explorer.ui.layer_table import LayerTable
from explorer.ui.theme import theme

SECTION = {column.key: section for section, column in enumerate(COLUMNS)}
PATHS = [node.path for node in NODES]
TREE = ["input", "features", *PATHS[1:5], "classifier", *PATHS[5:]]


@pytest.fixture
def session(qapp: object) -> ShownSession:
    return lenet_session()


@pytest.fixture
def table(qtbot: QtBot, session: ShownSession) -> LayerTable:
    made = LayerTable(session)
    qtbot.addWidget(made)
    made.resize(900, 520)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def _paths(table: LayerTable) -> list[str]:
    return [node.path for node in table.model.rows]


def _selected(table: LayerTable) -> list[str]:
    return [table.model.rows[row].path for row in table.selected_rows()]


def _cell(table: LayerTable, path: str, key: str) -> str:
    row = table.model.row_of(path)
    assert row is not None
    return str(table.model.index(row, SECTION[key]).data())


def _click_header(qtbot: QtBot, table: LayerTable, key: str) -> None:
    header = table.view.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(SECTION[key]) + header.sectionSize(SECTION[key]) // 2, 10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def _click_row(
    qtbot: QtBot, table: LayerTable, path: str, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    row = table.model.row_of(path)
    assert row is not None
    place = table.view.visualRect(table.model.index(row, 1)).center()
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, modifier, place)


@pytest.mark.parametrize("graph", [None, LENET])
def test_the_model_is_a_proper_one(qtmodeltester: ModelTester, graph: Graph | None) -> None:
    model = LayerModel()
    model.show_graph(graph)
    qtmodeltester.check(model)
    model.show_folding(frozenset({"features"}))
    qtmodeltester.check(model)
    model.sort(SECTION["macs"], Qt.SortOrder.DescendingOrder)
    model.filter_by("conv")
    qtmodeltester.check(model)


def test_layers_stand_below_their_blocks_in_execution_order(table: LayerTable) -> None:
    assert _paths(table) == TREE
    assert [row.depth for row in table.model.rows] == [0, 0, 1, 1, 1, 1, 0, 1, 1, 1]
    assert [row.item for row in table.model.rows if not row.is_block] == list(NODES)


def test_a_block_shows_what_its_layers_add_up_to(table: LayerTable) -> None:
    cells = {key: _cell(table, "classifier", key) for key in ("kind", "output", "parameters", "macs", "memory")}
    assert cells == {
        "kind": "Sequential", "output": "10", "parameters": "59,134", "macs": "58,920", "memory": "856 B",
    }  # fmt: skip


def test_the_columns_shown_at_first(table: LayerTable) -> None:
    assert table.shown_columns() == ["layer", "kind", "output", "parameters", "macs", "memory", "field"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("layer", "c3"),
        ("kind", "Conv2d 5×5"),
        ("input", "6 × 14 × 14"),
        ("output", "16 × 10 × 10"),
        ("parameters", "2,416"),
        ("share", "3.9 %"),
        ("macs", "240,000"),
        ("flops", "480,000"),
        ("memory", "6.3 KiB"),
        ("field", "14"),
    ],
)
def test_cells_say_their_number_with_its_unit(table: LayerTable, key: str, text: str) -> None:
    assert _cell(table, "features.c3", key) == text


def test_zero_is_shown_as_zero_and_the_input_has_no_numbers(table: LayerTable) -> None:
    assert (_cell(table, "features.s2", "parameters"), _cell(table, "features.s2", "macs")) == ("0", "0")
    assert [_cell(table, "input", key) for key in ("parameters", "macs", "memory", "field")] == ["", "", "", ""]


def test_numbers_are_on_the_right_and_words_on_the_left(table: LayerTable) -> None:
    def side(key: str) -> int:
        return table.model.index(0, SECTION[key]).data(Qt.ItemDataRole.TextAlignmentRole)

    assert side("macs") & Qt.AlignmentFlag.AlignRight.value
    assert side("kind") & Qt.AlignmentFlag.AlignLeft.value


def test_the_total_adds_up(table: LayerTable) -> None:
    assert table.total_row.label() == "total"
    texts = table.total_row.texts()
    assert (texts["parameters"], texts["macs"], texts["flops"]) == ("61,706", "416,520", "833,040")
    assert texts["memory"] == "31.6 KiB"  # 32,376 / 1,024


def test_the_total_stands_below_the_last_row_and_stays_in_sight(table: LayerTable, session: ShownSession) -> None:
    last = table.view.visualRect(table.model.index(len(TREE) - 1, 0))
    bottom = table.view.viewport().mapTo(table, last.bottomLeft()).y()
    top = table.total_row.mapTo(table, QPoint(0, 0)).y()
    assert 0 <= top - bottom <= 4
    table.resize(900, 200)
    assert table.total_row.mapTo(table, QPoint(0, table.total_row.height())).y() <= 200
    assert table.view.verticalScrollBar().maximum() > 0


def test_header_clicks_sort_by_value_then_back_to_execution_order(table: LayerTable, qtbot: QtBot) -> None:
    _click_header(qtbot, table, "parameters")
    assert _paths(table)[:4] == ["classifier.c5", "classifier.f6", "features.c3", "classifier.output"]
    assert _paths(table)[-1] == "input"
    _click_header(qtbot, table, "parameters")
    assert _paths(table)[0] == "features.s2"
    assert _paths(table)[-2:] == ["classifier.c5", "input"]
    _click_header(qtbot, table, "parameters")
    assert _paths(table) == TREE


def test_names_sort_by_their_numbers(table: LayerTable, session: ShownSession) -> None:
    layers = tuple(Node(f"layer{i}", Kind.OTHER, "Layer") for i in (10, 2, 1))
    session.take(replace(LENET, nodes=layers, blocks=()))
    table.view.sortByColumn(SECTION["layer"], Qt.SortOrder.AscendingOrder)
    assert _paths(table) == ["layer1", "layer2", "layer10"]


def test_numbers_beyond_32_bits_sort_and_read_right(table: LayerTable, session: ShownSession) -> None:
    session.take(with_node(Node("huge", Kind.CONVOLUTION, "Conv2d", macs=15_470_264_320)))
    table.view.sortByColumn(SECTION["macs"], Qt.SortOrder.DescendingOrder)
    assert _paths(table)[0] == "huge"
    assert _cell(table, "huge", "flops") == "30,940,528,640"


def test_sorting_keeps_the_selection(table: LayerTable, session: ShownSession, qtbot: QtBot) -> None:
    _click_row(qtbot, table, "features.c3")
    _click_header(qtbot, table, "macs")
    assert _selected(table) == ["features.c3"]
    assert session.selection == "features.c3"


def test_the_filter_keeps_rows_that_hold_every_word(table: LayerTable, qtbot: QtBot) -> None:
    qtbot.keyClicks(table.filter, "features POOL")
    assert _paths(table) == ["features", "features.s2", "features.s4"]


def test_the_filter_finds_what_is_in_closed_blocks(table: LayerTable, qtbot: QtBot) -> None:
    table.show_folding(frozenset({"features", "classifier"}))
    qtbot.keyClicks(table.filter, "f6")
    assert _paths(table) == ["classifier", "classifier.f6"]
    table.filter.clear()
    assert _paths(table) == ["input", "features", "classifier"]


def test_a_filtered_total_says_what_it_is_of(table: LayerTable, qtbot: QtBot) -> None:
    qtbot.keyClicks(table.filter, "conv")
    assert table.total_row.label() == "2 of 8 layers"
    assert table.total_row.texts()["macs"] == "357,600"


def test_a_filter_without_result_says_so_and_can_be_cleared(table: LayerTable, qtbot: QtBot) -> None:
    qtbot.keyClicks(table.filter, "xyz")
    assert table.none_found.isVisible()
    assert table.none_found.sentence == "No layer matches 'xyz'."
    qtbot.mouseClick(table.none_found.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert _paths(table) == TREE


def test_the_filter_keeps_the_sort(table: LayerTable, qtbot: QtBot) -> None:
    _click_header(qtbot, table, "macs")
    qtbot.keyClicks(table.filter, "features")
    assert _paths(table)[:2] == ["features.c3", "features.c1"]


def test_a_click_selects_everywhere(table: LayerTable, session: ShownSession, qtbot: QtBot) -> None:
    _click_row(qtbot, table, "classifier.c5")
    assert session.selection == "classifier.c5"


def test_arrows_select_everywhere(table: LayerTable, session: ShownSession, qtbot: QtBot) -> None:
    _click_row(qtbot, table, "features.c1")
    qtbot.keyClick(table.view, Qt.Key.Key_Down)
    assert session.selection == "features.s2"


def test_escape_selects_nothing(table: LayerTable, session: ShownSession, qtbot: QtBot) -> None:
    _click_row(qtbot, table, "features.c1")
    qtbot.keyClick(table.view, Qt.Key.Key_Escape)
    assert session.selection == ""
    assert _selected(table) == []


def test_a_click_on_the_total_selects_the_whole_network(table: LayerTable, session: ShownSession, qtbot: QtBot) -> None:
    session.select("features.c1")
    qtbot.mouseClick(table.total_row, Qt.MouseButton.LeftButton)
    assert session.selection == ""


def test_the_table_follows_a_selection_made_elsewhere(table: LayerTable, session: ShownSession) -> None:
    heard: list[str] = []
    session.selection_changed.connect(heard.append)
    session.select("classifier.f6")
    assert _selected(table) == ["classifier.f6"]
    assert heard == ["classifier.f6"]


def test_a_selected_block_selects_its_row(table: LayerTable, session: ShownSession) -> None:
    session.select("classifier")
    assert _selected(table) == ["classifier"]
    assert session.selection == "classifier"


def test_a_block_that_is_clicked_is_selected_everywhere(table: LayerTable, session: ShownSession, qtbot: QtBot) -> None:
    _click_row(qtbot, table, "features")
    assert session.selection == "features"


def test_in_a_list_of_layers_a_selected_block_selects_its_layers(table: LayerTable, session: ShownSession) -> None:
    table.show_layers_only(True)
    session.select("classifier")
    assert _selected(table) == ["classifier.c5", "classifier.f6", "classifier.output"]
    assert session.selection == "classifier"


def test_the_first_row_of_a_selected_block_can_be_clicked(
    table: LayerTable, session: ShownSession, qtbot: QtBot
) -> None:
    table.show_layers_only(True)
    session.select("classifier")
    _click_row(qtbot, table, "classifier.c5")
    assert session.selection == "classifier.c5"
    assert _selected(table) == ["classifier.c5"]


def test_layers_only_leaves_the_blocks_out(table: LayerTable) -> None:
    table.show_layers_only(True)
    assert _paths(table) == PATHS
    assert _cell(table, "features.c3", "layer") == "features.c3"
    table.show_layers_only(False)
    assert _paths(table) == TREE


def test_a_click_on_the_arrow_folds_and_tells(table: LayerTable, session: ShownSession, qtbot: QtBot) -> None:
    session.select("classifier.f6")
    told: list[frozenset[str]] = []
    table.folding_changed.connect(told.append)
    place = table.view.arrow_rect(1).center()
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert _paths(table) == ["input", "features", "classifier", *PATHS[5:]]
    assert told == [frozenset({"features"})]
    assert session.selection == "classifier.f6"
    assert _selected(table) == ["classifier.f6"]
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert _paths(table) == TREE
    assert told[-1] == frozenset()


def test_a_double_click_on_a_block_folds_it(table: LayerTable, qtbot: QtBot) -> None:
    place = table.view.visualRect(table.model.index(1, SECTION["kind"])).center()
    qtbot.mouseDClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert "features.c1" not in _paths(table)


def test_the_keyboard_folds_and_unfolds(table: LayerTable, session: ShownSession, qtbot: QtBot) -> None:
    _click_row(qtbot, table, "features.c3")
    qtbot.keyClick(table.view, Qt.Key.Key_Left)
    assert session.selection == "features"
    qtbot.keyClick(table.view, Qt.Key.Key_Left)
    assert "features.c3" not in _paths(table)
    qtbot.keyClick(table.view, Qt.Key.Key_Right)
    assert "features.c3" in _paths(table)
    qtbot.keyClick(table.view, Qt.Key.Key_Return)
    assert "features.c3" not in _paths(table)


def test_what_is_folded_elsewhere_is_folded_here_without_an_echo(table: LayerTable) -> None:
    told: list[frozenset[str]] = []
    table.folding_changed.connect(told.append)
    table.show_folding(frozenset({"classifier", "a stack of the graph"}))
    assert _paths(table) == [*TREE[:7]]
    assert told == []
    table.toggle("features")
    assert told == [frozenset({"classifier", "features", "a stack of the graph"})]


def test_what_is_selected_in_a_closed_block_selects_the_block(table: LayerTable, session: ShownSession) -> None:
    session.select("features.c3")
    table.show_folding(frozenset({"features"}))
    assert _selected(table) == ["features"]
    assert session.selection == "features.c3"
    table.show_folding(frozenset())
    assert _selected(table) == ["features.c3"]


def test_a_folding_told_before_its_graph_waits_for_it(table: LayerTable, session: ShownSession) -> None:
    following = with_node(Node("extra", Kind.OTHER, "Extra"))
    session.graph = following
    table.show_folding(frozenset({"features"}))
    assert _paths(table) == TREE
    session.graph_changed.emit(following)
    assert _paths(table) == ["input", "features", "classifier", *PATHS[5:], "extra"]


def test_the_same_blocks_stay_folded_when_options_change(table: LayerTable, session: ShownSession) -> None:
    table.toggle("features")
    session.take(with_node(Node("extra", Kind.OTHER, "Extra")))
    assert _paths(table) == ["input", "features", "classifier", *PATHS[5:], "extra"]


def test_all_blocks_fold_and_unfold(table: LayerTable) -> None:
    actions = _column_actions(table.columns_menu)
    actions["Fold all blocks"].trigger()
    assert _paths(table) == ["input", "features", "classifier"]
    _column_actions(table.columns_menu)["Unfold all blocks"].trigger()
    assert _paths(table) == TREE


def test_a_batch_multiplies_memory_and_says_so(table: LayerTable) -> None:
    told: list[object] = []
    table.terms_changed.connect(lambda batch, optimiser: told.append((batch, optimiser.key)))
    table.summary.batch_field.setValue(32)
    assert _cell(table, "features.c1", "memory") == "588 KiB"  # 18,816 x 32 / 1,024
    assert _cell(table, "features.c1", "macs") == "117,600"
    header = table.model.headerData(SECTION["memory"], Qt.Orientation.Horizontal)
    assert header == "Memory × 32"
    assert table.total_row.texts()["memory"] == "1012 KiB"
    assert told == [(32, "adam")]


def test_macs_of_the_batch_on_request(table: LayerTable) -> None:
    table.summary.batch_field.setValue(2)
    _column_actions(table.columns_menu)["MACs and FLOPs of the batch"].trigger()
    assert table.model.headerData(SECTION["macs"], Qt.Orientation.Horizontal) == "MACs × 2"
    assert table.total_row.texts()["macs"] == "833,040"


def test_the_strip_says_what_training_takes_with_each_optimiser(table: LayerTable) -> None:
    # 61,706 parameters of 4 bytes, twice (gradients), and 3,136 B of input with 32,376 B of layers.
    table.summary.optimiser_field.setCurrentText("SGD")
    assert table.summary.training.text() == "Training 517 KiB"
    table.summary.optimiser_field.setCurrentText("Adam, AdamW")
    assert table.summary.training.text() == "Training 999 KiB"
    assert "2 × 61,706 × 4 B = 493,648 B" in table.summary.training.toolTip()


def test_a_new_graph_keeps_the_selection_of_the_same_layer(table: LayerTable, session: ShownSession) -> None:
    session.select("features.c3")
    session.take(with_node(Node("extra", Kind.OTHER, "Extra")))
    assert _selected(table) == ["features.c3"]


def test_copying_gives_a_spreadsheet_plain_numbers(table: LayerTable, qtbot: QtBot) -> None:
    _click_row(qtbot, table, "features.c1")
    _click_row(qtbot, table, "features.c3", Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines() == [
        "Layer\tKind\tOutput\tParameters\tMACs\tMemory (bytes)\tField",
        "features.c1\tConv2d 5×5, pad 2\t6 × 28 × 28\t156\t117600\t18816\t5",
        "features.c3\tConv2d 5×5\t16 × 10 × 10\t2416\t240000\t6400\t14",
    ]


def test_copying_as_markdown_gives_a_table(table: LayerTable, qtbot: QtBot) -> None:
    _click_row(qtbot, table, "classifier.f6")
    actions = {action.text(): action for action in table.export.menu.actions()}
    actions["Copy as Markdown"].trigger()
    assert QGuiApplication.clipboard().text().splitlines() == [
        "| Layer | Kind | Output | Parameters | MACs | Memory | Field |",
        "|---|---|---|---:|---:|---:|---:|",
        "| classifier.f6 | Linear 120→84 | 84 | 10,164 | 10,080 | 336 B | 28 |",
    ]


def test_without_a_selection_all_is_copied_and_adds_up(table: LayerTable) -> None:
    table.toggle("features")
    table.export.copy_as("markdown")
    lines = QGuiApplication.clipboard().text().splitlines()
    # The open block is left out, the closed one stands for its layers.
    assert [line.split(" | ")[0] for line in lines[2:]] == [
        "| input", "| features", "| classifier.c5", "| classifier.f6", "| classifier.output", "| **total**",
    ]  # fmt: skip


def test_a_cell_is_copied(table: LayerTable, qtbot: QtBot) -> None:
    _click_row(qtbot, table, "features.c3")
    table.export.copy_cell()
    assert QGuiApplication.clipboard().text() == "Conv2d 5×5"


def test_json_is_that_of_the_command_line(table: LayerTable) -> None:
    table.export.copy_as("json")
    copied = json.loads(QGuiApplication.clipboard().text())
    assert (copied["name"], copied["totals"]["macs"]) == ("lenet5", 416_520)
    assert copied["options"]["form"] == "modern"
    assert [layer["path"] for layer in copied["layers"]] == PATHS


@pytest.mark.parametrize(
    ("form", "begins"), [("csv", "Layer,Kind"), ("markdown", "| Layer"), ("latex", "% LeNet-5"), ("json", "{")]
)
def test_the_table_is_saved(table: LayerTable, session: ShownSession, form: str, begins: str, tmp_path: Path) -> None:
    said: list[str] = []
    session.message.connect(said.append)
    file = tmp_path / "lenet table"
    table.export.save(form, file)
    assert file.read_text(encoding="utf-8").startswith(begins)
    assert said == [f"wrote {file}"]


def test_a_file_that_cannot_be_written_is_said(table: LayerTable, session: ShownSession, tmp_path: Path) -> None:
    said: list[str] = []
    session.message.connect(said.append)
    table.export.save("csv", tmp_path / "no such folder" / "table.csv")
    assert len(said) == 1
    assert "no such folder" in said[0]


def _column_actions(menu: QMenu) -> dict[str, QAction]:
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions()}


def test_columns_are_chosen_in_the_menu(table: LayerTable) -> None:
    actions = _column_actions(table.columns_menu)
    assert actions["Parameters"].isChecked()
    assert not actions["FLOPs"].isChecked()
    actions["FLOPs"].trigger()
    actions["Field"].trigger()
    assert table.shown_columns() == ["layer", "kind", "output", "parameters", "macs", "flops", "memory"]


def test_the_layer_column_cannot_be_hidden(table: LayerTable) -> None:
    assert not _column_actions(table.columns_menu)["Layer"].isEnabled()


def test_the_menu_sorts_too(table: LayerTable) -> None:
    orders = _column_actions(table.columns_menu)["Order"].menu()
    assert isinstance(orders, QMenu)
    by_title = {action.text(): action for action in orders.actions()}
    assert by_title["Execution"].isChecked()
    by_title["Memory"].trigger()
    assert _paths(table)[0] == "features.c1"


def test_the_keyboard_reaches_the_columns_menu(table: LayerTable, qtbot: QtBot) -> None:
    table.filter.setFocus()
    reached = []
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget().objectName())
    assert reached == ["layer_measure", "layer_export", "layer_columns"]


def _drag_border(table: LayerTable, key: str, by: int) -> None:
    header = table.view.horizontalHeader()
    edge = header.sectionViewportPosition(SECTION[key]) + header.sectionSize(SECTION[key]) - 2
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    for kind, x, button, buttons in (
        (QMouseEvent.Type.MouseButtonPress, edge, left, left),
        (QMouseEvent.Type.MouseMove, edge + by // 2, Qt.MouseButton.NoButton, left),
        (QMouseEvent.Type.MouseMove, edge + by, Qt.MouseButton.NoButton, left),
        (QMouseEvent.Type.MouseButtonRelease, edge + by, left, Qt.MouseButton.NoButton),
    ):
        place = QPointF(x, 10)
        where = QPointF(header.viewport().mapToGlobal(place.toPoint()))
        QApplication.sendEvent(header.viewport(), QMouseEvent(kind, place, where, button, buttons, none))


def test_a_width_set_by_hand_stays(table: LayerTable, session: ShownSession) -> None:
    before = table.view.columnWidth(SECTION["kind"])
    _drag_border(table, "kind", 60)
    after = table.view.columnWidth(SECTION["kind"])
    assert after == before + 60
    session.take(with_node(Node("extra", Kind.OTHER, "Extra")))
    table.resize(1200, 400)
    assert table.view.columnWidth(SECTION["kind"]) == after


def test_state_comes_back(table: LayerTable, session: ShownSession, qtbot: QtBot) -> None:
    table.show_column("flops", True)
    table.show_column("kind", False)
    table.view.horizontalHeader().moveSection(table.view.horizontalHeader().visualIndex(SECTION["macs"]), 1)
    _drag_border(table, "output", 40)
    table.view.sortByColumn(SECTION["macs"], Qt.SortOrder.DescendingOrder)
    table.summary.batch_field.setValue(64)
    table.summary.optimiser_field.setCurrentText("SGD")
    table.show_layers_only(True)
    state = json.loads(json.dumps(table.state()))
    other = LayerTable(session)
    qtbot.addWidget(other)
    other.restore(state)
    assert other.shown_columns() == ["layer", "macs", "output", "parameters", "flops", "memory", "field"]
    assert other.view.columnWidth(SECTION["output"]) == table.view.columnWidth(SECTION["output"])
    assert _paths(other)[0] == "features.c3"
    assert other.state() == state


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"columns": "all", "widths": [], "sort": "macs"},
        {"columns": ["nothing", 3, None], "widths": {"kind": -5, "odd": 30, "field": "wide"}, "sort": ["odd", "up"]},
        {"layers_only": 3, "batch": -1, "optimiser": ["adam"]},
    ],
)
def test_a_damaged_state_is_passed_over(table: LayerTable, state: dict[str, object]) -> None:
    table.restore(state)
    assert table.shown_columns() == ["layer", "kind", "output", "parameters", "macs", "memory", "field"]
    assert _paths(table) == TREE


def test_training_only_rows_say_so(table: LayerTable, session: ShownSession) -> None:
    session.take(with_node(Node("aux.fc", Kind.LINEAR, "Linear", "2048→1000", training_only=True)))
    assert _cell(table, "aux.fc", "kind") == "Linear 2048→1000 · training only"


def test_tooltips_hold_the_formula_and_no_markup(table: LayerTable, session: ShownSession) -> None:
    row = table.model.row_of("features.c3")
    tip = table.model.index(row, SECTION["parameters"]).data(Qt.ItemDataRole.ToolTipRole)
    assert "(5 × 5 × 6 + 1) × 16 = 2,416" in tip
    session.take(with_node(Node("<img src=x>", Kind.OTHER, "Odd")))
    assert "<img" not in table.model.index(len(TREE), 0).data(Qt.ItemDataRole.ToolTipRole)


def test_no_text_is_cut_where_there_is_room(table: LayerTable, qtbot: QtBot) -> None:
    view = table.view
    delegate = view.itemDelegate()
    for key in table.shown_columns():
        widest = max(delegate.sizeHint(None, table.model.index(row, SECTION[key])).width() for row in range(len(TREE)))
        assert view.columnWidth(SECTION[key]) >= widest, key


def test_a_narrow_table_scrolls_and_the_total_moves_along(table: LayerTable) -> None:
    table.resize(330, 300)
    bar = table.view.horizontalScrollBar()
    assert bar.maximum() > 0
    before = table.total_row.grab().toImage()
    bar.setValue(bar.maximum())
    assert table.total_row.grab().toImage() != before


def test_in_a_narrow_table_no_default_column_is_out_of_sight(table: LayerTable, session: ShownSession) -> None:
    # The longest numbers of ResNet-18.
    last = Node(
        "layer4.0.downsample", Kind.CONVOLUTION, "Conv2d", "3×3, pad 1", parameters=2_359_296, macs=115_605_504,
        output_shape=(64, 112, 112), activation_bytes=98_000_000,
    )  # fmt: skip
    session.take(replace(with_node(last), totals=Totals(11_689_512, 11_689_512, 1_814_073_344, 23_000_000)))
    table.resize(540, 400)
    assert table.view.horizontalScrollBar().maximum() == 0
    assert "macs" in table.view.compact
    heading = table.model.headerData(SECTION["parameters"], Qt.Orientation.Horizontal)
    assert heading in {"Params", "Parameters"}
    table.resize(1200, 400)
    assert table.model.headerData(SECTION["parameters"], Qt.Orientation.Horizontal) == "Parameters"


def test_a_kind_loses_its_settings_before_its_name_is_cut(qtbot: QtBot) -> None:
    metrics = QFontMetrics(theme().font())
    full, room = "Conv 7×7, /2, pad 3", metrics.horizontalAdvance("Conv 7×7, /2") + 1
    assert without_settings(full, metrics, room) == "Conv 7×7, /2"
    assert without_settings(full, metrics, 1) == "Conv 7×7"
    assert without_settings(full, metrics, 1000) == full


@pytest.mark.parametrize(
    ("text", "short"), [("1,814,073,344", "1.8 G"), ("850", "850"), ("31.6 KiB", "31.6 KiB"), ("1.750", "1.750")]
)
def test_a_total_without_room_is_said_in_three_figures(text: str, short: str) -> None:
    assert short_total(text) == short


def test_rows_are_painted_in_both_themes(table: LayerTable) -> None:
    def ground() -> str:
        picture: QImage = table.view.viewport().grab().toImage()
        return picture.pixelColor(picture.width() - 3, 10).name()

    theme().use("dark", 1.0)
    dark = ground()
    theme().use("light", 1.0)
    assert (dark, ground()) == ("#1e222a", "#ffffff")


def test_an_empty_table_says_what_fills_it(qtbot: QtBot) -> None:
    made = LayerTable(ShownSession())
    qtbot.addWidget(made)
    made.show()
    assert made.empty_note.isVisible()
    assert not made.filter.isVisible()


def test_an_empty_table_says_what_it_waits_for(qtbot: QtBot) -> None:
    session = ShownSession()
    made = LayerTable(session)
    qtbot.addWidget(made)
    session.show(LENET5, LENET5.options_type())
    assert made.empty_note.sentence == "Reading LeNet-5…"


def _large_graph(stages: int, layers: int) -> Graph:
    nodes = tuple(
        replace(NODES[3], path=f"stage{stage}.conv{layer}", block=f"stage{stage}")
        for stage in range(stages)
        for layer in range(layers)
    )
    blocks = tuple(
        Block(f"stage{stage}", "Sequential", "", tuple(f"stage{stage}.conv{layer}" for layer in range(layers)))
        for stage in range(stages)
    )
    return replace(LENET, nodes=nodes, blocks=blocks, totals=Totals(0, 0, 0, 0))


def test_twenty_thousand_rows_do_not_hold_the_window_up(table: LayerTable, session: ShownSession) -> None:
    # A bound far above what it takes, and far below measuring and sorting cell by cell through Qt.
    import time

    graph = _large_graph(20, 1_000)
    started = time.process_time()
    session.take(graph)
    table.unfold_all()
    assert len(table.model.rows) == 20_020
    table.view.sortByColumn(SECTION["layer"], Qt.SortOrder.DescendingOrder)
    table.filter.setText("stage19.conv999")
    assert time.process_time() - started < 4
    assert _paths(table) == ["stage19.conv999"]


def test_a_name_of_a_million_signs_is_shown_by_its_end(table: LayerTable, session: ShownSession) -> None:
    session.take(with_node(Node("a\n" * 500_000 + "end", Kind.OTHER, "Odd")))
    text = table.model.index(len(TREE), 0).data()
    assert text.endswith("a end")
    assert len(text) < 300
    assert len(table.model.index(len(TREE), 0).data(Qt.ItemDataRole.ToolTipRole)) < 20_000
    table.grab()


def test_a_failed_layer_says_so_in_words_and_colour(table: LayerTable, session: ShownSession) -> None:
    session.take(with_node(Node("broken", Kind.CONVOLUTION, "Conv2d", "7×7", failed=True)))
    assert _cell(table, "broken", "kind") == "Conv2d 7×7 · failed"
    table.resize(900, 700)
    cell = table.view.visualRect(table.model.index(len(TREE), SECTION["kind"]))
    picture = table.view.viewport().grab(cell).toImage()
    colours = (picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height()))
    assert any(colour.red() - colour.green() > 80 for colour in colours)
