"""The tree in which Wolfram keeps nets: what versions wrote differently, by hand, and everything that may stand in it."""

import base64
import warnings
import zlib
from fractions import Fraction

import numpy as np
import pytest

from tests import mutations
from tests.examples import assert_close, example
from tests.test_laws import CASES
from wlnet import (
    AggregationLayer,
    BatchNormalizationLayer,
    ConvolutionLayer,
    ElementwiseLayer,
    Export,
    FlattenLayer,
    FunctionLayer,
    Import,
    LinearLayer,
    NetArray,
    NetArrayLayer,
    NetChain,
    NetDecoder,
    NetError,
    NetGraph,
    NetMapOperator,
    NetPort,
    NetWarning,
    NormalizationLayer,
    PartLayer,
    SoftmaxLayer,
    ThreadingLayer,
)
from wlnet.core.dims import Length
from wlnet.core.symbols import Symbol
from wlnet.formats.wolfram.compress import compressed, expanded
from wlnet.formats.wolfram.expressions import Call, association, call, listed, pairs_of, rule
from wlnet.formats.wolfram.scalar_functions import recorded
from wlnet.formats.wolfram.tree import is_stored_form, read_tree, stored_form, tree_of

REAL, INFINITY = Symbol("RealT"), call("DirectedInfinity", 1)


def tensor(*dims, of=REAL):
    return call("TensorT", listed(dims), of)


def layer(kind, parameters=(), arrays=(), inner=None, outer=None):
    parts = {
        "Type": kind,
        "Arrays": association(dict(arrays).items()),
        "Parameters": association(dict(parameters).items()),
    }
    if inner is not None:
        parts["Inputs"] = association(inner.items() if isinstance(inner, dict) else [("Input", inner)])
    if outer is not None:
        parts["Outputs"] = association([("Output", outer)])
    return association(parts.items())


def path(*parts):
    return call("NetPath", *parts)


def slot(k=1):
    return call("Slot", k)


# --- drift: a test a row of the reference's table -----------------------------------------------------------------------


def test_batch_normalization_arrays_gamma_beta_are_scaling_biases():
    arrays = {name: abs(example(3, seed=k)) for k, name in enumerate(("Gamma", "Beta", "MovingMean", "MovingVariance"))}
    parameters = {
        "Momentum": 0.9,
        "Epsilon": 0.001,
        "Interleaving": Symbol("False"),
        "Channels": 3,
        "$SpatialDimensions": listed([]),
    }
    net = read_tree(layer("BatchNormalization", parameters, arrays, tensor(3), tensor(3)))
    moving = {name: arrays[name] for name in ("MovingMean", "MovingVariance")}
    assert net == BatchNormalizationLayer(Scaling=arrays["Gamma"], Biases=arrays["Beta"], **moving, Input=3)


@pytest.mark.parametrize("padding", [listed([1, 2]), listed([listed([1, 1]), listed([2, 2])])], ids=["older", "newer"])
def test_convolution_padding_is_one_number_or_two_a_dimension(padding):
    parameters = {
        "OutputChannels": 2,
        "KernelSize": listed([3, 5]),
        "Stride": listed([2, 2]),
        "PaddingSize": padding,
        "Dilation": listed([1, 1]),
    }
    net = read_tree(layer("Convolution", parameters, {}, tensor(3, 7, 11)))
    same = ConvolutionLayer(2, (3, 5), Stride=2, PaddingSize=(1, 2), Input=(3, 7, 11))
    assert net.shapes == same.shapes and net.Stride == 2
    values = {"Weights": example(2, 3, 3, 5), "Biases": example(2)}
    given = ConvolutionLayer(2, (3, 5), Stride=2, PaddingSize=(1, 2), Input=(3, 7, 11), **values)
    read = read_tree(layer("Convolution", parameters, values, tensor(3, 7, 11)))
    assert_close(read(example(3, 7, 11)), given(example(3, 7, 11)))


