"""What a layer costs: parameters, multiply-adds and activation bytes, each with the formula that gives it.

The counting rule: MACs are the multiply-adds of convolutions, transposed convolutions and matrix products (linear,
matmul, bmm, einsum, attention), without biases; FLOPs are twice that. Everything else (normalisation, activations,
pooling, additions) counts nothing, as in torchvision's published figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isqrt, prod
from typing import Any

from torch import Tensor, nn

from explorer.structure.graph import Shape
from explorer.structure.products_inside import Products

BYTES = 4  # float32

Count = tuple[int, str]
NOTHING: Count = (0, "")

_RECURRENT = (nn.RNNBase, nn.modules.rnn.RNNCellBase)
_TRANSFORMERS = (
    nn.Transformer,
    nn.TransformerEncoder,
    nn.TransformerDecoder,
    nn.TransformerEncoderLayer,
    nn.TransformerDecoderLayer,
)
# More terms than these tell a reader nothing.
_MOST_TERMS = 12


def module_parameters(module: nn.Module, count: int) -> str:
    """The formula behind a module's `count` parameters, for example "(5 × 5 × 6 + 1) × 16 = 2,416"."""
    if count == 0:
        return ""
    if isinstance(module, nn.modules.conv._ConvNd):  # noqa: SLF001
        transposed = module.transposed
        inputs = (module.out_channels if transposed else module.in_channels) // module.groups
        outputs = module.in_channels if transposed else module.out_channels
        inside = _times(*module.kernel_size, inputs)
        if module.bias is None:
            formula = f"{inside} × {outputs:,}"
        elif transposed:
            formula = f"{inside} × {outputs:,} + {module.out_channels:,}"
        else:
            formula = f"({inside} + 1) × {outputs:,}"
        biases = module.out_channels if module.bias is not None else 0
        expected = prod((*module.kernel_size, inputs, outputs)) + biases
        return equation(formula, count) if expected == count else _of_tensors(module, count)
    if isinstance(module, nn.Linear):
        biased = module.bias is not None
        if count != (module.in_features + biased) * module.out_features:
            return _of_tensors(module, count)
        inside = f"({module.in_features:,} + 1)" if biased else f"{module.in_features:,}"
        return equation(f"{inside} × {module.out_features:,}", count)
    if isinstance(module, nn.modules.batchnorm._NormBase) and count == 2 * module.num_features:  # noqa: SLF001
        return equation(f"2 × {module.num_features:,}", count)
    return _of_tensors(module, count)


def _of_tensors(module: nn.Module, count: int) -> str:
    """The sum over a module's parameters, its own and those of the modules inside it."""
    shapes = [tuple(parameter.shape) for parameter in module.parameters()]
    if sum(map(prod, shapes)) != count or len(shapes) > _MOST_TERMS:
        return f"{count:,}"
    terms = [_times(*shape) or "1" for shape in shapes]
    return equation(" + ".join(terms), count) if len(terms) > 1 or "×" in terms[0] else f"{count:,}"


def hides_products(module: nn.Module) -> bool:
    """Whether a leaf's matrix products have to be counted while it runs, because no formula here gives them."""
    return isinstance(module, (*_RECURRENT, *_TRANSFORMERS))


