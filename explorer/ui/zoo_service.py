"""Published weights as the window has them: which there are and are here, and one download at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from explorer.networks import zoo_files
from explorer.system.download import Cancelled
from explorer.ui.worker import Worker

if TYPE_CHECKING:
    from explorer.networks.zoo_weights import PublishedWeights
    from explorer.system.settings import Settings

_log = logging.getLogger(__name__)
_TELL_EVERY_S = 0.05


@dataclass(frozen=True)
class ZooRow:
    """Weights, where they are on this machine (None: nowhere), and how much of a download there is."""

    weights: PublishedWeights
    path: Path | None
    begun: int


class ZooService(QObject):
    """Lists and downloads in threads; lives in the UI thread."""

    listed = Signal(object)  # tuple of ZooRow
    busy_changed = Signal()
    progressed = Signal(object, object)  # bytes there, bytes in all or None
    arrived = Signal(object)  # ZooRow
    failed = Signal(str)  # one sentence

    _told = Signal(object, object)
    _ended = Signal(object, object)  # PublishedWeights, a sentence or None

    def __init__(self, settings: Callable[[], Settings], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._lister = Worker("list weights", self)
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._closing = False
        self.rows: tuple[ZooRow, ...] = ()
        self.downloading: PublishedWeights | None = None
        self._told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def mirror(self) -> str:
        return self._settings().weights_mirror

    def refresh(self) -> None:
        """Lists all weights; `listed` tells."""
        self._lister.submit(_rows, self._on_listed, self.failed.emit)

    def download(self, weights: PublishedWeights) -> None:
        """Fetches weights, unless others are being fetched."""
        if self._thread is not None or self._closing:
            return
        self._stopped.clear()
        self.downloading = weights
        mirror = self.mirror
        self._thread = threading.Thread(target=self._fetch, args=(weights, mirror), name="download weights")
        self._thread.start()
        self.busy_changed.emit()

    def cancel(self) -> None:
        """Ends the download; what came is kept for the next try."""
        self._stopped.set()

    def remove(self, weights: PublishedWeights) -> None:
        """Removes downloaded weights."""

        def work() -> tuple[ZooRow, ...]:
            zoo_files.remove(weights.file_name)
            return _rows()

        self._lister.submit(work, self._on_listed, self.failed.emit)

    def shutdown(self) -> None:
        """Ends the download and waits for the threads."""
        self._closing = True
        self._stopped.set()
        self._lister.shutdown()
        if self._thread is not None:
            self._thread.join()

    def _fetch(self, weights: PublishedWeights, mirror: str) -> None:
        last = 0.0

        def tell(done: int, total: int | None) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= _TELL_EVERY_S and not self._closing:
                last = now
                self._told.emit(done, total)

        sentence: str | None = None
        try:
            zoo_files.download(weights, mirror, tell, self._stopped.is_set)
        except Cancelled:
            kept = zoo_files.megabytes(zoo_files.begun(weights.file_name))
            sentence = f"The download was cancelled; {kept} are kept for the next try."
        except (ValueError, OSError, RuntimeError) as error:
            _log.info("weights could not be downloaded", exc_info=True)
            sentence = f"{error}{_here()}"
        except Exception as error:  # noqa: BLE001 - the window must hear of whatever ends the thread
            _log.exception("unexpected failure while weights were downloaded")
            sentence = f"unexpected {type(error).__name__} in a download: {error}; details are in the log"
        if not self._closing:
            self._ended.emit(weights, sentence)

    def _on_listed(self, rows: tuple[ZooRow, ...]) -> None:
        self.rows = rows
        self.listed.emit(rows)

    def _on_told(self, done: object, total: object) -> None:
        if self.downloading is not None and not self._closing:
            self.progressed.emit(done, total)

    def _on_ended(self, weights: PublishedWeights, sentence: str | None) -> None:
        if self._closing:
            return
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.downloading = None
        self.busy_changed.emit()
        if sentence is None:
            self.arrived.emit(ZooRow(weights, zoo_files.find(weights.file_name), 0))
        else:
            self.failed.emit(sentence)
        self.refresh()


def _rows() -> tuple[ZooRow, ...]:
    # torchvision is imported off the UI thread, so that the window is up before it.
    from explorer.networks import zoo_weights  # noqa: PLC0415

    return tuple(
        ZooRow(each, zoo_files.find(each.file_name), zoo_files.begun(each.file_name))
        for each in zoo_weights.everything()
    )


def _here() -> str:
    names = [zoo_files.network_of(path) for path in zoo_files.kept()]
    return f"; on this machine already: {', '.join(names)}" if names else "; no weights are on this machine yet"
