"""BasicRecurrentLayer, GatedRecurrentLayer and LongShortTermMemoryLayer."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator

from wlnet.core.declared import abstract
from wlnet.core.dims import Refusal
from wlnet.core.errors import nearest
from wlnet.core.fields import AutoSize, as_number
from wlnet.core.layer import Layer
from wlnet.core.slots import gives, learned, state, takes
from wlnet.core.symbols import Automatic

METHODS = ("VariationalWeights", "VariationalInput", "VariationalState", "StateUpdate")
"""The methods of the option Dropout; a bare probability is for the first."""


def _share(value: Any) -> float:
    number = as_number(value)
    if number is None or not 0 <= number <= 1:
        raise ValueError(
            'must be None, a probability from 0 to 1, or probabilities by method such as {"VariationalInput": 0.3}'
        )
    return number


def _dropout(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {method: _share(share) for method, share in value.items()}
    return None if value is None else _share(value)


@abstract
class RecurrentLayer(Layer):
    """What recurrent layers share: a state that a sequence of vectors changes step by step, arrays for each gate.

    In training Dropout sets numbers to 0 with a probability p and divides the others by 1 - p: "VariationalWeights"
    entries of the state weights, one choice for the batch; "VariationalInput" and "VariationalState" what each gate
    gets from the input and from the state, one choice for all steps of a sequence; "StateUpdate" what a step adds to
    the state, another choice at every step. A bare p means "VariationalWeights".
    """

    gates: ClassVar[tuple[str, ...]]
    states: ClassVar[tuple[str, ...]] = ("State",)
    kernel: ClassVar[str]

    n: AutoSize = Automatic
    Dropout: Annotated[Any, BeforeValidator(_dropout)] = None

    Input = takes("length size")
    Output = gives("length n")
    State = state("n")

    @classmethod
    def _wanted(cls) -> tuple[str, ...]:
        return (*[name for name, slot in cls.slots.items() if slot.kind != "out"], "length", "n")

    def check(self) -> None:
        for method in self.shares:
            if method not in METHODS:
                raise Refusal(f"Dropout has no method {method!r}", nearest(method, METHODS))

    @cached_property
    def shares(self) -> dict[str, float]:
        """The probability of each method of dropout that is used."""
        if isinstance(self.Dropout, dict):
            return self.Dropout
        return {} if self.Dropout is None else {METHODS[0]: self.Dropout}

    def apply(self, xp: Any, Input: Any, length: Any, n: int, **given: Any) -> Any:
        batch, count = Input.shape[:2]
        rows = len(self.gates) * n
        weights = self.stacked(xp, "StateWeights", given)
        chosen = self.mask(xp, "VariationalWeights", weights.shape)
        answers = getattr(xp, self.kernel)(
            Input,
            self.stacked(xp, "InputWeights", given),
            weights if chosen is None else weights * chosen,
            self.biases(xp, given, n),
            *[given[name] for name in self.states],
            length,
            self.mask(xp, "VariationalInput", (batch, rows)),
            self.mask(xp, "VariationalState", (batch, rows)),
            self.mask(xp, "StateUpdate", (batch, count, n)),
        )
        return dict(zip(("Output", *self.states), answers, strict=True))

    def mask(self, xp: Any, method: str, shape: tuple) -> Any:
        """0 with the method's probability p and else 1 / (1 - p); None where nothing is dropped."""
        p = self.shares.get(method)
        if not xp.training or not p:
            return None
        return xp.bernoulli(1 - p, shape) * (1 / (1 - p) if p < 1 else 0.0)

    def stacked(self, xp: Any, kind: str, given: Mapping[str, Any]) -> Any:
        """The arrays of all gates, one below the other."""
        arrays = [given[gate + kind] for gate in self.gates]
        return arrays[0] if len(arrays) == 1 else xp.concatenate(arrays, 0)

    def biases(self, xp: Any, given: Mapping[str, Any], n: int) -> Any:
        """The biases of all gates; zeros for those that have none, and None if no gate has any."""
        if all(given[f"{gate}Biases"] is None for gate in self.gates):
            return None
        wide = {f"{gate}Biases": given[f"{gate}Biases"] for gate in self.gates}
        return self.stacked(xp, "Biases", {k: xp.zeros((n,)) if v is None else v for k, v in wide.items()})


