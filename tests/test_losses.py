"""The three losses by their formulas: forms, sequences, encoders, slopes, probabilities of 0, and no broadcasting."""

import numpy as np
import pytest

import wlnet
from tests.examples import assert_close, example
from tests.slopes import slopes
from wlnet import (
    Automatic,
    CrossEntropyLossLayer,
    MeanAbsoluteLossLayer,
    MeanSquaredLossLayer,
    NetChain,
    NetEncoder,
    NetError,
    NetGraph,
    NetPort,
    PartLayer,
    Restricted,
)
from wlnet.core.dims import Unknown
from wlnet.core.types import Integer

NAMES = vars(wlnet)


def message(make):
    """The text of the NetError that it raises."""
    with pytest.raises(NetError) as caught:
        make()
    return str(caught.value)


def simplex(*shape, seed=0):
    """Probabilities that sum to 1 along the last axis."""
    p = np.exp(example(*shape, seed=seed).astype(float))
    return p / p.sum(-1, keepdims=True)


def both(p, t):
    """Data for both ports."""
    return {"Input": p, "Target": t}


DISTANCES = {
    MeanSquaredLossLayer: (lambda e: e**2, lambda e: 2 * e),
    MeanAbsoluteLossLayer: (abs, np.sign),
}


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 5)])
@pytest.mark.parametrize("kind", DISTANCES)
def test_a_distance_is_the_mean_over_all_elements(kind, shape):
    value, slope = DISTANCES[kind]
    layer = kind(Input=shape or "Real")
    x, t = example(*shape).astype(float), example(*shape, seed=1).astype(float)
    got = layer(both(x, t))
    assert got.dtype == np.float32 and got.shape == ()
    assert_close(got, value(x - t).mean(), rtol=1e-5)
    batch = layer(both(np.stack([x, t]), np.stack([t, 3 * t])))
    assert_close(batch, [value(x - t).mean(), value(2 * t).mean()], rtol=1e-5)
    for precision in ("float32", "float64"):
        _, gradients = slopes(layer, both(x, t), precision)
        assert_close(gradients["Input"], slope(x - t) / max(x.size, 1), rtol=1e-5)
        assert_close(gradients["Target"], slope(t - x) / max(x.size, 1), rtol=1e-5)
        assert gradients["Input"].dtype == precision
    assert layer.shapes == {"Input": shape, "Target": shape, "Loss": ()}
    assert eval(repr(layer), NAMES) == layer


def test_the_absolute_distance_has_slope_0_where_there_is_none():
    assert slopes(MeanAbsoluteLossLayer(Input=3), both([1.0, 2.0, 3.0], [1.0, 2.0, 5.0]))[1]["Input"].tolist() == [
        0,
        0,
        pytest.approx(-1 / 3),
    ]


def test_cross_entropy_as_documented():
    assert CrossEntropyLossLayer("Binary")(both(0.2, 1)).item() == pytest.approx(1.60944, abs=1e-5)
    assert CrossEntropyLossLayer("Index", Input=3)(both([0.1, 0.2, 0.7], 2)).item() == pytest.approx(1.60944, abs=1e-5)
    probabilities = CrossEntropyLossLayer("Probabilities")(both([0.1, 0.2, 0.7], [0.12, 0.3, 0.6]))
    assert probabilities.item() == pytest.approx(0.973147, abs=1e-6)


@pytest.mark.parametrize("outer", [(), (2,), (2, 3)])
def test_index(outer):
    p, t = simplex(*outer, 5), np.random.default_rng(1).integers(1, 6, outer)
    layer = CrossEntropyLossLayer("Index", Input=(*outer, 5))
    picked = np.take_along_axis(p, np.asarray(t)[..., None] - 1, -1)[..., 0]
    assert_close(layer(both(p, t)), -np.log(picked).mean(), rtol=1e-5)
    other = np.asarray(t) % 5 + 1
    assert_close(layer(both(np.stack([p, p]), np.stack([t, other])))[0], -np.log(picked).mean(), rtol=1e-5)
    by_hand = -np.where(np.arange(1, 6) == np.asarray(t)[..., None], 1 / p, 0) / max(picked.size, 1)
    for precision in ("float32", "float64"):
        outputs, gradients = slopes(layer, both(p, t), precision)
        assert_close(gradients["Input"], by_hand, rtol=1e-5)
        assert outputs["Loss"].dtype == gradients["Input"].dtype == precision and list(gradients) == ["Input"]
    assert layer.shapes["Target"] == outer and layer.plan.types[(), "Target"] == Integer(5)
    assert eval(repr(layer), NAMES) == layer


