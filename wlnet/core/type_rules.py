"""How element types pass along edges: what the values of a connection are, said by layers, coders and users.

The worklist stands here because both what is learned of shapes and what is learned of types adds to it.
"""

from collections import deque
from typing import Any

from wlnet.core import clashes
from wlnet.core.dims import Unknown
from wlnet.core.relations import Node, Var
from wlnet.core.slots import Slot
from wlnet.core.types import Integer, Same, TypeClash, meet_types

VERBS = {"in": "takes", "out": "gives", "aside": "gives"}


class Worklist:
    """The relations that have to be asked again, each once."""

    def __init__(self) -> None:
        self.queue: deque[Node] = deque()

    def wake(self, var: Var, teller: Node | None = None) -> None:
        """Asks again what reads a variable, but not who changed it."""
        for node in var.users:
            if node is not teller:
                self.requeue(node)

    def requeue(self, node: Node) -> None:
        """Puts a relation on the list, unless it stands there."""
        if not node.queued:
            node.queued = True
            self.queue.append(node)


class TypeRules(Worklist):
    """The part of the solver that is about values."""

    def match_type(self, node: Node, name: str, slot: Slot, var: Var) -> None:
        """Makes an edge's values and what the layer says of them the same."""
        of, by = slot.of, (node.path, node.label, name, VERBS.get(slot.kind, "has"))
        if isinstance(of, Same):
            met = self.join_types(node.types, var.type, by, var.type_by or by)
            if met != node.types:
                node.types = met
                self.requeue(node)
            of = met
        elif isinstance(of, Integer) and isinstance(of.high, str):
            if isinstance(var.type, Integer) and isinstance(var.type.high, int):
                old = node.words.get(of.high, Unknown)
                if old is Unknown:
                    node.learned(of.high, var.type.high, name)
                elif old != var.type.high:
                    raise clashes.class_clash(node, name, old, var)
            of = Integer(node.words.get(of.high, Unknown), of.low)
        if of is not None and of != var.type:
            self.learn_type(var, of, by, node)

    def learn_type(self, var: Var, of: Any, by: tuple | None, teller: Node | None = None) -> None:
        met = self.join_types(var.type, of, var.type_by, by)
        if met != var.type:
            var.type, var.type_by = met, by
            self.wake(var, teller)

    def join_types(self, a: Any, b: Any, a_by: tuple | None, b_by: tuple | None) -> Any:
        try:
            return meet_types(a, b)
        except TypeClash:
            raise clashes.type_clash(a, a_by, b, b_by) from None
