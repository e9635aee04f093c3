"""The families of networks that the zoos hold: who published them, where, and what the idea was.

Only what is sure stands here; a network whose family is not in the table has no paper.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from explorer.networks.architecture import Paper


@dataclass(frozen=True)
class ZooFamily:
    """A family: names that begin with `prefix` belong to it, and their titles begin with `title`."""

    prefix: str
    name: str
    title: str
    year: int
    paper: Paper
    idea: str


def _family(
    prefix: str, name: str, title: str, published: tuple[str, str, str, int, str], idea: str, year: int = 0
) -> ZooFamily:
    paper = Paper(*published)
    return ZooFamily(prefix, name, title, year or paper.year, paper, idea)


_RESNET = (
    "Deep residual learning for image recognition",
    "K. He, X. Zhang, S. Ren, J. Sun",
    "CVPR 2016",
    2015,
    "arXiv:1512.03385",
)
_EFFICIENTNET = (
    "EfficientNet: Rethinking model scaling for convolutional neural networks",
    "M. Tan, Q. V. Le",
    "ICML 2019",
    2019,
    "arXiv:1905.11946",
)
_REGNET = (
    "Designing network design spaces",
    "I. Radosavovic, R. P. Kosaraju, R. Girshick, K. He, P. Dollár",
    "CVPR 2020",
    2020,
    "arXiv:2003.13678",
)

# Longer prefixes stand before the shorter ones that they begin with.
FAMILIES: tuple[ZooFamily, ...] = (
    _family(
        "alexnet",
        "AlexNet",
        "AlexNet",
        (
            "One weird trick for parallelizing convolutional neural networks",
            "A. Krizhevsky",
            "arXiv preprint",
            2014,
            "arXiv:1404.5997",
        ),
        "AlexNet in one tower, with fewer maps than in 2012.",
    ),
    _family(
        "convnext",
        "ConvNeXt",
        "ConvNeXt",
        (
            "A ConvNet for the 2020s",
            "Z. Liu, H. Mao, C.-Y. Wu, C. Feichtenhofer, T. Darrell, S. Xie",
            "CVPR 2022",
            2022,
            "arXiv:2201.03545",
        ),
        "A residual network that takes over, one by one, what makes vision transformers good.",
    ),
    _family(
        "densenet",
        "DenseNet",
        "DenseNet-",
        (
            "Densely connected convolutional networks",
            "G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger",
            "CVPR 2017",
            2016,
            "arXiv:1608.06993",
        ),
        "Each layer sees the maps of all layers before it.",
    ),
    _family(
        "efficientnet_v2",
        "EfficientNetV2",
        "EfficientNetV2",
        (
            "EfficientNetV2: Smaller models and faster training",
            "M. Tan, Q. V. Le",
            "ICML 2021",
            2021,
            "arXiv:2104.00298",
        ),
        "EfficientNet searched for training speed too, with plain convolutions in its early blocks.",
    ),
    _family(
        "efficientnet",
        "EfficientNet",
        "EfficientNet",
        _EFFICIENTNET,
        "Depth, width and resolution grow together by one factor.",
    ),
    _family(
        "googlenet",
        "GoogLeNet",
        "GoogLeNet",
        (
            "Going deeper with convolutions",
            "C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, V. Vanhoucke, A. Rabinovich",
            "CVPR 2015",
            2014,
            "arXiv:1409.4842",
        ),
        "Parallel kernels of several sizes in each module; here with batch norm, and 3×3 in place of 5×5.",
    ),
    _family(
        "inception_v3",
        "Inception",
        "Inception v3",
        (
            "Rethinking the Inception architecture for computer vision",
            "C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens, Z. Wojna",
            "CVPR 2016",
            2015,
            "arXiv:1512.00567",
        ),
        "Inception modules whose large kernels are split into smaller and one-dimensional ones.",
    ),
    _family(
        "maxvit",
        "MaxViT",
        "MaxViT",
        (
            "MaxViT: Multi-axis vision transformer",
            "Z. Tu, H. Talebi, H. Zhang, F. Yang, P. Milanfar, A. Bovik, Y. Li",
            "ECCV 2022",
            2022,
            "arXiv:2204.01697",
        ),
        "Convolution, attention in windows and attention over a sparse grid in each block.",
    ),
    _family(
        "mnasnet",
        "MNASNet",
        "MNASNet ",
        (
            "MnasNet: Platform-aware neural architecture search for mobile",
            "M. Tan, B. Chen, R. Pang, V. Vasudevan, M. Sandler, A. Howard, Q. V. Le",
            "CVPR 2019",
            2018,
            "arXiv:1807.11626",
        ),
        "Blocks found by a search that measured time on a phone.",
    ),
    _family(
        "mobilenet_v2",
        "MobileNet",
        "MobileNetV2",
        (
            "MobileNetV2: Inverted residuals and linear bottlenecks",
            "M. Sandler, A. Howard, M. Zhu, A. Zhmoginov, L.-C. Chen",
            "CVPR 2018",
            2018,
            "arXiv:1801.04381",
        ),
        "Residual blocks that are narrow at the ends and wide within, where depthwise convolutions are cheap.",
    ),
    _family(
        "mobilenet_v3",
        "MobileNet",
        "MobileNetV3",
        (
            "Searching for MobileNetV3",
            (
                "A. Howard, M. Sandler, G. Chu, L.-C. Chen, B. Chen, M. Tan, W. Wang, Y. Zhu, R. Pang, V. Vasudevan, "
                "Q. V. Le, H. Adam"
            ),
            "ICCV 2019",
            2019,
            "arXiv:1905.02244",
        ),
        "MobileNetV2 searched and trimmed, with squeeze-and-excitation and the hard swish.",
    ),
    _family(
        "regnet_x",
        "RegNet",
        "RegNetX",
        _REGNET,
        "Block widths follow a line; a search among spaces of networks found it.",
    ),
    _family("regnet_y", "RegNet", "RegNetY", _REGNET, "RegNetX with squeeze-and-excitation in its blocks."),
    _family(
        "resnext",
        "ResNeXt",
        "ResNeXt-",
        (
            "Aggregated residual transformations for deep neural networks",
            "S. Xie, R. Girshick, P. Dollár, Z. Tu, K. He",
            "CVPR 2017",
            2016,
            "arXiv:1611.05431",
        ),
        "Residual blocks whose 3×3 convolutions are split into groups.",
    ),
    _family(
        "wide_resnet",
        "Wide ResNet",
        "Wide ResNet-",
        ("Wide residual networks", "S. Zagoruyko, N. Komodakis", "BMVC 2016", 2016, "arXiv:1605.07146"),
        "Residual blocks made wider instead of more of them.",
    ),
    _family(
        "resnet", "ResNet", "ResNet-", _RESNET, "Blocks add what they compute to their input; the stride is in the 3×3."
    ),
    _family(
        "shufflenet_v2",
        "ShuffleNet",
        "ShuffleNetV2",
        (
            "ShuffleNet V2: Practical guidelines for efficient CNN architecture design",
            "N. Ma, X. Zhang, H.-T. Zheng, J. Sun",
            "ECCV 2018",
            2018,
            "arXiv:1807.11164",
        ),
        "Half of the channels pass a block untouched; then the halves are shuffled.",
    ),
    _family(
        "squeezenet",
        "SqueezeNet",
        "SqueezeNet ",
        (
            "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
            "F. N. Iandola, S. Han, M. W. Moskewicz, K. Ashraf, W. J. Dally, K. Keutzer",
            "arXiv preprint",
            2016,
            "arXiv:1602.07360",
        ),
        "1×1 convolutions squeeze the channels before 1×1 and 3×3 convolutions expand them side by side.",
    ),
    _family(
        "swin_v2",
        "Swin Transformer",
        "Swin V2",
        (
            "Swin Transformer V2: Scaling up capacity and resolution",
            "Z. Liu, H. Hu, Y. Lin, Z. Yao, Z. Xie, Y. Wei, J. Ning, Y. Cao, Z. Zhang, L. Dong, F. Wei, B. Guo",
            "CVPR 2022",
            2021,
            "arXiv:2111.09883",
        ),
        "Swin with scaled cosine attention and positions from a small network, for large windows.",
    ),
    _family(
        "swin",
        "Swin Transformer",
        "Swin",
        (
            "Swin Transformer: Hierarchical vision transformer using shifted windows",
            "Z. Liu, Y. Lin, Y. Cao, H. Hu, Y. Wei, Z. Zhang, S. Lin, B. Guo",
            "ICCV 2021",
            2021,
            "arXiv:2103.14030",
        ),
        "Attention inside windows that shift from layer to layer, at four resolutions.",
    ),
    _family(
        "vgg",
        "VGG",
        "VGG-",
        (
            "Very deep convolutional networks for large-scale image recognition",
            "K. Simonyan, A. Zisserman",
            "ICLR 2015",
            2014,
            "arXiv:1409.1556",
        ),
        "Only 3×3 convolutions, and many of them.",
    ),
    _family(
        "vit",
        "Vision Transformer",
        "ViT",
        (
            "An image is worth 16x16 words: Transformers for image recognition at scale",
            (
                "A. Dosovitskiy, L. Beyer, A. Kolesnikov, D. Weissenborn, X. Zhai, T. Unterthiner, M. Dehghani, "
                "M. Minderer, G. Heigold, S. Gelly, J. Uszkoreit, N. Houlsby"
            ),
            "ICLR 2021",
            2020,
            "arXiv:2010.11929",
        ),
        "An image is a sentence of patches, read by a transformer without convolutions.",
    ),
)


def family_of(name: str) -> ZooFamily | None:
    """The family that a zoo's network belongs to by its name; None where it is not sure."""
    for family in FAMILIES:
        if re.match(rf"{family.prefix}(?![a-z])", name):
            return family
    return None


