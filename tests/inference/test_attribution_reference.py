"""Attributions equal captum's on the same network and input; skipped where captum is missing (extra "reference")."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.data.digits import make_digits
from explorer.inference.explaining import over_picture
from explorer.inference.grad_cam import grad_cam
from explorer.inference.integrated_gradients import integrated_gradients
from explorer.inference.occlusion import occlusion
from explorer.inference.predictor import Predictor, shipped_weights
from explorer.inference.saliency import gradient
from explorer.inference.score import Score
from explorer.networks import catalogue
from explorer.structure.trace import trace

captum: ModuleType = pytest.importorskip("captum.attr", reason="captum is not installed")


def lenet() -> tuple[nn.Module, Tensor]:
    predictor = Predictor.from_file(next(path for path in shipped_weights() if path.name.startswith("lenet5")))
    return predictor.network, predictor.prepared(make_digits(1, seed=5).images[0])


def resnet() -> tuple[nn.Module, Tensor]:
    torch.manual_seed(2)
    network = catalogue.get("torchvision/resnet18").build().eval().requires_grad_(requires_grad=False)
    return network, torch.randn(1, 3, 64, 64)


CASES = pytest.mark.parametrize(("make", "label"), [(lenet, 4), (resnet, 20)])


def off(found: Tensor, expected: Tensor) -> float:
    """The largest difference, as a share of the largest value."""
    return float((found - expected).abs().max() / expected.abs().max())


@CASES
def test_gradients(make, label: int) -> None:
    network, x = make()
    expected = captum.Saliency(network).attribute(x.clone().requires_grad_(), target=label, abs=False)
    assert off(gradient(network, x, Score(label)), expected.detach()) < 1e-6


@CASES
def test_integrated_gradients(make, label: int) -> None:
    network, x = make()
    expected = captum.IntegratedGradients(network).attribute(
        x.clone(), 0.5, target=label, n_steps=16, method="riemann_middle"
    )
    found = integrated_gradients(network, x, Score(label), baseline=0.5, steps=16)
    assert off(found.values, expected[0].detach().float()) < 1e-4


@CASES
def test_occlusion(make, label: int) -> None:
    network, x = make()
    side = x.shape[2]
    patch, stride = side // 4, side // 8  # overlapping, and the last patch ends with the picture
    with torch.no_grad():
        expected = captum.Occlusion(network).attribute(
            x.clone(), (x.shape[1], patch, patch), (x.shape[1], stride, stride), 0.25, label
        )
    found = occlusion(network, x, Score(label), patch=patch, stride=stride, baseline=0.25)
    assert off(found, expected[0, 0].float()) < 1e-4


@pytest.mark.parametrize(
    ("make", "label", "layer"), [(lenet, 4, "features.c3"), (lenet, 4, "features.c1"), (resnet, 20, "layer3.1.conv2")]
)
def test_grad_cam(make, label: int, layer: str) -> None:
    network, x = make()
    # captum reads the layer's output after what was written over it in place, so that it is given networks that do not.
    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    network.requires_grad_(requires_grad=True)
    reference = captum.LayerGradCam(network, network.get_submodule(layer))
    expected = reference.attribute(x.clone().requires_grad_(), target=label, relu_attributions=True)[0, 0].detach()
    network.requires_grad_(requires_grad=False)
    found = grad_cam(network, trace(network, tuple(x.shape[1:])), x, Score(label), layer)
    assert expected.max() > 0
    assert off(found.coarse, expected) < 1e-5
    assert np.isfinite(over_picture(found.fine, (28, 28)).numpy()).all()
