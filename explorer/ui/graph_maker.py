"""Pictures of graphs made off the UI thread: the newest wish wins, and one that takes long can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from explorer.structure.fold import first_folding
from explorer.structure.graph import Graph
from explorer.structure.layout import Direction
from explorer.structure.layout_page import Page
from explorer.system import garbage, turns
from explorer.ui.graph_heat import Quantity
from explorer.ui.graph_look import Look
from explorer.ui.graph_picture import GraphPicture, LayoutStopped, make_picture
from explorer.ui.worker import Worker

# A graph of no more nodes is laid out within a frame, rows and all; a thread would only delay it. VGG-16, of 40 nodes,
# takes 36 ms of processor time.
SMALL = 24
# A network whose text is smaller than this at first is folded further, as long as this many boxes stay.
_LEAST_FIRST_ZOOM = 0.7
_LEAST_FIRST_BOXES = 7
_SLOW_MS = 300
_MANY = 500


@dataclass(frozen=True)
class Wish:
    """What a picture is to show; without `folded` a network is folded as it is shown first.

    `page` and `room` say how long its rows may be, `slots` that feature maps have their places (see `make_picture`).
    """

    graph: Graph
    folded: frozenset[str] | None
    look: Look
    direction: Direction = Direction.RIGHT
    quantity: Quantity = Quantity.NONE
    thumbnails: Mapping[str, QImage] = field(default_factory=dict)
    page: Page | None = None
    room: float | None = None
    slots: bool = False


@dataclass(frozen=True)
class Answer:
    """A picture, and the blocks that are folded in it."""

    picture: GraphPicture
    folded: frozenset[str]


class PictureMaker(QObject):
    """Makes small pictures at once and large ones in a thread, which lives only while there is work."""

    slow = Signal(bool)  # whether something has been under way for a while

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker("lay out graph", self)
        self._stop = threading.Event()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_SLOW_MS)
        self._patience.timeout.connect(self._on_slow)

    @property
    def is_busy(self) -> bool:
        """Whether a picture is being made."""
        return self._worker.is_busy

    def make(self, wish: Wish, done: Callable[[Answer], None], failed: Callable[[str], None]) -> None:
        """Calls `done` in the UI thread, for a small graph before it returns; an earlier wish is dropped."""
        self.stop()
        if len(wish.graph.nodes) <= SMALL:
            answer = _made(wish, lambda: False)
            if answer is not None:
                done(answer)
            return
        stop = self._stop = threading.Event()
        self._patience.start()
        self._worker.submit(
            lambda: _made_aside(wish, stop.is_set),
            lambda answer: self._finish(stop, lambda: done(answer)),
            lambda sentence: self._finish(stop, lambda: failed(sentence)),
        )

    def stop(self) -> None:
        """Gives up what is under way; its thread ends by itself."""
        self._stop.set()
        self._patience.stop()
        self.slow.emit(False)

    def shutdown(self) -> None:
        """Waits for the thread; call it before the view goes."""
        self.stop()
        self._worker.shutdown()

    def _finish(self, stop: threading.Event, tell: Callable[[], None]) -> None:
        if not stop.is_set():
            self._patience.stop()
            self.slow.emit(False)
            tell()

    def _on_slow(self) -> None:
        self.slow.emit(True)


def _made(wish: Wish, stopped: Callable[[], bool]) -> Answer | None:
    try:
        return _first(wish, stopped) if wish.folded is None else _answer(wish, wish.folded, stopped)
    except LayoutStopped:
        return None


def _first(wish: Wish, stopped: Callable[[], bool]) -> Answer:
    """A network as it is shown first: with as many boxes as can be read, or a few."""
    found = _answer(wish, first_folding(wish.graph), stopped)
    while wish.page is not None and wish.page.zoom(found.picture.layout) < _LEAST_FIRST_ZOOM:
        folded = first_folding(wish.graph, len(found.picture.layout.boxes) - 1)
        fewer = _answer(wish, folded, stopped)
        count = len(fewer.picture.layout.boxes)
        if not _LEAST_FIRST_BOXES <= count < len(found.picture.layout.boxes):
            break
        found = fewer
    return found


def _answer(wish: Wish, folded: frozenset[str], stopped: Callable[[], bool]) -> Answer:
    picture = make_picture(
        wish.graph,
        folded,
        wish.look,
        wish.thumbnails,
        direction=wish.direction,
        quantity=wish.quantity,
        page=wish.page,
        room=wish.room,
        slots=wish.slots,
        stopped=stopped,
    )
    return Answer(picture, folded)


def _made_aside(wish: Wish, stopped: Callable[[], bool]) -> Answer | None:
    with _gently(len(wish.graph.nodes)):
        return _made(wish, stopped)


@contextmanager
def _gently(nodes: int) -> Iterator[None]:
    """Lets the UI thread have its turn soon, while this one computes; a frame of 25 cards took 90 ms otherwise.

    Nothing of a layout lies in cycles, so no garbage is looked for in it: measured, that would stop all threads for
    0.2 s with 5,000 laid-out nodes.
    """
    with turns.short(), garbage.left_alone(keep=nodes > _MANY):
        yield
