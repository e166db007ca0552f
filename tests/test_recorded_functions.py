"""Python functions recorded as expressions: they compute, differentiate and print as they are, or say why not."""

import math

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close
from tests.slopes import slopes
from wlnet import (
    And,
    Chop,
    Clip,
    ElementwiseLayer,
    Equal,
    Erf,
    Exp,
    Floor,
    Greater,
    GreaterEqual,
    If,
    KroneckerDelta,
    Less,
    LessEqual,
    Log,
    Max,
    Min,
    Mod,
    NetError,
    Not,
    Or,
    Piecewise,
    Power,
    Ramp,
    Sign,
    Surd,
    Threshold,
    Unequal,
    Which,
)

NAMES = {**vars(wlnet)}


def message(make):
    """The text of the NetError that it raises."""
    with pytest.raises(NetError) as caught:
        make()
    return str(caught.value)


ONE = [
    "abs",
    "absolute",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "cbrt",
    "ceil",
    "cos",
    "cosh",
    "exp",
    "fabs",
    "fix",
    "floor",
    "log",
    "log10",
    "log2",
    "negative",
    "positive",
    "reciprocal",
    "rint",
    "round",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "trunc",
]
TWO = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "true_divide",
    "power",
    "float_power",
    "minimum",
    "maximum",
    "fmin",
    "fmax",
    "mod",
    "remainder",
]
LOGIC = ["equal", "not_equal", "greater", "greater_equal", "less", "less_equal"]


@pytest.mark.parametrize("name", ONE)
def test_a_numpy_function_of_one_number_can_be_traced(name):
    function = getattr(np, name)
    x = np.array([1.3, 2.7, 1.9]) if name == "arccosh" else np.array([0.3, 0.7, 0.9])
    layer = ElementwiseLayer(lambda x: 2 * function(x))
    np.testing.assert_allclose(layer(x, WorkingPrecision="Real64"), 2 * function(x), rtol=1e-12)
    assert eval(repr(layer), NAMES) == layer


@pytest.mark.parametrize("name", TWO)
def test_a_numpy_function_of_two_numbers_can_be_traced(name):
    function = getattr(np, name)
    x = np.array([0.3, 5.7, 1.9])
    for layer, expected in [
        (ElementwiseLayer(lambda x: function(x, 1.25)), function(x, 1.25)),
        (ElementwiseLayer(lambda x: function(1.25, x)), function(1.25, x)),
    ]:
        np.testing.assert_allclose(layer(x, WorkingPrecision="Real64"), expected, rtol=1e-12)
        assert eval(repr(layer), NAMES) == layer


@pytest.mark.parametrize("name", LOGIC)
def test_a_numpy_comparison_can_be_traced(name):
    function = getattr(np, name)
    x = np.array([-1.5, 0.5, 2.0])
    layer = ElementwiseLayer(lambda x: function(x, 0.5))
    assert layer(x).dtype == np.float32
    assert layer(x).tolist() == function(x, 0.5).astype(float).tolist()
    assert eval(repr(layer), NAMES) == layer


