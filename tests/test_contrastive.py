"""ContrastiveLossLayer against its formula."""

import numpy as np
import pytest

from tests.examples import assert_close
from wlnet import ContrastiveLossLayer, LinearLayer, NetError, NetGraph, NetPort, NetTrain


@pytest.mark.parametrize("margin", [0.5, 1.25, 0.0])
def test_near_pairs_cost_their_distance_and_far_ones_what_they_lack(margin):
    distance = np.linspace(0, 2, 11, dtype="float32")
    layer = ContrastiveLossLayer() if margin == 0.5 else ContrastiveLossLayer(margin)
    assert_close(layer({"Input": distance, "Target": [True] * 11}), np.maximum(margin - distance, 0))
    assert_close(layer({"Input": distance, "Target": [False] * 11}), distance)


def test_one_pair_is_one_number():
    assert ContrastiveLossLayer()({"Input": 0.125, "Target": True}).item() == 0.375
    assert ContrastiveLossLayer()({"Input": 0.125, "Target": 0}).item() == 0.125


@pytest.mark.parametrize(("far", "low", "high"), [(True, 0.4, 0.7), (False, -0.5, 0.1)])
def test_training_takes_near_pairs_down_and_far_ones_up_to_the_margin(far, low, high):
    trained = NetTrain(
        LinearLayer((), Input=1, Weights=[[0.25]], Biases=None), [([1.0], far)], LossFunction=ContrastiveLossLayer(),
        LearningRate=0.01, MaxTrainingRounds=50, TrainingProgressReporting=None,
    )  # fmt: skip
    assert low < float(trained([1.0])) < high


def test_it_stands_in_a_graph():
    net = NetGraph(
        {"loss": ContrastiveLossLayer()},
        [(NetPort("Distance"), NetPort("loss", "Input")), (NetPort("Far"), NetPort("loss", "Target"))],
    )
    assert_close(net({"Distance": [0.25, 0.25], "Far": [True, False]}), np.array([0.25, 0.25]))
    assert_close(net({"Distance": [0.125, 0.75], "Far": [True, True]}), np.array([0.375, 0.0]))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: ContrastiveLossLayer(-1), "ContrastiveLossLayer: margin must be a number, 0 or more, got -1"),
        (
            lambda: ContrastiveLossLayer(Margin=1),
            "ContrastiveLossLayer: Margin is not an option\n  hint: did you mean margin?",
        ),
        (
            lambda: ContrastiveLossLayer()({"Input": 0.5, "Target": 2}),
            "Target takes True and False, or 1 and 0, but the data hold others",
        ),
        (
            lambda: ContrastiveLossLayer(Input=3),
            "ContrastiveLossLayer takes Input of shape scalar, but Input is given as 3",
        ),
    ],
)
def test_errors(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text
