"""Pictures of nets: Information's "SummaryGraphic" and "FullSummaryGraphic"."""

import re
import time
from collections import Counter
from xml.etree import ElementTree

import pytest
from hypothesis import given
from PIL import ImageFont

import wlnet
from tests.random_nets import FAST, nets
from wlnet import (
    AttentionLayer,
    CatenateLayer,
    ConvolutionLayer,
    ElementwiseLayer,
    FlattenLayer,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    NetBidirectionalOperator,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetGraph,
    NetMapOperator,
    NetPort,
    Ramp,
    SoftmaxLayer,
)
from wlnet.core.layer import Layer
from wlnet.display.families import COLOURS, FAMILIES, family
from wlnet.display.lettering import cut, text_width
from wlnet.nets.container import Container
from wlnet.verbs.places import nets as nets_in

SVG = "{http://www.w3.org/2000/svg}"
BLOCK = NetGraph(
    {"conv": LinearLayer(5), "ramp": Ramp, "sum": "Plus"}, [("conv", "ramp", "sum"), (NetPort("Input"), "sum")]
)
NESTED = NetChain({"stem": 5, "block": BLOCK, "head": [3, SoftmaxLayer()]}, Input=7)
DENSE = NetGraph(
    {"a": Ramp, "b": Ramp, "c": "Tanh", "join": CatenateLayer(2), "rnn": LongShortTermMemoryLayer(7), "r2": LongShortTermMemoryLayer(7)},
    [("a", "b", "c"), (("a", "b", "c"), "join", "rnn"), ("join", "r2"), (NetPort("rnn", "State"), NetPort("r2", "State")), ("b", NetPort("Extra"))],
    Input=("Varying", 3),
)  # fmt: skip
CODED = NetChain(
    [3, SoftmaxLayer()], Input=NetEncoder("Class", ["x", "y"], "IndicatorVector"), Output=NetDecoder("Class", ["p", "q", "r"])
)  # fmt: skip
EVIL = NetGraph({"<b>&\"'": 3, "]]>\x00\x1b": "Tanh", "名前" * 30: Ramp}, [("<b>&\"'", "]]>\x00\x1b", "名前" * 30)])
CASES = [NESTED, DENSE, CODED, EVIL, BLOCK, LinearLayer(3), NetChain([]), AttentionLayer(), NetChain([[[[Ramp]]]])]


class Drawing:
    """A picture read back: rectangles by class, with the tips that say what they are, and lines."""

    def __init__(self, net, full=False):
        self.text = str(Information(net, "FullSummaryGraphic" if full else "SummaryGraphic"))
        self.root = ElementTree.fromstring(self.text)
        self.boxes = {
            kind: [Box(each) for each in self.root.iter(f"{SVG}rect") if each.get("class") == kind]
            for kind in ("layer", "frame", "in", "out")
        }
        self.edges = [each for each in self.root.iter(f"{SVG}path") if each.get("class") == "edge"]

    def texts(self, kind):
        return [each for each in self.root.iter(f"{SVG}text") if each.get("class") == kind]

    def tips(self):
        return Counter(edge.find(f"{SVG}title").text for edge in self.edges)


class Box:
    """A rectangle and its tip."""

    def __init__(self, element):
        self.x, self.y, self.width, self.height = (float(element.get(name)) for name in ("x", "y", "width", "height"))
        self.tip = element.find(f"{SVG}title").text

    def overlaps(self, other):
        apart = self.x + self.width <= other.x or other.x + other.width <= self.x
        return not (apart or self.y + self.height <= other.y or other.y + other.height <= self.y)

    def holds(self, other):
        across = self.x <= other.x and other.x + other.width <= self.x + self.width
        return across and self.y <= other.y and other.y + other.height <= self.y + self.height


def check(net):
    """What holds for the pictures of every net."""
    for full in (False, True):
        drawn = Drawing(net, full)
        held = [(path, each) for path, each in nets_in(net) if path and (full or len(path) == 1)]
        opened = [each for _, each in held if full and isinstance(each, Container)]
        layers = [each for _, each in held if not full or each.is_elementary] if isinstance(net, Container) else [net]
        ports = [name for name, slot in net.ports().items() if slot.kind in ("in", "out")]
        own = len(net.edges) if isinstance(net, Container) else len(ports)
        assert (len(drawn.boxes["layer"]), len(drawn.boxes["frame"])) == (len(layers), len(opened))
        assert len(drawn.edges) == own + sum(len(each.edges) for each in opened)
        check_places(drawn)


def check_places(drawn):
    """Boxes stand apart, inside the picture, and wholly inside a frame or outside it."""
    boxes = drawn.boxes["layer"] + drawn.boxes["in"] + drawn.boxes["out"]
    assert not any(a.overlaps(b) for at, a in enumerate(boxes) for b in boxes[:at])
    for frame in drawn.boxes["frame"]:
        others = [*boxes, *(each for each in drawn.boxes["frame"] if each is not frame)]
        assert all(frame.holds(box) or box.holds(frame) for box in others if frame.overlaps(box))
    width, height = (float(drawn.root.get(name)) for name in ("width", "height"))
    assert all(b.x >= 0 and b.x + b.width <= width and b.y >= 0 and b.y + b.height <= height for b in boxes)


