"""What textbooks print is kept as printed; what the program says of it follows from the networks' own counts."""

from __future__ import annotations

import pytest

from explorer.networks import catalogue
from explorer.networks.textbook import PRINTED_COMPARISON, PRINTED_RATIOS, forms


@pytest.mark.parametrize("form", forms(), ids=str)
def test_every_form_is_one_of_the_catalogue(form) -> None:
    architecture = catalogue.get(form.name)
    architecture.options_type(**form.options)


def test_each_form_is_listed_once() -> None:
    listed = [(form.name, tuple(form.options.items())) for form in forms()]
    assert len(set(listed)) == len(listed)


def test_the_comparison_is_as_printed() -> None:
    printed = [(row.network, row.top5_accuracy, row.parameters, row.operations) for row in PRINTED_COMPARISON]
    assert printed == [
        ("AlexNet", 84.7, 62e6, 1.5e9),
        ("VGG", 92.3, 138e6, 19.6e9),
        ("Inception", 93.3, 6.4e6, 2e9),
        ("ResNet-152", 95.51, 60.3e6, 11e9),
    ]


@pytest.mark.parametrize(("number", "ratio"), [(0, 8.7), (1, 2.2), (2, 1_011), (3, 2_726)])
def test_the_claims_compute_to_what_is_known_of_them(number: int, ratio: float) -> None:
    from explorer.reading import read_graph

    claim = PRINTED_RATIOS[number]

    def amount(form) -> int:
        architecture = catalogue.get(form.name)
        totals = read_graph(architecture, architecture.options_type(**form.options)).totals
        return totals.parameters if claim.quantity == "parameters" else totals.macs

    assert round(amount(claim.more) / amount(claim.less), 1 if ratio < 100 else 0) == ratio
