import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableView, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs.metrics import MetricsRow, MetricsWriter
from explorer.runs.notes import RunNotes, read_notes, write_notes
from explorer.runs.run_folder import METRICS_NAME, RESUME_FOLDER, Run, RunSummary, create_run, list_runs, write_record
from explorer.ui.run_curves import read_curves
from explorer.ui.run_notes_dialog import RunNotesDialog
from explorer.ui.run_rows import COLUMNS, RunRow, network_text
from explorer.ui.run_table import RunTable
from explorer.ui.run_table_model import SORT_ROLE, RunTableModel
from explorer.ui.train_on_dialog import TrainOnDialog
from explorer.ui.training_thread import Trainer
from tests.ui.run_records import record
from tests.ui.training_events import Endless

TITLES = [column.title for column in COLUMNS]


def started_at(minute: int) -> datetime:
    return datetime.fromisoformat(f"2026-11-21T14:{minute}:05")


def make_run(folder: Path, minute: int = 30, **changes: object) -> Path:
    run = create_run(folder, record(**changes), started_at(minute))
    run.lock.release()
    return run.folder


def write_metrics(folder: Path, steps: int = 20) -> None:
    rows = [MetricsRow(step, (step - 1) // 10 + 1, step / 10, "train", 1 / step) for step in range(1, steps + 1)]
    for epoch in range(1, steps // 10 + 1):
        rows.append(MetricsRow(10 * epoch, epoch, epoch, "epoch", 0.5, 0.8))
        rows.append(MetricsRow(10 * epoch, epoch, epoch, "test", 0.4, 0.9))
    writer = MetricsWriter(folder / METRICS_NAME)
    writer.add(rows)
    writer.flush()


@pytest.fixture
def runs_folder(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def trainer(qtbot: QtBot) -> Iterator[Trainer]:
    trainer = Trainer()
    yield trainer
    trainer.shutdown()


@pytest.fixture
def table(qtbot: QtBot, runs_folder: Path, trainer: Trainer) -> Iterator[RunTable]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 400)
    table = RunTable(lambda: runs_folder, trainer, window)
    table.resize(900, 400)
    window.show()
    yield table
    table.shutdown()


def shows(qtbot: QtBot, table: RunTable, count: int) -> None:
    qtbot.waitUntil(lambda: len(table.runs) == count, timeout=5000)


def select(table: RunTable, *rows: int) -> None:
    view = table.findChild(QTableView, "run_table")
    assert isinstance(view, QTableView)
    view.clearSelection()
    for row in rows:
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        view.selectionModel().select(view.model().index(row, 0), flags)


def cell(table: RunTable, row: int, title: str) -> str:
    view = table.findChild(QTableView, "run_table")
    assert isinstance(view, QTableView)
    return view.model().index(row, TITLES.index(title)).data()


def press(qtbot: QtBot, table: RunTable, text: str) -> None:
    (button,) = [button for button in table.findChildren(QPushButton) if button.text() == text and button.isVisible()]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_model_keeps_qts_rules(qtmodeltester: ModelTester, runs_folder: Path) -> None:
    make_run(runs_folder)
    model = RunTableModel()
    qtmodeltester.check(model)
    model.show(tuple(RunRow(run) for run in list_runs(runs_folder)))
    qtmodeltester.check(model)


def test_a_run_is_a_row_of_figures(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder)
    table.refresh()
    shows(qtbot, table, 1)
    shown = [title for title in TITLES if not table._table.isColumnHidden(TITLES.index(title))]
    assert {title: cell(table, 0, title) for title in shown if title != "Size"} == {
        "Tags": "",
        "Network": "LeNet-5",
        "Data set": "MNIST",
        "Epochs": "8 of 8",
        "Test accuracy": "98.70 %",
        "Images/s": "14,210",
        "Started": "2026-11-21 14:30",
        "Status": "finished",
        "Run": "20261121-143005-lenet5-mnist",
    }


def test_a_network_is_named_with_its_changed_options(runs_folder: Path) -> None:
    options = dataclasses.asdict(LeNet5Options(activation="tanh", batch_norm=True, input="32x32"))
    run = Run(runs_folder / "a", record(options=options), "finished")
    assert network_text(run) == "LeNet-5, 32 × 32, tanh, batch norm"


def test_runs_of_another_version_and_broken_ones_are_listed(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder, 10, architecture="lenet9", options={"depth": 3})
    broken = make_run(runs_folder, 20)
    (broken / "run.json").write_text("{")
    table.refresh()
    shows(qtbot, table, 2)
    assert cell(table, 0, "Status") == "broken"
    assert cell(table, 1, "Network") == "lenet9"


def test_sorts_by_figures_and_not_by_their_texts(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    for minute, epochs in ((10, 9), (20, 10), (30, 100)):
        make_run(runs_folder, minute, summary=RunSummary(epochs=epochs))
    table.refresh()
    shows(qtbot, table, 3)
    table._table.sortByColumn(TITLES.index("Epochs"), Qt.SortOrder.AscendingOrder)
    assert [cell(table, row, "Epochs") for row in range(3)] == ["9 of 8", "10 of 8", "100 of 8"]


def test_the_newest_run_is_on_top(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder, 10)
    make_run(runs_folder, 20)
    table.refresh()
    shows(qtbot, table, 2)
    assert [cell(table, row, "Run")[9:13] for row in range(2)] == ["1420", "1410"]


def test_without_runs_it_offers_to_train(qtbot: QtBot, table: RunTable) -> None:
    assert table._empty.isVisible()
    assert table._empty.sentence == "No runs yet. Train this network."
    with qtbot.waitSignal(table.train_requested):
        press(qtbot, table, "Train")


def test_a_deleted_run_comes_back_by_undo(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    folder = make_run(runs_folder, 10)
    make_run(runs_folder, 20)
    table.refresh()
    shows(qtbot, table, 2)
    select(table, 1)
    press(qtbot, table, "Delete")
    shows(qtbot, table, 1)
    assert not folder.exists()
    assert table._undo_text.text() == "Deleted 1 run."
    press(qtbot, table, "Undo")
    shows(qtbot, table, 2)
    assert folder.exists()
    assert not table._undo_row.isVisible()


def test_the_last_run_can_be_deleted_and_brought_back(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder, 10)
    make_run(runs_folder, 20)
    table.refresh()
    shows(qtbot, table, 2)
    select(table, 0, 1)
    qtbot.keyClick(table._table, Qt.Key.Key_Delete)
    shows(qtbot, table, 0)
    assert table._undo_text.text() == "Deleted 2 runs."
    press(qtbot, table, "Undo")
    shows(qtbot, table, 2)


def test_a_running_run_cannot_be_deleted(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    run = create_run(runs_folder, record(status="running"), started_at(30))
    table.refresh()
    shows(qtbot, table, 1)
    assert cell(table, 0, "Status") == "running"
    select(table, 0)
    assert not table._delete_action.isEnabled()
    assert table._looking_again.isActive()
    table.hide()
    assert not table._looking_again.isActive()
    run.lock.release()


def test_an_interrupted_run_can_be_resumed(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    folder = make_run(runs_folder, status="running")
    table.refresh()
    shows(qtbot, table, 1)
    assert cell(table, 0, "Status") == "interrupted"
    select(table, 0)
    with qtbot.waitSignal(table.resume_requested) as asked:
        press(qtbot, table, "Resume")
    assert asked.args == [folder]


def test_nothing_is_resumed_while_a_training_runs(
    qtbot: QtBot, table: RunTable, runs_folder: Path, trainer: Trainer
) -> None:
    make_run(runs_folder, status="interrupted")
    table.refresh()
    shows(qtbot, table, 1)
    select(table, 0)
    assert table._resume.isEnabled()
    trainer.run(Endless())
    assert not table._resume.isEnabled()


def test_a_finished_run_can_answer_the_pad(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder)
    table.refresh()
    shows(qtbot, table, 1)
    select(table, 0)
    with qtbot.waitSignal(table.run_chosen) as chosen:
        press(qtbot, table, "Use on the pad")
    assert chosen.args[0].name == "20261121-143005-lenet5-mnist"


def test_a_finished_run_can_be_trained_on(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    folder = make_run(runs_folder)
    (folder / RESUME_FOLDER / "epoch-0008.json").write_text("{}")
    table.refresh()
    shows(qtbot, table, 1)
    select(table, 0)
    press(qtbot, table, "Train on…")
    (dialog,) = table.findChildren(TrainOnDialog)
    assert dialog.epochs.minimum() == 9
    # One cycle of 16 epochs, seen after 8 of them: 0.01 · (0.001 + 0.999 · (1 + cos(π · 0.3 / 0.8)) / 2) = 0.0069.
    dialog.epochs.setValue(16)
    assert "goes on from about 0.0069" in dialog.findChild(QLabel, "rate").text()
    with qtbot.waitSignal(table.train_on_requested) as asked:
        qtbot.keyClick(dialog.epochs, Qt.Key.Key_Return)
    assert asked.args == [folder, 16]


def test_a_finished_run_that_keeps_no_state_is_not_trained_on(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder)
    table.refresh()
    shows(qtbot, table, 1)
    select(table, 0)
    assert not table._resume.isEnabled()


def test_a_run_without_an_epoch_cannot_answer_the_pad(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder, summary=RunSummary())
    table.refresh()
    shows(qtbot, table, 1)
    select(table, 0)
    assert not table._use.isEnabled()


def test_selected_runs_give_their_curves(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    for minute in (10, 20):
        write_metrics(make_run(runs_folder, minute))
    table.refresh()
    shows(qtbot, table, 2)
    with qtbot.waitSignal(table.curves_loaded, check_params_cb=lambda curves: len(curves) == 2) as loaded:
        select(table, 0, 1)
    assert [run.name[9:15] for run in loaded.args[0]] == ["142005", "141005"]
    assert loaded.args[0][0]["loss"].values.tolist() == pytest.approx([1 / step for step in range(1, 21)])


def test_curves_from_disk_have_steps_epochs_and_their_extent(runs_folder: Path) -> None:
    folder = make_run(runs_folder)
    write_metrics(folder)
    (run,) = list_runs(runs_folder)
    curves = read_curves(run)
    assert len(curves["step"]) == 20
    assert curves["epoch"].values.tolist() == [1, 2]
    assert curves["test_accuracy"].values.tolist() == [0.9, 0.9]
    assert curves["train_accuracy"].values.tolist() == [0.8, 0.8]
    assert curves.extent("epoch") == 8
    assert curves.step_positions("epoch")[-1] == 2


def test_a_run_without_metrics_has_no_curves(runs_folder: Path) -> None:
    make_run(runs_folder)
    assert read_curves(list_runs(runs_folder)[0]).is_empty


def test_a_run_that_appears_on_disk_appears_in_the_table(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder, 10)
    table.refresh()
    shows(qtbot, table, 1)
    make_run(runs_folder, 20)
    shows(qtbot, table, 2)


def test_figures_change_and_the_selection_stays(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder, 10)
    folder = make_run(runs_folder, 20)
    table.refresh()
    shows(qtbot, table, 2)
    select(table, 0)
    write_record(folder, record(summary=RunSummary(epochs=3)))
    table.refresh()
    qtbot.waitUntil(lambda: cell(table, 0, "Epochs") == "3 of 8", timeout=5000)
    make_run(runs_folder, 30)
    shows(qtbot, table, 3)
    qtbot.waitUntil(lambda: [run.name[9:15] for run in table.selected()] == ["142005"], timeout=5000)


def test_a_run_that_cannot_be_deleted_is_told_and_stays(
    qtbot: QtBot, table: RunTable, runs_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> Path:
        raise OSError("could not write: read-only")

    monkeypatch.setattr("explorer.runs.trash.delete_run", refuse)
    make_run(runs_folder)
    table.refresh()
    shows(qtbot, table, 1)
    select(table, 0)
    with qtbot.waitSignal(table.failed) as failed:
        table.delete_selected()
    assert failed.args == ["could not write: read-only"]
    assert not table._undo_row.isVisible()


def listed(qtbot: QtBot, table: RunTable, count: int) -> None:
    table.refresh()
    shows(qtbot, table, count)


def rows_of(table: RunTable, title: str) -> list[str]:
    return [cell(table, row, title) for row in range(table._table.filter.rowCount())]


def test_words_are_looked_for_in_all_columns_and_in_notes(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    first, second = make_run(runs_folder, 10, dataset="digits"), make_run(runs_folder, 20, status="stopped")
    write_notes(first, RunNotes("Bold try", ("baseline",), "too\nwide"))
    listed(qtbot, table, 2)
    for text, expected in (("built-in wide", [first]), ("BOLD", [first]), ("mnist", [second]), ("", [second, first])):
        table._search.search(text)
        assert rows_of(table, "Run") == [folder.name for folder in expected]
    table._search.search("", "stopped")
    assert rows_of(table, "Run") == [second.name]
    table._search.search("nothing like it")
    assert table._nothing.isVisible()
    press(qtbot, table, "Show all")
    assert len(rows_of(table, "Run")) == 2


def test_a_new_title_is_kept_and_can_be_taken_back(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    folder = make_run(runs_folder)
    listed(qtbot, table, 1)
    select(table, 0)
    table.annotate_selected()
    (dialog,) = table.findChildren(RunNotesDialog)
    dialog._title.setText("<b>mine</b>")
    dialog._tags.setText("a, b")
    dialog.accept()
    qtbot.waitUntil(lambda: cell(table, 0, "Title") == "<b>mine</b>", timeout=5000)
    assert cell(table, 0, "Tags") == "a, b"
    press(qtbot, table, "Undo")
    qtbot.waitUntil(lambda: cell(table, 0, "Title") == "", timeout=5000)
    assert read_notes(folder).is_empty


def test_undo_goes_back_step_by_step(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    folder = make_run(runs_folder)
    listed(qtbot, table, 1)
    table.annotate(table.runs[0], RunNotes("first"))
    qtbot.waitUntil(lambda: cell(table, 0, "Title") == "first", timeout=5000)
    select(table, 0)
    table.delete_selected()
    shows(qtbot, table, 0)
    table.undo()
    shows(qtbot, table, 1)
    qtbot.waitUntil(lambda: table._undo_text.text() == "Changed what is said of first.", timeout=5000)
    table.undo()
    qtbot.waitUntil(lambda: read_notes(folder).is_empty, timeout=5000)


def test_seeds_share_a_row_with_their_mean(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    for minute, accuracy in ((10, 0.98), (20, 0.96)):
        folder = make_run(runs_folder, minute, seed=minute, summary=RunSummary(epochs=2, test_accuracy=accuracy))
        write_metrics(folder)
    make_run(runs_folder, 30, dataset="digits")
    listed(qtbot, table, 3)
    table._search.set_grouped(True)
    assert sorted(rows_of(table, "Title")) == ["", "2 seeds"]
    row = rows_of(table, "Title").index("2 seeds")
    # The mean of 98 and 96, and their standard deviation: the root of 2.
    assert cell(table, row, "Test accuracy") == "97.00 % ± 1.41"
    with qtbot.waitSignal(table.curves_loaded, check_params_cb=lambda curves: len(curves) == 1) as loaded:
        select(table, row)
    assert len(loaded.args[0][0].members) == 2
    assert len(table.runs) == 3


def test_the_difference_of_two_runs_is_a_table(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder, 10)
    make_run(runs_folder, 20, dataset="digits", summary=RunSummary(epochs=3, test_accuracy=0.5))
    listed(qtbot, table, 2)
    assert not table._compare.isEnabled()
    select(table, 0, 1)
    assert table._compare.isEnabled()
    dialog = table.compare_selected()
    found = {
        dialog.table.item(row, 0).text(): [dialog.table.item(row, column).text() for column in (1, 2)]
        for row in range(dialog.table.rowCount())
    }
    assert found["data"] == ["digits", "mnist"]
    assert found["test accuracy"] == ["50.00 %", "98.70 %"]
    assert "network" not in found
    dialog.close()


def test_columns_are_chosen_and_remembered(qtbot: QtBot, table: RunTable, runs_folder: Path, trainer: Trainer) -> None:
    make_run(runs_folder)
    listed(qtbot, table, 1)
    table._table.show_column("Seed", True)
    table._table.show_column("Images/s", False)
    table._table.sortByColumn(TITLES.index("Epochs"), Qt.SortOrder.AscendingOrder)
    state = json.loads(json.dumps(table.state()))
    other = RunTable(lambda: runs_folder, trainer, table.window())
    other.restore(state)
    assert other.state() == state
    assert not other._table.isColumnHidden(TITLES.index("Seed"))
    assert other._table.isColumnHidden(TITLES.index("Images/s"))
    other.shutdown()


def test_the_room_on_the_disk_follows_what_is_written(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    folder = make_run(runs_folder)
    listed(qtbot, table, 1)
    before = table._model.index(0, TITLES.index("Size")).data(SORT_ROLE)
    (folder / "weights" / "epoch-0001.safetensors").write_bytes(bytes(5000))
    table.refresh()
    qtbot.waitUntil(lambda: table._model.index(0, TITLES.index("Size")).data(SORT_ROLE) == before + 5000, timeout=5000)


def test_a_run_is_exported_from_the_menu(
    qtbot: QtBot, table: RunTable, runs_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_metrics(make_run(runs_folder))
    listed(qtbot, table, 1)
    assert not any(action.isEnabled() for action in table.exporting.actions)
    select(table, 0)
    target = tmp_path / "figures.csv"
    monkeypatch.setattr("explorer.ui.file_dialogs.QFileDialog.getSaveFileName", lambda *_: (str(target), ""))
    with qtbot.waitSignal(table.told) as told:
        table.exporting.actions[0].trigger()
    assert str(target) in told.args[0]
    assert target.read_text().startswith("step,epoch,seconds,split,loss")


def test_a_run_of_another_process_grows_on_screen(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    run = create_run(runs_folder, record(status="running"), started_at(30))
    write_metrics(run.folder)
    listed(qtbot, table, 1)
    with qtbot.waitSignal(table.curves_loaded, check_params_cb=lambda curves: len(curves) == 1) as loaded:
        select(table, 0)
    (curves,) = loaded.args[0]
    writer = MetricsWriter(run.folder / METRICS_NAME)
    writer.add([MetricsRow(21, 3, 2.1, "train", 0.25)])
    writer.flush()
    with qtbot.waitSignal(table.grew, timeout=5000) as grew:
        table._watch_runs.look()
    assert grew.args == [curves, curves]
    assert curves["loss"].values[-1] == 0.25
    write_record(run.folder, record(status="finished"))
    table._watch_runs.look()
    qtbot.waitUntil(lambda: table._watch_runs.folders == (), timeout=5000)
    run.lock.release()


def test_the_column_of_titles_is_spared_until_a_run_has_one(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    folder = make_run(runs_folder)
    table.refresh()
    shows(qtbot, table, 1)
    number = TITLES.index("Title")
    assert table._table.isColumnHidden(number)
    assert "Title" in table._table.chosen()["columns"], "it is wanted all the same"
    write_notes(folder, RunNotes("Baseline", (), ""))
    table.refresh()
    qtbot.waitUntil(lambda: not table._table.isColumnHidden(number), timeout=5000)


def test_steps_of_an_epoch_that_was_never_completed_do_not_pass_for_the_whole_of_it(runs_folder: Path) -> None:
    config = {"epochs": 8, "batch_size": 128, "validation_share": 0.1, "extra_digits": 0}
    folder = make_run(runs_folder, config=config, status="interrupted")
    write_metrics(folder, steps=9)
    curves = read_curves(list_runs(runs_folder)[0])
    # 54,000 of MNIST's 60,000 images in batches of 128.
    assert curves.steps_per_epoch == 422
