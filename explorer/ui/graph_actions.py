"""What one can do with the graph, as actions: for keys, menus and the toolbar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from explorer.structure.layout import Direction
from explorer.ui.graph_heat import Quantity
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.ui.graph_view import GraphView

Keys = tuple[str | QKeySequence.StandardKey, ...]
_DEEPEST = 9


class GraphActions(QObject):
    """Actions work while the graph has the focus; the window's own shortcuts scale the text."""

    def __init__(self, view: GraphView) -> None:
        super().__init__(view)
        self._view = view
        self._icons: dict[QAction, str] = {}
        self.fit = self._action("&Fit", ("F", "Ctrl+0"), view.show_whole, "Show the whole graph", "fit")
        self.fold_all = self._action("Fold &all", ("0",), view.fold_all, "Fold all blocks")
        self.unfold_all = self._action("&Unfold all", ("*",), view.unfold_all, "Unfold all blocks")
        self.fold_around = self._action(
            "Fold what is a&round", ("Backspace",), view.fold_around, "Fold the block or stack around what is selected"
        )
        self.depths = [
            self._action(
                f"Fold to depth &{depth}",
                (str(depth),),
                lambda depth=depth: view.fold_to_depth(depth),
                f"Open blocks down to depth {depth}",
            )
            for depth in range(1, _DEEPEST + 1)
        ]
        self.zoom_in = self._action("Zoom &in", ("+", "="), view.enlarge, "Enlarge the graph", "zoom-in")
        self.zoom_out = self._action("Zoom &out", ("-",), view.shrink, "Shrink the graph", "zoom-out")
        self.zoom_selection = self._action(
            "Zoom to &selection", ("Z",), view.zoom_to_selection, "Show what is selected large in the middle"
        )
        self.find = self._action("&Find…", ("Ctrl+G", "/"), view.open_find, "Find a layer in the graph", "search")
        self.back = self._action("&Back", ("Alt+Left",), view.go_back, "Back to what was seen before", "back")
        self.forward = self._action("For&ward", ("Alt+Right",), view.go_forward, "Forward again", "forward")
        self.vertical = self._action(
            "&Vertical", ("V",), view.turn, "Let the network run downwards instead of to the right", "direction"
        )
        self.vertical.setCheckable(True)
        self.rows = self._action(
            "&Rows",
            ("R",),
            view.turn_rows,
            "Wrap a long network into rows, instead of one line",
            "rows",
        )
        self.rows.setCheckable(True)
        self.maps = self._action(
            "Feature &maps", ("M",), view.turn_maps, "Show below each layer what it makes of the input", "maps"
        )
        self.maps.setCheckable(True)
        copy = QKeySequence.StandardKey.Copy
        self.copy_image = self._action("&Copy as image", (copy,), view.export.copy_image, "Copy the graph as an image")
        self.copy_svg = self._action("Copy as SV&G", ("Ctrl+Shift+C",), view.export.copy_svg, "Copy the graph as SVG")
        self.save = self._action(
            "&Save as…", ("Ctrl+Shift+S",), view.export.choose_file, "Save the graph as SVG, PDF, PNG or DOT", "save"
        )
        self.quantities = QActionGroup(self)
        for quantity in Quantity:
            title = "Colour by kind" if quantity is Quantity.NONE else f"Colour by {quantity.value}"
            action = QAction(title, self)
            action.setCheckable(True)
            action.setChecked(quantity is Quantity.NONE)
            action.setToolTip(title)
            action.setData(quantity.value)
            action.triggered.connect(lambda _checked=False, quantity=quantity: view.colour_by(quantity))
            self.quantities.addAction(action)
        theme().changed.connect(self._on_theme)
        self._on_theme()
        self.refresh()

    def fold_menu(self, menu: QMenu) -> None:
        """Fills a menu with the ways to fold."""
        menu.setToolTipsVisible(True)
        menu.addActions([self.fold_all, *self.depths, self.unfold_all])
        menu.addSeparator()
        menu.addAction(self.fold_around)

    def quantity_menu(self, menu: QMenu) -> None:
        """Fills a menu with what boxes can be coloured by."""
        menu.addActions(self.quantities.actions())

    def save_menu(self, menu: QMenu) -> None:
        """Fills a menu with the ways to take the graph elsewhere."""
        menu.setToolTipsVisible(True)
        menu.addActions([self.copy_image, self.copy_svg, self.save])

    def fill(self, menu: QMenu) -> None:
        """Fills a menu with everything."""
        menu.setToolTipsVisible(True)
        menu.addActions([self.find, self.back, self.forward])
        menu.addSeparator()
        menu.addActions([self.fit, self.zoom_in, self.zoom_out, self.zoom_selection])
        menu.addSeparator()
        self.fold_menu(menu.addMenu("F&old"))
        menu.addActions([self.vertical, self.rows, self.maps])
        self.quantity_menu(menu.addMenu("Co&lour"))
        menu.addSeparator()
        self.save_menu(menu)

    def refresh(self) -> None:
        """Offers what can be done with what is on screen."""
        view = self._view
        here, history = view.picture is not None, view.history
        self.back.setEnabled(history.can_go_back)
        self.forward.setEnabled(history.can_go_forward)
        self.vertical.setChecked(view.direction is Direction.DOWN)
        self.rows.setChecked(view.in_rows)
        self.maps.setChecked(view.shows_maps)
        self.maps.setVisible(view.has_maps)
        for action in self.quantities.actions():
            action.setChecked(action.data() == view.quantity.value)
        for action in (self.fit, self.fold_all, self.unfold_all, self.find, self.copy_image, self.copy_svg, self.save):
            action.setEnabled(here)
        deepest = view.deepest()
        for depth, action in enumerate(self.depths, start=1):
            action.setVisible(depth <= deepest)

    def _action(self, text: str, keys: Keys, work: Callable[[], object], tip: str, icon: str = "") -> QAction:
        action = QAction(text, self._view)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(f"{tip} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")
        action.triggered.connect(lambda _checked=False: work())
        self._view.addAction(action)
        if icon:
            self._icons[action] = icon
            action.setIconVisibleInMenu(False)
        return action

    def _on_theme(self) -> None:
        for action, icon in self._icons.items():
            action.setIcon(theme().icon(icon))
