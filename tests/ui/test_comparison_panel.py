"""The comparison's table, chart and page of printed figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from lenet_graph import LENET
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from explorer import reading
from explorer.networks.architecture import Published
from explorer.networks.comparison import ComparisonRow
from explorer.networks.entries.lenet import LENET5
from explorer.structure.graph import Totals
from explorer.ui.comparison_chart import ComparisonChart, FamilyLegend, in_words
from explorer.ui.comparison_model import ALL, OURS, ComparisonModel
from explorer.ui.comparison_panel import ComparisonPanel
from explorer.ui.textbook_view import TextbookView, factor, forms

ERRORS = (Published("top-1 error (%)", 30.0, "a table"), Published("top-5 error (%)", 10.0, "a table"))
SMALL = replace(LENET5, name="small", title="Small", family="A", year=2012, parameters=1_000_000, published=ERRORS)
LARGE = replace(LENET5, name="large", title="Large", family="B", year=2010, parameters=3_000_000_000, published=ERRORS)
ZOO = replace(LENET5, name="torchvision/net", title="Net", family="B", year=2019)
FIGURES = SimpleNamespace(parameters=5_000_000, macs=4_000_000_000, top1=80.0, top5=95.0, dataset="ImageNet-1K")


@pytest.fixture
def panel(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[ComparisonPanel]:
    zoo = pytest.importorskip("explorer.networks.zoo")
    monkeypatch.setattr(zoo, "torchvision_architectures", lambda: (ZOO,))
    monkeypatch.setattr(zoo, "figures", lambda _name: FIGURES)
    macs = {"small": 1_000_000_000, "large": 9_000_000_000}

    def read_graph(architecture, **_keywords):
        return replace(LENET, totals=Totals(1, 1, macs[architecture.name], 1))

    monkeypatch.setattr(reading, "read_graph", read_graph)
    made = ComparisonPanel((SMALL, LARGE))
    qtbot.addWidget(made)
    made.resize(1100, 500)
    yield made
    made.shutdown()


@pytest.fixture
def complete(panel: ComparisonPanel, qtbot: QtBot) -> ComparisonPanel:
    with qtbot.waitExposed(panel):
        panel.show()
    qtbot.waitUntil(lambda: panel.is_complete, timeout=20_000)
    return panel


def _column(panel: ComparisonPanel, column: int) -> list[str]:
    model = panel.table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_the_model_is_a_proper_one(qtmodeltester: ModelTester) -> None:
    model = ComparisonModel()
    model.set_rows([ComparisonRow("a", "A", "F", 2012, 1, None, None, None)])
    qtmodeltester.check(model)


def test_nothing_is_computed_before_it_is_in_sight(panel: ComparisonPanel) -> None:
    assert panel._worker is None
    assert panel.chart is None
    assert _column(panel, 0) == ["Large", "Small"]


def test_costs_arrive_from_the_graphs_and_the_zoo(complete: ComparisonPanel) -> None:
    complete.table.sortByColumn(4, Qt.SortOrder.AscendingOrder)
    assert _column(complete, 0) == ["Small", "Net (torchvision)", "Large"]
    assert _column(complete, 4) == ["1.0 G", "4.0 G", "9.0 G"]
    assert _column(complete, 5) == ["70.00", "80.00", "70.00"]


def test_numbers_beyond_32_bits_sort_as_numbers(complete: ComparisonPanel) -> None:
    complete.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert _column(complete, 0) == ["Large", "Net (torchvision)", "Small"]


def test_one_family_or_the_catalogue_alone_is_shown(complete: ComparisonPanel) -> None:
    complete.filter.setCurrentText("B")
    assert sorted(_column(complete, 0)) == ["Large", "Net (torchvision)"]
    assert {row.name for row in complete.chart.rows} == {"large", "torchvision/net"}
    complete.filter.setCurrentText(OURS)
    assert sorted(_column(complete, 0)) == ["Large", "Small"]
    complete.filter.setCurrentText(ALL)
    assert len(_column(complete, 0)) == 3


def test_long_names_leave_room_for_figures_and_are_read_in_full_above(panel: ComparisonPanel, qtbot: QtBot) -> None:
    long = "a family of networks with a name that no column has room for"
    panel.model.set_rows([ComparisonRow("a", long, long, 2012, 1, None, None, None)])
    panel._fit_columns()
    header = panel.table.horizontalHeader()
    assert header.sectionSize(0) + header.sectionSize(1) < QFontMetrics(panel.table.font()).horizontalAdvance(long)
    tip = panel.model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole)
    assert long in tip


def test_enter_in_the_table_opens_the_network(complete: ComparisonPanel, qtbot: QtBot) -> None:
    complete.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    complete.table.setCurrentIndex(complete.table.model().index(0, 0))
    with qtbot.waitSignal(complete.chosen) as chosen:
        qtbot.keyClick(complete.table, Qt.Key.Key_Return)
    assert chosen.args == ["large"]


def test_the_current_row_is_pointed_at_in_the_chart(complete: ComparisonPanel) -> None:
    complete.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    complete.table.setCurrentIndex(complete.table.model().index(1, 0))
    assert complete.chart.card.isVisible()
    assert complete.chart.card.text() == (
        "Small\ntop-1 70.00 %, top-5 90.00 %\n1.0 G MACs = 2.0 G FLOPs\n1.0 M parameters"
    )


def test_the_chart_is_walked_by_keyboard(complete: ComparisonPanel, qtbot: QtBot) -> None:
    chart = complete.chart
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert "Net" in chart.card.text()
    with qtbot.waitSignal(complete.chosen) as chosen:
        qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert chosen.args == ["torchvision/net"]


def test_a_click_on_a_disc_opens_the_network(complete: ComparisonPanel, qtbot: QtBot) -> None:
    chart = complete.chart
    row = next(row for row in chart.rows if row.name == "small")
    chart.grab()
    place = chart.mapFromScene(chart.getViewBox().mapViewToScene(QPointF(0.0, row.top1)))
    with qtbot.waitSignal(complete.chosen, timeout=2_000) as chosen:
        qtbot.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["small"]


def test_computing_can_be_cancelled_and_taken_up_again(
    panel: ComparisonPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = reading.read_graph

    def read_graph(architecture, *, cancelled=None, **_keywords):
        while architecture.name == "large" and not cancelled():
            pass
        return plain(architecture)

    monkeypatch.setattr(reading, "read_graph", read_graph)
    panel.show()
    qtbot.waitUntil(lambda: panel._row("small").macs is not None, timeout=20_000)
    panel.cancel()
    monkeypatch.setattr(reading, "read_graph", plain)
    assert panel._again.isVisible()
    panel._again.click()
    qtbot.waitUntil(lambda: panel.is_complete, timeout=20_000)
    assert panel._row("large").macs == 9_000_000_000


def test_the_legend_names_the_families_that_are_drawn(complete: ComparisonPanel) -> None:
    assert complete.legend.accessibleDescription() == "B, A"
    complete.filter.setCurrentText("A")
    assert complete.legend.accessibleDescription() == "A"


def test_further_families_share_a_colour_and_a_name(qtbot: QtBot) -> None:
    chart, legend = ComparisonChart(), FamilyLegend()
    qtbot.addWidget(chart)
    qtbot.addWidget(legend)
    rows = [ComparisonRow(f"n{n}", f"N{n}", f"F{n}", 2012, 10**6, 10**9, 70.0 + n, None) for n in range(7)]
    chart.show_rows(rows, [f"F{n}" for n in range(7)])
    assert [name for name, _ in chart.legend()] == ["F0", "F1", "F2", "F3", "F4", "others"]
    legend.resize(60, 200)
    legend.show_entries(chart.legend())
    assert legend.heightForWidth(60) > legend.heightForWidth(600)


def test_every_disc_lies_whole_in_the_chart_until_the_user_moves_it(qtbot: QtBot) -> None:
    chart = ComparisonChart()
    qtbot.addWidget(chart)
    chart.resize(420, 320)
    with qtbot.waitExposed(chart):
        chart.show()
    sizes = ((10**6, 10**8, 57.0), (600 * 10**6, 10**11, 88.0), (140 * 10**6, 10**10, 71.0))
    rows = [ComparisonRow(f"n{n}", f"N{n}", "F", 2014, *size, None) for n, size in enumerate(sizes)]

    def room() -> float:
        """Pixels between the outermost disc's edge and the edge of the chart, the least of all."""
        box = chart.getViewBox()
        area = box.sceneBoundingRect()
        edges = []
        for spot in chart._discs.points():
            at, radius = box.mapViewToScene(spot.pos()), spot.size() / 2
            edges += [at.x() - area.left(), area.right() - at.x(), at.y() - area.top(), area.bottom() - at.y()]
            edges[-4:] = [edge - radius for edge in edges[-4:]]
        return min(edges)

    chart.show_rows(rows[:1], ["F"])
    assert room() >= 0
    chart.show_rows(rows, ["F"])
    assert room() >= 0
    chart.resize(260, 240)
    qtbot.waitUntil(lambda: room() >= 0)
    box = chart.getViewBox()
    box.setRange(xRange=(0, 0.1), padding=0)
    box.sigRangeChangedManually.emit([True, True])
    before = box.viewRange()
    chart.show_rows(rows[:2], ["F"])
    assert box.viewRange() == before


