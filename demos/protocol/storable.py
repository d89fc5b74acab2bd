"""Checks that a client's JSON can be kept and given back: in a checkpoint, in a log, on both transports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demos.protocol.errors import invalid

MOST_LEVELS = 50
"""Lists and objects within each other."""
LEAST_NUMBER, LARGEST_NUMBER = -(2**63), 2**63 - 1


def check_storable(value: Any, name: str, levels: int = MOST_LEVELS) -> None:
    """Check a value from JSON, with all that is in it. `name`: what a refusal calls it.

    Raises:
        Refusal: it is nested too deep, holds a whole number of more than 64 bits, or half of a surrogate pair.
    """
    if isinstance(value, str):
        _check_text(value, name)
    elif isinstance(value, int) and not LEAST_NUMBER <= value <= LARGEST_NUMBER:
        raise invalid(f"{name} holds a whole number of {len(hex(value)) - 2} hexadecimal digits. Allowed: 64 bits.")
    elif isinstance(value, list | Mapping):
        if not levels:
            raise invalid(f"{name} is nested too deep. Allowed: {MOST_LEVELS} levels.")
        if isinstance(value, Mapping):
            for key in value:
                _check_text(key, name)
        for one in value.values() if isinstance(value, Mapping) else value:
            check_storable(one, name, levels - 1)


def _check_text(text: str, name: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise invalid(f"{name} holds half of a surrogate pair, which is no character. Allowed: whole ones.") from None
