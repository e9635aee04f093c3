from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from explorer.data.augmentation import Augmentation
from explorer.data.datasets import Dataset
from explorer.data.errors import DataError
from explorer.data.split import Split
from explorer.system.settings import Settings
from explorer.ui.augmentation_variants import variants
from explorer.ui.data_browser import DataBrowser
from explorer.ui.data_browser_preview import COUNT
from explorer.ui.data_browser_reader import browsed, classes_named
from explorer.ui.data_shelf import DataShelf
from tests.ui.confusion_runs import Shelf, dataset


def masked() -> Dataset:
    masks = np.zeros((3, 4, 4), np.uint8)
    masks[1:, 0, 0] = 1
    split = Split(np.zeros((3, 1, 4, 4), np.uint8), masks)
    return Dataset("segments", "Few", ("background", "digit"), split, split, (0.1,), (0.3,), "sum", "made up")


@pytest.fixture
def browser(qtbot: QtBot):
    browser = DataBrowser(Shelf())
    qtbot.addWidget(browser)
    browser.resize(1100, 500)
    browser.show()
    qtbot.waitUntil(lambda: browser.part is not None)
    yield browser
    browser.shutdown()


def test_classes_have_their_counts() -> None:
    assert browsed(dataset(), "test").counts == (4, 2, 2)


def test_a_class_without_images_counts_none() -> None:
    assert browsed(dataset(np.array([0, 0, 2])), "train").counts == (2, 0, 1)


def test_masks_count_the_images_that_show_a_class() -> None:
    part = browsed(masked(), "train")
    assert part.counts == (3, 2)
    assert part.label(0) == "background"
    assert part.label(2) == "background, digit"


def test_chosen_classes_keep_the_order_of_the_images() -> None:
    part = browsed(dataset(np.array([2, 0, 1, 2, 0])), "train")
    assert part.chosen(frozenset({0, 2})).tolist() == [0, 1, 3, 4]
    assert part.chosen(frozenset()).tolist() == [0, 1, 2, 3, 4]


def test_a_class_is_found_by_a_part_of_its_name() -> None:
    assert classes_named(("cat", "dog", "caterpillar"), "CATER") == {2}
    assert classes_named(("cat", "dog", "caterpillar"), "cat") == {0}
    assert classes_named(("1", "10", "11"), "1") == {0}
    assert classes_named(("1", "10", "11"), "") == {0, 1, 2}


def test_a_search_shows_the_images_of_that_class(browser: DataBrowser) -> None:
    browser.search("do")
    assert browser.grid.order.tolist() == [4, 5]
    browser.search("zebra")
    assert len(browser.grid.order) == 0
    browser.search("")
    assert len(browser.grid.order) == 8


def test_a_chosen_sample_is_shown_with_its_variants(qtbot: QtBot, browser: DataBrowser) -> None:
    browser.grid.go_to(6)
    assert browser.preview.index == 6
    qtbot.waitUntil(lambda: len(browser.preview.strip.images) == COUNT, timeout=20_000)
    before = [image.bits().tobytes() for image in browser.preview.strip.images]
    browser.preview.controls.show_value(Augmentation(rotation=90))
    browser.preview.controls.changed.emit(Augmentation(rotation=90))
    qtbot.waitUntil(lambda: [image.bits().tobytes() for image in browser.preview.strip.images] != before)


def test_a_sample_goes_to_the_pad(browser: DataBrowser) -> None:
    sent: list[np.ndarray] = []
    browser.picture_wanted.connect(sent.append)
    browser._send(3)
    assert np.array_equal(sent[0], dataset().train.images[3, 0])
    assert not sent[0].flags.writeable


def test_a_switch_of_the_controls_is_told(qtbot: QtBot, browser: DataBrowser) -> None:
    from PySide6.QtWidgets import QCheckBox

    told: list[Augmentation] = []
    controls = browser.preview.controls
    controls.changed.connect(told.append)
    controls.findChild(QCheckBox, "augmentation_mirror").click()
    assert told == [Augmentation(mirror=True)]
    assert controls.value == Augmentation(mirror=True)


