"""VGG (Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition, 2014).

Five blocks of 3 x 3 convolutions that keep the size, each ended by a 2 x 2 max pooling; table 1 of the paper says how
many convolutions a block has. Three dense layers follow, or, as in later networks, the average of each map and one.

Deviations: weights start as Kaiming normal (fan out) in convolutions and as N(0, 0.01) in dense layers, with biases 0
(He et al. 2015, torchvision's choice too), where the paper starts the deep networks from the trained shallow one. The
CIFAR size has dense layers of 512 units, as is usual there; the paper knows no such size.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

from explorer.networks.entries.vgg import VGGOptions

# Table 1: convolutions in each of the five blocks.
CONVOLUTIONS = {
    "a": (1, 1, 2, 2, 2),
    "a_lrn": (1, 1, 2, 2, 2),
    "b": (2, 2, 2, 2, 2),
    "c": (2, 2, 3, 3, 3),
    "d": (2, 2, 3, 3, 3),
    "e": (2, 2, 4, 4, 4),
}
MAPS = (64, 128, 256, 512, 512)


class VGG(nn.Module):
    """Any form of VGG: images (N, 3, 224, 224) or (N, 3, 32, 32) to logits (N, classes)."""

    def __init__(self, features: nn.Sequential, classifier: nn.Sequential) -> None:
        super().__init__()
        self.features = features
        self.classifier = classifier

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(x))
        return logits


def build_vgg(options: VGGOptions, classes: int) -> VGG:
    """VGG in the form that the options name: 138,357,544 parameters (VGG-16, form d)."""
    blocks: OrderedDict[str, nn.Module] = OrderedDict()
    inputs = 3
    for number, (convolutions, published) in enumerate(zip(convolutions_of(options), MAPS, strict=True), start=1):
        maps = _scaled(options, published)
        blocks[f"block{number}"] = _block(options, number, convolutions, inputs, maps)
        inputs = maps
    classifier = _dense(options, classes) if options.classifier == "dense" else _global_pooling(inputs, classes)
    network = VGG(nn.Sequential(blocks), nn.Sequential(classifier))
    _start(network, options.width)
    return network


def convolutions_of(options: VGGOptions) -> tuple[int, ...]:
    """How many convolutions each of the five blocks has."""
    if options.form != "custom":
        return CONVOLUTIONS[options.form]
    return (
        options.convolutions_1,
        options.convolutions_2,
        options.convolutions_3,
        options.convolutions_4,
        options.convolutions_5,
    )


def _block(options: VGGOptions, number: int, convolutions: int, inputs: int, maps: int) -> nn.Sequential:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for place in range(1, convolutions + 1):
        name = f"conv{number}_{place}"
        kernel = 1 if options.form == "c" and place == 3 else 3
        layers[name] = nn.Conv2d(inputs, maps, kernel, padding=kernel // 2)
        if options.batch_norm:
            layers[f"{name}_batch_norm"] = nn.BatchNorm2d(maps)
        layers[f"{name}_activation"] = nn.ReLU()
        if options.form == "a_lrn" and number == 1:
            # With AlexNet's constants, of which alpha is what PyTorch divides by 5 and the paper does not.
            layers["norm1"] = nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0)
        inputs = maps
    layers[f"pool{number}"] = nn.MaxPool2d(2)
    return nn.Sequential(layers)


def _dense(options: VGGOptions, classes: int) -> OrderedDict[str, nn.Module]:
    # Five poolings leave 7 x 7 of 224 x 224, and 1 x 1 of 32 x 32.
    maps = _scaled(options, MAPS[-1])
    inputs, units = (maps, 512) if options.size == "cifar" else (maps * 7 * 7, 4096)
    units = _scaled(options, units)
    layers: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    for number in (6, 7):
        layers[f"fc{number}"] = nn.Linear(inputs, units)
        layers[f"fc{number}_activation"] = nn.ReLU()
        if options.dropout:
            layers[f"dropout{number}"] = nn.Dropout(options.dropout)
        inputs = units
    layers["fc8"] = nn.Linear(units, classes)
    return layers


def _global_pooling(maps: int, classes: int) -> OrderedDict[str, nn.Module]:
    return OrderedDict(average_pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(), fc=nn.Linear(maps, classes))


def _scaled(options: VGGOptions, published: int) -> int:
    return max(1, round(published * options.width))


def _start(network: nn.Module, width: float) -> None:
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(layer, nn.Linear):
            # Fewer units at another width are to pass on as strong a signal as the published ones.
            nn.init.normal_(layer.weight, std=0.01 / width**0.5)
        else:
            continue
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
