"""The seven steps of the tour: what is to be done, beside which widget, and what tells that it was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from explorer.networks import catalogue
from explorer.ui.tour_waiting import until_an_epoch

if TYPE_CHECKING:
    from explorer.networks.architecture import Architecture
    from explorer.ui.window import Window

# A pen that rests for this long has drawn its digit.
_PEN_RESTS_MS = 900
# The smallest residual network, whose graph and curves show most for the least time.
RESIDUAL = "resnet20"

Done = Callable[[], None]
Watch = Callable[["Window", Done], Callable[[], None]]
Say = Callable[[str], None]
Wait = Callable[["Window", Say], Callable[[], None]]


@dataclass(frozen=True)
class Step:
    """One step.

    `prepare` brings what it is about into sight, `target` finds the widget that the card lies beside. `watch` calls
    what it is given once the user has done it, and gives back what ends the watching. `praise` says what happened.
    `wait` says what is still missing before the step can be done, and gives back what ends that.
    """

    title: str
    text: str
    praise: str
    prepare: Callable[[Window], None]
    target: Callable[[Window], QWidget]
    watch: Watch
    wait: Wait | None = None


def _draw(window: Window) -> None:
    window.show_panel("input")


def _watch_pad(window: Window, done: Done) -> Callable[[], None]:
    pad, demo = window.input.pad, window.first_minute.demo
    rest = QTimer(window)
    rest.setSingleShot(True)
    rest.setInterval(_PEN_RESTS_MS)

    def changed(_source: object) -> None:
        if pad.is_blank or demo.is_on_show:
            rest.stop()
        else:
            rest.start()

    pad.sketch_changed.connect(changed)
    rest.timeout.connect(done)

    def end() -> None:
        rest.stop()
        rest.deleteLater()
        pad.sketch_changed.disconnect(changed)

    return end


def _select(window: Window) -> None:
    window.graph_view.setFocus()


def _watch_selection(window: Window, done: Done) -> Callable[[], None]:
    # What is selected already must not count as done, and arrives again with the next graph.
    before = window.session.selection

    def selected(path: str) -> None:
        if path and path != before:
            done()

    window.session.selection_changed.connect(selected)

    def end() -> None:
        window.session.selection_changed.disconnect(selected)

    return end


def _options(window: Window) -> None:
    window.show_panel("options")


def _watch_options(window: Window, done: Done) -> Callable[[], None]:
    session, view = window.session, window.graph_view
    name = session.architecture.name if session.architecture else ""
    options = session.options
    graph, closed = session.graph, view.folded

    def changed(architecture: Architecture, chosen: Any) -> None:
        if architecture.name == name and chosen != options:
            done()

    def folded(_paths: object) -> None:
        # Every new graph tells how it is folded, too.
        if graph is not None and session.graph is graph and view.folded != closed:
            done()

    session.architecture_changed.connect(changed)
    view.folding_changed.connect(folded)

    def end() -> None:
        session.architecture_changed.disconnect(changed)
        view.folding_changed.disconnect(folded)

    return end


def _catalogue(window: Window) -> None:
    window.show_panel("catalogue")


def _watch_network(window: Window, done: Done) -> Callable[[], None]:
    session = window.session
    name = session.architecture.name if session.architecture else ""

    def changed(architecture: Architecture, _options: Any) -> None:
        if architecture.name != name:
            done()

    session.architecture_changed.connect(changed)

    def end() -> None:
        session.architecture_changed.disconnect(changed)

    return end


def _train(window: Window) -> None:
    # A network that learns in a minute, whatever the steps before put on screen.
    lenet = catalogue.CATALOGUE[0]
    if window.session.architecture is None or window.session.architecture.name != lenet.name:
        window.session.show(lenet)
    window.workspaces.enter("Train")
    window.show_panel("training")


def _watch_training(window: Window, done: Done) -> Callable[[], None]:
    trainer = window.trainer

    def started(_event: object) -> None:
        done()

    def queued() -> None:
        if window.training.queue.runs:
            done()

    trainer.started.connect(started)
    window.training.queue_changed.connect(queued)

    def end() -> None:
        trainer.started.disconnect(started)
        window.training.queue_changed.disconnect(queued)

    return end


def _curves(window: Window) -> None:
    window.workspaces.enter("Train")
    window.show_panel("training")


def _watch_epoch(window: Window, done: Done) -> Callable[[], None]:
    session = window.session

    def chosen(_folder: object, epoch: int | None) -> None:
        if epoch is not None:
            done()

    session.weights_chosen.connect(chosen)

    def end() -> None:
        session.weights_chosen.disconnect(chosen)

    return end


def _compare(window: Window) -> None:
    architecture = catalogue.get(RESIDUAL)
    if window.session.architecture is None or window.session.architecture.name != RESIDUAL:
        window.session.show(architecture)
    window.workspaces.enter("Explore")
    window.show_panel("options")


def _watch_shortcut(window: Window, done: Done) -> Callable[[], None]:
    session = window.session

    def changed(_architecture: Architecture, options: Any) -> None:
        if getattr(options, "shortcut", "") == "none":
            done()

    session.architecture_changed.connect(changed)
    experiments = window.docks.get("experiments")

    def opened(is_visible: bool) -> None:
        if is_visible and experiments is not None and experiments.isVisible():
            done()

    if experiments is not None:
        experiments.visibilityChanged.connect(opened)

    def end() -> None:
        session.architecture_changed.disconnect(changed)
        if experiments is not None:
            experiments.visibilityChanged.disconnect(opened)

    return end


def _pad(window: Window) -> QWidget:
    return window.input.pad


def _graph(window: Window) -> QWidget:
    return window.graph_view


def _form(window: Window) -> QWidget:
    return window.options


def _list(window: Window) -> QWidget:
    return window.catalogue


def _button(window: Window) -> QWidget:
    return window.findChild(QWidget, "train_button") or window.training


def _plot(window: Window) -> QWidget:
    return window.training.curves


def _option(name: str) -> Callable[[Window], QWidget]:
    def find(window: Window) -> QWidget:
        control = window.options.controls.get(name)
        return control if control is not None and not control.isHidden() else window.options

    return find


STEPS: tuple[Step, ...] = (
    Step(
        "Draw a digit",
        "Draw a digit from 0 to 9 on the pad, with mouse, pen or finger. The bars are the network's answer while the "
        "pen moves.",
        "The answer followed the pen: the network ran at every move.",
        _draw,
        _pad,
        _watch_pad,
    ),
    Step(
        "Select a layer",
        "Click a box of the graph, or walk with the arrow keys. The inspector then shows its numbers, each with its "
        "formula.",
        "The same layer is selected in the table and in the inspector.",
        _select,
        _graph,
        _watch_selection,
    ),
    Step(
        "Change an option",
        "Change one of the options, say Form to original, and watch the graph. Opening and closing a block in the "
        "graph (double-click) counts as well.",
        "Graph, table and totals are those of the new form at once.",
        _options,
        _form,
        _watch_options,
    ),
    Step(
        "Show another network",
        "Choose a network in the catalogue: ResNet-34, GoogLeNet, U-Net. The search knows families and years too.",
        "Read, costed and drawn: About tells what it is about.",
        _catalogue,
        _list,
        _watch_network,
    ),
    Step(
        "Train",
        "LeNet-5 is back on screen, since it learns in about a minute. Press Train.",
        "It trains. The pad already asks the network that is learning.",
        _train,
        _button,
        _watch_training,
    ),
    Step(
        "Go back to an epoch",
        "Each epoch gives the curves a point. Click one: everything then shows the network as it was after it.",
        "Click beside the curves, or press End, to follow the newest again.",
        _curves,
        _plot,
        _watch_epoch,
        until_an_epoch,
    ),
    Step(
        "Compare plain with residual",
        "This is ResNet-20. Set Shortcut to none and see the arcs go: the plain network. Claim 9 in About trains both.",
        "Same layers, same parameters; only the way around each block is gone.",
        _compare,
        _option("shortcut"),
        _watch_shortcut,
    ),
)
