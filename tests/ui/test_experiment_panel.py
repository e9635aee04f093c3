"""The experiments in the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from made_experiment import conducting, made, made_runs, result
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from explorer import experiments
from explorer.claims import kept
from explorer.networks import catalogue
from explorer.runs.run_folder import create_run
from explorer.system.settings import Settings
from explorer.ui.experiment_about import ExperimentsOfNetwork
from explorer.ui.experiment_list import ExperimentModel
from explorer.ui.experiment_mark import State, paint_mark
from explorer.ui.experiment_panel import ExperimentPanel
from explorer.ui.experiment_plot import Plot, PlotLine, Style
from explorer.ui.experiment_thread import Conductor
from explorer.ui.run_table import RunTable
from explorer.ui.session import Session
from explorer.ui.theme import DARK, LIGHT
from explorer.ui.training_thread import Trainer
from tests.ui.run_records import record

ERRORS = {"ReLU": (0.10, 0.12, 0.11, 0.12, 0.1), "sigmoid": (0.20, 0.22, 0.21, 0.2, 0.22)}


class Made:
    """A panel whose experiments need no training."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.release = threading.Event()
        self.trainer = Trainer()
        conduct = conducting(folder, ERRORS, wait=lambda: self.release.wait(0.005))
        self.conductor = Conductor(self.trainer, Settings, conduct=conduct)
        self.panel = ExperimentPanel(self.conductor)
        qtbot.addWidget(self.panel)
        self.panel.resize(1200, 520)
        with qtbot.waitExposed(self.panel):
            self.panel.show()

    def shutdown(self) -> None:
        self.conductor.shutdown()
        self.panel.shutdown()
        self.trainer.shutdown()


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[Made]:
    made_window = Made(qtbot, tmp_path)
    yield made_window
    made_window.shutdown()


def _run(qtbot: QtBot, window: Made) -> None:
    window.panel.choose(made())
    window.release.set()
    window.panel.words.controls.run.click()
    qtbot.waitUntil(lambda: window.panel.findings is not None, timeout=5000)


