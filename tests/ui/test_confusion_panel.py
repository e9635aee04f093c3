from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from explorer.runs.answers import write_answers, write_pixels
from explorer.ui.comparison_answers import read_both
from explorer.ui.confusion_figures import ConfusionFigures
from explorer.ui.confusion_matrix import ConfusionMatrix
from explorer.ui.confusion_panel import ConfusionPanel
from explorer.ui.confusion_reader import NoAnswers, answered_epochs, read_confusion
from explorer.ui.run_on_screen import RunOnScreen
from tests.ui.confusion_runs import ANSWERS, CONFIDENCE, LABELS, Shelf, dataset, make_run
from tests.ui.training_events import epoch_finished, started

Opener = Callable[[], ConfusionPanel]


def figures(tmp_path: Path, epoch: int = 0) -> ConfusionFigures:
    read = read_confusion(make_run(tmp_path), epoch, Shelf())
    assert isinstance(read, ConfusionFigures)
    return read


@pytest.fixture
def on_screen(qapp: object) -> RunOnScreen:
    return RunOnScreen()


@pytest.fixture
def panel(qtbot: QtBot, on_screen: RunOnScreen, tmp_path: Path):
    panel = ConfusionPanel(on_screen, Shelf())
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    panel.show()
    yield panel
    panel.shutdown()


def test_rows_are_true_classes_and_columns_what_was_answered(tmp_path: Path) -> None:
    assert figures(tmp_path).counts.tolist() == [[3, 1, 0], [0, 1, 1], [0, 2, 0]]


def test_a_cell_is_said_in_words(tmp_path: Path) -> None:
    assert figures(tmp_path).words((2, 1)) == "true owl, answered dog: 2 of 2 (100.0 %)"


def test_wrong_answers_come_the_surest_first(tmp_path: Path) -> None:
    assert figures(tmp_path).behind((2, 1)).tolist() == [7, 6]


def test_right_answers_come_the_least_sure_first(tmp_path: Path) -> None:
    assert figures(tmp_path).behind((0, 0)).tolist() == [2, 3, 0]


def test_all_wrong_answers_come_the_surest_first(tmp_path: Path) -> None:
    assert figures(tmp_path).worst().tolist() == [7, 1, 6, 5]


def test_the_most_frequent_wrong_answer_is_named(tmp_path: Path) -> None:
    assert figures(tmp_path).most_confused() == (2, 1)


def test_a_class_without_images_has_no_accuracy(tmp_path: Path) -> None:
    counts = np.array([[2, 0], [0, 0]])
    empty = np.empty(0)
    few = ConfusionFigures("", 1, (1,), ("a", "b"), empty, empty, empty, empty, counts)
    assert few.class_accuracies()[0] == 1
    assert np.isnan(few.class_accuracies()[1])


def test_an_epoch_can_be_chosen(tmp_path: Path) -> None:
    assert figures(tmp_path, epoch=1).counts[:, 0].tolist() == [4, 2, 2]


def test_without_an_epoch_the_newest_is_read(tmp_path: Path) -> None:
    folder = make_run(tmp_path, epochs=3)
    read = read_confusion(folder, 0, Shelf())
    assert isinstance(read, ConfusionFigures)
    assert (read.epoch, read.epochs) == (3, (1, 2, 3))


def test_a_run_without_answers_says_so(tmp_path: Path) -> None:
    read = read_confusion(make_run(tmp_path, epochs=0), 0, Shelf())
    assert isinstance(read, NoAnswers)
    assert "keeps no answers" in read.sentence


def of_masks(tmp_path: Path) -> Path:
    folder = make_run(tmp_path, epochs=0)
    write_pixels(folder, 1, np.array([[90, 10, 0], [20, 80, 0], [0, 0, 0]]))
    return folder


def test_of_a_run_that_draws_masks_pixels_are_counted(tmp_path: Path) -> None:
    read = read_confusion(of_masks(tmp_path), 0, Shelf())
    assert isinstance(read, ConfusionFigures)
    assert read.of_pixels
    assert read.words((1, 0)) == "true dog, answered cat: 20 of 100 pixels (20.0 %)"
    # Cats 90 of 90 + 10 + 20, dogs 80 of 80 + 20 + 10; there is no owl, and nothing was taken for one.
    assert read.class_ious()[:2] == pytest.approx([90 / 120, 80 / 110])
    assert np.isnan(read.class_ious()[2])


def test_pixels_have_no_images_behind_them(
    qtbot: QtBot, panel: ConfusionPanel, on_screen: RunOnScreen, tmp_path: Path
) -> None:
    on_screen.show(of_masks(tmp_path))
    qtbot.waitUntil(lambda: panel.figures is not None)
    panel.matrix.cell_chosen.emit((1, 0))
    assert not panel.grid.isVisible()
    assert not panel._wrong.isVisible()
    assert "85.00 % of pixels right · mean IoU 0.739" in panel._title.text()
    panel.grab()


def test_runs_that_draw_masks_are_not_compared_image_by_image(tmp_path: Path) -> None:
    folder = of_masks(tmp_path)
    read = read_both((folder, folder), Shelf())
    assert isinstance(read, NoAnswers)
    assert "draws masks" in read.sentence


def test_a_data_set_that_changed_since_is_told(tmp_path: Path) -> None:
    read = read_confusion(make_run(tmp_path), 0, Shelf(dataset(LABELS[:5])))
    assert isinstance(read, NoAnswers)
    assert "has changed" in read.sentence


