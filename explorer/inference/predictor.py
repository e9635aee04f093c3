"""Predictions of a network that no training can change: it has its own copy of the weights."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from explorer.data.batches import Preprocessing, prepare
from explorer.inference.prediction import Prediction
from explorer.inference.sources import newest_digit_weights, shipped_weights, weights_for
from explorer.networks.architecture import Scores
from explorer.runs.weights import load_network
from explorer.system import devices

__all__ = ["Prediction", "Predictor", "newest_digit_weights", "shipped_weights", "weights_for"]

# A large set of images goes through in parts, so that memory stays small.
_BATCH = 500


class Predictor:
    """Answers images with a copy of a network, on the CPU, in evaluation mode.

    `source` says where the weights come from, `provenance` how they were made, as far as that is known.
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

    def predict(self, images: NDArray[np.uint8]) -> tuple[Prediction, ...]:
        """The answers for images uint8 [N, C, H, W]; [C, H, W] and [H, W] are one image.

        Runs in one thread: handing a single small image around takes longer than working on it.

        Raises:
            ValueError: the images are of another kind or size than the network takes.
        """
        stack = self._stack(images)
        predictions: list[Prediction] = []
        with devices.threads(1), torch.inference_mode():
            for start in range(0, len(stack), _BATCH):
                part = torch.from_numpy(stack[start : start + _BATCH])
                outputs = self._network(prepare(part, self.preprocessing))
                scores = -outputs if self._scores is Scores.DISTANCES else outputs
                rows = torch.softmax(scores.double(), dim=1).tolist()
                predictions.extend(Prediction(self.labels, tuple(row)) for row in rows)
        return tuple(predictions)

    def _stack(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if images.dtype != np.uint8:
            raise ValueError(f"images are 8-bit, 0 to 255, not {images.dtype}")
        stack = images.reshape((1,) * (4 - images.ndim) + images.shape) if 2 <= images.ndim < 4 else images
        channels = self.preprocessing.input_shape[0]
        if stack.ndim != 4 or stack.shape[1] != channels:
            raise ValueError(
                f"images are [number, {channels}, height, width], not {list(images.shape)}; "
                f"this network takes {channels} {'channel' if channels == 1 else 'channels'}"
            )
        return np.ascontiguousarray(stack)
