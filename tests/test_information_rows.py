"""Each row of the reference on Information (section 8) has its test here, by the property's name."""

import numpy as np
import pytest

from tests.examples import example
from wlnet import (
    Automatic,
    BatchNormalizationLayer,
    ElementwiseLayer,
    Information,
    LinearLayer,
    LongShortTermMemoryLayer,
    NetArray,
    NetArrayLayer,
    NetChain,
    NetDecoder,
    NetEncoder,
    NetError,
    NetGraph,
    NetInformation,
    NetInitialize,
    NetPort,
    NetReplacePart,
    Options,
    Quantity,
    Ramp,
    SoftmaxLayer,
)
from wlnet.verbs.information import Report

WEIGHTS, BIASES = example(3, 7), example(3, seed=1)
ENCODER = NetEncoder("Function", lambda text: [len(text)] * 7, (7,))
DECODER = NetDecoder("Class", ["p", "q", "r"])
LINEAR = LinearLayer(3, Weights=WEIGHTS, Biases=BIASES)
NET = NetChain(
    {"enc": [LINEAR, Ramp], "norm": BatchNormalizationLayer(), "soft": SoftmaxLayer()}, Input=ENCODER, Output=DECODER
)
PLACES = [
    ("enc", 1, "Weights"),
    ("enc", 1, "Biases"),
    *(("norm", name) for name in ("Scaling", "Biases", "MovingMean", "MovingVariance")),
]
COUNTS = [21, 3, 3, 3, 3, 3]
GRAPH = (NetPort("Input"), ("enc", 1), ("enc", 2), ("norm",), ("soft",), NetPort("Output"))

