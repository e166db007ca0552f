"""The FeatureExtractor encoder, FeatureExtraction and its function."""

import copy
import pickle

import numpy as np
import pytest

from tests.examples import assert_close, example
from wlnet import (
    FeatureExtraction,
    FeatureExtractorFunction,
    LinearLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetExtract,
    NetGraph,
    NetInitialize,
    NetPort,
    NetTrain,
    Scaled,
    SoftmaxLayer,
)
from wlnet.core.symbols import Automatic

text_features = pytest.importorskip("sklearn.feature_extraction.text")

TEXTS = [
    "the cat sat on the mat",
    "The dog ate my homework, the dog!",
    "a cat and a dog",
    "Größe x2 don't under_score",
]


def refused(text, act, *arguments, **options):
    with pytest.raises(NetError) as e:
        act(*arguments, **options)
    assert str(e.value) == text


# --- the methods -----------------------------------------------------------------------------------------------------


def test_standardized_vector_is_its_formula():
    x = example(11, 3).astype(float) * [1, 10, 100] + [5, 0, 2000]
    f = FeatureExtraction(x, "StandardizedVector")
    mean, spread = x.sum(0) / 11, np.sqrt(((x - x.sum(0) / 11) ** 2).sum(0) / 10)
    assert_close(f(x), (x - mean) / spread, rtol=1e-5)
    assert f(x).dtype == np.float32 and f.size == 3
    assert_close(f(x[7]), f(x)[7])


def test_standardized_vector_of_numbers_and_of_matrices():
    f = FeatureExtraction([1, 2, 3, 6], "StandardizedVector")
    assert f(3).shape == (1,) and f([3, 0]).shape == (2, 1) and f(3).item() == 0
    x = example(7, 2, 3)
    assert_close(FeatureExtraction(x)(x), FeatureExtraction(x.reshape(7, 6))(x.reshape(7, 6)))


def test_standardized_vector_of_what_never_varies_is_only_centred():
    assert FeatureExtraction([[2, 1], [2, 3]])([5, 2]).tolist() == [3, 0]
    assert FeatureExtraction([[2, 1]])([5, 2]).tolist() == [3, 1]


def test_indicator_vector():
    f = FeatureExtraction(["red", "green", "red", "blue"], "IndicatorVector")
    assert f("green").tolist() == [0, 1, 0] and f(["blue", "red"]).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert FeatureExtraction([3, 1, 3], "IndicatorVector")(1).tolist() == [0, 1]
    assert FeatureExtraction(np.array(["b", "a"]))("a").tolist() == [0, 1]


@pytest.mark.parametrize("fresh", [TEXTS, ["the cat the cat", "nothing known", ""]], ids=["seen", "unseen"])
def test_tfidf_is_that_of_scikit_learn(fresh):
    oracle = text_features.TfidfVectorizer()
    oracle.fit(TEXTS)
    f = FeatureExtraction(TEXTS, "TFIDF")
    assert list(f.learned["Terms"]) == list(oracle.get_feature_names_out())
    assert_close(f(fresh), oracle.transform(fresh).toarray())


def test_tfidf_by_hand():
    f = FeatureExtraction(["aa bb", "aa aa cc"], "TFIDF")
    rare = np.log(3 / 2) + 1
    expected = np.array([2.0, 0, rare]) / np.sqrt(4 + rare**2)
    assert_close(f("aa aa cc"), expected)


def test_records_give_the_vectors_of_their_parts_one_behind_the_other():
    data = [(1.0, "x", True, "the cat sat"), (3.0, "y", False, "the dog"), (5.0, "y", False, "a cat")]
    f = FeatureExtraction(data)
    parts = [FeatureExtraction(list(column)) for column in zip(*data, strict=True)]
    assert f.size == sum(part.size for part in parts) == 1 + 2 + 2 + 4
    for row in data:
        assert_close(f(row), np.concatenate([part(each) for part, each in zip(parts, row, strict=True)]))
    assert f(data).shape == (3, 9) and f(list(map(list, data))).shape == (3, 9)


