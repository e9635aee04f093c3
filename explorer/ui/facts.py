"""What there is to say about a node, a block or a whole network, as pairs of a label and a text."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.structure.graph import Block, Field, Graph, Kind, Node, Totals, Tracing
from explorer.structure.locally_connected import locally_connected_twin
from explorer.structure.memory_use import MemoryUse, Optimiser, for_inference, for_training
from explorer.structure.table_formulas import output_formula
from explorer.structure.table_rows import shared_parameters
from explorer.ui import naming, numbers


@dataclass(frozen=True)
class Facts:
    """A title and what is said under it, in the order in which it is read; `hint` says what to do next.

    The `first` rows are what most look for, None for all; the others may be folded away.
    """

    title: str
    rows: tuple[tuple[str, str], ...]
    hint: str = ""
    first: int | None = None

    def as_text(self) -> str:
        """All of it for the clipboard: a line a fact."""
        lines = [self.title, *(f"{label}: {' · '.join(text.splitlines())}" for label, text in self.rows)]
        return "\n".join(lines) + "\n"


def node_facts(node: Node, graph: Graph) -> Facts:
    rows = _failing_rows(node, graph) if node.failed else []
    rows.append(("output", numbers.shape(node.output_shape)))
    more: list[tuple[str, str]] = []
    if node.kind not in {Kind.INPUT, Kind.OUTPUT}:
        twin = locally_connected_twin(node)
        rows += [
            ("input", "\n".join(numbers.shape(shape) for shape in node.input_shapes)),
            ("parameters", _parameters(node)),
            ("MACs", node.formulas.macs or numbers.count(node.macs)),
            ("receptive field", _field(node)),
        ]
        more += [
            ("output size", output_formula(node)),
            ("FLOPs", f"2 × {node.macs:,} = {node.flops:,}" if node.macs else "0"),
            ("memory", _memory(node)),
            ("not shared", f"{twin.formula}\nparameters of its locally connected twin" if twin else ""),
        ]
    if graph.totals.parameters and node.parameters:
        more.append(("share", f"{numbers.share(node.parameters, graph.totals.parameters)} of all parameters"))
    if node.shares_with:
        rows.append(("shared", f"uses the parameters of {node.shares_with}, which count there"))
    if node.training_only:
        rows.append(("used", "in training only; answers do not pass through it"))
    more = [*node.settings, *more, ("type", node.type_name), ("path", node.path)]
    title = naming.display_name(node.path)
    kind = naming.kind_word(node)
    if kind != title.casefold():
        title = f"{title} · {kind}"
    first, rare = ([(label, text) for label, text in part if text] for part in (rows, more))
    # Of what goes in and what comes out there is little to say.
    return Facts(title, (*first, *rare), first=None if node.kind in {Kind.INPUT, Kind.OUTPUT} else len(first))


def block_facts(block: Block, graph: Graph) -> Facts:
    nodes = list(graph.inside(block.path))
    rows = [
        ("layers", numbers.count(len(nodes))),
        ("output", numbers.shape(nodes[-1].output_shape) if nodes else ""),
        *_total_rows(graph.totals_of(block.path), graph.totals),
        ("type", block.type_name),
        ("path", block.path),
    ]
    title = f"{naming.display_name(block.path)} · {block.type_name}"
    return Facts(title, tuple((label, text) for label, text in rows if text))


def network_facts(graph: Graph, batch: int = 1, optimiser: Optimiser = Optimiser.ADAM) -> Facts:
    """The whole network; memory is told for a batch and an optimiser."""
    layers = sum(node.kind not in {Kind.INPUT, Kind.OUTPUT} for node in graph.nodes)
    answers = [node for node in graph.nodes if not node.training_only and not node.failed]
    shared, again = shared_parameters(graph)
    rows = [
        ("fails at", f"{graph.failure.path}\n{graph.failure.reason}" if graph.failure else ""),
        ("would work", _smallest(graph)),
        ("structure", graph.remark if graph.tracing is Tracing.MODULES else ""),
        ("input", numbers.shape(graph.input_shape)),
        ("output", numbers.shape(answers[-1].output_shape) if answers and not graph.failure else ""),
        ("layers", numbers.count(layers)),
        *_total_rows(graph.totals, None),
        ("shared", f"{shared:,} parameters, used again by {numbers.plural(again, 'layer')}" if again else ""),
        *(_memory_rows(graph, batch, optimiser) if not graph.failure else ()),
    ]
    return Facts(
        graph.title, tuple((label, text) for label, text in rows if text), "Select a layer to see its numbers."
    )


def _memory_rows(graph: Graph, batch: int, optimiser: Optimiser) -> list[tuple[str, str]]:
    images = numbers.plural(batch, "image")
    inference, training = for_inference(graph, batch), for_training(graph, optimiser, batch)
    return [
        ("to answer", f"{numbers.size(inference.size)}, {images}\n{_parts(inference)}" if inference else ""),
        ("to train", f"{numbers.size(training.size)}, {images}, {optimiser.value}\n{_parts(training)}"),
    ]


def _parts(use: MemoryUse) -> str:
    return " + ".join(f"{numbers.size(part.size)} {part.name}" for part in use.parts)


def _failing_rows(node: Node, graph: Graph) -> list[tuple[str, str]]:
    failure = graph.failure
    return [
        ("fails", failure.reason if failure and failure.path == node.path else ""),
        ("would work", _smallest(graph)),
    ]


def _smallest(graph: Graph) -> str:
    smallest = graph.failure.smallest_input if graph.failure else None
    return f"an input of {numbers.shape(smallest)} or larger" if smallest else ""


def _total_rows(part: Totals, whole: Totals | None) -> list[tuple[str, str]]:
    def said(value: int, of: int | None, text: str = "") -> str:
        share = numbers.share(value, of) if of else ""
        return f"{text or numbers.count(value)} · {share} of all" if share else text or numbers.count(value)

    size = part.activation_bytes
    parameters = said(part.parameters, whole.parameters if whole else None)
    return [
        ("parameters", parameters + _frozen(part.parameters, part.trainable_parameters)),
        ("MACs", said(part.macs, whole.macs if whole else None)),
        ("FLOPs", f"2 × {part.macs:,} = {part.flops:,}" if part.macs else "0"),
        ("memory", said(size, whole.activation_bytes if whole else None, numbers.size(size))),
    ]


def _parameters(node: Node) -> str:
    text = node.formulas.parameters or numbers.count(node.parameters)
    return text + _frozen(node.parameters, node.trainable_parameters)


def _frozen(parameters: int, trainable: int) -> str:
    if parameters == trainable:
        return ""
    return f"\n{trainable:,} of them trained" if trainable else "\nnone of them trained"


def _memory(node: Node) -> str:
    text = numbers.size(node.activation_bytes)
    formula = node.formulas.activation_bytes
    # Below a KiB the formula ends in the very same number.
    return formula if formula.endswith(f"= {text}") else "\n".join(filter(None, (text, formula)))


def _field(node: Node) -> str:
    if node.formulas.receptive_field:
        return node.formulas.receptive_field
    return field_words(node.receptive_field) if node.receptive_field else ""


def field_words(field: Field) -> str:
    """A receptive field in words: "14 × 14, step 2"; a field that is the same for all units has no step."""
    size = numbers.shape(field.size)
    if field.step == (0, 0):
        return size
    step = f"{field.step[0]}" if field.step[0] == field.step[1] else numbers.shape(field.step)
    return f"{size}, step {step}"
