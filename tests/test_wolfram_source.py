"""Wolfram Language text: what it stands for, what is skipped, what is refused and where."""

import inspect
import warnings

import numpy as np
import pytest

from tests import mutations
from tests.test_laws import CASES
from tests.wolfram_programs import PROGRAMS
from tests.wolfram_snippets import SNIPPETS
from wlnet import (
    ElementwiseLayer,
    Export,
    FlattenLayer,
    FromWolfram,
    Import,
    Information,
    LinearLayer,
    NetArray,
    NetChain,
    NetEncoder,
    NetError,
    NetInitialize,
    NetWarning,
    Ramp,
    Tanh,
)


@pytest.fixture(autouse=True)
def no_warnings():
    """A text that is understood warns of nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", NetWarning)
        yield


def error_of(call, *arguments, **options):
    """The full text of the NetError that a call raises."""
    with pytest.raises(NetError) as error:
        call(*arguments, **options)
    return str(error.value)


# --- what texts stand for


@pytest.mark.parametrize("shows", SNIPPETS)
def test_a_snippet_is_the_net_that_python_builds(shows):
    text, expected = SNIPPETS[shows]
    assert FromWolfram(text) == expected


@pytest.mark.parametrize("shows", PROGRAMS)
def test_a_definition_is_a_function_of_its_arguments(shows):
    text, name, calls = PROGRAMS[shows]
    function = FromWolfram(text)[name]
    for arguments, options, expected in calls:
        assert function(*arguments, **options) == expected


def test_there_are_fifty_snippets():
    assert len(SNIPPETS) + len(PROGRAMS) >= 50


def test_a_function_shows_its_arguments_defaults_and_options():
    found = FromWolfram('Options[f] = {"Depth" -> 2};\nf[n_, p_: 0.5, opts : OptionsPattern[]] := LinearLayer[n]')
    assert str(inspect.signature(found["f"])) == "(n, p=0.5, *, Depth=2, **options)"


def test_a_text_whose_value_is_one_net_gives_it_and_otherwise_a_dict_by_name():
    assert FromWolfram("a = LinearLayer[3]; NetChain[{a, Ramp}]") == NetChain([3, Ramp])
    assert FromWolfram("net = LinearLayer[3]") == LinearLayer(3)
    assert FromWolfram("a = LinearLayer[3]\nb = LinearLayer[5]") == {"a": LinearLayer(3), "b": LinearLayer(5)}
    assert FromWolfram("n = 3; net = NetChain[{n}];") == {"net": NetChain([3])}
    assert list(FromWolfram("f[n_] := LinearLayer[n]\nnet = f[3];")) == ["f", "net"]
    assert FromWolfram("{a, b} = {LinearLayer[3], 5}; a;") == {"a": LinearLayer(3)}


def test_a_pure_function_with_a_name_and_collections_of_nets():
    assert FromWolfram("wide = NetChain[{#1, #2}] &")["wide"](3, 5) == NetChain([3, 5])
    assert FromWolfram('<|"a" -> LinearLayer[3], "b" -> LinearLayer[5]|>') == {"a": LinearLayer(3), "b": LinearLayer(5)}
    assert FromWolfram("{LinearLayer[3], LinearLayer[5]}") == {1: LinearLayer(3), 2: LinearLayer(5)}


def test_delayed_rules_and_delayed_values():
    assert FromWolfram("NetReplace[NetChain[{3, Ramp}], _ElementwiseLayer :> Tanh]") == NetChain([3, Tanh])
    assert FromWolfram("net := NetChain[{n}]; n = 3;") == {"net": NetChain([3])}


def test_the_colour_space_of_an_image_encoder_may_come_third():
    net = FromWolfram('NetChain[{FlattenLayer[]}, "Input" -> NetEncoder[{"Image", {28, 28}, "Grayscale"}]]')
    assert net == NetChain([FlattenLayer()], Input=NetEncoder("Image", (28, 28), ColorSpace="Grayscale"))


def test_a_net_applied_to_data_is_skipped():
    with pytest.warns(NetWarning) as found:
        assert FromWolfram("net = LinearLayer[3];\nnet[{1, 2}]") == {"net": LinearLayer(3)}
    assert str(found[0].message) == (
        "1 statement of the text was skipped\n  line 2, column 1: a net is applied to data, which a text that is read "
        "does not do"
    )


def test_nothing_of_python_can_be_reached():
    for text in [
        '__import__["os"]',
        'Symbol["os"]',
        'ToExpression["1"]',
        'Get["/etc/passwd"]',
        'Import["/etc/passwd"]',
    ]:
        assert "the text holds no net" in error_of(FromWolfram, text)


def test_net_initialize_and_postfix_application_give_arrays():
    net = FromWolfram('NetChain[{3, Ramp}, "Input" -> 2] // NetInitialize')
    assert net[1, "Weights"].shape == (3, 2)


def test_the_stored_association_form_in_text_is_the_net():
    text = """NetChain[<|"Type" -> "Chain", "Nodes" -> <|"1" -> <|"Type" -> "Elementwise", "Arrays" -> <||>,
      "Parameters" -> <|"Function" -> ValidatedParameter[Tanh]|>, "Inputs" -> <|"Input" -> TensorT[{3}, RealT]|>,
      "Outputs" -> <|"Output" -> TensorT[{3}, RealT]|>|>|>, "Edges" -> {NetPath["Nodes", "1", "Inputs", "Input"] ->
      NetPath["Inputs", "Input"], NetPath["Outputs", "Output"] -> NetPath["Nodes", "1", "Outputs", "Output"]},
      "Inputs" -> <|"Input" -> TensorT[{3}, RealT]|>, "Outputs" -> <|"Output" -> TensorT[{3}, RealT]|>|>,
      <|"Version" -> "11.3.0"|>]"""
    net = FromWolfram(text)
    assert net([0.0, 1.0, -1.0]).tolist() == pytest.approx(np.tanh([0, 1, -1]).tolist(), rel=1e-6)
    assert FromWolfram(f"stored = {text};\nNetChain[{{stored}}]") == NetChain([net])


# --- notebooks

NOTEBOOK = r"""(* Content-type: application/vnd.wolfram.mathematica *)
(*** Wolfram Notebook File ***)
Notebook[{
Cell["A net", "Title"],
Cell[CellGroupData[{
 Cell[BoxData[RowBox[{RowBox[{"net", "=", RowBox[{"NetChain", "[",
   RowBox[{RowBox[{"{", RowBox[{"3", ",", " ", "Ramp", ",", RowBox[{"ElementwiseLayer", "[",
   RowBox[{SuperscriptBox["#", "2"], "&"}], "]"}]}], "}"}], ",", "\[IndentingNewLine]",
   RowBox[{"\"\<Input\>\"", "\[Rule]", "4"}]}], "]"}]}], ";"}]], "Input", CellLabel->"In[1]:="],
 Cell["wide = LinearLayer[n = 5];", "Input"],
 Cell[BoxData[GraphicsBox[{}]], "Output"]
 }, Open]],
Cell[BoxData[RowBox[{"f", "[", "x_", "]", ":=", FractionBox["x", "2"]}]], "Input"]
}, WindowSize->{700, 500}]
"""


def test_a_notebook_is_read_by_its_input_cells(tmp_path):
    file = tmp_path / "net.nb"
    file.write_text(NOTEBOOK, "utf-8")
    expected = {"net": NetChain([3, Ramp, ElementwiseLayer(lambda x: x**2)], Input=4), "wide": LinearLayer(5)}
    assert Import(file) == expected
    assert FromWolfram(NOTEBOOK) == expected


def test_the_stored_association_form_in_a_notebook_cell_is_the_net():
    tree = (
        'NetChain[<|"Type" -> "Chain", "Nodes" -> <||>, "Edges" -> {NetPath["Outputs", "Output"] -> NetPath["Inputs", '
        '"Input"]}, "Inputs" -> <|"Input" -> TensorT[{3}, RealT]|>, "Outputs" -> <|"Output" -> TensorT[{3}, RealT]|>|>, '
        '<|"Version" -> "13.0.0"|>]'
    )
    box = f'InterpretationBox[RowBox[{{"NetChain", "[", "]"}}], {tree}]'
    held = FromWolfram(f'Notebook[{{Cell[BoxData[RowBox[{{"net", "=", {box}}}]], "Input"]}}]')
    assert held == NetChain([], Input=3)
    assert FromWolfram(f'Notebook[{{Cell[BoxData[{box}], "Output"]}}]') == NetChain([], Input=3)


def test_a_notebook_without_input_cells_is_refused():
    assert error_of(FromWolfram, 'Notebook[{Cell["Words", "Text"]}]') == "the notebook has no input cell"


# --- what is skipped


def test_statements_about_other_things_are_listed_in_one_warning():
    text = """data = RandomReal[1, {100, 5}];