def test_records_by_name():
    data = [{"age": 31, "color": "red"}, {"age": 47, "color": "blue"}]
    f = FeatureExtraction(data)
    assert_close(f({"color": "blue", "age": 39}), [0, 0, 1])
    assert f(data).shape == (2, 3)


def test_a_method_for_every_part_of_records():
    assert FeatureExtraction([(1, "a"), (2, "a")], "IndicatorVector")((2, "a")).tolist() == [0, 1, 1]
    assert FeatureExtraction([[1, 2], [1, 3]], "IndicatorVector")([1, 3]).tolist() == [1, 0, 1]
    assert FeatureExtraction([("one cat", "dog"), ("cat", "dog")], "TFIDF")(("cat", "dog")).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("data", "method"),
    [
        ([1, 2.5], "StandardizedVector"),
        ([[1, 2], [3, 4]], "StandardizedVector"),
        (["red", "green"], "IndicatorVector"),
        ([True, False], "IndicatorVector"),
        (["one cat", "dog"], "TFIDF"),
        ([("a", 1), ("b", 2)], "Columns"),
    ],
)
def test_automatic_goes_by_what_the_examples_are(data, method):
    assert FeatureExtraction(data).method == method == FeatureExtraction(data, Automatic).method


# --- the function as a value -----------------------------------------------------------------------------------------

FUNCTIONS = [
    FeatureExtraction(example(5, 3)),
    FeatureExtraction(["red", "green"]),
    FeatureExtraction(TEXTS),
    FeatureExtraction([(1.0, "x"), (2.0, "y")]),
    FeatureExtraction([{"a": 1.0, "b": "x"}, {"a": 2.0, "b": "y"}]),
]


@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.method)
def test_a_feature_extractor_function_is_a_value(f):
    back = pickle.loads(pickle.dumps(f))
    assert back == f and hash(back) == hash(f) and back is not f
    assert FeatureExtractorFunction(f.method, f.learned) == f and copy.deepcopy(f) == f
    assert [f == other for other in FUNCTIONS].count(True) == 1 and f != "f"
    with pytest.raises(AttributeError):
        f.method = "TFIDF"


def test_a_feature_extractor_function_prints_as_the_code_that_makes_it():
    f = FeatureExtraction([{"a": True, "b": "x"}, {"a": False, "b": "y"}])
    assert repr(FeatureExtraction(["x", "y"])) == 'FeatureExtractorFunction("IndicatorVector", {"Classes": ("x", "y")})'
    assert eval(repr(f)) == f
    assert repr(FeatureExtraction([[1.0, 2.0]])) == (
        'FeatureExtractorFunction("StandardizedVector", {"Mean": Array(2), "StandardDeviation": Array(2)})'
    )


# --- the encoder -----------------------------------------------------------------------------------------------------


def test_feature_extractor_with_a_feature_extractor_function():
    encoder = NetEncoder("FeatureExtractor", FUNCTIONS[1])
    assert encoder.port_shape() == (2,)
    assert encoder("green").tolist() == [0, 1] and encoder(["green", "red"]).tolist() == [[0, 1], [1, 0]]
    assert NetExtract(encoder, "extractor") == FUNCTIONS[1]
    assert eval(repr(encoder)) == encoder


def test_a_feature_extractor_function_is_a_port_type():
    net = NetInitialize(NetChain([LinearLayer(3)], Input=FUNCTIONS[2]))
    assert net["Input"] == NetEncoder("FeatureExtractor", FUNCTIONS[2])
    assert net[1, "Weights"].shape == (3, FUNCTIONS[2].size)
    assert net("the cat").shape == (3,) and net(TEXTS).shape == (4, 3)


def test_feature_extractor_with_a_function_or_a_net():
    encoder = NetEncoder("FeatureExtractor", lambda word: [len(word), word.count("a")])
    assert encoder("banana").tolist() == [6, 3] and encoder(["banana", "fig"]).tolist() == [[6, 3], [3, 0]]
    assert encoder.port_shape() == (Automatic,)
    net = LinearLayer(2, Weights=[[1, 2, 3], [0, 1, 0]], Biases=None)
    inner = NetEncoder("FeatureExtractor", net)
    assert inner([1, 1, 1]).tolist() == [6, 1] and inner([[1, 1, 1], [0, 0, 1]]).tolist() == [[6, 1], [3, 0]]


