"""The curves of an experiment's runs."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from made_experiment import ERRORS, made, made_runs, result, write_run

from explorer.claims.claim import Arm, Look
from explorer.runs.layer_metrics import LayerMetricsWriter, LayerRow
from explorer.ui.experiment_pictures import of_chart, pictures, styles
from explorer.ui.experiment_plot import Style
from explorer.ui.experiment_series import SeriesReader, Source, read_series

TRAIN = Look("Training loss", "metrics", split="train", figure="loss")
EPOCHS = Look("Training error", "metrics", split="epoch", figure="error")
NORMS = Look("Gradient norms", "layers", figure="gradient_norm")


def _tests(*accuracies: float) -> list[tuple[int, int, str, float, float]]:
    return [(10 * epoch, epoch, "test", 1.0, accuracy) for epoch, accuracy in enumerate(accuracies, start=1)]


def test_the_line_is_the_mean_of_the_seeds_and_the_band_their_range(tmp_path: Path) -> None:
    sources = [
        Source("ReLU", 0, write_run(tmp_path / "a", _tests(0.5, 0.8))),
        Source("ReLU", 1, write_run(tmp_path / "b", _tests(0.7, 0.9))),
    ]
    (series,) = read_series(made(), "short", sources)
    (curve,) = series.curves
    assert curve.x.tolist() == [10, 20]
    np.testing.assert_allclose(curve.y, [40, 15])
    np.testing.assert_allclose(curve.low, [30, 10])
    np.testing.assert_allclose(curve.high, [50, 20])
    assert curve.seeds == 2


def test_runs_under_way_and_diverged_ones_are_no_part_of_the_mean(tmp_path: Path) -> None:
    sources = [
        Source("ReLU", 0, write_run(tmp_path / "a", _tests(0.5, 0.8))),
        Source("ReLU", 1, write_run(tmp_path / "b", _tests(0.1)), is_done=False),
        Source("ReLU", 2, write_run(tmp_path / "c", _tests(0.1)), diverged=True),
    ]
    (curve,) = read_series(made(), "short", sources)[0].curves
    np.testing.assert_allclose(curve.y, [50, 20])
    assert len(curve.low) == 0
    assert len(curve.others) == 2
    assert curve.diverged == 1


def test_a_run_that_grows_is_read_on(tmp_path: Path) -> None:
    reader = SeriesReader(made(), "short")
    growing = Source("ReLU", 0, write_run(tmp_path / "a", _tests(0.5)), is_done=False)
    (before,) = reader.read([growing])[0].curves
    write_run(tmp_path / "a", [(20, 2, "test", 1.0, 0.8)])
    (after,) = reader.read([growing])[0].curves
    assert [len(x) for x, _ in before.others] == [1]
    np.testing.assert_allclose(after.others[0][1], [50, 20])


def test_steps_are_smoothed_over_a_share_of_the_run(tmp_path: Path) -> None:
    experiment = dataclasses.replace(made(), look=(TRAIN,))
    rows = [(step, 1, "train", float(step % 2), 0.5) for step in range(1, 201)]
    (series,) = read_series(experiment, "short", [Source("ReLU", 0, write_run(tmp_path / "a", rows))])
    assert series.smoothed == 10
    # The mean of ten alternating zeros and ones around each; at the end, a zero, of five of them.
    np.testing.assert_allclose(series.curves[0].y[4:195], 0.5)
    assert series.curves[0].y[-1] == pytest.approx(2 / 5)


def test_few_epochs_are_shown_by_their_steps(tmp_path: Path) -> None:
    experiment = dataclasses.replace(made(), look=(EPOCHS,))
    steps = [(step, 1, "train", 1.0, 0.25) for step in range(1, 31)]
    few = write_run(tmp_path / "few", [*steps, (30, 1, "epoch", 1.0, 0.25)])
    (series,) = read_series(experiment, "short", [Source("ReLU", 0, few)])
    assert series.look.split == "train"
    assert len(series.curves[0].x) == 30
    many = write_run(tmp_path / "many", [(30 * e, e, "epoch", 1.0, 0.25) for e in range(1, 7)])
    (series,) = read_series(experiment, "short", [Source("ReLU", 0, many)])
    assert series.look.split == "epoch"
    assert len(series.curves[0].x) == 6


def test_norms_are_those_of_layers_with_weights_in_their_order(tmp_path: Path) -> None:
    arms = (Arm("norm", "lenet5", {"batch_norm": True}),)
    experiment = dataclasses.replace(made(arms=arms), look=(NORMS,))
    folder = write_run(tmp_path / "a", _tests(0.5))
    writer = LayerMetricsWriter(folder / "layers.csv")
    norms = {"features.c1": (1.0, 4.0), "features.norm_c1": (100.0, 100.0), "classifier.output": (9.0, 9.0)}
    for step in (1, 2):
        writer.add(LayerRow(step, 1, step / 10, path, values[step - 1]) for path, values in norms.items())
    writer.flush()
    (curve,) = read_series(experiment, "short", [Source("norm", 0, folder)])[0].curves
    # Geometric means over the steps: the root of 1 and 4 is 2.
    np.testing.assert_allclose(curve.y, [2.0, 9.0])


def test_runs_that_are_gone_leave_no_curve(tmp_path: Path) -> None:
    assert read_series(made(), "short", [Source("ReLU", 0, tmp_path / "gone")])[0].curves == ()


def test_trials_of_one_thing_share_a_colour_and_differ_by_their_dashes() -> None:
    arms = (
        Arm("a, 0.1", "lenet5", best_of="a"),
        Arm("a, 0.01", "lenet5", best_of="a"),
        Arm("b, 0.1", "lenet5", best_of="b"),
    )
    found = styles(made(arms=arms).short)
    assert found["a, 0.1"] == Style(0, 0)
    assert found["a, 0.01"] == Style(0, 1)
    assert found["b, 0.1"] == Style(1, 0)


def test_a_charts_lines_have_the_colours_of_their_arms(tmp_path: Path) -> None:
    experiment = made()
    errors = {"ReLU": (0.1, 0.1), "sigmoid": (0.2, 0.2)}
    done = result(experiment, made_runs(tmp_path, errors), errors)
    plot = of_chart(done.charts[0], {"ReLU": Style(4)})
    assert plot.lines[0].style == Style(4)
    np.testing.assert_allclose(plot.lines[0].high, [0.11, 0.22])


def test_pictures_stand_in_the_order_that_the_experiment_announces(tmp_path: Path) -> None:
    experiment = dataclasses.replace(made(), look=(Look("Error by shift", "chart"), ERRORS))
    errors = {"ReLU": (0.1, 0.1), "sigmoid": (0.2, 0.2)}
    runs = made_runs(tmp_path, errors)
    sources = [Source(run.arm, run.seed, run.folder) for run in runs]
    charts = result(experiment, runs, errors).charts
    assert list(pictures(experiment, "short", read_series(experiment, "short", sources), charts)) == [
        "Error by shift",
        "Test error",
    ]
