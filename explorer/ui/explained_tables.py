"""The columns of the tables in words: layers, runs and the comparison of networks.

Each is a sentence and, where something is computed, its formula.
"""

from __future__ import annotations

from explorer.ui.explained_facts import FACTS, SETTINGS

LAYERS: dict[str, tuple[str, ...]] = {
    "layer": ("The layer's path in the network; a block can be opened and closed as in the graph.",),
    "kind": ("The layer's type, and what it was made with.",),
    "kernel": SETTINGS["kernel"],
    "stride": SETTINGS["stride"],
    "padding": SETTINGS["padding"],
    "groups": SETTINGS["groups"],
    "input": FACTS["input"],
    "output": FACTS["output"],
    "parameters": FACTS["parameters"],
    "share": FACTS["share"],
    "macs": FACTS["MACs"],
    "flops": FACTS["FLOPs"],
    "memory": FACTS["memory"],
    "field": FACTS["receptive field"],
    "step": ("By how many pixels of the image the field moves from one unit to the next.", "step before · stride"),
    "offset": (
        "Where the field of the first unit begins; negative where it reaches into the padding.",
        "offset before − padding · step before",
    ),
    "batch": ("For how many images at once memory and time are; MACs and FLOPs stay those of one image.",),
    "time": (
        "How long the layer takes on this computer for the batch: the median of several passes.",
        "median of the measured passes, in milliseconds",
    ),
}

RUNS: dict[str, tuple[str, ...]] = {
    "Title": ("What you call the run.",),
    "Network": ("The network, with the options that differ from its defaults.",),
    "Data set": ("What it was trained on.",),
    "Epochs": ("Epochs that are complete, of those planned. In an epoch each training image is seen once.",),
    "Test accuracy": (
        "Share of test images whose likeliest class is right, after the last complete epoch.",
        "right / all; of several seeds the mean ± standard deviation, √(Σ(x − mean)² / (n − 1))",
    ),
    "Best": ("The accuracy of the best epoch, chosen on held-out images where there are some.", "right / all"),
    "Images/s": ("Training images in a second, without evaluation and pauses.", "images trained / seconds of training"),
    "Time": ("How long it was trained, without pauses.",),
    "Started": ("When it began, by this computer's clock.",),
    "Status": ("How it ended, or that it goes on.",),
    "Tags": ("What you tagged it with.",),
    "Notes": ("What you wrote about it.",),
    "Seed": ("What its random numbers follow from: the same seed and settings give the same run.",),
    "Size": ("Room on the disk: weights, states to resume from, and figures.",),
    "Run": ("The name of its folder.",),
}

COMPARISON: dict[str, tuple[str, ...]] = {
    "Network": ("The network in its default form.",),
    "Family": ("The family that it belongs to.",),
    "Year": ("When it was published.",),
    "Parameters": FACTS["parameters"],
    "MACs": FACTS["MACs"],
    "Top-1 %": (
        "Share of ImageNet's validation images whose likeliest class is right, as published with the weights.",
        "100 · right / all",
    ),
    "chart": (
        "Accuracy against work: a point for each network, its area for the number of parameters.",
        "area ∝ parameters; MACs for one image",
    ),
    "progress": ("Of how many networks the multiply-adds are computed; the others follow.",),
    "printed": (
        "A figure as a textbook prints it, beside the one that this program counts in the network's graph.",
        "FLOPs = 2 · MACs; times = one figure / the other",
    ),
    "published": (
        "A figure as its paper gives it, the one that this program computes, and by how much they differ.",
        "100 · (computed − published) / published",
    ),
    "Top-5 %": (
        "Share of ImageNet's validation images whose class is among the five likeliest, as published.",
        "100 · among the first five / all",
    ),
}
