"""The names and shapes of a safetensors file, from its header alone; every claim in it is checked.

The format (https://github.com/huggingface/safetensors): 8 bytes, the header's length as a little-endian number; the
header, a JSON object of tensor names; the tensors' bytes, without gaps and overlaps.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

_HEADER_LIMIT = 20_000_000
_BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "U16": 16, "I16": 16, "F16": 16, "BF16": 16,
    "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64, "C64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
}  # fmt: skip


class HeaderError(ValueError):
    """A file is no sound safetensors file, or cannot be read; one sentence with its name says why."""


_OF_TORCH = (".pt", ".pth", ".bin", ".ckpt")


class _ContradictionError(ValueError):
    """A header says what cannot be, in words that a reader understands."""


def read_header(path: Path) -> tuple[dict[str, tuple[int, ...]], dict[str, Any]]:
    """Shapes by tensor name, and the file's own remarks (its metadata), which nothing vouches for.

    Raises:
        HeaderError: the file cannot be read, is cut off, or its header contradicts itself.
    """
    try:
        with path.open("rb") as stream:
            size = path.stat().st_size
            length = int.from_bytes(stream.read(8), "little")
            if size < 10 or length > size - 8:
                if path.suffix.lower() in _OF_TORCH:
                    raise HeaderError(
                        f"{path.name} is a file of PyTorch's own kind, which says neither what its classes are called "
                        "nor how pictures are prepared; File > Open shows its network"
                    )
                raise HeaderError(f"{path.name} is cut off, or no safetensors file")
            if length > _HEADER_LIMIT:
                raise HeaderError(f"{path.name} has a header of {length:,} bytes, far too long for weights")
            content = stream.read(length)
    except OSError as error:
        raise HeaderError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        header = json.loads(content, object_pairs_hook=_without_doubles)
        if not isinstance(header, dict):
            raise _ContradictionError("its header is no object")
        remarks = header.pop("__metadata__", {})
        shapes = {name: _shape(entry) for name, entry in header.items()}
        spans = sorted(_span(entry, shapes[name]) for name, entry in header.items())
        end = 0
        for begin, after in spans:
            if begin != end:
                raise _ContradictionError("its tensors overlap or leave gaps")
            end = after
        if end != size - 8 - length:
            raise _ContradictionError(f"its tensors take {end:,} bytes, it has {size - 8 - length:,}")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        words = str(error) if isinstance(error, _ContradictionError) else "its header cannot be understood"
        raise HeaderError(f"{path.name} is damaged: {words}") from error
    return shapes, remarks if isinstance(remarks, dict) else {}


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _ContradictionError("its header names something twice")
    return made


def _shape(entry: Any) -> tuple[int, ...]:
    shape = entry["shape"]
    if (
        not isinstance(shape, list)
        or len(shape) > 8
        or not all(type(side) is int and 0 <= side < 2**48 for side in shape)
    ):
        raise _ContradictionError("a shape in its header is none")
    return tuple(shape)


def _span(entry: Any, shape: tuple[int, ...]) -> tuple[int, int]:
    begin, end = entry["data_offsets"]
    if type(begin) is not int or type(end) is not int or not 0 <= begin <= end:
        raise _ContradictionError("an offset in its header is none")
    if math.prod(shape) * _BITS[entry["dtype"]] != (end - begin) * 8:
        raise _ContradictionError("a tensor in its header has another size than its bytes")
    return begin, end
