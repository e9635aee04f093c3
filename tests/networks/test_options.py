"""Options: parsed, checked, fitted to the form they apply to."""

from __future__ import annotations

import pytest
from network_counts import parameters, without_data

from explorer.networks import catalogue
from explorer.networks.catalogue import CATALOGUE
from explorer.networks.entries.lenet import LeNet5Options
from explorer.networks.options import changed_options, fitted_options, option_fields, parse_options


def test_texts_become_options() -> None:
    parsed = parse_options(LeNet5Options, {"activation": "tanh", "batch_norm": "true", "input": "32x32"})
    assert parsed == LeNet5Options(activation="tanh", batch_norm=True, input="32x32")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"aktivation": "tanh"}, "there is no option 'aktivation'; the options are form, input"),
        ({"activation": "swish"}, "activation is one of relu, tanh, sigmoid, not 'swish'"),
        ({"batch_norm": "maybe"}, "batch_norm is true or false, not 'maybe'"),
        ({"form": "original", "pooling": "max"}, "pooling=max applies to form=modern only"),
        ({"centres": "trainable"}, "centres=trainable applies to form=original only"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", r"\(")):
        parse_options(LeNet5Options, given)


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "1e999"])
def test_a_number_out_of_its_range_and_one_that_is_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^width is 0"):
        parse_options(catalogue.get("vgg16").options_type, {"width": text})


def test_values_of_another_form_fall_back_to_their_defaults() -> None:
    fitted = fitted_options(LeNet5Options, {"form": "original", "pooling": "max", "centres": "trainable"})
    assert fitted == LeNet5Options(form="original", centres="trainable")


def test_only_what_differs_from_the_default_is_named() -> None:
    assert changed_options(LeNet5Options(pooling="max")) == {"pooling": "max"}


@pytest.mark.parametrize("architecture", CATALOGUE, ids=lambda a: a.name)
def test_every_option_has_a_label_a_help_and_a_default_among_its_choices(architecture) -> None:
    for field in option_fields(architecture.options_type):
        assert field.label
        assert field.help
        assert field.choices is None or field.default in field.choices


def test_an_unknown_network_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"no network 'lenet-5'; did you mean lenet5\?"):
        catalogue.get("lenet-5")


@pytest.mark.parametrize("architecture", CATALOGUE, ids=lambda a: a.name)
def test_the_published_count_is_that_of_the_default_form(architecture) -> None:
    assert parameters(without_data(architecture)) == architecture.parameters


def test_the_catalogue_reads_as_a_history() -> None:
    years = [architecture.year for architecture in CATALOGUE]
    assert years == sorted(years)
