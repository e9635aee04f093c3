"""What the sections that look inside a layer show, in words: maps, filters, one value, and what special layers do.

Each is a sentence and, where something is computed, its formula.
"""

from __future__ import annotations

from explorer.ui.explained_facts import FACTS

INSIDE: dict[str, tuple[str, ...]] = {
    "feature maps": (
        "What the layer gives for this input: a map for each channel, and in it a value for each place.",
        "value[channel, row, column] of the layer's output",
    ),
    "scale": (
        (
            "Which value gets which colour: from 0 to the largest, or as far on both sides of 0 where some are below. "
            "Each channel has a scale of its own unless one is chosen for all."
        ),
        "shade = value / largest size of a value",
    ),
    "unit": (
        "The value of one unit, by its channel, row and column counted from 0, and the part of the input it sees.",
        "side of the part = receptive field of the layer",
    ),
    "statistics": (
        (
            "Of all values that the layer gives for this input: the least and the most, mean, standard deviation and "
            "how many are exactly 0. A channel that is 0 everywhere is dead for this input; for another it may answer."
        ),
        "deviation = √(Σ (value − mean)² / n)",
    ),
    "channel": ("Which map or unit is meant, counted from 0 as in torch.",),
    "row": ("Which row of the output is looked at, counted from 0 at the top.",),
    "column": ("Which column of the output is looked at, counted from 0 at the left.",),
    "products": (
        "The numbers that one value is computed from: what the window covers, times the weights of the kernel.",
        "product = input · weight",
    ),
    "terms": (
        "What each input channel adds to the value: the sum of its products.",
        "sum over the window of input · weight",
    ),
    "the value": (
        (
            "One value of the output, added up from its parts and compared with what the network has there. A maximum "
            "pooling takes the largest number, an average pooling the mean."
        ),
        "value = Σ input · weight + bias",
    ),
    "weights": (
        "Numbers that training sets: a picture for each kernel, one weight a cell.",
        "output = Σ input · weight + bias",
    ),
    "histogram": ("How many weights of the layer have about which value.",),
    "weight statistics": (
        "Of all weights of the layer, biases apart. Near zero is what is smaller than a hundredth of the largest.",
        "norm = √(Σ weight²); deviation = √(Σ (weight − mean)² / n)",
    ),
    "batch norm": (
        (
            "What batch normalisation does to a channel: it takes the mean away, divides by the deviation, then scales "
            "and shifts. In training mean and variance are the batch's; in answers they are the running ones."
        ),
        "y = γ · (x − mean) / √(variance + ε) + β; shift = γ · (batch mean − running mean) / √(running variance + ε)",
    ),
    "running statistics": (
        "Means over the batches of training, in which older batches fade; torch's momentum m is 0.1 unless set.",
        "running ← (1 − m) · running + m · batch",
    ),
    "batch size": (
        "How many images share one mean and variance; the fewer, the further these lie from the running ones.",
        "√(mean over channels and batches of ((batch mean − running mean)² / (running variance + ε)))",
    ),
    "channel scales": (
        (
            "The factor that squeeze-and-excitation gives each channel for this input: near 0 it is silenced, at 1 it "
            "passes as it is."
        ),
        "s = σ(W₂ · ReLU(W₁ · mean of each channel)); channel ← s · channel",
    ),
    "residual share": (
        "How much a block adds to what enters it: 0 for nothing, 1 for as much as the shortcut brings.",
        "|F(x)| / |x|, where |v| = √(Σ v²) and the output is F(x) + x",
    ),
    "rbf distance": (
        (
            "How far the 84 outputs of F6 are from the picture that stands for a class, +1 for ink and −1 for paper; "
            "the least distance is the answer."
        ),
        "distance = Σ (F6 − picture)² over 84 places",
    ),
    "training history": (
        (
            "What was measured in the layer while it trained: the norm of its gradients, updates against weights, the "
            "deviation of its output, or units that were 0 for a whole batch."
        ),
        "norm = √(Σ gradient²); update-to-weight ratio = |w after − w before| / |w|",
    ),
}

FIELD: dict[str, tuple[str, ...]] = {
    "field": FACTS["receptive field"],
    "weights": (
        "The weights of the stack, against those of one kernel that sees as much; biases are left out.",
        "Σ kernel² · channels in · channels out, against field² · channels in · channels out",
    ),
    "MACs": (
        "Multiply-adds: each weight is used once at each position of the map it makes.",
        "weights · height · width of the output",
    ),
    "saved": (
        "What the stack has less, or more, than the single kernel.",
        "1 − stack / single kernel",
    ),
    "kernel": ("Height and width of the window.",),
    "stride": ("By how many positions of its input the window moves.",),
    "dilation": ("Distance between the positions that the window reads.", "reach = dilation · (kernel − 1) + 1"),
    "channels": ("How many maps the convolution makes; a pool keeps what it gets.",),
    "input channels": ("How many maps lie below the stack.",),
    "input size": ("Height and width of the maps below the stack.",),
    "drawing": (
        "What one unit on top of the stack sees of the maps below, window by window.",
        "field = field before + (kernel − 1) · dilation · step before",
    ),
}
