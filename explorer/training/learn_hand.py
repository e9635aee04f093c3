"""Learning a hand: a copy of a network for digits goes on training with somebody's own drawings among known digits.

Each epoch mixes a fresh sample of a data set of digits, so that nothing is forgotten, with the drawings, each many
times and varied anew each time. The result is a run like others.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.data import datasets
from explorer.data.augmentation import Augmentation
from explorer.data.batches import ResidentBatches
from explorer.data.datasets import Dataset
from explorer.data.personal import CLASSES, PersonalDrawing, as_split
from explorer.data.split import Split
from explorer.networks.architecture import Interface
from explorer.runs.notes import RunNotes, write_notes
from explorer.runs.run_folder import RESUME_FOLDER, write_record
from explorer.runs.weights import LoadedNetwork, load_network
from explorer.system import devices
from explorer.system import settings as system_settings
from explorer.system.download import Cancelled
from explorer.system.settings import Settings
from explorer.training.config import TrainingConfig
from explorer.training.epoch_end import START
from explorer.training.errors import TrainingError
from explorer.training.evaluate import evaluate
from explorer.training.events import Command, EpochFinished, Order, RunEnded, StepsTrained
from explorer.training.fit import train
from explorer.training.ingredients import examples, smallest_batch
from explorer.training.layer_watch import LayerWatch
from explorer.training.losses import LOSSES
from explorer.training.material import Material
from explorer.training.optimisers import make_optimiser
from explorer.training.orders import Orders
from explorer.training.provenance import record_of, weights_of
from explorer.training.recorder import Recorder
from explorer.training.sitting import Sitting
from explorer.training.step import Step
from explorer.training.team import ALONE

Progress = Callable[[str, "float | None"], None]

TAG = "my hand"
FEWEST_TO_HOLD_OUT = 10
_HELD_OUT = 0.2
_EPOCHS = 8
_PATIENCE = 2  # epochs without a gain
_KNOWN = 4000  # known digits in an epoch
_OWN = 2000  # images of own drawings in an epoch, however few drawings there are
_JUDGED = 1000  # known digits that are kept for choosing the epoch
# A tenth of what the shipped network was trained with: its knowledge is to be moved, not replaced.
_RATE = 1e-3
_VARIED = Augmentation(rotation=10, shift=0.06, scale=0.12, shear=8, elastic=0.4, thickness=0.3)


@dataclass(frozen=True)
class HandLearnt:
    """What came of it. Shares of right answers are 0 to 1, by the best epoch, before and after.

    `known` names the data set whose test images `known_*` are of, and `known_count` counts them. `own_*` are of
    `own_count` drawings: such as were held out from learning where `held_out`, else all, which it learnt from.
    """

    folder: Path
    title: str
    drawings: int
    epochs: int
    seconds: float
    known: str
    known_count: int
    known_before: float
    known_after: float
    own_count: int
    own_before: float
    own_after: float
    held_out: bool


def learn_hand(
    weights: Path,
    drawings: Sequence[PersonalDrawing],
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    seed: int = 0,
) -> HandLearnt:
    """Fine-tunes a copy of the network in a weights file on drawings, among MNIST's digits or the built-in ones.

    With ten drawings or more a fifth of them is held out and measured on; with fewer, what is measured is said to have
    been learnt. Training ends early where two epochs bring nothing. No random numbers of other trainings are touched.

    Raises:
        ValueError: the network is not one for digits, or there is no drawing.
        TrainingError: the training diverged.
        DataError: the data set cannot be read.
        StorageError: the run could not be written.
        Cancelled: `cancelled()` was true; nothing is left behind.
    """
    tell, is_cancelled = progress or _say_nothing, cancelled or _never
    chosen = settings or system_settings.load()
    loaded = load_network(weights)
    _check(loaded, drawings)
    known = "mnist" if datasets.is_available("mnist", chosen) else "digits"
    tell(f"Loading {datasets.get(known).title}", None)
    dataset = datasets.load(known, chosen, None, is_cancelled)
    config = _config(loaded, known, seed)
    with devices.threads(_threads(loaded)):
        lesson = _Lesson(loaded, config, dataset, drawings)
        tell("Measuring what it knows", None)
        own_before = lesson.own_accuracy()
        known_before = lesson.known_accuracy()
        if is_cancelled():
            raise Cancelled
        more = {"personal_drawings": len(drawings), "started_from": str(weights), "parent": _parent(loaded)}
        record = record_of(lesson.material, dataset, "contiguous")
        record = dataclasses.replace(record, data_source=f"{dataset.source}, and {_count(len(drawings))}")
        recorder = Recorder(
            record, lesson.material, lambda position: weights_of(lesson.material, dataset, position, more)
        )
        warnings = recorder.start_new(chosen.runs())
        sitting = Sitting(lesson.material, recorder, START, Orders(config, [], (), 1), warnings, ALONE)
        try:
            ended, own_after, known_after = _train(sitting, lesson, own_before, known_before, tell, is_cancelled)
        except BaseException:
            sitting.close()
            shutil.rmtree(recorder.folder, ignore_errors=True)
            raise
        # A run that could go on would do so without the drawings.
        write_record(recorder.folder, dataclasses.replace(recorder.record, status="finished"))
        shutil.rmtree(recorder.folder / RESUME_FOLDER, ignore_errors=True)
    learnt = HandLearnt(
        folder=recorder.folder,
        title="My hand: 1 drawing" if len(drawings) == 1 else f"My hand: {len(drawings):,} drawings",
        drawings=len(drawings),
        epochs=ended.epochs,
        seconds=ended.seconds,
        known=dataset.title,
        known_count=len(dataset.test),
        known_before=known_before,
        known_after=known_after,
        own_count=len(lesson.measured),
        own_before=own_before,
        own_after=own_after,
        held_out=lesson.is_held_out,
    )
    write_notes(recorder.folder, RunNotes(learnt.title, (TAG,), in_words(learnt)))
    return learnt


def in_words(learnt: HandLearnt) -> str:
    """What came of it, in sentences."""
    if learnt.held_out:
        own = f"{_count(learnt.own_count)} held out from learning"
    else:
        own = f"the {_count(learnt.own_count)} that it learnt from: draw {FEWEST_TO_HOLD_OUT} for an honest figure"
    return (
        f"Right on {learnt.known}'s {learnt.known_count:,} test images: {learnt.known_before:.2%} before, "
        f"{learnt.known_after:.2%} after. Right on {own}: {learnt.own_before:.1%} before, {learnt.own_after:.1%} after."
    )


def held_out(labels: NDArray[Any], seed: int) -> NDArray[np.bool_]:
    """Which of the drawings are held out: a fifth, of classes with several, each of which keeps one to learn from.

    None where there are too few drawings, or where hardly any class has two.
    """
    held = np.zeros(len(labels), bool)
    if len(labels) < FEWEST_TO_HOLD_OUT:
        return held
    wanted = max(2, round(_HELD_OUT * len(labels)))
    random = np.random.default_rng([seed, len(labels)])
    left = {int(label): list(random.permutation(np.flatnonzero(labels == label))) for label in np.unique(labels)}
    while held.sum() < wanted and any(len(places) > 1 for places in left.values()):
        # The class with the most drawings left gives next, so that all classes are measured.
        label = max(left, key=lambda each: (len(left[each]), -each))
        held[left[label].pop()] = True
    return held if held.sum() >= 2 else np.zeros(len(labels), bool)


class _Lesson:
    """The network that learns, what it learns from and what it is measured on."""

    def __init__(
        self, loaded: LoadedNetwork, config: TrainingConfig, dataset: Dataset, drawings: Sequence[PersonalDrawing]
    ) -> None:
        own = as_split(drawings)
        held = held_out(own.labels, config.seed)
        self.is_held_out = bool(held.any())
        self.measured = examples(_part(own, held) if self.is_held_out else own, "cpu")
        self._own = _part(own, ~held)
        order = np.random.default_rng([config.seed, 0, 1]).permutation(len(dataset.train))
        # A small data set keeps most of its images to learn from.
        judged = min(_JUDGED, len(order) // 5)
        self._known = _part(dataset.train, np.sort(order[judged:]))
        validation = _joined(_part(dataset.train, np.sort(order[:judged])), _repeated(self._own, judged))
        self._preprocessing = loaded.preprocessing
        self._interface: Interface = loaded.architecture.interface(loaded.options)
        self._config = config
        network = loaded.network.train().requires_grad_(True)
        optimiser = make_optimiser(network, config)
        images = min(_KNOWN, len(self._known)) + len(_repeated(self._own, _OWN))
        self.material = Material(
            config=config,
            interface=self._interface,
            network=network,
            average=None,
            step=Step(network, optimiser, config, self._interface.scores),
            watch=LayerWatch(network),
            preprocessing=loaded.preprocessing,
            batches=self._epoch,
            steps_per_epoch=images // config.batch_size + (images % config.batch_size > 1),
            images_per_epoch=images,
            test=examples(dataset.test, "cpu"),
            validation=examples(validation, "cpu"),
            device="cpu",
            threads=torch.get_num_threads(),
        )

    def own_accuracy(self) -> float:
        return self._accuracy(self.measured.images, self.measured.labels)

    def known_accuracy(self) -> float:
        return self._accuracy(self.material.test.images, self.material.test.labels)

    def _accuracy(self, images: Tensor, labels: Tensor) -> float:
        loss = LOSSES[self._config.loss]
        return evaluate(
            self.material.network, images, labels, self._preprocessing, loss, self._interface.scores
        ).accuracy

    def _epoch(self, epoch: int, augmentation: Callable[[], Augmentation]) -> Iterator[tuple[Tensor, Tensor]]:
        config = self._config
        drawn = np.random.default_rng([config.seed, epoch, 2]).permutation(len(self._known))[:_KNOWN]
        mixed = _joined(_part(self._known, drawn), _repeated(self._own, _OWN))
        return ResidentBatches(mixed, self._preprocessing).epoch(config.seed, epoch, config.batch_size, augmentation)


def _train(
    sitting: Sitting,
    lesson: _Lesson,
    own: float,
    known: float,
    tell: Progress,
    cancelled: Callable[[], bool],
) -> tuple[RunEnded, float, float]:
    """Trains until the end, or until nothing is gained; how it ended, and both shares after the best epoch."""
    best, since = 0, 0
    ended: RunEnded | None = None
    events = train(sitting)
    order: Order | None = None
    while True:
        try:
            event = events.send(order)
        except StopIteration:
            break
        order = Command.STOP if cancelled() else None
        if isinstance(event, StepsTrained):
            share = event.steps[-1] / (lesson.material.steps_per_epoch * _EPOCHS)
            tell(f"Learning your hand, round {event.epoch} of {_EPOCHS} at most", share)
        elif isinstance(event, EpochFinished):
            if event.best:
                best, since, own, known = event.epoch, 0, lesson.own_accuracy(), event.test_accuracy
            else:
                since += 1
            if since >= _PATIENCE or event.validation_accuracy == 1.0:
                order = order or Command.STOP_AFTER_EPOCH
        elif isinstance(event, RunEnded):
            ended = event
    if cancelled():
        raise Cancelled
    if ended is None or not best:
        raise TrainingError("learning your hand came to nothing: the numbers ran away; your network is as it was")
    return ended, own, known


def _check(loaded: LoadedNetwork, drawings: Sequence[PersonalDrawing]) -> None:
    if not drawings:
        raise ValueError("there is no drawing to learn from yet: draw a digit and say what it was")
    if loaded.labels != CLASSES or loaded.preprocessing.input_shape[0] != 1:
        raise ValueError(
            f"{loaded.architecture.title} does not tell the digits 0 to 9 apart; choose a network for digits below the "
            "answer"
        )


def _config(loaded: LoadedNetwork, dataset: str, seed: int) -> TrainingConfig:
    stored = loaded.header.provenance.get("config")
    loss = str(stored.get("loss", "")) if isinstance(stored, Mapping) else ""
    known = loaded.architecture.interface(loaded.options).losses
    return TrainingConfig(
        architecture=loaded.architecture.name,
        options=loaded.options,
        dataset=dataset,
        epochs=_EPOCHS,
        batch_size=max(64, smallest_batch(loaded.network)),
        learning_rate=_RATE,
        schedule="cosine",
        loss=loss if loss in known else "",
        augmentation=_VARIED,
        seed=seed,
        device="cpu",
    )


def _threads(loaded: LoadedNetwork) -> int:
    # A small network gains nothing from a second core, which the window needs.
    return 1 if loaded.preprocessing.input_shape[1] <= 64 else max(1, devices.cores() - 1)


def _parent(loaded: LoadedNetwork) -> dict[str, Any]:
    kept = ("dataset", "seed", "epoch", "test_accuracy")
    return {key: loaded.header.provenance[key] for key in kept if key in loaded.header.provenance}


def _part(split: Split, chosen: NDArray[Any]) -> Split:
    labels: NDArray[np.int64] = split.labels[chosen].astype(np.int64)
    return Split(split.images[chosen], labels)


def _joined(*splits: Split) -> Split:
    labels: NDArray[np.int64] = np.concatenate([split.labels for split in splits]).astype(np.int64)
    return Split(np.concatenate([split.images for split in splits]), labels)


def _repeated(split: Split, count: int) -> Split:
    """About `count` images of a split that has fewer: each as often as the others, and once at least."""
    times = max(1, round(count / max(1, len(split))))
    return _joined(*(split for _ in range(times)))


def _count(drawings: int) -> str:
    return "1 drawing of your own" if drawings == 1 else f"{drawings:,} drawings of your own"


def _say_nothing(_what: str, _share: float | None) -> None:
    pass


def _never() -> bool:
    return False
