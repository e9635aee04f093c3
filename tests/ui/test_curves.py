import math
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from explorer.training.events import Changed, Command, Event
from explorer.ui.curve_data import RunCurves
from explorer.ui.curve_seeds import mean_of
from explorer.ui.curves import Curves
from explorer.ui.theme import theme
from explorer.ui.training_thread import Trainer
from tests.ui.training_events import ended, epoch_finished, started, steps


@pytest.fixture
def curves(qtbot: QtBot) -> Iterator[Curves]:
    # Not a window itself: Qt's offscreen platform complains about windows with a least size.
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1000, 500)
    curves = Curves(window)
    curves.resize(520, 300)
    window.show()
    yield curves
    window.close()


@pytest.fixture
def trainer(qtbot: QtBot) -> Iterator[Trainer]:
    trainer = Trainer()
    yield trainer
    trainer.shutdown()


def run_of(losses: list[float], *, name: str = "run", accuracies: tuple[float, ...] = ()) -> RunCurves:
    run = RunCurves(name, steps_per_epoch=10, epochs=8)
    if losses:
        run.add_steps(range(1, len(losses) + 1), losses, 3.0)
    for epoch, accuracy in enumerate(accuracies, start=1):
        run.add_epoch(
            epoch, 10 * epoch, epoch, train_loss=0.5, train_accuracy=accuracy, test_loss=0.4, test_accuracy=accuracy
        )
    return run


def painted(curves: Curves) -> None:
    """Paints everything now; a Qt warning or an exception in painting fails the test."""
    curves.refresh()
    assert not curves.grab().isNull()


def drawn(item: object) -> tuple[list[float], list[float]]:
    x, y = item.getData()
    return ([] if x is None else x.tolist()), ([] if y is None else y.tolist())


def test_without_a_run_it_offers_to_train(qtbot: QtBot, curves: Curves) -> None:
    assert curves._stack.currentIndex() == 0
    assert curves._empty.sentence == "No runs yet. Train this network."
    with qtbot.waitSignal(curves.train_requested):
        qtbot.mouseClick(curves._empty._button, Qt.MouseButton.LeftButton)


def test_has_the_name_that_others_rely_on(curves: Curves) -> None:
    assert curves.objectName() == "curves"


def test_marks_the_best_epoch(curves: Curves) -> None:
    curves.show_run(run_of([1.0] * 40, accuracies=(0.962, 0.979, 0.984, 0.987)))
    plot = curves.prepare()
    assert plot.best.text.toPlainText() == "best: epoch 4, 98.7 %"
    assert plot.best.line.value() == 4
    assert plot.best.line.isVisible()


def test_a_training_appears_as_it_goes(qtbot: QtBot, curves: Curves, trainer: Trainer) -> None:
    curves.follow(trainer)

    def source() -> Generator[Event, Command | None, None]:
        yield started()
        yield steps(1, 10)
        yield epoch_finished(1, test_accuracy=0.9)
        yield ended()

    trainer.run(source)
    qtbot.waitUntil(lambda: trainer.state == "idle")
    plot = curves.prepare()
    raw_x, raw_y = drawn(plot.items_.raw.item)
    assert raw_x == pytest.approx([step / 10 for step in range(1, 11)])
    assert 10 ** np.array(raw_y) == pytest.approx([1 / step for step in range(1, 11)])
    assert curves.run_name == "20261121-143005-lenet5-mnist"
    assert curves.best is not None
    assert curves.best.epoch == 1
    painted(curves)


