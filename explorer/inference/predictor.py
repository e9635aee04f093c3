"""Predictions of a network that no training can change: it has its own copy of the weights."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from explorer.data import steps
from explorer.data.batches import Preprocessing, prepare
from explorer.data.sketch import Sketch
from explorer.data.steps import ALL_ON, NORMALISED, Adjusted, Off, StepSettings, Way
from explorer.inference import marking
from explorer.inference.kinds import Takes, keeps_whole, seen_shape, takes
from explorer.inference.mask_answer import MaskAnswer
from explorer.inference.prediction import Prediction
from explorer.inference.sources import newest_digit_weights, shipped_weights, weights_for
from explorer.networks.architecture import Scores
from explorer.runs.weights import load_network
from explorer.system import devices

__all__ = ["MaskAnswer", "Prediction", "Predictor", "Takes", "newest_digit_weights", "shipped_weights", "weights_for"]

# A large set of images goes through in parts, so that memory stays small.
_BATCH = 500
_VALUES_AT_ONCE = 2**23  # of inputs, 32 MB: their feature maps are many times larger
_LARGE = 3 * 64 * 64  # values of an input from which on all cores work on it
# The levels of a drawing as the built-in masks know them: ink and what lies around it are neither black nor white.
_GROUND = 64
_INK = 240


class Predictor:
    """Answers images with a copy of a network, on the CPU, in evaluation mode.

    `source` says where the weights come from, `provenance` how they were made, as far as that is known. `takes` is the
    kind of input that the network is for: `see` makes of a drawing or a picture what it is shown, `answer` says what
    that is.
    """

    def __init__(
        self,
        network: nn.Module,
        labels: Sequence[str],
        preprocessing: Preprocessing,
        scores: Scores,
        *,
        architecture: str = "",
        options: Any = None,
        source: str = "",
        provenance: Mapping[str, Any] | None = None,
    ) -> None:
        """Takes the network over: nobody else may use it. `from_network` makes a copy."""
        self._network = network.to("cpu").eval().requires_grad_(False)
        self._scores = scores
        self.labels = tuple(labels)
        self.preprocessing = preprocessing
        self.architecture = architecture
        self.options = options
        self.source = source
        self.provenance = MappingProxyType(dict(provenance or {}))
        dataset = str(self.provenance.get("dataset") or "")
        self.takes = takes(architecture, dataset, self.labels)
        self.seen_shape = seen_shape(self.takes, dataset, preprocessing.input_shape)
        self.whole = keeps_whole(self.takes, dataset)
        self._off: Off = ALL_ON

    @classmethod
    def from_file(cls, path: Path) -> Predictor:
        """The network in a weights file.

        Raises:
            WeightsError: the file cannot be read, is damaged or holds another network.
        """
        loaded = load_network(path)
        return cls(
            loaded.network,
            loaded.labels,
            loaded.preprocessing,
            loaded.architecture.interface(loaded.options).scores,
            architecture=loaded.architecture.name,
            options=loaded.options,
            source=str(path),
            provenance=loaded.header.provenance,
        )

    @classmethod
    def from_network(
        cls,
        network: nn.Module,
        labels: Sequence[str],
        preprocessing: Preprocessing,
        scores: Scores = Scores.LOGITS,
        *,
        architecture: str = "",
        options: Any = None,
        source: str = "",
    ) -> Predictor:
        """A copy of a network as it is now; the network itself stays as it is."""
        twin = copy.deepcopy(network)
        return cls(twin, labels, preprocessing, scores, architecture=architecture, options=options, source=source)

    @property
    def network(self) -> nn.Module:
        """The network itself, on the CPU, in evaluation, its parameters without gradients; it must stay as it is."""
        return self._network

    @property
    def scores(self) -> Scores:
        """How its outputs become scores."""
        return self._scores

    def prepared(self, seen: NDArray[np.uint8]) -> Tensor:
        """What the network is given for one image [C, H, W] as `see` gave it: float32 [1, *input_shape].

        Raises:
            ValueError: the image is of another kind than the network takes.
        """
        return prepare(torch.from_numpy(self._stack(seen)), self.preprocessing)

    def resized(self, shape: tuple[int, int, int]) -> Predictor:
        """The same network for inputs of another height and width.

        Raises:
            ValueError: the number of channels is another.
        """
        if shape == self.preprocessing.input_shape:
            return self
        return Predictor(
            self._network,
            self.labels,
            dataclasses.replace(self.preprocessing, input_shape=shape),
            self._scores,
            architecture=self.architecture,
            options=self.options,
            source=self.source,
            provenance=self.provenance,
        )

    @property
    def threads(self) -> int:
        """How many threads work on one image."""
        return threads_for(self.preprocessing.input_shape)

    @property
    def step_settings(self) -> StepSettings:
        """What this network takes, for `steps.steps` and `steps.see`."""
        if self.takes is Takes.DIGITS:
            way, ground, ink = Way.DIGIT, 0, 255
        elif self.takes is Takes.MASKS:
            way, ground, ink = Way.SCENE, _GROUND, _INK
        else:
            way = Way.SCENE
            ground, ink = (0, 255) if self.seen_shape[0] == 1 else (255, 0)
        given = self.preprocessing
        shapes = (self.seen_shape, self.whole, ground, ink, given.mean, given.std, given.input_shape)
        return StepSettings(way, *shapes, off=self._off)

    def see(self, source: Sketch | NDArray[Any] | Adjusted) -> NDArray[np.uint8] | None:
        """What the network is shown of a drawing or a picture: uint8 `seen_shape`; None where nothing is on it.

        A network for digits gets what `as_digit` makes. Of others, a picture goes through `as_photograph`, and a
        drawing stays where it is on the sheet: light ink on dark for networks that know gray images, else as on paper.

        Raises:
            ValueError: an array is not a picture.
        """
        return steps.see(source, self.step_settings)

    def without_normalising(self) -> Predictor:
        """The same network, given pixels of 0 to 1 as they are."""
        twin = copy.copy(self)
        channels = self.preprocessing.input_shape[0]
        twin.preprocessing = Preprocessing(self.preprocessing.input_shape, (0.0,) * channels, (1.0,) * channels)
        return twin

    def leaving_out(self, off: Off) -> Predictor:
        """The same network, which sees and is given its inputs without these steps of preprocessing."""
        if not off:
            return self
        twin = self.without_normalising() if NORMALISED in off else copy.copy(self)
        twin._off = self._off | off  # noqa: SLF001 - of the same class
        return twin

    def for_input(self, source: Sketch | NDArray[Any] | Adjusted) -> Predictor:
        """The same network, without the steps that an input leaves out: all that is asked about it agrees."""
        return self.leaving_out(source.off) if isinstance(source, Adjusted) else self

    def answer(self, seen: NDArray[np.uint8]) -> Prediction | MaskAnswer:
        """The answer for one image [C, H, W] as `see` gave it.

        Raises:
            ValueError: the image is of another kind than the network takes.
        """
        (answer,) = self.mark(seen) if self.takes is Takes.MASKS else self.predict(seen)
        return answer

    def predict(self, images: NDArray[np.uint8]) -> tuple[Prediction, ...]:
        """The answers for images uint8 [N, C, H, W]; [C, H, W] and [H, W] are one image.

        Small images run in one thread (see `threads`).

        Raises:
            ValueError: the images are of another kind or size than the network takes, or it marks pixels.
        """
        if self.takes is Takes.MASKS:
            raise ValueError(f"{self.architecture} marks pixels and gives an image no class of its own")
        stack = self._stack(images)
        predictions: list[Prediction] = []
        with devices.threads(self.threads), torch.inference_mode():
            for part in self._parts(stack):
                outputs = self._network(prepare(part, self.preprocessing))
                scores = -outputs if self._scores is Scores.DISTANCES else outputs
                rows = torch.softmax(scores.double(), dim=1).tolist()
                predictions.extend(Prediction(self.labels, tuple(row)) for row in rows)
        return tuple(predictions)

    def mark(self, images: NDArray[np.uint8]) -> tuple[MaskAnswer, ...]:
        """The masks for images as `predict` takes them, each as large as its image.

        Raises:
            ValueError: the images are of another kind than the network takes, or it marks no pixels.
        """
        if self.takes is not Takes.MASKS:
            raise ValueError(f"{self.architecture} gives an image a class and marks no pixels")
        stack = self._stack(images)
        answers: list[MaskAnswer] = []
        with devices.threads(self.threads), torch.inference_mode():
            for part in self._parts(stack):
                classes = self._network(prepare(part, self.preprocessing)).argmax(dim=1).to(torch.uint8)
                shape = self.preprocessing.input_shape
                masks = marking.on_picture(classes, (shape[1], shape[2]), (part.shape[2], part.shape[3])).numpy()
                masks.setflags(write=False)
                answers.extend(MaskAnswer(self.labels, mask) for mask in masks)
        return tuple(answers)

    def _parts(self, stack: NDArray[np.uint8]) -> Iterator[Tensor]:
        count = max(1, min(_BATCH, _VALUES_AT_ONCE // math.prod(self.preprocessing.input_shape)))
        for start in range(0, len(stack), count):
            yield torch.from_numpy(stack[start : start + count])

    def _stack(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if images.dtype != np.uint8:
            raise ValueError(f"images are 8-bit, 0 to 255, not {images.dtype}")
        stack = images.reshape((1,) * (4 - images.ndim) + images.shape) if 2 <= images.ndim < 4 else images
        channels = self.preprocessing.input_shape[0]
        # Gray serves all channels of a colour input; colour becomes gray where the network learnt it so.
        fitting = {1, channels, self.seen_shape[0]}
        if stack.ndim != 4 or stack.shape[1] not in fitting:
            raise ValueError(
                f"images are [number, {channels}, height, width], not {list(images.shape)}; "
                f"this network takes {channels} {'channel' if channels == 1 else 'channels'}"
            )
        return np.require(stack, requirements=["C", "W"])  # torch warns of arrays that are read-only


def threads_for(shape: Sequence[int]) -> int:
    """How many threads work on one image of a shape: handing a small one around takes longer than working on it.

    It follows from the shape, for sums that are shared among threads have other last digits.
    """
    return 1 if math.prod(shape) < _LARGE else devices.cores()
