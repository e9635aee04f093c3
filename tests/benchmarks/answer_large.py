"""How long ResNet-18 at 224 x 224 takes for a photograph: by itself, or through the window's service.

Each in a process of its own, and the weights come from a file: threads that torch keeps for one thing slow down the
next, and the window has none but those that answer.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
import torch
from PySide6.QtCore import QEventLoop

from explorer.inference.initial_weights import untrained
from explorer.inference.predictor import Predictor
from explorer.networks import catalogue
from explorer.runs.weights import save_weights
from explorer.system import devices
from explorer.ui.answering import Choice, Subject, Weights
from explorer.ui.app import create_application
from explorer.ui.prediction_service import PredictionService

WARM_UP = 2
ROUNDS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("save", "forward", "answer"))
    parser.add_argument("weights", type=Path)
    arguments = parser.parse_args()
    if arguments.what == "save":
        _save(arguments.weights)
        print(json.dumps({}))
        return
    picture = np.random.default_rng(5).integers(0, 256, (480, 640, 3), np.uint8)
    times = (_forward if arguments.what == "forward" else _answer)(arguments.weights, picture)
    print(json.dumps({"milliseconds": statistics.median(times[WARM_UP:])}))


def _save(weights: Path) -> None:
    architecture = catalogue.get("resnet18")
    predictor = untrained(architecture, architecture.options_type())
    save_weights(
        weights,
        predictor.network,
        architecture=predictor.architecture,
        options=predictor.options,
        labels=predictor.labels,
        preprocessing=predictor.preprocessing,
        provenance={},
    )


def _forward(weights: Path, picture: np.ndarray) -> list[float]:
    """The network alone, on a tensor that is ready, with as many threads as the answer has."""
    predictor = Predictor.from_file(weights)
    x = predictor.prepared(predictor.see(picture))
    times = []
    with devices.threads(predictor.threads), torch.inference_mode():
        for _ in range(ROUNDS + WARM_UP):
            began = time.perf_counter()
            predictor.network(x)
            times.append((time.perf_counter() - began) * 1000)
    return times


def _answer(weights: Path, picture: np.ndarray) -> list[float]:
    """From the request in the UI thread to the answer there, the picture's way to 224 x 224 included."""
    waiting = QEventLoop(create_application())
    service = PredictionService()
    times: list[float] = []
    failures: list[str] = []

    def take(answer: object) -> None:
        times.append((time.perf_counter() - answer.requested_at) * 1000)
        waiting.quit()

    service.answered.connect(take)
    service.failed.connect(failures.append)
    service.failed.connect(waiting.quit)
    service.choose(Subject.PHOTOGRAPH, Choice(Weights.CHOSEN, weights))
    for _ in range(ROUNDS + WARM_UP):
        service.predict(picture)
        waiting.exec()
        if failures:
            break
    service.shutdown()
    if failures:
        raise SystemExit(failures[0])
    return times


if __name__ == "__main__":
    main()
