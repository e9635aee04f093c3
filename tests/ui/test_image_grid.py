import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from explorer.ui.image_grid import Caption, ImageGrid
from explorer.ui.sample_image import mask_colour, sample_image

MANY = 60_000


@pytest.fixture
def grid(qtbot: QtBot) -> ImageGrid:
    grid = ImageGrid("Samples")
    qtbot.addWidget(grid)
    grid.resize(500, 300)
    images = np.zeros((1, 1, 28, 28), np.uint8)
    grid.show_images(np.broadcast_to(images, (MANY, 1, 28, 28)), np.arange(MANY), caption, lines=1)
    grid.show()
    return grid


def caption(index: int) -> Caption:
    return Caption((str(index),), f"image {index}")


def test_only_what_is_in_sight_is_painted(grid: ImageGrid) -> None:
    grid.grab()
    assert 0 < grid.painted < 50
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() // 2)
    grid.grab()
    assert 0 < grid.painted < 50


def test_the_end_shows_the_last_image(grid: ImageGrid) -> None:
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    rect = grid.tile_rect(MANY - 1)
    assert grid.viewport().rect().contains(rect)
    assert grid.place_at(rect.center()) == MANY - 1


def test_keys_walk_over_rows(qtbot: QtBot, grid: ImageGrid) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        qtbot.keyClick(grid, key)
    assert grid.current == grid.columns + 1
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.current == MANY - 1
    assert grid.viewport().rect().contains(grid.tile_rect(MANY - 1))


def test_a_click_makes_the_image_the_current_one(qtbot: QtBot, grid: ImageGrid) -> None:
    told: list[object] = []
    grid.current_changed.connect(told.append)
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.tile_rect(grid.columns + 2).center())
    assert told == [grid.columns + 2]
    assert grid.accessibleDescription().startswith(f"image {grid.columns + 2};")


def test_indices_are_those_of_the_array(qtbot: QtBot, grid: ImageGrid) -> None:
    grid.show_images(np.zeros((9, 1, 4, 4), np.uint8), np.array([7, 2, 5]), caption, lines=0)
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.current == 5
    grid.go_to(2)
    assert grid.current == 2


def test_a_grayscale_sample_keeps_its_pixels(qapp: object) -> None:
    sample = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)
    image = sample_image(sample)
    assert (image.width(), image.height()) == (4, 3)
    assert image.pixelColor(2, 1).getRgb()[:3] == (6, 6, 6)


def test_a_mask_is_laid_over_what_it_covers_alone(qapp: object) -> None:
    sample = np.full((1, 2, 2), 100, np.uint8)
    mask = np.array([[0, 1], [0, 0]], np.uint8)
    image = sample_image(sample, mask)
    half = tuple((100 + part) // 2 for part in mask_colour(1).getRgb()[:3])
    assert image.pixelColor(1, 0).getRgb()[:3] == half
    assert image.pixelColor(0, 0).getRgb()[:3] == (100, 100, 100)
