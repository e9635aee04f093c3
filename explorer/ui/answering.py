"""Which weights answer drawings and photographs, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.data.sketch import Sketch, as_digit
from explorer.data.steps import NORMALISED, Adjusted, bare
from explorer.inference.kinds import Takes
from explorer.system import devices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from explorer.inference.mask_answer import MaskAnswer
    from explorer.inference.prediction import Prediction

Source = Sketch | np.ndarray | Adjusted  # what is on the pad: strokes or a picture as `as_digit` takes it


class Weights(str, Enum):
    """Which weights answer."""

    NEWEST = "newest"  # those of the network trained last that fits, the shipped ones until there is one
    SHIPPED = "shipped"
    CHOSEN = "chosen"


class Subject(str, Enum):
    """What is on the pad, each with weights of its own."""

    DRAWING = "drawing"  # strokes, or a picture of a digit
    PHOTOGRAPH = "photograph"


@dataclass(frozen=True)
class Choice:
    """The weights to answer a subject with.

    `path` is a weights file or the folder of a run; None for the shipped ones, and for the newest there are on the
    disk. `takes` is the kind of network, None where that is not known before it is read.
    """

    weights: Weights = Weights.NEWEST
    path: Path | None = None
    takes: Takes | None = Takes.DIGITS


FIRST = {Subject.DRAWING: Choice(), Subject.PHOTOGRAPH: Choice(takes=Takes.PHOTOGRAPHS)}
"""What answers a subject until something else is chosen."""


def digit_of(source: Source) -> NDArray[np.uint8] | None:
    """What a network for digits sees: uint8 [1, 28, 28]; None where nothing is drawn."""
    digit = as_digit(bare(source))
    return None if digit is None else digit[None]


@dataclass(frozen=True)
class Answering:
    """A network that answers, in the thread that loaded it.

    `see` makes of a drawing or a picture what the network is shown, uint8 [C, H, W], None where nothing is on it;
    `answer` takes that; `answer_raw` gives it to the network without normalising it.
    """

    answer: Callable[[NDArray[np.uint8]], Prediction | MaskAnswer]
    title: str
    see: Callable[[Source], NDArray[np.uint8] | None] = digit_of
    takes: Takes = Takes.DIGITS
    answer_raw: Callable[[NDArray[np.uint8]], Prediction | MaskAnswer] | None = None

    @property
    def answer_plain(self) -> Callable[[NDArray[np.uint8]], Prediction | MaskAnswer]:
        """`answer_raw`, or `answer` where there is none."""
        return self.answer_raw or self.answer

    def answer_to(self, source: Source, seen: NDArray[np.uint8]) -> Prediction | MaskAnswer:
        """The answer to an input of which it saw `seen`, normalised unless the input leaves that out."""
        is_plain = isinstance(source, Adjusted) and NORMALISED in source.off
        return (self.answer_plain if is_plain else self.answer)(seen)


Load = Callable[[Choice], Answering]


def load_weights(choice: Choice) -> Answering:
    """Loads torch and the weights of a choice: of a file, or the best ones in a run's folder. Not for the UI thread.

    Raises:
        ValueError: there are no such weights; the message says what to do.
    """
    # torch is imported off the UI thread, so that the window is up before it.
    from explorer.inference.zoo_predictor import open_file  # noqa: PLC0415

    # A thread that once used two cores keeps a second one waiting for it, and then a training beside it sleeps between
    # its operations: LeNet-5 at batch 128 was a quarter slower so.
    devices.use_threads(1)
    predictor = open_file(weights_file(choice))
    # The first image through a network takes longest, and one that cannot be answered is refused here, once.
    predictor.answer(np.zeros(predictor.seen_shape, np.uint8))
    title = title_of(predictor.architecture, predictor.provenance)
    raw = predictor.without_normalising().answer
    return Answering(predictor.answer, title, predictor.see, predictor.takes, raw)


_MISSING = {
    Takes.DIGITS: "no trained weights came with this installation: train a network on digits, and it answers",
    Takes.PHOTOGRAPHS: (
        "no network here knows photographs: train one on CIFAR-10, such as ResNet-20, or open its weights below the "
        "answer"
    ),
    Takes.MASKS: "no network here marks pixels: train U-Net on the digits in clutter, or open its weights",
}


def weights_file(choice: Choice) -> Path:
    """The file that a choice means now.

    Raises:
        ValueError: there is none; the message says what to do.
    """
    from explorer.inference import sources  # noqa: PLC0415 - it reads Pillow and all data sets, which can wait
    from explorer.runs.run_folder import read_run  # noqa: PLC0415

    path, kind = choice.path, choice.takes or Takes.DIGITS
    if path is not None and path.is_dir():
        run = read_run(path)
        # A run on other pictures may be newer, but says nothing about these.
        if choice.weights is Weights.CHOSEN or (run.record is not None and sources.is_for_run(kind, run.record)):
            return sources.run_weights(run)
    elif path is not None:
        return path
    found = sources.newest_weights(kind) if choice.weights is Weights.NEWEST else sources.shipped_for(kind)
    if found is None:
        raise ValueError(_MISSING[kind])
    return found


def title_of(architecture: str, provenance: Mapping[str, Any]) -> str:
    """What answers, for example "LeNet-5 on MNIST, 99.2 %"; parts that are not known are left out."""
    from explorer.data import datasets  # noqa: PLC0415
    from explorer.networks import catalogue  # noqa: PLC0415

    title: Any = next((entry.title for entry in catalogue.CATALOGUE if entry.name == architecture), architecture)
    dataset = str(provenance.get("dataset") or "")
    # A folder of images is not listed for its name.
    named = next((entry.title for entry in datasets.DATASETS if entry.name == dataset), Path(dataset).name)
    on = f" on {named}" if named else ""
    overlap, accuracy = provenance.get("test_mean_iou"), provenance.get("test_accuracy")
    share = ""
    if isinstance(overlap, float) and 0 <= overlap <= 1:
        share = f", mean IoU {overlap:.2f}"
    elif isinstance(accuracy, float) and 0 <= accuracy <= 1:
        share = f", {accuracy * 100:.1f} %"
    return f"{title or 'a network'}{on}{share}"
