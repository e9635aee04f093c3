"""Everything that the command palette can run: commands of the menus, networks, panels, data sets, experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from explorer.data.datasets import DATASETS
from explorer.experiments import EXPERIMENTS
from explorer.networks.architecture import Architecture
from explorer.networks.catalogue import CATALOGUE

if TYPE_CHECKING:
    from explorer.ui.input_section import InputSection
    from explorer.ui.window import Window

_NATIVE = QKeySequence.SequenceFormat.NativeText
# Keys of their own that few keyboards have; the others that do the same are the ones to know.
_RARE = frozenset(
    {"Open", "Undo", "Redo", "Zoom In", "Zoom Out", "Help", "Copy", "Cut", "Paste", "Find", "Save", "Close"}
)
# Lists that are filled when they open; what is in them is found by other entries.
_PASSED_OVER = frozenset({"Open recent"})


# What a person may look for by words that no title has.
_IN_PANELS = {
    "input": "pad draw drawing digit image picture answer probabilities entropy weights epoch labels mask",
    "inspector": "feature maps filters weights histogram kernel batch norm receptive field squeeze excitation RBF",
    "training": "train curves loss accuracy learning rate range test queue",
    "why": "explain saliency attribution heat map",
    "confusion": "matrix errors",
    "personal": "corrections learn fine-tune",
    "several": "ensemble vote",
}
_IN_SECTIONS = {
    "seen_section": "preprocessing what the network sees normalise centre",
    "tolerance_section": "sliders rotate scale noise contrast pen",
    "views_section": "ten-crop tencrop crops",
}


@dataclass(frozen=True)
class Entry:
    """One thing to run: `key` tells it from others for good, `kind` is where it is from, `also` finds it too."""

    key: str
    title: str
    kind: str
    run: Callable[[], object]
    shortcut: str = ""
    tip: str = ""
    also: str = ""
    is_enabled: bool = True


def plain(text: str) -> str:
    """The text of an action or menu without the marks of its mnemonic: "Open…"."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def menu_actions(bar: QMenuBar) -> Iterator[tuple[str, QAction]]:
    """Every command of the menus with the path of its menu: ("View > Theme", Dark)."""
    for action in bar.actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            yield from _of_menu(menu, plain(action.text()))


def shortcut_of(action: QAction) -> str:
    """The keys of an action as this system writes them: "Ctrl+K", several as "F or Ctrl+0"."""
    texts = [keys.toString(_NATIVE) for keys in action.shortcuts() if not keys.isEmpty()]
    return " or ".join([text for text in texts if text not in _RARE] or texts)


def entries(window: Window, zoo: Sequence[Architecture] = ()) -> list[Entry]:
    """All there is now, with the networks of the `zoo`; what cannot be done at the moment is told as not enabled."""
    return [
        *_commands(window),
        *_panels(window),
        *_networks(window, (*CATALOGUE, *zoo)),
        *_datasets(window),
        *_experiments(window),
    ]


def _of_menu(menu: QMenu, path: str) -> Iterator[tuple[str, QAction]]:
    for action in menu.actions():
        below = action.menu()
        if isinstance(below, QMenu):
            if plain(action.text()) not in _PASSED_OVER:
                yield from _of_menu(below, f"{path} > {plain(action.text())}")
        elif not action.isSeparator() and action.isVisible():
            yield path, action


def _commands(window: Window) -> Iterator[Entry]:
    seen: set[int] = set()
    toggles = {id(dock.toggleViewAction()) for dock in window.docks.values()}
    of_graph = [("Graph", action) for action in window.graph_view.actions()]
    for path, action in [*menu_actions(window.menuBar()), *of_graph]:
        # Panels have entries that bring them to the front, rather than close those that are open.
        if id(action) in seen or id(action) in toggles or not action.isVisible() or not action.text():
            continue
        seen.add(id(action))
        title = plain(action.text())
        yield Entry(
            f"{path}/{title}",
            title,
            path,
            action.trigger,
            shortcut_of(action),
            action.toolTip(),
            f"{path} {action.toolTip()}",
            action.isEnabled(),
        )


def _panels(window: Window) -> Iterator[Entry]:
    for name, dock in window.docks.items():
        title = dock.windowTitle()
        also = f"dock {_IN_PANELS.get(name, '')}"
        yield Entry(f"panel/{name}", f"Panel: {title}", "Panel", partial(window.show_panel, name), also=also)
    for section in window.input.sections.all:

        def unfold(section: InputSection[Any] = section) -> None:
            window.show_panel("input")
            section.unfold()
            section.bring_into_sight()

        yield Entry(
            f"section/{section.objectName()}",
            section.title,
            "Input",
            unfold,
            tip=section.tip,
            also=f"{section.tip} {_IN_SECTIONS.get(section.objectName(), '')}",
        )


def _networks(window: Window, known: Sequence[Architecture]) -> Iterator[Entry]:
    for architecture in known:
        name = architecture.name
        about = f"{name} {architecture.family} {architecture.year or ''}"
        yield Entry(
            f"network/{name}",
            f"Show {architecture.title}",
            name.partition("/")[0] if "/" in name else "Network",
            partial(window.show_network, name),
            also=about,
            tip=architecture.idea,
        )


def _datasets(window: Window) -> Iterator[Entry]:
    def browse(name: str, title: str) -> None:
        window.show_panel("data")
        window.inside.data.build().show_dataset(name, title)

    for entry in DATASETS:
        yield Entry(
            f"dataset/{entry.name}",
            f"Browse {entry.title}",
            "Data set",
            partial(browse, entry.name, entry.title),
            also=f"data set {entry.name}",
            tip=entry.about,
        )


def _experiments(window: Window) -> Iterator[Entry]:
    for experiment in EXPERIMENTS:
        yield Entry(
            f"experiment/{experiment.name}",
            f"Experiment {experiment.number}: {experiment.title}",
            "Experiment",
            partial(window.links.experiment, experiment.number),
            also=f"claim {experiment.name} {experiment.question}",
            tip=experiment.question,
        )
