"""Products of matrices: LinearLayer where the matrix is known, else sums of products."""

from typing import Any

import numpy as np

from wlnet.core.errors import NetError
from wlnet.core.heads import HEADS
from wlnet.formats.onnx.reading.arrays import in_order
from wlnet.formats.onnx.reading.elementwise import met
from wlnet.formats.onnx.reading.mapped import over_leading
from wlnet.formats.onnx.reading.node import Node, reads
from wlnet.formats.onnx.reading.reductions import reduced
from wlnet.formats.onnx.reading.values import Mixes, Value, known
from wlnet.layers.dense import LinearLayer
from wlnet.nets.contractions import einsum, matmul
from wlnet.nets.indexing import part
from wlnet.nets.recording import applied


@reads("MatMul")
def product(node: Node, a: Value, b: Value) -> Value:
    """a @ b. What is added to it next, if it is a known vector and nothing else reads the product, are its biases."""
    if b.is_plain and b.rank == 2 and not a.is_known and a.batch != a.rank - 1:
        biases = following_biases(node, b.array.shape[1])
        return linear(a, node.learned(b, b.array.T, " transposed"), biases, b.array.shape[1])
    return matrix_product(a, b)


def following_biases(node: Node, size: int) -> np.ndarray | None:
    """The vector that the only reader of a product adds; that node is then done too."""
    walk, name = node.reader, node.outputs[0]
    if walk.graph.readers[name] != 1 or any(each.name == name for each in walk.graph.graph.output):
        return None
    reader = next(each for each in walk.graph.nodes if name in each.inputs)
    if reader.kind != "Add" or reader.domain or len(reader.inputs) != 2:
        return None
    other = reader.inputs[1 - reader.inputs.index(name)]
    if other not in walk.graph.stored:
        return None
    found = walk.graph.stored_value(other).array
    if found.shape != (size,) or found.dtype.kind != "f":
        return None
    walk.merged.add(reader.outputs[0])
    node.outputs = [reader.outputs[0]]
    return found


def linear(x: Value, weights: Any, biases: np.ndarray | None, size: int) -> Value:
    """LinearLayer along the last axis."""
    rank = len(x.example)
    layer = over_leading(LinearLayer(size, Weights=weights, Biases=biases), rank - 1)
    return x.like(applied(layer, x.symbol()))


def matrix_product(a: Value, b: Value) -> Value:
    """a @ b of tensors of which both may come in."""
    if 0 in (a.rank, b.rank):
        raise NetError("it multiplies a single number as a matrix")
    try:
        one, other, place, count = stacked(a, b)
    except Mixes:
        a, b = a.whole(), b.whole()
        one, other, place, count = a.symbol(), b.symbol(), None, 1
    found = matmul(one, other)
    rank = max(a.rank, b.rank) - (1 in (a.rank, b.rank)) - (a.rank == b.rank == 1)
    return Value(found, a.kind, None if place is None else rank - place, count)


def stacked(a: Value, b: Value) -> tuple[Any, Any, int | None, Any]:
    """The two arrays without the batch, where it stands from the end of the product, and its size."""
    places = {value.rank - value.batch for value in (a, b) if value.batch is not None}
    if not places:
        return a.symbol(), b.symbol(), None, 1
    place = places.pop()
    count = a.count if a.batch is not None else b.count
    rows = place == 2 and b.batch is None and b.rank <= 2
    if places or (place < 3 and not rows):
        raise Mixes("the batch is summed over, or stands at different places")
    if rows:
        return a.symbol(), b.symbol(), 2 - (b.rank == 1), count
    return outside(a, place), outside(b, place), place, count


def outside(value: Value, place: int) -> Any:
    """The array of a tensor without the axis of the batch, or without the one of size 1 in its place."""
    if value.batch is not None or value.rank < place:
        return value.symbol()
    if value.shape[-place] != 1:
        raise Mixes("the batch meets an axis of another tensor that is none")
    return part(value.symbol(), (*(slice(None),) * (value.rank - place), 0))


