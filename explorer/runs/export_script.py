"""A run as one Python file that trains the same network again, with torch and torchvision alone."""

from __future__ import annotations

import ast
import dataclasses
import json
import pprint
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from explorer.data import datasets, slices
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture
from explorer.runs.export import ExportError
from explorer.runs.run_folder import Run, RunRecord
from explorer.runs.source_bundle import Bundle, BundleError
from explorer.system import files

_TEMPLATE = Path(__file__).with_name("export_script.txt")
_TORCHVISION = {
    "mnist": "MNIST",
    "fashion-mnist": "FashionMNIST",
    "kmnist": "KMNIST",
    "cifar10": "CIFAR10",
    "cifar100": "CIFAR100",
}
_DRAWN = {"digits": "make_digits", "segments": "make_segments"}
# What every script takes from this program besides the network.
_PARTS = (
    ("data.augmentation", "Augmentation"),
    ("data.split", "Split"),
    ("data.batches", "Preprocessing"),
    ("data.batches", "ResidentBatches"),
    ("data.batches", "prepare"),
    ("data.batches", "prepare_labels"),
    ("networks.architecture", "Scores"),
    ("training.averaging", "Average"),
    ("training.halving", "halve_quickly"),
    ("training.losses", "LOSSES"),
    ("training.masks", "cut_to"),
    ("training.masks", "counts"),
    ("training.masks", "mean_iou"),
    ("training.schedule", "learning_rate"),
)
_IMPORTS = ("import argparse", "import time", "import numpy", "import torch", "import torchvision")


def write_script(run: Run, target: Path, _epoch: int | None = None) -> Path:
    """Writes the script.

    Raises:
        ExportError: the run's network, options or data set are not of this version of the program.
    """
    if run.record is None:
        raise ExportError(f"{run.name} cannot be exported: {run.problem}")
    files.write_atomically(target, script_of(run.record, run.name).encode())
    return target


def script_of(record: RunRecord, name: str) -> str:
    """The source that repeats a run."""
    try:
        architecture = catalogue.get(record.architecture)
        options = architecture.options_type(**record.options)
        interface = architecture.interface(options)
        entry = datasets.get(record.dataset)
        bundle = Bundle()
        build = _build(bundle, architecture, record)
        for part in _PARTS:
            bundle.add(*part)
        loading = _loading(bundle, record.dataset)
        twin = _twin(bundle, record)
    except (ValueError, TypeError, BundleError) as error:
        raise ExportError(f"{name} cannot be had as a script: {error}") from error
    config = {key: value for key, value in record.config.items() if key not in {"architecture", "options", "dataset"}}
    config["extra_digits"] = int(config.get("extra_digits", 0))
    if config["extra_digits"]:
        bundle.add("data.digits", "make_digits")
    changes = [{"step": change.step, **change.values} for change in record.changes]
    text = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=json.dumps(f"Trains {architecture.title_with(options)} on {entry.title} as the run {name} did.")[1:-1],
        source=bundle.source(_IMPORTS).strip(),
        build=build,
        twin=twin,
        loading=loading,
        config=pprint.pformat(_plain(config), width=100, sort_dicts=False),
        changes=pprint.pformat(changes, width=100, sort_dicts=False),
        classes=len(record.labels),
        labels=pprint.pformat(tuple(record.labels), width=100, compact=True),
        preprocessing=_preprocessing(record.preprocessing),
        scores=f"Scores.{interface.scores.name}",
        device=repr(record.device),
        threads=record.threads,
        layout=repr(record.memory_layout),
        data=repr("data" if entry.folder is None else entry.name),
        place="where torchvision keeps data sets" if entry.folder is None else "the folder of images",
        extra="make_digits(extra, seed)" if config["extra_digits"] else "None",
    )
    ast.parse(text)
    return text


def _build(bundle: Bundle, architecture: Architecture, record: RunRecord) -> str:
    if not architecture.builder:
        raise ExportError(f"{architecture.title} is a network of your own: its file is its source already")
    module, function, *arguments = architecture.builder.split(":")
    options_type = architecture.options_type
    options = bundle.add(_inner(options_type.__module__), options_type.__name__)
    builder = bundle.add(_inner(module), function)
    given = "".join(f"{argument!r}, " for argument in arguments)
    values = ", ".join(f"{key}={value!r}" for key, value in record.options.items())
    return f"{builder}({given}{options}({values}), classes)"


def _twin(bundle: Bundle, record: RunRecord) -> str:
    """The lines that give the network the first weights of the one that it is compared with, if there is one."""
    twin = record.config.get("twin_of")
    if not twin:
        return ""
    other = catalogue.get(twin["architecture"])
    options = dataclasses.asdict(other.options_type(**twin["options"]))
    # The bundle has names of its own for what two modules call alike.
    build = _build(bundle, other, dataclasses.replace(record, architecture=other.name, options=options))
    copy = bundle.add("training.first_weights", "copy_matching")
    build = build.removesuffix("classes)") + "len(LABELS))"
    return f"\n    torch.manual_seed(derived(seed, 0))\n    {copy}({build}, network)"


def _loading(bundle: Bundle, name: str) -> str:
    """The lines that give `train` and `test`, of type Split."""
    part = slices.parsed(name)
    if part is not None:
        first = _loading(bundle, part.whole).replace("    return ", "    train, test = ")
        cut = [
            f"Split({each}.images[:{count}], {each}.labels[:{count}])"
            for each, count in (("train", part.train), ("test", part.test))
        ]
        return f"{first}\n    return {cut[0]}, {cut[1]}"
    entry = datasets.get(name)
    if entry.name in _TORCHVISION:
        return f"    return torchvision_splits(torchvision.datasets.{_TORCHVISION[entry.name]}, folder)"
    if entry.name in _DRAWN:
        module = f"data.{entry.name}"
        make = bundle.add(module, _DRAWN[entry.name])
        names = [bundle.add(module, each) for each in ("TRAIN_COUNT", "TRAIN_SEED", "TEST_COUNT", "TEST_SEED")]
        train_count, train_seed, test_count, test_seed = names
        return f"    return {make}({train_count}, {train_seed}), {make}({test_count}, {test_seed})"
    look, read = bundle.add("data.image_folder", "look"), bundle.add("data.image_folder", "read")
    return f"""    listing = {look}(Path(folder))
    if listing.classes != LABELS:
        raise SystemExit(f"{{folder}} has other classes than the run learnt; name its folder with --data")
    train, test, remarks = {read}(listing, lambda _what, _share: None, lambda: False)
    print("".join(f"{{remark}}\\n" for remark in remarks), end="")
    return train, test"""


def _inner(module: str) -> str:
    return module.removeprefix("explorer.")


def _preprocessing(stored: Mapping[str, Any]) -> str:
    values = ", ".join(f"{key}={tuple(value)!r}" for key, value in stored.items())
    return f"Preprocessing({values})"


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    return {key: dict(value) if isinstance(value, Mapping) else value for key, value in config.items()}