@pytest.mark.parametrize("outer", [(), (2,), (2, 3)])
def test_probabilities(outer):
    p, t = simplex(*outer, 5), simplex(*outer, 5, seed=1)
    layer = CrossEntropyLossLayer("Probabilities", Input=(*outer, 5))
    count = np.prod(outer, dtype=int)
    assert_close(layer(both(p, t)), -(t * np.log(p)).sum(-1).mean(), rtol=1e-5)
    for precision in ("float32", "float64"):
        outputs, gradients = slopes(layer, both(p, t), precision)
        assert_close(gradients["Input"], -t / p / count, rtol=1e-5)
        assert_close(gradients["Target"], -np.log(p) / count, rtol=1e-5)
        assert outputs["Loss"].dtype == gradients["Input"].dtype == precision
    assert layer.shapes == {"Input": (*outer, 5), "Target": (*outer, 5), "Loss": ()}


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_binary(shape):
    p, t = (
        np.asarray(example(*shape, low=0.05, high=0.95), float),
        np.asarray(example(*shape, seed=1, low=0, high=1), float),
    )
    layer = CrossEntropyLossLayer("Binary", Input=shape or "Real")
    assert_close(layer(both(p, t)), -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean(), rtol=1e-5)
    for precision in ("float32", "float64"):
        outputs, gradients = slopes(layer, both(p, t), precision)
        assert_close(gradients["Input"], ((1 - t) / (1 - p) - t / p) / max(p.size, 1), rtol=1e-4)
        assert_close(gradients["Target"], np.log((1 - p) / p) / max(p.size, 1), rtol=1e-4)
        assert outputs["Loss"].dtype == gradients["Input"].dtype == precision
    assert layer.shapes == {"Input": shape, "Target": shape, "Loss": ()}


@pytest.mark.parametrize(
    ("form", "p", "t"),
    [
        ("Index", [0.0, 1.0], 1),
        ("Probabilities", [0.0, 1.0], [0.5, 0.5]),
        ("Binary", 0.0, 1.0),
        ("Binary", 1.0, 0.0),
        ("Binary", 0.0, 0.0),
        ("Binary", 1.0, 1.0),
        ("Probabilities", [0.0, 1.0], [0.0, 1.0]),
    ],
)
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_probability_of_0_stays_finite(form, p, t, precision):
    layer = CrossEntropyLossLayer(form, Input=2 if isinstance(p, list) else "Real")
    outputs, gradients = slopes(layer, both(p, t), precision)
    assert np.isfinite(outputs["Loss"]) and all(np.isfinite(each).all() for each in gradients.values())
    certain = np.array_equal(p, t)
    assert (outputs["Loss"] == 0) if certain else (outputs["Loss"] > 40)


A, B = example(5, 3, seed=1), example(2, 3, seed=2)
S, T = example(5, 3, seed=3), example(2, 3, seed=4)


@pytest.mark.parametrize("engine", ["NumPy", "JAX"])
def test_losses_of_sequences_are_means_over_the_true_elements(engine):
    p, q = simplex(5, 3, seed=1), simplex(2, 3, seed=2)
    r, s = simplex(5, 3, seed=3), simplex(2, 3, seed=4)
    classes = [np.array([1, 3, 2, 2, 1]), np.array([3, 1])]
    picked = [np.take_along_axis(each, c[:, None] - 1, 1) for each, c in zip((p, q), classes, strict=True)]
    binary = [-(t * np.log(x) + (1 - t) * np.log(1 - x)).mean() for x, t in ((p, r), (q, s))]
    cases = [
        (MeanSquaredLossLayer, [A, B], [S, T], [((A - S) ** 2).mean(), ((B - T) ** 2).mean()]),
        (MeanAbsoluteLossLayer, [A, B], [S, T], [abs(A - S).mean(), abs(B - T).mean()]),
        ("Index", [p, q], classes, [-np.log(each).mean() for each in picked]),
        ("Probabilities", [p, q], [r, s], [-(r * np.log(p)).sum(1).mean(), -(s * np.log(q)).sum(1).mean()]),
        ("Binary", [p, q], [r, s], binary),
    ]
    for kind, inputs, targets, expected in cases:
        shape = ("Varying", 3)
        layer = CrossEntropyLossLayer(kind, Input=shape) if isinstance(kind, str) else kind(Input=shape)
        outputs, gradients = slopes(layer, both(inputs, targets), engine=engine)
        np.testing.assert_allclose(outputs["Loss"], expected, rtol=1e-6)
        for k in range(2):
            alone = slopes(layer, both(inputs[k], targets[k]))[1]["Input"]
            np.testing.assert_allclose(gradients["Input"][k, : len(alone)], alone, rtol=1e-9)
            assert not gradients["Input"][k, len(alone) :].any()


