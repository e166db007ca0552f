"""Data that a function makes: what it is told, what it may return, and what happens where it goes wrong."""

import functools
import signal
import threading
import time

import numpy as np
import pytest

import wlnet
from tests.examples import example
from wlnet import (
    AggregationLayer,
    All,
    Automatic,
    LinearLayer,
    NetChain,
    NetEncoder,
    NetError,
    NetExtract,
    NetInitialize,
    NetMeasurements,
    NetTrain,
    NetWarning,
    Quantity,
    Scaled,
)
from wlnet.training.prefetch import Prefetched

X = example(30, 5)
Y = example(30, 3, seed=1)


def quiet(net, data, *prop, **options):
    standing = {"MaxTrainingRounds": 2, "RandomSeeding": 7, "TrainingProgressReporting": None, "BatchSize": 5}
    return NetTrain(net, data, *prop, **{**standing, **options})


def linear():
    return NetInitialize(LinearLayer(3, Input=5))


def batch_at(told):
    """The k-th batch of the examples above, over and over."""
    rows = np.arange(told["BatchSize"]) + (told["AbsoluteBatch"] - 1) * told["BatchSize"]
    return X[rows % 30], Y[rows % 30]


def refused(data, net=None, **options):
    with pytest.raises(NetError) as caught:
        quiet(net or linear(), data, **options)
    return str(caught.value)


def alive():
    return [thread for thread in threading.enumerate() if thread.name == "wlnet batches"]


@pytest.fixture(autouse=True)
def no_thread_is_left():
    yield
    assert not alive()


def by_hand(steps, size=5, rate=0.1):
    """The weights and biases of `linear` after steps of plain gradient descent on the batches above."""
    w, b = (NetExtract(linear(), name).astype(float) for name in ("Weights", "Biases"))
    for step in range(1, steps + 1):
        x, y = (each.astype(float) for each in batch_at({"BatchSize": size, "AbsoluteBatch": step}))
        error = 2 * (x @ w.T + b - y) / y.size
        w, b = w - rate * error.T @ x, b - rate * error.sum(0)
    return w, b


SGD = {"Method": ("SGD", {"Momentum": 0}), "LearningRate": 0.1}


# --- rounds


