from dataclasses import replace

import pytest
from lenet_graph import LENET, NODES, ShownSession, lenet_session, with_node
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from explorer.networks.entries.lenet import LENET5
from explorer.structure.graph import Failure, Field, Kind, Node
from explorer.structure.memory_use import Optimiser
from explorer.ui.facts import field_words
from explorer.ui.inspector import Inspector
from explorer.ui.theme import theme
from explorer.ui.value_label import ValueLabel


@pytest.fixture
def session(qapp: object) -> ShownSession:
    return lenet_session()


@pytest.fixture
def inspector(qtbot: QtBot, session: ShownSession) -> Inspector:
    made = Inspector(session)
    qtbot.addWidget(made)
    made.resize(290, 400)
    with qtbot.waitExposed(made):
        made.show()
    return made


def _rows(inspector: Inspector) -> dict[str, str]:
    """What is on screen: label and value of each visible row."""
    labels = [label for label in inspector.findChildren(QLabel) if label.isVisible()]
    values = {
        label.y(): label.value for label in labels if isinstance(label, ValueLabel) and label is not inspector.title
    }
    names = [label for label in labels if not isinstance(label, ValueLabel) and label.text() in _known(inspector)]
    return {name.text(): values[name.y()] for name in names}


def _shown_values(inspector: Inspector) -> list[ValueLabel]:
    return [label for label in inspector.findChildren(ValueLabel) if label.isVisible()]


def _known(inspector: Inspector) -> set[str]:
    assert inspector.facts is not None
    return {name for name, _ in inspector.facts.rows}


def test_a_layer_shows_its_numbers_with_their_formulas(inspector: Inspector, session: ShownSession) -> None:
    session.select("features.c3")
    assert inspector.title.value == "C3 · convolution"
    shown = ["output", "input", "parameters", "MACs", "receptive field"]
    assert sorted(_rows(inspector)) == sorted(shown)
    assert [name for name, _ in inspector.facts.rows[: len(shown)]] == shown
    QTest.mouseClick(inspector.more, Qt.MouseButton.LeftButton)
    rows = _rows(inspector)
    assert rows["output"] == "16 × 10 × 10"
    assert rows["parameters"] == "(5 × 5 × 6 + 1) × 16 = 2,416"
    assert rows["MACs"] == "5 × 5 × 6 × 16 × 10 × 10 = 240,000"
    assert rows["FLOPs"] == "2 × 240,000 = 480,000"
    assert rows["receptive field"] == "14 × 14, step 2"
    assert rows["memory"] == "6.3 KiB"
    assert rows["input"] == "6 × 14 × 14"
    assert rows["share"] == "3.9 % of all parameters"
    assert (rows["kernel"], rows["stride"]) == ("5 × 5", "1 × 1")
    assert (rows["type"], rows["path"]) == ("Conv2d", "features.c3")


def test_a_block_shows_what_its_layers_add_up_to(inspector: Inspector, session: ShownSession) -> None:
    session.select("classifier")
    assert inspector.title.value == "classifier · Sequential"
    rows = _rows(inspector)
    assert rows["layers"] == "3"
    assert rows["parameters"] == "59,134 · 95.8 % of all"
    assert rows["MACs"] == "58,920 · 14.1 % of all"
    assert rows["output"] == "10"


def test_without_a_selection_the_whole_network_is_shown(inspector: Inspector) -> None:
    assert inspector.title.value == "LeNet-5"
    rows = _rows(inspector)
    assert (rows["input"], rows["output"], rows["layers"]) == ("1 × 28 × 28", "10", "7")
    assert (rows["parameters"], rows["MACs"]) == ("61,706", "416,520")
    assert inspector.hint.isVisible()
    assert inspector.hint.text() == "Select a layer to see its numbers."


def test_a_convolution_shows_what_its_locally_connected_twin_would_cost(
    inspector: Inspector, session: ShownSession
) -> None:
    inspector.show_more(shows=True)
    session.select("features.c1")
    assert _rows(inspector)["not shared"] == (
        "28 × 28 × (5 × 5 × 1 + 1) × 6 = 122,304\nparameters of its locally connected twin"
    )
    session.select("classifier.f6")
    assert "not shared" not in _rows(inspector)


