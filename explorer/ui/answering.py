"""Which weights answer the pad, and how they are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.inference.prediction import Prediction
    from explorer.inference.predictor import Predictor


class Weights(str, Enum):
    """Which weights answer."""

    NEWEST = "newest"  # those of the digit network trained last, the shipped ones until there is one
    SHIPPED = "shipped"
    CHOSEN = "chosen"


@dataclass(frozen=True)
class Answering:
    """A network that answers: `predict` takes one uint8 [28, 28], ink 255 on 0, in the thread that loaded it."""

    predict: Callable[[NDArray[np.uint8]], Prediction]
    title: str


# The path is None for the shipped weights, and for the newest there are on the disk.
Load = Callable[[Weights, Path | None], Answering]


def load_weights(choice: Weights, path: Path | None) -> Answering:
    """Loads torch and the weights of a choice: of a file, or the best ones in a run's folder. Not for the UI thread.

    Raises:
        ValueError: there are no such weights, or they are not of a network that takes 28x28 pixels of gray.
    """
    # torch is imported off the UI thread, so that the window is up before it.
    from explorer.inference.predictor import Predictor  # noqa: PLC0415

    predictor = Predictor.from_file(_file(choice, path))
    # The first image through a network takes longest, and a network for other pictures is refused here, once.
    predictor.predict(np.zeros((28, 28), np.uint8))
    return Answering(lambda digit: predictor.predict(digit)[0], _title(predictor))


def _file(choice: Weights, path: Path | None) -> Path:
    from explorer.inference import sources  # noqa: PLC0415 - it reads Pillow and all data sets, which can wait
    from explorer.runs.run_folder import read_run  # noqa: PLC0415

    if path is not None and path.is_dir():
        run = read_run(path)
        # A run on other pictures may be newer, but says nothing about digits.
        if choice is Weights.CHOSEN or (run.record is not None and sources.is_digit_dataset(run.record.dataset)):
            return sources.run_weights(run)
    elif path is not None:
        return path
    newest = choice is Weights.NEWEST
    found = sources.newest_digit_weights() if newest else next(iter(sources.shipped_weights()), None)
    if found is None:
        raise ValueError("no trained weights came with this installation: train a network on digits, and it answers")
    return found


def _title(predictor: Predictor) -> str:
    """What answers, for example "LeNet-5 on MNIST, 99.2 %"; parts that are not known are left out."""
    from explorer.data import datasets  # noqa: PLC0415
    from explorer.networks import catalogue  # noqa: PLC0415

    title: Any = predictor.architecture
    dataset: Any = predictor.provenance.get("dataset")
    try:
        title = catalogue.get(predictor.architecture).title
        dataset = datasets.get(str(dataset)).title
    except ValueError:
        pass
    accuracy = predictor.provenance.get("test_accuracy")
    on = f" on {dataset}" if dataset else ""
    share = f", {accuracy * 100:.1f} %" if isinstance(accuracy, float) and 0 <= accuracy <= 1 else ""
    return f"{title or 'a network'}{on}{share}"
