"""The properties of a Class decoder, by name."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from wlnet.coders.labels import hashable, plain, unknown
from wlnet.coders.probabilities import cut, descending, drawn, entropy, temperature, tempered
from wlnet.core.errors import NetError, nearest
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic

LEAST = 0.05
"""What a label must have to be among "TopProbabilities" without a number."""

SAMPLING = ("Temperature", "TotalProbabilityCutoff", "TopProbabilities")


def _decision(decoder: Any, p: np.ndarray, labels: list, argument: Any, random: Any) -> list:
    if decoder.Multilabel:
        return [[label for label, likely in zip(labels, row, strict=True) if likely] for row in (p > 0.5).tolist()]
    return [labels[k] for k in np.argmax(p, -1).tolist()]


def _top(decoder: Any, p: np.ndarray, argument: int) -> list[list[int]]:
    if argument > p.shape[-1]:
        raise NetError(f"{decoder.label} has {p.shape[-1]} classes, so there are no top {argument}", got=argument)
    return descending(p)[:, :argument].tolist()


def _top_decisions(decoder: Any, p: np.ndarray, labels: list, argument: int, random: Any) -> list:
    return [[labels[k] for k in row] for row in _top(decoder, p, argument)]


def _top_probabilities(decoder: Any, p: np.ndarray, labels: list, argument: Any, random: Any) -> list:
    values = p.tolist()
    if argument is not Automatic:
        return [{labels[k]: row[k] for k in top} for row, top in zip(values, _top(decoder, p, argument), strict=True)]
    order = descending(p).tolist()
    return [
        {labels[k]: row[k] for k in [top[0], *(k for k in top[1:] if row[k] >= LEAST)]}
        for row, top in zip(values, order, strict=True)
    ]


def _probabilities(decoder: Any, p: np.ndarray, labels: list, argument: Any, random: Any) -> list:
    return [dict(zip(labels, row, strict=True)) for row in p.tolist()]


def _probability(decoder: Any, p: np.ndarray, labels: list, argument: Any, random: Any) -> list:
    if argument not in labels:
        raise unknown(labels, argument, lambda text, **facts: NetError(f"{decoder.label}: {text}", **facts))
    return p[:, labels.index(argument)].tolist()


def _entropy(decoder: Any, p: np.ndarray, labels: list, argument: Any, random: Any) -> list:
    return (entropy(_both(p)).sum(-1) if decoder.Multilabel else entropy(p)).tolist()


def _both(p: np.ndarray) -> np.ndarray:
    """The probabilities of no and yes, of each label."""
    return np.stack([1 - p, p], -1)


def _random_sample(decoder: Any, p: np.ndarray, labels: list, argument: dict, random: np.random.Generator) -> list:
    if decoder.Multilabel:
        yes = random.random(p.shape) < tempered(_both(p), argument["Temperature"])[..., 1]
        return [[label for label, drawn in zip(labels, row, strict=True) if drawn] for row in yes.tolist()]
    if argument.get("TopProbabilities", 1) > p.shape[-1]:
        _top(decoder, p, argument["TopProbabilities"])
    warm = tempered(p, argument["Temperature"])
    kept = cut(warm, argument.get("TopProbabilities"), argument.get("TotalProbabilityCutoff"))
    return [labels[k] for k in drawn(kept, random).tolist()]


PROPERTIES: dict[str, Callable[..., list]] = {
    "Decision": _decision,
    "TopDecisions": _top_decisions,
    "TopProbabilities": _top_probabilities,
    "Probabilities": _probabilities,
    "Probability": _probability,
    "Entropy": _entropy,
    "RandomSample": _random_sample,
}


def decoded(decoder: Any, items: np.ndarray, labels: list, name: str, argument: Any, random: Any) -> list:
    """The property of each row of `items`."""
    p = items.astype(float)
    if name in ("Entropy", "RandomSample"):
        _refuse_negative(decoder, p, name)
    return PROPERTIES[name](decoder, p, labels, argument, random)


def _refuse_negative(decoder: Any, p: np.ndarray, name: str) -> None:
    total = p.sum(-1)
    wrong = (p > 1 + 1e-3).any() if decoder.Multilabel else (abs(total - 1) > 1e-3).any()
    if (p < 0).any() or np.isnan(p).any() or wrong:
        ends = "LogisticSigmoid" if decoder.Multilabel else "SoftmaxLayer()"
        said = "from 0 to 1" if decoder.Multilabel else "from 0 to 1 with sum 1"
        raise NetError(f"{decoder.label}: {name} needs probabilities, {said}", hint=f"end the net in {ends}")


def checked(decoder: Any, name: str, given: Any) -> Any:
    """The argument of a property, checked."""
    if name == "RandomSample":
        return _sampling(decoder, {} if given is Automatic else given)
    if name == "Probability":
        return _label(decoder, given)
    if name == "TopDecisions" or (name == "TopProbabilities" and given is not Automatic):
        return _count(decoder, name, given)
    if given is not Automatic:
        raise NetError(f"{decoder.label}: {name} takes no argument, got {brief(given)}", got=given)
    return given


def _count(decoder: Any, name: str, given: Any) -> int:
    if given is Automatic:
        raise NetError(f"{decoder.label}: {name} needs a number of classes", hint=f'write ("{name}", 2)')
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 1:
        raise NetError(f"{decoder.label}: {name} needs a positive whole number, got {brief(given)}", got=given)
    if decoder.classes is not Automatic:
        _top(decoder, np.zeros((0, len(decoder.classes))), int(given))
    return int(given)


def _label(decoder: Any, given: Any) -> Any:
    if given is Automatic:
        raise NetError(f"{decoder.label}: Probability needs a class", hint='write ("Probability", class)')
    label = plain(given)
    if decoder.classes is not Automatic and not (hashable(label) and label in decoder.classes):
        raise unknown(decoder.classes, label, lambda text, **facts: NetError(f"{decoder.label}: {text}", **facts))
    return label


def _sampling(decoder: Any, given: Any) -> dict[str, Any]:
    """The settings of RandomSample: a temperature, or a dict."""
    if not isinstance(given, Mapping):
        given = {"Temperature": given}
    for name in given:
        if name not in SAMPLING:
            raise NetError(f"{decoder.label}: RandomSample has no setting {brief(name)}", hint=nearest(name, SAMPLING))
        if decoder.Multilabel and name != "Temperature":
            raise NetError(
                f"{decoder.label}: with Multilabel, RandomSample takes only Temperature, got {name}", got=name
            )
    settings = {"Temperature": temperature(given.get("Temperature", 1.0), decoder.label)}
    if "TopProbabilities" in given:
        settings["TopProbabilities"] = _count(decoder, "TopProbabilities", given["TopProbabilities"])
    if "TotalProbabilityCutoff" in given:
        cutoff = given["TotalProbabilityCutoff"]
        if isinstance(cutoff, bool) or not isinstance(cutoff, (int, float, np.number)) or not 0 < cutoff <= 1:
            text = f"TotalProbabilityCutoff must be a number above 0, up to 1, got {brief(cutoff)}"
            raise NetError(f"{decoder.label}: {text}", got=cutoff)
        settings["TotalProbabilityCutoff"] = float(cutoff)
    return settings
