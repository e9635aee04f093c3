from pathlib import Path

import pytest

from explorer.runs.notes import NOTES_NAME, RunNotes, add_tag, read_notes, write_notes


def test_notes_come_back_as_they_were_written(tmp_path: Path) -> None:
    notes = RunNotes("Größer", ("baseline", "seeds"), "first line\nsecond line")
    assert write_notes(tmp_path, notes) == RunNotes()
    assert read_notes(tmp_path) == notes
    assert write_notes(tmp_path, RunNotes("x")) == notes


def test_titles_and_tags_are_one_line_and_tags_are_single() -> None:
    notes = RunNotes(" a\nb ", ("x, y", "", "z", "z"))
    assert notes.title == "a b"
    assert notes.tags == ("x y", "z")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"title": 3}', b'{"tags": "x"}', b"\xff" * 10])
def test_a_damaged_file_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NOTES_NAME).write_bytes(content)
    assert read_notes(tmp_path).is_empty


def test_a_tag_is_added_once_and_leaves_the_rest(tmp_path: Path) -> None:
    write_notes(tmp_path, RunNotes("t", ("a",), "n"))
    add_tag(tmp_path, "b")
    add_tag(tmp_path, "b")
    assert read_notes(tmp_path) == RunNotes("t", ("a", "b"), "n")


def test_a_run_that_is_gone_gets_no_notes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not there any more"):
        write_notes(tmp_path / "gone", RunNotes("x"))
