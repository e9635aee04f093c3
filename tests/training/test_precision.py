"""Which precision "auto" means: bfloat16 for much work on a device that is made for it."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
import torch

from explorer.networks.architecture import Scores
from explorer.system import devices
from explorer.system.download import Cancelled
from explorer.training import precision, trial
from explorer.training.config import TrainingConfig
from explorer.training.estimate import estimate
from explorer.training.events import RunStarted
from explorer.training.fit import fit
from explorer.training.ingredients import Ingredients
from explorer.training.precision import with_precision
from explorer.training.step import Step

Config = Callable[..., TrainingConfig]


@pytest.fixture
def made_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "computes_bfloat16", lambda _name: True)


@pytest.mark.usefixtures("made_for_it")
@pytest.mark.parametrize(
    ("architecture", "batch_size", "precision"),
    # LeNet-5 has 416,520 multiply-adds, ResNet-20 41 million (He et al. 2015: 0.04 billion).
    [
        ("lenet5", 128, "float32"),
        ("lenet5", 512, "float32"),
        ("lenet5", 2048, "bfloat16"),
        ("resnet20", 128, "bfloat16"),
        ("resnet20", 2, "float32"),
    ],
)
def test_automatic_precision_is_bfloat16_for_steps_with_much_work(
    architecture: str, batch_size: int, precision: str
) -> None:
    config = TrainingConfig(architecture=architecture, dataset="digits", batch_size=batch_size, precision="auto")
    assert with_precision(config, "cpu") == dataclasses.replace(config, precision=precision)


def test_automatic_precision_is_float32_where_the_device_is_not_made_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(devices, "computes_bfloat16", lambda _name: False)
    config = TrainingConfig(architecture="resnet20", dataset="cifar10", precision="auto")
    assert with_precision(config, "cpu").precision == "float32"


@pytest.mark.usefixtures("made_for_it")
@pytest.mark.parametrize("chosen", ["float32", "bfloat16"])
def test_a_precision_that_was_chosen_stays(chosen: str) -> None:
    config = TrainingConfig(architecture="resnet20", dataset="cifar10", precision=chosen)
    assert with_precision(config, "cpu") is config


@pytest.mark.parametrize(
    ("capabilities", "does"),
    [
        ({"avx512_bf16": True, "amx_bf16": False}, True),
        ({"avx512_bf16": False, "amx_bf16": True}, True),
        ({"avx2": True, "avx512_bf16": False}, False),
        ({}, False),
    ],
)
def test_a_processor_computes_bfloat16_where_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], does: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert devices.computes_bfloat16("cpu") is does


def test_a_torch_that_tells_nothing_of_the_processor_computes_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert not devices.computes_bfloat16("cpu")


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_devices_that_were_not_measured_compute_float32(device: str) -> None:
    assert not devices.computes_bfloat16(device)


@pytest.mark.usefixtures("made_for_it")
def test_a_batch_that_processes_share_counts_as_what_each_of_them_has() -> None:
    config = TrainingConfig(batch_size=2048, precision="auto")
    assert with_precision(config, "cpu").precision == "bfloat16"
    assert with_precision(config, "cpu", processes=4).precision == "float32"


@pytest.mark.usefixtures("made_for_it")
def test_a_network_that_cannot_be_read_computes_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ValueError("nothing to see")

    monkeypatch.setattr(precision, "read_graph", refuse)
    config = TrainingConfig(batch_size=2048, precision="auto")
    assert with_precision(config, "cpu").precision == "float32"


@pytest.mark.usefixtures("made_for_it")
def test_who_cancels_waits_for_no_reading() -> None:
    with pytest.raises(Cancelled):
        with_precision(TrainingConfig(precision="auto"), "cpu", cancelled=lambda: True)


def test_a_step_wants_to_be_told_what_automatic_means() -> None:
    network = torch.nn.Linear(2, 2)
    with pytest.raises(ValueError, match="float32 or bfloat16 for a step"):
        Step(network, torch.optim.SGD(network.parameters()), TrainingConfig(precision="auto"), Scores.LOGITS)


@pytest.mark.usefixtures("made_for_it")
def test_an_estimate_is_one_of_the_precision_that_trains(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []
    make = trial.ingredients

    def noted(given: TrainingConfig, *others: Any) -> Ingredients:
        tried.append(given.precision)
        return make(given, *others)

    monkeypatch.setattr(trial, "ingredients", noted)
    estimate(config(batch_size=2048, precision="auto"))
    assert tried == ["bfloat16"]


@pytest.mark.usefixtures("made_for_it")
def test_a_run_keeps_the_precision_that_it_began_with(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    events = fit(config(epochs=2, batch_size=2048, precision="auto"))
    started = next(events)
    assert isinstance(started, RunStarted)
    events.close()
    assert started.precision == "bfloat16"
    stored = json.loads((started.folder / "run.json").read_text(encoding="utf-8"))
    assert stored["config"]["precision"] == "bfloat16"
    # Gone on with on a processor that is not made for it.
    monkeypatch.setattr(devices, "computes_bfloat16", lambda _name: False)
    again = fit(config(epochs=2, batch_size=2048, precision="auto"), started.folder)
    went_on = next(again)
    again.close()
    assert isinstance(went_on, RunStarted)
    assert went_on.precision == "bfloat16"