def test_convolution_padding_that_is_equal_everywhere_is_one_number():
    parameters = {
        "OutputChannels": 2,
        "KernelSize": listed([3, 5]),
        "PaddingSize": listed([listed([1, 1]), listed([1, 1])]),
    }
    assert read_tree(layer("Convolution", parameters)) == ConvolutionLayer(2, (3, 5), PaddingSize=1)


@pytest.mark.parametrize(
    "channels, groups", [("$InputChannels", "$GroupNumber"), ("InputChannels", "ChannelGroups")], ids=["older", "newer"]
)
def test_convolution_input_channels_and_channel_groups(channels, groups):
    parameters = {
        "OutputChannels": 4,
        "KernelSize": listed([3]),
        channels: 2,
        groups: 2,
        "Dimensionality": 1,
        "Interleaving": Symbol("False"),
    }
    assert read_tree(layer("Convolution", parameters)) == ConvolutionLayer(4, (3,), ChannelGroups=2)


@pytest.mark.parametrize("name", ["Specification", "PartSpecification"], ids=["older", "newer"])
def test_part_specification(name):
    assert read_tree(layer("Part", {name: call("Span", 2, -1)}, {}, tensor(5))) == PartLayer("2;;-1", Input=5)


@pytest.mark.parametrize("softmax, flatten, aggregation", [((), (), ()), ({"Level": -1}, {"Level": INFINITY}, {"Levels": call("Span", 2, Symbol("All"))})], ids=["older", "newer"])  # fmt: skip
def test_softmax_level_flatten_level_and_aggregation_levels(softmax, flatten, aggregation):
    assert read_tree(layer("Softmax", softmax)) == SoftmaxLayer()
    assert read_tree(layer("Flatten", flatten)) == FlattenLayer()
    assert read_tree(layer("Aggregation", {"Function": Symbol("Mean"), **dict(aggregation)})) == AggregationLayer(
        "Mean"
    )


SELU = call(
    "ScalarFunctionObject", listed([call("ScalarSymbol", 1)]), call("ScalarSymbol", 2),
    association([(call("ScalarSymbol", 2), listed(["ScaledExponentialLinearUnit", call("ScalarSymbol", 1)]))]),
)  # fmt: skip
FUNCTIONS = {
    "older, ValidatedParameter[Ramp]": (call("ValidatedParameter", Symbol("Ramp")), "Ramp"),
    "older, a symbol": (Symbol("LogisticSigmoid"), "LogisticSigmoid"),
    "older, a name": ("ELU", "ELU"),
    "older, a long name": ("ScaledExponentialLinearUnit", "SELU"),
    "older, a pure function": (
        call("ValidatedParameter", call("Function", call("Plus", call("Power", slot(), 2), 1))),
        lambda x: x**2 + 1,
    ),
    "older, a pure function of a name": (
        call("Function", Symbol("t"), call("Times", Fraction(1, 2), call("Tanh", Symbol("t")))),
        lambda t: 0.5 * np.tanh(t),
    ),
    "older, a pure function of a head": (call("Function", call("Tanh", slot())), "Tanh"),
    "older, logic": (
        call("Function", call("If", call("Greater", slot(), 0), slot(), call("Times", 0.1, slot()))),
        lambda x: np.where(x > 0, x, 0.1 * x),
    ),
    "older, a named function inside": (call("Function", call("Times", 2, Call("ELU", (slot(),)))), None),
    "older, exponentials and Pi": (call("Function", call("Power", Symbol("E"), call("Times", Symbol("Pi"), slot()))), None),
    "older, Piecewise": (
        call("Function", call("Piecewise", listed([listed([slot(), call("Less", slot(), 1)])]), 5)),
        None,
    ),
    "newer, ScalarFunctionObject": (SELU, "SELU"),
}  # fmt: skip
VALUES = {
    "older, a named function inside": lambda x: 2 * np.where(x >= 0, x, np.expm1(np.minimum(x, 0))),
    "older, exponentials and Pi": lambda x: np.exp(np.pi * x),
    "older, Piecewise": lambda x: np.where(x < 1, x, 5),
}


