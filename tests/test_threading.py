"""ThreadingLayer: functions of several arrays against NumPy, every way of aligning, shapes both ways, every error."""

import numpy as np
import pytest
from scipy import special

import wlnet
from tests.examples import assert_close, example
from tests.slopes import slopes
from wlnet import (
    Automatic,
    Clip,
    ElementwiseLayer,
    Exp,
    NetChain,
    NetError,
    NetGraph,
    NetPort,
    Plus,
    Ramp,
    Subtract,
    ThreadingLayer,
    Times,
)

NAMES = {**vars(wlnet)}


def message(make):
    """The text of the NetError that it raises."""
    with pytest.raises(NetError) as caught:
        make()
    return str(caught.value)


A = np.array([[0.3, 1.7, 2.9], [4.1, 0.9, 1.1]])
B = np.array([[1.9, 0.6, 2.3], [0.7, 3.1, 1.3]])
C = np.array([[0.2, 5.3, 1.6], [2.2, 0.4, 1.0]])
TWO_OVER_ROOT_PI = 2 / np.sqrt(np.pi)

SMOOTH = {
    # name: (value, slope for each input), by calculus
    "Plus": (lambda a, b: a + b, (lambda a, b: 1 + 0 * a, lambda a, b: 1 + 0 * a)),
    "Subtract": (lambda a, b: a - b, (lambda a, b: 1 + 0 * a, lambda a, b: -1 + 0 * a)),
    "Times": (lambda a, b: a * b, (lambda a, b: b, lambda a, b: a)),
    "Divide": (lambda a, b: a / b, (lambda a, b: 1 / b, lambda a, b: -a / b**2)),
    "Power": (lambda a, b: a**b, (lambda a, b: b * a ** (b - 1), lambda a, b: a**b * np.log(a))),
    "Min": (np.minimum, (lambda a, b: a < b, lambda a, b: b < a)),
    "Max": (np.maximum, (lambda a, b: a > b, lambda a, b: b > a)),
    "Mod": (np.mod, (lambda a, b: 1 + 0 * a, lambda a, b: -np.floor(a / b))),
    "ArcTan": (lambda a, b: np.arctan2(b, a), (lambda a, b: -b / (a * a + b * b), lambda a, b: a / (a * a + b * b))),
    "Erf": (
        lambda a, b: special.erf(b) - special.erf(a),
        (lambda a, b: -TWO_OVER_ROOT_PI * np.exp(-a * a), lambda a, b: TWO_OVER_ROOT_PI * np.exp(-b * b)),
    ),
    "Log": (
        lambda a, b: np.log(b) / np.log(a),
        (lambda a, b: -np.log(b) / (a * np.log(a) ** 2), lambda a, b: 1 / (b * np.log(a))),
    ),
}
ROUGH = {
    "Threshold": lambda a, b: np.where(abs(a) > b, a, 0),
    "Chop": lambda a, b: np.where(abs(a) < b, 0, a),
    "KroneckerDelta": lambda a, b: a == b,
    "Equal": lambda a, b: a == b,
    "Unequal": lambda a, b: a != b,
    "Greater": lambda a, b: a > b,
    "GreaterEqual": lambda a, b: a >= b,
    "Less": lambda a, b: a < b,
    "LessEqual": lambda a, b: a <= b,
    "And": np.logical_and,
    "Or": np.logical_or,
}


@pytest.mark.parametrize("name", SMOOTH)
def test_a_function_of_two_arrays_is_its_formula_and_slopes(name):
    value, by_input = SMOOTH[name]
    layer = ThreadingLayer(name, InputPorts=[(2, 3), (2, 3)])
    outputs, gradients = slopes(layer, [A, B])
    np.testing.assert_allclose(outputs["Output"], value(A, B), rtol=1e-9)
    for port, slope in zip(("Input1", "Input2"), by_input, strict=True):
        np.testing.assert_allclose(gradients[port], slope(A, B), rtol=1e-8, atol=1e-12)
    single, narrow = slopes(layer, [A, B], "float32")
    assert {single["Output"].dtype, *(each.dtype for each in narrow.values())} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", ROUGH)
def test_a_comparison_of_two_arrays_gives_numbers(name):
    a, b = np.array([0.5, 0.0, -2.0, 3.0]), np.array([0.5, 1.0, 0.0, 0.25])
    got = ThreadingLayer(name)([a, b])
    assert got.dtype == np.float32
    assert got.tolist() == ROUGH[name](a, b).astype(float).tolist()


