"""What AlexNet's paper claims of its parts: ReLU, pooling, dropout, normalisation, augmentation, ensembles."""

from __future__ import annotations

from explorer.claims.claim import Arm, Experiment, Form, Live, Look, Measure, Part, Source

_TRAIN_ERROR = Look("Training error", "metrics", split="train", figure="error")
_TEST_ERROR = Look("Test error", "metrics", split="test", figure="error")
_AT_END = Measure("test_error", "the test error at the end")
_SMALL = {"width": 16, "input": "16x16"}
_SHORT = {"batch_size": 64, "learning_rate": 0.05, "epochs": 10, "schedule": "one_cycle"}
_SHORT_SETTING = "the four-layer network with half its maps, on 4,000 photographs of CIFAR-10 at 16×16, 10 epochs"
_CIFAR = {"batch_size": 128, "weight_decay": 0.0, "learning_rate": 0.05}


def _krizhevsky(where: str) -> Source:
    return Source("Krizhevsky et al.", 2012, where)


def _activations(options: dict[str, object], rates: tuple[float, ...]) -> tuple[Arm, ...]:
    """Each activation at each rate: the paper, too, gave each network the rate that made it fastest."""
    arms: list[Arm] = []
    for title, name in (("ReLU", "relu"), ("tanh", "tanh"), ("sigmoid", "sigmoid")):
        for rate in rates:
            differs = (("options.activation",) if arms and name != "relu" else ()) + (
                ("learning_rate",) if rate != rates[0] else ()
            )
            arms.append(
                Arm(f"{title}, rate {rate:g}", "convnet4", {**options, "activation": name}, {"learning_rate": rate},
                    differs, best_of=title)
            )  # fmt: skip
    return tuple(arms)


_TO_25 = Measure(
    "steps_to_train_error",
    "the number of steps until 25 % training error",
    "steps",
    {"error": 0.25, "window": 20},
    worst=None,
)

RELU = Experiment(
    name="relu",
    number=2,
    title="ReLU against tanh and sigmoid",
    question="Does a network with ReLU reach a training error several times sooner than with tanh or sigmoid, and do "
    "sigmoid's gradients vanish with depth?",
    source=_krizhevsky("section 3.1, figure 1"),
    networks=("alexnet", "lenet5"),
    look=(
        _TRAIN_ERROR,
        Look("Gradient norms by layer", "layers", figure="gradient_norm"),
        Look("First layer's gradient beside the last one's", "chart"),
    ),
    short=Form(
        datasets=("mnist:4000:500", "digits:4000:500"),
        arms=_activations(_SMALL, (0.01, 0.03, 0.1)),
        seeds=3,
        seconds=90,
        setting="the paper's four-layer network with half its maps, on 4,000 digits of MNIST at 16×16, 3 epochs, each "
        "activation at the best of three rates, as in the paper",
        cannot="The paper's factor of six, ReLU against tanh, is of CIFAR-10, where 25 % training error takes minutes "
        "to reach: that is the full form. Here first weights are PyTorch's of today, which suit tanh well.",
        config={"batch_size": 64, "epochs": 3},
    ),
    full=Form(
        datasets=("cifar10",),
        arms=_activations({}, (0.003, 0.01, 0.03, 0.1)),
        seeds=3,
        seconds=7200,
        setting="four-layer network, all of CIFAR-10 at 32×32, 60 epochs without regularisation, each activation at "
        "the best of four rates",
        config={"batch_size": 128, "epochs": 60},
    ),
    parts=(
        Part("ReLU is there several times sooner than tanh", "times_fewer", _TO_25, "ReLU", "tanh", by=2),
        Part("ReLU is there several times sooner than sigmoid", "times_fewer", _TO_25, "ReLU", "sigmoid", by=2),
    ),
    live=(
        Live(
            "gradient_depth:compare",
            short={"depths": (2, 4, 8, 16), "units": 128, "seeds": 5},
            full={"depths": (2, 4, 8, 16, 32), "units": 512, "seeds": 10},
        ),
    ),
)

