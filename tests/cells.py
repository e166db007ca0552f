"""The recurrent layers as hand-written cells, graphs of linear and elementwise layers, which NetFoldOperator folds."""

from wlnet import LinearLayer, NetGraph, NetPort, Tanh, ThreadingLayer
from wlnet.layers.recurrent import BasicRecurrentLayer, GatedRecurrentLayer, LongShortTermMemoryLayer

Edges = list


def gate(arrays: dict, name: str, joined: bool = True) -> tuple[dict, Edges]:
    """One gate's InputWeights · x + Biases, and StateWeights · s; with `joined` their sum."""
    layers = {
        f"{name}x": LinearLayer(Weights=arrays[f"{name}InputWeights"], Biases=arrays[f"{name}Biases"]),
        f"{name}s": LinearLayer(Weights=arrays[f"{name}StateWeights"], Biases=None),
    }
    edges: Edges = [(NetPort("Input"), f"{name}x"), (NetPort("State"), f"{name}s")]
    if joined:
        layers[f"{name}sum"] = ThreadingLayer("Plus")
        edges.append(((f"{name}x", f"{name}s"), f"{name}sum"))
    return layers, edges


def basic(arrays: dict) -> NetGraph:
    """Tanh(W x + U s + b)."""
    layers, edges = gate(arrays, "")
    return NetGraph(layers | {"tanh": "Tanh"}, [*edges, ("sum", "tanh")])


def gated(arrays: dict) -> NetGraph:
    """(1 - i) m + i s, with r behind the product in m."""
    layers, edges = {}, []
    for name in ("InputGate", "ResetGate"):
        more, inner = gate(arrays, name)
        layers |= {**more, name: "LogisticSigmoid"}
        edges += [*inner, (f"{name}sum", name)]
    more, inner = gate(arrays, "MemoryGate", joined=False)
    layers |= {
        **more,
        "memory": ThreadingLayer(lambda x, r, s: Tanh(x + r * s)),
        "next": ThreadingLayer(lambda i, m, s: (1 - i) * m + i * s),
    }
    edges += [*inner, (("MemoryGatex", "ResetGate", "MemoryGates"), "memory")]
    return NetGraph(layers, [*edges, (("InputGate", "memory", NetPort("State")), "next")])


def lstm(arrays: dict) -> NetGraph:
    """c' = f c + i m and s' = o Tanh(c'), by the ports Cell and State."""
    layers, edges = {}, []
    for name in ("InputGate", "OutputGate", "ForgetGate", "MemoryGate"):
        more, inner = gate(arrays, name)
        layers |= {**more, name: "Tanh" if name == "MemoryGate" else "LogisticSigmoid"}
        edges += [*inner, (f"{name}sum", name)]
    layers["cell"] = ThreadingLayer(lambda f, c, i, m: f * c + i * m)
    layers["state"] = ThreadingLayer(lambda o, c: o * Tanh(c))
    edges += [(("ForgetGate", NetPort("Cell"), "InputGate", "MemoryGate"), "cell"), (("OutputGate", "cell"), "state")]
    return NetGraph(layers, [*edges, ("cell", NetPort("Next")), ("state", NetPort("Output"))])


CELLS = {
    BasicRecurrentLayer: (basic, {"Output": "State"}, ()),
    GatedRecurrentLayer: (gated, {"Output": "State"}, ()),
    LongShortTermMemoryLayer: (lstm, {"Output": "State", "Next": "Cell"}, ("Output",)),
}
"""Each recurrent layer: its cell, the feedback, and the outputs (none named: all)."""