COMPOUND = {
    "operators": (lambda x: (2 - x) / (x + 3) ** 2 - -x % 0.7, lambda x: (2 - x) / (x + 3) ** 2 - -x % 0.7),
    "reversed operators": (lambda x: 1 - 2 / (3 ** (x * 0.1)) % x, lambda x: 1 - 2 / (3 ** (x * 0.1)) % x),
    "abs and round": (lambda x: abs(x) + round(x), lambda x: abs(x) + np.rint(x)),
    "a value read twice": (lambda x: (t := np.tanh(x)) * t + t, lambda x: np.tanh(x) ** 2 + np.tanh(x)),
    "where": (lambda x: np.where(x > 0.5, x, 3.0), lambda x: np.where(x > 0.5, x, 3)),
    "where of numbers": (lambda x: np.where(x > 0.5, 1, 2.5), lambda x: np.where(x > 0.5, 1, 2.5)),
    "clip": (lambda x: np.clip(x, -0.5, 1), lambda x: np.clip(x, -0.5, 1)),
    "clip by name": (lambda x: np.clip(x, a_min=-0.5, a_max=1), lambda x: np.clip(x, -0.5, 1)),
    "clip below": (lambda x: np.clip(x, -0.5, None), lambda x: np.maximum(x, -0.5)),
    "clip above": (lambda x: np.clip(x, None, 0.5), lambda x: np.minimum(x, 0.5)),
    "Clip to other values": (
        lambda x: Clip(x, (-1, 0.5), (-7, 11)),
        lambda x: np.where(x < -1, -7, np.where(x > 0.5, 11, x)),
    ),
    "Clip at a moving limit": (lambda x: Clip(0.3, (x, 5)), lambda x: np.maximum(x, 0.3)),
    "Min and Max of several": (lambda x: Max(x, 0.2, -x) - Min(x, 1, 2 * x), None),
    "Mod with an offset": (lambda x: Mod(x, 0.7, 0.2), lambda x: x - 0.7 * np.floor((x - 0.2) / 0.7)),
    "Surd": (lambda x: Surd(x, 3) + Surd(abs(x), 4), lambda x: np.cbrt(x) + abs(x) ** 0.25),
    "Threshold": (lambda x: Threshold(x, 1), lambda x: np.where(abs(x) > 1, x, 0)),
    "Chop": (lambda x: Chop(x, 0.6), lambda x: np.where(abs(x) < 0.6, 0, x)),
    "Log to a base": (lambda x: Log(2, abs(x)), lambda x: np.log2(abs(x))),
    "Erf between": (lambda x: Erf(0, x) - Erf(x), lambda x: 0 * x),
    "Power": (lambda x: Power(2, x), lambda x: 2.0**x),
    "If": (lambda x: If(x > 0, Exp(-x), x), lambda x: np.where(x > 0, np.exp(-x), x)),
    "Which": (lambda x: Which(x < -1, 1, x < 1, 2 * x, True, -3), lambda x: np.select([x < -1, x < 1], [1, 2 * x], -3)),
    "Which of numbers": (
        lambda x: Which(x < -1, 1, x < 1, 2, True, 3),
        lambda x: np.select([x < -1, x < 1], [1, 2], 3),
    ),
    "Piecewise": (
        lambda x: Piecewise([(x**2, x < 0), (1, x < 1)], 0.5),
        lambda x: np.select([x < 0, x < 1], [x**2, 1], 0.5),
    ),
    "And, Or, Not": (
        lambda x: And(x > -1, x < 1, Unequal(x, 0)) + 2 * Or(x > 1, Not(x > -1)),
        lambda x: ((x > -1) & (x < 1)) * 1.0 + 2.0 * ((x > 1) | (x <= -1)),
    ),
    "& | ~": (
        lambda x: np.where(((x > -1) & (x < 1)) | ~(x < 1.5), x, 0),
        lambda x: np.where(((x > -1) & (x < 1)) | (x >= 1.5), x, 0),
    ),
    "chains of comparisons": (
        lambda x: Less(-1, x, 1) + 2 * GreaterEqual(1, x, -1) + 4 * Greater(2, x, 0) + 8 * LessEqual(0, x, 2),
        lambda x: 1.0 * (abs(x) < 1) + 2.0 * (abs(x) <= 1) + 4.0 * ((x < 2) & (x > 0)) + 8.0 * ((x >= 0) & (x <= 2)),
    ),
    "equality": (lambda x: Equal(x, 0.5) + KroneckerDelta(x, 0.5), lambda x: 2.0 * (x == 0.5)),
    "Ramp inside": (lambda x: Ramp(x) - Floor(x) + Sign(x), lambda x: np.maximum(x, 0) - np.floor(x) + np.sign(x)),
    "a constant": (lambda x: 3.5, lambda x: np.full_like(x, 3.5)),
    "a whole constant": (lambda x: 2, lambda x: np.full_like(x, 2)),
    "infinity": (lambda x: np.minimum(x, np.inf), lambda x: x),
    "a NumPy number": (lambda x: x * np.float64(1.5) + np.int64(2), lambda x: x * 1.5 + 2),
    "a parameter called t1": (lambda t1: (s := np.tanh(t1)) * s * t1, lambda x: np.tanh(x) ** 2 * x),
    "a default": (lambda x, k=3: x * k, lambda x: x * 3),
}
COMPOUND["Min and Max of several"] = (
    COMPOUND["Min and Max of several"][0],
    lambda x: np.maximum(np.maximum(x, 0.2), -x) - np.minimum(np.minimum(x, 1), 2 * x),
)


@pytest.mark.parametrize("what", COMPOUND)
def test_a_python_function_is_recorded_as_it_computes(what):
    function, expected = COMPOUND[what]
    x = np.array([-2.2, -1.3, -0.4, 0.25, 0.5, 0.8, 1.7])
    layer = ElementwiseLayer(function, Input=7)
    got = layer(x)
    assert got.dtype == np.float32
    assert_close(layer(x, WorkingPrecision="Real64"), expected(x), rtol=1e-9, atol=1e-12)
    assert_close(got, expected(x), rtol=2e-5, atol=2e-6)
    assert eval(repr(layer), NAMES) == layer
    gradient = slopes(layer, x, "float32")[1]["Input"]
    assert gradient.dtype == np.float32 and np.isfinite(gradient).all()


SMOOTH = ["operators", "a value read twice", "Surd", "If", "Which", "Piecewise", "Log to a base", "Power", "a default"]


@pytest.mark.parametrize("what", SMOOTH)
def test_the_slope_of_a_recorded_function_is_that_of_differences(what):
    function, expected = COMPOUND[what]
    x, h = np.array([-2.25, -1.35, -0.45, 0.25, 0.55, 0.85, 1.75]), 1e-6
    gradient = slopes(ElementwiseLayer(function, Input=7), x)[1]["Input"]
    np.testing.assert_allclose(gradient, (expected(x + h) - expected(x - h)) / (2 * h), rtol=1e-5, atol=1e-7)


