"""What a run's record and its weights files say about where they come from."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import torch

import explorer
from explorer.data.datasets import Dataset
from explorer.runs.checkpoint import Position
from explorer.runs.run_folder import RunRecord
from explorer.runs.weights import weights_bytes
from explorer.system import devices
from explorer.training.material import Material

# Of the weights, whatever precision a step computes with.
DTYPE = "float32"


def record_of(material: Material, dataset: Dataset, layout: str) -> RunRecord:
    config = material.config
    return RunRecord(
        architecture=config.architecture,
        options=dataclasses.asdict(config.options),
        config=config.to_json(),
        dataset=config.dataset,
        data_checksum=dataset.checksum,
        data_source=str(dataset.source),
        labels=tuple(dataset.classes),
        preprocessing=dataclasses.asdict(material.preprocessing),
        seed=config.seed,
        versions=versions(),
        device=material.device,
        device_title=devices.describe(material.device),
        threads=material.threads,
        memory_layout=layout,
        dtype=DTYPE,
        processes=material.team.size,
        parameters=sum(parameter.numel() for parameter in material.network.parameters()),
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
    )


def weights_of(
    material: Material, dataset: Dataset, position: Position, more: Mapping[str, Any] | None = None
) -> bytes:
    """The weights file of an epoch. Nothing in it depends on the clock: the same training gives the same bytes.

    `more` is said about the weights besides.
    """
    config = material.config
    provenance: dict[str, Any] = {
        "dataset": config.dataset,
        "data_checksum": dataset.checksum,
        "config": config.to_json(),
        "seed": config.seed,
        "epoch": position.epoch,
        "step": position.step,
        "test_accuracy": position.test_accuracy,
        "test_loss": position.test_loss,
        "versions": versions(),
        "device": material.device,
        "threads": material.threads,
        **(more or {}),
    }
    if position.test_mean_iou is not None:
        provenance["test_mean_iou"] = position.test_mean_iou
    if position.changes:
        provenance["changes"] = [
            {"step": change.step, "epoch": change.epoch, "text": change.text, "values": change.values}
            for change in position.changes
            if change.step <= position.step
        ]
    return weights_bytes(
        material.judged,
        architecture=config.architecture,
        options=config.options,
        labels=dataset.classes,
        preprocessing=material.preprocessing,
        provenance=provenance,
    )


def versions() -> dict[str, str]:
    return {
        "cnn-explorer": explorer.__version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
    }


def changed_versions(record: RunRecord) -> tuple[str, ...]:
    """A warning where a run began with other versions than those of now."""
    now, then = versions(), record.versions
    changed = [f"{name} {then.get(name, '?')}, now {now[name]}" for name in now if then.get(name) != now[name]]
    if not changed:
        return ()
    return (f"the run began with other versions ({', '.join(changed)}); its last digits may differ",)


def changed_processes(record: RunRecord, processes: int) -> tuple[str, ...]:
    """A warning where a run began with another number of processes."""
    if record.processes == processes:
        return ()
    return (
        f"the run began with {_processes(record.processes)} and goes on with {processes}; its last digits may differ",
    )


def _processes(count: int) -> str:
    return "1 process" if count == 1 else f"{count} processes"
