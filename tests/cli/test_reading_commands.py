"""The terminal reads networks: list, show, graph, and how they say no."""

from __future__ import annotations

import json
import os
import shlex
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
    assert set(layers[0]) == {
        "path", "kind", "input_shape", "output_shape", "parameters", "macs", "flops", "activation_bytes",
        "receptive_field", "training_only",
    }  # fmt: skip
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
        (["lst"], "'lst' is no command, did you mean list"),
        (["train", "lenet5", "--resume", "latest", "--epochs", "3", "-o", "form=modern"], "NAME, -o"),
        (["train", "--resume", "latest", "--threads", "0"], "leave out --threads"),
        (["runs", "--delete", ""], "--delete needs the name"),
        (["runs", "--restore", " "], "--restore needs the name"),
        (["runs", "--restore", "../x"], "not a path"),
        (["screenshots", "pictures", "--size", "1280"], "--size is WIDTHxHEIGHT"),
        (["screenshots", "pictures", "--size", "639x480"], "--size is 640x480 to"),
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
        (["screenshots", __file__], "is a file"),
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
    assert "list, show, graph, compare, measure, train, predict, explain, experiment, runs, weights" in complaint


@pytest.mark.parametrize(
    "command",
    ["list", "show", "graph", "compare", "measure", "train", "predict", "explain", "experiment", "runs", "weights",
     "screenshots"],
)  # fmt: skip
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert "usage: cnn-explorer" in capsys.readouterr().out


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run([sys.executable, "-m", "explorer", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("cnn-explorer ")


def _shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    script = command.replace("explorer", f"{shlex.quote(sys.executable)} -m explorer")
    return subprocess.run(
        ["bash", "-c", script], check=False, capture_output=True, text=True, env={**variables, **environment}
    )


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell and its devices")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("explorer list --catalogue | head -0; exit ${PIPESTATUS[0]}", 0),
        ("explorer list --catalogue --json | head -0; exit ${PIPESTATUS[0]}", 0),
        ("explorer list --catalogue >&-", 0),
        ("explorer list --catalogue --json >&-", 0),
    ],
)
def test_a_reader_who_has_gone_is_no_failure(command: str, code: int) -> None:
    done = _shell(command)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize(
    "command", ["explorer list --catalogue >/dev/full", "explorer list --catalogue --json >/dev/full"]
)
def test_output_that_cannot_be_written_is_one_line_and_exit_1(command: str) -> None:
    done = _shell(command)
    assert done.returncode == 1
    assert done.stderr.startswith("cnn-explorer: ")
    assert done.stderr.count("\n") == 1


def test_a_pipe_gets_plain_text_without_trailing_blanks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run(["show", "lenet5"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "\x1b" not in "".join(lines)
    assert all(line == line.rstrip() for line in lines)


def test_an_encoding_without_typographic_signs_gets_question_marks() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from explorer.cli import run; run(['list', '--catalogue'])"],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    program = "from explorer.cli.printing import prepare_output; prepare_output(); print('5×5')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout.strip() == b"5?5"


def test_an_interruption_while_the_program_loads_is_one_line_and_exit_130(tmp_path: Path) -> None:
    # A half imported torch, as an interruption leaves it: its parts are there, it is not.
    program = (
        "import sys, types\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'explorer.cli': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "sys.modules['torch._C'] = types.ModuleType('torch._C')\n"
        "import atexit; atexit.register(print, 'torn down')\n"
        "import explorer.__main__ as program; sys.exit(program.main())"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "cnn-explorer: interrupted\n")


@pytest.mark.parametrize(("given", "used"), [(None, "1"), ("2", "2")])
def test_numpy_keeps_to_one_core_unless_the_user_says_how_many(given: str | None, used: str) -> None:
    program = (
        "import os, sys\n"
        "import explorer.__main__ as program\n"
        "class Looks:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'numpy': print(os.environ['OPENBLAS_NUM_THREADS']); sys.stdout.flush(); os._exit(0)\n"
        "sys.meta_path.insert(0, Looks())\n"
        "sys.argv[1:] = ['show', 'lenet5']; program.main()"
    )
    env = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    if given is not None:
        env["OPENBLAS_NUM_THREADS"] = given
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, env=env)
    assert done.stdout.strip() == used
