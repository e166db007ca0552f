"""NetPairEmbeddingOperator: distances against their formulas, slopes where embeddings are equal, training."""

import numpy as np
import pytest
from scipy.spatial import distance

from tests.examples import assert_close, example
from wlnet import (
    All,
    Automatic,
    BatchNormalizationLayer,
    ContrastiveLossLayer,
    CosineDistance,
    EuclideanDistance,
    LinearLayer,
    NetChain,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetPairEmbeddingOperator,
    NetPort,
    NetPortGradient,
    NetReplacePart,
    NetTrain,
    Options,
)

NET = NetInitialize(NetChain([5, "Tanh", 2], Input=3), RandomSeeding=3)


def refused(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text


@pytest.mark.parametrize(
    ("setting", "formula"),
    [
        ({}, distance.euclidean),
        ({"DistanceFunction": EuclideanDistance}, distance.euclidean),
        ({"DistanceFunction": "EuclideanDistance"}, distance.euclidean),
        ({"DistanceFunction": CosineDistance}, distance.cosine),
        ({"DistanceFunction": "CosineDistance"}, distance.cosine),
    ],
)
def test_pair_output_is_the_real_distance_between_net_of_a_and_net_of_b(setting, formula):
    pairs = example(7, 2, 3)
    got = NetPairEmbeddingOperator(NET, **setting)(pairs)
    assert_close(got, [formula(NET(a), NET(b)) for a, b in pairs])


def test_pair_input_is_a_pair_of_arrays_with_leading_dimension_2():
    assert NetPairEmbeddingOperator(NET).shapes == {"Input": (2, 3), "Output": ()}
    a, b = example(2, 3)
    assert NetPairEmbeddingOperator(NET)((a, b)) == NetPairEmbeddingOperator(NET)([a, b])


def test_pair_input_given_fixes_the_size_of_each_member():
    pair = NetPairEmbeddingOperator([5, "Tanh", LinearLayer((2, 3))], Input=(7, 3))
    assert pair.shapes["Input"] == (2, 7, 3)
    assert repr(pair).endswith("Input=(7, 3))")
    assert pair.changed(DistanceFunction="CosineDistance").shapes["Input"] == (2, 7, 3)
    assert NetPairEmbeddingOperator("Tanh", Input="Real").shapes["Input"] == (2,)


def test_pair_replacing_the_port_by_what_netextract_gave_changes_nothing():
    pair = NetPairEmbeddingOperator(LinearLayer(2), Input=(7, 3))
    assert NetExtract(pair, "Input") == (2, 7, 3)
    assert NetReplacePart(pair, {"Input": NetExtract(pair, "Input")}) == pair


def test_pair_is_equivalent_to_mapping_net_over_the_pair_then_the_distance():
    pairs = example(7, 2, 3)
    points = NetMapOperator(NET)(pairs)
    assert_close(NetPairEmbeddingOperator(NET)(pairs), np.linalg.norm(points[:, 0] - points[:, 1], axis=1))


def test_pair_default_and_options():
    assert Options(NetPairEmbeddingOperator)["DistanceFunction"] == "EuclideanDistance"
    assert Options(NetPairEmbeddingOperator)["LearningRateMultipliers"] is Automatic
    assert NetPairEmbeddingOperator(NET).DistanceFunction == "EuclideanDistance"


def test_pair_embeddings_of_any_shape_are_points():
    net = NetInitialize(LinearLayer((2, 3), Input=5))
    a, b = example(2, 5)
    assert_close(NetPairEmbeddingOperator(net)([a, b]), np.sqrt(((net(a) - net(b)) ** 2).sum()))


@pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=str)
@pytest.mark.parametrize("setting", ["EuclideanDistance", "CosineDistance"])
def test_pair_of_equal_members_has_distance_0_and_slope_0(setting, device):
    pair = NetPairEmbeddingOperator(NET, DistanceFunction=setting)
    x = np.stack([example(3), example(3)])
    assert pair(x, TargetDevice=device) == 0
    assert not pair(x, NetPortGradient("Input"), TargetDevice=device).any()


@pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=str)
def test_pair_cosine_distance_from_the_origin_is_1_with_finite_slopes(device):
    pair = NetPairEmbeddingOperator("Tanh", DistanceFunction="CosineDistance", Input=3)
    x = np.stack([np.zeros(3), example(3)])
    assert pair(x, TargetDevice=device) == 1
    assert not pair(x, NetPortGradient("Input"), TargetDevice=device).any()


def test_pair_cosine_distance_of_near_points_is_exact_and_not_below_0():
    """Of the angle t between (1, 0) and (Cos t, Sin t) it is 1 - Cos(t) = 2 Sin(t/2)²."""
    pair = NetPairEmbeddingOperator(NetChain([]), DistanceFunction="CosineDistance", Input=2)
    for t in (1e-3, 1e-2, 0.5, 3.0):
        assert_close(
            pair([[1, 0], [np.cos(t), np.sin(t)]]), 2 * np.sin(t / 2) ** 2, rtol=1e-3 if t < 0.1 else 1e-5, atol=0
        )


