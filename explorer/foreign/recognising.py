"""Which network of the catalogue has tensors of given names and shapes."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.foreign.state_dict import Weights
from explorer.networks import catalogue
from explorer.networks.architecture import Architecture
from explorer.networks.options import OptionValue, as_text, changed_options, fitted_options, option_fields
from explorer.structure.build_on_meta import without_memory
from explorer.structure.graph import Shape

Progress = Callable[[str, float | None], None]

# Building 100 networks without memory takes some ten seconds on two cores.
_MOST_DEFAULTS = 24
_MOST_ZOO = 12
_MOST_VARIED = 4
_MOST_VARIANTS = 64
_DEEPEST_PREFIX = 3


@dataclass(frozen=True)
class Match:
    """A network that fits: `classes` is its number of classes where that is not the usual one."""

    architecture: Architecture
    options: Any
    classes: int | None = None


@dataclass(frozen=True)
class Near:
    """How far a network is from fitting: `wrong` of its `total` tensors differ, `example` being one."""

    name: str
    wrong: int
    total: int
    example: str

    @property
    def share(self) -> float:
        return self.wrong / max(self.total, 1)


def answer(weights: Weights, progress: Progress) -> dict[str, Any]:
    """What the child process says: a network and its options, or what is nearest."""
    found, near = find(weights, progress)
    if found is None:
        return {"nearest": nearest_in_words(near)}
    return {
        "architecture": found.architecture.name,
        "options": dataclasses.asdict(found.options),
        "classes": found.classes,
    }


def nearest_in_words(near: Near | None) -> str:
    if near is None or near.share > 0.7:
        return "nothing there has tensors of similar names and shapes"
    count = "1 tensor differs" if near.wrong == 1 else f"{near.wrong:,} tensors differ"
    return f"nearest is {near.name}: {count}, such as {near.example}"


def find(
    weights: Weights, progress: Progress = lambda _words, _share: None, entries: Sequence[Architecture] | None = None
) -> tuple[Match | None, Near | None]:
    """The first network that fits, the likeliest tried first; else the nearest one.

    Those with nearly as many parameters as the file come first, then torchvision's and timm's, then other options of
    the nearest.
    """
    forms = _forms(weights.shapes)
    near: list[tuple[Near, Architecture]] = []
    tried = 0
    for architecture, options in _candidates(weights, entries, near):
        tried += 1
        # The number of candidates is known at no time; the bar tells that something moves.
        progress(f"comparing with {architecture.name}", 1 - 0.97**tried)
        expected = _shapes_of(architecture, options, None)
        if expected is None:
            continue
        for form in forms:
            classes = _classes_of(form, expected)
            if form == expected or (classes and form == _shapes_of(architecture, options, classes)):
                return Match(architecture, options, classes if form != expected else None), None
        near.append((min((_near(architecture, options, form, expected) for form in forms), key=_share), architecture))
    return None, min((entry for entry, _ in near), key=_share, default=None)


def _share(near: Near) -> float:
    return near.share


def _candidates(
    weights: Weights, entries: Sequence[Architecture] | None, near: list[tuple[Near, Architecture]]
) -> Iterator[tuple[Architecture, Any]]:
    own = catalogue.CATALOGUE if entries is None else entries
    if weights.architecture:
        yield from _hinted(weights)
    count = sum(math.prod(shape) for name, shape in weights.shapes.items() if ".running_" not in name)

    def distance(architecture: Architecture) -> float:
        published = architecture.parameters
        return abs(math.log(max(published, 1) / max(count, 1))) if published else 10.0

    yield from ((entry, entry.options_type()) for entry in sorted(own, key=distance)[:_MOST_DEFAULTS])
    if entries is None:
        yield from ((entry, entry.options_type()) for entry in sorted(_zoos(), key=distance)[:_MOST_ZOO])
    ours = {entry.name for entry in own}
    nearest = sorted((pair for pair in near if pair[1].name in ours), key=lambda pair: pair[0].share)
    for _, architecture in nearest[:_MOST_VARIED]:
        yield from ((architecture, options) for options in variants(architecture.options_type))


def _hinted(weights: Weights) -> Iterator[tuple[Architecture, Any]]:
    try:
        architecture = catalogue.get(weights.architecture)
        yield architecture, architecture.options_type(**(weights.options or {}))
    except (ValueError, TypeError):
        return


def _zoos() -> tuple[Architecture, ...]:
    try:
        from explorer.networks import zoo  # noqa: PLC0415 - it loads torchvision
    except ImportError:
        return ()
    return (*zoo.torchvision_architectures(), *zoo.timm_architectures())


def variants(options_type: type) -> Iterator[Any]:
    """Other options than the defaults, those that change least first; free numbers stay at their defaults."""
    fields = option_fields(options_type)
    choices = [field.choices or (field.default,) for field in fields]
    seen = {options_type()}
    made = 0
    by_changes = sorted(
        itertools.islice(itertools.product(*choices), 20_000),
        key=lambda values: sum(value != field.default for value, field in zip(values, fields, strict=True)),
    )
    for values in by_changes:
        if made == _MOST_VARIANTS:
            return
        options = _fitted(options_type, {field.name: value for field, value in zip(fields, values, strict=True)})
        if options is not None and options not in seen:
            seen.add(options)
            made += 1
            yield options


def _fitted(options_type: type, values: Mapping[str, OptionValue]) -> Any:
    try:
        return fitted_options(options_type, values)
    except ValueError:
        return None


def _shapes_of(architecture: Architecture, options: Any, classes: int | None) -> dict[str, Shape] | None:
    try:
        network = without_memory(lambda: architecture.build(options, classes))
    except Exception:  # noqa: BLE001 - one entry that cannot be built must not hide the others
        return None
    return _counted({name: tuple(tensor.shape) for name, tensor in network.state_dict().items()})


def _counted(shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """Without the counters of batch norm, which files of before 2018 do not have."""
    return {name: shape for name, shape in shapes.items() if not name.endswith("num_batches_tracked")}


def _forms(shapes: Mapping[str, Shape]) -> list[dict[str, Shape]]:
    """The tensors under the names they have, and without what wrappers put before them."""
    forms = [_counted(shapes)]
    for _ in range(_DEEPEST_PREFIX):
        last = forms[-1]
        (prefix, count) = Counter(name.partition(".")[0] for name in last).most_common(1)[0] if last else ("", 0)
        if count <= len(last) / 2:
            break
        forms.append({name[len(prefix) + 1 :]: shape for name, shape in last.items() if name.startswith(f"{prefix}.")})
    return [form for form in forms if form]


def _classes_of(given: Mapping[str, Shape], expected: Mapping[str, Shape]) -> int | None:
    """The number of classes that would explain all differences; None where none would."""
    if given.keys() != expected.keys():
        return None
    numbers = {
        (expected[name][0], shape[0]) if shape[1:] == expected[name][1:] and shape and expected[name] else None
        for name, shape in given.items()
        if shape != expected[name]
    }
    if len(numbers) != 1:
        return None
    (pair,) = numbers
    return pair[1] if pair else None


def _near(architecture: Architecture, options: Any, given: Mapping[str, Shape], expected: Mapping[str, Shape]) -> Near:
    changed = " ".join(f"-o {name}={as_text(value)}" for name, value in changed_options(options).items())
    others = [name for name in given if name in expected and given[name] != expected[name]]
    missing = [name for name in expected if name not in given]
    extra = [name for name in given if name not in expected]
    example = ""
    if others:
        example = f"{others[0]}, {_words(given[others[0]])} instead of {_words(expected[others[0]])}"
    elif missing:
        example = f"{missing[0]}, which is missing"
    elif extra:
        example = f"{extra[0]}, which is not part of it"
    wrong = len(others) + len(missing) + len(extra)
    return Near(f"{architecture.name} {changed}".strip(), wrong, len(expected.keys() | given.keys()), example)


def _words(shape: Shape) -> str:
    return "×".join(map(str, shape)) or "a single number"
