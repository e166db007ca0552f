"""Operators over all values along axes: sums, means, extremes, norms, softmax, places of extremes, running sums."""

from collections.abc import Callable
from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.formats.onnx.reading.arrays import in_order
from wlnet.formats.onnx.reading.elementwise import counted, met
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.values import Value, known
from wlnet.layers.dense import SoftmaxLayer
from wlnet.nets.contractions import matmul
from wlnet.nets.recording import applied
from wlnet.nets.reductions import aggregated


def reduced(f: str, x: Value, axes: list[int], keep: bool) -> Value:
    """One of AggregationLayer's functions over axes of a tensor."""
    axes = [x.axis(axis) for axis in axes]
    if not axes:
        return x
    if x.batch in axes:
        x = x.whole()
    own = tuple(x.own(axis) for axis in axes)
    left = [at for at in range(x.rank) if keep or at not in axes]
    found = aggregated(f, x.symbol(), own, keep)
    return x.like(found, left.index(x.batch) if x.batch is not None else None)


Step = Callable[[Any], Any]

REDUCTIONS: dict[str, tuple[str, Step, Step]] = {
    "ReduceSum": ("Total", lambda x: x, lambda y: y),
    "ReduceMean": ("Mean", lambda x: x, lambda y: y),
    "ReduceMax": ("Max", lambda x: x, lambda y: y),
    "ReduceMin": ("Min", lambda x: x, lambda y: y),
    "ReduceProd": ("Times", lambda x: x, lambda y: y),
    "ReduceL1": ("Total", HEADS["Abs"], lambda y: y),
    "ReduceL2": ("Total", lambda x: x * x, HEADS["Sqrt"]),
    "ReduceSumSquare": ("Total", lambda x: x * x, lambda y: y),
    "ReduceLogSum": ("Total", lambda x: x, HEADS["Log"]),
}
"""Each reduction: what AggregationLayer computes, of what, and what is made of it."""


def entered(name: str, f: str, before: Step, after: Step) -> None:
    @reads(name)
    def read(node: Node, x: Value, axes: Value | None = None) -> Value:
        along, keep = over(node, x, axes)
        x = counted(x)
        if not along:
            return x if node.whole("noop_with_empty_axes", 0) and x.rank else met(lambda a: after(before(a)), x)
        return met(after, reduced(f, x.like(before(x.symbol())), along, keep))


def over(node: Node, x: Value, axes: Value | None) -> tuple[list[int], bool]:
    """The axes over which a node goes, and whether they stay as axes of size 1."""
    found = node.axes(axes)
    if not found and not node.whole("noop_with_empty_axes", 0):
        found = list(range(x.rank))
    return found or [], bool(node.whole("keepdims", 1))


for _name, _steps in REDUCTIONS.items():
    entered(_name, *_steps)


@reads("ReduceLogSumExp")
def log_sum_exp(node: Node, x: Value, axes: Value | None = None) -> Value:
    """log Σ exp(x), with the greatest x taken out first."""
    along, keep = over(node, x, axes)
    if not along:
        return x
    top = reduced("Max", x, along, True)
    total = reduced("Total", met(lambda a, b: HEADS["Exp"](a - b), x, top), along, keep)
    return met(lambda a, b: HEADS["Log"](a) + b, total, top if keep else reduced("Max", x, along, False))


# --- softmax ----------------------------------------------------------------------------------------------------------


def softmax_axes(node: Node, x: Value) -> list[int]:
    """The axes along which the numbers add up to 1: before operator set 13 all from `axis` on."""
    if node.version >= 13:
        return [x.axis(node.whole("axis", -1))]
    return list(range(x.axis(node.whole("axis", 1)), x.rank))


