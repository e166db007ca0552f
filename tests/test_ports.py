"""NetPort anywhere, and applying a net: the rows of sections 2, 5, 18 and 21 of the reference; see test_evaluation."""

import jax
import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    All,
    AttentionLayer,
    BatchNormalizationLayer,
    CatenateLayer,
    DropoutLayer,
    ElementwiseLayer,
    GatedRecurrentLayer,
    ImageAugmentationLayer,
    Information,
    LinearLayer,
    NetArrayLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetGraph,
    NetInitialize,
    NetMapOperator,
    NetPort,
    NetTrain,
    Options,
    OrderingLayer,
    Ramp,
    SequenceLastLayer,
    SoftmaxLayer,
    SummationLayer,
    backend,
)
from wlnet.backends import backend as backend_of
from wlnet.verbs.evaluate import evaluation, parts

JAX = backend_of("JAX")
WEIGHTS, BIASES = example(2, 3), example(2, seed=1)
LINEAR = LinearLayer(2, Weights=WEIGHTS, Biases=BIASES)
X = example(5, 3)
HIDDEN = X @ WEIGHTS.T + BIASES
DEEP = NetChain({"a": NetChain({"b": [LINEAR, Ramp], "c": "Tanh"}), "d": SummationLayer()})
TANH = np.tanh(np.maximum(HIDDEN, 0))
TWO = NetGraph({"r": Ramp, "t": "Tanh"}, [], Input=3)
CLASSES = NetGraph(
    {"l": LINEAR, "s": SoftmaxLayer(), "t": "Tanh"},
    [("l", "s", NetPort("Class")), ("l", "t", NetPort("Raw"))],
    Class=NetDecoder("Class", ["cat", "dog"]),
)
ONE = NetChain([LINEAR, SoftmaxLayer()], Output=NetDecoder("Class", ["cat", "dog"]))
PROBABILITIES = np.exp(HIDDEN) / np.exp(HIDDEN).sum(1, keepdims=True)
NAMES = np.array(["cat", "dog"])[PROBABILITIES.argmax(1)].tolist()


# --- section 5: NetPort ---------------------------------------------------------------------------------------------


def test_net_port_port_is_an_output_of_the_net():
    assert_close(TWO(X, NetPort("Output2")), np.tanh(X))
    assert_close(DEEP(X, NetPort("Output")), TANH.sum(1))


@pytest.mark.parametrize("port", [NetPort((2, "Output")), NetPort(2, "Output"), NetPort(-1, "Output")])
def test_net_port_n_port_is_by_position(port):
    assert_close(TWO(X, port), np.tanh(X))


@pytest.mark.parametrize("port", [NetPort(("t", "Output")), NetPort("t", "Output"), NetPort(["t", "Output"])])
def test_net_port_name_port_in_one_list_or_as_two_arguments(port):
    assert_close(TWO(X, port), np.tanh(X))
    assert port == NetPort("t", "Output") and hash(port) == hash(NetPort("t", "Output"))
    assert repr(port) == 'NetPort("t", "Output")'


@pytest.mark.parametrize("spec", [("a", "b", 1, "Output"), ("a", "b", 1), (1, 1, -2, "Output"), ("a", 1, np.int64(1))])
def test_net_port_nested_goes_to_any_depth(spec):
    assert_close(DEEP(X, NetPort(spec)), HIDDEN)
    assert_close(DEEP(X[0], NetPort(*spec)), HIDDEN[0])


@pytest.mark.parametrize("port", [NetPort(1), NetPort((1,)), NetPort("a"), NetPort(("a",))])
def test_naming_only_a_layer_or_subnet_means_its_output(port):
    assert_close(DEEP(X, port), TANH)


def test_a_port_of_a_subnet_is_what_leaves_it():
    assert_close(DEEP(X, NetPort("a", "Output")), TANH)


@pytest.mark.parametrize("spec", [("Input",), ("a", "Input"), ("a", "b", 1, "Input")])
def test_input_ports_cannot_be_read(spec):
    with pytest.raises(NetError) as e:
        DEEP(X, NetPort(spec))
    where = f"net/{'/'.join(map(str, spec[:-1]))}: " if spec[:-1] else ""
    layer = "LinearLayer" if len(spec) > 3 else "NetChain"
    assert str(e.value) == f"{where}Input of {layer} is an input port; only outputs can be read"


