"""Settings of a replica, from the environment. Without STREAMWISE_REDIS_URL there are none."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

URL = "STREAMWISE_REDIS_URL"
NAME = "STREAMWISE_REPLICA"
LEASE = "STREAMWISE_LEASE_MS"
ON_LOSS = "STREAMWISE_ON_LOSS"
PREFIX = "STREAMWISE_REDIS_PREFIX"
OnLoss = Literal["continue", "fail"]
_SCHEMES = ("redis://", "rediss://", "unix://")
_NAME = re.compile(r"[0-9A-Za-z._-]{1,60}")


@dataclass(frozen=True)
class ReplicaSettings:
    """How one replica takes part."""

    url: str
    """Of the engine: redis://HOST:PORT/DATABASE."""
    name: str
    """Of this process. It ends with a random part: a process that starts again is another one."""
    lease_ms: int = 1500
    """After that long without a sign of life a replica counts as lost, and others go on with its runs."""
    on_loss: OnLoss = "continue"
    """What becomes of a run whose writer is lost."""
    prefix: str = "streamwise:"
    """In front of every key in the engine."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self | None:
        """Read the settings; None without a URL.

        Raises:
            ValueError: a variable has a value that is not allowed.
        """
        if not (url := environment.get(URL, "")):
            return None
        if not url.startswith(_SCHEMES):
            raise ValueError(f"{URL} is not an address of Redis or Valkey. Allowed: redis://, rediss://, unix://")
        name = environment.get(NAME) or f"{socket.gethostname()}-{os.getpid()}"[:60]
        if not _NAME.fullmatch(name):
            raise ValueError(f"{NAME} is {name!r:.70}. Allowed: 1 to 60 letters, digits, dots, dashes, underscores")
        lease = environment.get(LEASE, "1500")
        if not (lease.isascii() and lease.isdigit() and 300 <= int(lease) <= 60_000):
            raise ValueError(f"{LEASE} is {lease!r:.40}. Allowed: a whole number from 300 to 60000")
        on_loss = environment.get(ON_LOSS, "continue")
        if on_loss not in ("continue", "fail"):
            raise ValueError(f"{ON_LOSS} is {on_loss!r:.40}. Allowed: continue, fail")
        prefix = environment.get(PREFIX, "streamwise:")
        return cls(
            url, f"{name}~{secrets.token_hex(4)}", int(lease), "fail" if on_loss == "fail" else "continue", prefix
        )