def title_of(name: str, family: ZooFamily | None) -> str:
    """A name as the field writes it: "resnext101_32x8d" is "ResNeXt-101 32×8d", "vit_b_16" is "ViT-B/16"."""
    if family is None:
        return name
    rest = name[len(family.prefix) :].strip("_")
    if not rest:
        return family.title.rstrip("- ")
    if family.prefix == "wide_resnet":
        return family.title + rest.replace("_", "-")
    if family.prefix in {"mnasnet", "squeezenet"}:
        return family.title + rest.replace("_", ".")
    if family.prefix == "shufflenet_v2":
        return f"{family.title} ×{rest.lstrip('x').replace('_', '.')}"
    if family.prefix.startswith("regnet"):
        # "1_6gf" are 1.6 billion operations.
        return f"{family.title}-{rest.replace('_', '.').replace('gf', ' GF').replace('mf', ' MF')}"
    words = re.sub(r"(?<=\d)x(?=\d)", "×", rest).split("_")
    if family.prefix in {"vit", "swin", "swin_v2", "maxvit", "efficientnet", "efficientnet_v2"}:
        return f"{family.title}-{'/'.join(word.upper() for word in words)}"
    words = [word.upper() if word == "bn" else word.capitalize() for word in words]
    joint = "" if family.title.endswith("-") else " "
    return f"{family.title}{joint}{' '.join(words)}"