def test_other_files_are_no_epochs(tmp_path: Path) -> None:
    folder = make_run(tmp_path)
    (folder / "answers" / "epoch-0009.npz.tmp").write_bytes(b"")
    assert answered_epochs(folder) == (1, 2)


def test_arrow_keys_walk_and_enter_chooses(qtbot: QtBot, tmp_path: Path) -> None:
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    matrix.show_figures(figures(tmp_path))
    chosen: list[object] = []
    matrix.cell_chosen.connect(chosen.append)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(matrix, key)
    assert chosen == [(0, 1)]
    assert matrix.accessibleDescription().startswith("true cat, answered dog: 1 of 4")


def test_a_click_finds_the_cell_below_it(qtbot: QtBot, tmp_path: Path) -> None:
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    matrix.resize(500, 300)
    matrix.show_figures(figures(tmp_path))
    chosen: list[object] = []
    matrix.cell_chosen.connect(chosen.append)
    for cell in ((0, 0), (2, 1), (1, 2)):
        qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=matrix.cell_rect(cell).center().toPoint())
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert chosen == [(0, 0), (2, 1), (1, 2)]


def test_a_hundred_classes_fit(qtbot: QtBot) -> None:
    count = 100
    empty = np.empty(0)
    counts = np.eye(count, dtype=np.int64) * 90 + 1
    matrix = ConfusionMatrix()
    qtbot.addWidget(matrix)
    matrix.resize(500, 360)
    many = ConfusionFigures("", 1, (1,), tuple(map(str, range(count))), empty, empty, empty, empty, counts)
    matrix.show_figures(many)
    matrix.grab()
    assert matrix.cell_at(matrix.cell_rect((99, 99)).center()) == (99, 99)
    assert matrix.rect().contains(matrix.table_rect().toAlignedRect())


def test_the_run_on_screen_is_read(qtbot: QtBot, panel: ConfusionPanel, on_screen: RunOnScreen, tmp_path: Path) -> None:
    on_screen.show(make_run(tmp_path))
    qtbot.waitUntil(lambda: panel.figures is not None)
    assert panel.figures.epoch == 2
    on_screen.show_epoch(1)
    qtbot.waitUntil(lambda: panel.figures.epoch == 1)
    assert panel.figures.counts[:, 0].tolist() == [4, 2, 2]


def test_a_cell_opens_the_images_behind_it(
    qtbot: QtBot, panel: ConfusionPanel, on_screen: RunOnScreen, tmp_path: Path
) -> None:
    on_screen.show(make_run(tmp_path))
    qtbot.waitUntil(lambda: panel.figures is not None)
    panel.matrix.cell_chosen.emit((2, 1))
    assert panel.grid.isVisible()
    assert panel.grid.order.tolist() == [7, 6]
    qtbot.keyClick(panel.grid, Qt.Key.Key_Escape)
    assert not panel.grid.isVisible()


def test_enter_on_an_image_puts_it_on_the_pad(
    qtbot: QtBot, panel: ConfusionPanel, on_screen: RunOnScreen, tmp_path: Path
) -> None:
    on_screen.show(make_run(tmp_path))
    qtbot.waitUntil(lambda: panel.figures is not None)
    panel.open_cell((2, 1))
    sent: list[np.ndarray] = []
    panel.picture_wanted.connect(sent.append)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Home)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Return)
    assert len(sent) == 1
    assert np.array_equal(sent[0], dataset().test.images[7, 0])


def test_it_follows_a_training_after_each_epoch(
    qtbot: QtBot, panel: ConfusionPanel, on_screen: RunOnScreen, tmp_path: Path
) -> None:
    folder = make_run(tmp_path, epochs=1)
    on_screen._on_started(started(folder=folder))
    qtbot.waitUntil(lambda: panel.figures is not None)
    write_answers(folder, 2, LABELS, CONFIDENCE)
    on_screen._on_epoch(epoch_finished(2))
    qtbot.waitUntil(lambda: panel.figures.epoch == 2)
    assert panel.figures.accuracy == 1


def test_an_epoch_that_was_chosen_stays_while_training_goes_on(
    qtbot: QtBot, panel: ConfusionPanel, on_screen: RunOnScreen, tmp_path: Path
) -> None:
    folder = make_run(tmp_path)
    on_screen._on_started(started(folder=folder))
    on_screen.show_epoch(1)
    qtbot.waitUntil(lambda: panel.figures is not None)
    write_answers(folder, 3, ANSWERS, CONFIDENCE)
    on_screen._on_epoch(epoch_finished(3))
    assert not panel.is_reading
    assert panel.figures.epoch == 1


def test_nothing_is_read_while_nobody_looks(
    qtbot: QtBot, panel: ConfusionPanel, on_screen: RunOnScreen, tmp_path: Path
) -> None:
    panel.hide()
    on_screen.show(make_run(tmp_path))
    assert not panel.is_reading
    assert panel.figures is None
    panel.show()
    qtbot.waitUntil(lambda: panel.figures is not None)


def test_a_run_that_goes_takes_its_matrix_along(
    qtbot: QtBot, panel: ConfusionPanel, on_screen: RunOnScreen, tmp_path: Path
) -> None:
    on_screen.show(make_run(tmp_path))
    qtbot.waitUntil(lambda: panel.figures is not None)
    on_screen.show(None)
    assert panel.figures is None
    assert panel.sentence.startswith("No run yet")
