"""Which network is looked into, and with which weights: the best there are of the one on screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Graph, Shape
from explorer.system import devices
from explorer.ui.answering import Choice, title_of, weights_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explorer.inference.edits import Edit
    from explorer.inference.predictor import Predictor

UNTRAINED = "untrained weights"


class Stopped(Exception):  # noqa: N818 - the user's next stroke, no error
    """Nobody waits for the answer any more."""


def _never() -> bool:
    return False


@dataclass(frozen=True, eq=False)
class Subject:
    """What is looked into: made and used in the service's thread only.

    `predictor` is a copy of its own without the steps that the input leaves out, `predictor.network` the network;
    `seen` is uint8 [C, H, W] as `predictor.see` gave it; `graph` is that very network's, and `edits` what is silenced
    and skipped in it for those who look at outputs. Work that takes long asks
    `stopped()` now and then, and raises `Stopped` where that is true: a newer input is there. On the `shelf` it may
    keep, by name, what it made for this network; that goes with the network.
    """

    predictor: Predictor
    seen: NDArray[np.uint8]
    graph: Graph
    title: str
    trained: bool
    stopped: Callable[[], bool] = _never
    shelf: dict[str, Any] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The network runs with its edits in force, and with as many threads as answer.

        Raises:
            ValueError: an edit does not fit the network.
        """
        # torch is imported off the UI thread, so that the window is up before it.
        from explorer.inference.surgery import edited  # noqa: PLC0415

        with devices.threads(self.predictor.threads), edited(self.predictor.network, self.graph, self.edits):
            yield


@dataclass(frozen=True)
class SubjectInfo:
    """What is looked into, in words: `title` is such as "LeNet-5 on MNIST, 99.2 %" or "VGG-16, untrained weights".

    `shape` is that of the network's input (channels, height, width).
    """

    title: str
    architecture: Architecture
    options: Any
    trained: bool
    shape: Shape


@dataclass(frozen=True)
class Wish:
    """The network on screen, and where weights for it may be: `choices` answer the pad, `epoch` was chosen on a curve.

    `number` tells wishes apart.
    """

    number: int
    architecture: Architecture
    options: Any
    shape: Shape | None
    choices: tuple[Choice, ...] = ()
    epoch: tuple[Path, int] | None = None


@dataclass(frozen=True)
class Found:
    """What a wish came to: `info` and the `path` of the weights, None for first weights; or a `reason` why not."""

    info: SubjectInfo | None
    path: Path | None = None
    reason: str = ""
    stamp: tuple[Any, ...] = field(default=())  # differs where other weights lie at the path


def find(wish: Wish) -> Found:
    """Finds the weights for the network on screen, without reading them. Not for the UI thread."""
    architecture, options = wish.architecture, wish.options
    interface = architecture.interface(options)
    shape = interface.input_shape if wish.shape is None else wish.shape
    if architecture.source:
        return Found(
            None, reason="Your own networks run in a child process only: their values are not looked into here."
        )
    if len(shape) != 3 or shape[0] not in {1, 3}:
        return Found(None, reason="Only networks for gray or colour images are looked into.")
    for path in _candidates(wish):
        header = _header(path, architecture, options)
        if header is None:
            continue
        title = title_of(architecture.name, header.provenance)
        stamp = (architecture.name, options, shape, str(path), path.stat().st_mtime_ns)
        return Found(SubjectInfo(title, architecture, options, True, shape), path, stamp=stamp)
    published = _published(architecture, options)
    if published is not None:
        stamp = (architecture.name, options, shape, str(published), published.stat().st_mtime_ns)
        title = f"{architecture.title}, published ImageNet weights"
        return Found(SubjectInfo(title, architecture, options, True, shape), published, stamp=stamp)
    title = f"{architecture.title}, {UNTRAINED}"
    return Found(
        SubjectInfo(title, architecture, options, False, shape), stamp=(architecture.name, options, shape, None)
    )


def load(found: Found) -> tuple[Predictor, Graph]:
    """The network that was found, and its graph. Not for the UI thread.

    Raises:
        ValueError: it cannot be read, or does not run on an input of that shape; the message says why.
    """
    # torch is imported off the UI thread, so that the window is up before it.
    from explorer.inference.initial_weights import untrained  # noqa: PLC0415
    from explorer.structure.trace import trace  # noqa: PLC0415

    # As in `answering.load_weights`: a second core's thread that waits here would slow a training down.
    devices.use_threads(1)
    info = found.info
    if info is None:
        raise ValueError(found.reason)
    if found.path is None:
        predictor = untrained(info.architecture, info.options, info.shape)
    else:
        predictor = _read(found.path, info)
        channels, height, width = info.shape
        predictor = predictor.resized((channels, height, width))
    graph = trace(predictor.network, info.shape, info.architecture.title_with(info.options))
    if graph.failure is not None:
        raise ValueError(graph.failure.reason)
    return predictor, graph


def _published(architecture: Architecture, options: Any) -> Path | None:
    """The downloaded weights of torchvision that fit the network; None where there are none."""
    from explorer.networks import zoo_files  # noqa: PLC0415 - with what follows

    if not zoo_files.kept():
        return None
    from explorer.networks import zoo_weights  # noqa: PLC0415 - it loads torchvision

    found = (zoo_files.find(each.file_name) for each in zoo_weights.published(architecture.name, options))
    return next((path for path in found if path is not None), None)


def _read(path: Path, info: SubjectInfo) -> Predictor:
    from explorer.inference.zoo_predictor import open_file, predictor_for  # noqa: PLC0415 - torch, off the UI thread
    from explorer.networks.zoo_files import is_published_file  # noqa: PLC0415

    published = predictor_for(info.architecture, info.options) if is_published_file(path) else None
    return published or open_file(path)


def _candidates(wish: Wish) -> Iterator[Path]:
    """Weights files that may be of the network, the best first."""
    from explorer.inference import sources  # noqa: PLC0415 - it reads Pillow and all data sets, which can wait
    from explorer.runs.epochs import weights_path  # noqa: PLC0415
    from explorer.runs.run_folder import list_runs  # noqa: PLC0415
    from explorer.system import settings  # noqa: PLC0415

    for choice in wish.choices:
        try:
            yield weights_file(choice)
        except (ValueError, OSError):
            continue
    if wish.epoch is not None:
        yield weights_path(*wish.epoch)
    for run in list_runs(settings.load().runs()):
        if run.record is not None and run.record.architecture == wish.architecture.name:
            try:
                yield sources.run_weights(run)
            except ValueError:
                continue
    yield from sources.shipped_weights()


def _header(path: Path, architecture: Architecture, options: Any) -> Any:
    """What a weights file says about itself, where it is of that architecture and options; else None."""
    from explorer.runs.weights_header import WeightsError, read_weights_header  # noqa: PLC0415

    try:
        header = read_weights_header(path)
        is_ours = header.architecture == architecture.name and architecture.options_type(**header.options) == options
    except (WeightsError, ValueError, TypeError, OSError):
        return None
    return header if is_ours else None
