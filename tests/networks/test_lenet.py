"""LeNet-5 against the paper and the published counts."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer.networks import catalogue
from explorer.networks.entries.lenet import LeNet5Options
from explorer.networks.lenet import DIGIT_BITMAPS, S2_TO_C3, RadialBasis, ScaledTanh, SparseConvolution, Subsampling

LENET5 = catalogue.get("lenet5")
ORIGINAL = LeNet5Options(form="original")
FORMS = [
    LeNet5Options(),
    LeNet5Options(input="32x32", activation="tanh", pooling="max"),
    LeNet5Options(activation="sigmoid", batch_norm=True),
    ORIGINAL,
    LeNet5Options(form="original", centres="trainable"),
]


def _parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def _by_layer(network: nn.Module) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, parameter in network.named_parameters():
        layer = name.split(".")[1]
        counts[layer] = counts.get(layer, 0) + parameter.numel()
    return counts


@pytest.mark.parametrize("size", ["28x28", "32x32"])
def test_the_modern_form_has_the_textbooks_61706_parameters(size: str) -> None:
    assert _parameters(LENET5.build(LeNet5Options(input=size))) == 61_706


def test_the_original_has_the_papers_parameters_layer_by_layer() -> None:
    expected = {"c1": 156, "s2": 12, "c3": 1_516, "s4": 32, "c5": 48_120, "f6": 10_164}
    assert _by_layer(LENET5.build(ORIGINAL)) == expected


def test_trainable_centres_add_84_parameters_a_class() -> None:
    assert _parameters(LENET5.build(LeNet5Options(form="original", centres="trainable"))) == 60_840


@pytest.mark.parametrize("options", FORMS, ids=str)
def test_every_form_gives_ten_outputs_and_a_gradient_to_each_parameter(options: LeNet5Options) -> None:
    torch.manual_seed(0)
    network = LENET5.build(options)
    images = torch.rand(4, *LENET5.interface(options).input_shape)
    outputs = network(images)
    assert outputs.shape == (4, 10)
    outputs.square().sum().backward()
    without = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert without == []


@pytest.mark.parametrize("options", FORMS, ids=str)
def test_every_form_answers_a_single_image_in_evaluation(options: LeNet5Options) -> None:
    network = LENET5.build(options).eval()
    with torch.inference_mode():
        assert network(torch.zeros(1, *LENET5.interface(options).input_shape)).shape == (1, 10)


def test_the_table_of_c3_has_the_papers_60_links() -> None:
    sizes = [len(sources) for sources in S2_TO_C3]
    assert sizes == [3] * 6 + [4] * 9 + [6]
    # Table I: each map of S2 feeds ten maps of C3.
    assert [sum(source in sources for sources in S2_TO_C3) for source in range(6)] == [10] * 6


def test_a_map_of_c3_sees_only_the_maps_it_is_linked_to() -> None:
    layer = SparseConvolution(6, S2_TO_C3, 5)
    images = torch.zeros(1, 6, 5, 5, requires_grad=True)
    for target, sources in enumerate(S2_TO_C3):
        (gradient,) = torch.autograd.grad(layer(images)[0, target, 0, 0], images)
        seen = tuple(source for source in range(6) if gradient[0, source].abs().sum() > 0)
        assert seen == sources


def test_the_sparse_convolution_equals_a_sum_over_its_links() -> None:
    torch.manual_seed(1)
    layer = SparseConvolution(2, ((0,), (0, 1)), 3)
    images = torch.rand(1, 2, 3, 3)
    first = (images[0, 0] * layer.weight[0]).sum() + layer.bias[0]
    second = (images[0, 0] * layer.weight[1]).sum() + (images[0, 1] * layer.weight[2]).sum() + layer.bias[1]
    torch.testing.assert_close(layer(images).flatten(), torch.stack([first, second]))


def test_the_squashing_function_passes_through_one() -> None:
    # Appendix A of the paper: f(1) = 1 and f(-1) = -1.
    torch.testing.assert_close(
        ScaledTanh()(torch.tensor([-1.0, 0.0, 1.0])), torch.tensor([-1.0, 0.0, 1.0]), atol=1e-4, rtol=0
    )


def test_subsampling_adds_four_neighbours_and_scales() -> None:
    layer = Subsampling(1)
    with torch.no_grad():
        layer.coefficient.fill_(0.5)
        layer.bias.fill_(1.0)
    assert layer(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])).item() == 0.5 * 10 + 1


def test_the_output_is_the_squared_distance_from_each_centre() -> None:
    layer = RadialBasis(torch.tensor([[1.0, 1.0], [-1.0, 0.0]]), trainable=False)
    assert layer(torch.tensor([[0.0, 2.0]])).tolist() == [[1 + 1, 1 + 4]]


def test_the_centres_are_ten_different_pictures_of_7_by_12() -> None:
    assert len(set(DIGIT_BITMAPS)) == 10
    assert {(len(bitmap), len(row)) for bitmap in DIGIT_BITMAPS for row in bitmap} == {(12, 7)}


@pytest.mark.parametrize("options", FORMS[:3], ids=str)
def test_it_learns_eight_images_by_heart(options: LeNet5Options) -> None:
    torch.manual_seed(0)
    network = LENET5.build(options)
    images, labels = torch.randn(8, *LENET5.interface(options).input_shape), torch.arange(8)
    optimiser = torch.optim.Adam(network.parameters(), lr=5e-3)
    for _ in range(250):
        outputs = network(images)
        if (outputs.argmax(1) == labels).all():
            return
        optimiser.zero_grad()
        nn.functional.cross_entropy(outputs, labels).backward()
        optimiser.step()
    pytest.fail("eight images are not known after 250 steps")


def test_the_original_refuses_another_number_of_classes() -> None:
    with pytest.raises(ValueError, match="10 classes, not 26"):
        LENET5.build(ORIGINAL, classes=26)
