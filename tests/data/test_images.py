from __future__ import annotations

import contextlib
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from explorer.data import image_limits, image_rows, picture_files
from explorer.data.images import ImageError, read_image, read_picture, size_and_mode

RAMP = np.arange(0, 240, 4, dtype=np.uint8).reshape(6, 10)


def saved(image: Image.Image, path: Path, **options: object) -> Path:
    image.save(path, **options)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.gif", "a.tif", "a.webp", "a.pgm"])
def test_grayscale_of_any_format_becomes_rgb(tmp_path: Path, name: str) -> None:
    options = {"lossless": True} if name.endswith("webp") else {}
    read = read_image(saved(Image.fromarray(RAMP), tmp_path / name, **options))
    assert read.dtype == np.uint8
    assert read.shape == (6, 10, 3)
    assert np.array_equal(read[..., 1], RAMP)


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    deep = RAMP.astype(np.uint16) * 257
    for name in ("a.png", "a.tif"):
        read = read_image(saved(Image.fromarray(deep), tmp_path / name))
        assert np.array_equal(read[..., 0], RAMP)


def test_fractions_in_a_tiff_become_eight_bits(tmp_path: Path) -> None:
    read = read_image(saved(Image.fromarray((RAMP / 255).astype(np.float32)), tmp_path / "a.tif"))
    assert np.abs(read[..., 0].astype(int) - RAMP).max() <= 1


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), "white")
    image.paste("black", (0, 0, 20, 20))  # the left half
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    read = read_image(saved(image, tmp_path / "a.jpg", exif=exif, quality=95))
    assert read.shape == (40, 20, 3)
    assert read[:15].max() < 40
    assert read[25:].min() > 215


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    read = read_image(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), tmp_path / "a.jpg", quality=95))
    assert read.shape == (8, 8, 3)
    assert read[4, 4, 0] > 200
    assert read[4, 4, 1:].max() < 60


def test_transparency_of_a_palette_is_kept(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 250, 10, 20])
    image.putpixel((2, 1), 0)
    read = read_image(saved(image, tmp_path / "a.png", transparency=0))
    assert read.shape == (4, 4, 4)
    assert read[1, 2, 3] == 0
    assert read[0, 0].tolist() == [250, 10, 20, 255]


def test_gray_with_alpha_has_four_channels(tmp_path: Path) -> None:
    read = read_image(saved(Image.new("LA", (3, 3), (7, 90)), tmp_path / "a.png"))
    assert read[0, 0].tolist() == [7, 7, 7, 90]


@pytest.mark.parametrize("name", ["a.gif", "a.tif"])
def test_the_first_of_several_pictures_is_read(tmp_path: Path, name: str) -> None:
    pages = [Image.new("L", (5, 5), value) for value in (200, 100, 0)]
    read = read_image(saved(pages[0], tmp_path / name, save_all=True, append_images=pages[1:]))
    assert read[2, 2].tolist() == [200, 200, 200]


def test_one_bit_pictures_are_black_and_white(tmp_path: Path) -> None:
    read = read_image(saved(Image.fromarray(RAMP > 100), tmp_path / "a.png"))
    assert set(np.unique(read)) == {0, 255}


