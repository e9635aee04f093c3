from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from explorer.ui.still_label import StillLabel, shortened


class Layouts(QObject):
    """Counts how often a widget is laid out anew."""

    count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_another_text_lays_nothing_out_anew(qtbot: QtBot, qapp) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    label = StillLabel("Progress")
    QHBoxLayout(window).addWidget(label)
    window.show()
    qapp.processEvents()
    layouts = Layouts()
    window.installEventFilter(layouts)
    label.show_text("epoch 5 of 8 · 14,210 images/s · 17 s left")
    qapp.processEvents()
    assert layouts.count == 0
    assert label.text().startswith("epoch 5")
    assert label.accessibleName() == "Progress"


def test_markup_in_a_text_stays_text(qtbot: QtBot) -> None:
    label = StillLabel("Progress")
    qtbot.addWidget(label)
    label.show_text("<b>bold</b>")
    assert "&lt;b&gt;" in label.toolTip()


def test_what_is_too_long_loses_whole_parts_from_its_end(qapp) -> None:
    metrics = QFontMetricsF(QFont())
    text = "epoch 5 of 8 · 14,210 images/s · 17 s left"
    room = metrics.horizontalAdvance("epoch 5 of 8 · 14,210 images/s …")
    assert shortened(text, metrics, metrics.horizontalAdvance(text)) == text
    assert shortened(text, metrics, room) == "epoch 5 of 8 · 14,210 images/s …"
    assert shortened(text, metrics, room - 1) == "epoch 5 of 8 …"
    assert shortened(text, metrics, 1) == "epoch 5 of 8 …"
