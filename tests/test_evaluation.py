"""Applying a net: one example or a batch, ports by name, what to return, the options, and data that are refused."""

import warnings

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    All,
    DropoutLayer,
    ElementwiseLayer,
    LinearLayer,
    MeanSquaredLossLayer,
    NetChain,
    NetError,
    NetGraph,
    NetPort,
    Plus,
    Ramp,
    Restricted,
)

WEIGHTS, BIASES = example(2, 3), example(2, seed=1)
LINEAR = LinearLayer(2, Weights=WEIGHTS, Biases=BIASES)
TANH = ElementwiseLayer("Tanh")
NESTED = NetChain({"x": [LINEAR, Ramp], "y": "Tanh"})
X = example(5, 3)
HIDDEN = X @ WEIGHTS.T + BIASES
SUM = NetGraph({"f": Plus}, [((NetPort("A"), NetPort("B")), "f")], A=3, B=3)
TWO = NetGraph({"r": Ramp, "t": "Tanh"}, [], Input=3)


# --- one example and a batch ----------------------------------------------------------------------------------------


def test_data_of_the_rank_of_the_port_are_one_example():
    assert_close(LINEAR(X[0]), HIDDEN[0])
    assert_close(LINEAR(X[0].tolist()), HIDDEN[0])


def test_data_of_one_rank_more_are_a_batch():
    assert_close(LINEAR(X), HIDDEN)
    assert_close(LINEAR(list(X)), HIDDEN)


def test_a_port_of_rank_0_takes_numbers():
    net = NetChain([TANH], Input="Real")
    assert net(2).shape == () and net([2, 3, 5]).shape == (3,)


def test_a_port_of_unknown_rank_takes_one_example():
    assert_close(TANH(X), np.tanh(X))


def test_unequal_sequences_at_a_port_of_unknown_rank_are_a_batch():
    result = TANH([[1, 2], [3]])
    assert [each.shape for each in result] == [(2,), (1,)]


def test_unequal_sequences_give_a_list():
    net = NetChain([TANH], Input=("Varying", 3))
    result = net([X[:2], X[:5]])
    assert isinstance(result, list)
    assert_close(result[0], np.tanh(X[:2]))
    assert_close(result[1], np.tanh(X))


def test_equal_sequences_give_an_array():
    net = NetChain([TANH], Input="Varying")
    assert_close(net([[1, 2], [3, 5]]), np.tanh([[1, 2], [3, 5]]))
    assert_close(net([[1]]), np.tanh([[1]]))
    assert_close(net([1, 2]), np.tanh([1, 2]))


def test_an_object_array_of_sequences_is_a_list_of_them():
    net = NetChain([TANH], Input="Varying")
    rows = np.array([[1, 2], [3]], dtype=object)
    assert [each.tolist() for each in net(rows)] == [each.tolist() for each in net([[1, 2], [3]])]
    assert_close(LINEAR(np.array(X[0], dtype=object)), HIDDEN[0])


@pytest.mark.parametrize("dtype", ["f2", ">f4", "f8", "g", "i1", "u8", "?"])
def test_numbers_of_any_kind_are_taken(dtype):
    x = np.array([1, 0, 1], dtype=dtype)
    result = LINEAR(x)
    assert result.dtype == np.float32
    assert_close(result, WEIGHTS @ [1, 0, 1] + BIASES)


# --- ports ----------------------------------------------------------------------------------------------------------


def test_several_input_ports_take_a_dict_in_any_order():
    assert_close(SUM({"B": X[1], "A": X[0]}), X[0] + X[1])
    assert_close(SUM({"A": X[:2], "B": X[2:4]}), X[:2] + X[2:4])


def test_a_dict_works_for_one_port_too():
    assert_close(LINEAR({"Input": X}), HIDDEN)


def test_no_input_port():
    from wlnet import NetArrayLayer

    net = NetArrayLayer(Array=X)
    assert np.array_equal(net(), X) and np.array_equal(net({}), X)


