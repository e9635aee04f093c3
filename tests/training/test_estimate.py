from collections.abc import Callable

import pytest
import torch

from explorer.networks.entries.lenet import LeNet5Options
from explorer.runs.run_folder import list_runs
from explorer.system.download import Cancelled
from explorer.training import estimate as estimate_module
from explorer.training.config import TrainingConfig
from explorer.training.errors import MemoryShortageError
from explorer.training.estimate import estimate
from explorer.training.step import Step

Config = Callable[..., TrainingConfig]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate_module, "_LONG_STEP_S", 0.1)


def test_an_estimate_tells_what_all_epochs_take(config: Config, runs) -> None:
    state = torch.get_rng_state()
    found = estimate(config(epochs=7, batch_size=50))
    assert found.images_per_second > 0
    assert found.seconds_per_epoch > 200 / found.images_per_second
    assert found.seconds == pytest.approx(7 * found.seconds_per_epoch)
    assert list_runs(runs) == ()
    assert torch.equal(torch.get_rng_state(), state)


def test_memory_grows_with_the_batch_and_holds_the_weights(config: Config) -> None:
    small, large = (estimate(config(batch_size=size)).memory_bytes for size in (20, 40))
    # Weights, gradients and AdamW's two moments of 61,706 parameters; 250 images as bytes, 200 of them prepared.
    fixed = 4 * 4 * 61_706 + 250 * 784 + 200 * 784 * 4
    assert small > fixed
    assert (large - fixed) / (small - fixed) == pytest.approx(2, rel=0.05)


def test_copies_of_the_weights_in_bfloat16_do_not_grow_with_the_batch(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So a single image is tried, and what is kept for it counts for each one of a batch.
    monkeypatch.setattr(estimate_module, "_LONG_STEP_S", 0.0)
    small, large = (estimate(config(batch_size=size, precision="bfloat16")).memory_bytes for size in (20, 40))
    # 61,470 weights, two bytes each, are more than all that LeNet-5 keeps for an image.
    assert (large - small) / 20 < 2 * 61_470


def test_batch_norm_is_never_tried_with_one_image(config: Config) -> None:
    assert estimate(config(batch_size=2, options=LeNet5Options(batch_norm=True))).seconds > 0


def test_it_can_be_cancelled(config: Config) -> None:
    with pytest.raises(Cancelled):
        estimate(config(), cancelled=lambda: True)


def test_too_little_memory_is_told_with_a_smaller_batch(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*_: object) -> None:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes")

    monkeypatch.setattr(Step, "__call__", too_large)
    with pytest.raises(MemoryShortageError, match="perhaps") as failure:
        estimate(config())
    assert failure.value.batch_size == 16
    with pytest.raises(MemoryShortageError, match="choose another device") as failure:
        estimate(config(batch_size=1))
    assert failure.value.batch_size == 0