def test_all_experiments_are_listed_with_what_to_know_of_them(qtbot: QtBot) -> None:
    holder = Session()
    model = ExperimentModel(holder)
    texts = [model.data(model.index(row), Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]
    assert len(texts) == 19
    for experiment, text in zip(experiments.EXPERIMENTS, texts, strict=True):
        assert str(text).startswith(f"{experiment.number} {experiment.title}: not run. {experiment.question}")
    assert "about 110 s" in str(texts[8])
    assert "ResNet-56" in str(texts[8])


def test_the_filter_leaves_what_concerns_the_network(window: Made) -> None:
    window.panel.show_network("unet", "U-Net")
    assert len(window.panel.list.model.shown) == 19
    window.panel.list.only_network.click()
    assert window.panel.list.model.shown == experiments.concerning("unet")
    assert window.panel.experiment.name == "unet-skips"
    window.panel.show_network("nothing", "Nothing")
    assert not window.panel.list.view.isVisible()


def test_opening_what_the_filter_hides_lists_all_again(window: Made) -> None:
    window.panel.show_network("unet", "U-Net")
    window.panel.list.only_network.click()
    window.panel.choose(experiments.get("plain-depth"))
    assert window.panel.experiment.number == 9
    assert not window.panel.list.only_network.isChecked()


def test_before_it_is_run_its_setting_and_limits_are_read(window: Made) -> None:
    window.panel.choose(made())
    words = window.panel.words
    assert words.question.value == "Does ReLU err less than sigmoid?"
    assert words.source.value == "Nobody 2000, table 1"
    assert words.setup.text("Short form") == ("Two perceptrons on 100 digits. 4 runs, about 60 s on two quiet cores.")
    assert words.setup.text("What the short form cannot show") == "That it is so on photographs too."
    assert words.controls.run.text() == "Run (short, about 60 s)"
    words.controls.seeds.setValue(4)
    assert words.controls.run.text() == "Run (short, about 120 s)"


def test_the_full_form_says_its_cost_first(qtbot: QtBot, window: Made) -> None:
    window.panel.choose(made())
    controls = window.panel.words.controls
    asked: list[tuple[str, int]] = []
    controls.run_asked.connect(lambda size, seeds: asked.append((size, seeds)))
    controls.set_card(has_card=False)
    controls.full.click()
    assert asked == []
    assert "6 runs, about 2 h on a graphics card" in controls.full_cost()
    assert "This computer has none" in controls.full_cost()
    window.release.set()
    controls._agree.click()
    assert asked == [("full", 3)]
    qtbot.waitUntil(lambda: window.conductor.standing is None, timeout=5000)


def test_an_experiment_ends_with_a_verdict_and_its_curves(qtbot: QtBot, window: Made) -> None:
    _run(qtbot, window)
    verdict = window.panel.words.verdict
    assert verdict.headline.value == "Seen, as claimed"
    assert verdict.sentences[0].value.startswith("ReLU errs less: over 2 seeds the test error at the end is ReLU 11.0")
    assert verdict.tables[0].rows[1][:2] == ("sigmoid", "21.0 ± 1.4 %")
    qtbot.waitUntil(lambda: window.panel.chart.shown == "Test error", timeout=5000)
    plot = window.panel.chart.view.plot
    assert plot is not None
    assert [line.name for line in plot.lines] == ["ReLU", "sigmoid"]
    assert plot.lines[0].y.tolist() == pytest.approx([11.0])


def test_a_contradiction_is_shown_as_plainly(qtbot: QtBot, window: Made, tmp_path: Path) -> None:
    worse = {"ReLU": (0.30, 0.301), "sigmoid": (0.10, 0.102)}
    window.conductor._conduct = conducting(tmp_path / "worse", worse)
    window.panel.choose(made())
    window.panel.words.controls.run.click()
    qtbot.waitUntil(lambda: window.panel.findings is not None, timeout=5000)
    assert window.panel.words.verdict.headline.value == "Contradicted"
    assert "the opposite of what is claimed" in window.panel.words.verdict.sentences[0].value


def test_while_it_runs_the_curves_grow_and_it_can_be_cancelled(qtbot: QtBot, window: Made) -> None:
    window.panel.choose(made())
    controls = window.panel.words.controls
    controls.run.click()
    qtbot.waitUntil(lambda: window.panel.chart.shown == "Test error", timeout=5000)
    assert "run 1 of 4" in controls._words.text()
    assert not controls.run.isVisible()
    controls._cancel.click()
    qtbot.waitUntil(lambda: window.conductor.standing is None, timeout=5000)
    assert controls.run.isVisible()
    assert window.panel.findings is None


def test_more_seeds_are_added_to_those_that_were(qtbot: QtBot, window: Made) -> None:
    _run(qtbot, window)
    window.panel.words.controls.more.click()
    qtbot.waitUntil(lambda: window.panel.findings is not None and window.panel.findings.seeds == 5, timeout=5000)
    assert len(window.panel.words.verdict.tables[0].columns) == 7


def test_the_runs_are_handed_to_the_run_table(qtbot: QtBot, window: Made) -> None:
    _run(qtbot, window)
    with qtbot.waitSignal(window.panel.runs_wanted) as wanted:
        window.panel.words.controls.runs.click()
    assert {folder.name for folder in wanted.args[0]} == {"ReLU-0", "ReLU-1", "sigmoid-0", "sigmoid-1"}


def test_verdicts_are_there_at_the_next_start(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments, "EXPERIMENTS", (made(),))
    few = {arm: values[:2] for arm, values in ERRORS.items()}
    kept.keep(result(made(), made_runs(tmp_path / "runs", few), few))
    window = Made(qtbot, tmp_path / "other")
    try:
        qtbot.waitUntil(lambda: window.panel.chart.shown == "Test error", timeout=5000)
        assert window.panel.words.verdict.headline.value == "Seen, as claimed"
        assert window.panel.list.model.state_of(made()) is State.SEEN
    finally:
        window.shutdown()


def test_the_crosshair_reads_every_arm(qtbot: QtBot, window: Made) -> None:
    x = np.array([0.0, 10.0])
    lines = (PlotLine("a", Style(0), x, np.array([0.0, 10.0])), PlotLine("b", Style(1), x, np.array([50.0, 40.0])))
    view = window.panel.chart.view
    # What earlier experiments left is read and shown before.
    qtbot.waitUntil(lambda: not (window.panel._reader.is_busy or window.panel._keeper.is_busy))
    window.panel.chart.offer(["A plot"])
    window.panel.chart.show_plots({"A plot": Plot("A plot", "step", "error (%)", lines, whole_x=True, unit="%")})
    view.grab()
    assert view._frame is not None
    middle = QPoint(round(view._frame.x_of(5)), round(view._frame.area.center().y()))
    qtbot.mouseMove(view, middle)
    view._point_at(view._frame.x_of(5))
    assert view.readout() == [("step", "5"), ("a", "5.0 %"), ("b", "45.0 %")]


def test_marks_differ_by_more_than_colour(qtbot: QtBot) -> None:
    shapes = set()
    for state in State:
        image = QImage(32, 32, QImage.Format.Format_Grayscale8)
        image.fill(255)
        painter = QPainter(image)
        paint_mark(painter, image.rect().toRectF(), state, LIGHT)
        painter.end()
        shapes.add(bytes(255 if value > 230 else 0 for value in bytes(image.constBits())))
    assert len(shapes) == len(State)
    assert DARK.good != LIGHT.good


def test_about_links_the_experiments_of_the_network(qtbot: QtBot) -> None:
    session = Session()
    about = ExperimentsOfNetwork(session)
    qtbot.addWidget(about)
    unet, senet = catalogue.get("unet"), catalogue.get("densenet121")
    session.architecture_changed.emit(unet, unet.options_type())
    assert list(about.links) == [one.name for one in experiments.concerning("unet")]
    with qtbot.waitSignal(about.followed) as followed:
        about.links["unet-skips"].click()
    assert followed.args == ["experiment:16"]
    session.architecture_changed.emit(senet, senet.options_type())
    assert about.isHidden() == (not experiments.concerning("densenet121"))
    session.shutdown()


def test_runs_are_selected_once_they_are_listed(qtbot: QtBot, own_home: Path) -> None:
    folders = []
    for minute in (10, 20, 30):
        run = create_run(own_home / "runs", record(), datetime(2026, 11, 21, 14, minute))  # noqa: DTZ001 - local, as runs are
        run.lock.release()
        folders.append(run.folder)
    table = RunTable(lambda: own_home / "runs")
    qtbot.addWidget(table)
    table.choose(folders[:2])
    qtbot.waitUntil(lambda: len(table.selected()) == 2, timeout=5000)
    assert {run.folder for run in table.selected()} == set(folders[:2])
    table.shutdown()
