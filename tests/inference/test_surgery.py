"""Parts of a network are silenced and skipped, and the network stays as it is."""

from __future__ import annotations

import copy

import pytest
import torch
from explained_networks import Doubled, graph_of, picture, small
from torch import Tensor, nn

from explorer.inference.branches import branch_at, branches
from explorer.inference.edits import Filling, Silence, Skip, channels_of, with_edit
from explorer.inference.passing import functions_seen
from explorer.inference.surgery import edited
from explorer.networks import catalogue
from explorer.structure.graph import Kind
from explorer.structure.trace import trace


def run(network: nn.Module, x: Tensor, *edits: Silence | Skip, shape: tuple[int, int, int] = (1, 8, 8)) -> Tensor:
    with torch.no_grad(), edited(network, graph_of(network, shape), edits) as twin:
        return twin(x.clone())


@pytest.mark.parametrize("inplace", [False, True])
def test_a_silenced_layer_gives_zero(inplace: bool) -> None:
    network, x = small(inplace=inplace), picture()
    with torch.no_grad():
        expected = network[4:](network.conv2(torch.zeros(1, 4, 8, 8)))
    assert torch.equal(run(network, x, Silence("relu1")), expected)


def test_a_silenced_channel_leaves_the_others() -> None:
    network, x = small(inplace=True), picture()
    with torch.no_grad():
        maps = network[:3](x.clone())
        maps[:, 2] = 0
        expected = network[3:](maps)
    assert torch.allclose(run(network, x, Silence("relu1", 2)), expected, atol=1e-6)


def test_a_layer_may_become_its_mean() -> None:
    network, x = small(), picture()
    with torch.no_grad():
        maps = network[:3](x)
        even = maps.mean(dim=(2, 3), keepdim=True).expand_as(maps)
        expected = network[3:](even)
    assert torch.allclose(run(network, x, Silence("relu1", filling=Filling.MEAN)), expected, atol=1e-6)


def test_a_unit_of_a_dense_layer_is_a_channel() -> None:
    network, x = small(), picture()
    with torch.no_grad():
        whole = network(x)
    left = run(network, x, Silence("fc", 1))
    assert left[0].tolist() == [whole[0, 0].item(), 0.0, whole[0, 2].item()]