def test_the_surd_of_arrays_is_the_real_root():
    got = ThreadingLayer("Surd")([[-8.0, 16.0, -16.0, 0.0], [3.0, 4.0, 4.0, 3.0]])
    np.testing.assert_allclose(got, [-2, 2, np.nan, 0], rtol=1e-6)
    layer = ThreadingLayer("Surd", InputPorts=[2, 2])
    gradients = slopes(layer, [[-8.0, 16.0], [3.0, 4.0]])[1]
    np.testing.assert_allclose(gradients["Input1"], [1 / 12, 1 / 32], rtol=1e-9)  # x^(1/n - 1) / n
    np.testing.assert_allclose(gradients["Input2"], [2 * np.log(8) / 9, -2 * np.log(16) / 16], rtol=1e-9)


def test_at_a_tie_of_min_and_max_each_has_half_the_slope():
    for name in ("Min", "Max"):
        gradients = slopes(ThreadingLayer(name, InputPorts=[1, 1]), [[0.7], [0.7]])[1]
        assert gradients["Input1"].tolist() == gradients["Input2"].tolist() == [0.5]


def test_functions_of_any_number_of_arrays():
    assert_close(ThreadingLayer("Plus")([A, B, C]), A + B + C)
    assert_close(ThreadingLayer("Times")([A, B, C]), A * B * C)
    assert_close(ThreadingLayer("Max")([A, B, C]), np.maximum(np.maximum(A, B), C))
    assert_close(ThreadingLayer("If")([A > 1, B, C]), np.where(A > 1, B, C))
    assert_close(ThreadingLayer("Which")([A > 2, B, A > 1, C]), np.where(A > 2, B, np.where(A > 1, C, np.nan)))
    assert_close(ThreadingLayer("Less")([A, B, C]), ((A < B) & (B < C)).astype(float))
    assert_close(ThreadingLayer("Mod")([A, B, C]), A - B * np.floor((A - C) / B))
    assert_close(ThreadingLayer("Plus")([A]), A)


def test_a_python_function_names_the_ports():
    layer = ThreadingLayer(lambda left, right, rest: Clip(left, (-right, rest)) + Exp(-rest), left=(2, 3), right=(2, 3))
    assert list(layer.shapes) == ["left", "right", "rest", "Output"]
    expected = np.minimum(np.maximum(A - 2, -B), C) + np.exp(-C)
    assert_close(layer({"left": A - 2, "right": B, "rest": C}), expected)
    assert eval(repr(layer), NAMES) == layer
    assert repr(ThreadingLayer(lambda a, b: a - 2 * b)) == "ThreadingLayer(lambda a, b: a - (2 * b))"
    assert repr(ThreadingLayer(lambda a, b: a - b)) == "ThreadingLayer(lambda a, b: a - b)"
    assert ThreadingLayer(Subtract) == ThreadingLayer("Subtract") != ThreadingLayer(lambda a, b: a - b)


def test_a_function_that_leaves_inputs_out_still_has_their_shape():
    layer = ThreadingLayer(lambda a, b: a, a=(2, 1), b=(2, 3))
    assert_close(layer({"a": A[:, :1], "b": B}), np.broadcast_to(A[:, :1], (2, 3)))
    constant = ThreadingLayer(lambda a, b: 1, a=(2, 1), b=(2, 3))
    assert_close(constant({"a": A[:, :1], "b": B}), np.ones((2, 3)))
    assert constant({"a": A[:, :1], "b": B}).dtype == np.float32


