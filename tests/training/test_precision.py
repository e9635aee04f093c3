"""Which precision "auto" means: bfloat16 for much work on a device that is made for it."""

import dataclasses
import json
from collections.abc import Callable

import pytest
import torch

from explorer.system import devices
from explorer.training.config import TrainingConfig
from explorer.training.events import RunStarted
from explorer.training.fit import fit
from explorer.training.precision import with_precision

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
        ("lenet5", 512, "bfloat16"),
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


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_precision_that_was_chosen_stays(made_for_it: None, precision: str) -> None:
    config = TrainingConfig(architecture="resnet20", dataset="cifar10", precision=precision)
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


@pytest.mark.parametrize(("capability", "does"), [((7, 5), False), ((8, 0), True), ((9, 0), True)])
def test_a_graphics_card_computes_bfloat16_from_the_ampere_generation_on(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], does: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    assert devices.computes_bfloat16("cuda") is does


def test_a_run_keeps_the_precision_that_it_began_with(
    config: Config, monkeypatch: pytest.MonkeyPatch, made_for_it: None
) -> None:
    events = fit(config(epochs=2, batch_size=250, precision="auto"))
    started = next(events)
    assert isinstance(started, RunStarted)
    events.close()
    assert started.precision == "bfloat16"
    stored = json.loads((started.folder / "run.json").read_text(encoding="utf-8"))
    assert stored["config"]["precision"] == "bfloat16"
    # Gone on with on a processor that is not made for it.
    monkeypatch.setattr(devices, "computes_bfloat16", lambda _name: False)
    again = fit(None, started.folder)
    went_on = next(again)
    again.close()
    assert isinstance(went_on, RunStarted)
    assert went_on.precision == "bfloat16"
