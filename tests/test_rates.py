"""Learning-rate multipliers: which rule reaches which array, and which one decides."""

import warnings

import pytest

from tests.examples import example
from tests.operators import Blend, Shared, Wrapped
from wlnet import All, LinearLayer, NetChain, NetError, NetGraph, Span, ThreadingLayer
from wlnet.core.errors import NetWarning
from wlnet.core.symbols import Alternatives
from wlnet.verbs.rates import resolved_rates

NET = NetChain({"a": 2, "ramp": "Ramp", "b": NetChain([3, "Tanh", LinearLayer(5, Biases=None)]), "c": 7}, Input=11)
KEYS = {
    "aW": ("a", "Weights"),
    "aB": ("a", "Biases"),
    "1W": ("b", 1, "Weights"),
    "1B": ("b", 1, "Biases"),
    "3W": ("b", 3, "Weights"),
    "cW": ("c", "Weights"),
    "cB": ("c", "Biases"),
}


def reached(rules):
    """The arrays that get the multiplier 3, by short name."""
    of = resolved_rates(NET, rules).of
    assert set(of.values()) <= {1.0, 3.0} and list(of) == list(KEYS.values())
    return {short for short, key in KEYS.items() if of[key] == 3}


@pytest.mark.parametrize(
    "part, expected",
    [
        ("a", "aW aB"),
        ("b", "1W 1B 3W"),
        (1, "aW aB"),
        (-1, "cW cB"),
        (-2, "1W 1B 3W"),
        ("2;;3", "1W 1B 3W"),
        (Span(-2, All), "1W 1B 3W cW cB"),
        ("-1;;1;;-3", "cW cB aW aB"),
        ("_", "aW aB 1W 1B 3W cW cB"),
        (All, "aW aB 1W 1B 3W cW cB"),
        ("Biases", "aB cB"),
        (("b", 1), "1W 1B"),
        (("b", -1, "Weights"), "3W"),
        ((3, "1;;2"), "1W 1B"),
        (("b", "_", "Weights"), "1W 3W"),
        ((All, "Weights"), "aW cW"),
        (("_", "_", "Weights"), "1W 3W"),
        ((Alternatives("a", "b"), Alternatives("Biases", 1)), "aB 1W 1B"),
        (Alternatives("a", ("b", 3)), "aW aB 3W"),
        (Alternatives("a", "Biases"), "aW aB cB"),
        (Alternatives("1;;2", -1), "aW aB cW cB"),
        (("b", (1, "Biases")), "1B"),
    ],
    ids=repr,
)
def test_what_a_part_reaches(part, expected):
    assert reached({part: 3}) == set(expected.split())


def test_a_number_is_for_everything():
    assert reached(3) == set(KEYS)
    assert resolved_rates(NET).of == dict.fromkeys(KEYS.values(), 1.0)


def test_a_bare_layer_has_its_arrays_by_name():
    assert resolved_rates(LinearLayer(3), {"Biases": -2}).of == {("Weights",): 1.0, ("Biases",): -2.0}


def test_a_layer_of_that_name_comes_before_an_array():
    net = NetChain({"Biases": 2, "other": 3})
    assert resolved_rates(net, {"Biases": 5}).of == {
        ("Biases", "Weights"): 5.0,
        ("Biases", "Biases"): 5.0,
        ("other", "Weights"): 1.0,
        ("other", "Biases"): 1.0,
    }


def test_the_first_rule_that_reaches_an_array_decides():
    of = resolved_rates(NET, {("b", 1, "Biases"): 2, "b": None, "_": -1}).of
    expected = {"aW": -1, "aB": -1, "1W": 0, "1B": 2, "3W": 0, "cW": -1, "cB": -1}
    assert {short: of[key] for short, key in KEYS.items()} == expected


INNER = NetChain({"x": LinearLayer(2, LearningRateMultipliers={"Biases": 5}), "y": 3}, LearningRateMultipliers={"y": 7})
OUTER = NetChain({"in": INNER, "out": 4}, Input=3, LearningRateMultipliers={("in", "y", "Biases"): 11, "out": 0})


def test_outer_rules_come_before_inner_ones_and_are_never_multiplied():
    rates = resolved_rates(OUTER, {("out", "Weights"): 13})
    assert rates.of == {
        ("in", "x", "Weights"): 1.0,
        ("in", "x", "Biases"): 5.0,
        ("in", "y", "Weights"): 7.0,
        ("in", "y", "Biases"): 11.0,
        ("out", "Weights"): 13.0,
        ("out", "Biases"): 0.0,
    }
    assert rates.source == {
        ("in", "x", "Weights"): "no rule",
        ("in", "x", "Biases"): 'net/in/x (LinearLayer): {"Biases": 5}',
        ("in", "y", "Weights"): 'net/in (NetChain): {"y": 7}',
        ("in", "y", "Biases"): 'net (NetChain): {("in", "y", "Biases"): 11}',
        ("out", "Weights"): 'NetTrain: {("out", "Weights"): 13}',
        ("out", "Biases"): 'net (NetChain): {"out": 0}',
    }
    assert rates.frozen == {("out", "Biases")}


