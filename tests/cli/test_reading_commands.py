"""The terminal reads networks: list, show, graph, and how they say no."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer.cli import run


def _json(capsys: pytest.CaptureFixture[str], *arguments: str):
    assert run(list(arguments)) == 0
    return json.loads(capsys.readouterr().out)


def test_list_names_every_network_with_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    lenet = next(entry for entry in _json(capsys, "list", "--json") if entry["name"] == "lenet5")
    assert set(lenet) == {"name", "title", "year", "family", "options", "parameters"}
    assert (lenet["title"], lenet["year"], lenet["parameters"]) == ("LeNet-5", 1998, 61_706)
    assert lenet["options"]["form"] == {"default": "modern", "choices": ["modern", "original"]}


def test_show_totals_lenet5(capsys: pytest.CaptureFixture[str]) -> None:
    shown = _json(capsys, "show", "lenet5", "--json")
    assert shown["totals"]["parameters"] == 61_706
    assert shown["totals"]["macs"] == 416_520
    assert shown["totals"]["flops"] == 833_040
    assert shown["input_shape"] == [1, 28, 28]


def test_show_gives_the_layers_in_execution_order_and_they_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    shown = _json(capsys, "show", "lenet5", "--json")
    layers = shown["layers"]
    assert [layer["path"] for layer in layers][:4] == ["input", "features.c1", "features.c1_activation", "features.s2"]
    for key in ("parameters", "macs", "flops", "activation_bytes"):
        assert sum(layer[key] for layer in layers) == shown["totals"][key]
    c3 = next(layer for layer in layers if layer["path"] == "features.c3")
    assert c3["input_shape"] == [6, 14, 14]
    assert c3["output_shape"] == [16, 10, 10]
    assert (c3["kind"], c3["receptive_field"], c3["training_only"]) == ("convolution", 14, False)


def test_show_of_the_original_has_60000_trainable_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    shown = _json(capsys, "show", "lenet5", "-o", "form=original", "--json")
    assert shown["totals"]["trainable_parameters"] == 60_000
    assert shown["totals"]["macs"] == 325_680
    assert shown["options"] == {"form": "original", "centres": "fixed"}


def test_show_prints_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "lenet5"]) == 0
    printed = capsys.readouterr().out
    assert "61,706" in printed
    assert "416,520" in printed
    assert "Conv2d 5×5, pad 2" in printed
    assert "\x1b" not in printed


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png"])
def test_graph_writes_a_figure(tmp_path: Path, suffix: str, qapp) -> None:
    file = tmp_path / f"a figure.{suffix}"
    assert run(["graph", "lenet5", str(file)]) == 0
    assert file.stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "lenet6"], "there is no network 'lenet6'"),
        (["show", "lenet5", "-o", "form=modem"], "form is one of modern, original, not 'modem'"),
        (["show", "lenet5", "-o", "form"], "-o takes KEY=VALUE"),
        (["graph", "lenet5", "figure.bmp"], "a figure is .svg, .pdf, .png"),
        (["train", "lenet5", "--data", "imagenet"], "imagenet"),
        (["train", "lenet5", "--data", "digits", "--epochs", "0"], "epochs is 1 to"),
        (["train"], "which network?"),
        (["predict", "x.png", "--top", "0"], "--top is 1 or more"),
        (["shwo", "lenet5"], "is no command"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(arguments, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    complaint = capsys.readouterr().err
    assert said in complaint
    assert "Traceback" not in complaint


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train", "--resume", "no-such-run"], "no-such-run"),
        (["runs", "--restore", "no-such-run"], "cannot be restored"),
        (["predict", "picture.png", "--network", "no-such-weights"], "no-such-weights"),
        (["graph", "lenet5", "no/such/folder/figure.svg"], "does not exist"),
        (["no-such-file.png"], "neither a command nor a file"),
    ],
)
def test_what_fails_is_one_line_and_exit_1(arguments, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 1
    complaint = capsys.readouterr().err.strip()
    assert said in complaint
    assert complaint.count("\n") == 0


def test_without_a_display_one_line_says_what_works(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    assert run([]) == 1
    complaint = capsys.readouterr().err.strip()
    assert complaint.count("\n") == 0
    assert "there is no display" in complaint
    assert "list, show, graph, train, predict, runs, screenshots" in complaint


@pytest.mark.parametrize("command", ["list", "show", "graph", "train", "predict", "runs", "screenshots"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "usage: cnn-explorer" in capsys.readouterr().out


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run([sys.executable, "-m", "explorer", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cnn-explorer ")
