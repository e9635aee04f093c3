"""What a weights file says about itself, read without torch: our entry in the metadata of a safetensors file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from explorer.system.safetensors_header import HeaderError, read_header

METADATA_KEY = "cnn_explorer"


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
        WeightsError: the file cannot be read, is no sound safetensors file, or was not written by this program.
    """
    try:
        shapes, metadata = read_header(path)
    except HeaderError as error:
        raise WeightsError(str(error)) from error
    return _parse(path.name, shapes, metadata)


def _parse(name: str, shapes: dict[str, tuple[int, ...]], metadata: dict[str, Any]) -> WeightsHeader:
    text = metadata.get(METADATA_KEY)
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
        return WeightsHeader(architecture=str(stored["architecture"]), labels=tuple(labels), shapes=shapes, **values)
    except WeightsError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(f"{name} is damaged: what it says about its network cannot be read") from error