@pytest.mark.parametrize("said", FUNCTIONS)
def test_elementwise_function(said):
    expression, function = FUNCTIONS[said]
    net = read_tree(layer("Elementwise", {"Function": expression, "$Dimensions": listed([3])}, {}, tensor(3)))
    x = np.array([-0.7, 0.2, 1.3], np.float32)
    if function is None:
        assert_close(net(x), VALUES[said](x).astype(np.float32))
    elif isinstance(function, str):
        assert net == ElementwiseLayer(function, Input=3)
    else:
        assert_close(net(x), ElementwiseLayer(function)(x))
    assert read_tree(stored_form(net)) == net


def test_function_layer_holds_the_traced_net():
    inner = layer("Elementwise", {"Function": call("ValidatedParameter", Symbol("Tanh"))}, {}, tensor(3), tensor(3))
    parameters = {
        "Function": Symbol("Tanh"),
        "Net": inner,
        "$InputNames": listed(["Input"]),
        "$OutputNames": listed(["Output"]),
    }
    net = read_tree(layer("Function", parameters, {}, tensor(3), tensor(3)))
    assert net == FunctionLayer(ElementwiseLayer("Tanh"), Input=3)
    assert_close(net(example(3)), np.tanh(example(3)))


def test_constant_array_is_net_array():
    assert read_tree(layer("ConstantArray", {}, {"Array": example(2, 3)})) == NetArrayLayer(Array=example(2, 3))
    bare = layer("ConstantArray", {}, {"Array": tensor(2, 3)}, {}, tensor(2, 3))
    assert read_tree(bare) == NetArrayLayer(Output=(2, 3))


def test_dense_dot_plus_is_linear():
    parameters = {"OutputDimensions": listed([2]), "$OutputSize": 2, "$InputSize": 3}
    arrays = {"Weights": example(2, 3), "Biases": example(2)}
    assert read_tree(layer("DotPlus", parameters, arrays, tensor(3))) == LinearLayer(2, **arrays, Input=3)


def test_instance_normalization_is_normalization():
    net = read_tree(layer("InstanceNormalization", {"Epsilon": 0.01}, {"Gamma": example(3), "Beta": example(3)}))
    assert net == NormalizationLayer(Epsilon=0.01, Scaling=example(3), Biases=example(3))


# --- arrays, types, coders ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", [Symbol("Automatic"), tensor(2, 3), call("Nullable", tensor(2, 3)), call("Placeholder", listed([2, 3]))], ids=str)  # fmt: skip
def test_a_slot_without_numbers_is_uninitialised(empty):
    net = read_tree(
        layer("Linear", {"OutputDimensions": listed([2])}, {"Weights": empty, "Biases": Symbol("None")}, tensor(3))
    )
    assert net == LinearLayer(2, Biases=None, Input=3) and net.shapes["Weights"] == (2, 3)


@pytest.mark.parametrize("said", ["packed", "raw", "numeric", "nested", "integers"])
def test_arrays_of_every_form_are_numbers(said):
    rows = listed([listed([1.0, 2.0]), listed([Fraction(1, 2) * 6 and 3.0, 4.0])])
    forms = {
        "packed": np.array([[1.0, 2], [3, 4]]),
        "raw": call("RawArray", "Real32", np.array([[1, 2], [3, 4]], np.float32)),
        "numeric": call("NumericArray", rows, "Real32"),
        "nested": rows,
        "integers": listed([listed([1, 2]), listed([3, 4])]),
    }
    net = read_tree(
        layer("Linear", {"OutputDimensions": listed([2])}, {"Weights": forms[said], "Biases": Symbol("None")})
    )
    assert net == LinearLayer(2, Weights=[[1, 2], [3, 4]], Biases=None)


