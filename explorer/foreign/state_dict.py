"""The names and shapes of the tensors in a file of weights. Only ever in a child process: such files can be traps."""

from __future__ import annotations

import json
import pickle
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from explorer.foreign.errors import ForeignError
from explorer.structure.graph import Shape
from explorer.structure.graph_json import plain
from explorer.system.safetensors_header import HeaderError, read_header

_GLOBAL = re.compile(r"GLOBAL ([\w.]+)")
_DAMAGED = "{} is damaged, cut off, or no file of weights"
# How every pickle begins that torch has written.
_PICKLE = b"\x80"
_DEEPEST = 4
# The key of a weights file of this program, with what rebuilds its network.
_OWN_METADATA = "cnn_explorer"


@dataclass(frozen=True)
class Weights:
    """Shapes by name, and what the file says about its network: an architecture's name and options, or nothing."""

    file: str
    shapes: dict[str, Shape]
    architecture: str = ""
    options: Mapping[str, Any] | None = None


def read(path: Path) -> Weights:
    """Names and shapes, without the numbers.

    A `.pt` or `.pth` is loaded by `torch.load(weights_only=True)`, onto the meta device and without a second try.

    Raises:
        ForeignError: the file is damaged, or is no state dict; the message says what it is.
    """
    if path.suffix.lower() == ".safetensors":
        try:
            shapes, remarks = read_header(path)
        except HeaderError as error:
            raise ForeignError(str(error)) from error
        return _with_hint(path.name, shapes, remarks.get(_OWN_METADATA))
    tensors = _most_tensors(_load(path))
    if not tensors:
        raise ForeignError(f"{path.name} holds no tensors by name; save network.state_dict()")
    _check_sizes(path, tensors)
    return Weights(path.name, {name: tuple(tensor.shape) for name, tensor in tensors.items()})


def _with_hint(file: str, shapes: dict[str, Shape], text: Any) -> Weights:
    if not shapes:
        raise ForeignError(f"{file} holds no tensors")
    try:
        said = json.loads(text)
        return Weights(file, shapes, str(said["architecture"]), dict(said["options"]))
    except (TypeError, ValueError, KeyError, RecursionError):
        return Weights(file, shapes)


def _load(path: Path) -> Any:
    is_zip = zipfile.is_zipfile(path)
    try:
        if is_zip:
            return torch.load(path, map_location="meta", weights_only=True, mmap=True)
        if _first_byte(path) != _PICKLE:
            raise ForeignError(_DAMAGED.format(path.name))
        # The format of before 2020, which cannot be mapped.
        return torch.load(path, map_location="cpu", weights_only=True)
    except ForeignError:
        raise
    except OSError as error:
        raise ForeignError(f"{path} cannot be read: {error.strerror or error}") from error
    except MemoryError as error:
        raise ForeignError(f"{path.name} asks for more memory than it may have") from error
    except Exception as error:
        raise ForeignError(
            _refusal(path, str(error), is_zip=is_zip, pickled=isinstance(error, pickle.UnpicklingError))
        ) from error


def _first_byte(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(1)


def _refusal(path: Path, text: str, *, is_zip: bool, pickled: bool) -> str:
    advice = "save network.state_dict() instead"
    if is_zip and "TorchScript" in text:
        return f"{path.name} is a TorchScript program, not weights; {advice}, or a torch.export program (.pt2)"
    if is_zip and any(name.endswith((".json", "/version")) and "/models/" in name for name in _names(path)):
        return f"{path.name} is a torch.export program; give it the suffix .pt2"
    named = _GLOBAL.search(text)
    if named:
        return (
            f"{path.name} is not plain weights: loading it would call {plain(named[1], 80)}, which could run code; "
            f"nothing was run. For a network that you trust, {advice}"
        )
    if pickled and "nsupported" in text:
        return f"{path.name} is not plain weights: loading it could run code; nothing was run, so {advice}"
    if "allocate" in text:
        return f"{path.name} asks for more memory than it may have"
    return _DAMAGED.format(path.name)


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError):
        return []


def _most_tensors(loaded: Any) -> dict[str, torch.Tensor]:
    """The mapping of names to tensors, wherever a checkpoint keeps it: the largest one."""
    best: dict[str, torch.Tensor] = {}
    for mapping in _mappings(loaded, _DEEPEST):
        tensors = {
            key: value for key, value in mapping.items() if isinstance(key, str) and isinstance(value, torch.Tensor)
        }
        if len(tensors) > len(best):
            best = tensors
    return best


def _mappings(value: Any, depth: int) -> Iterator[Mapping[Any, Any]]:
    if isinstance(value, Mapping):
        yield value
        if depth:
            for inner in value.values():
                yield from _mappings(inner, depth - 1)


def _check_sizes(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    size = path.stat().st_size
    storages = {}
    for tensor in tensors.values():
        storage = tensor.untyped_storage()
        storages[storage._cdata] = storage.nbytes()  # noqa: SLF001 - two tensors of one storage share it
        largest = tensor.numel() * tensor.element_size()
        if largest > size and 0 not in tensor.stride():
            storages[-1] = largest
    declared = sum(storages.values())
    if declared > size:
        raise ForeignError(f"{path.name} is damaged: it speaks of {declared:,} bytes of weights, and has {size:,}")
