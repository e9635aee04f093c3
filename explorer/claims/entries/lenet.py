"""What LeNet-5's paper claims: shared weights, tolerance of shifts, an output of pictures that must not collapse."""

from __future__ import annotations

from explorer.claims.claim import Arm, Experiment, Form, Live, Look, Measure, Part, Source

_TRAIN_ERROR = Look("Training error", "metrics", split="epoch", figure="error")
_TEST_ERROR = Look("Test error", "metrics", split="test", figure="error")
_AT_END = Measure("test_error", "the test error at the end")

_SHIFTED = {"shift": 0.15}
_SHIFT_4 = Measure("shift_error", "the error on digits moved by 4 pixels", parameters={"pixels": 4})

TOLERANCE = Experiment(
    name="shift-tolerance",
    number=13,
    title="What LeNet tolerates",
    question="Does LeNet tolerate shifts, sizes and rotations that it was not trained on, and how much of that do "
    "convolution, pooling and augmentation bring?",
    source=Source("LeCun et al.", 1998, "sections II.A and VII.E"),
    networks=("lenet5",),
    look=(Look("Error by shift", "chart"), Look("Error by size", "chart"), Look("Error by rotation", "chart"),
          _TEST_ERROR),
    short=Form(
        datasets=("mnist:2000:500", "digits:2000:500"),
        arms=(
            Arm("LeNet", "lenet5"),
            Arm("LeNet, shifted images", "lenet5", config={"augmentation": _SHIFTED}, differs=("augmentation.shift",)),
            Arm("LeNet, max pooling", "lenet5", {"pooling": "max"}, differs=("options.pooling",)),
            Arm("no convolutions", "mlp", {"layers": 2, "units": 128}, differs=("architecture",)),
        ),
        seeds=3,
        seconds=80,
        setting="LeNet-5 on 2,000 digits of MNIST, 10 epochs, then asked about moved, scaled and turned test digits",
        cannot="The paper's range (sizes by a factor of 2, shifts of half the height, 40 degrees) is of a network "
        "trained on distorted images with all of MNIST; the full form is.",
        config={"batch_size": 50, "learning_rate": 0.03, "epochs": 10, "schedule": "one_cycle"},
    ),
    full=Form(
        datasets=("mnist",),
        arms=(
            Arm("LeNet", "lenet5"),
            Arm("LeNet, shifted images", "lenet5", config={"augmentation": _SHIFTED}, differs=("augmentation.shift",)),
            Arm("LeNet, max pooling", "lenet5", {"pooling": "max"}, differs=("options.pooling",)),
            Arm("no convolutions", "mlp", {"layers": 2, "units": 128}, differs=("architecture",)),
        ),
        seeds=5,
        seconds=900,
        setting="LeNet-5 on all of MNIST, 20 epochs",
        config={"batch_size": 128, "learning_rate": 0.05, "epochs": 20, "schedule": "one_cycle"},
    ),
    parts=(
        Part("LeNet stands a shift better than dense layers alone", "lower",
             Measure("shift_error", "the error on digits moved by 2 pixels", parameters={"pixels": 2}),
             "LeNet", "no convolutions"),
        Part("Shifted training images make it stand more", "lower", _SHIFT_4, "LeNet, shifted images", "LeNet"),
        Part("Max pooling makes it stand more than average pooling", "lower", _SHIFT_4, "LeNet, max pooling", "LeNet",
             main=False),
    ),
    live=(
        Live(
            "weight_measures:tolerance",
            short={"pixels": 7, "scales": (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3), "degrees": 60, "step": 10},
            full={"pixels": 10, "scales": (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4), "degrees": 60, "step": 5},
        ),
    ),
)  # fmt: skip

_RBF = {"form": "original", "centres": "trainable"}


def _rbf_arms() -> tuple[Arm, ...]:
    return (
        Arm("MAP", "lenet5", _RBF, {"loss": "rbf_map"}),
        Arm("maximum likelihood", "lenet5", _RBF, {"loss": "rbf_mse"}, differs=("loss",)),
    )


COLLAPSE = Experiment(
    name="rbf-collapse",
    number=14,
    title="The collapse of RBF centres",
    question="Do trainable RBF centres collapse under the maximum-likelihood loss, and does the MAP loss prevent it?",
    source=Source("LeCun et al.", 1998, "section II.C"),
    networks=("lenet5",),
    look=(_TEST_ERROR, Look("Training loss", "metrics", split="train", figure="loss")),
    short=Form(
        datasets=("mnist:3000:1000", "digits:3000:1000"),
        arms=_rbf_arms(),
        seeds=3,
        seconds=100,
        setting="LeNet-5 of 1998 with trainable centres on 3,000 digits of MNIST, 10 epochs in batches of 32, the "
        "first with a rising rate",
        cannot="After some 900 steps the centres are on their way together; that the answers fail for it takes the "
        "full form's 3,750 steps.",
        config={"batch_size": 32, "learning_rate": 0.01, "epochs": 10, "warm_up_epochs": 1.0},
    ),
    full=Form(
        datasets=("mnist",),
        arms=_rbf_arms(),
        seeds=5,
        seconds=900,
        setting="LeNet-5 of 1998 with trainable centres on all of MNIST, 8 epochs",
        config={"batch_size": 128, "learning_rate": 0.03, "epochs": 8, "schedule": "one_cycle"},
    ),
    parts=(
        Part("Under MAP it errs less", "lower", _AT_END, "MAP", "maximum likelihood", main=False),
        Part("The centres fall together under maximum likelihood", "times_fewer",
             Measure("centre_distance", "the centres' distance, as a share of what it was at the start,", "number",
                     worst=None),
             "maximum likelihood", "MAP", by=2),
    ),
)  # fmt: skip


def _sharing_arms() -> tuple[Arm, ...]:
    return (
        Arm("shared kernels", "lenet5"),
        Arm("a kernel for each place", "lenet5", {"kernels": "local"}, differs=("options.kernels",)),
    )


SHARING = Experiment(
    name="shared-weights",
    number=18,
    title="Shared weights",
    question="What would LeNet's convolutions cost in parameters if they did not share their weights, and would such a "
    "network learn as well?",
    source=Source("LeCun et al.", 1998, "section II.A; LeCun 1989"),
    networks=("lenet5",),
    look=(_TEST_ERROR, _TRAIN_ERROR),
    short=Form(
        datasets=("mnist:2000:1000", "digits:2000:1000"),
        arms=_sharing_arms(),
        seeds=3,
        seconds=90,
        setting="LeNet-5 and its locally connected twin on 2,000 digits of MNIST, 6 epochs",
        config={"batch_size": 50, "learning_rate": 0.03, "epochs": 6, "schedule": "one_cycle"},
    ),
    full=Form(
        datasets=("mnist",),
        arms=_sharing_arms(),
        seeds=5,
        seconds=900,
        setting="LeNet-5 and its locally connected twin on all of MNIST, 20 epochs",
        config={"batch_size": 128, "learning_rate": 0.05, "epochs": 20, "schedule": "one_cycle"},
    ),
    parts=(
        Part("Shared kernels err less on new digits", "lower", _AT_END, "shared kernels", "a kernel for each place"),
    ),
    live=(
        Live(
            "sizes:compare",
            short={
                    "networks": (
("LeNet-5", "lenet5", {}), ("its locally connected twin", "lenet5", {"kernels": "local"}),
),
                    "says": "Without sharing LeNet takes many times the parameters",
                    "at_least": 5.0,
                    "main": True,
            },
        ),
    ),
)  # fmt: skip
