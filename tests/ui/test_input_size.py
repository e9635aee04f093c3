from __future__ import annotations

import pytest

from explorer.ui.input_size import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("64", (64, 64)), ("64x48", (64, 48)), (" 64 × 48 ", (64, 48)), ("572 388", (572, 388)), ("7*9", (7, 9))],
)
def test_sizes_are_read_as_people_write_them(text: str, size: tuple[int, int]) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x", "3x4x5", "-4", "1.5", "٣x"])
def test_other_texts_are_explained(text: str) -> None:
    with pytest.raises(ValueError, match="height × width in pixels, such as 64 × 64"):
        parse_size(text)


@pytest.mark.parametrize("text", ["0", "64x0", "5000", "99999999999999999999"])
def test_sizes_out_of_range_are_explained(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 4,096 pixels"):
        parse_size(text)