def test_paints_no_more_often_than_the_trainer_looks(
    qtbot: QtBot, curves: Curves, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    curves.follow(trainer)
    plot = curves.prepare()
    drawings = []
    draw = plot.draw
    monkeypatch.setattr(plot, "draw", lambda picture: (drawings.append(1), draw(picture)))
    looks = []
    trainer.updated.connect(lambda: looks.append(1))

    def source() -> Generator[Event, Command | None, None]:
        yield started()
        for step in range(1, 201):
            yield steps(step, step)
        yield ended()

    trainer.run(source)
    qtbot.waitUntil(lambda: trainer.state == "idle")
    # One more for the plot's first size.
    assert len(drawings) <= len(looks) + 2


@pytest.mark.parametrize(
    "losses",
    [
        [0.7],
        [0.0],
        [0.3] * 50,
        [0.0] * 50,
        [1.0, math.nan, 0.5, math.inf, 0.2, 0.1],
        [math.nan] * 5,
        [1e-30, 1e30],
    ],
    ids=["one", "one zero", "constant", "zeros", "gaps", "all gaps", "extremes"],
)
def test_odd_series_are_painted(curves: Curves, losses: list[float]) -> None:
    curves.show_run(run_of(losses))
    for axis in ("epoch", "step", "seconds"):
        for log in (True, False):
            curves.restore({"axis": axis, "log": log})
            painted(curves)


def test_odd_accuracies_are_painted(curves: Curves) -> None:
    curves.show_quantity("accuracy")
    for accuracies in ((0.1,), (0.0, 0.0), (1.0, 1.0), (math.nan, 0.5)):
        curves.show_run(run_of([1.0], name=str(accuracies), accuracies=accuracies))
        painted(curves)


def test_a_single_value_is_a_point(curves: Curves) -> None:
    curves.show_run(run_of([0.7]))
    assert curves.prepare().items_.dots.count == 1


def test_a_zero_loss_does_not_stretch_the_view_beyond_the_floor(curves: Curves) -> None:
    curves.show_run(run_of([1.0] * 200 + [0.0] + [0.5] * 200))
    low, high = curves.prepare().getViewBox().viewRange()[1]
    assert -9.1 <= low < high < 1


def test_smoothing_can_be_turned_off(curves: Curves) -> None:
    losses = [2.0, 1.0, 3.0, 0.5]
    curves.show_run(run_of(losses))
    curves._controls.show_reach(1)
    assert 10 ** np.array(drawn(curves.prepare().items_.smooth.item)[1]) == pytest.approx(losses)


def test_overlays_lie_behind_the_run_in_front(curves: Curves) -> None:
    curves.show_run(run_of([1.0] * 20, name="front"))
    curves.set_overlays([run_of([0.5] * 30, name="other"), run_of([1.0] * 20, name="front")])
    plot = curves.prepare()
    assert len(drawn(plot.items_.overlays[0][0].item)[0]) == 30
    assert drawn(plot.items_.overlays[1][0].item)[0] == []
    assert [entry.text for entry in plot.legend._entries] == ["training, smoothed", "test", "other"]
    curves.set_overlays([])
    assert drawn(plot.items_.overlays[0][0].item)[0] == []


def test_the_first_chosen_run_comes_to_the_front_where_there_is_none(curves: Curves) -> None:
    curves.set_overlays([run_of([1.0] * 20, name="a"), run_of([1.0] * 20, name="b")])
    assert curves.run_name == "a"


def test_choosing_another_run_changes_the_front_that_was_chosen(curves: Curves) -> None:
    curves.set_overlays([run_of([1.0] * 20, name="a")])
    curves.set_overlays([run_of([1.0] * 20, name="b")])
    assert curves.run_name == "b"


def test_a_live_run_stays_in_front(curves: Curves) -> None:
    curves.begin(started())
    curves.add_steps(steps(1, 5))
    curves.set_overlays([run_of([1.0] * 20, name="other")])
    assert curves.run_name == "20261121-143005-lenet5-mnist"


def test_the_past_of_a_resumed_run_comes_before_what_is_live(curves: Curves) -> None:
    curves.begin(started(first_epoch=2))
    curves.add_steps(steps(11, 15, epoch=2, seconds=4.0))
    past = run_of([1.0] * 13, name="20261121-143005-lenet5-mnist", accuracies=(0.5,))
    curves.set_history(past)
    x, _ = drawn(curves.prepare().items_.raw.item)
    assert x == pytest.approx([step / 10 for step in range(1, 16)])


def test_the_readout_gives_the_values_at_the_crosshair(curves: Curves) -> None:
    curves.resize(900, 300)
    curves.show_run(run_of([1.0 / step for step in range(1, 41)], accuracies=(0.9, 0.95, 0.97, 0.98)))
    plot = curves.prepare()
    painted(curves)
    curves._controls.show_reach(1)
    plot._on_mouse_moved(plot.getViewBox().mapViewToScene(QPointF(2.0, 0.0)))
    assert curves._readout_text() == "step 20 · training 0.0500 · epoch 2: test 0.4000, 95.00 %"
    plot._on_mouse_moved(QPointF(-100, -100))
    assert curves._readout_text() == "step 40 · training 0.0250 · epoch 4: test 0.4000, 98.00 %"


def test_a_key_shows_everything_again_after_a_zoom(qtbot: QtBot, curves: Curves) -> None:
    curves.show_run(run_of([1.0] * 40))
    plot = curves.prepare()
    whole = plot.getViewBox().viewRange()
    plot.getViewBox().scaleBy((0.2, 0.2))
    plot.getViewBox().sigRangeChangedManually.emit([True, True])
    painted(curves)
    assert plot.getViewBox().viewRange()[0] != whole[0]
    qtbot.keyClick(plot, Qt.Key.Key_A)
    assert plot.getViewBox().viewRange() == whole


def test_the_view_is_remembered(qtbot: QtBot, curves: Curves) -> None:
    curves.restore({"quantity": "accuracy", "axis": "seconds", "log": False, "log_rate": True, "smoothing": 200})
    other = Curves()
    qtbot.addWidget(other)
    other.restore(curves.state())
    assert other.state() == {
        "quantity": "accuracy",
        "axis": "seconds",
        "log": False,
        "log_rate": True,
        "smoothing": 200,
    }


def test_a_remembered_view_that_does_not_fit_is_passed_over(curves: Curves) -> None:
    before = curves.state()
    curves.restore({"quantity": "mood", "axis": 7, "log": "yes", "smoothing": 51})
    assert curves.state() == before


def test_a_change_of_theme_is_painted(curves: Curves, qapp: QApplication) -> None:
    curves.show_run(run_of([1.0] * 20, accuracies=(0.5, 0.6)))
    before, sheet = (theme().name, theme().scale), qapp.styleSheet()
    try:
        for name in ("dark", "light"):
            theme().use(name, 1.5)
            painted(curves)
            assert curves.prepare().backgroundBrush().color() == theme().colour("panel")
    finally:
        theme().use(*before)
        qapp.setStyleSheet(sheet)


def test_names_of_runs_are_no_markup(curves: Curves) -> None:
    curves.show_run(run_of([1.0] * 20, name="front"))
    curves.set_overlays([run_of([1.0] * 20, name="<img src=x>" * 1000)])
    painted(curves)


def kept_run(name: str = "run", epochs: int = 4) -> RunCurves:
    run = run_of([1.0] * 10 * epochs, name=name, accuracies=tuple(0.9 + epoch / 100 for epoch in range(epochs)))
    run.folder, run.saved = Path("runs") / name, tuple(range(1, epochs + 1))
    return run


def click(curves: Curves, place: float) -> None:
    plot = curves.prepare()
    plot.clicked.emit(place)


def test_a_click_chooses_the_epoch_whose_weights_are_shown_everywhere(qtbot: QtBot, curves: Curves) -> None:
    curves.show_run(kept_run())
    with qtbot.waitSignal(curves.epoch_chosen) as chosen:
        click(curves, 2.2)
    assert chosen.args == [Path("runs/run"), 2]
    plot = curves.prepare()
    assert plot.chosen.line.isVisible()
    assert plot.chosen.line.value() == 2
    painted(curves)
    with qtbot.waitSignal(curves.epoch_chosen) as chosen:
        qtbot.mouseClick(curves._latest, Qt.MouseButton.LeftButton)
    assert chosen.args == [Path("runs/run"), None]
    assert not plot.chosen.line.isVisible()
    assert not curves._latest.isVisible()


def test_a_real_click_in_the_plot_chooses(qtbot: QtBot, curves: Curves) -> None:
    curves.show_run(kept_run())
    plot = curves.prepare()
    painted(curves)
    place = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(3.1, -0.2)))
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert curves.chosen_epoch == 3


