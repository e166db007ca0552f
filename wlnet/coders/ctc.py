"""CTCBeamSearch: sequences of probabilities with a blank as sequences of labels."""

from typing import Any, ClassVar

import numpy as np

from wlnet.coders.beam import beam_search
from wlnet.coders.classes import ClassEncoder
from wlnet.coders.decoder import NetDecoder
from wlnet.coders.labels import LabelsField
from wlnet.core.errors import NetError
from wlnet.core.fields import Size, Whole
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic

TOP = ("TopDecodings", "TopNegativeLogLikelihoods")


class CTCBeamSearchDecoder(NetDecoder):
    """The most likely list of labels of a sequence of probability vectors, whose last class is the blank.

    >>> from wlnet.coders import NetDecoder
    >>> decoder, p = NetDecoder("CTCBeamSearch", ["a", "b"]), [[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]]
    >>> decoder(p), decoder(p, ("TopDecodings", 2))  # "a": a a, a blank, blank a
    (['a'], [['a'], ['b']])
    >>> [(labels, round(float(np.exp(-nll)), 4)) for labels, nll in decoder(p, "NegativeLogLikelihoods").items()][:2]
    [(('a',), 0.4375), (('b',), 0.25)]

    A path takes one class a step; it spells what is left when repetitions are merged and then blanks are deleted. The
    search keeps the `BeamSize` best prefixes of each step; with 1 it is greedy: the best path. Its properties:

    - "Decoding": the best list of labels; "Decodings": all that the search kept, best first; ("TopDecodings", n).
    - "NegativeLogLikelihoods": a dict from each decoding, as a tuple, to the -log of the probability of all its paths
      that the search kept; ("TopNegativeLogLikelihoods", n).

    Labels may be given as a text, too: those are its characters.
    """

    kind: ClassVar[str] = "CTCBeamSearch"
    argument_names: ClassVar[tuple[str, ...]] = ("alphabet",)

    InputDepth: Whole = 2
    alphabet: LabelsField
    BeamSize: Size = 100

    def __init__(self, *arguments: Any, **options: Any):
        first, *rest = arguments or (None,)
        arguments = (list(first), *rest) if isinstance(first, str) and first else arguments
        super().__init__(*arguments, **options)

    def check(self) -> None:
        if self.alphabet is Automatic:
            raise ValueError("alphabet must be a list of classes, got Automatic")
        super().check()

    def shown(self, name: str) -> Any:
        return list(self.alphabet) if name == "alphabet" else super().shown(name)

    @property
    def properties(self) -> list[str]:
        return ["Decoding", "Decodings", "TopDecodings", "NegativeLogLikelihoods", "TopNegativeLogLikelihoods"]

    def item_shape(self) -> tuple:
        return Automatic, len(self.alphabet) + 1

    def argument(self, name: str, given: Any) -> Any:
        if name not in TOP:
            return super().argument(name, given)
        if given is Automatic:
            raise NetError(f"{self.label}: {name} needs a number of decodings", hint=f'write ("{name}", 2)')
        if isinstance(given, bool) or not isinstance(given, (int, np.integer)) or given < 1:
            raise NetError(f"{self.label}: {name} needs a positive whole number, got {brief(given)}", got=given)
        if given > self.BeamSize:
            raise NetError(
                f"{self.label}: BeamSize is {self.BeamSize}, so there are no top {given}",
                expected=self.BeamSize,
                got=given,
                hint=f"make BeamSize {given} or more",
            )
        return int(given)

    def decode_items(self, items: np.ndarray, name: str, argument: Any, random: np.random.Generator) -> list:
        if not (items >= 0).all() or (abs(items.sum(-1) - 1) > 1e-3).any():
            text = f"{self.label} needs probabilities, from 0 to 1 with sum 1"
            raise NetError(text, hint="end the net in SoftmaxLayer()")
        return [self._answer(beam_search(item, self.BeamSize), name, argument) for item in items]

    def _answer(self, found: list, name: str, argument: Any) -> Any:
        spelled = [(tuple(self.alphabet[k] for k in places), nll) for places, nll in found]
        if name in ("Decision", "Decoding"):
            return list(spelled[0][0])
        top = spelled[:argument] if name in TOP else spelled
        return [list(labels) for labels, _ in top] if name.endswith("Decodings") else dict(top)

    def counterpart(self) -> ClassEncoder:
        return ClassEncoder(list(self.alphabet), Dimensions=("Varying",))
