"""Mailbox for input to a running answer: a command puts text in, the model reads it before its next token."""

from __future__ import annotations

from collections.abc import Callable

from demos.protocol.errors import Refusal

Heard = Callable[[], list[str]]
"""What was said since the last call; asked before each token."""


def nothing() -> list[str]:
    """For a model that nobody can talk to while it writes."""
    return []


class Mailbox:
    """One run's inputs, in the order in which they came. Bounded, since each one makes the answer longer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._waiting: list[str] = []

    def put(self, text: str) -> None:
        """Raises Refusal (429) once the run was told as much as it may be."""
        if self._taken + len(self._waiting) >= self._most:
            raise Refusal(429, "too_many_inputs", f"This run was told {self._most} inputs, the limit here.")
        self._waiting.append(text)

    def drain(self) -> list[str]:
        """All that waits, each once."""
        taken, self._waiting = self._waiting, []
        self._taken += len(taken)
        return taken
