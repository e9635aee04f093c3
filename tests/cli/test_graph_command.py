"""`graph` writes what one asked for: folding, direction, title, formats, input."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from explorer.cli import run

_TEXT = "{http://www.w3.org/2000/svg}text"


def _texts(path: Path) -> list[str]:
    return ["".join(element.itertext()).strip() for element in ET.parse(path).iter(_TEXT)]  # noqa: S314 - our own file


@pytest.mark.parametrize(
    ("folding", "shown", "hidden"),
    [
        ([], "C3", "▸ features"),
        (["--unfold"], "C3", "▸ features"),
        (["--fold"], "▸ features", "C3"),
        (["--depth", "0"], "▸ features", "C3"),
        (["--depth", "1"], "C3", "▸ features"),
    ],
)
def test_blocks_are_folded_as_asked(qapp, tmp_path: Path, folding: list[str], shown: str, hidden: str) -> None:
    assert run(["graph", "lenet5", str(tmp_path / "figure.svg"), *folding]) == 0
    texts = _texts(tmp_path / "figure.svg")
    assert shown in texts
    assert hidden not in texts


def test_vertical_figure_is_higher_than_wide(qapp, tmp_path: Path) -> None:
    assert run(["graph", "lenet5", str(tmp_path / "figure.png"), "--vertical", "--scale", "1"]) == 0
    image = QImage(str(tmp_path / "figure.png"))
    assert image.height() > 2 * image.width()


@pytest.mark.parametrize("quantity", ["parameters", "macs", "activation", "resolution"])
def test_colour_brings_its_legend(qapp, tmp_path: Path, quantity: str) -> None:
    assert run(["graph", "lenet5", str(tmp_path / "figure.svg"), "--colour", quantity]) == 0
    legends = [text for text in _texts(tmp_path / "figure.svg") if text.endswith(", logarithmic")]
    assert len(legends) == 1
    assert legends[0].lower().startswith(quantity)


def test_long_figure_stands_in_rows_unless_one_line_is_wanted(qapp, tmp_path: Path) -> None:
    ratios = {}
    for wrap in ("16:9", "0.6", "none"):
        assert run(["graph", "vgg16", str(tmp_path / "figure.png"), "--scale", "1", "--wrap", wrap]) == 0
        image = QImage(str(tmp_path / "figure.png"))
        ratios[wrap] = image.width() / image.height()
    assert ratios["none"] > 8
    assert 1 < ratios["16:9"] < 3
    assert ratios["0.6"] < ratios["16:9"]


@pytest.mark.parametrize("wrap", ["", "0", "1:0", "wide", "-2", "1:99"])
def test_page_that_is_none_is_refused(qapp, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrap: str) -> None:
    assert run(["graph", "lenet5", str(tmp_path / "figure.svg"), f"--wrap={wrap}"]) == 2
    assert "--wrap" in capsys.readouterr().err


def test_title_names_the_network_its_input_and_its_costs(qapp, tmp_path: Path) -> None:
    assert run(["graph", "lenet5", str(tmp_path / "figure.svg"), "--title"]) == 0
    texts = _texts(tmp_path / "figure.svg")
    assert "LeNet-5" in texts
    assert "input 1 × 28 × 28 · 61.7 k parameters · 417 k MACs" in texts


@pytest.mark.parametrize("suffix", ["dot", "gv"])
def test_dot_is_written_for_graphviz(qapp, tmp_path: Path, suffix: str) -> None:
    assert run(["graph", "lenet5", str(tmp_path / f"figure.{suffix}"), "--unfold"]) == 0
    text = (tmp_path / f"figure.{suffix}").read_text("utf-8")
    assert text.startswith("digraph")
    assert "features.c3" in text


@pytest.mark.parametrize("shape", ["", "1x0x28", "threebytwo", "1x28x28x28x28", "1x-3x28"])
def test_input_that_is_no_shape_is_refused(
    qapp, tmp_path: Path, capsys: pytest.CaptureFixture[str], shape: str
) -> None:
    file = tmp_path / "figure.svg"
    assert run(["graph", "lenet5", str(file), f"--input={shape}"]) == 2
    assert "such as 3x224x224" in capsys.readouterr().err.replace("\n", " ")
    assert not file.exists()


def test_two_ways_of_folding_at_once_are_refused(qapp, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["graph", "lenet5", str(tmp_path / "figure.svg"), "--fold", "--unfold"]) == 2
    assert "not allowed with" in capsys.readouterr().err
