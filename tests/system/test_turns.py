"""Threads take shorter turns while somebody waits for them."""

from __future__ import annotations

import sys
import threading

import pytest

from explorer.system import turns


def test_turns_are_short_until_the_last_that_asked_is_done() -> None:
    usual = sys.getswitchinterval()
    with turns.short():
        with turns.short():
            pass
        assert sys.getswitchinterval() < 0.001
    assert sys.getswitchinterval() == usual


def test_they_are_as_they_were_whoever_is_done_first() -> None:
    usual = sys.getswitchinterval()
    begun, may_end = threading.Event(), threading.Event()

    def ask() -> None:
        with turns.short():
            begun.set()
            may_end.wait(10)

    other = threading.Thread(target=ask)
    with turns.short():
        other.start()
        assert begun.wait(10)
    assert sys.getswitchinterval() < 0.001
    may_end.set()
    other.join(10)
    assert sys.getswitchinterval() == usual


def test_they_are_as_they_were_after_an_error() -> None:
    usual = sys.getswitchinterval()
    with pytest.raises(ValueError, match="in between"), turns.short():
        raise ValueError("in between")
    assert sys.getswitchinterval() == usual
