"""Everything that has to be there before the first step: data, network, optimiser, threads, run folder."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import explorer
from explorer.data import datasets, digits
from explorer.data.batches import Preprocessing, ResidentBatches, preprocessing_for
from explorer.data.datasets import Dataset
from explorer.networks import catalogue
from explorer.networks.architecture import Task
from explorer.runs import lock
from explorer.runs.checkpoint import Position, load_checkpoint
from explorer.runs.lock import RunLock
from explorer.runs.run_folder import Run, RunRecord, read_run, remove_leftovers
from explorer.runs.weights import weights_bytes
from explorer.system import devices, memory
from explorer.system import settings as system_settings
from explorer.system.settings import Settings
from explorer.training import threads
from explorer.training.config import TrainingConfig
from explorer.training.optimisers import make_optimiser
from explorer.training.recorder import Recorder
from explorer.training.sitting import START, Material, Sitting
from explorer.training.step import Step

DTYPE = "float32"

_BATCH_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


@contextmanager
def prepared(
    config: TrainingConfig | None,
    resume: Path | None,
    settings: Settings | None,
    progress: Callable[[str, float | None], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[Sitting]:
    """A training that is ready to begin; afterwards threads, random state and the folder's lock are put back."""
    chosen = settings or system_settings.load()
    tell = progress or _say_nothing
    threads_before, random_before = torch.get_num_threads(), torch.get_rng_state()
    memory.keep_freed()
    try:
        # Locked before anything is read from it, so that it is read as the one who held it left it.
        with nullcontext() if resume is None else _locked(resume) as held:
            run = None if resume is None else _resumable(resume)
            used = _config(config, run)
            tell(f"Loading {used.dataset}", None)
            dataset = datasets.load(used.dataset, chosen, progress, cancelled)
            sitting = _make(used, run, held, dataset, chosen, tell)
            try:
                yield sitting
            finally:
                sitting.close()
    finally:
        devices.use_threads(threads_before)
        torch.set_rng_state(random_before)
        memory.give_back()


def _make(
    config: TrainingConfig,
    run: Run | None,
    held: RunLock | None,
    dataset: Dataset,
    settings: Settings,
    tell: Callable[[str, float | None], None],
) -> Sitting:
    record = None if run is None else run.record
    architecture = catalogue.get(config.architecture)
    if architecture.task is not Task.CLASSIFICATION:
        raise ValueError(
            f"{architecture.title} marks pixels and learns from masks, which no data set here has; it can be read, not "
            "trained"
        )
    interface = architecture.interface(config.options)
    if interface.classes_fixed and len(dataset.classes) != interface.classes:
        raise ValueError(
            f"{config.architecture} in this form tells {interface.classes} classes apart; {dataset.name} has "
            f"{len(dataset.classes)}"
        )
    if record is not None and record.data_checksum != dataset.checksum:
        raise ValueError(
            f"{_name(run)} was trained on other data: {dataset.name} from {dataset.source} has the checksum "
            f"{dataset.checksum[:12]}, expected {record.data_checksum[:12]}; put the data of that run back"
        )
    device = devices.resolve(record.device if record else _device(config, settings))
    torch.manual_seed(_derived(config.seed, 0))
    network = architecture.build(config.options, len(dataset.classes)).to(device)
    if config.batch_size == 1 and any(isinstance(layer, _BATCH_NORMS) for layer in network.modules()):
        raise ValueError(
            f"{config.architecture} in this form has batch norm, which needs several images at once; choose a batch "
            "size of 2 or more"
        )
    layout = record.memory_layout if record else _layout(network, device)
    if layout == "channels_last":
        network = network.to(memory_format=torch.channels_last)
    checkpoint = None if run is None else load_checkpoint(run.folder)
    step = Step(network, make_optimiser(network, config), config, interface.scores)
    position = START
    if checkpoint is not None:
        checkpoint.restore(network, step.optimiser)
        position = checkpoint.position
    preprocessing = preprocessing_for(interface.input_shape, interface.pixel_range, dataset.mean, dataset.std)
    source = _Batches(config, dataset, preprocessing, device)
    count = record.threads if record else config.threads or settings.threads
    if not count:
        tell("Measuring how many threads are fastest", None)
        count = threads.measure(network, config, interface.scores, source.sample)
    devices.use_threads(count)
    material = Material(
        config=config,
        interface=interface,
        network=network,
        step=step,
        preprocessing=preprocessing,
        batches=source.epoch,
        steps_per_epoch=source.steps,
        images_per_epoch=source.images,
        test_images=torch.from_numpy(dataset.test.images).to(device),
        test_labels=torch.from_numpy(dataset.test.labels).to(device),
        device=device,
        threads=count,
    )
    if record is None:
        record = _record(material, dataset, layout)
    else:
        record = dataclasses.replace(record, status="running", advice="")
    recorder = Recorder(record, lambda position: _weights(material, dataset, position))
    warnings = _changed_versions(record)
    warnings += recorder.go_on(run.folder, held) if run and held else recorder.start_new(settings.runs())
    return Sitting(material, recorder, position, warnings)