def test_probabilities_over_a_varying_number_of_classes():
    p, q = [0.2, 0.3, 0.5], [0.6, 0.4]
    s, t = [0.1, 0.1, 0.8], [1.0, 0.0]
    got = CrossEntropyLossLayer("Probabilities", Input="Varying")(both([p, q], [s, t]))
    assert_close(got, [-np.dot(s, np.log(p)), -np.dot(t, np.log(q))])


def test_shapes_go_from_each_port_to_the_other():
    assert MeanSquaredLossLayer(Target=(2, 3)).shapes["Input"] == (2, 3)
    assert MeanSquaredLossLayer(Input=(2, Automatic), Target=(Automatic, 3)).shapes["Input"] == (2, 3)
    assert CrossEntropyLossLayer("Index", Target=2).shapes["Input"] == (2, Unknown)
    assert CrossEntropyLossLayer("Index", Target=(2, Restricted("Integer", 7))).shapes["Input"] == (2, 7)
    assert CrossEntropyLossLayer("Probabilities", Target=(2, 3)).shapes["Input"] == (2, 3)
    assert CrossEntropyLossLayer("Binary", Input=(2, 3)).shapes["Target"] == (2, 3)
    layer = CrossEntropyLossLayer("Index", Input=("n", 5))
    assert repr(layer.shapes["Target"]) == "(n,)"


def test_encoders_on_the_ports():
    layer = CrossEntropyLossLayer("Index", Target=NetEncoder("Class", ["a", "b", "c"]))
    assert layer.shapes["Input"] == (3,)
    assert_close(layer(both([0.2, 0.3, 0.5], "b")), -np.log(0.3))
    assert_close(layer(both([[0.2, 0.3, 0.5], [0.2, 0.7, 0.1]], ["c", "a"])), [-np.log(0.5), -np.log(0.2)])
    assert eval(repr(layer), NAMES) == layer
    truth = CrossEntropyLossLayer("Binary", Target=NetEncoder("Boolean"))
    assert_close(truth(both([0.2, 0.7], [True, False])), [-np.log(0.2), -np.log(0.3)])
    vectors = MeanSquaredLossLayer(Target=NetEncoder("Class", ["a", "b"], "UnitVector"))
    assert_close(vectors(both([0.5, 0.5], "b")), 0.25)


def given(one, other):
    """What an error says of both ports."""
    return f" (Input is {one}, as given; Target is {other}, as given)"


