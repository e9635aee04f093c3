"""Pictures of every format and oddity, made with Pillow: what people drop on the window by accident or on purpose."""

from __future__ import annotations

import functools
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, PngImagePlugin

ORIENTATION = 0x0112


@dataclass(frozen=True)
class Awkward:
    """A file to make; `is_read` None: either way will do."""

    name: str
    make: Callable[[Path], None]
    is_read: bool | None = True
    size: tuple[int, int] | None = None  # (width, height) that reading gives


@dataclass
class _Case:
    cases: list[Awkward] = field(default_factory=list)

    def add(self, name: str, make: Callable[[Path], Any], is_read: bool | None = True, **more: Any) -> None:
        self.cases.append(Awkward(name, make, is_read, **more))


def seven(mode: str = "L", size: tuple[int, int] = (90, 120), ink: Any = 20, paper: Any = 235) -> Image.Image:
    """A 7 in the middle of a sheet."""
    image = Image.new("L", size, 255)
    w, h = size
    draw = ImageDraw.Draw(image)
    path = [(0.25 * w, 0.2 * h), (0.75 * w, 0.2 * h), (0.42 * w, 0.85 * h)]
    draw.line(path, fill=0, width=max(1, min(size) // 9), joint="curve")
    values = np.asarray(image) / 255
    gray = Image.fromarray((ink + (paper - ink) * values).astype(np.uint8))
    if mode in {"L", "RGB", "1", "CMYK", "YCbCr", "HSV", "LAB", "P"}:
        return gray.convert("RGB").convert(mode) if mode in {"HSV", "LAB", "YCbCr", "CMYK"} else gray.convert(mode)
    if mode in {"RGBA", "LA"}:
        clear = Image.fromarray(((1 - values) * 255).astype(np.uint8))
        black = Image.new(mode[:-1], size, 0 if mode == "LA" else (0, 0, 0))
        black.putalpha(clear)
        return black
    if mode == "I;16":
        return Image.fromarray(np.asarray(gray).astype(np.uint16) * 257)
    if mode == "I":
        return Image.fromarray(np.asarray(gray).astype(np.int32) * 257)
    if mode == "F":
        return Image.fromarray((np.asarray(gray) / 255).astype(np.float32))
    raise ValueError(mode)


def saving(image: Callable[[], Image.Image], form: str, **options: Any) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        image().save(path, form, **options)

    return make


def writing(content: bytes | Callable[[], bytes]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(content if isinstance(content, bytes) else content())

    return make


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_claiming(width: int, height: int, rows: bytes = bytes(100)) -> bytes:
    """A PNG that claims this size and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def png_bomb(side: int) -> bytes:
    """A PNG of so many pixels a side, all of them there, in a few kilobytes."""
    return png_claiming(side, side, bytes((side + 1) * side))


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def animation(count: int = 4, size: tuple[int, int] = (60, 80)) -> list[Image.Image]:
    return [seven("RGB", size, ink=10 + 20 * number) for number in range(count)]


def _frames(form: str, count: int = 4, **options: Any) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        first, *others = animation(count)
        first.save(path, form, save_all=True, append_images=others, **options)

    return make


def _oriented(form: str, number: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        exif = Image.Exif()
        exif[ORIENTATION] = number
        seven("RGB").save(path, form, exif=exif)

    return make


def _many_chunks(path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    for number in range(3000):
        info.add_text(f"key {number}", "x" * 20)
    seven().save(path, "PNG", pnginfo=info)


def _huge_text(path: Path) -> None:
    whole = encoded(seven(), "PNG")
    text = chunk(b"zTXt", b"bomb\x00\x00" + zlib.compress(bytes(80_000_000)))
    path.write_bytes(whole[:33] + text + whole[33:])


def _cyclic_tiff(path: Path) -> None:
    content = bytearray(encoded(seven(), "TIFF"))
    start = struct.unpack_from("<I", content, 4)[0]
    count = struct.unpack_from("<H", content, start)[0]
    struct.pack_into("<I", content, start + 2 + 12 * count, start)
    path.write_bytes(bytes(content))


def _fits(path: Path) -> None:
    cards = ["SIMPLE  =                    T", "BITPIX  =                    8", "NAXIS   =                    2"]
    cards += ["NAXIS1  =                   60", "NAXIS2  =                   80", "END"]
    head = "".join(card.ljust(80) for card in cards).ljust(2880).encode()
    path.write_bytes(head + np.asarray(seven(size=(60, 80))).tobytes())


def _svg() -> bytes:
    return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><rect width="10" height="10"/></svg>'


def small_cases() -> tuple[Awkward, ...]:
    """Some 190 files that take next to no time to make."""
    made = _Case()
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        made.add(f"png-{mode.replace(';', '')}.png", saving(lambda mode=mode: seven(mode), "PNG"), size=(90, 120))
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I;16", "I", "F"):
        for packed in (None, "tiff_lzw", "tiff_adobe_deflate"):
            if packed and mode in {"YCbCr", "LAB", "1"}:
                continue
            name = f"tiff-{mode.replace(';', '')}-{packed}.tif"
            made.add(name, saving(lambda mode=mode: seven(mode), "TIFF", compression=packed), size=(90, 120))
    made.add("tiff-g4.tif", saving(lambda: seven("1"), "TIFF", compression="group4"))
    made.add("tiff-jpeg.tif", saving(lambda: seven("RGB"), "TIFF", compression="jpeg"))
    _usual(made)
    _odd(made)
    _damaged(made)
    return tuple(made.cases)


def _usual(made: _Case) -> None:
    for mode in ("L", "RGB", "CMYK", "YCbCr"):
        made.add(f"jpeg-{mode}.jpg", saving(lambda mode=mode: seven(mode), "JPEG", quality=90))
    made.add("jpeg-progressive.jpg", saving(lambda: seven("RGB"), "JPEG", progressive=True))
    for number in range(1, 10):
        size = (120, 90) if number in {5, 6, 7, 8} else (90, 120)
        made.add(f"turned-{number}.jpg", _oriented("JPEG", number), size=size)
    for form, suffix in (("PNG", "png"), ("TIFF", "tif"), ("WEBP", "webp"), ("AVIF", "avif")):
        made.add(f"turned-6.{suffix}", _oriented(form, 6), size=(120, 90))
    for form, suffix, modes in (
        ("BMP", "bmp", ("1", "L", "P", "RGB", "RGBA")),
        ("GIF", "gif", ("1", "L", "P", "RGB")),
        ("WEBP", "webp", ("L", "RGB", "RGBA")),
        ("AVIF", "avif", ("L", "RGB", "RGBA")),
        ("JPEG2000", "jp2", ("L", "RGB", "RGBA")),
        ("TGA", "tga", ("L", "RGB", "RGBA")),
        ("PCX", "pcx", ("1", "L", "RGB")),
        ("PPM", "ppm", ("1", "L", "RGB", "I;16")),
        ("SGI", "sgi", ("L", "RGB", "RGBA")),
        ("DDS", "dds", ("L", "RGB", "RGBA")),
        ("QOI", "qoi", ("RGB", "RGBA")),
        ("MSP", "msp", ("1",)),
        ("XBM", "xbm", ("1",)),
        ("SPIDER", "spi", ("F",)),
        ("ICNS", "icns", ("RGBA",)),
        ("PALM", "palm", ("P",)),
        ("PDF", "pdf", ("RGB",)),
        ("EPS", "eps", ("RGB",)),
    ):
        readable = None if form == "BMP" else form not in {"PALM", "PDF", "EPS"}
        for mode in modes:
            size = (128, 128) if form == "ICNS" else (90, 120)
            made.add(
                f"{form.lower()}-{mode.replace(';', '')}.{suffix}",
                saving(lambda mode=mode, size=size: seven(mode, size), form),
                readable,
                size=size if readable and form != "ICNS" else None,
            )
    made.add(
        "icon.ico",
        saving(lambda: seven("RGBA", (128, 128)), "ICO", sizes=[(16, 16), (32, 32), (128, 128)]),
        size=(128, 128),
    )


def _odd(made: _Case) -> None:
    made.add("wide.png", saving(lambda: seven("L", (900, 12)), "PNG"), None)
    made.add("tall.png", saving(lambda: seven("L", (7, 1200)), "PNG"), None)
    for side in (1, 2, 3):
        made.add(f"side-{side}.png", saving(lambda side=side: Image.new("L", (side, side), 9), "PNG"), None)
    made.add("blank.png", saving(lambda: Image.new("RGB", (50, 50), "white"), "PNG"), None)
    made.add("clear.png", saving(lambda: Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG"), None)
    for form, suffix in (("GIF", "gif"), ("WEBP", "webp"), ("PNG", "png"), ("AVIF", "avif")):
        made.add(f"animated.{suffix}", _frames(form, duration=50), size=(60, 80))
    made.add("pages.tif", _frames("TIFF"), size=(60, 80))
    made.add("cyclic.tif", _cyclic_tiff)
    made.add("many-chunks.png", _many_chunks)
    made.add("fits.fits", _fits)
    made.add("nan.tif", saving(lambda: Image.fromarray(np.full((20, 20), np.nan, np.float32)), "TIFF"), None)
    slope = np.linspace(-5, 5, 400).reshape(20, 20).astype(np.float32)
    made.add("negative.tif", saving(lambda: Image.fromarray(slope), "TIFF"), None)
    made.add("infinite.tif", saving(lambda: Image.fromarray(np.full((9, 9), np.inf, np.float32)), "TIFF"), None)
    made.add("ends-wrongly.jpg", saving(lambda: seven("RGB"), "PNG"))
    made.add("no-ending", saving(lambda: seven("RGB"), "PNG"))
    made.add("spaces and ümläute 七.png", saving(seven, "PNG"))
    made.add("palette-clear.gif", saving(lambda: seven("P"), "GIF", transparency=0))
    made.add("palette-clear.png", saving(lambda: seven("P"), "PNG", transparency=b"\x00\x80\xff" + bytes([255]) * 253))
    made.add("interlaced.gif", saving(lambda: seven("P"), "GIF", interlace=1))
    made.add("plain.pgm", writing(b"P2\n3 3\n9\n0 1 2\n3 4 5\n6 7 8\n"), None)
    made.add("deep.pgm", writing(b"P5\n4 4\n1023\n" + bytes(range(32))), None)


def _damaged(made: _Case) -> None:
    for form in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "AVIF", "JPEG2000", "ICO", "TGA", "QOI"):
        whole = functools.partial(encoded, seven("RGB", (64, 64)), form)
        for share in (0.05, 0.5, 0.9):
            made.add(
                f"cut-{share}.{form.lower()}",
                writing(lambda whole=whole, share=share: whole()[: int(len(whole()) * share)]),
                None,
            )
        made.add(f"bytes-wrong.{form.lower()}", writing(lambda whole=whole: _spoilt(whole())), None)
    for name, content in (
        ("empty.png", b""),
        ("text.png", b"this is not a picture\n" * 20),
        ("html.jpg", b"<!doctype html><html><body>404</body></html>"),
        ("zeros.png", bytes(5000)),
        ("drawing.svg", _svg()),
        ("document.pdf", b"%PDF-1.7\n%..."),
        ("script.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nquit\n"),
        ("archive.png", b"PK\x03\x04" + bytes(100)),
        ("heic.heic", b"\x00\x00\x00\x18ftypheic" + bytes(100)),
        ("film.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(100)),
        ("head.png", b"\x89PNG\r\n\x1a\n"),
        ("zero-size.png", png_claiming(0, 0)),
        ("no-rows.png", png_claiming(50, 50)),
        ("claims-9000.png", png_claiming(9000, 9000)),
        ("claims-60000.png", png_claiming(60_000, 60_000)),
        ("claims-all.png", png_claiming(2**31 - 1, 2**31 - 1)),
        ("claims.gif", b"GIF89a" + b"\xff" * 4 + b"\x80" + bytes(8) + b"," + bytes(4) + b"\xff" * 4 + b"\x00\x02\x00;"),
        ("claims.bmp", encoded(seven("RGB"), "BMP")[:18] + struct.pack("<ii", 50_000, 50_000) + bytes(100)),
        ("claims.ppm", b"P6\n90000 90000\n255\n" + bytes(100)),
        ("claims.qoi", b"qoif" + struct.pack(">II", 40_000, 40_000) + b"\x03\x00" + bytes(50)),
        ("claims.webp", b"RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\x00\x00\x00\xff\x3f\x00\xff\x3f\x00"),
        ("claims.tga", b"\x00\x00\x02" + bytes(9) + b"\xff\xff\xff\xff\x18\x00" + bytes(50)),
    ):
        made.add(name, writing(content), False)
    made.add("text-bomb.png", _huge_text, None)


def _spoilt(whole: bytes) -> bytes:
    """A file with some of its bytes changed."""
    random = np.random.default_rng(len(whole))
    content = bytearray(whole)
    for place in random.integers(8, len(content), max(1, len(content) // 50)):
        content[place] = int(random.integers(0, 256))
    return bytes(content)


def large_cases() -> Iterator[Awkward]:
    """Files that take long to make or to read: large ones, slow ones, bombs."""
    big = (8000, 8000)
    made = _Case()
    made.add("large-rgb.png", saving(lambda: seven("RGB", big), "PNG", compress_level=1))
    made.add("large-rgba.png", saving(lambda: seven("RGBA", big), "PNG", compress_level=1))
    made.add("large-l.png", saving(lambda: seven("L", big), "PNG", compress_level=1))
    made.add("large-i16.png", saving(lambda: seven("I;16", big), "PNG", compress_level=1))
    made.add("large-p.gif", saving(lambda: seven("P", (7000, 9000)), "GIF"))
    made.add("large.jpg", saving(lambda: seven("RGB", big), "JPEG", quality=80))
    made.add("large-444.jpg", saving(lambda: seven("RGB", big), "JPEG", quality=95, subsampling=0))
    made.add("large-cmyk.jpg", saving(lambda: seven("CMYK", big), "JPEG", quality=80))
    made.add("large-progressive.jpg", saving(lambda: seven("RGB", (7000, 6000)), "JPEG", progressive=True), None)
    made.add("huge-progressive.jpg", saving(lambda: seven("RGB", (14_000, 12_000)), "JPEG", progressive=True), False)
    made.add("huge.jpg", saving(lambda: seven("L", (16_320, 12_240)), "JPEG", quality=70))
    made.add("huge-rgb.jpg", saving(lambda: seven("RGB", (16_320, 12_240)), "JPEG", quality=70))
    made.add("hugest.jpg", saving(lambda: seven("L", (19_500, 20_000)), "JPEG", quality=50))
    made.add("noise.png", lambda path: _noise((6000, 6000)).save(path, "PNG", compress_level=1), None)
    made.add("noise.jpg", lambda path: _noise((8000, 8000)).save(path, "JPEG", quality=95), None)
    made.add("noise-lossless.webp", lambda path: _noise((3000, 3000)).save(path, "WEBP", lossless=True, method=0), None)
    made.add("large.webp", saving(lambda: seven("RGB", (4000, 4000)), "WEBP", method=0))
    made.add("larger.webp", saving(lambda: seven("RGB", (6000, 4000)), "WEBP", method=0), None)
    made.add("largest.webp", saving(lambda: seven("RGB", (8000, 8000)), "WEBP", method=0), None)
    made.add("large.avif", saving(lambda: seven("RGB", (4000, 4000)), "AVIF", speed=10))
    made.add("larger.avif", saving(lambda: seven("RGB", (6000, 4000)), "AVIF", speed=10), None)
    made.add("large.jp2", saving(lambda: seven("RGB", (4000, 4000)), "JPEG2000"))
    made.add("larger.jp2", saving(lambda: seven("L", (8000, 8000)), "JPEG2000"))
    made.add("large.tif", saving(lambda: seven("RGB", big), "TIFF"))
    made.add("large-lzw.tif", saving(lambda: seven("RGB", big), "TIFF", compression="tiff_lzw"))
    made.add("large-f.tif", saving(lambda: seven("F", big), "TIFF"))
    made.add("large-rgba.tif", saving(lambda: seven("RGBA", big), "TIFF", compression="tiff_adobe_deflate"))
    made.add("large.bmp", saving(lambda: seven("RGB", big), "BMP"))
    made.add("large.ppm", saving(lambda: seven("RGB", big), "PPM"))
    made.add("large.tga", saving(lambda: seven("RGB", big), "TGA", compression="tga_rle"))
    made.add("large.sgi", saving(lambda: seven("RGB", (5000, 5000)), "SGI"))
    made.add("large.pcx", saving(lambda: seven("RGB", (6000, 6000)), "PCX"))
    made.add("large.qoi", saving(lambda: seven("RGB", (1700, 1700)), "QOI"))
    made.add("larger.qoi", saving(lambda: seven("RGB", (3000, 3000)), "QOI"), False)
    made.add("plain-large.ppm", writing(lambda: b"P3 1200 1200 255\n" + b"12 34 56 " * (1200 * 1200)), None)
    made.add("odd-range.ppm", writing(lambda: b"P6 1200 1200 100\n" + bytes(3 * 1200 * 1200)), None)
    made.add("bomb-7900.png", writing(lambda: png_bomb(7900)), None)
    made.add("bomb-9000.png", writing(lambda: png_bomb(9000)), False)
    made.add("bomb-30000.png", writing(lambda: png_bomb(30_000)), False)
    made.add("frames.gif", _frames("GIF", 300))
    made.add(
        "large-frames.webp",
        lambda path: animation(1, (3000, 3000))[0].save(
            path, "WEBP", save_all=True, append_images=animation(2, (3000, 3000)), method=0
        ),
    )
    made.add("scans.jpg", writing(_many_scans), None)
    made.add("tiny-frames.gif", writing(_tiny_frames))
    yield from made.cases


def _noise(size: tuple[int, int]) -> Image.Image:
    random = np.random.default_rng(0)
    return Image.fromarray(random.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


def _many_scans() -> bytes:
    """A progressive JPEG of 36 megapixels with its last scan repeated a thousand times."""
    whole = encoded(seven("L", (6000, 6000)), "JPEG", progressive=True, quality=30)
    start = whole.rfind(b"\xff\xda")
    tables = whole.rfind(b"\xff\xc4", 0, start)
    last = whole[tables if tables > 0 else start : -2]
    return whole[:-2] + last * 1000 + b"\xff\xd9"


def _tiny_frames() -> bytes:
    first = encoded(seven("P", (60, 80)), "GIF")
    frame = b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02L\x01\x00"
    return first[:-1] + frame * 200_000 + b";"
