from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer.inference.norm_measuring import image_sums, norm_parameters
from explorer.inference.norm_statistics import ImageSums, batch_statistics, by_batch_size


@pytest.fixture
def network() -> nn.Sequential:
    torch.manual_seed(2)
    made = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(inplace=True))
    norm = made[1]
    with torch.no_grad():
        norm.running_mean.copy_(torch.tensor([0.1, -0.2, 0.3]))
        norm.running_var.copy_(torch.tensor([1.0, 2.0, 0.5]))
        norm.weight.copy_(torch.tensor([1.5, -1.0, 0.2]))
        norm.bias.copy_(torch.tensor([0.0, 1.0, -1.0]))
    return made.eval()


def test_a_batchs_statistics_are_those_that_torch_normalises_with(network: nn.Sequential) -> None:
    x = torch.randn(12, 1, 6, 6)
    parameters = norm_parameters(network, "1")
    found = batch_statistics(parameters, image_sums(network, "1", x), 8)
    with torch.no_grad():
        entering = network[0](x[:8])
        answered = network[1](entering)
        network.train()
        trained = network[1](entering)
    assert found.mean == pytest.approx(entering.mean(dim=(0, 2, 3)).numpy(), abs=1e-6)
    assert found.variance == pytest.approx(entering.var(dim=(0, 2, 3), correction=0).numpy(), rel=1e-5)
    assert found.output_mean == pytest.approx(answered.mean(dim=(0, 2, 3)).numpy(), abs=1e-5)
    assert found.output_deviation == pytest.approx(answered.std(dim=(0, 2, 3), correction=0).numpy(), rel=1e-4)
    # With its own statistics a batch comes out with mean beta; the shift is what answers differ by.
    apart = (answered.mean(dim=(0, 2, 3)) - trained.mean(dim=(0, 2, 3))).numpy()
    assert found.shift == pytest.approx(apart, abs=1e-5)


def test_measuring_leaves_the_running_statistics_alone(network: nn.Sequential) -> None:
    before = network[1].running_mean.clone()
    image_sums(network, "1", torch.randn(4, 1, 6, 6))
    assert torch.equal(network[1].running_mean, before)
    assert int(network[1].num_batches_tracked) == 0


def test_pieces_joined_are_the_whole(network: nn.Sequential) -> None:
    x = torch.randn(10, 1, 6, 6)
    whole = image_sums(network, "1", x)
    joined = image_sums(network, "1", x[:3]).joined(image_sums(network, "1", x[3:]))
    assert joined.images == 10
    assert np.allclose(joined.sums, whole.sums)
    assert np.allclose(joined.squares, whole.squares)


def test_batch_sizes_by_hand() -> None:
    """Four images of one channel and one place, 0 2 4 6, against a running mean of 3 and a variance of 4."""
    values = np.array([[0.0], [2.0], [4.0], [6.0]])
    sums = ImageSums(1, values, values**2)
    network = nn.Sequential(nn.BatchNorm1d(1, eps=0.0))
    with torch.no_grad():
        network[0].running_mean.fill_(3)
        network[0].running_var.fill_(4)
    figures = by_batch_size(norm_parameters(network, "0"), sums)
    assert [(each.batch, each.batches) for each in figures] == [(1, 4), (2, 2), (4, 1)]
    # Off by -1.5, -0.5, 0.5, 1.5 deviations: mean square 1.25; pairs by -1 and 1; all four by 0.
    assert [each.mean_off for each in figures] == pytest.approx([1.25**0.5, 1.0, 0.0])
    # Variances 0, then (1, 1) / 4, then 5 / 4.
    assert [each.variance_ratio for each in figures] == pytest.approx([0.0, 0.25, 1.25])


def test_dense_layers_have_batch_norm_too() -> None:
    network = nn.Sequential(nn.Linear(4, 2), nn.BatchNorm1d(2, affine=False)).eval()
    x = torch.randn(5, 4)
    sums = image_sums(network, "1", x)
    assert (sums.values, sums.sums.shape) == (1, (5, 2))
    assert norm_parameters(network, "1").gamma.tolist() == [1.0, 1.0]


def test_there_are_no_batches_beyond_what_was_measured(network: nn.Sequential) -> None:
    sums = image_sums(network, "1", torch.randn(3, 1, 6, 6))
    with pytest.raises(ValueError, match="3 images"):
        batch_statistics(norm_parameters(network, "1"), sums, 4)
    with pytest.raises(ValueError, match="keeps no running statistics"):
        norm_parameters(network, "0")
