"""NumPy's sums of products, as layers: matmul, dot, einsum and their kin, and what triangles and diagonals give.

Every level has a label. What two arrays share and the result does not have is summed by DotLayer; what all three have
is mapped over.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import count
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.symbolic import cannot
from wlnet.core.symbolic_arrays import SymbolicArray, array
from wlnet.core.symbols import Automatic
from wlnet.layers.products import DotLayer
from wlnet.layers.structure import FlattenLayer
from wlnet.nets.axes import axes_of, from_front, rank_of, widened
from wlnet.nets.indexing import part
from wlnet.nets.mapping import NetMapThreadOperator
from wlnet.nets.rearranging import moved, ravel
from wlnet.nets.recording import applied, shape_of
from wlnet.nets.reductions import aggregated

Labels = list[Any]


def dot_of(a: SymbolicArray, b: SymbolicArray, ranks: tuple[int | None, int | None], mapped: int = 0) -> SymbolicArray:
    """The last level of a summed against the first of b, over `mapped` levels before; it says ranks that are open."""
    given = {
        f"Input{k}": (Automatic,) * rank
        for k, (each, rank) in enumerate(zip((a, b), ranks, strict=True), start=1)
        if rank is not None and shape_of(each) is None
    }
    layer: Any = DotLayer(InputPorts=2, **given)
    return applied(NetMapThreadOperator(layer, mapped) if mapped else layer, a, b)


def contracted(
    a: SymbolicArray, own: Labels, b: SymbolicArray, other: Labels, keep: set
) -> tuple[SymbolicArray, Labels]:
    """The product of two arrays, summed over the labels that are not kept; and the labels of the result."""
    a, own = summed_out(a, own, keep | set(other))
    b, other = summed_out(b, other, keep | set(own))
    batch = [label for label in own if label in other and label in keep]
    inner = [label for label in own if label in other and label not in keep]
    left = [label for label in own if label not in other]
    right = [label for label in other if label not in own]
    if not inner:
        wide = widened(arranged(a, own, batch + left), range(-len(right), 0))
        high = arranged(b, other, batch + right)
        for _ in left:
            high = widened(high, (len(batch),))
        return wide * high, batch + left + right
    rows, columns = arranged(a, own, batch + left + inner), arranged(b, other, batch + inner + right)
    rows = merged(rows, len(batch + left), len(inner), 0)
    columns = merged(columns, len(batch), len(inner), len(right))
    ranks = len(left) + 1, len(right) + 1
    return dot_of(rows, columns, ranks, len(batch)), batch + left + right


def summed_out(a: SymbolicArray, own: Labels, wanted: set) -> tuple[SymbolicArray, Labels]:
    """An array summed over the labels that nobody wants."""
    gone = tuple(at for at, label in enumerate(own) if label not in wanted)
    if gone:
        a = aggregated("Total", a, gone, False)
    return a, [label for label in own if label in wanted]


def arranged(a: SymbolicArray, own: Labels, wanted: Labels) -> SymbolicArray:
    """An array with its levels in the order of these labels."""
    return moved(a, tuple(own.index(label) for label in wanted))


def merged(a: SymbolicArray, before: int, several: int, after: int) -> SymbolicArray:
    """Neighbouring levels as one."""
    if several == 1:
        return a
    groups = [[k + 1] for k in range(before)] + [[before + k + 1 for k in range(several)]]
    return applied(FlattenLayer([*groups, *([before + several + k + 1] for k in range(after))]), a)


def einsum(subscripts: Any, *operands: Any, optimize: Any = None) -> SymbolicArray:
    """The sum of products that `subscripts` writes, such as "ij,jk->ik"."""
    if not isinstance(subscripts, str) or "." in subscripts:
        raise cannot("np.einsum without letters for all axes", 'write them, as in np.einsum("ij,jk->ik", a, b)')
    text, arrow, result = subscripts.replace(" ", "").partition("->")
    if not arrow:
        letters = text.replace(",", "")
        result = "".join(sorted(letter for letter in set(letters) if letters.count(letter) == 1))
    terms, arrays = [list(term) for term in text.split(",")], [array(each) for each in operands]
    refuse_terms(subscripts, terms, arrays, result)
    answer, labels = arrays[0], terms[0]
    for at, (each, term) in enumerate(zip(arrays[1:], terms[1:], strict=True), start=2):
        answer, labels = contracted(answer, labels, each, term, set(result).union(*terms[at:]))
    answer, labels = summed_out(answer, labels, set(result))
    return arranged(answer, labels, list(result))


def refuse_terms(subscripts: str, terms: list[Labels], arrays: list[SymbolicArray], result: str) -> None:
    """Refuses subscripts that do not fit the arrays."""
    if len(terms) != len(arrays):
        raise NetError(f"np.einsum {subscripts!r} has {len(terms)} terms for {len(arrays)} arrays", got=subscripts)
    for term, each in zip(terms, arrays, strict=True):
        if len(set(term)) < len(term):
            raise cannot("np.einsum with an axis of an array twice", "np.trace and np.diagonal can be")
        shape = shape_of(each)
        if shape is not None and len(shape) != len(term):
            raise NetError(f"np.einsum: {''.join(term)!r} names {len(term)} axes of an array of rank {len(shape)}")
    if set(result) - set().union(*terms) or len(set(result)) < len(result):
        raise NetError(f"np.einsum {subscripts!r}: the result {result!r} must name axes of the arrays, each once")


def matmul(x1: Any, x2: Any) -> SymbolicArray:
    """x1 @ x2. What stands behind @ is taken for a matrix where its rank is not known."""
    a, b = array(x1), array(x2)
    one, other = (None if (shape := shape_of(each)) is None else len(shape) for each in (a, b))
    if one == 0 or other == 0:
        raise NetError("@ takes no single numbers", hint="write *")
    if other is None or other <= 2:
        return dot_of(a, b, (None, 2))
    one = rank_of(a, "@ with an array of rank 3 or more")
    own: Labels = [*range(one - 2), "row", "sum"] if one > 1 else ["sum"]
    theirs: Labels = [*range(other - 2), "sum", "column"]
    own = [each - (one - other) if isinstance(each, int) else each for each in own]  # stacks align at their end
    a, own = without_ones(a, own, theirs, b)
    b, theirs = without_ones(b, theirs, own, a)
    stacks = sorted({each for each in (*own, *theirs) if isinstance(each, int)})
    result = [*stacks, *(each for each in ("row", "column") if each in (*own, *theirs))]
    answer, labels = contracted(a, own, b, theirs, set(result))
    return arranged(answer, labels, result)


def without_ones(a: SymbolicArray, own: Labels, theirs: Labels, b: SymbolicArray) -> tuple[SymbolicArray, Labels]:
    """An array without those levels of its stack that have size 1 where the other's have another."""
    sizes, others = shape_of(a) or (), dict(zip(theirs, shape_of(b) or (), strict=True))
    gone = [
        label
        for label, size in zip(own, sizes, strict=True)
        if isinstance(label, int) and size == 1 and others.get(label, 1) != 1
    ]
    index = tuple(0 if label in gone else slice(None) for label in own)
    return (part(a, index) if gone else a), [label for label in own if label not in gone]


