"""NetGANOperator: its losses against their formulas, the directions of training, what it refuses."""

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    AggregationLayer,
    All,
    BatchNormalizationLayer,
    DropoutLayer,
    Information,
    LinearLayer,
    LogisticSigmoid,
    NetArray,
    NetChain,
    NetError,
    NetExtract,
    NetGANOperator,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetPort,
    NetPortGradient,
    NetReplacePart,
    NetTrain,
    Ramp,
    ThreadingLayer,
)

GENERATOR = NetInitialize(NetChain([5, "Tanh", 3], Input=2), RandomSeeding=3)
LINEAR = NetInitialize(NetChain([7, "Tanh", LinearLayer(())], Input=3), RandomSeeding=4)
LOGISTIC = NetChain([LINEAR, LogisticSigmoid])
DATA = {"Sample": example(11, 3), "Latent": example(11, 2)}


def refused(make, text):
    with pytest.raises(NetError) as error:
        make()
    assert str(error.value) == text


def test_gan_inputs_sample_latent_and_outputs_lossreal_lossfake_generatedfake():
    gan = NetGANOperator([GENERATOR, LINEAR])
    assert gan.shapes == {"Sample": (3,), "Latent": (2,), "LossReal": (), "LossFake": (), "GeneratedFake": (3,)}
    assert_close(gan(DATA, "GeneratedFake"), GENERATOR(DATA["Latent"]))


def test_gan_jensenshannon_is_minus_log_d_and_minus_log_one_minus_d():
    found = NetGANOperator([GENERATOR, LOGISTIC], "JensenShannon")(DATA)
    assert_close(found["LossReal"], -np.log(LOGISTIC(DATA["Sample"])))
    assert_close(found["LossFake"], -np.log(1 - LOGISTIC(GENERATOR(DATA["Latent"]))))


def test_gan_wasserstein_is_minus_d_and_d():
    found = NetGANOperator([GENERATOR, LINEAR], "Wasserstein")(DATA)
    assert_close(found["LossReal"], -LINEAR(DATA["Sample"]))
    assert_close(found["LossFake"], LINEAR(GENERATOR(DATA["Latent"])))


@pytest.mark.parametrize(
    ("judge", "loss"),
    [
        (LOGISTIC, "JensenShannon"),
        (LINEAR, "Wasserstein"),
        (NetGraph({"a": LOGISTIC}, []), "JensenShannon"),
        (NetChain([LINEAR, "Tanh"]), "Wasserstein"),
    ],
)
def test_gan_automatic_is_chosen_from_the_discriminators_last_layer(judge, loss):
    chosen, given = NetGANOperator([GENERATOR, judge]), NetGANOperator([GENERATOR, judge], loss)
    for port, value in chosen(DATA).items():
        assert np.array_equal(value, given(DATA, port))


def test_gan_takes_lists_tuples_dicts_and_chain_shorthands():
    gan = NetGANOperator([[7, Ramp, 3], [5, Ramp, LinearLayer(())]])
    assert gan == NetGANOperator((NetChain([7, Ramp, 3]), NetChain([5, Ramp, LinearLayer(())])))
    assert gan == NetGANOperator({"Discriminator": [5, Ramp, LinearLayer(())], "Generator": [7, Ramp, 3]})


def test_gan_inner_nets_are_generator_and_discriminator():
    gan = NetGANOperator([GENERATOR, LINEAR])
    assert NetExtract(gan, "Generator") is GENERATOR
    assert NetExtract(gan, ("Discriminator", 1)) is LINEAR[1]
    open_pair = NetGANOperator([[5, "Tanh", 3], LINEAR])
    assert NetReplacePart(open_pair, {("Generator", 1): 11}) == NetGANOperator([[11, "Tanh", 3], LINEAR])


def test_gan_shapes_flow_between_generator_and_discriminator():
    assert NetGANOperator([LinearLayer(), LINEAR], Latent=2).shapes["GeneratedFake"] == (3,)
    open_ended = NetGANOperator([[5, 3], [LinearLayer(2), LinearLayer()]], Latent=7)
    assert open_ended.plan.shape(("Discriminator", 2), "Weights") == (1, 2)
    assert open_ended.plan.shape(("Generator", 1), "Weights") == (5, 7)


def test_gan_losses_stay_finite_where_the_discriminator_is_certain():
    sure = NetChain([LinearLayer((), Weights=[[200]], Biases=[0]), LogisticSigmoid])
    gan = NetGANOperator([LinearLayer(1, Weights=[[1.0]], Biases=[0.0]), sure])
    for value in (-1.0, 1.0):
        found = gan({"Sample": [-value], "Latent": [value]})
        assert all(np.isfinite(each).all() for each in found.values())
        assert np.isfinite(gan({"Sample": [-value], "Latent": [value]}, NetPortGradient("Latent"))).all()
        assert np.isfinite(gan({"Sample": [-value], "Latent": [value]}, NetPortGradient("Sample"))).all()


