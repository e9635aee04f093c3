"""Links from texts into the program.

`layer:PATH`, `option:NAME`, `network:NAME?key=value&...`, `experiment:NUMBER` and `panel:NAME`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import parse_qsl, unquote

from PySide6.QtCore import QObject, Qt

from explorer import experiments
from explorer.networks.catalogue import CATALOGUE
from explorer.networks.options import parse_options

if TYPE_CHECKING:
    from explorer.ui.window import Window

Kind = Literal["layer", "option", "network", "experiment", "panel"]


@dataclass(frozen=True)
class Link:
    """What a link is about: `target` is a path, a name or a number, `values` are a network's options as texts."""

    kind: Kind
    target: str
    values: dict[str, str] = field(default_factory=dict)


def parse(address: str) -> Link | None:
    """The link that an address is; None where it is none into the program."""
    kind, colon, rest = address.partition(":")
    if not colon or kind not in get_args(Kind):
        return None
    target, _, query = rest.partition("?")
    return Link(kind, unquote(target), dict(parse_qsl(query)))  # type: ignore[arg-type]


class Links(QObject):
    """Follows them in a window; what is not there just now is said in the status bar."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window = window
        # Opens an experiment by its number, where the window has a panel for them.
        self.opens_experiment: Callable[[int], object] | None = None

    def follow(self, address: str) -> None:
        link = parse(address)
        if link is None:
            return
        if link.kind == "network":
            self.network(link.target, link.values)
        elif link.kind == "experiment":
            self.experiment(int(link.target) if link.target.isdecimal() else 0)
        else:
            {"layer": self.layer, "option": self.option, "panel": self.panel}[link.kind](link.target)

    def layer(self, path: str) -> None:
        """Selects a layer or a block, and shows it so near that it can be read."""
        window = self._window
        graph = window.session.graph
        if graph is None or (path not in graph.by_path and path not in graph.block_by_path):
            shown = graph.title if graph is not None else "The network"
            window.session.message.emit(f"{shown} has no layer {path} in this form")
            return
        window.session.select(path)
        window.graph_view.show_closely(path)

    def option(self, name: str) -> None:
        """Brings the keyboard to an option."""
        window = self._window
        control = window.options.controls.get(name)
        if control is None or control.isHidden():
            words = name.replace("_", " ")
            window.session.message.emit(f"the form on screen has no option {words}")
            return
        window.show_panel("options")
        control.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def network(self, name: str, values: dict[str, str] | None = None) -> None:
        """Shows a network of the catalogue or of a zoo, with options."""
        window = self._window
        known = next((architecture for architecture in CATALOGUE if architecture.name == name), None)
        if known is None:
            window.show_network(name)
            return
        try:
            options = parse_options(known.options_type, values or {})
        except ValueError as error:
            window.session.message.emit(str(error))
            return
        window.session.show(known, options)

    def experiment(self, number: int) -> None:
        """Opens an experiment; where no panel shows them, says how the terminal runs it."""
        found = next((one for one in experiments.EXPERIMENTS if one.number == number), None)
        if found is None:
            self._window.session.message.emit(f"there is no experiment {number}")
        elif self.opens_experiment is not None:
            self.opens_experiment(number)
        else:
            command = f"cnn-explorer experiment {found.name}"
            self._window.session.message.emit(f"claim {number}, {found.title}: {command}")

    def panel(self, name: str) -> None:
        """Brings a panel to the front."""
        if name in self._window.docks:
            self._window.show_panel(name)
        else:
            self._window.session.message.emit(f"there is no panel {name}")
