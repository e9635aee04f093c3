"""Feature maps below the graph's boxes, live while the pen moves: only what is in sight is computed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QColor, QImage

from explorer.inference.mosaic import Mosaic
from explorer.ui.graph_thumbnails import LEAST_WIDTH, mosaic_for, output_of, size_within
from explorer.ui.inside_maps import Inks, thumbnails
from explorer.ui.inside_service import UNTRAINED, InsideService, Subject, SubjectInfo
from explorer.ui.map_colours import image_of
from explorer.ui.theme import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from explorer.ui.graph_picture import GraphPicture
    from explorer.ui.graph_view import GraphView

_KEY = "thumbnails"
# Forty times a second at most: more cannot be seen, and the pen's own answer comes first.
_PERIOD_S = 0.025


class LiveMaps(QObject):
    """Keeps the thumbnails of `view` up to date. Call `shutdown` before the window goes."""

    def __init__(self, view: GraphView, inside: InsideService) -> None:
        super().__init__(view)
        self._view = view
        self._inside = inside
        self._images: dict[str, QImage] = {}  # by the path of the node that they are of
        self._fresh: set[str] = set()  # nodes whose picture is of the newest input
        self._outputs: dict[str, str] = {}  # box and the node whose output it shows
        self._picture: GraphPicture | None = None
        self._asked_at = 0.0
        self._changes = 0  # of input, network and look: what was asked before the last one is not of now
        self.frames = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        view.has_maps = True
        view.shows_maps = True
        view.commands.refresh()
        inside.input_changed.connect(self._on_input)
        inside.subject_changed.connect(self._on_subject)
        view.altered.connect(self._on_view)
        view.horizontalScrollBar().valueChanged.connect(self._on_view)
        view.verticalScrollBar().valueChanged.connect(self._on_view)
        theme().changed.connect(self._on_theme)

    def shutdown(self) -> None:
        self._timer.stop()
        self._inside.forget(_KEY)

    @property
    def is_on(self) -> bool:
        view = self._view
        return view.shows_maps and view.isVisible() and view.picture is not None and view.picture.faces.thumbnails

    # What happens

    def _on_input(self) -> None:
        self._outdate()
        if not self._inside.has_input:
            self._images.clear()
            self._show()
        self._later()

    def _on_subject(self, info: SubjectInfo | None) -> None:
        self._outdate()
        if info is None:
            self._images.clear()
            self._show()
        self._describe()
        self._later()

    def _on_theme(self) -> None:
        self._outdate()
        self._later()

    def _on_view(self) -> None:
        if self._view.picture is not self._picture:
            self._picture = self._view.picture
            self._outputs.clear()
            self._show()
            self._describe()
        self._later()

    def _describe(self) -> None:
        """Says of what weights the maps are, where that is not to be expected."""
        info = self._inside.info
        untrained = info is not None and not info.trained and self._view.shows_maps
        self._view.say_of_maps(f"Feature maps: {UNTRAINED}" if untrained else "")

    def _later(self) -> None:
        if not self.is_on:
            self._inside.forget(_KEY)
        elif self._inside.is_ready and not self._timer.isActive():
            wait = self._asked_at + _PERIOD_S - time.monotonic()
            self._timer.start(max(0, round(wait * 1000)))

    def _outdate(self) -> None:
        self._changes += 1
        self._fresh.clear()

    # Asking

    def _ask(self) -> None:
        if not self.is_on or not self._inside.is_ready:
            return
        wanted = {path: mosaic for path, mosaic in self._in_sight().items() if path not in self._fresh}
        if not wanted:
            self._show()
            return
        colour = theme().colour
        inks = Inks(
            theme().is_dark,
            bar=_packed(colour("edge")),
            best=_packed(colour("accent")),
            ground=_packed(colour("grid")),
            line=_packed(colour("line")),
        )
        self._asked_at = time.monotonic()
        changes = self._changes

        def work(subject: Subject) -> dict[str, NDArray[np.uint32]]:
            return thumbnails(subject, wanted, inks)

        self._inside.ask(_KEY, work, lambda pictures: self._take(pictures, wanted, changes), self._fail)

    def _in_sight(self) -> dict[str, Mosaic]:
        """The nodes whose thumbnails are in the viewport and large enough to be read there."""
        view, picture = self._view, self._view.picture
        if picture is None:
            return {}
        exposed = view.mapToScene(view.viewport().rect()).boundingRect()
        found: dict[str, Mosaic] = {}
        for box in picture.boxes_in(exposed):
            mosaic = mosaic_for(box)
            if mosaic is None:
                continue
            placed = picture.layout.box_by_path[box.path]
            width, _ = size_within(mosaic.size, placed.width, picture.look)
            if width * view.zoom < LEAST_WIDTH:
                continue
            node = self._outputs.get(box.path)
            if node is None:
                node = self._outputs[box.path] = output_of(box, picture.graph, picture.folded)
            if node:
                found[node] = mosaic
        return found

    def _take(self, pictures: Mapping[str, Any], wanted: Mapping[str, Mosaic], changes: int) -> None:
        self._images.update({path: image_of(pixels) for path, pixels in pictures.items()})
        if changes == self._changes:
            self._fresh.update(wanted)
        self.frames += 1
        # What went wrong before does no more.
        self._describe()
        self._show()

    def _fail(self, sentence: str) -> None:
        self._images.clear()
        self._show()
        self._view.say_of_maps(sentence)

    def _show(self) -> None:
        picture = self._view.picture
        if picture is None or not picture.faces.thumbnails:
            self._view.show_thumbnails({})
            return
        shown: dict[str, QImage] = {}
        for box in picture.folded.boxes:
            node = self._outputs.get(box.path)
            image = self._images.get(node) if node else None
            mosaic = mosaic_for(box) if image is not None else None
            if image is not None and mosaic is not None and mosaic.size == image.size().toTuple():
                shown[box.path] = image
        self._view.show_thumbnails(shown)


def _packed(colour: QColor) -> int:
    return int(colour.rgba())
