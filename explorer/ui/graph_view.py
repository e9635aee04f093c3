"""The graph on screen: folding, zooming, walking, finding and selecting."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QPainter, QPaintEvent, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from explorer.structure.graph import Graph
from explorer.structure.layout import Direction
from explorer.ui.graph_actions import GraphActions
from explorer.ui.graph_canvas import MARGIN
from explorer.ui.graph_edits import paint_edits
from explorer.ui.graph_export import GraphExport
from explorer.ui.graph_finding import GraphFinding
from explorer.ui.graph_folding import GraphFolding
from explorer.ui.graph_heat import Quantity
from explorer.ui.graph_legend import legend_size, paint_legend
from explorer.ui.graph_look import screen_look
from explorer.ui.graph_maker import Answer
from explorer.ui.graph_note import GraphNote
from explorer.ui.graph_thumbnails import thumbnail_rect
from explorer.ui.graph_toolbar import GraphToolbar
from explorer.ui.session import Session
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from explorer.ui.figure import Figure

READING = "Reading the network…"
_ZOOM_STEP = 1.25
# From farther away, a layer that was searched for would be found but not read.
_READABLE = 0.55
# Which thumbnails are to be painted alone, where, and the region that the paint event for that will tell.
_NOTHING_LIVE: tuple[dict[str, QRectF], QRegion] = ({}, QRegion())


class GraphView(GraphFolding):
    """Shows the session's graph and its selection, and sets the selection; `folded` are the closed blocks' paths.

    Call `shutdown` before the window goes; `state` and `restore` keep how graphs are drawn.
    """

    menu_wanted = Signal(object)  # a QMenu that is about to open, to be added to

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.setObjectName("graph_view")
        self.setAccessibleName("Graph of the network")
        self.export = GraphExport(self)
        self._message = READING
        self._edited: frozenset[str] = frozenset()
        self.maps_caption = ""
        self._live = _NOTHING_LIVE
        self._busy_note = GraphNote("graph_busy", self, cancel="Cancel")
        self._busy_note.cancelled.connect(self.stop_layout)
        self._maker.slow.connect(self._on_slow)
        self._remark = GraphNote("graph_remark", self)
        self.commands = GraphActions(self)
        self.toolbar = GraphToolbar(self.commands, self)
        self.finding = GraphFinding(self)
        self._name_actions()
        self.altered.connect(self._on_altered)
        session.graph_changed.connect(self._on_graph)
        session.graph_failed.connect(self._on_failure)
        session.selection_changed.connect(self._on_selection)
        theme().changed.connect(self._on_theme)
        self._put_overlays()
        if session.graph is not None:
            self._on_graph(session.graph)

    # What others ask for

    @property
    def message(self) -> str:
        """The sentence that stands where the graph would be; "" where there is one."""
        return "" if self._picture else self._message

    def mark_edited(self, paths: Collection[str]) -> None:
        """Marks what stands for layers and blocks that are silenced or skipped in a copy of the network."""
        self._edited = frozenset(paths)
        self.viewport().update()

    def state(self) -> dict[str, Any]:
        """How graphs are drawn, for the next start."""
        state = {"direction": self.direction.value, "quantity": self.quantity.value, "rows": self.in_rows}
        return {**state, "maps": self.shows_maps} if self.has_maps else state

    def restore(self, state: Mapping[str, Any]) -> None:
        """Draws graphs as a state says; what it lacks or says wrongly stays as it is."""
        if state.get("direction") in {direction.value for direction in Direction}:
            self.direction = Direction(state["direction"])
        if state.get("quantity") in {quantity.value for quantity in Quantity}:
            self.quantity = Quantity(state["quantity"])
        if isinstance(state.get("rows"), bool):
            self.in_rows = state["rows"]
        if isinstance(state.get("maps"), bool):
            self.shows_maps = state["maps"]
        self._make(self._folded, lambda _before: self.fit(), afresh=True)
        self.commands.refresh()

    def shutdown(self) -> None:
        """Ends motion and waits for the threads."""
        self._arrive()
        self._tiles.rest()
        self._resized.stop()
        self._maker.shutdown()
        self.export.shutdown()

    def figure(self, *, dark: bool) -> Figure:
        """What is on screen, as a figure shows it."""
        from explorer.ui.figure import Figure  # noqa: PLC0415 - SVG and PDF are imported with the first figure

        room = self._picture.layout.room if self._picture else None
        return Figure(
            self._folded, dark, self.direction, self.quantity, page=None, room=room, layers=dict(self._layers)
        )

    # What actions do

    def show_whole(self) -> None:
        self._leave()
        self.fit()

    def enlarge(self) -> None:
        self._zoom_by(_ZOOM_STEP, QPointF(self.viewport().rect().center()))

    def shrink(self) -> None:
        self._zoom_by(1 / _ZOOM_STEP, QPointF(self.viewport().rect().center()))

    def zoom_to_selection(self) -> None:
        if self._picture:
            self._leave()
            self.zoom_to(self._picture.folded.where(self._session.selection))

    def open_find(self) -> None:
        if self._picture:
            self.finding.open()

    def show_closely(self, path: str) -> None:
        """Shows what a path stands for so near that it can be read."""
        if self._picture is None:
            return
        where = self._picture.folded.where(path)
        if self.zoom < _READABLE and where in self._picture.layout.box_by_path:
            self._arrive()
            self._is_fitting = False
            self._place(1.0, self._picture.rect(where).center(), self._area().center())
        else:
            self._reveal(self._picture.rect(where))

    # The session speaks

    def _on_graph(self, graph: Graph) -> None:
        before = self._picture.graph if self._picture else None
        same = before is not None and before.block_by_path.keys() == graph.block_by_path.keys()
        kept = self._folded if same else None
        self._thumbnails, self._live = {}, _NOTHING_LIVE
        if not same:
            self.history.clear()
        self._message = READING
        self._remark.say(graph.remark)
        self._put_overlays()
        wish = self._wish(graph, kept, afresh=not same)

        def take(answer: Answer) -> None:
            self._arrive()
            self._take(answer)
            if self._is_fitting or not same:
                self.fit()
            self._describe()

        self._maker.make(wish, take, self._on_failure)

    def _on_failure(self, sentence: str) -> None:
        self._maker.stop()
        self._message = sentence
        self._remark.say("")
        self._arrive()
        self._set_picture(None)
        self.commands.refresh()

    def _on_selection(self, path: str) -> None:
        if path != self._selected:
            self._leave()
            self._selected = path
        self._describe()
        self.viewport().update()
        if self._picture and not self.is_pressed and not self._is_going:
            self._reveal(self._picture.rect(self._picture.folded.where(path)))

    def _on_altered(self) -> None:
        self.commands.refresh()
        self.finding.look()
        self._describe()

    def _on_theme(self) -> None:
        self._put_overlays()
        if self._picture and self._picture.look != screen_look():
            self._remake()
        self.viewport().update()

    # Painting

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        painter.fillRect(rect, theme().colour("ground"))
        picture, exposed, zoom = self._picture, QRectF(rect), self.zoom
        if picture is None:
            return
        hovered = self._hovered.path if self._hovered else ""
        if self._old_layout is None and self._tiles.is_needed(exposed, zoom):
            painter.save()
            painter.resetTransform()
            if not self._ghost.isNull():
                painter.drawPixmap(0, 0, self._ghost)
            self._tiles.paint(painter, self.viewport().rect(), self._scrolled(), zoom)
            painter.restore()
            picture.paint_marks(
                painter, zoom=zoom, selected=self._session.selection, hovered=hovered, thumbnails=self._thumbnails
            )
        else:
            self._tiles.rest()
            picture.paint(
                painter,
                exposed,
                zoom=zoom,
                selected=self._session.selection,
                hovered=hovered,
                thumbnails=self._thumbnails,
                before=self._old_layout,
                share=self._share,
            )
        if self._edited and self._old_layout is None:
            paint_edits(painter, picture, exposed, self._edited, zoom)
        if self.finding.rings:
            picture.paint_found(painter, exposed, self.finding.rings, zoom)

    def show_thumbnails(self, thumbnails: Mapping[str, QImage]) -> None:
        """Paints these pictures below the boxes named by path, where room was kept for them, and nothing else anew."""
        before, self._thumbnails = self._thumbnails, dict(thumbnails)
        self._live = _NOTHING_LIVE
        picture = self._picture
        # Only over an old thumbnail is a new one painted alone: one that comes or goes changes what lies around it.
        if picture is None or self._old_layout is not None or before.keys() != self._thumbnails.keys():
            self.viewport().update()
            return
        changed = [path for path, image in self._thumbnails.items() if before[path] is not image]
        shown = QRectF(self.viewport().rect())
        places = {path: rect for path in changed if (rect := self._thumbnail_place(path)).intersects(shown)}
        region = QRegion()
        for rect in places.values():
            region += rect.toAlignedRect()
        # As the paint event will tell it.
        region &= QRegion(self.viewport().rect())
        self._live = places, region
        self.viewport().update(region)

    def _thumbnail_place(self, path: str) -> QRectF:
        """Where a box's thumbnail is in the viewport."""
        picture, image = self._picture, self._thumbnails.get(path)
        placed = picture.layout.box_by_path.get(path) if picture else None
        if picture is None or placed is None or image is None:
            return QRectF(self.viewport().rect())
        rect = thumbnail_rect((image.width(), image.height()), placed, picture.look)
        zoom, corner = self.zoom, QPointF(self._scrolled())
        return QRectF(rect.topLeft() * zoom - corner, rect.size() * zoom)

    def _paint_live(self, painter: QPainter, places: Mapping[str, QRectF]) -> None:
        """Paints new thumbnails over old ones of the same size."""
        ground, ratio = theme().colour("ground"), self.devicePixelRatioF()
        for path, rect in places.items():
            image = self._thumbnails[path]
            painter.fillRect(rect, ground)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > rect.width() * ratio)
            painter.drawImage(rect, image)

    def paintEvent(self, event: QPaintEvent) -> None:
        (places, region), self._live = self._live, _NOTHING_LIVE
        is_live = places.keys() <= self._thumbnails.keys() and event.region() == region
        if places and is_live and self._old_layout is None and not self.quantity_is_shown:
            painter = QPainter(self.viewport())
            self._paint_live(painter, places)
            painter.end()
            return
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        area = QRectF(self.viewport().rect())
        if self._picture is None:
            margin = theme().px(2 * MARGIN)
            painter.setFont(theme().font())
            painter.setPen(theme().colour("secondary"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area.adjusted(margin, 0, -margin, 0), flags, self._message)
        elif self._picture.faces.heat:
            heat, look, margin = self._picture.faces.heat, self._picture.look, theme().px(12)
            top = area.bottom() - margin - legend_size(heat, look).height()
            paint_legend(painter, QPointF(margin, top), heat, look)
        if self.maps_caption and self._picture is not None:
            self._paint_caption(painter)
        if self.shows_focus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().colour("accent"), 1))
            painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))

    @property
    def quantity_is_shown(self) -> bool:
        """Whether a legend lies over the graph."""
        return self._picture is not None and self._picture.faces.heat is not None

    def say_of_maps(self, caption: str) -> None:
        """A few words in the upper left corner on what the feature maps are of; "" for none."""
        if caption != self.maps_caption:
            self.maps_caption = caption
            self.viewport().update()

    def _paint_caption(self, painter: QPainter) -> None:
        """In the strip along the top that the whole graph leaves free."""
        px = theme().px
        painter.setFont(theme().font(secondary=True))
        metrics = painter.fontMetrics()
        rect = QRectF(px(12), px(12), metrics.horizontalAdvance(self.maps_caption) + px(16), metrics.height() + px(6))
        if self._remark.isVisible():
            rect.moveTop(self._remark.geometry().bottom() + px(8))
        elif rect.right() + px(12) > self.toolbar.x():
            rect.moveTop(self._top_strip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("line"), 1))
        painter.setBrush(theme().colour("panel"))
        painter.drawRoundedRect(rect, px(6), px(6))
        painter.setPen(theme().colour("secondary"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.maps_caption)

    # What lies over the graph

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._put_overlays()
        super().resizeEvent(event)

    def _put_overlays(self) -> None:
        margin = theme().px(8)
        self.toolbar.adjustSize()
        self.toolbar.move(max(0, self.width() - self.toolbar.width() - margin), margin)
        below = self.toolbar.height() + 2 * margin
        self._top_strip = below
        self.finding.put(QPoint(self.width() - margin, below))
        self._remark.fit()
        self._remark.move(margin, margin if self._remark.width() + 3 * margin < self.toolbar.x() else below)
        self._busy_note.fit()
        self._busy_note.move((self.width() - self._busy_note.width()) // 2, margin)

    def _on_slow(self, slow: bool) -> None:
        self._busy_note.say("Laying out…" if slow else "")
        self._put_overlays()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        hit = self._hit(QPointF(event.pos())) if event.reason() is QContextMenuEvent.Reason.Mouse else None
        if hit is not None:
            # The menu is about what was clicked.
            self._session.select(hit.path)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.commands.fill(menu)
        self.menu_wanted.emit(menu)
        menu.popup(event.globalPos())

    def _name_actions(self) -> None:
        commands = self.commands
        self.fit_action, self.fold_all_action = commands.fit, commands.fold_all
        self.unfold_all_action, self.copy_image_action = commands.unfold_all, commands.copy_image
        self.zoom_in_action, self.zoom_out_action = commands.zoom_in, commands.zoom_out
        self.zoom_selection_action = commands.zoom_selection

    def _describe(self) -> None:
        """Tells screen readers what is selected."""
        self.setAccessibleDescription(", ".join(self.tip(self._session.selection)) or "nothing selected")
