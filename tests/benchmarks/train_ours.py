"""`fit`, as the terminal uses it."""

from __future__ import annotations

import contextlib
import json

from explorer.training.events import StepsTrained
from explorer.training.fit import fit
from tests.benchmarks import task
from tests.benchmarks.our_config import our_config


def main() -> None:
    name, batch_size = task.asked()
    clock = task.Clock(name)
    with contextlib.closing(fit(our_config(name, batch_size))) as events:
        for event in events:
            if isinstance(event, StepsTrained) and clock.tick(len(event.steps) * batch_size):
                break
    print(json.dumps({"images_per_second": clock.images_per_second}))


if __name__ == "__main__":
    main()