def dot(a: Any, b: Any) -> SymbolicArray:
    """The last level of a summed against the last but one of b, or the only one; numbers multiply."""
    x, y = array(a), array(b)
    shapes = shape_of(x), shape_of(y)
    if () in shapes:
        return x * y
    if shapes[1] is None or len(shapes[1]) <= 2:
        return dot_of(x, y, (None, 2))
    return tensordot(x, y, (-1, -2))


def tensordot(a: Any, b: Any, axes: Any = 2) -> SymbolicArray:
    """Levels of a summed against levels of b."""
    x, y = array(a), array(b)
    if isinstance(axes, int) and axes == 1:
        return dot_of(x, y, (None, None))
    ranks = rank_of(x, "np.tensordot"), rank_of(y, "np.tensordot")
    pairs = (range(ranks[0] - axes, ranks[0]), range(axes)) if isinstance(axes, int) else map(axes_of, axes)
    one, other = ([from_front(axis, rank) for axis in each] for each, rank in zip(pairs, ranks, strict=True))
    fresh = count()
    own: Labels = [next(fresh) for _ in range(ranks[0])]
    theirs: Labels = [next(fresh) for _ in range(ranks[1])]
    for k, axis in zip(one, other, strict=True):
        theirs[axis] = own[k]
    keep = {label for label in (*own, *theirs) if not (label in own and label in theirs)}
    return contracted(x, own, y, theirs, keep)[0]


def inner(a: Any, b: Any) -> SymbolicArray:
    """The last levels summed against each other; arrays of unknown rank are taken for vectors."""
    x, y = array(a), array(b)
    if shape_of(x) is None or shape_of(y) is None:
        return dot_of(x, y, (1, 1))
    return x * y if () in (shape_of(x), shape_of(y)) else tensordot(x, y, (-1, -1))


def outer(a: Any, b: Any) -> SymbolicArray:
    """Every element of a times every element of b."""
    x, y = (each if len(shape_of(each) or ()) == 1 else ravel(each) for each in (array(a), array(b)))
    return widened(x, (-1,)) * y


def multi_dot(arrays: Sequence) -> SymbolicArray:
    """The product of several matrices."""
    return reduce(matmul, arrays)


CONTRACTIONS: dict[str, Callable] = {
    "einsum": einsum,
    "matmul": matmul,
    "linalg.matmul": matmul,
    "dot": dot,
    "vdot": lambda a, b: dot_of(ravel(array(a)), ravel(array(b)), (1, 1)),
    "vecdot": lambda x1, x2, axis=-1: aggregated("Total", array(x1) * array(x2), axis, False),
    "linalg.vecdot": lambda x1, x2, *, axis=-1: aggregated("Total", array(x1) * array(x2), axis, False),
    "tensordot": tensordot,
    "linalg.tensordot": lambda x1, x2, *, axes=2: tensordot(x1, x2, axes),
    "inner": inner,
    "outer": outer,
    "linalg.outer": outer,
    "linalg.multi_dot": multi_dot,
}
"""NumPy's names of these functions."""
