"""What the further choices of a configuration do to a run."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest
import torch
from small_data import small_dataset
from torch import nn

from explorer.inference.predictor import Predictor
from explorer.networks import catalogue
from explorer.networks.architecture import Scores
from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs import epochs
from explorer.runs.answers import confusion, read_answers
from explorer.runs.checkpoint import load_checkpoint
from explorer.runs.metrics import read_metrics
from explorer.runs.run_folder import read_run
from explorer.runs.weights import load_network
from explorer.training.averaging import Average
from explorer.training.config import TrainingConfig
from explorer.training.events import EpochFinished, Outcome, Warned
from explorer.training.fit import fit
from explorer.training.ingredients import parted
from explorer.training.step import Step

Config = Callable[..., TrainingConfig]


def test_an_average_follows_the_weights_by_hand() -> None:
    network = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        network.weight.fill_(1.0)
    average = Average(network, 0.5)
    for step, weight in ((1, 2.0), (50, 3.0)):
        with torch.no_grad():
            network.weight.fill_(weight)
        average.update(step)
    # At step 1 the share that stays is (1 + 1) / (10 + 1); later it is the decay.
    first = 1.0 * 2 / 11 + 2.0 * 9 / 11
    assert average.network.weight.item() == pytest.approx(0.5 * first + 0.5 * 3.0)


def test_an_average_takes_statistics_along_and_the_network_stays_as_it_is() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    average = Average(network, 0.9)
    network(torch.randn(8, 2) + 5)
    before = copy.deepcopy(network.state_dict())
    average.update(1)
    assert average.network[1].running_mean.abs().sum() > 0
    assert average.network[1].num_batches_tracked == 1
    assert all(torch.equal(network.state_dict()[name], tensor) for name, tensor in before.items())


def test_the_average_is_what_is_evaluated_and_saved(config: Config) -> None:
    *_, last = fit(config(epochs=2, averaging=0.95))
    saved = load_network(epochs.weights_path(last.folder, 2)).network.state_dict()
    checkpoint = load_checkpoint(last.folder)
    assert all(torch.equal(saved[name], tensor) for name, tensor in checkpoint.average.items())
    assert not torch.equal(checkpoint.network["features.c1.weight"], checkpoint.average["features.c1.weight"])
    answers = Predictor.from_file(epochs.weights_path(last.folder, 2)).predict(small_dataset().test.images)
    right = sum(int(answer.best) == label for answer, label in zip(answers, small_dataset().test.labels, strict=True))
    assert right / 50 == pytest.approx(last.test_accuracy)


def test_held_out_images_are_not_trained_on_and_follow_from_the_seed() -> None:
    split = small_dataset().train
    trained, held = parted(split, 0.25, 3)
    assert (len(trained), len(held)) == (150, 50)
    pictures = {image.tobytes() for image in trained.images}
    assert not any(image.tobytes() in pictures for image in held.images)
    again, other = parted(split, 0.25, 3)[1], parted(split, 0.25, 4)[1]
    assert np.array_equal(held.images, again.images)
    assert not np.array_equal(held.images, other.images)


def test_the_best_epoch_is_chosen_by_what_is_held_out(config: Config) -> None:
    events = list(fit(config(epochs=6, validation_share=0.2, learning_rate=0.02)))
    assert events[0].images_per_epoch == 160
    finished = [event for event in events if isinstance(event, EpochFinished)]
    best = max(finished, key=lambda event: (event.validation_accuracy, -event.epoch))
    assert events[-1].best_epoch == best.epoch
    assert [event.epoch for event in finished if event.best][-1] == best.epoch
    rows = [row for row in read_metrics(events[-1].folder / "metrics.csv") if row.split == "validation"]
    assert [row.accuracy for row in rows] == pytest.approx([event.validation_accuracy for event in finished])
    summary = read_run(events[-1].folder).record.summary
    assert summary.best_accuracy == best.test_accuracy
    assert summary.validation_accuracy == finished[-1].validation_accuracy


def test_top_five_is_told_and_at_least_as_good_as_the_first(config: Config) -> None:
    *_, finished, last = fit(config(epochs=2))
    assert finished.test_accuracy < finished.test_top5 < 1
    (row,) = [each for each in read_metrics(last.folder / "metrics.csv") if each.split == "test" and each.epoch == 2]
    assert row.top5 == pytest.approx(finished.test_top5)
    probabilities = Predictor.from_file(epochs.weights_path(last.folder, 2)).predict(small_dataset().test.images)
    labels = small_dataset().test.labels
    among = [
        label in np.argsort(answer.probabilities)[-5:] for answer, label in zip(probabilities, labels, strict=True)
    ]
    assert np.mean(among) == pytest.approx(finished.test_top5)


@pytest.mark.parametrize("options", [LeNet5Options(), LeNet5Options(form="original")])
def test_the_answers_of_each_epoch_are_kept(config: Config, options: LeNet5Options) -> None:
    *_, last = fit(config(epochs=2, options=options, learning_rate=0.003))
    labels = small_dataset().test.labels
    first, second = (read_answers(last.folder, epoch) for epoch in (1, 2))
    assert np.mean(second.answers == labels) == pytest.approx(last.test_accuracy)
    assert len(first) == 50
    predictions = Predictor.from_file(epochs.weights_path(last.folder, 2)).predict(small_dataset().test.images)
    expected = [max(prediction.probabilities) for prediction in predictions]
    assert second.confidence == pytest.approx(expected, abs=1e-3)
    assert confusion(second.answers, labels, 10).trace() == round(last.test_accuracy * 50)


def test_gradients_are_clipped_to_their_norm() -> None:
    network = nn.Linear(4, 3)
    before = [parameter.detach().clone() for parameter in network.parameters()]
    config = TrainingConfig(gradient_clipping=0.01)
    step = Step(network, torch.optim.SGD(network.parameters(), lr=1.0), config, Scores.LOGITS)
    step(torch.randn(5, 4) * 10, torch.tensor([0, 1, 2, 0, 1]), 1.0)
    moved = torch.cat([(now - then).flatten() for now, then in zip(network.parameters(), before, strict=True)])
    assert moved.norm().item() == pytest.approx(0.01, rel=1e-3)


def test_mixed_precision_computes_in_bfloat16_and_keeps_weights_in_float32() -> None:
    seen = []
    network = catalogue.get("lenet5").build()
    network.features.c1.register_forward_hook(lambda _layer, _inputs, output: seen.append(output.dtype))
    config = TrainingConfig(precision="bfloat16")
    step = Step(network, torch.optim.SGD(network.parameters(), lr=0.1), config, Scores.LOGITS)
    step(torch.randn(4, 1, 28, 28), torch.arange(4), 0.1)
    assert seen == [torch.bfloat16]
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}
    assert np.isfinite(step.read().losses[0])


def test_a_compiler_that_fails_is_told_and_the_run_goes_on_as_without_it(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(network: nn.Module, **_: object) -> Callable:
        def forward(images: torch.Tensor) -> torch.Tensor:
            network(images)
            raise RuntimeError("no compiler here\nand much more")

        return forward

    options = LeNet5Options(batch_norm=True)
    *_, plain = fit(config(epochs=1, options=options))
    monkeypatch.setattr(torch, "compile", failing)
    events = list(fit(config(epochs=1, options=options, compiled=True)))
    (warning,) = [event.message for event in events if isinstance(event, Warned)]
    assert warning == "torch.compile failed (no compiler here); the run is trained without it"
    assert events[-1].outcome is Outcome.FINISHED
    left, right = (load_network(epochs.weights_path(folder, 1)).network for folder in (plain.folder, events[-1].folder))
    assert all(torch.equal(a, b) for a, b in zip(left.state_dict().values(), right.state_dict().values(), strict=True))


def test_what_the_compiler_made_is_what_trains(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = []

    def made(network: nn.Module, **_: object) -> Callable:
        def forward(images: torch.Tensor) -> torch.Tensor:
            shapes.append(len(images))
            return network(images)

        return forward

    monkeypatch.setattr(torch, "compile", made)
    *_, last = fit(config(epochs=1, compiled=True))
    # Both sizes are tried before the first step, so that nothing is compiled in mid-run.
    assert shapes == [32, 8, *[32] * 6, 8]
    assert last.outcome is Outcome.FINISHED


def test_a_run_without_a_card_says_so_and_trains_without_cuda_graphs(config: Config) -> None:
    *_, plain = fit(config(epochs=1))
    events = list(fit(config(epochs=1, captured=True)))
    (warning,) = [event.message for event in events if isinstance(event, Warned)]
    assert "NVIDIA" in warning
    left, right = (load_network(epochs.weights_path(folder, 1)).network for folder in (plain.folder, events[-1].folder))
    assert all(torch.equal(a, b) for a, b in zip(left.state_dict().values(), right.state_dict().values(), strict=True))