def module_macs(module: nn.Module, input_shape: Shape, output_shape: Shape, others: Sequence[Shape] = ()) -> Count:
    """Multiply-adds of a leaf module for one image, and their formula; shapes without the batch.

    `others` are the shapes of the inputs after the first one, such as attention's keys and values.
    """
    if isinstance(module, nn.modules.conv._ConvNd):  # noqa: SLF001
        # A transposed convolution multiplies once per input position, an ordinary one once per output position.
        axes = len(module.kernel_size)
        positions = (input_shape if module.transposed else output_shape)[-axes:]
        factors = (*module.kernel_size, module.in_channels // module.groups, module.out_channels, *positions)
        return _counted(factors)
    if isinstance(module, nn.Linear):
        return _counted((*output_shape[:-1], module.in_features, module.out_features))
    if isinstance(module, nn.Bilinear):
        return _counted((*output_shape[:-1], module.in1_features, module.in2_features, module.out_features))
    if isinstance(module, nn.MultiheadAttention):
        return _attention_macs(module, input_shape, others)
    return NOTHING


def _attention_macs(module: nn.MultiheadAttention, query: Shape, others: Sequence[Shape]) -> Count:
    """Projections of queries, keys and values, scores, the weighted sum, and the output's projection."""
    if len(query) < 2:
        return NOTHING
    width, length = module.embed_dim, query[-2]
    seen = others[0][-2] if others and len(others[0]) > 1 else length
    terms: list[tuple[int, ...]] = [(length, width, width)]
    terms += [(seen, module.kdim, width), (seen, module.vdim, width)]
    terms += [(length, seen, width)] * 2 + [(length, width, width)]
    return of_terms([(term, 1) for term in terms])


def function_macs(
    name: str, args: Sequence[Any], given: Mapping[str, Any], one: Callable[[Tensor], Shape], output_shape: Shape
) -> Count:
    """Multiply-adds of a functional matrix product or convolution for one image.

    `given` are the arguments by name, and `one` gives the shape of a tensor for a batch of one image.
    """
    name = name.rstrip("_")
    name = "matmul" if name in {"mm", "mv", "dot", "inner", "linalg_matmul", "imatmul"} else name
    first, weight = given.get("input"), given.get("weight")
    if name in {"matmul", "bmm"} and args and isinstance(args[0], Tensor):
        return _counted((*output_shape, args[0].shape[-1]))
    if name in {"addmm", "addbmm", "baddbmm", "addmv"} and len(args) > 1 and isinstance(args[1], Tensor):
        outer = args[1].shape[:1] if name == "addbmm" else ()
        return _counted((*outer, *output_shape, args[1].shape[-1]))
    if name == "linear" and isinstance(weight, Tensor):
        return _counted((*output_shape, weight.shape[-1]) if weight.dim() > 1 else (*output_shape, weight.shape[0]))
    if name == "bilinear" and isinstance(weight, Tensor):
        return _counted((*output_shape[:-1], *weight.shape))
    if name in {"conv1d", "conv2d", "conv3d"} and isinstance(weight, Tensor):
        axes = weight.dim() - 2
        return _counted((*weight.shape[2:], weight.shape[1], weight.shape[0], *output_shape[-axes:]))
    if name.startswith("conv_transpose") and isinstance(weight, Tensor) and isinstance(first, Tensor):
        axes = weight.dim() - 2
        return _counted((*weight.shape[2:], weight.shape[1], weight.shape[0], *one(first)[-axes:]))
    if name == "scaled_dot_product_attention":
        query, key, value = (given.get(word) for word in ("query", "key", "value"))
        if isinstance(query, Tensor) and isinstance(key, Tensor) and isinstance(value, Tensor):
            rows = (*(size for size in one(query)[:-1] if size > 1), key.shape[-2])
            return of_terms([((*rows, query.shape[-1]), 1), ((*rows, value.shape[-1]), 1)])
    if name == "einsum":
        return _einsum_macs(args, one)
    if name == "tensordot" and len(args) > 1 and isinstance(args[0], Tensor) and isinstance(args[1], Tensor):
        left, right = one(args[0]), one(args[1])
        inner = isqrt(prod(left) * prod(right) // max(prod(output_shape), 1))
        return _counted((*output_shape, inner))
    return NOTHING


def _einsum_macs(args: Sequence[Any], one: Callable[[Tensor], Shape]) -> Count:
    """Products of two at a time from the left, as torch makes them; counted where an axis is summed over."""
    if not args or not isinstance(args[0], str) or "..." in args[0]:
        return NOTHING
    operands = list(args[1]) if len(args) == 2 and isinstance(args[1], list | tuple) else list(args[1:])
    given, arrow, wanted = args[0].replace(" ", "").partition("->")
    words = given.split(",")
    if len(words) != len(operands) or not all(isinstance(operand, Tensor) for operand in operands):
        return NOTHING
    sizes: dict[str, int] = {}
    for word, operand in zip(words, operands, strict=True):
        if len(word) != operand.dim():
            return NOTHING
        for letter, size in zip(word, one(operand), strict=True):
            sizes[letter] = max(sizes.get(letter, 1), size)
    kept = set(wanted) if arrow else {letter for letter in given if letter.isalpha() and given.count(letter) == 1}
    terms = []
    left = words[0]
    for index, right in enumerate(words[1:], start=1):
        needed = kept.union(*words[index + 1 :])
        letters = dict.fromkeys(left + right)
        if any(letter not in needed and letter in left and letter in right for letter in letters):
            terms.append((tuple(sizes[letter] for letter in letters if sizes[letter] > 1), 1))
        left = "".join(letter for letter in letters if letter in needed)
    return of_terms(terms)


def of_products(products: Products, batch: int) -> Count:
    """Multiply-adds for one image of products that were made for a batch of `batch` images."""
    terms = []
    for made, times in products.times:
        axis = next((index for index, factor in enumerate(made[:-1]) if factor % batch == 0), None)
        if axis is None:
            terms.append((made, times))
            continue
        rest = made[axis] // batch
        terms.append(((*made[:axis], *((rest,) if rest > 1 else ()), *made[axis + 1 :]), times))
    return of_terms(terms)


def of_terms(terms: Sequence[tuple[tuple[int, ...], int]]) -> Count:
    """The sum of products of factors, each so many times, and its formula."""
    summed: dict[tuple[int, ...], int] = {}
    for factors, times in terms:
        summed[factors] = summed.get(factors, 0) + times
    total = sum(prod(factors) * times for factors, times in summed.items())
    if not total:
        return NOTHING
    if len(summed) > _MOST_TERMS:
        return total, f"{sum(summed.values()):,} matrix products: {total:,}"
    words = [_times(*((times,) if times > 1 else ()), *factors) for factors, times in summed.items()]
    return total, equation(" + ".join(words), total)


def activation_bytes(output_shape: Shape) -> Count:
    """Bytes of one image's output in float32, and the formula."""
    size = prod(output_shape) * BYTES
    return size, f"{_times(*output_shape, BYTES)} B = {size:,} B"


def equation(left: str, right: int) -> str:
    return f"{left} = {right:,}"


def _counted(factors: tuple[int, ...]) -> Count:
    total = prod(factors)
    return total, equation(_times(*factors), total)


def _times(*factors: int) -> str:
    return " × ".join([f"{factor:,}" for factor in factors])