def test_one_output_port_gives_the_bare_value_and_several_a_dict():
    assert isinstance(LINEAR(X), np.ndarray)
    result = TWO(X[0])
    assert list(result) == ["Output1", "Output2"]
    assert_close(result["Output2"], np.tanh(X[0]))


def test_a_number_is_an_array_of_rank_0():
    result = NetChain([MeanSquaredLossLayer()], Input=3)({"Input": X[0], "Target": X[1]})
    assert isinstance(result, np.ndarray) and result.shape == () and result.dtype == np.float32


# --- the second argument --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "what, expected",
    [
        ("Output2", np.tanh(X)),
        (("Output2", None), np.tanh(X)),
        (NetPort("Output2"), np.tanh(X)),
        (NetPort("t"), np.tanh(X)),
        (NetPort("t", "Output"), np.tanh(X)),
        (NetPort(2), np.tanh(X)),
    ],
)
def test_one_port_gives_a_bare_value(what, expected):
    assert_close(TWO(X, what), expected)


@pytest.mark.parametrize("what", [All, None, ["Output1", "Output2"]])
def test_several_ports_give_a_dict(what):
    result = TWO(X, what)
    assert list(result) == ["Output1", "Output2"]
    assert_close(result["Output1"], np.maximum(X, 0))


def test_all_of_one_output_is_a_dict():
    assert list(LINEAR(X, All)) == ["Output"]


def test_a_list_of_net_ports_gives_a_dict_by_net_port():
    result = NESTED(X, [NetPort("x", 1), NetPort("y"), "Output"])
    assert list(result) == [NetPort("x", 1), NetPort("y"), "Output"]
    assert_close(result[NetPort("x", 1)], HIDDEN)
    assert_close(result["Output"], np.tanh(np.maximum(HIDDEN, 0)))


@pytest.mark.parametrize("spec", [("x", 1), ("x", -2), ("x", 1, "Output"), (1, 1)])
def test_net_port_reads_an_inner_layer(spec):
    assert_close(NESTED(X, NetPort(spec)), HIDDEN)
    assert_close(NESTED(X[0], NetPort(*spec)), HIDDEN[0])


def test_net_port_of_a_subnet_is_its_output():
    assert_close(NESTED(X, NetPort("x")), np.maximum(HIDDEN, 0))


def test_net_port_all_gives_the_outputs_of_all_layers():
    result = NESTED(X, NetPort(All))
    assert list(result) == [NetPort("x", 1, "Output"), NetPort("x", 2, "Output"), NetPort("y", "Output")]
    assert_close(result[NetPort("x", 1, "Output")], HIDDEN)


def test_an_inner_value_of_sequences_has_their_lengths():
    net = NetChain({"a": TANH, "b": Ramp}, Input="Varying")
    assert [len(each) for each in net([[1, 2], [3]], NetPort("a"))] == [2, 1]


# --- options --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 5, 7, np.int64(3)])
def test_batch_size_does_not_change_results(size):
    assert_close(LINEAR(X, BatchSize=size), HIDDEN, rtol=1e-6)
    net = NetChain([TANH], Input="Varying")
    data = [np.arange(1, n) / 7 for n in (3, 6, 2, 12, 4)]
    for got, expected in zip(net(data, BatchSize=size), data, strict=True):
        assert_close(got, np.tanh(expected))


def test_train_mode_drops_and_test_mode_does_not():
    net = DropoutLayer(0.5, Input=211)
    ones = np.ones(211)
    assert np.array_equal(net(ones), ones)
    assert set(np.unique(net(ones, NetEvaluationMode="Train"))) == {0, 2}


@pytest.mark.parametrize("seed", [3, "three", np.int64(3)])
def test_the_same_seed_gives_the_same_numbers(seed):
    net, ones = DropoutLayer(0.5, Input=211), np.ones(211)
    one, other = (net(ones, NetEvaluationMode="Train", RandomSeeding=seed) for _ in range(2))
    assert np.array_equal(one, other)
    assert not np.array_equal(one, net(ones, NetEvaluationMode="Train", RandomSeeding=4))


