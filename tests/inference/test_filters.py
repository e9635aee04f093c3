from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from explorer.inference.filters import filters, has_filters, statistics_of, weight_statistics
from explorer.inference.weight_statistics import By, Form
from explorer.networks.lenet import S2_TO_C3, SparseConvolution


def test_kernels_over_three_channels_are_in_colour() -> None:
    layer = nn.Conv2d(3, 5, 7)
    sheet = filters(layer)
    assert (sheet.form, sheet.tiles.shape, sheet.channels) == (Form.COLOUR, (5, 7, 7, 3), 1)
    assert sheet.tiles[4, 2, 6, 1] == layer.weight[4, 1, 2, 6].item()
    assert sheet.numbers.tolist() == [0, 1, 2, 3, 4]
    assert sheet.biases is not None
    assert sheet.biases[3] == layer.bias[3].item()


def test_kernels_are_chosen_by_output_or_by_input_channel() -> None:
    layer = nn.Conv2d(4, 6, 3)
    of_output = filters(layer, By.OUTPUT, 5)
    assert (of_output.tiles.shape, of_output.channels) == ((4, 3, 3), 6)
    assert np.array_equal(of_output.tiles, layer.weight[5].detach().numpy())
    on_input = filters(layer, By.INPUT, 2)
    assert (on_input.tiles.shape, on_input.channels) == ((6, 3, 3), 4)
    assert np.array_equal(on_input.tiles, layer.weight[:, 2].detach().numpy())


def test_channels_of_groups_keep_their_numbers() -> None:
    layer = nn.Conv2d(8, 6, 3, groups=2)
    assert filters(layer, By.OUTPUT, 4).numbers.tolist() == [4, 5, 6, 7]
    on_input = filters(layer, By.INPUT, 6)
    assert on_input.numbers.tolist() == [3, 4, 5]
    assert np.array_equal(on_input.tiles, layer.weight[3:, 2].detach().numpy())


def test_transposed_kernels_are_sorted_by_output_too() -> None:
    layer = nn.ConvTranspose2d(4, 6, 3, groups=2)
    sheet = filters(layer, By.OUTPUT, 4)  # the second output of the second group, which reads inputs 2 and 3
    assert sheet.numbers.tolist() == [2, 3]
    assert np.array_equal(sheet.tiles, layer.weight[2:, 1].detach().numpy())


def test_a_link_that_does_not_exist_has_no_numbers() -> None:
    layer = SparseConvolution(6, S2_TO_C3, 5)
    sheet = filters(layer, By.OUTPUT, 0)
    assert [bool(np.isfinite(tile).all()) for tile in sheet.tiles] == [True, True, True, False, False, False]
    assert weight_statistics(layer).count == 60 * 25


def test_a_large_matrix_is_thinned_by_averaging() -> None:
    layer = nn.Linear(600, 300)
    sheet = filters(layer)
    assert (sheet.form, sheet.cell, sheet.tiles.shape) == (Form.MATRIX, (2, 3), (1, 150, 200))
    assert sheet.tiles[0, 10, 20] == pytest.approx(layer.weight[20:22, 60:63].mean().item(), abs=1e-7)
    assert filters(nn.Linear(7, 5)).cell == (1, 1)
    odd = filters(nn.Linear(257, 3))
    assert odd.tiles.shape == (1, 3, 129)


def test_a_pointwise_convolution_is_a_matrix() -> None:
    layer = nn.Conv2d(8, 4, 1)
    assert filters(layer).tiles.shape == (1, 4, 8)
    assert filters(layer).tiles[0, 3, 2] == layer.weight[3, 2, 0, 0].item()


def test_statistics_by_hand() -> None:
    found = statistics_of(torch.tensor([-2.0, -1.0, 0.0, 0.01, 2.0, 4.0]))
    assert found.count == 6
    assert found.mean == pytest.approx(3.01 / 6)
    assert found.norm == pytest.approx(math.sqrt(4 + 1 + 0 + 0.0001 + 4 + 16))
    assert found.deviation == pytest.approx(np.std([-2, -1, 0, 0.01, 2, 4]))
    assert (found.least, found.most, found.limit) == (-2.0, 4.0, 4.0)
    assert found.near_zero == pytest.approx(2 / 6)
    assert found.counts.sum() == 6
    middle = len(found.counts) // 2
    assert found.edges[middle] < 0 < found.edges[middle + 1]
    assert found.counts[middle] == 2
    assert (found.counts[-1], found.counts[0]) == (1, 0)


def test_weights_that_diverged_are_counted_apart() -> None:
    found = statistics_of(torch.tensor([1.0, float("nan"), float("inf"), -1.0]))
    assert (found.count, found.broken, found.mean) == (2, 2, 0.0)
    assert statistics_of(torch.tensor([float("nan")])).count == 0
    assert statistics_of(torch.zeros(5)).near_zero == 1.0


def test_other_layers_have_no_filters() -> None:
    assert not has_filters(nn.ReLU())
    assert not has_filters(nn.BatchNorm2d(3))
    assert not has_filters(nn.Conv3d(1, 1, 3))
    with pytest.raises(ValueError, match="MaxPool2d"):
        filters(nn.MaxPool2d(2))
    with pytest.raises(ValueError, match="there is no 6"):
        filters(nn.Conv2d(4, 6, 3), By.OUTPUT, 6)
