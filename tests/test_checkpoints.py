"""TrainingProgressCheckpointing, and going on: bit for bit what an unbroken run gives."""

import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.examples import example
from tests.resumable import NET, X, Y, digest, options
from wlnet import (
    AggregationLayer,
    All,
    DropoutLayer,
    LinearLayer,
    MeanAbsoluteLossLayer,
    NetChain,
    NetError,
    NetExtract,
    NetTrain,
    NetWarning,
    Quantity,
    Scaled,
)
from wlnet.formats import native
from wlnet.training import session as sessions
from wlnet.training.methods import METHODS

EVERY_7 = {"Interval": Quantity(7, "Batches")}


def run(net=NET, *prop, data=(X, Y), **more):
    """The training of tests/resumable.py, for a few rounds."""
    return NetTrain(net, data, *(prop or (All,)), **options(**{"MaxTrainingRounds": 5, **more}))


@pytest.fixture(scope="module")
def unbroken():
    return digest(run())


@pytest.fixture
def file(tmp_path):
    return tmp_path / "c.safetensors"


def broken(file, **more):
    """The file of a training that was cut off after three rounds."""
    run(MaxTrainingRounds=3, TrainingProgressCheckpointing=("File", file), **more)
    return file


def test_killed_twenty_times_at_random_moments_and_resumed_it_is_the_unbroken_run(file):
    expected = digest(NetTrain(NET, (X, Y), All, **options()))
    moments, kills, whole = np.random.default_rng().uniform(0.01, 0.2, 100), 0, 0
    command = [sys.executable, "-m", "tests.resumable"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline() == "ready\n"
        for moment in moments:
            print(file, file=server.stdin, flush=True)
            process = int(server.stdout.readline())
            time.sleep(moment)
            os.kill(process, signal.SIGKILL)
            result = file.with_name("c.safetensors.digest")
            if result.exists():  # it was faster, so it begins anew
                assert result.read_text() == expected
                result.unlink()
                file.unlink()
                whole += 1
                continue
            kills += 1
            if kills == 20:
                break
        server.stdin.close()
    assert kills == 20
    subprocess.run([*command, str(file)], check=True)
    assert file.with_name("c.safetensors.digest").read_text() == expected


@pytest.mark.parametrize("method", METHODS)
def test_resumed_equals_unbroken_for_each_method(method, file):
    whole = digest(run(Method=method))
    assert digest(NetTrain(broken(file, Method=method), (X, Y), All, MaxTrainingRounds=5)) == whole


@pytest.mark.parametrize(
    "more",
    [
        {"WorkingPrecision": "Real64"},
        {"LearningRateMultipliers": {1: None, (5, "Biases"): 2, "_": 1}},
        {"LossFunction": {"Output": (MeanAbsoluteLossLayer(), Scaled(0.5))}},
        {"ValidationSet": None},
        {"RandomSeeding": "a text"},
        {"BatchSize": 200},
        {"Method": ("ADAM", {"Beta1": 0.7, "Epsilon": 0.01}), "LearningRate": 0.01},
    ],
    ids=lambda more: next(iter(more)),
)
def test_resumed_equals_unbroken_with_options(more, file):
    data = (X, example(131, 3)) if "LossFunction" in more else (X, Y)
    whole = digest(run(data=data, **more))
    assert digest(NetTrain(broken(file, data=data, **more), data, All, MaxTrainingRounds=5)) == whole


def test_resumed_equals_unbroken_on_jax(file):
    pytest.importorskip("jax")
    way = {"TargetDevice": ("CPU", "JAX"), "BatchSize": 131, "ValidationSet": None}
    net, data = NetChain([3, DropoutLayer(0.3)], Input=5), (X, example(131, 3))
    whole = digest(run(net, data=data, **way))
    run(net, data=data, MaxTrainingRounds=3, TrainingProgressCheckpointing=("File", file), **way)
    assert digest(NetTrain(file, data, All, MaxTrainingRounds=5)) == whole


def test_resumed_from_any_batch_of_a_round(tmp_path, unbroken):
    results = run(TrainingProgressCheckpointing=("Directory", tmp_path, EVERY_7))
    files = results["CheckpointingFiles"]
    assert digest(results) == unbroken
    for path in files:
        assert digest(NetTrain(path, (X, Y), All)) == unbroken


def test_sequences_of_varying_length_and_a_drawn_seed_resume(file):
    net = NetChain([AggregationLayer("Total", 1), 5, 2], Input=("Varying", 3))
    data = ([example(n, 3, seed=n) for n in (2, 7, 3, 5, 11, 4)], example(6, 2))
    standing = {"TrainingProgressReporting": None, "BatchSize": 2}
    results = NetTrain(net, data, All, MaxTrainingRounds=3, TrainingProgressCheckpointing=("File", file), **standing)
    resumed = NetTrain(file, data, All, MaxTrainingRounds=5)
    seed = resumed["TrainingPlan"].seed
    assert seed == results["TrainingPlan"].seed
    whole = NetTrain(net, data, All, MaxTrainingRounds=5, RandomSeeding=seed, **standing)
    assert digest(whole) == digest(resumed)


# --- the forms of 10.3


def test_none_writes_nothing():
    assert run(TrainingProgressCheckpointing=None)["CheckpointingFiles"] == []


def test_file_path_overwrites(file):
    results = run(TrainingProgressCheckpointing=("File", str(file)))
    assert results["CheckpointingFiles"] == [str(file)]
    assert os.listdir(file.parent) == [file.name]
    assert native.read(file, training=True).training["session"]["record"]["round"] == 5


def test_directory_path_one_file_each_named_as_stated(tmp_path):
    results = run(TrainingProgressCheckpointing=("Directory", tmp_path / "new" / "runs"), MaxTrainingRounds=3)
    files = results["CheckpointingFiles"]
    assert sorted(os.listdir(tmp_path / "new" / "runs")) == [os.path.basename(path) for path in files]
    for number, path in enumerate(files, start=1):
        name = r"(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d)_(\d+)_(\d+)_(\d+)_([^_]+)_([^_]+)\.safetensors"
        _, counter, round_, batch, loss, validation = re.fullmatch(name, os.path.basename(path)).groups()
        assert (int(counter), int(round_), int(batch)) == (1, number, number * 10)
        assert loss == f"{results['RoundLossList'][number - 1]:.4g}"
        assert validation == f"{results['ValidationLossList'][number - 1]:.4g}"
    again = run(TrainingProgressCheckpointing=("Directory", tmp_path / "new" / "runs"), ValidationSet=None)
    counter, _, _, *losses = (
        os.path.basename(again["CheckpointingFiles"][0]).removesuffix(".safetensors").split("_")[1:]
    )
    assert (counter, len(losses)) == ("2", 1)


def test_list_of_several(tmp_path, file):
    setting = [("File", file), ("Directory", tmp_path / "all", {"Interval": Quantity(2, "Rounds")})]
    results = run(TrainingProgressCheckpointing=setting)
    names = [os.path.basename(path).split("_")[2:4] for path in results["CheckpointingFiles"] if path != str(file)]
    assert file.exists()
    assert names == [["0002", "000020"], ["0004", "000040"], ["0005", "000050"]]  # the last at the end of training


@pytest.mark.parametrize(
    ("interval", "batches"),
    [
        (Quantity(2, "Rounds"), [20, 40, 50]),
        (Quantity(13, "Batches"), [13, 26, 39, 50]),
        (Quantity(20, "Percent"), [10, 20, 30, 40, 50]),
        (Quantity(100, "Hours"), [50]),
        (Quantity(100, "Minutes"), [50]),
        (Quantity(100, "Seconds"), [50]),
        (100, [50]),
    ],
    ids=repr,
)
def test_interval_of_checkpoints(interval, batches, tmp_path):
    results = run(TrainingProgressCheckpointing=("Directory", tmp_path, {"Interval": interval}))
    assert [int(path.split("_")[-3]) for path in results["CheckpointingFiles"]] == batches


def test_minimum_interval_of_checkpoints(tmp_path):
    setting = ("Directory", tmp_path, {"Interval": Quantity(1, "Batches"), "MinimumInterval": 1000})
    results = run(TrainingProgressCheckpointing=setting)
    assert [int(path.split("_")[-3]) for path in results["CheckpointingFiles"]] == [1, 50]


def test_interval_in_seconds_writes_in_the_middle_of_rounds(tmp_path):
    setting = ("Directory", tmp_path, {"Interval": Quantity(0.001, "Seconds")})
    files = run(TrainingProgressCheckpointing=setting)["CheckpointingFiles"]
    assert any(int(path.split("_")[-3]) % 10 for path in files[1:] if path.count("_") > 4) or len(files) > 5


def test_checkpoint_is_a_plain_net(file):
    results = run(TrainingProgressCheckpointing=("File", file), ValidationSet=None)
    assert native.read(file).net == results["TrainedNet"]
    assert native.read(file).training is None


# --- going on


def test_options_are_those_of_the_file(file):
    results = NetTrain(broken(file, LearningRate=0.003), (X, Y), All)
    assert results["BatchSize"] == 11
    assert results["InitialLearningRate"] == 0.003
    assert results["ValidationExamples"] == 26
    assert results["TotalRounds"] == 3


def test_finished_training_gives_its_net_and_goes_on_if_rounds_are_raised(file, unbroken):
    finished = run(MaxTrainingRounds=3, TrainingProgressCheckpointing=("File", file))
    assert digest(NetTrain(file, (X, Y), All)) == digest(finished)
    assert digest(NetTrain(file, (X, Y), All, MaxTrainingRounds=5)) == unbroken


def test_time_counts_on(file):
    first = run(MaxTrainingRounds=3, TrainingProgressCheckpointing=("File", file))
    results = NetTrain(file, (X, Y), All, MaxTrainingRounds=Quantity(1e-6, "Seconds"))
    assert results["TotalRounds"] == 3
    assert results["ReasonTrainingStopped"] == "1e-06 seconds were over"
    assert results["TotalTrainingTime"] >= first["TotalTrainingTime"] * 0.5


def test_checkpoints_go_on_in_the_file_that_was_read(file):
    moved = broken(file).rename(file.with_name("moved.safetensors"))
    assert NetTrain(moved, (X, Y), All, MaxTrainingRounds=5)["CheckpointingFiles"][-1] == str(moved)
    assert native.read(moved, training=True).training["session"]["record"]["round"] == 5
    assert not file.exists()


def test_checkpoints_go_on_as_the_call_says(file):
    before = broken(file).read_bytes()
    NetTrain(file, (X, Y), MaxTrainingRounds=5, TrainingProgressCheckpointing=None)
    assert file.read_bytes() == before


def test_what_is_about_the_time_to_come_may_change(file):
    results = NetTrain(
        broken(file), (X, Y), All, MaxTrainingRounds=4, LearningRate=0.5, Method=("ADAM", {"Beta1": 0.5})
    )
    assert results["InitialLearningRate"] == 0.5
    assert dict(results["OptimizationMethod"][1])["Beta1"] == 0.5


def test_the_same_option_given_again_is_no_contradiction(file, unbroken):
    given = options(MaxTrainingRounds=5)
    assert digest(NetTrain(broken(file), (X, Y), All, **given)) == unbroken


def test_validation_data_are_given_again(file):
    data = (X[:13], Y[:13])
    whole = digest(run(ValidationSet=data))
    broken(file, ValidationSet=data)
    assert digest(NetTrain(file, (X, Y), All, ValidationSet=data, MaxTrainingRounds=5)) == whole
    with pytest.raises(NetError) as error:
        NetTrain(file, (X, Y))
    assert str(error.value) == (
        f"{file} was trained with ValidationSet, of which a file holds no functions and no data\n"
        "  hint: give ValidationSet again"
    )


@pytest.mark.parametrize(
    ("name", "value", "before", "now"),
    [
        ("BatchSize", 12, "11", "12"),
        ("RandomSeeding", 4, "3", "4"),
        ("ValidationSet", None, "Scaled(0.2)", "None"),
        ("WorkingPrecision", "Real64", "Automatic", '"Real64"'),
        ("LearningRateMultipliers", {1: 0}, "Automatic", "{1: 0}"),
        ("LossFunction", MeanAbsoluteLossLayer(), "Automatic", "MeanAbsoluteLossLayer()"),
    ],
)
def test_what_would_change_the_past_is_refused(name, value, before, now, file):
    with pytest.raises(NetError) as error:
        NetTrain(broken(file), (X, Y), **{name: value})
    assert str(error.value) == (
        f"{file} was trained with {name}={before}, and cannot go on with {now}\n"
        f"  hint: leave {name} out, or begin a new training with the net of the file"
    )


def test_another_method_is_refused(file):
    broken(file)
    with pytest.raises(NetError) as error:
        NetTrain(file, (X, Y), Method="SGD")
    assert str(error.value) == (
        f"{file}: the method was ADAM, and is SGD now\n"
        "  hint: a training goes on with the method and the data that it began with; begin a new one with the net of the file"
    )


def test_data_of_other_sizes_are_refused(file):
    broken(file)
    with pytest.raises(NetError) as error:
        NetTrain(file, (X[:100], Y[:100]))
    assert str(error.value) == (
        f"{file}: the number of training examples was 105, and is 80 now\n"
        "  hint: a training goes on with the method and the data that it began with; begin a new one with the net of the file"
    )


def test_data_of_other_contents_are_said(file):
    with pytest.warns(NetWarning) as caught:
        NetTrain(broken(file), (X + 1, Y))
    assert [str(each.message) for each in caught] == [
        f"the data are not those that {file} was trained with: the result is not what an unbroken run gives"
    ]


def test_a_net_is_no_checkpoint(file):
    native.write(file, NET)
    with pytest.raises(NetError) as error:
        NetTrain(file, (X, Y))
    assert str(error.value) == (
        f"{file} holds a net, but no training to go on with\n"
        '  hint: checkpoints of NetTrain do: TrainingProgressCheckpointing=("File", path)'
    )


def test_a_file_that_is_not_there(file):
    with pytest.raises(NetError) as error:
        NetTrain(file, (X, Y))
    assert str(error.value) == f"{file} cannot be read: No such file or directory"


def test_reading_a_finished_training_writes_nothing(tmp_path):
    files = run(TrainingProgressCheckpointing=("Directory", tmp_path))["CheckpointingFiles"]
    results = NetTrain(files[-1], (X, Y), All)
    assert results["CheckpointingFiles"] == files
    assert len(os.listdir(tmp_path)) == 5


def test_what_a_killed_process_left_is_removed(file):
    left, others = file.with_name(".c.safetensors.x1y2.part"), file.with_name(".d.safetensors.x1y2.part")
    left.write_text("half")
    others.write_text("half")
    run(TrainingProgressCheckpointing=("File", file), MaxTrainingRounds=1)
    assert (left.exists(), others.exists()) == (False, True)


# --- what cannot be written


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        (
            "c.safetensors",
            '"c.safetensors" says no place of checkpoints\n  hint: write ("File", \'c.safetensors\')',
        ),
        (
            ("Folder", "x"),
            '("Folder", "x") says no place of checkpoints\n  hint: give None, ("File", path), ("Directory", path), one of '
            'these with {"Interval": …}, or a list of them',
        ),
        (("File", 3), "3 is no path\n  hint: give a text or a pathlib.Path"),
        (
            ("File", "runs/c.wlnet"),
            "runs/c.wlnet does not end in .safetensors, the format of checkpoints\n  hint: write c.safetensors; other "
            "formats hold no state of a training: Export the trained net to them",
        ),
        (
            ("File", "nowhere/c.safetensors"),
            "nowhere/c.safetensors cannot be written: there is no directory nowhere\n  hint: make the directory first",
        ),
        (
            ("Directory", "/dev/null/runs"),
            "/dev/null/runs cannot be written: it cannot be made: Not a directory",
        ),
        (
            [("File", "c.safetensors"), ("File", "./c.safetensors")],
            "c.safetensors is named twice",
        ),
        (
            ("File", "c.safetensors", {"Intervall": 3}),
            "'Intervall' is not a sub-option\n  hint: did you mean Interval?",
        ),
        (
            ("File", "c.safetensors", {"Interval": Quantity(3, "Light")}),
            'an "Interval" is no number of Light\n  hint: there are Rounds, Batches, Percent, Seconds, Minutes, Hours',
        ),
        (
            ("File", "c.safetensors", {"Interval": 0}),
            '"Interval" must be a positive number or a Quantity, got 0',
        ),
        (
            ("File", "c.safetensors", {"MinimumInterval": -1}),
            '"MinimumInterval" must be a number of seconds, got -1',
        ),
    ],
)  # fmt: skip
def test_bad_settings_are_refused_before_training(setting, text):
    with pytest.raises(NetError) as error:
        run(TrainingProgressCheckpointing=setting)
    assert str(error.value) == f"TrainingProgressCheckpointing: {text}"