class _Batches:
    """The batches of each epoch, built-in digits mixed in where the config asks for them."""

    def __init__(self, config: TrainingConfig, dataset: Dataset, preprocessing: Preprocessing, device: str) -> None:
        self._config = config
        self._resident = ResidentBatches(dataset.train, preprocessing, device)
        self.steps = self._resident.steps(config.batch_size, config.extra_digits)
        self.images = min(len(self._resident) + config.extra_digits, self.steps * config.batch_size)

    def epoch(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of an epoch, counted from 1, which follow from (seed, epoch) alone."""
        config = self._config
        derived = _derived(config.seed, epoch + 1)
        torch.manual_seed(derived)
        extra = digits.make_digits(config.extra_digits, derived) if config.extra_digits else None
        return self._resident.epoch(config.seed, epoch, config.batch_size, config.augmentation, extra)

    def sample(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Batches for a measurement, which belong to no epoch."""
        return self._resident.epoch(self._config.seed, 0, self._config.batch_size, self._config.augmentation)


def _derived(seed: int, number: int) -> int:
    """A seed for one purpose: the network's first weights (number 0) or an epoch's dropout and digits."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _config(config: TrainingConfig | None, run: Run | None) -> TrainingConfig:
    if run is None or run.record is None:
        if config is None:
            raise ValueError("training needs a configuration, or a run to go on with")
        return config
    stored = TrainingConfig.from_json(run.record.config)
    if config is not None and config != stored:
        different = [
            each.name for each in dataclasses.fields(config) if getattr(config, each.name) != getattr(stored, each.name)
        ]
        raise ValueError(
            f"{run.name} goes on with its own configuration; {', '.join(different)} cannot be changed: train anew"
        )
    return stored


@contextmanager
def _locked(folder: Path) -> Iterator[RunLock]:
    _resumable(folder)
    held = lock.acquire(folder)
    try:
        remove_leftovers(folder)
        yield held
    finally:
        held.release()


def _resumable(folder: Path) -> Run:
    run = read_run(folder)
    if run.record is None:
        raise ValueError(f"{run.name} cannot go on: {run.problem}")
    if run.status == "finished":
        raise ValueError(f"{run.name} is finished; train anew for more epochs")
    if run.status == "diverged":
        raise ValueError(f"{run.name} diverged and would do so again; train anew with a lower learning rate")
    return run


def _name(run: Run | None) -> str:
    return "the run" if run is None else run.name


def _device(config: TrainingConfig, settings: Settings) -> str:
    return settings.device if config.device == "auto" else config.device


def _layout(network: nn.Module, device: str) -> str:
    # Measured for LeNet-5 on two x86-64 cores: 8 to 13 % faster. Apple's graphics do not gain from it.
    has_convolutions = any(isinstance(layer, nn.Conv2d) for layer in network.modules())
    return "channels_last" if has_convolutions and device != "mps" else "contiguous"


def _record(material: Material, dataset: Dataset, layout: str) -> RunRecord:
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
        versions=_versions(),
        device=material.device,
        device_title=devices.describe(material.device),
        threads=material.threads,
        memory_layout=layout,
        dtype=DTYPE,
        parameters=sum(parameter.numel() for parameter in material.network.parameters()),
        created=datetime.now().astimezone().isoformat(timespec="seconds"),
    )


def _weights(material: Material, dataset: Dataset, position: Position) -> bytes:
    """The weights file of an epoch. Nothing in it depends on the clock: the same training gives the same bytes."""
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
        "versions": _versions(),
        "device": material.device,
        "threads": material.threads,
    }
    return weights_bytes(
        material.network,
        architecture=config.architecture,
        options=config.options,
        labels=dataset.classes,
        preprocessing=material.preprocessing,
        provenance=provenance,
    )


def _versions() -> dict[str, str]:
    return {
        "cnn-explorer": explorer.__version__,
        "python": platform.python_version(),
        "torch": str(torch.__version__),
    }


def _changed_versions(record: RunRecord) -> tuple[str, ...]:
    now, then = _versions(), record.versions
    changed = [f"{name} {then.get(name, '?')}, now {now[name]}" for name in now if then.get(name) != now[name]]
    if not changed:
        return ()
    return (f"the run began with other versions ({', '.join(changed)}); its last digits may differ",)


def _say_nothing(_what: str, _share: float | None) -> None:
    pass
