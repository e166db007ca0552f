"""The recurrent layers against onnxruntime's RNN, GRU and LSTM, which know nothing of us.

Each test draws 20 settings from a fixed seed: sizes that are different primes, true lengths or none, first states or
none. Outputs of all true steps and the last states are compared.
"""

import numpy as np
import pytest

from tests.examples import assert_close
from wlnet import NetGraph, NetPort
from wlnet.layers.recurrent import BasicRecurrentLayer, GatedRecurrentLayer, LongShortTermMemoryLayer

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

PRIMES = [2, 3, 5, 7, 11, 13]
OPERATORS = {
    BasicRecurrentLayer: ("RNN", [""], {}),
    GatedRecurrentLayer: ("GRU", ["InputGate", "ResetGate", "MemoryGate"], {"linear_before_reset": 1}),
    LongShortTermMemoryLayer: ("LSTM", ["InputGate", "OutputGate", "ForgetGate", "MemoryGate"], {}),
}
"""For each layer the operator, the gates in the operator's order, and its attributes."""


def computed(operator, inputs, outputs, **attributes):
    """What onnxruntime makes of one operator on these arrays; None leaves an input out."""
    names = ["" if array is None else f"x{k}" for k, array in enumerate(inputs)]
    fed = {name: array for name, array in zip(names, inputs, strict=True) if array is not None}
    kinds = {np.dtype("float32"): onnx.TensorProto.FLOAT, np.dtype("int32"): onnx.TensorProto.INT32}
    given = [onnx.helper.make_tensor_value_info(n, kinds[array.dtype], array.shape) for n, array in fed.items()]
    answers = [f"y{k}" for k in range(outputs)]
    node = onnx.helper.make_node(operator, names, answers, **attributes)
    results = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in answers]
    graph = onnx.helper.make_graph([node], "one", given, results)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, fed)


def setting(layer, number):
    """Arrays by name, a batch (B, T, k), its lengths or None, and first states or None."""
    random = np.random.default_rng((17, number))
    batch, steps, k, n = (int(size) for size in random.permutation(PRIMES)[:4])
    normal = lambda *shape: random.normal(size=shape).astype(np.float32)
    shapes = {"InputWeights": (n, k), "StateWeights": (n, n), "Biases": (n,)}
    arrays = {gate + kind: normal(*shape) for gate in OPERATORS[layer][1] for kind, shape in shapes.items()}
    lengths = random.integers(1, steps + 1, batch).astype(np.int32) if number % 2 else None
    first = [normal(batch, n) for _ in layer.states] if number % 4 > 1 else None
    return arrays, normal(batch, steps, k), lengths, first


def theirs(layer, arrays, x, lengths, first):
    """Outputs (B, T, n) and last states (B, n) by onnxruntime."""
    operator, gates, attributes = OPERATORS[layer]
    stacked = {kind: np.concatenate([arrays[gate + kind] for gate in gates])[None]
               for kind in ("InputWeights", "StateWeights", "Biases")}  # fmt: skip
    biases = np.concatenate([stacked["Biases"], np.zeros_like(stacked["Biases"])], 1)
    states = [None] * len(layer.states) if first is None else [state[None] for state in first]
    inputs = [x.transpose(1, 0, 2), stacked["InputWeights"], stacked["StateWeights"], biases, lengths, *states]
    size = arrays[f"{gates[0]}StateWeights"].shape[0]
    y, *last = computed(operator, inputs, 1 + len(layer.states), hidden_size=size, **attributes)
    return y[:, 0].transpose(1, 0, 2), [state[0] for state in last]


@pytest.mark.parametrize("number", range(20))
@pytest.mark.parametrize("layer", OPERATORS, ids=lambda layer: layer.__name__)
def test_recurrence(layer, number):
    arrays, x, lengths, first = setting(layer, number)
    outputs, last = theirs(layer, arrays, x, lengths, first)
    true = np.full(len(x), x.shape[1]) if lengths is None else lengths
    edges = [(NetPort("r", name), NetPort(f"Last{name}")) for name in layer.states]
    edges += [(NetPort(f"First{name}"), NetPort("r", name)) for name in layer.states if first]
    net = NetGraph({"r": layer(**arrays)}, edges, Input=("Varying", x.shape[2]))
    data = {"Input": [one[:size] for one, size in zip(x, true, strict=True)]}
    got = net(data | {f"First{name}": state for name, state in zip(layer.states, first or [], strict=False)})
    for k, size in enumerate(true):
        assert_close(got["Output"][k], outputs[k, :size], atol=1e-5)
    for name, state in zip(layer.states, last, strict=True):
        assert_close(got[f"Last{name}"], state, atol=1e-5)
