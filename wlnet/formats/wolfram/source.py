"""Wolfram Language text with nets: FromWolfram, Import of .wl, .m, .wls and .nb files, and Export of .wl files."""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wlnet.core.errors import NetError, NetWarning
from wlnet.core.layer import Layer
from wlnet.core.refuse import brief
from wlnet.core.symbols import Symbol
from wlnet.formats.elements import Elements, net_elements
from wlnet.formats.native import write_atomically
from wlnet.formats.wolfram import branches, control, mapping, netverbs, predicates, strings
from wlnet.formats.wolfram.definitions import closure_function, function_of, makes_nets
from wlnet.formats.wolfram.evaluate import Closure, Evaluator, Unheld
from wlnet.formats.wolfram.expressions import Call, is_call, pairs_of
from wlnet.formats.wolfram.notebook import cell_texts, is_notebook
from wlnet.formats.wolfram.parser import Statement, statements
from wlnet.formats.wolfram.scanner import Text
from wlnet.formats.wolfram.settings import unknown_in
from wlnet.formats.wolfram.writer import input_form

EVALUATOR_ROOMS = (branches, control, mapping, netverbs, predicates, strings)
"""The modules that tell the evaluator what it knows."""

LETTERS = 200_000_000
"""The longest text that is read."""
LISTED = 20
"""The most statements that a warning lists."""


@dataclass
class Reading:
    """A text being read: what it defined, what was skipped, the value of the last statement."""

    evaluator: Evaluator = field(default_factory=Evaluator)
    skipped: list[str] = field(default_factory=list)
    names: dict[str, None] = field(default_factory=dict)  # names that were set or defined, in order
    value: Any = None
    last_sets: bool = False
    unnamed: Any = None  # the last net that a statement gave without a name

    def read(self, source: Text, where: str = "") -> None:
        """Evaluates the statements of a text in order."""
        for each in statements(source):
            self.statement(source, each, where)

    def statement(self, source: Text, statement: Statement, where: str) -> None:
        """Evaluates one statement, or notes why it was skipped."""
        evaluator = self.evaluator
        evaluator.steps = evaluator.depth = 0
        self.value, self.last_sets = None, is_call(statement.value, "Set", "SetDelayed")
        self.names.update(dict.fromkeys(names_set(statement.value)))
        if is_silent(statement.value):
            return
        try:
            value = evaluator.evaluate(statement.value, evaluator.top)
            symbol = None if self.last_sets and is_definition(statement.value) else unknown_in(value)
            if symbol is not None:
                raise Unheld(symbol)
            self.value = None if statement.silent else value
            if isinstance(value, Layer) and not self.last_sets:
                self.unnamed = value
        except Unheld as unheld:
            self.skip(source, statement, where, f"{unheld.symbol} has no value here", unheld.symbol)
        except NetError as error:
            self.skip(source, statement, where, str(error).replace("\n", " "), None)
        except (RecursionError, MemoryError) as error:
            self.skip(source, statement, where, f"it nests too deeply, or is too large ({type(error).__name__})", None)

    def skip(self, source: Text, statement: Statement, where: str, why: str, symbol: str | None) -> None:
        """Notes a statement that was skipped, and the place of what it lacks."""
        at = statement.start
        if symbol is not None:
            whole = re.compile(rf"(?<![\w$]){re.escape(symbol)}(?![\w$])")
            found = whole.search(source.text, statement.start, statement.stop)
            at = found.start() if found else at
        line, column = source.place(at)
        self.skipped.append(f"{where}line {line}, column {column}: {why}")

    # --- the result -------------------------------------------------------------------------------------------------

    def result(self) -> Any:
        """The one net, or nets and functions by name."""
        named = self.named()
        if isinstance(self.value, Layer) and (not self.last_sets or (len(named) == 1 and self.value in named.values())):
            found: Any = self.value
        else:
            found = named or self.collected() or self.unnamed
        if found is None:
            raise self.nothing()
        if self.skipped:
            warnings.warn(NetWarning(self.listing()), stacklevel=4)
        return found

    def collected(self) -> dict[Any, Any] | None:
        """The nets of a list or association that is the value of the text, by position or key."""
        if is_call(self.value, "List"):
            found: dict[Any, Any] = dict(enumerate(self.value.arguments, start=1))
        elif is_call(self.value, "Association"):
            found = {key: each for key, each in pairs_of(self.value) or [] if isinstance(key, (str, int))}
        else:
            return None
        return {key: each for key, each in found.items() if isinstance(each, Layer)}

    def listing(self) -> str:
        """What was skipped, a line each."""
        count = len(self.skipped)
        said = "1 statement of the text was skipped" if count == 1 else f"{count} statements of the text were skipped"
        more = [f"and {count - LISTED} more"] if count > LISTED else []
        return "\n  ".join([said, *self.skipped[:LISTED], *more])

    def named(self) -> dict[str, Any]:
        """Nets and functions by name, in the order of the text."""
        found: dict[str, Any] = {}
        for name in self.names:
            if name in self.evaluator.rules:
                own = [each for each in self.evaluator.rules[name] if each.is_global]
                if any(makes_nets(self.evaluator, each.body) for each in own):
                    found[name] = function_of(self.evaluator, name)
                continue
            value = self.delayed(name)
            if isinstance(value, Layer):
                found[name] = value
            elif is_pure_function(value) and makes_nets(self.evaluator, value.expression.arguments[-1]):
                found[name] = closure_function(self.evaluator, name, value)
        return found

    def delayed(self, name: str) -> Any:
        """The value of a name; a delayed one is evaluated, unless it lacks something."""
        value = self.evaluator.values.get(name)
        if not isinstance(value, Closure) or value.expression.name != "Delayed":
            return value
        try:
            self.evaluator.steps = self.evaluator.depth = 0
            return self.evaluator.evaluate(Symbol(name), self.evaluator.top)
        except (Unheld, NetError, RecursionError, MemoryError):
            return None

    def nothing(self) -> NetError:
        """The text holds no net and no definition of one."""
        why = "".join(f"\n  {each}" for each in self.skipped[:LISTED])
        return NetError(f"the text holds no net, and no definition that makes one{why}")


