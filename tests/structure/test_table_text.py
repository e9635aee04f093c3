import csv
import io
import json
from dataclasses import replace

import pytest
from graphs import lenet

from explorer.structure import table_text
from explorer.structure.graph import Failure, Field, Formulas, Graph, Kind, Node, Totals
from explorer.structure.table_columns import COLUMN_BY_KEY, COLUMNS, Terms, columns_named, natural
from explorer.structure.table_formulas import output_formula
from explorer.structure.table_rows import LayerTree, Row

C3 = Node(
    "features.c3", Kind.CONVOLUTION, "Conv2d", "5×5",
    (("kernel", "5 × 5"), ("stride", "1 × 1"), ("padding", "0 × 0"), ("bias", "yes")),
    ((6, 14, 14),), (16, 10, 10), 2_416, 2_416, 240_000, 6_400, Field((14, 14), (2, 2), (-2, -2)),
    formulas=Formulas("(5 × 5 × 6 + 1) × 16 = 2,416", "5 × 5 × 6 × 16 × 10 × 10 = 240,000", "16 × 10 × 10 × 4 B"),
)  # fmt: skip
WHOLE = Totals(61_706, 61_706, 416_520, 32_376)
TERMS = Terms(WHOLE)


def _cells(node: Node, terms: Terms = TERMS) -> dict[str, str]:
    return {column.key: column.text(node, terms) for column in COLUMNS}


def test_every_column_of_a_convolution() -> None:
    assert _cells(C3) == {
        "layer": "features.c3",
        "kind": "Conv2d 5×5",
        "kernel": "5 × 5",
        "stride": "1 × 1",
        "padding": "0 × 0",
        "groups": "1",
        "input": "6 × 14 × 14",
        "output": "16 × 10 × 10",
        "parameters": "2,416",
        "share": "3.9 %",
        "macs": "240,000",
        "flops": "480,000",
        "memory": "6.3 KiB",
        "field": "14",
        "step": "2",
        "offset": "−2",
        "time": "",
    }


def test_a_batch_multiplies_memory_and_leaves_macs_alone() -> None:
    cells = _cells(C3, replace(TERMS, batch=32))
    assert (cells["memory"], cells["macs"]) == ("200 KiB", "240,000")
    assert COLUMN_BY_KEY["memory"].heading(replace(TERMS, batch=32)) == "Memory × 32"
    assert COLUMN_BY_KEY["macs"].heading(replace(TERMS, batch=32)) == "MACs"


def test_macs_of_the_batch_are_asked_for_and_labelled() -> None:
    terms = replace(TERMS, batch=32, macs_per_batch=True)
    assert (_cells(C3, terms)["macs"], _cells(C3, terms)["flops"]) == ("7,680,000", "15,360,000")
    assert COLUMN_BY_KEY["flops"].heading(terms) == "FLOPs × 32"


@pytest.mark.parametrize(
    ("key", "formula"),
    [
        ("parameters", "(5 × 5 × 6 + 1) × 16 = 2,416"),
        ("macs", "5 × 5 × 6 × 16 × 10 × 10 = 240,000"),
        ("flops", "2 × 240,000 MACs = 480,000"),
        ("share", "2,416 / 61,706 = 3.9 %"),
        ("output", "⌊(14 − 5) / 1⌋ + 1 = 10"),
        ("memory", "16 × 10 × 10 × 4 B\n6,400 × 32 images = 204,800"),
    ],
)
def test_a_number_says_how_it_came_about(key: str, formula: str) -> None:
    assert COLUMN_BY_KEY[key].formula(C3, replace(TERMS, batch=32)) == formula


@pytest.mark.parametrize(
    ("size", "settings", "out", "formula"),
    [
        # AlexNet's first convolution, with and without the padding of a later version.
        ((227, 227), ("11 × 11", "4 × 4", "0 × 0"), (55, 55), "⌊(227 − 11) / 4⌋ + 1 = 55"),
        ((224, 224), ("11 × 11", "4 × 4", "2 × 2"), (55, 55), "⌊(224 + 2 × 2 − 11) / 4⌋ + 1 = 55"),
        ((8, 6), ("3 × 3", "1 × 1", "0 × 0"), (6, 4), "height: ⌊(8 − 3) / 1⌋ + 1 = 6\nwidth: ⌊(6 − 3) / 1⌋ + 1 = 4"),
        # Rounded up (ceil mode): the sum does not give it, so nothing is claimed.
        ((6, 6), ("3 × 3", "2 × 2", "0 × 0"), (3, 3), ""),
        ((6, 6), ("3 × 3", "1 × 1", "same"), (6, 6), ""),
    ],
)
def test_the_output_follows_from_the_window(size, settings, out, formula: str) -> None:
    named = tuple(zip(("kernel", "stride", "padding"), settings, strict=True))
    node = Node("c", Kind.CONVOLUTION, "Conv2d", "", named, ((3, *size),), (8, *out))
    assert output_formula(node) == formula


