"""The solver: what is forced about every shape of a net, found before anything runs.

An edge is one variable (`Var`), a layer is one relation (`Node`): words over variables, and rules for the words.
A worklist asks a relation again when a variable of it changed. Nothing is guessed and nothing is run, so the cost is
linear in the net. The solver alone refuses a dimension below 1, a length below level 1, and an array that would vary.
"""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from wlnet.core import clashes
from wlnet.core.clashes import Clash
from wlnet.core.dims import NotYet, Refusal, Unknown
from wlnet.core.equal_lengths import EqualLengths
from wlnet.core.errors import NetError
from wlnet.core.plan import Plan
from wlnet.core.ports import Ending
from wlnet.core.relations import Node, Var, find
from wlnet.core.sizes import demanded
from wlnet.core.slots import Slot
from wlnet.core.type_rules import VERBS, TypeRules


@contextmanager
def uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: solving makes no circles that stay, and a collector that walks all that it has
    made so far, again and again, makes 4,000 layers cost 6 times what 1,000 cost, instead of 4."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class Solver(TypeRules):
    """Collects relations (`relate`), settings (`say`) and edges (`tie`); then `solve()` gives the Plan."""

    def __init__(self, falls_back: bool = True) -> None:
        super().__init__()
        self.falls_back, self.fell_back = falls_back, False
        self.vars: dict[tuple, Var] = {}
        self.nodes: list[Node] = []
        self.lengths = EqualLengths()
        self.least: dict[tuple, None] = {}  # (path, label, length, number, what): lengths that may be too short
        self.shared: dict[str, list] = {}  # of each NetArray: where it stands, and what stands there

    # --- what a net states about itself -------------------------------------------------------------------------

    def var(self, path: tuple, port: str) -> Var:
        """The variable of a port or array."""
        found = self.vars.get((path, port))
        if found is None:
            found = self.vars[path, port] = Var((path, port))
        return found

    def relate(
        self, path: tuple, label: str, slots: dict[str, Slot], rules: list, words: dict, fallbacks: list | None = None
    ) -> Node:
        """States one relation between the ports and arrays at a path."""
        node = Node(path, label, rules, words, fallbacks or [])
        for name, slot in slots.items():
            self.link(node, name, slot, self.var(path, name))
        self.nodes.append(node)
        self.queue.append(node)
        return node

    def link(self, node: Node, name: str, slot: Slot, var: Var) -> None:
        """Adds one port to a relation; an operator relates ports of other places too."""
        var = find(var)
        node.ports.append((name, slot, var))
        node.stars.update([word for star, word in slot.words if star])
        var.users.append(node)

    def say(self, path: tuple, label: str, port: str, shape: Any, of: Any = None, verb: str = "is given") -> None:
        """States what the user, or the data, said of a port or array: a shape, or an Ending."""
        var, by = find(self.var(path, port)), (path, label, port, verb)
        if isinstance(shape, Ending):
            node = Node(path, shape.label, [], {}, [])
            self.link(node, port, Slot("in", ((True, "levels"), (False, shape.size))), var)
            self.nodes.append(node)
            self.queue.append(node)
        elif shape is not None:
            self.learn_shape(var, shape, by)
        if of is not None:
            self.learn_type(var, of, by)

    def tie(self, one: Var, other: Var) -> None:
        """States that two ports are the ends of one edge."""
        a, b = find(one), find(other)
        if a is b:
            return
        if len(a.users) < len(b.users):
            a, b = b, a
        if b.shape is not None:
            self.learn_shape(a, b.shape, b.by)
        if b.type is not None:
            self.learn_type(a, b.type, b.type_by)
        a.users.extend(b.users)
        b.into, b.users = a, []
        self.wake(a)

    def share(self, path: tuple, label: str, name: str, array: Any) -> None:
        """States that an array is the NetArray of its name: all places of the name are one variable."""
        place = self.var(path, name)
        if array.shape is not None:
            self.say(path, label, name, array.shape)
        self.tie(self.var(array.array_key[:-1], array.name), place)
        self.shared.setdefault(array.name, []).append(((*path, name), array))

    # --- solving --------------------------------------------------------------------------------------------------

    def solve(self) -> Plan:
        """Runs the worklist until nothing changes, refuses what may not be, and gives the Plan."""
        self.settle()
        for node in self.nodes:
            if self.falls_back and node.fallbacks and self.fall_back(node):
                self.settle()
        clashes.refuse_impossible(self.nodes)
        shapes = {key: find(var).shape for key, var in self.vars.items()}
        types = {key: find(var).type for key, var in self.vars.items()}
        checks = self.lengths.open_pairs()
        least = tuple({(path, label, self.lengths.now(a), *rest): None for path, label, a, *rest in self.least})
        plan = Plan(shapes, types, {node.path: node.words for node in self.nodes}, checks, least)
        self.let_go()
        return plan

    def let_go(self) -> None:
        """Unties variables and relations, which know each other: what is no circle needs no garbage collector, whose
        work would make long nets cost more than in proportion."""
        for var in self.vars.values():
            var.users = []
        for node in self.nodes:
            node.ports = []

    def settle(self) -> None:
        """Runs the worklist, and again for lengths that became one, until nothing changes."""
        self.run_queue()
        while self.rename():
            self.run_queue()

    def fall_back(self, node: Node) -> bool:
        """Gives words that nothing forced what the layer takes them for; True if there was one."""
        before, self.fell_back = node.version, True
        for word, rule, parameters in node.fallbacks:
            if word not in node.words and node.can_ask(parameters):
                self.learn_word(node, word, rule(*(node.words.get(name, Unknown) for name in parameters)), "")
        if node.version != before:
            self.requeue(node)
        return node.version != before

    def run_queue(self) -> None:
        while self.queue:
            node = self.queue.popleft()
            node.queued = False
            self.step(node)

    def step(self, node: Node) -> None:
        """Asks one relation until it says nothing new."""
        before = -1
        while before != node.version:
            before = node.version
            for name, slot, var in node.ports:
                self.match(node, name, slot, find(var))
            for number, (word, rule, parameters) in enumerate(node.rules):
                if node.can_ask(parameters):
                    self.ask(node, number, word, rule, parameters)

    def match(self, node: Node, name: str, slot: Slot, var: Var) -> None:
        """Makes a port's variable and the layer's words say the same."""
        shape = node.shape_of(slot)
        if var.shape is not None and var.shape != shape:
            expected = node.text_of(slot)
            try:
                self.spread(node, name, slot, var.shape)
            except Clash:
                raise clashes.disagreement(node, name, slot, var, expected) from None
            shape = node.shape_of(slot)
        if shape is not None and shape != var.shape:
            self.learn_shape(var, shape, (node.path, node.label, name, VERBS.get(slot.kind, "has")), node)
        if slot.of is not None:
            self.match_type(node, name, slot, var)

    def spread(self, node: Node, name: str, slot: Slot, shape: tuple) -> None:
        """Reads the layer's words off the shape of one of its ports."""
        starred = any(star for star, _ in slot.words)
        more = len(shape) - len(slot.words) + starred
        if more < 0 or (more and not starred):
            raise Clash
        at = 0
        for star, word in slot.words:
            if star:
                self.learn_word(node, word, shape[at : at + more], name)
            elif isinstance(word, int):
                self.lengths.meet(word, shape[at])
            else:
                self.learn_word(node, word, shape[at], name)
            at += more if star else 1

    def ask(self, node: Node, number: int, word: str, rule: Callable, parameters: tuple) -> None:
        """Asks one rule, if what it reads has changed since."""
        values = tuple([node.words.get(name, Unknown) for name in parameters])
        if node.asked.get(number) == values:
            return
        node.asked[number] = values
        value: Any = None
        try:
            value, demands = demanded(rule, values)
            for a, b, what in demands:
                self.demand(node, a, b, what)
            if value is not None:
                self.learn_word(node, word, value, "")
        except NotYet:
            return
        except Refusal as refusal:
            message = f"{node.label}: {refusal}{clashes.sources(node)}"
            raise NetError(message, path=node.path, hint=refusal.hint) from None
        except Clash:
            raise clashes.rule_clash(node, word, value) from None

    def demand(self, node: Node, a: Any, b: Any, what: str) -> None:
        """Makes two lengths one, or keeps for the data that a length is at least a number."""
        if isinstance(b, int):
            self.least[node.path, node.label, a, b, what] = None
            return
        try:
            self.lengths.meet(a, b)
        except Clash:
            raise Refusal(f"{what} {a} and {b} must be equal") from None

    def learn_word(self, node: Node, word: str, value: Any, by: str) -> None:
        """Joins what is known of a word with what a port or rule says."""
        old = node.words.get(word, Unknown)
        if old is Unknown:
            if value is not Unknown:
                node.learned(word, value, by)
        elif old != value:
            met = self.lengths.meet_shapes(old, value) if isinstance(value, tuple) else self.lengths.meet(old, value)
            if met != old:
                node.learned(word, met, by)

    def learn_shape(self, var: Var, shape: tuple, by: tuple | None, teller: Node | None = None) -> None:
        """Joins what is known of an edge with what a layer or the user says."""
        if var.shape is None:
            var.shape, var.by = shape, by
        else:
            try:
                met = self.lengths.meet_shapes(var.shape, shape)
            except Clash:
                raise clashes.clash_of(var.by, var.shape, by, shape) from None
            if met == var.shape:
                return
            if Unknown in var.shape:
                var.by = by
            var.shape = met
        self.wake(var, teller)

    # --- lengths that became one ------------------------------------------------------------------------------------

    def rename(self) -> bool:
        """Writes back in one go every name that gave way; True if a relation has to be asked again."""
        if not self.lengths.same:
            return False
        renamed = False
        for var in self.vars.values():
            if var.into is None and var.shape is not None:
                var.shape = tuple([self.lengths.now(dim) for dim in var.shape])
        for node in self.nodes:
            fresh = {word: self.lengths.now_all(value) for word, value in node.words.items()}
            if fresh != node.words:
                node.words, renamed = fresh, True
                node.asked.clear()
                self.requeue(node)
        self.lengths.renew()
        return renamed
