"""Figures: text stays text, pages and images have the graph's size, files are replaced whole."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from structure.graphs import lenet, make_graph

from explorer.structure.graph import Kind
from explorer.ui.figure import Figure, figure_image, save_figure
from explorer.ui.graph_heat import Quantity

_SVG = "{http://www.w3.org/2000/svg}"


def _svg_texts(path: Path) -> list[str]:
    return ["".join(element.itertext()).strip() for element in ET.parse(path).iter(f"{_SVG}text")]  # noqa: S314


def test_svg_holds_the_names_as_text(qapp, tmp_path: Path) -> None:
    save_figure(lenet(), tmp_path / "lenet.svg")
    texts = _svg_texts(tmp_path / "lenet.svg")
    for text in ("C1", "C3", "Output", "Conv 5×5, pad 2", "16 × 10 × 10", "48,120 params", "tanh", "▾ features"):
        assert text in texts


def test_svg_of_a_folded_graph_shows_the_block(qapp, tmp_path: Path) -> None:
    save_figure(lenet(), tmp_path / "lenet.svg", Figure(frozenset({"features"})))
    texts = _svg_texts(tmp_path / "lenet.svg")
    assert "▸ features" in texts
    assert "C1" not in texts


def test_svg_escapes_names_and_titles(qapp, tmp_path: Path) -> None:
    graph = make_graph([("<&", Kind.OTHER, "")], [], title="a < b & c")
    save_figure(graph, tmp_path / "odd.svg")
    assert "<&" in _svg_texts(tmp_path / "odd.svg")


def test_pdf_is_a_pdf_of_one_page(qapp, tmp_path: Path) -> None:
    save_figure(lenet(), tmp_path / "lenet.pdf")
    content = (tmp_path / "lenet.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert content.count(b"/Type /Page\n") == 1


def test_pdf_brings_its_fonts_and_says_what_their_letters_mean(qapp, tmp_path: Path) -> None:
    save_figure(lenet(), tmp_path / "lenet.pdf")
    content = (tmp_path / "lenet.pdf").read_bytes()
    assert b"/FontFile" in content
    # Without it, text could be seen and not be selected or searched.
    assert b"/ToUnicode" in content


def test_figure_with_a_title_names_network_and_input(qapp, tmp_path: Path) -> None:
    save_figure(lenet(), tmp_path / "lenet.svg", Figure(title=True))
    texts = _svg_texts(tmp_path / "lenet.svg")
    assert "LeNet-5" in texts
    assert "input 1 × 28 × 28 · 61.7 k parameters · 417 k MACs" in texts


def test_figure_coloured_by_a_quantity_has_its_legend(qapp, tmp_path: Path) -> None:
    save_figure(lenet(), tmp_path / "lenet.svg", Figure(quantity=Quantity.PARAMETERS))
    assert {"156 params", "48.1 k params"} <= set(_svg_texts(tmp_path / "lenet.svg"))


def test_remark_stands_under_the_figure(qapp, tmp_path: Path) -> None:
    graph = replace(lenet(), remark="structure only: the network branches on its data")
    save_figure(graph, tmp_path / "lenet.svg")
    assert "structure only: the network branches on its data" in _svg_texts(tmp_path / "lenet.svg")


def test_png_has_as_many_pixels_as_the_scale_says(qapp, tmp_path: Path) -> None:
    sizes = []
    for scale in (1.0, 3.0):
        save_figure(lenet(), tmp_path / "lenet.png", scale=scale)
        sizes.append(QImage(str(tmp_path / "lenet.png")).size())
    assert abs(sizes[1].width() - 3 * sizes[0].width()) <= 3
    assert sizes[0].width() > 500


def test_dark_and_light_figures_differ_in_their_ground(qapp) -> None:
    light, dark = (
        figure_image(lenet(), Figure(dark=dark), scale=1.0).pixelColor(2, 2).lightness() for dark in (False, True)
    )
    assert light > 240
    assert dark < 60


def test_dot_is_written_as_text(qapp, tmp_path: Path) -> None:
    save_figure(lenet(), tmp_path / "lenet.dot")
    assert "features.c1" in (tmp_path / "lenet.dot").read_text("utf-8")


@pytest.mark.parametrize("name", ["lenet.gif", "lenet"])
def test_unknown_suffix_is_refused_with_the_known_ones(qapp, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="svg, pdf, png"):
        save_figure(lenet(), tmp_path / name)
    assert list(tmp_path.glob("lenet*")) == []


def test_image_beyond_all_measure_is_refused_with_advice(qapp) -> None:
    with pytest.raises(ValueError, match="fold some blocks"):
        figure_image(lenet(), scale=1000.0)


def test_figure_is_written_without_a_display(tmp_path: Path) -> None:
    """In a process of its own, where no Qt application and no platform is set."""
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path\n"
        "from explorer.ui.figure import save_figure\n"
        "from structure.graphs import lenet\n"
        "save_figure(lenet(), Path(sys.argv[1]))\n"
    )
    root = Path(__file__).parents[2]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    path = tmp_path / "lenet.png"
    subprocess.run(
        [sys.executable, "-c", code, str(path), str(root), str(root / "tests")],
        env=environment,
        check=True,
        timeout=60,
        capture_output=True,
    )
    assert QImage(str(path)).width() > 500
