"""Tracing: shapes, costs, receptive fields and blocks, against published and hand-computed figures."""

from __future__ import annotations

import operator

import pytest
import torch
import torchvision
from torch import Tensor, nn

from explorer.networks import catalogue
from explorer.networks.entries.lenet import LeNet5Options
from explorer.reading import read_graph
from explorer.structure.function_calls import function_name, is_in_place
from explorer.structure.graph import Graph, Kind
from explorer.structure.trace import trace


def _lenet(**options: str) -> Graph:
    return read_graph(catalogue.get("lenet5"), LeNet5Options(**options))


def test_lenet_costs_what_its_layer_shapes_give() -> None:
    totals = _lenet().totals
    assert (totals.parameters, totals.macs, totals.flops) == (61_706, 416_520, 833_040)


def test_the_32_pixel_input_costs_the_same() -> None:
    totals = _lenet(input="32x32").totals
    assert (totals.parameters, totals.macs) == (61_706, 416_520)


def test_the_original_counts_the_links_that_exist() -> None:
    graph = _lenet(form="original")
    # 117,600 + 150,000 + 48,000 + 10,080; the distances of the output layer are no matrix product.
    assert graph.totals.macs == 325_680
    assert graph.totals.trainable_parameters == 60_000
    assert graph.by_path["features.c3"].macs == 60 * 25 * 100


@pytest.mark.parametrize(
    ("path", "shape", "field"),
    [
        ("features.c1", (6, 28, 28), 5),
        ("features.s2", (6, 14, 14), 6),
        ("features.c3", (16, 10, 10), 14),
        ("features.s4", (16, 5, 5), 16),
        ("classifier.c5", (120,), 28),
        ("classifier.output", (10,), 28),
    ],
)
def test_lenet_layers_have_the_textbooks_shapes_and_fields(path: str, shape: tuple[int, ...], field: int) -> None:
    node = _lenet().by_path[path]
    assert node.output_shape == shape
    assert node.receptive_field is not None
    assert node.receptive_field.size == (field, field)


def test_numbers_come_with_the_formula_that_gives_them() -> None:
    formulas = _lenet().by_path["features.c3"].formulas
    assert formulas.parameters == "(5 × 5 × 6 + 1) × 16 = 2,416"
    assert formulas.macs == "5 × 5 × 6 × 16 × 10 × 10 = 240,000"
    assert formulas.activation_bytes == "16 × 10 × 10 × 4 B = 6,400 B"
    assert formulas.receptive_field == "14 × 14, step 2"


@pytest.mark.parametrize("options", [{}, {"form": "original", "centres": "trainable"}, {"batch_norm": True}])
def test_every_formula_is_true(options) -> None:
    for node in read_graph(catalogue.get("lenet5"), LeNet5Options(**options)).nodes:
        for formula in (node.formulas.parameters, node.formulas.macs):
            if "=" in formula:
                left, right = formula.replace(",", "").replace("×", "*").split("=")
                assert eval(left) == int(right), formula  # noqa: S307 - our own arithmetic
        assert not node.parameters or str(node.parameters) in node.formulas.parameters.replace(",", "")
        assert not node.macs or str(node.macs) in node.formulas.macs.replace(",", "")


@pytest.mark.parametrize("name", ["resnet18", "alexnet", "vgg16", "densenet121", "mobilenet_v2", "googlenet"])
def test_torchvisions_networks_cost_what_torchvision_publishes(name: str) -> None:
    weights = torchvision.models.get_model_weights(name).DEFAULT
    with torch.device("meta"):
        extra = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
        network = torchvision.models.get_model(name, weights=None, **extra)
    totals = trace(network, (3, 224, 224)).totals
    assert totals.parameters == weights.meta["num_params"]
    assert totals.macs / 1e9 == pytest.approx(weights.meta["_ops"], rel=0.01)


