"""Our own texts on the architectures, from `resources/notes`: which of them belong to a network."""

from __future__ import annotations

import functools
import re

from explorer.networks.architecture import Architecture
from explorer.networks.catalogue import CATALOGUE
from explorer.networks.options import option_fields
from explorer.structure.graph import Graph, Kind
from explorer.system import paths

# By the family of the catalogue.
NOTES = {
    "LeNet": "lenet",
    "AlexNet": "alexnet",
    "VGG": "vgg",
    "GoogLeNet": "googlenet",
    "ResNet": "resnet",
    "U-Net": "unet",
    "DenseNet": "densenet",
    "Squeeze-and-Excitation": "senet",
}
BATCH_NORM = "batch_norm"
_LINK = re.compile(r"\[(?P<words>[^\]]+)\]\((?P<address>[^)\s]+)\)")


def notes_of(architecture: Architecture, graph: Graph | None = None) -> tuple[str, ...]:
    """The names of the notes that belong to a network; with its graph, those on what it contains too."""
    names = []
    if architecture.name in {known.name for known in CATALOGUE} and architecture.family in NOTES:
        names.append(NOTES[architecture.family])
    has_option = any(field.name == "batch_norm" for field in option_fields(architecture.options_type))
    if has_option or (graph is not None and _has_batch_norm(graph)):
        names.append(BATCH_NORM)
    return tuple(names)


def architectures_of(note: str) -> tuple[Architecture, ...]:
    """The networks of the catalogue that a note belongs to."""
    return tuple(architecture for architecture in CATALOGUE if note in notes_of(architecture))


@functools.cache
def text_of(note: str) -> str:
    """A note as markdown.

    Raises:
        FileNotFoundError: there is no such note.
    """
    return paths.resource("notes", f"{note}.md").read_text(encoding="utf-8")


def links_in(text: str) -> tuple[str, ...]:
    """The addresses of all links in a markdown text, in order."""
    return tuple(found["address"] for found in _LINK.finditer(text))


def _has_batch_norm(graph: Graph) -> bool:
    return any(node.kind is Kind.NORMALISATION and node.type_name.startswith("BatchNorm") for node in graph.nodes)