def test_a_frozen_layer_stays_frozen_in_a_larger_net_and_takes_its_statistics_along():
    net = NetGraph({"one": Blend(LearningRateMultipliers=None), "two": Blend()}, [("one", "two")], Input=3)
    rates = resolved_rates(net)
    assert rates.of == {("one", "Scaling"): 0.0, ("two", "Scaling"): 1.0}
    assert rates.frozen == {("one", "Scaling"), ("one", "Mean")}
    assert resolved_rates(net, 2).frozen == set()
    assert resolved_rates(net, {("two", "Scaling"): 0}).frozen == {
        ("one", "Scaling"),
        ("one", "Mean"),
        ("two", "Scaling"),
    }


def test_rules_reach_into_operators_by_the_name_of_the_net():
    net = NetChain([Wrapped(NetChain([2, 3]), LearningRateMultipliers={("Net", 2): 5}), 7])
    rates = resolved_rates(net, {(1, "Net", 1, "Biases"): 0})
    assert rates.of == {
        (1, "Net", 1, "Weights"): 1.0,
        (1, "Net", 1, "Biases"): 0.0,
        (1, "Net", 2, "Weights"): 5.0,
        (1, "Net", 2, "Biases"): 5.0,
        (2, "Weights"): 1.0,
        (2, "Biases"): 1.0,
    }


def test_a_shared_array_has_one_multiplier():
    weights = Shared("w", example(3, 3))
    layer = LinearLayer(3, Weights=weights, Biases=None)
    frozen = LinearLayer(3, Weights=weights, Biases=None, LearningRateMultipliers=0)
    shared = weights.array_key
    assert resolved_rates(NetChain([layer, frozen])).of == {shared: 0.0}
    assert resolved_rates(NetChain([NetChain([frozen]), layer], LearningRateMultipliers={2: 5})).of == {shared: 5.0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NetWarning)
        assert resolved_rates(NetChain([layer, layer]), {2: 2, 1: 3}).of == {shared: 2.0}


def test_a_hidden_rule_warns_and_a_rule_for_what_has_no_arrays_does_not():
    text = 'LearningRateMultipliers: NetTrain: {"b": 1} is never used: earlier rules reach all of it'
    with pytest.warns(NetWarning) as caught:
        resolved_rates(NET, {"_": None, "b": 1})
    assert [str(each.message) for each in caught] == [text]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        resolved_rates(NET, {"ramp": 0, ("b", 1): 1, "b": 0})


def error(net, rules):
    with pytest.raises(NetError) as e:
        resolved_rates(net, rules)
    return str(e.value)


SAID = "NetTrain: LearningRateMultipliers names "


@pytest.mark.parametrize(
    "part, expected",
    [
        ("rmp", '"rmp", which is no part of the net\n  hint: did you mean ramp?'),
        ("Wieghts", '"Wieghts", which is no part of the net\n  hint: did you mean Weights?'),
        (5, "5, which is no part of the net\n  hint: positions count from 1 to 4, or from -1 to -4 from the end"),
        (
            "3;;5",
            '"3;;5", which is no part of the net\n  hint: positions count from 1 to 4, or from -1 to -4 from the end',
        ),
        (("b", "Biases"), '("b", "Biases"), which is no part of the net\n  hint: there are 1, 2, 3'),
        (("b", 1, "Bias"), '("b", 1, "Bias"), which is no part of the net\n  hint: did you mean Biases?'),
        (("b", 1, "Biases", 2), '("b", 1, "Biases", 2), which is no part of the net\n  hint: there are none'),
    ],
    ids=repr,
)
def test_a_part_that_the_net_has_not(part, expected):
    assert error(NET, {part: 0}) == SAID + expected


def test_a_part_that_a_container_or_a_layer_has_not():
    net = NetChain({"in": NetChain([2, 3], LearningRateMultipliers={3: 0})})
    assert error(net, 1) == (
        "net/in: NetChain: LearningRateMultipliers names 3, which is no part of the net\n"
        "  hint: positions count from 1 to 2, or from -1 to -2 from the end"
    )
    assert error(NetChain([LinearLayer(2, LearningRateMultipliers={"Bias": 0})]), 1) == (
        'net/1: LinearLayer: LearningRateMultipliers names "Bias", which is no part of the layer\n'
        "  hint: did you mean Biases?"
    )


def test_rules_that_are_none():
    assert error(NET, "a") == (
        'NetTrain: LearningRateMultipliers must be a number, or rules such as {"conv": 0, (3, "Biases"): 2, "_": 1}'
    )
    assert (
        error(NET, {"a": "fast"})
        == "NetTrain: LearningRateMultipliers must give each part a number or None, not 'fast' to 'a'"
    )
    assert error(NET, {True: 1}) == (
        "NetTrain: LearningRateMultipliers must name layers and arrays; True is neither a name, a position, a span nor a NetArray"
    )


def test_positions_of_a_graph_follow_its_layers():
    net = NetGraph({"p": 3, "q": 3, "sum": ThreadingLayer("Plus")}, [(("p", "q"), "sum")])
    assert resolved_rates(net, {-2: 5}).of["q", "Weights"] == 5


def test_a_rate_beyond_single_precision_is_refused():
    with pytest.raises(NetError) as e:
        resolved_rates(NET, {"a": 1e39})
    assert str(e.value) == "NetTrain: LearningRateMultipliers must give each part a number or None, not 1e+39 to 'a'"