class _Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(3, 3, 5, padding=2))
        self.tail = nn.Conv2d(3, 3, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.tail(torch.cat([self.body(x), x], 1)[:, :3] + x)


def _seen_size(network: nn.Module, shape: tuple[int, ...], row: int, column: int) -> tuple[int, int]:
    """The receptive field as gradients show it: the box of input pixels that move one output unit."""
    image = torch.rand(1, *shape, dtype=torch.float64, requires_grad=True)
    network = network.double()
    for parameter in network.parameters():
        nn.init.uniform_(parameter, 0.5, 1.5)
    (gradient,) = torch.autograd.grad(network(image)[0, :, row, column].sum(), image)
    touched = gradient[0].abs().sum(0).nonzero()
    height, width = (touched.max(0).values - touched.min(0).values + 1).tolist()
    return height, width


def test_the_field_of_a_network_with_skips_is_what_gradients_show() -> None:
    network = _Residual()
    field = trace(network, (3, 40, 40)).nodes[-1].receptive_field
    assert field is not None
    assert field.size == _seen_size(network, (3, 40, 40), 10, 10)
    assert field.step == (2, 2)


def test_branches_of_unequal_depth_see_their_union() -> None:
    class Branches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.near = nn.Conv2d(1, 1, 1)
            self.far = nn.Conv2d(1, 1, 7, padding=3, dilation=1)
            self.pool = nn.MaxPool2d(3, 1, 1)

        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([self.near(x), self.far(self.pool(x))], 1)

    network = Branches()
    field = trace(network, (1, 30, 30)).nodes[-1].receptive_field
    assert field is not None
    # A 3x3 window and a 7x7 window in a row see 9x9.
    assert field.size == (9, 9)


def test_functional_operations_are_nodes_in_execution_order() -> None:
    graph = trace(_Residual(), (3, 8, 8))
    joins = [node.path for node in graph.nodes if node.kind is Kind.JOIN]
    assert joins == ["cat", "add"]
    order = {node.path: index for index, node in enumerate(graph.nodes)}
    assert all(order[edge.source] < order[edge.target] for edge in graph.edges)


def test_layers_in_place_write_no_bytes() -> None:
    graph = trace(_Residual(), (3, 8, 8))
    assert graph.by_path["body.1"].activation_bytes == 0
    assert graph.by_path["body.0"].activation_bytes == 3 * 8 * 8 * 4


def test_a_shared_module_counts_once_and_says_so() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 4)

        def forward(self, x: Tensor) -> Tensor:
            return self.layer(self.layer(x))

    graph = trace(Twice(), (4,))
    assert [node.parameters for node in graph.nodes] == [0, 20, 0]
    assert graph.nodes[2].shares_with == "layer"
    assert graph.nodes[2].macs == 16
    assert graph.totals.parameters == 20


def test_what_evaluation_does_not_reach_is_a_training_only_row() -> None:
    class WithHead(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Linear(2, 2)
            self.head = nn.Linear(2, 3)

        def forward(self, x: Tensor) -> Tensor:
            x = self.body(x)
            return (x, self.head(x)) if self.training else x

    graph = trace(WithHead().train(), (2,))
    head = graph.by_path["head"]
    assert (head.training_only, head.parameters, head.macs) == (True, 9, 0)
    assert graph.totals.parameters == 6 + 9


def test_rows_add_up_to_the_totals() -> None:
    with torch.device("meta"):
        network = torchvision.models.googlenet(weights=None, init_weights=False)
    graph = trace(network, (3, 224, 224))
    assert sum(node.parameters for node in graph.nodes) == sum(p.numel() for p in network.parameters())
    assert sum(node.macs for node in graph.nodes) == graph.totals.macs


def test_blocks_hold_every_node_once() -> None:
    graph = _lenet()
    assert [block.path for block in graph.blocks] == ["features", "classifier"]
    members = [member for block in graph.blocks for member in block.members]
    assert sorted(members) == sorted(node.path for node in graph.nodes if node.kind is not Kind.INPUT)
    assert graph.totals_of("features").parameters == 156 + 2_416


def test_tracing_leaves_the_network_as_it_was() -> None:
    network = catalogue.get("lenet5").build().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    trace(network, (1, 28, 28))
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


class _Function(nn.Module):
    """A 3x3 convolution, then a function."""

    def __init__(self, function) -> None:
        super().__init__()
        self.layer = nn.Conv2d(2, 4, 3, padding=1)
        self.weight = nn.Parameter(torch.zeros(6, 4, 3, 3))
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self.layer(x), self.weight)


