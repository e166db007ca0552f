"""The sequence layers: values by slicing, true lengths, whole numbers, inference in both directions, errors."""

import pickle

import numpy as np
import pytest

from tests.examples import assert_close, example
from tests.recurrences import arrays_of
from wlnet import CatenateLayer, NetChain, NetError, NetGraph, NetPort, Restricted
from wlnet.backends import backend
from wlnet.layers.recurrent import GatedRecurrentLayer
from wlnet.layers.sequence import (
    SequenceIndicesLayer,
    SequenceLastLayer,
    SequenceMostLayer,
    SequenceRestLayer,
    SequenceReverseLayer,
)

SLICES = {
    SequenceLastLayer: lambda x: x[-1],
    SequenceMostLayer: lambda x: x[:-1],
    SequenceRestLayer: lambda x: x[1:],
    SequenceReverseLayer: lambda x: x[::-1],
    SequenceIndicesLayer: lambda x: np.arange(1, len(x) + 1),
}
every = pytest.mark.parametrize("layer", SLICES, ids=lambda layer: layer.__name__)


@every
@pytest.mark.parametrize("shape", [(5,), (5, 3), (5, 3, 7)], ids=repr)
def test_it_is_its_slice(layer, shape):
    x = example(2, *shape)
    net = layer(Input=shape)
    assert np.array_equal(net(x[0]), SLICES[layer](x[0]))
    assert np.array_equal(net(x), [SLICES[layer](one) for one in x])
    assert np.array_equal(layer()(x[0]), SLICES[layer](x[0]))


@every
@pytest.mark.parametrize("rest", [(), (3,), (3, 7)], ids=repr)
def test_sequences_of_unequal_lengths_are_each_alone(layer, rest):
    x = [example(size, *rest, seed=size) for size in (5, 2, 11)]
    for got, one in zip(layer(Input=("Varying", *rest))(x), x, strict=True):
        assert np.array_equal(got, SLICES[layer](one))


@every
def test_on_jax(layer):
    pytest.importorskip("jax")
    x = [example(size, 3, seed=size) for size in (5, 2, 11)]
    net, engine = layer(Input=("n", 3)), backend("JAX")
    (name,) = {name for shape in net.plan.shapes.values() if shape for name in getattr(shape[0], "names", set)()}
    lengths = np.array([5, 2, 11])
    padded = np.stack([np.pad(one, ((0, 13 - len(one)), (0, 0)), constant_values=9) for one in x])
    xp = engine.context(dims=net.plan.at({name: engine.array(lengths)}))
    outputs = np.asarray(net.run(xp, {}, {"Input": engine.array(padded)}, ())[0]["Output"])
    for got, one in zip(outputs, x, strict=True):
        expected = SLICES[layer](one)
        assert np.array_equal(
            got if expected.ndim == 1 and layer is SequenceLastLayer else got[: len(expected)], expected
        )


@pytest.mark.parametrize("layer", list(SLICES)[:4], ids=lambda layer: layer.__name__)
def test_whole_numbers_stay_whole_numbers(layer):
    net = layer(Input=("Varying", Restricted("Integer", 7)))
    rows = [[1, 7, 3], [2, 5], [4, 6, 7, 1]]
    for got, row in zip(net(rows), rows, strict=True):
        assert got.dtype == np.int64 and np.array_equal(got, SLICES[layer](np.array(row)))
    assert net.plan.types[(), "Output"] == net.plan.types[(), "Input"]


def test_indices_stop_at_the_maximum_and_are_classes():
    net = SequenceIndicesLayer(Maximum=3, Input=("Varying", 2))
    got = net([example(5, 2), example(2, 2), example(7, 2)])
    assert [row.tolist() for row in got] == [[1, 2, 3, 3, 3], [1, 2], [1, 2, 3, 3, 3, 3, 3]]
    assert got[0].dtype == np.int64
    assert str(net.plan.types[(), "Output"]) == "integers up to 3"
    assert str(SequenceIndicesLayer().plan.types[(), "Output"]) == "integers"
    assert SequenceIndicesLayer(Maximum=float("inf")) == SequenceIndicesLayer()


def test_indices_stay_in_range_in_the_padding():
    net = SequenceIndicesLayer(Input="Varying")
    (name,) = net.plan.shape((), "Input")[0].names()
    xp = backend().context(dims=net.plan.at({name: np.array([2, 3])}))
    outputs, _ = net.run(xp, {}, {"Input": np.zeros((2, 5), np.float32)}, ())
    assert outputs["Output"].tolist() == [[1, 2, 2, 2, 2], [1, 2, 3, 3, 3]]


