"""What looks at the facts of a training at an interval: functions of the user, collected properties, reports."""

from typing import Any

from wlnet.training.facts import Facts, Since
from wlnet.training.intervals import Interval, Timer
from wlnet.training.session import Session


class Onlooker:
    """A watcher that sees the facts when it is time: after a batch, or after a round and its validation.

    The last batch of a round is seen as the end of that round.
    """

    name = "what looks on"

    def __init__(self, interval: Interval):
        self.timer = Timer(interval)
        self.since: Since = (0.0, 0, 0)

    @property
    def every_batch(self) -> bool:
        """Whether it has to look at batches."""
        return self.timer.interval.every_batch

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def look(self, session: Session, event: str) -> None:
        """Sees the facts, if it is time."""
        if self.wants(session, event):
            facts = Facts(session, event, self.since)
            self.since = facts.now
            self.see(facts)

    def wants(self, session: Session, event: str) -> bool:
        """Whether it is time."""
        if event == "Batch":
            return session.record.batch < session.batches.count and self.timer.due(session)
        return event == "Round" and self.timer.due(session)

    def go_on(self, session: Session) -> None:
        """Counts from where a session stands that goes on from a checkpoint."""
        self.timer.go_on(session)
        self.since = (session.before, session.state.steps, session.record.examples)

    def see(self, facts: Facts) -> None:
        """Does with the facts what it is there for."""
        raise NotImplementedError
