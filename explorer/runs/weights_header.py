"""What a weights file says about itself, read without torch: the header of a safetensors file.

The format (https://github.com/huggingface/safetensors): 8 bytes, the header's length as a little-endian number; the
header, a JSON object of tensor names; the tensors' bytes. Ours adds one entry to its metadata, `cnn_explorer`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

METADATA_KEY = "cnn_explorer"

# Names and shapes of the largest networks take some 100 kB.
_HEADER_LIMIT = 20_000_000


class WeightsError(ValueError):
    """A weights file cannot be used; one sentence says why and what would do."""


@dataclass(frozen=True)
class WeightsHeader:
    """What rebuilds the network that the weights belong to, and where they come from.

    `options` and `preprocessing` are as stored; `labels` are the classes in the order of the outputs; `provenance`
    says how the weights were made; `shapes` are those of the tensors.
    """

    architecture: str
    options: dict[str, Any]
    labels: tuple[str, ...]
    preprocessing: dict[str, Any]
    provenance: dict[str, Any]
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def to_text(self) -> str:
        """The text that goes into the file: the same for the same values, whatever the order they were given in."""
        stored = {
            "format": 1,
            "architecture": self.architecture,
            "options": self.options,
            "labels": list(self.labels),
            "preprocessing": self.preprocessing,
            "provenance": self.provenance,
        }
        return json.dumps(stored, sort_keys=True, allow_nan=False)


def read_weights_header(path: Path) -> WeightsHeader:
    """Reads the header of a weights file, not the weights.

    Raises:
        WeightsError: the file cannot be read, is not a safetensors file, or was not written by this program.
    """
    try:
        with path.open("rb") as stream:
            size = path.stat().st_size
            length = int.from_bytes(stream.read(8), "little")
            if size < 10 or length > size - 8:
                raise WeightsError(f"{path.name} is not a weights file: it is cut off or not a safetensors file")
            if length > _HEADER_LIMIT:
                raise WeightsError(f"{path.name} is not a weights file of this program: its header is far too long")
            content = stream.read(length)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        header = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{path.name} is not a weights file: its header is not a safetensors header") from error
    return _parse(path.name, header)


def _parse(name: str, header: Any) -> WeightsHeader:
    if not isinstance(header, dict):
        raise WeightsError(f"{name} is not a weights file: its header is not a safetensors header")
    metadata = header.pop("__metadata__", {})
    text = metadata.get(METADATA_KEY) if isinstance(metadata, dict) else None
    if not isinstance(text, str):
        raise WeightsError(
            f"{name} holds weights, but not of this program: it does not say which network they belong to"
        )
    try:
        stored = json.loads(text)
        if stored["format"] != 1:
            raise WeightsError(f"{name} was written by a later version of the program; install the newest one")
        labels = stored["labels"]
        if not isinstance(labels, list) or not labels or not all(isinstance(label, str) for label in labels):
            raise WeightsError(f"{name} is damaged: its labels are not a list of names")
        values = {key: stored[key] for key in ("options", "preprocessing", "provenance")}
        if not all(isinstance(value, dict) for value in values.values()):
            raise WeightsError(f"{name} is damaged: what it says about its network has the wrong form")
        shapes = {str(key): tuple(int(side) for side in entry["shape"]) for key, entry in header.items()}
        return WeightsHeader(architecture=str(stored["architecture"]), labels=tuple(labels), shapes=shapes, **values)
    except WeightsError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(f"{name} is damaged: what it says about its network cannot be read") from error
