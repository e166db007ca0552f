"""What a session of training writes down: losses, positions, counts, and why it ended."""

from dataclasses import dataclass, field


@dataclass
class Record:
    """The losses and times of a session. Rounds and batches count from 1; positions are batches over the whole run."""

    round: int = 0  # the round that runs, or ran last
    batch: int = 0  # the batches of that round that are done; 0 when it is over
    total: float = 0.0  # of that round: the losses of its examples so far
    seen: int = 0  # and their number
    batch_losses: list[float] = field(default_factory=list)
    round_losses: list[float] = field(default_factory=list)
    round_positions: list[int] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    validation_positions: list[int] = field(default_factory=list)
    batch_measurements: list[dict] = field(default_factory=list)  # of each batch, round and validation: values by key
    round_measurements: list[dict] = field(default_factory=list)
    validation_measurements: list[dict] = field(default_factory=list)
    measured: dict[str, tuple] = field(default_factory=dict)  # of the round so far: what is gathered, by key
    batch_parts: list[list[float]] = field(default_factory=list)  # where there are several losses: each of them
    round_parts: list[list[float]] = field(default_factory=list)
    validation_parts: list[list[float]] = field(default_factory=list)
    part_totals: list[float] = field(default_factory=list)  # of the round that runs, as `total`
    examples: int = 0
    learning_rate: float | None = None  # of the last step
    seconds: float = 0.0
    best_round: int | None = None
    reason: str = ""
    failed: bool = False
    ended: bool = False  # whether something else than rounds or time ended it
    checkpoints: list[str] = field(default_factory=list)  # the files written

    def begin_round(self) -> None:
        """The next round begins."""
        self.round, self.batch, self.total, self.seen = self.round + 1, 0, 0.0, 0

    def add_batch(self, loss: float, count: int) -> None:
        """A batch of so many examples was learned, whose mean loss was this."""
        self.batch_losses.append(loss)
        self.batch, self.total, self.seen = self.batch + 1, self.total + loss * count, self.seen + count
        self.examples += count

    def add_parts(self, losses: list[float], count: int) -> None:
        """The several losses of a batch of so many examples, unweighted."""
        self.batch_parts.append(losses)
        before = self.part_totals or [0.0] * len(losses)
        self.part_totals = [one + loss * count for one, loss in zip(before, losses, strict=True)]

    def fail(self, reason: str) -> None:
        """Training went wrong: of several reasons the first one tells."""
        if not self.failed:
            self.failed, self.reason = True, reason

    @property
    def running_loss(self) -> float | None:
        """The mean loss of the round so far."""
        return self.total / self.seen if self.seen else None

    def end_round(self, position: int) -> None:
        """The round is over."""
        self.round_losses.append(self.total / self.seen)
        self.round_positions.append(position)
        if self.part_totals:
            self.round_parts.append([total / self.seen for total in self.part_totals])
            self.part_totals = []
        self.batch = 0

    def add_validation(self, loss: float, position: int, parts: list[float]) -> None:
        """The validation set was measured."""
        self.validation_losses.append(loss)
        if len(parts) > 1:
            self.validation_parts.append(parts)
        self.validation_positions.append(position)
