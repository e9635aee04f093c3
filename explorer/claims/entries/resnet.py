"""What is claimed of residual networks, of their shortcuts, and of squeeze-and-excitation."""

from __future__ import annotations

from typing import Any

from explorer.claims.claim import Arm, Experiment, Form, Live, Look, Measure, Part, Source
from explorer.claims.entries.vgg import NOTHING_TO_TRAIN

_TRAIN_ERROR = Look("Training error", "metrics", split="epoch", figure="error")
_TEST_ERROR = Look("Test error", "metrics", split="test", figure="error")
_TRAINED = Measure("train_error", "the training error of the last epoch", worst=0.9)

_SHORT = {"width": 8, "input": "16x16"}
_PAPER: dict[str, Any] = {
    "batch_size": 128, "learning_rate": 0.1, "weight_decay": 1e-4, "nesterov": False, "schedule": "step",
    "epochs": 164, "augmentation": {"crop": 4, "mirror": True},
}  # fmt: skip
_PAPER_SETTING = "all of CIFAR-10, 164 epochs in batches of 128, the rate divided by 10 twice, crops and mirror images"


def _depths(deep: int, options: dict[str, Any]) -> tuple[Arm, ...]:
    name = f"resnet{deep}"
    return (
        Arm("plain-20", "resnet20", {**options, "shortcut": "none"}),
        Arm(f"plain-{deep}", name, {**options, "shortcut": "none"}, differs=("architecture",)),
        Arm("ResNet-20", "resnet20", options, differs=("options.shortcut",)),
        Arm(f"ResNet-{deep}", name, options, differs=("architecture", "options.shortcut")),
    )


DEPTH = Experiment(
    name="plain-depth",
    number=9,
    title="Plain and residual networks as they deepen",
    question="Do plain networks get worse in training error as they deepen, do residual ones not, and does a residual "
    "block add only a small change?",
    source=Source("He et al.", 2015, "section 4.2, figures 6 and 7"),
    networks=("resnet18", "resnet34", "resnet20", "resnet56", "resnet110"),
    look=(_TRAIN_ERROR, _TEST_ERROR, Look("Gradient norms by layer", "layers", figure="gradient_norm")),
    short=Form(
        datasets=("mnist:2000:500", "digits:2000:500"),
        arms=_depths(56, _SHORT),
        seeds=3,
        seconds=110,
        setting="20 and 56 layers of half the published width, on 2,000 digits of MNIST at 16×16, 2 epochs",
        cannot="The paper's curves end after 164 epochs of CIFAR-10, where the plain network of 56 layers still "
        "trails; here it is seen at the start of a training, on digits.",
        config={"batch_size": 64, "learning_rate": 0.05, "epochs": 2},
    ),
    full=Form(
        datasets=("cifar10",), arms=_depths(56, {}), seeds=3, seconds=40000, setting=_PAPER_SETTING, config=_PAPER
    ),
    parts=(
        Part("The deeper plain net trains worse", "lower", _TRAINED, "plain-20", "plain-56"),
        Part(
            "Depth costs the residual net less",
            "lower",
            Measure("train_error", "what depth adds to the training error of the last epoch", worst=0.9),
            "ResNet-56 less ResNet-20",
            "plain-56 less plain-20",
        ),
        Part(
            "The deeper residual net is no worse, within 5 points",
            "no_higher",
            _TRAINED,
            "ResNet-56",
            "ResNet-20",
            by=0.05,
            main=False,
        ),
        Part("At 56 layers the residual net trains better", "lower", _TRAINED, "ResNet-56", "plain-56"),
        Part(
            "A residual block adds less than what it is given",
            "below",
            Measure("residual_share", "|F(x)| / |x|, the median over blocks,", "number", worst=None),
            "ResNet-56",
            by=1.0,
            main=False,
        ),
    ),
)

_SHORTCUT = ("options.shortcut",)


def _shortcuts(name: str, options: dict[str, Any]) -> tuple[Arm, ...]:
    return (
        Arm("identity (A)", name, {**options, "shortcut": "A"}),
        Arm("projection where shapes change (B)", name, {**options, "shortcut": "B"}, differs=_SHORTCUT),
        Arm("projection everywhere (C)", name, {**options, "shortcut": "C"}, differs=_SHORTCUT),
        Arm("no shortcut", name, {**options, "shortcut": "none"}, differs=_SHORTCUT),
    )


