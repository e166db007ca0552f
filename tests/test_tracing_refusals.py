"""What cannot be recorded as a net says which operation, and what to write instead: the full text of each error."""

import math

import numpy as np
import pytest

from wlnet import (
    AttentionLayer,
    ElementwiseLayer,
    FunctionLayer,
    LinearLayer,
    NetArray,
    NetArrayLayer,
    NetChain,
    NetError,
    NetGraph,
    NetPort,
    SoftmaxLayer,
    ThreadingLayer,
)

CANNOT = "a function that becomes a layer is recorded, not run: {} cannot be recorded"
SHAPE = "\n  hint: say the shape of the port, as in Input=(3, 8)"
NUMBER = "\n  hint: use NumPy's functions, or wlnet's heads, in place of math's"
INDEX = "\n  hint: an index is a whole number, a slice, None, an ellipsis or a list of whole numbers, counted from 0"
COMPILED = "\n  hint: CompiledLayer takes a function of arrays as it is: CompiledLayer(f, Input=…, Output=…)(x)"
OUTER = "a function that becomes a layer reads 'Input', a value of the function around it\n  hint: make that value a parameter, and call the layer with it"
linear = LinearLayer(3)


def assigns(x):
    x[0] = 1
    return x


def nothing(x):
    x + 1


