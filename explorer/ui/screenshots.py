"""The real window, driven through its demos (reading, comparing, training, drawing) and photographed in both themes."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from explorer.data.digits import make_sketches
from explorer.data.sketch import Sketch
from explorer.networks import catalogue
from explorer.system import paths
from explorer.ui import qt_messages
from explorer.ui.app import create_application, create_window
from explorer.ui.theme import theme
from explorer.ui.window import Window

_DIGIT = 7
_EPOCHS = 6
_PATIENCE_S = 180
_LOOKED_S = 0.05
_COMPARED_S = 12

Scene = Callable[[QApplication, Window], None]


def take_screenshots(folder: Path, size: tuple[int, int]) -> Iterator[Path]:
    """Saves a PNG of each scene (see `_SCENES`) in a light and a dark version; yields each path once it is written.

    The user's own runs and settings are left alone: the window works in a temporary home.

    Raises:
        OSError: the folder cannot be written.
        RuntimeError: a step did not come about in three minutes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = os.environ.get(paths.HOME_VARIABLE)
    with tempfile.TemporaryDirectory() as home:
        os.environ[paths.HOME_VARIABLE] = home
        qt_messages.to_log()
        application = create_application()
        window = create_window()
        # A greeting would be another at every moment.
        window.first_minute.be_quiet()
        try:
            window.resize(*size)
            window.show()
            shades = ["light", "dark"]
            for name, prepare in _SCENES:
                prepare(application, window)
                for shade in tuple(shades):
                    theme().use(shade, 1.0)
                    _settle(application, 0.4)
                    path = folder / f"{name}-{shade}.png"
                    if not window.grab().save(str(path)):
                        raise OSError(f"could not write {path}; is there space in that folder?")
                    yield path
                # The next scene begins in the shade that is on: changing it takes longer than a picture.
                shades.reverse()
        finally:
            window.close()
            _settle(application, 0)
            if before is None:
                os.environ.pop(paths.HOME_VARIABLE)
            else:
                os.environ[paths.HOME_VARIABLE] = before


def _read(application: QApplication, window: Window) -> None:
    _until(application, lambda: window.session.graph is not None, "reading LeNet-5")
    window.session.select("features.c3")


def _network(name: str, selection: str = "") -> Scene:
    """The graph of a network, as it opens."""

    def show(application: QApplication, window: Window) -> None:
        window.workspaces.enter("Explore")
        window.session.show(catalogue.get(name))
        _until(application, lambda: window.session.graph is not None, f"reading {name}")
        _until(application, lambda: not window.graph_view.is_laying_out, f"laying out {name}")
        window.session.select(selection)
        _settle(application, 0.3)
        window.graph_view.fit()

    return show


def _compare(application: QApplication, window: Window) -> None:
    window.workspaces.enter("Compare")
    panel = window.comparison.build()
    _until(application, lambda: len(panel.model.rows) > len(catalogue.CATALOGUE), "listing the zoo")
    # The catalogue's own arrive one by one; the picture need not wait for the last of them.
    deadline = time.monotonic() + _COMPARED_S
    _until(application, lambda: panel.is_complete or time.monotonic() > deadline, "computing costs")
    panel.cancel()
    row = next((row for row in panel.chart.rows if row.name == "resnet50"), None) if panel.chart is not None else None
    if row is not None:
        panel.chart.point(row)


def _field(application: QApplication, window: Window) -> None:
    window.workspaces.enter("Explore")
    window.show_panel("field")
    explorer = window.field.build()
    explorer.presets["Three 3×3 = 7×7"].click()
    _settle(application, 0.1)


def _train(application: QApplication, window: Window) -> None:
    _network("lenet5")(application, window)
    window.workspaces.enter("Train")
    config = dataclasses.replace(window.training.form.config(), dataset="digits", epochs=_EPOCHS)
    epochs: list[object] = []
    window.trainer.epoch_finished.connect(epochs.append)
    window.trainer.start(config)
    _until(application, lambda: len(epochs) == _EPOCHS - 2, "training on the built-in digits")
    window.trainer.pause()
    _until(application, lambda: window.trainer.state in {"paused", "idle"}, "pausing")


