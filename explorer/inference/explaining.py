"""Why a predictor answers as it does: the one way in for window, terminal and tests."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from explorer.data.batches import fitted_size
from explorer.inference.attribution import Attribution, Baseline, Method, Question
from explorer.inference.class_map_layers import default_layer
from explorer.inference.edits import Edit
from explorer.inference.grad_cam import grad_cam
from explorer.inference.integrated_gradients import integrating
from explorer.inference.occlusion import occluding
from explorer.inference.predictor import Predictor
from explorer.inference.running import to_the_end
from explorer.inference.saliency import gradient_times_input, saliency
from explorer.inference.score import Score, score_for
from explorer.inference.surgery import edited
from explorer.networks.architecture import Scores
from explorer.structure.graph import Graph
from explorer.structure.watch import Watch
from explorer.system import devices

# Values of inputs that go through the network at once: a piece of work should take some milliseconds.
_WITH_GRADIENT = 2**17
_WITHOUT = 2**19
_LEVELS = {Baseline.BLACK: 0, Baseline.WHITE: 255}
_PATCHES_A_SIDE = 7

T = TypeVar("T")
Work = Generator[float, None, Attribution]


@dataclass(frozen=True)
class Scored:
    """What a network says of one picture before any softmax: `scores` (the larger the likelier) of the `labels`."""

    labels: tuple[str, ...]
    scores: tuple[float, ...]


def scored(predictor: Predictor, graph: Graph, seen: NDArray[np.uint8], edits: Iterable[Edit] = ()) -> Scored | None:
    """The scores of one image [C, H, W] as `see` gave it, with edits in force; None where the network marks pixels.

    Raises:
        ValueError: an edit does not fit the graph.
    """
    with (
        devices.threads(predictor.threads),
        torch.inference_mode(),
        edited(predictor.network, graph, tuple(edits)) as network,
    ):
        outputs = network(predictor.prepared(seen))
    if outputs.ndim != 2:
        return None
    wins = -outputs if predictor.scores is Scores.DISTANCES else outputs
    return Scored(predictor.labels, tuple(wins[0].double().tolist()))


def explain(
    predictor: Predictor,
    graph: Graph,
    seen: NDArray[np.uint8],
    question: Question,
    edits: Iterable[Edit] = (),
    watch: Watch | None = None,
) -> Attribution:
    """The attribution of one image [C, H, W] as `see` gave it; see `explaining`.

    Raises:
        ValueError: as `explaining` does.
        Cancelled: `watch` said so.
    """
    return to_the_end(explaining(predictor, graph, seen, question, edits), question.method.words, watch)


def explaining(
    predictor: Predictor, graph: Graph, seen: NDArray[np.uint8], question: Question, edits: Iterable[Edit] = ()
) -> Work:
    """The attribution in pieces of work: yields the share that is done, at least once.

    `graph` is the network's own, for its input's shape. Between two pieces the network is as it was.

    Raises:
        ValueError: there is no such class or layer, no pixel is marked as the class, or a size is no positive number.
    """
    inside = _Inside(predictor, graph, tuple(edits))
    inputs = predictor.prepared(seen)
    with inside.run() as network, torch.inference_mode():
        outputs = network(inputs.clone())
    score = score_for(outputs, predictor.scores, question.label)
    told = float(score.of(outputs))
    cover = _baseline(predictor, seen, inputs, question.baseline)
    layer, patch, stride, before, error = "", 0, 0, None, None
    if question.method is Method.OCCLUSION:
        patch, stride = occlusion_sizes(question, (inputs.shape[2], inputs.shape[3]))
        at_once = max(1, min(64, _WITHOUT // inputs.numel()))
        values = yield from inside.each(
            occluding(predictor.network, inputs, score, patch=patch, stride=stride, baseline=cover, batch=at_once)
        )
    elif question.method is Method.INTEGRATED:
        at_once = max(1, min(50, _WITH_GRADIENT // inputs.numel()))
        found = yield from inside.each(
            integrating(predictor.network, inputs, score, baseline=cover, steps=question.steps, batch=at_once)
        )
        values, before, error, told = found.values.sum(dim=0), found.baseline_score, found.error, found.score
    else:
        with inside.run() as network:
            if question.method is Method.GRAD_CAM:
                layer = question.layer or default_layer(graph)
            values = _at_once(question.method, network, graph, inputs, score, layer)
        yield 1.0
    return Attribution(
        question,
        score.label,
        predictor.labels[score.label],
        told,
        _frozen(values),
        _frozen(over_picture(values, (seen.shape[1], seen.shape[2]))),
        layer,
        patch,
        stride,
        before,
        error,
    )


def occlusion_sizes(question: Question, field: tuple[int, int]) -> tuple[int, int]:
    """Patch and stride in pixels of an input (height, width), where a question leaves them open."""
    patch = question.patch or max(1, min(field) // _PATCHES_A_SIDE)
    return patch, question.stride or max(1, patch // 2)


def over_picture(values: Tensor, picture: tuple[int, int]) -> Tensor:
    """Values [H, W] of a network's input as values of the picture (height, width) that `prepare` put there."""
    field = (values.shape[0], values.shape[1])
    height, width = fitted_size(picture, field)
    top, left = (field[0] - height) // 2, (field[1] - width) // 2
    part = values[top : top + height, left : left + width]
    if (height, width) == picture:
        return part
    # Averages where the picture is smaller, so that no value falls between its pixels.
    return functional.interpolate(part[None, None], size=picture, mode="bilinear", antialias=True)[0, 0]


class _Inside:
    """Runs pieces of work with the edits in force and with as many threads as suit the network."""

    def __init__(self, predictor: Predictor, graph: Graph, edits: tuple[Edit, ...]) -> None:
        self._predictor = predictor
        self._graph = graph
        self._edits = edits

    @contextmanager
    def run(self) -> Iterator[nn.Module]:
        with (
            devices.threads(self._predictor.threads),
            edited(self._predictor.network, self._graph, self._edits) as network,
        ):
            yield network

    def each(self, work: Generator[float, None, T]) -> Generator[float, None, T]:
        """The same work, the network edited while a piece of it runs and no longer."""
        try:
            while True:
                with self.run():
                    try:
                        share = next(work)
                    except StopIteration as end:
                        result: T = end.value
                        return result
                yield share
        finally:
            work.close()


def _at_once(method: Method, network: nn.Module, graph: Graph, inputs: Tensor, score: Score, layer: str) -> Tensor:
    if method is Method.GRAD_CAM:
        return grad_cam(network, graph, inputs, score, layer).fine
    return (saliency if method is Method.SALIENCY else gradient_times_input)(network, inputs, score)[0]


def _baseline(predictor: Predictor, seen: NDArray[np.uint8], inputs: Tensor, baseline: Baseline) -> Tensor:
    """The empty picture as the network is given it."""
    if baseline is Baseline.MEAN:
        return torch.zeros_like(inputs)
    return predictor.prepared(np.full_like(seen, _LEVELS[baseline]))


def _frozen(values: Tensor) -> NDArray[np.float32]:
    array: NDArray[np.float32] = np.array(values.detach().numpy(), np.float32)
    array.setflags(write=False)
    return array
