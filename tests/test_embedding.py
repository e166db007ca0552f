"""EmbeddingLayer and UnitVectorLayer: values, inference, gradients, and every error."""

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    Automatic,
    CatenateLayer,
    EmbeddingLayer,
    Information,
    LinearLayer,
    NetChain,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetPort,
    NetTrain,
    Restricted,
    UnitVectorLayer,
)
from wlnet.backends import backend

WEIGHTS = example(5, 3)


def refused(make):
    """The text of the error that `make` ends in."""
    with pytest.raises(NetError) as error:
        make()
    return str(error.value)


# --- values


@pytest.mark.parametrize("numbers", [4, [1, 5, 4], [[2, 1], [3, 3]]])
def test_embedding_takes_rows_of_the_weights(numbers):
    shape = np.shape(numbers)
    layer = EmbeddingLayer(3, 5, Weights=WEIGHTS, Input=(*shape, "Integer") if shape else "Integer")
    assert_close(layer(numbers), WEIGHTS[np.array(numbers) - 1], 0, 0)
    assert layer.shapes["Output"] == (*shape, 3)


@pytest.mark.parametrize("numbers", [4, [1, 5, 4], [[2, 1], [3, 3]]])
def test_unit_vectors_are_rows_of_the_unit_matrix(numbers):
    shape = np.shape(numbers)
    layer = UnitVectorLayer(5, Input=(*shape, "Integer") if shape else "Integer")
    result = layer(numbers)
    assert_close(result, np.eye(5, dtype=np.float32)[np.array(numbers) - 1], 0, 0)
    assert result.dtype == np.float32


def test_sequences_of_unequal_lengths():
    layer = EmbeddingLayer(3, 5, Weights=WEIGHTS, Input="Varying")
    first, second = layer([[1, 2], [5, 4, 3]])
    assert_close(first, WEIGHTS[[0, 1]], 0, 0)
    assert_close(second, WEIGHTS[[4, 3, 2]], 0, 0)
    one, other = UnitVectorLayer(3, Input="Varying")([[3], [1, 2]])
    assert (one.tolist(), other.tolist()) == ([[0, 0, 1]], [[1, 0, 0], [0, 1, 0]])


def test_whole_numbers_may_be_written_as_reals():
    assert_close(EmbeddingLayer(3, 5, Weights=WEIGHTS)([2.0, 4.0]), WEIGHTS[[1, 3]], 0, 0)


def test_double_precision_stays():
    layer = EmbeddingLayer(3, 5, Weights=WEIGHTS, Input=2)
    assert layer([1, 2], WorkingPrecision="Real64").dtype == np.float64
    assert UnitVectorLayer(5, Input=2)([1, 2], WorkingPrecision="Real64").dtype == np.float64


@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
def test_a_row_that_is_taken_twice_gets_both_gradients(engine):
    if engine == "JAX":
        pytest.importorskip("jax")
    layer, engine, g = EmbeddingLayer(3, 5, Input=4), backend(engine), example(1, 4, 3, seed=1)

    def total(leaf):
        xp = engine.context(dims=layer.plan.at({}))
        outputs, _ = layer.run(xp, {("Weights",): leaf["w"]}, {"Input": engine.array(np.array([[2, 5, 2, 2]]))}, ())
        return xp.sum(outputs["Output"] * engine.array(g)), {}

    gradients_of = engine.compile(lambda leaf: engine.value_and_gradient(total, leaf)[2])
    gradients = gradients_of({"w": engine.array(WEIGHTS)})
    expected = np.zeros((5, 3))
    expected[1], expected[4] = g[0, 0] + g[0, 2] + g[0, 3], g[0, 1]
    assert_close(engine.numpy(gradients["w"]), expected.astype(np.float32))


# --- inference


def test_n_comes_from_an_encoder():
    net = NetInitialize(NetChain([EmbeddingLayer(3), LinearLayer(2)], Input=NetEncoder("Class", ["a", "b", "c", "d"])))
    assert NetExtract(net, (1, "Weights")).shape == (4, 3)
    one = NetChain([UnitVectorLayer()], Input=NetEncoder("Class", ["a", "b", "c", "d"]))
    assert one("c").tolist() == [0, 0, 1, 0]


def test_sizes_come_from_weights_from_the_output_and_from_the_range_of_the_input():
    assert EmbeddingLayer(Weights=WEIGHTS, Input=7).shapes["Output"] == (7, 3)
    assert EmbeddingLayer(n=5, Output=(7, 3)).shapes == {"Input": (7,), "Output": (7, 3), "Weights": (5, 3)}
    assert UnitVectorLayer(Output=(7, 5)).shapes == {"Input": (7,), "Output": (7, 5)}
    assert UnitVectorLayer(Input=(7, Restricted("Integer", 5))).shapes["Output"] == (7, 5)
    assert repr(NetExtract(EmbeddingLayer(3, 5, Input=7), "Input")) == '(7, Restricted("Integer", 5))'


def test_weights_start_as_the_method_draws_them():
    net = EmbeddingLayer(101, 53)
    assert NetExtract(net, "Weights") is Automatic
    weights = NetExtract(NetInitialize(net), "Weights")
    assert weights.shape == (53, 101) and weights.dtype == np.float32
    assert abs(weights.std() / (2 / 101) ** 0.5 - 1) < 0.05  # Kaiming's, over the last level