@pytest.mark.parametrize(
    "kind, given",
    [
        (tensor(3, 5), (3, 5)),
        (tensor(), "Real"),
        (REAL, "Real"),
        (tensor(3, of=Symbol("AtomT")), 3),
        (tensor(3, of=tensor(5)), (3, 5)),
        (tensor(Symbol("SizeT"), 5), (None, 5)),
        (tensor(call("LengthVar", 7), 5), ("Varying", 5)),
        (tensor(call("LengthVar", "n"), 5), ("n", 5)),
        ("Real", "Real"),
        (listed([3, 5]), (3, 5)),
        ("Scalar", "Real"),
    ],
    ids=str,
)
def test_port_types(kind, given):
    given = (
        tuple(Symbol("Automatic") if each is None else each for each in given) if isinstance(given, tuple) else given
    )
    net = read_tree(
        layer("Softmax" if given != "Real" else "Elementwise", {} if given != "Real" else {"Function": "ELU"}, {}, kind)
    )
    same = SoftmaxLayer(Input=given) if given != "Real" else ElementwiseLayer("ELU", Input="Real")
    assert net.shapes == same.shapes and repr(net) == repr(same)


def test_integer_types():
    net = read_tree(
        layer("Embedding", {"OutputDimension": 3, "ClassCount": 5}, {}, tensor(7, of=call("IndexIntegerT", 5)))
    )
    assert repr(net) == 'EmbeddingLayer(3, 5, Input=(7, Restricted("Integer", 5)))'


def test_class_labels_of_any_expression_are_kept_as_their_text():
    labels = listed(["a", 2, call("Entity", "City", listed(["Ulm", "Germany"]))])
    decoder = call("NetDecoder", "Class", association([("Labels", labels), ("$Version", "13.0")]), tensor(3))
    net = read_tree(layer("Softmax", {}, {}, tensor(3), decoder))
    assert net == SoftmaxLayer(Input=3, Output=NetDecoder("Class", ["a", 2, 'Entity["City", {"Ulm", "Germany"}]']))


def test_a_coder_that_wlnet_has_not_is_left_out_with_a_warning():
    with pytest.warns(NetWarning) as warned:
        net = read_tree(layer("Softmax", {}, {}, call("NetEncoder", "Smell", association([]), tensor(3))))
    assert net == SoftmaxLayer(Input=3)
    assert str(warned[0].message) == "NetEncoder('Smell') is not a kind that wlnet has, and is left out"


def test_a_parameter_that_nobody_knows_is_left_out_with_a_warning():
    with pytest.warns(NetWarning) as warned:
        assert read_tree(layer("Softmax", {"Temperature": 2, "$Derived": 3})) == SoftmaxLayer()
    assert str(warned[0].message) == 'net: the parameter "Temperature" of Softmax is not known and left out'
    assert len(warned) == 1


# --- containers ------------------------------------------------------------------------------------------------------------


def graph(nodes, edges, inputs, outputs):
    parts = {"Type": "Graph", "Nodes": association(nodes), "Edges": listed(rule(*edge) for edge in edges)}
    return association((parts | {"Inputs": association(inputs), "Outputs": association(outputs)}).items())


def test_a_graph_with_its_edges_from_destination_to_source():
    tree = graph(
        [("a", layer("Linear", {"OutputDimensions": listed([3])}, {}, tensor(2), tensor(3))),
         ("+", layer("Threading", {"Function": call("ValidatedParameter", Symbol("Subtract"))}, {}, {"1": tensor(3), "2": tensor(3)}))],
        [(path("Nodes", "a", "Inputs", "Input"), path("Inputs", "X")),
         (path("Nodes", "+", "Inputs", "1"), path("Nodes", "a", "Outputs", "Output")),
         (path("Nodes", "+", "Inputs", "2"), path("Inputs", "Y")),
         (path("Outputs", "Z"), path("Nodes", "+", "Outputs", "Output"))],
        [("X", tensor(2)), ("Y", tensor(3))], [("Z", tensor(3))],
    )  # fmt: skip
    net = read_tree(tree)
    edges = [(NetPort("X"), "a"), ("a", NetPort("+", "1")), (NetPort("Y"), NetPort("+", "2")), ("+", NetPort("Z"))]
    minus = ThreadingLayer("Subtract", InputPorts=["1", "2"])
    assert net == NetGraph({"a": LinearLayer(3), "+": minus}, edges, X=2, Y=3)