def _draw(application: QApplication, window: Window) -> None:
    window.trainer.stop()
    _until(application, lambda: window.trainer.is_idle, "stopping")
    window.workspaces.enter("Predict")
    _settle(application, 0.3)
    window.service.use_shipped()
    # Large and upright: the picture should look like a digit to everyone.
    sketch = max((sketch for sketch, label in make_sketches(200, seed=2) if label == _DIGIT), key=_stature)
    draw(window.input.pad, sketch)
    label = window.findChild(QLabel, "prediction_label")
    _until(application, lambda: bool(label.text()), "an answer to the drawing")


def _inside(application: QApplication, window: Window) -> None:
    window.workspaces.enter("Explore")
    window.session.select("features.c3")
    _settle(application, 1.5)


def _why(application: QApplication, window: Window) -> None:
    window.workspaces.enter("Predict")
    window.why_tools.show("Explain")
    panel = window.why_tools.panel.build()
    _until(application, lambda: panel.view.told is not None, "an explanation of the answer")
    _settle(application, 0.5)


def _side_by_side(application: QApplication, window: Window) -> None:
    network = catalogue.get("resnet18")
    window.comparison_tools.compare(network, network.options_type())
    page = window.comparison_tools.side_by_side
    page.put_right(network, network.options_type(shortcut="none"))
    _settle(application, 0.2)
    _until(application, lambda: not page.is_busy, "aligning ResNet-18 with the plain net")
    _settle(application, 0.5)


def _experiment(application: QApplication, window: Window) -> None:
    window.open_experiment("small-kernels")
    panel = window.experiments.panel.build()
    panel.run()
    _until(application, lambda: panel.findings is not None, "computing an experiment")
    _settle(application, 0.5)


_SCENES: tuple[tuple[str, Scene], ...] = (
    ("read", _read),
    ("resnet34", _network("resnet34")),
    ("googlenet", _network("googlenet")),
    ("unet", _network("unet")),
    ("densenet121", _network("densenet121")),
    ("compare", _compare),
    ("field", _field),
    ("train", _train),
    ("draw", _draw),
    ("why", _why),
    ("inside", _inside),
    ("side-by-side", _side_by_side),
    ("experiment", _experiment),
)


def _stature(sketch: Sketch) -> float:
    """How tall a sketch is, beyond its width, in points of the sheet."""
    xs, ys = zip(*(point for stroke in sketch.strokes for point in stroke.points), strict=True)
    return (max(ys) - min(ys)) - (max(xs) - min(xs)) / 2


def draw(pad: QWidget, sketch: Sketch) -> None:
    """Draws a sketch on the pad with mouse events, as a hand would."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    for stroke in sketch.strokes:
        points = [QPointF(x / 280 * pad.width(), y / 280 * pad.height()) for x, y in stroke.points]
        _send(pad, QEvent.Type.MouseButtonPress, points[0], left, left)
        for point in points[1:]:
            _send(pad, QEvent.Type.MouseMove, point, none, left)
        _send(pad, QEvent.Type.MouseButtonRelease, points[-1], left, none)


def _send(pad: QWidget, kind: QEvent.Type, point: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
    where = QPointF(pad.mapToGlobal(point.toPoint()))
    event = QMouseEvent(kind, point, where, button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(pad, event)


def _until(application: QApplication, reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not reached():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} took longer than {_PATIENCE_S} s; the log may say why")
        _settle(application, _LOOKED_S)


def _settle(application: QApplication, seconds: float) -> None:
    """Lets animations end and late paints happen, and threads work meanwhile."""
    waiting = QEventLoop(application)
    QTimer.singleShot(round(seconds * 1000), waiting.quit)
    waiting.exec()
    waiting.deleteLater()
