"""`fit`, as the terminal uses it."""

from __future__ import annotations

import json

from explorer.training.events import EpochFinished
from explorer.training.fit import fit
from tests.benchmarks import task
from tests.benchmarks.our_config import our_config


def main() -> None:
    paces = [
        event.images_per_second for event in fit(our_config(task.batch_size())) if isinstance(event, EpochFinished)
    ]
    print(json.dumps({"images_per_second": sum(paces[1:]) / len(paces[1:])}))


if __name__ == "__main__":
    main()
