"""One way in for window, terminal and tests: a question about what a predictor saw."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.data.digits import make_digits
from explorer.inference.attribution import Baseline, Method, Question
from explorer.inference.edits import Silence
from explorer.inference.explaining import explain, explaining, occlusion_sizes, over_picture, scored
from explorer.inference.grad_cam import grad_cam
from explorer.inference.predictor import Predictor, shipped_weights
from explorer.inference.saliency import saliency
from explorer.inference.score import Score
from explorer.inference.temperature import tempered
from explorer.structure.graph import Graph
from explorer.structure.trace import trace

Subject = tuple[Predictor, Graph]


def shipped(name: str) -> Subject:
    path = next(path for path in shipped_weights() if path.name.startswith(name))
    predictor = Predictor.from_file(path)
    return predictor, trace(predictor.network, predictor.preprocessing.input_shape)


@pytest.fixture(scope="module")
def lenet() -> Subject:
    return shipped("lenet5")


@pytest.fixture(scope="module")
def seven() -> np.ndarray:
    split = make_digits(20, seed=3)
    return split.images[list(split.labels).index(7)]


@pytest.mark.parametrize("method", Method)
def test_every_method_answers_about_the_answered_class(method: Method, lenet: Subject, seven: np.ndarray) -> None:
    predictor, graph = lenet
    found = explain(predictor, graph, seven, Question(method))
    assert found.label_name == predictor.predict(seven)[0].best == "7"
    assert found.values.shape == found.on_seen.shape == (28, 28)
    assert found.most > 0
    assert not found.values.flags.writeable
    assert bool(found.values.min() < 0) is method.is_signed


def test_the_numbers_are_those_of_the_functions(lenet: Subject, seven: np.ndarray) -> None:
    predictor, graph = lenet
    x = predictor.prepared(seven)
    slope = saliency(predictor.network, x, Score(3))[0].numpy()
    assert np.array_equal(explain(predictor, graph, seven, Question(Method.SALIENCY, 3)).values, slope)
    cam = grad_cam(predictor.network, graph, x, Score(7), "features.c1").fine.numpy()
    asked = Question(Method.GRAD_CAM, layer="features.c1")
    assert np.array_equal(explain(predictor, graph, seven, asked).values, cam)


def test_integrated_gradients_tell_their_error(lenet: Subject, seven: np.ndarray) -> None:
    predictor, graph = lenet
    found = explain(predictor, graph, seven, Question(Method.INTEGRATED, steps=200))
    blank = scored(predictor, graph, np.zeros_like(seven))
    here = scored(predictor, graph, seven)
    assert blank is not None
    assert here is not None
    assert found.score == pytest.approx(here.scores[7], abs=1e-4)
    assert found.baseline_score == pytest.approx(blank.scores[7], abs=1e-4)
    assert found.values.sum() == pytest.approx(found.score - blank.scores[7], rel=0.01)
    assert found.completeness_error == pytest.approx(
        abs(found.values.sum() - (found.score - blank.scores[7])), abs=1e-3
    )


def test_black_pixels_have_no_share_against_black(lenet: Subject, seven: np.ndarray) -> None:
    found = explain(*lenet, seven, Question(Method.INTEGRATED))
    assert not found.values[seven[0] == 0].any()
    against_white = explain(*lenet, seven, Question(Method.INTEGRATED, baseline=Baseline.WHITE))
    assert against_white.values[seven[0] == 0].any()


def test_long_work_comes_in_pieces_between_which_the_network_is_whole(lenet: Subject, seven: np.ndarray) -> None:
    predictor, graph = lenet
    whole = predictor.predict(seven)
    work = explaining(predictor, graph, seven, Question(Method.OCCLUSION, patch=2, stride=1), [Silence("features.c1")])
    shares = [next(work), next(work)]
    assert 0 < shares[0] < shares[1] < 1
    assert predictor.predict(seven) == whole
    work.close()
    assert predictor.predict(seven) == whole


def test_an_edited_network_is_explained_as_it_is_edited(lenet: Subject, seven: np.ndarray) -> None:
    predictor, graph = lenet
    edits = (Silence("features.s4"),)
    found = explain(predictor, graph, seven, Question(Method.SALIENCY, 7), edits)
    assert found.most == 0  # nothing of the picture gets through
    before, after = scored(predictor, graph, seven), scored(predictor, graph, seven, edits)
    assert before is not None
    assert after is not None
    assert before.scores != after.scores
    with torch.no_grad():
        rest = predictor.network.classifier(torch.zeros(1, 16, 5, 5))[0]
    assert after.scores == pytest.approx(rest.tolist(), abs=1e-6)


def test_scores_at_temperature_one_are_the_answer(lenet: Subject, seven: np.ndarray) -> None:
    predictor, graph = lenet
    found = scored(predictor, graph, seven)
    assert found is not None
    answer = tempered(found.labels, found.scores, 1.0)
    assert answer.probabilities == pytest.approx(predictor.predict(seven)[0].probabilities, abs=1e-12)


def test_marked_pixels_are_explained_by_the_sum_over_them() -> None:
    predictor, graph = shipped("unet")
    sides = predictor.seen_shape
    seen = np.full(sides, 64, np.uint8)
    seen[:, sides[1] // 4 : 3 * sides[1] // 4, sides[2] // 2 - 2 : sides[2] // 2 + 3] = 240
    marked = predictor.mark(seen)[0]
    found = explain(predictor, graph, seen, Question(Method.SALIENCY))
    assert found.label_name == marked.best != predictor.labels[0]
    with torch.no_grad():
        outputs = predictor.network(predictor.prepared(seen))[0]
    region = outputs.argmax(0) == found.label
    assert found.score == pytest.approx(outputs[found.label][region].sum().item(), rel=1e-5)
    assert scored(predictor, graph, seen) is None


def test_sizes_are_reckoned_from_the_input() -> None:
    assert occlusion_sizes(Question(), (28, 28)) == (4, 2)
    assert occlusion_sizes(Question(), (224, 224)) == (32, 16)
    assert occlusion_sizes(Question(patch=5, stride=3), (28, 28)) == (5, 3)
    assert occlusion_sizes(Question(), (4, 4)) == (1, 1)


def test_the_margin_of_an_input_is_left_out_over_the_picture() -> None:
    values = torch.zeros(32, 32)
    values[2, 2] = 1.0
    values[0, 0] = 5.0
    shown = over_picture(values, (28, 28))
    assert shown.shape == (28, 28)
    assert shown[0, 0] == 1.0
    assert shown.sum() == 1.0
    assert over_picture(torch.ones(224, 224), (32, 32)).shape == (32, 32)
    assert torch.allclose(over_picture(torch.ones(224, 224), (32, 32)), torch.ones(32, 32))
