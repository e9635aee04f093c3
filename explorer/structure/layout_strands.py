"""Links of a folded graph, cut where they pass the border of an unfolded block: each level gets the nets it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from explorer.structure.fold import Box, FoldedGraph, Link, Style
from explorer.structure.graph import Shape
from explorer.structure.layout_level import BUS, IN, OUT

_Piece = tuple[str, str, str]
_LEAST_LAYERS = 4


@dataclass(frozen=True)
class Strand:
    """What is drawn of a link, in one polyline: `pieces` are levels and the elements it runs between there.

    Strands of one `key` carry one tensor and share their beginning.
    """

    key: str
    link: Link
    pieces: tuple[_Piece, ...]


@dataclass
class LevelNets:
    """The nets of one level by their key: the element each comes from, those it leads to, and its tensor's shape.

    `bus` are the elements that a dense block's layers are made of, from head to tail, layer by layer; none where the
    level is no dense block. What they read comes from the element `BUS`, what they give goes there.
    """

    origin: dict[str, str] = field(default_factory=dict)
    targets: dict[str, dict[str, None]] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    trunk: set[str] = field(default_factory=set)
    bus: tuple[tuple[str, ...], ...] = ()

    def add(self, strand: Strand, source: str, target: str) -> None:
        self.origin[strand.key] = source
        self.targets.setdefault(strand.key, {})[target] = None
        self.shapes.setdefault(strand.key, strand.link.shape)
        if not strand.link.skip:
            self.trunk.add(strand.key)


class Strands:
    """All strands of a folded graph, and the nets of each level; "" is the level of the whole network."""

    def __init__(self, folded: FoldedGraph) -> None:
        self._folded = folded
        self._chains: dict[str, list[tuple[str, str]]] = {}
        self.members: dict[str, tuple[str, ...]] = {"": self._top(folded)}
        self.members.update((frame.path, frame.members) for frame in folded.frames)
        links = [Strand(link.source, link, tuple(self._pieces(link))) for link in folded.links]
        self.levels = self._nets(links)
        buses = {level: found for level, nets in self.levels.items() if (found := self._dense(level, nets))}
        self.all = tuple(self._through_buses(links, buses)) if buses else tuple(links)
        if buses:
            self.levels = self._nets(self.all)
            for level, layers in buses.items():
                self.levels[level].bus = layers

    def _nets(self, strands: list[Strand] | tuple[Strand, ...]) -> dict[str, LevelNets]:
        levels = {level: LevelNets() for level in self.members}
        for strand in strands:
            for level, source, target in strand.pieces:
                levels[level].add(strand, source, target)
        return levels

    def _top(self, folded: FoldedGraph) -> tuple[str, ...]:
        inner = {member for frame in folded.frames for member in frame.members}
        found: dict[str, None] = {}
        for box in folded.boxes:
            path = box.path
            if path in inner:
                path = self._chain(box)[0][1]
            found[path] = None
        return tuple(found)

    def _chain(self, box: Box) -> list[tuple[str, str]]:
        """From the whole network inwards: each level that holds a box, and the element it is there."""
        known = self._chains.get(box.path)
        if known is None:
            element, frame = box.path, box.frame
            chain = [(frame, element)]
            while frame:
                element, frame = frame, self._folded.frame_by_path[frame].frame
                chain.append((frame, element))
            known = self._chains[box.path] = chain[::-1]
        return known

    def _pieces(self, link: Link) -> Iterator[_Piece]:
        """The levels that a link passes, with the elements it runs between, from its source to its target."""
        boxes = self._folded.box_by_path
        leaving, entering = self._chain(boxes[link.source]), self._chain(boxes[link.target])
        shared = 0
        while leaving[shared] == entering[shared]:
            shared += 1
        for level, element in leaving[:shared:-1]:
            yield level, element, f"{OUT}{link.source}"
        yield leaving[shared][0], leaving[shared][1], entering[shared][1]
        for level, element in entering[shared + 1 :]:
            yield level, f"{IN}{link.source}", element

    def _dense(self, level: str, nets: LevelNets) -> tuple[tuple[str, ...], ...]:
        """The layers of a dense block in which each reads what came in and all layers before it; () for others.

        A layer is an element or a chain of them. One element may follow that reads all and is the level's output.
        """
        readers: dict[str, set[str]] = {}
        for key, source in nets.origin.items():
            if source in readers:
                return ()
            readers[source] = set(nets.targets[key])
        before: dict[str, set[str]] = {}
        for source, targets in readers.items():
            for target in targets:
                before.setdefault(target, set()).add(source)
        members = [member for member in self.members[level] if member in readers or member in before]
        ports = [source for source in readers if source.startswith(IN)]
        first = ports[0] if len(ports) == 1 else members[0] if members and not ports else ""
        if first not in readers:
            return ()
        layers: list[list[str]] = []
        everything = {first}
        for member in members:
            if member == first:
                continue
            last = layers[-1][-1] if layers else ""
            if before.get(member) == {last} and readers[last] == {member}:
                everything.discard(last)
                layers[-1].append(member)
            elif before.get(member) == everything:
                layers.append([member])
            else:
                return ()
            everything.add(member)
        if len(layers) < _LEAST_LAYERS:
            return ()
        gives_out = [target.startswith(OUT) for layer in layers[:-1] for target in readers[layer[-1]]]
        comes_back = [not target.startswith(OUT) for target in readers.get(layers[-1][-1], ())]
        if any(gives_out) or any(comes_back):
            return ()
        return tuple(tuple(layer) for layer in layers)

    def _through_buses(self, links: list[Strand], buses: dict[str, tuple[tuple[str, ...], ...]]) -> Iterator[Strand]:
        """The strands, with those between the layers of a dense block replaced by one up and one down for each."""
        heads = {level: {layer[0] for layer in layers} for level, layers in buses.items()}
        drawn: set[tuple[str, str, str]] = set()
        waiting = list(reversed(links))
        while waiting:
            strand = waiting.pop()
            place = next(
                (
                    index
                    for index, (level, source, target) in enumerate(strand.pieces)
                    if level in heads and target in heads[level] and source != BUS
                ),
                -1,
            )
            if place < 0:
                yield strand
                continue
            level, source, target = strand.pieces[place]
            if ("up", level, strand.key) not in drawn:
                drawn.add(("up", level, strand.key))
                style = Style.TRUNK if source.startswith(IN) else Style.SKIP
                up = (*strand.pieces[:place], (level, source, BUS))
                yield Strand(strand.key, replace(strand.link, skip=False, style=style), up)
            if ("down", level, strand.link.target) not in drawn:
                drawn.add(("down", level, strand.link.target))
                key = f"{BUS}{level}"
                inner = ((inside, f"{IN}{key}", element) for inside, _, element in strand.pieces[place + 1 :])
                link = replace(strand.link, skip=False, style=Style.TRUNK)
                waiting.append(Strand(key, link, ((level, BUS, target), *inner)))
