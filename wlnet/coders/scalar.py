"""Single numbers: the encoder and decoder of early versions, which leave a number as it is."""

from typing import Any, ClassVar

import numpy as np

from wlnet.coders.decoder import NetDecoder
from wlnet.coders.encoder import NetEncoder, Refuse, is_list
from wlnet.core.errors import NetError
from wlnet.core.fields import AutoWhole
from wlnet.core.refuse import brief
from wlnet.core.symbols import Automatic


class ScalarEncoder(NetEncoder):
    """A number as it is, and a vector of length 1 as its number. Obsolete: a port of type "Real" does the same.

    >>> from wlnet.coders import NetEncoder
    >>> NetEncoder("Scalar")(2.5).tolist(), NetEncoder("Scalar")([[3], [5]]).tolist()
    (2.5, [3.0, 5.0])
    """

    kind: ClassVar[str] = "Scalar"

    def is_item(self, value: Any) -> bool:
        return not is_list(value)

    def encode_items(self, items: list, refuse: Refuse) -> np.ndarray:
        return np.array([self._number(item, place, refuse) for place, item in enumerate(items)], dtype=np.float32)

    def _number(self, item: Any, place: int, refuse: Refuse) -> float:
        held = item[0] if is_list(item) and len(item) == 1 else item
        if isinstance(held, (int, float, np.number, np.ndarray)) and np.ndim(held) == 0 and np.isfinite(held):
            return float(held)
        raise refuse(place, f"{brief(item)} is not a number", expected="a number, or a vector of length 1", got=item)

    def counterpart(self) -> "ScalarDecoder":
        return ScalarDecoder(InputDepth=len(self.levels())) if self.levels() else ScalarDecoder()


class ScalarDecoder(NetDecoder):
    """A number, or a vector of length 1, as a Python number. Obsolete.

    >>> from wlnet.coders import NetDecoder
    >>> NetDecoder("Scalar")(2.5), NetDecoder("Scalar")([2.5]), NetDecoder("Scalar")([[3], [5]])
    (2.5, 2.5, [3.0, 5.0])

    `InputDepth` is the rank of an array of numbers; where it is Automatic, there is one number an example.
    """

    kind: ClassVar[str] = "Scalar"

    InputDepth: AutoWhole = Automatic

    def check(self) -> None:
        """Any InputDepth will do."""

    def item_shape(self) -> tuple | None:
        return None if self.InputDepth is Automatic else ()

    def is_one(self, data: np.ndarray | list[np.ndarray]) -> bool:
        if self.InputDepth is Automatic:
            return not isinstance(data, list) and data.size == 1 and data.ndim < 2
        return super().is_one(data)

    def decode_items(self, items: np.ndarray, name: str, argument: Any, random: np.random.Generator) -> list:
        numbers = items.reshape(len(items), -1)
        if numbers.shape[1] != 1:
            raise NetError(
                f"{self.label} takes a number or a vector of length 1, but the data are of {numbers.shape[1]} numbers",
                expected=1,
                got=numbers.shape[1],
                hint="give InputDepth, the rank of an array of numbers",
            )
        return numbers[:, 0].astype(float).tolist()

    def target_encoder(self, shape: tuple | None) -> None:
        """Targets are numbers, as they are."""

    def counterpart(self) -> ScalarEncoder:
        return ScalarEncoder(Dimensions=(Automatic,) * (0 if self.InputDepth is Automatic else self.InputDepth))
