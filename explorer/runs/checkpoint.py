"""The state from which a run goes on: network, optimiser and position, two generations, no pickle.

A generation is two files: `epoch-0003.safetensors` with the tensors, then `epoch-0003.json`, the manifest, with the
SHA-256 of the tensors and of its own content. It counts once its manifest is there and both digests are right.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from explorer.runs.changes import RunChange, changes_from_json
from explorer.runs.run_folder import RESUME_FOLDER
from explorer.runs.weights import plain_tensors
from explorer.system import files

_log = logging.getLogger(__name__)

_GENERATIONS = 2
_NETWORK = "network."
_OPTIMISER = "optimiser."
_AVERAGE = "average."
# The first version knew neither averages nor changes; what it saved is still read.
_FORMAT = 2


class CheckpointError(ValueError):
    """A run cannot go on from what is saved; one sentence says why."""


@dataclass(frozen=True)
class Position:
    """Where a run stands at the end of an epoch. Accuracies are 0 to 1; `seconds` is time without pauses.

    `trained_images` and `trained_seconds` are what the mean speed is made of. `best_epoch` is the one of `best_score`;
    `best_accuracy` and `best_mean_iou` are of the test set after it. `commands` are those given so far, as
    "epoch 3, step 1200: pause"; `changes` are what was changed, the latest for the next step.
    """

    epoch: int
    step: int
    seconds: float
    trained_images: int
    trained_seconds: float
    test_accuracy: float
    test_loss: float
    best_epoch: int
    best_accuracy: float
    commands: tuple[str, ...] = ()
    best_score: float | None = None
    test_top5: float | None = None
    test_mean_iou: float | None = None
    best_mean_iou: float | None = None
    validation_accuracy: float | None = None
    changes: tuple[RunChange, ...] = ()


@dataclass(frozen=True)
class Checkpoint:
    """A position, and the tensors of network and optimiser that belong to it; of their average where there is one."""

    position: Position
    network: dict[str, Tensor]
    optimiser: dict[int, dict[str, Any]]
    average: dict[str, Tensor] = field(default_factory=dict)

    def restore(self, network: nn.Module, optimiser: Optimizer, average: nn.Module | None = None) -> None:
        """Fills in the network, its optimiser and its average, keeping the memory layout of their tensors.

        Raises:
            CheckpointError: they are not of the kind that the checkpoint was made of.
        """
        _restore_network(network, self.network)
        if average is not None:
            _restore_network(average, self.average)
        parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
        if self.optimiser and max(self.optimiser) >= len(parameters):
            raise CheckpointError("the saved state of the optimiser belongs to another network")
        state = {
            index: {name: _laid_out(value, parameters[index]) for name, value in values.items()}
            for index, values in self.optimiser.items()
        }
        optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def save_checkpoint(
    folder: Path, position: Position, network: nn.Module, optimiser: Optimizer, average: nn.Module | None = None
) -> None:
    """Adds a generation to a run folder and removes all but the newest two.

    Raises:
        StorageError: it could not be written; earlier generations are untouched.
    """
    tensors = {_NETWORK + name: tensor for name, tensor in plain_tensors(network).items()}
    if average is not None:
        tensors |= {_AVERAGE + name: tensor for name, tensor in plain_tensors(average).items()}
    numbers: dict[str, dict[str, Any]] = {}
    for index, values in optimiser.state_dict()["state"].items():
        for name, value in values.items():
            if isinstance(value, Tensor):
                copied = value.detach().to(device="cpu", copy=True).contiguous()
                tensors[f"{_OPTIMISER}{index}.{name}"] = copied
            else:
                numbers.setdefault(str(index), {})[name] = value
    content = safetensors.torch.save(tensors)
    body = {
        "format": _FORMAT,
        "tensors_sha256": hashlib.sha256(content).hexdigest(),
        "position": dataclasses.asdict(position),
        "optimiser_numbers": numbers,
    }
    text = json.dumps(body, allow_nan=False)
    manifest = json.dumps({"sha256": _digest(text), "body": text}).encode()
    resume = folder / RESUME_FOLDER
    stem = f"epoch-{position.epoch:04d}"
    files.write_atomically(resume / f"{stem}.safetensors", content)
    files.write_atomically(resume / f"{stem}.json", manifest)
    _drop_old(resume, position.epoch)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The newest generation that is whole; None if the run has none yet.

    Raises:
        CheckpointError: there are generations, and all of them are damaged.
    """
    resume = folder / RESUME_FOLDER
    manifests = sorted(resume.glob("epoch-*.json"), key=lambda path: (len(path.name), path.name), reverse=True)
    problems = []
    for manifest in manifests:
        try:
            return decode(manifest.read_bytes(), manifest.with_suffix(".safetensors").read_bytes())
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, safetensors.SafetensorError) as error:
            _log.warning("the saved state %s cannot be used: %s", manifest, error)
            problems.append(f"{manifest.name}: {error}")
    if problems:
        raise CheckpointError(f"{folder.name} cannot go on, its saved states are damaged ({'; '.join(problems)})")
    return None