@pytest.mark.parametrize("f", FUNCTIONS[1:], ids=lambda f: f.method)
def test_encoded_vectors_pass_where_they_can_be_told(f):
    encoder = NetEncoder("FeatureExtractor", f)
    data = {2: "green", FUNCTIONS[2].size: TEXTS[0], 3: (1.5, "y")}[f.size]
    if f.learned.get("Names"):
        data = {"a": 1.5, "b": "y"}
    once = encoder(data)
    assert np.array_equal(encoder(once), once) and np.array_equal(encoder([once, once]), [once, once])


def test_dimensions():
    encoder = NetEncoder("FeatureExtractor", FUNCTIONS[1], Dimensions=3)
    assert encoder(["red", "green", "green"]).tolist() == [[1, 0], [0, 1], [0, 1]]


# --- learned in training ---------------------------------------------------------------------------------------------


def classifier(encoder):
    return NetChain([LinearLayer(2), SoftmaxLayer()], Input=encoder, Output=NetDecoder("Class", ["low", "high"]))


QUIET = {"MaxTrainingRounds": 60, "LearningRate": 0.1, "RandomSeeding": 1, "TrainingProgressReporting": None}


def test_feature_extractor_learned_during_net_train():
    net = classifier(NetEncoder("FeatureExtractor"))
    assert net["Input"] == NetEncoder("FeatureExtractor") and eval(repr(net)) == net
    data = [(float(k), "xy"[k % 2]) for k in range(23)]
    labels = ["low" if k < 11 else "high" for k in range(23)]
    trained = NetTrain(net, (data, labels), **QUIET)
    assert trained["Input"] == NetEncoder("FeatureExtractor", FeatureExtraction(data))
    assert trained[1, "Weights"].shape == (2, 3)
    assert trained([(1.0, "y"), (21.0, "x")]) == ["low", "high"]
    assert net["Input"] == NetEncoder("FeatureExtractor")
    assert NetTrain(trained, (data[:5], labels[:5]), **{**QUIET, "MaxTrainingRounds": 1})["Input"] == trained["Input"]


@pytest.mark.parametrize("method", ["StandardizedVector", "IndicatorVector", "TFIDF"])
def test_feature_extractor_with_a_method_learned_during_net_train(method):
    data = {
        "StandardizedVector": [[5.0, 1000.0 + k] for k in range(7)],
        "IndicatorVector": ["a", "b", "a", "c", "b", "c", "a"],
        "TFIDF": [*TEXTS, *TEXTS[:3]],
    }[method]
    labels = ["low", "low", "low", "high", "high", "high", "high"]
    trained = NetTrain(
        classifier(NetEncoder("FeatureExtractor", method)), list(zip(data, labels, strict=True)), **QUIET
    )
    assert trained["Input"]["extractor"] == FeatureExtraction(data, method)


def test_only_the_training_examples_are_learned_from():
    data = [[float(k**2)] for k in range(17)]
    labels = ["low" if k < 9 else "high" for k in range(17)]
    net = classifier(NetEncoder("FeatureExtractor"))
    trained = NetTrain(net, (data, labels), ValidationSet=Scaled(0.3), **QUIET)
    mean = trained["Input"]["extractor"].learned["Mean"].item()
    assert mean != np.mean(data)
    # the sum of 12 of the 17 squares is a whole number, and 12 is 17 less round(0.3·17)
    assert abs(mean * 12 - round(mean * 12)) < 1e-9
    other = NetTrain(net, (data, labels), ValidationSet=(data[:3], labels[:3]), **QUIET)
    assert other["Input"]["extractor"].learned["Mean"].item() == np.mean(data)


