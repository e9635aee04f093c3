"""Figures of finished runs that need their weights: how a trained network answers other images than it was tested on.

Each function takes a run's folder and the settings; images are the first of the test set that the run was tested on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from explorer.claims.results import Chart, Computed, Context, Line
from explorer.data import datasets
from explorer.data.batches import Preprocessing, prepare, prepare_labels
from explorer.inference.residual_share import residual_shares
from explorer.networks.architecture import Scores
from explorer.networks.lenet import digit_centres
from explorer.runs import epochs
from explorer.runs.run_folder import read_run
from explorer.runs.weights import LoadedNetwork, load_network
from explorer.structure.trace import trace
from explorer.system.settings import Settings

_BATCH = 500


@dataclass(frozen=True, eq=False)
class Trained:
    """A run's network after its last epoch, on the CPU in evaluation, and the test images [N, C, H, W] of 0 to 255."""

    network: nn.Module
    preprocessing: Preprocessing
    scores: Scores
    images: Tensor
    labels: Tensor

    def probabilities(self, images: Tensor) -> Tensor:
        """What the network answers to images uint8 [N, C, H, W]: [N, classes]."""
        answers = []
        with torch.inference_mode():
            for part in torch.split(images, _BATCH):
                outputs = self.network(prepare(part, self.preprocessing))
                answers.append((-outputs if self.scores is Scores.DISTANCES else outputs).softmax(1))
        return torch.cat(answers)

    def error(self, images: Tensor) -> float:
        return 1 - float((self.probabilities(images).argmax(1) == self.labels).double().mean())


def trained(folder: Path, settings: Settings) -> Trained:
    """The network of a run, and its test set.

    Raises:
        ValueError: the run has no weights, or its data set is another one by now.
    """
    record = read_run(folder).record
    if record is None:
        raise ValueError(f"{folder.name} cannot be read any more; run the experiment again")
    loaded = _loaded(folder)
    images, labels, checksum = _test_set(record.dataset, settings)
    if checksum != record.data_checksum:
        raise ValueError(
            f"{folder.name} was trained on other data than {record.dataset} is now; put those back, or run the "
            "experiment anew"
        )
    scores = loaded.architecture.interface(loaded.options).scores
    return Trained(loaded.network, loaded.preprocessing, scores, images, labels)


def _loaded(folder: Path) -> LoadedNetwork:
    """The network of a run after its last epoch.

    Raises:
        ValueError: the run has no weights.
    """
    saved = epochs.saved_epochs(folder)
    if not saved:
        raise ValueError(f"{folder.name} has no weights to look at; run the experiment again")
    return load_network(epochs.weights_path(folder, saved[-1]))


@functools.lru_cache(maxsize=2)
def _test_set(name: str, settings: Settings) -> tuple[Tensor, Tensor, str]:
    """Images and labels to test with, and the checksum of the data set."""
    dataset = datasets.load(name, settings)
    return torch.from_numpy(dataset.test.images), torch.from_numpy(dataset.test.labels), dataset.checksum


def shifted(images: Tensor, pixels: int) -> Tensor:
    """Images moved to the right by so many pixels, with ground coming in; to the left where negative."""
    if not pixels:
        return images
    moved = torch.roll(images, pixels, dims=3)
    columns = slice(0, pixels) if pixels > 0 else slice(pixels, None)
    moved[..., columns] = images[..., :1].median() if images.numel() else 0
    return moved


def scaled(images: Tensor, scale: float) -> Tensor:
    """Images magnified about their middle (below 1: made smaller), with ground around them."""
    matrix = torch.tensor([[1 / scale, 0.0, 0.0], [0.0, 1 / scale, 0.0]])
    return _warped(images, matrix)


def turned(images: Tensor, degrees: float) -> Tensor:
    """Images turned about their middle."""
    angle = np.deg2rad(degrees)
    cosine, sine = float(np.cos(angle)), float(np.sin(angle))
    return _warped(images, torch.tensor([[cosine, -sine, 0.0], [sine, cosine, 0.0]]))


def _warped(images: Tensor, matrix: Tensor) -> Tensor:
    grid = functional.affine_grid(matrix.expand(len(images), 2, 3), list(images.shape), align_corners=False)
    warped = functional.grid_sample(images.float(), grid, align_corners=False)
    return warped.round().clamp(0, 255).to(torch.uint8)


