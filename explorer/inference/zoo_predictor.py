"""Networks with published weights: the weights of a file torchvision gave out, with torchvision's own preprocessing."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from explorer.data.batches import Preprocessing
from explorer.data.photograph import on_white
from explorer.data.steps import StepSettings
from explorer.inference.kinds import Takes
from explorer.inference.predictor import Predictor
from explorer.inference.sources import shipped_weights, weights_for
from explorer.networks import catalogue, zoo, zoo_files, zoo_weights
from explorer.networks.architecture import Architecture, Scores
from explorer.networks.zoo_twins import renamed, translated
from explorer.networks.zoo_weights import PublishedWeights
from explorer.runs.weights_header import WeightsError
from explorer.system.settings import Settings

# Trained with inputs that were normalised in another way, and with heads that are in the file: their own builders set
# these where they load weights.
_WITH_WEIGHTS: dict[str, dict[str, Any]] = {
    "googlenet": {"transform_input": True, "aux_logits": True, "init_weights": False},
    "inception_v3": {"transform_input": True, "aux_logits": True, "init_weights": False},
}
_HEADS = ("aux1", "aux2", "AuxLogits")


class ZooPredictor(Predictor):
    """Answers with published weights; what it sees of a picture is what torchvision's preset makes of it."""

    def __init__(
        self,
        network: nn.Module,
        weights: PublishedWeights,
        path: Path,
        architecture: str,
        options: Any,
    ) -> None:
        """Takes the network over."""
        self._preset = zoo_weights.preset(weights)
        self._mean = np.asarray(self._preset.mean, np.float64)[:, None, None]
        self._std = np.asarray(self._preset.std, np.float64)[:, None, None]
        provenance: dict[str, Any] = {
            "dataset": weights.dataset,
            "weights": f"torchvision, {weights.entry}",
            "recipe": weights.recipe,
        }
        if weights.top1 is not None:
            provenance["test_accuracy"] = weights.top1 / 100
        super().__init__(
            network,
            weights.labels,
            Preprocessing(weights.input_shape, tuple(self._preset.mean), tuple(self._preset.std)),
            Scores.LOGITS,
            architecture=architecture,
            options=options,
            source=str(path),
            provenance=provenance,
        )
        # Not looked up by the data set's name: a folder that happens to be called so is another one.
        self.takes, self.seen_shape, self.whole = Takes.PHOTOGRAPHS, weights.input_shape, False

    @property
    def step_settings(self) -> StepSettings:
        """As for any photographs, a picture scaled and cut by torchvision's own preset."""
        scaled_to = int(self._preset.resize_size[0])
        return replace(super().step_settings, preset=self._by_preset, scaled_to=scaled_to)

    def _by_preset(self, picture: NDArray[Any]) -> NDArray[np.uint8]:
        """What the network is shown of a picture: uint8 [3, H, W].

        The preset scales to bytes and normalises them; taking the second step back is exact.
        """
        image = Image.fromarray(on_white(picture)).convert("RGB")
        normalised = self._preset(image).numpy().astype(np.float64)
        levels: NDArray[np.float64] = np.rint((normalised * self._std + self._mean) * 255)
        return levels.clip(0, 255).astype(np.uint8)


def predictor_for(architecture: Architecture, options: Any = None) -> ZooPredictor | None:
    """The network with the published weights that are on this machine; None where there are none.

    `architecture` is torchvision's or one of the catalogue's that is the same network with these options.

    Raises:
        WeightsError: the file is damaged.
    """
    chosen = architecture.options_type() if options is None else options
    for weights in zoo_weights.published(architecture.name, chosen):
        path = zoo_files.find(weights.file_name)
        if path is not None:
            return read(weights, path, architecture, chosen)
    return None


def from_file(path: Path) -> ZooPredictor:
    """Torchvision's network with the weights in a file that was downloaded.

    Raises:
        WeightsError: torchvision publishes no such file, or it is damaged.
    """
    weights = zoo_weights.of_file(path.name)
    if weights is None:
        raise WeightsError(f"{path.name} is none of the weights that this version of torchvision publishes")
    return read(weights, path, catalogue.get(f"{zoo.TORCHVISION}{weights.network}"))


def open_predictor(text: str, settings: Settings | None = None) -> Predictor:
    """The network that a text names: published weights ("torchvision/resnet18"), or what `weights_for` knows.

    A network of the catalogue without weights of its own here takes the published ones, where they are downloaded.

    Raises:
        ValueError: nothing is called so, or its weights are not on this machine; the message says what to do.
    """
    name, _, entry = text.strip().partition(":")
    architecture = next((each for each in catalogue.CATALOGUE if each.name == name), None)
    if name.startswith(zoo.TORCHVISION):
        architecture = catalogue.get(name)
    elif architecture is None or any(path.name.split("-")[0] == name for path in shipped_weights()):
        return open_file(weights_for(text, settings))
    if not zoo_weights.published(name):
        return open_file(weights_for(text, settings))
    weights = zoo_weights.wanted(text)
    path = zoo_files.find(weights.file_name)
    if path is None and not entry:
        # Others of the same network serve as well where the preferred ones are not there.
        there = [(each, zoo_files.find(each.file_name)) for each in zoo_weights.published(name)]
        weights, path = next(((each, found) for each, found in there if found is not None), (weights, None))
    if path is None:
        raise ValueError(missing(weights))
    return read(weights, path, architecture)


