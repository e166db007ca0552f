"""NetArray, NetSharedArray, NetInsertSharedArrays: one name, one array."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wlnet
from tests.examples import assert_close, example
from wlnet import (
    All,
    Automatic,
    BatchNormalizationLayer,
    ConvolutionLayer,
    ElementwiseLayer,
    FunctionLayer,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    NetArray,
    NetArrayLayer,
    NetChain,
    NetDelete,
    NetError,
    NetExtract,
    NetFlatten,
    NetGraph,
    NetInitialize,
    NetInsertSharedArrays,
    NetJoin,
    NetMapOperator,
    NetNestOperator,
    NetPortGradient,
    NetReplace,
    NetReplacePart,
    NetSharedArray,
    NetTake,
    NetTrain,
    NormalDistribution,
    Quantity,
    Ramp,
    ThreadingLayer,
)
from wlnet.backends import backend
from wlnet.core.shared import shared_arrays
from wlnet.verbs.evaluate import collect_arrays
from wlnet.verbs.places import arrays as arrays_in
from wlnet.verbs.rates import resolved_rates

W = NetArray("w")


def tied(value=Automatic, **options):
    """Two layers that share their weights, 3 to 3, with a third between them that does not."""
    return NetChain(
        {
            "a": LinearLayer(3, Weights=NetArray("w", Array=value)),
            "f": "Tanh",
            "m": LinearLayer(3),
            "b": LinearLayer(3, Weights=W, Biases=None),
        },
        Input=3,
        **options,
    )


def refused(make) -> str:
    with pytest.raises(NetError) as e:
        make()
    return str(e.value)


def after_a_step(net, seed=5, **options):
    """The net after one step of SGD on one fixed batch."""
    data = (example(7, 3, seed=seed), example(7, 3, seed=seed + 1))
    return NetTrain(
        net, data, MaxTrainingRounds=1, BatchSize=7, Method="SGD", LearningRate=0.05, RandomSeeding=1,
        TrainingProgressReporting=None, **options,
    )  # fmt: skip


# --- NetArray ---------------------------------------------------------------------------------------------------------


def test_netarray_without_a_name_or_with_automatic_gets_a_uuid_name():
    one, other = NetArray(), NetArray(Automatic)
    assert len(one.name) == 36 and one.name != other.name
    assert eval(repr(one)) == one != other


def test_netarray_of_a_name_and_of_an_association_with_name_array_dimensions():
    said = NetArray({"Name": "w", "Array": [[1, 2, 3], [5, 7, 11]], "Dimensions": (2, 3)})
    assert said == NetArray("w", Array=np.array([[1, 2, 3], [5, 7, 11]]), Dimensions=[2, 3]) != NetArray("w")
    assert (said.name, said.dims, said.value().dtype) == ("w", (2, 3), np.float32)
    assert NetArray(Name="w") == NetArray("w") == NetArray({"Name": "w"})
    assert NetArray({"Dimensions": 5}).dims == (5,) and NetArray("w").dims is Automatic
    assert NetArray("w", Dimensions="Real").dims == () == NetArray("w", Dimensions=()).dims


@pytest.mark.parametrize(
    "array, text",
    [
        (NetArray("w"), 'NetArray("w")'),
        (NetArray('a"b'), 'NetArray("a\\"b")'),
        (NetArray("w", Dimensions=(Automatic, 3)), 'NetArray("w", Dimensions=(Automatic, 3))'),
        (NetArray("w", Dimensions=5), 'NetArray("w", Dimensions=(5,))'),
        (NetArray("w", Array="Xavier"), 'NetArray("w", Array="Xavier")'),
        (NetArray("w", Array=NormalDistribution(0, 2)), 'NetArray("w", Array=NormalDistribution(0, 2))'),
        (NetArray("w", Array=("Random", {"Weights": 0.1})), 'NetArray("w", Array=("Random", {"Weights": 0.1}))'),
    ],
)
def test_netarray_prints_as_the_code_that_makes_it(array, text):
    assert repr(array) == text
    assert eval(text, vars(wlnet)) == array
    assert repr(NetArray("w", Array=[[1, 2, 3]])) == 'NetArray("w", Array=Array(1×3))'


def test_netarray_is_a_value():
    array = NetArray("w", Array=[[1, 2, 3]])
    assert pickle.loads(pickle.dumps(array)) == array and copy.deepcopy(array) is copy.copy(array) is array
    assert hash(array) == hash(NetArray("w")) and array != NetArray("w", Array=[[1, 2, 4]]) and array != "w"
    assert not array.value().flags.writeable and not pickle.loads(pickle.dumps(array)).value().flags.writeable
    assert refused(lambda: setattr(array, "name", "v")) == (
        "NetArray is a value: name of it cannot be changed\n  hint: make another"
    )
    with pytest.raises(NetError, match="NetArray is a value"):
        del array.name


def test_the_key_of_a_netarray_is_no_path_of_a_net():
    named = NetChain({"NetArray": LinearLayer(3, Weights=NetArray("Weights"), Input=3), "b": LinearLayer(3)})
    assert len(collect_arrays(NetInitialize(named), "float32")) == 4


def test_the_array_of_a_netarray_is_an_initial_value():
    net = tied(np.eye(3))
    assert_close(NetInitialize(net)["b", "Weights"], np.eye(3))
    assert_close(NetExtract(net, W), np.eye(3))
    other = NetInitialize(net, All)
    assert not np.allclose(other["a", "Weights"], np.eye(3))  # All draws everything anew


def test_the_array_of_a_netarray_is_an_initialisation_method():
    net = NetInitialize(tied("Orthogonal"), Method="Random")
    w = net["a", "Weights"]
    assert_close(w @ w.T, np.eye(3), atol=1e-5)
    assert not np.allclose(net["m", "Weights"] @ net["m", "Weights"].T, np.eye(3), atol=1e-2)
    far = NetInitialize(tied(NormalDistribution(100, 1)))
    assert np.all(np.abs(far["b", "Weights"] - 100) < 10)
    assert_close(
        NetInitialize(net, All)["a", "Weights"] @ NetInitialize(net, All)["a", "Weights"].T, np.eye(3), 1e-4, 1e-5
    )
    assert repr(NetInitialize(net, None)["a"].arrays["Weights"]) == 'NetArray("w", Array="Orthogonal")'
    biases = NetInitialize(LinearLayer(2, Biases=NetArray("b", Array=NormalDistribution(9, 0.01)), Input=3))["Biases"]
    assert_close(biases, [9, 9], rtol=0.01)  # its own method, where other biases begin with zeros


def test_netarray_is_used_as_array_value_of_layers():
    net = NetInitialize(tied())
    w, m, c = net["a", "Weights"], net["m", "Weights"], example(3)
    assert net["b", "Weights"] is w
    assert_close(net(c), w @ (m @ np.tanh(w @ c)))


def test_all_occurrences_with_one_name_are_one_array_for_netinitialize():
    net = NetInitialize(NetChain([tied(), NetChain({"c": tied()})]))
    assert len({id(net[place]) for place in [(1, "a", "Weights"), (1, "b", "Weights"), (2, "c", "b", "Weights")]}) == 1
    assert Information(net, "SharedArraysCount") == 1
    plain = NetInitialize(NetChain([LinearLayer(3), "Tanh"], Input=3))
    shared = NetInitialize(NetChain([LinearLayer(3, Weights=W), "Tanh"], Input=3))
    assert_close(plain[1, "Weights"], shared[1, "Weights"])  # drawn as its first place has it
    assert NetInitialize(NetInitialize(tied()), None) == tied()


def test_all_occurrences_with_one_name_are_one_array_for_nettrain():
    start = NetInitialize(tied())
    one, two = after_a_step(start), after_a_step(untied(start))
    w = start["a", "Weights"]
    assert one["a", "Weights"] is one["b", "Weights"]
    expected = two["a", "Weights"] + two["b", "Weights"] - w  # w - η (∂a + ∂b)
    assert_close(one["a", "Weights"], expected, rtol=1e-5, atol=1e-6)
    assert np.abs(one["a", "Weights"] - w).max() > 1e-3
    assert_close(one["m", "Weights"], two["m", "Weights"])


def untied(net):
    """The same net with copies of its own in each place."""
    if not net.subnets():
        arrays = {name: array.value() if isinstance(array, NetArray) else array for name, array in net.arrays.items()}
        return net.changed(**arrays)
    return NetChain({key: untied(inner) for key, inner in net.subnets().items()}, **net.given)


@given(
    names=st.lists(st.sampled_from(["u", "v", None]), min_size=1, max_size=6),
    biases=st.lists(st.sampled_from(["c", None]), min_size=6, max_size=6),
    seed=st.integers(0, 99),
)
@settings(max_examples=12, deadline=None)
def test_the_gradient_of_a_shared_array_is_the_sum_of_those_of_untied_copies(names, biases, seed):
    """And a net computes what the same net with copies does, and one step moves every place to the same bits."""
    layers = {
        f"l{k}": LinearLayer(
            3,
            Weights=Automatic if name is None else NetArray(name),
            Biases=Automatic if bias is None else NetArray(bias),
        )
        for k, (name, bias) in enumerate(zip(names, biases, strict=False))
    }
    net = NetInitialize(NetChain(layers, Input=3), RandomSeeding=seed)
    loose, x = untied(net), example(5, 3, seed=seed)
    assert np.array_equal(net(x), loose(x))
    of, apart = gradients(net, x), gradients(loose, x)
    expected: dict = {}
    for key, layer in layers.items():
        for name in ("Weights", "Biases"):
            expected[layer.key(name, (key,))] = expected.get(layer.key(name, (key,)), 0) + apart[key, name]
    assert of.keys() == expected.keys()
    for key, gradient in of.items():
        np.testing.assert_allclose(gradient, expected[key], rtol=1e-9, atol=1e-9)
    after = after_a_step(net)
    for key, layer in layers.items():
        for name in ("Weights", "Biases"):
            if name in layer.arrays:
                assert after[key, name] is NetExtract(after, layer.arrays[name])
    sizes = [9 for _ in {layer.key("Weights", (key,)) for key, layer in layers.items()}]
    sizes += [3 for _ in {layer.key("Biases", (key,)) for key, layer in layers.items()}]
    assert Information(net, "ArraysTotalElementCount") == sum(sizes)


def gradients(net, x, name="NumPy", precision="float64"):
    """The gradient of the sum of squares of the outputs with respect to every array, by key."""
    engine = backend(name)
    arrays = {key: engine.array(value) for key, value in collect_arrays(net, precision).items()}

    def total(leaves):
        xp = engine.context(precision=precision, dims=net.plan.words).derive(count=len(x))
        return xp.sum(net.run(xp, leaves, {"Input": engine.array(x.astype(precision))}, ())[0]["Output"] ** 2), ()

    return {key: engine.numpy(value) for key, value in engine.value_and_gradient(total, arrays)[2].items()}


def test_jax_trains_a_shared_array_as_numpy_does():
    net = NetInitialize(tied())
    of, jax = gradients(net, example(5, 3)), gradients(net, example(5, 3), "JAX", "float32")
    assert of.keys() == jax.keys()
    for key, gradient in of.items():
        np.testing.assert_allclose(jax[key], gradient, rtol=1e-4, atol=1e-4)
    one, other = after_a_step(net), after_a_step(net, TargetDevice=("CPU", "JAX"))
    assert_close(other["a", "Weights"], one["a", "Weights"], rtol=1e-4, atol=1e-5)
    assert other["a", "Weights"] is other["b", "Weights"]
    assert_close(net(example(3), TargetDevice=("CPU", "JAX")), net(example(3)), rtol=1e-5, atol=1e-5)


def test_netportgradient_of_a_shared_array_is_the_gradient_of_all_its_places():
    net, x = NetInitialize(tied()), example(3)
    loose = untied(net)
    expected = loose(x, NetPortGradient("a", "Weights")) + loose(x, NetPortGradient("b", "Weights"))
    assert_close(net(x, NetPortGradient("b", "Weights")), expected)
    assert_close(net(x, NetPortGradient("a", "Weights")), expected)
    assert list(net(x, NetPortGradient(All)))[1:] == [
        NetPortGradient(*path) for path in Information(net, "ArraysPositionList")
    ]


def test_netsharedarray_is_the_old_name_of_netarray():
    assert NetSharedArray("w") == NetArray("w")
    assert repr(LinearLayer(2, Weights=NetSharedArray("w"), Input=3)) == (
        'LinearLayer(2, Weights=NetArray("w"), Input=3)'
    )


# --- shapes -----------------------------------------------------------------------------------------------------------


def test_a_shape_known_in_one_place_is_known_in_all():
    graph = NetGraph({"w": NetArrayLayer(Array=W), "l": LinearLayer(2, Weights=W, Input=3)}, [])
    assert graph.plan.shape(("w",), "Output") == (2, 3)
    chain = NetChain([LinearLayer(Weights=NetArray("w", Dimensions=(3, 3))), LinearLayer(5)])
    assert Information(chain, "ArraysDimensions")[2, "Weights"] == (5, 3)
    kernel = ConvolutionLayer(Weights=NetArray("k", Array=example(2, 3, 5)), Input=(3, 7))
    assert kernel.shapes["Output"] == (2, 3)
    said = NetChain([LinearLayer(Weights=NetArray("w", Dimensions=(5, Automatic))), LinearLayer(2)], Input=3)
    assert Information(said, "ArraysDimensions")[1, "Weights"] == (5, 3)


def test_what_one_place_says_of_an_array_all_places_hold():
    net = NetChain(
        [
            LinearLayer(3, Weights=NetArray("w", Dimensions=(3, Automatic))),
            LinearLayer(3, Weights=NetArray("w", Array="Xavier", Dimensions=(Automatic, 3))),
            LinearLayer(3, Weights=W),
        ]
    )
    assert {repr(layer.arrays["Weights"]) for layer in net} == {'NetArray("w", Array="Xavier", Dimensions=(3, 3))'}
    assert eval(repr(net), vars(wlnet)) == net
    valued = tied(np.eye(3))
    assert valued["b"].arrays["Weights"] == NetArray("w", Array=np.eye(3))
    assert_close(NetJoin(valued, tied())["b2", "Weights"], np.eye(3))  # one net has values, the other none
    alone = valued["b"]
    assert_close(alone([1, 2, 3]), [1, 2, 3])


PLACES = {
    "shapes of two layers": (
        lambda: NetChain([LinearLayer(2, Weights=W), LinearLayer(5, Weights=W)], Input=3),
        'net/2: LinearLayer has Weights of shape 2×3 (NetArray("w"), as in net/1/Weights), where inputs is 3, but the '
        "rest makes inputs 2 (Input is 2 from net/1)\n"
        "  hint: an array that is shared has one shape: use two names, or make the sizes one",
    ),
    "sizes of two layers": (
        lambda: NetGraph([ConvolutionLayer(2, 3, Weights=W, Input=(5, 7)), ConvolutionLayer(4, 3, Weights=W)], []),
        'net/2: ConvolutionLayer has Weights of shape 4×?×…, but it is NetArray("w"), which is 2×5×3 in net/1/Weights '
        "(Input is 5×7 from net/1)\n"
        "  hint: an array that is shared has one shape: use two names, or make the sizes one",
    ),
    "dimensions": (
        lambda: NetChain([LinearLayer(3, Weights=NetArray("w", Dimensions=(3, n))) for n in (2, 3)]),
        "net/2: LinearLayer: Weights is given as 3×3, but Weights of net/1 is given as 3×2\n"
        "  hint: make net/2 and net/1 agree on 3×3 or 3×2",
    ),
    "values": (
        lambda: NetChain([LinearLayer(3, Weights=NetArray("w", Array=n * np.eye(3))) for n in (1, 2)]),
        'NetArray("w") has two values: in net/1/Weights and in net/2/Weights\n'
        "  hint: what is shared is one array: say it in one place, or use another name in one of them",
    ),
    "values of joined nets": (
        lambda: NetJoin(NetInitialize(tied()), NetInitialize(tied(), RandomSeeding=2)),
        'NetArray("w") has two values: in net/a/Weights and in net/a2/Weights\n'
        "  hint: what is shared is one array: say it in one place, or use another name in one of them",
    ),
    "methods": (
        lambda: NetChain([LinearLayer(3, Weights=NetArray("w", Array=how)) for how in ("Xavier", "Random")], Input=3),
        'NetArray("w") has two ways to be filled: "Xavier" in net/1/Weights and "Random" in net/2/Weights\n'
        "  hint: what is shared is one array: say it in one place, or use another name in one of them",
    ),
}


@pytest.mark.parametrize("make, text", PLACES.values(), ids=PLACES)
def test_what_two_places_say_differently_is_refused_and_both_are_named(make, text):
    assert refused(make) == text


# --- NetExtract, NetReplacePart, Information -------------------------------------------------------------------------


def test_netextract_of_a_netarray_and_of_netarray_all():
    net = NetInitialize(NetChain([tied(), LinearLayer(2, Biases=NetArray("b"))]))
    w, b = NetExtract(net, (1, "a", "Weights")), NetExtract(net, (2, "Biases"))
    assert NetExtract(net, W) is w is net[W] is NetExtract(net, (1, W)) and NetExtract(net, NetArray("b")) is b
    assert list(net[NetArray(All)]) == ["w", "b"] and net[NetArray(All)]["b"] is b
    assert [each is w for each in NetExtract(net, [W, (1, "b", "Weights")])] == [True, True]
    assert NetExtract(tied(), NetArray(All)) == {"w": Automatic}
    assert NetExtract(LinearLayer(2), NetArray(All)) == {}


def test_a_position_whose_array_is_shared_gives_its_value_automatic_before_netinitialize():
    assert tied()["b", "Weights"] is Automatic is NetExtract(tied(), W)
    assert tied(np.eye(3))["b"].Weights.tolist() == np.eye(3).tolist()


def test_netreplacepart_of_a_netarray_sets_a_shared_array():
    net = NetInitialize(tied())
    new = NetReplacePart(net, {W: np.eye(3)})
    assert_close(new["a", "Weights"], np.eye(3))
    assert new["b", "Weights"] is new["a", "Weights"] and new["m"] is net["m"]
    assert NetReplacePart(new, {W: np.eye(3, dtype=np.float32)}) is new
    assert_close(NetReplacePart(tied(), {W: np.eye(3)})["b", "Weights"], np.eye(3))
    assert NetReplacePart(new, {W: Automatic})["b", "Weights"] is Automatic


def test_netreplacepart_of_one_place_sets_the_array_in_all():
    new = NetReplacePart(NetInitialize(tied()), {("b", "Weights"): 2 * np.eye(3)})
    assert_close(new["a", "Weights"], 2 * np.eye(3))
    assert Information(new, "SharedArraysCount") == 1


def test_netreplacepart_takes_a_netarray_as_value():
    plain = NetInitialize(NetChain([LinearLayer(3), LinearLayer(3)], Input=3))
    both = NetReplacePart(plain, {(1, "Weights"): NetArray("w", Array=np.eye(3)), (2, "Weights"): W})
    assert both[1, "Weights"] is both[2, "Weights"] and Information(both, "SharedArraysCount") == 1
    renamed = NetReplacePart(both, {W: NetArray("v", Array=2 * np.eye(3))})
    assert list(renamed[NetArray(All)]) == ["v"] and renamed[2, "Weights"][1, 1] == 2
    one = NetReplacePart(both, {(2, "Weights"): NetArray("v")})
    assert one[2, "Weights"] is Automatic and one[1, "Weights"] is both[1, "Weights"]


PARTS = {
    "unknown": (
        lambda: NetExtract(tied(), NetArray("W2")),
        'the net has no NetArray("W2")\n  hint: did you mean w?',
    ),
    "none at all": (
        lambda: NetReplacePart(LinearLayer(2), {W: [[1]]}),
        'the net has no NetArray("w")\n  hint: NetInsertSharedArrays(net) makes its arrays shared ones',
    ),
    "a part of it": (
        lambda: NetExtract(tied(), (W, 1)),
        'NetArray("w") is an array and has no part 1',
    ),
    "all of them": (
        lambda: NetReplacePart(tied(), {NetArray(All): 1}),
        "NetReplacePart: NetArray(All) is every shared array; a value is for one\n"
        '  hint: write {NetArray("name"): value}',
    ),
    "another shape": (
        lambda: NetReplacePart(tied(), {W: np.ones((3, 2))}),
        "net/a: NetReplacePart: Weights of LinearLayer has shape 3×3, but the new array 3×2\n"
        "  hint: to change a size, replace the layer",
    ),
    "twice": (
        lambda: NetReplacePart(tied(), {W: np.eye(3), ("b", "Weights"): np.eye(3)}),
        'NetReplacePart: ("b", "Weights") is given twice\n  hint: give each part once',
    ),
    "no value": (
        lambda: tied()([1, 2, 3]),
        'net/a: LinearLayer has no values for Weights (NetArray("w")) and Biases\n'
        "  hint: NetInitialize(net) gives it initial values",
    ),
    "no multiplier": (
        lambda: Information(tied(LearningRateMultipliers={NetArray("v"): 0}), "ArraysLearningRateMultipliers"),
        'NetChain: LearningRateMultipliers names NetArray("v"), which is no part of the net\n'
        '  hint: did you mean NetArray("w")?',
    ),
    "shape unknown": (
        lambda: NetInitialize(LinearLayer(2, Weights=W)),
        "LinearLayer: the shape of Weights is not known (2×?), because the shape of Input is ?\n"
        '  hint: say it, as in Input=(3, 8), on the layer or on the net, or as NetArray("w", Dimensions=(3, 8))',
    ),
}


@pytest.mark.parametrize("make, text", PARTS.values(), ids=PARTS)
def test_parts_of_nets_with_shared_arrays_refuse(make, text):
    assert refused(make) == text


def test_information_lists_a_shared_array_once_and_counts_it_once():
    net = tied()
    assert list(Information(net, "ArraysDimensions")) == [
        ("a", "Weights"), ("a", "Biases"), ("m", "Weights"), ("m", "Biases"),
    ]  # fmt: skip
    assert Information(net, "ArraysCount") == 4 and Information(net, "SharedArraysCount") == 1
    assert Information(net, "ArraysTotalElementCount") == 9 + 3 + 9 + 3
    assert Information(NetInitialize(net), "ArraysTotalSize") == Quantity(96, "Bytes")
    assert sum(Information(NetInitialize(net), "ArraysByteCounts").values()) == 96


def test_the_topology_hash_says_which_arrays_are_one_not_how_they_are_called():
    hashes = {
        name: Information(NetChain([LinearLayer(3, **one), LinearLayer(3, **two)], Input=3), "TopologyHash")
        for name, (one, two) in {
            "untied": ({}, {}),
            "w": ({"Weights": W}, {"Weights": W}),
            "v": ({"Weights": NetArray("v")}, {"Weights": NetArray("v", Array=np.eye(3))}),
            "alone": ({"Weights": W}, {}),
        }.items()
    }
    assert hashes["w"] == hashes["v"] != hashes["untied"] == hashes["alone"]


def test_the_table_says_which_arrays_are_shared():
    lines = repr(Information(tied())).splitlines()
    assert lines[7] == "  a      LinearLayer(3)            3       Weights 3×3 shared as w, Biases 3        12"
    assert lines[10] == "  b      LinearLayer(3)            3       Weights 3×3 shared as w"
    assert "shared as w" in tied()._repr_html_()
    long = NetArray()
    assert f"shared as {long.name[:8]}…" in repr(Information(LinearLayer(2, Weights=long, Input=3)))


# --- multipliers ------------------------------------------------------------------------------------------------------


def test_learningratemultipliers_of_a_netarray_freezes_it_in_all_places():
    start = NetInitialize(tied())
    for net in (start, NetChain({**start.layers}, Input=3, LearningRateMultipliers={W: 0})):
        trained = after_a_step(net, **({"LearningRateMultipliers": {W: 0}} if net is start else {}))
        assert trained["a", "Weights"] is trained["b", "Weights"] is start["a", "Weights"]
        assert np.any(trained["m", "Weights"] != start["m", "Weights"])
    drawn = after_a_step(tied(), LearningRateMultipliers={W: None})
    assert drawn["a", "Weights"] is drawn["b", "Weights"]


def test_learningratemultipliers_of_a_netarray_multiply():
    start = NetInitialize(tied())
    once, thrice = after_a_step(start), after_a_step(start, LearningRateMultipliers={W: 3, "_": 1})
    moved = [net["b", "Weights"] - start["b", "Weights"] for net in (once, thrice)]
    np.testing.assert_allclose(moved[1], 3 * moved[0], rtol=1e-3, atol=1e-6)
    assert_close(once["m", "Weights"], thrice["m", "Weights"])


def test_learningratemultipliers_keep_the_name_of_a_netarray_alone():
    net = NetChain([LinearLayer(3, Weights=W)], Input=3, LearningRateMultipliers={NetArray("w", Array=np.eye(3)): 2})
    assert repr(net.LearningRateMultipliers) == '{NetArray("w"): 2}'
    assert eval(repr(net), vars(wlnet)) == net
    assert resolved_rates(net).of == {W.array_key: 2.0, (1, "Biases"): 1.0}
    assert resolved_rates(NetChain({"x": net}), {("x", W): 5}).of[W.array_key] == 5.0
    assert resolved_rates(net, {NetArray(All): 7}).of == {W.array_key: 7.0, (1, "Biases"): 1.0}


# --- NetInsertSharedArrays --------------------------------------------------------------------------------------------


def test_netinsertsharedarrays_turns_every_array_into_a_shared_one_named_after_its_position():
    net = NetInitialize(NetChain({"enc": NetChain([LinearLayer(5), Ramp]), "dec": LinearLayer(2)}, Input=3))
    shared = NetInsertSharedArrays(net)
    assert list(shared[NetArray(All)]) == ["enc/1/Weights", "enc/1/Biases", "dec/Weights", "dec/Biases"]
    for place in [("enc", 1, "Weights"), ("dec", "Biases")]:
        assert shared[place] is net[place]  # no copies
    assert_close(shared(example(3)), net(example(3)))
    assert NetInsertSharedArrays(shared, "again/") is shared


def test_netinsertsharedarrays_puts_the_prefix_directly_in_front():
    net = NetInsertSharedArrays(NetChain([LinearLayer(2)], Input=3), "gen/")
    assert list(net[NetArray(All)]) == ["gen/1/Weights", "gen/1/Biases"]
    assert repr(NetInsertSharedArrays(LinearLayer(2, Biases=None, Input=3), "p")) == (
        'LinearLayer(2, Weights=NetArray("pWeights"), Biases=None, Input=3)'
    )


def test_for_a_bare_layer_the_shared_names_are_the_array_names():
    layer = NetInsertSharedArrays(LongShortTermMemoryLayer(5, Input=("Varying", 3)))
    assert list(layer[NetArray(All)])[:2] == ["InputGateInputWeights", "InputGateStateWeights"]
    assert len(layer[NetArray(All)]) == 12


def test_netinsertsharedarrays_before_reuse_makes_repeated_instances_share_weights():
    cell = NetInsertSharedArrays(NetInitialize(NetChain([LinearLayer(3), "Tanh"], Input=3)))
    twice = NetChain([cell, NetChain({"x": cell})])
    assert twice[1, 1, "Weights"] is twice[2, "x", 1, "Weights"]
    assert_close(twice(example(3)), cell(cell(example(3))))
    trained = after_a_step(twice)
    assert trained[1, 1, "Weights"] is trained[2, "x", 1, "Weights"]
    graph = NetGraph({"l": cell, "r": cell, "sum": ThreadingLayer("Plus")}, [(("l", "r"), "sum")])
    assert Information(graph, "ArraysTotalElementCount") == 12


def test_netinsertsharedarrays_storage_counts_once():
    cell = NetInsertSharedArrays(NetInitialize(LinearLayer(3, Input=3)))
    assert Information(NetChain([cell] * 7), "ArraysTotalByteCount") == Information(cell, "ArraysTotalByteCount") == 48
    wide = NetInsertSharedArrays(NetInitialize(LinearLayer(211, Input=211)))
    one, three = (len(pickle.dumps(NetChain([wide] * n))) for n in (1, 3))
    assert three < 1.1 * one


def test_batchnormalization_movingmean_and_movingvariance_cannot_be_shared():
    net = NetInitialize(NetInsertSharedArrays(NetChain([LinearLayer(5), BatchNormalizationLayer()], Input=3)))
    assert list(net[NetArray(All)]) == ["1/Weights", "1/Biases", "2/Scaling", "2/Biases"]
    assert isinstance(net[2].arrays["MovingMean"], np.ndarray)
    for name in ("MovingMean", "MovingVariance"):
        assert refused(lambda name=name: BatchNormalizationLayer(**{name: NetArray("m")}, Input=3)) == (
            f"BatchNormalizationLayer: {name} is a statistic of this layer and cannot be shared\n"
            f"  hint: leave {name} out: NetArray is for arrays that are trained"
        )
        assert "cannot be shared" in refused(lambda name=name: NetReplacePart(net, {(2, name): NetArray("m")}))


INSERTED = {
    "no net": (lambda: NetInsertSharedArrays(3), "NetInsertSharedArrays takes a net, got 3"),
    "no prefix": (
        lambda: NetInsertSharedArrays(tied(), 3),
        "the prefix of NetInsertSharedArrays is a text, got 3",
    ),
    "a name that is taken": (
        lambda: NetInsertSharedArrays(NetChain([LinearLayer(3, Weights=NetArray("2/Weights")), 3], Input=3)),
        'net/2: NetInsertSharedArrays: net/2/Weights would be NetArray("2/Weights"), which net/1/Weights is\n'
        "  hint: give a prefix that sets the names apart, or rename a layer",
    ),
    "two of one name": (
        lambda: NetInsertSharedArrays(NetChain({"a/b": LinearLayer(2), "a": NetChain({"b": LinearLayer(2)})})),
        'net/a/b: NetInsertSharedArrays: net/a/b/Weights would be NetArray("a/b/Weights"), which net/a/b/Weights is\n'
        "  hint: give a prefix that sets the names apart, or rename a layer",
    ),
}


@pytest.mark.parametrize("make, text", INSERTED.values(), ids=INSERTED)
def test_netinsertsharedarrays_refuses(make, text):
    assert refused(make) == text


# --- NetArrayLayer ----------------------------------------------------------------------------------------------------


def test_netarraylayer_emits_a_learned_constant_array_and_returns_it():
    layer = NetArrayLayer(Array=NetArray("w", Array=[[1, 2, 3], [5, 7, 11]]))
    assert Information(layer, "InputPorts") == {} and layer.shapes["Output"] == (2, 3)
    assert layer().tolist() == [[1, 2, 3], [5, 7, 11]]
    assert NetInitialize(NetArrayLayer(Array=W, Output=(2, 3)))().shape == (2, 3)


# --- surgery ----------------------------------------------------------------------------------------------------------


def test_surgery_keeps_places_together():
    net = NetInitialize(tied())
    w = net["a", "Weights"]
    assert NetTake(net, ("m", "b"))["b", "Weights"] is w
    assert NetDelete(net, "f")["a", "Weights"] is w
    nested = NetChain({"x": net, "y": NetChain({"z": net["a"]})})
    flat = NetFlatten(nested)
    assert flat["x/a", "Weights"] is flat["y/z", "Weights"] is w
    joined = NetJoin(net, tied())
    assert joined["b2", "Weights"] is w and Information(joined, "SharedArraysCount") == 1
    swapped = NetReplace(net, {LinearLayer: LinearLayer(3, Weights=W, Biases=None)})
    assert swapped["m", "Weights"] is Automatic  # all places are new ones, without values
    replaced = NetReplacePart(net, {"m": LinearLayer(3, Weights=W, Biases=None)})
    assert replaced["m", "Weights"] is w
    assert NetReplacePart(net, {"f": "Ramp"})["b", "Weights"] is w
    assert NetReplacePart(net, {("a", "Biases"): [1, 2, 3]})["b", "Weights"] is w
    assert pickle.loads(pickle.dumps(net)) == net


def test_operators_hold_shared_arrays():
    net = NetInitialize(
        NetChain([NetMapOperator(LinearLayer(3, Weights=W)), NetMapOperator(LinearLayer(3, Weights=W))],
                 Input=("Varying", 3))
    )  # fmt: skip
    assert net[1, "Net", "Weights"] is net[2, "Net", "Weights"] is net[W]
    assert Information(net, "SharedArraysCount") == 1
    changed = NetReplacePart(net, {W: np.eye(3)})
    assert_close(changed(example(5, 3)), example(5, 3))


def test_shared_arrays_of_one_layer():
    layer = NetInitialize(LongShortTermMemoryLayer(3, InputGateInputWeights=W, ForgetGateInputWeights=W, Input=(5, 2)))
    assert layer.InputGateInputWeights is layer.ForgetGateInputWeights
    assert shared_arrays(layer)["w"].value() is layer[W]


# --- what NetArray refuses --------------------------------------------------------------------------------------------

REFUSED = {
    "number": (lambda: NetArray(3), 'the name of a NetArray is a text, not 3\n  hint: write NetArray("weights")'),
    "empty": (lambda: NetArray(""), 'the name of a NetArray is a text, not ""\n  hint: write NetArray("weights")'),
    "part": (lambda: NetArray({"Nme": "w"}), 'NetArray has no part "Nme"\n  hint: did you mean Name?'),
    "option": (
        lambda: NetArray("w", Dims=3),
        "NetArray: Dims is not an option\n  hint: there are Name, Array, Dimensions",
    ),
    "too many": (
        lambda: NetArray("w", (3, 2)),
        "NetArray: too many positional arguments\n  hint: before its options it takes spec",
    ),
    "symbolic": (
        lambda: NetArrayLayer(Array="w"),
        "NetArrayLayer: Array must be an array of real numbers, got <U1 values",
    ),
    "twice": (lambda: NetArray("w", Name="v"), "NetArray got Name twice\n  hint: give Name once"),
    "method": (
        lambda: NetArray("w", Array="Kaimng"),
        'NetArray "w": Array must be numbers, or a method of NetInitialize: Method must be one of Kaiming, Xavier, '
        "Orthogonal, Random, Identity, got 'Kaimng'\n  hint: did you mean Kaiming?",
    ),
    "None": (lambda: NetArray("w", Array=None), 'NetArray "w": Array cannot be None'),
    "ragged": (
        lambda: NetArray("w", Array=[[1], [2, 3]]),
        'NetArray "w": Array must be an array of numbers with rows of equal size',
    ),
    "zero": (
        lambda: NetArray("w", Dimensions=(3, 0)),
        'NetArray "w": Dimensions must be sizes such as 4 or (3, Automatic), got (3, 0)\n'
        "  hint: an array of a net has a fixed shape, of whole numbers from 1 on",
    ),
    "varying": (
        lambda: NetArray("w", Dimensions="Varying"),
        'NetArray "w": Dimensions must be sizes such as 4 or (3, Automatic), got "Varying"\n'
        "  hint: an array of a net has a fixed shape, of whole numbers from 1 on",
    ),
    "other dimensions": (
        lambda: NetArray("w", Array=[1, 2], Dimensions=(2, Automatic)),
        'NetArray "w": Dimensions are 2×?, but Array is of shape 2\n  hint: leave Dimensions out: the numbers say them',
    ),
    "all": (
        lambda: LinearLayer(2, Weights=NetArray(All)),
        'LinearLayer: Weights is one array, not NetArray(All)\n  hint: write Weights=NetArray("name")',
    ),
    "the class": (
        lambda: LinearLayer(2, Weights=NetArray),
        'LinearLayer: Weights is one array, not NetArray\n  hint: write Weights=NetArray("name")',
    ),
}


@pytest.mark.parametrize("make, text", REFUSED.values(), ids=REFUSED)
def test_netarray_refuses(make, text):
    assert refused(make) == text


def test_an_elementwise_layer_has_no_array_to_share():
    assert refused(lambda: ElementwiseLayer("Ramp", Weights=W)).startswith("ElementwiseLayer: Weights is not an option")


def test_netarraylayer_takes_no_symbolic_arrays():
    text = refused(lambda: NetGraph(lambda x: NetArrayLayer(Array=x)()))
    assert text.startswith("a function that becomes a layer is recorded, not run: a conversion to an array cannot be")


def test_an_unknown_shape_of_a_shared_array_names_it():
    net = NetGraph(lambda x: x @ W + (2 * x) @ W, Input=5)
    assert refused(lambda: NetInitialize(net)) == (
        "net/w: NetArrayLayer: the shape of Array is not known (5×?), because the shape of Output is 5×?\n"
        '  hint: say it, as in Output=(3, 8), on the layer or on the net, or as NetArray("w", Dimensions=(3, 8))'
    )
    assert NetInitialize(NetReplacePart(net, {("w", "Output"): (5, 3)})).shapes["Output"] == (3,)


def test_netarray_inside_functionlayer_and_netgraph_is_one_array_counted_once_and_trained_once_in_operators_too():
    step = FunctionLayer(lambda x: np.tanh(x @ NetArray("w", Dimensions=(3, 3))))
    net = NetInitialize(
        NetChain([NetMapOperator(NetNestOperator(step, 2)), NetMapOperator(step)], Input=("Varying", 3))
    )
    assert Information(net, "ArraysTotalElementCount") == 9 and Information(net, "SharedArraysCount") == 1
    w, x = net[W], example(5, 3)
    assert_close(net(x), np.tanh(np.tanh(np.tanh(x @ w) @ w) @ w), rtol=1e-5)
    for device in ("CPU", ("CPU", "JAX")):
        trained = NetTrain(net, [(x, x), (x[:2], x[:2])], MaxTrainingRounds=2, TargetDevice=device,
                           TrainingProgressReporting=None)  # fmt: skip
        places = list(arrays_in(trained))
        assert len(places) == 2 and places[0].value is places[1].value is trained[W]
        assert np.abs(trained[W] - w).max() > 1e-4
