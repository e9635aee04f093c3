"""`cnn-explorer experiment`."""

from __future__ import annotations

import json

import pytest

from explorer.cli import run


def test_the_list_names_every_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiment", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["number"] for each in listed] == list(range(1, 20))
    assert listed[8]["short"]["arms"] == ["plain-20", "plain-56", "ResNet-20", "ResNet-56"]
    assert run(["experiment", "--list"]) == 0
    assert "plain-depth" in capsys.readouterr().out


def test_a_computed_experiment_says_what_was_seen(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiment", "small-kernels"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("SEEN")
    assert "18 weights for each pair of maps against 25: 28.0 % fewer" in said


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiment", "1", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    record = json.loads(line)
    assert (record["experiment"], record["verdict"]) == ("small-kernels", "seen")
    assert [part["exact"] for part in record["parts"]] == [True, True, True]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "which experiment"),
        (["plain-dept"], "did you mean plain-depth"),
        (["plain-depth", "--all"], "which experiment"),
        (["plain-depth", "--seeds", "0"], "--seeds is 1 or more"),
    ],
)
def test_what_cannot_be_right_is_bad_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["experiment", *arguments]) == 2
    assert said in capsys.readouterr().err
