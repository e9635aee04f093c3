"""From a catalogue entry to its graph: what every reader of a network, window or terminal, begins with."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from explorer.networks.architecture import Architecture
from explorer.structure.graph import Graph
from explorer.structure.trace import trace


def read_graph(architecture: Architecture, options: Any = None) -> Graph:
    """Builds the network without memory for its weights, and traces it at its own input size.

    Raises:
        ValueError: the network cannot be traced; the message says why.
    """
    chosen = architecture.options_type() if options is None else options
    return trace(
        build_without_data(architecture, chosen),
        architecture.interface(chosen).input_shape,
        architecture.title_with(chosen),
    )


def build_without_data(architecture: Architecture, options: Any) -> nn.Module:
    """The network on the meta device."""
    with torch.device("meta"):
        return architecture.build(options)