def test_one_of_several_ports_learns():
    net = NetGraph(
        {"a": LinearLayer(2), "b": LinearLayer(2)},
        [(NetPort("Words"), "a", NetPort("First")), (NetPort("Numbers"), "b", NetPort("Second"))],
        Words=NetEncoder("FeatureExtractor", "IndicatorVector"),
        Numbers=3,
    )
    data = {"Words": ["x", "y", "x"], "Numbers": example(3, 3), "First": example(3, 2), "Second": example(3, 2, seed=1)}
    trained = NetTrain(net, data, **{**QUIET, "MaxTrainingRounds": 1})
    assert trained["Words"]["extractor"] == FeatureExtraction(["x", "y", "x"])


# --- refusals --------------------------------------------------------------------------------------------------------

NOTHING = (
    'NetEncoder("FeatureExtractor") has learned nothing yet\n'
    "  hint: NetTrain learns it from its data, and FeatureExtraction(data, method) makes one"
)
METHODS = "there are StandardizedVector, IndicatorVector, TFIDF, and a net is taken as a function that gives vectors"


def test_what_has_learned_nothing_says_so():
    refused(NOTHING, NetEncoder("FeatureExtractor"), "red")
    refused(NOTHING, NetEncoder("FeatureExtractor", "TFIDF"), ["red"])
    net = NetInitialize(NetChain([LinearLayer(2, Input=3)], Input=NetEncoder("FeatureExtractor")))
    refused(NOTHING, net, "red")


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("ImageFeatures", f"ImageFeatures is a pretrained model, which wlnet does not have\n  hint: {METHODS}"),
        ("AudioFeatures", f"AudioFeatures is a pretrained model, which wlnet does not have\n  hint: {METHODS}"),
        ("GraphFeatures", f"GraphFeatures is a pretrained model, which wlnet does not have\n  hint: {METHODS}"),
        ("TDIDF", '"TDIDF" is not a method of feature extraction\n  hint: did you mean TFIDF?'),
        ("MinHash", f'"MinHash" is not a method of feature extraction\n  hint: {METHODS}'),
        (7, f"7 is not a method of feature extraction\n  hint: {METHODS}"),
    ],
)
def test_methods_that_need_pretrained_models_and_others_that_are_not_there(method, text):
    refused(text, FeatureExtraction, [1, 2], method)
    refused(text, NetEncoder, "FeatureExtractor", method)


@pytest.mark.parametrize(
    ("data", "method", "text"),
    [
        (7, Automatic, "FeatureExtraction takes a list of examples, got 7"),
        ([], Automatic, "FeatureExtraction takes a list of examples, got []"),
        (
            [1.0, None, 2.0],
            Automatic,
            "FeatureExtraction: None stands among numbers (example 2)\n"
            '  hint: fill missing numbers, or say the method: "IndicatorVector" takes each value for a class',
        ),
        (
            [1.0, np.nan],
            Automatic,
            "FeatureExtraction: the numbers are not all finite (example 2)\n"
            "  hint: remove or replace missing ones first",
        ),
        (
            [1.0, -1e300],
            Automatic,
            "FeatureExtraction: 1e+300 is too large to be standardized (example 2)\n  hint: scale the data",
        ),
        (
            ["a", "b"],
            "StandardizedVector",
            'FeatureExtraction: "a" is not an array of numbers (example 1)\n  hint: give numbers',
        ),
        (
            [[1, 2], [1, 2, 3]],
            "StandardizedVector",
            "FeatureExtraction: numbers of shape (3,) do not go with those of shape (2,) (example 2)",
        ),
        ([1, 2], "TFIDF", "FeatureExtraction: 1 is not a text (example 1)"),
        (
            ["a b", "c"],
            "TFIDF",
            "FeatureExtraction: the texts hold no term, a word of two or more letters or digits (example 1)",
        ),
        (
            [{1}, {2}],
            "IndicatorVector",
            "FeatureExtraction: {1} is not a class: a text, a number or a tuple of them (example 1)",
        ),
        ([("a", 1), ("b",)], Automatic, 'FeatureExtraction: ("b",) is not a record of 2 parts (example 2)'),
        ([{"a": 1}, {"b": 1}], Automatic, 'FeatureExtraction: {"b": 1} is not a record of a (example 2)'),
        ([{}, {}], Automatic, "FeatureExtraction: a record is empty (example 1)"),
    ],
    ids=str,
)
def test_feature_extraction_refuses(data, method, text):
    refused(text, FeatureExtraction, data, method)