def shift_error(folder: Path, settings: Settings, *, pixels: int) -> float:
    """The test error on images moved by so many pixels, the mean of right and left, up and down."""
    found = trained(folder, settings)
    return _shift_error(found, pixels)


def _shift_error(found: Trained, pixels: int) -> float:
    upright = found.images
    lying = upright.transpose(2, 3)
    ways = [shifted(upright, pixels), shifted(upright, -pixels)]
    ways += [shifted(lying, each).transpose(2, 3) for each in (pixels, -pixels)]
    return float(np.mean([found.error(each) for each in ways]))


def centre_distance(folder: Path, _settings: Settings) -> float:
    """The mean distance between the RBF centres of two classes, as a share of what it was at the start."""
    network = _loaded(folder).network
    centres = dict(network.named_parameters()).get("classifier.output.centres")
    if centres is None:
        raise ValueError(f"{folder.name} has no RBF centres that were trained")
    start = functional.pdist(digit_centres()).mean()
    return float(functional.pdist(centres.detach()).mean() / start)


def residual_share(folder: Path, settings: Settings, *, images: int = 20) -> float:
    """|F(x)| / |x|, the median over the additions of a residual network and over test images."""
    found = trained(folder, settings)
    graph = trace(found.network, found.preprocessing.input_shape)
    shares = []
    with torch.no_grad():
        for image in torch.split(prepare(found.images[:images], found.preprocessing), 1):
            shares += [each.share for each in residual_shares(found.network, graph, image)]
    return float(np.median(shares))


def edge_error(folder: Path, settings: Settings, *, width: int = 1) -> float:
    """The share of pixels answered wrongly among those up to `width` pixels from the edge of a mask."""
    found = trained(folder, settings)
    wrong = total = 0
    with torch.inference_mode():
        for images, masks in zip(
            torch.split(found.images, _BATCH // 10), torch.split(found.labels, _BATCH // 10), strict=True
        ):
            wanted = prepare_labels(masks, found.preprocessing)
            answers = found.network(prepare(images, found.preprocessing)).argmax(1)
            edge = _edges(wanted, width)
            wrong += int((answers != wanted)[edge].sum())
            total += int(edge.sum())
    return wrong / max(total, 1)


def _edges(masks: Tensor, width: int) -> Tensor:
    """Where both classes lie within `width` pixels: [N, H, W]."""
    kernel = 2 * width + 1
    ink = masks[:, None].float()
    most = functional.max_pool2d(ink, kernel, stride=1, padding=width)
    least = -functional.max_pool2d(-ink, kernel, stride=1, padding=width)
    return (most > least)[:, 0]


def tolerance(context: Context, *, pixels: int, scales: tuple[float, ...], degrees: int, step: int) -> Computed:
    """How the test error grows as images are moved, scaled and turned, for each arm."""
    arms = list(dict.fromkeys(run.arm for run in context.runs))
    kinds: list[tuple[str, str, tuple[float, ...], Callable[[Trained, float], float]]] = [
        ("Error by shift", "shift (pixels)", tuple(range(pixels + 1)), lambda net, x: _shift_error(net, int(x))),
        ("Error by size", "size (times)", scales, lambda net, x: net.error(scaled(net.images, x))),
        (
            "Error by rotation",
            "rotation (degrees)",
            tuple(range(0, degrees + 1, step)),
            lambda net, x: net.error(turned(net.images, x)),
        ),
    ]
    values: dict[tuple[str, str], list[list[float]]] = {}
    for place, run in enumerate(context.runs):
        context.step(f"showing moved images to {run.arm}", place / len(context.runs))
        if run.diverged:
            continue
        found = trained(run.folder, context.settings)
        for title, _, points, error in kinds:
            values.setdefault((title, run.arm), []).append([error(found, x) for x in points])
    return Computed(
        charts=tuple(
            Chart(
                title,
                label,
                "test error",
                tuple(_line(arm, points, values[title, arm]) for arm in arms if (title, arm) in values),
            )
            for title, label, points, _ in kinds
        )
    )


def _line(name: str, x: tuple[float, ...], rows: list[list[float]]) -> Line:
    stacked = np.array(rows)
    spread = tuple(stacked.std(axis=0, ddof=1).tolist()) if len(rows) > 1 else ()
    return Line(name, tuple(float(each) for each in x), tuple(stacked.mean(axis=0).tolist()), spread)
