"""What VGG's paper and its readers claim: small kernels, dense layers that can go, and what accuracy costs."""

from __future__ import annotations

from explorer.claims.claim import Arm, Experiment, Form, Live, Look, Measure, Part, Source

NOTHING_TO_TRAIN = Form(datasets=(), arms=(), seeds=1, seconds=5, setting="computed; nothing is trained", config={})

KERNELS = Experiment(
    name="small-kernels",
    number=1,
    title="Small kernels in place of large ones",
    question="Do two 3×3 convolutions see what one 5×5 sees with fewer weights, three what a 7×7 sees, and five what "
    "an 11×11 sees?",
    source=Source("Simonyan and Zisserman", 2014, "section 2.3"),
    networks=("vgg11", "vgg13", "vgg16", "vgg19", "alexnet"),
    look=(Look("Weights for the same view", "chart"),),
    short=NOTHING_TO_TRAIN,
    full=NOTHING_TO_TRAIN,
    live=(Live("small_kernels:compare"),),
)

_GLOBAL = {"classifier": "global_pooling"}
_NARROW = {"size": "cifar", "batch_norm": True, "width": 0.125}
_ALL = {"size": "cifar", "batch_norm": True}

DENSE = Experiment(
    name="dense-layers",
    number=12,
    title="VGG without its dense layers",
    question="Can VGG's dense layers, which hold most of its parameters, go without loss?",
    source=Source("Lin et al.", 2013, "global average pooling; He et al. 2015 and all that followed"),
    networks=("vgg11", "vgg13", "vgg16", "vgg19"),
    look=(
        Look("Test error", "metrics", split="test", figure="error"),
        Look("Training error", "metrics", split="train", figure="error"),
    ),
    short=Form(
        datasets=("cifar10:4000:2000", "digits:4000:2000"),
        arms=(
            # Dropout, which global pooling has no place for, would slow so short a training down.
            Arm("dense layers", "vgg11", {**_NARROW, "dropout": 0.0}),
            Arm(
                "global pooling",
                "vgg11",
                {**_NARROW, **_GLOBAL},
                differs=("options.classifier", "options.dropout"),
            ),
        ),
        seeds=4,
        seconds=100,
        setting="VGG-11 with batch norm, an eighth of its maps and no dropout, on 4,000 photographs of CIFAR-10, "
        "10 epochs",
        cannot="After 10 epochs the dense layers are still catching up, so that the gap is larger than it stays. With "
        "images of 32×32 the dense layers are small; that they hold nine tenths of VGG-16's parameters is "
        "counted, and the full form trains VGG-16 at its full width.",
        config={"batch_size": 64, "learning_rate": 0.05, "epochs": 10, "schedule": "one_cycle"},
    ),
    full=Form(
        datasets=("cifar10",),
        arms=(
            Arm("dense layers", "vgg16", _ALL),
            Arm("global pooling", "vgg16", {**_ALL, **_GLOBAL}, differs=("options.classifier",)),
        ),
        seeds=3,
        seconds=14400,
        setting="VGG-16 with batch norm for 32×32 on all of CIFAR-10, 100 epochs",
        config={"batch_size": 128, "learning_rate": 0.05, "weight_decay": 5e-4, "schedule": "one_cycle", "epochs": 100,
                "augmentation": {"crop": 4, "mirror": True}},
    ),
    parts=(
        Part(
            "Global pooling errs no more, within a point",
            "no_higher",
            Measure("test_error", "the test error at the end"),
            "global pooling",
            "dense layers",
            by=0.01,
        ),
    ),
    live=(
        Live(
            "sizes:compare",
            short={
                    "networks": (("VGG-16", "vgg16", {}), ("VGG-16 with global pooling", "vgg16", _GLOBAL)),
                    "says": "Nine tenths of VGG-16's parameters go with its dense layers",
                    "at_most": 0.15,
                    "main": True,
            },
        ),
    ),
)  # fmt: skip

SPEED = Experiment(
    name="vgg-speed",
    number=19,
    title="VGG against AlexNet",
    question="Is VGG slower than AlexNet in throughput, and more accurate?",
    source=Source("Simonyan and Zisserman", 2014, "and comparison tables in textbooks"),
    networks=("vgg16", "alexnet"),
    look=(),
    short=NOTHING_TO_TRAIN,
    full=NOTHING_TO_TRAIN,
    live=(
        Live(
            "throughput:compare",
            short={"fast": "alexnet", "slow": "vgg16", "batch": 2, "rounds": 6,
                   "zoo_fast": "torchvision/alexnet", "zoo_slow": "torchvision/vgg16"},
            full={"fast": "alexnet", "slow": "vgg16", "batch": 32, "rounds": 12,
                  "zoo_fast": "torchvision/alexnet", "zoo_slow": "torchvision/vgg16"},
        ),
    ),
)  # fmt: skip
