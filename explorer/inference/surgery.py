"""A network with parts of it silenced or skipped, while the network itself stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from explorer.inference.branches import branches
from explorer.inference.edits import Edit, Filling, Silence, Skip, channel_axis, channels_of
from explorer.inference.passing import passing
from explorer.structure.changes import Change, Changes
from explorer.structure.graph import Graph


@contextmanager
def edited(network: nn.Module, graph: Graph, edits: Iterable[Edit]) -> Iterator[nn.Module]:
    """The network with edits in force, in this thread and as long as the context lasts; weights are not touched.

    Later edits see what earlier ones left. Gradients go through as well: behind a silenced output there are none.

    Raises:
        ValueError: a path is not in the graph, nothing can be changed there, or there is no such channel.
    """
    with passing(network, graph, changes_of(graph, edits)):
        yield network


def changes_of(graph: Graph, edits: Iterable[Edit]) -> Changes:
    """What the edits do to the outputs of a network with that graph; later edits see what earlier ones left.

    Raises:
        ValueError: an edit skips what is no residual branch, or there is no such channel.
    """
    wanted: dict[str, list[Change]] = {}
    zeroed: dict[str, int] = {}
    skippable = {branch.join: branch.place for branch in branches(graph)} if edits else {}
    for edit in edits:
        if isinstance(edit, Skip):
            if edit.path not in skippable:
                raise ValueError(f"{edit.path} adds no residual branch to a shortcut")
            zeroed[edit.path] = skippable[edit.path]
        else:
            _check_channel(graph, edit)
            wanted.setdefault(edit.path, []).append(_silenced(edit))
    return Changes({path: _one_after_another(changes) for path, changes in wanted.items()}, zeroed)


def _check_channel(graph: Graph, edit: Silence) -> None:
    node = graph.by_path.get(edit.path)
    if edit.channel is None:
        return
    if node is None and edit.path in graph.block_by_path:
        node = list(graph.inside(edit.path))[-1]
    count = channels_of(node.output_shape) if node is not None else 0
    if not 0 <= edit.channel < count:
        raise ValueError(f"{edit.path} has {count} channels, numbered from 0; there is none numbered {edit.channel}")


def _silenced(edit: Silence) -> Change:
    def change(output: Tensor) -> Tensor:
        if not output.is_floating_point():
            return output
        instead = torch.zeros_like(output) if edit.filling is Filling.ZERO else _mean(output)
        if edit.channel is None:
            return instead
        axis = _axis(output)
        chosen = torch.arange(output.shape[axis], device=output.device) == edit.channel
        return torch.where(chosen.view(-1, *(1,) * (output.ndim - axis - 1)), instead, output)

    return change


def _mean(output: Tensor) -> Tensor:
    """Each map's mean over its positions, at all of them; a dense layer's mean over its units."""
    axes = tuple(axis for axis in range(1, output.ndim) if axis != _axis(output)) or (1,)
    return output.mean(dim=axes, keepdim=True).expand_as(output).clone()


def _axis(output: Tensor) -> int:
    """The axis of the channels in the outputs of a batch."""
    return 1 + channel_axis(tuple(output.shape[1:]))


def _one_after_another(changes: list[Change]) -> Change:
    def change(output: Tensor) -> Tensor:
        for step in changes:
            output = step(output)
        return output

    return change