def test_the_names_of_ports_come_from_information():
    for name in Information(TWO, "OutputPortNames"):
        assert_close(TWO(X, NetPort(name)), TWO(X)[name])


def test_a_port_that_exists_only_when_asked_for_is_read_at_any_depth():
    net = NetGraph({"att": AttentionLayer("Dot", Key=(4, 2), Value=(4, 3), Query=(5, 2))}, [])
    data = {"Key": example(4, 2), "Value": example(4, 3), "Query": example(5, 2)}
    scores = data["Key"] @ data["Query"].T
    expected = np.exp(scores) / np.exp(scores).sum(0)
    assert_close(net(data, NetPort("att", "AttentionWeights")), expected)


REFUSALS = [
    (lambda: NetPort(), 'NetPort needs a port or a layer\n  hint: write NetPort("Input") or NetPort("layer", "port")'),
    (
        lambda: NetPort("a", None),
        'NetPort takes names and positions, got a NoneType\n  hint: write NetPort("Input") or NetPort("layer", "port")',
    ),
    (
        lambda: NetPort(X),
        'NetPort takes names and positions, got a ndarray\n  hint: write NetPort("Input") or NetPort("layer", "port")',
    ),
    (lambda: DEEP(X, NetPort("Outptu")), 'NetChain has no layer or output "Outptu"\n  hint: did you mean Output?'),
    (lambda: DEEP(X, NetPort("e")), 'NetChain has no layer or output "e"\n  hint: there are Output, a, d'),
    (
        lambda: DEEP(X, NetPort("a", "b", 1, "Outptu")),
        'net/a/b/1: LinearLayer has no output "Outptu"\n  hint: did you mean Output?',
    ),
    (lambda: DEEP(X, NetPort("a", "x", "Output")), 'net/a: NetChain has no layer "x"\n  hint: there are b, c'),
    (
        lambda: DEEP(X, NetPort("a", "b", 3)),
        "net/a/b: NetChain has no layer 3\n  hint: positions count from 1 to 2, or -1 to -2 from the end",
    ),
    (
        lambda: DEEP(X, NetPort("a", "c", "f", "Output")),
        'net/a/c: ElementwiseLayer has no part "f"\n  hint: there are Output',
    ),
    (lambda: LINEAR(X, NetPort(1)), "LinearLayer has no part 1\n  hint: there are Output, Weights, Biases"),
    (
        lambda: LINEAR(X, NetPort("Weights")),
        'Weights of LinearLayer is an array; only outputs can be read\n  hint: write NetExtract(net, ("Weights",))',
    ),
    (
        lambda: TWO_INSIDE(X, NetPort("two")),
        'net/two: NetGraph has 2 outputs (Output1, Output2)\n  hint: name one: NetPort("two", "Output1")',
    ),
    (
        lambda: MAPPED(example(4, 3), NetPort("m", "Net", "Output")),
        "net/m: NetMapOperator may run its Net many times for an example, so there is no one value inside\n"
        '  hint: take it out and run it by itself: NetExtract(net, ("m", "Net"))',
    ),
    (
        lambda: MAPPED(example(4, 3), NetPort("m", "Nte")),
        'net/m: NetMapOperator has no output "Nte"\n  hint: there are Output',
    ),
]
MAPPED = NetChain({"m": NetMapOperator(LINEAR), "t": "Tanh"}, Input=("Varying", 3))
TWO_INSIDE = NetGraph(
    {"two": TWO, "cat": CatenateLayer()}, [(NetPort("two", "Output1"), "cat"), (NetPort("two", "Output2"), "cat")]
)


@pytest.mark.parametrize("call, text", REFUSALS, ids=[text[:60] for _, text in REFUSALS])
def test_a_net_port_refuses(call, text):
    with pytest.raises(NetError) as e:
        call()
    assert str(e.value) == text


