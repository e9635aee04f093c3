"""torchvision's zoo in the catalogue; `structure/test_layout_properties` compares what its networks come to."""

from __future__ import annotations

import json

import pytest
import torch
from torchvision import models

from explorer.cli import run
from explorer.networks import catalogue, zoo
from explorer.networks.zoo_families import family_of, title_of
from explorer.reading import build_without_data, read_graph
from explorer.structure import trace_fx
from explorer.structure.dry_run import DryRun
from explorer.structure.graph import Kind
from explorer.structure.skeleton import without_data
from explorer.structure.trace_nodes import BATCH
from explorer.structure.trace_record import Recorder
from explorer.structure.watch import Watch

NAMES = models.list_models(models)
# One of each kind of block; the rules for shapes are compared with torch's own answers on them.
ONE_OF_EACH = (
    "alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "googlenet", "inception_v3", "maxvit_t", "mnasnet0_5",
    "mobilenet_v3_small", "regnet_y_400mf", "resnet18", "shufflenet_v2_x0_5", "squeezenet1_1", "swin_t", "vgg11_bn",
    "vit_b_32",
)  # fmt: skip


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_shapes_by_rule_are_those_that_torch_gives(name: str) -> None:
    architecture = catalogue.get(f"torchvision/{name}")
    options = architecture.options_type()
    shape = architecture.interface(options).input_shape
    skeleton = without_data(build_without_data(architecture, options))

    def shapes(dry: DryRun) -> list[tuple[str, tuple[int, ...]]]:
        recorder = Recorder(skeleton, shape)
        with torch.no_grad():
            assert trace_fx.run(trace_fx.follow(skeleton, Watch()), recorder, shape, dry, Watch())
        return [(node.path, node.output_shape) for node in recorder.nodes]

    assert shapes(DryRun()) == shapes(DryRun(by_rule=False))


@pytest.mark.parametrize(
    ("name", "off", "on"), [("googlenet", 6_624_904, 13_004_888), ("inception_v3", 23_834_568, 27_161_264)]
)
def test_auxiliary_heads_are_rows_of_training_only(name: str, off: int, on: int) -> None:
    architecture = catalogue.get(f"torchvision/{name}")
    without = read_graph(architecture, architecture.options_type(auxiliary=False))
    with_heads = read_graph(architecture, architecture.options_type(auxiliary=True))
    assert (without.totals.parameters, with_heads.totals.parameters) == (off, on)
    assert without.totals.macs == with_heads.totals.macs
    assert sum(node.parameters for node in with_heads.nodes if node.training_only) == on - off


def test_a_zoos_network_is_built_with_the_weights_that_training_starts_from() -> None:
    network = catalogue.get("torchvision/squeezenet1_1").build(classes=3)
    assert not any(parameter.is_meta for parameter in network.parameters())
    assert network(torch.rand(1, 3, 64, 64)).shape == (1, 3)


def test_a_constructor_that_computes_with_tensors_is_built_without_memory_too() -> None:
    architecture = catalogue.get("torchvision/regnet_y_400mf")
    network = build_without_data(architecture, architecture.options_type())
    assert all(parameter.is_meta for parameter in network.parameters())


def test_a_name_that_is_nearly_right_is_suggested() -> None:
    with pytest.raises(ValueError, match="did you mean torchvision/resnet18"):
        catalogue.get("torchvision/resnet-18")
    with pytest.raises(ValueError, match="did you mean torchvision/convnext_tiny"):
        catalogue.get("convnext_tiny")


def test_accuracies_come_from_the_weights_for_the_networks_own_input() -> None:
    found = zoo.figures("torchvision/vit_h_14")
    linear = models.get_model_weights("vit_h_14")["IMAGENET1K_SWAG_LINEAR_V1"].meta
    assert found is not None
    assert found.parameters == linear["num_params"]
    assert found.top1 == linear["_metrics"]["ImageNet-1K"]["acc@1"]
    assert found.dataset == "ImageNet-1K"


def test_what_no_zoo_has_has_no_figures() -> None:
    assert zoo.figures("lenet5") is None
    assert zoo.figures("torchvision/nothing") is None


def test_every_network_of_torchvision_has_a_family_with_a_paper() -> None:
    for architecture in zoo.torchvision_architectures():
        assert architecture.paper is not None, architecture.name
        assert architecture.paper.identifier.startswith("arXiv:")
        assert architecture.idea


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("resnet18", "ResNet-18"),
        ("resnext101_32x8d", "ResNeXt-101 32×8d"),
        ("wide_resnet50_2", "Wide ResNet-50-2"),
        ("vit_b_16", "ViT-B/16"),
        ("vgg16_bn", "VGG-16 BN"),
        ("mnasnet0_75", "MNASNet 0.75"),
        ("regnet_y_1_6gf", "RegNetY-1.6 GF"),
        ("swin_v2_t", "Swin V2-T"),
        ("efficientnet_v2_s", "EfficientNetV2-S"),
        ("mobilenet_v3_large", "MobileNetV3 Large"),
        ("googlenet", "GoogLeNet"),
    ],
)
def test_titles_are_written_as_the_field_writes_them(name: str, title: str) -> None:
    assert title_of(name, family_of(name)) == title


def test_a_name_of_an_unknown_family_has_no_paper() -> None:
    assert family_of("vitamin_small") is None
    assert title_of("vitamin_small", None) == "vitamin_small"


def test_list_names_the_zoo_behind_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--json"]) == 0
    names = [entry["name"] for entry in json.loads(capsys.readouterr().out)]
    assert names[0] == "lenet5"
    ours = len(catalogue.CATALOGUE)
    assert [name for name in names[ours:] if name.startswith("torchvision/")] == [f"torchvision/{n}" for n in NAMES]
    assert run(["list", "--catalogue", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == ours


def test_attention_in_the_zoo_is_one_node_with_its_products() -> None:
    graph = read_graph(catalogue.get("torchvision/vit_b_32"))
    node = next(node for node in graph.nodes if node.type_name == "MultiheadAttention")
    # 7 x 7 patches and the class token, 768 wide: four projections, the scores and the weighted sum.
    assert node.macs == 4 * 50 * 768 * 768 + 2 * 50 * 50 * 768
    assert node.kind is Kind.LINEAR
    assert node.output_shape == (50, 768)
    assert BATCH not in node.output_shape
