"""Who asks something of a thread: an address, by which things are shared out, and a key, which a thread may ask for."""

from __future__ import annotations

from dataclasses import dataclass

NOBODY = "?"
"""Address of whoever has none, such as a test."""
SCHEME = "bearer "


@dataclass(frozen=True)
class Caller:
    """One request, or one WebSocket."""

    address: str = NOBODY
    key: str | None = None
    """The key of a thread, as it was sent."""


STRANGER = Caller()
"""Somebody without an address and a key, such as a test."""


def key_from(authorization: str | None) -> str | None:
    """Return the key in an Authorization header (RFC 6750, section 2.1); None where there is none."""
    if authorization is None or not authorization.lower().startswith(SCHEME):
        return None
    return authorization[len(SCHEME) :].strip()[:200] or None