def test_a_net_inside_an_operator_and_shapes_that_only_the_tree_says():
    inner = layer("Linear", {"OutputDimensions": listed([2])}, {}, tensor(3), tensor(2))
    net = read_tree(layer("NetMapOperator", {"Net": inner}, {}, tensor(call("LengthVar", 1), 3)))
    assert net == NetMapOperator(LinearLayer(2), Input=("Varying", 3))
    bare = graph([("w", layer("NetArray", {}, {"Array": Symbol("Automatic")}, {}, tensor(2, 3)))],
                 [(path("Outputs", "Output"), path("Nodes", "w", "Outputs", "Output"))], [], [("Output", tensor(2, 3))])  # fmt: skip
    assert read_tree(bare).shapes == {"Output": (2, 3)}


def test_sizes_of_the_tree_that_cannot_be_are_refused():
    inner = layer("Linear", {"OutputDimensions": listed([2])}, {}, tensor(3), tensor(5))
    with pytest.raises(NetError) as e:
        read_tree(inner)
    assert str(e.value) == "LinearLayer gives Output of shape 2, but Output is given as 5 (Input is 3, as given)"


def test_shared_arrays_by_name_and_by_number(tmp_path):
    net = NetChain(
        [LinearLayer(3, Weights=NetArray("w", Array=example(3, 3))), LinearLayer(3, Weights=NetArray("w"))], Input=3
    )
    tree, _ = tree_of(net)
    shared = dict(pairs_of(tree))["SharedArrays"]
    assert list(dict(pairs_of(shared))) == ["w"] and read_tree(tree) == net
    assert Import(Export(tmp_path / "net.wlnet", net)) == net


# --- the association form --------------------------------------------------------------------------------------------------


def test_the_association_form_of_a_net_is_the_call_of_its_head():
    form = stored_form(LinearLayer(2, Input=3))
    assert form.name == "LinearLayer" and dict(pairs_of(form.arguments[1]))["Version"] == "14.2.1"
    assert is_stored_form(form) and not is_stored_form(call("LinearLayer", 2)) and not is_stored_form(5)
    older = call("NetChain", graph([], [(path("Outputs", "Output"), path("Inputs", "Input"))], [("Input", tensor(3))], [("Output", tensor(3))]), association([("Version", "12.0.0")]))  # fmt: skip
    assert read_tree(older).shapes == {"Input": (3,), "Output": (3,)}


def open_dims(net):
    """Every shape, with lengths of any name as one word."""
    return {
        key: tuple("length" if isinstance(dim, Length) else str(dim) for dim in shape)
        for key, shape in net.plan.shapes.items()
        if shape is not None
    }


def test_every_net_of_the_laws_has_its_shapes_from_the_tree_alone():
    """What wlnet notes beside a tree only makes nets equal; a program that drops it loses nothing of the net."""
    tried = 0
    for case in CASES:
        try:
            tree, _ = tree_of(case.net)
        except NetError:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert open_dims(read_tree(tree)) == open_dims(case.net), case.net
        tried += 1
    assert tried == len(CASES) - 7


# --- errors ----------------------------------------------------------------------------------------------------------------