POOLING = Experiment(
    name="overlapping-pooling",
    number=3,
    title="Overlapping pooling",
    question="Does pooling with overlapping windows (3×3 every 2 pixels) err a little less than without overlap (2×2), "
    "and the largest value less than the average?",
    source=_krizhevsky("section 3.4"),
    networks=("alexnet", "lenet5"),
    look=(_TEST_ERROR, _TRAIN_ERROR),
    short=Form(
        datasets=("cifar10:4000:2000", "digits:4000:2000"),
        arms=(
            Arm("overlapping max", "convnet4", _SMALL),
            Arm("2×2 max", "convnet4", {**_SMALL, "overlapping": False}, differs=("options.overlapping",)),
            Arm("overlapping average", "convnet4", {**_SMALL, "pooling": "average"}, differs=("options.pooling",)),
        ),
        seeds=3,
        seconds=90,
        setting=_SHORT_SETTING,
        cannot="The paper's gain is 0.4 points top-1: at 2,000 test images one point is 20 images, less than the "
        "spread of three seeds. The full form, with 10,000 test images and 5 seeds, resolves half a point.",
        config=_SHORT,
    ),
    full=Form(
        datasets=("cifar10",),
        arms=(
            Arm("overlapping max", "convnet4"),
            Arm("2×2 max", "convnet4", {"overlapping": False}, differs=("options.overlapping",)),
            Arm("overlapping average", "convnet4", {"pooling": "average"}, differs=("options.pooling",)),
        ),
        seeds=5,
        seconds=1800,
        setting="four-layer network, all of CIFAR-10 with crops and mirror images, 60 epochs",
        cannot="The paper's figure is of ImageNet, which this program does not train on.",
        config={**_CIFAR, "epochs": 60, "schedule": "one_cycle", "weight_decay": 5e-4,
                "augmentation": {"crop": 4, "mirror": True}},
    ),
    parts=(
        Part("Overlapping windows err less than 2×2", "lower", _AT_END, "overlapping max", "2×2 max"),
        Part("The maximum errs less than the average", "lower", _AT_END, "overlapping max", "overlapping average",
             main=False),
    ),
)  # fmt: skip

DROPOUT = Experiment(
    name="dropout",
    number=4,
    title="Dropout",
    question="Does dropout make a large dense network err less on new images, for about twice the iterations?",
    source=Source("Krizhevsky et al.", 2012, "section 4.2; Hinton et al. 2012"),
    networks=("alexnet", "vgg16"),
    look=(_TEST_ERROR, _TRAIN_ERROR),
    short=Form(
        datasets=("mnist:1000:4000", "digits:1000:4000"),
        arms=(
            Arm("without dropout", "mlp"),
            Arm("dropout 0.5", "mlp", {"dropout": 0.5}, differs=("options.dropout",)),
        ),
        seeds=5,
        seconds=80,
        setting="a perceptron 784-512-512-10 on 1,000 digits of MNIST, 30 epochs",
        cannot="It says nothing of AlexNet's own dense layers; the full form has its convolutions too.",
        config={"batch_size": 50, "learning_rate": 0.02, "epochs": 30},
    ),
    full=Form(
        datasets=("cifar10",),
        arms=(
            Arm("without dropout", "alexnet", {"form": "cifar", "dropout": 0.0}),
            Arm("dropout 0.5", "alexnet", {"form": "cifar", "dropout": 0.5}, differs=("options.dropout",)),
        ),
        seeds=3,
        seconds=3600,
        setting="AlexNet for 32×32, all of CIFAR-10, 60 epochs",
        config={"batch_size": 128, "learning_rate": 0.02, "weight_decay": 5e-4, "schedule": "step", "epochs": 60,
                "gradient_clipping": 1.0},
    ),
    parts=(
        Part("Dropout errs less on new images", "lower", _AT_END, "dropout 0.5", "without dropout"),
        Part(
            "Without dropout it takes about half the steps",
            "times_fewer",
            Measure("steps_to_train_loss", "the number of steps until a training loss of 0.2", "steps",
                    {"loss": 0.2, "window": 20}, worst=None),
            "without dropout",
            "dropout 0.5",
            by=1.5,
        ),
    ),
)  # fmt: skip