def linear_pair(**options):
    """D(x) = w · x and G(z) = A z, of which the slopes are known."""
    judge, make = example(3, seed=1), example(3, 2, seed=2)
    generator = LinearLayer(3, Weights=make, Biases=None)
    discriminator = LinearLayer((), Weights=[judge], Biases=None)
    return judge, make, NetGANOperator([generator, discriminator], Sample=3, Latent=2, **options)


STEP = {
    "Method": ("SGD", {"Momentum": 0}),
    "LearningRate": 0.5,
    "BatchSize": 11,
    "MaxTrainingRounds": 1,
    "TrainingProgressReporting": None,
}


@pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=str)
def test_gan_training_minimises_both_losses_for_disc_and_maximises_lossfake_for_gen(device):
    """Loss = mean(-w·x + w·A z), so dw = A z̄ - x̄ and dA = w ⊗ z̄; one step goes down along dw and up along dA."""
    judge, make, gan = linear_pair()
    trained = NetTrain(gan, DATA, TargetDevice=device, **STEP)
    x, z = DATA["Sample"].mean(0), DATA["Latent"].mean(0)
    assert_close(NetExtract(trained, ("Discriminator", "Weights")), [judge - 0.5 * (make @ z - x)], rtol=1e-4)
    assert_close(NetExtract(trained, ("Generator", "Weights")), make + 0.5 * np.outer(judge, z), rtol=1e-4)


def test_gan_rates_of_rules_are_multiplied_with_the_direction():
    judge, make, gan = linear_pair()
    rules = {"Discriminator": 0, "Generator": 2}
    trained = NetTrain(gan, DATA, LearningRateMultipliers=rules, **STEP)
    assert np.array_equal(NetExtract(trained, ("Discriminator", "Weights")), [judge])
    expected = make + 2 * 0.5 * np.outer(judge, DATA["Latent"].mean(0))
    assert_close(NetExtract(trained, ("Generator", "Weights")), expected, rtol=1e-4)


def test_gan_losses_are_taken_by_nettrain_and_generatedfake_is_not():
    results = NetTrain(linear_pair()[2], DATA, All, **STEP)
    plan = str(results["TrainingPlan"])
    assert "LossReal: a loss that the net computes on LossReal" in plan
    assert "LossFake: a loss that the net computes on LossFake" in plan
    assert "GeneratedFake" not in plan


def test_gan_plan_says_that_the_generator_ascends():
    results = NetTrain(linear_pair()[2], DATA, All, **STEP)
    plan = str(results["TrainingPlan"])
    assert "Generator/Weights (3×2): ascends at 1×, by no rule, against the loss" in plan
    assert "Discriminator/Weights (1×3): descends at 1×, by no rule" in plan
    rates = Information(linear_pair()[2], "ArraysLearningRateMultipliers")
    assert rates == {("Generator", "Weights"): -1.0, ("Discriminator", "Weights"): 1.0}


def test_gan_inside_another_net_keeps_its_direction():
    gan = linear_pair()[2]
    net = NetGraph({"gan": gan}, [])
    rates = Information(net, "ArraysLearningRateMultipliers")
    assert rates == {("gan", "Generator", "Weights"): -1.0, ("gan", "Discriminator", "Weights"): 1.0}
    trained = NetTrain(net, DATA, **STEP)
    alone = NetTrain(gan, DATA, **STEP)
    for name in ("Generator", "Discriminator"):
        assert_close(NetExtract(trained, ("gan", name, "Weights")), NetExtract(alone, (name, "Weights")))


def test_gan_sees_true_and_made_samples_one_after_the_other():
    """Batch normalization takes the statistics of each by itself; dropout draws for each."""
    norm = NetInitialize(BatchNormalizationLayer(Input=3))
    judge = NetChain([norm, LinearLayer((), Weights=[[1, 2, 3]], Biases=[0])])
    found = NetGANOperator([GENERATOR, judge])(DATA, NetEvaluationMode="Train")
    assert_close(found["LossReal"], -judge(DATA["Sample"], NetEvaluationMode="Train"), rtol=1e-4, atol=1e-5)
    made = GENERATOR(DATA["Latent"])
    assert_close(found["LossFake"], judge(made, NetEvaluationMode="Train"), rtol=1e-4, atol=1e-5)
    identity = LinearLayer(64, Weights=np.eye(64), Biases=None)
    sums = NetChain([DropoutLayer(), LinearLayer((), Weights=2.0 ** -np.arange(64)[None], Biases=None)])
    ones = {"Sample": np.ones(64), "Latent": np.ones(64)}
    drawn = NetGANOperator([identity, sums])(ones, NetEvaluationMode="Train", RandomSeeding=1)
    assert -drawn["LossReal"] != drawn["LossFake"]