def png_header(width: int, height: int) -> bytes:
    """The beginning of a PNG that claims this size and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [9_000, 12_000, 60_000])
def test_a_picture_that_claims_to_be_huge_is_refused(tmp_path: Path, side: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(side, side))
    with pytest.raises(ImageError, match=r"bomb\.png has .* pixels; at most 64 megapixels"):
        read_image(path)


def test_a_large_jpeg_is_decoded_smaller(tmp_path: Path) -> None:
    read = read_image(saved(Image.new("L", (10_000, 6_600), 90), tmp_path / "a.jpg", quality=50))
    assert read.shape == (3300, 5000, 3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a picture"),
        (b"hello", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not a picture"),
        (png_header(50, 50), "cannot be read"),
        (b"GIF89a\x05\x00\x05\x00", "not a picture"),
        (png_header(50, 50)[:40], "cannot be read|not a picture"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "some file.png"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message) as caught:
        read_image(path)
    assert "some file.png" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_picture_cut_short_anywhere_raises_no_other_error(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    noise = Image.fromarray(random.integers(0, 256, (24, 24, 3)).astype(np.uint8))
    for name in ("a.png", "a.jpg", "a.gif", "a.tif", "a.bmp", "a.webp"):
        whole = saved(noise, tmp_path / name).read_bytes()
        for length in range(1, len(whole), max(1, len(whole) // 40)):
            path = tmp_path / name
            path.write_bytes(whole[:length])
            # The last rows may be missing without the format noticing; any other error would fail the test.
            with contextlib.suppress(ImageError):
                assert read_image(path).ndim == 3


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"there is no file .*none\.png"):
        read_image(tmp_path / "none.png")
    with pytest.raises(ImageError, match="cannot be read: it is a folder without pictures"):
        read_image(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(ImageError, match="is not a file"):
        read_image(tmp_path / "pipe.png")


MARKED = np.array([[10, 60, 110], [160, 210, 255]], np.uint8)
UPRIGHT = {
    1: MARKED,
    2: MARKED[:, ::-1],
    3: MARKED[::-1, ::-1],
    4: MARKED[::-1],
    5: MARKED.T,
    6: np.rot90(MARKED, -1),
    7: MARKED[::-1, ::-1].T,
    8: np.rot90(MARKED),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp"])
def test_all_eight_ways_to_hold_a_camera_are_turned_upright(tmp_path: Path, name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if name.endswith("webp") else {}
    read = read_image(saved(Image.fromarray(MARKED), tmp_path / name, exif=exif, **options))
    assert np.array_equal(read[..., 0], UPRIGHT[orientation])
    assert size_and_mode(tmp_path / name)[:2] == read.shape[1::-1]
    assert read_picture(tmp_path / name).remarks == ()


def test_frames_are_counted_chosen_and_told(tmp_path: Path) -> None:
    pages = [Image.new("L", (5, 5), value) for value in (200, 100, 0)]
    for name in ("a.gif", "a.tif", "a.png"):
        path = saved(pages[0], tmp_path / name, save_all=True, append_images=pages[1:])
        first, last = read_picture(path), read_picture(path, frame=2)
        assert (first.frame, first.frames, last.frame, last.frames) == (0, 3, 2, 3)
        assert (int(first.pixels[2, 2, 0]), int(last.pixels[2, 2, 0])) == (200, 0)
        assert first.remarks == (f"{name} holds 3 pictures; the first is read",)
        with pytest.raises(ImageError, match="3 frames, and none of number 3"):
            read_picture(path, frame=3)


def test_what_is_kept_of_a_large_picture_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_rows, "KEPT_PIXELS", 5_000)
    monkeypatch.setattr(image_rows, "_PIXELS_AT_ONCE", 1_000)  # several strips
    values = np.random.default_rng(0).integers(0, 256, (90, 121)).astype(np.uint8)
    expected = values[:, :120].reshape(45, 2, 60, 2).mean(axis=(1, 3))
    for image in (Image.fromarray(values), Image.fromarray(values.astype(np.uint16) * 257)):
        read = read_picture(saved(image, tmp_path / "a.png"))
        assert read.pixels.shape == (45, 61, 3)
        assert read.size == (121, 90)
        assert "reduced from 121 × 90 to 61 × 45" in read.remarks[0]
        assert np.abs(read.pixels[:, :60, 0] - expected).max() <= 0.5


def test_formats_that_need_much_memory_are_refused_before_it_is_spent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_limits, "MOST_BYTES", 100_000)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (100, 100, 3)).astype(np.uint8))
    assert read_image(saved(noise, tmp_path / "a.png")).shape == (100, 100, 3)  # 40,000 bytes
    with pytest.raises(ImageError, match="as WEBP it takes 0 MB to decode"):
        read_image(saved(noise, tmp_path / "a.webp"))  # 160,000 beside the file
    monkeypatch.setattr(image_limits, "MOST_BYTES", 65_000)
    with pytest.raises(ImageError, match="as a progressive JPEG it takes"):
        read_image(saved(noise, tmp_path / "a.jpg", progressive=True, subsampling=0))  # two bytes a coefficient more
    assert read_image(saved(noise, tmp_path / "b.jpg")).shape == (100, 100, 3)


def test_a_progressive_jpeg_of_very_many_scans_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_limits, "_MOST_SCANNED", 1_000_000)
    path = saved(Image.fromarray(RAMP).resize((300, 200)), tmp_path / "a.jpg", progressive=True)
    assert read_image(path).shape == (200, 300, 3)
    whole = path.read_bytes()
    last = whole[whole.rfind(b"\xff\xda") : -2]
    path.write_bytes(whole[:-2] + last * 30 + whole[-2:])
    with pytest.raises(ImageError, match="scans, which takes too long"):
        read_image(path)


def test_a_large_jpeg_2000_is_decoded_smaller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_limits, "_ROOM_FOR_JPEG_2000", 5_000)
    read = read_picture(saved(Image.new("L", (160, 120), 90), tmp_path / "a.jp2"))
    assert read.pixels.shape == (60, 80, 3)
    assert read.size == (160, 120)


def test_what_is_refused_for_its_size_is_not_decoded_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_image: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(PngImageFile, "load", load)
    path = tmp_path / "bomb.png"
    path.write_bytes(png_header(9_000, 9_000))
    with pytest.raises(ImageError, match="at most 64 megapixels"):
        read_picture(path)
    assert size_and_mode(path) == (9_000, 9_000, "L")


def test_pillows_own_limit_is_put_back(tmp_path: Path) -> None:
    before = Image.MAX_IMAGE_PIXELS
    read_image(saved(Image.fromarray(RAMP), tmp_path / "a.png"))
    with pytest.raises(ImageError):
        read_image(tmp_path / "none.png")
    assert before == Image.MAX_IMAGE_PIXELS


def test_pictures_of_a_folder_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("10.png", "2.png", "B.JPG", "a.gif", ".hidden.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in picture_files.pictures_in(tmp_path)] == ["2.png", "10.png", "a.gif", "B.JPG"]
