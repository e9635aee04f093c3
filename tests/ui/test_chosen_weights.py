from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from explorer.ui.answering import Answering, Choice, Weights
from explorer.ui.chosen_weights import ChosenWeights
from explorer.ui.prediction_service import PredictionService
from explorer.ui.session import Session

RUN = Path("runs") / "a"


@pytest.fixture
def service(qtbot: QtBot) -> Iterator[PredictionService]:
    def load(choice: Choice) -> Answering:
        return Answering(lambda _digit: None, f"{choice.weights.value} {choice.path and choice.path.name}")

    service = PredictionService(load)
    yield service
    service.shutdown()


@pytest.fixture
def session(qtbot: QtBot, service: PredictionService) -> Iterator[Session]:
    session = Session()
    session.chosen = ChosenWeights(session, service, session)
    yield session
    session.shutdown()


def test_the_chosen_epoch_answers_the_pad_and_the_newest_again(session: Session, service: PredictionService) -> None:
    session.choose_weights(RUN, 3)
    assert (service.choice, service.path) == (Weights.CHOSEN, RUN / "weights" / "epoch-0003.safetensors")
    session.choose_weights(RUN, 4)
    session.choose_weights(RUN, None)
    assert service.choice is Weights.NEWEST


def test_what_answered_before_answers_again(session: Session, service: PredictionService) -> None:
    service.use_weights(RUN)
    session.choose_weights(RUN, 3)
    session.choose_weights(RUN, None)
    assert (service.choice, service.path) == (Weights.CHOSEN, RUN)


def test_another_choice_at_the_pad_is_left_alone(session: Session, service: PredictionService) -> None:
    session.choose_weights(RUN, 3)
    service.use_shipped()
    session.choose_weights(RUN, None)
    assert service.choice is Weights.SHIPPED


def test_one_choice_is_told_once(qtbot: QtBot, session: Session) -> None:
    told = []
    session.weights_chosen.connect(lambda folder, epoch: told.append((folder, epoch)))
    for epoch in (3, 3, None, None):
        session.choose_weights(RUN, epoch)
    assert told == [(RUN, 3), (RUN, None)]
    assert session.weights is None
