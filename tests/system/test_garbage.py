"""When Python looks for garbage, and in what."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from explorer.system import garbage


@pytest.fixture(autouse=True)
def nothing_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tests themselves set aside what they load; here nothing is."""
    monkeypatch.setattr(garbage, "_aside", 0)
    yield
    gc.freeze()


def _is_looked_through(thing: object) -> bool:
    return any(found is thing for found in gc.get_objects())


def test_nothing_is_looked_for_until_the_outermost_ends() -> None:
    assert gc.isenabled()
    with garbage.left_alone():
        with garbage.left_alone():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_looked_for_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="in between"), garbage.left_alone():
        raise ValueError("in between")
    assert gc.isenabled()


def test_what_was_held_back_by_others_stays_so() -> None:
    gc.disable()
    try:
        with garbage.left_alone():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_is_kept_goes_to_the_oldest_generation() -> None:
    with garbage.left_alone(keep=True):
        made: list[object] = []
    assert any(found is made for found in gc.get_objects(generation=2))


def test_what_is_set_aside_is_not_looked_through_until_the_last_lets_go() -> None:
    thing: list[object] = []
    assert _is_looked_through(thing)
    with garbage.set_aside():
        with garbage.set_aside():
            assert not _is_looked_through(thing)
        assert not _is_looked_through(thing)
    assert _is_looked_through(thing)


def test_keeping_leaves_aside_what_others_have_set_aside() -> None:
    thing: list[object] = []
    with garbage.set_aside():
        with garbage.left_alone(keep=True):
            pass
        assert not _is_looked_through(thing)


def test_a_first_import_is_left_alone_and_looked_through_once_after_it() -> None:
    before = gc.get_stats()[2]["collections"]
    with garbage.left_alone_at_first("a.module.that.nobody.imported"):
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_stats()[2]["collections"] == before + 1


def test_what_is_imported_already_is_no_reason() -> None:
    with garbage.left_alone_at_first("sys"):
        assert gc.isenabled()
