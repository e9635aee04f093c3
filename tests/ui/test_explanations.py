"""Every quantity that is shown has its sentence; every formula that is told is one."""

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from explorer.networks.catalogue import get
from explorer.reading import read_graph
from explorer.structure.table_columns import COLUMNS as LAYER_COLUMNS
from explorer.ui import comparison_model, explanations, run_rows
from explorer.ui.curve_controls import _QUANTITIES
from explorer.ui.facts import block_facts, network_facts, node_facts
from explorer.ui.layer_model import LayerModel
from explorer.ui.session import Session
from explorer.ui.status_bar import StatusBar
from explorer.ui.training_form_fields import make_fields


@pytest.mark.parametrize(
    "name", ["lenet5", "lenet5 original", "alexnet", "googlenet", "resnet20", "unet", "densenet_bc_100_12"]
)
def test_every_line_of_the_inspector_is_explained(name: str) -> None:
    architecture = get(name.partition(" ")[0])
    options = architecture.options_type(form="original") if " " in name else architecture.options_type()
    graph = read_graph(architecture, options)
    labels = {label for label, _ in network_facts(graph).rows}
    for node in graph.nodes:
        labels |= {label for label, _ in node_facts(node, graph).rows}
    for block in graph.blocks:
        labels |= {label for label, _ in block_facts(block, graph).rows}
    assert len(labels) > 15
    assert [label for label in sorted(labels) if explanations.of_fact(label) is None] == []


def test_every_column_is_explained() -> None:
    keys = [
        *(f"layer/{column.key}" for column in LAYER_COLUMNS),
        *(f"run/{column.title}" for column in run_rows.COLUMNS),
        *(f"comparison/{column.title}" for column in comparison_model.COLUMNS),
        *(f"curve/{name}" for name, *_ in _QUANTITIES),
    ]
    assert [key for key in keys if explanations.find(key) is None] == []


def test_every_field_of_the_training_form_is_explained(qapp: object) -> None:
    parent = QObject()
    for name, field in make_fields(parent).items():
        assert field.control.whatsThis(), name
        assert explanations.find(f"training/{name}") is not None, name
        for widget in (field.control, field.label, field.error):
            widget.deleteLater()


def test_every_part_of_the_status_bar_is_explained(qtbot: QtBot) -> None:
    bar = StatusBar(Session())
    qtbot.addWidget(bar)
    labels = bar.findChildren(QLabel)
    assert len(labels) == 5
    assert all(label.whatsThis() for label in labels)
    bar.shutdown()


def test_every_sentence_ends_and_no_text_is_markup() -> None:
    for key, explanation in explanations.EXPLANATIONS.items():
        assert explanation.sentence.endswith("."), key
        assert not explanation.formula.endswith("."), key
        assert "<b>" in explanation.as_markup()
        assert "<script" not in explanation.as_markup()
    loss = explanations.EXPLANATIONS["training/optimiser"]
    assert "←" in loss.as_markup()


def test_a_header_answers_what_it_is() -> None:
    model = LayerModel()
    keys = [column.key for column in LAYER_COLUMNS]
    said = model.headerData(keys.index("macs"), Qt.Orientation.Horizontal, Qt.ItemDataRole.WhatsThisRole)
    assert "Multiply-adds" in said