def test_how_a_function_prints():
    texts = {
        "lambda x: x * Tanh(Log(1 + Exp(x)))": lambda x: x * np.tanh(np.log(1 + np.exp(x))),
        "lambda x: ((-x) ** 2) - (-3)": lambda x: (-x) ** 2 - -3,
        "lambda x: (t1 := Tanh(x)) * t1": lambda x: np.tanh(x) * np.tanh(x),
        "lambda t1: (t2 := Tanh(t1)) * t2": lambda t1: np.tanh(t1) * np.tanh(t1),
        "lambda x: If(x > 0, Clip(x, (-1, 1)), float(\"inf\"))": lambda x: np.where(x > 0, np.clip(x, -1, 1), np.inf),
        "lambda x: 1 / (x + 2)": lambda x: np.reciprocal(x + 2),
    }  # fmt: skip
    for text, function in texts.items():
        assert repr(ElementwiseLayer(function)) == f"ElementwiseLayer({text})"


CANNOT = "a function that becomes a layer is recorded, not run: {} cannot be recorded\n  hint: {}"
LIKE = "functions of single numbers can be, such as np.tanh; FunctionLayer takes functions of whole arrays"
REFUSED = {
    "if": (
        lambda x: x if x > 0 else 0,
        CANNOT.format("a branch on its value", "write np.where(condition, a, b), or If(condition, a, b)"),
    ),
    "a chained comparison": (
        lambda x: 0 < x < 1,
        CANNOT.format("a branch on its value", "write np.where(condition, a, b), or If(condition, a, b)"),
    ),
    "for": (
        lambda x: sum(t for t in x),
        CANNOT.format("a loop over it", "use NetMapOperator to apply a net to each element"),
    ),
    "math": (
        lambda x: math.sqrt(x),
        CANNOT.format("a conversion to a number", "use NumPy's functions, or wlnet's heads, in place of math's"),
    ),
    "asarray": (
        lambda x: np.asarray(x),
        CANNOT.format("a conversion to an array", "use it as it is: NumPy's functions take it"),
    ),
    "a function of arrays": (lambda x: np.cumsum(x), CANNOT.format("np.cumsum", LIKE)),
    "an unknown function": (lambda x: np.arctanh(np.nextafter(x, 1)), CANNOT.format("np.nextafter", LIKE)),
    "a near name": (lambda x: np.logaddexp2(x, 1), CANNOT.format("np.logaddexp2", "did you mean logaddexp?")),
    "options": (lambda x: np.round(x, decimals=2), CANNOT.format("np.round with options", LIKE)),
    "Round to decimals": (lambda x: np.round(x, 2), "Round takes 1 argument, got 2"),
    "Which": (
        lambda x: Which(x > 0, 1, 2),
        "Which takes pairs of a condition and a value, got an odd number of arguments",
    ),
    "Clip": (
        lambda x: Clip(x, 0, 1),
        "Clip takes its limits as a pair: Clip(x, (low, high)), or Clip(x, (low, high), (below, above))",
    ),
    "If": (lambda x: If(x > 0, 1), "If takes 3 arguments, got 2"),
    "Mod": (lambda x: Mod(x), "Mod takes 2 to 3 arguments, got 1"),
    "Equal": (lambda x: Equal(x), "Equal takes 2 or more arguments, got 1"),
    "several": (lambda *x: x[0], "a function that becomes a layer names its parameters; it has *x"),
    "an array": (
        lambda x: If(x > 0, np.array([1, 2]), 0),
        "a function of scalars holds ndarray array([1, 2]), which is not a number\n  hint: an array that belongs to a "
        "function is a NetArray; use FunctionLayer",
    ),
    "a text": (
        lambda x: If(x > 0, "a", 0),
        "a function of scalars holds str 'a', which is not a number\n  hint: an array that belongs to a function is a "
        "NetArray; use FunctionLayer",
    ),
    "two numbers": (
        lambda x, y: x + y,
        "ElementwiseLayer: f must be a function of one number; this one takes 2, got <lambda>",
    ),
    "no number": (
        3,
        "ElementwiseLayer: f must be a function of one number: a name, a head, or a Python function, got 3",
    ),
    "a head of two": (
        "Subtract",
        'ElementwiseLayer: f must be a function of one number; Subtract takes more, got "Subtract"',
    ),
    "a name": ("SELLU", 'ElementwiseLayer: f must be the name of a function, got "SELLU"\n  hint: did you mean SELU?'),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_recorded_says_so(what):
    function, expected = REFUSED[what]
    text = message(lambda: ElementwiseLayer(function))
    assert text == expected


def test_refused_attributes_and_lengths():
    def assigns(x):
        x[0] = 1
        return x

    assert message(lambda: ElementwiseLayer(lambda x: x.sum())) == (
        "a function that becomes a layer is recorded, not run: .sum cannot be recorded"
    )
    assert message(lambda: ElementwiseLayer(lambda x: len(x))) == (
        "a function that becomes a layer is recorded, not run: its length cannot be recorded"
    )
    assert message(lambda: ElementwiseLayer(assigns)) == CANNOT.format(
        "an assignment into it", "write np.where(condition, new, old)"
    )
    assert message(lambda: ElementwiseLayer(lambda x: np.add.reduce(x))) == (
        "a function that becomes a layer is recorded, not run: np.add with reduce cannot be recorded"
    )
