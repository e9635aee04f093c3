import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LENET5, LeNet5Options
from explorer.runs.layer_metrics import LAYERS_NAME, LayerMetricsWriter, LayerRow
from explorer.structure.fold import all_blocks, fold
from explorer.training.events import LayerFigures, LayersWatched
from explorer.ui.graph_heat import Quantity, heat_of
from explorer.ui.graph_tips import tip_lines
from explorer.ui.graph_view import GraphView
from explorer.ui.layer_amounts import box_amounts
from explorer.ui.layer_heat import LayerHeat
from explorer.ui.layer_history import LayerHistory
from explorer.ui.layer_history_section import LayerHistorySection, _median_of
from explorer.ui.reading_area import ReadingArea
from explorer.ui.run_on_screen import RunOnScreen
from explorer.ui.session import Session
from tests.ui.confusion_runs import make_run
from tests.ui.lenet_graph import LENET as GRAPH
from tests.ui.training_events import started


def figures(path: str, gradient: float | None = None, **others: float) -> LayerFigures:
    values = {"update_ratio": None, "activation_mean": 0.0, "activation_spread": 1.0, "dead_share": None, **others}
    return LayerFigures(path=path, gradient_norm=gradient, **values)


def watched(step: int, *layers: LayerFigures, epoch: int = 1) -> LayersWatched:
    return LayersWatched(epoch, step, step / 10, layers)


LAYERS = {
    "features.c1": figures("features.c1", 3e-4, update_ratio=0.001),
    "features.c3": figures("features.c3", 4e-4, update_ratio=0.003),
    "classifier.c5": figures("classifier.c5", 0.02, update_ratio=0.01),
    "nowhere": figures("nowhere", 9.0),
}


@pytest.fixture
def session(qapp: object) -> Session:
    session = Session()
    session.architecture, session.options, session.graph = LENET5, LeNet5Options(), GRAPH
    return session


@pytest.fixture
def live(qapp: object, tmp_path: Path):
    """A history of a run that trains, and the run's folder."""
    on_screen = RunOnScreen()
    history = LayerHistory(on_screen)
    folder = make_run(tmp_path)
    on_screen._on_started(started(folder=folder))
    history._worker.shutdown()
    yield history, folder
    history.shutdown()


def written(folder: Path, *rows: LayerRow) -> None:
    writer = LayerMetricsWriter(folder / LAYERS_NAME)
    writer.add(rows)
    writer.flush()


def test_gradients_of_a_folded_block_are_one_gradient() -> None:
    amounts = box_amounts(fold(GRAPH, all_blocks(GRAPH)), "gradient_norm", LAYERS)
    assert amounts == {"features": pytest.approx(5e-4), "classifier": pytest.approx(0.02)}


def test_other_figures_of_a_folded_block_are_means() -> None:
    amounts = box_amounts(fold(GRAPH, all_blocks(GRAPH)), "update_ratio", LAYERS)
    assert amounts["features"] == pytest.approx(0.002)


def test_the_scale_goes_from_power_to_power_of_ten() -> None:
    folded = fold(GRAPH, frozenset())
    heat = heat_of(folded, Quantity.GRADIENT, LAYERS)
    assert heat is not None
    assert (heat.least, heat.most) == (pytest.approx(1e-4), pytest.approx(0.1))
    assert heat.share(folded.box_by_path["features.c1"]) == pytest.approx(0.159, abs=1e-3)
    assert heat.share(folded.box_by_path["features.s2"]) is None


def test_dead_units_are_told_from_none_to_all() -> None:
    folded = fold(GRAPH, frozenset())
    heat = heat_of(folded, Quantity.DEAD, {"features.c1": figures("features.c1", dead_share=0.25)})
    assert heat is not None
    box = folded.box_by_path["features.c1"]
    assert heat.share(box) == 0.25
    assert heat.words(0.25) == "25 % dead"


def test_small_figures_are_written_in_few_signs() -> None:
    heat = heat_of(fold(GRAPH, frozenset()), Quantity.UPDATE, LAYERS)
    assert heat is not None
    said = [heat.words(amount) for amount in (0.00096, 0.0010, 0.0125, 0.24, 0, 312.6, 2e6)]
    assert said == [f"update {text}" for text in ("9.6e-4", "1e-3", "0.013", "0.24", "0", "313", "2e6")]


def test_before_anything_is_measured_nothing_is_coloured() -> None:
    folded = fold(GRAPH, frozenset())
    heat = heat_of(folded, Quantity.UPDATE)
    assert heat is not None
    assert heat.is_blank
    assert all(heat.share(box) is None for box in folded.boxes)


