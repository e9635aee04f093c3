"""Claim 1 of the textbook, and the rules it follows from."""

from __future__ import annotations

import pytest

from explorer.structure.stacked_windows import (
    Window,
    compare,
    field_formula,
    single_formula,
    weights_formula,
)


@pytest.mark.parametrize(
    ("count", "field", "stack", "single", "fewer"),
    [(2, 5, 18, 25, 28.0), (3, 7, 27, 49, 44.9), (5, 11, 45, 121, 62.8)],
)
def test_small_kernels_see_as_much_as_a_large_one_with_fewer_weights(
    count: int, field: int, stack: int, single: int, fewer: float
) -> None:
    seen = compare([Window(channels=1)] * count, channels=1)
    assert (seen.field, seen.weights, seen.single_weights) == (field, stack, single)
    assert round(100 * seen.weights_saved, 1) == fewer
    assert round(100 * seen.macs_saved, 1) == fewer


def test_the_saving_is_the_same_for_any_number_of_channels() -> None:
    seen = compare([Window(channels=256)] * 3, channels=256, size=28)
    assert seen.weights == 3 * 9 * 256 * 256
    assert seen.single_weights == 49 * 256 * 256
    assert seen.macs == seen.weights * 28 * 28
    assert round(100 * seen.weights_saved, 1) == 44.9


def test_a_pool_costs_nothing_and_makes_what_follows_see_further() -> None:
    # VGG-16's first two blocks: the field is 6 after the first pool, step 2, and 14 after two more convolutions.
    block = [Window(channels=64), Window(channels=64), Window("pooling", kernel=2, stride=2)]
    seen = compare([*block, Window(channels=128), Window(channels=128)], channels=3, size=224)
    assert [level.field for level in seen.levels] == [3, 5, 6, 10, 14]
    assert [level.step for level in seen.levels] == [1, 1, 2, 2, 2]
    assert [level.size for level in seen.levels] == [224, 224, 112, 112, 112]
    assert [level.weights for level in seen.levels] == [1_728, 36_864, 0, 73_728, 147_456]
    assert seen.levels[1].macs == 36_864 * 224 * 224


def test_dilation_widens_the_field_for_the_same_weights() -> None:
    seen = compare([Window(channels=8, dilation=2)], channels=8)
    assert seen.field == 5
    assert seen.weights == 9 * 8 * 8


def test_an_odd_size_is_rounded_up_by_a_stride() -> None:
    assert compare([Window(stride=2)], size=7).levels[0].size == 4


def test_a_stack_of_1x1_windows_sees_one_pixel_and_saves_nothing() -> None:
    seen = compare([Window(kernel=1, channels=4)] * 2, channels=4)
    assert seen.field == 1
    assert seen.weights_saved == -1


def test_formulas_say_how_the_numbers_came_about() -> None:
    seen = compare([Window(channels=64)] * 2, channels=64)
    assert weights_formula(seen) == "3 × 3 × 64 × 64 + 3 × 3 × 64 × 64 = 73,728"
    assert single_formula(seen) == "5 × 5 × 64 × 64 = 102,400"
    assert field_formula(seen) == "1 + 2 + 2 = 5"
    assert weights_formula(compare([Window(channels=2)] * 5, channels=2)) == "5 × 3 × 3 × 2 × 2 = 180"
    assert weights_formula(compare([Window("pooling", 2, 2)])) == "no convolution = 0"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kernel": 0}, "kernel is 1 to 99, not 0"),
        ({"stride": 17}, "stride is 1 to 16, not 17"),
        ({"channels": 9000}, "channels is 1 to 8,192, not 9,000"),
    ],
)
def test_a_window_out_of_range_is_refused_with_the_range(values: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Window(**values)


def test_a_stack_needs_a_window_and_a_size() -> None:
    with pytest.raises(ValueError, match="1 to 24 windows, not 0"):
        compare([])
    with pytest.raises(ValueError, match="size is 1 to 4,096, not 0"):
        compare([Window()], size=0)
