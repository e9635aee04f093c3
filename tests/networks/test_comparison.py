from __future__ import annotations

import dataclasses
from types import SimpleNamespace

from explorer.networks.architecture import Published
from explorer.networks.comparison import catalogue_rows, zoo_row
from explorer.networks.entries.lenet import LENET5

FIGURES = SimpleNamespace(parameters=11_689_512, macs=1_814_000_000, top1=69.758, top5=89.078, dataset="ImageNet-1K")


def _entry(*published: Published):
    return dataclasses.replace(LENET5, published=published)


def test_errors_become_accuracies() -> None:
    (row,) = catalogue_rows([_entry(Published("top-1 error (%)", 27.88, "a"), Published("top-5 error (%)", 9.2, "b"))])
    assert (row.top1, row.top5) == (72.12, 90.8)
    assert row.about == "top-1: a; top-5: b"


def test_an_accuracy_stays_what_it_is() -> None:
    (row,) = catalogue_rows([_entry(Published("top-5 accuracy (%)", 92.3, "a"))])
    assert (row.top1, row.top5) == (None, 92.3)


def test_the_default_forms_figure_goes_before_that_of_another_form() -> None:
    (row,) = catalogue_rows(
        [
            _entry(
                Published("top-1 error (%)", 30.0, "a", options={"form": "original"}),
                Published("top-1 error (%)", 25.0, "b"),
            )
        ]
    )
    assert row.top1 == 75.0


def test_another_forms_figure_is_said_to_be_one() -> None:
    (row,) = catalogue_rows([_entry(Published("top-1 error (%)", 30.0, "a", options={"form": "original"}))])
    assert row.about == "top-1: a (form = original)"


def test_without_published_figures_a_row_has_none() -> None:
    (row,) = catalogue_rows([_entry()])
    assert (row.macs, row.top1, row.top5, row.about) == (None, None, None, "")


def test_a_zoos_row_is_what_the_zoo_publishes() -> None:
    row = zoo_row(dataclasses.replace(LENET5, name="torchvision/resnet18"), FIGURES)
    assert (row.parameters, row.macs, row.top1, row.top5) == (11_689_512, 1_814_000_000, 69.758, 89.078)
    assert row.about == "Published with the weights, ImageNet-1K"
