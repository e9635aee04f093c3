from __future__ import annotations

import numpy as np
import pytest

from explorer.data import samples
from explorer.data.split import Split

LABELS = np.array([2, 0, 1, 2, 2, 0], np.int64)
COLOURED = Split(np.arange(6 * 3 * 4 * 5, dtype=np.uint16).astype(np.uint8).reshape(6, 3, 4, 5), LABELS)
MASKED = Split(np.zeros((3, 1, 4, 4), np.uint8), np.zeros((3, 4, 4), np.uint8))
MASKED.labels[1, 2, 2] = 1


def test_each_class_is_counted_even_where_there_is_none() -> None:
    assert samples.counts(COLOURED, 4).tolist() == [2, 1, 3, 0]


def test_masks_are_counted_by_the_classes_they_show() -> None:
    assert samples.counts(MASKED, 2).tolist() == [3, 1]


def test_a_label_finds_its_images_in_order() -> None:
    assert samples.with_label(COLOURED, 2).tolist() == [0, 3, 4]
    assert samples.with_label(COLOURED, 3).tolist() == []
    assert samples.with_label(COLOURED).tolist() == [0, 1, 2, 3, 4, 5]
    assert samples.with_label(MASKED, 1).tolist() == [1]


@pytest.mark.parametrize(
    ("text", "found"),
    [("fox", (1,)), ("FOX ", (1,)), ("f", (1, 2)), ("2", (2,)), ("wolf", ()), ("", ()), ("  ", ()), ("cat", (0,))],
)
def test_a_search_finds_classes_by_name_part_or_number(text: str, found: tuple[int, ...]) -> None:
    assert samples.matching_classes(("cat", "fox", "flatfish", "cattle"), text) == found


def test_a_page_holds_pictures_as_a_screen_wants_them() -> None:
    page = samples.page(COLOURED, samples.with_label(COLOURED, 2), 0, 2)
    assert page.found == 3
    assert page.indexes.tolist() == [0, 3]
    assert page.labels is not None
    assert page.labels.tolist() == [2, 2]
    assert page.images.shape == (2, 4, 5, 3)
    assert page.images.flags.c_contiguous
    assert page.images[1, 2, 3].tolist() == COLOURED.images[3, :, 2, 3].tolist()


def test_the_last_page_is_short_and_those_beyond_are_empty() -> None:
    indexes = samples.with_label(COLOURED)
    assert samples.page(COLOURED, indexes, 1, 4).indexes.tolist() == [4, 5]
    assert samples.page(COLOURED, indexes, 2, 4).images.shape == (0, 4, 5, 3)


def test_a_page_of_masks_has_no_labels() -> None:
    page = samples.page(MASKED, samples.with_label(MASKED), 0, 8)
    assert page.labels is None
    assert page.masks is not None
    assert page.masks[1, 2, 2] == 1


@pytest.mark.parametrize(("number", "size"), [(-1, 4), (0, 0)])
def test_pages_that_cannot_be_are_refused(number: int, size: int) -> None:
    with pytest.raises(ValueError, match="pages are counted from 0"):
        samples.page(COLOURED, samples.with_label(COLOURED), number, size)
