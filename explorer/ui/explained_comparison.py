"""What comparisons show, in words: right and wrong answers, data, networks side by side, measurements, experiments.

Each is a sentence and, where something is computed, its formula.
"""

from __future__ import annotations

from explorer.ui.explained_facts import FACTS

CONFUSION: dict[str, tuple[str, ...]] = {
    "matrix": (
        (
            "How many test images of a class (a row) were taken for which class (a column); on the diagonal the "
            "answer is right. Shades are shares of the row."
        ),
        "share = count / images of the true class",
    ),
    "accuracy": ("Share of test images whose likeliest class is right, after the epoch named.", "right / all"),
    "epoch": ("After which epoch the answers were given; at the right end the newest is followed.",),
    "wrong": ("How many test images were answered wrongly; it shows them, the surest answers first.",),
    "cell": (
        "One cell of the matrix: how many images of the true class were answered so, and their share of that class.",
        "100 · count / images of the true class",
    ),
    "images": ("True class → answered class, and the probability that the network gave its answer.", "max pᵢ"),
}

DATA: dict[str, tuple[str, ...]] = {
    "classes": (
        "How many images of each class there are in this part; the bar is against the class that has most.",
        "bar = count / largest count",
    ),
    "count": ("How many images are shown, of all in this part of the data set.",),
    "sample": ("The number of the image in its part, counted from 0, its class, and its size in pixels.",),
    "variants": ("The sample as training would see it in twelve epochs, varied at random by what is switched on.",),
}

SIDE_BY_SIDE: dict[str, tuple[str, ...]] = {
    "totals": (
        (
            "The whole network for one image: numbers that training sets, multiply-adds, and room for what its "
            "layers write."
        ),
        "sums over the layers; shared parameters count once; activations take 4 bytes a number",
    ),
    "match": ("How the layers of a row belong together: alike, changed, or only in one of the networks.",),
    "left": ("The layer of the network on the left.",),
    "right": ("The layer of the network on the right.",),
    "kind": ("What the layer does: convolution, pooling, normalisation and so on.",),
    "difference": ("In what the two layers of the row differ; of a layer that is in one network only, what it is.",),
    "shape": FACTS["output"],
    "left_parameters": ("Parameters of the layer on the left.", *FACTS["parameters"][1:]),
    "right_parameters": ("Parameters of the layer on the right.", *FACTS["parameters"][1:]),
    "parameters": ("How many parameters the layer on the right has more than the one on the left.", "right − left"),
    "macs": ("How many multiply-adds the layer on the right has more than the one on the left.", "right − left"),
    "rows": ("How many rows the filter leaves, of all pairs of layers.",),
    "stages": (
        "What all layers cost that write maps of one size, in both networks; vectors are what has no height and width.",
        "Σ over the layers of that size",
    ),
    "findings": ("What differs, put together: how many layers, and what that does to parameters and multiply-adds.",),
    "classes": (
        "Accuracy of each run on the test images of each class.",
        "right answers / images of the class",
    ),
    "run images": ("Test images that only one of the two runs answers rightly, with what both answered.",),
}

MEASURED: dict[str, tuple[str, ...]] = {
    "Network": ("The network, with the options that were given; its weights are random here, which costs the same.",),
    "Images/s": (
        "Images that went through the network in a second: answers only, no training.",
        "batch / median of the seconds of a pass",
    ),
    "Images/s to the first": ("How many times as fast as the network in the first row.", "images/s / images/s"),
    "ms per image": ("The share of an image in the time of its batch.", "1000 / (images/s)"),
    "MACs": FACTS["MACs"],
    "MACs to the first": ("How many times the multiply-adds of the network in the first row.", "MACs / MACs"),
    "G MACs/s": (
        "Billions of multiply-adds done in a second: how well the network suits this device.",
        "MACs · images/s / 10⁹",
    ),
    "Parameters": FACTS["parameters"],
    "Memory, measured": ("The weights, and the most that torch held at once beside them in a pass.", "weights + peak"),
    "Memory, theory": (
        "The weights, and the largest sum of tensors that are needed at the same time.",
        "weights + largest sum of live tensors · batch",
    ),
    "batch": ("How many images go through the network at once.",),
    "verdict": (
        "What the last network is against the first: in work, and in time on this device.",
        "MACs / MACs, and images/s / images/s",
    ),
}

EXPERIMENTS: dict[str, tuple[str, ...]] = {
    "verdict": (
        (
            "What the figures say about the claim. Seeds pair the runs of two arms: where the 95 % interval of their "
            "differences lies on the claimed side of zero, it is seen; on the other side, contradicted; else not seen."
        ),
        "interval = mean ± t · deviation / √seeds; t is Student's, 4.30 for 3 seeds",
    ),
    "figures": (
        "Means over the seeds, ± the standard deviation; an interval is Student's, of the mean difference or ratio.",
        "deviation = √(Σ (x − mean)² / (seeds − 1)); of a ratio by its logarithm",
    ),
    "question": ("What the claim asks, and where it stands: authors, year and section.",),
    "circumstances": ("With what the verdict was found: form, seeds, data, runs, and the time they took.",),
    "seeds": (
        "How often each training is repeated, each time with other random numbers; one seed has no spread.",
        "interval = mean ± t · deviation / √seeds",
    ),
    "table": ("Figures that the verdict rests on, a row for each network or arm.",),
    "arms": (
        (
            "What is compared: trainings that share seed, batches, budget and, where shapes match, first weights, and "
            "differ in what is named."
        ),
    ),
    "form": (
        "What is trained in this form and how long it takes on two quiet cores, or on a graphics card.",
        "runs = arms · seeds",
    ),
    "chart": (
        (
            "The curves of all runs: a line is the mean over the seeds, and the words below the picture say what the "
            "band around it is."
        ),
    ),
    "progress": ("What is being trained, which run of how many, and about how long the rest takes.",),
    "list": ("The claims by number, and how each stands: what it came to, or how long its short form takes.",),
}
