"""From a catalogue entry to its graph: what every reader of a network, window or terminal, begins with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from explorer.networks.architecture import Architecture
from explorer.structure.build_on_meta import without_memory
from explorer.structure.graph import Graph, Shape
from explorer.structure.trace import trace
from explorer.structure.watch import Progress
from explorer.system import garbage


def read_graph(
    architecture: Architecture,
    options: Any = None,
    input_shape: Shape | None = None,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Graph:
    """Builds the network without memory for its weights, and traces it for `input_shape`, its own where that is None.

    A network of the user's own is built and traced in a child process. `progress` is called with words and a share of
    the work done, or None.

    Raises:
        ValueError: there is nothing of the network that could be shown; the message says why.
        Cancelled: `cancelled()` said so.
    """
    chosen = architecture.options_type() if options is None else options
    if architecture.source:
        from explorer.foreign import read_own  # noqa: PLC0415 - only networks of the user's own need it

        return read_own(architecture, chosen, input_shape, progress=progress, cancelled=cancelled)
    if progress is not None:
        progress("Building the network", None)
    return trace(
        build_without_data(architecture, chosen),
        architecture.interface(chosen).input_shape if input_shape is None else input_shape,
        architecture.title_with(chosen),
        progress=progress,
        cancelled=cancelled,
    )


@garbage.left_alone()
def build_without_data(architecture: Architecture, options: Any) -> nn.Module:
    """The network with its weights on the meta device, as far as its constructor allows it."""
    return without_memory(lambda: architecture.build(options))
