"""FunctionLayer: a Python function of arrays as a layer, by the net that it is."""

import sys
from collections.abc import Mapping
from inspect import Parameter, Signature
from typing import Any, ClassVar

from wlnet.core.dims import Refusal
from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.core.layer import Layer
from wlnet.core.ports import Coder
from wlnet.core.refuse import brief
from wlnet.core.slots import Slot
from wlnet.core.solver import Solver
from wlnet.core.symbols import Automatic
from wlnet.core.tracing import function_named
from wlnet.nets.container import coder_of
from wlnet.nets.cutting import is_function, recorded_function
from wlnet.nets.graph import NetGraph
from wlnet.nets.operator import Operator


class Origin:
    """The function that a net was recorded from. It is not compared; saving keeps it only where it can be imported."""

    __slots__ = ("spec",)

    def __init__(self, spec: Any = None):
        self.spec = spec

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Origin)

    def __hash__(self) -> int:
        return hash(Origin)

    def __reduce__(self) -> Any:
        found: Any = sys.modules.get(getattr(self.spec, "__module__", None) or "")
        for name in getattr(self.spec, "__qualname__", "<unnamed>").split("."):
            found = getattr(found, name, None)
        return Origin, (self.spec,) if found is self.spec else ()


ANY_PORTS = {"Input": Automatic, "Output": Automatic}
"""The ports that it has if the function does not say others."""


class FunctionLayer(Operator):
    """Output = f(Input), for a Python function of arrays that is recorded and becomes a net.

    `f` is ordinary Python and NumPy code for one example: operators, `@`, NumPy's functions and methods, indices and
    slices, which count from 0, loops over sizes that are known, and nets that are called. One parameter is the port
    Input, several are ports of their names, and those with a default are constants. What it gives is Output; a tuple is
    Output1, Output2, …, and a dict names its ports. A NetArray is trained, an array of numbers is not.

    The layer holds the net: NetExtract(layer, "Net") and NetGraph(layer) give it, NetExtract(layer, "Function") the
    function, as long as it has not been saved. Shapes of ports that are given are known to `f`, as x.shape say.

    >>> FunctionLayer(lambda x: 2 * np.abs(x) + x[1:3].sum(), Input=3)([0, 1, 2]).tolist()
    [3.0, 5.0, 7.0]
    >>> FunctionLayer(lambda query, key: (query @ key.T).max(-1), query=(2, 3), key=(5, 3)).shapes["Output"]
    (2,)
    """

    runs_once: ClassVar[bool] = True

    net: Any
    Function: Any = Origin()

    def __init__(self, *given: Any, **options: Any):
        function: Any = given[0] if given else options.pop("net", None)
        for name in [name for name in ("net", "Function") if name in options]:
            raise NetError(f"FunctionLayer: {name} is not an option", got=name, hint="the function comes first")
        if len(given) > 1 or function is None:
            hint = "write FunctionLayer(lambda x: np.tanh(x) + 1)"
            raise NetError(f"FunctionLayer takes one function, got {len(given)} arguments", got=len(given), hint=hint)
        if isinstance(function, str):
            function = HEADS[as_head(function)]
        if isinstance(function, Layer):
            super().__init__(net=NetGraph(function), **options)
        elif is_function(function):
            net = NetGraph(*recorded_function(function, options, "FunctionLayer"))
            super().__init__(net=net, Function=Origin(function), **options)
        else:
            remedy = f"write {brief(function)}()" if isinstance(function, type) else None
            raise NetError(
                f"FunctionLayer takes a function of arrays, got {brief(function)}", got=function, hint=remedy
            )

    @classmethod
    def options(cls) -> dict[str, Any]:
        return {name: value for name, value in super().options().items() if name != "Function"} | ANY_PORTS

    @classmethod
    def _signature(cls) -> Signature:
        function = Parameter("function", Parameter.POSITIONAL_ONLY)
        named = [Parameter(name, Parameter.KEYWORD_ONLY, default=value) for name, value in cls.options().items()]
        return Signature([function, *named, Parameter("ports", Parameter.VAR_KEYWORD)])

    def ports(self) -> dict[str, Slot]:
        return self.net.ports()

    def relate(self, solver: Solver, path: tuple) -> None:
        for port in self.ports():
            solver.tie(solver.var(path, port), solver.var((*path, "Net"), port))

    def run(self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple) -> tuple[dict, dict]:
        outputs, following = self.run_net(xp, arrays, inputs, path)
        return outputs if xp.seen is None else xp.seen((*path, "Net"), outputs), following

    def as_graph(self) -> NetGraph:
        """The net, with what is given of the ports."""
        return NetGraph(self.net, **self.given) if self.given else self.net

    def coder(self, port: str) -> Coder | None:
        """The coder of one of its ports: its own, or that of the net's."""
        return super().coder(port) or coder_of(self.net, port)

    def inner_end(self, port: str) -> tuple[str, str]:
        return "Net", port


def as_head(name: str) -> str:
    """The head that a text names."""
    try:
        return function_named(name)
    except Refusal as refused:
        raise NetError(f"FunctionLayer: {name!r} {refused}", got=name, hint=refused.hint) from None
