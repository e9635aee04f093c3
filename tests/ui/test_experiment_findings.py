"""What an experiment came to, from a result and from disk."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from made_experiment import made, made_runs, result

from explorer import experiments
from explorer.claims import kept
from explorer.claims.verdict import Outcome
from explorer.ui import experiment_findings
from explorer.ui.experiment_findings import all_kept, of_result

ERRORS = {"ReLU": (0.10, 0.12), "sigmoid": (0.20, 0.30)}


def test_the_first_table_has_mean_spread_and_each_seed(tmp_path: Path) -> None:
    findings = of_result(result(made(), made_runs(tmp_path, ERRORS), ERRORS))
    table = findings.tables[0]
    assert table.title == "The test error at the end"
    assert table.columns == ("Arm", "Mean ± sd", "Seed 0", "Seed 1")
    # The sample's standard deviation of 0.2 and 0.3 is 0.0707.
    assert table.rows[1] == ("sigmoid", "25.0 ± 7.1 %", "20.0 %", "30.0 %")
    assert findings.tables[1].title == "Sizes"


def test_a_kept_result_comes_back_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments, "EXPERIMENTS", (made(),))
    done = result(made(), made_runs(tmp_path, ERRORS), ERRORS)
    kept.keep(done)
    assert all_kept() == {("made", "short"): of_result(done)}


def test_what_somebody_broke_is_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiments, "EXPERIMENTS", (made(),))
    path = kept.keep(result(made(), made_runs(tmp_path, ERRORS), ERRORS))
    stored = json.loads(path.read_text())
    for broken in ({**stored, "verdict": "maybe"}, {**stored, "parts": 3}, {"experiment": "made"}):
        path.write_text(json.dumps(broken))
        assert all_kept() == {}


def test_a_diverged_run_is_named_in_its_row(tmp_path: Path) -> None:
    done = result(made(), made_runs(tmp_path, ERRORS), ERRORS)
    stored = done.to_json()
    stored["parts"][0]["figures"][1].update(diverged=1, values=[None, 0.3], mean=0.3, sd=None)
    findings = experiment_findings._findings(made(), stored)
    assert findings is not None
    assert findings.tables[0].rows[1] == ("sigmoid (1 diverged)", "30.0 %", "–", "30.0 %")


def test_the_verdict_is_the_one_of_the_parts(tmp_path: Path) -> None:
    worse = {"ReLU": (0.30, 0.301), "sigmoid": (0.10, 0.102)}
    findings = of_result(result(made(), made_runs(tmp_path, worse), worse))
    assert findings.outcome is Outcome.CONTRADICTED
    assert not math.isnan(findings.seconds)
