"""What the window has around comparisons: networks and runs side by side, and what is measured here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from explorer.networks.architecture import Architecture
from explorer.runs.run_folder import Run, read_run
from explorer.ui.catalogue_model import Entry

if TYPE_CHECKING:
    from explorer.ui.comparison_panel import ComparisonPanel
    from explorer.ui.comparison_runs import RunsCompared
    from explorer.ui.measured_panel import MeasuredPanel
    from explorer.ui.side_by_side import SideBySide
    from explorer.ui.window import Window
    from explorer.ui.window_parts import WindowParts

SIDE_BY_SIDE, RUNS, MEASURED = 2, 3, 4
_ANY_HEIGHT = 16_777_215  # Qt's QWIDGETSIZE_MAX


class ComparisonTools(QObject):
    """Makes the pages when they are first in sight, and joins them with the window once it is whole."""

    picture_wanted = Signal(object)  # uint8 [H, W] or [H, W, 3], for the pad

    def __init__(self, window: WindowParts) -> None:
        super().__init__(window)
        self._window = window
        self._state: dict[str, Any] = {}
        self._runs: tuple[Run, ...] = ()
        self._names: list[str] = []
        self._has_room = False
        self.panel: ComparisonPanel | None = None
        self.side_by_side: SideBySide | None = None
        self.runs: RunsCompared | None = None
        self.measured: MeasuredPanel | None = None
        # Once tabs and workspaces have settled: while they change, panels are shown and hidden for a moment.
        self._looking = QTimer(self)
        self._looking.setSingleShot(True)
        self._looking.timeout.connect(self._give_room)
        self.action = QAction("Compare &with…", window)
        self.action.setShortcut("Ctrl+Shift+B")
        self.action.setToolTip("Put the network on screen beside another one, with what differs marked")
        self.action.triggered.connect(lambda _checked=False: self.compare_on_screen())

    def join(self, window: Window) -> None:
        """Connects what was made with the graph, the catalogue, the runs and the devices."""
        window.graph_view.menu_wanted.connect(lambda menu: menu.addAction(self.action))
        window.runs.listed.connect(self.set_runs)
        window.reader.zoo_listed.connect(self._on_zoo)
        window.session.devices_found.connect(self._on_devices)
        window.workspaces.changed.connect(lambda _name: self._looking.start(0))
        window.docks["comparison"].visibilityChanged.connect(lambda _shown: self._looking.start(0))
        catalogue = window.catalogue.list
        catalogue.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        catalogue.customContextMenuRequested.connect(self._catalogue_menu)

    # The pages are imported when they are first in sight: the window is up before them.

    def make_panel(self) -> ComparisonPanel:
        """The panel with all its pages."""
        from explorer.ui.comparison_panel import ComparisonPanel, Page  # noqa: PLC0415

        window = self._window
        pages = (
            Page("Side by side", "Two networks with what differs marked", self._make_side_by_side),
            Page("Runs", "Two trained runs on the same images", self._make_runs),
            Page("Measured here", "Images a second and memory on this machine", self._make_measured),
        )
        panel = self.panel = ComparisonPanel(pages=pages)
        panel.chosen.connect(window.reader.find)
        panel.run_chosen.connect(self._open_run)
        panel.page_changed.connect(lambda _number: self._looking.start(0))
        panel.set_runs(self._runs)
        # Where the table of runs is out of sight, nobody else has asked for them.
        window.runs.refresh()
        page = self._state.get("page")
        if isinstance(page, int) and 0 <= page < len(pages) + 2:
            panel.show_page(page)
        return panel

    def compare_on_screen(self) -> None:
        """Puts the network on screen on the left of the two that are side by side."""
        session = self._window.session
        if session.architecture is not None:
            self.compare(session.architecture, session.options)

    def compare(self, architecture: Architecture, options: Any) -> None:
        """Shows a network on the left, to be compared with the one on the right."""
        self._open().compare_with(architecture, options)

    def set_runs(self, runs: tuple[Run, ...]) -> None:
        self._runs = runs
        if self.panel is not None:
            self.panel.set_runs(runs)
        if self.runs is not None:
            self.runs.set_runs(runs)

    def state(self) -> dict[str, Any]:
        """What to remember, fit for JSON."""
        found = dict(self._state)
        if self.panel is not None:
            found["page"] = self.panel.page
        for name, page in (("side_by_side", self.side_by_side), ("runs", self.runs), ("measured", self.measured)):
            if page is not None:
                found[name] = page.state()
        return found

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave."""
        self._state = state

    def shutdown(self) -> None:
        """Ends the threads."""
        self._looking.stop()
        for page in (self.side_by_side, self.runs, self.measured):
            if page is not None:
                page.shutdown()
        if self.panel is not None:
            self.panel.shutdown()

    # The pages

    def _make_side_by_side(self) -> SideBySide:
        from explorer.ui.side_by_side import SideBySide  # noqa: PLC0415

        page = self.side_by_side = SideBySide()
        page.restore(self._kept("side_by_side"))
        page.offer(self._names)
        page.message.connect(self._window.session.message)
        return page

    def _make_runs(self) -> RunsCompared:
        from explorer.ui.comparison_runs import RunsCompared  # noqa: PLC0415

        page = self.runs = RunsCompared(self._window.inside.shelf)
        page.restore(self._kept("runs"))
        page.set_runs(self._runs)
        page.picture_wanted.connect(self._window.inside.picture_wanted)
        return page

    def _make_measured(self) -> MeasuredPanel:
        from explorer.ui.measured_panel import MeasuredPanel  # noqa: PLC0415

        page = self.measured = MeasuredPanel()
        page.restore(self._kept("measured"))
        page.offer(self._names)
        page.set_devices(self._window.session.devices)
        page.message.connect(self._window.session.message)
        return page

    def _kept(self, name: str) -> dict[str, Any]:
        kept = self._state.get(name)
        return kept if isinstance(kept, dict) else {}

    def _open(self) -> SideBySide:
        window = self._window
        window.workspaces.enter("Compare")
        panel = window.comparison.build()
        window.docks["comparison"].show()
        window.docks["comparison"].raise_()
        panel.show_page(SIDE_BY_SIDE)
        assert self.side_by_side is not None  # noqa: S101 - the page was just shown
        return self.side_by_side

    # What happens

    def _give_room(self) -> None:
        """In the Compare workspace the two graphs side by side take the place of the one above them.

        The one above is made flat, not hidden: without it the docks at the sides would take its width.
        """
        window, page = self._window, self.side_by_side
        wanted = page is not None and page.isVisible() and window.workspaces.current == "Compare"
        if wanted == self._has_room or not window.isVisible():
            return
        self._has_room = wanted
        window.graph_view.setMaximumHeight(0 if wanted else _ANY_HEIGHT)
        if wanted:
            window.resizeDocks([window.docks["comparison"]], [window.height()], Qt.Orientation.Vertical)
        else:
            window.workspaces.share_out()

    def _on_zoo(self, _zoo: str, architectures: tuple[Architecture, ...]) -> None:
        names = [architecture.name for architecture in architectures]
        self._names += names
        for page in (self.side_by_side, self.measured):
            if page is not None:
                page.offer(names)

    def _on_devices(self, devices: dict[str, str]) -> None:
        if self.measured is not None:
            self.measured.set_devices(devices)

    def _open_run(self, folder: Path) -> None:
        run = read_run(folder)
        if run.record is not None:
            self._window.reader.find(run.record.architecture, run.record.options)
            self._window.inside.on_screen.show(folder)

    def _catalogue_menu(self, place: QPoint) -> None:
        catalogue = self._window.catalogue
        row = catalogue.model.row_at(catalogue.list.indexAt(place))
        if not isinstance(row, Entry) or row.architecture is None:
            return
        architecture = row.architecture
        menu = QMenu(catalogue)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Compare: put on the left", lambda: self.compare(architecture, architecture.options_type()))
        menu.addAction(
            "Compare: put on the right", lambda: self._open().put_right(architecture, architecture.options_type())
        )
        menu.popup(catalogue.list.viewport().mapToGlobal(place))
