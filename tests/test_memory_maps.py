"""Training on memory maps and arrays of files: rows are read and checked batch by batch, and never copied as a whole."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    AggregationLayer,
    All,
    EmbeddingLayer,
    LinearLayer,
    NetChain,
    NetEncoder,
    NetError,
    NetInitialize,
    NetMeasurements,
    NetTrain,
    NetWarning,
    Quantity,
    Scaled,
    SoftmaxLayer,
)
from wlnet.training.deferred import inputs_of, is_deferred, is_on_disk

X = example(47, 5)
Y = example(47, 3, seed=1)
CLASSES = np.arange(47) % 3 + 1


def mapped(path, array):
    """The array as a memory map, opened for reading."""
    np.save(path, array)
    return np.load(path, mmap_mode="r")


def quiet(net, data, *prop, **options):
    standing = {"MaxTrainingRounds": 2, "RandomSeeding": 7, "TrainingProgressReporting": None, "BatchSize": 5}
    return NetTrain(net, data, *prop, **{**standing, **options})


def linear():
    return NetInitialize(LinearLayer(3, Input=5))


def softmax():
    return NetInitialize(NetChain([3, SoftmaxLayer()], Input=5))


class Chunked:
    """An array in a file as h5py has them: it is indexed by increasing places only, and gives a fresh array."""

    chunks = (4, 5)

    def __init__(self, array):
        self.array, self.shape, self.dtype, self.read = array, array.shape, array.dtype, []

    def __len__(self):
        return len(self.array)

    def __getitem__(self, index):
        if not isinstance(index, slice):
            assert (np.diff(index) > 0).all(), "h5py takes increasing indices"
        self.read.append(len(self.array[index]))
        return self.array[index].copy()


# --- the same bits


@pytest.mark.parametrize("kind", ["f4", "f8", "f2", "i2", "u1"])
def test_a_memory_map_of_any_type_gives_the_bits_of_its_array(tmp_path, kind):
    x = (X * 50 + 100).astype(kind)
    one = quiet(linear(), (mapped(tmp_path / "x.npy", x), mapped(tmp_path / "y.npy", Y)), All)
    other = quiet(linear(), (x, Y), All)
    assert one["TrainedNet"] == other["TrainedNet"]
    assert one["RoundLossList"] == other["RoundLossList"]


def test_a_column_dict_of_maps_and_arrays_and_a_validation_set_of_maps(tmp_path):
    x, y = mapped(tmp_path / "x.npy", X), mapped(tmp_path / "y.npy", Y)
    one = quiet(linear(), {"Input": x, "Output": Y}, All, ValidationSet={"Input": x[:11], "Output": y[:11]})
    other = quiet(linear(), (X, Y), All, ValidationSet=(X[:11], Y[:11]))
    assert one["TrainedNet"] == other["TrainedNet"]
    assert one["ValidationLossList"] == other["ValidationLossList"]


def test_scaled_sets_rows_of_a_map_aside(tmp_path):
    one = quiet(linear(), (mapped(tmp_path / "x.npy", X), Y), All, ValidationSet=Scaled(0.2))
    other = quiet(linear(), (X, Y), All, ValidationSet=Scaled(0.2))
    assert one["TrainedNet"] == other["TrainedNet"]
    assert one["ValidationLossList"] == other["ValidationLossList"]


def test_classes_in_a_map_are_indices(tmp_path):
    classes = mapped(tmp_path / "y.npy", CLASSES.astype(np.uint8))
    assert quiet(softmax(), (mapped(tmp_path / "x.npy", X), classes)) == quiet(softmax(), (X, CLASSES))


def test_a_map_goes_through_an_encoder(tmp_path):
    labels = mapped(tmp_path / "x.npy", CLASSES)
    net = NetInitialize(NetChain([3], Input=NetEncoder("Class", [1, 2, 3], "UnitVector")))
    assert quiet(net, (labels, Y)) == quiet(net, (CLASSES.tolist(), Y))


def test_a_map_of_sequences_goes_to_a_varying_port(tmp_path):
    net = NetInitialize(NetChain([EmbeddingLayer(2, 3), AggregationLayer("Mean", 1), 3], Input=("Varying",)))
    places = np.tile(CLASSES[:, None], (1, 7))
    one = quiet(net, (mapped(tmp_path / "x.npy", places), Y), BatchSize=47)
    assert one == quiet(net, (places, Y), BatchSize=47)


def test_net_measurements_take_maps_as_arrays(tmp_path):
    net = softmax()
    maps = (mapped(tmp_path / "x.npy", X), mapped(tmp_path / "y.npy", CLASSES))
    wanted = ["Accuracy", "Entropy"]
    assert NetMeasurements(net, maps, wanted) == NetMeasurements(net, (X, CLASSES), wanted)


def test_an_array_of_a_file_is_read_in_increasing_order_batch_by_batch():
    x = Chunked(X)
    one = quiet(linear(), (x, Y), MaxTrainingRounds=1)
    assert one == quiet(linear(), (X, Y), MaxTrainingRounds=1)
    assert x.read == [8, *[5] * 9, 2]  # the first few to know the shape, then each batch


# --- what is a map


def test_views_of_a_map_are_maps_and_copies_are_not(tmp_path):
    whole = mapped(tmp_path / "x.npy", X)
    assert all(is_on_disk(each) for each in (whole, whole[3:], np.asarray(whole), whole.T, whole.reshape(-1)))
    assert not any(is_on_disk(each) for each in (X, whole[[1, 2]], whole + 1, np.array(whole), X.tolist()))


def test_a_map_is_not_read_when_it_is_opened(tmp_path):
    x = np.array(X)
    x[40, 2] = np.nan
    inputs = inputs_of(linear(), {"Input": mapped(tmp_path / "x.npy", x)})
    assert is_deferred(inputs)
    assert inputs.plan.shape((), "Input") == (5,)
    with pytest.raises(NetError) as caught:
        inputs.columns["Input"].rows(np.array([3, 40, 7]))
    assert str(caught.value) == "Input: the data hold nan (example 41, at (3))\n  hint: remove or replace it first"


# --- errors come with the batch that has them, and the net so far is kept


def batch_of(example, size=5, count=47):
    """The batch of the first round that has an example, counted from 1."""
    seeds = np.random.SeedSequence(7).generate_state(4)
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence((int(seeds[1]), 1))))
    return int(np.flatnonzero(random.permutation(count) == example)[0]) // size + 1


@pytest.mark.parametrize(
    ("bad", "at", "said"),
    [
        ("nan", 40, "Input: the data hold nan (example 41, at (3))"),
        ("class", 33, "Output takes integers up to 3, but the data hold 9 (example 34)"),
    ],
)
def test_a_bad_row_of_a_map_ends_training_and_keeps_the_net_so_far(tmp_path, bad, at, said):
    x, classes = np.array(X), np.array(CLASSES)
    if bad == "nan":
        x[at, 2] = np.nan
    else:
        classes[at] = 9
    maps = (mapped(tmp_path / "x.npy", x), mapped(tmp_path / "y.npy", classes))
    with pytest.warns(NetWarning) as caught:
        results = quiet(softmax(), maps, All)
    reason = f"batch {batch_of(at)} of round 1: {said}"
    assert str(caught[0].message) == f"training stopped early: {reason}; the best net so far is returned"
    assert results["TotalBatches"] == batch_of(at) - 1 > 0
    clean = quiet(softmax(), (X, CLASSES), MaxTrainingRounds=Quantity(batch_of(at) - 1, "Batches"))
    assert results["TrainedNet"] == clean


def test_a_bad_row_in_the_first_batch_is_an_error(tmp_path):
    x = np.array(X)
    x[:] = np.inf
    x[:8] = 1
    with pytest.raises(NetError) as caught:
        quiet(linear(), (mapped(tmp_path / "x.npy", x), Y), RandomSeeding=3)
    assert str(caught.value).startswith("batch 1 of round 1: Input: the data hold inf (example ")


def test_a_map_of_another_size_is_refused_before_training(tmp_path):
    with pytest.raises(NetError) as caught:
        quiet(linear(), (mapped(tmp_path / "x.npy", X[:, :4].copy()), Y))
    assert str(caught.value) == (
        "Input takes 5, but the data are of shape 4\n  hint: give data of that shape, or make the net for this one"
    )


# --- memory

MEMORY = """
    import sys
    import numpy as np
    from wlnet import All, LinearLayer, NetTrain, Quantity, Scaled

    def anonymous():
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1024

    rows, width = 2**19, 2**10
    x = np.memmap(sys.argv[1], np.float32, "r", shape=(rows, width))
    assert x.nbytes == 2**31
    y = np.memmap(sys.argv[2], np.uint8, "r", shape=(rows, 1))
    most = before = anonymous()

    def look(facts):
        global most
        most = max(most, anonymous())

    results = NetTrain(LinearLayer(1), (x, y), All, BatchSize=1009, MaxTrainingRounds=Quantity(7, "Batches"),
                       ValidationSet=Scaled(0.001), TrainingProgressReporting=None, RandomSeeding=1,
                       TrainingProgressFunction=(look, {"Interval": Quantity(1, "Batches")}))
    look(None)
    assert results["TotalBatches"] == 7 and results["TrainingExamples"] == rows - 524
    print(most - before)
"""


def test_training_on_a_memory_map_of_2_gb_takes_less_than_300_mb_of_anonymous_memory(tmp_path):
    for name, size in (("x", 2**31), ("y", 2**19)):
        with open(tmp_path / name, "wb") as file:
            file.truncate(size)
    paths = [str(tmp_path / name) for name in "xy"]
    found = subprocess.run([sys.executable, "-c", textwrap.dedent(MEMORY), *paths], capture_output=True, text=True)
    assert not found.returncode, found.stderr
    assert float(found.stdout) < 300