def test_a_generator_with_roundlength_makes_rounds_of_so_many_examples():
    results = quiet(linear(), (batch_at, {"RoundLength": 28}), All, **SGD)
    assert results["BatchesPerRound"] == 6  # ⌈28 / 5⌉
    assert results["TrainingExamples"] == 30
    assert results["TotalBatches"] == 12
    weights, biases = by_hand(12)
    np.testing.assert_allclose(NetExtract(results["TrainedNet"], "Weights"), weights, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(NetExtract(results["TrainedNet"], "Biases"), biases, rtol=1e-4, atol=1e-5)


def test_without_roundlength_a_round_is_a_single_batch_and_that_is_said():
    with pytest.warns(NetWarning) as caught:
        results = quiet(linear(), batch_at, All, MaxTrainingRounds=4, **SGD)
    assert [str(each.message) for each in caught] == [
        "the data: the function is called once a round, so that a round is a single batch; "
        '(f, {"RoundLength": n}) makes rounds of n examples'
    ]
    assert caught[0].filename == __file__
    assert (results["BatchesPerRound"], results["TotalBatches"], results["TotalRounds"]) == (1, 4, 4)
    np.testing.assert_allclose(NetExtract(results["TrainedNet"], "Weights"), by_hand(4)[0], rtol=1e-4, atol=1e-5)


def test_the_batch_that_tells_the_shapes_is_the_first_to_learn_from():
    calls = []

    def counted(told):
        calls.append(dict(told.numbers))
        return batch_at(told)

    trained = quiet(LinearLayer(3), (counted, {"RoundLength": 10}), MaxTrainingRounds=3)  # Input is open
    assert NetExtract(trained, "Input") == 5
    places = [(each["Round"], each["Batch"], each["AbsoluteBatch"]) for each in calls]
    assert places == [(1, 1, 1), (1, 2, 2), (2, 1, 3), (2, 2, 4), (3, 1, 5), (3, 2, 6)]  # each once, none too many
    assert {each["BatchSize"] for each in calls} == {5}


def test_a_batch_larger_than_the_round_is_as_large_as_the_round():
    results = quiet(linear(), (batch_at, {"RoundLength": 3}), All)
    assert (results["BatchSize"], results["BatchesPerRound"]) == (3, 1)


def test_where_batchsize_is_automatic_the_first_batch_decides():
    results = quiet(linear(), (lambda: (X, Y), {"RoundLength": 90}), All, BatchSize=Automatic)
    assert (results["BatchSize"], results["BatchesPerRound"], results["TotalBatches"]) == (30, 3, 6)


# --- what it is told


def test_the_current_net_is_told_when_asked_for():
    seen = []

    def looking(told):
        seen.append(NetExtract(told["Net"], "Weights").copy())
        time.sleep(0.002 * (told["Batch"] % 3))
        return batch_at(told)

    quiet(linear(), (looking, {"RoundLength": 30}), **SGD)
    assert len(seen) == 12
    for step, weights in enumerate(seen):  # before each step, however far ahead batches are made
        np.testing.assert_allclose(weights, by_hand(step)[0], rtol=1e-4, atol=1e-5)


def test_the_net_of_the_first_batch_has_the_arrays_that_training_starts_from():
    seen = []

    def looking(told):
        seen.append(told["Net"])
        return batch_at(told)

    net = NetChain([7, "Tanh", 3], Input=5)
    trained = quiet(net, (looking, {"RoundLength": 5}), MaxTrainingRounds=1, LearningRate=0)
    assert seen == [trained]


def test_what_is_told_is_a_mapping_of_five_facts():
    seen = []

    def looking(told):
        seen.append((list(told), len(told), repr(told), told.get("Nothing"), "Round" in told, told["Batch"]))
        return batch_at(told)

    quiet(linear(), (looking, {"RoundLength": 5}), MaxTrainingRounds=1)
    text = "{'BatchSize': 5, 'Round': 1, 'Batch': 1, 'AbsoluteBatch': 1, 'Net': …}"
    assert seen == [(["BatchSize", "Round", "Batch", "AbsoluteBatch", "Net"], 5, text, None, True, 1)]


class Maker:
    def method(self, told):
        return batch_at(told)

    def __call__(self, told, scale=1):
        return batch_at(told)


@pytest.mark.parametrize(
    "function",
    [
        lambda *told: batch_at(*told),
        lambda told, k=3: batch_at(told),
        Maker().method,
        Maker(),
        functools.partial(batch_at),
    ],
    ids=["star", "default", "method", "object", "partial"],
)
def test_functions_of_one_argument_are_told(function):
    assert quiet(linear(), (function, {"RoundLength": 30})) == quiet(linear(), (batch_at, {"RoundLength": 30}))


@pytest.mark.parametrize(
    "function", [lambda: (X[:5], Y[:5]), lambda x=X, y=Y: (x[:5], y[:5]), lambda **more: (X[:5], Y[:5])]
)
def test_functions_of_no_argument_are_not_told(function):
    x = quiet(linear(), (lambda told: (X[:5], Y[:5]), {"RoundLength": 10}))
    assert quiet(linear(), (function, {"RoundLength": 10})) == x


# --- what it returns


@pytest.mark.parametrize(
    "form",
    [
        lambda x, y: {"Input": x, "Output": y},
        lambda x, y: [{"Input": a, "Output": b} for a, b in zip(x, y, strict=True)],
        lambda x, y: list(zip(x, y, strict=True)),
        lambda x, y: (x.tolist(), y.tolist()),
    ],
    ids=["columns", "rows", "pairs", "lists"],
)
def test_a_batch_comes_as_columns_rows_or_pairs(form):
    one = quiet(linear(), (lambda told: form(*batch_at(told)), {"RoundLength": 30}))
    assert one == quiet(linear(), (batch_at, {"RoundLength": 30}))


def test_batches_go_through_encoders_and_may_vary():
    net = NetInitialize(NetChain([AggregationLayer("Mean", 1), 3], Input=NetEncoder("Characters", "ab", "UnitVector")))
    texts = ["ab" * (k % 4 + 1) + "a" for k in range(30)]

    def made(told):
        start = 10 * (told["Batch"] - 1)
        return texts[start : start + 10], Y[start : start + 10]

    results = quiet(net, (made, {"RoundLength": 30}), All, BatchSize=10, MaxTrainingRounds=1, LearningRate=0)
    first = np.mean((np.array([net(text) for text in texts]) - Y) ** 2)
    assert results["RoundLoss"] == pytest.approx(first, rel=1e-5)


# --- validation, measurements


def test_a_generator_may_make_the_validation_set():
    def given(told):
        return X[: told["BatchSize"]], Y[: told["BatchSize"]]

    one = quiet(linear(), (X, Y), All, ValidationSet=given)
    other = quiet(linear(), (X, Y), All, ValidationSet=(X[:5], Y[:5]))
    assert one["ValidationLossList"] == other["ValidationLossList"]
    whole = quiet(
        linear(), (X, Y), All, ValidationSet=(batch_at, {"RoundLength": 30, "Interval": 2}), MaxTrainingRounds=4
    )
    assert whole["ValidationExamples"] == 30
    expected = quiet(linear(), (X, Y), All, ValidationSet=((X, Y), {"Interval": 2}), MaxTrainingRounds=4)
    assert whole["ValidationLossList"] == pytest.approx(expected["ValidationLossList"], rel=1e-6)
    assert len(whole["ValidationLossList"]) == 2


def test_net_measurements_take_a_generator():
    net = linear()
    found = NetMeasurements(net, (batch_at, {"RoundLength": 30}), "MeanSquare", BatchSize=5)
    assert found == pytest.approx(NetMeasurements(net, (X, Y), "MeanSquare"), rel=1e-6)


# --- what goes wrong


def broken_at(place, error=None, batch=None):
    def made(told):
        if told["AbsoluteBatch"] == place:
            if error is not None:
                raise error
            return batch(*batch_at(told)) if callable(batch) else batch
        return batch_at(told)

    return (made, {"RoundLength": 20})


WRONG = [
    (broken_at(7, ValueError("no more")), "the data: the function failed: ValueError: no more"),
    (broken_at(7, ZeroDivisionError()), "the data: the function failed: ZeroDivisionError"),
    (broken_at(7, StopIteration()), "the data: the function has no more batches (StopIteration)"),
    (broken_at(7, NetError("so it is", hint="go")), "the data: the function failed: NetError: so it is"),
    (broken_at(7, batch=lambda x, y: (x[:4], y[:4])), "the data: the function gave 4 examples instead of 5"),
    (broken_at(7, batch=lambda x, y: (np.vstack([x, x]), np.vstack([y, y]))), "the data: the function gave 10 examples instead of 5"),
    (broken_at(7, batch=lambda x, y: (x, y[:4])), "the data: there are 5 inputs but 4 outputs"),
    (broken_at(7, batch=lambda x, y: (x[:, :4], y)), "Input takes 5, but the data are of shape 4"),
    (broken_at(7, batch=lambda x, y: (x, y[:, 0])), "Output takes 3, so a batch has rank 2, but the data are of shape 5"),
    (broken_at(7, batch=lambda x, y: (x * np.nan, y)), "Input: the data hold nan (example 1, at (1))"),
    (broken_at(7, batch=lambda x, y: {"Input": x}), "the data lack the port Output"),
    (broken_at(7, batch=lambda x, y: []), "the data are empty"),
    (broken_at(7, batch=3), "the data: 3 is not training data"),
    (broken_at(7, batch=(each for each in [1])), "the data: the function must return a batch, but it gave generator"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "said"), WRONG, ids=[said[:60] for _, said in WRONG])
def test_what_goes_wrong_later_ends_training_and_keeps_the_net_so_far(data, said):
    with pytest.warns(NetWarning) as caught:
        results = quiet(linear(), data, All, MaxTrainingRounds=4, **SGD)
    reason = f"batch 3 of round 2: {said}"
    assert results["ReasonTrainingStopped"] == reason
    assert [str(each.message) for each in caught] == [
        f"training stopped early: {reason}; the best net so far is returned"
    ]
    assert results["TotalBatches"] == 6
    np.testing.assert_allclose(NetExtract(results["TrainedNet"], "Weights"), by_hand(6)[0], rtol=1e-4, atol=1e-5)


ASKED = "its argument tells BatchSize, Round, Batch, AbsoluteBatch, Net"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (broken_at(1, ValueError("no")), "batch 1 of round 1: the data: the function failed: ValueError: no"),
        (broken_at(2, ValueError("no")), None),
        (
            broken_at(1, batch=lambda x, y: (x[:4], y[:4])),
            "batch 1 of round 1: the data: the function gave 4 examples instead of 5\n  hint: give as many as "
            'facts["BatchSize"] says, where facts is its argument; BatchSize sets it',
        ),
        (
            lambda told: told["Rund"],
            "batch 1 of round 1: the data: the function failed: NotTold: 'Rund' is not told of a batch\n"
            "  hint: did you mean Round?",
        ),
        (
            broken_at(1, batch=(each for each in [1])),
            "batch 1 of round 1: the data: the function must return a batch, but it gave generator\n"
            "  hint: return the examples, and do not yield them",
        ),
        (
            broken_at(1, batch=lambda x, y: (x[:, :4], y)),
            "batch 1 of round 1: Input takes 5, but the data are of shape 4\n"
            "  hint: give data of that shape, or make the net for this one",
        ),
        (lambda a, b: 1, f"the data: the function must take one argument or none, but it takes a, b\n  hint: {ASKED}"),
        (lambda *, a: 1, f"the data: the function must take one argument or none, but it takes a\n  hint: {ASKED}"),
        (
            (batch_at, {"RoundLegnth": 3}),
            'the data: "RoundLegnth" is not a sub-option of a function that makes batches\n  hint: did you mean RoundLength?',
        ),
        (
            (batch_at, {"RoundLength": 0}),
            'the data: "RoundLength" must be a positive whole number, got 0\n  hint: it is the number of examples in a round',
        ),
        (
            (batch_at, {"RoundLength": 2.5}),
            'the data: "RoundLength" must be a positive whole number, got 2.5\n  hint: it is the number of examples in a round',
        ),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:the data. the function is called once")
def test_what_is_wrong_at_once_is_an_error(data, text):
    if text is None:  # the second batch fails, when one step is done
        with pytest.warns(NetWarning, match="batch 2 of round 1"):
            assert quiet(linear(), data, "TotalBatches") == 1
        return
    assert refused(data) == text


def test_scaled_sets_nothing_aside_from_a_generator():
    assert refused((batch_at, {"RoundLength": 30}), ValidationSet=Scaled(0.25)) == (
        "ValidationSet=Scaled(0.25) sets training examples aside, but a function makes them\n"
        '  hint: give ValidationSet data of its own, or a function: (f, {"RoundLength": n})'
    )


def test_a_generator_of_validation_data_that_fails_at_once_is_an_error():
    assert refused((X, Y), ValidationSet=broken_at(1, ValueError("no"))) == (
        "the validation data, batch 1: the validation data: the function failed: ValueError: no"
    )


def test_a_generator_of_validation_data_that_fails_later_keeps_the_net_so_far():
    with pytest.warns(NetWarning) as caught:
        results = quiet(linear(), (X, Y), All, ValidationSet=broken_at(3, ValueError("no")))
    reason = "the validation data, batch 3: the validation data: the function failed: ValueError: no"
    assert str(caught[0].message) == f"training stopped early: {reason}; the best net so far is returned"
    assert results["TrainedNet"] == quiet(linear(), (X, Y), MaxTrainingRounds=1)


def test_an_encoder_that_learns_cannot_learn_from_a_generator():
    net = NetChain([3], Input=NetEncoder("FeatureExtractor"))
    assert refused((lambda: (["a"] * 5, Y[:5]), {"RoundLength": 10}), net) == (
        'Input: NetEncoder("FeatureExtractor") learns from all data, which a function that makes batches does not tell\n'
        '  hint: let it learn before: NetEncoder("FeatureExtractor", FeatureExtraction(examples))'
    )


def test_the_net_is_not_told_before_its_shapes_are_known():
    assert refused((lambda told: told["Net"], {"RoundLength": 10}), LinearLayer(3)) == (
        "batch 1 of round 1: the data: the function failed: NetError: LinearLayer: the shape of Weights is not known "
        "(3×?), because the shape of Input is ?\n  hint: say it, as in Input=(3, 8), on the layer or on the net"
    )


# --- prefetching


def test_batches_are_made_ahead_in_order_and_no_further_than_one():
    made, learned, most = [], [], []

    def slow(told):
        made.append(told["AbsoluteBatch"])
        return batch_at(told)

    def look(facts):
        time.sleep(0.003)
        learned.append(facts["AbsoluteBatch"])
        most.append(max(made) - facts["AbsoluteBatch"])

    options = {"TrainingProgressFunction": (look, {"Interval": Quantity(1, "Batches"), "MinimumInterval": 0})}
    quiet(linear(), (slow, {"RoundLength": 30}), **options)
    assert made == learned == list(range(1, 13))
    assert max(most) == 1
    assert most[5] == most[11] == 0  # none beyond a round: it may be the last


def test_making_batches_and_computing_overlap():
    made, looked = [], []

    def timed(spans, act=lambda: None):
        begun = time.perf_counter()
        time.sleep(0.01)
        found = act()
        spans.append((begun, time.perf_counter()))
        return found

    options = {"TrainingProgressFunction": (lambda facts: timed(looked), {"Interval": Quantity(1, "Batches")})}
    data = (lambda told: timed(made, lambda: batch_at(told)), {"RoundLength": 100})
    quiet(linear(), data, MaxTrainingRounds=1, **options)
    both = [(a, b) for a in made for b in looked if a[0] < b[1] and b[0] < a[1]]
    assert len(made) == len(looked) == 20 and len(both) >= 10


def test_the_same_batches_give_the_same_bits_however_long_they_take():
    def at_leisure(told):
        time.sleep(0.002 * (told["AbsoluteBatch"] * 7 % 3))
        return batch_at(told)

    nets = [quiet(linear(), (each, {"RoundLength": 30})) for each in (batch_at, at_leisure, at_leisure)]
    assert nets[0] == nets[1] == nets[2]


def ends(net=None, data=None, **options):
    quiet(net or linear(), data or (batch_at, {"RoundLength": 30}), **options)
    return not alive()


def raising(error):
    def look(facts):
        if facts["AbsoluteBatch"] == 3:
            raise error

    return look, {"Interval": Quantity(1, "Batches"), "MinimumInterval": 0}


@pytest.mark.filterwarnings("ignore")
def test_the_thread_ends_with_the_rounds_the_time_a_failure_or_divergence():
    assert ends()
    assert ends(TimeGoal=0.05, MaxTrainingRounds=10_000)
    assert ends(MaxTrainingRounds=Quantity(3, "Batches"))
    assert ends(TrainingProgressFunction=raising(ValueError("no")))
    assert ends(data=broken_at(3, ValueError("no")))
    assert ends(LearningRate=1e30, MaxTrainingRounds=50)


def test_ctrl_c_while_a_batch_is_made_returns_the_net_so_far():
    waiting = threading.Event()

    def stuck(told):
        if told["AbsoluteBatch"] == 5:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            waiting.wait(30)
        return batch_at(told)

    begun = time.perf_counter()
    results = quiet(linear(), (stuck, {"RoundLength": 30}), All, **SGD)
    assert results["ReasonTrainingStopped"] == "interrupted"
    assert time.perf_counter() - begun < 5  # it does not wait for what never comes
    np.testing.assert_allclose(
        NetExtract(results["TrainedNet"], "Weights"), by_hand(results["TotalBatches"])[0], rtol=1e-4
    )
    assert results["TotalBatches"] in (3, 4)
    assert len(alive()) == 1
    waiting.set()
    alive()[0].join(5)


def test_a_backend_that_is_chosen_counts_in_the_thread_too():
    seen = []

    def looking(told):
        seen.append(type(told["Net"](X[0])).__module__)
        return batch_at(told)

    with wlnet.backend("jax"):
        expected = type(linear()(X[0])).__module__
        quiet(linear(), (looking, {"RoundLength": 10}), MaxTrainingRounds=1)
    assert seen == [expected] * 2


def test_the_rounds_of_a_source_come_again_and_may_begin_amid():
    class Counting:
        size, count, examples = 1, 5, 5

        def round(self, number, skip=0):
            yield from [(number, place) for place in range(skip, 5)]

    source = Prefetched(Counting())
    assert list(source.round(2)) == [(2, k) for k in range(5)]
    assert list(source.round(2, 3)) == [(2, 3), (2, 4)]
    begun = source.round(1)
    assert next(begun) == (1, 0)
    begun.close()  # the rest is never asked for


# --- going on


def test_training_on_a_generator_goes_on_with_the_same_bits(tmp_path):
    path = tmp_path / "there.safetensors"
    data = (batch_at, {"RoundLength": 30})
    whole = quiet(linear(), data, MaxTrainingRounds=4)
    quiet(linear(), data, MaxTrainingRounds=Quantity(9, "Batches"), TrainingProgressCheckpointing=("File", path))
    assert NetTrain(path, data, MaxTrainingRounds=4, TrainingProgressReporting=None) == whole
