"""The findings of an experiment as one page."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from made_experiment import load_made, made, made_runs, result
from PySide6.QtGui import QImage

from explorer import cli, experiments
from explorer.training import preparation
from explorer.ui.experiment_findings import Findings, of_result
from explorer.ui.experiment_sheet import compared_text, page_bytes, save_page, training_text

ERRORS = {"ReLU": (0.10, 0.12), "sigmoid": (0.20, 0.22)}


@pytest.fixture
def findings(tmp_path: Path, qapp: object) -> Findings:
    return of_result(result(made(), made_runs(tmp_path / "runs", ERRORS), ERRORS))


def _words(svg: bytes) -> str:
    """The text of an SVG, without spaces: Qt writes one element for each line."""
    return re.sub(r"\s|<[^>]*>", "", svg.decode()).replace("&lt;", "<")


def test_the_page_says_all_that_a_reader_needs(findings: Findings) -> None:
    said = _words(page_bytes(findings, ".svg"))
    for words in (
        "Made for tests",
        "Does ReLU err less than sigmoid?",
        "Nobody 2000, table 1",
        "Seen, as claimed",
        "21.0 ± 1.4 %",
        "Two perceptrons on 100 digits.",
        "That it is so on photographs too.",
        "activation: sigmoid",
        "test error (%)",
        "cnn-explorer experiment made",
    ):
        assert words.replace(" ", "") in said, words


def test_a_pdf_is_one_a4_page_in_landscape(findings: Findings) -> None:
    content = page_bytes(findings, ".pdf")
    assert content.startswith(b"%PDF")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert box is not None
    # 297 by 210 mm in points of 1/72 inch.
    assert float(box[1]) == pytest.approx(297 / 25.4 * 72, abs=1)
    assert float(box[2]) == pytest.approx(210 / 25.4 * 72, abs=1)
    assert content.count(b"/Type /Page\n") == 1


def test_nothing_leaves_the_margins_however_much_there_is_to_say(findings: Findings) -> None:
    part = findings.parts[0]
    long = dataclasses.replace(part, sentence="A sentence that is long enough to be wrapped a few times. " * 3)
    crowded = dataclasses.replace(findings, parts=(long,) * 5, tables=findings.tables * 2)
    image = QImage.fromData(page_bytes(crowded, ".png"))
    assert (image.width(), image.height()) == (2245, 1587)
    white = 0xFFFFFFFF
    edges = [(x, y) for x in range(0, image.width(), 7) for y in (20, image.height() - 20)]
    edges += [(x, y) for y in range(0, image.height(), 7) for x in (20, image.width() - 20)]
    assert all(image.pixel(x, y) == white for x, y in edges)
    # The rule above the configuration is not written over: the column of the verdict ends above it.
    assert any(image.pixel(1800, y) != white for y in range(1000, 1300))


def test_the_configuration_names_what_is_shared_and_what_differs(findings: Findings) -> None:
    assert training_text(findings).startswith("Built-in digits, 100 images, 1 epochs".replace("1 epochs", "1 epoch"))
    assert "batches of 25" in training_text(findings)
    assert compared_text(findings) == "ReLU (reference: activation: relu); sigmoid (activation: sigmoid)."


def test_another_suffix_is_refused(findings: Findings, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="svg, pdf or png"):
        save_page(findings, tmp_path / "page.gif")
    assert not (tmp_path / "page.gif").exists()


def test_the_terminal_saves_the_page_too(
    tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], qapp: object
) -> None:
    monkeypatch.setattr(experiments, "EXPERIMENTS", (made(),))
    monkeypatch.setattr(preparation.datasets, "load", load_made)
    page = tmp_path / "page.pdf"
    assert cli.run(["experiment", "made", "--page", str(page)]) == 0
    assert page.read_bytes().startswith(b"%PDF")
    assert "page saved as" in capsys.readouterr().err


def test_a_page_is_of_one_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["experiment", "--all", "--page", "a.pdf"]) != 0
    assert "--page is for one experiment" in capsys.readouterr().err
    assert cli.run(["experiment", "relu", "--page", "a.doc"]) != 0
    assert "not a.doc" in capsys.readouterr().err
