import os
import random
import signal
import time
from pathlib import Path

import pytest
from fork_server import ForkServer
from killed_script import EPOCHS, STEPS

from explorer.runs import epochs
from explorer.runs.lock import LockedError
from explorer.runs.metrics import read_metrics
from explorer.runs.run_folder import list_runs, read_run
from explorer.training.fit import fit

KILLS = int(os.environ.get("CNN_EXPLORER_KILLS", "20"))
# About as many as a whole training has; a sitting that goes on has fewer left.
MOST_ACTS = 200
# Before the act, or in the middle of what follows: a file of 250 kB is written in some tenths of a millisecond.
DELAYS = (0.0, 20e-6, 50e-6, 200e-6)

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="children are made by fork")


def weights(folder: Path) -> list[bytes]:
    return [epochs.weights_path(folder, epoch).read_bytes() for epoch in epochs.saved_epochs(folder)]


def test_a_run_killed_at_random_moments_ends_with_the_same_bytes(server: ForkServer, own_home: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - moments, not secrets
    runs = own_home / "runs"
    seen: list[Path] = []
    kills = {"while it wrote": 0, "at any time": 0}

    def sitting(folder: Path | None, seconds: float, deadly: int = 0, delay: float = 0.0) -> int:
        child = server.start(
            "killed_script:sit", str(runs), str(folder or ""), deadly, delay, CNN_EXPLORER_HOME=str(own_home)
        )
        if not child.ended(seconds):
            child.kill()
        assert child.code in {0, -signal.SIGKILL, -signal.SIGALRM}, child.complained
        return int(child.code != 0)

    def newest() -> Path | None:
        return next((run.folder for run in list_runs(runs) if run.folder not in seen), None)

    began = time.monotonic()
    assert sitting(None, 60) == 0
    whole = time.monotonic() - began
    reference = newest()
    seen.append(reference)
    expected = weights(reference)
    assert len(expected) == EPOCHS
    while sum(kills.values()) < KILLS:
        folder = None
        while folder is None or read_run(folder).status != "finished":
            # In turns: at some act on a file, which lies inside of a checkpoint or record, and at any time at all.
            if kills["while it wrote"] <= kills["at any time"]:
                kills["while it wrote"] += sitting(folder, 60, chance.randint(1, MOST_ACTS), chance.choice(DELAYS))
            else:
                kills["at any time"] += sitting(folder, chance.uniform(0.02, 1.0) * whole)
            folder = folder or newest()
        seen.append(folder)
        assert weights(folder) == expected
        rows = read_metrics(folder / "metrics.csv")
        assert [row.step for row in rows if row.split == "train"] == list(range(1, STEPS + 1))
        assert [row.epoch for row in rows if row.split == "test"] == list(range(1, EPOCHS + 1))
        assert not list(folder.rglob(".*.tmp"))
    assert min(kills.values()) >= KILLS // 4


def test_a_second_process_leaves_a_run_to_the_first(server: ForkServer, own_home: Path) -> None:
    runs = own_home / "runs"
    first = server.start("killed_script:sit_for_long", CNN_EXPLORER_HOME=str(own_home))
    assert first.line(30) == "an epoch"
    (run,) = list_runs(runs)
    assert run.status == "running"
    with pytest.raises(LockedError, match="is being trained by process"):
        next(fit(None, run.folder))
    os.kill(first.pid, signal.SIGSTOP)
    before = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    with pytest.raises(LockedError):
        next(fit(None, run.folder))
    assert {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()} == before
    first.kill()
    resumed = fit(None, run.folder)
    assert next(resumed).first_epoch >= 2
    resumed.close()
