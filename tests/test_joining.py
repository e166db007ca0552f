"""CatenateLayer and TotalLayer against NumPy: ranks, levels, sequences, shapes both ways, errors."""

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from tests.slopes import slopes
from wlnet import (
    Automatic,
    CatenateLayer,
    NetChain,
    NetError,
    NetGraph,
    NetPort,
    PartLayer,
    TotalLayer,
)
from wlnet.core.dims import Unknown
from wlnet.core.types import Integer

NAMES = vars(wlnet)


def message(make):
    """The text of the NetError that it raises."""
    with pytest.raises(NetError) as caught:
        make()
    return str(caught.value)


JOINED = [
    # level, shapes of the inputs, each as it is repeated, axis of NumPy
    (1, [(2, 3), (5, 3)], None, 0),
    (2, [(2, 3), (2, 5)], None, 1),
    (-1, [(2, 3), (2, 5), (2, 7)], None, 1),
    (-2, [(2, 3), (5, 3)], None, 0),
    (1, [(3,), (5,), (7,)], None, 0),
    (1, [(3,), (2, 5)], [(2, 3), (2, 5)], 1),
    (1, [(2, 7, 5), (3,)], [(2, 7, 5), (2, 7, 3)], 2),
    (1, [(3, 5), (2, 7, 5)], [(2, 3, 5), (2, 7, 5)], 1),
    (2, [(7, 3), (2, 7, 5)], [(2, 7, 3), (2, 7, 5)], 2),
    (-1, [(7, 3), (2, 7, 5)], [(2, 7, 3), (2, 7, 5)], 2),
    (-2, [(7, 5), (2, 3, 5)], [(2, 7, 5), (2, 3, 5)], 1),
    (1, [(3,), (2, 5), (2,)], [(2, 3), (2, 5), (2, 2)], 1),
    (1, [(3,)], None, 0),
]


@pytest.mark.parametrize(("level", "shapes", "wide", "axis"), JOINED)
def test_the_inputs_are_joined(level, shapes, wide, axis):
    arrays = [example(*shape, seed=k) for k, shape in enumerate(shapes)]
    repeated = [np.broadcast_to(a, w) for a, w in zip(arrays, wide or shapes, strict=True)]
    expected = np.concatenate(repeated, axis)
    layer = CatenateLayer(level, InputPorts=shapes)
    data = arrays if len(arrays) > 1 else arrays[0]
    assert layer.shapes["Output"] == expected.shape
    got = layer(data)
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, expected)
    batch = [np.stack([a, -a]) for a in arrays]
    np.testing.assert_array_equal(layer(batch if len(arrays) > 1 else batch[0]), np.stack([expected, -expected]))
    np.testing.assert_array_equal(CatenateLayer(level)(arrays), expected)
    weights = example(*expected.shape, seed=8)
    gradients = list(slopes(layer, data, "float32", weights)[1].values())
    starts = np.cumsum([0, *(each.shape[axis] for each in repeated)])
    for gradient, array, start, end in zip(gradients, arrays, starts, starts[1:], strict=False):
        piece = np.moveaxis(np.moveaxis(weights, axis, 0)[start:end], 0, axis)
        assert_close(gradient, piece.sum(tuple(range(piece.ndim - array.ndim))), rtol=1e-5)
        assert gradient.dtype == np.float32
    assert eval(repr(layer), NAMES) == layer


ONE, OTHER = [example(5, 2, seed=1), example(3, 2, seed=2)], [example(2, 2, seed=3), example(7, 2, seed=4)]


def test_the_true_elements_of_sequences_are_joined():
    layer = CatenateLayer(InputPorts={"A": ("n", 2), "B": (3, 2), "C": ("m", 2)})
    assert repr(layer.shapes["Output"]) == "(m+n+3, 2)"
    middle = [example(3, 2, seed=5), example(3, 2, seed=6)]
    data = {"A": ONE, "B": middle, "C": OTHER}
    got = layer(data)
    for joined, *parts in zip(got, ONE, middle, OTHER, strict=True):
        np.testing.assert_array_equal(joined, np.concatenate(parts))
    for k in range(2):
        np.testing.assert_array_equal(layer({name: rows[k] for name, rows in data.items()}), got[k])


@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
def test_the_gradient_of_joined_sequences_goes_to_the_true_places(engine):
    layer = CatenateLayer(InputPorts=[("n", 2), ("m", 2)])
    weights = np.zeros((2, 12, 2))
    weights[0, :7], weights[1, :10] = example(7, 2, seed=7), example(10, 2, seed=8)
    outputs, gradients = slopes(layer, [ONE, OTHER], weights=weights, engine=engine)
    for k, (a, b) in enumerate(zip(ONE, OTHER, strict=True)):
        assert_close(outputs["Output"][k, : len(a) + len(b)], np.concatenate([a, b]))
        assert_close(gradients["Input1"][k], np.pad(weights[k, : len(a)], [(0, 5 - len(a)), (0, 0)]))
        assert_close(gradients["Input2"][k], np.pad(weights[k, len(a) : len(a) + len(b)], [(0, 7 - len(b)), (0, 0)]))