def generation(folder: Path, epoch: int) -> tuple[bytes, bytes]:
    """The two files of a generation, manifest and tensors, to be sent elsewhere and decoded there.

    Raises:
        OSError: they cannot be read.
    """
    manifest = folder / RESUME_FOLDER / f"epoch-{epoch:04d}.json"
    return manifest.read_bytes(), manifest.with_suffix(".safetensors").read_bytes()


def decode(manifest: bytes, content: bytes) -> Checkpoint:
    """The checkpoint that the two files of a generation hold.

    Raises:
        ValueError, KeyError, TypeError, SafetensorError: they are damaged, or a later version wrote them.
    """
    stored = json.loads(manifest)
    if not isinstance(stored["body"], str):
        raise TypeError("its body is not a text")
    if _digest(stored["body"]) != stored["sha256"]:
        raise ValueError("its digest is wrong")
    body = json.loads(stored["body"])
    if not 1 <= body["format"] <= _FORMAT:
        raise ValueError("a later version of the program wrote it")
    if hashlib.sha256(content).hexdigest() != body["tensors_sha256"]:
        raise ValueError("the digest of its tensors is wrong")
    values = dict(body["position"])
    values["commands"] = tuple(values["commands"])
    values["changes"] = changes_from_json(values.get("changes", ()))
    network: dict[str, Tensor] = {}
    average: dict[str, Tensor] = {}
    optimiser: dict[int, dict[str, Any]] = {
        int(index): dict(numbers) for index, numbers in body["optimiser_numbers"].items()
    }
    for key, tensor in safetensors.torch.load(content).items():
        if key.startswith(_NETWORK):
            network[key.removeprefix(_NETWORK)] = tensor
        elif key.startswith(_AVERAGE):
            average[key.removeprefix(_AVERAGE)] = tensor
        else:
            index, _, name = key.removeprefix(_OPTIMISER).partition(".")
            optimiser.setdefault(int(index), {})[name] = tensor
    return Checkpoint(Position(**values), network, dict(sorted(optimiser.items())), average)


def _restore_network(network: nn.Module, saved: Mapping[str, Tensor]) -> None:
    target = network.state_dict()
    if target.keys() != saved.keys():
        raise CheckpointError("the saved state belongs to another network")
    with torch.no_grad():
        for name, tensor in target.items():
            if tensor.shape != saved[name].shape or tensor.dtype != saved[name].dtype:
                raise CheckpointError(f"the saved state belongs to another network: {name} differs")
            # Copied in place: the values change, the memory layout stays.
            tensor.copy_(saved[name])


def _laid_out(value: Any, parameter: Tensor) -> Any:
    # Fused optimisers run over the memory of parameter and state side by side, so both need the same layout.
    if isinstance(value, Tensor) and value.shape == parameter.shape:
        return torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(value)
    return value


def _drop_old(resume: Path, newest: int) -> None:
    by_epoch: dict[int, list[Path]] = {}
    for path in resume.glob("epoch-*.*"):
        with contextlib.suppress(ValueError):
            by_epoch.setdefault(int(path.stem.removeprefix("epoch-")), []).append(path)
    whole = [epoch for epoch, paths in by_epoch.items() if any(path.suffix == ".json" for path in paths)]
    # A generation beyond the newest was left by a sitting whose state could not be read.
    kept = sorted((epoch for epoch in whole if epoch <= newest), reverse=True)[:_GENERATIONS]
    for epoch, paths in by_epoch.items():
        if epoch not in kept:
            # The manifest first: without it the tensors do not count.
            for path in sorted(paths):
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