@pytest.mark.parametrize("net", CASES, ids=range(len(CASES)))
def test_every_layer_and_edge_is_drawn_once_and_boxes_do_not_overlap(net):
    check(net)


@FAST
@given(nets())
def test_random_nets_are_drawn_whole(net):
    check(net)
    tips = Drawing(net).tips()
    assert sum(tips.values()) == len(net.edges)
    ends = Counter((source, target) for source, target in net.edges)
    assert max(ends.values()) == 1 and all(count == 1 for count in tips.values())


def test_edges_of_a_graph_are_told_by_their_ends_and_shapes():
    assert Drawing(NetGraph(BLOCK, Input=5)).tips() == Counter(
        [
            "Input → conv.Input: 5",
            "conv.Output → ramp.Input: 5",
            "ramp.Output → sum.Input1: 5",
            "Input → sum.Input2: 5",
            "sum.Output → Output: 5",
        ]
    )


def test_each_value_is_labelled_with_its_shape_once():
    shapes = [each.text for each in Drawing(NetGraph(BLOCK, Input=5)).texts("shape")]
    assert shapes == ["5", "5", "5", "5"]  # of Input, conv, ramp and sum; Input goes two ways


def test_shapes_stand_beside_lines_and_unknown_sizes_are_question_marks():
    net = NetChain([ConvolutionLayer(3, (2, 5)), FlattenLayer()])
    assert [each.text for each in Drawing(net).texts("shape")] == ["?×?×?", "3×?×?", "?"]
    assert "Output: ?" in [each.text for each in Drawing(net).texts("name")]


def test_a_summary_shows_a_net_inside_as_one_box_and_a_full_one_as_a_frame():
    short, full = Drawing(NESTED), Drawing(NESTED, full=True)
    assert [box.tip for box in short.boxes["layer"]] == [
        "net/stem: LinearLayer(5)",
        "net/block: NetGraph",
        "net/head: NetChain",
    ]
    assert "NetGraph, 3 layers" in [each.text for each in short.texts("name")] and not short.boxes["frame"]
    assert [each.text for each in full.texts("title")] == ["block: NetGraph", "head: NetChain"]
    block = next(frame for frame in full.boxes["frame"] if frame.tip == "net/block: NetGraph")
    inside = [box.tip for box in full.boxes["layer"] if block.holds(box)]
    assert sorted(inside) == [
        "net/block/conv: LinearLayer(5)", 'net/block/ramp: ElementwiseLayer("Ramp")', 'net/block/sum: ThreadingLayer("Plus")'
    ]  # fmt: skip


def test_what_comes_first_stands_above():
    boxes = {box.tip.split(":")[0].split("/")[-1]: box for box in Drawing(DENSE).boxes["layer"]}
    assert boxes["a"].y < boxes["b"].y < boxes["c"].y < boxes["join"].y < boxes["rnn"].y < boxes["r2"].y


def test_lines_bend_between_rows_only_and_so_cross_no_box():
    drawn = Drawing(DENSE)
    boxes = drawn.boxes["layer"] + drawn.boxes["in"] + drawn.boxes["out"]
    for edge in drawn.edges:
        numbers = [float(n) for n in re.findall(r"[\d.]+", edge.get("d"))]
        points = list(zip(numbers[::2], numbers[1::2], strict=True))
        for box in boxes:  # strictly inside: ends touch the sides
            assert not any(
                box.x < x < box.x + box.width and box.y + 0.1 < y < box.y + box.height - 0.1 for x, y in points
            )


@pytest.mark.parametrize("net", CASES, ids=range(len(CASES)))
def test_text_fits_into_its_box(net):
    drawn = Drawing(net, full=True)
    boxes = drawn.boxes["layer"] + drawn.boxes["in"] + drawn.boxes["out"]
    for said in drawn.texts("name"):
        x, y, size = float(said.get("x")), float(said.get("y")), float(said.get("font-size"))
        box = next(each for each in boxes if each.x <= x <= each.x + each.width and each.y <= y <= each.y + each.height)
        half = measured(said.text, size) / 2
        assert box.x <= x - half and x + half <= box.x + box.width, said.text
        assert box.y <= y - 0.75 * size and y + 0.25 * size <= box.y + box.height


def measured(text, size):
    """The width of a text in a font that Pillow brings along; letters that it lacks are left out."""
    font = ImageFont.load_default(size=100)
    return font.getlength("".join(letter for letter in text if letter < "\u0250")) * size / 100


def test_names_are_escaped_and_the_file_is_well_formed():
    drawn = Drawing(EVIL)
    names = [each.text for each in drawn.texts("name")]
    assert "<b>&\"'" in names and "<b>" not in drawn.text
    assert not any(ord(letter) < 32 for letter in drawn.text)


