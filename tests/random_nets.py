"""Small random nets, for hypothesis: chains and graphs of assorted layers, nested, of consistent shapes."""

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from wlnet import (
    BatchNormalizationLayer,
    CatenateLayer,
    ConvolutionLayer,
    DropoutLayer,
    ElementwiseLayer,
    FlattenLayer,
    LinearLayer,
    LongShortTermMemoryLayer,
    NetChain,
    NetGraph,
    NetInitialize,
    NormalizationLayer,
    PartLayer,
    PoolingLayer,
    ReplicateLayer,
    SequenceLastLayer,
    SoftmaxLayer,
    ThreadingLayer,
    TransposeLayer,
)

FAST = settings(
    derandomize=True,
    max_examples=30,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
"""The profile of tests over random nets: the same nets in every run, and not many."""

SIZES = (2, 3, 5, 7)

VECTORS = [
    lambda n: LinearLayer(n),
    lambda n: ElementwiseLayer("Tanh"),
    lambda n: ElementwiseLayer("Ramp"),
    lambda n: SoftmaxLayer(),
    lambda n: DropoutLayer(0.25),
    lambda n: BatchNormalizationLayer(),
    lambda n: ReplicateLayer(n),
    lambda n: LinearLayer(n, Biases=None),
]
"""Layers that take a vector; n is a size to choose."""

MATRICES = [
    lambda n: LinearLayer((n, 2)),
    lambda n: FlattenLayer(),
    lambda n: TransposeLayer(),
    lambda n: ConvolutionLayer(n, 2),
    lambda n: PoolingLayer(2),
    lambda n: NormalizationLayer(),
    lambda n: PartLayer(1),
    lambda n: ElementwiseLayer("LogisticSigmoid"),
    lambda n: LongShortTermMemoryLayer(n),
    lambda n: SequenceLastLayer(),
]
"""Layers that take a matrix of at least 2×2."""


def output_of(net, shape):
    """The shape that a net gives for an input."""
    return NetChain([net], Input=shape).plan.shape((), "Output")


def named_or_not(draw, layers):
    """The layers with names, or without."""
    return {f"{chr(97 + at)}{at}": layer for at, layer in enumerate(layers)} if draw(st.booleans()) else layers


@st.composite
def layers_for(draw, shape, depth=2):
    """A layer, or a net, that takes an array of a shape."""
    kind = draw(st.sampled_from(["layer", "layer", "layer", "chain", "graph"])) if depth else "layer"
    if kind == "chain":
        return draw(chains_for(shape, depth - 1))
    if kind == "graph":
        return draw(graphs_for(shape, depth - 1))
    if len(shape) == 1:
        return draw(st.sampled_from(VECTORS))(draw(st.sampled_from(SIZES)))
    if min(shape) < 2 or len(shape) > 2:
        return FlattenLayer()
    return draw(st.sampled_from(MATRICES))(draw(st.sampled_from(SIZES)))


@st.composite
def chains_for(draw, shape, depth=2, longest=4):
    """A chain that takes an array of a shape, which is not said in it."""
    layers = []
    for _ in range(draw(st.integers(1, longest))):
        layers.append(draw(layers_for(shape, depth)))
        shape = output_of(layers[-1], shape)
    return NetChain(named_or_not(draw, layers))


@st.composite
def graphs_for(draw, shape, depth=2):
    """A graph of one output: vertices read earlier ones, and what nobody reads is flattened and joined."""
    layers, edges, shapes = {}, [], {"": shape}

    def add(layer, sources):
        name = f"v{len(layers)}"
        layers[name] = layer
        taken = shapes[sources[0]] if len(sources) == 1 else None
        edges.extend((source, name) for source in sources if source)
        shapes[name] = taken and output_of(layer, taken)
        return name

    for _ in range(draw(st.integers(1, 4))):
        source = draw(st.sampled_from(sorted(shapes)))
        if source and draw(st.booleans()):
            name = add(ThreadingLayer("Plus"), [source, source])
            shapes[name] = shapes[source]
        else:
            add(draw(layers_for(shapes[source], depth)), [source])
    ends = [name for name in layers if all(edge[0] != name for edge in edges)]
    if len(ends) > 1:
        add(CatenateLayer(), [add(FlattenLayer(), [end]) for end in ends])
    return NetGraph(layers, edges)


@st.composite
def chains(draw, longest=5):
    """An initialised chain with its input."""
    shape = draw(st.sampled_from([(3,), (5,), (5, 7), (7, 3)]))
    net = draw(chains_for(shape, longest=longest))
    return NetInitialize(with_input(net, shape), RandomSeeding=draw(st.integers(0, 9)))


@st.composite
def graphs(draw):
    """An initialised graph with its input."""
    shape = draw(st.sampled_from([(3,), (5,), (5, 7), (7, 3)]))
    return NetInitialize(with_input(draw(graphs_for(shape)), shape), RandomSeeding=draw(st.integers(0, 9)))


def with_input(net, shape):
    """The net made anew with the type of its input said."""
    if isinstance(net, NetChain):
        return NetChain(dict(net.layers) if net.is_named else list(net.layers.values()), Input=shape)
    return NetGraph(net, Input=shape)


def nets():
    """An initialised chain or graph."""
    return st.one_of(chains(), graphs())


def input_for(net, seed=0):
    """An example for the input of a net."""
    return np.random.default_rng(seed).standard_normal(net.plan.shape((), "Input")).astype(np.float32)
