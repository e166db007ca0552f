"""Surgery on a net of 1,000 layers and 25 million numbers: milliseconds, and no array is copied."""

import statistics
import time

import numpy as np
import pytest

from wlnet import (
    All,
    Automatic,
    ElementwiseLayer,
    Information,
    Length,
    LinearLayer,
    NetAppend,
    NetChain,
    NetDelete,
    NetDrop,
    NetExtract,
    NetFlatten,
    NetGraph,
    NetInitialize,
    NetInsert,
    NetJoin,
    NetPort,
    NetPrepend,
    NetRename,
    NetReplace,
    NetReplacePart,
    NetTake,
    Normal,
    Ramp,
)
from wlnet.core.layer import Layer
from wlnet.verbs.places import arrays

COUNT, SIZE, BOUND = 1000, 158, 0.1
"""Layers, the size of each (158² + 158 numbers), and the processor seconds that a verb may take on a busy machine."""


@pytest.fixture(scope="module")
def nets():
    rng = np.random.default_rng(0)
    weights = [rng.standard_normal((SIZE, SIZE), dtype=np.float32) for _ in range(COUNT)]
    layers = [LinearLayer(SIZE, Weights=each, Biases=np.zeros(SIZE, np.float32)) for each in weights]
    names = [f"l{at}" for at in range(COUNT)]
    chain = NetChain(layers, Input=SIZE)
    return {
        "chain": chain,
        "named": NetChain(dict(zip(names, layers, strict=True)), Input=SIZE),
        "graph": NetGraph(dict(zip(names, layers, strict=True)), [tuple(names)], Input=SIZE),
        "deep": NetChain([NetChain(layers[at : at + 10]) for at in range(0, COUNT, 10)], Input=SIZE),
        "mixed": NetReplacePart(chain, {500: Ramp}),
        "first": NetTake(chain, 500),
        "rest": NetDrop(chain, 500),
    }


VERBS = {
    "NetAppend": ("chain", lambda net, nets: NetAppend(net, Ramp)),
    "NetAppend to a graph": ("graph", lambda net, nets: NetAppend(net, {"z": Ramp})),
    "NetPrepend": ("chain", lambda net, nets: NetPrepend(net, Ramp)),
    "NetInsert": ("chain", lambda net, nets: NetInsert(net, Ramp, 500)),
    "NetInsert by name": ("named", lambda net, nets: NetInsert(net, {"x": Ramp}, "l500")),
    "NetDelete": ("chain", lambda net, nets: NetDelete(net, 500)),
    "NetDelete of ten": ("chain", lambda net, nets: NetDelete(net, list(range(500, 510)))),
    "NetDelete of a graph": ("graph", lambda net, nets: NetDelete(net, "l500")),
    "NetDrop": ("chain", lambda net, nets: NetDrop(net, 100)),
    "NetDrop inside": ("chain", lambda net, nets: NetDrop(net, (100, 200))),
    "NetTake": ("chain", lambda net, nets: NetTake(net, 900)),
    "NetTake of a graph": ("graph", lambda net, nets: NetTake(net, ("l100", "l900"))),
    "NetJoin": ("first", lambda net, nets: NetJoin(net, nets["rest"])),
    "NetRename": ("named", lambda net, nets: NetRename(net, str.upper)),
    "NetRename of a graph": ("graph", lambda net, nets: NetRename(net, str.upper)),
    "NetRename of a port": ("graph", lambda net, nets: NetRename(net, {NetPort("Input"): NetPort("X")})),
    "NetFlatten": ("deep", lambda net, nets: NetFlatten(net)),
    "NetReplacePart, an array": ("chain", lambda net, nets: NetReplacePart(net, {(500, "Biases"): np.ones(SIZE)})),
    "NetReplacePart, a layer": ("chain", lambda net, nets: NetReplacePart(net, {500: Ramp})),
    "NetReplacePart, in a graph": ("graph", lambda net, nets: NetReplacePart(net, {"l500": Ramp})),
    "NetReplacePart, a port": ("chain", lambda net, nets: NetReplacePart(net, {"Input": Automatic})),
    "NetReplace": ("mixed", lambda net, nets: NetReplace(net, {ElementwiseLayer: "Tanh"})),
    "a span": ("chain", lambda net, nets: net["2;;900"]),
    "NetExtract": ("chain", lambda net, nets: NetExtract(net, (500, "Weights"))),
    "NetExtract of all": ("chain", lambda net, nets: NetExtract(net, (All, "Weights"))),
    "Normal": ("chain", lambda net, nets: Normal(net)),
    "Length": ("chain", lambda net, nets: Length(net)),
    "NetInitialize": ("chain", lambda net, nets: NetInitialize(net)),
}
"""What is done, and to which of the nets."""


@pytest.mark.parametrize("verb", VERBS)
def test_surgery_takes_milliseconds_and_copies_no_array(nets, verb):
    name, act = VERBS[verb]
    net, spent = nets[name], []
    for _ in range(5):
        started = time.process_time()
        made = act(net, nets)
        spent.append(time.process_time() - started)
    assert statistics.median(spent) < BOUND
    if isinstance(made, Layer):
        held = {id(array.value): array.value for each in nets.values() for array in arrays(each)}
        new = [array.value for array in arrays(made) if id(array.value) not in held]
        assert sum(array.size for array in new) <= SIZE  # an array that was given
        kept = [array.value for array in arrays(made) if id(array.value) in held]
        assert len(kept) >= 1000 and all(np.shares_memory(each, held[id(each)]) for each in kept)


def test_the_net_is_as_large_as_is_said(nets):
    assert Information(nets["chain"], "ArraysTotalElementCount") == COUNT * (SIZE**2 + SIZE) > 25_000_000


def test_a_loop_of_edits_stays_fast(nets):
    started, net = time.process_time(), nets["chain"]
    for _ in range(5):
        net = NetDelete(NetInsert(NetAppend(net, Ramp), "Tanh", 500), -1)
        net = NetReplacePart(NetRename(net, lambda key: key), {500: Ramp})
    assert time.process_time() - started < 5 * 5 * BOUND
    assert len(net) == COUNT + 5 and net[1] is nets["chain"][1]