@pytest.mark.parametrize(
    ("function", "written"),
    [
        (lambda x, _: nn.functional.interpolate(x, scale_factor=2), 4 * 16 * 16 * 4),
        (lambda x, _: torch.relu_(x), 0),
        (lambda x, _: x.relu_(), 0),
        (lambda x, _: nn.functional.relu(x, inplace=True), 0),
        (lambda x, _: nn.functional.relu(x, True), 0),
        (lambda x, _: nn.functional.relu(x), 4 * 8 * 8 * 4),
        (lambda x, _: x.view(-1, 256), 0),
        (lambda x, _: nn.functional.pad(x, (1, 1, 1, 1)), 4 * 10 * 10 * 4),
    ],
)
def test_functions_write_bytes_unless_they_are_views_or_in_place(function, written: int) -> None:
    assert trace(_Function(function), (2, 8, 8)).nodes[-1].activation_bytes == written


@pytest.mark.parametrize(
    ("layer", "written"), [(nn.ZeroPad2d(1), 1600), (nn.PixelShuffle(2), 1024), (nn.Identity(), 0)]
)
def test_padding_layers_write_a_new_tensor_and_views_do_not(layer: nn.Module, written: int) -> None:
    assert trace(nn.Sequential(layer), (4, 8, 8)).nodes[-1].activation_bytes == written


def test_functional_products_and_convolutions_are_counted() -> None:
    def last(function) -> int:
        return trace(_Function(function), (2, 8, 8)).nodes[-1].macs

    assert last(nn.functional.conv2d) == 3 * 3 * 4 * 6 * 6 * 6
    transposed = nn.functional.conv_transpose2d
    # The weight of a transposed convolution is [inputs, outputs, height, width]: 4 of the 6 rows are used.
    assert last(lambda x, weight: transposed(x, weight[:4])) == 3 * 3 * 4 * 4 * 8 * 8
    assert last(lambda x, weight: nn.functional.linear(x, weight.view(-1, 8)[:5])) == 4 * 8 * 5 * 8
    assert last(lambda x, _: torch.bmm(x.flatten(2), x.flatten(2).transpose(1, 2))) == 4 * 4 * 64


@pytest.mark.parametrize(
    ("function", "field"),
    [
        (lambda x, weight: x * weight[0, :, :1, :1], (3, 3)),
        (lambda x, _: torch.cat([x, nn.functional.interpolate(x, scale_factor=1)], 1), (3, 3)),
        (lambda x, _: torch.cat([x, x.flip(3)], 1), None),
        (lambda x, _: x[:, :, ::2, ::2], (3, 3)),
        (lambda x, _: x.mean((2, 3)), (8, 8)),
        (lambda x, _: nn.functional.group_norm(x, 2), None),
    ],
)
def test_a_field_is_given_only_where_it_is_known(function, field: tuple[int, int] | None) -> None:
    seen = trace(_Function(function), (2, 8, 8)).nodes[-1].receptive_field
    assert (seen.size if seen else None) == field


@pytest.mark.parametrize("layer", [nn.PixelUnshuffle(2), nn.GroupNorm(2, 4), nn.ReflectionPad2d(1), nn.LayerNorm(6)])
def test_layers_that_look_elsewhere_have_no_field(layer: nn.Module) -> None:
    assert trace(nn.Sequential(nn.Conv2d(1, 4, 3), layer), (1, 8, 8)).nodes[-1].receptive_field is None


def test_padding_moves_the_field_of_the_first_unit() -> None:
    field = trace(nn.Sequential(nn.ZeroPad2d((1, 0, 2, 0)), nn.Conv2d(1, 1, 3)), (1, 8, 8)).nodes[-1].receptive_field
    assert field is not None
    assert (field.size, field.offset) == ((3, 3), (-2, -1))


def test_resnet18_sees_435_pixels_before_its_pooling() -> None:
    with torch.device("meta"):
        network = torchvision.models.resnet18(weights=None)
    field = trace(network, (3, 500, 500)).by_path["layer4.1.conv2"].receptive_field
    assert field is not None
    # Araujo, Norris, Sim 2019, table of receptive fields: ResNet-18 has 435.
    assert (field.size, field.step) == ((435, 435), (32, 32))


def test_pythons_in_place_operators_write_over_their_input() -> None:
    assert function_name(operator.iadd) == "iadd"
    assert is_in_place(operator.iadd, "iadd", (torch.ones(1), 1), {})
