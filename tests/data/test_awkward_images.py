"""Whatever Pillow can write is answered or refused in a sentence; a few hundred larger ones are in `large_cases`."""

from __future__ import annotations

import json
import resource
from pathlib import Path

import pytest
from awkward_images import Awkward, small_cases

from explorer.cli import run
from explorer.data.images import ImageError, read_picture

CASES = {case.name: case for case in small_cases()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("awkward")
    for case in CASES.values():
        case.make(place / case.name)
    return place


def test_there_are_many() -> None:
    assert len(CASES) >= 170
    assert sum(case.is_read is True for case in CASES.values()) >= 100
    assert sum(case.is_read is False for case in CASES.values()) >= 20


def test_predict_answers_each_or_says_why_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [folder / name for name in CASES]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert run(["predict", *map(str, paths), "--json"]) == 1
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    answers = {Path(answer["file"]).name: answer for answer in json.loads(printed.out)}
    assert set(answers) == set(CASES)
    wrong = [name for name, answer in answers.items() if not _is_as_it_should(CASES[name], answer)]
    assert not wrong, [answers[name] for name in wrong]
    # Torch itself takes some 560 MB; nothing of these few kilobytes may come near what is left of a gigabyte.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 800_000


def _is_as_it_should(case: Awkward, answer: dict[str, object]) -> bool:
    if "error" in answer:
        sentence = str(answer["error"])
        return (
            case.is_read is not True and "\n" not in sentence and case.name in sentence and "unexpected" not in sentence
        )
    return case.is_read is not False and len(answer["predictions"]) == 3


def test_most_of_the_sevens_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    upright = [name for name, case in CASES.items() if case.is_read and case.size == (90, 120) and "turned" not in name]
    assert len(upright) > 55
    run(["predict", *(str(folder / name) for name in upright), "--json"])
    answers = json.loads(capsys.readouterr().out)
    assert [answer["file"] for answer in answers if answer["predictions"][0]["label"] != "7"] == []


def test_sizes_are_those_of_the_upright_picture(folder: Path) -> None:
    sized = [case for case in CASES.values() if case.size is not None and case.is_read]
    assert len(sized) > 80
    for case in sized:
        read = read_picture(folder / case.name)
        assert (read.pixels.shape[1], read.pixels.shape[0]) == case.size == read.size, case.name


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("empty.png", "is empty"),
        ("text.png", "it holds text"),
        ("drawing.svg", "SVG"),
        ("document.pdf", "PDF document"),
        ("heic.heic", "HEIC"),
        ("archive.png", "archive"),
        ("film.mp4", "film"),
        ("head.png", "begins as PNG does, but is damaged"),
    ],
)
def test_what_a_file_is_instead_is_said(folder: Path, name: str, what: str) -> None:
    with pytest.raises(ImageError, match=what):
        read_picture(folder / name)
