from __future__ import annotations

import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from fork_server import Child, ForkServer, shared_server
from small_data import load_small
from team_script import PLAIN

from explorer.runs.checkpoint import load_checkpoint
from explorer.runs.metrics import read_metrics
from explorer.runs.run_folder import list_runs, read_run
from explorer.training.events import Warned
from explorer.training.fit import fit
from explorer.training.team import Team

LOOPBACK = "lo0" if sys.platform == "darwin" else "lo"

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are made by fork")


def pair(server: ForkServer, home: Path, call: str, *arguments: str, **environment: str) -> list[Child]:
    """Two processes that share this machine as a team."""
    both = {"CNN_EXPLORER_HOME": str(home), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "GLOO_SOCKET_IFNAME": LOOPBACK}
    return [
        server.start(call, *arguments, RANK=str(rank), LOCAL_RANK=str(rank), **both, **environment) for rank in range(2)
    ]


class Trained:
    """What a team did with the trainings of `team_script.py`."""

    def __init__(self, server: ForkServer, folder: Path) -> None:
        self._folder = folder
        members = pair(server, folder / "home", "team_script:main", f"file://{folder / 'meeting'}", str(folder))
        assert all(member.ended(120) for member in members)
        assert [member.code for member in members] == [0, 0], [member.complained for member in members]
        self.said: list[dict[str, dict[str, Any]]] = [
            {each["name"]: each for each in map(json.loads, member.printed.splitlines())} for member in members
        ]

    def weights(self, name: str, rank: int = 0) -> dict[str, torch.Tensor]:
        return torch.load(self._folder / f"{name}-{rank}.pt", weights_only=True)

    def run(self, name: str) -> Path:
        return Path(self.said[0][name]["folder"])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return Trained(shared_server(), tmp_path_factory.mktemp("team"))


def test_two_processes_end_as_one_does(trained: Trained) -> None:
    *_, alone = fit(PLAIN)
    found = load_checkpoint(alone.folder)
    assert found.position.step == 50
    together = trained.weights("plain")
    assert together.keys() == found.network.keys()
    # Sums are added up in another order, and where that brings a unit over zero, fifty steps make more of it; a share
    # that counted double would move weights by some hundredths.
    for name, tensor in found.network.items():
        assert (together[name] - tensor).abs().max() < 1e-3, name
    expected, rows = (read_metrics(folder / "metrics.csv") for folder in (alone.folder, trained.run("plain")))
    assert [row.step for row in rows] == [row.step for row in expected]
    for row, other in zip(rows, expected, strict=True):
        assert row.loss == pytest.approx(other.loss, abs=1e-3)
        # One image of a batch of 40 more or less.
        assert row.accuracy == pytest.approx(other.accuracy, abs=0.026)


@pytest.mark.parametrize("name", ["plain", "varied", "ordered", "resumed", "diverged"])
def test_all_processes_have_the_same_network(trained: Trained, name: str) -> None:
    first, second = (trained.weights(name, rank) for rank in range(2))
    assert all(torch.equal(first[key], second[key]) or name == "diverged" for key in first)
    lead, follower = (said[name] for said in trained.said)
    assert (lead["outcome"], lead["epochs"]) == (follower["outcome"], follower["epochs"])


def test_one_process_alone_keeps_a_run(trained: Trained) -> None:
    runs = list_runs(trained.run("plain").parent)
    assert sorted(run.status for run in runs) == ["diverged", "finished", "finished", "finished"]
    assert all(run.record.processes == 2 for run in runs)


def test_batch_norm_in_a_team_is_explained_once(trained: Trained) -> None:
    (warning,) = trained.said[0]["varied"]["warnings"]
    assert "statistics are averaged" in warning
    assert trained.said[0]["plain"]["warnings"] == []


def test_a_team_pauses_changes_and_stops_together_when_its_lead_is_told(trained: Trained) -> None:
    lead, follower = (said["ordered"] for said in trained.said)
    assert {"Paused", "Changed"} <= set(lead["kinds"]) & set(follower["kinds"])
    # How many epochs fit between the orders depends on the machine.
    assert lead["outcome"] == follower["outcome"] == "stopped"
    assert 1 <= lead["epochs"] == follower["epochs"] < 8
    resumed = read_run(trained.run("resumed"))
    assert (resumed.status, resumed.record.summary.epochs) == ("finished", 8)
    assert [change.text for change in resumed.record.changes] == ["learning rate 0.01 → 0.002, epochs 50 → 8"]


def test_a_team_that_diverges_ends_together(trained: Trained) -> None:
    assert [said["diverged"]["outcome"] for said in trained.said] == ["diverged", "diverged"]
    assert "try a lower one" in read_run(trained.run("diverged")).record.advice


@pytest.mark.parametrize(
    ("count", "smallest", "shares"), [(7, 1, [3, 4]), (3, 2, [3, 0]), (1, 1, [1, 0]), (4, 2, [2, 2])]
)
def test_shares_are_alike_or_nothing_and_make_the_whole(count: int, smallest: int, shares: list[int]) -> None:
    parts = [Team(rank, 2).share(count, smallest) for rank in range(2)]
    assert [len(range(count)[part]) for part in parts] == shares
    assert [number for part in parts for number in range(count)[part]] == list(range(count))


def test_a_batch_that_is_too_small_to_share_is_refused() -> None:
    from explorer.training.ingredients import ingredients

    config = type(PLAIN)(dataset="digits", batch_size=3)
    with pytest.raises(ValueError, match="4 processes cannot share a batch of 3; choose a batch size of 4 or more"):
        ingredients(config, load_small("digits"), "cpu", team=Team(0, 4))


@pytest.fixture
def training(server: ForkServer, own_home: Path) -> list[Child]:
    """Two processes that have trained an epoch, and would go on for hours."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    members = pair(server, own_home, "team_script:command", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    assert members[0].line(60), members[0].complained
    return members


def check_that_it_goes_on(runs: Path) -> None:
    """One process takes over from the last complete epoch."""
    (run,) = list_runs(runs)
    assert run.status == "interrupted"
    resumed = fit(None, run.folder)
    started, warned = next(resumed), next(resumed)
    assert started.first_epoch == load_checkpoint(run.folder).position.epoch + 1 >= 2
    assert isinstance(warned, Warned)
    assert "began with 2 processes and goes on with 1" in warned.message
    resumed.close()


@pytest.mark.parametrize("rank", [0, 1])
def test_a_killed_process_ends_the_others_with_a_message_and_the_run_can_go_on(
    training: list[Child], runs: Path, rank: int
) -> None:
    training[rank].kill()
    left = training[1 - rank]
    assert left.ended(30)
    (run,) = list_runs(runs)
    assert left.code == 1
    (sentence,) = (line for line in left.complained.splitlines() if "cnn-explorer" in line and "Loading" not in line)
    assert "another process of this training has ended" in sentence
    assert f"cnn-explorer train --resume {run.name}" in sentence
    assert "Traceback" not in left.complained
    check_that_it_goes_on(runs)


def test_an_interrupted_team_ends_with_its_last_epoch_saved(training: list[Child], runs: Path) -> None:
    for process in training:
        process.send_signal(signal.SIGINT)
    assert all(process.ended(30) for process in training)
    assert all(process.code in {1, 130} for process in training)
    errors = [process.complained for process in training]
    told = [line for text in errors for line in text.splitlines() if "--resume" in line]
    assert len(told) == 1
    assert not any("Traceback" in text for text in errors)
    check_that_it_goes_on(runs)