def test_inherited_follows_numpys_global_stream():
    from wlnet import Inherited

    net, ones = DropoutLayer(0.5, Input=211), np.ones(211)
    results = []
    for _ in range(2):
        np.random.seed(5)
        results.append([net(ones, NetEvaluationMode="Train", RandomSeeding=Inherited) for _ in range(2)])
    assert np.array_equal(results[0], results[1]) and not np.array_equal(results[0][0], results[0][1])


def test_automatic_seeding_is_fresh_each_time():
    net, ones = DropoutLayer(0.5, Input=211), np.ones(211)
    assert not np.array_equal(net(ones, NetEvaluationMode="Train"), net(ones, NetEvaluationMode="Train"))


def test_real64_computes_in_double_precision():
    x = np.array([1 / 3, 1 / 7, 1 / 11])
    result = TANH(x, WorkingPrecision="Real64")
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, np.tanh(x), rtol=1e-15)
    assert TANH([1e300], WorkingPrecision="Real64")[0] == 1


# --- nothing is changed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("net", [NetChain([], Input=3), DropoutLayer(Input=3), NetChain([Ramp], Input=3)], ids=repr)
def test_a_result_is_the_users_own(net):
    x = np.abs(X[0])
    before = x.copy()
    result = net(x)
    result[:] = 7
    assert np.array_equal(x, before) and np.array_equal(net(x), before)


def test_a_result_is_not_the_array_of_the_net():
    from wlnet import NetArrayLayer

    net = NetArrayLayer(Array=X)
    net()[:] = 7
    assert np.array_equal(net(), X)


# --- refusals -------------------------------------------------------------------------------------------------------