def test_shapes_are_inferred_in_both_directions():
    assert SequenceMostLayer(Output=(4, 3)).shapes["Input"] == (5, 3)
    assert SequenceRestLayer(Output=4).shapes["Input"] == (5,)
    assert SequenceReverseLayer(Output=(5, 3)).shapes["Input"] == (5, 3)
    assert SequenceLastLayer(Output=(3, 7)).shapes["Input"][1:] == (3, 7)
    assert SequenceIndicesLayer(Output=5).plan.shape((), "Input") is None
    chain = NetChain([SequenceMostLayer(), SequenceRestLayer(), SequenceMostLayer()], Input=("n", 3))
    assert repr(chain.shapes["Output"]) == "(n-3, 3)"


def test_most_and_rest_of_varying_lengths_meet():
    """x(t) beside x(t + 1): both are one shorter, so they go together."""
    layers = {"most": SequenceMostLayer(), "rest": SequenceRestLayer(), "join": CatenateLayer(2)}
    net = NetGraph(layers, [(NetPort("Input"), ("most", "rest"), "join")], Input=("n", 2))
    x = [example(5, 2), example(3, 2)]
    for got, one in zip(net(x), x, strict=True):
        assert np.array_equal(got, np.concatenate([one[:-1], one[1:]], 1))


def test_a_net_that_reads_a_sequence_in_both_directions():
    """Backwards is the same as the reversed sequence forwards, reversed: of each true length alone."""
    arrays = arrays_of(GatedRecurrentLayer, 5, 3)
    forwards = GatedRecurrentLayer(5, **arrays)
    layers = {"a": forwards, "b": NetChain([SequenceReverseLayer(), forwards, SequenceReverseLayer()]),
              "join": CatenateLayer(2)}  # fmt: skip
    net = NetGraph(layers, [(NetPort("Input"), ("a", "b"), "join")], Input=("Varying", 3))
    x = [example(7, 3), example(2, 3)]
    for got, one in zip(net(x), x, strict=True):
        assert_close(got, np.concatenate([forwards(one), forwards(one[::-1])[::-1]], 1))


@pytest.mark.parametrize(
    "text",
    [
        *[f"{layer.__name__}()" for layer in SLICES],
        "SequenceIndicesLayer(Maximum=3, Input=(5, 2))",
        'SequenceMostLayer(Output=("Varying", 3))',
    ],
)
def test_it_prints_as_the_code_that_makes_it(text):
    layer = eval(text, {each.__name__: each for each in SLICES})
    assert repr(layer) == text and pickle.loads(pickle.dumps(layer)) == layer


MAXIMUM = "SequenceIndicesLayer: Maximum must be a positive whole number, or math.inf"
TOO_SHORT = "would give Output of shape 0, but a dimension is at least 1 (Input is 1, as given)\n" + (
    "  hint: make its input larger, or its window or part smaller"
)
ERRORS = [
    *[
        (
            lambda layer=layer: layer(Input="Real"),
            f"{layer.__name__} takes Input of shape ?×…, but Input is given as scalar",
        )
        for layer in SLICES
    ],
    *[
        (lambda layer=layer: layer()(["a", "b"]), "Input: the data must be real numbers, but are texts (<U1)\n"
         "  hint: give lists of numbers or a numeric array; for texts, classes or images put a NetEncoder on the port")
        for layer in SLICES
    ],
    *[
        (lambda layer=layer: layer(Input="Varying")([[1], []]), "Input: a sequence is empty\n"
         "  hint: a sequence has at least one element")
        for layer in SLICES
    ],
    (
        lambda: SequenceLastLayer(3),
        "SequenceLastLayer takes no positional arguments, got 1\n  hint: give options by name",
    ),
    (lambda: SequenceMostLayer(Input=1), f"SequenceMostLayer {TOO_SHORT}"),
    (lambda: SequenceRestLayer(Input=1), f"SequenceRestLayer {TOO_SHORT}"),
    *[
        (lambda layer=layer: layer(Input="Varying")([[1, 2], [3]]),
         "Output: a sequence is too short: its length Varying-1 would be 0\n  hint: give longer sequences")
        for layer in (SequenceMostLayer, SequenceRestLayer)
    ],
    (
        lambda: SequenceMostLayer(Input=5, Output=5),
        "SequenceMostLayer gives Output of shape 5, where outlength is 5, but the rest makes outlength 4 (Input is 5, "
        "as given)",
    ),
    *[(lambda m=m: SequenceIndicesLayer(Maximum=m), f"{MAXIMUM}, got {m!r}") for m in (0, -1, 2.5, None, True)],
    (lambda: SequenceIndicesLayer(Maximum="5"), f'{MAXIMUM}, got "5"'),
    (
        lambda: SequenceIndicesLayer(Maximun=5),
        "SequenceIndicesLayer: Maximun is not an option\n  hint: did you mean Maximum?",
    ),
]  # fmt: skip


@pytest.mark.parametrize("make, text", ERRORS)
def test_errors(make, text):
    with pytest.raises(NetError) as raised:
        make()
    assert str(raised.value) == text