def test_what_has_no_accuracy_has_no_disc(qtbot: QtBot) -> None:
    chart = ComparisonChart()
    qtbot.addWidget(chart)
    chart.show_rows([ComparisonRow("a", "A", "F", 2012, 10**6, 10**9, None, None)], ["F"])
    assert chart.rows == ()


def test_figures_are_said_in_words() -> None:
    row = ComparisonRow("x/y", "Y", "F", 2012, None, None, 70.0, None)
    assert in_words(row) == "Y (x/y)\ntop-1 70.00 %"


@pytest.mark.parametrize(("ratio", "words"), [(8.711, "8.7 times"), (1010.9, "1,011 times"), (99.96, "100.0 times")])
def test_ratios_are_said_with_the_figures_they_deserve(ratio: float, words: str) -> None:
    assert factor(ratio) == words


def test_the_printed_page_shows_computed_figures_beside_the_printed(qtbot: QtBot) -> None:
    view = TextbookView()
    qtbot.addWidget(view)
    view.show_totals({number: Totals(10_000_000 * (number + 1), 1, 10**9, 1) for number, _ in enumerate(forms())})
    assert view.computed[0, "parameters"].text() == "10.0 M"
    assert view.computed[0, "flops"].text() == "2.0 G"
    # GoogLeNet is the third form, AlexNet's paper form the first.
    assert view.ratios[0].value.startswith("Computed: 0.3 times (AlexNet (form = paper): 10.0 M, GoogLeNet: 30.0 M")
    view.shutdown()
