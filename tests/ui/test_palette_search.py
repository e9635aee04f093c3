"""What a few letters mean."""

import pytest

from explorer.ui.palette_search import match


def _best(query: str, *texts: str) -> str:
    found = [(fits.score, text) for text in texts if (fits := match(query, text)) is not None]
    return max(found)[1] if found else ""


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("r50", "Show ResNet-50"),
        ("res 50", "Show ResNet-50"),
        ("50 show", "Show ResNet-50"),
        ("lm", "Lecture mode"),
        ("trn", "Train"),
        ("fold", "Fold all"),
    ],
)
def test_letters_in_their_order_find_what_was_meant(query: str, meant: str) -> None:
    others = ("Show ResNet-50", "Show SE-ResNet-50", "Lecture mode", "Train", "Fold all", "Unfold all", "Larger text")
    assert _best(query, *others) == meant


def test_letters_out_of_order_find_nothing() -> None:
    assert match("nart", "Train") is None
    assert match("train x", "Train") is None


def test_the_letters_that_were_meant_are_told() -> None:
    fits = match("rn", "Show ResNet")
    assert fits is not None
    assert fits.places == {5, 8}


def test_what_is_not_shown_is_found_by_whole_words_and_counts_less() -> None:
    hidden, shown = match("queue", "Train", also="add to queue"), match("queue", "Queue")
    assert hidden is not None
    assert shown is not None
    assert hidden.score < shown.score
    assert match("qe", "Train", also="add to queue") is None


def test_an_empty_query_fits_everything() -> None:
    assert match(" ", "Train") is not None
