"""U-Net against the paper and the published counts."""

from __future__ import annotations

import pytest
import torch
from network_counts import functions, gradients_missing, of_type, output_shapes, parameters, without_data
from torch import nn

from explorer.networks import catalogue
from explorer.networks.architecture import Task
from explorer.networks.entries.unet import UNetOptions
from explorer.networks.options import parse_options
from explorer.networks.unet import CentreCrop, UNet

UNET = catalogue.get("unet")
PADDED = UNetOptions(form="padded")


def test_the_papers_form_has_its_31030658_parameters_and_23_convolutions() -> None:
    network = without_data(UNET)
    assert parameters(network) == 31_030_658
    # Section 2: "in total the network has 23 convolutional layers".
    assert len(of_type(network, nn.Conv2d)) + len(of_type(network, nn.ConvTranspose2d)) == 23


def test_the_sizes_are_those_of_figure_1() -> None:
    shapes = output_shapes(without_data(UNET), *UNET.interface(UNetOptions()).input_shape)
    down = [shapes[f"{name}{level}"] for level in (1, 2, 3, 4) for name in ("down", "pool")]
    assert down == [
        (64, 568, 568),
        (64, 284, 284),
        (128, 280, 280),
        (128, 140, 140),
        (256, 136, 136),
        (256, 68, 68),
        (512, 64, 64),
        (512, 32, 32),
    ]
    assert shapes["bottom"] == (1024, 28, 28)
    up = [shapes[f"{name}{level}"] for level in (4, 3, 2, 1) for name in ("up", "crop", "join")]
    assert up == [
        (512, 56, 56),
        (512, 56, 56),
        (512, 52, 52),
        (256, 104, 104),
        (256, 104, 104),
        (256, 100, 100),
        (128, 200, 200),
        (128, 200, 200),
        (128, 196, 196),
        (64, 392, 392),
        (64, 392, 392),
        (64, 388, 388),
    ]
    assert shapes["output"] == (2, 388, 388)


@pytest.mark.parametrize(("side", "expected"), [(188, 4), (204, 20), (572, 388)])
def test_other_sizes_lose_184_pixels_too(side: int, expected: int) -> None:
    assert output_shapes(without_data(UNET), 1, side, side)[""] == (2, expected, expected)


def test_a_crop_keeps_the_middle() -> None:
    images = torch.arange(2 * 7 * 9).view(1, 2, 7, 9)
    assert torch.equal(CentreCrop(2)(images), images[:, :, 2:-2, 2:-2])


def test_crops_and_concatenations_are_operations_of_their_own() -> None:
    assert functions(without_data(UNET)) == ["cat"] * 4
    assert len(of_type(without_data(UNET), CentreCrop)) == 4
    assert functions(without_data(UNET, PADDED)) == ["cat"] * 3
    assert of_type(without_data(UNET, PADDED), CentreCrop) == []


@pytest.mark.parametrize("form", ["paper", "padded"])
def test_without_skips_nothing_is_handed_across(form: str) -> None:
    network = without_data(UNET, UNetOptions(form=form, skips=False))
    assert functions(network) == []
    assert of_type(network, CentreCrop) == []
    with_skips = without_data(UNET, UNetOptions(form=form))
    assert network["join1"].conv1.in_channels * 2 == with_skips["join1"].conv1.in_channels


def test_a_skip_hands_fine_detail_past_the_bottom() -> None:
    torch.manual_seed(0)
    for skips in (True, False):
        network = UNET.build(UNetOptions(form="padded", levels=2, size=16, skips=skips)).eval()
        for parameter in network["bottom"].parameters():
            nn.init.zeros_(parameter)
        with torch.inference_mode():
            differs = not torch.equal(network(torch.zeros(1, 1, 16, 16)), network(torch.rand(1, 1, 16, 16)))
        assert differs == skips


