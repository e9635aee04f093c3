"""A step of preprocessing that is left out is left out everywhere: pad, feature maps, why, several networks, strip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from explorer.data.changes import Changes
from explorer.data.sketch import Sketch, Stroke
from explorer.data.steps import Adjusted
from explorer.inference.explaining import scored
from explorer.inference.kinds import Takes
from explorer.inference.predictor import Predictor
from explorer.inference.sources import shipped_for
from explorer.inference.ten_crop import averaged
from explorer.inference.tolerance import tolerance
from explorer.networks.entries.lenet import LENET5
from explorer.ui.input_panel import InputPanel
from explorer.ui.inside_maps import maps
from explorer.ui.inside_service import InsideService, Subject
from explorer.ui.prediction_service import PredictionService
from explorer.ui.session import Session
from explorer.ui.several_service import SeveralService

SHIPPED = shipped_for(Takes.DIGITS)
pytestmark = pytest.mark.skipif(SHIPPED is None, reason="no weights came with the program")

SEVEN = Sketch((Stroke(((30.0, 40.0), (120.0, 40.0), (60.0, 190.0))),))
LEFT_OUT = (frozenset({"fitted"}), frozenset({"normalised"}), frozenset({"centred", "normalised"}))


@dataclass
class Place:
    panel: InputPanel
    inside: InsideService
    several: SeveralService
    pad: list[Any] = field(default_factory=list)
    together: list[Any] = field(default_factory=list)


@pytest.fixture
def place(qtbot: QtBot) -> Iterator[Place]:
    session, service = Session(), PredictionService()
    panel = InputPanel(session, service)
    qtbot.addWidget(panel)
    made = Place(panel, InsideService(session, service), SeveralService())
    panel.source_changed.connect(made.inside.set_input)
    panel.source_changed.connect(made.several.set_input)
    service.answered.connect(made.pad.append)
    made.several.answered.connect(made.together.append)
    made.several.set_members((SHIPPED,))
    made.several.watch(is_watched=True)
    with qtbot.waitSignal(made.inside.subject_changed, timeout=20_000):
        session.show(LENET5)
    yield made
    for each in (made.inside, made.several, service, panel, session):
        each.shutdown()


def _shares(answers: list[Any]) -> tuple[float, ...]:
    return answers[-1].prediction.probabilities if answers and answers[-1].prediction else ()


def _together(answers: list[Any]) -> tuple[float, ...]:
    spoken = answers[-1].spoken if answers else ()
    return spoken[0].answer.probabilities if spoken and spoken[0].answer else ()


@pytest.mark.parametrize("off", LEFT_OUT, ids=lambda off: "+".join(sorted(off)))
def test_the_pad_the_maps_why_and_several_agree(place: Place, qtbot: QtBot, off: frozenset[str]) -> None:
    place.panel.pad.show_sketch(SEVEN)
    qtbot.waitUntil(lambda: bool(_shares(place.pad)) and bool(_together(place.together)), timeout=20_000)
    whole = _shares(place.pad)
    assert _together(place.together) == pytest.approx(whole)

    place.panel.sections.leave_out(off)
    qtbot.waitUntil(lambda: _shares(place.pad) != whole)
    qtbot.waitUntil(lambda: _together(place.together) != pytest.approx(whole))
    assert _together(place.together) == pytest.approx(_shares(place.pad))

    looks: list[Any] = []

    def look(subject: Subject) -> Any:
        found = scored(subject.predictor, subject.graph, subject.seen)
        return subject.seen, maps(subject, "input").maps, found.scores

    place.inside.ask("test", look, looks.append)
    qtbot.waitUntil(lambda: bool(looks))
    seen, given, scores = looks[0]
    assert np.array_equal(seen, place.pad[-1].seen)
    # LeNet-5 is given its image in a margin of two pixels, of 0 to 1 where it is not normalised.
    is_plain = "normalised" in off
    assert bool(given.min() >= 0 and given.max() <= 1) is is_plain
    shares = np.exp(scores - np.max(scores))
    assert (shares / shares.sum()).tolist() == pytest.approx(_shares(place.pad), abs=1e-6)


def test_what_looks_at_weights_alone_keeps_the_networks_own_preprocessing(place: Place, qtbot: QtBot) -> None:
    place.panel.pad.show_sketch(SEVEN)
    place.panel.sections.leave_out(frozenset({"normalised"}))
    # The weights on the pad are there: what is looked into is not looked for again.
    qtbot.waitUntil(lambda: bool(_shares(place.pad)), timeout=20_000)
    kinds: list[Any] = []
    for key, needs_input in (("weights", False), ("input", True)):
        place.inside.ask(
            key, lambda subject: subject.predictor.preprocessing.mean, kinds.append, needs_input=needs_input
        )
    qtbot.waitUntil(lambda: len(kinds) == 2)
    assert kinds == [Predictor.from_file(SHIPPED).preprocessing.mean, (0.0,)]


def test_the_strip_answers_without_the_step(place: Place, qtbot: QtBot) -> None:
    picture = np.full((60, 90), 255, np.uint8)
    picture[10:50, 40:46] = 0
    place.panel.strip.add_pixels("one", picture)
    qtbot.waitUntil(lambda: place.panel.strip.answer(0) is not None, timeout=20_000)
    off = frozenset({"normalised"})
    place.panel.sections.leave_out(off)
    predictor = Predictor.from_file(SHIPPED).leaving_out(off)
    expected = predictor.answer(predictor.see(picture)).top(1)[0]
    qtbot.waitUntil(
        lambda: (
            (answer := place.panel.strip.answer(0)) is not None
            and (answer.label, answer.share) == (expected[0], pytest.approx(expected[1]))
        )
    )


def test_several_views_and_sliders_start_from_the_pads_answer() -> None:
    predictor = Predictor.from_file(SHIPPED)
    source = Adjusted(SEVEN, frozenset({"normalised"}))
    raw = predictor.without_normalising().answer(predictor.see(SEVEN)).probabilities
    assert raw != pytest.approx(predictor.answer(predictor.see(SEVEN)).probabilities)
    views = averaged(predictor, source)
    assert views.single.probabilities == pytest.approx(raw)
    assert views.mean.probabilities != pytest.approx(averaged(predictor, SEVEN).mean.probabilities)
    assert tolerance(predictor, source, Changes()).answer.probabilities == pytest.approx(raw, rel=1e-4)
