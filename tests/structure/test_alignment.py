"""Two networks side by side: what differs is counted by hand from the tables of the papers, and nothing else is."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest
from graphs import chain, make_graph

from explorer.networks.network_text import network_text, parse_network
from explorer.structure import alignment_table
from explorer.structure.alignment import Alignment, Match, align
from explorer.structure.alignment_stages import stages
from explorer.structure.alignment_words import findings, signed, summary
from explorer.structure.graph import Graph, Kind

_read: dict[str, Graph] = {}


def graph_of(text: str) -> Graph:
    from explorer.reading import read_graph

    if text not in _read:
        _read[text] = read_graph(*parse_network(text))
    return _read[text]


def aligned(left: str, right: str) -> Alignment:
    return align(graph_of(left), graph_of(right))


def counts(alignment: Alignment) -> dict[Match, int]:
    return {match: alignment.count(match) for match in Match}


def types(alignment: Alignment, match: Match) -> Counter[str]:
    return Counter(pair.node.type_name for pair in alignment.pairs if pair.match is match)


def changes(alignment: Alignment) -> Counter[str]:
    return Counter(str(change) for pair in alignment.pairs for change in pair.changes)


def test_plain_18_lacks_eight_additions_and_three_projections() -> None:
    alignment = aligned("resnet18", "resnet18 shortcut=none")
    # Eight blocks of two convolutions; the first of stages 2, 3 and 4 projects (1x1 convolution and batch norm).
    assert types(alignment, Match.LEFT) == {"add": 8, "Conv2d": 3, "BatchNorm2d": 3}
    assert counts(alignment)[Match.CHANGED] == counts(alignment)[Match.RIGHT] == 0
    projections = sum(inside * outside + 2 * outside for inside, outside in ((64, 128), (128, 256), (256, 512)))
    assert alignment.more.parameters == -projections == -173_824
    # Each projection: 64 x 128 x 28 x 28 multiply-adds, and as many in the other two stages.
    assert alignment.more.macs == -3 * 64 * 128 * 28 * 28
    said = [finding.sentence("a", "b") for finding in findings(alignment)]
    assert said == ["8 × add only in a", "3 × shortcut only in a"]


def test_vgg_16_with_batch_norm_has_thirteen_layers_more_and_nothing_else() -> None:
    alignment = aligned("vgg16", "vgg16 batch_norm=true")
    assert types(alignment, Match.RIGHT) == {"BatchNorm2d": 13}
    assert counts(alignment)[Match.CHANGED] == counts(alignment)[Match.LEFT] == 0
    # A gamma and a beta for each of the maps of 13 convolutions.
    assert alignment.more.parameters == 2 * (2 * 64 + 2 * 128 + 3 * 256 + 6 * 512) == 8_448
    assert alignment.more.macs == 0


def test_se_resnet_50_has_sixteen_blocks_more_and_nothing_else() -> None:
    alignment = aligned("resnet50", "se_resnet50")
    assert counts(alignment)[Match.CHANGED] == counts(alignment)[Match.LEFT] == 0
    found = findings(alignment)
    assert [(each.what, each.count, len(each.pairs)) for each in found] == [("SqueezeExcitation", 16, 128)]
    # Two dense layers with biases around width / 16, in 3, 4, 6 and 3 blocks.
    widths = [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3
    assert alignment.more.parameters == sum(2 * w * (w // 16) + w // 16 + w for w in widths) == 2_530_992
    assert alignment.more.macs == sum(2 * w * (w // 16) for w in widths)


def test_torchvisions_googlenet_differs_in_exactly_what_is_known() -> None:
    pytest.importorskip("torchvision")
    alignment = aligned("googlenet", "torchvision/googlenet")
    assert types(alignment, Match.LEFT) == {"LocalResponseNorm": 2}
    # 3 convolutions in the stem and 6 in each of 9 modules are followed by a batch norm, and have no bias.
    assert types(alignment, Match.RIGHT) == {"BatchNorm2d": 57}
    assert changes(alignment) == {
        "bias yes → no": 57,
        "kernel 5 × 5 → 3 × 3": 9,
        "padding 2 × 2 → 1 × 1": 9,
        "ceil mode no → yes": 9,  # the modules' pools, where it changes nothing at stride 1
        "kernel 3 × 3 → 2 × 2": 1,  # the last pool between modules
        "probability 0.4 → 0.2": 1,
    }
    # gamma and beta for 7,280 maps in place of a bias, and 16 weights less for each pair of maps of the 5x5 branches.
    fives = ((16, 32), (32, 96), (16, 48), (24, 64), (24, 64), (32, 64), (32, 128), (32, 128), (48, 128))
    assert alignment.more.parameters == 7_280 - 16 * sum(i * o for i, o in fives) == -373_648


def test_a_deeper_network_repeats_whole_blocks() -> None:
    alignment = aligned("resnet20", "resnet56")
    assert [(each.what, each.count) for each in findings(alignment)] == [("BasicBlock", 18)]
    assert alignment.match_of("layer1.3", of_left=False) is Match.RIGHT
    assert alignment.match_of("layer1", of_left=True) is Match.CHANGED
    assert alignment.match_of("layer1.0", of_left=True) is Match.SAME
    assert alignment.partner("layer2.1", of_left=True) == "layer2.1"


def test_a_network_is_the_same_as_itself_whatever_its_layers_are_called() -> None:
    pytest.importorskip("torchvision")
    assert aligned("resnet50", "resnet50").is_same
    alignment = aligned("resnet50", "torchvision/resnet50")
    assert alignment.is_same
    assert alignment.partner("layer1.0.shortcut.conv", of_left=True) == "layer1.0.downsample.0"


def test_blocks_that_a_network_lacks_count_as_such_and_those_around_them_as_changed() -> None:
    alignment = aligned("resnet50", "se_resnet50")
    assert alignment.match_of("layer1.0.se", of_left=False) is Match.RIGHT
    assert alignment.match_of("layer1.0", of_left=False) is Match.CHANGED
    assert alignment.match_of("layer1.0", of_left=True) is Match.CHANGED
    assert alignment.match_of("layer1.0.shortcut", of_left=True) is Match.SAME
    assert alignment.match_of("nowhere", of_left=True) is None


def test_both_keep_their_order_and_no_layer_is_lost() -> None:
    alignment = aligned("resnet18", "resnet50")
    assert tuple(pair.left for pair in alignment.pairs if pair.left) == graph_of("resnet18").nodes
    assert tuple(pair.right for pair in alignment.pairs if pair.right) == graph_of("resnet50").nodes
    assert all(pair.left.kind is pair.right.kind for pair in alignment.pairs if pair.left and pair.right)


def test_a_layer_that_reads_another_one_has_changed() -> None:
    layers = [(name, Kind.CONVOLUTION, "") for name in ("a", "b")]
    nodes = [("input", Kind.INPUT, ""), *layers, ("join", Kind.JOIN, "")]
    one = make_graph(nodes, [*chain(["input", "a", "b", "join"]), ("a", "join")])
    other = make_graph(nodes, [*chain(["input", "a", "b", "join"]), ("input", "join")])
    changed = [pair for pair in align(one, other).pairs if pair.match is Match.CHANGED]
    assert [pair.words for pair in changed] == ["reads b and a → b and input"]


def test_one_sentence_sums_it_up() -> None:
    assert summary(aligned("resnet50", "se_resnet50")) == (
        "128 layers only in SE-ResNet-50, +2,530,992 parameters, +2.5 M MACs (+0.1 %)"
    )
    assert summary(aligned("resnet50", "resnet50")).endswith("are the same, layer by layer")
    assert (signed(-1234), signed(0), signed(5)) == ("−1,234", "0", "+5")


def test_stages_hold_every_parameter_and_every_mac() -> None:
    graphs = (graph_of("resnet18"), graph_of("resnet18 shortcut=none"))
    found = stages(graphs)
    assert [stage.title for stage in found] == ["112 × 112", "56 × 56", "28 × 28", "14 × 14", "7 × 7", "vectors"]
    for number, graph in enumerate(graphs):
        assert sum(stage.costs[number].parameters for stage in found) == graph.totals.parameters
        assert sum(stage.costs[number].macs for stage in found) == graph.totals.macs


def test_the_table_as_csv_adds_up_to_the_difference() -> None:
    alignment = aligned("resnet50", "se_resnet50")
    rows = list(csv.DictReader(io.StringIO(alignment_table.comma_separated(alignment.pairs))))
    assert len(rows) == 304
    assert sum(int(row["parameters"]) for row in rows) == 2_530_992
    text = alignment_table.markdown(alignment, alignment.differences)
    assert text.count("\n|") == 2 + 128


def test_json_holds_totals_and_what_differs() -> None:
    found = alignment_table.record(aligned("vgg16", "vgg16 batch_norm=true"))
    assert found["more"]["parameters"] == 8_448
    assert found["layers"] == {"same": 40, "changed": 0, "only_left": 0, "only_right": 13}
    assert [(each["what"], each["count"]) for each in found["findings"]] == [("BatchNorm2d", 13)]


def test_a_network_is_named_by_one_line_of_text() -> None:
    architecture, options = parse_network(" resnet18  shortcut=none ")
    assert network_text(architecture, options) == "resnet18 shortcut=none"
    with pytest.raises(ValueError, match="key=value"):
        parse_network("resnet18 none")
    with pytest.raises(ValueError, match="did you mean resnet18"):
        parse_network("resnet-18")
    with pytest.raises(ValueError, match="shortcut is one of"):
        parse_network("resnet18 shortcut=maybe")
