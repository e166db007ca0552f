"""RNN, GRU and LSTM as recurrent layers: the order of gates, the halves of biases, and the axes differ.

ONNX has time, batch, size, and all directions in one array; a layer has the sequence of one example, and an array for
each gate.
"""

from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.symbols import Inherited, NetPort
from wlnet.formats.onnx.reading.arrays import in_order
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.values import Value
from wlnet.layers.joining import CatenateLayer
from wlnet.layers.recurrent import BasicRecurrentLayer, GatedRecurrentLayer, LongShortTermMemoryLayer
from wlnet.layers.reshape import ReshapeLayer
from wlnet.layers.sequence import SequenceReverseLayer
from wlnet.nets.axes import widened
from wlnet.nets.bidirectional import NetBidirectionalOperator
from wlnet.nets.graph import NetGraph
from wlnet.nets.indexing import part
from wlnet.nets.mapping import NetMapThreadOperator
from wlnet.nets.recording import applied, record_call

GATES: dict[str, tuple[str, ...]] = {
    "RNN": ("",),
    "GRU": ("InputGate", "ResetGate", "MemoryGate"),
    "LSTM": ("InputGate", "OutputGate", "ForgetGate", "MemoryGate"),
}
"""The gates in ONNX's order: z r h, and i o f c."""

LAYERS = {"RNN": BasicRecurrentLayer, "GRU": GatedRecurrentLayer, "LSTM": LongShortTermMemoryLayer}
ACTIVATIONS = {"RNN": ["tanh"], "GRU": ["sigmoid", "tanh"], "LSTM": ["sigmoid", "tanh", "tanh"]}
STATES = {"RNN": ("State",), "GRU": ("State",), "LSTM": ("State", "CellState")}


@reads("RNN", "GRU", "LSTM")
def recurrent(
    node: Node,
    x: Value,
    w: Value,
    r: Value,
    b: Value | None = None,
    lengths: Value | None = None,
    *states: Value | None,
) -> list[Value]:
    """A recurrent layer, or one for each direction."""
    weights, step, biases = (node.array(value, what) for value, what in ((w, "W"), (r, "R"), (b, "B")))
    directions = refuse_settings(node, weights, states[2:])
    refuse_lengths(node, x, lengths)
    layers = [layer_of(node, weights[k], step[k], None if biases is None else biases[k]) for k in range(directions)]
    sequence = in_order(x, [1, 0, 2]) if node.whole("layout", 0) else x
    given = [
        state if state is None or not node.whole("layout", 0) else in_order(state, [1, 0, 2]) for state in states[:2]
    ]
    given = [is_given(state) for state in given]
    if directions == 2 and sequence.batch == 1 and not any(given) and not any(node.outputs[1:]) and plain(layers, node):
        return laid_out(node, [both_ways(layers, sequence)], {})
    outputs, last = run(node, layers, sequence, given)
    return laid_out(node, outputs, last)


def plain(layers: list[Layer], node: Node) -> bool:
    """Whether the layers have no constant state."""
    return all(layer.n == node.whole("hidden_size", layer.n) for layer in layers)


def both_ways(layers: list[Layer], x: Value) -> Value:
    """Both directions at once, as time × 2 × batch × size."""
    found = applied(NetBidirectionalOperator(layers), x.symbol())
    return x.like(applied(ReshapeLayer((Inherited, 2, layers[0].n)), found), 2)


def is_given(state: Value | None) -> Value | None:
    """A first state, unless it is zero, which a layer begins with by itself."""
    if state is None or (state.is_known and state.array.dtype != object and not state.array.any()):
        return None
    return state


def refuse_settings(node: Node, weights: np.ndarray, peepholes: tuple) -> int:
    """Refuses what the layers do not compute; gives the number of directions."""
    direction = node.get("direction", "forward")
    count = 2 if direction == "bidirectional" else 1
    wanted = [each.lower() for each in node.get("activations") or ACTIVATIONS[node.kind] * count]
    if wanted != ACTIVATIONS[node.kind] * count:
        raise NetError(f"its activations are {wanted}", hint=f"only {ACTIVATIONS[node.kind]} are read")
    if any(peepholes):
        raise NetError("it has peepholes, which no layer has")
    if node.get("clip") or node.whole("input_forget", 0):
        raise NetError("it clips its gates, or couples them (clip, input_forget), which no layer does")
    if node.kind == "GRU" and not node.whole("linear_before_reset", 0):
        raise NetError("its reset gate stands before the product (linear_before_reset is 0), which no layer has")
    if direction not in ("forward", "reverse", "bidirectional") or len(weights) != count or weights.ndim != 3:
        raise NetError(f"its direction is {direction!r}, and its weights have shape {weights.shape}")
    return count


