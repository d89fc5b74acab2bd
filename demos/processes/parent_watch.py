"""Ties a child's life to its parent's: the child ends when its standard input does, whose other end the parent holds.

However the parent ends, by SIGKILL too, the system closes that end. Nothing here depends on the platform.
"""

from __future__ import annotations

import os
import threading
from collections.abc import MutableMapping
from typing import Final

VARIABLE: Final = "DEMOS_LIFELINE"
ENVIRONMENT: Final = {VARIABLE: "1"}
"""What a child is told that is started with a pipe as its standard input."""
ENDED: Final = 70
"""The status with which a child leaves that has lost its parent."""


def tied(environment: MutableMapping[str, str] = os.environ) -> bool:
    """Watch the standard input from now on, if this process was told to; whether it was. Its children are not told."""
    told = environment.pop(VARIABLE, "") == "1"
    if told:
        threading.Thread(target=_watch, name="lifeline", daemon=True).start()
    return told


def _watch() -> None:
    while os.read(0, 4096):
        pass
    os._exit(ENDED)  # at once: whoever would have been told is gone, and nothing here outlives the process
