"""Feature maps are what plain forward hooks see, before anything writes over it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.inference.edits import Filling, Silence, Skip
from explorer.inference.feature_maps import Looker, statistics
from explorer.inference.initial_weights import initial_network
from explorer.inference.map_form import MapForm, form_of
from explorer.inference.mosaic import mosaic_of
from explorer.inference.predictor import threads_for
from explorer.inference.surgery import edited
from explorer.networks import catalogue
from explorer.structure.trace import trace
from explorer.structure.trace_fx import is_leaf
from explorer.system import devices


def _looker(network: nn.Module, shape: tuple[int, ...]) -> Looker:
    return Looker(network, trace(network, shape))


def _hooked(network: nn.Module, x: Tensor) -> dict[str, Tensor]:
    """Outputs of all layers by name, those of later calls as "name:2" and so on."""
    seen: dict[str, Tensor] = {}
    hooks = []

    def hook_for(name):
        def hook(_module, _args, output):
            calls = sum(path.split(":")[0] == name for path in seen)
            seen[name if not calls else f"{name}:{calls + 1}"] = output.clone()

        return hook

    for name, module in network.named_modules():
        if name and is_leaf(module):
            hooks.append(module.register_forward_hook(hook_for(name)))
    with torch.inference_mode(), devices.threads(threads_for(x.shape[1:])):
        network(x)
    for hook in hooks:
        hook.remove()
    return seen


def _check(network: nn.Module, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    network.eval()
    x = torch.randn(1, *shape, generator=torch.Generator().manual_seed(1))
    expected = _hooked(network, x)
    looker = _looker(network, shape)
    found = looker.outputs(x)
    assert expected.keys() <= found.keys()
    for path, output in expected.items():
        np.testing.assert_array_equal(found[path].reshape(-1), output.reshape(-1).numpy(), err_msg=path)
    return found


@pytest.mark.parametrize(
    ("name", "options", "shape"),
    [
        ("lenet5", {}, (1, 28, 28)),
        ("lenet5", {"form": "original"}, (1, 32, 32)),
        ("resnet20", {}, (3, 32, 32)),
        ("unet", {"form": "padded", "levels": 2, "width": 8}, (1, 32, 32)),
        ("googlenet", {}, (3, 64, 64)),
        ("se_resnet50", {}, (3, 32, 32)),
        ("densenet121", {}, (3, 32, 32)),
    ],
)
def test_maps_of_the_catalogue_equal_forward_hooks(
    name: str, options: dict[str, object], shape: tuple[int, ...]
) -> None:
    architecture = catalogue.get(name)
    network = initial_network(architecture, architecture.options_type(**options))
    graph = trace(network.eval(), shape)
    found = _check(network, shape)
    reached = {node.path for node in graph.nodes if not node.training_only}
    assert found.keys() == reached
    assert all(found[path].shape == graph.by_path[path].output_shape for path in found)


def test_additions_of_a_residual_network_are_sums_of_what_goes_in() -> None:
    network = initial_network(catalogue.get("resnet20"), catalogue.get("resnet20").options_type()).eval()
    graph = trace(network, (3, 32, 32))
    additions = [node.path for node in graph.nodes if node.type_name in {"add", "iadd"}]
    assert len(additions) == 9  # (20 - 2) / 2 blocks (He et al. 2015, section 4.2)
    found = Looker(network, graph).outputs(torch.randn(1, 3, 32, 32))
    for path in additions:
        left, right = (edge.source for edge in graph.edges if edge.target == path)
        np.testing.assert_array_equal(found[path], found[left] + found[right])


@pytest.mark.parametrize("name", ["resnet18", "squeezenet1_1", "mobilenet_v2", "shufflenet_v2_x0_5"])
def test_maps_of_torchvisions_networks_with_activations_in_place_equal_hooks(name: str) -> None:
    torchvision = pytest.importorskip("torchvision")
    torch.manual_seed(0)
    _check(torchvision.models.get_model(name, weights=None), (3, 64, 64))


@pytest.mark.parametrize(
    ("name", "shape", "edits"),
    [
        ("lenet5", (1, 28, 28), (Silence("features.c1", 2), Silence("features.s4", filling=Filling.MEAN))),
        ("resnet20", (3, 32, 32), (Skip("layer2.0.add"), Silence("layer3.1", 3), Silence("layer3.1.conv1", 5))),
        ("googlenet", (3, 64, 64), (Silence("inception_4a"), Silence("inception_5b.branch3", 7))),
        ("se_resnet50", (3, 32, 32), (Silence("layer1.0.se"), Skip("layer2.1.add"))),
    ],
)
def test_maps_with_parts_silenced_and_skipped_are_those_of_the_edited_network(
    name: str, shape: tuple[int, int, int], edits: tuple[Silence | Skip, ...]
) -> None:
    architecture = catalogue.get(name)
    network = initial_network(architecture, architecture.options_type()).eval()
    graph = trace(network, shape)
    x = torch.randn(1, *shape, generator=torch.Generator().manual_seed(1))
    looker = Looker(network, graph)
    whole = looker.outputs(x)
    with edited(network, graph, edits):
        expected = _hooked(network, x)
    looker.edit(edits)
    found = looker.outputs(x)
    # A block's output is silenced behind its last layer, and shown as that layer's.
    ends = {list(graph.inside(edit.path))[-1].path for edit in edits if edit.path in graph.block_by_path}
    for path in expected.keys() - ends:
        np.testing.assert_array_equal(found[path].reshape(-1), expected[path].reshape(-1).numpy(), err_msg=path)
    last = graph.nodes[-1].path
    assert not np.array_equal(found[last], whole[last])
    looker.edit(())
    np.testing.assert_array_equal(looker.outputs(x)[last], whole[last])


class _Overwriting(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x)
        z = self.relu(y)
        z += 1
        return self.relu(z.mul_(-2))


def test_outputs_are_those_before_a_later_operation_wrote_over_them() -> None:
    network = _Overwriting().eval()
    x = torch.randn(1, 1, 6, 6)
    before = network.conv(x).detach()[0].numpy()
    assert (before < 0).any()
    found = _looker(network, (1, 6, 6)).outputs(x)
    np.testing.assert_array_equal(found["conv"], before)
    np.testing.assert_array_equal(found["relu"], np.maximum(before, 0))
    np.testing.assert_array_equal(found["add"], np.maximum(before, 0) + 1)
    np.testing.assert_array_equal(found["mul_"], -2 * (np.maximum(before, 0) + 1))
    np.testing.assert_array_equal(found["relu:2"], np.zeros_like(before))


class _Deciding(nn.Module):
    """torch.fx cannot follow it."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.first(x.flatten(1))
        return self.first(y) if y.sum() > -1e9 else y