def test_the_output_of_an_operator_is_read_and_its_inner_net_by_itself():
    rows = [example(n, 3, seed=n) for n in (4, 2)]
    for got, row in zip(MAPPED(rows, NetPort("m")), rows, strict=True):
        assert_close(got, row @ WEIGHTS.T + BIASES)
    assert_close(MAPPED["m", "Net"](X), HIDDEN)


def test_a_layer_named_as_a_port_is_the_layer_inside_and_the_port_of_the_net():
    net = NetChain({"Output": LINEAR, "Tanh": "Tanh"})
    assert_close(net(X, NetPort("Output")), np.tanh(HIDDEN))
    assert_close(net(X, NetPort("Output", "Output")), HIDDEN)


# --- section 2: what is returned ------------------------------------------------------------------------------------


def test_no_input_port_has_no_input_ports_in_information():
    net = NetArrayLayer(Array=X)
    assert Information(net, "InputPorts") == {} and np.array_equal(net(), X)


def test_several_output_ports_of_a_batch_hold_the_list_of_each_port():
    result = TWO(X)
    assert_close(result["Output1"], np.maximum(X, 0))
    assert_close(result["Output2"], np.tanh(X))


def test_oport_gives_that_port_only():
    assert CLASSES(X, "Class") == NAMES
    assert_close(CLASSES(X, "Raw"), np.tanh(HIDDEN))


def test_all_gives_the_association_of_all_outputs():
    result = CLASSES(X, All)
    assert list(result) == ["Class", "Raw"] and result["Class"] == NAMES
    assert ONE(X[0], All) == {"Output": NAMES[0]}


def test_prop_is_the_decoder_property_of_the_single_output():
    result = ONE(X[0], "Probabilities")
    assert list(result) == ["cat", "dog"]
    assert_close(list(result.values()), PROBABILITIES[0])
    assert [each["dog"] > 0.5 for each in ONE(X, "Probabilities")] == [name == "dog" for name in NAMES]


def test_oport_with_prop_is_the_decoder_property_of_one_port():
    result = CLASSES(X, ("Class", "Probabilities"))
    assert_close([list(each.values()) for each in result], PROBABILITIES)
    assert CLASSES(X[0], ("Class", ("TopDecisions", 1))) == [NAMES[0]]


def test_none_is_the_raw_output_with_the_decoder_bypassed():
    assert_close(ONE(X, None), PROBABILITIES)
    assert_close(CLASSES(X, None)["Class"], PROBABILITIES)
    assert_close(CLASSES(X, ("Class", None)), PROBABILITIES)


def test_net_port_of_an_output_with_a_decoder_is_raw():
    assert_close(CLASSES(X, NetPort("Class")), PROBABILITIES)


def test_a_list_of_net_ports_is_an_association_by_net_port():
    result = DEEP(X, [NetPort("a", "b"), NetPort("d")])
    assert list(result) == [NetPort("a", "b"), NetPort("d")]
    assert_close(result[NetPort("d")], TANH.sum(1))


def test_net_port_all_is_the_outputs_of_all_layers():
    result = DEEP(X, NetPort(All))
    assert list(result) == [NetPort("a", "b", 1, "Output"), NetPort("a", "b", 2, "Output"), NetPort("a", "c", "Output"),
                            NetPort("d", "Output")]  # fmt: skip
    assert_close(result[NetPort("a", "b", 1, "Output")], HIDDEN)


def test_several_at_once_are_an_association():
    what = ["Class", ("Class", "Probabilities"), NetPort("l"), "Raw"]
    result = CLASSES(X, what)
    assert list(result) == what and result["Class"] == NAMES
    assert_close(result[NetPort("l")], HIDDEN)


def test_integer_outputs_are_int64_and_decoded_values_are_python_values():
    assert NetChain([OrderingLayer()], Input=3)(X).dtype == np.int64
    assert isinstance(ONE(X), list) and type(ONE(X[0])) is str


def test_unknown_input_shapes_are_inferred_from_the_data():
    net = NetChain([ElementwiseLayer("Tanh"), SummationLayer()])
    assert_close(net(X), np.tanh(X).sum())
    assert_close(SoftmaxLayer()(X[0]), np.exp(X[0]) / np.exp(X[0]).sum())


