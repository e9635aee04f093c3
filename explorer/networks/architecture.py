"""What an architecture is: a catalogue entry that can be listed without torch and built with it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from explorer.networks.options import as_text, changed_options

if TYPE_CHECKING:
    from torch import nn


class Task(str, Enum):
    CLASSIFICATION = "classification"
    SEGMENTATION = "segmentation"


class Scores(str, Enum):
    """How a network's outputs become scores."""

    LOGITS = "logits"  # the largest output wins; softmax gives probabilities
    DISTANCES = "distances"  # the smallest output wins; softmax of the negated outputs gives probabilities


@dataclass(frozen=True)
class Paper:
    title: str
    authors: str
    venue: str
    year: int
    identifier: str  # DOI or arXiv number


@dataclass(frozen=True)
class Published:
    """A figure as a paper or textbook prints it, to stand beside the computed one.

    `quantity` is "parameters", "MACs", "FLOPs", "activations" (elements) or an accuracy in words ("top-5 error"), which
    is not computed. `part` is the path of the block or layer that the figure is about, "" for the whole network, and
    `options` the form that it speaks of where that is not the one on screen. `note` explains a difference.
    """

    quantity: str
    value: float
    source: str
    part: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Interface:
    """What a network built with certain options takes and gives.

    `input_shape` is (channels, height, width). `pixel_range` is what black and white pixels become; None means
    normalisation by the data set's own mean and standard deviation. `losses` are names in `training/losses.py`, the
    default first. `classes` is the number of outputs, fixed where `classes_fixed`.
    """

    input_shape: tuple[int, int, int]
    scores: Scores = Scores.LOGITS
    losses: tuple[str, ...] = ("cross_entropy",)
    pixel_range: tuple[float, float] | None = None
    classes: int = 10
    classes_fixed: bool = False


@dataclass(frozen=True)
class Architecture:
    """One network of the catalogue.

    `parameters` is the published count of the default form. `builder` names the function that builds it,
    "module:function", or "module:function:argument" for one that builds several, imported only when called, so that
    listing the catalogue needs no torch. A `year` of 0 is not known. A network of the user's
    own has a `source` in place of a builder (see `explorer/foreign`), and no paper; it is read, not trained.
    """

    name: str
    title: str
    family: str
    year: int
    paper: Paper | None
    idea: str
    new: str
    led_to: str
    task: Task
    options_type: type
    interface: Callable[[Any], Interface]
    builder: str
    parameters: int | None
    published: tuple[Published, ...] = ()
    source: str = ""

    def title_with(self, options: Any) -> str:
        """The name that a graph or a run bears: the title and the options that differ from their defaults."""
        changed = ", ".join(f"{name} = {as_text(value)}" for name, value in changed_options(options).items())
        return f"{self.title} ({changed})" if changed else self.title

    def build(self, options: Any = None, classes: int | None = None) -> nn.Module:
        """Builds the network.

        Raises:
            ValueError: the form has a fixed number of classes and another was asked for.
        """
        chosen = self.options_type() if options is None else options
        interface = self.interface(chosen)
        if classes is None:
            classes = interface.classes
        if interface.classes_fixed and classes != interface.classes:
            raise ValueError(f"{self.name} in this form has {interface.classes} classes, not {classes}")
        module, function, *arguments = self.builder.split(":")
        network: nn.Module = getattr(importlib.import_module(module), function)(*arguments, chosen, classes)
        return network
