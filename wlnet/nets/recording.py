"""Nets that are called while a function is recorded, and the shapes that are known meanwhile."""

from collections.abc import Mapping
from typing import Any

from wlnet.core.dims import Refusal, Unknown
from wlnet.core.errors import NetError, nearest
from wlnet.core.heads import Head
from wlnet.core.layer import Layer
from wlnet.core.plan import Plan
from wlnet.core.ports import Shape, shape_text
from wlnet.core.records import Call, Constant, Result
from wlnet.core.refuse import brief
from wlnet.core.registry import provides
from wlnet.core.solver import Solver
from wlnet.core.symbolic import Operand, operands
from wlnet.core.symbolic_arrays import SymbolicArray, array
from wlnet.core.symbols import All, NetPort
from wlnet.nets.container import Container, ports_of_kind
from wlnet.nets.operator import Operator


def applied(layer: Layer, *arrays: Any) -> SymbolicArray:
    """The output of a layer with one, applied to its inputs in order."""
    inputs = tuple(map(array, arrays))
    if hasattr(layer, "with_inputs") and not layer.inputs:
        layer = layer.with_inputs(len(inputs))
    call = Call(layer, tuple(ports_of_kind(layer, "in")))
    return SymbolicArray(Result(call, (ports_of_kind(layer, "out")[0],)), inputs)


@provides("record call")
def record_call(net: Layer, data: tuple, options: Mapping[str, Any]) -> Any:
    """The outputs of a net as symbolic values: net(x), net(a, b), net({"A": a}), net(A=a, B=b), net(x, "port").

    Values by position go to the input ports of a layer in order; those by name to inputs and states of any net. What
    stands last may say which outputs are wanted, as in an evaluation; a net of several outputs gives a dict of them.
    """
    label = type(net).__name__
    data, wanted = _split(data)
    given = _by_port(net, data, options)
    if hasattr(net, "with_inputs") and not net.inputs:
        try:
            named = list(given) != [f"Input{k}" for k in range(1, len(given) + 1)]
            net = net.changed(InputPorts=list(given)) if named else net.with_inputs(len(given))
        except ValueError as error:
            raise NetError(f"{label} {error}", got=len(given)) from None
    known = [*ports_of_kind(net, "in"), *ports_of_kind(net, "state")]
    for name in given:
        if name not in known:
            raise NetError(f"{label} has no input port {name!r}", got=name, hint=nearest(name, known))
    missing = [port for port in ports_of_kind(net, "in") if port not in given]
    if missing:
        raise NetError(f"{label} is called without a value for {' and '.join(missing)}", expected=known)
    call = Call(net, tuple(port for port in known if port in given))
    return _answer(call, tuple(array(given[port]) for port in call.ports), wanted)


def _split(data: tuple) -> tuple[tuple, Any]:
    """The values of a call, and what it says of the outputs that it wants."""
    last = data[-1] if data else None
    several = isinstance(last, (list, tuple)) and last and all(isinstance(each, (str, NetPort)) for each in last)
    if isinstance(last, (str, NetPort)) or last is All or several:
        return data[:-1], last
    return data, None


def _by_port(net: Layer, data: tuple, options: Mapping[str, Any]) -> dict[str, Any]:
    """What goes to which port."""
    label = type(net).__name__
    inputs, is_open = ports_of_kind(net, "in"), hasattr(net, "with_inputs") and not net.inputs
    for name in options:
        if name not in net.ports() and not is_open:
            hint = "inside a recorded function names are ports; options of an evaluation are given to the whole net"
            raise NetError(f"{label} has no port {name}", got=name, hint=hint)
    if len(data) == 1 and isinstance(data[0], Mapping):
        return {**data[0], **options}
    if len(data) == 1 and isinstance(data[0], (list, tuple)) and hasattr(net, "with_inputs"):
        data = tuple(data[0])
    if len(data) == 1 and len(inputs) == 1 and isinstance(data[0], (list, tuple)) and operands(data[0]):
        hint = "call it once for each, or write NetMapOperator(net)(np.stack([a, b]))"
        raise NetError(f"{label} takes one array, not a list of recorded values", got=len(data[0]), hint=hint)
    if is_open:
        return {**{f"Input{k}": value for k, value in enumerate(data, start=1)}, **options}
    if len(data) > 1 and isinstance(net, (Container, Operator)) and len(inputs) > 1:
        names = ", ".join(f"{port}=…" for port in inputs)
        hint = f"write net({names}), or net({{port: value}})"
        raise NetError(
            f"{label} has {len(inputs)} input ports: say which value goes to which", got=len(data), hint=hint
        )
    if len(data) > len(inputs):
        said = (
            f"{len(inputs)} input port{'s' * (len(inputs) != 1)} ({', '.join(inputs)})" if inputs else "no input port"
        )
        raise NetError(f"{label} has {said}, but is called with {len(data)} values", got=len(data))
    return {**dict(zip(inputs, data, strict=False)), **options}


