"""The types of options and arguments. They refuse what is wrong, so that no layer checks its own options.

Every message that can come out of here is a sentence of ours: "must be …, got …".
"""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BeforeValidator

from wlnet.core.dims import Refusal
from wlnet.core.symbols import All, Automatic, Span, Symbol, span


def as_number(value: Any) -> Any:
    """Python's own number, of a Python or NumPy number; texts and booleans are not numbers."""
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    return None


def _checked(test: Callable[[Any], bool], words: str, whole: bool = False) -> BeforeValidator:
    def check(value: Any) -> Any:
        number = as_number(value)
        if number is None or (whole and not isinstance(number, int)) or not test(number):
            raise ValueError(f"must be {words}")
        return number

    return BeforeValidator(check)


def or_automatic(inner: BeforeValidator) -> BeforeValidator:
    """The same type, or Automatic."""
    func: Callable = inner.func

    def check(value: Any) -> Any:
        if value is Automatic:
            return value
        try:
            return func(value)
        except ValueError as error:
            raise ValueError(f"{error}, or Automatic") from None

    return BeforeValidator(check)


_size = _checked(lambda n: n > 0, "a positive whole number", whole=True)
Size = Annotated[Any, _size]
AutoSize = Annotated[Any, or_automatic(_size)]
_whole = _checked(lambda n: n >= 0, "a whole number, 0 or more", whole=True)
Whole = Annotated[Any, _whole]
AutoWhole = Annotated[Any, or_automatic(_whole)]
AnyWhole = Annotated[Any, _checked(lambda n: True, "a whole number", whole=True)]
NonZero = Annotated[Any, _checked(lambda n: n != 0, "a whole number other than 0", whole=True)]
Number = Annotated[float, _checked(math.isfinite, "a number")]
NonNegative = Annotated[float, _checked(lambda n: 0 <= n < math.inf, "a number, 0 or more")]
Positive = Annotated[float, _checked(lambda n: 0 < n < math.inf, "a number above 0")]
Fraction = Annotated[float, _checked(lambda n: 0 <= n <= 1, "a number from 0 to 1")]
Probability = Annotated[float, _checked(lambda n: 0 <= n < 1, "a probability from 0 up to, not including, 1")]


def _flag(value: Any) -> bool:
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError("must be True or False")
    return bool(value)


Flag = Annotated[bool, BeforeValidator(_flag)]


def one_of(*names: Any) -> BeforeValidator:
    """One of these settings; a symbol or head is taken by its name."""
    from_name = {str(getattr(name, "name", name)): name for name in names}

    def check(value: Any) -> Any:
        name = getattr(value, "name", value)
        if not isinstance(name, str) or name not in from_name:
            raise ValueError(f"must be one of {', '.join(from_name)}")
        return from_name[name]

    return BeforeValidator(lambda value: value if value is None and None in names else check(value))


def sizes(test: Callable[[int], bool], words: str) -> Any:
    """A whole number, or one for each dimension; kept as the user wrote it, a list as a tuple."""
    said = f"must be {words}, or a tuple of them"

    def check(value: Any) -> Any:
        single = as_number(value)
        if isinstance(single, int) and test(single):
            return single
        if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, str) and len(value):
            numbers = tuple(as_number(each) for each in value)
            if all(isinstance(n, int) and test(n) for n in numbers):
                return numbers
        raise ValueError(said)

    return Annotated[Any, BeforeValidator(check)]


Sizes = sizes(lambda n: n > 0, "a positive whole number")


