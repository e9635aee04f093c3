"""Reads the pictures of the strip one after the other in a thread, and lets the network answer each."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

if TYPE_CHECKING:
    from explorer.inference.predictor import Predictor

_log = logging.getLogger(__name__)
_THUMBNAIL = 96  # pixels a side, for screens of twice the usual density too


@dataclass(frozen=True, eq=False)
class StripPicture:
    """A picture in the strip: a file, or pixels as they came from a data set or the clipboard."""

    name: str
    path: Path | None = None
    pixels: NDArray[Any] | None = None


@dataclass(frozen=True, eq=False)
class StripAnswer:
    """What became of one: a read-only thumbnail, the answer and its probability, or a sentence in their place."""

    thumbnail: NDArray[np.uint8] | None
    label: str = ""
    share: float = 0.0
    sentence: str = ""


class StripReader(QObject):
    """`answered` carries the number of a picture and its `StripAnswer`; `finished` tells that none is left.

    The thread lives only while there is something to do. Call `shutdown` before the window goes.
    """

    answered = Signal(object, object)
    finished = Signal()

    _read = Signal(object, object, object)  # generation, number, StripAnswer
    _emptied = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._queue: deque[tuple[int, StripPicture]] = deque()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._generation = 0
        self._network: Callable[[object], Predictor] | None = None
        queued = Qt.ConnectionType.QueuedConnection
        self._read.connect(self._on_read, queued)
        self._emptied.connect(self._on_emptied, queued)
        application = QCoreApplication.instance()
        if application is not None:
            # A thread that is still at work would keep the program from ending.
            application.aboutToQuit.connect(self.shutdown)

    @property
    def left(self) -> int:
        """How many pictures wait to be read."""
        return len(self._queue)

    def answer(self, pictures: Iterable[tuple[int, StripPicture]], network: Callable[[object], Predictor]) -> None:
        """Reads and answers numbered pictures after those that wait; `network` gives the one for an input."""
        with self._lock:
            if self._closing:
                return
            self._network = network
            self._queue.extend(pictures)
            if self._thread is None and self._queue:
                self._thread = threading.Thread(target=self._loop, name="strip")
                self._thread.start()

    def forget(self) -> None:
        """Drops what waits, and the answer to what is being read."""
        with self._lock:
            self._queue.clear()
            self._generation += 1

    def shutdown(self) -> None:
        with self._lock:
            self._closing = True
            self._queue.clear()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _loop(self) -> None:
        while True:
            with self._lock:
                generation, network = self._generation, self._network
                if not self._queue or self._closing or network is None:
                    self._thread = None
                    if not self._closing:
                        self._emptied.emit(generation)
                    return
                number, picture = self._queue.popleft()
            answer = _answered(picture, network)
            if not self._closing:
                self._read.emit(generation, number, answer)

    def _on_read(self, generation: int, number: int, answer: StripAnswer) -> None:
        if not self._closing and generation == self._generation:
            self.answered.emit(number, answer)

    def _on_emptied(self, generation: int) -> None:
        if not self._closing and generation == self._generation and not self._queue:
            self.finished.emit()


def _answered(picture: StripPicture, network: Callable[[object], Predictor]) -> StripAnswer:
    from explorer.data.images import ImageError, read_image  # noqa: PLC0415 - Pillow is imported in the thread

    try:
        pixels = picture.pixels if picture.path is None else read_image(picture.path)
    except ImageError as error:
        return StripAnswer(None, sentence=str(error))
    if pixels is None:
        return StripAnswer(None, sentence=f"{picture.name} is empty")
    thumbnail = None
    try:
        thumbnail = _thumbnail(pixels)
        predictor = network(pixels)
        seen = predictor.see(pixels)
        if seen is None:
            return StripAnswer(thumbnail, sentence=f"{picture.name}: there is nothing on it to recognise")
        answer = predictor.answer(seen)
        best = answer.best
        share = float(answer.probabilities[answer.labels.index(best)])
    except (ValueError, OSError, RuntimeError, ImportError) as error:
        return StripAnswer(thumbnail, sentence=f"{picture.name}: {error}")
    except Exception as error:  # noqa: BLE001 - the next picture is answered all the same
        _log.exception("a picture of the strip could not be answered")
        return StripAnswer(thumbnail, sentence=f"{picture.name}: unexpected {type(error).__name__}: {error}")
    return StripAnswer(thumbnail, best, share)


def _thumbnail(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    from PIL import Image  # noqa: PLC0415 - as above

    from explorer.data.photograph import on_white  # noqa: PLC0415

    block = max(1, max(pixels.shape[:2]) // (8 * _THUMBNAIL))
    image = Image.fromarray(on_white(np.ascontiguousarray(pixels), block))
    image.thumbnail((_THUMBNAIL, _THUMBNAIL))
    small = np.array(image)
    small.setflags(write=False)
    return small