def test_training_moves_the_rows_that_occur_and_no_others():
    net = NetInitialize(NetChain([EmbeddingLayer(2, 5)], Input="Integer"))
    target = np.array([[1.0, -1.0], [0.5, 2.0]])
    trained = NetTrain(net, ([2, 4], target), MaxTrainingRounds=400, Method=("ADAM", {"LearningRate": 0.05}))
    before, after = NetExtract(net, (1, "Weights")), NetExtract(trained, (1, "Weights"))
    assert np.abs(after[[1, 3]] - target).max() < 0.02
    assert_close(after[[0, 2, 4]], before[[0, 2, 4]], 0, 0)
    frozen = NetTrain(net, ([2, 4], target), MaxTrainingRounds=2, LearningRateMultipliers={1: 0})
    assert_close(NetExtract(frozen, (1, "Weights")), before, 0, 0)


def test_only_the_embedding_has_arrays():
    assert Information(UnitVectorLayer(3), "ArraysCount") == 0
    assert not UnitVectorLayer(3).trainable() and EmbeddingLayer(3).trainable()


# --- errors


@pytest.mark.parametrize("layer", [EmbeddingLayer(3, 5, Weights=WEIGHTS), UnitVectorLayer(5)])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([1, 6], "Input takes integers up to 5, but the data hold 6 (example 1)\n  hint: the largest is 5"),
        ([0, 5], "Input takes integers up to 5, but the data hold 0 (example 1)\n"
                 "  hint: classes and positions count from 1"),
        ([5, -1], "Input takes integers up to 5, but the data hold -1 (example 1)\n"
                  "  hint: classes and positions count from 1"),
        ([1, 2.5], "Input takes integers, but the data hold 2.5"),
    ],
)  # fmt: skip
def test_data_out_of_range_are_refused(layer, data, said):
    assert refused(lambda: layer(data)) == said


def test_data_out_of_range_are_refused_where_the_layer_stands_inside():
    sequences = NetInitialize(NetChain([[EmbeddingLayer(3, 5)], "Tanh"], Input="Varying"))
    assert refused(lambda: sequences([[1, 2], [3, 6, 1]])) == (
        "Input takes integers up to 5, but the data hold 6 (example 2)\n  hint: the largest is 5"
    )
    edges = [(NetPort("A"), "join"), (NetPort("B"), "join"), ("join", "embed")]
    joined = NetInitialize(NetGraph({"join": CatenateLayer(), "embed": EmbeddingLayer(3, 5)}, edges, A=3, B=2))
    assert refused(lambda: joined({"A": [1, 2, 3], "B": [6, 1]})) == (
        "B takes integers up to 5, but the data hold 6 (example 1)\n  hint: the largest is 5"
    )


def test_reals_are_refused_at_construction():
    assert refused(lambda: NetChain(["Tanh", EmbeddingLayer(3, 5)])) == (
        "net/2: EmbeddingLayer takes Input of integers up to 5, but net/1 gives real numbers\n"
        "  hint: integers come from an encoder, from OrderingLayer, or from a port typed Integer"
    )
    assert refused(lambda: UnitVectorLayer(5, Input="Real")) == (
        "UnitVectorLayer takes Input of integers up to 5, but Input is given as real numbers\n"
        "  hint: integers come from an encoder, from OrderingLayer, or from a port typed Integer"
    )


def test_two_ranges_are_refused():
    assert refused(lambda: EmbeddingLayer(3, 5, Input=Restricted("Integer", 7))) == (
        "EmbeddingLayer has Input of integers up to 5, but gets integers up to 7\n  hint: make 5 and 7 one number"
    )


def test_what_cannot_be_inferred_is_said():
    assert refused(lambda: NetInitialize(EmbeddingLayer(3))) == (
        "EmbeddingLayer: the shape of Weights is not known (?×3), because n can be inferred from nothing\n"
        "  hint: give it, as in EmbeddingLayer(n=3)"
    )
    assert refused(lambda: NetInitialize(EmbeddingLayer(n=3, Input="Integer"))) == (
        "EmbeddingLayer: the shape of Weights is not known (3×?), because the shape of Output is ?\n"
        "  hint: say it, as in Output=(3, 8), on the layer or on the net"
    )
    assert refused(lambda: EmbeddingLayer(3, 5)([1])) == (
        "EmbeddingLayer has no values for Weights\n  hint: NetInitialize(net) gives it initial values"
    )
    assert refused(lambda: UnitVectorLayer()(4)) == (
        "the shape of Output is not known (?)\n"
        "  hint: give it when the layer is made, as in Input=(3, 8), or give data that say it"
    )


def test_weights_must_be_of_their_shape():
    assert refused(lambda: EmbeddingLayer(3, 5, Weights=example(2, 3))) == (
        "EmbeddingLayer has Weights of shape 5×3, but Weights is given as 2×3"
    )
    assert refused(lambda: EmbeddingLayer(3, Weights=None)) == "EmbeddingLayer: Weights cannot be None"


def test_arguments_are_checked():
    said = "must be a positive whole number, or Automatic, got"
    assert refused(lambda: EmbeddingLayer(0)) == f"EmbeddingLayer: size {said} 0"
    assert refused(lambda: EmbeddingLayer(3, "five")) == f'EmbeddingLayer: n {said} "five"'
    assert refused(lambda: UnitVectorLayer(2.5)) == f"UnitVectorLayer: n {said} 2.5"
    assert refused(lambda: UnitVectorLayer(3, LearningRateMultipliers=0)) == (
        "UnitVectorLayer: LearningRateMultipliers is not an option\n  hint: there are Input, Output, n"
    )
    assert refused(lambda: EmbeddingLayer(3, 5, Biases=None)) == (
        "EmbeddingLayer: Biases is not an option\n"
        "  hint: there are LearningRateMultipliers, Input, Output, Weights, size, n"
    )