def test_what_is_watched_is_kept_by_layer(live: tuple[LayerHistory, Path]) -> None:
    history, _ = live
    history.take(watched(1, figures("features.c1", 0.5)))
    history.take(watched(9, figures("features.c1", 0.25)))
    assert history.tracks["features.c1"]["step"].tolist() == [1, 9]
    assert history.figures()["features.c1"].gradient_norm == 0.25


def test_a_resumed_run_goes_on_behind_its_last_epoch(live: tuple[LayerHistory, Path]) -> None:
    history, _ = live
    for step in (1, 5, 9):
        history.take(watched(step, figures("features.c1", float(step))))
    history.take(watched(6, figures("features.c1", 60.0)))
    assert history.tracks["features.c1"]["gradient_norm"].tolist() == [1, 5, 60]


def test_a_chosen_epoch_shows_its_own_figures(live: tuple[LayerHistory, Path]) -> None:
    history, _ = live
    history.take(watched(1, figures("features.c1", 0.5), epoch=1))
    history.take(watched(9, figures("features.c1", 0.25), epoch=2))
    history._on_screen.show_epoch(1)
    assert history.figures()["features.c1"].gradient_norm == 0.5


def test_a_finished_run_is_read_from_its_folder(qtbot: QtBot, tmp_path: Path, session: Session) -> None:
    folder = make_run(tmp_path)
    written(folder, LayerRow(1, 1, 0.1, "features.c1", 0.5), LayerRow(7, 1, 0.7, "features.c1", 0.1))
    on_screen = RunOnScreen()
    history = LayerHistory(on_screen)
    with qtbot.waitSignals([history.changed, history.changed]):
        on_screen.show(folder)
    assert history.tracks["features.c1"]["step"].tolist() == [1, 7]
    assert history.is_of(session)
    session.options = dataclasses.replace(LeNet5Options(), activation="tanh")
    assert not history.is_of(session)
    history.shutdown()


def test_what_came_live_stays_behind_what_was_stored(live: tuple[LayerHistory, Path]) -> None:
    from explorer.ui.layer_history import read_history

    history, folder = live
    written(folder, *(LayerRow(step, 1, 0.1, "features.c1", 0.5) for step in (1, 2)))
    history.take(watched(2, figures("features.c1", 0.5)))
    history.take(watched(3, figures("features.c1", 0.25)))
    history.show_history(read_history(folder))
    assert history.tracks["features.c1"]["step"].tolist() == [1, 2, 3]


def test_the_graph_is_coloured_where_its_own_network_trains(
    qtbot: QtBot, live: tuple[LayerHistory, Path], session: Session
) -> None:
    history, _ = live
    view = GraphView(session)
    qtbot.addWidget(view)
    heat = LayerHeat(view, history, session)
    view.colour_by(Quantity.GRADIENT)
    history.take(watched(1, *LAYERS.values()))
    heat._give()
    assert view.picture.faces.heat.is_blank  # the run's network is not known yet
    history._network = _network_of(session)
    heat._give()
    faces = view.picture.faces
    box = view.picture.folded.box_by_path["features.c1"]
    assert faces.heat.amount(box) == pytest.approx(3e-4)
    assert "gradient 3e-4" in faces.lines(box)
    heat.shutdown()
    view.shutdown()


def test_figures_reach_the_graph_at_most_twice_a_second(
    qtbot: QtBot, live: tuple[LayerHistory, Path], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    history, _ = live
    view = GraphView(session)
    qtbot.addWidget(view)
    heat = LayerHeat(view, history, session)
    given: list[object] = []
    monkeypatch.setattr(view, "set_layers", given.append)
    history.take(watched(1, *LAYERS.values()))
    assert not given  # boxes are coloured by kind
    view.colour_by(Quantity.GRADIENT)
    before = len(given)
    for step in range(2, 30):
        history.take(watched(step, *LAYERS.values()))
        QCoreApplication.processEvents()
    assert before <= len(given) <= 1
    heat.shutdown()
    view.shutdown()


def test_the_section_follows_the_selection(qtbot: QtBot, live: tuple[LayerHistory, Path], session: Session) -> None:
    history, _ = live
    history._network = _network_of(session)
    section = LayerHistorySection(session, history)
    qtbot.addWidget(section)
    section.show()
    for step in (1, 2, 3):
        history.take(watched(step, *list(LAYERS.values())[:3]))
    section.refresh()
    assert section.shown == ("features.c1", "features.c3", "classifier.c5")
    assert "most: gradient norm 0.02 in classifier.c5" in section.words
    session.select("features")
    assert section.shown == ("features.c1", "features.c3")
    session.select("features.c3")
    assert section.shown == ("features.c3",)
    assert "gradient norm 0.0004" in section.words
    section.show_quantity("dead_share")
    assert section.shown == ()
    section.grab()
    section.shutdown()


def test_what_is_scrolled_out_of_sight_is_drawn_when_it_comes_into_sight(
    qtbot: QtBot, live: tuple[LayerHistory, Path], session: Session
) -> None:
    history, _ = live
    history._network = _network_of(session)
    page = QWidget()
    column = QVBoxLayout(page)
    above = QLabel("facts")
    above.setFixedHeight(2000)
    section = LayerHistorySection(session, history)
    column.addWidget(above)
    column.addWidget(section)
    area = ReadingArea(page)
    qtbot.addWidget(area)
    area.resize(240, 300)
    with qtbot.waitExposed(area):
        area.show()
    history.take(watched(1, *LAYERS.values()))
    qtbot.waitUntil(lambda: bool(section.shown))
    assert section._plot is None
    bar = area.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: section._plot is not None and section._plot.isVisible())
    section.shutdown()