def test_the_size_of_an_output_follows_from_the_window(inspector: Inspector, session: ShownSession) -> None:
    inspector.show_more(shows=True)
    session.select("features.c3")
    assert _rows(inspector)["output size"] == "⌊(14 − 5) / 1⌋ + 1 = 10"


def test_the_network_says_what_memory_it_needs(inspector: Inspector) -> None:
    inspector.show_terms(128, Optimiser.ADAM)
    rows = _rows(inspector)
    # 4 x 61,706 for each of weights, gradients and two moments, and 128 x (3,136 + 32,376).
    assert rows["to train"].splitlines() == [
        "5.3 MiB, 128 images, Adam, AdamW",
        "241 KiB weights + 241 KiB gradients + 482 KiB optimiser's state + 4.3 MiB kept tensors",
    ]
    assert rows["to answer"].splitlines()[1].startswith("241 KiB weights + ")


def test_a_failing_network_says_where_why_and_what_would_work(inspector: Inspector, session: ShownSession) -> None:
    failure = Failure("features.c3", "a window of 5 does not fit an input of 3", (1, 12, 12))
    broken = replace(NODES[3], failed=True, output_shape=())
    session.take(replace(LENET, nodes=(*NODES[:3], broken), blocks=LENET.blocks[:1], failure=failure))
    rows = _rows(inspector)
    assert rows["fails at"] == "features.c3\na window of 5 does not fit an input of 3"
    assert rows["would work"] == "an input of 1 × 12 × 12 or larger"
    assert "to answer" not in rows
    session.select("features.c3")
    assert _rows(inspector)["fails"] == "a window of 5 does not fit an input of 3"
    assert _rows(inspector)["would work"] == "an input of 1 × 12 × 12 or larger"


def test_shared_parameters_are_counted(inspector: Inspector, session: ShownSession) -> None:
    session.take(with_node(Node("tied", Kind.LINEAR, "Linear", shares_with="classifier.c5")))
    assert _rows(inspector)["shared"] == "48,120 parameters, used again by 1 layer"


def test_the_hint_goes_when_a_layer_is_selected(inspector: Inspector, session: ShownSession) -> None:
    session.select("features.c1")
    assert not inspector.hint.isVisible()


def test_rows_of_the_layer_before_do_not_stay(inspector: Inspector, session: ShownSession) -> None:
    session.select("features.c3")
    session.select("input")
    assert _rows(inspector) == {"output": "1 × 28 × 28", "type": "Input", "path": "input"}


def test_frozen_parameters_are_told_apart(inspector: Inspector, session: ShownSession) -> None:
    session.take(with_node(Node("frozen", Kind.LINEAR, "Linear", parameters=1_000, trainable_parameters=10)))
    session.select("frozen")
    assert _rows(inspector)["parameters"] == "1,000\n10 of them trained"


def test_shared_and_training_only_layers_say_so(inspector: Inspector, session: ShownSession) -> None:
    session.take(with_node(Node("tied", Kind.LINEAR, "Linear", shares_with="classifier.c5", training_only=True)))
    session.select("tied")
    rows = _rows(inspector)
    assert rows["shared"] == "uses the parameters of classifier.c5, which count there"
    assert rows["used"] == "in training only; answers do not pass through it"


def test_the_graph_before_stays_until_the_next_is_read(inspector: Inspector, session: ShownSession) -> None:
    session.graph = None
    session.select("features.c1")
    assert inspector.title.value == "C1 · convolution"


def test_a_new_graph_is_shown(inspector: Inspector, session: ShownSession) -> None:
    session.select("features.c3")
    changed = replace(NODES[3], output_shape=(16, 12, 12))
    session.take(replace(LENET, nodes=(*NODES[:3], changed, *NODES[4:])))
    assert _rows(inspector)["output"] == "16 × 12 × 12"


def test_all_of_it_can_be_copied(inspector: Inspector, session: ShownSession, qtbot: QtBot) -> None:
    session.select("features.c3")
    qtbot.mouseClick(inspector.copy_button, Qt.MouseButton.LeftButton)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[:4] == [
        "C3 · convolution",
        "output: 16 × 10 × 10",
        "input: 6 × 14 × 14",
        "parameters: (5 × 5 × 6 + 1) × 16 = 2,416",
    ]