LRN = Experiment(
    name="local-response-norm",
    number=5,
    title="Local response normalisation",
    question="Does dividing each value by the strength of its neighbours in other maps lower the test error?",
    source=_krizhevsky("section 3.3; Simonyan and Zisserman 2014 found no gain"),
    networks=("alexnet", "googlenet", "vgg11"),
    look=(_TEST_ERROR, _TRAIN_ERROR),
    short=Form(
        datasets=("cifar10:4000:2000", "digits:4000:2000"),
        arms=(
            Arm("without", "convnet4", _SMALL),
            Arm("with LRN", "convnet4", {**_SMALL, "local_response_norm": True},
                differs=("options.local_response_norm",)),
        ),
        seeds=3,
        seconds=90,
        setting=_SHORT_SETTING,
        cannot="The paper's gain on CIFAR-10 is 2 points (13 to 11 %) at the end of a long training of all 50,000 "
        "images; a few seconds of 4,000 need not show it. The full form is that setting.",
        config=_SHORT,
    ),
    full=Form(
        datasets=("cifar10",),
        arms=(
            Arm("without", "convnet4"),
            Arm("with LRN", "convnet4", {"local_response_norm": True}, differs=("options.local_response_norm",)),
        ),
        seeds=5,
        seconds=2400,
        setting="four-layer network, all of CIFAR-10 with crops and mirror images, 120 epochs",
        config={**_CIFAR, "epochs": 120, "schedule": "step", "weight_decay": 5e-4,
                "augmentation": {"crop": 4, "mirror": True}},
    ),
    parts=(Part("Local response normalisation errs less", "lower", _AT_END, "with LRN", "without"),),
)  # fmt: skip

_VARIED = {"rotation": 10, "shift": 0.1, "scale": 0.1, "shear": 5}

AUGMENTATION = Experiment(
    name="augmentation",
    number=6,
    title="Data augmentation",
    question="Do shifted, turned and scaled copies of the training images cut over-fitting?",
    source=_krizhevsky("section 4.1"),
    networks=("alexnet", "lenet5"),
    look=(_TEST_ERROR, _TRAIN_ERROR),
    short=Form(
        datasets=("mnist:1000:2000", "digits:1000:2000"),
        arms=(
            Arm("as they are", "lenet5"),
            Arm(
                "varied",
                "lenet5",
                config={"augmentation": _VARIED},
                differs=tuple(f"augmentation.{name}" for name in _VARIED),
            ),
        ),
        seeds=3,
        seconds=60,
        setting="LeNet-5 on 1,000 digits of MNIST, 40 epochs, moved, turned and scaled anew in each",
        cannot="Mirror images and PCA colour change no digit for the better; the full form has them, on photographs.",
        config={"batch_size": 50, "learning_rate": 0.02, "epochs": 40},
    ),
    full=Form(
        datasets=("cifar10",),
        arms=(
            Arm("as they are", "convnet4"),
            Arm("varied", "convnet4", config={"augmentation": {"crop": 4, "mirror": True, "pca_colour": 0.1}},
                differs=("augmentation.crop", "augmentation.mirror", "augmentation.pca_colour")),
        ),
        seeds=3,
        seconds=2400,
        setting="four-layer network, all of CIFAR-10, crops, mirror images and PCA colour, 120 epochs",
        config={**_CIFAR, "epochs": 120, "schedule": "step", "weight_decay": 5e-4},
    ),
    parts=(
        Part("Varied images err less on new ones", "lower", _AT_END, "varied", "as they are"),
        Part(
            "The gap between test and training error shrinks",
            "lower",
            Measure("generalisation_gap", "the test error less the training error"),
            "varied",
            "as they are",
        ),
    ),
)  # fmt: skip

ENSEMBLE = Experiment(
    name="ensemble",
    number=7,
    title="Ensembles",
    question="Does the mean answer of several networks, alike but for their seed, err less than one of them?",
    source=_krizhevsky("section 6, table 2"),
    networks=("alexnet", "lenet5", "vgg16", "resnet56"),
    look=(_TEST_ERROR, Look("Error by number of members", "chart")),
    short=Form(
        datasets=("mnist:1000:2000", "digits:1000:2000"),
        arms=(Arm("member", "lenet5"),),
        seeds=12,
        seconds=70,
        setting="12 networks LeNet-5 on 1,000 digits of MNIST, in four groups of three",
        config={"batch_size": 50, "learning_rate": 0.02, "epochs": 12},
    ),
    full=Form(
        datasets=("cifar10",),
        arms=(Arm("member", "resnet20"),),
        seeds=12,
        seconds=14400,
        setting="12 networks ResNet-20 on all of CIFAR-10 with crops and mirror images, in four groups of three",
        config={"batch_size": 128, "learning_rate": 0.1, "weight_decay": 1e-4, "schedule": "step", "epochs": 100,
                "augmentation": {"crop": 4, "mirror": True}},
    ),
    live=(Live("ensembles:compare", short={"members": 3}, full={"members": 3}),),
)  # fmt: skip