ALIGNED = [
    # broadcast, shapes of the inputs, shape of the output, each input as NumPy broadcasts it
    (None, [(2, 3), (2, 3)], (2, 3), [(2, 3), (2, 3)]),
    (Automatic, [(2, 3), (2, 1)], (2, 3), [(2, 3), (2, 1)]),
    (Automatic, [(1, 5, 1), (2, 1, 3)], (2, 5, 3), [(1, 5, 1), (2, 1, 3)]),
    (Automatic, [(), ()], (), [(), ()]),
    (1, [(2, 3, 5), (5,)], (2, 3, 5), [(2, 3, 5), (1, 1, 5)]),
    (1, [(2, 3), ()], (2, 3), [(2, 3), (1, 1)]),
    (2, [(2, 5), (2, 3, 5)], (2, 3, 5), [(2, 1, 5), (2, 3, 5)]),
    (-1, [(2, 3, 5), (2,)], (2, 3, 5), [(2, 3, 5), (2, 1, 1)]),
    (-1, [(2,), (2, 3)], (2, 3), [(2, 1), (2, 3)]),
    (-2, [(2, 5), (2, 3, 5)], (2, 3, 5), [(2, 1, 5), (2, 3, 5)]),
    (1, [(1, 5), (2, 3, 1)], (2, 3, 5), [(1, 1, 5), (2, 3, 1)]),
    ((2, 1, -1), [(2, 5), (5,), (2, 3, 5)], (2, 3, 5), [(2, 1, 5), (1, 1, 5), (2, 3, 5)]),
    ((-1, Automatic), [(2,), (2, 3)], (2, 3), [(2, 1), (2, 3)]),
]


@pytest.mark.parametrize(("broadcast", "shapes", "output", "wide"), ALIGNED)
def test_inputs_are_aligned(broadcast, shapes, output, wide):
    ports = {f"Input{k}": shape or "Real" for k, shape in enumerate(shapes, start=1)}
    layer = ThreadingLayer("Plus", broadcast, InputPorts=ports)
    assert layer.shapes["Output"] == output
    arrays = [np.asarray(example(*shape, seed=k)) for k, shape in enumerate(shapes)]
    expected = sum(array.reshape(shape) for array, shape in zip(arrays, wide, strict=True))
    assert_close(layer(arrays), expected)
    batches = [np.stack([array, array + 1]) for array in arrays]
    assert_close(layer(batches), np.stack([expected, expected + len(arrays)]))
    weights = example(*output, seed=9)
    gradients = slopes(layer, arrays, weights=weights)[1]
    for (_, got), shape, broad in zip(gradients.items(), shapes, wide, strict=True):
        repeated = tuple(k for k, (n, m) in enumerate(zip(broad, output, strict=True)) if n != m)
        assert_close(got, weights.sum(repeated, keepdims=True).reshape(shape), rtol=1e-6)
    assert eval(repr(layer), NAMES) == layer


def test_shapes_are_inferred_where_they_are_forced():
    assert ThreadingLayer("Plus", None, InputPorts=2, Output=(2, 3)).shapes["Input2"] == (2, 3)
    assert ThreadingLayer("Plus", None, InputPorts=[(2, Automatic), (Automatic, 3)]).shapes["Output"] == (2, 3)
    assert len(ThreadingLayer("Plus", InputPorts=2, Output=(2, 3)).shapes["Input1"]) == 2
    assert ThreadingLayer("Plus", InputPorts=2, Output=(1, 3)).shapes["Input1"][0] == 1
    assert ThreadingLayer("Plus", 1, InputPorts=2, Output=(1, 3)).shapes["Input1"] is None
    assert ThreadingLayer("Plus", InputPorts=1, Output=(2, 3)).shapes["Input1"] == (2, 3)


def test_sequences_thread_with_sequences_of_their_length_and_with_one_element():
    x = [example(5, 3), example(2, 3, seed=1)]
    y = [example(5, 3, seed=2), example(2, 3, seed=3)]
    got = ThreadingLayer("Times", InputPorts=[("n", 3), ("n", 3)])([x, y])
    for one, a, b in zip(got, x, y, strict=True):
        assert_close(one, a * b)
    got = ThreadingLayer("Times", InputPorts=[("Varying", 3), (1, 3)])([x, [y[0][:1], y[1][:1]]])
    for one, a, b in zip(got, x, y, strict=True):
        assert_close(one, a * b[:1])
    got = ThreadingLayer("Times", 1, InputPorts=[("Varying", 3), 3])([x, [y[0][0], y[1][0]]])
    for one, a, b in zip(got, x, y, strict=True):
        assert_close(one, a * b[0])


def test_in_a_graph_the_number_of_inputs_is_that_of_the_edges():
    graph = NetGraph([Ramp, "Tanh", ThreadingLayer(Plus)], [((1, 2, NetPort("Input")), 3)], Input=3)
    assert_close(graph([-1.0, 0.5, 2.0]), np.maximum([-1, 0.5, 2], 0) + np.tanh([-1, 0.5, 2]) + [-1, 0.5, 2])
    assert repr(NetChain([ElementwiseLayer("Ramp"), ThreadingLayer(Times)]).at(2)) == (
        'ThreadingLayer("Times", InputPorts=1)'
    )