def test_encoders_pass_through_what_is_already_encoded():
    net = NetChain([SummationLayer()], Input=NetEncoder("Class", ["a", "b"], "IndicatorVector"))
    assert net(["a", "b"]).tolist() == [1, 1] and net([[0.25, 0.5]]).tolist() == [0.75]


# --- sections 2 and 18: options -------------------------------------------------------------------------------------


def test_the_options_at_evaluation_and_their_defaults():
    defaults = {"BatchSize": "Automatic", "NetEvaluationMode": "Test", "RandomSeeding": "Automatic",
                "TargetDevice": "CPU", "WorkingPrecision": "Real32"}  # fmt: skip
    assert {name: str(value) for name, value in Options(LINEAR).items() if name in defaults} == defaults


def test_options_go_with_a_second_argument_too():
    assert CLASSES(X, "Raw", WorkingPrecision="Real64", BatchSize=2).dtype == np.float64


def test_batch_size_automatic_means_16_for_dynamic_dimensions():
    net = NetChain([ElementwiseLayer("Tanh"), SequenceLastLayer()], Input=("Varying", 3))
    rows = [example(1 + k % 3, 3, seed=k) for k in range(37)]
    run = evaluation(net, (rows,), {})
    assert [part.count for part in parts(run.inputs, run.settings)] == [16, 16, 5]


def test_batch_size_affects_memory_and_speed_only():
    for size in (1, 2, 5, 100):
        assert_close(DEEP(X, BatchSize=size), TANH.sum(1))


def test_net_evaluation_mode_train_drops_half_and_doubles_the_others():
    result = DropoutLayer(0.5, Input=10007)(np.ones(10007), NetEvaluationMode="Train")
    assert set(np.unique(result)) == {0, 2} and 0.47 < (result == 0).mean() < 0.53


def test_net_evaluation_mode_affects_image_augmentation():
    net = ImageAugmentationLayer((3, 5), Input=(1, 7, 11))
    x = example(1, 7, 11)
    assert np.array_equal(net(x), x[:, 2:5, 3:8])
    results = [net(x, NetEvaluationMode="Train", RandomSeeding=k) for k in range(7)]
    assert any(not np.array_equal(each, results[0]) for each in results)


def test_net_evaluation_mode_affects_the_dropout_of_recurrent_layers():
    net = NetInitialize(GatedRecurrentLayer(5, Dropout=0.5, Input=(4, 3)))
    x = example(4, 3)
    assert np.array_equal(net(x), net(x))
    assert not np.array_equal(net(x), net(x, NetEvaluationMode="Train", RandomSeeding=1))


def test_net_evaluation_mode_affects_batch_normalization():
    net = NetInitialize(BatchNormalizationLayer(Input=3))
    x = example(5, 3)
    assert_close(net(x), x / np.sqrt(1.001))
    train = net(x, NetEvaluationMode="Train")
    assert_close(train, (x - x.mean(0)) / np.sqrt(x.var(0) + 0.001), rtol=1e-4)


def test_train_randomness_is_not_controlled_by_the_global_seed():
    net, ones = DropoutLayer(0.5, Input=211), np.ones(211)
    results = []
    for _ in range(2):
        np.random.seed(3)
        results.append(net(ones, NetEvaluationMode="Train"))
    assert not np.array_equal(*results)


@pytest.mark.parametrize("precision, dtype", [("Real32", np.float32), ("Real64", np.float64)])
@pytest.mark.parametrize("device", ["CPU", ("CPU", "JAX")], ids=str)
def test_working_precision_is_that_of_the_results(precision, dtype, device):
    result = DEEP(X, [NetPort(All), "Output"], WorkingPrecision=precision, TargetDevice=device)
    assert {value.dtype for value in result.values()} == {np.dtype(dtype)}


# --- section 21: TargetDevice ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["CPU", ("CPU", "NumPy"), ("CPU", "JAX"), ["CPU", "JAX"]], ids=str)
def test_target_device_cpu(device):
    assert_close(DEEP(X, TargetDevice=device), TANH.sum(1))