@pytest.mark.parametrize(
    ("f", "data", "text"),
    [
        (0, [1.0, 2.0], "the extractor takes numbers of shape (3,), but got shape (2,)"),
        (0, [[1.0, 2.0]], "the extractor takes numbers of shape (3,), but got shape (2,) (example 1)"),
        (1, "grean", '"grean" is not one of the 2 classes\n  hint: did you mean green?'),
        (1, ["red", "grean"], '"grean" is not one of the 2 classes (example 2)\n  hint: did you mean green?'),
        (2, 7, "7 is not a text"),
        (3, (1.0, "z"), '"z" is not one of the 2 classes\n  hint: the classes are ["x", "y"]'),
        (3, ("z", "x"), '"z" is not an array of numbers\n  hint: give numbers'),
        (4, {"a": 1.0}, '{"a": 1.0} is not a record of a, b'),
    ],
    ids=str,
)
def test_a_feature_extractor_function_refuses(f, data, text):
    refused("FeatureExtractorFunction: " + text, FUNCTIONS[f], data)
    refused('NetEncoder("FeatureExtractor"): ' + text, NetEncoder("FeatureExtractor", FUNCTIONS[f]), data)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("TDIDF", {}), '"TDIDF" is not a method\n  hint: did you mean TFIDF?'),
        (
            ("TFIDF", {"Terms": ["a"]}),
            'FeatureExtractorFunction("TFIDF", …) holds Terms and Weights, got {"Terms": ["a"]}\n'
            "  hint: FeatureExtraction(data, method) learns them",
        ),
        ((["TFIDF"], {}), '["TFIDF"] is not a method\n  hint: did you mean TFIDF?'),
        (
            ("TFIDF", {"Terms": ["aa"], "Weights": [1, 2]}),
            'FeatureExtractorFunction("TFIDF", …): Terms must be texts, and Weights a number for each',
        ),
        (
            ("StandardizedVector", {"Mean": "a", "StandardDeviation": 1}),
            'FeatureExtractorFunction("StandardizedVector", …): it must hold numbers, got "a"',
        ),
        (
            ("StandardizedVector", {"Mean": [1, 2], "StandardDeviation": 1}),
            'FeatureExtractorFunction("StandardizedVector", …): Mean and StandardDeviation must be of one shape',
        ),
        (
            ("IndicatorVector", {"Classes": ["a", "a"]}),
            'FeatureExtractorFunction("IndicatorVector", …): must name each class once, not "a" twice',
        ),
        (
            ("Columns", {"Names": None, "Extractors": 3}),
            'FeatureExtractorFunction("Columns", …): Extractors must be a list of a FeatureExtractorFunction for each part',
        ),
        (
            ("Columns", {"Names": ["a"], "Extractors": [FUNCTIONS[0], FUNCTIONS[1]]}),
            'FeatureExtractorFunction("Columns", …): Names must be None, or one for each of the Extractors',
        ),
    ],
)
def test_a_feature_extractor_function_refuses_to_be_made(arguments, text):
    refused(text, FeatureExtractorFunction, *arguments)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x: 1 / 0, "the function of {} failed: ZeroDivisionError: division by zero"),
        (lambda x: 7, "the function of {} must give a vector of numbers, but gave Array(scalar)"),
        (lambda x: "a", "the function of {} must give a vector of numbers, but gave Array(scalar)"),
    ],
    ids=["fails", "number", "text"],
)
def test_the_function_of_a_feature_extractor_refuses(function, text):
    label = 'NetEncoder("FeatureExtractor")'
    refused(f"{label}: {text.format(label)}", NetEncoder("FeatureExtractor", function), 3)


def test_net_train_names_the_port_and_the_example():
    net = classifier(NetEncoder("FeatureExtractor", "TFIDF"))
    refused("Input: 7 is not a text (example 2)", NetTrain, net, (["one", 7], ["low", "high"]), **QUIET)
