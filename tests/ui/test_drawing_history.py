"""Undo on the pad, with what pictures take of the memory."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.ui import drawing_history
from explorer.ui.drawing_history import Drawing, DrawingHistory


def test_pictures_kept_for_undo_are_bounded_by_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_history, "_MOST_BYTES", 2_500)
    history = DrawingHistory()
    for level in range(6):
        history.step(Drawing(picture=np.full(1_000, level, np.uint8)))
    levels = []
    while history.undo():
        levels.append(int(history.current.picture[0]))
    assert levels == [4, 3]


def test_the_last_step_can_be_undone_however_large_its_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing_history, "_MOST_BYTES", 10)
    history = DrawingHistory()
    for level in range(2):
        history.step(Drawing(picture=np.full(1_000, level, np.uint8)))
    assert history.undo()
    assert history.current.picture[0] == 0