def test_without_changes_every_variant_is_the_sample() -> None:
    sample = np.arange(16, dtype=np.uint8).reshape(1, 4, 4) * 15
    images, masks = variants(sample, Augmentation(), 3, seed=1)
    assert masks is None
    assert all(np.array_equal(image, sample) for image in images)


def test_the_same_seed_gives_the_same_variants() -> None:
    sample = np.arange(784, dtype=np.uint32).astype(np.uint8).reshape(1, 28, 28)
    first, _ = variants(sample, Augmentation(shift=0.2), 4, seed=1)
    again, _ = variants(sample, Augmentation(shift=0.2), 4, seed=1)
    other, _ = variants(sample, Augmentation(shift=0.2), 4, seed=2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_masks_go_where_their_pixels_go() -> None:
    sample = np.zeros((1, 8, 8), np.uint8)
    sample[0, :, :3] = 255
    images, masks = variants(sample, Augmentation(mirror=True), 20, seed=1, mask=(sample[0] > 0).astype(np.uint8))
    assert np.array_equal(masks, (images[:, 0] > 127).astype(np.uint8))
    assert len({image.tobytes() for image in images}) == 2


def test_a_data_set_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []

    def load(name: str, *arguments: object) -> Dataset:
        loads.append(name)
        return dataset()

    monkeypatch.setattr("explorer.data.datasets.load", load)
    shelf = DataShelf(Settings)
    assert shelf.load("digits") is shelf.load("digits")
    assert loads == ["digits"]


def test_looking_downloads_nothing(own_home: Path) -> None:
    shelf = DataShelf(Settings)
    with pytest.raises(DataError, match="the browser of data sets can download it"):
        shelf.load("mnist")


def test_what_is_not_here_is_said_with_a_button(qtbot: QtBot, own_home: Path) -> None:
    browser = DataBrowser(DataShelf(Settings))
    qtbot.addWidget(browser)
    browser.restore({"dataset": "mnist", "part": "test"})
    browser.show()
    qtbot.waitUntil(lambda: browser.sentence == "MNIST is not on this computer.")
    assert not browser.is_loading
    assert browser.state() == {"dataset": "mnist", "part": "test"}
    browser.shutdown()


def test_a_folder_of_images_can_be_browsed(qtbot: QtBot, tmp_path: Path) -> None:
    for kind, count in (("leaf", 7), ("stone", 3)):
        (tmp_path / "garden" / kind).mkdir(parents=True)
        for number in range(count):
            picture = np.full((8, 8, 3), 20 * number, np.uint8)
            Image.fromarray(picture).save(tmp_path / "garden" / kind / f"{number}.png")
    browser = DataBrowser(DataShelf(Settings))
    qtbot.addWidget(browser)
    browser.restore({"dataset": "segments", "part": "train"})
    browser.show_dataset(str(tmp_path / "garden"), "garden")
    browser.show()
    qtbot.waitUntil(lambda: browser.part is not None)
    assert browser.part.dataset.classes == ("leaf", "stone")
    assert 0 < len(browser.grid.order) <= 10
    assert "cannot be read" not in browser._count.text()
    browser.shutdown()


def test_a_folder_with_pictures_that_cannot_be_read_says_so(qtbot: QtBot, tmp_path: Path) -> None:
    for kind in ("leaf", "stone"):
        (tmp_path / kind).mkdir()
        for number in range(9):
            Image.fromarray(np.full((8, 8, 3), 20 * number, np.uint8)).save(tmp_path / kind / f"{number}.png")
    (tmp_path / "leaf" / "0.png").write_bytes(b"no picture")
    browser = DataBrowser(DataShelf(Settings))
    qtbot.addWidget(browser)
    browser.show_dataset(str(tmp_path), "garden")
    browser.show()
    qtbot.waitUntil(lambda: browser.part is not None)
    assert browser._count.text().endswith(" · some cannot be read")
    assert "1 of 18 images" in browser._count.toolTip()
    browser.shutdown()
