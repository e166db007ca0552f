"""Vectors that a feature extractor gives, as learned from the training data or by a function of the user's."""

from typing import Annotated, Any, ClassVar, Self

import numpy as np
from pydantic import BeforeValidator

from wlnet.coders.encoder import NetEncoder, Refuse, is_list
from wlnet.coders.extractors import FeatureExtractorFunction, extractor, method_of
from wlnet.coders.functionfields import Named, fault
from wlnet.core.errors import NetError
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic


def _extractor(value: Any) -> Any:
    if isinstance(value, FeatureExtractorFunction) or (callable(value) and not isinstance(value, type)):
        return value
    return method_of(value)


class FeatureExtractorEncoder(NetEncoder):
    """The vector of an example, by a FeatureExtractorFunction, by a function or net of the user's, or as learned.

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("FeatureExtractor", FeatureExtraction(["red", "green"]))("green").tolist()
    [0.0, 1.0]
    >>> NetEncoder("FeatureExtractor", lambda x: [x, x * x])([2, 3]).tolist()
    [[2.0, 4.0], [3.0, 9.0]]

    Without one, or with the name of a method ("StandardizedVector", "IndicatorVector", "TFIDF"), NetTrain learns it
    from its training data, as FeatureExtraction does, and the trained net holds it. Of a function, a list is many
    examples if its first element gives a vector.
    """

    kind: ClassVar[str] = "FeatureExtractor"

    extractor: Annotated[Any, BeforeValidator(_extractor)] = Automatic

    def shown(self, name: str) -> Any:
        value = self.__dict__[name]
        function = callable(value) and not isinstance(value, FeatureExtractorFunction) and hasattr(value, "__name__")
        return Named(value) if function else value

    @property
    def learns(self) -> bool:
        return self.extractor is Automatic or isinstance(self.extractor, str)

    def learned(self, examples: list, port: str) -> Self:
        def refuse(place: int, text: str, **facts: Any) -> NetError:
            return NetError(f"{port}: {text} (example {place + 1})", **facts)

        def items(place: int) -> list:
            return self._spread(examples[place], self.levels(), lambda text, **f: refuse(place, text, **f))[1]

        found = [item for place in range(len(examples)) for item in items(place)]
        return self.changed(extractor=extractor(found, self.extractor, refuse))

    def item_shape(self) -> tuple:
        known = isinstance(self.extractor, FeatureExtractorFunction)
        return (self.extractor.size if known else Automatic,)

    def is_item(self, value: Any) -> bool:
        if isinstance(self.extractor, FeatureExtractorFunction):
            return self.extractor.is_encoded(value) or self.extractor.is_example(value)
        if self.learns:
            raise self.nothing_learned()
        return not is_list(value) or not len(value) or not self._gives_vector(next(iter(value)))

    def nothing_learned(self) -> NetError:
        """The error where NetTrain has not yet learned the extractor."""
        return NetError(
            f"{self.label} has learned nothing yet",
            hint="NetTrain learns it from its data, and FeatureExtraction(data, method) makes one",
        )

    def _gives_vector(self, value: Any) -> bool:
        try:
            found = np.asarray(self.extractor(value))
        except Exception:
            return False
        return found.ndim == 1 and found.dtype.kind in "fiub"

    def encode_items(self, items: list, refuse: Refuse) -> np.ndarray | list[np.ndarray]:
        if self.learns:
            raise self.nothing_learned()
        if not isinstance(self.extractor, FeatureExtractorFunction):
            return [self._vector(item, place, refuse) for place, item in enumerate(items)]
        result = np.empty((len(items), self.extractor.size), dtype=np.float32)
        fresh = [place for place, item in enumerate(items) if not self.extractor.is_encoded(item)]
        for place in set(range(len(items))).difference(fresh):
            result[place] = items[place]
        if fresh:
            result[fresh] = self.extractor.vectors(
                [items[k] for k in fresh], lambda k, text, **facts: refuse(fresh[k], text, **facts)
            )
        return result

    def _vector(self, item: Any, place: int, refuse: Refuse) -> np.ndarray:
        try:
            found = np.asarray(self.extractor(item))
        except Exception as error:
            raise refuse(place, f"the function of {self.label} failed: {fault(error)}", got=item) from error
        if found.ndim != 1 or found.dtype.kind not in "fiub":
            text = f"the function of {self.label} must give a vector of numbers, but gave {brief(found)}"
            raise refuse(place, text, got=item)
        return found.astype(np.float32)
