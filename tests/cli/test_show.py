"""`show` in its forms: tables for people, papers and programs, folded, for a batch, measured, and failing."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from explorer import reading
from explorer.cli import run
from explorer.structure.graph import Failure


def _printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["show", "lenet5", *arguments]) == 0
    return capsys.readouterr().out


def test_csv_has_plain_numbers_that_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(_printed(capsys, "--format", "csv"))))
    assert sum(int(row["Parameters"] or 0) for row in rows) == 61_706
    assert sum(int(row["MACs"] or 0) for row in rows) == 416_520
    assert rows[1]["Layer"] == "features.c1"


def test_columns_are_chosen_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    printed = _printed(capsys, "--format", "csv", "--columns", "macs,layer,step")
    assert printed.splitlines()[0] == "MACs,Layer,Step (pixels)"


def test_markdown_has_a_total(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _printed(capsys, "--format", "markdown").splitlines()
    assert lines[0].startswith("| Layer | Kind |")
    assert lines[-1].startswith("| **total** |")


def test_latex_is_a_tabular_with_booktabs(capsys: pytest.CaptureFixture[str]) -> None:
    printed = _printed(capsys, "--format", "latex")
    assert r"\toprule" in printed
    assert r"features.c1\_activation" in printed


def test_json_is_what_json_was(capsys: pytest.CaptureFixture[str]) -> None:
    assert _printed(capsys, "--format", "json") == _printed(capsys, "--json")


def test_a_depth_folds_blocks_into_one_row(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(_printed(capsys, "--format", "csv", "--depth", "0"))))
    assert [row["Layer"] for row in rows][:3] == ["input", "features", "classifier"]
    assert sum(int(row["Parameters"] or 0) for row in rows) == 61_706
    whole = _printed(capsys, "--format", "csv")
    assert _printed(capsys, "--format", "csv", "--depth", "9") == whole


def test_a_batch_multiplies_memory_alone(capsys: pytest.CaptureFixture[str]) -> None:
    one = list(csv.DictReader(io.StringIO(_printed(capsys, "--format", "csv"))))
    many = list(csv.DictReader(io.StringIO(_printed(capsys, "--format", "csv", "--batch", "10"))))
    assert int(many[1]["Memory (bytes) × 10"]) == 10 * int(one[1]["Memory (bytes)"])
    assert many[1]["MACs"] == one[1]["MACs"]


def test_the_table_says_what_memory_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    printed = _printed(capsys, "--batch", "128")
    assert "memory, batch 128: inference" in printed
    assert "training with SGD with momentum" in printed


def test_measured_times_stand_beside_theory_with_their_conditions(capsys: pytest.CaptureFixture[str]) -> None:
    printed = _printed(capsys, "--measure", "--batch", "2")
    assert "Time (ms)" in printed
    last = printed.splitlines()[-1]
    assert last.startswith("measured: ")
    assert "CPU" in last
    assert "thread" in last
    assert "batch 2" in last


def test_measured_times_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    measured = json.loads(_printed(capsys, "--measure", "--json"))["measured"]
    assert set(measured) == {"device", "threads", "batch", "runs", "milliseconds", "layers"}
    assert "features.c1" in measured["layers"]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    read = reading.read_graph

    def broken(*arguments, **keywords):
        graph = read(*arguments, **keywords)
        nodes = tuple(replace(node, block="", failed=node.path == "features.c3") for node in graph.nodes[:5])
        kept = {node.path for node in nodes}
        edges = tuple(edge for edge in graph.edges if kept.issuperset((edge.source, edge.target)))
        failure = Failure("features.c3", "a window of 5 does not fit an input of 3.", (1, 12, 12))
        return replace(graph, nodes=nodes, edges=edges, blocks=(), failure=failure)

    monkeypatch.setattr(reading, "read_graph", broken)


@pytest.mark.usefixtures("failing")
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_what_worked_is_shown_then_why_the_rest_does_not(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "lenet5", "--format", form]) == 1
    said = capsys.readouterr()
    assert "features.c1" in said.out
    assert said.err == (
        "cnn-explorer: LeNet-5 fails at features.c3: a window of 5 does not fit an input of 3; "
        "the smallest square input that works is 1x12x12 (--input)\n"
    )


@pytest.mark.usefixtures("failing")
def test_a_failing_network_is_not_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "lenet5", "--measure", "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["failure"]["path"] == "features.c3"
    assert "measured" not in record


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--columns", "layer,macz"], "there is no column 'macz'; the columns are layer, kind"),
        (["--json", "--columns", "layer"], "JSON holds them all"),
        (["--json", "--format", "csv"], "leave one out"),
        (["--input", "224"], "--input is CHANNELSxHEIGHTxWIDTH"),
        (["--input", "3x0x5"], "--input is CHANNELSxHEIGHTxWIDTH"),
        (["--batch", "0"], "--batch is 1 to"),
        (["--depth", "-1"], "--depth is 0 or more"),
        (["--format", "yaml"], "invalid choice"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(arguments, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "lenet5", *arguments]) == 2
    assert said in capsys.readouterr().err