def test_all_that_comes_at_once_is_drawn_once(
    qtbot: QtBot, live: tuple[LayerHistory, Path], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(LayerHistorySection, "_draw", lambda _self, field: drawn.append(field))
    history, _ = live
    history._network = _network_of(session)
    section = LayerHistorySection(session, history)
    qtbot.addWidget(section)
    section.resize(300, 300)
    history.take(watched(1, *LAYERS.values()))
    with qtbot.waitExposed(section):
        section.show()
    section._timer.stop()
    section.refresh()
    drawn.clear()
    for step in (2, 3, 4):
        history.take(watched(step, *LAYERS.values()))
    assert drawn == []
    qtbot.waitUntil(lambda: not section._timer.isActive())
    assert drawn == ["gradient_norm"]
    assert list(history.tracks["features.c1"]["step"])[-1] == 4
    section.shutdown()


def test_the_middle_of_layers_is_their_median_without_those_that_have_no_figure() -> None:
    nan = np.nan
    values = np.array([[1.0, 4.0, nan, nan], [3.0, nan, nan, 2.0], [2.0, 8.0, nan, nan]])
    np.testing.assert_array_equal(_median_of(values), [2.0, 6.0, nan, 2.0])


def test_the_section_is_hidden_for_another_network(
    qtbot: QtBot, live: tuple[LayerHistory, Path], session: Session
) -> None:
    history, _ = live
    section = LayerHistorySection(session, history)
    qtbot.addWidget(section)
    history.take(watched(1, *LAYERS.values()))
    section.refresh()
    assert section.isHidden()
    section.shutdown()


def _network_of(session: Session) -> str:
    from explorer.ui.layer_history import _identity, _values

    return _identity(session.architecture.name, _values(session.options))


def test_tooltips_tell_what_was_measured_of_layers_and_folded_blocks() -> None:
    assert {"gradient norm 0.0004", "update ratio 0.003", "activation spread 1"} <= set(
        tip_lines(GRAPH, fold(GRAPH, frozenset()), "features.c3", LAYERS)
    )
    folded = tip_lines(GRAPH, fold(GRAPH, all_blocks(GRAPH)), "features", LAYERS)
    assert "gradient norm 0.0005" in folded
    assert folded[-1] == "Enter unfolds it"
    assert not any("gradient" in line for line in tip_lines(GRAPH, fold(GRAPH, frozenset()), "features.c3"))


def test_figures_are_at_hand_for_tooltips_whatever_boxes_are_coloured_by(
    qtbot: QtBot, live: tuple[LayerHistory, Path], session: Session
) -> None:
    history, _ = live
    view = GraphView(session)
    qtbot.addWidget(view)
    heat = LayerHeat(view, history, session)
    history._network = _network_of(session)
    history.take(watched(4, LAYERS["features.c3"]))
    assert "gradient norm 0.0004" in view.tip("features.c3")
    heat.shutdown()
    view.shutdown()


def test_there_is_a_way_back_from_another_run_to_the_one_that_trains(tmp_path: Path) -> None:
    on_screen = RunOnScreen()
    told: list[bool] = []
    on_screen.away_changed.connect(told.append)
    on_screen.show(tmp_path / "before")
    on_screen._on_started(started(folder=tmp_path / "live"))
    on_screen.show(tmp_path / "other", 3)
    assert on_screen.is_away
    on_screen.go_live()
    assert (on_screen.folder, on_screen.epoch, told) == (tmp_path / "live", 0, [True, False])
    on_screen.show(tmp_path / "other")
    on_screen._on_state("idle")
    assert told == [True, False, True, False]