def is_pure_function(value: Any) -> bool:
    """Whether a value is a pure function."""
    return isinstance(value, Closure) and value.expression.name == "Function"


SILENT = {"BeginPackage", "EndPackage", "Begin", "End", "Needs", "Get", "Print", "SetAttributes", "SetDirectory",
    "Quit", "Off", "On",
          "MessageName", "Protect", "Unprotect", "Clear", "ClearAll", "Remove", "Echo", "SeedRandom", "Package",
          "PackageExport",
          "PackageScope", "PackageImport", "Attributes", "SetOptions", "ResourceFunction", "PacletInstall"}  # fmt: skip
"""Statements that say nothing about nets."""


def is_silent(value: Any) -> bool:
    """Whether a statement says nothing about nets, as the frame of a package does."""
    if is_call(value, "Set", "SetDelayed", "TagSet", "UpSet", "UpSetDelayed") and value.arguments:
        return is_call(value.arguments[0], "MessageName", "Attributes", "Format", "SyntaxInformation")
    return is_call(value, *SILENT) or (isinstance(value, Symbol) and value.name == "Null")


def is_definition(value: Call) -> bool:
    """Whether an assignment is a definition, which has no value of its own."""
    return value.name == "SetDelayed" or not isinstance(value.arguments[0], Symbol)


def names_set(value: Any) -> list[str]:
    """The names that a statement sets or defines."""
    if is_call(value, "CompoundExpression"):
        return [name for each in value.arguments for name in names_set(each)]
    if not is_call(value, "Set", "SetDelayed") or not value.arguments:
        return []
    left, inner = value.arguments[0], names_set(value.arguments[-1])
    if is_call(left, "Condition", "HoldPattern") and left.arguments:
        left = left.arguments[0]
    if is_call(left, "List"):
        return [each.name for each in left.arguments if isinstance(each, Symbol)] + inner
    if isinstance(left, Symbol):
        return [left.name, *inner]
    return [left.name, *inner] if isinstance(left, Call) and left.name not in ("", "Options", "Part") else inner


def FromWolfram(text: Any) -> Any:
    """The net of Wolfram Language source text, or of the association form in which Wolfram stores nets.

    A text whose value is one net gives that net; otherwise nets and functions by name: a name set to a net gives the
    net, a definition with arguments that makes nets a Python function of those arguments. Statements about other things
    are skipped, and listed in one NetWarning. Nothing of Python can be reached from the text.

    >>> FromWolfram('NetChain[{30, Ramp, LinearLayer[3]}, "Input" -> 4]')
    NetChain([LinearLayer(30), ElementwiseLayer("Ramp"), LinearLayer(3)], Input=4)
    >>> FromWolfram('mlp[n_, depth_: 2] := NetChain[Flatten@Table[{n, Tanh}, depth]]')["mlp"](5)
    NetChain([LinearLayer(5), ElementwiseLayer("Tanh"), LinearLayer(5), ElementwiseLayer("Tanh")])
    """
    if not isinstance(text, str):
        raise NetError(f"FromWolfram takes a text, got {brief(text)}", got=text, hint="Import reads files")
    if len(text) > LETTERS:
        raise NetError(f"FromWolfram takes a text of at most {LETTERS:,} letters, got {len(text):,}", got=len(text))
    reading = Reading()
    try:
        if is_notebook(text):
            for number, cell in cell_texts(text):
                reading.read(Text(cell), f"cell {number}, ")
        else:
            reading.read(Text(text))
    except RecursionError:
        raise NetError("the text nests too deeply") from None
    return reading.result()


# --- files ------------------------------------------------------------------------------------------------------------


def elements(path: Path) -> Elements:
    """What there is in a file of source text: the net, or nets by name, and their elements."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise NetError(f"{path} cannot be read: {error.strerror}", got=str(path)) from None
    except UnicodeDecodeError:
        text = path.read_bytes().decode("latin-1")
    found = FromWolfram(text)
    if isinstance(found, Layer):
        return net_elements(lambda: found)
    nets = {name: each for name, each in found.items() if isinstance(each, Layer)}
    own = {name: net_elements(lambda each=each: each) for name, each in nets.items()}  # type: ignore[misc]
    of_all: Elements = {"Net": lambda: found}
    for element in net_elements(lambda: found) if own else ():
        if element != "Net":
            of_all[element] = each_of(own, element)
    return of_all


def each_of(own: dict[str, Elements], element: str) -> Callable[[], dict[str, Any]]:
    """An element of every net, by name."""
    return lambda: {name: of_one[element]() for name, of_one in own.items()}


def write(path: Path, net: Layer) -> None:
    """Writes a net as Wolfram Language text, which FromWolfram reads back equal."""
    text = input_form(net) + "\n"
    write_atomically(path, lambda place: Path(place).write_text(text, "utf-8", newline="\n"))


__all__ = ["FromWolfram", "elements", "write"]
