"""A progress bar that is told of progress, or only that work is under way."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from explorer.ui.progress_bar import ProgressBar


@pytest.mark.parametrize(("share", "goes_on"), [(None, True), (0.0, False), (0.003, False), (1.0, False)])
def test_it_moves_by_itself_only_while_the_share_is_not_known(qtbot: QtBot, share: float | None, goes_on: bool) -> None:
    bar = ProgressBar("work")
    qtbot.addWidget(bar)
    bar.show()
    bar.show_share(None)
    bar.show_share(share)
    # A style's animation goes on as long as its updates are accepted.
    update = QEvent(QEvent.Type.StyleAnimationUpdate)
    update.ignore()
    QApplication.sendEvent(bar, update)
    assert update.isAccepted() is goes_on