def test_ports_are_small_boxes_with_their_coders():
    drawn = Drawing(CODED)
    names = [each.text for each in drawn.texts("name")]
    assert {"Input", 'NetEncoder("Class")', "Output: 3", 'NetDecoder("Class")'} <= set(names)
    assert drawn.boxes["in"][0].height < drawn.boxes["layer"][0].height


def test_a_picture_shows_in_a_notebook_and_saves_to_a_file(tmp_path):
    picture = Information(NESTED, "SummaryGraphic")
    assert picture._repr_svg_() == str(picture) == str(Information(NESTED, "SummaryGraphic"))
    file = picture.save(tmp_path / "net.svg")
    assert file.read_text(encoding="utf-8") == str(picture) and [each.name for each in tmp_path.iterdir()] == [
        "net.svg"
    ]
    assert (
        repr(Information(NetChain([Ramp]), "FullSummaryGraphic"))
        == 'Picture(NetChain([ElementwiseLayer("Ramp")]), full=True)'
    )


def test_a_picture_is_saved_as_svg_in_a_folder_that_exists(tmp_path):
    picture = Information(NESTED, "SummaryGraphic")
    with pytest.raises(NetError) as e:
        picture.save("net.png")
    assert str(e.value) == "a picture is saved as SVG, not as 'net.png'\n  hint: write save(\"net.svg\")"
    with pytest.raises(NetError) as e:
        picture.save(tmp_path / "none" / "net.svg")
    assert str(e.value) == (
        f"{tmp_path / 'none' / 'net.svg'} cannot be saved: No such file or directory\n  hint: name a folder that exists"
    )


def test_a_thousand_layers_take_less_than_a_second():
    chain = NetChain([LinearLayer(3)] * 1000, Input=3)
    deep = NetChain([NetChain([LinearLayer(3)] * 10)] * 100, Input=3)
    keys = [f"l{k}" for k in range(998)]
    skips = NetGraph(
        {**dict.fromkeys(keys, LinearLayer(3)), "join": CatenateLayer(), "end": 2},
        [tuple(keys), (tuple(keys[::20]), "join", "end")],
        Input=3,
    )
    for net in (chain, deep, skips):
        started = time.process_time()
        drawn = Drawing(net, full=True)
        assert time.process_time() - started < 1
        assert len(drawn.boxes["layer"]) == 1000


def test_every_layer_has_a_family_and_every_family_a_colour():
    heads = [each for each in vars(wlnet).values() if isinstance(each, type) and issubclass(each, Layer)]
    modules = {head.__module__.split(".")[-1] for head in heads if head.__module__.startswith("wlnet.layers")}
    assert modules <= FAMILIES.keys() and set(FAMILIES.values()) | {"net"} == set(COLOURS)
    assert family(ElementwiseLayer("Ramp")) == "elementwise" and family(ConvolutionLayer(3, 2)) == "convolution"


@pytest.mark.parametrize("fill", [fill for fill, _ in COLOURS.values()])
def test_letters_can_be_read_on_every_filling(fill):
    assert contrast(fill, "#1b1f24") > 7


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
def test_what_stands_on_the_page_can_be_seen_on_light_and_dark(page):
    assert contrast("#7c838c", page) > 3 and all(contrast(edge, page) > 2 for _, edge in COLOURS.values())


def contrast(one, other):
    """The contrast of two colours as WCAG defines it."""

    def luminance(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_long_names_are_cut():
    assert cut("abcdefgh", 5) == "abcd…" and cut("abc", 3) == "abc" and cut("a\nb", 5) == "a b"
    assert text_width("mm", 10) > text_width("ii", 10)


def test_a_full_picture_of_an_operator_shows_what_goes_into_each_net_and_what_each_gives():
    operator = NetBidirectionalOperator(LongShortTermMemoryLayer(3))
    drawn = Drawing(NetChain([operator], Input=("Varying", 2)), full=True)
    ends = {edge.split(":")[0] for edge in drawn.tips()}
    assert ends == {
        "Input → 1.Input",
        "1.Output → Output",
        "Input → ForwardNet.Input",
        "Input → BackwardNet.Input",
        "ForwardState → ForwardNet.State",
        "ForwardCellState → ForwardNet.CellState",
        "BackwardState → BackwardNet.State",
        "BackwardCellState → BackwardNet.CellState",
        "ForwardNet.Output → Output",
        "BackwardNet.Output → Output",
    }
    check_places(drawn)
    mapped = Drawing(NetMapOperator(NetChain([3, Ramp]), Input=("Varying", 2)), full=True)
    assert [box.tip for box in mapped.boxes["frame"]] == ["net: NetMapOperator", "net/Net: NetChain"]
    assert len(mapped.boxes["layer"]) == 2 and len(mapped.edges) == 2 + 2 + 3
