"""Networks, runs and measurements side by side."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.networks import catalogue
from explorer.runs.answers import write_answers
from explorer.runs.run_folder import read_run
from explorer.structure.alignment import Match
from explorer.structure.measured_table import MeasuredRow, in_words
from explorer.ui.comparison_answers import AnswersCompared, Side, read_both, sign_test
from explorer.ui.comparison_own import OwnRuns
from explorer.ui.comparison_runs import RunsCompared
from explorer.ui.confusion_reader import NoAnswers
from explorer.ui.measured_panel import MeasuredPanel
from explorer.ui.side_by_side import SideBySide
from explorer.ui.side_by_side_marks import box_match, matches_of
from explorer.ui.side_by_side_table import JoinedModel
from tests.ui.confusion_runs import ANSWERS, Shelf, make_run

LEFT, RIGHT = "lenet5", "lenet5 batch_norm=true"


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[SideBySide]:
    made = SideBySide()
    qtbot.addWidget(made)
    made.resize(1200, 760)
    made.restore({"left": LEFT, "others": [RIGHT]})
    with qtbot.waitExposed(made):
        made.show()
    _wait(made, qtbot)
    yield made
    made.shutdown()


def _wait(page: SideBySide, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: (
            page.alignment is not None
            and page.together.alignment is page.alignment
            and not any(pane.is_laying_out for pane in page.panes)
        ),
        timeout=60_000,
    )


def test_two_networks_are_read_aligned_and_summed_up(page: SideBySide) -> None:
    assert page._summary.text() == ("4 layers only in LeNet-5 (batch_norm = true), +452 parameters, as many MACs.")
    assert page.figures.details.text().startswith("2 × BatchNorm")
    assert len(page.figures.model.pairs) == 4
    page.figures.filter.setCurrentText("All layers")
    assert len(page.figures.model.pairs) == 17


def test_what_differs_is_marked_on_the_boxes_and_said_in_tips(page: SideBySide) -> None:
    pane = page.panes[1]
    pane.unfold_all()
    marked = {
        box.path
        for box in pane.picture.folded.boxes
        if box_match(pane.picture.graph, box, matches_of(page.alignment, of_left=False)) is Match.RIGHT
    }
    assert len(marked) == 4
    assert "+ LeNet-5 has none" in pane.tip(min(marked))
    other = page.panes[0].picture
    assert all(
        box_match(other.graph, box, matches_of(page.alignment, of_left=True)) in {Match.SAME, Match.CHANGED}
        for box in other.folded.boxes
    )


def test_a_selection_is_made_on_both_sides_and_in_the_table(page: SideBySide) -> None:
    page.figures.filter.setCurrentText("All layers")
    page.left.select("features.c3")
    assert page.right.selection == "features.c3"
    assert page.figures.table.currentIndex().row() == page.figures.model.row_of("features.c3", "")
    only = next(pair.right.path for pair in page.alignment.pairs if pair.match is Match.RIGHT)
    page.right.select(only)
    assert page.left.selection == ""
    page.figures.table.setCurrentIndex(page.figures.model.index(page.figures.model.row_of("classifier.f6", ""), 0))
    assert (page.left.selection, page.right.selection) == ("classifier.f6", "classifier.f6")


def test_one_graph_moves_and_zooms_with_the_other(page: SideBySide, qtbot: QtBot) -> None:
    one, other = page.panes
    page.together.lead(one)
    one.unfold_all()
    qtbot.waitUntil(lambda: not other.folded and not other.is_laying_out, timeout=10_000)
    one.zoom_to("features.c3")
    assert other.zoom == pytest.approx(one.zoom)
    shift = other.middle() - other.picture.rect("features.c3").center()
    assert QPointF(shift).manhattanLength() < 3
    page.together.lead(other)
    other.enlarge()
    assert one.zoom == pytest.approx(other.zoom)
    other.show_whole()
    assert one.is_fitting


def test_both_graphs_are_drawn_as_large_where_both_are_shown_whole(page: SideBySide, qtbot: QtBot) -> None:
    left, right = page.panes

    def are_alike() -> bool:
        return bool(left.zoom == pytest.approx(right.zoom, rel=1e-4))

    # The right one has four boxes more, so it is the one that decides.
    qtbot.waitUntil(are_alike)
    left.unfold_all()
    qtbot.waitUntil(lambda: not left.folded and not right.folded)
    qtbot.waitUntil(are_alike)
    assert left.is_fitting
    assert right.is_fitting
    before = left.zoom
    page.resize(900, 600)
    qtbot.waitUntil(lambda: left.zoom != before and are_alike())
    page.right.show(catalogue.get("resnet152"), catalogue.get("resnet152").options_type())
    _wait(page, qtbot)
    right.unfold_all()
    # Beside one so much larger it would be a speck.
    qtbot.waitUntil(lambda: not left.folded and not right.folded and left.zoom > 2 * right.zoom)


def test_a_block_that_is_folded_keeps_its_place(page: SideBySide, qtbot: QtBot) -> None:
    left, right = page.panes
    left.unfold_all()
    qtbot.waitUntil(lambda: not left.folded and not right.folded and not right.is_laying_out)
    page.together.lead(left)

    def place() -> QPointF:
        return left.picture.anchor("classifier") * left.zoom - QPointF(left._scrolled())

    before = place()
    left.toggle("classifier")
    qtbot.waitUntil(lambda: "classifier" in left.folded and "classifier" in right.folded, timeout=10_000)
    qtbot.waitUntil(lambda: left._journey is None and right._journey is None and not right.is_laying_out)
    assert (place() - before).manhattanLength() < 4


def test_blocks_fold_on_both_sides(page: SideBySide, qtbot: QtBot) -> None:
    one, other = page.panes
    page.together.lead(other)
    other.fold_all()
    qtbot.waitUntil(lambda: one.folded == other.folded == {"features", "classifier"}, timeout=10_000)


def test_swapping_turns_the_difference_round(page: SideBySide, qtbot: QtBot) -> None:
    qtbot.mouseClick(page._swap, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.alignment is not None and page.alignment.more.parameters == -452, timeout=20_000)
    assert (page.choices[0].text, page.choices[1].text) == (RIGHT, LEFT)


def test_a_network_is_chosen_by_its_name_and_one_that_is_none_is_refused(page: SideBySide, qtbot: QtBot) -> None:
    line = page.choices[1].line
    line.setText("lenet5 activation=tanh")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.alignment is not None and page.alignment.count(Match.CHANGED) == 4, timeout=20_000)
    line.setText("lenet5 colour=red")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "no option" in page._fault.text(), timeout=20_000)
    assert page.choices[1].text == "lenet5 activation=tanh"


def test_several_are_compared_with_the_first_and_come_back_at_the_next_start(page: SideBySide, qtbot: QtBot) -> None:
    page.add_other()
    page.choices[1].choose("lenet5 pooling=max")
    qtbot.waitUntil(lambda: page.alignment is not None and page.alignment.count(Match.CHANGED) == 2, timeout=20_000)
    state = page.state()
    assert (state["left"], state["others"]) == (LEFT, [RIGHT, "lenet5 pooling=max"])
    page._others.setCurrentIndex(0)
    qtbot.waitUntil(lambda: page.alignment is not None and page.alignment.more.parameters == 452, timeout=20_000)


def test_the_handles_come_back_at_the_next_start(page: SideBySide, qtbot: QtBot) -> None:
    page._split.setSizes([200, 400])
    page.figures.setSizes([500, 600])
    kept = (page._split.sizes(), page.figures.sizes())
    page.figures.quantity.setCurrentText("Parameters")
    again = SideBySide()
    qtbot.addWidget(again)
    again.restore(page.state())
    again.resize(page.size())
    again.show()
    assert again._split.sizes() == pytest.approx(kept[0], abs=2)
    assert again.figures.sizes() == pytest.approx(kept[1], abs=2)
    assert again.figures.quantity.currentText() == "Parameters"
    again.restore({"graph_height": [0, "wide"], "table_width": None})
    assert again._split.sizes() == pytest.approx(kept[0], abs=2)
    again.shutdown()


@pytest.mark.parametrize("suffix", [".csv", ".md", ".svg", ".pdf", ".png"])
def test_table_and_figure_are_saved(page: SideBySide, qtbot: QtBot, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"pair{suffix}"
    with qtbot.waitSignal(page.message, timeout=30_000) as told:
        page.save(path)
    assert told.args == [f"wrote {path}"]
    content = path.read_bytes()
    begins = {".csv": b"match,left", ".md": b"**LeNet-5**", ".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG"}
    assert content.startswith(begins[suffix])


def test_the_joined_model_is_a_proper_one(page: SideBySide, qtmodeltester: ModelTester) -> None:
    model = JoinedModel()
    model.show_alignment(page.alignment)
    qtmodeltester.check(model)


# Runs


def _two(tmp_path: Path) -> tuple[Path, Path]:
    one, other = make_run(tmp_path, 1), make_run(tmp_path, 1)
    # The second one is right on the image that the first takes for a dog, and wrong on the first cat.
    answers = ANSWERS.copy()
    answers[0], answers[1] = 2, 0
    write_answers(other, 1, answers, np.full(len(answers), 0.5))
    return one, other


def test_disagreements_are_found_both_ways(tmp_path: Path) -> None:
    compared = read_both(_two(tmp_path), Shelf())
    assert isinstance(compared, AnswersCompared)
    assert compared.only(Side.LEFT).tolist() == [0]
    assert compared.only(Side.RIGHT).tolist() == [1]
    assert compared.only(Side.NEITHER).tolist() == []
    assert compared.class_accuracies()[0] == ("cat", 0.75, 0.75)


def test_runs_of_different_data_are_not_compared(tmp_path: Path) -> None:
    one, other = _two(tmp_path)
    record = read_run(other).record
    changed = dataclasses.replace(record, dataset="mnist")
    import json

    (other / "run.json").write_text(json.dumps(changed.to_json()))
    refused = read_both((one, other), Shelf())
    assert isinstance(refused, NoAnswers)
    assert "was tested on digits" in refused.sentence


@pytest.mark.parametrize(("fewer", "more", "chance"), [(0, 0, 1.0), (0, 5, 2 / 32), (1, 1, 1.0), (2, 8, 112 / 1024)])
def test_the_sign_test_is_the_binomials_two_tails(fewer: int, more: int, chance: float) -> None:
    # 2 of 10 throws or fewer, or 8 or more: 2 x (1 + 10 + 45) / 1024.
    assert sign_test(fewer, more) == pytest.approx(chance)


def test_an_image_of_a_disagreement_goes_to_the_pad(qtbot: QtBot, tmp_path: Path) -> None:
    folders = _two(tmp_path)
    runs = tuple(_with_epochs(folder) for folder in folders)
    page = RunsCompared(Shelf())
    qtbot.addWidget(page)
    page.resize(1000, 500)
    page.set_runs(runs)
    with qtbot.waitExposed(page):
        page.show()
    qtbot.waitUntil(lambda: page.compared is not None, timeout=10_000)
    page.show_side(Side.RIGHT)
    assert page.grid.order.tolist() == [1]
    with qtbot.waitSignal(page.picture_wanted) as sent:
        page.grid.opened.emit(1)
    assert np.array_equal(sent.args[0], Shelf().dataset.test.images[1][0])
    page.choose(folders[0], folders[0])
    qtbot.waitUntil(lambda: "the same run" in page.sentence, timeout=10_000)
    page.shutdown()


def _with_epochs(folder: Path):
    run = read_run(folder)
    summary = dataclasses.replace(run.record.summary, epochs=1, test_accuracy=0.5)
    return dataclasses.replace(run, record=dataclasses.replace(run.record, summary=summary))


def test_own_runs_get_the_macs_of_their_network(qtbot: QtBot, tmp_path: Path) -> None:
    runs = OwnRuns()
    run = _with_epochs(make_run(tmp_path, 1))
    runs.set_runs([run])
    (title,) = runs.titles
    with qtbot.waitSignal(runs.changed, timeout=60_000):
        runs.show(title)
    (row,) = runs.rows
    # Three classes in place of ten: seven outputs of 84 inputs fewer.
    assert (row.macs, row.top1) == (416_520 - 7 * 84, 50.0)
    assert runs.folder_of(row.name) == run.folder
    assert runs.folder_of("lenet5") is None
    runs.shutdown()


# Measured here


def _row(title: str, rate: float, macs: int) -> MeasuredRow:
    return MeasuredRow(title, rate, 0.1, macs, 10, 2048, 1024, "a machine")


def test_networks_are_measured_one_after_the_other(qtbot: QtBot, tmp_path: Path) -> None:
    asked = []

    def measure(text, batch, device, say, _is_cancelled):
        say("measuring", 0.5)
        asked.append((text, batch, device))
        return _row(text.upper(), 100.0 if text == "alexnet" else 10.0, 1_000 if text == "alexnet" else 20_000)

    panel = MeasuredPanel(measure)
    qtbot.addWidget(panel)
    panel.batch.setValue(4)
    panel.button.click()
    qtbot.waitUntil(lambda: not panel.is_measuring, timeout=10_000)
    assert asked == [("alexnet", 4, "cpu"), ("vgg16", 4, "cpu")]
    assert panel.verdict.text().startswith("VGG16 has 20.0 times the MACs of ALEXNET and takes 10.0 times as long here")
    assert panel.table.item(1, 2).text() == "× 0.10"
    panel.save(tmp_path / "measured.csv")
    assert (tmp_path / "measured.csv").read_text().splitlines()[1].startswith("ALEXNET,100.0000,0.1000,1000")
    panel.table.selectRow(0)
    panel.remove_selected()
    panel.add("lenet5  form=original")
    assert panel.state() == {"networks": ["vgg16", "lenet5 form=original"], "batch": 4, "device": ""}
    panel.shutdown()


def test_what_is_measured_and_where_comes_back_at_the_next_start(qtbot: QtBot) -> None:
    before, after = MeasuredPanel(), MeasuredPanel()
    for panel in (before, after):
        qtbot.addWidget(panel)
    before.set_devices({"cpu": "Processor", "cuda": "Graphics card"})
    assert before.device.currentData() == "cuda"
    before.device.setFocus()
    qtbot.keyClick(before.device, Qt.Key.Key_Up)
    before.batch.setValue(32)
    after.restore(before.state())
    after.set_devices({"cpu": "Processor", "cuda": "Graphics card"})
    assert after.device.currentData() == "cpu"
    assert after.batch.value() == 32
    for panel in (before, after):
        panel.shutdown()


def test_a_measurement_is_cancelled_and_a_wrong_name_said(qtbot: QtBot) -> None:
    def measure(text, _batch, _device, _say, is_cancelled):
        from explorer.system.download import Cancelled

        if text == "alexnet":
            while not is_cancelled():
                pass
            raise Cancelled
        raise ValueError("there is no network of that name")

    panel = MeasuredPanel(measure)
    qtbot.addWidget(panel)
    panel.start()
    panel.cancel()
    assert not panel.is_measuring
    panel.networks = ["nothing"]
    panel.start()
    qtbot.waitUntil(lambda: not panel.is_measuring, timeout=10_000)
    assert panel.verdict.text() == "there is no network of that name"
    panel.shutdown()


def test_a_faster_network_is_said_to_be_faster() -> None:
    assert in_words([_row("A", 10.0, 100), _row("B", 40.0, 50)]) == (
        "B has 0.5 times the MACs of A and is 4.0 times as fast here"
    )
    assert in_words([_row("A", 10.0, 100)]) == ""


def test_the_catalogue_is_what_can_be_chosen(page: SideBySide) -> None:
    names = page.choices[0].line.completer().model().stringList()
    assert {architecture.name for architecture in catalogue.CATALOGUE} <= set(names)


# In the window


def test_the_window_compares_what_is_on_screen_and_remembers_it(qtbot: QtBot) -> None:
    from explorer.ui.app import create_window

    window = create_window()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.session.graph is not None, timeout=60_000)
    tools = window.comparison_tools
    tools.restore({"side_by_side": {"left": "alexnet", "others": ["lenet5 activation=tanh"]}})
    tools.action.trigger()
    page = tools.side_by_side
    qtbot.waitUntil(lambda: page.alignment is not None and page.alignment.count(Match.CHANGED) == 4, timeout=60_000)
    assert window.workspaces.current == "Compare"
    assert page.choices[0].text == "lenet5"
    assert window.session.graph.title == "LeNet-5"
    qtbot.waitUntil(lambda: window.graph_view.maximumHeight() == 0, timeout=5_000)
    window.workspaces.enter("Explore")
    qtbot.waitUntil(lambda: window.graph_view.maximumHeight() > 1_000, timeout=5_000)
    assert tools.state()["side_by_side"]["left"] == "lenet5"
    window.close()