def test_gan_samples_may_be_sequences():
    judge = NetChain([NetMapOperator([5, "Tanh"]), AggregationLayer("Mean", 1), LinearLayer(())])
    gan = NetInitialize(NetGANOperator([NetMapOperator(3), judge], Sample=("Varying", 3), Latent=("Varying", 2)))
    data = {"Sample": [example(5, 3), example(2, 3)], "Latent": [example(5, 2), example(2, 2)]}
    found = gan(data)
    assert [len(each) for each in found["GeneratedFake"]] == [5, 2]
    assert_close(found["LossReal"], -NetExtract(gan, "Discriminator")(data["Sample"]))


def test_gan_refuses_what_is_no_pair_of_nets():
    message = "NetGANOperator takes a generator and a discriminator, got "
    hint = "\n  hint: write NetGANOperator([generator, discriminator])"
    for given, text in [(3, "3"), ([3], "[3]"), ("Tanh", '"Tanh"'), ({"Generator": 3}, '{"Generator": 3}')]:
        refused(lambda given=given: NetGANOperator(given), message + text + hint)
    refused(
        lambda: NetGANOperator([2.5, 3]),
        "NetGANOperator: Generator: 2.5 is not a layer\n  hint: a layer may be written as a layer, a size, a function "
        "such as Ramp, or a list of these (a chain)",
    )


def test_gan_refuses_nets_of_several_ports():
    two = ThreadingLayer("Plus", InputPorts=["A", "B"])
    refused(
        lambda: NetGANOperator([two, LINEAR]),
        "NetGANOperator: the generator must have exactly one input port, but has 2: A, B",
    )
    ends = NetGraph({"a": 2, "b": 3}, [("a", NetPort("X")), ("b", NetPort("Y"))])
    refused(
        lambda: NetGANOperator([GENERATOR, ends]),
        "NetGANOperator: the discriminator must have exactly one output port, but has 2: X, Y",
    )


def test_gan_refuses_a_discriminator_that_gives_an_array():
    refused(
        lambda: NetGANOperator([GENERATOR, [7, Ramp, 1]]),
        "NetGANOperator: the discriminator must give a number, not an array of shape 1 (Discriminator is 1 from "
        "net/Discriminator/3)\n  hint: end it in LinearLayer(())",
    )


def test_gan_refuses_samples_that_do_not_fit():
    refused(
        lambda: NetGANOperator([[5, 7], NetChain([LinearLayer(())], Input=3)]),
        "net/Generator/2: LinearLayer gives Output of shape 7, but Input of net/Discriminator is given as 3 (Input is 5 "
        "from net/Generator/1)",
    )


def test_gan_refuses_other_losses():
    refused(
        lambda: NetGANOperator([GENERATOR, LINEAR], "KullbackLeibler"),
        'NetGANOperator: loss must be one of JensenShannon, Wasserstein, Automatic, got "KullbackLeibler"',
    )


def test_gan_refuses_to_train_one_array_in_both_directions():
    shared = NetArray("w")
    gan = NetGANOperator(
        [LinearLayer(2, Weights=shared, Biases=None), [LinearLayer(2, Weights=shared), LinearLayer(())]], Latent=2
    )
    refused(
        lambda: NetTrain(gan, {"Sample": example(5, 2), "Latent": example(5, 2, seed=1)}),
        "one array stands at net/Discriminator/1/Weights and at net/Generator/Weights, but training leads the one with "
        "the loss and the other against it\n  hint: give the two arrays of their own, or keep the one as it is by a "
        "multiplier of 0",
    )


def test_gan_is_trained_with_trainingupdateschedule_by_turns():
    """In a round of one batch the first part of the schedule alone learns, in the next the second."""
    gan = NetGANOperator([GENERATOR, LINEAR])
    options = {"BatchSize": 11, "RandomSeeding": 3, "TrainingProgressReporting": None}
    schedule = {"TrainingUpdateSchedule": ["Discriminator", "Generator"]}
    one = NetTrain(gan, DATA, MaxTrainingRounds=1, **schedule, **options)
    assert one["Generator"] == gan["Generator"] and one["Discriminator"] != gan["Discriminator"]
    two = NetTrain(gan, DATA, MaxTrainingRounds=2, **schedule, **options)
    assert two["Discriminator"] == one["Discriminator"] and two["Generator"] != one["Generator"]
