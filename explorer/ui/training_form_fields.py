"""Which fields the training form has, in which groups, and when each has a meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from PySide6.QtCore import QObject

from explorer.training.config import Optimiser, Schedule
from explorer.ui.training_augmentation import AugmentationField
from explorer.ui.training_datasets import DatasetField
from explorer.ui.training_fields import Choice, ChoiceField, Field, NumberField, SwitchField

OPTIMISERS = {"adamw": "AdamW", "adam": "Adam", "sgd": "SGD"}
_SCHEDULES = {"one_cycle": "one cycle", "cosine": "cosine", "step": "step", "constant": "constant"}
_LOSSES = {
    "cross_entropy": "cross-entropy",
    "rbf_map": "MAP",
    "rbf_mse": "maximum likelihood",
}
_PRECISIONS = (Choice("auto", "automatic"), Choice("float32", "float32"), Choice("bfloat16", "bfloat16, mixed"))
DEVICES = (Choice("auto", "automatic"), Choice("cpu", "processor"))

# The order is that of the questions a person asks: on what, how, for how long, what holds it back, with what.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Data": ("dataset", "augmentation", "validation_share", "extra_digits"),
    "Optimiser": (
        "optimiser",
        "learning_rate",
        "momentum",
        "nesterov",
        "batch_size",
        "gradient_clipping",
        "loss",
    ),
    "Schedule": ("epochs", "schedule", "warm_up_epochs"),
    "Regularisation": ("weight_decay", "label_smoothing", "averaging"),
    "Machine": ("device", "precision", "compiled", "captured", "seed", "seeds"),
}
FOLDED_AT_FIRST = ("Regularisation", "Machine")
# Fields of the form that say nothing about a single run.
NOT_OF_A_RUN = ("seeds",)


def loss_choice(name: str) -> Choice:
    return Choice(name, _LOSSES.get(name, name.replace("_", " ")))


def make_fields(parent: QObject) -> dict[str, Field]:
    """All fields by name, in the order of `GROUPS`."""

    def choice(name: str, label: str, tip: str, choices: Any) -> ChoiceField:
        return ChoiceField(name, label, tip, tuple(choices), parent)

    def number(name: str, label: str, tip: str, kind: type, example: str) -> NumberField:
        return NumberField(name, label, tip, kind, example, parent)

    fields: tuple[Field, ...] = (
        DatasetField("dataset", "Data set", "The images to learn from", parent),
        AugmentationField("augmentation", "Augmentation", "How training images are varied each epoch", parent),
        number(
            "validation_share",
            "Validation",
            "Share of the training images held out, so that the best epoch is not chosen on the test set",
            float,
            "0.1",
        ),
        number("extra_digits", "Extra digits", "Built-in digits drawn anew and mixed into each epoch", int, "0"),
        choice(
            "optimiser",
            "Optimiser",
            "What turns gradients into updates",
            [Choice(name, OPTIMISERS[name]) for name in get_args(Optimiser)],
        ),
        number("learning_rate", "Learning rate", "How far an update goes, at the schedule's peak", float, "0.003"),
        number("momentum", "Momentum", "Share of the last update that goes on", float, "0.9"),
        SwitchField("nesterov", "", "Look ahead by the momentum before the gradient is taken", "Nesterov", parent),
        number("batch_size", "Batch size", "Images for each update of the weights", int, "128"),
        number(
            "gradient_clipping",
            "Clip gradients",
            "The largest norm of all gradients together; 0 leaves them as they are",
            float,
            "1",
        ),
        choice("loss", "Loss", "What is made small", [loss_choice("cross_entropy")]),
        number("epochs", "Epochs", "How many times each training image is seen", int, "12"),
        choice(
            "schedule",
            "Schedule",
            "How the learning rate changes: one cycle goes up, then down; cosine down to zero; step down in stages",
            [Choice(name, _SCHEDULES[name]) for name in get_args(Schedule)],
        ),
        number(
            "warm_up_epochs",
            "Warm-up",
            "Epochs in which the learning rate rises to its peak; 0: one cycle takes its first fifth, others none",
            float,
            "1",
        ),
        number("weight_decay", "Weight decay", "How strongly weights are pulled to zero", float, "0.01"),
        number("label_smoothing", "Label smoothing", "Share of certainty given to all classes", float, "0.1"),
        number(
            "averaging",
            "Averaging",
            "Decay of a moving average of the weights for each step, 0 for none; the average is evaluated and saved",
            float,
            "0.999",
        ),
        choice("device", "Device", "What computes", DEVICES),
        choice(
            "precision",
            "Precision",
            "bfloat16 is faster where a step has enough work and the processor has it; weights stay float32",
            _PRECISIONS,
        ),
        SwitchField("compiled", "", "Use torch.compile: a minute of warm-up, then faster steps", "Compile", parent),
        SwitchField(
            "captured",
            "",
            "Record a step once, then replay it: small networks are faster",
            "CUDA graphs",
            parent,
        ),
        number("seed", "Seed", "Where random numbers begin: the same seed, the same run", int, "0"),
        number("seeds", "Seeds", "How many runs with seeds that follow each other, as one group", int, "3"),
    )
    by_name = {field.name: field for field in fields}
    return {name: by_name[name] for names in GROUPS.values() for name in names}
