"""NetPairEmbeddingOperator: how far apart a net puts the two members of a pair."""

from collections.abc import Mapping
from typing import Annotated, Any

from wlnet.core.errors import NetError
from wlnet.core.fields import one_of
from wlnet.core.ports import Coder, PortType
from wlnet.core.slots import Slot, gives, words_of
from wlnet.core.solver import Solver
from wlnet.core.source import call
from wlnet.nets.container import coder_of
from wlnet.nets.mapping import as_rows, real_rows
from wlnet.nets.operator import NetField, Operator


class NetPairEmbeddingOperator(Operator):
    """Output = the distance between net(a) and net(b), of the pair Input = (a, b).

    `net` has one input and one output. Its output is one point, whatever its shape. EuclideanDistance is
    √Σ(u - v)², with slope 0 where u = v; CosineDistance is 1 - u·v / (|u|·|v|), and 1 where u or v is 0. `Input` says
    the type of one member, so that Input=(3, 5) makes pairs of the shape 2×3×5. NetTrain attaches a
    ContrastiveLossLayer: the target True is for pairs that should be far apart, False for those that should be near.

    >>> NetPairEmbeddingOperator("Tanh")([[0, 0], [0, 0]]).item()
    0.0
    >>> NetPairEmbeddingOperator(LinearLayer(2), Input=3).shapes
    {'Input': (2, 3), 'Output': ()}
    """

    net: NetField
    DistanceFunction: Annotated[str, one_of("EuclideanDistance", "CosineDistance")] = "EuclideanDistance"

    Input = Slot("in", words_of("2 *member"))
    Output = gives("")

    def check(self) -> None:
        self.only_port(self.net, "in")
        self.only_port(self.net, "out")

    # --- ports --------------------------------------------------------------------------------------------------------

    def _port_type(self, name: str, value: Any, slot: Slot) -> PortType:
        """The type of the port from that of a member; a PortType, as the operator prints and keeps it, is of pairs."""
        found = super()._port_type(name, value, slot)
        return found if name != "Input" or isinstance(value, PortType) else of_pairs(found)

    def __repr__(self) -> str:
        first, named = self.arguments()
        shown = {name: of_member(value) if name == "Input" else value for name, value in named.items()}
        return call(type(self).__name__, first, shown)

    def coder(self, port: str) -> Coder | None:
        """An encoder on the net's input is mapped over the pair."""
        own = super().coder(port)
        inner = coder_of(self.net, self.only_port(self.net, "in")) if port == "Input" and own is None else None
        return inner.over((2,)) if inner is not None else own

    def inner_end(self, port: str) -> tuple[str, str] | None:
        return ("Net", self.only_port(self.net, "in")) if port == "Input" else None

    # --- for the solver, and running ----------------------------------------------------------------------------------

    def relate(self, solver: Solver, path: tuple) -> None:
        place = ((*path, "Net"), self.only_port(self.net, "in"))
        self.relate_ports(solver, path, [("Input", self.slots["Input"], place, Slot("out", words_of("*member")))])
        solver.say(path, type(self).__name__, "Output", (), self.slots["Output"].of, "gives")

    def run(self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple) -> tuple[dict, dict]:
        """Both members of every pair are examples of one run of the net."""
        pairs = inputs["Input"]
        batch = pairs.shape[0]
        inside = xp.derive(real=real_rows(xp, batch, [2], 2), count=2 * xp.count)
        rows = {self.only_port(self.net, "in"): as_rows(xp, pairs, 1, [2])}
        outputs, following = self.run_net(inside, arrays, rows, path)
        points = xp.reshape(outputs[self.only_port(self.net, "out")], (batch, 2, -1))
        distance = euclidean if self.DistanceFunction == "EuclideanDistance" else cosine
        return {"Output": distance(xp, points[:, 0], points[:, 1])}, following


def of_pairs(of: PortType) -> PortType:
    """The type of pairs of what has that type."""
    if of.coder is not None:
        coder = of.coder.over((2,))
        if coder is None:
            text = "NetPairEmbeddingOperator: what the encoder of Input gives may vary, and a member of a pair may not"
            raise NetError(text, got=of.coder, hint="give the encoder a fixed size, or encode the data beforehand")
        return PortType(coder=coder)
    return of if of.dims is None else PortType((2, *of.dims), of.of)


def of_member(of: PortType) -> PortType:
    """The type of a member of pairs that have that type."""
    if of.coder is not None:
        return PortType(coder=of.coder.changed(Dimensions=of.coder.Dimensions[1:]))
    return of if of.dims is None else PortType(of.dims[1:], of.of)


def euclidean(xp: Any, u: Any, v: Any) -> Any:
    """√Σ(u - v)² along the last level; the slope at 0, where the root has none, is 0."""
    square = xp.sum((u - v) ** 2, -1)
    apart = square > 0
    return xp.where(apart, xp.sqrt(xp.where(apart, square, 1.0)), 0.0)


def cosine(xp: Any, u: Any, v: Any) -> Any:
    """1 - u·v / (|u|·|v|) along the last level, as half the square of what lies between the unit vectors: it is never
    below 0, and exact where they are near."""
    one, other = unit(xp, u), unit(xp, v)
    some = xp.logical_and(xp.sum(u * u, -1) > 0, xp.sum(v * v, -1) > 0)
    return xp.where(some, 0.5 * xp.sum((one - other) ** 2, -1), 1.0)


def unit(xp: Any, u: Any) -> Any:
    """u / |u| along the last level; 0 of 0."""
    square = xp.sum(u * u, -1)
    some = square > 0
    return u * xp.expand_dims(xp.where(some, 1 / xp.sqrt(xp.where(some, square, 1.0)), 0.0), -1)
