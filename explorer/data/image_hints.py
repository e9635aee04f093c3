"""What a file is that cannot be read as a picture, told by its first bytes, and what to do about it."""

from __future__ import annotations

import importlib
from pathlib import Path

from PIL import Image

_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_AVIF = frozenset({b"avif", b"avis"})
_READERS = ("pi_heif", "pillow_heif")
"""Packages that teach Pillow HEIC; the first decodes only, and is the smaller one."""
_KINDS = (
    (b"%PDF", "is a PDF document and not a picture; export its page as PNG"),
    (b"%!PS", "is a Postscript document, a program and not a picture; export it as PNG"),
    (b"PK\x03\x04", "is an archive or an office document and not a picture; unpack or export the one in it"),
    (b"\x1f\x8b", "is a compressed archive and not a picture; unpack it first"),
    (b"\x1aE\xdf\xa3", "is a film and not a picture; save one picture of it"),
    (b"ID3", "is a sound and not a picture"),
    (b"RIFF", "is a film, a sound or a damaged WebP, and not a picture that can be read"),
    (b"\xd7\xcd\xc6\x9a", "is a drawing of lines (WMF) and not a picture of pixels; export it as PNG"),
    (b"\x7fELF", "is a program and not a picture"),
    (b"MZ", "is a program and not a picture"),
)
_MAGIC = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"BM", "BMP"),
    (b"\x00\x00\x01\x00", "ICO"),
)
_FILMS = (b"isom", b"mp4", b"qt ", b"M4V", b"3gp")


def prepare_for(path: Path) -> None:
    """Teaches Pillow HEIC where the file is one and a package for it is installed."""
    if _brand(path) not in _HEIC or "HEIF" in Image.OPEN:
        return
    for name in _READERS:
        try:
            importlib.import_module(name).register_heif_opener()
        except (ImportError, OSError, AttributeError):
            continue
        return


def why_not(path: Path) -> str:
    """The end of a sentence that begins with the file's name."""
    with path.open("rb") as stream:
        head = stream.read(512)
    if not head:
        return "is empty, and not a picture"
    brand = _brand(path)
    if brand in _HEIC and "HEIF" not in Image.OPEN:
        return "is a HEIC picture: pip install 'cnn-explorer[heic]' makes the program read it, or save it as JPEG"
    if brand in _AVIF and "AVIF" not in Image.OPEN:
        return "is an AVIF picture, which Pillow 11.3 and later read: pip install --upgrade Pillow, or save it as PNG"
    if brand.startswith(_FILMS):
        return "is a film and not a picture; save one picture of it"
    for begin, sentence in _KINDS:
        if head.startswith(begin):
            return sentence
    for begin, name in _MAGIC:
        if head.startswith(begin):
            return f"begins as {name} does, but is damaged: it is not a picture that can be read"
    if b"<svg" in head.lower():
        return "is a drawing of lines (SVG) and not a picture of pixels; export it as PNG"
    if _is_text(head):
        return "is not a picture: it holds text"
    return "is not a picture in a format that can be read"


def _brand(path: Path) -> bytes:
    """The brand of a file in ISO's container (ISO/IEC 14496-12), such as b"heic"; b"" of others."""
    with path.open("rb") as stream:
        head = stream.read(12)
    return head[8:12] if head[4:8] == b"ftyp" else b""


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # not merely cut within a letter
            return False
        text = head[: error.start].decode("utf-8")
    return all(letter.isprintable() or letter in "\t\r\n\f" for letter in text)