FORMS = "CrossEntropyLossLayer: form must be one of Index, Probabilities, Binary, got "
ERRORS = {
    "a target that would broadcast": (
        lambda: MeanSquaredLossLayer(Input=(2, 3), Target=(2, 1)),
        "MeanSquaredLossLayer takes Target of shape 2×3, but Target is given as 2×1 (Input is 2×3, as given)",
    ),
    "an input that would broadcast": (
        lambda: MeanAbsoluteLossLayer(Input=(2, 1), Target=(2, 3)),
        "MeanAbsoluteLossLayer takes Target of shape 2×1, but Target is given as 2×3 (Input is 2×1, as given)",
    ),
    "data that would broadcast": (
        lambda: MeanSquaredLossLayer()(both(np.ones((2, 1)), np.ones((2, 3)))),
        "MeanSquaredLossLayer takes Target of shape 2×1, but Target is given as 2×3 (Input is 2×1, as given)",
    ),
    "a number that would broadcast": (
        lambda: MeanAbsoluteLossLayer()(both(np.ones((2, 3)), 1.0)),
        "MeanAbsoluteLossLayer takes Target of shape 2×3, but Target is given as scalar (Input is 2×3, as given)",
    ),
    "data of another shape": (
        lambda: MeanSquaredLossLayer(Input=(2, 3))(both(np.ones((2, 3)), np.ones((2, 1)))),
        "Target takes 2×3, but the data are of shape 2×1\n"
        "  hint: give data of that shape, or make the net for this one",
    ),
    "sequences of other lengths": (
        lambda: MeanSquaredLossLayer(Input=("Varying", 3))(both([A, B], [S, A])),
        "Target must have lengths [5, 2] to go with Input, but has [5, 5]\n  hint: give sequences whose lengths agree",
    ),
    "a sequence and a fixed size": (
        lambda: MeanSquaredLossLayer(Input=("n", 3), Target=(5, 3)),
        "MeanSquaredLossLayer takes Target of shape n×3, but Target is given as 5×3 (Input is n×3, as given)",
    ),
    "lengths that never agree": (
        lambda: NetGraph(
            {"p": PartLayer("2;;"), "loss": MeanSquaredLossLayer()},
            [(NetPort("Input"), "p", NetPort("loss", "Target")), (NetPort("Input"), NetPort("loss", "Input"))],
            Input=("n", 3),
        ),
        "net/loss: MeanSquaredLossLayer takes Target of shape n×3, but net/p gives n-1×3 (Input is n×3 from net)",
    ),
    "no form": (
        lambda: CrossEntropyLossLayer(),
        "CrossEntropyLossLayer needs form\n  hint: write CrossEntropyLossLayer(form, …)",
    ),
    "another form": (lambda: CrossEntropyLossLayer("Logits"), FORMS + '"Logits"'),
    "a near form": (lambda: CrossEntropyLossLayer("Indices"), FORMS + '"Indices"\n  hint: did you mean Index?'),
    "a number as input of Index": (
        lambda: CrossEntropyLossLayer("Index", Input="Real"),
        "CrossEntropyLossLayer takes Input of shape …×?, but Input is given as scalar",
    ),
    "a target of the input's rank": (
        lambda: CrossEntropyLossLayer("Index", Input=(2, 3), Target=(2, 3)),
        "CrossEntropyLossLayer takes Target of shape 2, but Target is given as 2×3 (Input is 2×3, as given)",
    ),
    "probabilities of other classes": (
        lambda: CrossEntropyLossLayer("Probabilities", Input=3, Target=5),
        "CrossEntropyLossLayer takes Target of shape 3, but Target is given as 5 (Input is 3, as given)",
    ),
    "another number of classes": (
        lambda: CrossEntropyLossLayer("Index", Input=3, Target=Restricted("Integer", 5)),
        "CrossEntropyLossLayer has Target of integers up to 3, but gets integers up to 5\n"
        "  hint: make 3 and 5 one number",
    ),
    "a varying number of classes": (
        lambda: CrossEntropyLossLayer("Index", Input="Varying"),
        "CrossEntropyLossLayer: the number of classes cannot vary (Input is Varying, as given; Target is scalar)\n"
        '  hint: form "Probabilities" takes any number of them',
    ),
    "a class too high": (
        lambda: CrossEntropyLossLayer("Index", Input=3)(both([[0.2, 0.3, 0.5]] * 2, [1, 4])),
        "Target takes integers up to 3, but the data hold 4 (example 2)\n  hint: the largest is 3",
    ),
    "class 0": (
        lambda: CrossEntropyLossLayer("Index", Input=3)(both([0.2, 0.3, 0.5], 0)),
        "Target takes integers up to 3, but the data hold 0 (example 1)\n  hint: classes and positions count from 1",
    ),
    "half a class": (
        lambda: CrossEntropyLossLayer("Index", Input=3)(both([0.2, 0.3, 0.5], 1.5)),
        "Target takes integers, but the data hold 1.5",
    ),
    "reals into Index": (
        lambda: CrossEntropyLossLayer("Index", Input=3, Target="Real"),
        "CrossEntropyLossLayer takes Target of integers up to 3, but Target is given as real numbers\n"
        "  hint: integers come from an encoder, from OrderingLayer, or from a port typed Integer",
    ),
    "a loss that is no number": (
        lambda: MeanSquaredLossLayer(Loss=3),
        "MeanSquaredLossLayer gives Loss of shape scalar, but Loss is given as 3",
    ),
    "an option": (
        lambda: MeanSquaredLossLayer(Output=3),
        "MeanSquaredLossLayer: Output is not an option\n  hint: there are Input, Target, Loss",
    ),
    "no target": (
        lambda: MeanSquaredLossLayer()({"Input": 3.0}),
        "the data lack the input port Target\n  hint: give Target too",
    ),
    "in a chain": (
        lambda: NetChain([3, MeanSquaredLossLayer()], Input=2),
        "net/2: MeanSquaredLossLayer stands behind another layer in a NetChain, and so needs exactly one input port; it "
        "has 2 (Input, Target)\n  hint: connect its ports by name in a NetGraph",
    ),
}


@pytest.mark.parametrize("what", ERRORS)
def test_errors(what):
    make, text = ERRORS[what]
    assert message(make) == text
