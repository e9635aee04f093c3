import numpy as np
import pytest

from explorer.ui.curve_column import Column, stride


def column_of(values: np.ndarray) -> Column:
    column = Column()
    column.extend(values)
    return column


@pytest.mark.parametrize("seed", range(40))
def test_a_single_extreme_is_never_lost_at_any_zoom(seed: int) -> None:
    random = np.random.default_rng(seed)
    size = int(10 ** random.uniform(1, 5.3))
    values = random.random(size)
    place = int(random.integers(size))
    values[place] = random.choice([-9.0, 9.0])
    column = Column()
    # Grown in pieces, and looked at meanwhile, as a live run is.
    for piece in np.array_split(values, int(random.integers(1, 6))):
        column.extend(piece)
        column.extremes(0, len(column), 300)
    for _ in range(30):
        begin = int(random.integers(0, place + 1))
        end = int(random.integers(place + 1, size + 1))
        places = column.extremes(begin, end, int(random.integers(1, 1500)))
        assert place in places
        assert places[-1] == end - 1
        assert (np.diff(places) > 0).all()


def test_no_more_points_are_drawn_than_pixels_can_show() -> None:
    column = column_of(np.random.default_rng(1).random(300_000))
    for begin, end in ((0, 300_000), (1_000, 200_000), (77, 9_999), (5, 3_000)):
        assert len(column.extremes(begin, end, 500)) <= 4 * 500 + 8


def test_few_points_are_drawn_as_they_are() -> None:
    assert column_of(np.arange(50.0)).extremes(10, 20, 100).tolist() == list(range(10, 20))


def test_gaps_hide_no_value() -> None:
    values = np.full(100_000, np.nan)
    values[54_321] = 2.0
    assert 54_321 in column_of(values).extremes(0, 100_000, 100)


def test_no_values_have_no_places() -> None:
    assert len(Column().extremes(0, 0, 100)) == 0


def test_a_smooth_curve_keeps_its_places_while_the_view_moves() -> None:
    first, second = stride(1_000, 101_000, 100), stride(1_700, 101_700, 100)
    assert set(first[:-1]) & set(second) >= set(first[2:-1])
    assert second[-1] == 101_699
