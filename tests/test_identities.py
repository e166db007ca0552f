"""Identities of surgery that hold for every net, over small random ones."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import wlnet
from tests.random_nets import FAST, chains, graphs, input_for, nets
from wlnet import (
    ElementwiseLayer,
    NetAppend,
    NetArray,
    NetChain,
    NetDelete,
    NetDrop,
    NetExtract,
    NetFlatten,
    NetGraph,
    NetInitialize,
    NetInsert,
    NetInsertSharedArrays,
    NetJoin,
    NetMapOperator,
    NetPortGradient,
    NetPrepend,
    NetRename,
    NetReplace,
    NetReplacePart,
    NetTake,
    Ramp,
    SoftmaxLayer,
    TotalLayer,
)
from wlnet.core.ports import PortType
from wlnet.nets.container import Container, ports_of_kind
from wlnet.verbs.extract import names_of
from wlnet.verbs.fitting import agreed
from wlnet.verbs.places import arrays
from wlnet.verbs.places import nets as nets_in
from wlnet.verbs.rates import resolved_rates

NAMES = {**vars(wlnet)}


def values(result):
    """The outputs of a net as a list of arrays."""
    return list(result.values()) if isinstance(result, dict) else [result]


def evaluate_alike(one, other, x):
    return all(np.array_equal(a, b) for a, b in zip(values(one(x)), values(other(x)), strict=True))


def arrays_by_identity(net):
    return {id(array.value) for array in arrays(net)}


@FAST
@given(nets())
def test_a_flat_net_computes_the_same(net):
    flat = NetFlatten(net)
    assert evaluate_alike(flat, net, input_for(net))
    assert not any(isinstance(layer, Container) for path, layer in nets_in(flat) if path)
    assert arrays_by_identity(flat) == arrays_by_identity(net)


@FAST
@given(nets(), st.integers(1, 2))
def test_a_net_flattened_by_some_levels_computes_the_same(net, levels):
    assert evaluate_alike(NetFlatten(net, levels), net, input_for(net))


@FAST
@given(chains())
def test_join_of_take_and_drop_is_the_net(net):
    for k in range(1, len(net) + 1):
        assert NetJoin(NetTake(net, k), NetDrop(net, k)) == net


@FAST
@given(nets())
def test_replacing_a_part_by_what_extract_gives_changes_nothing(net):
    for path, layer in nets_in(net):
        for part in [path] * bool(path) + [
            (*path, name) for name in names_of(layer) if name not in ("State", "CellState")
        ]:
            value = NetExtract(net, part)
            assert NetReplacePart(net, {part: value}) == net, part


@FAST
@given(nets())
def test_a_net_without_values_is_what_it_prints(net):
    bare = NetInitialize(net, None)
    assert eval(repr(bare), NAMES) == bare


@FAST
@given(nets())
def test_renaming_there_and_back(net):
    there = NetRename(net, lambda key: f"new {key}")
    old = {f"new {key}": key for key in net.layers}
    assert list(there.layers) == list(old) and NetRename(there, lambda key: old[key]) == net
    assert evaluate_alike(there, net, input_for(net))


@FAST
@given(nets())
def test_append_then_delete(net):
    longer = NetAppend(net, {"end": ElementwiseLayer("Tanh")} if net.is_named else ElementwiseLayer("Tanh"))
    assert NetDelete(longer, -1) == net
    np.testing.assert_allclose(longer(input_for(net)), np.tanh(net(input_for(net))), rtol=1e-5, atol=1e-6)


@FAST
@given(chains())
def test_insert_then_delete(net):
    for k in range(2, len(net) + 1):
        longer = NetInsert(net, {"new": Ramp} if net.is_named else Ramp, k)
        assert len(longer) == len(net) + 1 and NetDelete(longer, k) == net
    assert all(
        NetInsert(net, {"new": Ramp} if net.is_named else Ramp, k)[k] == ElementwiseLayer("Ramp")
        for k in range(1, len(net) + 2)
    )


@FAST
@given(nets())
def test_surgery_shares_every_array(net):
    held = arrays_by_identity(net)
    new = {"new": SoftmaxLayer()} if net.is_named else SoftmaxLayer()
    made = [
        NetAppend(net, new),
        NetFlatten(net),
        NetRename(net, lambda key: f"x{key}"),
        NetReplace(NetAppend(net, new), {SoftmaxLayer: SoftmaxLayer(1)}),
        NetJoin(net, NetChain([ElementwiseLayer("Tanh")])),
    ]
    for each in made:
        assert held <= arrays_by_identity(each)


# --- shapes that are carried over are those that the solver finds -------------------------------------------------------


def agrees(net):
    """Whether the plan that a net keeps is what the solver finds, or shapes it keeps are so where its inputs are said."""
    kept = agreed(net)
    if kept is None:
        return True
    inputs = (
        {} if "plan" in net.__dict__ else {port: PortType(kept.shape((), port)) for port in ports_of_kind(net, "in")}
    )
    solved = net.with_fields(given={**net.given, **inputs}).plan
    return (
        dict(kept.shapes) == solved.shapes and dict(kept.words) == solved.words and same_types(kept.types, solved.types)
    )


def same_types(kept, solved):
    """Whether two plans say the same of all elements; a type may have become open where the layer that said it went."""
    return kept.keys() == solved.keys() and all(solved[place] in (None, of) for place, of in kept.items())


@FAST
@given(nets(), chains())
def test_shapes_carried_over_by_joining_are_what_the_solver_finds(net, other):
    tanh = {"new": ElementwiseLayer("Tanh")} if net.is_named else ElementwiseLayer("Tanh")
    for made in (
        NetAppend(net, tanh),
        NetAppend(NetAppend(net, tanh), ElementwiseLayer("Ramp")),
        NetPrepend(net, tanh),
        NetRename(net, lambda key: f"x{key}"),
        NetFlatten(net),
        NetJoin(net, other) if net.plan.shape((), "Output") == other.plan.shape((), "Input") else net,
    ):
        assert agrees(made)


@FAST
@given(chains())
def test_shapes_carried_over_by_cutting_are_what_the_solver_finds(net):
    tanh = {"new": ElementwiseLayer("Tanh")} if net.is_named else ElementwiseLayer("Tanh")
    for k in range(1, len(net) + 1):
        longer = NetInsert(net, tanh, k)
        for made in (
            longer,
            NetDelete(longer, k),
            NetTake(longer, k),
            NetDrop(longer, k),
            NetReplacePart(longer, {k: Ramp}),
        ):
            assert agrees(made)


@FAST
@given(graphs())
def test_shapes_carried_over_in_graphs_are_what_the_solver_finds(net):
    held = any(isinstance(layer, ElementwiseLayer) for _, layer in nets_in(net))
    assert agrees(NetReplace(net, {ElementwiseLayer: SoftmaxLayer()}) if held else net)
    for key in net.layers:
        assert agrees(NetTake(net, key))
        if net.plan.shape((key,), "Input") == net.plan.shape((key,), "Output"):
            assert agrees(NetDelete(net, key)) and agrees(NetReplacePart(net, {key: Ramp}))


# --- shared arrays, operators and rules of learning rates ---------------------------------------------------------------


@FAST
@given(nets())
def test_shared_arrays_are_the_same_net_with_tied_gradients(net):
    """A net read twice, with its arrays shared, has the gradients of both places added; those of one place otherwise."""
    shared, x = NetInsertSharedArrays(net), input_for(net)
    assert evaluate_alike(shared, net, x)
    twice = NetGraph({"a": shared, "b": shared, "sum": TotalLayer()}, [(("a", "b"), "sum")])
    for place in arrays(net):
        if place.slot.kind == "learned":
            one = net(x, NetPortGradient(*place.path))
            both = twice(x, NetPortGradient(NetArray("/".join(map(str, place.path)))))
            np.testing.assert_allclose(both, 2 * one, rtol=1e-4, atol=1e-4)


@FAST
@given(nets(), st.integers(1, 3))
def test_a_map_is_its_net_at_each(net, items):
    sequence = np.stack([input_for(net, seed) for seed in range(items)])
    mapped = NetMapOperator(net)(sequence)
    np.testing.assert_allclose(mapped, [net(x) for x in sequence], rtol=1e-4, atol=1e-5)


@FAST
@given(nets(), st.randoms(use_true_random=False))
def test_a_flat_net_has_the_rates_of_the_net(net, random):
    """Rules put on some of the nets inside, for layers and arrays at any depth, say the same of every array."""
    found = list(nets_in(net))
    for path, held in found:
        if isinstance(held, Container) and random.random() < 0.7:
            below = [place[len(path) :] for place, _ in found if place[: len(path)] == path and place != path]
            rules = {part: random.choice([0, 2, 3]) for part in random.sample(below, min(2, len(below)))}
            setting = {(*path, "LearningRateMultipliers"): rules} if rules else {}
            net = NetReplacePart(net, {place if len(place) > 1 else place[0]: each for place, each in setting.items()})
    flat = NetFlatten(net)
    assert rates_by_array(flat) == rates_by_array(net)


def rates_by_array(net):
    """The multiplier of each array, by which array it is."""
    rates = resolved_rates(net).of
    return {id(place.value): rates[place.key] for place in arrays(net) if place.key in rates}
