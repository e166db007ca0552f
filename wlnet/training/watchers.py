"""What looks on while a net trains (reports, functions of the user, checkpoints), and how it is told what happens."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from wlnet.core.errors import NetError
from wlnet.training.ending import Aborted, Failed, Stopped

if TYPE_CHECKING:
    from wlnet.training.session import Session


class Watcher(Protocol):
    """What looks on while a session runs. `event` is "Batch", "Validation", "Round" (which comes after the validation
    of that round) or "End". It ends the session by raising `Stopped`."""

    name: str  # what a message calls it

    @property
    def every_batch(self) -> bool:
        """Whether it wants to be told of batches, or of rounds and validations alone."""

    def __enter__(self) -> Any: ...

    def __exit__(self, *error: Any) -> None: ...

    def look(self, session: "Session", event: str) -> None: ...

    def go_on(self, session: "Session") -> None: ...


def tell(watchers: Sequence[Watcher], session: "Session", event: str) -> None:
    """Tells watchers of an event; where one goes wrong, training ends and what it learned is kept."""
    for watcher in watchers:
        try:
            watcher.look(session, event)
        except (Stopped, Aborted):
            raise
        except Exception as error:
            raise Failed(f"{watcher.name} failed: {said_by(error)}") from error


def said_by(error: Exception) -> str:
    """What an error says, on one line: ours as they are, with what to do; others after their kind."""
    if not isinstance(error, NetError):
        return f"{type(error).__name__}: {error}"
    return str(error).replace("\n  hint: ", "; ")