SHORTCUTS = Experiment(
    name="shortcuts",
    number=10,
    title="Identity and projection shortcuts",
    question="Is the identity, which costs nothing, as good a shortcut as a trained projection?",
    source=Source("He et al.", 2015, "section 4.1, table 3; He et al. 2016, table 1"),
    networks=("resnet18", "resnet34", "resnet50", "resnet20", "resnet44", "resnet56"),
    look=(_TRAIN_ERROR, _TEST_ERROR),
    short=Form(
        datasets=("mnist:2000:500", "digits:2000:500"),
        arms=_shortcuts("resnet44", _SHORT),
        seeds=3,
        seconds=115,
        setting="44 layers of half the published width, on 2,000 digits of MNIST at 16×16, 2 epochs",
        cannot="The paper's differences between A, B and C, half a point on ImageNet, are far below what three seeds "
        "of digits resolve; that projections everywhere hold a deep network back is from the paper of 2016.",
        config={"batch_size": 64, "learning_rate": 0.05, "epochs": 2},
    ),
    full=Form(
        datasets=("cifar10",),
        arms=_shortcuts("resnet110", {}),
        seeds=3,
        seconds=80000,
        setting=f"110 layers, {_PAPER_SETTING}",
        config=_PAPER,
    ),
    parts=(
        Part("The identity trains better than no shortcut", "lower", _TRAINED, "identity (A)", "no shortcut"),
        Part(
            "The identity trains no worse than projections everywhere",
            "no_higher",
            _TRAINED,
            "identity (A)",
            "projection everywhere (C)",
            by=0.02,
        ),
        Part(
            "The identity trains no worse than projections where shapes change",
            "no_higher",
            _TRAINED,
            "identity (A)",
            "projection where shapes change (B)",
            by=0.05,
            main=False,
        ),
    ),
    live=(
        Live(
            "sizes:compare",
            short={
                "networks": tuple((f"ResNet-56, {kind}", "resnet56", {"shortcut": kind}) for kind in "ABC"),
                "says": "Projections everywhere cost parameters, the identity none",
                "at_least": 1.05,
            },
        ),
    ),
)

_PUBLISHED = ("architecture",)

SQUEEZE = Experiment(
    name="squeeze-excitation",
    number=15,
    title="Squeeze and excitation",
    question="Does squeeze-and-excitation make a ResNet err less for few parameters more?",
    source=Source("Hu et al.", 2017, "section 6, tables 2 and 4"),
    networks=("se_resnet18", "se_resnet50", "se_resnet20", "se_resnet56", "resnet20"),
    look=(_TEST_ERROR, _TRAIN_ERROR),
    short=Form(
        datasets=("cifar10:3000:2000", "digits:3000:2000"),
        arms=(
            Arm("ResNet-20", "resnet20", _SHORT),
            Arm("SE-ResNet-20", "se_resnet20", {**_SHORT, "reduction": 4}, differs=_PUBLISHED),
        ),
        seeds=3,
        seconds=100,
        setting="20 layers of half the published width, on 3,000 photographs of CIFAR-10 at 16×16, 8 epochs, a waist "
        "of a quarter of the channels because there are so few",
        cannot="The published gain is 0.5 to 1.2 points at the end of 164 epochs; three seeds and 2,000 test images "
        "resolve about two points. The full form is the published setting.",
        config={"batch_size": 64, "learning_rate": 0.1, "weight_decay": 5e-4, "epochs": 8, "schedule": "one_cycle"},
    ),
    full=Form(
        datasets=("cifar10",),
        arms=(
            Arm("ResNet-56", "resnet56"),
            Arm("SE-ResNet-56", "se_resnet56", differs=_PUBLISHED),
        ),
        seeds=5,
        seconds=60000,
        setting=_PAPER_SETTING,
        config=_PAPER,
    ),
    parts=(
        Part("It errs less", "lower", Measure("test_error", "the test error at the end"), "SE-ResNet-20", "ResNet-20"),
        Part("It errs less", "lower", Measure("test_error", "the test error at the end"), "SE-ResNet-56", "ResNet-56"),
    ),
    live=(
        Live(
            "sizes:compare",
            short={
                "networks": (("ResNet-20", "resnet20", {}), ("SE-ResNet-20", "se_resnet20", {})),
                "says": "It costs few parameters",
                "at_most": 1.02,
            },
        ),
    ),
)

IDENTITY = Experiment(
    name="identity",
    number=17,
    title="Learning the identity",
    question="Does a deep plain multi-layer perceptron fail to learn the identity that a residual one starts from?",
    source=Source("He et al.", 2015, "sections 1 and 3.1"),
    networks=("resnet18", "resnet34", "resnet56"),
    look=(Look("Learning the identity", "chart"),),
    short=NOTHING_TO_TRAIN,
    full=NOTHING_TO_TRAIN,
    live=(
        Live(
            "identity:compare",
            short={"blocks": 12, "width": 16, "steps": 600, "seeds": 3},
            full={"blocks": 32, "width": 64, "steps": 10000, "seeds": 5},
        ),
    ),
)
