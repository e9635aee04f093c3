"""The header of a safetensors file: every claim in it is checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from explorer.system.safetensors_header import HeaderError, read_header


def _safetensors(path: Path, header: Any, data: bytes = b"\0" * 8) -> None:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def _entry(**changes: Any) -> dict[str, Any]:
    return {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


def test_a_safetensors_header_is_read(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    _safetensors(path, {"__metadata__": {"made": "today"}, **_entry()})
    assert read_header(path) == ({"w": (2,)}, {"made": "today"})


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (_entry(shape=[2**40, 2**40]), "another size than its bytes"),
        (_entry(shape=[-2]), "a shape"),
        (_entry(shape=[2.0]), "a shape"),
        (_entry(shape=[True, 2]), "a shape"),
        (_entry(shape="2"), "a shape"),
        (_entry(shape=[1] * 9), "a shape"),
        (_entry(data_offsets=[0, 10**12], shape=[25 * 10**10]), "its tensors take"),
        (_entry(data_offsets=[8, 0]), "an offset"),
        (_entry(data_offsets=[4, 12]), "overlap or leave gaps"),
        ({**_entry(), "v": _entry()["w"]}, "overlap or leave gaps"),
        (_entry(dtype="OBJECT"), "cannot be understood"),
        ({"w": 3}, "its header"),
        ([], "is no object"),
        (b'{"w": 1, "w": 1}', "twice"),
        (b"[" * 100_000, "cannot be understood"),
        (b"\xff\xfe", "cannot be understood"),
    ],
)
def test_a_safetensors_header_that_contradicts_itself_is_refused(header: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    _safetensors(path, header)
    with pytest.raises(HeaderError, match=f"w.safetensors is damaged: .*{said}"):
        read_header(path)


def test_a_safetensors_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    for content in (b"", b"\0" * 9, (2**63).to_bytes(8, "little") + b"{}", (30_000_000).to_bytes(8, "little")):
        path.write_bytes(content)
        with pytest.raises(HeaderError, match="cut off"):
            read_header(path)