def refuse_lengths(node: Node, x: Value, lengths: Value | None) -> None:
    """Refuses sequences of unequal lengths in one tensor."""
    found = node.array(lengths, "the lengths of the sequences")
    time = x.shape[1 if node.whole("layout", 0) else 0]
    if found is not None and not all(length == time for length in found.ravel().tolist()):
        raise NetError(f"its sequences are shorter than the tensor: {found.ravel().tolist()} of {time}")


def layer_of(node: Node, w: np.ndarray, r: np.ndarray, b: np.ndarray | None) -> Layer:
    """The layer of one direction: the arrays cut into gates, the biases of both halves added."""
    gates = GATES[node.kind]
    size = w.shape[0] // len(gates)
    halves = None if b is None else np.split(b, 2)
    if halves is not None and node.kind == "GRU" and np.any(halves[1][2 * size :]):
        return gated(size, w, r, halves)
    total = None if halves is None else halves[0] + halves[1]
    arrays: dict[str, Any] = {}
    for at, gate in enumerate(gates):
        rows = slice(at * size, (at + 1) * size)
        arrays[f"{gate}InputWeights"], arrays[f"{gate}StateWeights"] = w[rows], r[rows]
        arrays[f"{gate}Biases"] = None if total is None else total[rows]
    return LAYERS[node.kind](size, **arrays)


def gated(size: int, w: np.ndarray, r: np.ndarray, halves: list[np.ndarray]) -> Layer:
    """A GRU whose memory gate has a bias inside the reset too: a constant input of 1 cannot stand there, so that a
    last state of constant 1 does, which the gates keep as it is."""
    wide = size + 1
    arrays: dict[str, Any] = {}
    for at, gate in enumerate(GATES["GRU"]):
        rows = slice(at * size, (at + 1) * size)
        inputs, states, biases = np.zeros((wide, w.shape[1])), np.zeros((wide, wide)), np.zeros(wide)
        inputs[:size], states[:size, :size] = w[rows], r[rows]
        biases[:size] = halves[0][rows] + (halves[1][rows] if gate != "MemoryGate" else 0)
        arrays |= {f"{gate}InputWeights": inputs, f"{gate}StateWeights": states, f"{gate}Biases": biases}
    arrays["InputGateBiases"][size] = 100.0  # the gate keeps the last state
    arrays["MemoryGateStateWeights"][:size, size] = halves[1][2 * size :]
    return GatedRecurrentLayer(wide, **arrays)


def run(
    node: Node, layers: list[Layer], x: Value, states: list[Value | None]
) -> tuple[list[Value], dict[str, list[Value]]]:
    """The outputs of each direction as time × batch × size, and the last states as batch × size."""
    outputs: list[Value] = []
    last: dict[str, list[Value]] = {name: [] for name in STATES[node.kind]}
    reverse = node.get("direction", "forward") == "reverse"
    size = int(node.whole("hidden_size", None) or 0)
    for at, layer in enumerate(layers):
        backward = reverse or at == 1
        first = {name: None if s is None else picked(s, at) for name, s in zip(STATES[node.kind], states, strict=False)}
        y, ends = one_direction(layer, x, {k: v for k, v in first.items() if v is not None}, backward, size)
        outputs.append(y)
        for name, end in zip(last, ends, strict=True):
            last[name].append(end)
    return outputs, last


def picked(state: Value, direction: int) -> Value:
    """The first state of one direction, batch × size."""
    index = [slice(None)] * len(state.example)
    index[state.own(0)] = direction  # type: ignore[call-overload]
    if state.is_known:
        state = state.like(state.symbol())
    batch = None if state.batch is None else state.batch - 1
    return state.like(part(state.array, tuple(index)), batch)


