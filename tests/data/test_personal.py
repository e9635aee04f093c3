"""The personal set keeps each drawing whole, gives deleted ones back, and travels as a folder of pictures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from strokes import written_digits

from explorer.data.personal import PersonalSet, as_split, drawing_of
from explorer.data.personal_files import export, imported
from explorer.data.sketch import Sketch, Stroke, as_digit
from explorer.system import paths
from explorer.system.files import StorageError

DIGITS = written_digits()


def filled(count: int = 3) -> PersonalSet:
    personal = PersonalSet()
    for sketch, label in DIGITS[:count]:
        personal.add(drawing_of(sketch, label))
    return personal


def test_a_drawing_comes_back_with_its_strokes_its_picture_and_its_digit() -> None:
    sketch = Sketch((Stroke(((10.25, 20.5), (200.0, 210.0)), (0.25, 1.0)), Stroke(((30.0, 40.0),))))
    PersonalSet().add(drawing_of(sketch, 7))
    (kept,) = PersonalSet().drawings()
    assert kept.label == 7
    assert kept.sketch == sketch
    assert np.array_equal(kept.digit, as_digit(sketch))
    assert not kept.digit.flags.writeable


def test_each_drawing_is_one_file_in_the_users_folder() -> None:
    filled(3)
    assert len([path for path in paths.personal_folder().iterdir() if path.suffix == ".json"]) == 3
    assert not [path for path in paths.personal_folder().iterdir() if path.suffix == ".tmp"]


def test_a_deleted_drawing_can_be_brought_back() -> None:
    personal = filled(3)
    gone = personal.drawings()[1]
    assert personal.delete([gone.name, "never was"]) == (gone.name,)
    assert gone.name not in {each.name for each in PersonalSet().drawings()}
    assert personal.restore([gone.name]) == 1
    assert np.array_equal(PersonalSet().drawings()[1].digit, gone.digit)


def test_a_drawing_can_be_given_another_digit() -> None:
    personal = filled(1)
    (before,) = personal.drawings()
    personal.relabel(before.name, 9)
    (after,) = personal.drawings()
    assert (after.label, after.name, after.created) == (9, before.name, before.created)
    assert np.array_equal(after.digit, before.digit)


def test_a_damaged_file_costs_no_other_drawing_and_is_named() -> None:
    personal = filled(2)
    (paths.personal_folder() / "broken.json").write_text('{"format": 1, "label": 12}')
    (paths.personal_folder() / "other.json").write_bytes(b"\xff\x00")
    assert len(personal.drawings()) == 2
    assert len(personal.faults) == 2
    assert "broken.json" in personal.faults[0]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named() -> None:
    personal = filled(1)
    personal.folder.chmod(0o500)
    try:
        with pytest.raises(StorageError, match="personal"):
            personal.add(drawing_of(*DIGITS[1]))
    finally:
        personal.folder.chmod(0o700)


def test_nothing_drawn_is_nothing_kept() -> None:
    with pytest.raises(ValueError, match="nothing is drawn"):
        drawing_of(Sketch(), 3)
    with pytest.raises(ValueError, match="0 to 9"):
        drawing_of(DIGITS[0][0], 10)


def test_the_set_becomes_images_and_labels() -> None:
    split = as_split(filled(4).drawings())
    assert split.images.shape == (4, 1, 28, 28)
    assert sorted(split.labels.tolist()) == sorted(label for _, label in DIGITS[:4])


def test_an_exported_folder_gives_the_same_drawings_back(tmp_path: Path) -> None:
    drawings = filled(6).drawings()
    assert export(drawings, tmp_path) == 6
    assert (tmp_path / str(drawings[0].label)).is_dir()
    back, faults = imported(tmp_path)
    assert faults == ()
    assert {each.digit.tobytes() for each in back} == {each.digit.tobytes() for each in drawings}
    by_picture = {each.digit.tobytes(): each for each in drawings}
    for each in back:
        before = by_picture[each.digit.tobytes()]
        assert each.label == before.label
        points = [point for stroke in each.strokes for point in stroke.points]
        assert np.allclose(points, [point for stroke in before.strokes for point in stroke.points], atol=0.006)


def test_scans_of_any_size_are_brought_to_the_pads_format(tmp_path: Path) -> None:
    (tmp_path / "4").mkdir()
    sheet = np.full((120, 90, 3), 240, np.uint8)
    sheet[20:100, 40:48] = 20
    Image.fromarray(sheet).save(tmp_path / "4" / "scan.png")
    (tmp_path / "4" / "no picture.png").write_bytes(b"nothing")
    (drawing,), faults = imported(tmp_path)
    assert (drawing.label, drawing.strokes) == (4, ())
    assert np.array_equal(drawing.digit, as_digit(sheet))
    assert len(faults) == 1
    assert "no picture.png" in faults[0]


def test_a_folder_without_digits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="0 to 9"):
        imported(tmp_path)