ENCODE = "\n  hint: give lists of numbers or a numeric array; for texts, classes or images put a NetEncoder on the port"
SHAPE = "\n  hint: give data of that shape, or make the net for this one"
CLASSES = NetChain([TANH], Input=Restricted("Integer", 5))
INTEGER = NetChain([TANH], Input="Integer")
SEQUENCE = NetChain([TANH], Input=("Varying", 3))
SHARED = NetGraph({"f": Plus}, [((NetPort("A"), NetPort("B")), "f")], A=("n", 3), B=("n", 3))
OPEN = MeanSquaredLossLayer()
DATA = [
    (
        lambda: LINEAR([1, 2, np.nan]),
        "Input: the data hold nan (example 1, at (3))\n  hint: remove or replace it first",
    ),
    (
        lambda: LINEAR([[1, 2, 3], [1, -np.inf, 3]]),
        "Input: the data hold -inf (example 2, at (2))\n  hint: remove or replace it first",
    ),
    (
        lambda: LINEAR([1e300, 2, 3]),
        "Input: 1e+300 is too large for single precision\n"
        '  hint: scale the data, or evaluate with WorkingPrecision="Real64"',
    ),
    (lambda: LINEAR([10**400, 2, 3]), "Input: the data hold an integer beyond 64 bits\n  hint: scale the data"),
    (lambda: LINEAR([]), "Input: the data are empty (shape 0)"),
    (lambda: LINEAR(np.zeros((0, 3))), "Input: there are no examples"),
    (lambda: SEQUENCE(np.zeros((0, 3))), "Input: a sequence is empty\n  hint: a sequence has at least one element"),
    (lambda: LINEAR("abc"), "Input: the data must be real numbers, but are texts (<U3)" + ENCODE),
    (lambda: LINEAR(["a", 2, 3]), "Input: the data must be real numbers, but are texts (<U21)" + ENCODE),
    (lambda: LINEAR([1, 2, None]), "Input: the data must be real numbers, but are objects (NoneType)" + ENCODE),
    (lambda: LINEAR(object), "Input: the data must be real numbers, but are objects (type)" + ENCODE),
    (lambda: LINEAR([1j, 2, 3]), "Input: the data must be real numbers, but are complex numbers (complex128)" + ENCODE),
    (
        lambda: LINEAR(np.array(["2020-01-01"] * 3, dtype="M8[D]")),
        "Input: the data must be real numbers, but are dates (datetime64[D])" + ENCODE,
    ),
    (
        lambda: LINEAR(np.ma.masked_array([1, 2, 3], [0, 1, 0])),
        "Input: the data hold masked values\n  hint: fill them first, as in data.filled(0)",
    ),
    (lambda: LINEAR(TWO), "a NetGraph is a net, not an array of numbers\n  hint: evaluate: net(x)"),
    (
        lambda: LINEAR(3),
        "Input takes 3, but the data are of shape scalar\n  hint: one example has rank 1, a batch rank 2",
    ),
    (
        lambda: LINEAR([[[1, 2, 3]]]),
        "Input takes 3, but the data are of shape 1×1×3\n  hint: one example has rank 1, a batch rank 2",
    ),
    (lambda: LINEAR([1, 2]), "Input takes 3, but the data are of shape 2" + SHAPE),
    (
        lambda: LINEAR([[1, 2, 3], [1, 2]]),
        "Input takes 3, but the examples are of different lengths (2, 3)\n"
        '  hint: give the port a varying first level: "Varying", or ("Varying", n)',
    ),
    (
        lambda: LINEAR([[1, 2, 3], 5]),
        "Input: the data are not arrays: rows of one example differ in size\n  hint: make rows equal",
    ),
    (
        lambda: SEQUENCE([[[1, 2, 3]], [[1, 2]]]),
        "Input: examples differ in shape (1×2, 1×3), but only the first level may vary\n"
        "  hint: make all examples one shape, or let only their length differ",
    ),
    (
        lambda: SEQUENCE([X, np.zeros((0, 3))]),
        "Input: a sequence is empty\n  hint: a sequence has at least one element",
    ),
    (lambda: INTEGER(1.5), "Input takes integers, but the data hold 1.5"),
    (lambda: INTEGER(1e30), "Input takes integers, but the data hold 1e+30"),
    (
        lambda: CLASSES([1, 2, 7]),
        "Input takes integers up to 5, but the data hold 7 (example 3)\n  hint: the largest is 5",
    ),
    (
        lambda: CLASSES(0),
        "Input takes integers up to 5, but the data hold 0 (example 1)\n  hint: classes and positions count from 1",
    ),
    (
        lambda: SUM({"A": X[:2], "B": X[:3]}),
        "the ports have different numbers of examples: A has 2, B has 3\n  hint: make them equal",
    ),
    (lambda: SUM({"A": X[0]}), "the data lack the input port B\n  hint: give B too"),
    (lambda: LINEAR({}), "the data lack the input port Input\n  hint: give Input too"),
    (lambda: SUM({"A": X, "B": X, "C": X}), 'the net has no input port "C"\n  hint: there are A, B'),
    (lambda: LINEAR({"input": X}), 'the net has no input port "input"\n  hint: did you mean Input?'),
    (
        lambda: SUM({"A": X[0], "B": X}),
        "A is one example, but B is a batch\n  hint: give every port one example, or a batch",
    ),
    (lambda: SUM(3), 'NetGraph has 2 input ports (A, B), but got 3\n  hint: give a dict: {"A": …, "B": …}'),
    (lambda: LINEAR(), "LinearLayer needs data for Input"),
    (
        lambda: SHARED({"A": X[:2], "B": X[:3]}),
        "B must have lengths [2] to go with A, but has [3]\n  hint: give sequences whose lengths agree",
    ),
    (
        lambda: OPEN({"Input": X[0], "Target": X[0, :2]}),
        "MeanSquaredLossLayer takes Target of shape 3, but Target is given as 2 (Input is 3, as given)",
    ),
]
REQUESTS = [
    (
        lambda: TWO(X, "Outptu1"),
        '"Outptu1" is neither an output port nor a property of a decoder\n  hint: did you mean Output1?',
    ),
    (
        lambda: LINEAR(X, ("Output", "Probabilities")),
        'output port Output has no decoder, so it has no property "Probabilities"',
    ),
    (
        lambda: LINEAR(X, (X, 3)),
        "(Array(5×3), 3) is neither an output port nor a property of a decoder\n  hint: there are Output",
    ),
    (
        lambda: LINEAR(X, X),
        "Array(5×3) is neither an output port nor a property of a decoder\n  hint: there are Output",
    ),
    (lambda: LINEAR(X, []), "an empty list asks for nothing\n  hint: there are Output"),
    (
        lambda: NESTED(X, NetPort("Input")),
        "Input of NetChain is an input port; only outputs can be read",
    ),
    (
        lambda: NESTED(X, NetPort("x", 1, "Input")),
        "net/x/1: Input of LinearLayer is an input port; only outputs can be read",
    ),
    (
        lambda: NESTED(X, NetPort("x", 1, "Weights")),
        "net/x/1: Weights of LinearLayer is an array; only outputs can be read\n"
        '  hint: write NetExtract(net, ("x", 1, "Weights"))',
    ),
    (
        lambda: NESTED(X, NetPort("x", 3)),
        "net/x: NetChain has no layer 3\n  hint: positions count from 1 to 2, or -1 to -2 from the end",
    ),
    (lambda: LINEAR(X, "Output", 3), "net(data, what) takes two arguments, got 3\n  hint: give options by name"),
]
OPTIONS = [
    (
        {"batchsize": 2},
        "batchsize is not an option of an evaluation\n"
        "  hint: there are BatchSize, NetEvaluationMode, RandomSeeding, TargetDevice, WorkingPrecision",
    ),
    ({"BatchSize": 0}, "BatchSize must be a positive whole number or Automatic, got 0"),
    ({"BatchSize": True}, "BatchSize must be a positive whole number or Automatic, got True"),
    ({"NetEvaluationMode": "Tset"}, 'NetEvaluationMode must be "Test" or "Train", got \'Tset\''),
    (
        {"RandomSeeding": 1.5},
        "RandomSeeding must be an integer, a text, Automatic or Inherited, got 1.5\n"
        "  hint: the same seed gives the same numbers",
    ),
    ({"WorkingPrecision": []}, 'WorkingPrecision must be "Real32" or "Real64", got []'),
    ({"WorkingPrecision": "Mixed"}, 'WorkingPrecision="Mixed" needs a GPU; on the CPU use "Real32"'),
    ({"TargetDevice": "TPU"}, 'TargetDevice must be "CPU", ("CPU", "JAX"), "GPU" or ("GPU", n), got \'TPU\''),
]
UNSET = [
    (
        lambda: LinearLayer(2)(X),
        "LinearLayer has no values for Weights and Biases\n  hint: NetInitialize(net) gives it initial values",
    ),
    (
        lambda: NetChain({"a": [LINEAR, LinearLayer(5, Biases=None)]})(X),
        "net/a/2: LinearLayer has no values for Weights\n  hint: NetInitialize(net) gives it initial values",
    ),
]


@pytest.mark.parametrize("call, text", DATA + REQUESTS + UNSET, ids=[text[:60] for _, text in DATA + REQUESTS + UNSET])
def test_an_evaluation_refuses(call, text):
    with warnings.catch_warnings(), pytest.raises(NetError) as e:
        warnings.simplefilter("error")
        call()
    assert str(e.value) == text


@pytest.mark.parametrize("options, text", OPTIONS, ids=[repr(options) for options, _ in OPTIONS])
def test_an_evaluation_refuses_an_option(options, text):
    with pytest.raises(NetError) as e:
        LINEAR(X, **options)
    assert str(e.value) == text