def test_sequences_of_one_length_are_joined_at_another_level():
    layer = CatenateLayer(2, InputPorts=[("Varying", 2), ("Varying", 3)])
    wide = [example(5, 3, seed=5), example(3, 3, seed=6)]
    for got, a, b in zip(layer([ONE, wide]), ONE, wide, strict=True):
        np.testing.assert_array_equal(got, np.concatenate([a, b], 1))
    repeated = CatenateLayer(InputPorts=[3, ("Varying", 2)])
    vector = example(2, 3, seed=7)
    for got, v, x in zip(repeated([vector, ONE]), vector, ONE, strict=True):
        np.testing.assert_array_equal(got, np.concatenate([np.broadcast_to(v, (len(x), 3)), x], 1))


def test_what_is_missing_follows_from_the_total():
    layer = CatenateLayer(InputPorts=[(2, 3), (Automatic, Automatic), (7, 3)], Output=(14, 3))
    assert layer.shapes["Input2"] == (5, 3)
    assert CatenateLayer(2, InputPorts=[(2, 3), (Automatic, 4)]).shapes["Output"] == (2, 7)
    assert CatenateLayer(InputPorts=[(2, 3), (Automatic, 3)]).shapes["Output"] == (Unknown, 3)
    assert CatenateLayer(InputPorts=[(Automatic,), (2, 5)], Output=(2, 8)).shapes["Input1"] == (3,)
    assert CatenateLayer(InputPorts=2, Output=(5, 3)).shapes["Input1"] is None
    layer = CatenateLayer(InputPorts=[("n", 3), (Automatic, 3)], Output=(Automatic, 3))
    assert repr(layer.shapes["Output"]) == "(?, 3)"
    layer = CatenateLayer(InputPorts=[(Automatic, 3), (2, 3)], Output=("n", 3))
    assert repr(layer.shapes["Input1"]) == "(n-2, 3)"


def test_integers_are_joined_as_integers():
    layer = CatenateLayer(InputPorts=[(2, "Integer"), (3, "Integer")])
    got = layer([[1, 2], [3, 4, 5]])
    assert got.dtype == np.int64 and got.tolist() == [1, 2, 3, 4, 5]
    assert isinstance(layer.plan.types[(), "Output"], Integer)


def test_the_number_of_inputs_is_that_of_the_edges():
    graph = NetGraph([5, "Tanh", CatenateLayer(), TotalLayer()], [((1, 2), 3), ((1, 1), 4)], Input=3)
    assert repr(graph.at(3)) == "CatenateLayer(InputPorts=2)" and repr(graph.at(4)) == "TotalLayer(InputPorts=2)"
    assert graph.plan.shape((3,), "Output") == (8,)


def test_a_total_is_the_sum():
    arrays = [example(2, 3, 5, seed=k) for k in range(3)]
    layer = TotalLayer(InputPorts=3, Output=(2, 3, 5))
    assert layer.shapes == dict.fromkeys(["Input1", "Input2", "Input3", "Output"], (2, 3, 5))
    assert_close(layer(arrays), arrays[0] + arrays[1] + arrays[2])
    assert layer(arrays).dtype == np.float32
    assert_close(TotalLayer()(arrays), arrays[0] + arrays[1] + arrays[2])
    assert_close(TotalLayer()(arrays[:1]), arrays[0])
    weights = example(2, 3, 5, seed=9)
    for gradient in slopes(layer, arrays, "float32", weights)[1].values():
        np.testing.assert_array_equal(gradient, weights)
    assert TotalLayer(InputPorts=[(2, Automatic), (Automatic, 3)]).shapes["Output"] == (2, 3)
    named = TotalLayer(InputPorts={"a": "Real", "b": "Real"})
    assert named({"a": 1.5, "b": 2}).tolist() == 3.5
    assert eval(repr(named), NAMES) == named
    assert TotalLayer(InputPorts=[(2, "Integer"), 2])([[1, 2], [0.5, 0.5]]).dtype == np.float32


def test_a_total_of_sequences():
    layer = TotalLayer(InputPorts=[("Varying", 2), ("Varying", 2), ("Varying", 2)])
    twice = [np.float32(2) * x for x in ONE]
    for got, x in zip(layer([ONE, twice, ONE]), ONE, strict=True):
        assert_close(got, 4 * x)


def given(*shapes):
    """What an error says of the inputs."""
    return " (" + "; ".join(f"Input{k} is {shape}, as given" for k, shape in enumerate(shapes, start=1)) + ")"


