"""Autograd's tape started with many roots, and with our own gradients where autograd's are wrong, wide or slow.

Every array of the gradient is its own root, so that no container is ever traced (a traced dictionary costs 5 µs an
array). `Node` is autograd's node that asks `RULES` first: our gradients hold on our own tapes only, and autograd stays
as it is for everybody else in the process. This is the only file that uses what autograd does not advertise.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from threading import local
from typing import Any

import autograd.numpy.numpy_wrapper as anp  # autograd.numpy itself hides the names with an underscore
import numpy as np
from autograd.core import VJPNode, add_outgrads, primitive_vjps
from autograd.numpy.numpy_boxes import ArrayBox
from autograd.tracer import Box, box_types, getval, isbox, new_box, notrace_primitives, primitive, toposort

Array = Any
# (wanted argument numbers, result, arguments, keywords) -> gradient -> one gradient for each wanted argument
Rule = Callable[[tuple[int, ...], Any, tuple[Any, ...], dict[str, Any]], Callable[[Any], Iterable[Any]]]

RULES: dict[Callable[..., Any], Rule] = {}


class Node(VJPNode):
    """One call on the tape."""

    __slots__ = ("parents", "vjp")

    def __init__(self, value: Any, function: Any, arguments: Any, keywords: Any, wanted: Any, parents: Any) -> None:
        rule = RULES.get(function) or primitive_vjps.get(function)
        if rule is None:
            raise NotImplementedError(f"{getattr(function, '__name__', function)} has no gradient on the NumPy backend")
        self.parents = parents
        self.vjp = rule(wanted, value, arguments, keywords)


notrace_primitives[Node] = notrace_primitives[VJPNode]

# Tapes nest, and autograd tells them apart by a number; its own counter is neither safe under threads nor put back when
# an error passes. Ours is one a thread, and starts above any number that autograd itself reaches.
OUTERMOST = 1 << 32
depth = local()


def value_and_gradient(
    function: Callable[..., tuple[Any, Any]], leaves: dict[Hashable, Array], *arguments: Any
) -> tuple[Any, Any, dict[Any, Array]]:
    """The value of `function(leaves, *arguments) -> (scalar, aux)`, its aux, and its gradient for every leaf.

    The gradients have the shapes and types of the leaves, and are zero where the scalar does not depend on a leaf.

    >>> value_and_gradient(lambda leaf: (leaf["x"] ** 2 * 3.0, {"seen": leaf["x"]}), {"x": np.array(5.0)})
    (np.float64(75.0), {'seen': array(5.)}, {'x': array(30.)})
    """
    trace = depth.number = getattr(depth, "number", OUTERMOST) + 1
    try:
        roots = {key: Node.new_root() for key in leaves}
        scalar, aux = function({key: boxed(leaf, trace, roots[key]) for key, leaf in leaves.items()}, *arguments)
    finally:
        depth.number = trace - 1
    found = sweep(scalar, roots) if isbox(scalar) and scalar._trace == trace else {}
    return (
        unboxed(scalar, trace),
        unboxed(aux, trace),
        {key: like(found.get(key), leaf) for key, leaf in leaves.items()},
    )


def sweep(end: Any, roots: dict[Hashable, Node]) -> dict[Hashable, Array]:
    """The gradient of a boxed scalar for the roots it depends on: autograd's backward pass, with many roots."""
    if np.ndim(end._value):
        raise ValueError(f"only a single number has a gradient here, not an array of shape {np.shape(end._value)}")
    key_of = {root: key for key, root in roots.items()}
    found, pending = {}, {end._node: (np.array(1, end._value.dtype), False)}
    with np.errstate(all="ignore"):  # an infinite slope is an answer, and a warning from in here would help nobody
        for node in toposort(end._node):
            gradient = pending.pop(node)[0]
            if node in key_of:
                found[key_of[node]] = gradient
                continue
            for parent, part in zip(node.parents, node.vjp(gradient), strict=True):
                pending[parent] = add_outgrads(pending.get(parent), part)
    return found


def like(gradient: Array | None, leaf: Array) -> Array:
    """A gradient as an array of the leaf's shape and type."""
    if gradient is None:
        return np.zeros_like(leaf)
    if type(gradient) is np.ndarray and gradient.dtype == leaf.dtype and gradient.flags.c_contiguous:
        return gradient if gradient.shape == leaf.shape else gradient.reshape(leaf.shape)
    return np.ascontiguousarray(gradient, np.result_type(leaf)).reshape(np.shape(leaf))


def unboxed(tree: Any, trace: int) -> Any:
    """The tree with the values of this tape's boxes in their places."""
    if isbox(tree):
        return tree._value if tree._trace == trace else tree
    if isinstance(tree, dict):
        return {key: unboxed(value, trace) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(unboxed(value, trace) for value in tree)
    return tree


def traced(arguments: Iterable[Any]) -> bool:
    """Whether any of the arguments stands on a tape."""
    return any(type(argument) in box_types for argument in arguments)


def recorded(on_tape: Callable[..., Any], on_arrays: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """An autograd primitive, which goes onto a tape of ours by a shorter way: a third of the time of small nets.

    Where tapes nest, and on tapes of autograd's own, it is the primitive itself. `on_arrays` is what is called where
    nothing stands on a tape; without it that is the primitive's function.
    """
    plain = on_tape.fun  # type: ignore[attr-defined]
    untaped = on_arrays or plain

    def call(*arguments: Any, **named: Any) -> Any:
        wanted = tuple([k for k, each in enumerate(arguments) if type(each) in box_types])
        if not wanted:
            return untaped(*arguments, **named)
        trace, values, parents = arguments[wanted[0]]._trace, list(arguments), []
        for k in wanted:
            box = arguments[k]
            values[k] = box._value
            if box._trace != trace or trace < OUTERMOST or type(box._value) in box_types:
                return on_tape(*arguments, **named)
            parents.append(box._node)
        result = plain(*values, **named)
        return boxed(result, trace, Node(result, on_tape, values, named, wanted, parents))

    return call


class Boxed(ArrayBox):
    """An array on a tape of ours: autograd's box, whose attributes and operators take the shorter way."""

    __slots__ = ()

    shape = property(lambda self: self._value.shape)
    ndim = property(lambda self: self._value.ndim)
    size = property(lambda self: self._value.size)
    dtype = property(lambda self: self._value.dtype)


box_types.add(Boxed)
Box.type_mappings[Boxed] = Boxed
for _operator, _word in {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide"}.items():
    _function = recorded(getattr(anp, _word))
    setattr(Boxed, f"__{_operator}__", lambda self, other, do=_function: do(self, other))
    setattr(Boxed, f"__r{_operator}__", lambda self, other, do=_function: do(other, self))


def boxed(value: Any, trace: int, node: Node) -> Any:
    """An array as it stands on a tape."""
    return Boxed(value, trace, node) if type(value) is np.ndarray else new_box(value, trace, node)


def untraced(x: Any) -> Any:
    """The value of x without its tape: no gradient passes."""
    return getval(x)


def rule(*functions: Callable[..., Any]) -> Callable[[Rule], Rule]:
    """Make a function the gradient of these autograd functions on our tapes."""

    def enrol(gradient: Rule) -> Rule:
        RULES.update(dict.fromkeys(functions, gradient))
        return gradient

    return enrol


__all__ = ["RULES", "Node", "primitive", "recorded", "rule", "traced", "unboxed", "untraced", "value_and_gradient"]