REFUSED = {
    "a branch on a value": (
        lambda x: x if x.sum() > 0 else -x, {},
        CANNOT.format("a branch on its value") + "\n  hint: write np.where(condition, a, b), or If(condition, a, b)",
    ),
    "max of Python": (
        lambda x: max(x, 2), {},
        CANNOT.format("a branch on its value") + "\n  hint: write np.where(condition, a, b), or If(condition, a, b)",
    ),
    "in-place assignment": (
        assigns, {}, CANNOT.format("an assignment into it") + "\n  hint: write np.where(condition, new, old)",
    ),
    "math.exp": (lambda x: math.exp(x), {}, CANNOT.format("a conversion to a number") + NUMBER),
    "float": (lambda x: float(x.sum()), {}, CANNOT.format("a conversion to a number") + NUMBER),
    "range": (lambda x: range(x), {}, CANNOT.format("a conversion to a number") + NUMBER),
    "np.array of values": (
        lambda x: np.array([x, x]), {},
        CANNOT.format("a conversion to an array") + "\n  hint: use it as it is: NumPy's functions take it; np.stack joins several",
    ),
    "a list as an argument": (
        lambda x: np.dot([x[0], x[1]], x), {}, CANNOT.format("a list of values as one array") + "\n  hint: write np.stack([a, b])",
    ),
    "a loop over an unknown length": (
        lambda x: sum(x), {},
        CANNOT.format("a loop over it, as its length is not known yet,") + SHAPE + ", or use NetMapOperator to apply a net to each element",
    ),
    "len of what varies": (
        lambda x: len(x) * x, {"Input": "Varying"},
        CANNOT.format("its length, which is not known yet,") + SHAPE + "; a varying length has none",
    ),
    "len of a number": (lambda x: len(x) * x, {"Input": "Real"}, CANNOT.format("the length of a single number")),
    ".shape of unknown rank": (lambda x: x * x.shape[0], {}, CANNOT.format("its shape, which is not known yet,") + SHAPE),
    "an open size": (
        lambda x: x / x.shape[0], {"Input": ("Varying", 3)},
        CANNOT.format("a calculation with the size of level 1, which is not known yet,") + SHAPE
        + "; a mean does not need the length of what varies, and reshape takes the size as it is",
    ),
    "an open size compared": (
        lambda x: x if x.shape[0] == 1 else -x, {"Input": ("Varying", 3)},
        CANNOT.format("a calculation with the size of level 1, which is not known yet,") + SHAPE
        + "; a mean does not need the length of what varies, and reshape takes the size as it is",
    ),
    "an open size elsewhere": (
        lambda x: x.reshape(3, x.shape[0]), {"Input": ("Varying", 3)},
        CANNOT.format("a reshape that puts a size that is not known at another level") + SHAPE,
    ),
    "an unknown function": (lambda x: np.fft.fft(x), {}, CANNOT.format("np.fft.fft") + COMPILED),
    "a function that no layer says": (lambda x: np.linalg.inv(x), {}, CANNOT.format("np.linalg.inv") + COMPILED),
    "a near name": (lambda x: np.dsplit(x, 2), {}, CANNOT.format("np.dsplit") + "\n  hint: did you mean split?"),
    "an option": (
        lambda x: np.sum(x, where=x > 0), {},
        CANNOT.format("np.sum with where") + "\n  hint: what can be is np.sum(a, axis=None, *, keepdims=False)",
    ),
    "too many arguments": (
        lambda x: np.sum(x, 0, np.float32), {},
        CANNOT.format("np.sum with these arguments") + "\n  hint: what can be is np.sum(a, axis=None, *, keepdims=False)",
    ),
    "an option of a function of numbers": (lambda x: np.sqrt(x, out=x), {}, CANNOT.format("np.sqrt with out")),
    "outer": (
        lambda x: np.multiply.outer(x, x), {},
        CANNOT.format("np.multiply with outer") + "\n  hint: write x[:, None] * y, with a new level where the two shall not meet",
    ),
    "np.where of a condition": (
        lambda x: np.where(x > 0), {},
        CANNOT.format("np.where with these arguments") + "\n  hint: what can be is np.where(condition, x, y)",
    ),
    "an index that is computed": (
        lambda x: x[x > 0], {},
        CANNOT.format("an index that is computed")
        + "\n  hint: write np.where(condition, x, other), or ExtractLayer()({'Input': x, 'Position': places from 1})",
    ),
    "two lists of places": (
        lambda x: x[[0, 1], [1, 0]], {},
        CANNOT.format("an index by several lists") + "\n  hint: take one after the other: x[[2, 0]][:, [1, 3]]",
    ),
    "an attribute": (lambda x: x.foo, {}, CANNOT.format(".foo")),
    "an attribute nearly": (lambda x: x.sumn(), {}, CANNOT.format(".sumn") + "\n  hint: did you mean sum?"),
    ".sort": (lambda x: x.sort(), {}, CANNOT.format(".sort") + "\n  hint: np.sort gives a new array"),
    ".item": (lambda x: x.item(), {}, CANNOT.format(".item") + "\n  hint: its numbers are not known; use it as it is"),
    ".astype(int)": (
        lambda x: x.astype(int), {},
        CANNOT.format("a conversion to int64") + "\n  hint: np.trunc(x) and x != 0 give such numbers as reals",
    ),
    "np.reshape in another order": (
        lambda x: np.reshape(x, (3, 2), order="F"), {}, CANNOT.format("np.reshape with order='F'") + "\n  hint: transpose first",
    ),
    "np.ravel in another order": (
        lambda x: np.ravel(x, order="F"), {}, CANNOT.format("np.ravel with order='F'") + "\n  hint: transpose first",
    ),
    "np.reshape with two open sizes": (lambda x: x.reshape(2, -1, -1), {}, "np.reshape takes one size of -1 at most"),
    "np.reshape to no size": (lambda x: x.reshape(1.5), {}, "a size must be a whole number, got 1.5"),
    "np.pad": (
        lambda x: np.pad(x, 1, "wrap"), {"Input": 3},
        CANNOT.format("np.pad with mode='wrap'") + "\n  hint: the modes are constant, edge and reflect, with one number",
    ),
    "np.linalg.norm": (
        lambda x: np.linalg.norm(x, 3), {},
        CANNOT.format("np.linalg.norm with ord=3") + "\n  hint: norms of vectors are, with ord 2, 1 or np.inf and an axis",
    ),
    "np.einsum with a dot": (
        lambda x: np.einsum("...i->i", x), {},
        CANNOT.format("np.einsum without letters for all axes") + '\n  hint: write them, as in np.einsum("ij,jk->ik", a, b)',
    ),
    "np.einsum of a diagonal": (
        lambda x: np.einsum("ii", x), {},
        CANNOT.format("np.einsum with an axis of an array twice") + "\n  hint: np.trace and np.diagonal can be",
    ),
    "np.einsum of too few": (lambda x: np.einsum("ij,jk", x), {}, "np.einsum 'ij,jk' has 2 terms for 1 arrays"),
    "np.einsum to nowhere": (
        lambda x: np.einsum("ij->k", x), {}, "np.einsum 'ij->k': the result 'k' must name axes of the arrays, each once",
    ),
    "np.einsum of another rank": (
        lambda x: np.einsum("ij->i", x), {"Input": 3}, "np.einsum: 'ij' names 2 axes of an array of rank 1",
    ),
    "np.linalg.det": (
        lambda x: np.linalg.det(x), {"Input": (5, 5)},
        CANNOT.format("np.linalg.det of a 5×5 matrix") + "\n  hint: that of a square one of at most 4 rows can be",
    ),
    "np.trace of more": (
        lambda x: np.trace(x), {"Input": (2, 3, 3)},
        CANNOT.format("np.diagonal of an array of rank 3") + "\n  hint: that of a matrix can be; NetMapOperator maps over more",
    ),
    "np.cross": (
        lambda x: np.cross(x, x), {"Input": (5, 2)}, CANNOT.format("np.cross of vectors that have not three numbers"),
    ),
    "np.argmax of rows": (
        lambda x: x.argmax(1), {"Input": (3, 5)},
        CANNOT.format("np.argmin of an array of rank 2") + "\n  hint: vectors can be ordered: NetMapOperator maps over rows",
    ),
    "np.argsort of an axis that is not there": (lambda x: np.argsort(x, 1), {"Input": 3}, "axis 1 is not an axis of a vector"),
    "a function over no axis": (
        lambda x: x.sum(()), {}, CANNOT.format("a function over no axis") + "\n  hint: leave it out",
    ),
    "np.cumsum of open sizes": (
        lambda x: np.cumsum(x, 0), {"Input": ("Varying", 3)},
        CANNOT.format("np.cumsum along an axis whose size is not known yet") + SHAPE,
    ),
    "np.tril of open sizes": (
        lambda x: np.tril(x), {}, CANNOT.format("a triangle of an array whose sizes are not all known yet") + SHAPE,
    ),
    "an ellipsis": (
        lambda x: x[..., 0], {}, CANNOT.format("an ellipsis in an index of an array whose rank is not known yet") + SHAPE,
    ),
    "np.squeeze of an open size": (
        lambda x: np.squeeze(x, 0), {"Input": ("Varying", 3)}, "np.squeeze leaves out axes of size 1, but axis 0 has size Varying",
    ),
    "np.squeeze of an unknown size": (
        lambda x: np.squeeze(x), {}, CANNOT.format("np.squeeze of an array whose rank is not known yet") + SHAPE,
    ),
    "new axes from both ends": (
        lambda x: np.expand_dims(x, (0, -1)), {},
        CANNOT.format("new axes counted from both ends of an array whose rank is not known yet") + SHAPE,
    ),
    "np.select": (lambda x: np.select([x > 0], []), {}, "np.select takes a list of conditions and as many choices"),
    "np.squeeze": (lambda x: np.squeeze(x, 0), {"Input": 3}, "np.squeeze leaves out axes of size 1, but axis 0 has size 3"),
    "np.split": (lambda x: np.split(x, 2), {"Input": 3}, "size 3 does not split into 2 equal pieces"),
    "np.broadcast_to": (
        lambda x: np.broadcast_to(x, (2, 5)), {"Input": 3}, "an array of shape (3,) cannot be repeated to shape (2, 5)",
    ),
    "np.moveaxis": (lambda x: np.moveaxis(x, (0, 1), 0), {"Input": (3, 5)}, "np.moveaxis needs as many places as axes"),
    "np.transpose": (
        lambda x: x.transpose(1, 0), {"Input": (3, 5, 2)}, "2 axes are not an order of the axes of an array of rank 3",
    ),
    "np.concatenate": (
        lambda x: np.concatenate([x, x[0]]), {"Input": (3, 5)}, "np.concatenate joins arrays of one rank, not of 1 and 2",
    ),
    "an axis that is not there": (lambda x: x.sum(3), {"Input": 3}, "axis 3 is not an axis of an array of rank 1"),
    "an axis twice": (lambda x: x.sum((0, 0)), {}, "axis (0, 0) names an axis twice"),
    "an axis that is no number": (lambda x: x.sum(1.5), {}, "an axis must be a whole number, got 1.5"),
    "an index out of range": (lambda x: x[5], {"Input": 3}, "index 5 is out of range at level 1, whose size is 3"),
    "too many indices": (
        lambda x: x[0, 1], {"Input": 3}, "an array of rank 1 has no 2 levels to take parts of",
    ),
    "a slice of nothing": (lambda x: x[1:1], {"Input": 3}, "1:1 takes nothing of level 1, whose size is 3"),
    "a slice of nothing of what is unknown": (lambda x: x[2:1], {}, "2:1 takes nothing"),
    "a slice of no numbers": (lambda x: x["a":"b"], {}, "slice('a', 'b', None) is not a slice of whole numbers"),
    "an index that is no number": (lambda x: x[1.5], {}, "1.5 is not an index of an array" + INDEX),
    "a list of no numbers": (lambda x: x[[0.5]], {}, "[0.5] is not an index of an array" + INDEX),
    "two ellipses": (lambda x: x[..., 0, ...], {}, "an index has one ellipsis at most"),
    "@ of a number": (lambda x: x @ 2.0, {}, "@ takes no single numbers\n  hint: write *"),
    "shapes that do not go together": (
        lambda x: (x + np.ones(5)).T, {"Input": 3}, "arrays of shapes 3 and 5 do not go together element by element",
    ),
    "shapes that do not go together in the net": (
        lambda x: x + np.ones(5), {"Input": 3},
        "net/Net/plus: ThreadingLayer: sizes at level 1, up to Input2, 3 and 5 must be equal (Input1 is 3 from net; "
        "Input2 is 5 from net/Net/constant)",
    ),
    "texts": (
        lambda x: x + np.array(["a"]), {},
        "Array(1) is not an array of numbers\n  hint: a function of arrays reads numbers, arrays of numbers, NetArrays and its own parameters",
    ),
    "a net called twice": (
        lambda x: linear(x) + linear(2 * x), {},
        "LinearLayer(3) is called twice: do both places share its arrays?\n  hint: for one set of arrays call "
        "NetInsertSharedArrays(net) instead; for two, make two nets",
    ),
    "a parameter that is not used": (
        lambda x, y: x, {},
        "the function does not use its parameter y\n  hint: leave it out, or give it a default to make it a constant",
    ),
    "the only parameter that is not used": (
        lambda x: 2.0, {},
        "the function does not use its parameter\n  hint: leave it out, or give it a default to make it a constant",
    ),
    "any number of parameters": (
        lambda *x: x[0], {}, "a function that becomes a layer names its parameters; it has *x",
    ),
    "a parameter that is called as something else": (
        lambda net, x: net + x, {}, "a parameter of a function that becomes a net must be called other than net",
    ),
    "no result": (
        nothing, {},
        "the function gives None at Output, which is no array\n  hint: return an array, a tuple of arrays, or a dict of "
        "arrays by the name of the output port",
    ),
    "a text as result": (
        lambda x: {"A": x, "B": "b"}, {},
        'the function gives "b" at B, which is no array\n  hint: return an array, a tuple of arrays, or a dict of '
        "arrays by the name of the output port",
    ),
    "an empty tuple": (
        lambda x: (), {},
        "the function gives () at Output, which is no array\n  hint: return an array, a tuple of arrays, or a dict of "
        "arrays by the name of the output port",
    ),
    "an empty dict": (
        lambda x: {}, {}, "the function gives nothing\n  hint: return an array, a tuple of arrays, or a dict of arrays",
    ),
    "a port without a name": (lambda x: {1: x}, {}, "the name of an output port is a text, not 1"),
    "an option of an evaluation": (
        lambda x: SoftmaxLayer()(x, NetEvaluationMode="Train"), {},
        "SoftmaxLayer has no port NetEvaluationMode\n  hint: inside a recorded function names are ports; options of an "
        "evaluation are given to the whole net",
    ),
    "a call with too little": (lambda x: AttentionLayer()(x), {}, "AttentionLayer is called without a value for Value and Query"),
    "a call with too much": (
        lambda x: SoftmaxLayer()(x, x), {}, "SoftmaxLayer has 1 input port (Input), but is called with 2 values",
    ),
    "a call of what takes nothing": (
        lambda x: NetArrayLayer(Array=[1])(x), {}, "NetArrayLayer has no input port, but is called with 1 values",
    ),
    "a call by a wrong port": (
        lambda x: SoftmaxLayer()({"Inptu": x}), {}, "SoftmaxLayer has no input port 'Inptu'\n  hint: did you mean Input?",
    ),
    "a call with a list": (
        lambda x: SoftmaxLayer()([x, x]), {},
        "SoftmaxLayer takes one array, not a list of recorded values\n  hint: call it once for each, or write "
        "NetMapOperator(net)(np.stack([a, b]))",
    ),
    "a call for a wrong port": (
        lambda x: SoftmaxLayer()(x, "Otput"), {}, 'SoftmaxLayer has no output port "Otput"\n  hint: did you mean Output?',
    ),
    "a call for a layer of two outputs": (
        lambda x: NetChain({"a": NetGraph(lambda x: (x, -x))})(x, NetPort("a")), {},
        "NetGraph has 2 outputs: say which\n  hint: Output1, Output2",
    ),
    "a call by position of a net of two inputs": (
        lambda x: NetGraph(lambda a, b: a - b)(x, x), {},
        "NetGraph has 2 input ports: say which value goes to which\n  hint: write net(a=…, b=…), or net({port: value})",
    ),
    "too few of any number": (lambda x: ThreadingLayer("Subtract")(x), {}, "ThreadingLayer is called without a value for Input2"),
    "a scalar function of an outer value": (lambda x: ElementwiseLayer(lambda y: y + x)(x), {}, OUTER),
    "a function of an outer value": (lambda x: FunctionLayer(lambda y: y + x)(x), {}, OUTER),
    "a net in a scalar function": (
        lambda x: ElementwiseLayer(lambda y: SoftmaxLayer()(y))(x), {},
        CANNOT.format("a net that is applied to a single number of a scalar function") + "\n  hint: use FunctionLayer instead",
    ),
    "a class": (SoftmaxLayer, {}, "FunctionLayer takes a function of arrays, got SoftmaxLayer\n  hint: write SoftmaxLayer()"),
    "a number": (3, {}, "FunctionLayer takes a function of arrays, got 3"),
    "a wrong name": ("Tahn", {}, "FunctionLayer: 'Tahn' must be the name of a function\n  hint: did you mean Tan?"),
    "a wrong option": (lambda x: x, {"Inptu": 3}, "FunctionLayer: Inptu is not an option\n  hint: did you mean Input?"),
    "a wrong port type": (
        lambda x: x, {"Input": (2, "a")},
        'FunctionLayer: Input: level 2 is "a", but only the first level of a port may vary\n  hint: put the varying level '
        "first, or give that size",
    ),
    "the net too": (lambda x: x, {"net": 3}, "FunctionLayer: net is not an option\n  hint: the function comes first"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_traced_says_what_and_what_to_write(what):
    function, options, expected = REFUSED[what]
    with pytest.raises(NetError) as e:
        FunctionLayer(function, **options)
    assert str(e.value) == expected


def test_function_layer_takes_one_function():
    for arguments in [(), (np.tanh, np.tanh)]:
        with pytest.raises(NetError) as e:
            FunctionLayer(*arguments)
        assert str(e.value) == (
            f"FunctionLayer takes one function, got {len(arguments)} arguments\n"
            "  hint: write FunctionLayer(lambda x: np.tanh(x) + 1)"
        )


def test_a_net_in_an_elementwise_layer():
    with pytest.raises(NetError) as e:
        ElementwiseLayer(lambda x: x * NetArray("W"))
    assert str(e.value) == 'NetArray("W") is not elementwise\n  hint: use FunctionLayer for a function of whole arrays'
    with pytest.raises(NetError) as e:
        ElementwiseLayer(lambda x: SoftmaxLayer()(x))
    assert str(e.value) == (
        CANNOT.format("a net that is applied to a single number of a scalar function")
        + "\n  hint: use FunctionLayer instead"
    )


def test_a_matrix_is_meant_where_the_rank_is_not_known():
    """Another rank is refused when it turns out, never mistaken."""
    with pytest.raises(NetError) as e:
        NetGraph(lambda a, b: a @ b)({"a": np.ones((2, 3)), "b": np.ones((2, 7, 3, 5))})
    assert str(e.value) == (
        "b takes ?×?, but the data are of shape 2×7×3×5\n  hint: one example has rank 2, a batch rank 3"
    )
    with pytest.raises(NetError) as e:
        NetChain([SoftmaxLayer(Input=(2, 3, 5)), FunctionLayer(lambda x: x.T)])
    assert str(e.value) == (
        "net/1: SoftmaxLayer gives Output of shape 2×3×5, but Input of net/2/Net/transpose is given as ?×? "
        "(Input is 2×3×5, as given)"
    )


@pytest.mark.parametrize("value", ["a", None])
def test_what_python_refuses_python_says(value):
    with pytest.raises(TypeError):
        FunctionLayer(lambda x: x + value)
