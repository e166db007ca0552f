"""Encoders and decoders in a net's tree: NetEncoder["Class", <|"Labels" -> {…}, …|>, TensorT[…]]."""

import warnings
from collections.abc import Callable
from typing import Any

from wlnet.coders import NetDecoder, NetEncoder
from wlnet.coders.coder import OLD_NAMES, NetCoder
from wlnet.core.errors import NetError, NetWarning
from wlnet.core.refuse import brief
from wlnet.formats.wolfram.expressions import Call, pairs_of

NAMES = {"classes": "Labels"}
"""What Wolfram calls an argument of ours; of the others it is the name with a capital."""

FORMS = {"UnitVector": "IndicatorVector"}
"""Old settings, and those of today."""


def wolfram_name(argument: str) -> str:
    """What a parameter of a coder is called.

    >>> wolfram_name("classes"), wolfram_name("form"), wolfram_name("ColorSpace")
    ('Labels', 'Form', 'ColorSpace')
    """
    return NAMES.get(argument, argument[0].upper() + argument[1:])


def parameters_of(coder: NetCoder) -> dict[str, Any]:
    """The parameters of a coder that are not at their defaults, by Wolfram's names."""
    positional, named = coder.arguments()
    given = dict(zip(coder.positional(), positional, strict=False)) | named
    return {wolfram_name(name): value for name, value in given.items()}


def coder_of(expression: Call, value: Callable[[Any], Any], place: tuple) -> Any:
    """The coder that an expression says; None, with a warning, where it is of a kind that wlnet has not."""
    family: Any = NetEncoder if expression.name == "NetEncoder" else NetDecoder
    if not expression.arguments or not isinstance(expression.arguments[0], str):
        raise NetError(f"a {expression.name} does not say its kind", path=place)
    kind = OLD_NAMES.get(expression.arguments[0], expression.arguments[0])
    pairs = pairs_of(expression.arguments[1]) if len(expression.arguments) > 1 else []
    if pairs is None:
        raise NetError(f"the parameters of a {expression.name} are no association", path=place)
    if kind not in family.kinds:
        warn_unknown(expression.name, kind, place)
        return None
    known = {wolfram_name(name): name for name in family.kinds[kind].model_fields}
    given: dict[str, Any] = {}
    for name, each in pairs:
        if isinstance(name, str) and name in known:
            found = value(each)
            given[known[name]] = FORMS.get(found, found) if isinstance(found, str) else found
        elif not isinstance(name, str) or not name.startswith("$"):
            warnings.warn(
                f"{expression.name}({kind!r}): its parameter {brief(name)} is not known and left out",
                NetWarning,
                stacklevel=2,
            )
    return made(family, kind, given, place)


def made(family: Any, kind: str, given: dict[str, Any], place: tuple) -> NetCoder:
    """The coder, or a NetError that says why it cannot be."""
    try:
        return family(kind, **given)
    except NetError as error:
        raise error.inside(place) from None
    except (TypeError, ValueError, AttributeError, KeyError, IndexError, ArithmeticError) as error:
        said = f"{family.__name__}({kind!r}) cannot be made of its parameters: {error}"
        raise NetError(said, path=place) from None


def warn_unknown(name: str, kind: str, place: tuple) -> None:
    """A coder that is left out: the net is the same, but what goes in or comes out is the array."""
    hint = "; its output is the array itself, net(x)[0] the number" if kind == "Scalar" else ""
    warnings.warn(f"{name}({kind!r}) is not a kind that wlnet has, and is left out{hint}", NetWarning, stacklevel=2)


__all__ = ["coder_of", "parameters_of"]
