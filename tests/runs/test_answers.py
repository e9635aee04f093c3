from pathlib import Path

import numpy as np
import pytest

from explorer.runs.answers import Answers, answers_path, confusion, read_answers, write_answers
from explorer.system.files import StorageError


def test_answers_come_back_as_they_were_written(tmp_path: Path) -> None:
    write_answers(tmp_path, 3, np.array([1, 99, 0]), np.array([0.5, 0.25, 1.0]))
    read = read_answers(tmp_path, 3)
    assert isinstance(read, Answers)
    assert read.answers.tolist() == [1, 99, 0]
    assert read.confidence.tolist() == [0.5, 0.25, 1.0]
    assert (read.answers.dtype, read.confidence.dtype) == (np.uint16, np.float16)


def test_an_epoch_without_answers_has_none(tmp_path: Path) -> None:
    assert read_answers(tmp_path, 1) is None


@pytest.mark.parametrize("damage", [lambda content: content[:-40], lambda _: b"no archive", lambda _: b""])
def test_damaged_answers_are_none(tmp_path: Path, damage) -> None:
    write_answers(tmp_path, 1, np.zeros(9), np.ones(9))
    path = answers_path(tmp_path, 1)
    path.write_bytes(damage(path.read_bytes()))
    assert read_answers(tmp_path, 1) is None


def test_arrays_of_another_kind_are_none(tmp_path: Path) -> None:
    write_answers(tmp_path, 1, np.zeros(1), np.zeros(1))
    np.savez(answers_path(tmp_path, 1), answers=np.zeros(2, np.uint16), confidence=np.zeros(3, np.float16))
    assert read_answers(tmp_path, 1) is None
    np.savez(answers_path(tmp_path, 1), answers=np.array(["a"], object), confidence=np.zeros(1, np.float16))
    assert read_answers(tmp_path, 1) is None


def test_a_run_folder_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="the folder is gone"):
        write_answers(tmp_path / "gone", 1, np.zeros(1), np.zeros(1))
    assert not (tmp_path / "gone").exists()


def test_a_confusion_matrix_has_the_truth_in_its_rows() -> None:
    matrix = confusion(np.array([0, 1, 1, 2], np.uint16), np.array([0, 0, 1, 1]), 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 1], [0, 0, 0]]


def test_answers_to_another_data_set_are_refused() -> None:
    with pytest.raises(ValueError, match="another data set"):
        confusion(np.array([0, 1]), np.array([0]), 2)
    with pytest.raises(ValueError, match="another data set"):
        confusion(np.array([5]), np.array([0]), 2)
