"""What stands on boxes, where lines end, what is painted: stacks, joins, bars, pills, failures, quantities."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from structure.graphs import dense_network, inception, lenet, make_graph, residual

from explorer.structure.fold import Box, Face, Link, Style, all_blocks, fold
from explorer.structure.graph import Block, Failure, Graph, Kind, Node, Totals
from explorer.structure.layout import Arc, Bus, Direction, Layout, PlacedBox, Route
from explorer.ui.graph_cards import measure_card, toggle_rect, wrap
from explorer.ui.graph_faces import Faces
from explorer.ui.graph_heat import Heat, Quantity, ground_at, heat_of
from explorer.ui.graph_lines import make_lines
from explorer.ui.graph_look import Look, figure_look
from explorer.ui.graph_picture import GraphPicture, make_picture
from explorer.ui.graph_words import failure_lines, pill_text, words_of
from explorer.ui.theme import DARK, KIND_COLOURS, LIGHT

_NOTHING = Totals(0, 0, 0, 0)


@pytest.fixture
def look(qapp) -> Look:
    return figure_look(dark=False)


def _folded_block(**changes: object) -> Box:
    block = Block("layer1", "Sequential", "", ("layer1.0",))
    return replace(Box("layer1", "", ((64, 56, 56),), (64, 56, 56), _NOTHING, block=block), **changes)


def _painted(picture: GraphPicture) -> QImage:
    image = QImage(picture.bounds.size().toSize(), QImage.Format.Format_RGB32)
    image.fill(picture.look.colour("ground"))
    painter = QPainter(image)
    picture.paint(painter, picture.bounds)
    painter.end()
    return image


def _failing() -> Graph:
    graph = lenet()
    failed = replace(graph.by_path["features.s4"], failed=True, output_shape=())
    return replace(
        graph,
        nodes=tuple(failed if node.path == failed.path else node for node in graph.nodes),
        failure=Failure("features.s4", "the input 1 × 1 is smaller than the kernel 3 × 3", (1, 63, 63)),
    )


# Cards and stacks


def test_stack_says_how_many_of_which_block_and_how_wide(look: Look) -> None:
    lines = Faces(look).lines(_folded_block(repeats=3, repeated="BasicBlock"))
    assert lines[:2] == ["▸ layer1", "BasicBlock 64"]


def test_stack_has_one_sheet_more_than_a_folded_block(look: Look) -> None:
    one, three = (measure_card(_folded_block(repeats=count), look) for count in (1, 3))
    assert three.height > one.height
    placed = PlacedBox("layer1", 0, 0, three.width, three.height)
    assert toggle_rect(_folded_block(repeats=3), placed, look).top() > 0


def test_count_of_a_stack_is_painted_in_the_accent(look: Look) -> None:
    box = _folded_block(repeats=12, repeated="BasicBlock")
    faces = Faces(look)
    size = faces.measure(box)
    image = QImage(round(size.width) + 4, round(size.height) + 4, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    faces.paint(painter, box, PlacedBox("layer1", 0, 0, size.width, size.height))
    painter.end()
    accent = QColor(LIGHT.accent)
    assert any(image.pixelColor(x, 3) == accent for x in range(image.width() // 2, image.width()))


def test_what_only_training_uses_says_so(look: Look) -> None:
    box = Box("aux", "", (), (), _NOTHING, node=Node("aux", Kind.LINEAR, "Linear"), training_only=True)
    assert "training only" in Faces(look).lines(box)


# A failing layer


def test_failing_layer_says_why_and_what_would_fit(look: Look) -> None:
    graph = _failing()
    faces = Faces(look, words_of(graph, fold(graph, frozenset())))
    text = " ".join(faces.lines(fold(graph, frozenset()).box_by_path["features.s4"])).replace("\xa0", " ")
    assert "the input 1 × 1 is smaller than the kernel 3 × 3" in text
    assert "smallest input: 63 × 63" in text


def test_words_of_a_failing_layer_fit_into_its_card(look: Look) -> None:
    picture = make_picture(_failing(), frozenset(), look)
    box, placed = picture.folded.box_by_path["features.s4"], picture.rect("features.s4")
    widest = max(look.small.horizontalAdvance(line) for line in picture.faces.lines(box)[1:])
    assert widest < placed.width()
    assert len(picture.faces.lines(box)) * look.small.height() < placed.height()


def test_folded_block_around_a_failing_layer_is_red_too(look: Look) -> None:
    picture = make_picture(_failing(), frozenset({"features"}), look)
    assert picture.faces.far_colour(picture.folded.box_by_path["features"]) == look.colour("bad")


def test_sizes_in_a_reason_are_not_torn_apart(look: Look) -> None:
    (reason, _) = failure_lines(_failing().failure)
    for width in range(60, 240, 10):
        lines = wrap(reason, look.small, width)
        assert not any(line.strip().startswith("×") or line.strip().endswith("×") for line in lines if len(line) > 6)


def test_long_words_are_broken(look: Look) -> None:
    lines = wrap("x" * 300, look.small, 100)
    assert "".join(lines) == "x" * 300
    assert all(look.small.horizontalAdvance(line) <= 100 for line in lines)


# Shortcuts, joins and bars


def test_pill_says_what_is_computed_on_a_shortcut() -> None:
    conv = Node("d.0", Kind.CONVOLUTION, "Conv2d", "1×1, /2")
    norm = Node("d.1", Kind.NORMALISATION, "BatchNorm2d")
    assert pill_text([conv, norm]) == "1×1, /2 + BN"


@pytest.mark.parametrize("direction", list(Direction))
def test_edges_reach_the_circle_of_a_join(look: Look, direction: Direction) -> None:
    picture = make_picture(residual(), frozenset(), look, direction=direction)
    join = next(box for box in picture.folded.boxes if box.face is Face.JOIN)
    body = picture.faces.body(join, picture.layout.box_by_path[join.path])
    lines = make_lines(picture.folded, picture.layout, picture.faces)
    into = [line for line in lines if body.adjusted(-1, -1, 1, 1).contains(line.arrow[0])]
    assert len(into) == 2


def test_edges_into_a_concat_bring_their_channels(look: Look) -> None:
    picture = make_picture(inception(), frozenset(), look)
    assert [box.path for box in picture.folded.boxes if box.face is Face.BAR] == ["module.concat"]
    labels = [label.text for line in make_lines(picture.folded, picture.layout, picture.faces) for label in line.labels]
    assert labels.count("8") == 4


def test_concat_says_how_many_channels_leave_it(look: Look) -> None:
    picture = make_picture(inception(), frozenset(), look)
    assert picture.faces.lines(picture.folded.box_by_path["module.concat"]) == ["concat 8"] or picture.faces.lines(
        picture.folded.box_by_path["module.concat"]
    ) == ["join 8"]


def _two_boxes(look: Look, **parts: object) -> GraphPicture:
    graph = make_graph([("a", Kind.CONVOLUTION, ""), ("b", Kind.CONVOLUTION, "")], [("a", "b")])
    folded = fold(graph, frozenset())
    boxes = (PlacedBox("a", 0, 60, 90, 80), PlacedBox("b", 200, 60, 90, 80))
    routes = (Route(folded.links[0], ((90.0, 100.0), (200.0, 100.0))),)
    return GraphPicture(graph, folded, replace(Layout(boxes, (), routes, 300, 160), **parts), Faces(look))


def _colours_on_row(image: QImage, y: int, left: int, right: int) -> list[str]:
    return [image.pixelColor(x, y).name() for x in range(left, right)]


@pytest.mark.parametrize(("style", "dashed"), [(Style.SKIP, False), (Style.PROJECTION, True)])
def test_arc_over_a_folded_block_is_dashed_where_it_computes(look: Look, style: Style, dashed: bool) -> None:
    arc = Arc("a", ((100.0, 100.0), (100.0, 20.0), (190.0, 20.0), (190.0, 100.0)), style)
    row = _colours_on_row(_painted(_two_boxes(look, arcs=(arc,))), 20, 118, 172)
    ground = LIGHT.ground
    assert (ground in row) is dashed
    assert any(colour != ground for colour in row)


def test_bus_is_painted_with_its_counts(look: Look) -> None:
    bus = Bus("", 10, 20, 280, 8, (((150.0, 8.0), "288"),))
    bare, full = _painted(_two_boxes(look)), _painted(_two_boxes(look, buses=(bus,)))
    assert full.pixelColor(100, 24) == QColor(LIGHT.secondary)
    assert full.copy(130, 0, 40, 16) != bare.copy(130, 0, 40, 16)


def test_shape_stands_on_a_trunk_edge_only_where_the_box_before_does_not_say_it(look: Look) -> None:
    graph = make_graph(
        [("a", Kind.CONVOLUTION, ""), ("b", Kind.CONVOLUTION, ""), ("c", Kind.JOIN, ""), ("d", Kind.CONVOLUTION, "")],
        [("a", "c"), ("b", "c"), ("c", "d")],
    )
    join = Node("c", Kind.JOIN, "add", input_shapes=((8, 14, 14),) * 2, output_shape=(8, 14, 14))
    folded = fold(replace(graph, nodes=(*graph.nodes[:2], join, graph.nodes[3])), frozenset())
    boxes = (
        PlacedBox("a", 0, 0, 90, 80), PlacedBox("b", 0, 100, 90, 80),
        PlacedBox("c", 300, 77, 26, 26), PlacedBox("d", 500, 50, 90, 80),
    )  # fmt: skip
    routes = (
        Route(Link("a", "c", (8, 14, 14)), ((90.0, 40.0), (313.0, 40.0), (313.0, 77.0))),
        Route(Link("c", "d", (8, 14, 14)), ((326.0, 90.0), (500.0, 90.0))),
    )
    lines = make_lines(folded, Layout(boxes, (), routes, 600, 200), Faces(look))
    assert folded.box_by_path["c"].face is Face.JOIN
    assert [[label.text for label in line.labels] for line in lines] == [[], ["8 × 14 × 14"]]


# Quantities


def _boxes(*amounts: int) -> list[Box]:
    return [Box(f"b{amount}", "", (), (4, 2, 2), Totals(amount, amount, 0, 0)) for amount in amounts]


def test_quantity_is_told_on_a_logarithmic_scale() -> None:
    heat = Heat(Quantity.PARAMETERS, 10, 100_000)
    shares = [heat.share(box) for box in _boxes(0, 10, 1000, 100_000)]
    assert shares == [None, 0.0, pytest.approx(0.5), 1.0]


def test_scale_runs_from_the_least_to_the_most_on_screen() -> None:
    heat = heat_of(fold(lenet(), frozenset()), Quantity.PARAMETERS)
    assert (heat.least, heat.most) == (156, 48_120)
    assert heat.words(heat.most) == "48.1 k params"


def test_resolution_is_height_times_width() -> None:
    heat = heat_of(fold(lenet(), frozenset()), Quantity.RESOLUTION)
    assert (heat.least, heat.most) == (25, 784)


def _luminance(colour: QColor) -> float:
    parts = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.getRgbF()[:3])
    red, green, blue = parts
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
def test_text_is_readable_on_the_strongest_ground(qapp, dark: bool) -> None:
    look = figure_look(dark=dark)
    text, ground = _luminance(QColor((DARK if dark else LIGHT).text)), _luminance(ground_at(1.0, look))
    assert (max(text, ground) + 0.05) / (min(text, ground) + 0.05) >= 4.5


def test_without_a_quantity_boxes_have_the_colour_of_their_kind(look: Look) -> None:
    picture = make_picture(lenet(), frozenset(), look)
    box = picture.folded.box_by_path["features.c1"]
    assert picture.faces.far_colour(box).name() == KIND_COLOURS[Kind.CONVOLUTION]


def test_bus_of_knots_has_its_counts_and_no_shapes_on_it(look: Look) -> None:
    graph = dense_network((4,), listed=False)
    picture = make_picture(graph, all_blocks(graph) - {"block1"}, look)
    knots = {box.path for box in picture.folded.boxes if box.face is Face.KNOT}
    lines = make_lines(picture.folded, picture.layout, picture.faces)
    written = [label.text for line in lines for label in line.labels]
    assert len(knots) == 4
    assert not any(text.startswith(("96", "128", "160")) for text in written)
    assert [text for bus in picture.layout.buses for _, text in bus.labels] == ["96", "128", "160", "192"]
