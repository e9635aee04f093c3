"""Which blocks of the graph are folded, and where one has been: each change makes a new picture, off the UI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from explorer.structure.fold import folded_to_depth, stack_paths
from explorer.structure.graph import Graph
from explorer.structure.layout import Direction, Layout
from explorer.structure.layout_page import READABLE, Page
from explorer.structure.nesting import nesting_of
from explorer.training.events import LayerFigures
from explorer.ui.graph_canvas import Journey
from explorer.ui.graph_hand import GraphHand
from explorer.ui.graph_heat import MEASURED, Quantity, heat_of
from explorer.ui.graph_history import GraphHistory, Place
from explorer.ui.graph_look import screen_look
from explorer.ui.graph_maker import Answer, PictureMaker, Wish
from explorer.ui.graph_motion import moved
from explorer.ui.graph_picture import GraphPicture
from explorer.ui.session import Session
from explorer.ui.theme import theme

# Of more boxes, each one's own way from the old place to the new one takes too long to paint.
_MOST_MOVED = 160
# A view that is resized by more than this share has its rows made anew, when it has kept its size for a while.
_RESIZED = 0.1
_SETTLED_MS = 180
_LEAST_PAGE = (240, 96)


class GraphFolding(GraphHand):
    """Folds, turns and colours the graph.

    `altered` says that something else can be done with it now, `folding_changed` carries the paths of what is closed.
    """

    altered = Signal()
    folding_changed = Signal(object)  # frozenset of paths

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.direction = Direction.RIGHT
        self.quantity = Quantity.NONE
        self.in_rows = True
        self._page_of_rows: Page | None = None
        self._resized = QTimer(self)
        self._resized.setSingleShot(True)
        self._resized.setInterval(_SETTLED_MS)
        self._resized.timeout.connect(self._on_resized)
        self.history = GraphHistory()
        self._folded = self._shown_folding = frozenset[str]()
        self._selected = session.selection
        self._is_going = False
        self._thumbnails: dict[str, QImage] = {}
        # Whether feature maps stand below the boxes; they are painted where somebody computes them.
        self.shows_maps = False
        self.has_maps = False
        self._layers: dict[str, LayerFigures] = {}  # what training measured, by path
        self._maker = PictureMaker(self)
        self.toggle_wanted.connect(self.toggle)

    @property
    def folded(self) -> frozenset[str]:
        return self._folded

    @property
    def is_laying_out(self) -> bool:
        """Whether another picture is under way."""
        return self._maker.is_busy

    def set_thumbnails(self, thumbnails: Mapping[str, QImage]) -> None:
        """Draws a picture below each of the nodes named by path; an empty mapping removes them.

        Pictures of the same sizes as before replace the old ones without a new layout.
        """
        before = {path: image.size().toTuple() for path, image in self._thumbnails.items()}
        self._thumbnails = dict(thumbnails)
        after = {path: image.size().toTuple() for path, image in self._thumbnails.items()}
        if before != after:
            self._remake()
        self.viewport().update()

    def show_maps(self, shown: bool) -> None:
        """Keeps room below the boxes for their feature maps, or takes it away."""
        if shown != self.shows_maps:
            self.shows_maps = shown
            self.altered.emit()
            self._make(self._folded, lambda _before: self.fit(), afresh=True)

    def turn_maps(self) -> None:
        """Shows feature maps below the boxes, or no longer."""
        self.show_maps(not self.shows_maps)

    # Folding

    def fold(self, folded: frozenset[str]) -> None:
        """Closes exactly the given blocks and shows the whole."""
        if self._picture and folded != self._folded:
            self._leave()
            self._refold(folded, "", self.fit, afresh=True)

    def toggle(self, path: str) -> None:
        """Folds or unfolds a block or stack; what shows its name stays where it is on screen."""
        if self._picture is None:
            return
        graph, folded = self._picture.graph, self._picture.folded
        box = folded.box_by_path.get(path)
        if box is not None and box.block is not None and not box.stack:
            # A block that is left and entered again has a box for each visit, all of which open together.
            path = box.block.path
        if path in stack_paths(graph) or path in graph.block_by_path:
            self._leave()
            changed = self._folded - {path} if box else self._folded | {path}
            self._refold(changed, path)

    def fold_around(self) -> None:
        """Folds the stack or block around what is selected."""
        if self._picture is None:
            return
        graph = self._picture.graph
        where = self._picture.folded.where(self._session.selection)
        for path, members in stack_paths(graph).items():
            if where in members and where in self._picture.folded.box_by_path:
                self._leave()
                self._refold(self._folded | {path, *members}, "")
                self._session.select(path)
                return
        box = self._picture.folded.box_by_path.get(where)
        frame = box.frame if box else where
        if frame:
            self.toggle(frame)
            self._session.select(frame)

    def fold_all(self) -> None:
        self.fold_to_depth(0)

    def fold_to_depth(self, depth: int) -> None:
        """Opens blocks that lie in fewer than `depth` others, and closes the rest."""
        if self._picture:
            self.fold(folded_to_depth(self._picture.graph, depth))

    def unfold_all(self) -> None:
        self.fold(frozenset())

    def unfold_to(self, path: str) -> None:
        """Opens all blocks and stacks around a layer or block."""
        if self._picture is None:
            return
        graph = self._picture.graph
        node, block = graph.by_path.get(path), graph.block_by_path.get(path)
        around = node.block if node else block.parent if block else ""
        opened = {path}
        while around:
            opened.add(around)
            around = graph.block_by_path[around].parent
        opened |= {stack for stack, members in stack_paths(graph).items() if opened.intersection(members)}
        if opened & self._folded:
            self._leave()
            self._refold(self._folded - (opened - {path}), self._picture.folded.where(path))

    def deepest(self) -> int:
        """How many blocks lie within each other at most."""
        return 1 + max(nesting_of(self._picture.graph).depths.values(), default=-1) if self._picture else 0

    def turn(self) -> None:
        """Changes between left to right and top to bottom."""
        self.direction = Direction.RIGHT if self.direction is Direction.DOWN else Direction.DOWN
        self.altered.emit()
        self._make(self._folded, lambda _before: self.fit(), afresh=True)

    def turn_rows(self) -> None:
        """Changes between rows that can be read and one long line."""
        self.in_rows = not self.in_rows
        self.altered.emit()
        self._make(self._folded, lambda _before: self.fit(), afresh=True)

    def colour_by(self, quantity: Quantity) -> None:
        """Colours boxes by a quantity instead of their kind."""
        if quantity is not self.quantity:
            self.quantity = quantity
            self.altered.emit()
            self._remake()

    def set_layers(self, layers: Mapping[str, LayerFigures]) -> None:
        """Takes what training measures in the layers, by path; boxes that are coloured by it are coloured anew."""
        if layers != self._layers:
            self._layers = dict(layers)
            self._colour_anew()

    def _colour_anew(self) -> None:
        picture = self._picture
        if picture is None or self.quantity not in MEASURED:
            return
        if self.isVisible() and len(picture.layout.boxes) > _MOST_MOVED:
            self._ghost = self.viewport().grab()
        picture.show_heat(heat_of(picture.folded, self.quantity, self._layers))
        self._tiles.set_picture(picture)
        self._minimap.set_picture(picture)
        self._on_view_moved()
        self.viewport().update()

    def stop_layout(self) -> None:
        """Gives up the picture that is being made; the one on screen stays."""
        self._maker.stop()
        if self._picture:
            self._folded = self._shown_folding
            self.direction = self._picture.layout.direction
            self.in_rows = self.in_rows or self._picture.layout.room is not None
            heat = self._picture.faces.heat
            self.quantity = heat.quantity if heat else Quantity.NONE
            self.altered.emit()

    # Places and history

    def go_back(self) -> None:
        self._go(self.history.back(self._place_now()))

    def go_forward(self) -> None:
        self._go(self.history.forward(self._place_now()))

    def _place_now(self) -> Place:
        if self._is_fitting:
            return Place(self._selected, self._folded)
        centre = self.mapToScene(self.viewport().rect().center())
        return Place(self._selected, self._folded, self.zoom, centre.x(), centre.y())

    def _leave(self) -> None:
        if not self._is_going:
            self.history.leave(self._place_now())
            self.altered.emit()

    def _go(self, place: Place | None) -> None:
        if place is None or self._picture is None:
            return

        def arrive() -> None:
            if place.zoom:
                self._is_fitting = False
                self._place(place.zoom, QPointF(place.x, place.y), QPointF(self.viewport().rect().center()))
            else:
                self.fit()

        graph = self._picture.graph
        known = place.selection in graph.by_path or place.selection in graph.block_by_path
        if place.folded != self._folded:
            self._refold(place.folded, "", arrive)
        else:
            arrive()
        self._is_going = True
        self._session.select(place.selection if known or place.selection in stack_paths(graph) else "")
        self._is_going = False
        self.altered.emit()

    # Pictures

    def _wish(self, graph: Graph, folded: frozenset[str] | None, *, afresh: bool) -> Wish:
        """A picture as everything is set now; `afresh`: with rows that suit the view, not of the length there is."""
        page = room = None
        if self.in_rows and (afresh or self._picture is None):
            page = self._page_of_rows = self._page()
        elif self.in_rows:
            layout = self._picture.layout if self._picture else None
            room = self._length_of(layout) if layout else None
        slots = self.shows_maps and self.has_maps and graph.failure is None
        # Live maps have rooms of their own, which do not depend on what is in them.
        thumbnails = {} if self.has_maps else self._thumbnails
        return Wish(graph, folded, screen_look(), self.direction, self.quantity, thumbnails, page, room, slots)

    def _page(self) -> Page:
        """What the view has room for."""
        area = self._area()
        width, height = (theme().px(side) for side in _LEAST_PAGE)
        return Page(max(width, area.width()), max(height, area.height()))

    def _length_of(self, layout: Layout) -> float:
        """How long rows may be so that nothing changes its row while one block folds or unfolds."""
        if layout.room is not None:
            return layout.room
        length = layout.width if layout.direction is Direction.RIGHT else layout.height
        return max(length, self._page().length(layout.direction) / READABLE)

    def _on_resized(self) -> None:
        """Makes rows that suit the view's new size, while it shows the whole."""
        before, page = self._page_of_rows, self._page()
        if not (self.in_rows and self._is_fitting and self._picture and before):
            return
        changes = (page.width / before.width, page.height / before.height)
        if any(abs(change - 1) > _RESIZED for change in changes):
            self._make(self._folded, lambda _before: self.fit(), afresh=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._resized.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._resized.stop()

    def _make(self, folded: frozenset[str], then: Callable[[GraphPicture], None], *, afresh: bool = False) -> None:
        """Makes the picture anew as everything is set now; `then` gets the one before, once the new one is there."""
        if self._picture is None:
            return
        self._folded = folded
        wish = self._wish(self._picture.graph, folded, afresh=afresh)

        def take(answer: Answer) -> None:
            self._arrive()
            before = self._picture
            if before is None:
                return
            self._keep_ghost(answer)
            self._take(answer)
            then(before)

        self._maker.make(wish, take, self._session.message.emit)

    def _take(self, answer: Answer) -> None:
        self._folded = self._shown_folding = answer.folded
        if self.quantity in MEASURED:
            answer.picture.show_heat(heat_of(answer.picture.folded, self.quantity, self._layers))
        self._set_picture(answer.picture)
        self.altered.emit()
        self.folding_changed.emit(answer.folded)

    def _keep_ghost(self, answer: Answer) -> None:
        """Keeps what is on screen until there is something of a large new picture."""
        if self.isVisible() and len(answer.picture.layout.boxes) > _MOST_MOVED:
            self._ghost = self.viewport().grab()

    def _remake(self) -> None:
        """Makes the picture anew, with other fonts or other thumbnails, and keeps the place on screen."""
        if self._picture is None:
            return

        def keep_place(old: GraphPicture) -> None:
            if self._is_fitting or self._picture is None:
                self.fit()
                return
            bounds, before = self._picture.bounds, old.bounds
            point = QPointF(
                centre.x() / max(1.0, before.width()) * bounds.width(),
                centre.y() / max(1.0, before.height()) * bounds.height(),
            )
            self._place(self.zoom, point, QPointF(self.viewport().rect().center()))

        self._arrive()
        centre = self.mapToScene(self.viewport().rect().center())
        self._make(self._folded, keep_place)

    def _refold(
        self, folded: frozenset[str], anchor: str, then: Callable[[], None] | None = None, *, afresh: bool = False
    ) -> None:
        """Folds anew; the triangle of `anchor` stays in place, and `then` is done once the picture is there."""

        def take(old: GraphPicture) -> None:
            new = self._picture
            where = _shown_at(new, anchor) if new else ""
            if new is not None and where and _is_visible(old, anchor):
                before, after, zoom = old.anchor(anchor), new.anchor(where), self.zoom
                at = before * zoom - QPointF(self._scrolled())
                last, end = self._whole_around(after, at) if self._is_fitting else (zoom, at)
                few = max(len(old.layout.boxes), len(new.layout.boxes)) <= _MOST_MOVED
                shift = after - before
                layout = moved(old.layout, shift.x(), shift.y()) if few else None
                self._travel(layout, Journey(after, (zoom, last), (at, end)))
            if then:
                then()

        self._arrive()
        self._make(folded, take, afresh=afresh)


def _is_visible(picture: GraphPicture, path: str) -> bool:
    return path in picture.layout.box_by_path or path in picture.layout.frame_by_path


def _shown_at(picture: GraphPicture, path: str) -> str:
    """The box or frame that stands for a path: its own, or the one that shows it now."""
    if not path or _is_visible(picture, path):
        return path
    where = picture.folded.where(path)
    return where if _is_visible(picture, where) else ""
