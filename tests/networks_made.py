"""Weights files of untrained networks for photographs and masks."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def save(path: Path, architecture: str, dataset: str, labels: tuple[str, ...] = (), **options: Any) -> Path:
    import torch

    from explorer.data import datasets
    from explorer.data.batches import Preprocessing
    from explorer.networks import catalogue
    from explorer.runs.weights import save_weights

    entry = catalogue.get(architecture)
    chosen = entry.options_type(**options)
    labels = labels or datasets.get(dataset).classes
    shape = entry.interface(chosen).input_shape
    torch.manual_seed(3)
    save_weights(
        path,
        entry.build(chosen, len(labels)),
        architecture=architecture,
        options=chosen,
        labels=labels,
        preprocessing=Preprocessing(shape, (0.5,) * shape[0], (0.25,) * shape[0]),
        provenance={"dataset": dataset} if dataset else {},
    )
    return path
