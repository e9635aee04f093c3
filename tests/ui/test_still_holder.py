"""A text that changes often moves nothing around it until it needs another height."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.still_holder import StillHolder
from explorer.ui.value_label import ValueLabel


class Requests(QObject):
    """Counts how often a widget's layout is asked to measure what it holds."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__()
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's own name
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_another_text_as_high_asks_for_nothing_and_a_higher_one_gets_its_height(qtbot: QtBot) -> None:
    page = QWidget()
    column = QVBoxLayout(page)
    label = ValueLabel("loss 0.25")
    holder = StillHolder(label)
    column.addWidget(holder)
    column.addStretch(1)
    qtbot.addWidget(page)
    page.resize(200, 200)
    with qtbot.waitExposed(page):
        page.show()
    one_line = holder.height()
    assert one_line >= label.heightForWidth(holder.width()) > 0
    QCoreApplication.processEvents()
    requests = Requests(page)
    label.show_value("loss 0.31")
    QCoreApplication.processEvents()
    assert requests.count == 0
    label.show_value("loss 0.31\nof 3 layers")
    qtbot.waitUntil(lambda: holder.height() > one_line)
    assert label.height() == holder.height()
