"""Networks that torch.fx cannot follow: traced by running them without data, or shown as their tree of modules."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import Tensor, nn

from explorer.structure.graph import Graph, Kind, Tracing
from explorer.structure.trace import TraceError, trace
from explorer.system.download import Cancelled


def _paths(graph: Graph) -> list[str]:
    return [node.path for node in graph.nodes]


def _adds_up(graph: Graph, network: nn.Module) -> bool:
    total = sum(parameter.numel() for parameter in network.parameters())
    return total == graph.totals.parameters == sum(node.parameters for node in graph.nodes)


class _Branching(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bright = nn.Linear(3, 3)
        self.dark = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.bright(x) if x.sum() > 0 else self.dark(x)


def test_a_decision_by_values_goes_the_way_of_yes_and_says_so() -> None:
    network = _Branching()
    graph = trace(network, (3,))
    assert graph.tracing is Tracing.CALLS
    assert _paths(graph)[:4] == ["input", "sum", "gt", "bright"]
    assert "decides by values (test_trace_calls.py line" in graph.remark
    assert graph.by_path["dark"].training_only
    assert _adds_up(graph, network)


def test_a_loop_until_a_value_is_small_ends() -> None:
    class Halving(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            while x.abs().max() > 1:
                x = x / 2
            return x

    graph = trace(Halving(), (3,))
    assert graph.tracing is Tracing.CALLS
    assert [node.type_name for node in graph.nodes].count("div") == 1


class _Stars(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(inplace=True))
        self.head = nn.Linear(4, 2)

    def forward(self, *images: Tensor) -> Tensor:
        for image in images:
            x = self.body(image)
        return self.head(x.mean((2, 3)) + x.amax((2, 3)))


def test_any_number_of_arguments_is_followed_with_edges_and_blocks() -> None:
    network = _Stars()
    graph = trace(network, (3, 8, 8))
    assert (graph.tracing, graph.failure) == (Tracing.CALLS, None)
    assert _paths(graph) == ["input", "body.0", "body.1", "mean", "amax", "add", "head"]
    assert [(edge.source, edge.target) for edge in graph.edges] == [
        ("input", "body.0"), ("body.0", "body.1"), ("body.1", "mean"), ("body.1", "amax"), ("mean", "add"),
        ("amax", "add"), ("add", "head"),
    ]  # fmt: skip
    assert [block.path for block in graph.blocks] == ["body"]
    assert graph.by_path["body.0"].macs == 3 * 3 * 3 * 4 * 36
    assert graph.by_path["body.1"].activation_bytes == 0
    assert _adds_up(graph, network)


def test_running_gives_the_graph_that_fx_gives() -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Conv2d(3, 3, 3, padding=1)
            self.same = nn.Identity()
            self.weight = nn.Parameter(torch.ones(3, 1, 1))

        def forward(self, x: Tensor) -> Tensor:
            y = self.same(self.a(x))
            left, right = torch.cat([y * self.weight, x], 1).chunk(2, 1)
            return torch.nn.functional.max_pool2d(left + right, 2).flatten(1) - 1

    class Starred(Plain):
        def forward(self, *x: Tensor) -> Tensor:  # type: ignore[override]
            return super().forward(x[0])

    by_fx, by_running = trace(Plain(), (3, 6, 6)), trace(Starred(), (3, 6, 6))
    assert (by_fx.tracing, by_running.tracing) == (Tracing.FX, Tracing.CALLS)
    assert by_fx.edges == by_running.edges
    assert by_fx.totals == by_running.totals
    assert [(n.path, n.kind, n.output_shape, n.receptive_field) for n in by_fx.nodes] == [
        (n.path, n.kind, n.output_shape, n.receptive_field) for n in by_running.nodes
    ]


class _FromDictionary(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.left = nn.Conv2d(3, 4, 3)
        self.right = nn.Conv2d(3, 4, 3)

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return {"sum": self.left(batch["left"]) + self.right(batch["right"])}


def test_a_dictionary_of_images_has_an_input_for_each_key() -> None:
    graph = trace(_FromDictionary(), (3, 8, 8))
    assert graph.failure is None
    assert [node.path for node in graph.nodes if node.kind is Kind.INPUT] == ["input", "right:2"]
    assert {edge.target for edge in graph.edges if edge.source == "right:2"} == {"right"}


def test_a_dictionary_is_recognised_by_running_too() -> None:
    class Looping(_FromDictionary):
        def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
            assert len(batch) >= 0
            return super().forward(batch)

    graph = trace(Looping(), (3, 8, 8))
    assert (graph.tracing, graph.failure) == (Tracing.CALLS, None)
    assert [node.kind for node in graph.nodes].count(Kind.INPUT) == 2


def test_several_inputs_and_several_outputs() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Linear(4, 2)

        def forward(self, x: Tensor, y: Tensor, scale: float = 2.0) -> tuple[Tensor, Tensor]:
            return self.a(x) * scale, self.a(y)

    graph = trace(Two(), (4,))
    assert graph.tracing is Tracing.FX
    assert _paths(graph) == ["input", "y", "a", "mul", "a:2"]
    assert graph.by_path["a:2"].shares_with == "a"
    assert _adds_up(graph, Two())


def test_a_network_without_parameters_is_a_graph() -> None:
    graph = trace(nn.Sequential(nn.ReLU(), nn.Flatten()), (3, 4, 4))
    assert graph.totals.parameters == 0
    assert _paths(graph) == ["input", "0", "1"]


def test_names_of_a_million_letters_are_names() -> None:
    network = nn.Sequential()
    network.add_module("<img src=x>" * 100_000, nn.Linear(2, 2))
    graph = trace(network, (2,))
    assert len(graph.nodes[1].path) == 1_100_000
    assert graph.totals.parameters == 6


def test_a_block_that_runs_twice_shares_its_parameters() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.block = nn.Sequential(nn.Linear(4, 4), nn.ReLU())

        def forward(self, x: Tensor) -> Tensor:
            return self.block(self.block(x))

    network = Twice()
    graph = trace(network, (4,))
    assert _paths(graph) == ["input", "block.0", "block.1", "block.0:2", "block.1:2"]
    assert graph.by_path["block.0:2"].shares_with == "block.0"
    assert _adds_up(graph, network)


def test_tied_weights_count_once() -> None:
    network = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    network[1].weight = network[0].weight
    graph = trace(network, (4,))
    assert graph.totals.parameters == 4 * 4 + 4 + 4
    assert [node.parameters for node in graph.nodes] == [0, 20, 4]
    assert _adds_up(graph, network)


def test_assignment_into_a_tensor_is_followed() -> None:
    class Assigning(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = x.relu()
            y[:, 0] = 0
            return y + x

    graph = trace(Assigning(), (3, 4, 4))
    assert graph.tracing is Tracing.CALLS
    sources = {edge.source for edge in graph.edges if edge.target == "add"}
    assert sources == {"setitem", "input"}


def test_what_cannot_run_at_all_is_shown_as_its_tree_with_the_reason() -> None:
    class Strange(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
            self.scale = nn.Parameter(torch.ones(5))

        def forward(self, x: Tensor) -> Tensor:
            return self.body(x.numpy_of_my_own())

    network = Strange()
    graph = trace(network, (4,))
    assert graph.tracing is Tracing.MODULES
    assert "numpy_of_my_own" in graph.remark
    assert graph.edges == ()
    assert _paths(graph) == ["input", "parameters", "body.0", "body.1"]
    assert [block.path for block in graph.blocks] == ["body"]
    assert not any(node.training_only or node.failed for node in graph.nodes)
    assert _adds_up(graph, network)


def test_values_that_leave_torch_are_not_made_up() -> None:
    class Leaving(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return torch.from_numpy(self.layer(x).detach().numpy())

    graph = trace(Leaving(), (4,))
    assert graph.tracing is Tracing.MODULES
    assert "takes values out of torch (numpy)" in graph.remark


def test_layers_whose_sizes_are_not_set_yet_are_refused_in_a_sentence() -> None:
    with pytest.raises(TraceError, match="run it once, then show it"):
        trace(nn.Sequential(nn.LazyLinear(3)), (4,))


def test_other_threads_run_their_networks_while_one_is_traced() -> None:
    mine = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten())
    answers: list[Tensor | Exception] = []

    class Slow(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(2, 2)

        def forward(self, x: Tensor) -> Tensor:
            def other() -> None:
                try:
                    answers.append(mine(torch.ones(1, 1, 4, 4)))
                except Exception as error:  # noqa: BLE001 - reported to the test's own thread
                    answers.append(error)

            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
            return self.layer(x)

    graph = trace(Slow(), (2,))
    assert graph.tracing is Tracing.FX
    assert isinstance(answers[0], Tensor), answers[0]


def test_two_threads_may_trace_at_once() -> None:
    graphs: list[Graph] = []
    threads = [threading.Thread(target=lambda: graphs.append(trace(_Stars(), (3, 8, 8)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [graph.totals for graph in graphs] == [graphs[0].totals] * 4


def test_tracing_can_be_cancelled() -> None:
    network = nn.Sequential(*(nn.ReLU() for _ in range(2000)))
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        trace(network, (4,), cancelled=cancelled)
    assert len(asked) == 4


def test_progress_is_told_in_words_and_shares() -> None:
    told: list[tuple[str, float | None]] = []
    trace(
        nn.Sequential(*(nn.ReLU() for _ in range(600))), (4,), progress=lambda words, share: told.append((words, share))
    )
    shares = [share for words, share in told if words == "Reading the layers" and share is not None]
    assert len(shares) > 1
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1