def _answer(call: Call, inputs: tuple, wanted: Any) -> Any:
    """The outputs that a call wants: one, or a dict of several."""
    names = ports_of_kind(call.net, "out")
    if wanted is None and len(names) == 1:
        return SymbolicArray(Result(call, (names[0],)), inputs)
    if wanted is None or wanted is All:
        return {name: SymbolicArray(Result(call, (name,)), inputs) for name in names}
    if isinstance(wanted, (list, tuple)):
        return {part: SymbolicArray(Result(call, _place(call.net, part)), inputs) for part in wanted}
    return SymbolicArray(Result(call, _place(call.net, wanted)), inputs)


def _place(net: Layer, part: Any) -> tuple:
    """The path to an output that a port name or a NetPort means; a layer means its only output."""
    keys = part.spec if isinstance(part, NetPort) else (part,)
    inner: Layer = net
    for at, key in enumerate(keys):
        readable = [port for port, slot in inner.ports().items() if slot.kind in ("out", "aside", "state")]
        if at == len(keys) - 1 and key in readable:
            return keys
        if not isinstance(inner, Container) or (isinstance(key, str) and key not in inner.layers):
            hint = nearest(key, readable)
            raise NetError(f"{type(inner).__name__} has no output port {brief(key)}", got=part, hint=hint)
        inner = inner.at(key)
    outputs = ports_of_kind(inner, "out")
    if len(outputs) != 1:
        raise NetError(
            f"{type(inner).__name__} has {len(outputs)} outputs: say which", got=part, hint=", ".join(outputs)
        )
    return (*keys, outputs[0])


# --- shapes while a function is recorded ------------------------------------------------------------------------------


@provides("recorded shape")
def shape_of(value: SymbolicArray) -> Shape:
    """What is known of the shape of a recorded array: from the shapes of what it reads, never from what reads it."""
    stack = [value]
    while stack:
        last = stack[-1]
        waiting = [each for each in operands(last.inputs) if not _is_found(each)] if not _is_found(last) else []
        if waiting:
            stack.extend(waiting)  # type: ignore[arg-type]
            continue
        stack.pop()
        if not _is_found(last):
            last.found = _found(last)
    return value.found


def _is_found(value: Operand) -> bool:
    return not isinstance(value, SymbolicArray) or isinstance(value.found, tuple) or value.found is None


def _found(value: SymbolicArray) -> Shape:
    if isinstance(value.head, Result):
        return _solved(value.head.call, value.inputs).shape(value.head.place[:-1], value.head.place[-1])
    if isinstance(value.head, Head):
        return aligned([each.found for each in operands(value.inputs) if isinstance(each, SymbolicArray)])
    return value.head.shape if not isinstance(value.head, (str, Constant)) else None  # of a NetArray


def _solved(call: Call, inputs: tuple) -> Plan:
    """The shapes in a net that is applied to inputs of these shapes."""
    if call.plan is None:
        label, solver = type(call.net).__name__, Solver()
        try:
            call.net.wire(solver, ())
            for port, each in zip(call.ports, inputs, strict=True):
                solver.say((), label, port, each.found)
            call.plan = solver.solve()
        except Refusal as refused:
            raise NetError(f"{label}: {refused}", hint=refused.hint) from None
    return call.plan


def aligned(shapes: list[Shape]) -> Shape:
    """The shape of the elementwise combination of arrays, aligned from the last level as NumPy does."""
    if any(shape is None for shape in shapes):
        return None
    known: list[tuple] = [shape for shape in shapes if shape is not None]
    rank = max(map(len, known))
    result: list[Any] = [1] * rank
    for shape in known:
        for at, dim in enumerate(shape, start=rank - len(shape)):
            if isinstance(result[at], int) and result[at] == 1:
                result[at] = dim
            elif isinstance(dim, int) and dim != 1 and result[at] != dim:
                if isinstance(result[at], int):
                    texts = " and ".join(map(shape_text, known))
                    raise NetError(f"arrays of shapes {texts} do not go together element by element", got=known)
                result[at] = dim if result[at] is Unknown else result[at]
    return tuple(result)
