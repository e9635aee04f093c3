"""Which elements of a level stand on one line, and how high each line is.

A network is mostly chains with branches that fan out and meet. So each chain becomes a row of its own; rows hang on the
row that they branch from, above or below it, like the limbs of a tree; skips are rows that hold nothing but a wire.
"""

from __future__ import annotations

from explorer.structure.dag import (
    detours,
    dominators,
    longest_from_start,
    longest_to_end,
    post_dominators,
    reverse,
)
from explorer.structure.fold import Face
from explorer.structure.layout_level import Level, Net, Spacing, Wire
from explorer.structure.layout_packing import Limb, Row, from_top, leaves_first, pack, reserve_rooms, settle


class _Plan:
    """The level's graph without skips, and which neighbour continues each element's row."""

    def __init__(self, level: Level) -> None:
        successors = level.successors()
        skips = detours(successors)
        self.successors = [
            [target for target in targets if (node, target) not in skips] for node, targets in enumerate(successors)
        ]
        self.predecessors = reverse(self.successors)
        self.from_start = longest_from_start(self.predecessors)
        self.to_end = longest_to_end(self.successors)
        self.dominator = dominators(self.predecessors)
        self.post_dominator = post_dominators(self.successors)
        self._minor = level.minor
        self._pills = {index for index, element in enumerate(level.elements) if element.face is Face.PILL}
        self.next = self._aligned()

    def meets(self, fork: int) -> int:
        """Where all branches of a fork come together again and nothing else joins; -1 where they do not."""
        join = self.post_dominator[fork]
        together = len(self.successors[fork]) > 1 and join >= 0 and self.dominator[join] == fork
        return join if together else -1

    def _aligned(self) -> list[int]:
        """For each element the one that continues its row, or -1."""
        wanted = [self._wanted_next(node) for node in range(len(self.successors))]
        following = [-1] * len(wanted)
        for node, target in enumerate(wanted):
            if target >= 0 and self._wanted_previous(target, wanted) == node:
                following[node] = target
        return following

    def _wanted_next(self, node: int) -> int:
        targets = [target for target in self.successors[node] if target not in self._pills] or self.successors[node]
        if len(targets) < 2:
            return targets[0] if targets else -1
        longest = max(targets, key=lambda target: self.to_end[target])
        join = self.meets(node)
        if join < 0:
            return longest
        if len(targets) == 2 and self.to_end[targets[0]] != self.to_end[targets[1]]:
            return longest
        # An even number of branches fans out around the line that leads straight from fork to join.
        return targets[len(targets) // 2] if len(targets) % 2 else join

    def _wanted_previous(self, node: int, wanted: list[int]) -> int:
        sources = self.predecessors[node]
        if len(sources) < 2:
            return sources[0] if sources else -1
        fork = self.dominator[node]
        if fork >= 0 and self.meets(fork) == node:
            branch = wanted[fork]
            if branch == node:
                return fork
            return next((source for source in sources if self._passes(source, branch)), -1)
        sources = [source for source in sources if source not in self._minor | self._pills] or sources
        lengths = [self.from_start[source] for source in sources]
        if fork < 0 and lengths.count(max(lengths)) > 1:
            return sources[len(sources) // 2] if len(sources) % 2 else -1
        return sources[lengths.index(max(lengths))]

    def _passes(self, node: int, dominator: int) -> bool:
        while node > dominator:
            node = self.dominator[node]
        return node == dominator


def place_rows(level: Level, spacing: Spacing) -> None:
    """Sets the `y` of every element (its top) and makes the nets' wires with theirs."""
    plan = _Plan(level)
    rows, row_of = _chain(level, plan)
    _lead_in(level, plan, rows)
    _lengthen(level, rows)
    _hang(level, plan, rows, row_of)
    _add_skips(level, rows, row_of)
    reserve_rooms(level, rows, spacing)
    roots = [row for row in rows if row.parent is None]
    for row in leaves_first(roots):
        pack(row, spacing)
    settle(level, roots)


def _chain(level: Level, plan: _Plan) -> tuple[list[Row], list[Row]]:
    """Rows of aligned elements, with the wires that continue them over layers in which they have no element."""
    elements = level.elements
    nets: dict[tuple[int, int], Net] = {}
    for net in level.nets:
        for target in net.targets:
            nets.setdefault((net.source, target), net)
    rows: list[Row] = []
    row_of: list[Row] = []
    offset_of: list[float] = []
    previous = {target: node for node, target in enumerate(plan.next) if target >= 0}
    for index, element in enumerate(elements):
        before = previous.get(index, -1)
        if before < 0:
            row = Row()
            rows.append(row)
            offset = -(next(iter(element.ports_in.values())) if element.ports_in else element.centre)
        else:
            row = row_of[before]
            link = nets.get((before, index))
            line = offset_of[before] + _exit_line(level, before, link)
            offset = line - _entry_line(level, index, link)
            gap = range(elements[before].layer + 1, element.layer)
            if link and gap:
                wire = Wire(gap.start, gap.stop - 1, [index], in_row=True)
                link.wires.append(wire)
                row.wires.append(wire)
                row.wire_offsets.append(line)
        row.elements.append(index)
        row.offsets.append(offset)
        row_of.append(row)
        offset_of.append(offset)
    return rows, row_of


def _lead_in(level: Level, plan: _Plan, rows: list[Row]) -> None:
    """Draws what stands in the middle of a shortcut on the line of its wire."""
    for row in rows:
        index = row.elements[0]
        element = level.elements[index]
        sources = plan.predecessors[index]
        if element.face is not Face.PILL or len(sources) != 1:
            continue
        net = next(net for net in level.nets if net.source == sources[0] and index in net.targets)
        first = level.elements[sources[0]].layer + 1
        if first < element.layer:
            wire = Wire(first, element.layer - 1, [index], in_row=True)
            net.wires.append(wire)
            row.wires.append(wire)
            row.wire_offsets.append(row.offsets[0] + _entry_line(level, index, net))


def _lengthen(level: Level, rows: list[Row]) -> None:
    """Lets what leaves the end of a row run on along the row's line."""
    nets = {net.source: net for net in level.nets}
    for row in rows:
        index = row.elements[-1]
        if index in nets and (wire := _far(level, nets[index])):
            nets[index].wires.append(wire)
            row.wires.append(wire)
            row.wire_offsets.append(row.offsets[-1] + _exit_line(level, index, nets[index]))


def _exit_line(level: Level, index: int, net: Net | None) -> float:
    element = level.elements[index]
    if net:
        return element.exit(net.key)
    return next(iter(element.ports_out.values()), element.centre)


def _entry_line(level: Level, index: int, net: Net | None) -> float:
    element = level.elements[index]
    if net:
        return element.entry(net.key)
    return next(iter(element.ports_in.values()), element.centre)


def _hang(level: Level, plan: _Plan, rows: list[Row], row_of: list[Row]) -> None:
    """Hangs each row on the one that it branches from."""
    limbs: dict[tuple[int, int], tuple[Limb, list[Row]]] = {}
    for order, row in enumerate(rows):
        first, last = row.elements[0], row.elements[-1]
        fork = plan.dominator[first]
        if fork < 0 and plan.predecessors[first]:
            fork = max(plan.predecessors[first], key=lambda node: plan.from_start[node])
        join = plan.post_dominator[last]
        anchor = fork if fork >= 0 else join
        if anchor < 0 or _is_under(row_of[anchor], row):
            continue
        row.parent = row_of[anchor]
        key = (fork, join)
        if key not in limbs:
            ends = [level.elements[node].layer for node in (join, fork) if node >= 0]
            end = max((wire.last for wire in row.wires), default=0)
            span = max(end, level.elements[last].layer) - level.elements[first].layer + 2
            meets = join >= 0 and level.elements[join].face is Face.BAR and row_of[join] is row_of[anchor]
            bar = level.elements[join].layer if meets else -1
            limbs[key] = (Limb(max(span, ends[0] - ends[-1]), order, bar), [])
            row.parent.limbs.append(limbs[key][0])
        limbs[key][1].append(row)
    for (fork, join), (limb, members) in limbs.items():
        _share_out(limb, members, plan, fork, join)


def _is_under(row: Row | None, ancestor: Row) -> bool:
    while row is not None:
        if row is ancestor:
            return True
        row = row.parent
    return False


def _share_out(limb: Limb, members: list[Row], plan: _Plan, fork: int, join: int) -> None:
    """Puts a limb's rows above and below: branches that meet evenly, one that meets above, loose ends below."""
    meets = (fork < 0 and join >= 0) or (fork >= 0 and join >= 0 and plan.meets(fork) == join)
    if not meets:
        limb.below.extend(members)
        return
    if fork >= 0:
        middle = plan.next[fork] if len(members) > 1 else -1
    else:
        middle = next((node for node in plan.predecessors[join] if plan.next[node] == join), -1)
    if 0 <= middle != join:
        limb.above.extend(row for row in members if row.elements[0] < middle)
        limb.below.extend(row for row in members if row.elements[0] > middle)
        return
    half = (len(members) + 1) // 2
    limb.above.extend(members[:half])
    limb.below.extend(members[half:])


def _add_skips(level: Level, rows: list[Row], row_of: list[Row]) -> None:
    """Gives every net that runs past elements a wire, in a row of its own beside the row it comes from."""
    heights = {id(row): height for height, row in enumerate(from_top([row for row in rows if row.parent is None]))}
    taken: dict[tuple[int, bool], list[tuple[int, int]]] = {}
    for net in level.nets:
        source = level.elements[net.source]
        row = row_of[net.source]
        for wire in _skips(level, net):
            net.wires.append(wire)
            farthest = row_of[wire.targets[-1]]
            difference = heights[id(farthest)] - heights[id(row)]
            above = difference < 0
            if difference == 0:
                mine = taken.get((id(row), True), [])
                others = taken.get((id(row), False), [])
                above = not _crosses(wire, mine) or _crosses(wire, others)
            taken.setdefault((id(row), above), []).append((wire.first, wire.last))
            beside = Row(wires=[wire], wire_offsets=[0.0], parent=row)
            limb = Limb(wire.last - min(wire.first, source.layer) + 2, len(rows))
            (limb.above if above else limb.below).append(beside)
            row.limbs.append(limb)
            rows.append(beside)


def _skips(level: Level, net: Net) -> list[Wire]:
    elements = level.elements
    layer = elements[net.source].layer
    in_row = next((wire for wire in net.wires if wire.in_row), None)
    if in_row:
        in_row.targets.extend(
            target
            for target in net.targets
            if layer + 1 < elements[target].layer <= in_row.last + 1 and target not in in_row.targets
        )
    back = [target for target in net.targets if elements[target].layer <= layer]
    wires = [Wire(elements[target].layer, layer, [target], backward=True) for target in back]
    far = _far(level, net)
    return [*wires, far] if far else wires


def _far(level: Level, net: Net) -> Wire | None:
    """One wire to all targets beyond the next layer that no wire of the net leads to."""
    elements = level.elements
    layer = elements[net.source].layer
    reached = {target for wire in net.wires for target in wire.targets}
    # A shortcut's box hands on from above what is added, even next to it.
    near = layer if elements[net.source].face is Face.PILL else layer + 1
    far = [target for target in net.targets if elements[target].layer > near and target not in reached]
    if not far:
        return None
    far.sort(key=lambda target: (elements[target].layer, target))
    # A box may be entered from above, so the wire keeps its place in the box's own layer too.
    last = max(elements[target].layer - (0 if elements[target].is_box else 1) for target in far)
    return Wire(layer + 1, last, far)


def _crosses(wire: Wire, others: list[tuple[int, int]]) -> bool:
    return any(
        first < wire.first <= last < wire.last or wire.first < first <= wire.last < last for first, last in others
    )
