import dataclasses
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QPushButton, QTableView, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs.metrics import MetricsRow, MetricsWriter
from explorer.runs.run_folder import METRICS_NAME, Run, RunRecord, RunSummary, create_run, list_runs, write_record
from explorer.ui.run_curves import read_curves
from explorer.ui.run_table import RunTable
from explorer.ui.run_table_model import COLUMNS, RunTableModel, network_text
from explorer.ui.training_thread import Trainer
from tests.ui.training_events import Endless

TITLES = [column.title for column in COLUMNS]


def record(**changes: object) -> RunRecord:
    options = dataclasses.asdict(LeNet5Options())
    plain = RunRecord(
        architecture="lenet5",
        options=options,
        config={"architecture": "lenet5", "epochs": 8, "dataset": "mnist"},
        dataset="mnist",
        data_checksum="",
        data_source="",
        labels=tuple("0123456789"),
        preprocessing={},
        seed=0,
        versions={},
        device="cpu",
        device_title="CPU, 2 cores",
        threads=2,
        memory_layout="contiguous",
        dtype="float32",
        parameters=61_706,
        created="2026-11-21T14:30:05",
        status="finished",
        summary=RunSummary(epochs=8, step=80, test_accuracy=0.987, test_loss=0.04, images_per_second=14_210.4),
    )
    return dataclasses.replace(plain, **changes)


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
    model.show(list_runs(runs_folder))
    qtmodeltester.check(model)


def test_a_run_is_a_row_of_figures(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder)
    table.refresh()
    shows(qtbot, table, 1)
    assert {title: cell(table, 0, title) for title in TITLES} == {
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


def test_a_finished_run_is_not_resumed_but_can_answer_the_pad(qtbot: QtBot, table: RunTable, runs_folder: Path) -> None:
    make_run(runs_folder)
    table.refresh()
    shows(qtbot, table, 1)
    select(table, 0)
    assert not table._resume.isEnabled()
    with qtbot.waitSignal(table.run_chosen) as chosen:
        press(qtbot, table, "Use on the pad")
    assert chosen.args[0].name == "20261121-143005-lenet5-mnist"


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
    assert loaded.args[0][0].loss.values.tolist() == pytest.approx([1 / step for step in range(1, 21)])


def test_curves_from_disk_have_steps_epochs_and_their_extent(runs_folder: Path) -> None:
    folder = make_run(runs_folder)
    write_metrics(folder)
    (run,) = list_runs(runs_folder)
    curves = read_curves(run)
    assert len(curves.step) == 20
    assert curves.epoch.values.tolist() == [1, 2]
    assert curves.test_accuracy.values.tolist() == [0.9, 0.9]
    assert curves.train_accuracy.values.tolist() == [0.8, 0.8]
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

    monkeypatch.setattr("explorer.ui.run_table.delete_run", refuse)
    make_run(runs_folder)
    table.refresh()
    shows(qtbot, table, 1)
    select(table, 0)
    with qtbot.waitSignal(table.failed) as failed:
        table.delete_selected()
    assert failed.args == ["could not write: read-only"]
    assert not table._undo_row.isVisible()
