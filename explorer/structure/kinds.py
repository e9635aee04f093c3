"""What each torch layer or function is called in a textbook."""

from __future__ import annotations

from functools import cache

from torch import nn

from explorer.structure.graph import Kind

_MODULE_KINDS: tuple[tuple[Kind, tuple[type[nn.Module], ...]], ...] = (
    (Kind.CONVOLUTION, (nn.modules.conv._ConvNd,)),  # noqa: SLF001 - the only common class of all convolutions
    (
        Kind.POOLING,
        (
            nn.modules.pooling._MaxPoolNd,  # noqa: SLF001
            nn.modules.pooling._AvgPoolNd,  # noqa: SLF001
            nn.modules.pooling._AdaptiveAvgPoolNd,  # noqa: SLF001
            nn.modules.pooling._AdaptiveMaxPoolNd,  # noqa: SLF001
        ),
    ),
    (
        Kind.NORMALISATION,
        (
            nn.modules.batchnorm._NormBase,  # noqa: SLF001
            nn.LayerNorm,
            nn.GroupNorm,
            nn.RMSNorm,
            nn.LocalResponseNorm,
        ),
    ),
    (Kind.LINEAR, (nn.Linear, nn.Bilinear)),
    (Kind.DROPOUT, (nn.modules.dropout._DropoutNd,)),  # noqa: SLF001
    (
        Kind.RESHAPE,
        (
            nn.Flatten,
            nn.Unflatten,
            nn.Identity,
            nn.PixelShuffle,
            nn.PixelUnshuffle,
            nn.ChannelShuffle,
            nn.Upsample,
            nn.modules.padding._ConstantPadNd,  # noqa: SLF001
            nn.modules.padding._ReflectionPadNd,  # noqa: SLF001
            nn.modules.padding._ReplicationPadNd,  # noqa: SLF001
            nn.modules.padding._CircularPadNd,  # noqa: SLF001
        ),
    ),
)

_FUNCTION_KINDS: dict[Kind, frozenset[str]] = {
    Kind.JOIN: frozenset(
        {
            "add", "iadd", "sub", "isub", "rsub", "mul", "imul", "multiply", "div", "itruediv", "maximum",
            "minimum", "lerp", "where", "addcmul", "cat", "concat", "concatenate", "stack", "hstack", "vstack",
            "dstack",
        }
    ),
    Kind.ACTIVATION: frozenset(
        {
            "relu", "relu6", "tanh", "sigmoid", "gelu", "silu", "hardswish", "hardsigmoid", "hardtanh", "leaky_relu",
            "elu", "selu", "celu", "mish", "prelu", "rrelu", "glu", "softplus", "softsign", "logsigmoid", "threshold",
            "softmax", "log_softmax", "softmin", "tanhshrink", "hardshrink", "softshrink", "swish",
        }
    ),
    Kind.POOLING: frozenset(
        {
            "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d", "lp_pool1d",
            "lp_pool2d", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", "adaptive_max_pool1d",
            "adaptive_max_pool2d", "adaptive_max_pool3d", "fractional_max_pool2d", "max_unpool2d", "boolean_dispatch",
            "mean",
        }
    ),
    Kind.CONVOLUTION: frozenset(
        {"conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "deform_conv2d"}
    ),
    Kind.NORMALISATION: frozenset(
        {"batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm", "local_response_norm", "normalize"}
    ),
    Kind.LINEAR: frozenset(
        {
            "linear", "bilinear", "matmul", "imatmul", "mm", "mv", "dot", "inner", "bmm", "addmm", "addbmm", "baddbmm",
            "addmv", "tensordot", "einsum", "scaled_dot_product_attention", "multi_head_attention_forward",
            "shifted_window_attention",
        }
    ),
    Kind.DROPOUT: frozenset(
        {
            "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout",
            "feature_alpha_dropout", "stochastic_depth", "drop_path", "drop_block2d", "drop_block3d",
        }
    ),
    Kind.RESHAPE: frozenset(
        {
            "flatten", "unflatten", "ravel", "view", "view_as", "reshape", "reshape_as", "squeeze", "unsqueeze",
            "transpose", "swapaxes", "swapdims", "permute", "movedim", "moveaxis", "t", "T", "mT", "H", "mH", "pad",
            "getitem", "select", "index_select", "gather", "narrow", "diagonal", "chunk", "split", "split_with_sizes",
            "tensor_split", "unbind", "expand", "expand_as", "repeat", "repeat_interleave", "tile", "broadcast_to",
            "contiguous", "clone", "detach", "to", "type_as", "float", "half", "double", "roll", "flip", "rot90",
            "interpolate", "upsample", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "native_channel_shuffle",
            "unfold", "fold", "grid_sample", "setitem",
        }
    ),
}  # fmt: skip
_KIND_OF_FUNCTION = {name: kind for kind, names in _FUNCTION_KINDS.items() for name in names}


VIEWS = frozenset(
    {
        "flatten", "unflatten", "ravel", "view", "view_as", "reshape", "reshape_as", "squeeze", "unsqueeze",
        "transpose", "swapaxes", "swapdims", "permute", "movedim", "moveaxis", "t", "T", "mT", "H", "mH", "getitem",
        "select", "narrow", "diagonal", "chunk", "split", "split_with_sizes", "tensor_split", "unbind", "expand",
        "expand_as", "broadcast_to", "detach",
    }
)  # fmt: skip
"""Functions that hand on the memory of their input; other reshapes, such as padding, write a new tensor."""


def is_view(module: nn.Module) -> bool:
    """Whether a leaf module hands on the memory of its input."""
    return isinstance(module, nn.Flatten | nn.Unflatten | nn.Identity)


def module_kind(module: nn.Module) -> Kind:
    """The kind of a leaf module; our own layers say it in an attribute `kind`."""
    own = getattr(module, "kind", None)
    if isinstance(own, str) and own in {kind.value for kind in Kind}:
        return Kind(own)
    return _kind_of_type(type(module))  # type: ignore[arg-type]


@cache
def _kind_of_type(type_: type) -> Kind:
    for kind, classes in _MODULE_KINDS:
        if issubclass(type_, classes):
            return kind
    if type_.__module__ == "torch.nn.modules.activation":
        return Kind.LINEAR if issubclass(type_, nn.MultiheadAttention) else Kind.ACTIVATION
    return Kind.OTHER


def function_kind(name: str) -> Kind:
    """The kind of a functional operation by its name in torch."""
    return _KIND_OF_FUNCTION.get(name) or _KIND_OF_FUNCTION.get(name.rstrip("_"), Kind.OTHER)
