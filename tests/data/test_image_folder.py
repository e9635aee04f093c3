"""Folders of pictures as data sets."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explorer.data import datasets, image_folder
from explorer.data.datasets import Cancelled
from explorer.data.errors import DataError
from explorer.system.settings import Settings


def fill(folder: Path, classes: dict[str, int], size: tuple[int, int] = (40, 40), mode: str = "RGB") -> Path:
    """Pictures whose brightness tells the class, and whose every pixel differs from picture to picture."""
    for label, (name, count) in enumerate(classes.items()):
        (folder / name).mkdir(parents=True)
        for index in range(count):
            colour = (30 + 60 * label, index, 200) if mode == "RGB" else 30 + 60 * label
            Image.new(mode, size, colour).save(folder / name / f"{index:03}.png")
    return folder


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_folder, "_last", None)
    image_folder._listed.cache_clear()


def load(folder: Path) -> datasets.Dataset:
    return datasets.load(str(folder), Settings())


def test_each_sub_folder_is_a_class_in_alphabetical_order(tmp_path: Path) -> None:
    fill(tmp_path / "pets", {"dog": 20, "cat": 30})
    (tmp_path / "pets" / ".hidden").mkdir()
    (tmp_path / "pets" / "empty").mkdir()
    (tmp_path / "pets" / "cat" / "notes.txt").write_text("no picture")
    entry = datasets.get(str(tmp_path / "pets"))
    assert entry.classes == ("cat", "dog")
    assert entry.title == "pets"
    assert entry.name == str(tmp_path / "pets")
    assert entry.image_shape == (3, 40, 40)
    assert entry.train_size + entry.test_size == 50
    assert datasets.is_available(entry.name, Settings())
    loaded = load(tmp_path / "pets")
    assert (len(loaded.train), len(loaded.test)) == (entry.train_size, entry.test_size)
    assert loaded.image_shape == entry.image_shape
    assert loaded.remarks == ()
    # Dogs were filled first and are darker; they are class 1.
    assert set(loaded.train.images[loaded.train.labels == 1, 0].reshape(-1).tolist()) == {30}
    assert set(loaded.train.images[loaded.train.labels == 0, 0].reshape(-1).tolist()) == {90}


def test_about_a_fifth_is_kept_for_the_test_whatever_else_is_in_the_folder(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 300, "b": 300})
    before = image_folder.look(tmp_path)
    assert 0.15 < len(before.test) / 600 < 0.25
    assert not {path for path, _ in before.train} & {path for path, _ in before.test}
    # Wherever the folder lies.
    elsewhere = image_folder.look(shutil.copytree(tmp_path, tmp_path.with_name("elsewhere")))
    assert [path.name for path, _ in elsewhere.test] == [path.name for path, _ in before.test]
    for index in range(1000, 1020):
        Image.new("RGB", (40, 40)).save(tmp_path / "a" / f"{index}.png")
    after = image_folder.look(tmp_path)
    assert set(before.test) <= set(after.test)
    assert set(before.train) <= set(after.train)


def test_every_class_is_learnt_and_tested_however_few_its_images(tmp_path: Path) -> None:
    fill(tmp_path, {f"class {index}": 2 for index in range(12)})
    listing = image_folder.look(tmp_path)
    assert sorted(label for _, label in listing.train) == list(range(12))
    assert sorted(label for _, label in listing.test) == list(range(12))


@pytest.mark.parametrize("held", ["test", "val", "Validation"])
def test_a_division_made_by_folders_is_kept(tmp_path: Path, held: str) -> None:
    fill(tmp_path / "train", {"a": 9, "b": 5})
    fill(tmp_path / held, {"b": 4, "a": 1})
    loaded = load(tmp_path)
    assert loaded.classes == ("a", "b")
    assert loaded.train.labels.tolist() == [0] * 9 + [1] * 5
    assert loaded.test.labels.tolist() == [0] + [1] * 4


def test_a_test_class_that_is_never_learnt_is_an_error(tmp_path: Path) -> None:
    fill(tmp_path / "train", {"a": 9, "b": 5})
    fill(tmp_path / "test", {"a": 4, "c": 4})
    with pytest.raises(ValueError, match="has a class 'c' that"):
        datasets.get(str(tmp_path))


@pytest.mark.parametrize(
    ("size", "shape"),
    [((40, 40), (40, 40)), ((640, 480), (48, 64)), ((30, 60), (60, 30)), ((128, 128), (64, 64)), ((9, 1000), (64, 1))],
)
def test_large_pictures_are_scaled_down_and_small_ones_keep_their_size(
    tmp_path: Path, size: tuple[int, int], shape: tuple[int, int]
) -> None:
    fill(tmp_path, {"a": 6, "b": 6}, size)
    assert datasets.get(str(tmp_path)).image_shape == (3, *shape)
    assert load(tmp_path).image_shape == (3, *shape)
    assert max(image_folder.look(tmp_path, largest_side=16).image_shape[1:]) <= 16


def test_a_picture_of_another_form_keeps_its_aspect_on_black(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 20, "b": 20})
    for path in (tmp_path / "a").iterdir():
        Image.new("RGB", (80, 20), "white").save(path)
    loaded = load(tmp_path)
    assert loaded.image_shape == (3, 30, 60)
    wide = loaded.train.images[loaded.train.labels == 0][0, 0]
    assert wide[:7].max() == wide[-7:].max() == 0
    assert wide[8:22].min() == 255


@pytest.mark.parametrize("mode", ["L", "1", "I;16"])
def test_gray_pictures_have_one_channel(tmp_path: Path, mode: str) -> None:
    fill(tmp_path, {"a": 6, "b": 6}, mode=mode)
    assert load(tmp_path).image_shape == (1, 40, 40)


def test_gray_pictures_stored_in_colour_have_one_channel(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 6, "b": 6})
    for path in tmp_path.rglob("*.png"):
        Image.open(path).convert("L").convert("RGB").save(path)
    assert load(tmp_path).image_shape == (1, 40, 40)


def test_one_coloured_picture_among_gray_ones_makes_three_channels(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 6, "b": 6}, mode="L")
    Image.new("RGB", (40, 40), "red").save(tmp_path / "b" / "000.png")
    assert load(tmp_path).image_shape == (3, 40, 40)


def test_transparent_pictures_are_laid_on_white(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 6, "b": 6})
    for path in tmp_path.rglob("*.png"):
        Image.new("RGBA", (40, 40), (200, 0, 0, 0)).save(path)
    assert load(tmp_path).train.images.min() == 255


def test_pictures_lie_as_the_camera_was_held(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for index in range(6):
            Image.new("RGB", (60, 30), "red").save(tmp_path / name / f"{index}.jpg", exif=exif)
    loaded = load(tmp_path)
    assert loaded.image_shape == (3, 60, 30)
    assert loaded.train.images[:, 0].min() > 240


def test_photographs_are_reduced_while_they_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for index in range(6):
            Image.new("RGB", (2000, 1500), "red").save(tmp_path / name / f"{index}.jpg")
    sizes = []
    whole = image_folder.read_image

    def read(path: Path, needed_side: int = 0) -> np.ndarray:
        picture = whole(path, needed_side)
        sizes.append(picture.shape)
        return picture

    monkeypatch.setattr(image_folder, "read_image", read)
    assert load(tmp_path).image_shape == (3, 48, 64)
    assert len(sizes) == 12
    assert max(sizes)[0] < 400


def test_pictures_that_cannot_be_read_are_left_out_and_counted(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 20, "b": 20})
    broken = sorted(path for path, _ in image_folder.look(tmp_path).train)[:3]
    for path in broken:
        path.write_bytes(b"no picture")
    loaded = load(tmp_path)
    assert len(loaded.train) + len(loaded.test) == 37
    assert len(loaded.train.images) == len(loaded.train.labels)
    assert loaded.train.images.min(axis=(1, 2, 3)).shape == (len(loaded.train),)
    assert len(loaded.remarks) == 1
    assert loaded.remarks[0].startswith(f"3 of 40 images in {tmp_path} cannot be read: {broken[0]} is not a picture")


def test_a_class_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    fill(tmp_path, {"a": 20, "b": 20})
    for path in (tmp_path / "b").iterdir():
        path.write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"no image of the class 'b' to learn from can be read \(20 cannot"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ({}, "no sub-folders with images"),
        ({"a": 0, "b": 0}, "no sub-folders with images"),
        ({"a": 30}, "one class alone, 'a'"),
        ({"a": 2, "b": 1}, "holds 3 images; at least 10"),
        ({"a": 20, "b": 0}, "one class alone"),
    ],
)
def test_a_folder_that_is_no_data_set_is_refused_in_a_sentence(
    tmp_path: Path, classes: dict[str, int], message: str
) -> None:
    fill(tmp_path, classes)
    for ask in (datasets.get, datasets.load):
        with pytest.raises(ValueError, match=message) as caught:
            ask(str(tmp_path))
        assert "\n" not in str(caught.value)
        assert str(tmp_path) in str(caught.value)


def test_a_path_that_is_not_there_or_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        datasets.get(str(tmp_path / "gone"))
    (tmp_path / "file.png").write_bytes(b"")
    with pytest.raises(ValueError, match="is not a folder"):
        datasets.get(str(tmp_path / "file.png"))


@pytest.mark.parametrize("name", ["", "pets", "p" * 5000, "a\0b"])
def test_a_word_that_is_no_data_set_is_not_taken_for_a_path(name: str) -> None:
    with pytest.raises(ValueError, match="there is no data set"):
        datasets.get(name)


@pytest.mark.parametrize("name", ["/" + "p" * 5000, "/a\0b"])
def test_a_path_that_cannot_be_is_refused_too(name: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read|is no path"):
        datasets.get(name)


def test_a_folder_may_be_named_from_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    fill(tmp_path / "pets", {"a": 20, "b": 20})
    assert datasets.get("~/pets").name == str(tmp_path / "pets")


def test_too_many_images_are_refused_without_listing_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, {"a": 8, "b": 8})
    monkeypatch.setattr(image_folder, "MOST_IMAGES", 12)
    with pytest.raises(ValueError, match="more than 12 images"):
        datasets.get(str(tmp_path))


def test_listing_reads_only_a_few_headers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, {"a": 200, "b": 200})
    looked: list[Path] = []
    whole = image_folder.size_and_mode
    monkeypatch.setattr(image_folder, "size_and_mode", lambda path: looked.append(path) or whole(path))
    datasets.get(str(tmp_path))
    assert len(looked) < 40
    assert {path.parent.name for path in looked} == {"a", "b"}
    count = len(looked)
    datasets.get(str(tmp_path))
    assert len(looked) == count
    Image.new("RGB", (40, 40)).save(tmp_path / "b" / "more.png")
    entry = datasets.get(str(tmp_path))
    assert entry.train_size + entry.test_size == 401


def test_a_folder_is_read_again_only_when_a_file_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, {"a": 20, "b": 20})
    first = load(tmp_path)
    assert load(tmp_path).train.images is first.train.images
    Image.new("RGB", (40, 40), "white").save(next(iter((tmp_path / "a").iterdir())))
    again = load(tmp_path)
    assert again.train.images is not first.train.images
    assert again.checksum != first.checksum


def test_progress_and_cancelling(tmp_path: Path) -> None:
    fill(tmp_path / "pets", {"a": 20, "b": 20})
    told: list[tuple[str, float | None]] = []
    datasets.load(str(tmp_path / "pets"), Settings(), progress=lambda what, share: told.append((what, share)))
    assert told[0] == ("Reading pets", 0)
    assert told[-1] == ("Reading pets", 1)
    assert [share for _, share in told] == sorted(share for _, share in told)
    image_folder._last = None
    with pytest.raises(Cancelled):
        datasets.load(str(tmp_path / "pets"), Settings(), cancelled=lambda: True)


def test_a_network_can_be_trained_on_it(tmp_path: Path) -> None:
    from explorer.data.batches import ResidentBatches, preprocessing_for

    # The third channel is the same everywhere.
    fill(tmp_path, {"a": 20, "b": 20}, size=(64, 48))
    loaded = load(tmp_path)
    preprocessing = preprocessing_for((3, 32, 32), None, loaded.mean, loaded.std)
    images, labels = next(ResidentBatches(loaded.train, preprocessing).epoch(0, 1, 8))
    assert images.shape == (8, 3, 32, 32)
    assert set(labels.tolist()) <= {0, 1}
    assert images.isfinite().all()
