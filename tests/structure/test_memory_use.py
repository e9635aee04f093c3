"""Memory by hand: every tensor of these networks is counted on paper."""

import pytest

from explorer.structure.graph import Edge, Graph, Kind, Node, Totals, Tracing
from explorer.structure.memory_use import Optimiser, for_inference, for_training, peak_of_tensors


def _node(path: str, elements: int, kind: Kind = Kind.CONVOLUTION, *, writes: bool = True, **more) -> Node:
    written = 4 * elements if writes and kind is not Kind.INPUT else 0
    return Node(path, kind, kind.value, output_shape=(elements,), activation_bytes=written, **more)


def _graph(nodes: list[Node], edges: list[tuple[str, str]], parameters: int = 0, trained: int | None = None, **more):
    written = sum(node.activation_bytes for node in nodes)
    totals = Totals(parameters, parameters if trained is None else trained, 0, written)
    return Graph("By hand", (1,), tuple(nodes), tuple(Edge(a, b, (1,)) for a, b in edges), (), totals, **more)


CHAIN = _graph(
    [_node("input", 100, Kind.INPUT), _node("a", 50), _node("b", 20), _node("c", 5)],
    [("input", "a"), ("a", "b"), ("b", "c")],
    parameters=1_000,
)


def test_in_a_chain_a_layer_holds_what_it_reads_and_what_it_writes() -> None:
    peak = peak_of_tensors(CHAIN)
    assert peak is not None
    assert (peak.size, peak.path) == (4 * (100 + 50), "a")
    assert peak.tensors == (("input", 400), ("a", 200))


def test_a_skip_keeps_its_tensor_alive() -> None:
    nodes = [_node("input", 1, Kind.INPUT), *(_node(name, 10) for name in "abc"), _node("add", 10, Kind.JOIN)]
    edges = [("input", "a"), ("a", "b"), ("b", "c"), ("c", "add"), ("a", "add")]
    peak = peak_of_tensors(_graph(nodes, edges))
    assert peak is not None
    # While c works: a (kept for the sum), b (read) and c (written); while add works: a, c and the sum.
    assert (peak.size, peak.path) == (120, "c")
    straight = peak_of_tensors(_graph(nodes, [edge for edge in edges if edge != ("a", "add")]))
    assert straight is not None
    assert straight.size == 80


def test_a_layer_that_writes_over_its_input_takes_nothing_and_keeps_it_alive() -> None:
    nodes = [
        _node("input", 1, Kind.INPUT), _node("a", 10), _node("relu", 10, Kind.ACTIVATION, writes=False), _node("b", 10),
        _node("c", 10),
    ]  # fmt: skip
    peak = peak_of_tensors(_graph(nodes, [("input", "a"), ("a", "relu"), ("relu", "b"), ("b", "c")]))
    assert peak is not None
    assert peak.size == 80
    assert [path for path, _ in peak.tensors] == ["a", "b"]


def test_answers_live_to_the_end() -> None:
    nodes = [_node("input", 10, Kind.INPUT), _node("first", 10), _node("second", 10), _node("third", 10)]
    peak = peak_of_tensors(_graph(nodes, [("input", "first"), ("input", "second"), ("second", "third")]))
    assert peak is not None
    # `first` is an answer: while `second` works, the input, `first` and `second` live.
    assert peak.size == 120


def test_an_answer_that_is_a_view_keeps_its_tensor_though_it_is_read_later() -> None:
    nodes = [_node("input", 1, Kind.INPUT), _node("a", 10), _node("view", 10, Kind.RESHAPE, writes=False)]
    nodes += [_node(name, 10) for name in "bcd"]
    peak = peak_of_tensors(_graph(nodes, [("input", "a"), ("a", "view"), ("a", "b"), ("b", "c"), ("c", "d")]))
    assert peak is not None
    assert (peak.size, [path for path, _ in peak.tensors]) == (120, ["a", "b", "c"])


def test_layers_that_answers_do_not_pass_are_not_counted() -> None:
    nodes = [_node("input", 10, Kind.INPUT), _node("a", 10), _node("aux", 1_000, training_only=True)]
    peak = peak_of_tensors(_graph(nodes, [("input", "a")]))
    assert peak is not None
    assert peak.size == 80


def test_without_edges_nothing_is_claimed() -> None:
    graph = _graph([_node("a", 10)], [], tracing=Tracing.MODULES)
    assert peak_of_tensors(graph) is None
    assert for_inference(graph) is None


@pytest.mark.parametrize(("batch", "size"), [(1, 4_000 + 600), (32, 4_000 + 32 * 600)])
def test_inference_is_weights_and_the_peak_of_each_image(batch: int, size: int) -> None:
    use = for_inference(CHAIN, batch)
    assert use is not None
    assert use.size == size


def test_the_formula_of_inference_names_the_tensors() -> None:
    use = for_inference(CHAIN, 32)
    assert use is not None
    assert use.formula.splitlines() == [
        "weights: 1,000 × 4 B = 4,000 B",
        "living tensors: (input 400 B + a 200 B) × 32 images = 19,200 B, while a works",
        "together 23,200 B",
    ]


# Weights 4,000; gradients 4,000; kept tensors 4 x (100 + 50 + 20 + 5) = 700 an image.
@pytest.mark.parametrize(
    ("optimiser", "state"), [(Optimiser.SGD, 0), (Optimiser.MOMENTUM, 4_000), (Optimiser.ADAM, 8_000)]
)
@pytest.mark.parametrize("batch", [1, 128])
def test_training_adds_gradients_state_and_kept_tensors(optimiser: Optimiser, state: int, batch: int) -> None:
    assert for_training(CHAIN, optimiser, batch).size == 4_000 + 4_000 + state + batch * 700


def test_frozen_parameters_have_no_gradients() -> None:
    frozen = _graph(list(CHAIN.nodes), [], parameters=1_000, trained=10)
    assert for_training(frozen, Optimiser.ADAM, 1).size == 4_000 + 40 + 80 + 700


def test_the_formula_of_training_says_each_part() -> None:
    assert for_training(CHAIN, Optimiser.ADAM, 128).formula.splitlines() == [
        "weights: 1,000 × 4 B = 4,000 B",
        "gradients: 1,000 × 4 B = 4,000 B",
        "optimiser's state: 2 × 1,000 × 4 B = 8,000 B",
        "kept tensors: (input 400 B + layers 300 B) × 128 images = 89,600 B",
        "together 105,600 B",
    ]
