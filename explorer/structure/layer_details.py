"""What a layer of torch.nn was made with, in words: in the fewest characters, and as a list of settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from torch import nn

Settings = tuple[tuple[str, str], ...]


def layer_detail(module: nn.Module) -> str:
    """What a leaf module was made with, in the fewest characters, for example "5×5, pad 2"."""
    row = _row(type(module))  # type: ignore[arg-type]
    return row[0](module) if row is not None else ""


def layer_settings(module: nn.Module) -> Settings:
    """What a leaf module was made with, as (name, value) pairs in words; settings that say nothing are left out."""
    row = _row(type(module))  # type: ignore[arg-type]
    return tuple((name, value) for name, value in row[1](module) if value) if row is not None else ()


def _convolution(module: Any) -> str:
    parts = [_short(module.kernel_size)]
    if any(step != 1 for step in module.stride):
        parts.append(f"/{_one(module.stride)}")
    if module.padding not in {0, (0,) * len(module.kernel_size)}:
        parts.append(f"pad {_one(module.padding)}")
    if module.transposed and any(module.output_padding):
        parts.append(f"output pad {_one(module.output_padding)}")
    if any(rate != 1 for rate in module.dilation):
        parts.append(f"dilation {_one(module.dilation)}")
    if module.groups != 1:
        parts.append(f"{module.groups} groups")
    return ", ".join(parts)


def _convolution_settings(module: Any) -> Settings:
    return (
        ("in channels", f"{module.in_channels:,}"),
        ("out channels", f"{module.out_channels:,}"),
        ("kernel", _long(module.kernel_size)),
        ("stride", _long(module.stride)),
        ("padding", module.padding if isinstance(module.padding, str) else _long(module.padding)),
        ("dilation", _long(module.dilation) if any(rate != 1 for rate in module.dilation) else ""),
        ("groups", str(module.groups)),
        ("bias", _yes(module.bias is not None)),
        ("padding mode", module.padding_mode if module.padding_mode != "zeros" else ""),
    )


def _pool(module: Any) -> str:
    kernel, stride, padding = _window(module)
    parts = [_short(kernel)]
    if stride != kernel:
        parts.append(f"/{_one(stride)}")
    if any(padding):
        parts.append(f"pad {_one(padding)}")
    return ", ".join(parts)


def _pool_settings(module: Any) -> Settings:
    kernel, stride, padding = _window(module)
    return (
        ("kernel", _long(kernel)),
        ("stride", _long(stride)),
        ("padding", _long(padding)),
        ("ceil mode", "yes" if module.ceil_mode else ""),
    )


def _window(module: Any) -> tuple[tuple[Any, ...], tuple[Any, ...], tuple[Any, ...]]:
    axes = int(type(module).__name__[-2]) if type(module).__name__[-2].isdigit() else 2
    stride = module.kernel_size if module.stride is None else module.stride
    return _each(module.kernel_size, axes), _each(stride, axes), _each(module.padding, axes)


def _upsample(module: Any) -> str:
    return f"×{_one(module.scale_factor)}" if module.scale_factor else f"to {_short(_each(module.size))}"


def _pad_settings(module: Any) -> Settings:
    left, right, top, bottom = (*_each(module.padding), 0, 0)[:4]
    return (("padding", f"left {left}, right {right}, top {top}, bottom {bottom}"),)


def _nothing(_module: Any) -> Settings:
    return ()


# The first row whose classes fit a layer describes it.
_ROWS: tuple[tuple[tuple[type[nn.Module], ...], Callable[[Any], str], Callable[[Any], Settings]], ...] = (
    ((nn.modules.conv._ConvNd,), _convolution, _convolution_settings),  # noqa: SLF001 - their only common class
    ((nn.modules.pooling._MaxPoolNd, nn.modules.pooling._AvgPoolNd), _pool, _pool_settings),  # noqa: SLF001
    (
        (nn.modules.pooling._AdaptiveAvgPoolNd, nn.modules.pooling._AdaptiveMaxPoolNd),  # noqa: SLF001
        lambda m: f"to {_short(_each(m.output_size))}",
        lambda m: (("output", _long(_each(m.output_size))),),
    ),
    (
        (nn.Linear,),
        lambda m: f"{m.in_features}→{m.out_features}",
        lambda m: (
            ("inputs", f"{m.in_features:,}"),
            ("outputs", f"{m.out_features:,}"),
            ("bias", _yes(m.bias is not None)),
        ),
    ),
    (
        (nn.modules.batchnorm._NormBase,),  # noqa: SLF001
        lambda m: str(m.num_features),
        lambda m: (("channels", str(m.num_features)), ("epsilon", f"{m.eps:g}")),
    ),
    (
        (nn.LocalResponseNorm,),
        lambda _: "",
        lambda m: (("size", str(m.size)), ("alpha", f"{m.alpha:g}"), ("beta", f"{m.beta:g}")),
    ),
    (
        (nn.MultiheadAttention,),
        lambda m: f"{m.num_heads} head{'s' if m.num_heads != 1 else ''} of {m.head_dim}",
        lambda m: (
            ("width", f"{m.embed_dim:,}"),
            ("heads", str(m.num_heads)),
            ("bias", _yes(m.in_proj_bias is not None)),
        ),
    ),
    (
        (nn.GroupNorm,),
        lambda m: f"{m.num_groups} groups of {m.num_channels // m.num_groups}",
        lambda m: (
            ("channels", f"{m.num_channels:,}"),
            ("groups", str(m.num_groups)),
            ("epsilon", f"{m.eps:g}"),
        ),
    ),
    (
        (nn.LayerNorm, nn.RMSNorm),
        lambda m: _short(m.normalized_shape),
        lambda m: (("shape", _long(m.normalized_shape)), ("epsilon", "" if m.eps is None else f"{m.eps:g}")),
    ),
    ((nn.modules.padding._ConstantPadNd,), lambda m: f"by {_one(_each(m.padding))}", _pad_settings),  # noqa: SLF001
    ((nn.Upsample,), _upsample, lambda m: (("mode", m.mode),)),
    ((nn.PixelShuffle,), lambda m: f"×{m.upscale_factor}", _nothing),
    (
        (nn.Softmax, nn.LogSoftmax),
        lambda m: "" if m.dim is None else f"over axis {m.dim}",
        lambda m: (("axis", "" if m.dim is None else str(m.dim)),),
    ),
    (
        (nn.modules.dropout._DropoutNd,),  # noqa: SLF001
        lambda m: f"p {m.p:g}",
        lambda m: (("probability", f"{m.p:g}"),),
    ),
)


@cache
def _row(type_: type) -> tuple[Callable[[Any], str], Callable[[Any], Settings]] | None:
    return next(((detail, settings) for classes, detail, settings in _ROWS if issubclass(type_, classes)), None)


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


def _each(value: Any, axes: int = 2) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, Iterable) else (value,) * axes


def _short(values: Iterable[Any]) -> str:
    return "×".join(str(value) for value in values)


def _long(values: Iterable[Any]) -> str:
    return " × ".join(str(value) for value in values)


def _one(values: Any) -> str:
    if isinstance(values, str):
        return values
    values = _each(values)
    return str(values[0]) if len(set(values)) == 1 else _short(values)
