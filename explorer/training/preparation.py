"""Everything that has to be there before the first step: data, network, optimiser, threads, run folder."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import torch
from torch import nn

from explorer.data import datasets
from explorer.data.datasets import Dataset
from explorer.runs import lock
from explorer.runs.changes import joined
from explorer.runs.checkpoint import Position
from explorer.runs.lock import RunLock
from explorer.runs.run_folder import Run, RunRecord, in_force, read_run, remove_leftovers
from explorer.system import devices, memory
from explorer.system import settings as system_settings
from explorer.system.settings import Settings
from explorer.training import beginning, threads
from explorer.training.beginning import Beginning
from explorer.training.capturing import capture_step
from explorer.training.changing import changed, values_of
from explorer.training.compiling import compile_step
from explorer.training.config import TrainingConfig
from explorer.training.epoch_end import START
from explorer.training.events import Change
from explorer.training.ingredients import Ingredients, device_for, examples, ingredients, smallest_batch
from explorer.training.layer_watch import LayerWatch
from explorer.training.material import Material
from explorer.training.orders import Orders
from explorer.training.precision import with_precision
from explorer.training.provenance import changed_processes, changed_versions, record_of, weights_of
from explorer.training.recorder import Recorder, Unrecorded, summary
from explorer.training.sitting import Sitting
from explorer.training.team import Team

Progress = Callable[[str, "float | None"], None]

_ONE_PROCESS = "CUDA graphs are for one process; several train without them"


@contextmanager
def prepared(
    config: TrainingConfig | None,
    resume: Path | None,
    change: Change | None,
    settings: Settings | None,
    progress: Progress | None,
    cancelled: Callable[[], bool] | None,
    team: Team,
) -> Iterator[Sitting]:
    """A training that is ready to begin, by now changed as `change` says.

    Afterwards threads, random state and the folder's lock are put back.
    """
    chosen = settings or system_settings.load()
    tell = progress or _say_nothing

    def found() -> Beginning:
        run = None if resume is None else _resumable(resume, change)
        used = _config(config, run)
        record = None if run is None else run.record
        device = devices.resolve(record.device) if record else device_for(used, chosen)
        used = with_precision(used, device, processes=team.size, cancelled=cancelled)
        begins = beginning.beginning(used, device, run)
        if begins.checkpoint is None and run is not None and run.status == "finished":
            raise ValueError(f"{run.name} is finished and keeps no state to go on from; train anew")
        return begins

    # Locked before anything is read from it, so that it is read as the one who held it left it.
    with surroundings_put_back(), nullcontext() if resume is None else _locked(resume, change) as held:
        begins = beginning.told(team, found)
        team.check_device(devices.resolve(begins.device))
        tell(f"Loading {begins.config.dataset}", None)
        dataset = _load(begins.config.dataset, chosen, progress, cancelled, team)
        sitting = _make(begins, held, dataset, chosen, tell, team)
        try:
            sitting.go_on_with(change)
            yield sitting
        finally:
            sitting.close()


@contextmanager
def surroundings_put_back() -> Iterator[None]:
    """Puts this thread's number of threads and torch's random state back, and hands memory back to the system."""
    threads_before, random_before = torch.get_num_threads(), torch.get_rng_state()
    memory.keep_freed()
    try:
        yield
    finally:
        devices.use_threads(threads_before)
        torch.set_rng_state(random_before)
        memory.give_back()


def _load(
    name: str, settings: Settings, progress: Progress | None, cancelled: Callable[[], bool] | None, team: Team
) -> Dataset:
    """The data set; on each machine one process of a team looks for it first, and may download it."""
    if team.local_rank > 0:
        team.meet()
    dataset = datasets.load(name, settings, progress, cancelled)
    if team.local_rank == 0:
        team.meet()
    theirs = team.told(dataset.checksum.encode()).decode()
    if theirs != dataset.checksum:
        raise ValueError(
            f"this machine has other data than the first one: {dataset.name} from {dataset.source} has the checksum "
            f"{dataset.checksum[:12]}, expected {theirs[:12]}"
        )
    return dataset


def _make(
    begins: Beginning, held: RunLock | None, dataset: Dataset, settings: Settings, tell: Progress, team: Team
) -> Sitting:
    config, run, record = begins.config, begins.run, begins.record
    if record is not None and record.data_checksum != dataset.checksum:
        raise ValueError(
            f"{_name(run)} was trained on other data: {dataset.name} from {dataset.source} has the checksum "
            f"{dataset.checksum[:12]}, expected {record.data_checksum[:12]}; put the data of that run back"
        )
    given = ingredients(config, dataset, begins.device, record.memory_layout if record else "", team)
    average = None if given.average is None else given.average.network
    position = START
    if begins.checkpoint is not None:
        begins.checkpoint.restore(given.network, given.step.optimiser, average)
        position = begins.checkpoint.position
    for network in (given.network, average):
        team.copy_from_lead([] if network is None else network.state_dict().values())
    # Another number of processes has other cores.
    is_as_before = record is not None and record.processes == team.size
    count = record.threads if record and is_as_before else config.threads or settings.threads
    if not count:
        tell("Measuring how many threads are fastest", None)
        count = threads.measure(given.network, config, given.interface.scores, given.batches.sample, team.local_size)
    devices.use_threads(count)
    warnings = dataset.remarks
    warnings += () if record is None else changed_versions(record) + changed_processes(record, team.size)
    warnings += _of_statistics(given.network, team)
    if config.compiled:
        tell("Compiling the network", None)
        warnings += compile_step(given.step, [(size, *given.preprocessing.input_shape) for size in _sizes(given, team)])
    if config.captured:
        tell("Recording a step for CUDA graphs", None)
        warnings += capture_step(given.step, given.batches.sample()) if team.is_alone else (_ONE_PROCESS,)
    material = _material(config, given, dataset, count, team)
    orders = Orders(
        config,
        position.commands,
        joined(position.changes, () if record is None else record.changes, position.step),
        position.step + 1,
    )
    recorder: Recorder | Unrecorded = Unrecorded(Path())
    if team.leads:
        record = _record(material, dataset, given.layout, record, orders, position)
        recorder = Recorder(record, material, lambda position: weights_of(material, dataset, position))
        warnings += recorder.go_on(run.folder, held) if run and held else recorder.start_new(settings.runs())
    folder = team.told(os.fsencode(recorder.folder))
    if not team.leads:
        recorder = Unrecorded(Path(os.fsdecode(folder)))
    team.begin()
    return Sitting(material, recorder, position, orders, warnings, team)


def _sizes(given: Ingredients, team: Team) -> tuple[int, ...]:
    """How many images this process computes at once."""
    smallest = smallest_batch(given.network)
    shares = (team.share(size, smallest) for size in given.batches.sizes)
    return tuple(dict.fromkeys(share.stop - share.start for share in shares if share.stop > share.start))


def _of_statistics(network: nn.Module, team: Team) -> tuple[str, ...]:
    if team.is_alone or smallest_batch(network) == 1:
        return ()
    return (
        "batch norm normalises each process's share of a batch by itself; its statistics are averaged after each epoch",
    )


def _material(config: TrainingConfig, given: Ingredients, dataset: Dataset, count: int, team: Team) -> Material:
    return Material(
        config=config,
        interface=given.interface,
        network=given.network,
        average=given.average,
        step=given.step,
        # Hooks would have a compiled network compiled anew, with other last digits.
        watch=LayerWatch(given.network, activations=given.step.forward is given.network),
        preprocessing=given.preprocessing,
        batches=given.batches.epoch,
        steps_per_epoch=given.batches.steps,
        images_per_epoch=given.batches.images,
        test=examples(dataset.test, given.device),
        validation=given.validation,
        device=given.device,
        threads=count,
        team=team,
    )


def _record(
    material: Material, dataset: Dataset, layout: str, before: RunRecord | None, orders: Orders, position: Position
) -> RunRecord:
    if before is None:
        return record_of(material, dataset, layout)
    # A process that was killed may have saved an epoch that its record does not tell of yet.
    known = summary(position) if position.epoch else before.summary
    return dataclasses.replace(
        before,
        status="running",
        advice="",
        summary=known,
        changes=orders.recorded,
        processes=material.team.size,
        threads=material.threads,
    )


def _config(config: TrainingConfig | None, run: Run | None) -> TrainingConfig:
    if run is None or run.record is None:
        if config is None:
            raise ValueError("training needs a configuration, or a run to go on with")
        return config
    stored = TrainingConfig.from_json(run.record.config)
    if config is not None and config.precision == "auto":
        # What it came to is stored.
        config = dataclasses.replace(config, precision=stored.precision)
    if config is not None and config != stored:
        different = [
            each.name for each in dataclasses.fields(config) if getattr(config, each.name) != getattr(stored, each.name)
        ]
        raise ValueError(
            f"{run.name} goes on with its own configuration; {', '.join(different)} cannot be changed: train anew"
        )
    return stored


@contextmanager
def _locked(folder: Path, change: Change | None) -> Iterator[RunLock]:
    _resumable(folder, change)
    held = lock.acquire(folder)
    try:
        remove_leftovers(folder)
        yield held
    finally:
        held.release()


def _resumable(folder: Path, change: Change | None) -> Run:
    run = read_run(folder)
    if run.record is None:
        raise ValueError(f"{run.name} cannot go on: {run.problem}")
    rate = in_force(run.record).get("learning_rate", 0.0)
    if run.status == "diverged" and (change is None or change.learning_rate is None or change.learning_rate >= rate):
        raise ValueError(
            f"{run.name} diverged and would do so again; go on or train anew with a lower learning rate than {rate:g}"
        )
    done = run.record.summary.epochs
    more = change is not None and change.epochs is not None
    if run.status == "finished" and not more:
        raise ValueError(
            f"{run.name} is finished; it goes on where it is given more epochs than its {done:,} (--epochs)"
        )
    if change is not None:
        if change.epochs is not None and change.epochs <= done:
            raise ValueError(
                f"{run.name} has {done:,} epoch{'' if done == 1 else 's'} already; give it more than that in all"
            )
        changed(TrainingConfig.from_json(run.record.config), values_of(change))
    return run


def _name(run: Run | None) -> str:
    return "the run" if run is None else run.name


def _say_nothing(_what: str, _share: float | None) -> None:
    pass