def test_layers_of_a_network_that_decides_by_values_are_seen_too() -> None:
    network = _Deciding().eval()
    x = torch.randn(1, 1, 2, 2)
    found = _looker(network, (1, 2, 2)).outputs(x)
    once = network.first(x.flatten(1)).detach()
    np.testing.assert_array_equal(found["first"], once[0].numpy())
    np.testing.assert_array_equal(found["first:2"], network.first(once).detach()[0].numpy())


def test_what_was_not_asked_for_is_not_computed() -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU(), nn.Conv2d(1, 1, 3)).eval()
    looker = _looker(network, (1, 8, 8))
    ran = []
    network[2].register_forward_hook(lambda *_: ran.append(True))
    assert looker.outputs(torch.zeros(1, 1, 8, 8), {"1"}).keys() == {"1"}
    assert not ran


def test_work_is_given_up_between_two_operations() -> None:
    network = nn.Sequential(nn.ReLU(), nn.ReLU()).eval()

    def check() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        _looker(network, (1, 2, 2)).outputs(torch.zeros(1, 1, 2, 2), None, check)


def test_statistics_are_those_worked_out_by_hand() -> None:
    found = statistics(torch.tensor([[[0.0, 0.0], [0.0, 0.0]], [[1.0, -3.0], [0.0, 2.0]]]))
    assert (found.least, found.most, found.mean) == (-3.0, 2.0, 0.0)
    assert found.deviation == pytest.approx((14 / 8) ** 0.5)
    assert found.zeros == pytest.approx(5 / 8)
    assert (found.dead, found.channels, found.broken) == (1, 2, 0)


def test_values_that_are_no_numbers_are_counted_and_left_out() -> None:
    found = statistics(torch.tensor([[[float("nan"), 1.0], [float("inf"), 3.0]]]))
    assert (found.broken, found.least, found.most, found.mean) == (2, 1.0, 3.0, 2.0)


