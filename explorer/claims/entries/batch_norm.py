"""What is claimed of batch normalisation."""

from __future__ import annotations

from explorer.claims.claim import Arm, Experiment, Form, Live, Look, Measure, Part, Source

_ON = ("options.batch_norm",)
_RATE = "learning_rate"
_SIGMOID = {"activation": "sigmoid"}


def _arms(high: float, small: int) -> tuple[Arm, ...]:
    """Pairs with and without, at the rate of both, at a high one, and in small batches; each pair is twins."""
    tiny = {"batch_size": small, _RATE: 0.01, "epochs": 2}
    plain, with_norm = {**_SIGMOID}, {**_SIGMOID, "batch_norm": True}
    return (
        Arm("without", "lenet5", plain),
        Arm("batch norm", "lenet5", with_norm, differs=_ON),
        Arm("without, high rate", "lenet5", {}, {_RATE: high}, group="high rate"),
        Arm("batch norm, high rate", "lenet5", {"batch_norm": True}, {_RATE: high}, _ON, group="high rate"),
        Arm("without, tiny batches", "lenet5", {}, tiny, group="tiny batches"),
        Arm("batch norm, tiny batches", "lenet5", {"batch_norm": True}, tiny, _ON,
            group="tiny batches"),
    )  # fmt: skip


BATCH_NORM = Experiment(
    name="batch-norm",
    number=8,
    title="Batch normalisation",
    question="Does batch norm converge faster and allow higher learning rates, does too small a batch harm it, and "
    "does it use running statistics in evaluation?",
    source=Source("Ioffe and Szegedy", 2015, "sections 3.3 and 4.1; Wu and He 2018 for small batches"),
    networks=("lenet5", "vgg16", "resnet56", "googlenet"),
    look=(
        Look("Training error", "metrics", split="train", figure="error"),
        Look("Test error", "metrics", split="test", figure="error"),
        Look("Gradient norms by layer", "layers", figure="gradient_norm"),
    ),
    short=Form(
        datasets=("mnist:2000:1000", "digits:2000:1000"),
        arms=_arms(high=1.0, small=2),
        seeds=3,
        seconds=110,
        setting="LeNet-5 on 2,000 digits of MNIST, 4 epochs: with sigmoid as in the paper's first experiment; with "
        "ReLU at 20 times the rate; and with ReLU in batches of 2, "
        "2 epochs",
        cannot="That it makes dropout less needed and that its noise regularises takes a long training of large "
        "networks: ImageNet in the paper, some hours of CIFAR-10 with VGG-16.",
        config={"batch_size": 50, "learning_rate": 0.05, "epochs": 4},
    ),
    full=Form(
        datasets=("mnist",),
        arms=_arms(high=1.0, small=2),
        seeds=5,
        seconds=7200,
        setting="LeNet-5 on all of MNIST, 20 epochs",
        config={"batch_size": 60, "learning_rate": 0.05, "epochs": 20},
    ),
    parts=(
        Part(
            "With batch norm it is there several times sooner",
            "times_fewer",
            Measure("steps_to_train_error", "the number of steps until 25 % training error", "steps",
                    {"error": 0.25, "window": 10}, worst=None),
            "batch norm",
            "without",
            by=2,
        ),
        Part(
            "It stands a rate that is too high without it",
            "lower",
            Measure("train_error", "the training error of the last epoch", worst=0.9),
            "batch norm, high rate",
            "without, high rate",
            by=0.05,
        ),
        Part(
            "Batches of 2 harm it",
            "lower",
            Measure("train_error", "the training error of the last epoch", worst=0.9),
            "without, tiny batches",
            "batch norm, tiny batches",
        ),
    ),
    live=(Live("batch_statistics:compare", short={"arm": "batch norm"}, full={"arm": "batch norm"}),),
)  # fmt: skip
