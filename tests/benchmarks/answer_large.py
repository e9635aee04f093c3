"""How long ResNet-18 at 224 x 224 takes to answer a photograph through the pad's service, and by itself."""

from __future__ import annotations

import json
import statistics
import sys
import time

import numpy as np
import torch

from explorer.inference.initial_weights import untrained
from explorer.inference.predictor import Predictor
from explorer.networks import catalogue
from explorer.system import devices
from explorer.ui.answering import Answering
from explorer.ui.app import create_application
from explorer.ui.prediction_service import PredictionService

ROUNDS = 20


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    architecture = catalogue.get("resnet18")
    predictor = untrained(architecture, architecture.options_type())
    picture = np.random.default_rng(5).integers(0, 256, (480, 640, 3), np.uint8)
    print(json.dumps({"forward": _forward(predictor, picture, rounds), "answer": _answer(predictor, picture, rounds)}))


def _forward(predictor: Predictor, picture: np.ndarray, rounds: int) -> float:
    """The network alone, on a tensor that is ready, with as many threads as the answer has."""
    x = predictor.prepared(predictor.see(picture))
    times = []
    with devices.threads(predictor.threads), torch.inference_mode():
        for _ in range(rounds + 2):
            began = time.perf_counter()
            predictor.network(x)
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[2:])


def _answer(predictor: Predictor, picture: np.ndarray, rounds: int) -> float:
    """From the request in the UI thread to the answer there, the picture's way to 224 x 224 included."""
    application = create_application()
    service = PredictionService(
        lambda _choice: Answering(predictor.answer, "ResNet-18", predictor.see, predictor.takes)
    )
    answered: list[float] = []
    service.answered.connect(lambda answer: answered.append((time.perf_counter() - answer.requested_at) * 1000))
    for number in range(rounds + 2):
        service.predict(picture)
        while len(answered) <= number:
            application.processEvents()
    service.shutdown()
    return statistics.median(answered[2:])


if __name__ == "__main__":
    main()