def test_target_device_cpu_may_be_jax_inside_a_context(monkeypatch):
    with backend("jax"):
        assert_close(DEEP(X), TANH.sum(1))
    monkeypatch.setenv("WLNET_BACKEND", "jax")
    assert_close(DEEP(X), TANH.sum(1))


GPU = (
    'TargetDevice="GPU": JAX finds 0 GPUs here\n'
    "  hint: install JAX for your GPU (pip install 'jax[cuda12]'), or compute on \"CPU\""
)
MUST = 'TargetDevice must be "CPU", ("CPU", "JAX"), "GPU" or ("GPU", n), got '
DEVICES = [
    ("GPU", GPU),
    ("CUDA", GPU),
    (("GPU", 2), GPU),
    (("CUDA", (1, 2)), GPU),
    (("GPU", All), GPU),
    ("CoreML", 'TargetDevice=\'CoreML\' is not there\n  hint: "GPU" is CUDA; else take "CPU"'),
    ("DirectML", 'TargetDevice=\'DirectML\' is not there\n  hint: "GPU" is CUDA; else take "CPU"'),
    (("GPU", 0), MUST + "('GPU', 0)"),
    (("GPU", (1, True)), MUST + "('GPU', (1, True))"),
    (("GPU", "x"), MUST + "('GPU', 'x')"),
    (("CPU", 1), MUST + "('CPU', 1)"),
    (("CPU",), MUST + "('CPU',)"),
    (np.zeros(2), MUST + "array([0., 0.])"),
    (None, MUST + "None"),
]


@pytest.mark.parametrize("device, text", DEVICES, ids=[str(device) for device, _ in DEVICES])
def test_no_usable_gpu_or_a_wrong_target_device_is_an_error(device, text, monkeypatch):
    monkeypatch.setattr("jax.devices", no_gpu)
    with pytest.raises(NetError) as e:
        LINEAR(X, TargetDevice=device)
    assert str(e.value) == text


def no_gpu(kind=None):
    raise RuntimeError(f"no {kind} here")


def test_more_than_one_device_only_in_net_train(monkeypatch):
    monkeypatch.setattr("jax.devices", lambda kind=None: ["first", "second", "third"])
    for device in [("GPU", (1, 3)), ("GPU", All)]:
        with pytest.raises(NetError) as e:
            LINEAR(X, TargetDevice=device)
        text = 'several devices can train a net, but one evaluates it\n  hint: name one: "GPU" or ("GPU", n)'
        assert str(e.value) == f"TargetDevice={device!r}: {text}"


def test_a_device_of_a_number_is_that_device(monkeypatch):
    monkeypatch.setattr("jax.devices", lambda kind=None: ["first", "second", "third"])
    found = [JAX.accelerators(numbers) for numbers in ([1], [3], [2, 1], None)]
    assert [[each.device for each in some] for some in found] == [
        ["first"], ["third"], ["second", "first"], ["first", "second", "third"]]  # fmt: skip


def test_arrays_are_put_on_the_device_of_the_backend():
    device = jax.devices("cpu")[0]
    there = type(JAX)(device)
    assert there.array(X).devices() == {device}
    assert_close(np.asarray(there.array(X)), X)


def test_nettrain_always_uses_training_behaviour():
    """Dropout drops and statistics move in training, whatever an evaluation of the net does."""
    net = NetInitialize(NetChain([BatchNormalizationLayer(Momentum=0.5), DropoutLayer(0.5), 3], Input=5))
    x = example(7, 5)
    options = {"MaxTrainingRounds": 1, "BatchSize": 7, "TrainingProgressReporting": None, "LearningRate": 0}
    trained = NetTrain(net, (x, net(x)), "TrainedNet", **options)
    np.testing.assert_allclose(trained[1, "MovingMean"], 0.5 * x.mean(0), rtol=1e-4)
    loss = NetTrain(net, (x, net(x)), "RoundLoss", **options)
    assert loss > 0.01  # in test mode the net gives its targets


def test_working_precision_mixed_is_for_gpus_only():
    with pytest.raises(NetError) as error:
        NetInitialize(NetChain([3], Input=2))(example(2), WorkingPrecision="Mixed")
    assert str(error.value) == 'WorkingPrecision="Mixed" needs a GPU; on the CPU use "Real32"'
