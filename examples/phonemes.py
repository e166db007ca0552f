"""How a word is spoken: letters to phonemes with the trained weights of the package g2p-en (`pip install g2p-en`).

A recurrent net reads the letters; another writes the phonemes (ARPAbet, vowels with their stress), from the state that
the first one leaves. The weights are read from the package's checkpoint20.npz; the package itself is not imported.
"""

import string
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from wlnet import (
    EmbeddingLayer,
    GatedRecurrentLayer,
    LinearLayer,
    NetDecoder,
    NetEncoder,
    NetGraph,
    NetPort,
    ReplicateLayer,
    SoftmaxLayer,
)

VOWELS = ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
CONSONANTS = ["B", "CH", "D", "DH", "F", "G", "HH", "JH", "K", "L", "M", "N", "NG", "P", "R", "S", "SH", "T", "TH", "V",
              "W", "Y", "Z", "ZH"]  # fmt: skip
LETTERS = ["pad", "unknown", "end", *string.ascii_lowercase]
PHONEMES = ["pad", "unknown", "start", "end", *sorted(["UW", *CONSONANTS, *(v + s for v in VOWELS for s in "012")])]


def checkpoint() -> dict[str, np.ndarray]:
    """The arrays of g2p-en, found where pip put them."""
    spec = find_spec("g2p_en")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("this example needs the weights of g2p-en: pip install --no-deps g2p-en")
    with np.load(Path(spec.submodule_search_locations[0]) / "checkpoint20.npz") as arrays:
        return dict(arrays)


def recurrent(arrays: dict[str, np.ndarray], part: str) -> GatedRecurrentLayer:
    """The layer "enc" or "dec". Its gates stand one below the other: reset, keep (our InputGate), memory.

    These nets add a bias to the product of memory weights and state, before the reset gate; ours adds biases behind the
    gate. So the state gets one number more, which stays 1 as its InputGate keeps everything: its weights are that bias.
    """
    names = ("w_ih", "w_hh", "b_ih", "b_hh")
    inputs, states, before, inside = (np.split(arrays[f"{part}_{name}"], 3) for name in names)
    given = {}
    for at, gate in enumerate(("ResetGate", "InputGate", "MemoryGate")):
        under_the_gate = 1 if gate == "MemoryGate" else 0
        given[f"{gate}InputWeights"] = np.pad(inputs[at], [(0, 1), (0, 0)])
        square = np.column_stack([states[at], under_the_gate * inside[at]])
        given[f"{gate}StateWeights"] = np.pad(square, [(0, 1), (0, 0)])
        given[f"{gate}Biases"] = np.append(before[at] + (1 - under_the_gate) * inside[at], 100 * (gate == "InputGate"))
    return GatedRecurrentLayer(**given)


def reader(arrays: dict[str, np.ndarray]) -> NetGraph:
    """Letters, and the first state, to the last state."""
    layers = {"embed": EmbeddingLayer(Weights=arrays["enc_emb"]), "read": recurrent(arrays, "enc")}
    edges = [
        ("embed", "read", None),
        (NetPort("State"), NetPort("read", "State")),
        (NetPort("read", "State"), NetPort("Last")),
    ]
    return NetGraph(layers, edges, Input="Varying")


def writer(arrays: dict[str, np.ndarray]) -> NetGraph:
    """A phoneme and a state to the next phoneme and the next state."""
    size = arrays["fc_w"].shape[1]
    weights = np.column_stack([arrays["fc_w"], np.zeros(len(arrays["fc_w"]))])  # the constant of the state says nothing
    layers = {
        "embed": EmbeddingLayer(Weights=arrays["dec_emb"]),
        "step": ReplicateLayer(1),
        "write": recurrent(arrays, "dec"),
        "decide": LinearLayer(len(PHONEMES), Weights=weights, Biases=arrays["fc_b"], Input=(1, size + 1)),
        "probabilities": SoftmaxLayer(),
    }
    edges = [
        ("embed", "step", "write", "decide", "probabilities", NetPort("Output")),
        (NetPort("State"), NetPort("write", "State")),
        (NetPort("write", "State"), NetPort("Last")),
    ]
    return NetGraph(layers, edges, Input=NetEncoder("Class", PHONEMES), Output=NetDecoder("Class", PHONEMES))


def spoken(word: str, read: NetGraph, write: NetGraph) -> list[str]:
    """The phonemes of a word, at each step the likeliest."""
    known = [letter if letter in LETTERS else "unknown" for letter in word.lower()]
    numbers = [LETTERS.index(letter) + 1 for letter in [*known, "end"]]
    first = np.zeros(read.shapes["State"])
    first[-1] = 1
    state, phonemes = read({"Input": numbers, "State": first}), ["start"]
    while len(phonemes) <= 20:
        found = write({"Input": phonemes[-1], "State": state})
        if found["Output"] == "end":
            break
        phonemes.append(found["Output"])
        state = found["Last"]
    return phonemes[1:]


if __name__ == "__main__":
    arrays = checkpoint()
    nets = reader(arrays), writer(arrays)
    for word in sys.argv[1:] or ["network", "tensor", "gradient", "wolfram"]:
        print(f"{word:12} {' '.join(spoken(word, *nets))}")