def test_keys_step_from_epoch_to_epoch(qtbot: QtBot, curves: Curves) -> None:
    curves.show_run(kept_run())
    plot = curves.prepare()
    seen = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(plot, key)
        seen.append(curves.chosen_epoch)
    assert seen == [3, 2, 3, 4, None]
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    qtbot.keyClick(plot, Qt.Key.Key_End)
    assert curves.chosen_epoch is None


def test_only_epochs_whose_weights_are_kept_are_chosen(curves: Curves) -> None:
    run = kept_run(epochs=8)
    run.saved = (1, 2, 4, 8)
    curves.show_run(run)
    click(curves, 5.1)
    assert curves.chosen_epoch == 4
    click(curves, 9.5)
    assert curves.chosen_epoch is None


def test_no_epoch_of_a_run_that_is_gone_can_be_chosen(qtbot: QtBot, curves: Curves) -> None:
    curves.show_run(kept_run())
    click(curves, 1)
    with qtbot.assertNotEmitted(curves.epoch_chosen):
        curves.lose_epochs()
        click(curves, 2.2)
    assert curves.chosen_epoch is None
    assert not curves._latest.isVisible()
    assert curves.run_name == "run"
    painted(curves)


def test_another_run_lets_the_chosen_epoch_go(qtbot: QtBot, curves: Curves) -> None:
    curves.show_run(kept_run("a"))
    click(curves, 1)
    with qtbot.waitSignal(curves.epoch_chosen) as told:
        curves.show_run(kept_run("b"))
    assert told.args == [Path("runs/a"), None]


