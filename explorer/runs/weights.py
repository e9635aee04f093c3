"""Weights on disk: safetensors files that say which network they belong to."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from explorer.data.batches import Preprocessing
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture
from explorer.runs.weights_header import METADATA_KEY, WeightsError, WeightsHeader, read_weights_header
from explorer.system import files

__all__ = [
    "LoadedNetwork",
    "WeightsError",
    "WeightsHeader",
    "load_network",
    "read_weights_header",
    "save_weights",
    "weights_bytes",
]

# The largest network of the catalogue, VGG-19 with batch norm, has 575 MB of weights.
_FILE_LIMIT = 8 * 2**30


@dataclass(frozen=True)
class LoadedNetwork:
    """A network with trained weights, on the CPU in evaluation mode, and all that is needed to use it."""

    network: nn.Module
    architecture: Architecture
    options: Any
    labels: tuple[str, ...]
    preprocessing: Preprocessing
    header: WeightsHeader


def weights_bytes(
    network: nn.Module,
    *,
    architecture: str,
    options: Any,
    labels: Sequence[str],
    preprocessing: Preprocessing,
    provenance: Mapping[str, Any],
) -> bytes:
    """A weights file in memory; the same network and words give the same bytes."""
    header = WeightsHeader(
        architecture=architecture,
        options=dataclasses.asdict(options),
        labels=tuple(labels),
        preprocessing=dataclasses.asdict(preprocessing),
        provenance=dict(provenance),
    )
    return safetensors.torch.save(plain_tensors(network), {METADATA_KEY: header.to_text()})


def save_weights(
    path: Path,
    network: nn.Module,
    *,
    architecture: str,
    options: Any,
    labels: Sequence[str],
    preprocessing: Preprocessing,
    provenance: Mapping[str, Any],
) -> None:
    """Writes a network's weights atomically, with what rebuilds the network.

    Raises:
        StorageError: the disk is full or the folder cannot be written; what was there before is untouched.
    """
    content = weights_bytes(
        network,
        architecture=architecture,
        options=options,
        labels=labels,
        preprocessing=preprocessing,
        provenance=provenance,
    )
    files.write_atomically(path, content)


def plain_tensors(network: nn.Module) -> dict[str, Tensor]:
    """Copies of a network's parameters and persistent buffers on the CPU, in the order of their axes."""
    return {
        name: tensor.detach().to(device="cpu", copy=True).contiguous() for name, tensor in network.state_dict().items()
    }


def load_network(path: Path) -> LoadedNetwork:
    """Rebuilds the network that a weights file describes and fills in its weights.

    Raises:
        WeightsError: the file cannot be read or is damaged, the network is unknown to this version, or the tensors do
            not fit it.
    """
    header = read_weights_header(path)
    try:
        architecture = catalogue.get(header.architecture)
        options = architecture.options_type(**header.options)
        preprocessing = _preprocessing(header.preprocessing)
        interface = architecture.interface(options)
    except (ValueError, TypeError, KeyError) as error:
        raise WeightsError(f"{path.name} does not fit this version of the program: {error}") from error
    if tuple(preprocessing.input_shape) != tuple(interface.input_shape):
        raise WeightsError(
            f"{path.name} is damaged: its network takes {_shape(interface.input_shape)}, "
            f"its images are {_shape(preprocessing.input_shape)}"
        )
    tensors = _read_tensors(path)
    network = _filled(path.name, architecture, options, len(header.labels), tensors)
    return LoadedNetwork(network, architecture, options, header.labels, preprocessing, header)


def _preprocessing(stored: Mapping[str, Any]) -> Preprocessing:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in stored.items()}
    for name in ("mean", "std"):
        if not all(isinstance(value, int | float) for value in values[name]):
            raise ValueError(f"its {name} is not a list of numbers")
    if not all(value > 0 for value in values["std"]):
        raise ValueError("its std is not positive")
    return Preprocessing(**values)


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        size = path.stat().st_size
        if size > _FILE_LIMIT:
            raise WeightsError(f"{path.name} is too large for weights: {size:,} bytes")
        # Read into memory: a mapped file that is replaced or cut off later would end the program.
        tensors = safetensors.torch.load(path.read_bytes())
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}") from error
    except (safetensors.SafetensorError, ValueError, RuntimeError, KeyError) as error:
        raise WeightsError(f"{path.name} is damaged: {str(error).splitlines()[0]}") from error
    for name, tensor in tensors.items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise WeightsError(f"{path.name} cannot be used: {name} holds values that are not finite numbers")
    return tensors


def _filled(name: str, architecture: Architecture, options: Any, classes: int, tensors: dict[str, Tensor]) -> nn.Module:
    network = _build(architecture, options, classes, name)
    expected = network.state_dict()
    missing = [key for key in expected if key not in tensors]
    unknown = [key for key in tensors if key not in expected]
    if missing or unknown:
        wrong = [*(f"{key} is missing" for key in missing[:2]), *(f"{key} is not part of it" for key in unknown[:2])]
        raise WeightsError(f"{name} does not fit {architecture.name} with these options: {', '.join(wrong)}")
    for key, tensor in tensors.items():
        if tensor.shape != expected[key].shape:
            raise WeightsError(
                f"{name} does not fit {architecture.name} with these options: {key} is {_shape(tensor.shape)}, "
                f"expected {_shape(expected[key].shape)}"
            )
        if tensor.dtype != expected[key].dtype:
            raise WeightsError(f"{name} does not fit {architecture.name}: {key} is {tensor.dtype}")
    network.load_state_dict(tensors, assign=True)
    network.requires_grad_(True)
    return network.eval()


def _build(architecture: Architecture, options: Any, classes: int, name: str) -> nn.Module:
    """The network, without drawing random numbers where that can be helped: a training may be drawing them."""
    try:
        with torch.device("meta"):
            network = architecture.build(options, classes)
        kept = set(network.state_dict())
        if not any(buffer.is_meta for key, buffer in network.named_buffers() if key not in kept):
            return network
        # Tables that a network computes for itself are not in the file: they need a real build.
        state = torch.get_rng_state()
        try:
            return architecture.build(options, classes)
        finally:
            torch.set_rng_state(state)
    except ValueError as error:
        raise WeightsError(f"{name} does not fit {architecture.name}: {error}") from error


def _shape(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "a single number"