@reads("Softmax")
def softmax(node: Node, x: Value) -> Value:
    """exp(x) / Σ exp(x) along an axis."""
    axes = softmax_axes(node, x)
    if x.batch in axes:
        x = x.whole()
    axes = [axis for axis in axes if x.shape[axis] != 1] or axes[-1:]
    if len(axes) == 1:
        return x.like(applied(SoftmaxLayer(x.own(axes[0]) + 1), x.symbol()))
    raised = met(lambda a, b: HEADS["Exp"](a - b), x, reduced("Max", x, axes, True))
    return met(HEADS["Divide"], raised, reduced("Total", raised, axes, True))


@reads("LogSoftmax")
def log_softmax(node: Node, x: Value) -> Value:
    """log of softmax."""
    return logarithm_of_softmax(x, softmax_axes(node, x))


def logarithm_of_softmax(x: Value, axes: list[int]) -> Value:
    """x - log Σ exp(x) along axes."""
    low = met(HEADS["Subtract"], x, reduced("Max", x, axes, True))
    total = reduced("Total", met(HEADS["Exp"], low), axes, True)
    return met(lambda a, b: a - HEADS["Log"](b), low, total)


# --- places of extremes -----------------------------------------------------------------------------------------------


def place_of(x: Value, axis: int, f: str, keep: bool, last: bool) -> Value:
    """The place along an axis of its greatest or least number: of equal ones of the first or the last."""
    axis, size = x.axis(axis), x.shape[axis]
    if not isinstance(size, int):
        raise NetError("it looks for a place along an axis whose size is open", hint="say the sizes: Dimensions={…}")
    counts = known(np.arange(size, dtype=np.float32).reshape([size if k == axis else 1 for k in range(x.rank)]))
    beyond = -1.0 if last else float(size)
    top = reduced(f, x, [axis], True)
    found = met(lambda a, b, c: HEADS["If"](HEADS["Equal"](a, b), c, beyond), x, top, counts, kind=np.int64)
    return reduced("Max" if last else "Min", found, [axis], keep)


@reads("ArgMax", "ArgMin")
def place(node: Node, x: Value) -> Value:
    """Where the greatest, or the least, number stands along an axis."""
    f = "Max" if node.kind == "ArgMax" else "Min"
    axis, keep = node.whole("axis", 0), bool(node.whole("keepdims", 1))
    return place_of(x, axis, f, keep, bool(node.whole("select_last_index", 0)))


@reads("Hardmax")
def hardmax(node: Node, x: Value) -> Value:
    """1 at the first greatest number along an axis, 0 elsewhere."""
    axis = x.axis(node.whole("axis", -1 if node.version >= 13 else 1))
    if node.version < 13 and axis != x.rank - 1:
        raise NetError("it looks for one place over several axes (operator sets before 13)")
    at = place_of(x, axis, "Max", True, False)
    counts = known(np.arange(x.shape[axis], dtype=np.float32).reshape([-1 if k == axis else 1 for k in range(x.rank)]))
    return met(lambda a, b: HEADS["If"](HEADS["Equal"](a, b), 1, 0), counts, at, kind=x.kind)


# --- running sums -----------------------------------------------------------------------------------------------------


@reads("CumSum")
def running_sum(node: Node, x: Value, axis: Value) -> Value:
    """The sum of all numbers up to each place along an axis."""
    at = x.axis(int(node.array(axis, "the axis").reshape(()).item()))
    size = x.shape[at]
    if not isinstance(size, int) or size > 4096:
        raise NetError(f"it sums along an axis of size {size}", hint="say the sizes: Dimensions={…}")
    if at == x.batch:
        x = x.whole()
    sums = np.tri(size, k=-node.whole("exclusive", 0), dtype=np.float32)
    sums = sums if node.whole("reverse", 0) else sums.T
    own = [k for k in range(x.rank) if k != at]
    last = in_order(x, [*own, at])
    found = last.like(matmul(last.symbol(), known(sums).symbol()))
    order = [*range(at), x.rank - 1, *range(at, x.rank - 1)]
    return in_order(found, order)


__all__ = ["logarithm_of_softmax", "place_of", "reduced"]
