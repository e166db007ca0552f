"""The recurrent layers by their formulas, one example, one step and one gate at a time, in double precision."""

import numpy as np

from wlnet.layers.recurrent import BasicRecurrentLayer, GatedRecurrentLayer, LongShortTermMemoryLayer

LAYERS = {BasicRecurrentLayer: 1, GatedRecurrentLayer: 3, LongShortTermMemoryLayer: 4}
"""Each layer, and how many gates it has."""
GATES = {
    BasicRecurrentLayer: [""],
    GatedRecurrentLayer: ["InputGate", "ResetGate", "MemoryGate"],
    LongShortTermMemoryLayer: ["InputGate", "OutputGate", "ForgetGate", "MemoryGate"],
}


def arrays_of(layer, n, k, seed=0):
    """Arrays of every gate, by name."""
    random = np.random.default_rng((seed, n, k))
    shapes = {"InputWeights": (n, k), "StateWeights": (n, n), "Biases": (n,)}
    return {
        gate + kind: random.uniform(-1, 1, shape).astype(np.float32)
        for gate in GATES[layer]
        for kind, shape in shapes.items()
    }


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def by_formula(layer, arrays, x, s=None, c=None, from_input=None, from_state=None, update=None):
    """The states of one sequence x (T, k), the last state and the last cell state.

    The masks are dicts of vectors by gate; `update` is (T, n).
    """
    n = len(arrays[GATES[layer][0] + "StateWeights"])
    s, c = (np.zeros(n) if each is None else np.asarray(each, float) for each in (s, c))
    ones = dict.fromkeys(GATES[layer], 1.0)
    from_input, from_state = from_input or ones, from_state or ones
    steps = []
    for t, element in enumerate(np.asarray(x, float)):
        keep = 1.0 if update is None else update[t]
        z = {g: from_input[g] * (arrays[g + "InputWeights"] @ element) + arrays[g + "Biases"] for g in GATES[layer]}
        q = {g: from_state[g] * (arrays[g + "StateWeights"] @ s) for g in GATES[layer]}
        if layer is BasicRecurrentLayer:
            s = keep * np.tanh(z[""] + q[""])
        elif layer is GatedRecurrentLayer:
            i, r = (sigmoid(z[g] + q[g]) for g in ("InputGate", "ResetGate"))
            s = (1 - i) * keep * np.tanh(z["MemoryGate"] + r * q["MemoryGate"]) + i * s
        else:
            i, o, f = (sigmoid(z[g] + q[g]) for g in ("InputGate", "OutputGate", "ForgetGate"))
            c = f * c + keep * i * np.tanh(z["MemoryGate"] + q["MemoryGate"])
            s = o * np.tanh(c)
        steps.append(s)
    return np.array(steps), s, c