NOT_A_FUNCTION = "ThreadingLayer: f must be a function: a name, a head, or a Python function of several numbers, got 3"
NOT_A_RULE = (
    "ThreadingLayer: broadcast must be None, Automatic, a level other than 0, or a tuple of one for each input, got "
)


def given(one, other):
    """What an error says of two inputs."""
    return f" (Input1 is {one}, as given; Input2 is {other}, as given)"


TAKES_LIMITS = "Clip takes its limits as a pair: Clip(x, (low, high)), or Clip(x, (low, high), (below, above))"
ERRORS = {
    "unequal sizes": (
        lambda: ThreadingLayer("Plus", InputPorts=[(2, 3), (2, 5)]),
        "ThreadingLayer: sizes at level 2, up to Input2, 3 and 5 must be equal" + given("2×3", "2×5"),
    ),
    "None takes equal shapes only": (
        lambda: ThreadingLayer("Plus", None, InputPorts=[(2, 3), (2, 1)]),
        "ThreadingLayer has shape = 2×3, but the rest makes shape 2×1" + given("2×3", "2×1"),
    ),
    "unequal ranks": (
        lambda: ThreadingLayer("Plus", InputPorts=[(2, 3), 3]),
        "ThreadingLayer: inputs must be of equal rank, not Input1 of rank 2, Input2 of rank 1"
        + given("2×3", "3")
        + "\n  hint: give a level to align at, such as 1 or -1",
    ),
    "no such level": (
        lambda: ThreadingLayer("Plus", 3, InputPorts=[(2, 3, 5), 5]),
        "ThreadingLayer: level 3 is not a place in an array of rank 1" + given("2×3×5", "5"),
    ),
    "a length and a number": (
        lambda: ThreadingLayer("Plus", InputPorts=[("n", 3), (5, 3)]),
        "ThreadingLayer: sizes at level 1, up to Input2, n and 5 must be equal" + given("n×3", "5×3"),
    ),
    "level 0": (lambda: ThreadingLayer("Plus", 0), NOT_A_RULE + "0"),
    "a text": (lambda: ThreadingLayer("Plus", "2"), NOT_A_RULE + '"2"'),
    "rules for too few": (
        lambda: ThreadingLayer("Plus", (1, 1, 1), InputPorts=2),
        "ThreadingLayer: broadcast names 3 inputs, but there are 2",
    ),
    "no function": (lambda: ThreadingLayer(3), NOT_A_FUNCTION),
    "no such name": (
        lambda: ThreadingLayer("Add"),
        'ThreadingLayer: f must be the name of a function, got "Add"\n  hint: did you mean And?',
    ),
    "too many inputs": (
        lambda: ThreadingLayer("Subtract", InputPorts=3),
        "ThreadingLayer: takes 2 inputs, but InputPorts gives 3",
    ),
    "too few inputs": (
        lambda: ThreadingLayer("Equal", InputPorts=1),
        "ThreadingLayer: takes 2 or more inputs, but InputPorts gives 1",
    ),
    "conditions without values": (
        lambda: ThreadingLayer("Which", InputPorts=3),
        "ThreadingLayer: Which takes pairs of a condition and a value, got an odd number of arguments",
    ),
    "limits that are no pair": (
        lambda: ThreadingLayer("Clip", InputPorts=2),
        "ThreadingLayer: " + TAKES_LIMITS,
    ),
    "too few arrays": (
        lambda: ThreadingLayer("Equal")([[1.0]]),
        "ThreadingLayer takes 2 or more inputs, not 1",
    ),
    "no list": (
        lambda: ThreadingLayer("Plus")(1.0),
        "ThreadingLayer takes a list of arrays, or a dict of them by port",
    ),
    "data of other counts": (
        lambda: ThreadingLayer("Subtract")([[1.0], [2.0], [3.0]]),
        "ThreadingLayer has 2 input ports (Input1, Input2), but got [[1.0], [2.0], [3.0]]\n  hint: give a dict: "
        '{"Input1": …, "Input2": …}',
    ),
    "an option": (
        lambda: ThreadingLayer("Plus", Inputs=2),
        "ThreadingLayer: Inputs is not an option\n  hint: did you mean InputPorts?",
    ),
}


@pytest.mark.parametrize("what", ERRORS)
def test_errors(what):
    make, text = ERRORS[what]
    assert message(make) == text
