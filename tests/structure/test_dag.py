"""Questions about small graphs, with answers found by hand."""

from __future__ import annotations

from explorer.structure.dag import detours, dominators, longest_from_start, longest_to_end, post_dominators, reverse

# 0 → 1 → 2 → 4, 1 → 3 → 4, 0 → 4, 4 → 5
_GRAPH = [[1, 4], [2, 3], [4], [4], [5], []]


def test_detour_is_an_edge_beside_a_longer_path() -> None:
    assert detours(_GRAPH) == {(0, 4)}


def test_longest_paths_count_edges() -> None:
    assert longest_from_start(reverse(_GRAPH)) == [0, 1, 2, 2, 3, 4]
    assert longest_to_end(_GRAPH) == [4, 3, 2, 2, 1, 0]


def test_dominator_is_the_last_node_that_all_paths_pass() -> None:
    assert dominators(reverse([[1], [2, 3], [4], [4], [5], []])) == [-1, 0, 1, 1, 1, 4]
    assert post_dominators([[1], [2, 3], [4], [4], [5], []]) == [1, 4, 4, 4, 5, -1]


def test_node_after_two_starts_has_no_dominator() -> None:
    assert dominators([[], [], [0, 1]]) == [-1, -1, -1]