net = NetChain[{5, Ramp}];
big = NetChain[{hidden, Ramp}];
trained = NetTrain[net, data];
wrong = LinearLayer[-3]"""
    with pytest.warns(NetWarning) as found:
        assert FromWolfram(text) == {"net": NetChain([5, Ramp])}
    assert [str(each.message) for each in found] == [
        "4 statements of the text were skipped\n"
        "  line 1, column 8: RandomReal has no value here\n"
        "  line 3, column 17: hidden has no value here\n"
        "  line 4, column 11: NetTrain has no value here\n"
        "  line 5, column 1: LinearLayer: n must be a positive whole number, a tuple of them, or Automatic, got -3"
    ]


def test_helpers_that_make_no_net_are_no_part_of_the_result():
    assert set(FromWolfram('double[n_] := 2 n\nname = "a"\nnet = NetChain[{double[3]}];')) == {"net"}


# --- errors

REFUSED = [
    ("NetChain[{3, Ramp}", "line 1, column 9: this [ is not closed\n    NetChain[{3, Ramp}\n            ^\n  hint: close it with ]"),
    ("a = 1\nNetChain[{3, Ramp)]", "line 2, column 18: expected }, or an operator\n    NetChain[{3, Ramp)]\n                     ^"),
    ('x = "abc', 'line 1, column 5: this string does not end\n    x = "abc\n        ^\n  hint: close it with "'),
    ("(* a (* b *)\nNetChain[{}]", "line 1, column 1: this comment does not end\n    (* a (* b *)\n    ^\n  hint: close it with *)"),
    ("net = ", "line 1, column 7: an expression is missing at the end\n    net = \n          ^"),
    ("net = * 3", "line 1, column 7: an expression is missing before this\n    net = * 3\n          ^"),
    ("f[3]]", "line 1, column 5: expected an operator or a new line\n    f[3]]\n        ^"),
    ("{3,}", "line 1, column 4: an expression is missing before }\n    {3,}\n       ^"),
    ("x = \\[Wolf]", "line 1, column 5: the character \\[Wolf] is not known\n    x = \\[Wolf]\n        ^"),
    ("x = 3 § 4", "line 1, column 7: '§' means nothing here\n    x = 3 § 4\n          ^"),
    ("1*^99999", "line 1, column 1: this is no number\n    1*^99999\n    ^"),
    ("9" * 2001, f"line 1, column 1: this number has too many digits\n    {'9' * 110}\n    ^"),
    ("{" * 200, f"line 1, column 101: expressions nest deeper than 100\n    {'{' * 110}"[:60]),
    ("(1, 2)", "line 1, column 1: ( ) holds one expression\n    (1, 2)\n    ^"),
    ("2 + 3", "the text holds no net, and no definition that makes one"),
    ("NetChain[{n}]", "the text holds no net, and no definition that makes one\n  line 1, column 11: n has no value here"),
    ("", "the text holds no net, and no definition that makes one"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[text[:20] for text, _ in REFUSED])
def test_damaged_text_gives_a_line_a_column_and_a_caret(text, message):
    assert error_of(FromWolfram, text).startswith(message)


@pytest.mark.parametrize(("text", "message"), REFUSED[:5], ids=[text[:20] for text, _ in REFUSED[:5]])
def test_the_whole_text_of_the_error(text, message):
    assert error_of(FromWolfram, text) == message


def test_what_is_no_text_is_refused():
    assert error_of(FromWolfram, 3) == "FromWolfram takes a text, got 3\n  hint: Import reads files"


def test_calls_of_definitions_that_do_not_fit_are_refused():
    found = FromWolfram("f[n_Integer] := LinearLayer[n]\ng[n_] := LinearLayer[m]")
    assert error_of(found["f"]) == "f(n): missing a required argument: 'n'"
    assert error_of(found["f"], "a") == 'no definition of f takes ("a")'
    assert error_of(found["g"], 3) == "g needs a value of m, which the text does not give"


ENDLESS = [
    "f[n_] := f[n + 1]; f[1]",
    "While[True, 1]",
    "x = 2; Do[x = x^2, {k, 99}]; x",
    "Range[10^9]",
    "Nest[{#, #} &, 1, 40] // Flatten",
    's = "ab"; Do[s = s <> s, {k, 99}]',
    "a := b; b := a; a",
    'NetInitialize[LinearLayer[10^9, "Input" -> 10^9]]',
]


@pytest.mark.parametrize("text", ENDLESS)
def test_a_text_without_end_ends_with_an_error(text):
    assert error_of(FromWolfram, text).startswith("the text holds no net, and no definition that makes one\n  line 1")


def test_ten_thousand_mutations_give_an_error_or_a_net(tmp_path):
    texts = [text for text, _ in SNIPPETS.values()] + [text for text, *_ in PROGRAMS.values()] + [NOTEBOOK]

    def attempt(text):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = FromWolfram(text)
            assert found is not None

    well, tried = mutations.stands(attempt, mutations.text_of(texts, 10_000), tmp_path, whole=texts[0])
    assert tried == 10_000 and well > 100


# --- writing

NOT_WRITTEN = {"CompiledLayer"}
"""Layers that Wolfram has not."""


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_every_net_goes_to_input_form_and_back(case):
    if type(case.net).__name__ in NOT_WRITTEN:
        name = type(case.net).__name__
        assert error_of(Information, case.net, "InputForm").startswith(
            f"{name} is not a layer of Wolfram's, so there is"
        )
        return
    assert FromWolfram(Information(case.net, "InputForm")) == case.net


@pytest.mark.parametrize("case", [case for case in CASES if type(case.net).__name__ not in NOT_WRITTEN], ids=repr)
def test_every_net_with_its_arrays_goes_to_input_form_and_back(case):
    try:
        net = NetInitialize(case.net, RandomSeeding=3)
    except NetError as error:
        assert "Shape" in str(error) or "shape" in str(error) or "size" in str(error)
        return
    assert FromWolfram(Information(net, "InputForm")) == net


def test_large_arrays_keep_their_bits(tmp_path):
    net = NetInitialize(NetChain([LinearLayer(31), Tanh], Input=29), RandomSeeding=1)
    file = Export(tmp_path / "net.wl", net)
    assert Import(file) == net
    assert 'Uncompress["1:' in file.read_text("utf-8")
    odd = LinearLayer(3, Biases=np.array([np.inf, -0.0, 1e-45], np.float32))
    assert FromWolfram(Information(odd, "InputForm")) == odd


def test_coders_shared_arrays_and_rates_are_written():
    net = NetChain(
        {"a": LinearLayer(3, Weights=NetArray("w")), "b": LinearLayer(3, Weights=NetArray("w"))},
        Input=NetEncoder("Class", ["x", 'say "y"', 3], "IndicatorVector"),
        LearningRateMultipliers={("a", "Biases"): 0, "_": None},
    )
    text = Information(net, "InputForm")
    assert text == (
        'NetChain[<|"a" -> LinearLayer[3, "Weights" -> NetArray["w"]], "b" -> LinearLayer[3, "Weights" -> NetArray["w"]]'
        '|>, "LearningRateMultipliers" -> {{"a", "Biases"} -> 0, _ -> None}, "Input" -> NetEncoder[{"Class", {"x", '
        '"say \\"y\\"", 3}, "IndicatorVector"}]]'
    )
    assert FromWolfram(text) == net


def test_functions_of_python_are_not_written():
    net = NetChain([3], Input=NetEncoder("Function", len, 2))
    assert error_of(Information, net, "InputForm") == (
        "net/Input: len is a Python function, which Wolfram text does not hold\n  hint: write "
        "functions with NumPy's and wlnet's names so that they are recorded, or detach the coder with "
        "NetReplacePart(net, {port: None})"
    )


def test_several_nets_of_one_file_are_elements_by_name(tmp_path):
    file = tmp_path / "nets.m"
    file.write_text("a = LinearLayer[3];\nb = LinearLayer[5];", "utf-8")
    assert Import(file) == {"a": LinearLayer(3), "b": LinearLayer(5)}
    assert Import(file, "UninitializedNet") == {"a": LinearLayer(3), "b": LinearLayer(5)}
    assert Import(file, "ArrayAssociation") == {"a": {}, "b": {}}


def test_initialize_all_in_a_text():
    assert FromWolfram('NetInitialize[LinearLayer[2, "Input" -> 3, "Biases" -> {5, 7}], All]')["Biases"].tolist() != [
        5,
        7,
    ]
