"""How nets look: the whole text of small tables, their width, and HTML that escapes."""

import io
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from rich.console import Console

import wlnet.display  # noqa: F401 - registers how nets are shown
from tests.examples import example
from tests.operators import Blend, Shared, Wrapped
from wlnet import (
    ElementwiseLayer,
    LinearLayer,
    NetChain,
    NetGraph,
    NetInitialize,
    NetPort,
    SoftmaxLayer,
    ThreadingLayer,
)
from wlnet.core.symbols import Restricted
from wlnet.display.html import html_table
from wlnet.display.summary import size_text
from wlnet.display.text import measure, table
from wlnet.verbs.information import Information

CHAIN = """\
NetChain: 4 layers, 4 arrays, 243 elements, 972 bytes, not initialised

  in   Input   4
  out  Output  3

  Layer  Definition                Output  Arrays                   Elements
  ──────────────────────────────────────────────────────────────────────────
  1      LinearLayer(30)           30      Weights 30×4, Biases 30       150
  2      ElementwiseLayer("Ramp")  30
  3      LinearLayer(3)            3       Weights 3×30, Biases 3         93
  4      SoftmaxLayer()            3
  ──────────────────────────────────────────────────────────────────────────
  total                                                                  243"""

GRAPH = """\
NetGraph: 5 layers, 6 arrays, ? elements, not initialised

  in   Input   ?
  in   Extra   2
  out  Output  2

  Layer  Definition                Output  Arrays                 Elements
  ────────────────────────────────────────────────────────────────────────
  a      LinearLayer(2)            2       Weights 2×?, Biases 2         ?
  b      NetChain                  2
    1    LinearLayer(3)            3       Weights 3×2, Biases 3         9
    2    ElementwiseLayer("Tanh")  3
    3    LinearLayer(2)            2       Weights 2×3, Biases 2         8
  sum    ThreadingLayer("Plus")    2
  ────────────────────────────────────────────────────────────────────────
  total                                                                  ?

  Edges
    Input → a
    a → b
    a, b, Extra → sum
    sum → Output"""


def graph():
    layers = {"a": 2, "b": NetChain([3, "Tanh", 2]), "sum": ThreadingLayer("Plus")}
    return NetGraph(layers, [("a", "b"), (("a", "b", NetPort("Extra")), "sum")], Extra=2)


def test_a_chain_as_text():
    net = NetChain([30, "Ramp", 3, SoftmaxLayer()], Input=4)
    assert str(Information(net)) == CHAIN == table(net)
    assert table(NetInitialize(net)) == CHAIN.replace("not initialised", "initialised")


def test_a_graph_as_text():
    assert str(Information(graph())) == GRAPH


def test_a_bare_layer_as_text():
    assert table(LinearLayer(3, Biases=example(3))) == (
        "LinearLayer: 2 arrays, ? elements, 1 of 2 initialised\n"
        "\n"
        "  in   Input   ?\n"
        "  out  Output  3\n"
        "\n"
        "  Layer  Definition      Output  Arrays                 Elements\n"
        "  ──────────────────────────────────────────────────────────────\n"
        "         LinearLayer(3)  3       Weights 3×?, Biases 3         ?\n"
        "  ──────────────────────────────────────────────────────────────\n"
        "  total                                                        ?"
    )


def test_types_states_operators_and_shared_arrays_are_told():
    weights = Shared("w", example(3, 3))
    net = NetChain(
        [LinearLayer(3, Weights=weights), Wrapped(LinearLayer(3, Weights=weights, Biases=None)), Blend()], Input=3
    )
    lines = table(net).splitlines()
    assert lines[0] == "NetChain: 3 layers, 4 arrays, 18 elements, 72 bytes, 1 of 4 initialised"
    assert lines[7:11] == [
        "  1      LinearLayer(3)  3       Weights 3×3 shared as w, Biases 3        12",
        "  2      Wrapped()       3",
        "    Net  LinearLayer(3)  3       Weights 3×3 shared as w",
        "  3      Blend()         3       Scaling 3, Mean 3                         6",
    ]
    assert "  state  State   ?" in table(Blend()).splitlines()
    whole = ElementwiseLayer("Ramp", Input=("Varying", Restricted("Integer", 7)))
    assert table(whole).splitlines()[2] == "  in   Input   Varying integers up to 7"


def test_a_state_an_inner_graph_and_a_port_that_has_a_layer_s_name_in_edges():
    edges = [(NetPort("one"), "one", "two"), ("one", NetPort("two", "State"))]
    net = NetChain({"deep": NetGraph({"one": LinearLayer(3), "two": Blend()}, edges)})
    assert table(net).split("Edges\n")[1].splitlines() == [
        '    deep: NetPort("one") → one',
        "    deep: one → two",
        "    deep: one → two.State",
        "    deep: two → Output",
    ]


@pytest.mark.parametrize("width", [50, 72, 100])
def test_no_line_is_wider_than_the_terminal(width):
    names = {f"a layer with a long name, {k}": LinearLayer(10**k) for k in (5, 6)}
    net = NetGraph({**names, "宽": ElementwiseLayer(lambda x: x**2 + 3 * x - x**3 / 7 + 5 * x**4)}, [(*names, "宽")])
    lines = table(net, width).splitlines()
    assert max(map(measure, lines)) <= width
    assert any("…" in line for line in lines)
    assert "1,000,001,000,000" not in table(net) and "100,001,000,000" in table(net)


def test_many_arrays_take_several_lines():
    lines = table(NetChain([LinearLayer(10**6, Input=10**6)]), 80).splitlines()
    at = next(k for k, line in enumerate(lines) if "Weights" in line)
    assert lines[at].split()[-2:] == ["1000000×1000000,", "1,000,001,000,000"]
    assert lines[at + 1].split() == ["Biases", "1000000"]


@pytest.mark.parametrize(
    "size, text",
    [
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (13_416_000, "13.4 MB"),
        (999_600, "1.0 MB"),
        (5e11, "500 GB"),
    ],
)
def test_sizes_are_small_numbers(size, text):
    assert size_text(size) == text


class Cells(HTMLParser):
    """The texts of a page, and its tags with their nesting checked."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts, self.tags = [], [], []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_html_says_the_same_and_escapes():
    net = NetGraph({"<b>&": LinearLayer(2), 'x"y': ElementwiseLayer("Ramp")}, [("<b>&", 'x"y')], Input=3)
    page = Cells(html_table(net))
    assert page.tags.count("b") == 1
    assert "<b>&" in page.texts and '<b>& → x"y' in page.texts and "Weights 2×3, Biases 2" in page.texts
    assert 'ElementwiseLayer("Ramp")' in page.texts and page.texts[-1] == 'x"y → Output'
    assert net._repr_html_() == Information(net)._repr_html_() == html_table(net)


def test_rich_says_the_same():
    file = io.StringIO()
    Console(file=file, width=100).print(Information(graph()))
    said = [line.rstrip() for line in file.getvalue().splitlines()]
    for line in GRAPH.splitlines():
        words = line.replace("─", "").split()
        assert words in [each.split() for each in said], line
    assert "[bold]" not in file.getvalue()


def test_markup_in_names_is_no_markup():
    file = io.StringIO()
    Console(file=file, width=100).print(Information(NetChain({"[red]": 2})))
    assert "[red]" in file.getvalue()


def test_rich_is_not_imported_before_it_is_needed():
    code = (
        "import sys, wlnet, wlnet.display; from wlnet.verbs.information import Information; "
        "str(Information(wlnet.LinearLayer(3))); assert 'rich' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
