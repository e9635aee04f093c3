import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from explorer.training.config import TrainingConfig
from explorer.ui.training_queue import TrainingQueue
from explorer.ui.training_queue_view import TrainingQueueView

ONE = TrainingConfig(dataset="digits")


@pytest.fixture
def queue(qtbot: QtBot) -> TrainingQueue:
    queue = TrainingQueue()
    for epochs in (1, 2, 3):
        queue.add((replace(ONE, epochs=epochs),))
    return queue


def epochs(queue: TrainingQueue) -> list[int]:
    return [run.config.epochs for run in queue.runs]


def test_gives_runs_in_their_order(queue: TrainingQueue) -> None:
    assert [queue.take().config.epochs for _ in range(3)] == [1, 2, 3]
    assert queue.take() is None


def test_a_held_queue_gives_none(queue: TrainingQueue) -> None:
    queue.hold(is_held=True)
    assert queue.take() is None
    queue.hold(is_held=False)
    assert queue.take().config.epochs == 1


def test_runs_move_up_and_down_and_not_beyond_the_ends(queue: TrainingQueue) -> None:
    queue.move(queue.runs[2].number, -1)
    assert epochs(queue) == [1, 3, 2]
    queue.move(queue.runs[0].number, 9)
    assert epochs(queue) == [3, 2, 1]


def test_a_removed_run_comes_back_to_its_place(queue: TrainingQueue) -> None:
    queue.remove(queue.runs[1].number)
    queue.remove(queue.runs[0].number)
    assert epochs(queue) == [3]
    queue.undo()
    queue.undo()
    assert epochs(queue) == [1, 2, 3]
    assert not queue.can_undo


def test_seeds_share_a_group_and_single_runs_have_none(queue: TrainingQueue) -> None:
    queue.add((replace(ONE, seed=4), replace(ONE, seed=5)))
    groups = [run.group for run in queue.runs]
    assert groups[:3] == ["", "", ""]
    assert groups[3] == groups[4]
    assert groups[3].startswith("seeds:")


def test_survives_as_json_with_the_run_under_way_first(queue: TrainingQueue) -> None:
    queue.add((replace(ONE, seed=4), replace(ONE, seed=5)))
    queue.hold(is_held=True)
    stored = json.loads(json.dumps(queue.state(Path("runs/a"))))
    other = TrainingQueue()
    other.restore(stored)
    assert other.runs[0].folder == Path("runs/a")
    assert [run.config for run in other.runs[1:]] == [run.config for run in queue.runs]
    assert [run.group for run in other.runs[1:]] == [run.group for run in queue.runs]
    assert other.is_held


@pytest.mark.parametrize(
    "stored",
    [{}, {"runs": 3}, {"runs": [1, {}, {"config": {"architecture": "none"}}, {"config": {"epochs": 0}}]}],
)
def test_what_does_not_fit_is_left_out(qtbot: QtBot, stored: dict) -> None:
    queue = TrainingQueue()
    queue.restore(stored)
    assert queue.runs == ()


@pytest.fixture
def view(qtbot: QtBot, queue: TrainingQueue) -> TrainingQueueView:
    view = TrainingQueueView(queue, {"digits": "Built-in digits"}.__getitem__)
    qtbot.addWidget(view)
    view.resize(420, 200)
    view.show()
    return view


def texts(view: TrainingQueueView) -> list[str]:
    return [view._list.item(row).text() for row in range(view._list.count())]


def test_the_list_says_what_each_run_is(view: TrainingQueueView) -> None:
    assert texts(view)[1] == "2  LeNet-5 · 2 epochs on Built-in digits · batch 128 · AdamW at 0.01"


def test_the_keyboard_moves_and_removes(qtbot: QtBot, view: TrainingQueueView, queue: TrainingQueue) -> None:
    view._list.setCurrentRow(0)
    qtbot.keyClick(view._list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert epochs(queue) == [2, 1, 3]
    qtbot.keyClick(view._list, Qt.Key.Key_Delete)
    assert epochs(queue) == [2, 3]
    qtbot.mouseClick(view.findChild(QPushButton, "queue_undo"), Qt.MouseButton.LeftButton)
    assert epochs(queue) == [2, 1, 3]


def test_a_dragged_run_takes_its_new_place(qtbot: QtBot, view: TrainingQueueView, queue: TrainingQueue) -> None:
    model = view._list.model()
    parent = view._list.rootIndex()
    assert model.moveRow(parent, 2, parent, 0)
    qtbot.waitUntil(lambda: epochs(queue) == [3, 1, 2], timeout=1000)
    assert [text[:1] for text in texts(view)] == ["1", "2", "3"]


def test_an_empty_queue_takes_no_room(view: TrainingQueueView, queue: TrainingQueue) -> None:
    assert view.isVisible()
    while queue.take() is not None:
        pass
    assert not view.isVisible()


def test_what_failed_is_listed_with_its_reason_until_it_is_tried_again(queue: TrainingQueue, qtbot: QtBot) -> None:
    view = TrainingQueueView(queue, str)
    qtbot.addWidget(view)
    first, second = queue.take(), queue.take()
    queue.fail(first, "there is not enough memory")
    queue.fail(second, "diverged: try a lower rate")
    texts = [view._failed_list.item(row).text() for row in range(view._failed_list.count())]
    assert [text.rpartition(": ")[2] for text in texts] == ["there is not enough memory", "try a lower rate"]
    assert view._failed_title.text() == "2 runs failed"
    view._failed_list.setCurrentRow(1)
    qtbot.mouseClick(view.findChild(QPushButton, "queue_again"), Qt.MouseButton.LeftButton)
    assert [run.config.epochs for run in queue.runs] == [3, 2]
    assert [each.run for each in queue.failed] == [first]
    qtbot.mouseClick(view.findChild(QPushButton, "queue_forget"), Qt.MouseButton.LeftButton)
    assert queue.failed == ()


def test_what_failed_is_still_known_after_a_restart(queue: TrainingQueue) -> None:
    queue.fail(queue.take(), "the disk is full")
    other = TrainingQueue()
    other.restore(json.loads(json.dumps(queue.state())))
    assert [(each.run.config.epochs, each.why) for each in other.failed] == [(1, "the disk is full")]
    assert epochs(other) == [2, 3]
