"""A run as TensorBoard's event file, written without TensorBoard.

The format is TFRecord (a length, its checksum, a message, its checksum; checksums are masked CRC-32C) around protocol
buffers of type Event, of which three fields and one kind of summary are needed:
tensorflow/core/lib/io/record_writer.cc and tensorflow/core/util/event.proto say how.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from explorer.runs.metrics_columns import MetricsColumns
from explorer.runs.run_folder import Run
from explorer.system import files

_LARGEST = float(np.finfo(np.float32).max)

# Which figure of which split has which tag.
_TAGS = (
    ("train", "loss", "loss/train_step"),
    ("train", "learning_rate", "learning_rate"),
    ("train", "images_per_second", "images_per_second"),
    *(
        (split, figure, f"{figure}/{name}")
        for split, name in (("epoch", "train"), ("validation", "validation"), ("test", "test"))
        for figure in ("loss", "accuracy", "top5", "mean_iou")
    ),
)


def write_events(run: Run, target: Path, _epoch: int | None = None) -> Path:
    """Writes `target`/RUN/events.out.tfevents..., so that TensorBoard pointed at `target` shows the run by its name.

    Raises:
        StorageError: the folder cannot be made or written.
    """
    start = _start(run)
    path = target / run.name / f"events.out.tfevents.{int(start)}.cnn-explorer"
    records = [_record(_number(1, start) + _bytes(3, b"brain.Event:2"))]
    records += [_record(event) for event in _events(run, start)]
    content = b"".join(records)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.storage_error(path, len(content), error) from error
    files.write_atomically(path, content)
    return path.parent


def _events(run: Run, start: float) -> Iterator[bytes]:
    rows = MetricsColumns(run.folder).read_new().rows
    for split, figure, tag in _TAGS:
        columns = rows[split]
        for step, seconds, value in zip(columns["step"], columns["seconds"], columns[figure], strict=True):
            if math.isnan(value):
                continue
            # The format holds 32-bit numbers; packing a larger one fails.
            narrow = value if abs(value) <= _LARGEST else math.copysign(math.inf, value)
            summary = _bytes(1, tag.encode()) + b"\x15" + struct.pack("<f", narrow)
            yield _number(1, start + seconds) + b"\x10" + _varint(int(step)) + _bytes(5, _bytes(1, summary))


def _start(run: Run) -> float:
    try:
        return datetime.fromisoformat(run.record.created).timestamp() if run.record else 0.0
    except (ValueError, OverflowError, OSError):
        return 0.0


def _record(message: bytes) -> bytes:
    length = struct.pack("<Q", len(message))
    return length + _checksum(length) + message + _checksum(message)


def _number(field: int, value: float) -> bytes:
    return bytes([field << 3 | 1]) + struct.pack("<d", value)


def _bytes(field: int, content: bytes) -> bytes:
    return bytes([field << 3 | 2]) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _table() -> tuple[int, ...]:
    # CRC-32C (Castagnoli), reflected.
    entries = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        entries.append(value)
    return tuple(entries)


_CRC = _table()


def crc32c(content: bytes) -> int:
    """The CRC-32C of some bytes (RFC 3720, appendix B.4)."""
    value = 0xFFFFFFFF
    for byte in content:
        value = value >> 8 ^ _CRC[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def _checksum(content: bytes) -> bytes:
    crc = crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
