"""What GoogLeNet's paper claims: kernels of several sizes side by side, and auxiliary heads."""

from __future__ import annotations

from typing import Any

from explorer.claims.claim import Arm, Experiment, Form, Live, Look, Measure, Part, Source

_AT_END = Measure("test_error", "the test error at the end")
_TRAINED = Measure("train_error", "the training error of the last epoch", worst=0.9)
_HEADS = ("options.auxiliary",)


def _arms(options: dict[str, Any]) -> tuple[Arm, ...]:
    return (
        Arm("parallel kernels", "googlenet", options),
        Arm("3×3 kernels alone", "googlenet", {**options, "kernels": "single"}, differs=("options.kernels",)),
        Arm("with auxiliary heads", "googlenet", {**options, "auxiliary": True}, differs=_HEADS),
    )


_PAPER = {"size": "cifar", "local_response_norm": False}

INCEPTION = Experiment(
    name="inception",
    number=11,
    title="Parallel kernels and auxiliary heads",
    question="Do kernels of several sizes side by side learn better than 3×3 kernels alone for the same computation, "
    "and do auxiliary heads help a deep network to train?",
    source=Source("Szegedy et al.", 2014, "sections 4 and 5; Lee et al. 2014 for deep supervision"),
    networks=("googlenet",),
    look=(
        Look("Training error", "metrics", split="train", figure="error"),
        Look("Test error", "metrics", split="test", figure="error"),
        Look("Gradient norms by layer", "layers", figure="gradient_norm"),
    ),
    short=Form(
        datasets=("cifar10:2000:1000", "digits:2000:1000"),
        arms=_arms({**_PAPER, "width": 0.125}),
        seeds=3,
        seconds=115,
        setting="GoogLeNet for 32×32 with an eighth of its maps, without normalisation, on 2,000 photographs of "
        "CIFAR-10, 5 epochs",
        cannot="Both gains are small in the paper (half a point for the heads) and of ImageNet; the full form trains "
        "the whole width on all of CIFAR-10.",
        config={"batch_size": 64, "learning_rate": 0.01, "epochs": 5, "gradient_clipping": 5.0},
    ),
    full=Form(
        datasets=("cifar10",),
        arms=_arms(_PAPER),
        seeds=3,
        seconds=40000,
        setting="GoogLeNet for 32×32 without normalisation on all of CIFAR-10, 100 epochs, crops and mirror images",
        config={"batch_size": 128, "learning_rate": 0.02, "weight_decay": 2e-4, "schedule": "one_cycle", "epochs": 100,
                "gradient_clipping": 1.0, "augmentation": {"crop": 4, "mirror": True}},
    ),
    parts=(
        Part("Parallel kernels err less than 3×3 alone", "lower", _AT_END, "parallel kernels", "3×3 kernels alone"),
        Part("With auxiliary heads it trains better", "lower", _TRAINED, "with auxiliary heads", "parallel kernels"),
    ),
    live=(
        Live(
            "sizes:compare",
            short={
                    "networks": (
                        ("parallel kernels", "googlenet", _PAPER),
                        ("3×3 kernels alone", "googlenet", {**_PAPER, "kernels": "single"}),
                    ),
                    "quantity": "MACs",
                    "says": "Both compute as much",
                    "at_most": 1.02,
                    "at_least": 0.98,
            },
        ),
    ),
)  # fmt: skip
