"""The runs of an experiment can be exported as a script that starts and reads what they did."""

from __future__ import annotations

import ast

from tiny import ARMS, tiny

from explorer.claims.claim import Arm
from explorer.claims.events import RunDone
from explorer.claims.runner import conduct
from explorer.runs.export_script import script_of
from explorer.runs.run_folder import read_run
from explorer.system.settings import Settings


def test_a_twins_script_takes_over_the_first_weights_and_reads_the_slice() -> None:
    deep = Arm("deep", "mlp", {"units": 8, "layers": 2}, differs=("options.layers",))
    experiment = tiny(arms=(ARMS[0], deep), parts=())
    events = conduct(experiment, seeds=1, settings=Settings(threads=1, device="cpu"))
    folders = [event.run.folder for event in events if isinstance(event, RunDone)]
    first, second = (script_of(read_run(folder).record, folder.name) for folder in folders)
    for text in (first, second):
        ast.parse(text)
        assert "Split(train.images[:100], train.labels[:100])" in text
        assert "Split(test.images[:50], test.labels[:50])" in text
    assert "copy_matching(build_mlp(MLPOptions(layers=1, units=8," in second
    assert "MLPOptions(layers=2, units=8," in second
