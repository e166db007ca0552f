"""ElementwiseLayer: every named function and head against NumPy and SciPy, values, slopes, kinks, ports."""

import math

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from tests.scalar_formulas import AT_KINKS, HEADS, NAMED, points
from tests.slopes import slopes
from wlnet import (
    Clip,
    ElementwiseLayer,
    If,
    NetChain,
    NetError,
    Piecewise,
    Ramp,
    Tanh,
)

NAMES = {**vars(wlnet)}
TABLE = {**NAMED, **HEADS}


def message(make):
    """The text of the NetError that it raises."""
    with pytest.raises(NetError) as caught:
        make()
    return str(caught.value)


def test_the_table_of_formulas_holds_every_head_of_one_number():
    alone = {name for name, head in wlnet.HEADS.items() if head.least == 1 and head.refusal(("x",)) is None}
    several = {"Plus", "Times", "Min", "Max", "And", "Or"}
    assert alone - several <= set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_a_function_is_its_formula_and_its_slope_the_derivative(name):
    value, derivative, domain = TABLE[name]
    x = points(domain)
    outputs, gradient = slopes(ElementwiseLayer(name, Input=len(x)), x)
    np.testing.assert_allclose(outputs["Output"], value(x), rtol=2e-7, atol=1e-12)
    np.testing.assert_allclose(gradient["Input"], derivative(x), rtol=2e-6, atol=1e-10)


@pytest.mark.parametrize("name", TABLE)
def test_single_precision_stays_single_and_near(name):
    value, derivative, domain = TABLE[name]
    x = points(domain).astype(np.float32)
    outputs, gradient = slopes(ElementwiseLayer(name, Input=len(x)), x, "float32")
    assert outputs["Output"].dtype == gradient["Input"].dtype == np.float32
    np.testing.assert_allclose(outputs["Output"], value(x.astype(float)), rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(gradient["Input"], derivative(x.astype(float)), rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("name", AT_KINKS)
def test_values_and_slopes_at_0_and_far_out(name, precision):
    for x, expected in zip((0.0, 100.0, -100.0), AT_KINKS[name], strict=True):
        if expected is None:
            continue
        outputs, gradient = slopes(ElementwiseLayer(name, Input="Real"), x, precision)
        np.testing.assert_allclose(outputs["Output"], expected[0], rtol=2e-5, atol=1e-6, err_msg=f"value at {x}")
        np.testing.assert_allclose(gradient["Input"], expected[1], rtol=2e-4, atol=1e-6, err_msg=f"slope at {x}")


@pytest.mark.parametrize(
    ("name", "edge", "value"), [("HardTanh", 1, 1), ("HardTanh", -1, -1), ("HardSigmoid", 1, 1), ("Clip", -1, -1)]
)
def test_on_the_edge_of_a_clip_the_value_is_the_edge(name, edge, value):
    assert ElementwiseLayer(name)(float(edge)) == value


def test_rounding_goes_to_even_and_parts_towards_0():
    halves = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]
    assert ElementwiseLayer("Round")(halves).tolist() == [-2, -2, 0, 0, 2, 2]
    assert ElementwiseLayer("IntegerPart")([-1.75, 1.75]).tolist() == [-1, 1]
    assert ElementwiseLayer("FractionalPart")([-1.75, 1.75]).tolist() == [-0.75, 0.75]
    assert ElementwiseLayer("CubeRoot")([-8.0, 27.0]).round(5).tolist() == [-2, 3]


def test_outside_its_domain_a_function_is_nan_or_infinite():
    for name, x in [("Log", -1), ("Sqrt", -1), ("ArcSin", 2), ("ArcCosh", 0.5), ("ArcSec", 0.5), ("LogGamma", -0.5)]:
        assert np.isnan(ElementwiseLayer(name)(float(x))), name
    for name in ("Log", "LogGamma", "Coth", "Csch", "Cot", "Csc", "Gamma"):
        assert np.isinf(ElementwiseLayer(name)(0.0)), name


def test_names_heads_and_numpy_functions_are_one_setting():
    assert ElementwiseLayer(Tanh) == ElementwiseLayer("Tanh") == ElementwiseLayer(np.tanh)
    assert ElementwiseLayer(lambda x: np.tanh(x)) == ElementwiseLayer(Tanh)
    assert repr(ElementwiseLayer("ReLU")) == 'ElementwiseLayer("Ramp")'
    assert ElementwiseLayer(Ramp) == ElementwiseLayer("RectifiedLinearUnit")
    assert repr(ElementwiseLayer(lambda t: t)) == "ElementwiseLayer(lambda t: t)"


def test_shapes_pass_through_both_ways_and_types_become_reals():
    assert ElementwiseLayer("Ramp", Output=(2, 3)).shapes["Input"] == (2, 3)
    assert ElementwiseLayer("Tanh", Input=(3, "Integer"))([1, 2, 3]).dtype == np.float32
    x = example(2, 3, 5)
    assert_close(ElementwiseLayer("Tanh", Input=(3, 5))(x), np.tanh(x))
    assert_close(ElementwiseLayer("Tanh")(0.5), np.tanh(0.5))
    assert [row.tolist() for row in ElementwiseLayer("Ramp", Input="Varying")([[-1, 2], [3]])] == [[0, 2], [3]]


def test_a_head_alone_computes_numbers_in_double_precision():
    assert Tanh(0.5) == math.tanh(0.5)
    assert Clip(3, (0, 1)) == 1
    assert If(True, 1, 2) == 1 and Piecewise([(1, False)], 5) == 5
    np.testing.assert_array_equal(Ramp(np.array([-1.0, 2.0])), [0, 2])


def test_errors_of_ports_name_the_layer():
    assert message(lambda: ElementwiseLayer("Ramp", Input=3, Output=5)) == (
        "ElementwiseLayer gives Output of shape 3, but Output is given as 5 (Input is 3, as given)"
    )
    assert message(
        lambda: NetChain([ElementwiseLayer("Ramp", Input=3), ElementwiseLayer("Tanh", Output=5)])
    ).startswith("net/2: ElementwiseLayer")
    assert message(lambda: ElementwiseLayer()) == "ElementwiseLayer needs f\n  hint: write ElementwiseLayer(f, …)"
