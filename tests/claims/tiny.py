"""An experiment so small that it takes a second, and data for it."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

from explorer.claims.claim import Arm, Experiment, Form, Live, Measure, Part, Source
from explorer.data import datasets, digits, segments
from explorer.data.datasets import Dataset

ARMS = (
    Arm("ReLU", "mlp", {"units": 8, "layers": 1}),
    Arm("sigmoid", "mlp", {"units": 8, "layers": 1, "activation": "sigmoid"}, differs=("options.activation",)),
)


def tiny(**changes: Any) -> Experiment:
    """Two perceptrons on 100 digits, one epoch, two seeds."""
    form = Form(
        datasets=("mnist:100:50", "digits:100:50"),
        arms=changes.pop("arms", ARMS),
        seeds=changes.pop("seeds", 2),
        seconds=1,
        setting="tiny",
        config={"batch_size": 25, "epochs": 2, "learning_rate": 0.01, **changes.pop("config", {})},
    )
    part = Part("ReLU errs less", "lower", Measure("test_error", "the test error"), "ReLU", "sigmoid")
    made = Experiment(
        name="tiny",
        number=99,
        title="Tiny",
        question="Is it quick?",
        source=Source("Nobody", 2000),
        networks=("lenet5",),
        look=(),
        short=form,
        full=form,
        parts=(part,),
    )
    return dataclasses.replace(made, **changes)


@functools.cache
def made(name: str) -> Dataset:
    """In place of any data set: 100 images to train with and 50 to test."""
    entry = datasets.get(name)
    maker = segments.make_segments if entry.masks else digits.make_digits
    train, test = maker(100, 1), maker(50, 2)
    return Dataset(name, "Made", entry.classes, train, test, (0.125,), (0.25,), f"made {name}", "made for tests")


def load_made(name: str, *_: object) -> Dataset:
    return made(name)


def computed() -> Live:
    return Live("small_kernels:compare")