def one_direction(
    layer: Layer, x: Value, first: dict[str, Value], backward: bool, size: int
) -> tuple[Value, list[Value]]:
    """What one layer gives of a sequence, and its last states."""
    names = ("Output", *(name for name, slot in layer.ports().items() if slot.kind == "state"))
    wide = layer.n
    first = {name: extended(value, wide, layer) for name, value in started(layer, first, x, wide, size).items()}
    if x.batch == 1:
        found = called(layer, x.symbol(), {k: v.symbol() for k, v in first.items()}, names, backward)
        return x.like(trimmed(found[0], size)), [Value(trimmed(each, size), x.kind, 0, x.count) for each in found[1:]]
    x = x.whole()
    states = {name: value.whole() for name, value in first.items()}
    if x.shape[1] == 1:
        own = {name: value.symbol()[0] for name, value in states.items()}
        found = called(layer, x.symbol()[:, 0], own, names, backward)
        y = x.like(widened(trimmed(found[0], size), (1,)))
        return y, [Value(widened(trimmed(each, size), (0,)), x.kind) for each in found[1:]]
    return many(layer, x, states, names, backward, size)


def started(layer: Layer, first: dict[str, Value], x: Value, wide: int, size: int) -> dict[str, Value]:
    """The first states; a layer with a constant state has one always."""
    if wide == size or first:
        return first
    shape = (1, size) if x.batch == 1 else (x.shape[1], size)
    return {"State": Value(np.zeros(shape, np.float32), x.kind, 0 if x.batch == 1 else None, x.count)}


def extended(state: Value, wide: int, layer: Layer) -> Value:
    """A first state with the constant 1 behind it, where a layer has one more."""
    size = state.example[-1]
    if size == wide:
        return state
    lead = state.example[:-1]
    one = Value(np.ones((*lead, 1), np.float32), state.kind).symbol()
    return state.like(applied(CatenateLayer(-1), state.symbol(), one))


def trimmed(found: Any, size: int) -> Any:
    """What a layer gives without the constant state."""
    return found if not size else part(found, (Ellipsis, slice(0, size))) if found_size(found) != size else found


def found_size(found: Any) -> Any:
    """The size of the last level."""
    return Value(found, np.dtype(np.float32)).example[-1]


def called(layer: Layer, x: Any, first: dict[str, Any], names: tuple[str, ...], backward: bool) -> list[Any]:
    """The output and the last states of a layer, of a sequence that may be read backwards."""
    x = applied(SequenceReverseLayer(), x) if backward else x
    found = record_call(layer, ({"Input": x, **first}, list(names)), {})
    y = found["Output"]
    return [applied(SequenceReverseLayer(), y) if backward else y, *(found[name] for name in names[1:])]


def many(
    layer: Layer, x: Value, first: dict[str, Value], names: tuple, backward: bool, size: int
) -> tuple[Value, list[Value]]:
    """The same for several sequences in one tensor, by a net that is mapped over them."""
    edges: list[Any] = [(NetPort("x"), NetPort("r", "Input"))]
    edges += [(NetPort(name.lower()), NetPort("r", name)) for name in first]
    edges += [(NetPort("r", name), NetPort(f"{name}Out")) for name in names]
    net = NetGraph({"r": layer}, edges)
    sequences = {"x": in_order(x, [1, 0, 2]).symbol()}
    sequences = {"x": applied_reverse(sequences["x"]) if backward else sequences["x"]}
    sequences |= {name.lower(): value.symbol() for name, value in first.items()}
    found = record_call(NetMapThreadOperator(net), (sequences, [f"{name}Out" for name in names]), {})
    y = in_order(Value(trimmed(found["OutputOut"], size), x.kind), [1, 0, 2])
    y = y.like(part(y.array, slice(None, None, -1))) if backward else y
    return y, [Value(trimmed(found[f"{name}Out"], size), x.kind) for name in names[1:]]


def applied_reverse(x: Any) -> Any:
    """Each of several sequences backwards."""
    return part(x, (slice(None), slice(None, None, -1)))


def laid_out(node: Node, outputs: list[Value], last: dict[str, list[Value]]) -> list[Value]:
    """Y as time × direction × batch × size, the last states as direction × batch × size; or with the batch first."""
    y = outputs[0] if not last else beside(outputs, 1)
    ends = [beside(states, 0) for states in last.values()]
    if node.whole("layout", 0):
        return [in_order(y, [2, 0, 1, 3]), *(in_order(each, [1, 0, 2]) for each in ends)]
    return [y, *ends]


def beside(values: list[Value], axis: int) -> Value:
    """Tensors along a new axis."""
    first = values[0]
    batch = None if first.batch is None else first.batch + (first.batch >= axis)
    own = axis - (batch is not None and axis > batch)
    arrays = [widened(value.symbol(), (own,)) for value in values]
    return first.like(arrays[0] if len(arrays) == 1 else applied(CatenateLayer(own + 1), *arrays), batch)
