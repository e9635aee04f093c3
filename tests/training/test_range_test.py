import itertools
import math
from collections.abc import Callable

import pytest
import torch

from explorer.runs.run_folder import list_runs
from explorer.system.download import Cancelled
from explorer.training.config import TrainingConfig
from explorer.training.errors import MemoryShortageError
from explorer.training.range_test import HIGHEST, LOWEST, RangePoint, range_test, suggestion
from explorer.training.step import Step

Config = Callable[..., TrainingConfig]


def points(losses: list[float]) -> list[RangePoint]:
    return [
        RangePoint(index + 1, LOWEST * (HIGHEST / LOWEST) ** (index / 99), loss) for index, loss in enumerate(losses)
    ]


def test_the_rate_grows_by_the_same_factor_until_the_loss_explodes(config: Config, runs) -> None:
    found = list(range_test(config(optimiser="sgd")))
    assert found[0].rate == pytest.approx(1e-5)
    assert found[0].loss == pytest.approx(math.log(10), abs=0.3)
    factors = [later.rate / earlier.rate for earlier, later in itertools.pairwise(found)]
    assert factors == pytest.approx([10 ** (6 / 99)] * len(factors))
    assert [point.step for point in found] == list(range(1, len(found) + 1))
    assert list_runs(runs) == ()


def test_a_loss_that_explodes_ends_it(config: Config) -> None:
    found = list(range_test(config(optimiser="sgd", momentum=0.99)))
    assert len(found) < 100
    assert not found[-1].loss < 2 * found[0].loss


def test_it_leaves_threads_and_random_state_alone(config: Config) -> None:
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    running = range_test(config(threads=threads + 1))
    next(running)
    assert torch.get_num_threads() == threads + 1
    running.close()
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_it_can_be_cancelled(config: Config) -> None:
    is_cancelled = False
    running = range_test(config(), cancelled=lambda: is_cancelled)
    next(running)
    is_cancelled = True
    with pytest.raises(Cancelled):
        next(running)


def test_too_little_memory_is_told_with_a_smaller_batch(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Step, "__call__", too_large)
    with pytest.raises(MemoryShortageError) as failure:
        next(range_test(config(batch_size=50)))
    assert failure.value.batch_size == 25


def test_the_suggestion_is_where_the_loss_falls_fastest() -> None:
    # A fall around index 50, an explosion from 80 on.
    losses = [2.3 - 1.5 / (1 + math.exp(-(index - 50) / 4)) + max(0, index - 80) * 0.3 for index in range(100)]
    suggested = suggestion(points(losses))
    assert suggested is not None
    assert math.log10(suggested) == pytest.approx(math.log10(points(losses)[50].rate), abs=0.25)


def test_a_loss_that_does_not_fall_suggests_nothing() -> None:
    assert suggestion(points([2.3 + 0.01 * (index % 3) for index in range(100)])) is None
    assert suggestion(points([2.3, 2.2])) is None
    assert suggestion(points([2.3] * 20 + [math.nan] * 5)) is None
    assert suggestion([]) is None
