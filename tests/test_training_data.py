"""The data of NetTrain: each form gives the same bits, and each mistake its own error; files are read batch by batch."""

import threading
import time

import numpy as np
import pytest
from PIL import Image

from tests.examples import example
from wlnet import (
    AggregationLayer,
    All,
    CTCLossLayer,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetMeasurements,
    NetPort,
    NetTrain,
    NetWarning,
    Scaled,
    SoftmaxLayer,
)
from wlnet.training import deferred
from wlnet.training.batches import Batches
from wlnet.verbs.inputs import prepare

X = example(23, 5)
Y = example(23, 3, seed=1)
HINT = "\n  hint: give a list of pairs [(x, y), …], a tuple of columns (X, Y), or a dict of columns {port: …}"


class Series:
    """A column of a data frame, as pandas has them."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def __getitem__(self, label):
        raise KeyError(label)  # labels are no places

    def to_numpy(self):
        return np.asarray(self.values)


class Frame:
    """A data frame as pandas has them: names, and a column for each."""

    def __init__(self, **columns):
        self.held = columns

    @property
    def columns(self):
        return list(self.held)

    def __getitem__(self, name):
        return Series(self.held[name])

    def __len__(self):
        return len(next(iter(self.held.values())))


def quiet(net, data, *prop, **options):
    standing = {"MaxTrainingRounds": 2, "RandomSeeding": 7, "TrainingProgressReporting": None, "BatchSize": 5}
    return NetTrain(net, data, *prop, **{**standing, **options})


def linear():
    return NetInitialize(LinearLayer(3, Input=5))


def number():
    return NetInitialize(LinearLayer((), Input=()))


def refused(net, data, **options):
    with pytest.raises(NetError) as caught:
        quiet(net, data, **options)
    return str(caught.value)


# --- forms


RECORDS = np.array([(x, y) for x, y in zip(X, Y, strict=True)], dtype=[("Input", "f4", 5), ("Output", "f4", 3)])

FORMS = {
    "list of pairs": list(zip(X.tolist(), Y.tolist(), strict=True)),
    "pairs as lists": [[x, y] for x, y in zip(X, Y, strict=True)],
    "one rule of two lists, a tuple of columns": (X, Y),
    "columns in lists": (X.tolist(), Y.tolist()),
    "column form": {"Output": Y, "Input": X},
    "row form and Dataset, row dicts": [{"Output": y, "Input": x} for x, y in zip(X, Y, strict=True)],
    "array of records": RECORDS,
    "columns of a frame": (Series(X), Series(Y)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("as_validation", [False, True], ids=["training", "ValidationSet"])
def test_each_form_of_data_gives_the_bits_of_columns(form, as_validation):
    data, validation = ((X, Y), FORMS[form]) if as_validation else (FORMS[form], None)
    one = quiet(linear(), data, All, ValidationSet=validation)
    other = quiet(linear(), (X, Y), All, ValidationSet=(X, Y) if as_validation else None)
    assert one["TrainedNet"] == other["TrainedNet"]
    assert one["RoundLossList"] == other["RoundLossList"]
    assert one["ValidationLossList"] == other["ValidationLossList"]


def test_pandas_like_frames_are_columns_by_port():
    frame = Frame(Input=X[:, 0], Output=Y[:, 0])
    assert quiet(number(), frame) == quiet(number(), (X[:, 0], Y[:, 0]))


def test_a_column_of_texts_in_a_frame_goes_through_the_encoder():
    net = NetChain([3], Input=NetEncoder("Class", ["a", "b"], "UnitVector"))
    labels = np.array(["a", "b", "a"] * 7, dtype=object)
    frame = Frame(Input=labels, Output=list(Y[:21]))
    assert quiet(net, frame) == quiet(net, (labels.tolist(), Y[:21]))


@pytest.mark.parametrize("form", ["columns", "pairs", "rows", "frame", "dict"])
def test_true_and_false_attach_a_boolean_decoder_in_each_form(form):
    net = NetChain([LinearLayer(()), "LogisticSigmoid"], Input=())
    x, truths = X[:, 0], (X[:, 0] > 0).tolist()
    data = {
        "columns": (x, truths),
        "pairs": list(zip(x, truths, strict=True)),
        "rows": [{"Input": a, "Output": b} for a, b in zip(x, truths, strict=True)],
        "frame": Frame(Input=x, Output=truths),
        "dict": {"Input": x, "Output": truths},
    }
    assert isinstance(quiet(net, data[form])(1.0), bool)


def test_one_port_alone_takes_a_column_also_of_lists_of_two():
    net = NetGraph(
        {"a": LinearLayer(()), "loss": LinearLayer(())}, [(NetPort("Input"), "a", "loss", NetPort("Loss"))], Input=2
    )
    given = NetInitialize(net)
    values = [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]
    trained = [quiet(given, data, LossFunction="Loss") for data in (values, np.array(values), {"Input": values})]
    assert trained[0] == trained[1] == trained[2]


def test_inputs_may_be_scalars_vectors_and_arrays():
    for x in (X[:, 0], X, example(23, 2, 7)):
        net = NetInitialize(LinearLayer(3, Input=x.shape[1:]))
        assert quiet(net, (x, Y)) == quiet(net, (x.tolist(), Y.tolist())) != net


def test_strings_come_in_only_through_an_encoder():
    assert refused(linear(), (["a"] * 23, Y)) == (
        "Input: the data must be real numbers, but are texts (<U1)\n  hint: give lists of numbers or a numeric array; for "
        "texts, classes or images put a NetEncoder on the port"
    )


def test_integers_of_any_width_and_halves_are_what_their_numbers_are():
    whole = np.arange(23 * 5).reshape(23, 5) % 7
    nets = [quiet(linear(), (whole.astype(kind), Y)) for kind in ("i1", "u2", "i8", "f2", "f4", "f8")]
    assert all(net == nets[0] for net in nets)


# --- what is refused, in full


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            "MNIST",
            'the data: wlnet ships no data sets and fetches none, so there is no "MNIST"\n  hint: load it (scikit-learn\'s '
            "fetch_openml has many) and give a list of pairs [(x, y), …], a tuple of columns (X, Y), or a dict of columns "
            "{port: …}; ValidationSet takes its test part",
        ),
        ("digits", 'the data: "digits" is not training data' + HINT),
        (None, "the data: None is not training data" + HINT),
        (LinearLayer(2), "the data: a net is not training data" + HINT),
        (
            zip([1], [2], strict=True),
            "the data: zip can be read only once\n  hint: give list(…) of it, or a function that gives the next batch of "
            "BatchSize examples: a round reads anew",
        ),
        (
            (each for each in [(1, 2)]),
            "the data: generator can be read only once\n  hint: give list(…) of it, or a function that gives the next "
            "batch of BatchSize examples: a round reads anew",
        ),
        ([], "the data are empty" + HINT),
        ({1.5: 2.5}, "the data: the net has no port 1.5\n  hint: a dict is columns by port; write rules as pairs: [(x, y), …]"),
        ({"Inptu": X, "Output": Y}, 'the data: the net has no port "Inptu"\n  hint: did you mean Input?'),
        ({"Input": X}, "the data lack the port Output\n  hint: they give Input"),
        ({"Input": X, "Output": Y[:5]}, "the data: the ports have different numbers of examples: Input has 23, Output has 5"),
        ({"Input": X, "Output": {"a": 1}}, 'the data: {"a": 1} is not a column of examples' + HINT),
        ((X, np.array(3.0)), "the data: a single number is not a column of examples" + HINT),
        ((X, Y[:5]), "the data: there are 23 inputs but 5 outputs\n  hint: give every input its output"),
        (
            Frame(height=X[:, 0], width=X[:, 1], price=Y),
            'the data: the net has no port "height"\n  hint: put features together: {"Input": frame[[…]].to_numpy(), '
            '"Output": frame[[…]].to_numpy()}',
        ),
        ([{"Input": X[0], "Output": Y[0]}, {"Input": X[0], 5: Y[0]}], "the data: row 2 has other ports than row 1: 5, Output"),
        ((X[:, :4], Y), "Input takes 5, but the data are of shape 4\n  hint: give data of that shape, or make the net for this one"),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)  # fmt: skip
def test_what_is_no_data_is_refused(data, text):
    assert refused(linear(), data) == text


def test_pairs_for_a_net_of_two_inputs_are_refused():
    net = NetGraph({"c": LinearLayer(3)}, [(NetPort("A"), "c"), ("c", NetPort("Out"))], A=5)
    two = NetGraph(
        {"net": net, "and": LinearLayer(3, Input=2)},
        [(NetPort("A"), "net", NetPort("P")), (NetPort("B"), "and", NetPort("Q"))],
    )
    assert refused(two, [(X[0], Y[0])]) == (
        "the data: pairs go with one input and one output port, but the net asks for A, B, P, Q\n"
        '  hint: give a dict: {"A": …, "B": …, "P": …, "Q": …}'
    )


@pytest.mark.parametrize("name", ["MNIST", "FashionMNIST", "CIFAR-10", "CIFAR-100", "MovieReview"])
def test_named_data_sets_as_validation_set_say_what_to_give(name):
    assert refused(linear(), (X, Y), ValidationSet=name).startswith(
        f'the validation data: wlnet ships no data sets and fetches none, so there is no "{name}"\n'
    )


def test_validation_data_of_other_sizes_are_refused():
    assert refused(LinearLayer(3), (X, Y), ValidationSet=(X[:, :2], Y)) == (
        "the validation data: Input takes 5, but the data are of shape 2\n"
        "  hint: give data of that shape, or make the net for this one"
    )


# --- many examples in lists


class Counted:
    """A row that counts how often it is converted."""

    calls = 0

    def __init__(self, row):
        self.row = row

    def __array__(self, dtype=None, copy=None):
        Counted.calls += 1
        return self.row if dtype is None else self.row.astype(dtype)

    def __len__(self):
        return len(self.row)

    def __getitem__(self, place):
        return self.row[place]


def test_each_example_of_a_list_is_converted_once_however_many_rounds():
    Counted.calls = 0
    one = quiet(linear(), ([Counted(x) for x in X], Y), MaxTrainingRounds=1)
    once = Counted.calls
    Counted.calls = 0
    many = quiet(linear(), ([Counted(x) for x in X], Y), MaxTrainingRounds=7)
    assert Counted.calls == once <= 2 * len(X)
    assert one != many


def test_200000_small_examples_in_lists_are_converted_once(monkeypatch):
    rows = np.random.default_rng(3).normal(size=(200_000, 4)).round(3)
    data = (rows.tolist(), rows[:, :3].tolist())
    seen = []
    original = prepare.__globals__["numbers"]
    monkeypatch.setitem(prepare.__globals__, "numbers", lambda value, port: seen.append(port) or original(value, port))
    begun = time.perf_counter()
    results = quiet(LinearLayer(3, Input=4), data, All, BatchSize=20_000, MaxTrainingRounds=3)
    assert seen == ["Input", "Output"]
    assert results["ExamplesProcessed"] == 600_000
    assert time.perf_counter() - begun < 5


# --- sequences


def test_varying_data_come_in_batches_of_near_equal_lengths():
    net = NetChain([AggregationLayer("Total", 1), 3], Input=("Varying", 2))
    lengths = np.random.default_rng(5).integers(1, 100, 797)
    sequences = [np.full((n, 2), n, np.float32) for n in lengths]
    inputs = prepare(net, {"Input": sequences}, batch=True)
    batches = list(Batches(inputs, 16, 11).round(1))
    drawn = np.concatenate([batch.indices for batch in batches])
    assert sorted(drawn.tolist()) == list(range(797))  # every example once
    held = sum(batch.columns["Input"].array.shape[0] * batch.columns["Input"].array.shape[1] for batch in batches)
    assert held < 1.1 * lengths.sum()  # padding; without groups it would nearly double the data
    longest = [batch.columns["Input"].array.shape[1] for batch in batches]
    assert longest != sorted(longest)  # the batches come in random order
    for batch in batches:
        assert (batch.columns["Input"].array[:, 0, 0] == lengths[batch.indices]).all()


def test_varying_batches_differ_between_rounds_and_come_again_for_the_same_round():
    net = NetChain([AggregationLayer("Total", 1), 3], Input=("Varying", 2))
    inputs = prepare(net, {"Input": [np.ones((1 + n % 13, 2)) for n in range(101)]}, batch=True)
    one, two, again = ([b.indices.tolist() for b in Batches(inputs, 7, 3).round(n)] for n in (1, 2, 1))
    assert one == again != two
    assert [b.indices.tolist() for b in Batches(inputs, 7, 3).round(1, 5)] == one[5:]


# --- files


@pytest.fixture
def pictures(tmp_path):
    paths = []
    for k, pixels in enumerate(example(13, 4, 6, low=0, high=1)):
        paths.append(tmp_path / f"{k}.png")
        Image.fromarray((pixels * 255).astype(np.uint8)).save(paths[-1])
    return paths


def picture_net():
    from_pixels = NetEncoder("Image", (6, 4), ColorSpace="Grayscale")
    return NetInitialize(NetChain([3, SoftmaxLayer()], Input=from_pixels, Output=NetDecoder("Class", ["a", "b", "c"])))


LABELS = [["a", "b", "c"][k % 3] for k in range(13)]


@pytest.mark.parametrize("as_text", [False, True], ids=["Path", "text"])
def test_files_are_read_batch_by_batch_through_an_image_encoder(pictures, as_text, monkeypatch):
    opened = []
    encoder = type(NetEncoder("Image"))
    original = encoder.encode

    def watched(self, value, *rest):
        opened.append(len(value))
        return original(self, value, *rest)

    monkeypatch.setattr(encoder, "encode", watched)
    paths = [str(path) for path in pictures] if as_text else pictures
    read = quiet(picture_net(), (paths, LABELS), All, BatchSize=5)
    assert opened == [8, 5, 5, 3, 5, 5, 3]  # the first few to know shapes; then each batch of both rounds
    arrays = [np.asarray(Image.open(path)) for path in pictures]
    assert read["TrainedNet"] == quiet(picture_net(), (arrays, LABELS), BatchSize=5)


def test_files_may_be_set_aside_for_validation_and_measured(pictures):
    arrays = [np.asarray(Image.open(path)) for path in pictures]
    one, other = (quiet(picture_net(), (data, LABELS), All, ValidationSet=Scaled(0.3)) for data in (pictures, arrays))
    assert one["ValidationLossList"] == other["ValidationLossList"]
    assert one["TrainedNet"] == other["TrainedNet"]
    given = quiet(picture_net(), (arrays, LABELS), All, ValidationSet=(pictures, LABELS))
    assert (
        given["ValidationLossList"]
        == quiet(picture_net(), (arrays, LABELS), All, ValidationSet=(arrays, LABELS))["ValidationLossList"]
    )
    wanted = [
        NetMeasurements(one["TrainedNet"], (data, LABELS), ["Accuracy", "Entropy"]) for data in (pictures, arrays)
    ]
    assert wanted[0] == wanted[1]


def test_a_file_that_is_missing_ends_training_and_keeps_the_net_so_far(pictures):
    missing = pictures[11]
    missing.unlink()
    with pytest.warns(NetWarning) as caught:
        results = quiet(picture_net(), (pictures, LABELS), All, BatchSize=2, MaxTrainingRounds=5)
    (batch,) = [k for k, indices in enumerate(order(13, 2)) if 11 in indices]
    reason = f"batch {batch + 1} of round 1: Input: there is no file {missing} (example 12)"
    assert results["ReasonTrainingStopped"] == reason
    assert str(caught[0].message) == f"training stopped early: {reason}; the best net so far is returned"
    assert results["TotalBatches"] == batch > 0
    assert results["TrainedNet"] != picture_net()


def order(count, size):
    """The examples of each batch of the first round of `quiet`."""
    seeds = np.random.SeedSequence(7).generate_state(4)
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence((int(seeds[1]), 1))))
    drawn = random.permutation(count)
    return [drawn[k : k + size].tolist() for k in range(0, count, size)]


def test_a_file_that_is_missing_at_the_start_is_an_error(pictures):
    pictures[2].unlink()
    assert refused(picture_net(), (pictures, LABELS)) == f"Input: there is no file {pictures[2]} (example 3)"


def test_large_lists_are_encoded_batch_by_batch(monkeypatch):
    texts = ["abc"[k % 3] * (k % 5 + 1) for k in range(2003)]
    y = example(2003, 3)
    net = NetInitialize(
        NetChain([AggregationLayer("Total", 1), 3], Input=NetEncoder("Characters", "abc", "UnitVector"))
    )
    at_once = quiet(net, (texts, y), All, BatchSize=2003)
    monkeypatch.setattr(deferred, "COMFORTABLE", 1000)
    in_parts = quiet(net, (texts, y), All, BatchSize=2003)
    assert in_parts["RoundLossList"] == pytest.approx(at_once["RoundLossList"], rel=1e-5)
    texts[1500] = "abd"
    with pytest.warns(NetWarning, match=r"of round 1: Input: .* \(example 1501\)"):
        broken = quiet(net, (texts, y), All, BatchSize=17)
    assert 0 < broken["TotalBatches"] < 118


def test_lists_of_a_comfortable_size_are_encoded_once():
    net = NetChain([3], Input=NetEncoder("Class", ["a", "b"], "UnitVector"))
    columns = {"Input": ["a", "b"] * 5}
    assert not deferred.is_deferred(deferred.inputs_of(net, columns))


# --- prefetching


def alive():
    return [thread for thread in threading.enumerate() if thread.name == "wlnet batches"]


def test_no_thread_is_left_after_reading_files(pictures):
    quiet(picture_net(), (pictures, LABELS), ValidationSet=Scaled(0.3))
    assert not alive()


# --- empty sequences


def test_an_empty_target_sequence_trains_where_the_loss_bears_it():
    net = NetInitialize(NetChain([NetMapOperator(LinearLayer(3)), SoftmaxLayer()], Input=("Varying", 2)))
    x = [example(n, 2, seed=n) for n in (5, 7, 3)]
    targets = [[1, 2], [], [2]]
    results = quiet(net, (x, targets), All, LossFunction=CTCLossLayer(), BatchSize=3)
    probabilities = [np.asarray(net(each), float) for each in x]
    empty = -np.log(probabilities[1][:, 2]).sum()  # nothing is spelled by blanks alone
    alone = quiet(net, (x[1:2], [[]]), All, LossFunction=CTCLossLayer(), BatchSize=1)
    assert alone["RoundLossList"][0] == pytest.approx(empty, rel=1e-5)
    one = quiet(net, (x[:1], targets[:1]), All, LossFunction=CTCLossLayer(), BatchSize=1)["RoundLossList"][0]
    two = quiet(net, (x[2:], targets[2:]), All, LossFunction=CTCLossLayer(), BatchSize=1)["RoundLossList"][0]
    assert results["RoundLossList"][0] == pytest.approx((empty + one + two) / 3, rel=1e-5)


def test_an_empty_sequence_is_refused_where_layers_do_not_bear_it():
    net = NetChain([AggregationLayer("Total", 1), 3], Input=("Varying", 2))
    data = ([np.ones((2, 2)), np.ones((0, 2))], Y[:2])
    assert refused(net, data) == "Input: a sequence is empty\n  hint: a sequence has at least one element"


def test_the_net_of_files_still_takes_arrays(pictures):
    net = quiet(picture_net(), (pictures, LABELS))
    assert net(str(pictures[0])) == net(np.asarray(Image.open(pictures[0])))
    assert NetExtract(net, "Input") == NetEncoder("Image", (6, 4), ColorSpace="Grayscale")
