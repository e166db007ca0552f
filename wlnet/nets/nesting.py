"""NetNestOperator: a net applied to its own output, again and again."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wlnet.core.fields import Size
from wlnet.core.ports import Coder
from wlnet.core.slots import gives, takes
from wlnet.core.solver import Solver
from wlnet.core.types import Same
from wlnet.nets.container import coder_of
from wlnet.nets.operator import NetField, Operator, facing


class NetNestOperator(Operator):
    """Output = net(net(… net(Input))), n times; all times share the arrays, and their gradients add.

    `net` has one input and one output of one shape. What is drawn differs from time to time; statistics that training
    moves go on from one time to the next; a recurrent layer inside starts from zero each time.

    >>> NetNestOperator(LinearLayer(1, Weights=[[2]], Biases=[1]), 3)([1]).tolist()
    [15.0]
    """

    net: NetField
    n: Size

    Input = takes("*shape", of=Same())
    Output = gives("*shape", of=Same())

    def check(self) -> None:
        self.only_port(self.net, "in")
        self.only_port(self.net, "out")

    def inner(self, port: str) -> str:
        """What the net calls a port."""
        return self.only_port(self.net, "in" if port == "Input" else "out")

    def relate(self, solver: Solver, path: tuple) -> None:
        node = solver.relate(path, type(self).__name__, self.ports(), [], {})
        for port, slot in self.ports().items():
            place = ((*path, "Net"), self.inner(port))
            solver.link(node, self.inner_name(place), replace(facing(slot), of=Same()), solver.var(*place))

    def run(self, xp: Any, arrays: Mapping[tuple, Any], inputs: Mapping[str, Any], path: tuple) -> tuple[dict, dict]:
        moved: dict[tuple, Any] = {}
        value = inputs["Input"]
        for turn in range(self.n):
            again = xp.derive(turns=(*xp.turns, turn))
            outputs, following = self.run_net(again, {**arrays, **moved}, {self.inner("Input"): value}, path)
            value, moved = outputs[self.inner("Output")], {**moved, **following}
        return {"Output": value}, moved

    def coder(self, port: str) -> Coder | None:
        own = super().coder(port)
        return coder_of(self.net, self.inner(port)) if own is None else own

    def inner_end(self, port: str) -> tuple[str, str]:
        return "Net", self.inner(port)