@pytest.mark.parametrize(
    "options",
    [
        PADDED,
        UNetOptions(form="padded", batch_norm=False),
        UNetOptions(form="padded", levels=1, size=6, width=8),
        UNetOptions(form="padded", levels=4, size=32, skips=False),
    ],
    ids=str,
)
def test_the_padded_forms_give_a_mask_as_large_as_the_image_and_gradients_everywhere(options: UNetOptions) -> None:
    torch.manual_seed(0)
    network = UNET.build(options)
    images = torch.rand(2, *UNET.interface(options).input_shape)
    assert network(images).shape == (2, 2, options.size, options.size)
    assert gradients_missing(network, images) == []


def test_the_papers_form_sees_all_corners() -> None:
    torch.manual_seed(0)
    network = UNet(4, 4, 2, padded=False, batch_norm=False, skips=True).eval()
    images = torch.rand(1, 1, 188, 188)
    assert gradients_missing(network, images) == []
    assert images.grad is not None
    near, far = slice(None, 40), slice(-40, None)
    assert all(images.grad[..., rows, columns].any() for rows in (near, far) for columns in (near, far))


def test_batch_norm_stands_behind_every_padded_3x3_convolution() -> None:
    network = without_data(UNET, PADDED)
    assert len(of_type(network, nn.BatchNorm2d)) == 14
    assert of_type(without_data(UNET, UNetOptions(form="padded", batch_norm=False)), nn.BatchNorm2d) == []
    assert of_type(without_data(UNET), nn.BatchNorm2d) == []


def test_width_and_levels_set_the_maps() -> None:
    shapes = output_shapes(without_data(UNET, UNetOptions(form="padded", width=8, levels=4)), 1, 64, 64)
    assert [shapes[name] for name in ("down1", "down4", "bottom", "join1")] == [
        (8, 64, 64),
        (64, 8, 8),
        (128, 4, 4),
        (8, 64, 64),
    ]


def test_weights_start_with_a_deviation_of_the_root_of_2_over_the_values_that_come_in() -> None:
    torch.manual_seed(0)
    network = UNET.build(UNetOptions(form="padded", batch_norm=False, width=64))
    # Section 3: for a 3 x 3 convolution of 64 maps N is 9 x 64 = 576.
    assert network["down1"].conv2.weight.std().item() == pytest.approx((2 / 576) ** 0.5, rel=0.02)
    assert network["up1"].weight.std().item() == pytest.approx((2 / 128) ** 0.5, rel=0.02)
    assert not network["up1"].bias.any()


def test_it_learns_to_mark_a_square() -> None:
    torch.manual_seed(0)
    options = UNetOptions(form="padded", width=8, levels=2, size=16)
    network = UNET.build(options)
    images = torch.rand(4, 1, 16, 16) * 0.2
    labels = torch.zeros(4, 16, 16, dtype=torch.long)
    for index, (row, column) in enumerate(((1, 2), (7, 3), (5, 8), (9, 9))):
        images[index, 0, row : row + 6, column : column + 6] += 0.7
        labels[index, row : row + 6, column : column + 6] = 1
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    for _ in range(60):
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(images), labels).backward()
        optimiser.step()
    assert (network(images).argmax(1) == labels).float().mean() > 0.99


def test_it_segments_two_classes_in_either_form() -> None:
    assert UNET.task is Task.SEGMENTATION
    assert UNET.interface(UNetOptions()).input_shape == (1, 572, 572)
    assert UNET.interface(UNetOptions(form="padded", size=32)).input_shape == (1, 32, 32)
    assert UNET.interface(PADDED).classes == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"form": "padded", "size": "36"}, "size is a multiple of 8 with levels=3, such as 32, not 36"),
        ({"form": "padded", "size": "3", "levels": "1"}, "size is a multiple of 2 with levels=1, such as 4, not 3"),
        ({"size": "32"}, "size=32 applies to form=padded only"),
        ({"batch_norm": "false"}, "batch_norm=false applies to form=padded only"),
        ({"form": "padded", "levels": "5"}, "levels is one of 1, 2, 3, 4, not '5'"),
    ],
)
def test_options_that_do_not_fit_are_refused_with_what_would(given: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_options(UNetOptions, given)