def test_a_unit_of_lenets_c3_sees_the_fourteen_pixels_that_the_textbook_counts() -> None:
    # C1: 5, padded by 2. S2: 5 + 1 = 6, step 2. C3: 6 + 4 x 2 = 14, and unit i begins at 2 i - 2.
    network = initial_network(catalogue.get("lenet5"), catalogue.get("lenet5").options_type()).eval()
    maps = _looker(network, (1, 28, 28)).maps(torch.zeros(1, 1, 28, 28), "features.c3")
    assert maps is not None
    corner, inner = maps.sees(3, 0, 0), maps.sees(3, 1, 4)
    assert (corner.top, corner.left, corner.bottom, corner.right) == (-2, -2, 12, 12)
    assert corner.is_clipped
    assert corner.shown == (0, 0, 12, 12)
    assert (inner.top, inner.left, inner.bottom, inner.right) == (0, 6, 14, 20)
    assert not inner.is_clipped


def test_only_pixels_that_a_unit_sees_change_it() -> None:
    network = initial_network(catalogue.get("lenet5"), catalogue.get("lenet5").options_type()).eval()
    looker = _looker(network, (1, 28, 28))
    x = torch.randn(1, 1, 28, 28)
    before = looker.maps(x, "features.c3")
    top, left, bottom, right = before.sees(5, 3, 2).shown
    outside = torch.randn(1, 1, 28, 28)
    outside[..., top:bottom, left:right] = x[..., top:bottom, left:right]
    assert looker.maps(outside, "features.c3").maps[5, 3, 2] == before.maps[5, 3, 2]
    assert looker.maps(outside, "features.c3").maps[5, 9, 9] != before.maps[5, 9, 9]


def test_a_value_behind_the_flattening_sees_all() -> None:
    network = initial_network(catalogue.get("lenet5"), catalogue.get("lenet5").options_type()).eval()
    maps = _looker(network, (1, 28, 28)).maps(torch.zeros(1, 1, 28, 28), "classifier.c5")
    assert maps.form is MapForm.VECTOR
    assert maps.maps.shape == (120, 1, 1)
    assert maps.sees(7, 0, 0).shown == (0, 0, 28, 28)


@pytest.mark.parametrize(
    ("shape", "form"),
    [
        ((16, 10, 10), MapForm.MAPS),
        ((1, 28, 28), MapForm.MAPS),
        ((512, 1, 1), MapForm.VECTOR),
        ((120,), MapForm.VECTOR),
        ((197, 768), MapForm.TABLE),
        ((56, 56, 96), MapForm.CHANNELS_LAST),
    ],
)
def test_the_form_of_an_output_follows_from_its_shape(shape: tuple[int, ...], form: MapForm) -> None:
    assert form_of(shape) is form


def test_thumbnails_are_averages_of_the_first_channels() -> None:
    network = nn.Sequential(nn.Identity()).eval()
    looker = _looker(network, (20, 112, 112))
    x = torch.randn(1, 20, 112, 112)
    mosaic = mosaic_of((20, 112, 112))
    assert (mosaic.count, mosaic.columns) == (16, 4)
    found = looker.thumbnails(x, {"0": mosaic})["0"]
    assert found.tiles.shape == (16, mosaic.height, mosaic.width)
    expected = nn.functional.adaptive_avg_pool2d(x[:, :16], (mosaic.height, mosaic.width))[0].numpy()
    np.testing.assert_allclose(found.tiles, expected, rtol=1e-5)
    np.testing.assert_array_equal(found.most, found.tiles.max(axis=(1, 2)))


@pytest.mark.parametrize("shape", [(1, 28, 28), (6, 28, 28), (16, 5, 5), (84,), (120,), (4096,), (10,), (512, 7, 7)])
def test_mosaics_fit_below_a_box(shape: tuple[int, ...]) -> None:
    width, height = mosaic_of(shape).size
    assert 20 <= width <= 180
    assert 8 <= height <= 180


def test_layers_of_a_network_that_decides_by_values_are_seen_silenced() -> None:
    network = _Deciding().eval()
    x = torch.randn(1, 1, 2, 2, generator=torch.Generator().manual_seed(1))
    looker = _looker(network, (1, 2, 2))
    looker.edit((Silence("first", 1),))
    with torch.no_grad():
        expected = network.first(x.flatten(1))
        expected[:, 1] = 0
    np.testing.assert_array_equal(looker.outputs(x)["first"], expected[0].numpy())


def test_an_edit_of_what_is_not_there_is_a_sentence() -> None:
    looker = _looker(_Deciding().eval(), (1, 2, 2))
    with pytest.raises(ValueError, match="there is none numbered 9"):
        looker.edit((Silence("first", 9),))