def test_a_value_is_selected_and_copied_as_it_is_written(qtbot: QtBot) -> None:
    path = "features.denseblock3.denselayer24.conv2_of_the_bottleneck"
    label = ValueLabel(path)
    qtbot.addWidget(label)
    label.resize(150, 100)
    with qtbot.waitExposed(label):
        label.show()
    label.setFocus()
    qtbot.keyClick(label, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == path


def test_a_long_path_wraps_and_does_not_widen_the_panel(inspector: Inspector, session: ShownSession) -> None:
    path = "a" * 300
    session.take(with_node(Node(path, Kind.OTHER, "Odd")))
    session.select(path)
    inspector.show_more(shows=True)
    assert inspector.minimumSizeHint().width() < 290
    value = next(v for v in inspector.findChildren(ValueLabel) if v.value == path)
    assert value.height() >= 0
    assert value.heightForWidth(150) > 5 * value.fontMetrics().height()


def test_names_are_no_markup(inspector: Inspector, session: ShownSession) -> None:
    session.take(with_node(Node("<b>bold</b>", Kind.OTHER, "<i>Odd</i>")))
    session.select("<b>bold</b>")
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in inspector.findChildren(QLabel))


def test_sections_stand_below_the_numbers(inspector: Inspector, session: ShownSession, qtbot: QtBot) -> None:
    session.select("features.c3")
    section = QLabel("feature maps")
    inspector.add_section(section)
    qtbot.waitUntil(section.isVisible)
    inspector.grab()
    lowest = max(v.mapTo(inspector, v.rect().bottomLeft()).y() for v in _shown_values(inspector))
    assert section.mapTo(inspector, section.rect().topLeft()).y() > lowest


def test_an_empty_inspector_says_what_fills_it(qtbot: QtBot) -> None:
    made = Inspector(ShownSession())
    qtbot.addWidget(made)
    made.show()
    assert made.empty_note.isVisible()


def test_an_inspector_says_what_it_waits_for_and_why_it_waits_in_vain(qtbot: QtBot) -> None:
    session = ShownSession()
    made = Inspector(session)
    qtbot.addWidget(made)
    session.show(LENET5, LENET5.options_type())
    assert made.empty_note.sentence == "Reading LeNet-5…"
    session.graph_failed.emit("the first layer takes 3 channels, not 1")
    assert made.empty_note.sentence == "the first layer takes 3 channels, not 1"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (Field((14, 14), (2, 2), (0, 0)), "14 × 14, step 2"),
        (Field((3, 7), (1, 2), (0, 0)), "3 × 7, step 1 × 2"),
        (Field((28, 28), (0, 0), (0, 0)), "28 × 28"),
    ],
)
def test_fields_are_said_in_words(field: Field, words: str) -> None:
    assert field_words(field) == words


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_nothing_is_cut_off_at_any_width(
    inspector: Inspector, session: ShownSession, scale: float, qtbot: QtBot
) -> None:
    theme().use("light", scale)
    session.select("features.c3")
    for width in range(260, 480, 20):
        inspector.resize(width, 300)
        inspector.grab()
        for value in inspector.findChildren(ValueLabel):
            assert not value.isVisible() or value.height() >= value.heightForWidth(value.width()), value.value
    theme().use("light", 1.0)


def test_what_is_folded_stays_so_for_other_layers_and_the_next_start(
    qtbot: QtBot, inspector: Inspector, session: ShownSession
) -> None:
    session.select("features.c3")
    assert inspector.more.text() == "More"
    inspector.more.setFocus()
    QTest.keyClick(inspector.more, Qt.Key.Key_Space)
    assert inspector.more.text() == "Less"
    session.select("features.c1")
    assert _rows(inspector)["path"] == "features.c1"
    session.select("")
    assert not inspector.more.isVisible()  # of a whole network all is shown
    state = inspector.state()
    again = Inspector(session)
    qtbot.addWidget(again)
    again.restore(state)
    again.show()
    session.select("features.c3")
    assert "path" in _rows(again)
    QTest.mouseClick(again.more, Qt.MouseButton.LeftButton)
    assert "path" not in _rows(again)
    assert "path: features.c3" in again.facts.as_text()  # what is copied is all of it
    again.restore({"more": 3, "folded": "none"})
    assert again.state() == {"more": False, "folded": []}