NODE = layer("Linear", {"OutputDimensions": listed([2])})
REFUSALS = {
    "no net": (5, "\"5\" is no net in its stored form"),
    "no association of parts": (association([("Type", 3)]), "a net does not say its type"),
    "an unknown layer": (layer("Telepathy"), "it holds a layer of type \"Telepathy\", which wlnet does not have\n  hint: wlnet knows the layers of docs/coverage.md"),
    "a layer near another": (layer("Convolutoin"), "it holds a layer of type \"Convolutoin\", which wlnet does not have\n  hint: did you mean Convolution?"),
    "a base of layers": (layer("Operator"), "it holds a layer of type \"Operator\", which wlnet does not have\n  hint: wlnet knows the layers of docs/coverage.md"),
    "parameters twice": (association([("Type", "Linear"), ("Parameters", association([("a", 1), ("a", 2)]))]), "its parameters have a name twice"),
    "no parameters": (association([("Type", "Linear"), ("Parameters", 3)]), "its parameters are no association"),
    "no edges": (association([("Type", "Chain"), ("Nodes", association([("1", NODE)]))]), "its edges are no rules of NetPaths"),
    "a chain that is none": (graph([("1", NODE), ("2", NODE)], [], [], []), None),
    "an edge to nowhere": (graph([("a", NODE)], [(path("Nodes", "b", "Inputs", "Input"), path("Inputs", "Input"))], [], []), "an edge names the layer \"b\", which is not there"),
    "an edge of no port": (graph([("a", NODE)], [(path("Nodes", "a"), path("Inputs", "Input"))], [], []), "its edges are no rules of NetPaths"),
    "a size of a port": (layer("Softmax", {}, {}, tensor(-3)), "a port has a level of size -3"),
    "a scalar function": (layer("Elementwise", {"Function": call("Foo", 1)}), "\"Foo[1]\" is no scalar function"),
    "a step of a function": (layer("Elementwise", {"Function": call("ScalarFunctionObject", listed([call("ScalarSymbol", 1)]), call("ScalarSymbol", 3), association([]))}), "a scalar function is damaged: it reads ScalarSymbol[3], which it does not have"),
    "a head": (layer("Elementwise", {"Function": Symbol("Frobnicate")}), "\"Frobnicate\" is no scalar function that wlnet has"),
    "an array": (layer("Linear", {}, {"Weights": listed([1, listed([2])])}), "net/Weights: \"{1, {2}}\" is no array of numbers"),
    "an exported array": (layer("Linear", {}, {"Weights": call("ExportedArray", 1)}), "net/Weights: the array ExportedArray[1] is in no file\n  hint: import the .wlnet file itself"),
    "an inner place": (graph([("a", layer("Softmax", {"Level": "x"}))], [], [], []), "net/a: SoftmaxLayer: level must be a level, a span such as \"2;;All\", a tuple of levels, or All; levels are whole numbers from 1, or from -1 backwards"),
}  # fmt: skip


@pytest.mark.parametrize("said", [said for said, (_, message) in REFUSALS.items() if message])
def test_damage_is_named_with_its_place(said):
    tree, message = REFUSALS[said]
    with pytest.raises(NetError) as e:
        read_tree(tree)
    assert str(e.value).split(", got")[0] == message


def test_a_chain_whose_edges_are_not_those_of_a_chain_is_refused():
    parts = dict(pairs_of(graph([("1", NODE), ("2", NODE)], [], [], []))) | {"Type": "Chain"}
    with pytest.raises(NetError) as e:
        read_tree(association(parts.items()))
    assert str(e.value) == "the edges of a chain do not lead from each layer to the next"


def test_a_function_that_grows_without_end_is_refused():
    body = slot()
    for _ in range(40):
        body = call("Plus", body, body)
    with pytest.raises(NetError) as e:
        recorded(call("Function", body))
    assert str(e.value) == "a scalar function is damaged: it has more than 20,000 steps"


def test_a_net_nested_too_deeply_is_refused():
    tree = NODE
    for _ in range(400):
        tree = graph([("a", tree)], [], [], [])
    with pytest.raises(NetError) as e:
        read_tree(tree)
    assert "nested too deeply" in str(e.value)


def test_damaged_trees_give_a_net_or_a_net_error(tmp_path):
    net = NetGraph({"a": NetChain([LinearLayer(2, Weights=example(2, 3), Biases=[1, 2]), ElementwiseLayer(lambda x: x**2 + 1)]), "s": SoftmaxLayer()},
                   [("a", "s")], Input=3, Output=NetDecoder("Class", ["u", "→"]))  # fmt: skip
    whole = zlib.decompress(base64.b64decode(compressed(stored_form(net))[2:]))

    def attempt(content):
        packed = "1:" + base64.b64encode(zlib.compress(b"!boR" + content[4:], 1)).decode()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            read_tree(expanded(packed))

    well, tried = mutations.stands(attempt, mutations.bytes_of([whole], 2000), tmp_path, whole=whole)
    assert 0 < well < tried == 2000
