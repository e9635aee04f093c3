"""Squeeze-and-excitation factors, residual shares and RBF targets, against plain forward hooks."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn

from explorer.inference.channel_scales import channel_scales
from explorer.inference.rbf_targets import rbf_layer, rbf_targets
from explorer.inference.residual_share import residual_additions, residual_shares
from explorer.networks import catalogue
from explorer.networks.lenet import DIGIT_BITMAPS
from explorer.structure.trace import trace


def _built(name: str, **options: Any) -> nn.Module:
    entry = catalogue.get(name)
    torch.manual_seed(0)
    network: nn.Module = entry.build(entry.options_type(**options), 10)
    return network.eval()


def _outputs(network: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """What every module gives, copied before anything can overwrite it."""
    found: dict[str, Tensor] = {}
    hooks = [
        module.register_forward_hook(lambda _m, _a, result, path=path: found.__setitem__(path, result.clone()))
        for path, module in network.named_modules()
    ]
    with torch.no_grad():
        network(x)
    for hook in hooks:
        hook.remove()
    return found


def test_channel_scales_are_the_sigmoids_outputs() -> None:
    network, x = _built("se_resnet20"), torch.randn(1, 3, 32, 32)
    outputs = _outputs(network, x)
    found = channel_scales(network, x)
    assert len(found) == 9
    assert [each.path for each in found] == [path for path in outputs if path.endswith(".se")]
    for each in found:
        assert torch.equal(torch.tensor(each.scales), outputs[f"{each.path}.sigmoid"].flatten())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())


def test_torchvisions_blocks_are_known() -> None:
    block = torchvision.ops.SqueezeExcitation(8, 2)
    x = torch.randn(1, 8, 5, 5)
    (found,) = channel_scales(nn.Sequential(block), x)
    with torch.no_grad():
        ratio = (block(x) / x).mean(dim=(2, 3))[0]
    assert torch.allclose(torch.tensor(found.scales), ratio, atol=1e-5)


def test_residual_shares_of_a_cifar_resnet() -> None:
    network, x = _built("resnet20"), torch.randn(1, 3, 32, 32)
    graph = trace(network, (3, 32, 32), "test")
    outputs = _outputs(network, x)
    found = residual_shares(network, graph, x)
    assert [each.addition.block for each in found] == [f"layer{s}.{b}" for s in (1, 2, 3) for b in range(3)]
    for each in found:
        block = each.addition.block
        assert each.branch == pytest.approx(outputs[f"{block}.bn2"].norm().item(), rel=1e-5)
        previous = {"layer1.0": "relu1", "layer2.0": "layer2.0.shortcut", "layer3.0": "layer3.0.shortcut"}
        stage, number = block.split(".")
        source = previous.get(block, f"{stage}.{int(number) - 1}")
        assert each.carried == pytest.approx(outputs[source].norm().item(), rel=1e-5)
        assert each.share == pytest.approx(each.branch / each.carried)
    assert [each.addition.shortcut for each in found].count("projection") == 2


def test_additions_in_place_are_measured_before_they_happen() -> None:
    """torchvision adds with += and activates in place."""
    network = torchvision.models.resnet18(num_classes=4).eval()
    x = torch.randn(1, 3, 64, 64)
    graph = trace(network, (3, 64, 64), "test")
    outputs = _outputs(network, x)
    found = residual_shares(network, graph, x)
    assert len(found) == 8
    assert found[0].branch == pytest.approx(outputs["layer1.0.bn2"].norm().item(), rel=1e-5)
    assert found[0].carried == pytest.approx(outputs["maxpool"].norm().item(), rel=1e-5)
    assert found[2].carried == pytest.approx(outputs["layer2.0.downsample.1"].norm().item(), rel=1e-5)
    assert found[0].total == pytest.approx((outputs["layer1.0.bn2"] + outputs["maxpool"]).norm().item(), rel=1e-5)


def test_the_branch_is_told_by_what_computes_not_by_its_side() -> None:
    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(2, 2, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.conv(x)

    network = nn.Sequential(nn.Conv2d(1, 2, 1), Block(), Block()).eval()
    x = torch.randn(1, 1, 6, 6)
    graph = trace(network, (1, 6, 6), "test")
    assert [each.branch_first for each in residual_additions(graph)] == [False, False]
    outputs = _outputs(network, x)
    found = residual_shares(network, graph, x)
    assert found[1].branch == pytest.approx(outputs["2.conv"].norm().item(), rel=1e-5)
    assert found[1].carried == pytest.approx(outputs["1"].norm().item(), rel=1e-5)


def test_a_plain_network_has_no_residual_share() -> None:
    network = _built("resnet20", shortcut="none")
    graph = trace(network, (3, 32, 32), "test")
    assert residual_shares(network, graph, torch.randn(1, 3, 32, 32)) == ()


def test_preactivated_blocks_carry_the_identity_on() -> None:
    network, x = _built("resnet20", pre_activation=True), torch.randn(1, 3, 32, 32)
    graph = trace(network, (3, 32, 32), "test")
    outputs = _outputs(network, x)
    found = residual_shares(network, graph, x)
    assert len(found) == 9
    assert found[1].branch == pytest.approx(outputs["layer1.1.conv2"].norm().item(), rel=1e-5)
    assert found[1].carried == pytest.approx(outputs["layer1.0"].norm().item(), rel=1e-5)


def test_rbf_distances_are_the_networks_output() -> None:
    network, x = _built("lenet5", form="original"), torch.randn(1, 1, 32, 32)
    found = rbf_targets(network, x)
    outputs = _outputs(network, x)
    assert torch.allclose(torch.tensor(found.distances), outputs[""][0].double())
    assert torch.equal(torch.tensor(found.activation).flatten(), outputs["classifier.f6_activation"][0])
    assert found.squares(4).sum() == pytest.approx(found.distances[4], rel=1e-5)
    assert found.winner == int(outputs[""].argmin())
    seven = [[1.0 if pixel == "#" else -1.0 for pixel in row] for row in DIGIT_BITMAPS[7]]
    assert found.targets[7].tolist() == seven


def test_the_modern_lenet_has_no_targets() -> None:
    network = _built("lenet5")
    assert rbf_layer(network) is None
    with pytest.raises(ValueError, match="radial basis"):
        rbf_targets(network, torch.randn(1, 1, 28, 28))