def test_seeds_are_shown_as_mean_and_band(curves: Curves) -> None:
    runs = [run_of([loss] * 40, name=f"s{loss}", accuracies=(accuracy,) * 4) for loss, accuracy in ((1, 0.9), (3, 0.8))]
    curves.set_overlays([mean_of(runs)])
    curves.show_quantity("accuracy")
    plot = curves.prepare()
    assert drawn(plot.items_.test.item)[1] == pytest.approx([85] * 4)
    x, y = drawn(plot.items_._bands[1].item)
    assert (min(y), max(y), len(x)) == (pytest.approx(80), pytest.approx(90), 8)
    assert "mean and range of 2 seeds" in [entry.text for entry in plot.legend._entries]
    painted(curves)


def test_a_long_legend_is_folded_until_it_is_asked_for(qtbot: QtBot, curves: Curves) -> None:
    curves.show_run(run_of([1.0] * 20, name="front"))
    names = [f"other-{number}" for number in range(4)]
    curves.set_overlays([run_of([0.5] * 30, name=name) for name in names])
    plot = curves.prepare()
    texts = [line.text for line in plot.legend.lines]
    assert texts == ["training, smoothed", "test", "other-0", "other-1", "and 2 more"]
    low = plot.legend.height()
    qtbot.mouseClick(plot.legend, Qt.MouseButton.LeftButton)
    assert [line.text for line in plot.legend.lines] == ["training, smoothed", "test", *names, "show fewer"]
    assert plot.legend.height() > low
    qtbot.keyClick(plot, Qt.Key.Key_L)
    assert plot.legend.height() == low
    painted(curves)
    curves.set_overlays([])
    assert len(plot.legend.lines) == 2


def test_changes_and_pauses_are_marked(qtbot: QtBot, curves: Curves) -> None:
    curves.begin(started())
    curves.add_steps(steps(1, 10))
    curves.add_change(Changed(1, 6, 0.06, "learning rate 0.01 → 0.003"))
    curves._on_state("paused")
    curves.refresh()
    flags = curves.prepare()._flags._shown
    assert [(flag.place, flag.text) for flag in flags] == [(0.5, "learning rate 0.01 → 0.003"), (1.0, "paused")]
    painted(curves)


def test_rate_speed_and_further_figures_are_offered_where_there_are_any(curves: Curves) -> None:
    curves.show_run(run_of([1.0] * 20, accuracies=(0.5, 0.6)))
    assert not curves._controls._buttons["rate"].isVisible()
    run = RunCurves("x", 10, 2)
    run.add_steps(range(1, 11), [1.0] * 10, 1.0, [0.1] * 10, 500.0)
    run.add_epoch(1, 10, 1.0, test_loss=1, test_accuracy=0.5, test_top5=0.9, test_mean_iou=None)
    curves.show_run(run)
    offered = {name for name, button in curves._controls._buttons.items() if button.isVisible()}
    assert offered == {"loss", "accuracy", "top5", "rate", "speed"}
    curves.show_quantity("rate")
    assert set(drawn(curves.prepare().items_.smooth.item)[1]) == {0.1}
    assert curves._readout_text() == "step 10 · learning rate 0.1 · epoch 1"
    painted(curves)


def test_the_best_epoch_goes_by_what_was_held_out(curves: Curves) -> None:
    run = RunCurves("x", 10, 3)
    for epoch, (validation, test) in enumerate(((0.7, 0.9), (0.8, 0.6), (0.75, 0.95)), start=1):
        run.add_epoch(epoch, 10 * epoch, epoch, test_loss=1, test_accuracy=test, validation_accuracy=validation)
    assert run.best().text == "best: epoch 2, 80.0 % (validation)"


def test_a_run_that_grows_on_disk_grows_on_screen(curves: Curves) -> None:
    before = run_of([1.0] * 10)
    curves.set_overlays([before])
    before.add_steps(range(11, 21), [1.0] * 10, 5.0)
    curves.grow(before, before)
    assert drawn(curves.prepare().items_.raw.item)[0][-1] == 2.0
    after = before.before(11)
    curves.grow(before, after)
    assert drawn(curves.prepare().items_.raw.item)[0][-1] == 1.0