def test_times_name_their_conditions_and_functions_have_none() -> None:
    terms = replace(TERMS, times={"features.c3": 1.25}, measured_on="CPU, 2 cores; 2 threads; batch 1")
    add = Node("add", Kind.JOIN, "add")
    time = COLUMN_BY_KEY["time"]
    assert (time.text(C3, terms), time.text(add, terms)) == ("1.250", "–")
    assert "2 threads; batch 1" in time.formula(C3, terms)
    assert time.total(WHOLE, terms) == "1.250"


def test_names_sort_by_their_numbers() -> None:
    assert sorted(["layer10", "layer2", "layer1"], key=natural) == ["layer1", "layer2", "layer10"]


def test_an_unknown_column_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="there is no column 'macz'; the columns are layer, kind, kernel"):
        columns_named(["layer", "macz"])


HOSTILE = Node('a&b_{c}\n%$#~^\\"<img>|*`,', Kind.OTHER, "Odd", output_shape=(1,), parameters=7)


_LATEX_NAME = (
    r"a\&b\_\{c\} \%\$\#\textasciitilde{}\textasciicircum{}\textbackslash{}\textquotedbl{}\textless{}img"
    r"\textgreater{}\textbar{}*`,"
)


def test_csv_reads_back_as_it_was() -> None:
    columns = columns_named(["layer", "kind", "parameters", "memory"])
    text = table_text.comma_separated([Row(C3), Row(HOSTILE)], columns, TERMS)
    assert list(csv.reader(io.StringIO(text))) == [
        ["Layer", "Kind", "Parameters", "Memory (bytes)"],
        ["features.c3", "Conv2d 5×5", "2416", "6400"],
        ['a&b_{c} %$#~^\\"<img>|*`,', "Odd", "7", "0"],
    ]


def test_tabs_and_line_ends_in_a_name_do_not_break_a_row() -> None:
    node = Node("a\tb\n|c", Kind.OTHER, "Odd")
    assert table_text.tab_separated([Row(node)], columns_named(["layer", "kind"]), TERMS).splitlines() == [
        "Layer\tKind",
        "a b |c\tOdd",
    ]


def test_markdown_shows_names_as_they_are() -> None:
    columns = columns_named(["layer", "parameters"])
    rows = [
        Row(C3),
        Row(HOSTILE),
        Row(Node("features.c1_activation", Kind.OTHER, "Tanh")),
        Row(Node("_x", Kind.OTHER, "")),
    ]
    assert table_text.markdown(rows, columns, TERMS, WHOLE).splitlines() == [
        "| Layer | Parameters |",
        "|---|---:|",
        "| features.c3 | 2,416 |",
        r'| a&b\_{c} %$#\~^\\"\<img>\|\*\`, | 7 |',
        "| features.c1_activation | 0 |",
        r"| \_x | 0 |",
        "| **total** | **61,706** |",
    ]


def test_latex_is_escaped_and_ruled() -> None:
    text = table_text.latex(
        [Row(C3), Row(HOSTILE)], columns_named(["layer", "kind", "parameters"]), TERMS, WHOLE, "A\nB%"
    )
    assert text.splitlines() == [
        "% A B%",
        r"% needs \usepackage{booktabs}",
        r"\begin{tabular}{llr}",
        r"\toprule",
        r"Layer & Kind & Parameters \\",
        r"\midrule",
        r"features.c3 & Conv2d 5$\times$5 & 2,416 \\",
        _LATEX_NAME + r" & Odd & 7 \\",
        r"\midrule",
        r"total &  & 61,706 \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def _record(graph: Graph, **more):
    return json.loads(json.dumps(table_text.record("lenet5", {"form": "modern"}, graph, **more)))


def test_the_record_has_the_promised_keys() -> None:
    record = _record(lenet())
    assert list(record)[:5] == ["name", "options", "input_shape", "layers", "totals"]
    assert set(record["layers"][0]) == {
        "path", "kind", "input_shape", "output_shape", "parameters", "macs", "flops", "activation_bytes",
        "receptive_field", "training_only",
    }  # fmt: skip
    assert set(record["totals"]) == {"parameters", "trainable_parameters", "macs", "flops", "activation_bytes"}
    assert "failure" not in record


def test_a_folded_block_is_a_layer_of_kind_block() -> None:
    graph = lenet()
    folded = frozenset(graph.block_by_path)
    layers = _record(graph, rows=LayerTree(graph).rows(folded))["layers"]
    assert "block" in {layer["kind"] for layer in layers}
    assert sum(layer["parameters"] for layer in layers) == graph.totals.parameters


def test_a_failure_is_in_the_record() -> None:
    failing = replace(lenet(), failure=Failure("features.c3", "the input is too small", (1, 12, 12)))
    assert _record(failing)["failure"] == {
        "path": "features.c3",
        "reason": "the input is too small",
        "smallest_input": [1, 12, 12],
    }


def test_memory_in_the_record_is_for_the_batch() -> None:
    one, many = _record(lenet()), _record(lenet(), batch=10)
    assert (one["memory"]["batch"], many["memory"]["batch"]) == (1, 10)
    assert set(one["memory"]["training_bytes"]) == {"sgd", "sgd_momentum", "adam"}
    assert many["memory"]["training_bytes"]["sgd"] > one["memory"]["training_bytes"]["sgd"]
    assert one["totals"] == many["totals"]
