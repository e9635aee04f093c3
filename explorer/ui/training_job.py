"""The thread of one training, and what waits between it and the window."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass

from explorer.system import garbage
from explorer.system.download import Cancelled
from explorer.training.errors import MemoryShortageError
from explorer.training.events import Command, Event, Order, Paused

_log = logging.getLogger(__name__)

EventSource = Callable[[], Generator[Event, Order | None, None]]

# Events that may wait for the UI. `fit` yields some 20 a second, so this is seconds of a blocked window; a fuller
# buffer makes training wait, because a dropped event would be a hole in the curves.
_BUFFER = 256


@dataclass(frozen=True)
class Failure:
    """Why a training ended before its time; `batch_size` is one to try where memory ran short, else 0."""

    sentence: str
    batch_size: int = 0


class Job:
    """One training: its thread, the events that wait for the UI, the orders that wait for `fit`."""

    def __init__(self, source: Callable[[Job], Generator[Event, Order | None, None]]) -> None:
        self._source = source
        self._condition = threading.Condition()
        self._events: deque[Event] = deque()
        self._orders: deque[Order] = deque()
        self._preparation: tuple[str, float | None] | None = None
        self._is_stopping = False
        self._is_abandoned = False
        self._has_begun = False
        self._is_over = False
        self._failure: Failure | None = None
        self._thread = threading.Thread(target=self._run, name="training")

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def send(self, order: Order) -> None:
        with self._condition:
            if order is Command.STOP:
                self._orders.clear()
                self._is_stopping = True
            self._orders.append(order)
            self._condition.notify_all()

    def abandon(self) -> None:
        """Ends at the next event: `fit` is closed there, which leaves the run as interrupted and fit to be resumed."""
        with self._condition:
            self._is_abandoned = True
        self.send(Command.STOP)

    def take(self) -> tuple[list[Event], tuple[str, float | None] | None, bool, Failure | None]:
        """All that waits; what is being prepared; whether it is the end; what went wrong."""
        with self._condition:
            events, preparation = list(self._events), self._preparation
            self._events.clear()
            self._preparation = None
            self._condition.notify_all()
            return events, preparation, self._is_over, self._failure

    def prepare(self, text: str, share: float | None) -> None:
        with self._condition:
            self._preparation = (text, share)

    def is_told_to_stop(self) -> bool:
        return self._is_stopping

    def _run(self) -> None:
        failure: Failure | None = Failure("training ended for an unknown reason; details are in the log")
        try:
            failure = self._iterate_all()
        finally:
            with self._condition:
                # Who stops while data are loaded hears no complaint that they were not.
                self._failure = None if self._is_stopping and not self._has_begun else failure
                self._is_over = True

    def _iterate_all(self) -> Failure | None:
        """Iterates to the end; what went wrong. No exception outlives this call: its traceback holds tensors."""
        try:
            self._iterate()
        except MemoryShortageError as error:
            _log.info("training failed", exc_info=True)
            return Failure(str(error), error.batch_size)
        except (ValueError, OSError, RuntimeError) as error:
            _log.info("training failed", exc_info=True)
            return Failure(str(error) or type(error).__name__)
        except Cancelled:
            return None
        except ImportError as error:
            _log.exception("training could not be imported")
            return Failure(f"training cannot start: {error}; install cnn-explorer again")
        except MemoryError:
            _log.exception("training ran out of memory")
            return Failure("there is not enough memory; choose a smaller batch size")
        except Exception as error:  # noqa: BLE001 - a thread has no caller that could hear of it
            _log.exception("unexpected failure in training")
            return Failure(f"unexpected {type(error).__name__}: {error}; details are in the log")
        return None

    def _iterate(self) -> None:
        if self._is_stopping:
            return
        generator = self._source(self)
        try:
            event = next(generator, None)
            # Only once the first event is there is torch.
            with garbage.set_aside():
                while event is not None:
                    self._keep(event)
                    order = self._next_order(is_paused=isinstance(event, Paused))
                    if self._is_abandoned:
                        return
                    try:
                        event = generator.send(order)
                    except StopIteration:
                        return
        finally:
            # Closed here, in the thread that iterates it: `fit` puts its files in order as it closes.
            generator.close()

    def _keep(self, event: Event) -> None:
        with self._condition:
            if isinstance(event, Paused) and self._events and isinstance(self._events[-1], Paused):
                return
            while len(self._events) >= _BUFFER and not self._is_abandoned:
                self._condition.wait()
            self._events.append(event)
            self._has_begun = True

    def _next_order(self, *, is_paused: bool) -> Order | None:
        with self._condition:
            while is_paused and not self._orders:
                self._condition.wait()
            return self._orders.popleft() if self._orders else None
