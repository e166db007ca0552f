"""Options: what can be set, and to what it is set if nobody says."""

import inspect
from typing import Any

from wlnet.core.errors import NetError
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.verbs.evaluate import OPTIONS


def Options(thing: Any, /) -> dict[str, Any]:
    """The options of something with their defaults, by name.

    Of a layer class or a function of wlnet these are the options that it takes; of a net, those of its evaluation.

    >>> Options(LinearLayer)
    {'LearningRateMultipliers': Automatic, 'Input': Automatic, 'Output': Automatic, 'Weights': Automatic,
     'Biases': Automatic}
    >>> Options(LinearLayer(3))["NetEvaluationMode"]
    'Test'
    """
    if isinstance(thing, Layer):
        return dict(OPTIONS)
    if isinstance(thing, type) and issubclass(thing, Layer):
        return thing.options()
    if (isinstance(thing, type) or inspect.isfunction(thing)) and thing.__module__.split(".")[0] == "wlnet":
        return named_settings(thing)
    raise NetError(
        f"Options takes a net, a layer class or a function of wlnet, got {brief(thing)}",
        got=thing,
        hint="write Options(LinearLayer), Options(net) or Options(NetInitialize)",
    )


def named_settings(function: Any) -> dict[str, Any]:
    """The keyword-only parameters of a function or class, with their defaults."""
    parameters = inspect.signature(function).parameters.values()
    return {each.name: each.default for each in parameters if each.kind is each.KEYWORD_ONLY}
