from __future__ import annotations

import dataclasses
import math

import pytest

from explorer.data.augmentation import Augmentation


def test_nothing_is_varied_unless_asked_for() -> None:
    assert Augmentation().is_off
    assert Augmentation.NONE.is_off
    assert not Augmentation.LIGHT.is_off
    assert not Augmentation.STRONG.is_off


def test_each_field_alone_switches_it_on() -> None:
    for field in dataclasses.fields(Augmentation):
        value = {"int": 1, "bool": True}.get(str(field.type), 0.1)
        assert not Augmentation(**{field.name: value}).is_off


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rotation", -1),
        ("rotation", 181),
        ("scale", 0.6),
        ("thickness", 1.5),
        ("noise", math.nan),
        ("shift", "0.1"),
        ("colour", 1.1),
        ("cutout", -2),
    ],
)
def test_values_out_of_range_are_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"augmentation's {name} is 0 to"):
        Augmentation(**{name: value})


def test_it_survives_a_trip_through_a_dictionary() -> None:
    assert Augmentation(**dataclasses.asdict(Augmentation.STRONG)) == Augmentation.STRONG


@pytest.mark.parametrize("name", ["crop", "cutout"])
def test_pixels_are_whole_numbers(name: str) -> None:
    with pytest.raises(ValueError, match=f"augmentation's {name} is a whole number of pixels"):
        Augmentation(**{name: 2.5})
