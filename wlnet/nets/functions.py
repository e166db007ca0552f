"""The table of NumPy's functions of whole arrays that can be recorded, and how one is looked up in it."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from wlnet.core.errors import NetError, nearest
from wlnet.core.expressions import Expression
from wlnet.core.heads import FROM_NUMPY, HEADS
from wlnet.core.registry import provides
from wlnet.core.symbolic import ARITHMETIC, Operand, cannot
from wlnet.core.symbolic_arrays import SymbolicArray, array
from wlnet.core.tracing import constant
from wlnet.layers.elementwise import ElementwiseLayer
from wlnet.nets.axes import whole
from wlnet.nets.contractions import CONTRACTIONS
from wlnet.nets.pieces import PIECES
from wlnet.nets.rearranging import REARRANGED
from wlnet.nets.recording import applied
from wlnet.nets.reductions import REDUCTIONS
from wlnet.nets.triangles import TRIANGLES


def filled(a: SymbolicArray, fill_value: Any) -> SymbolicArray:
    """An array of the same shape that holds one number."""
    return applied(ElementwiseLayer(Expression(("x",), (), constant(fill_value))), a)


def select(condlist: list, choicelist: list, default: Any = 0) -> SymbolicArray:
    """The choice of the first condition that holds."""
    if len(condlist) != len(choicelist) or not condlist:
        raise NetError("np.select takes a list of conditions and as many choices", got=len(choicelist))
    pairs = [each for pair in zip(condlist, choicelist, strict=True) for each in pair]
    return HEADS["Which"](*pairs, True, default)


def rounded(a: SymbolicArray, decimals: int = 0) -> SymbolicArray:
    """The nearest number of so many decimals, the even one of two."""
    digits = whole(decimals, "the number of decimals")
    return HEADS["Round"](a * 10**digits) / 10**digits if digits > 0 else HEADS["Round"](a / 10**-digits) * 10**-digits


def where(condition: SymbolicArray, x: Any, y: Any) -> SymbolicArray:
    """x where the condition holds, else y."""
    return HEADS["If"](condition, x, y)


OTHERS: dict[str, Callable] = {
    "where": where,
    "zeros_like": lambda a: filled(a, 0),
    "ones_like": lambda a: filled(a, 1),
    "full_like": filled,
    "select": select,
    "round": rounded,
    "around": rounded,
    "shape": lambda a: a.shape,
    "ndim": lambda a: a.ndim,
    "size": lambda a: a.size,
    "copy": lambda a: a,
    "astype": lambda x, dtype: x.astype(dtype),
}
FUNCTIONS: dict[str, Callable] = {**REDUCTIONS, **REARRANGED, **PIECES, **CONTRACTIONS, **TRIANGLES, **OTHERS}
"""Each function by the name that stands after `np.`: with NumPy's parameters, as far as layers can say them."""

ELSE = "CompiledLayer takes a function of arrays as it is: CompiledLayer(f, Input=…, Output=…)(x)"


@cache
def signature(name: str) -> inspect.Signature:
    """The parameters with which a function can be recorded."""
    return inspect.signature(FUNCTIONS[name])


@provides("record function")
def record_function(name: str, arguments: tuple, options: dict[str, Any]) -> Any:
    """What a NumPy function of arrays gives, recorded."""
    if name not in FUNCTIONS:
        near = nearest(name, [each for each in [*FUNCTIONS, *FROM_NUMPY, *ARITHMETIC] if "." not in each], 0.75)
        raise cannot(f"np.{name}", near if near.startswith("did") else ELSE)
    parameters = signature(name)
    strange = [option for option in options if option not in parameters.parameters]
    if strange:
        raise cannot(
            f"np.{name} with {' and '.join(strange)}", f"what can be is np.{name}{parameters_text(parameters)}"
        )
    first, *others = map(_symbolic, arguments) if arguments else (None,)
    first = array(first) if isinstance(first, np.ndarray) else first
    try:
        bound = parameters.bind(*([first, *others] if arguments else []), **options)
    except TypeError:
        hint = f"what can be is np.{name}{parameters_text(parameters)}"
        raise cannot(f"np.{name} with these arguments", hint) from None
    return FUNCTIONS[name](*bound.args, **bound.kwargs)


def _symbolic(value: Any) -> Any:
    return value.symbol() if isinstance(value, Operand) else value


def parameters_text(found: inspect.Signature) -> str:
    """Parameters as they are written, without their types."""
    plain = [each.replace(annotation=each.empty) for each in found.parameters.values()]
    return str(inspect.Signature(plain))