@reads("Gemm")
def general_product(node: Node, a: Value, b: Value, c: Value | None = None) -> Value:
    """alpha · a @ b + beta · c, with a and b transposed if it says so."""
    alpha, beta = node.number("alpha", 1.0), node.number("beta", 1.0)
    if node.whole("transA", 0):
        a = in_order(a, [1, 0])
    if b.is_plain and b.rank == 2 and not a.is_known and a.batch != a.rank - 1:
        weights = b.array if node.whole("transB", 0) else b.array.T
        fits = c is not None and c.is_plain and c.array.size == weights.shape[0] and c.shape[-1:] == weights.shape[:1]
        biases = c.array.reshape(-1) * np.float32(beta) if fits else None  # type: ignore[union-attr]
        form = "" if node.whole("transB", 0) else " transposed"
        held = weights * np.float32(alpha) if alpha != 1 else node.learned(b, weights, form)
        y = linear(a, held, biases, weights.shape[0])
        c = None if fits else c
    else:
        y = matrix_product(a, in_order(b, [1, 0]) if node.whole("transB", 0) else b)
        y = y if alpha == 1 else met(lambda x: alpha * x, y)
    return y if c is None else met(lambda x, z: x + (z if beta == 1 else beta * z), y, c)


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@reads("Einsum")
def summed_products(node: Node, *values: Value) -> Value:
    """The sum of products that an equation writes."""
    terms, result = written_out(node.get("equation", ""), values)
    tensors = [diagonal(value, term) for value, term in zip(values, terms, strict=True)]
    values, terms = tuple(value for value, _ in tensors), [term for _, term in tensors]
    marked = {term[value.batch] for value, term in zip(values, terms, strict=True) if value.batch is not None}
    shared = [value for value, term in zip(values, terms, strict=True) if value.batch is None and marked & set(term)]
    if len(marked) > 1 or (marked and not marked <= set(result)) or shared:
        return summed_products(node, *(value.whole() for value in values))
    letter = next(iter(marked), "")
    inner = [term.replace(letter, "") if letter else term for term in terms]
    left = result.replace(letter, "") if letter else result
    found = einsum(f"{','.join(inner)}->{left}", *(value.symbol() for value in values))
    lead = next((value for value in values if value.batch is not None), values[0])
    return Value(found, values[0].kind, result.index(letter) if letter else None, lead.count)


def written_out(equation: str, values: tuple[Value, ...]) -> tuple[list[str], str]:
    """The terms and the result of an equation, with letters in the place of an ellipsis."""
    left, arrow, result = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(values):
        raise NetError(f"its equation {equation!r} has {len(terms)} terms for {len(values)} tensors")
    spare = [letter for letter in LETTERS if letter not in equation]
    ranks = [value.rank - len(term.replace("...", "")) for value, term in zip(values, terms, strict=True)]
    most = max([rank for rank, term in zip(ranks, terms, strict=True) if "..." in term], default=0)
    dots = "".join(spare[:most])
    full = [term.replace("...", dots[most - rank :]) for term, rank in zip(terms, ranks, strict=True)]
    if not arrow:
        plain = "".join(term.replace("...", "") for term in terms)
        result = ("..." if most else "") + "".join(sorted(each for each in set(plain) if plain.count(each) == 1))
    return full, result.replace("...", dots)


def diagonal(value: Value, term: str) -> tuple[Value, str]:
    """A tensor of which no letter comes twice: of equal ones the diagonal is taken."""
    if len(term) != value.rank:
        raise NetError(f"a term of its equation, {term!r}, names {len(term)} axes of a tensor of rank {value.rank}")
    for letter in term:
        if term.count(letter) > 1:
            one = term.index(letter)
            other = term.index(letter, one + 1)
            size = value.shape[one]
            if not isinstance(size, int):
                raise NetError("it takes a diagonal along an axis whose size is open")
            wide = [size if at in (one, other) else 1 for at in range(value.rank)]
            masked = met(HEADS["Times"], value, known(np.eye(size, dtype=np.float32).reshape(wide)))
            return diagonal(reduced("Total", masked, [other], False), term[:other] + term[other + 1 :])
    return value, term