class Levels:
    """Which levels of an array: a level, a Span such as "2;;All", a tuple of levels, or All. Negative from the end.

    >>> Levels(Span(2, All)).of(4), Levels(-1).of(3), Levels((3, 1)).of(3)
    ((2, 3, 4), (3,), (3, 1))
    """

    __slots__ = ("spec",)

    def __init__(self, spec: Any):
        self.spec = spec

    def of(self, rank: int) -> tuple[int, ...]:
        """The levels of an array of that rank, counted from 1; spans ascend, a tuple keeps its order."""
        if isinstance(self.spec, Symbol):
            return tuple(range(1, rank + 1))
        if isinstance(self.spec, Span):
            first, last = self.spec.ends(rank)
            levels = tuple(range(first, last + 1))
            if not levels:
                raise Refusal(f"levels {self.spec} of an array of rank {rank} are none")
        else:
            levels = tuple(level if level > 0 else rank + 1 + level for level in self.listed)
        if any(not 1 <= level <= rank for level in levels):
            raise Refusal(f"levels {self} are not all levels of an array of rank {rank}")
        if len(set(levels)) < len(levels):
            raise Refusal(f"levels {self} of an array of rank {rank} name one level twice")
        return levels

    @property
    def listed(self) -> tuple[int, ...]:
        return self.spec if isinstance(self.spec, tuple) else (self.spec,)

    @property
    def count(self) -> int | None:
        """How many levels these are; None where it depends on the rank."""
        if self.spec is All:
            return None
        if not isinstance(self.spec, Span):
            return len(self.listed)
        first, last = self.spec.start, self.spec.stop
        if last is All:
            return None if first > 0 else -first
        return last - first + 1 if (first > 0) == (last > 0) else None

    @property
    def reach(self) -> int:
        """A rank beyond which the pattern goes on: every further level is one of these, or none is."""
        if isinstance(self.spec, Span):
            return abs(self.spec.start) + (0 if self.spec.stop is All else abs(self.spec.stop))
        return 0 if self.spec is All else sum(map(abs, self.listed))

    def __repr__(self) -> str:
        return repr(self.spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Levels) and self.spec == other.spec

    def __hash__(self) -> int:
        return hash(("Levels", self.spec))


MOST_LEVELS = 64
"""The most levels that an array can have, by NumPy."""

SPANS = 'a level, a span such as "2;;All", a tuple of levels, or All'


def levels(value: Any, empty: bool = False) -> Levels:
    """The Levels that a user's setting says; what is wrong at any rank is refused here."""
    if isinstance(value, Levels):
        return value
    if value is All or value == "All":
        return Levels(All)
    if isinstance(value, str):
        value = _span_of(value)
    if isinstance(value, Span):
        return Levels(_level_span(value))
    single = as_number(value)
    if isinstance(single, int):
        return Levels(_level(single))
    if isinstance(value, Sequence) and not isinstance(value, str):
        spec = tuple(_level(as_number(each)) for each in value)
        if len(set(spec)) < len(spec):
            raise ValueError(f"must name each level once, not {spec}")
        if not spec and not empty:
            raise ValueError("must name at least one level")
        return Levels(spec)
    raise ValueError(f"must be {SPANS}")


def _span_of(text: str) -> Span:
    try:
        return span(text)
    except ValueError as error:
        raise ValueError(f"must be {error}") from None


def _level(value: Any) -> int:
    if not isinstance(value, int) or value == 0:
        raise ValueError(f"must be {SPANS}; levels are whole numbers from 1, or from -1 backwards")
    if abs(value) > MOST_LEVELS:
        raise ValueError(f"must name levels up to {MOST_LEVELS}: an array has no more")
    return value


def _level_span(value: Span) -> Span:
    if value.step != 1:
        raise ValueError(f"must be a span without a step, not {value}")
    first = _level(value.start)
    last: Any = value.stop if value.stop is All else _level(value.stop)
    if last is not All and (first > 0) == (last > 0) and first > last:
        raise ValueError(f"must be a span that does not end before it starts, not {value}")
    return Span(first, last)


LevelSpec = Annotated[Any, BeforeValidator(levels)]
AnyLevels = Annotated[Any, BeforeValidator(lambda value: levels(value, empty=True))]
Level = Annotated[Any, BeforeValidator(lambda value: _level(as_number(value)))]


def frozen_array(value: Any, name: str = "the array") -> np.ndarray:
    """A read-only float32 array of a user's numbers; refuses what is not an array of numbers."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array of numbers with rows of equal size") from None
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must be an array of real numbers, got {array.dtype} values")
    if array.dtype == np.float32 and not array.flags.writeable and array.base is None:
        return array
    with np.errstate(over="ignore"):
        narrow = np.array(array, dtype=np.float32, order="C")
    if array.dtype.kind == "f" and np.any(np.isinf(narrow) & ~np.isinf(array)):
        raise ValueError(f"{name} must be an array of numbers of single precision, got larger ones")
    array = narrow
    array.setflags(write=False)
    return array


def frozen(array: np.ndarray) -> np.ndarray:
    """The same array, read-only."""
    array.setflags(write=False)
    return array


def checked(check: Callable[[Any], Any]) -> AfterValidator:
    """A last check of a value; it raises ValueError with "must be …"."""
    return AfterValidator(check)