def test_pair_distance_of_members_that_are_far_and_near_stays_finite():
    pair = NetPairEmbeddingOperator(NetChain([]), Input=2)
    assert_close(pair([[3e4, 0], [0, 4e4]]), 5e4)
    assert np.isfinite(pair([[1e-30, 0], [0, 0]], NetPortGradient("Input"))).all()


def test_pair_batch_statistics_are_of_both_members_of_all_pairs():
    layer = NetInitialize(BatchNormalizationLayer(Input=3))
    x = example(5, 2, 3)
    points = layer(x.reshape(10, 3), NetEvaluationMode="Train").reshape(5, 2, 3)
    got = NetPairEmbeddingOperator(layer)(x, NetEvaluationMode="Train")
    assert_close(got, np.linalg.norm(points[:, 0] - points[:, 1], axis=1), rtol=1e-4)


def test_pair_maps_an_encoder_over_the_pair():
    encoder = NetEncoder("Class", ["a", "b", "c"], "UnitVector")
    inside = NetInitialize(NetChain([LinearLayer(2)], Input=encoder))
    pair = NetPairEmbeddingOperator(inside)
    assert_close(pair(["a", "c"]), np.linalg.norm(inside("a") - inside("c")))
    outside = NetPairEmbeddingOperator(LinearLayer(2), Input=encoder)
    assert repr(NetExtract(outside, "Input")).endswith("Dimensions=(2,))")
    assert eval(repr(outside)) == outside
    assert NetInitialize(outside)([["a", "c"], ["b", "b"]])[1] == 0


def test_pair_gets_a_contrastive_loss_from_nettrain_with_true_for_different():
    """Numbers of one sign are near, of two signs far; one linear map to the line can tell."""
    random = np.random.default_rng(0)
    pairs = random.uniform(0.2, 1, (200, 2, 1)) * random.choice([-1, 1], (200, 2, 1))
    different = [bool(a[0] * b[0] < 0) for a, b in pairs]
    pair = NetPairEmbeddingOperator([7, "Tanh", 2], Input=1)
    results = NetTrain(
        pair, (pairs, different), All, MaxTrainingRounds=60, RandomSeeding=1, LearningRate=0.01,
        TrainingProgressReporting=None,
    )  # fmt: skip
    assert "ContrastiveLossLayer()" in repr(results["TrainingNet"])
    found = results["TrainedNet"](pairs)
    far, near = found[np.array(different)], found[~np.array(different)]
    assert far.mean() > 0.45 > 0.1 > near.mean()


def test_pair_inner_net_comes_through_netextract_net():
    assert NetExtract(NetPairEmbeddingOperator(NET), "Net") is NET
    assert NetExtract(NetPairEmbeddingOperator([5, 2]), ("Net", 2)) == LinearLayer(2)


def test_pair_with_a_contrastive_loss_wired_in_is_trained_by_it_as_it_is():
    net = NetGraph(
        {"pair": NetPairEmbeddingOperator(LinearLayer(2), Input=3), "loss": ContrastiveLossLayer(0.25)},
        [("pair", NetPort("loss", "Input"))],
    )
    data = {"Input": example(7, 2, 3), "Target": [True, False] * 3 + [True]}
    plan = NetTrain(net, data, "TrainingPlan", MaxTrainingRounds=1, TrainingProgressReporting=None)
    assert "Loss: a loss that the net computes on Loss" in str(plan)


def test_pair_net_taken_out_knows_its_input_by_its_arrays():
    pair = NetInitialize(NetPairEmbeddingOperator(NetChain([5, "Tanh", 2]), Input=3))
    assert NetExtract(pair, "Net")(example(7, 3)).shape == (7, 2)


def test_pair_refuses_other_distances():
    refused(
        lambda: NetPairEmbeddingOperator(3, DistanceFunction="ManhattanDistance"),
        "NetPairEmbeddingOperator: DistanceFunction must be one of EuclideanDistance, CosineDistance, got "
        '"ManhattanDistance"',
    )


def test_pair_refuses_members_that_vary():
    refused(
        lambda: NetPairEmbeddingOperator("Tanh", Input=("Varying", 3)),
        "NetPairEmbeddingOperator would take Input of shape 2×Varying×3, but only the first level of a port may vary\n"
        "  hint: give that level a fixed size, or keep the varying level first",
    )
    encoder = NetEncoder("Class", ["a"], Dimensions=("Varying",))
    refused(
        lambda: NetPairEmbeddingOperator("Tanh", Input=encoder),
        "NetPairEmbeddingOperator: what the encoder of Input gives may vary, and a member of a pair may not\n  hint: "
        "give the encoder a fixed size, or encode the data beforehand",
    )


def test_pair_refuses_three_members():
    refused(
        lambda: NetPairEmbeddingOperator(NET)(example(3, 3)),
        "Input takes 2×3, but the data are of shape 3×3\n  hint: give data of that shape, or make the net for this one",
    )
