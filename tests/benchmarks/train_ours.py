"""`fit`, as the terminal uses it."""

from __future__ import annotations

import contextlib
import dataclasses
import json

from explorer.training.config import Precision
from explorer.training.events import RunStarted, StepsTrained
from explorer.training.fit import fit
from tests.benchmarks import task
from tests.benchmarks.our_config import our_config


def main(precision: Precision = "auto") -> None:
    name, batch_size = task.asked()
    clock = task.Clock(name)
    used = ""
    config = dataclasses.replace(our_config(name, batch_size), precision=precision)
    with contextlib.closing(fit(config)) as events:
        for event in events:
            if isinstance(event, RunStarted):
                used = event.precision
            elif isinstance(event, StepsTrained) and clock.tick(len(event.steps) * batch_size, epoch=event.epoch):
                break
    print(json.dumps({"images_per_second": clock.images_per_second, "precision": used}))


if __name__ == "__main__":
    main()