EXPECTED = {
    "ArraysByteCounts": dict(zip(PLACES, [4 * count for count in COUNTS], strict=True)),
    "ArraysCount": 6,
    "ArraysDimensions": dict(zip(PLACES, [(3, 7), (3,), (3,), (3,), (3,), (3,)], strict=True)),
    "ArraysElementCounts": dict(zip(PLACES, COUNTS, strict=True)),
    "ArraysPositionList": PLACES,
    "ArraysSizes": dict(zip(PLACES, [Quantity(4 * count, "Bytes") for count in COUNTS], strict=True)),
    "ArraysTotalByteCount": 4 * 36,
    "ArraysTotalElementCount": 36,
    "ArraysTotalSize": Quantity(144, "Bytes"),
    "SharedArraysCount": 0,
    "Layers": {("enc", 1): LINEAR, ("enc", 2): ElementwiseLayer("Ramp"), ("norm",): BatchNormalizationLayer(), ("soft",): SoftmaxLayer()},
    "LayersCount": 4,
    "LayersList": [LINEAR, ElementwiseLayer("Ramp"), BatchNormalizationLayer(), SoftmaxLayer()],
    "LayerTypeCounts": {LinearLayer: 1, ElementwiseLayer: 1, BatchNormalizationLayer: 1, SoftmaxLayer: 1},
    "InputPorts": {"Input": ENCODER},
    "OutputPorts": {"Output": DECODER},
    "InputPortNames": ["Input"],
    "OutputPortNames": ["Output"],
    "RecurrentStatesCount": 0,
    "RecurrentStatesPositionList": [],
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_information_property(name):
    assert Information(NET, name) == EXPECTED[name]


def test_information_arrays_is_position_to_array():
    arrays = Information(NET, "Arrays")
    assert list(arrays) == PLACES and arrays["norm", "Scaling"] is Automatic
    assert np.array_equal(arrays["enc", 1, "Weights"], WEIGHTS)
    assert list(Information(LINEAR, "Arrays")) == [("Weights",), ("Biases",)]


def test_information_arrayslist_is_a_list_of_arrays():
    first, second, *rest = Information(NET, "ArraysList")
    assert np.array_equal(first, WEIGHTS) and np.array_equal(second, BIASES) and rest == [Automatic] * 4


def test_information_arraysdimensions_leaves_out_absent_arrays_and_lists_a_shared_one_once():
    net = NetChain([LinearLayer(3, Weights=NetArray("w"), Biases=None), LinearLayer(3, Weights=NetArray("w"))], Input=3)
    assert Information(net, "ArraysDimensions") == {(1, "Weights"): (3, 3), (2, "Biases"): (3,)}
    assert Information(net, "ArraysTotalElementCount") == 12 and Information(net, "SharedArraysCount") == 1


def test_information_layersgraph_is_a_graph_of_layer_connections():
    graph = Information(NET, "LayersGraph")
    assert graph.vertices == GRAPH and graph.edges == tuple(zip(GRAPH, GRAPH[1:], strict=False))


def test_information_inputports_is_empty_if_there_are_none():
    assert Information(NetArrayLayer(Output=(2, 3)), "InputPorts") == {}
    assert Information(NetArrayLayer(Output=(2, 3)), "OutputPorts") == {"Output": (2, 3)}
    assert Information(LinearLayer((), Input=6), "InputPorts") == {"Input": 6}
    assert Information(LinearLayer((), Input=6), "OutputPorts") == {"Output": "Real"}


def test_information_recurrentstatescount_and_recurrentstatespositionlist_are_usable_in_netport():
    net = NetInitialize(NetChain([LongShortTermMemoryLayer(3)], Input=("Varying", 2)))
    positions = Information(net, "RecurrentStatesPositionList")
    assert positions == [(1, "State"), (1, "CellState")] and Information(net, "RecurrentStatesCount") == 2
    assert net(example(5, 2), NetPort(positions[0])).shape == (3,)


def test_information_summarygraphic_and_fullsummarygraphic_are_diagrams():
    short, full = Information(NET, "SummaryGraphic"), Information(NET, "FullSummaryGraphic")
    assert str(short).count('class="layer"') == 3 and str(full).count('class="layer"') == 4
    assert str(full).count('class="frame"') == 1 and full._repr_svg_().startswith("<svg")


@pytest.mark.parametrize(
    "name, near", [("MXNetNodeGraph", "LayersGraph"), ("MXNetNodeGraphPlot", "FullSummaryGraphic")]
)
def test_information_mxnetnodegraph_and_its_plot_say_why_they_are_not_there(name, near):
    with pytest.raises(NetError) as error:
        Information(NET, name)
    assert str(error.value) == f"{name} is not there: wlnet does not run on MXNet\n  hint: use {near}"
    assert name not in Information(NET, "Properties")


def test_information_topologyhash_is_of_the_structure_not_of_array_values():
    filled = NetInitialize(NET)
    assert Information(filled, "TopologyHash") == Information(NET, "TopologyHash")
    assert Information(NetReplacePart(NET, {"soft": Ramp, "Output": None}), "TopologyHash") != Information(
        NET, "TopologyHash"
    )


def test_information_properties_is_the_list_of_the_property_names():
    names = Information(NET, "Properties")
    known = {*EXPECTED, "Arrays", "ArraysList", "LayersGraph", "SummaryGraphic", "FullSummaryGraphic", "TopologyHash"}
    assert known <= set(names) and names == sorted(names)


def test_an_unknown_property_is_refused():
    with pytest.raises(NetError) as error:
        Information(NET, "ParameterCount")
    assert str(error.value).startswith('"ParameterCount" is not a property of a net\n  hint: ')


def test_information_of_a_net_is_a_report_panel_and_of_a_list_of_nets_a_list():
    assert isinstance(Information(NET), Report) and "4 layers" in repr(Information(NET))
    assert Information([NET, LINEAR], "ArraysCount") == [6, 2] and Information((NET, LINEAR), "LayersCount") == [4, 1]
    assert Information([NET, LINEAR]) == [Information(NET), Information(LINEAR)]


def test_netinformation_is_the_old_name_with_identical_arguments():
    assert NetInformation(NET, "LayersCount") == 4 and NetInformation([NET], "LayersCount") == [4]


def test_every_layers_properties_are_the_same_as_netgraphs():
    of_graph = Information(NetGraph({"a": Ramp}, []), "Properties")
    assert all(Information(each, "Properties") == of_graph for each in (NET, LINEAR, SoftmaxLayer()))


def test_options_of_a_head_are_construction_options_and_of_an_object_evaluation_options():
    assert Options(LinearLayer)["Biases"] is Automatic and Options(NetGraph) == {"LearningRateMultipliers": Automatic}
    assert Options(LINEAR) == Options(NET) == {
        "BatchSize": Automatic, "NetEvaluationMode": "Test", "RandomSeeding": Automatic, "TargetDevice": "CPU", "WorkingPrecision": "Real32"
    }  # fmt: skip
