"""The lines of the inspector in words: facts of layers, blocks and networks, and what layers were made with.

Each is a sentence and, where something is computed, its formula.
"""

from __future__ import annotations

FACTS: dict[str, tuple[str, ...]] = {
    "output": (
        "The shape of what comes out for one image: channels × height × width, or the number of units.",
        "height = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1",
    ),
    "output size": (
        "How height and width of the output follow from those of the input.",
        "⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1",
    ),
    "input": ("The shape of what goes in for one image, without the batch.",),
    "parameters": (
        "How many numbers training can set: weights and biases, shared ones counted once.",
        (
            "convolution: (kernel height · kernel width · in channels / groups + 1 bias) · out channels; "
            "dense: (inputs + 1 bias) · outputs; batch norm: 2 · channels"
        ),
    ),
    "MACs": (
        (
            "Multiply-adds for one image: each is one multiplication and one addition. Convolutions, transposed "
            "convolutions and matrix products count; what costs little beside them does not."
        ),
        "convolution: kernel height · kernel width · in channels / groups · output elements; dense: inputs · outputs",
    ),
    "FLOPs": ("Floating-point operations for one image: a multiply-add is two.", "FLOPs = 2 · MACs"),
    "memory": (
        (
            "Room for what is written: every tensor a layer writes for one image, float32. Layers that work in place "
            "and mere views write none."
        ),
        "4 bytes · elements of the output",
    ),
    "receptive field": (
        "The part of the image that one unit sees, and by how many pixels it moves from one unit to the next.",
        "field = field before + (kernel − 1) · dilation · step before; step = step before · stride",
    ),
    "not shared": (
        "What the layer would hold if each place of the map had weights of its own: its locally connected twin.",
        "output height · width · (kernel height · width · in channels / groups + 1) · out channels",
    ),
    "share": ("How much of all parameters of the network this layer holds.", "parameters / parameters of the network"),
    "layers": ("How many layers are inside, operations without weights such as ReLU and add included.",),
    "type": ("The class of the layer in the program that defines the network.",),
    "path": ("The layer's name in the network: the names of the blocks around it, and its own.",),
    "shared": ("Parameters that several layers use; they count once, where they come first.",),
    "used": ("When the layer takes part: auxiliary heads do so while training only.",),
    "fails at": ("The first layer that cannot compute with the input it gets, and why.",),
    "fails": ("Why this layer cannot compute with the input it gets.",),
    "would work": ("The smallest square input on which the whole network runs.",),
    "structure": ("How the graph was found, where the program's own course could not be followed.",),
    "to answer": (
        "Memory that answering takes: the weights, and what must be kept at once while the images pass through.",
        "weights + the largest sum of tensors that are needed at the same time · images",
    ),
    "to train": (
        (
            "Memory that a training step takes: weights, their gradients, what the optimiser keeps for each, and every "
            "tensor that the way back needs."
        ),
        "weights · (2 + states of the optimiser) + activations · images; Adam keeps 2 states, momentum 1",
    ),
}

SETTINGS: dict[str, tuple[str, ...]] = {
    "in channels": ("How many maps the layer reads.",),
    "out channels": ("How many maps the layer makes, each with a kernel of its own for every map it reads.",),
    "kernel": ("Height × width of the window that slides over the maps.",),
    "stride": ("By how many pixels the window moves; 2 halves height and width.",),
    "padding": ("How many pixels are added at each edge, so that the window reaches it.",),
    "padding mode": ("What the added pixels hold: zeros, or a reflection or repetition of the image.",),
    "dilation": (
        "Distance between the pixels that the window reads; 1 for neighbours.",
        "reach = dilation · (kernel − 1) + 1",
    ),
    "groups": ("In how many groups the channels are kept apart: a group reads only its own share of the maps.",),
    "bias": ("Whether a number of its own is added to each output channel or unit.",),
    "ceil mode": ("Whether an incomplete window at the edge still gives an output.",),
    "inputs": ("How many numbers each unit reads.",),
    "outputs": ("How many units the layer has.",),
    "channels": ("How many maps or units the layer treats, each by itself.",),
    "epsilon": ("A small number under the root, so that nothing is divided by zero.", "(x − mean) / √(variance + ε)"),
    "size": ("How many neighbouring maps take part in the normalisation.",),
    "alpha": ("How strongly neighbouring maps damp each other.", "x / (k + α/size · Σ x²)^β"),
    "beta": ("The power to which the sum of squares is taken.", "x / (k + α/size · Σ x²)^β"),
    "width": ("How many numbers stand for each place.",),
    "heads": ("How many attentions run side by side, each on its share of the width.",),
    "shape": ("Over which axes the layer normalises.",),
    "mode": ("How values between the pixels are found: nearest, linear, or bicubic.",),
    "axis": ("Along which axis the operation goes; 0 is the channels of one image.",),
    "axes": ("Along which axes the operation goes; 0 is the channels of one image.",),
    "tensors": ("How many tensors are put together.",),
    "shift": ("By how many places the tensor is rolled round.",),
    "index": ("Which part of the tensor is taken.",),
    "added": ("How many channels of zeros the shortcut gets, so that it has as many as the block gives.",),
    "cut from each side": ("How many pixels are cut off, so that what comes across fits what comes up.",),
    "trained": ("What of this pooling training sets: LeNet-5's sums the window, times a coefficient, plus a bias.",),
    "links": ("How many pairs of a map read and a map made have a kernel; the published table leaves the others out.",),
    "centres": (
        "What the units are compared with: a small picture for each class.",
        "output = Σ (x − centre)²; the smallest wins",
    ),
    "kernels": ("How many kernels there are: one for each place, where weights are not shared.",),
    "probability": ("The share of units silenced at random in each training step; none when answering.",),
}
