"""The fields of the training form, the curves and the status bar in words.

Each is a sentence and, where something is computed, its formula.
"""

from __future__ import annotations

from explorer.ui.explained_facts import FACTS

TRAINING: dict[str, tuple[str, ...]] = {
    "dataset": ("The images to learn from, and the test images that are never learnt from.",),
    "augmentation": ("How training images are varied anew each epoch, so that none is seen twice alike.",),
    "validation_share": (
        "Share of the training images held out to choose the best epoch by, so that the test set chooses nothing.",
        "held out = share · training images",
    ),
    "extra_digits": ("How many built-in digits are drawn anew and mixed into each epoch.",),
    "optimiser": (
        (
            "What turns gradients into updates: SGD goes against the gradient, Adam scales each weight's step by the "
            "size of its gradients, AdamW pulls weights to zero apart from that."
        ),
        "SGD: v ← μ·v + g, w ← w − η·v; Adam: w ← w − η · m̂ / (√v̂ + ε)",
    ),
    "learning_rate": ("How far an update goes, at the schedule's peak.", "w ← w − η · gradient"),
    "momentum": ("Share of the last update that goes on in the next.", "v ← μ·v + g"),
    "nesterov": ("The gradient counts as if the momentum had been followed already.", "w ← w − η · (g + μ·v)"),
    "batch_size": (
        "How many images an update of the weights is computed from.",
        "gradient = mean over the batch; steps an epoch = ⌈images / batch⌉",
    ),
    "gradient_clipping": (
        "The largest norm of all gradients together; beyond it they are scaled down. 0 leaves them as they are.",
        "g ← g · min(1, limit / ‖g‖)",
    ),
    "loss": (
        "What is made small. Cross-entropy is the surprise at the right class.",
        "cross-entropy = −log p(right class), mean over the batch",
    ),
    "epochs": ("How many times each training image is seen.", "steps = epochs · ⌈images / batch⌉"),
    "schedule": (
        "How the learning rate changes: one cycle goes up, then down; cosine falls to zero; step falls in stages.",
        "cosine: η · (1 + cos(π · step / steps)) / 2",
    ),
    "warm_up_epochs": ("Epochs in which the learning rate rises to its peak.",),
    "weight_decay": ("How strongly weights are pulled to zero at each step.", "w ← w − η · λ · w"),
    "label_smoothing": (
        "Share of certainty that is taken from the right class and given to all.",
        "target = (1 − s) · right class + s / classes",
    ),
    "averaging": (
        "Decay of a moving average of the weights for each step; the average is evaluated and saved. 0 for none.",
        "average ← d · average + (1 − d) · w",
    ),
    "device": ("What computes: the processor, or a graphics card where there is one.",),
    "precision": (
        "How many bits layers compute with; weights keep 32. Automatic: 16 where the processor is faster so.",
    ),
    "compiled": ("Translates the training step for this device first: a minute, then faster steps.",),
    "captured": (
        "Records the step's kernels once and lets the graphics card replay them: small networks wait less for Python.",
    ),
    "seed": ("Where random numbers begin: the same seed and settings give the same run here, bit for bit.",),
    "seeds": ("How many runs with seeds that follow each other, as one group with a mean and a spread.",),
}

CURVES: dict[str, tuple[str, ...]] = {
    "loss": (
        "What training makes small, for each step and as a mean over the test images after each epoch.",
        "cross-entropy = −log p(right class), mean over the images",
    ),
    "accuracy": ("Share of images whose likeliest class is right.", "right / all"),
    "top5": ("Share of images whose class is among the five likeliest.", "among the first five / all"),
    "mean_iou": (
        "How well masks agree: what both call a class, of what either calls it, as a mean over the classes.",
        "IoU = |A ∩ B| / |A ∪ B|",
    ),
    "rate": ("The learning rate at each step, as the schedule sets it.", "w ← w − η · gradient"),
    "smoothing": (
        "Over how many steps the thick line of the training loss is a mean, with each step in their middle.",
        "mean of the losses of the steps around each; at both ends of as many as there are",
    ),
    "settings": ("What is set in this group, in short; unfolded, each setting says what it does.",),
    "readout": ("The figures of the curves: at the crosshair, else at the chosen epoch, else the newest.",),
    "progress": (
        "How far the training is, what it came to so far, and about how long the rest takes at the present speed.",
        "time left = steps left / (steps / second)",
    ),
    "speed": ("How many images are trained in a second.", "images / seconds, without evaluation"),
}

STATUS: dict[str, tuple[str, ...]] = {
    "device": ("What computes here: the processor and its cores, or a graphics card.",),
    "totals": (
        "The whole network for one image. " + FACTS["parameters"][0] + " " + FACTS["MACs"][0],
        "FLOPs = 2 · MACs",
    ),
    "message": ("What was said last; it goes after some seconds.",),
    "work": ("What is under way, and how much of it is done.",),
    "weights": ("The weights that answer what is drawn: shipped ones, or those of a run and epoch.",),
}
