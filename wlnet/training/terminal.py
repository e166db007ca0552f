"""Drawing in a terminal that may show something else already."""

import warnings
from typing import Any

from rich.errors import LiveError

from wlnet.core.errors import NetWarning
from wlnet.training.report import OPTION


def is_drawn(drawing: Any) -> bool:
    """Starts a drawing of rich, and says whether it could: older versions draw one thing at a time."""
    try:
        drawing.start()
    except LiveError:
        text = f'{OPTION}: the terminal shows something else that moves, so that nothing is drawn; "Print" would say it'
        warnings.warn(NetWarning(text), stacklevel=9)
        return False
    return True
