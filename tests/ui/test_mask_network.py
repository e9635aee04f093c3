"""U-Net on screen marks what is drawn; another network on screen, and digits are read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from explorer.inference.kinds import Takes
from explorer.networks import catalogue
from explorer.ui.answering import Answering, Choice, Subject, Weights
from explorer.ui.mask_network import MaskNetwork
from explorer.ui.prediction_service import PredictionService
from explorer.ui.session import Session


@pytest.fixture
def service(qtbot: QtBot) -> Iterator[PredictionService]:
    service = PredictionService(lambda choice: Answering(lambda _seen: None, choice.weights.value))
    yield service
    service.shutdown()


@pytest.fixture
def session(qtbot: QtBot, service: PredictionService) -> Session:
    session = Session()
    session.masks = MaskNetwork(session, service, session)
    return session


def show(session: Session, name: str) -> None:
    architecture = catalogue.get(name)
    session.architecture_changed.emit(architecture, architecture.options_type())


def test_masks_follow_the_pen_while_u_net_is_on_screen(session: Session, service: PredictionService) -> None:
    show(session, "unet")
    assert service.chosen(Subject.DRAWING) == Choice(Weights.NEWEST, None, Takes.MASKS)
    show(session, "resnet18")
    assert service.chosen(Subject.DRAWING) == Choice(Weights.NEWEST, None, Takes.DIGITS)


def test_weights_that_answered_before_answer_again(session: Session, service: PredictionService) -> None:
    service.choose(Subject.DRAWING, Choice(Weights.CHOSEN, Path("mine"), Takes.DIGITS))
    show(session, "unet")
    show(session, "lenet5")
    assert service.chosen(Subject.DRAWING) == Choice(Weights.CHOSEN, Path("mine"), Takes.DIGITS)


def test_weights_chosen_meanwhile_stay(session: Session, service: PredictionService) -> None:
    show(session, "unet")
    service.choose(Subject.DRAWING, Choice(Weights.SHIPPED, None, Takes.DIGITS))
    show(session, "lenet5")
    assert service.chosen(Subject.DRAWING).weights is Weights.SHIPPED