LEVEL = (
    'a level, a span such as "2;;All", a tuple of levels, or All; levels are whole numbers from 1, or from -1 backwards'
)
ERRORS = {
    "sizes beside the level": (
        lambda: CatenateLayer(InputPorts=[(2, 3), (5, 7)]),
        "CatenateLayer: sizes at level 2 of the output 3 and 7 must be equal" + given("2×3", "5×7"),
    ),
    "lengths beside the level": (
        lambda: CatenateLayer(2, InputPorts=[("n", 3), (5, 3)]),
        "CatenateLayer: sizes at level 1 of the output n and 5 must be equal" + given("n×3", "5×3"),
    ),
    "lengths of the data": (
        lambda: CatenateLayer(2, InputPorts=[("Varying", 2), ("Varying", 2)])([ONE, OTHER]),
        "Input2 must have lengths [5, 3] to go with Input1, but has [2, 7]\n  hint: give sequences whose lengths agree",
    ),
    "no such level": (
        lambda: CatenateLayer(2, InputPorts=[3, (2, 5)]),
        "CatenateLayer: level 2 is not a level of an input of rank 1" + given("3", "2×5") + "\n"
        "  hint: levels count in the input of the smallest rank",
    ),
    "no such level from the end": (
        lambda: CatenateLayer(-2, InputPorts=[3, (2, 5)]),
        "CatenateLayer: level -2 is not a level of an input of rank 1" + given("3", "2×5") + "\n"
        "  hint: levels count in the input of the smallest rank",
    ),
    "numbers": (
        lambda: CatenateLayer()([1.0, 2.0]),
        "CatenateLayer: level 1 is not a level of an input of rank 0" + given("scalar", "scalar") + "\n"
        "  hint: levels count in the input of the smallest rank",
    ),
    "level 0": (lambda: CatenateLayer(0), f"CatenateLayer: level must be {LEVEL}, got 0"),
    "more than the total": (
        lambda: CatenateLayer(InputPorts=[(2,), (Automatic,)], Output=2),
        "CatenateLayer would take Input2 of shape 0, but a dimension is at least 1 (Input1 is 2, as given)\n"
        "  hint: make its input larger, or its window or part smaller",
    ),
    "another total": (
        lambda: CatenateLayer(InputPorts=[2, 3], Output=7),
        "CatenateLayer gives Output of shape 7, where shape is 7, but the rest makes shape 5" + given("2", "3"),
    ),
    "classes of two kinds": (
        lambda: CatenateLayer(InputPorts=[(2, "Integer"), (3, "Real")]),
        "CatenateLayer takes Input2 of integers, but Input2 is given as real numbers\n"
        "  hint: integers come from an encoder, from OrderingLayer, or from a port typed Integer",
    ),
    "a total of unequal sizes": (
        lambda: TotalLayer(InputPorts=[(2, 3), (2, 1)]),
        "TotalLayer takes Input2 of shape 2×3, but Input2 is given as 2×1 (Input1 is 2×3, as given)",
    ),
    "a total of unequal ranks": (
        lambda: TotalLayer(InputPorts=[(2, 3), 3]),
        "TotalLayer takes Input2 of shape 2×3, but Input2 is given as 3 (Input1 is 2×3, as given)",
    ),
    "a total of unequal data": (
        lambda: TotalLayer()([[1.0, 2.0], [1.0]]),
        "TotalLayer takes Input2 of shape 2, but Input2 is given as 1 (Input1 is 2, as given)",
    ),
    "a total in a graph": (
        lambda: NetGraph([3, 5, TotalLayer()], [((1, 2), 3)], Input=7),
        "net/3: TotalLayer takes Input2 of shape 3, but net/2 gives 5 (Input1 is 3 from net/1)",
    ),
    "lengths that never agree": (
        lambda: NetGraph([PartLayer("2;;"), TotalLayer()], [((1, NetPort("Input")), 2)], Input=("n", 2)),
        "net/2: TotalLayer takes Input2 of shape n-1×2, but Input is given as n×2 (Input1 is n-1×2 from net/1)",
    ),
    "no inputs": (
        lambda: TotalLayer(InputPorts=0),
        "TotalLayer: InputPorts must be a number of inputs, a list of names, a dict of types by name, or a list of "
        "types, got 0",
    ),
    "nothing to say the number": (
        lambda: NetGraph([3, TotalLayer()], [], Input=2),
        "NetGraph: no edge leads into layer 2, a TotalLayer, so its number of inputs is not known\n"
        "  hint: connect it, or say InputPorts=2",
    ),
    "two inputs in a chain": (
        lambda: NetChain([3, TotalLayer(InputPorts=2)], Input=2),
        "net/2: TotalLayer stands behind another layer in a NetChain, and so needs exactly one input port; it has 2 "
        "(Input1, Input2)\n  hint: connect its ports by name in a NetGraph",
    ),
}


@pytest.mark.parametrize("what", ERRORS)
def test_errors(what):
    make, text = ERRORS[what]
    assert message(make) == text
