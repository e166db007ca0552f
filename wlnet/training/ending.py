"""The ways in which training ends before its rounds or its time are over."""

import warnings

from wlnet.core.errors import NetError, NetWarning
from wlnet.training.record import Record


class Stopped(Exception):
    """Training ends here, for a reason; the best net so far is good."""


class Failed(Stopped):
    """Something that looks on, or that gives data, went wrong: training ends with a warning."""


class Diverged(Failed):
    """A number is no longer finite: the last finite state is the one that is good."""


class Aborted(NetError):
    """What looks on wants no result: training ends, and so does NetTrain."""


def warn_of_the_end(record: Record, validated: bool) -> None:
    """Says what the user should know of how training ended; `validated` is whether there is a validation set."""
    if record.failed:
        text = f"training stopped early: {record.reason}; the best net so far is returned"
        warnings.warn(NetWarning(text), stacklevel=6)
    elif validated and not record.validation_losses:
        text = "training ended before the first validation: the net is that of the last step"
        warnings.warn(NetWarning(text), stacklevel=6)
