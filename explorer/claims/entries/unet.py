"""What U-Net's paper claims of its skips."""

from __future__ import annotations

from typing import Any

from explorer.claims.claim import Arm, Experiment, Form, Look, Measure, Part, Source


def _arms(options: dict[str, Any]) -> tuple[Arm, ...]:
    return (
        Arm("with skips", "unet", options),
        Arm("without skips", "unet", {**options, "skips": False}, differs=("options.skips",)),
    )


SKIPS = Experiment(
    name="unet-skips",
    number=16,
    title="Skips in U-Net",
    question="Do the skips across the U make the mask sharper?",
    source=Source("Ronneberger et al.", 2015, "section 2"),
    networks=("unet",),
    look=(
        Look("Test mean IoU", "metrics", split="test", figure="mean_iou"),
        Look("Training loss", "metrics", split="train", figure="loss"),
    ),
    short=Form(
        datasets=("segments:500:200",),
        arms=_arms({"form": "padded", "width": 8, "levels": 3}),
        seeds=3,
        seconds=100,
        setting="a padded U-Net of three levels and 8 maps on 500 images of digits in clutter, 8 epochs",
        config={"batch_size": 16, "optimiser": "adamw", "learning_rate": 0.003, "weight_decay": 0.01, "epochs": 8,
                "schedule": "one_cycle"},
    ),
    full=Form(
        datasets=("segments",),
        arms=_arms({"form": "padded", "width": 32, "levels": 4}),
        seeds=5,
        seconds=3600,
        setting="a padded U-Net of four levels and 32 maps on 4,000 images of digits in clutter, 20 epochs",
        cannot="The paper's cells are not among the data sets of this program.",
        config={"batch_size": 32, "optimiser": "adamw", "learning_rate": 0.003, "weight_decay": 0.01, "epochs": 20,
                "schedule": "one_cycle"},
    ),
    parts=(
        Part(
            "With skips less of the mask is missed",
            "lower",
            Measure("missed_iou", "what the mean IoU lacks of 100 %"),
            "with skips",
            "without skips",
        ),
        Part(
            "The edges are drawn better",
            "lower",
            Measure("edge_error", "the share of wrong pixels within a pixel of an edge", parameters={"width": 1}),
            "with skips",
            "without skips",
        ),
    ),
)  # fmt: skip