class BasicRecurrentLayer(RecurrentLayer):
    """s(t) = Tanh(InputWeights · x(t) + StateWeights · s(t - 1) + Biases): the states of a sequence of vectors.

    s(0) is zero, or comes by the port "State"; the same port gives the state after the last true step.

    >>> ones = [[1]]
    >>> BasicRecurrentLayer(1, InputWeights=ones, StateWeights=ones, Biases=[0])([[0.5], [0]]).tolist()
    [[0.46...], [0.43...]]
    >>> BasicRecurrentLayer(3, Input=("Varying", 2)).shapes["StateWeights"]
    (3, 3)
    """

    gates = ("",)
    kernel = "basic"

    InputWeights = learned("n size", optional=False)
    StateWeights = learned("n n", optional=False)
    Biases = learned("n", start=0.0)


class GatedRecurrentLayer(RecurrentLayer):
    """s = (1 - i) · m + i · s', with s' the state before and the gates, σ being LogisticSigmoid:

    i = σ(InputGateInputWeights · x + InputGateStateWeights · s' + InputGateBiases), r likewise of the ResetGate, and
    m = Tanh(MemoryGateInputWeights · x + r · (MemoryGateStateWeights · s') + MemoryGateBiases).

    s(0) is zero, or comes by the port "State"; the same port gives the state after the last true step. It is a variant
    of Chung et al. 2014: i is what is kept, and the reset gate stands behind the product.

    >>> weights = {f"{gate}Gate{kind}": [[0]] for gate in ("Input", "Reset", "Memory")
    ...            for kind in ("InputWeights", "StateWeights")}
    >>> GatedRecurrentLayer(1, MemoryGateBiases=[100], InputGateBiases=None, ResetGateBiases=None, **weights)(
    ...     [[0], [0]]).tolist()
    [[0.5], [0.75]]
    """

    gates = ("InputGate", "ResetGate", "MemoryGate")
    kernel = "gated"

    InputGateInputWeights = learned("n size", optional=False)
    InputGateStateWeights = learned("n n", optional=False)
    InputGateBiases = learned("n", start=0.0)
    ResetGateInputWeights = learned("n size", optional=False)
    ResetGateStateWeights = learned("n n", optional=False)
    ResetGateBiases = learned("n", start=0.0)
    MemoryGateInputWeights = learned("n size", optional=False)
    MemoryGateStateWeights = learned("n n", optional=False)
    MemoryGateBiases = learned("n", start=0.0)


class LongShortTermMemoryLayer(RecurrentLayer):
    """c = f · c' + i · m and s = o · Tanh(c), with s', c' the states before and the gates, σ being LogisticSigmoid:

    i = σ(InputGateInputWeights · x + InputGateStateWeights · s' + InputGateBiases), o and f likewise of the OutputGate
    and the ForgetGate, and m = Tanh(MemoryGateInputWeights · x + MemoryGateStateWeights · s' + MemoryGateBiases).

    The output is s. s(0) and c(0) are zero, or come by the ports "State" and "CellState", which also give both after
    the last true step (Hochreiter & Schmidhuber 1997).

    >>> LongShortTermMemoryLayer(5, Input=("Varying", 3)).shapes["ForgetGateInputWeights"]
    (5, 3)
    """

    gates = ("InputGate", "ForgetGate", "OutputGate", "MemoryGate")
    states = ("State", "CellState")
    kernel = "lstm"

    CellState = state("n")
    InputGateInputWeights = learned("n size", optional=False)
    InputGateStateWeights = learned("n n", optional=False)
    InputGateBiases = learned("n", start=0.0)
    OutputGateInputWeights = learned("n size", optional=False)
    OutputGateStateWeights = learned("n n", optional=False)
    OutputGateBiases = learned("n", start=0.0)
    ForgetGateInputWeights = learned("n size", optional=False)
    ForgetGateStateWeights = learned("n n", optional=False)
    ForgetGateBiases = learned("n", start=0.0)
    MemoryGateInputWeights = learned("n size", optional=False)
    MemoryGateStateWeights = learned("n n", optional=False)
    MemoryGateBiases = learned("n", start=0.0)