def open_file(path: Path) -> Predictor:
    """The network in a weights file of ours, or with the weights of a published file.

    Raises:
        WeightsError: the file cannot be read, is damaged or holds another network.
    """
    return from_file(path) if zoo_files.is_published_file(path) else Predictor.from_file(path)


def missing(weights: PublishedWeights) -> str:
    """A sentence for weights that are not there: how they come here, and what is here already."""
    here = [each.name for each in zoo_weights.everything() if zoo_files.find(each.file_name) is not None]
    there = f"; on this machine are those of {', '.join(here)}" if here else ""
    return (
        f"the weights of {weights.name} ({zoo_files.megabytes(weights.size)}) are not on this machine; "
        f"`cnn-explorer weights download {weights.name}` fetches them{there}"
    )


def read(weights: PublishedWeights, path: Path, architecture: Architecture, options: Any = None) -> ZooPredictor:
    """A network with the weights of a file; `architecture` is torchvision's, or the catalogue's same one.

    Raises:
        WeightsError: the file is not what its name says, or does not fit the network.
    """
    chosen = architecture.options_type() if options is None else options
    try:
        zoo_files.check(path)
        tensors = renamed(weights.network, _tensors(path))
        if architecture.name.startswith(zoo.TORCHVISION):
            network = _filled_theirs(weights, chosen, tensors)
        else:
            theirs = _theirs(weights, meta=True).state_dict()
            _check_names(tensors, theirs)
            network = _filled(_bare(architecture, chosen, len(weights.labels)), tensors, theirs)
    except (ValueError, RuntimeError, OSError, KeyError) as error:
        if isinstance(error, WeightsError):
            raise
        raise WeightsError(f"{path.name} cannot be used for {architecture.name}: {error}") from error
    return ZooPredictor(network, weights, path, architecture.name, chosen)


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        # Files of before 2020 have torch's older format, which cannot be mapped.
        stored = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except (pickle.UnpicklingError, RuntimeError, EOFError, zipfile.BadZipFile) as error:
        raise WeightsError(f"{path.name} cannot be read as weights: {str(error).splitlines()[0]}") from error
    if not isinstance(stored, Mapping) or not all(isinstance(tensor, Tensor) for tensor in stored.values()):
        raise WeightsError(f"{path.name} holds something else than weights")
    return dict(stored)


def _filled_theirs(weights: PublishedWeights, options: Any, tensors: dict[str, Tensor]) -> nn.Module:
    network = _theirs(weights, meta=True)
    kept = network.state_dict()
    if any(buffer.is_meta for key, buffer in network.named_buffers() if key not in kept):
        # Tables that a network computes for itself are in no file.
        network = _undisturbed(lambda: _theirs(weights, meta=False))
    _check_names(tensors, kept)
    network.load_state_dict(_own(tensors, kept), assign=True)
    if weights.network in _WITH_WEIGHTS and not options.auxiliary:
        network.aux_logits = False  # type: ignore[assignment] # a flag of these two networks
        for head in _HEADS:
            if hasattr(network, head):
                setattr(network, head, None)
    return network


def _filled(network: nn.Module, tensors: dict[str, Tensor], theirs: Mapping[str, Tensor]) -> nn.Module:
    ours = network.state_dict()
    network.load_state_dict(_own(translated(tensors, theirs, ours), ours), assign=True)
    return network


def _own(tensors: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies in memory: a mapped file that is replaced or cut off later would end the program."""
    owned = {}
    for name, tensor in tensors.items():
        if tensor.shape != expected[name].shape:
            raise ValueError(f"{name} is {tuple(tensor.shape)}, expected {tuple(expected[name].shape)}")
        owned[name] = tensor.to(expected[name].dtype, copy=True).contiguous()
        if owned[name].is_floating_point() and not bool(torch.isfinite(owned[name]).all()):
            raise ValueError(f"{name} holds values that are not finite numbers")
    return owned


def _check_names(tensors: dict[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    # Files older than PyTorch 0.4.1 count no batches; the count matters to training alone.
    for name in expected:
        if name.endswith("num_batches_tracked"):
            tensors.setdefault(name, torch.zeros((), dtype=torch.int64))
    wrong = [f"{name} is missing" for name in expected if name not in tensors]
    wrong += [f"{name} is not part of it" for name in tensors if name not in expected]
    if wrong:
        raise ValueError(", ".join(wrong[:3]))


def _theirs(weights: PublishedWeights, *, meta: bool) -> nn.Module:
    from torchvision import models  # type: ignore[import-untyped]  # noqa: PLC0415 - as in networks/zoo

    extra = _WITH_WEIGHTS.get(weights.network, {})
    with torch.device("meta" if meta else "cpu"):
        network: nn.Module = models.get_model(weights.network, weights=None, num_classes=len(weights.labels), **extra)
    return network


def _bare(architecture: Architecture, options: Any, classes: int) -> nn.Module:
    with torch.device("meta"):
        return architecture.build(options, classes)


def _undisturbed(make: Any) -> nn.Module:
    """What `make` builds, without drawing from the random numbers that a training may be drawing."""
    state = torch.get_rng_state()
    try:
        network: nn.Module = make()
    finally:
        torch.set_rng_state(state)
    return network