class _ChannelsLast(nn.Module):
    """Rows, columns, channels, as networks with attention have them."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(6)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.permute(0, 2, 3, 1))


@pytest.mark.parametrize("filling", list(Filling))
def test_a_channel_is_silenced_where_channels_come_last(filling: Filling) -> None:
    network, x = _ChannelsLast().eval(), picture(channels=6)
    with torch.no_grad():
        expected = network(x)
        expected[..., 4] = 0 if filling is Filling.ZERO else expected[..., 4].mean()
    assert torch.allclose(run(network, x, Silence("norm", 4, filling), shape=(6, 8, 8)), expected, atol=1e-6)


def test_edits_compose() -> None:
    network, x = small(), picture()
    with torch.no_grad():
        maps = network[:3](x.clone())
        maps[:, [0, 3]] = 0
        maps = network.conv2(maps)
        maps[:, 1] = 0
        expected = network[4:](maps)
    edits = (Silence("relu1", 0), Silence("conv2", 1), Silence("relu1", 3))
    assert torch.allclose(run(network, x, *edits), expected, atol=1e-6)


@pytest.mark.parametrize("in_place", [False, True])
def test_a_skipped_branch_leaves_the_shortcut(in_place: bool) -> None:
    network, x = Doubled(in_place=in_place).eval(), picture()
    graph = graph_of(network)
    (branch,) = branches(graph)
    assert branch.members == {"conv"}
    assert run(network, x).item() == pytest.approx(3 * x.sum().item(), rel=1e-5)
    assert run(network, x, Skip(branch.join)).item() == pytest.approx(x.sum().item(), rel=1e-5)


def test_functions_can_be_silenced_too() -> None:
    network, x = Doubled().eval(), picture()
    assert run(network, x, Silence("add")).item() == 0.0


def test_a_function_that_calls_nothing_is_met_by_its_module() -> None:
    torch.manual_seed(0)
    network = catalogue.get("torchvision/efficientnet_b0").build().eval()
    graph = trace(network, (3, 32, 32))
    x = picture(3, 32)
    node = next(node for node in graph.nodes if node.type_name == "stochastic_depth")
    with torch.no_grad():
        with edited(network, graph, [Silence(node.path)]):
            silenced = network(x)
        with edited(network, graph, [Skip(next(b.join for b in branches(graph) if node.path in b.members))]):
            skipped = network(x)
        whole = network(x)
    assert torch.equal(silenced, skipped)
    assert not torch.equal(silenced, whole)


def test_skipping_every_branch_of_a_resnet_leaves_what_the_shortcuts_do() -> None:
    torch.manual_seed(0)
    network = catalogue.get("resnet20").build().eval()
    graph = trace(network, (3, 32, 32))
    x = picture(3, 32)
    joins = [branch.join for branch in branches(graph)]
    assert len(joins) == 9
    with torch.no_grad():
        out = network.relu1(network.bn1(network.conv1(x)))
        for stage in (network.layer1, network.layer2, network.layer3):
            for block in stage:
                out = block.relu2(out if block.shortcut is None else block.shortcut(out))
        expected = network.fc(network.flatten(network.avgpool(out)))
        with edited(network, graph, [Skip(join) for join in joins]):
            found = network(x)
    assert torch.allclose(found, expected, atol=1e-5)


def test_the_branch_ends_in_what_rescales_it() -> None:
    torch.manual_seed(0)
    network = catalogue.get("se_resnet20").build().eval()
    graph = trace(network, (3, 32, 32))
    branch = branch_at(graph, "layer1.0")
    assert branch is not None
    assert "layer1.0.se.fc1" in branch.members
    assert branch_at(graph, "layer1.0.conv1") == branch
    assert branch_at(graph, branch.join) == branch
    assert branch_at(graph, "layer1") is None  # a stage of three: none of them is meant
    assert branch_at(graph, "fc") is None
    assert branch_at(graph, "conv1") is None


def test_nothing_of_the_network_changes() -> None:
    network, x = small(inplace=True), picture()
    before, hooks = copy.deepcopy(network.state_dict()), [dict(m._forward_hooks) for m in network.modules()]
    with torch.no_grad():
        whole = network(x.clone())
    run(network, x, Silence("relu1"), Silence("conv2", 0, Filling.MEAN))
    with torch.no_grad():
        assert torch.equal(network(x.clone()), whole)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert [dict(m._forward_hooks) for m in network.modules()] == hooks


def test_a_run_that_fails_leaves_nothing_behind() -> None:
    network = Doubled().eval()
    graph = graph_of(network)
    x = picture()
    with edited(network, graph, [Silence("add")]) as twin:
        with pytest.raises(RuntimeError):
            twin(torch.zeros(1, 2, 8, 8))
        assert twin(x).item() == 0.0
    assert network(x).item() != 0.0


@pytest.mark.parametrize("path", ["nothing", "input"])
def test_what_cannot_be_changed_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=path):
        run(small(), picture(), Silence(path))


def test_a_channel_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="4 channels"):
        run(small(), picture(), Silence("conv1", 4))
    with pytest.raises(ValueError, match="no residual branch"):
        run(small(), picture(), Skip("conv1"))
    assert (channels_of((6, 8, 8)), channels_of((10,)), channels_of((197, 768)), channels_of(())) == (6, 10, 768, 0)
    assert (channels_of((16, 16, 96)), channels_of((512, 1, 1)), channels_of((1, 1, 96))) == (96, 512, 96)


def test_a_layer_has_one_edit_of_a_kind() -> None:
    first = with_edit((), Silence("a", 1))
    both = with_edit(first, Silence("a", 2))
    assert with_edit(both, Silence("a", 2, Filling.MEAN)) == (Silence("a", 1), Silence("a", 2, Filling.MEAN))
    assert with_edit(both, Silence("a")) == (Silence("a"),)
    assert with_edit((Silence("a"),), Silence("a", 1)) == (Silence("a", 1),)
    assert with_edit((Skip("add"), Silence("a")), Skip("add")) == (Silence("a"), Skip("add"))


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "densenet121", "mobilenet_v3_small", "efficientnet_b0"])
def test_functions_of_the_zoo_are_met_under_the_names_of_the_graph(name: str) -> None:
    """What runs outside of layers is what the graph has besides them, in the same order."""
    architecture = catalogue.get(f"torchvision/{name}")
    network = architecture.build().eval()
    graph = trace(network, (3, 64, 64))
    layers = dict(network.named_modules())
    expected = [
        (node.block, node.type_name)
        for node in graph.nodes
        if not node.training_only
        and node.kind not in {Kind.INPUT, Kind.OUTPUT}
        and node.path.split(":")[0] not in layers
        # At rest it passes its input on without a call; it is met by its module.
        and node.type_name != "stochastic_depth"
    ]
    assert sorted(functions_seen(network, torch.zeros(1, 3, 64, 64))) == sorted(expected)