def test_a_directory_is_no_file(tmp_path):
    place = tmp_path / "c.safetensors"
    place.mkdir()
    with pytest.raises(NetError) as error:
        run(TrainingProgressCheckpointing=("File", place))
    assert str(error.value) == (
        f"TrainingProgressCheckpointing: {place} cannot be written: it is a directory\n"
        f"  hint: write (\"Directory\", '{place}')"
    )


def test_an_unwritable_directory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda place, mode: False)  # root may write everywhere
    with pytest.raises(NetError) as error:
        run(TrainingProgressCheckpointing=("Directory", tmp_path))
    assert str(error.value) == (
        f"TrainingProgressCheckpointing: {tmp_path} cannot be written: nothing may be written in {tmp_path}\n"
        "  hint: choose another place, or ask for the right"
    )


def limited(file, code):
    """What a process says that may write no file beyond 8000 bytes: a full disk."""
    program = (
        "import resource, signal, warnings\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from tests.test_checkpoints import *\n"
        f"file = {str(file)!r}\n" + code
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_full_disk_leaves_the_best_net_so_far_and_says_so(file):
    said = limited(
        file,
        "run(MaxTrainingRounds=2, TrainingProgressCheckpointing=('File', file))\n"
        "before = open(file, 'rb').read()\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    results = NetTrain(file, (X, Y), All, MaxTrainingRounds=5)\n"
        "print(*[each.message for each in caught], sep='\\n')\n"
        "print(open(file, 'rb').read() == before, os.listdir(os.path.dirname(file)))\n"
        "print(results['TotalRounds'], digest(results) == digest(run(MaxTrainingRounds=3)))\n",
    )
    reason = f"TrainingProgressCheckpointing failed: {file} cannot be written: File too large"
    assert said == [
        f"training stopped early: {reason}; the best net so far is returned",
        "True ['c.safetensors']",
        "3 True",
    ]


def test_a_directory_that_is_removed_leaves_the_best_net_so_far_and_says_so(tmp_path, monkeypatch):
    place = tmp_path / "runs"
    ends = sessions.Session.validate

    def validate(session):
        if session.record.round == 3:
            for path in place.iterdir():
                path.unlink()
            place.rmdir()
        ends(session)

    monkeypatch.setattr(sessions.Session, "validate", validate)
    with pytest.warns(NetWarning) as caught:
        results = run(TrainingProgressCheckpointing=("Directory", place))
    (said,) = [str(each.message) for each in caught]
    assert re.fullmatch(
        rf"training stopped early: TrainingProgressCheckpointing failed: {place}/\S+\.safetensors cannot be written: "
        r"No such file or directory; the best net so far is returned",
        said,
    )
    assert results["TotalRounds"] == 3
    assert len(results["CheckpointingFiles"]) == 2
    monkeypatch.undo()
    assert digest(results) == digest(run(MaxTrainingRounds=3))


def test_bad_numbers_and_interrupts_write_no_last_checkpoint(file):
    net = NetChain([LinearLayer(3, Input=5)])
    with pytest.warns(NetWarning, match="normalize the data"):
        NetTrain(
            net,
            (X * 1e20, example(131, 3)),
            TrainingProgressReporting=None,
            TrainingProgressCheckpointing=("File", file),
        )
    assert not file.exists()


def test_a_damaged_state_is_refused(file):
    content = native.read(broken(file), training=True)
    content.training["session"]["states"][0]["vector"] = np.zeros(3, np.float32)
    native.write(file, content.net, content.training)
    with pytest.raises(NetError) as error:
        NetTrain(file, (X, Y))
    assert str(error.value) == (
        f"{file}: the state of the training is damaged, or of a later version: an array of its state is not one of this net"
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda training: training.pop("options"), "training needs options"),
        (lambda training: training.update(more=1), "training: more Extra inputs are not permitted, got 1"),
        (lambda training: training["options"].update(Speed=3), 'it has an option "Speed"'),
        (lambda training: training["session"].pop("elapsed"), "'elapsed'"),
        (lambda training: training["session"].update(state=7), "list index out of range"),
        (
            lambda training: training["session"]["record"].update(round="a"),
            'its record: round must be a valid integer, unable to parse string as an integer, got "a"',
        ),
        (
            lambda training: training["session"]["criterion"].update(run=1),
            "run is no number that a Criterion remembers",
        ),
    ],
)
def test_a_damaged_training_is_refused(change, why, file):
    content = native.read(broken(file), training=True)
    change(content.training)
    native.write(file, content.net, content.training)
    with pytest.raises(NetError) as error:
        NetTrain(file, (X, Y))
    assert str(error.value) == f"{file}: the state of the training is damaged, or of a later version: {why}"


def test_a_file_decides_about_no_other_file(file, tmp_path):
    content = native.read(broken(file), training=True)
    content.training["options"]["TrainingProgressReporting"] = str(tmp_path / "out.csv")
    content.training["options"]["TrainingProgressCheckpointing"] = ("File", str(tmp_path / "other.safetensors"))
    native.write(file, content.net, content.training)
    NetTrain(file, (X, Y), MaxTrainingRounds=4)
    assert os.listdir(tmp_path) == ["c.safetensors"]


def test_weights_are_those_of_the_moment(file):
    results = run(TrainingProgressCheckpointing=("File", file), MaxTrainingRounds=1, ValidationSet=None)
    assert np.array_equal(native.read(file).arrays["1/Weights"], NetExtract(results["TrainedNet"], (1, "Weights")))
