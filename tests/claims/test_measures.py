"""Figures read from the rows of a run."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import pytest
import torch
from tiny import made

from explorer.claims import measures, weight_measures
from explorer.claims.claim import Measure
from explorer.claims.results import KeptRun
from explorer.networks.entries.laboratory import MLPOptions
from explorer.runs import epochs
from explorer.runs.metrics import MetricsRow, MetricsWriter
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.fit import fit


def rows(*errors: float, split: str = "train") -> list[MetricsRow]:
    return [MetricsRow(i, 1, 0.1 * i, split, 2 * error, 1 - error) for i, error in enumerate(errors, start=1)]


def test_the_last_epochs_figures_count() -> None:
    given = [*rows(0.9, 0.4, split="epoch"), *rows(0.8, 0.5, split="test")]
    assert measures.train_error(given).value == pytest.approx(0.4)
    assert measures.train_loss(given).value == pytest.approx(0.8)
    assert measures.test_error(given).value == pytest.approx(0.5)
    assert measures.generalisation_gap(given).value == pytest.approx(0.1)


def test_steps_to_an_error_are_those_of_a_running_mean() -> None:
    given = rows(0.9, 0.1, 0.9, 0.3, 0.2, 0.1)
    assert measures.steps_to_train_error(given, error=0.25, window=1) == measures.Reading(2.0)
    assert measures.steps_to_train_error(given, error=0.25, window=2) == measures.Reading(5.0)


def test_an_error_that_is_never_reached_gives_the_last_step_as_a_bound() -> None:
    assert measures.steps_to_train_error(rows(0.9, 0.8, 0.7), error=0.25, window=2) == measures.Reading(3.0, True)


def test_a_run_without_rows_has_no_figure() -> None:
    assert math.isnan(measures.test_error([]).value)
    assert math.isnan(measures.steps_to_train_loss([], loss=0.1).value)


def test_the_worst_stands_for_a_run_that_diverged(tmp_path: Path) -> None:
    writer = MetricsWriter(tmp_path)
    writer.path = tmp_path / "metrics.csv"
    writer.add(rows(0.2, split="test"))
    writer.flush()
    given = (("a", 0, "finished"), ("a", 1, "diverged"), ("b", 0, "finished"))
    runs = [KeptRun(arm, seed, tmp_path, outcome) for arm, seed, outcome in given]
    figure = measures.figure_of(Measure("test_error", "it", worst=0.9), "a", runs, Settings())
    assert figure.seeds == (0, 1)
    assert figure.values == pytest.approx((0.2, 0.9))
    assert figure.diverged == 1


def test_shifted_images_move_and_ground_comes_in() -> None:
    image = torch.zeros(1, 1, 1, 4, dtype=torch.uint8)
    image[..., 1] = 9
    assert weight_measures.shifted(image, 2).flatten().tolist() == [0, 0, 0, 9]
    assert weight_measures.shifted(image, -1).flatten().tolist() == [9, 0, 0, 0]
    assert weight_measures.shifted(image, 0).flatten().tolist() == [0, 9, 0, 0]


def test_images_turned_by_a_right_angle_and_images_of_the_same_size() -> None:
    image = torch.arange(9, dtype=torch.uint8).view(1, 1, 3, 3)
    turned = weight_measures.turned(image, 90)[0, 0]
    assert sorted(turned.flatten().tolist()) == list(range(9))
    assert turned.tolist() in (image[0, 0].rot90(1).tolist(), image[0, 0].rot90(-1).tolist())
    assert weight_measures.scaled(image, 1.0).equal(image)


def test_edges_are_where_both_classes_are_near() -> None:
    masks = torch.tensor([[[0, 0, 0, 1, 1, 1]]])
    assert weight_measures._edges(masks, 1)[0, 0].tolist() == [False, False, True, True, False, False]


def test_a_run_without_weights_and_one_of_other_data_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    config = TrainingConfig("mlp", MLPOptions(layers=1, units=8), "digits", epochs=1, batch_size=25, threads=1)
    *_, ended = fit(config)
    assert 0 <= weight_measures.shift_error(ended.folder, Settings(), pixels=1) <= 1
    weight_measures._test_set.cache_clear()
    other = dataclasses.replace(made("digits"), checksum="another")
    monkeypatch.setattr(weight_measures.datasets, "load", lambda *_: other)
    with pytest.raises(ValueError, match="trained on other data"):
        weight_measures.shift_error(ended.folder, Settings(), pixels=1)
    epochs.weights_path(ended.folder, 1).unlink()
    for measure in (
        lambda: weight_measures.centre_distance(ended.folder, Settings()),
        lambda: weight_measures.shift_error(ended.folder, Settings(), pixels=1),
    ):
        with pytest.raises(ValueError, match="no weights"):
            measure()
