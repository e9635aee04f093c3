"""The whole window: what is in it, what its parts tell each other, how it ends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from networks_made import save
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from explorer.data.digits import make_sketches
from explorer.inference.kinds import Takes
from explorer.inference.sources import shipped_weights
from explorer.structure.stacked_windows import Window as Window_
from explorer.system import paths, settings
from explorer.ui import window_state
from explorer.ui.answering import Choice, Weights
from explorer.ui.app import create_window
from explorer.ui.palette_entries import entries
from explorer.ui.palette_search import match
from explorer.ui.theme import theme
from explorer.ui.window import Window
from explorer.ui.workspaces import WORKSPACES
from tests.ui.window_fixture import open_window, window_of_many_tests

NETWORK = """
from torch import nn

class Small(nn.Module):
    def __init__(self, width: int = 8):
        super().__init__()
        self.first = nn.Conv2d(3, width, 3)
        self.last = nn.Linear(width, 10)

    def forward(self, x):
        return self.last(self.first(x).mean((2, 3)))
"""
NAMES = (
    "catalogue", "catalogue_search", "options_form", "graph_view", "layer_table", "inspector", "train_button",
    "pause_button", "stop_button", "curves", "run_table", "sketch_pad", "sketch_clear", "sketch_undo", "image_open",
    "prediction_label", "prediction_bars",
)  # fmt: skip


@pytest.fixture
def window(qtbot) -> Iterator[Window]:
    with open_window() as made:
        yield made


@pytest.fixture(scope="module")
def lasting(qapp, tmp_path_factory) -> Iterator[Window]:
    with window_of_many_tests(tmp_path_factory.mktemp("home")) as made:
        yield made


@pytest.fixture
def shared(lasting: Window, qtbot) -> Iterator[Window]:
    """For tests that leave the window as it was, and say nothing in it: what is said stays for some seconds."""
    yield lasting
    QApplication.processEvents()


def _child(window: Window, name: str) -> QWidget:
    found = window.findChild(QWidget, name)
    assert found is not None, name
    return found


def test_the_network_of_weights_is_shown_in_their_form(window: Window, qtbot, tmp_path: Path) -> None:
    path = save(tmp_path / "plain.safetensors", "resnet20", "cifar10", shortcut="none")
    choice = Choice(Weights.CHOSEN, path, Takes.PHOTOGRAPHS)
    window.answer_tools.show_network_of(choice)
    qtbot.waitUntil(lambda: window.session.architecture.name == "resnet20")
    assert window.session.options.shortcut == "none"
    qtbot.waitUntil(lambda: window.session.graph is not None and window.session.graph.title.startswith("ResNet-20"))
    path.write_bytes(b"nothing of the kind")
    with qtbot.waitSignal(window.session.message) as told:
        window.answer_tools.show_network_of(choice)
    assert "plain.safetensors" in told.args[0]


def test_published_weights_are_those_of_torchvisions_network(window: Window, qtbot, tmp_path: Path) -> None:
    # The catalogue has a GoogLeNet too, which is another one.
    path = tmp_path / "googlenet-1378be20.pth"
    window.answer_tools.show_network_of(Choice(Weights.CHOSEN, path, Takes.PHOTOGRAPHS))
    qtbot.waitUntil(lambda: window.session.architecture.name == "torchvision/googlenet", timeout=30_000)


def test_every_named_widget_is_there_at_once(qtbot) -> None:
    window = create_window()
    missing = [name for name in NAMES if window.findChild(QWidget, name) is None]
    window.close()
    assert missing == []


def test_it_opens_on_lenet5(shared: Window) -> None:
    assert shared.session.graph.totals.parameters == 61_706
    assert "61,706 parameters" in shared.status.findChildren(QLabel)[1].text()


def test_a_selection_in_one_place_is_everywhere(shared: Window) -> None:
    shared.session.select("features.c3")
    assert any("2,416" in label.text() for label in shared.inspector.findChildren(QLabel))
    rows = _child(shared, "layer_table").selectionModel().selectedRows()
    # The table is a tree: a row says the last part of its path.
    assert [row.data() for row in rows] == ["c3"]


def test_an_option_rebuilds_the_graph(window: Window, qtbot) -> None:
    architecture = window.session.architecture
    with qtbot.waitSignal(window.session.graph_changed, timeout=10_000):
        window.session.show(architecture, architecture.options_type(form="original"))
    assert window.session.graph.totals.macs == 325_680


def test_a_drawn_digit_is_answered_by_the_shipped_weights(window: Window, qtbot) -> None:
    window.workspaces.enter("Predict")
    qtbot.waitUntil(lambda: bool(window.service.title), timeout=30_000)
    pad, label = _child(window, "sketch_pad"), _child(window, "prediction_label")
    sketch = next(sketch for sketch, digit in make_sketches(40, seed=5) if digit == 7)
    for stroke in sketch.strokes:
        points = [QPoint(round(x / 280 * pad.width()), round(y / 280 * pad.height())) for x, y in stroke.points]
        qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=points[0])
        for point in points[1:]:
            qtbot.mouseMove(pad, point)
        qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=points[-1])
    qtbot.waitUntil(lambda: label.text() == "7", timeout=10_000)


def test_the_feature_maps_of_a_silenced_layer_are_those_of_the_edited_network(window: Window, qtbot) -> None:
    qtbot.waitUntil(lambda: window.look_inside.info is not None, timeout=30_000)
    window.session.select("features.c1")
    window.input.pad.show_sketch(next(sketch for sketch, digit in make_sketches(40, seed=5) if digit == 7))
    qtbot.waitUntil(lambda: window.features.page is not None, timeout=30_000)
    assert window.features.page.maps.maps[2].any()
    window.why_tools.surgery.silence("features.c1", 2)
    qtbot.waitUntil(lambda: not window.features.page.maps.maps[2].any())
    assert window.features.page.maps.maps[3].any()
    assert "with 1 edit in force" in window.features.figures.text()
    window.why_tools.surgery.reset()
    qtbot.waitUntil(lambda: bool(window.features.page.maps.maps[2].any()))
    assert "edit" not in window.features.figures.text()


def test_each_workspace_shows_its_panels_and_comes_back_as_it_was_left(window: Window) -> None:
    window.docks["about"].close()
    shown = {name: set() for name in WORKSPACES}
    for name in WORKSPACES:
        window.workspaces.enter(name)
        shown[name] = {dock for dock, widget in window.docks.items() if not widget.isHidden()}
    assert "training" in shown["Train"]
    assert "training" not in shown["Predict"]
    assert "input" in shown["Predict"]
    assert "comparison" in shown["Compare"]
    assert "comparison" not in shown["Explore"]
    window.workspaces.enter("Explore")
    assert window.docks["training"].isVisible()
    assert window.docks["about"].isHidden()


def test_closing_in_mid_training_keeps_the_run_and_leaves_no_thread(window: Window, qtbot, few_digits) -> None:
    window.training.form.set_value("dataset", "digits")
    window.training.form.set_value("epochs", 500)
    with qtbot.waitSignal(window.trainer.started, timeout=60_000) as started:
        qtbot.mouseClick(_child(window, "train_button"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.trainer.state == "running", timeout=30_000)
    folder: Path = started.args[0].folder
    window.close()
    assert json.loads((folder / "run.json").read_text())["status"] in {"interrupted", "stopped"}


def test_what_was_on_screen_comes_back_at_the_next_start(window: Window, qtbot) -> None:
    architecture = window.session.architecture
    with qtbot.waitSignal(window.session.graph_changed, timeout=20_000):
        window.session.show(architecture, architecture.options_type(pooling="max"), (1, 12, 12))
    assert window.session.graph.failure is not None
    assert window.options.failure.value
    window.workspaces.enter("Train")
    window.show_panel("field")
    window.field.panel.stack([Window_(kernel=5, channels=6)])
    window.close()
    with open_window() as again:
        assert again.workspaces.current == "Train"
        assert again.session.options.pooling == "max"
        assert again.session.input_shape == (1, 12, 12)
        assert again.field.build().windows == (Window_(kernel=5, channels=6),)


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_memory_that_cannot_be_read_is_none(content: str) -> None:
    (paths.home() / "window.json").write_text(content)
    assert window_state.load() == {}


def test_a_broken_memory_of_the_last_start_does_no_harm(qtbot) -> None:
    state = {"workspaces": 3, "network": {"name": "gone"}, "geometry": 5}
    (paths.home() / "window.json").write_text(json.dumps(state))
    with open_window() as window:
        assert window.session.architecture.name == "lenet5"


def test_larger_text_is_remembered(window: Window, qtbot) -> None:
    before = window.font().pointSizeF()
    qtbot.keyClick(window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert settings.load().scale == pytest.approx(1.1)
    assert window.font().pointSizeF() == pytest.approx(1.1 * before)
    window.close()
    theme().use("system", 1.0)


def test_larger_text_and_back_leaves_the_window_as_large_as_it_was(window: Window, qtbot) -> None:
    size = window.size()
    for scale in (1.3, 1.0):
        window.commands.change(scale=scale)
        qtbot.waitUntil(lambda: window.size() == size, timeout=2_000)
    assert window.input.width() > 200


def test_the_tab_key_reaches_every_panel(shared: Window, qtbot) -> None:
    shared.training.curves.prepare()
    shared.activateWindow()
    shared.graph_view.setFocus()
    reached: set[str] = set()
    for _ in range(80):
        qtbot.keyClick(shared.focusWidget() or shared, Qt.Key.Key_Tab)
        widget = shared.focusWidget()
        while widget is not None and widget is not shared:
            reached.add(widget.objectName())
            widget = widget.parentWidget()
    assert {"catalogue_dock", "options_dock", "layers_dock", "training_dock", "input_dock", "inspector_dock"} <= reached


def test_an_error_about_weights_is_told_where_the_input_panel_is_closed(window: Window, qtbot, tmp_path: Path) -> None:
    window.docks["input"].close()
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"not weights")
    with qtbot.waitSignal(window.session.message, timeout=30_000) as said:
        window.open_file(broken)
    assert "broken.safetensors" in said.args[0]


def test_a_picture_is_pasted_from_the_menu_wherever_the_keyboard_is(window: Window, qtbot) -> None:
    window.docks["input"].hide()
    image = QImage(40, 40, QImage.Format.Format_Grayscale8)
    image.fill(255)
    for row in range(8, 32):
        for column in range(18, 22):
            image.setPixel(column, row, 0)
    QGuiApplication.clipboard().setImage(image)
    window.graph_view.setFocus()
    qtbot.keyClick(window.graph_view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: _child(window, "prediction_label").text() == "1", timeout=20_000)
    assert window.docks["input"].isVisible()


def test_of_several_networks_that_are_dropped_the_first_is_opened_and_the_others_are_named(
    window: Window, qtbot, tmp_path: Path
) -> None:
    names = [tmp_path / f"{name}.safetensors" for name in ("a", "b")]
    for name in names:
        shutil.copy(next(path for path in shipped_weights() if path.name.startswith("lenet5")), name)
    with qtbot.waitSignal(window.session.message, check_params_cb=lambda text: text.endswith("not also b.safetensors")):
        window.open_files(names)


@pytest.mark.parametrize(
    ("word", "title"),
    [
        ("saliency", "Why"),
        ("occlusion", "Why"),
        ("integrated gradients", "Why"),
        ("temperature", "Surgery and temperature"),
        ("silence", "Surgery and temperature"),
        ("ten-crop", "Several views"),
        ("preprocessing", "Preprocessing"),
        ("rotate", "Tolerance"),
        ("entropy", "Panel: Input"),
        ("paste", "Paste picture"),
    ],
)
def test_the_palette_finds_what_is_inside_by_its_own_words(shared: Window, word: str, title: str) -> None:
    found = [entry.title for entry in entries(shared) if match(word, entry.title, entry.also)]
    assert title in found


def test_the_training_menu_offers_what_can_be_done(shared: Window) -> None:
    enabled = {
        action.text(): action.isEnabled() for action in shared.commands.children() if isinstance(action, QAction)
    }
    assert enabled["&Train"]
    assert not enabled["&Stop"]
    assert not enabled["&Pause or continue"]


def test_diagnostics_go_to_the_clipboard(window: Window) -> None:
    action = next(a for a in window.commands.children() if getattr(a, "text", str)() == "&Copy diagnostics")
    action.trigger()
    copied = QGuiApplication.clipboard().text()
    assert "CNN Explorer" in copied
    assert "torch" in copied


def test_what_is_said_of_weights_that_fit_nothing_is_told(window: Window, qtbot, tmp_path: Path) -> None:
    asked = window.service.choice
    sentence = "w.safetensors fits no network of the catalogue; nearest is lenet5: 1 tensor differs"
    with qtbot.waitSignal(window.session.message) as said:
        window.own.failed.emit(str(tmp_path / "w.safetensors"), sentence)
    assert said.args == [sentence]
    assert window.service.choice is asked


def test_the_event_loop_stays_awake_while_a_network_trains(window: Window, qtbot, few_digits, heartbeat) -> None:
    window.workspaces.enter("Train")
    window.training.form.set_value("dataset", "digits")
    window.training.form.set_value("epochs", 5)
    with qtbot.waitSignal(window.trainer.started, timeout=60_000):
        window.training.train()
    heartbeat.lags.clear()
    with qtbot.waitSignal(window.trainer.ended, timeout=120_000):
        pass
    assert len(heartbeat.lags) > 20
    # Generous, for machines that do other things meanwhile; tests/benchmarks measures what is promised.
    assert heartbeat.percentile(0.5) < 50


def test_the_window_fits_a_small_screen(window: Window, qtbot) -> None:
    for name in WORKSPACES:
        window.workspaces.enter(name)
        qtbot.wait_until(lambda: window.minimumSizeHint().width() <= 1280, timeout=2_000)
        assert window.minimumSizeHint().height() <= 800


def test_panels_that_are_out_of_sight_are_not_built(window: Window, qtbot) -> None:
    assert window.comparison.panel is None
    assert window.field.panel is None
    window.show_panel("field")
    qtbot.waitUntil(lambda: window.field.panel is not None and window.field.panel.isVisible(), timeout=2_000)


def test_the_pad_is_answered_while_a_network_that_knows_no_digits_is_on_screen(window: Window, qtbot) -> None:
    with qtbot.waitSignal(window.session.graph_changed, timeout=30_000):
        window.show_network("vgg16")
    window.workspaces.enter("Predict")
    qtbot.waitUntil(lambda: bool(window.service.title), timeout=30_000)
    assert window.service.title.startswith("LeNet-5")
    sketch = next(sketch for sketch, digit in make_sketches(40, seed=5) if digit == 7)
    window.service.predict(sketch)
    qtbot.waitUntil(lambda: _child(window, "prediction_label").text() == "7", timeout=10_000)


def test_folding_the_table_folds_the_graph(shared: Window, qtbot) -> None:
    shared.layers.fold_all()
    qtbot.waitUntil(lambda: "features" in shared.graph_view.folded, timeout=5_000)
    shared.layers.unfold_all()
    qtbot.waitUntil(lambda: not shared.graph_view.folded, timeout=5_000)


def test_a_python_file_is_shown_remembered_and_not_trained(window: Window, qtbot, tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(NETWORK)
    with qtbot.waitSignal(window.session.graph_changed, timeout=90_000):
        window.open_file(file)
    assert window.session.architecture.source
    assert [title for _, title in window.own.recent] == ["Small"]
    assert not _child(window, "train_button").isVisible()
    actions = {action.toolTip(): action for action in window.commands.children() if isinstance(action, QAction)}
    assert not actions["Train this network by the settings shown"].isEnabled()


def test_a_python_file_that_fails_says_where_and_leaves_the_network_on_screen(
    window: Window, qtbot, tmp_path: Path
) -> None:
    file = tmp_path / "net.py"
    file.write_text("raise RuntimeError('no such luck')")
    with qtbot.waitSignal(window.own.failed, timeout=90_000):
        window.open_file(file)
    assert "no such luck" in window.reading_note.text
    assert window.reading_note.isVisible()
    assert window.session.graph is not None


def test_a_run_that_begins_leaves_the_panels_as_wide_as_they_were(window: Window, qtbot) -> None:
    window.resize(1440, 900)
    window.workspaces.enter("Train")
    window.workspaces.enter("Explore")
    window.workspaces.arrange()
    QApplication.processEvents()

    def places() -> dict[str, object]:
        return {name: window.docks[name].geometry() for name in ("catalogue", "layers", "training", "input")}

    before = places()
    header = window.training._header
    for state in ("starting", "running"):
        header.show_state(state)
    header.show_away(is_away=True)
    header.changes.setChecked(True)
    window.training.queue.hold(is_held=True)
    config = window.training.form.config()
    window.training.queue.add((config, config, config))
    QApplication.processEvents()
    assert window.training.changes.isVisible()
    assert places() == before
    assert header.train.isHidden()
    for button in (header.pause, header.stop, header.changes, header.settings, header.live):
        assert header.rect().contains(button.rect().translated(button.mapTo(header, QPoint(0, 0)))), button.text()


def test_a_folder_that_is_neither_run_nor_images_is_said_to_be_so(window: Window, tmp_path: Path) -> None:
    said: list[str] = []
    window.session.message.connect(said.append)
    (tmp_path / "photos").mkdir()
    window.open_file(tmp_path / "photos")
    assert said == ["photos is no run, and has no sub-folders of images, one for each class"]


def test_panels_come_back_in_front_where_an_older_arrangement_does_not_fit(qtbot) -> None:
    window_state.save({"workspaces": {"current": "Train", "arrangements": {"Train": "bm90IG9uZQ=="}}})
    with open_window() as made:
        qtbot.waitUntil(lambda: not made.docks["runs"].visibleRegion().isEmpty(), timeout=2000)
